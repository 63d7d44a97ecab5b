// SPDX-License-Identifier: MIT OR GPL-2.0
//! Locators, as the kernel tells them.

use crate::netlink::{Attributes, Payload};
use crate::spec::{self, Cause, Enumeration, LocatorStatus, VerificationMethod};
use crate::Error;
use std::net::Ipv6Addr;

/// A locator of this host or of a peer (RFC 5533 section 2.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Locator {
    /// The address.
    pub address: Ipv6Addr,
    /// What is known of it.
    pub status: LocatorStatus,
    /// How it was bound to the ULID.
    pub method: VerificationMethod,
    /// Flags of its preference: bits of [`spec::LOCATOR_FLAGS`] (RFC 5533 section 5.15.3).
    pub flags: u32,
    /// Priority of its preference: the lowest is used first.
    pub priority: u32,
    /// Weight among locators of one priority.
    pub weight: u32,
    /// The interface that has it; local locators only.
    pub ifindex: Option<u32>,
    /// The HBA set that it is of; local locators only.
    pub hba_id: Option<u32>,
    /// How many contexts send from it; local locators only.
    pub contexts: Option<u32>,
}

impl Locator {
    pub(crate) fn read(attributes: Attributes<'_>) -> Result<Locator, Error> {
        use spec::locator as number;
        let status = attributes.required_u32(number::STATUS, "a locator without a status")?;
        Ok(Locator {
            address: attributes
                .required_address(number::ADDRESS, "a locator without an address")?,
            status: LocatorStatus::from_number(status),
            method: VerificationMethod::from_number(attributes.u32(number::METHOD).unwrap_or(0)),
            flags: attributes.u32(number::FLAGS).unwrap_or(0),
            priority: attributes.u32(number::PRIORITY).unwrap_or(0),
            weight: attributes.u32(number::WEIGHT).unwrap_or(0),
            ifindex: attributes.u32(number::IFINDEX),
            hba_id: attributes.u32(number::HBA_ID),
            contexts: attributes.u32(number::CONTEXTS),
        })
    }

    /// The locators in the nests of one number.
    pub(crate) fn read_all(attributes: Attributes<'_>, number: u16) -> Result<Vec<Locator>, Error> {
        attributes.nests(number).map(Locator::read).collect()
    }

    /// Whether it can be sent from or to at present.
    pub fn is_usable(&self) -> bool {
        matches!(
            self.status,
            LocatorStatus::Usable
                | LocatorStatus::Deprecated
                | LocatorStatus::Verified
                | LocatorStatus::Reachable
        )
    }

    /// The names of its flags.
    pub fn flag_names(&self) -> Vec<&'static str> {
        spec::LOCATOR_FLAGS
            .iter()
            .filter(|(bit, _)| self.flags & bit != 0)
            .map(|(_, name)| *name)
            .collect()
    }
}

/// A change of a local locator's preference (RFC 5533 section 5.15.3): what is None stays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LocatorChange {
    /// Flags: bits of [`spec::LOCATOR_FLAGS`].
    pub flags: Option<u32>,
    /// Priority, 0 to 255: the lowest is used first.
    pub priority: Option<u32>,
    /// Weight among locators of one priority, 0 to 255.
    pub weight: Option<u32>,
}

impl LocatorChange {
    pub(crate) fn payload(&self, address: Ipv6Addr) -> Payload {
        use spec::local as number;
        let mut payload = Payload::default();
        payload.put_address(number::ADDRESS, address);
        let values = [
            (number::FLAGS, self.flags),
            (number::PRIORITY, self.priority),
            (number::WEIGHT, self.weight),
        ];
        for (number, value) in values {
            if let Some(value) = value {
                payload.put_u32(number, value);
            }
        }
        payload
    }
}

/// A local locator by itself, and in an event why it changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalLocator {
    /// The locator.
    pub locator: Locator,
    /// Why it changed, in an event.
    pub cause: Option<Cause>,
}

impl LocalLocator {
    pub(crate) fn read(attributes: Attributes<'_>) -> Result<LocalLocator, Error> {
        let nest = attributes.nests(spec::local::LOCATOR).next();
        let locator = Locator::read(nest.ok_or(Error::Malformed("no locator"))?)?;
        Ok(LocalLocator {
            locator,
            cause: attributes.u32(spec::local::CAUSE).map(Cause::from_number),
        })
    }
}
