// SPDX-License-Identifier: MIT OR GPL-2.0
//! The checksum of control messages: the Internet checksum over the Shim6 header alone, without a pseudo-header
//! (RFC 5533 section 5.3).

/// The one's complement sum of `bytes` as 16-bit words, folded to 16 bits. Octets after the last whole eight count as followed by
/// zeros.
#[inline]
pub(crate) fn ones_complement_sum(bytes: &[u8]) -> u16 {
    // 2^16 is 1 modulo 2^16 - 1, so that words of 64 bits, a carry put in again at the other end, sum up to the same; and in
    // whichever order octets are in words, they come out in it (RFC 1071 section 2).
    let words = bytes.chunks_exact(8);
    let rest = words.remainder();
    let mut sum: u64 = 0;
    for word in words {
        if let Some(octets) = word.first_chunk::<8>() {
            sum = add(sum, u64::from_ne_bytes(*octets));
        }
    }
    if !rest.is_empty() {
        let mut last = [0; 8];
        last.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
        sum = add(sum, u64::from_ne_bytes(last));
    }
    while sum > 0xffff {
        sum = (sum >> 16) + (sum & 0xffff);
    }
    u16::from_be(sum as u16)
}

/// A sum whose carry is put in again at its other end.
#[inline]
fn add(a: u64, b: u64) -> u64 {
    let (sum, is_carried) = a.overflowing_add(b);
    sum + u64::from(is_carried)
}

/// Whether a message that contains its checksum is intact. The sums 0x0000 and 0xffff are the same number.
#[inline]
pub fn is_valid(message: &[u8]) -> bool {
    ones_complement_sum(message) == 0xffff
}

/// The value of the checksum field for a message whose field holds zero.
pub fn compute(message: &[u8]) -> u16 {
    !ones_complement_sum(message)
}
