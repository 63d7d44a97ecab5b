// SPDX-License-Identifier: MIT OR GPL-2.0
//! IPv6 addresses as the shim sees them: a 64-bit subnet prefix and a 64-bit interface identifier.
//!
//! Nothing here knows whether an address exists on this host or who owns it; see [`crate::hba`] for ownership.

use core::fmt;
use core::net::Ipv6Addr;

/// A 64-bit subnet prefix, the left half of an address (RFC 3972 section 2).
pub type Prefix = [u8; 8];

/// An IPv6 address in network order: a ULID or a locator (RFC 5533 section 2.1).
///
/// `Ord` compares as 128-bit unsigned integers in network order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Addr(pub [u8; 16]);

impl Addr {
    /// The unspecified address `::`.
    pub const UNSPECIFIED: Addr = Addr([0; 16]);

    /// The address made of eight 16-bit groups, as they are written.
    pub const fn new(groups: [u16; 8]) -> Addr {
        let mut octets = [0; 16];
        let mut group = 0;
        while group < 8 {
            let pair = groups[group].to_be_bytes();
            octets[2 * group] = pair[0];
            octets[2 * group + 1] = pair[1];
            group += 1;
        }
        Addr(octets)
    }

    /// The address made of a subnet prefix and an interface identifier.
    pub const fn from_parts(prefix: Prefix, interface_id: [u8; 8]) -> Addr {
        let mut octets = [0; 16];
        let mut index = 0;
        while index < 8 {
            octets[index] = prefix[index];
            octets[index + 8] = interface_id[index];
            index += 1;
        }
        Addr(octets)
    }

    /// The address at the start of `bytes`, if they are 16 or more.
    pub fn read(bytes: &[u8]) -> Option<Addr> {
        bytes.first_chunk().copied().map(Addr)
    }

    /// The 16 octets in network order.
    pub const fn octets(&self) -> &[u8; 16] {
        &self.0
    }

    /// The upper 64 bits.
    pub const fn prefix64(&self) -> Prefix {
        let [a, b, c, d, e, f, g, h, ..] = self.0;
        [a, b, c, d, e, f, g, h]
    }

    /// The lower 64 bits.
    pub const fn interface_id(&self) -> [u8; 8] {
        let [.., a, b, c, d, e, f, g, h] = self.0;
        [a, b, c, d, e, f, g, h]
    }

    /// `::`.
    pub fn is_unspecified(&self) -> bool {
        *self == Addr::UNSPECIFIED
    }

    /// `::1`.
    pub fn is_loopback(&self) -> bool {
        u128::from_be_bytes(self.0) == 1
    }

    /// `ff00::/8`.
    pub const fn is_multicast(&self) -> bool {
        self.0[0] == 0xff
    }

    /// `fe80::/10`.
    pub const fn is_link_local(&self) -> bool {
        self.0[0] == 0xfe && self.0[1] & 0xc0 == 0x80
    }

    /// `::ffff:0:0/96`, an IPv4 address in disguise.
    pub fn is_v4_mapped(&self) -> bool {
        u128::from_be_bytes(self.0) >> 32 == 0xffff
    }

    /// Whether packets of the shim may carry this address as source or destination, which is also what a ULID must
    /// satisfy: no unspecified, loopback, multicast, link-local or IPv4-mapped address (RFC 5533 sections 1.4, 12.3).
    pub fn may_be_locator(&self) -> bool {
        !(self.is_unspecified()
            || self.is_loopback()
            || self.is_multicast()
            || self.is_link_local()
            || self.is_v4_mapped())
    }
}

impl fmt::Display for Addr {
    /// The text of RFC 5952.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&Ipv6Addr::from(self.0), f)
    }
}

impl fmt::Debug for Addr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl From<Ipv6Addr> for Addr {
    fn from(address: Ipv6Addr) -> Addr {
        Addr(address.octets())
    }
}

impl From<Addr> for Ipv6Addr {
    fn from(address: Addr) -> Ipv6Addr {
        Ipv6Addr::from(address.0)
    }
}
