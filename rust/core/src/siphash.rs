// SPDX-License-Identifier: MIT OR GPL-2.0
//! SipHash-1-3 (Aumasson and Bernstein, 2012, with fewer rounds, as where the kernel hashes for its tables): a keyed hash of
//! short messages that whoever does not know the key cannot foresee, at the cost of some thirty instructions a word.

/// A key.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Key([u64; 2]);

impl Key {
    /// Octets of a key.
    pub const LEN: usize = 16;

    /// The key of these octets.
    pub fn new(octets: [u8; Key::LEN]) -> Key {
        let whole = u128::from_le_bytes(octets);
        Key([whole as u64, (whole >> 64) as u64])
    }

    /// The hash of these words, which stand for their octets, the least significant first.
    #[inline]
    pub fn hash<const N: usize>(&self, message: [u64; N]) -> u64 {
        let Key([k0, k1]) = *self;
        let mut state = State([
            k0 ^ 0x736f_6d65_7073_6575,
            k1 ^ 0x646f_7261_6e64_6f6d,
            k0 ^ 0x6c79_6765_6e65_7261,
            k1 ^ 0x7465_6462_7974_6573,
        ]);
        for word in message {
            state.take(word);
        }
        state.take((N as u64 * 8) << 56);
        state.finish()
    }
}

impl core::fmt::Debug for Key {
    /// Tells nothing.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Key")
    }
}

struct State([u64; 4]);

impl State {
    #[inline(always)]
    fn round(&mut self) {
        let [mut a, mut b, mut c, mut d] = self.0;
        a = a.wrapping_add(b);
        c = c.wrapping_add(d);
        b = b.rotate_left(13) ^ a;
        d = d.rotate_left(16) ^ c;
        a = a.rotate_left(32).wrapping_add(d);
        c = c.wrapping_add(b);
        b = b.rotate_left(17) ^ c;
        d = d.rotate_left(21) ^ a;
        c = c.rotate_left(32);
        self.0 = [a, b, c, d];
    }

    #[inline(always)]
    fn take(&mut self, word: u64) {
        self.0[3] ^= word;
        self.round();
        self.0[0] ^= word;
    }

    #[inline(always)]
    fn finish(mut self) -> u64 {
        self.0[2] ^= 0xff;
        for _ in 0..3 {
            self.round();
        }
        let [a, b, c, d] = self.0;
        a ^ b ^ c ^ d
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;

    /// For the key of the authors' vectors.
    #[test]
    fn known_answers() {
        let key = Key::new(core::array::from_fn(|i| i as u8));
        assert_eq!(key.hash([]), 0xabac_0158_050f_c4dc);
    }

    /// Beside another implementation, the one of the standard library, whose key is zero.
    #[test]
    fn as_the_standard_library() {
        use core::hash::Hasher;
        let key = Key::new([0; Key::LEN]);
        let words = [1, u64::MAX, 0x0123_4567_89ab_cdef, 0, 1 << 63];
        let mut other = std::hash::DefaultHasher::new();
        words.iter().for_each(|word: &u64| other.write(&word.to_le_bytes()));
        assert_eq!(key.hash(words), other.finish());
    }
}
