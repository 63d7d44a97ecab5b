// SPDX-License-Identifier: MIT OR GPL-2.0
//! HBA sets that the kernel has, and how one of them is named in a request.

use crate::netlink::{Attributes, Payload};
use crate::spec::hba as number;
use crate::{Error, Locator};
use std::net::Ipv6Addr;

/// An HBA set in the kernel (RFC 5535).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadedSet {
    /// Its number in the namespace.
    pub id: u32,
    /// The administrator's name for it.
    pub label: Option<String>,
    /// Its CGA Parameters data structure (RFC 3972 section 3); CAP_NET_ADMIN only.
    pub pds: Option<Vec<u8>>,
    /// Its addresses, in the order of its prefixes.
    pub addresses: Vec<Ipv6Addr>,
    /// The security parameter, 0 to 2.
    pub sec: u32,
    /// How many contexts have a local ULID of it.
    pub contexts: u32,
    /// Its addresses, with what is known of each.
    pub locators: Vec<Locator>,
}

impl LoadedSet {
    pub(crate) fn read(attributes: Attributes<'_>) -> Result<LoadedSet, Error> {
        let locators = Locator::read_all(attributes, number::LOCATOR)?;
        let addresses: Vec<_> = attributes
            .all(number::ADDRESS)
            .filter_map(crate::netlink::address)
            .collect();
        Ok(LoadedSet {
            id: attributes.required_u32(number::ID, "an HBA set without a number")?,
            label: attributes.string(number::LABEL),
            pds: attributes.get(number::PDS).map(<[u8]>::to_vec),
            addresses,
            sec: attributes.u32(number::SEC).unwrap_or(0),
            contexts: attributes.u32(number::CONTEXTS).unwrap_or(0),
            locators,
        })
    }
}

/// Which HBA set is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetSelector {
    /// The one with this number.
    Id(u32),
    /// The one with this address.
    Address(Ipv6Addr),
}

impl SetSelector {
    pub(crate) fn payload(self) -> Payload {
        let mut payload = Payload::default();
        match self {
            SetSelector::Id(id) => payload.put_u32(number::ID, id),
            SetSelector::Address(address) => payload.put_address(number::ADDRESS, address),
        }
        payload
    }
}
