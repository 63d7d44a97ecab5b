// SPDX-License-Identifier: MIT OR GPL-2.0
//! SipHash-2-4 (Aumasson and Bernstein, 2012): a keyed hash of short messages that whoever does not know the key cannot
//! foresee, at the cost of some hundred instructions.

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
    pub fn hash(&self, message: &[u64]) -> u64 {
        let Key([k0, k1]) = *self;
        let mut state = State([
            k0 ^ 0x736f_6d65_7073_6575,
            k1 ^ 0x646f_7261_6e64_6f6d,
            k0 ^ 0x6c79_6765_6e65_7261,
            k1 ^ 0x7465_6462_7974_6573,
        ]);
        for word in message {
            state.take(*word);
        }
        state.take((message.len() as u64 * 8) << 56);
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
        self.round();
        self.0[0] ^= word;
    }

    fn finish(mut self) -> u64 {
        self.0[2] ^= 0xff;
        for _ in 0..4 {
            self.round();
        }
        let [a, b, c, d] = self.0;
        a ^ b ^ c ^ d
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of the authors' vectors those for no octets, and for 0 to 7.
    #[test]
    fn known_answers() {
        let key = Key::new(core::array::from_fn(|i| i as u8));
        assert_eq!(key.hash(&[]), 0x726f_db47_dd0e_0e31);
        assert_eq!(key.hash(&[0x0706_0504_0302_0100]), 0x93f5_f579_9a93_2462);
    }
}
