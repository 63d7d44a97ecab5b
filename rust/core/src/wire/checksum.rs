// SPDX-License-Identifier: MIT OR GPL-2.0
//! The checksum of control messages: the Internet checksum over the Shim6 header alone, without a pseudo-header
//! (RFC 5533 section 5.3).

/// The one's complement sum of `bytes` as 16-bit words, folded to 16 bits. An odd last octet counts as followed by zero.
pub(crate) fn ones_complement_sum(bytes: &[u8]) -> u16 {
    // 32-bit words into 64 bits cannot overflow for any message (2048 octets at most), and 2^16 = 1 modulo 2^16 - 1
    // makes the sum of 32-bit words fold to the sum of 16-bit words.
    let mut words = bytes.chunks_exact(4);
    let mut sum: u64 = 0;
    for word in &mut words {
        if let Some(octets) = word.first_chunk::<4>() {
            sum += u64::from(u32::from_be_bytes(*octets));
        }
    }
    for (index, octet) in words.remainder().iter().enumerate() {
        sum += u64::from(*octet) << if index % 2 == 0 { 8 } else { 0 };
    }
    while sum > 0xffff {
        sum = (sum >> 16) + (sum & 0xffff);
    }
    sum as u16
}

/// Whether a message that contains its checksum is intact. The sums 0x0000 and 0xffff are the same number.
pub fn is_valid(message: &[u8]) -> bool {
    ones_complement_sum(message) == 0xffff
}

/// The value of the checksum field for a message whose field holds zero.
pub fn compute(message: &[u8]) -> u16 {
    !ones_complement_sum(message)
}
