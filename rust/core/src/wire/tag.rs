// SPDX-License-Identifier: MIT OR GPL-2.0
//! The numbers that name things in messages: context tags, nonces and forked instances.

use core::fmt;
use core::num::NonZeroU64;

/// A context tag: 47 bits, chosen by the host that receives packets with it (RFC 5533 sections 4.4 and 6).
///
/// Kept as one more than its value, so that an `Option` of it takes no more room than itself.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag(NonZeroU64);

impl Tag {
    /// The number of bits of a tag.
    pub const BITS: u32 = 47;
    const MASK: u64 = (1 << Tag::BITS) - 1;

    /// The tag of this value, if 47 bits can hold it.
    pub const fn new(value: u64) -> Option<Tag> {
        if value <= Tag::MASK {
            Some(Tag(NonZeroU64::MIN.saturating_add(value)))
        } else {
            None
        }
    }

    /// The tag in the last 47 bits of six octets; the first bit is ignored, so random octets make a random tag.
    #[inline]
    pub const fn from_octets(octets: [u8; 6]) -> Tag {
        let [a, b, c, d, e, f] = octets;
        Tag(NonZeroU64::MIN.saturating_add(u64::from_be_bytes([0, 0, a, b, c, d, e, f]) & Tag::MASK))
    }

    /// The value, below 2^47.
    #[inline]
    pub const fn get(self) -> u64 {
        self.0.get() - 1
    }

    /// Six octets in network order, the first bit zero.
    pub const fn octets(self) -> [u8; 6] {
        let [_, _, a, b, c, d, e, f] = self.get().to_be_bytes();
        [a, b, c, d, e, f]
    }
}

impl fmt::Display for Tag {
    /// Twelve hexadecimal digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:012x}", self.get())
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tag({self})")
    }
}

/// A 32-bit nonce: Initiator, Responder, Request or Probe Nonce. The Responder Nonce is a counter (see
/// [`crate::validator`]); all others are random.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Nonce(pub u32);

/// A Forked Instance Identifier; zero is the default instance of a ULID pair, and travels as an absent option
/// (RFC 5533 sections 4.2 and 5.15.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Fii(pub u32);

impl Fii {
    /// The instance that every ULID pair has without forking.
    pub const DEFAULT: Fii = Fii(0);
}
