// SPDX-License-Identifier: MIT OR GPL-2.0
//! Addresses of interfaces.

use super::{number_at, Rtnetlink, AF_INET6};
use crate::netlink::Payload;
use crate::{Error, Listing};
use std::net::Ipv6Addr;

/// Octets of `struct ifaddrmsg`.
const HEADER_LEN: usize = 8;

/// Attributes and flags of addresses (linux/if_addr.h).
mod number {
    pub(super) const IFA_ADDRESS: u16 = 1;
    pub(super) const IFA_LOCAL: u16 = 2;
    pub(super) const IFA_FLAGS: u16 = 8;
    pub(super) const IFA_F_DADFAILED: u32 = 0x08;
    pub(super) const IFA_F_DEPRECATED: u32 = 0x20;
    pub(super) const IFA_F_TENTATIVE: u32 = 0x40;
    pub(super) const IFA_F_NOPREFIXROUTE: u32 = 0x200;
}

/// An IPv6 address on an interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InterfaceAddress {
    /// The address.
    pub address: Ipv6Addr,
    /// The length of its prefix.
    pub prefix_len: u8,
    /// The interface.
    pub index: u32,
    /// Flags of linux/if_addr.h.
    flags: u32,
}

impl InterfaceAddress {
    /// An address that is in full use.
    pub fn new(address: Ipv6Addr, prefix_len: u8, index: u32) -> InterfaceAddress {
        InterfaceAddress {
            address,
            prefix_len,
            index,
            flags: 0,
        }
    }

    /// Whether duplicate address detection still goes on.
    pub fn is_tentative(&self) -> bool {
        self.flags & number::IFA_F_TENTATIVE != 0 && !self.is_duplicate()
    }

    /// Whether another host has the address.
    pub fn is_duplicate(&self) -> bool {
        self.flags & number::IFA_F_DADFAILED != 0
    }

    /// Whether its prefix is on link by it.
    pub fn brings_prefix(&self) -> bool {
        self.flags & number::IFA_F_NOPREFIXROUTE == 0
    }

    /// Whether its preferred lifetime is over.
    pub fn is_deprecated(&self) -> bool {
        self.flags & number::IFA_F_DEPRECATED != 0
    }
}

impl Rtnetlink {
    /// All IPv6 addresses.
    pub fn addresses(&mut self) -> Result<Listing<InterfaceAddress>, Error> {
        let mut header = [0; HEADER_LEN];
        header[0] = AF_INET6;
        self.list(libc::RTM_GETADDR, &header, |header, attributes| {
            let address = attributes
                .address(number::IFA_LOCAL)
                .or_else(|| attributes.address(number::IFA_ADDRESS))?;
            let flags = attributes
                .u32(number::IFA_FLAGS)
                .unwrap_or(u32::from(*header.get(2)?));
            Some(InterfaceAddress {
                address,
                prefix_len: *header.get(1)?,
                index: number_at(header, 4)?,
                flags,
            })
        })
    }

    /// Adds an address with a 64-bit prefix, preferred for ever. With `on_link` the prefix becomes on link, too; else the
    /// routes stay as they are. Fails with `EEXIST` if the interface has the address.
    pub fn add_address(
        &mut self,
        index: u32,
        address: Ipv6Addr,
        on_link: bool,
    ) -> Result<(), Error> {
        let mut payload = address_payload(index, address);
        if !on_link {
            payload.put_u32(number::IFA_FLAGS, number::IFA_F_NOPREFIXROUTE);
        }
        self.change(
            libc::RTM_NEWADDR,
            libc::NLM_F_CREATE | libc::NLM_F_EXCL,
            &payload,
            HEADER_LEN,
        )
    }

    /// Removes an address with a 64-bit prefix.
    pub fn remove_address(&mut self, index: u32, address: Ipv6Addr) -> Result<(), Error> {
        self.change(
            libc::RTM_DELADDR,
            0,
            &address_payload(index, address),
            HEADER_LEN,
        )
    }
}

fn address_payload(index: u32, address: Ipv6Addr) -> Payload {
    let [a, b, c, d] = index.to_ne_bytes();
    let mut payload = Payload::with_header(&[AF_INET6, 64, 0, 0, a, b, c, d]);
    payload.put_address(number::IFA_LOCAL, address);
    payload
}
