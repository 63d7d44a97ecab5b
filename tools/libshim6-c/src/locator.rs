// SPDX-License-Identifier: MIT OR GPL-2.0
//! Local locators: asking for them, and changing what peers are told of them.

use crate::error::{given, outcome, Failure};
use crate::ffi::Array;
use crate::Address;
use libc::c_int;
use libshim6::spec::Enumeration;
use libshim6::{Client, Locator, LocatorChange};
use std::mem::MaybeUninit;
use std::net::Ipv6Addr;

/// `struct shim6_locator`.
#[repr(C)]
pub struct RawLocator {
    address: Address,
    status: u32,
    flags: u32,
    priority: u32,
    weight: u32,
    ifindex: u32,
    contexts: u32,
}

impl RawLocator {
    fn of(locator: &Locator) -> RawLocator {
        RawLocator {
            address: locator.address.octets(),
            status: locator.status.number().unwrap_or(u32::MAX),
            flags: locator.flags,
            priority: locator.priority,
            weight: locator.weight,
            ifindex: locator.ifindex.unwrap_or(0),
            contexts: locator.contexts.unwrap_or(0),
        }
    }
}

fn address(address: Option<&Address>) -> Result<Ipv6Addr, Failure> {
    given(address).map(|octets| Ipv6Addr::from(*octets))
}

/// `shim6_locators`.
#[no_mangle]
pub extern "C" fn shim6_locators(
    shim6: Option<&mut Client>,
    locators: Array<RawLocator>,
    room: u32,
) -> c_int {
    outcome(|| {
        let found = given(shim6)?.locators()?.items;
        locators.fill(room, found.iter().map(RawLocator::of))
    })
}

/// `shim6_locator_get`.
#[no_mangle]
pub extern "C" fn shim6_locator_get(
    shim6: Option<&mut Client>,
    local: Option<&Address>,
    locator: Option<&mut MaybeUninit<RawLocator>>,
) -> c_int {
    outcome(|| {
        let place = given(locator)?;
        let found = given(shim6)?.locator(address(local)?)?;
        place.write(RawLocator::of(&found));
        Ok(0)
    })
}

/// `shim6_locator_set`.
#[no_mangle]
pub extern "C" fn shim6_locator_set(
    shim6: Option<&mut Client>,
    local: Option<&Address>,
    flags: u32,
    priority: u32,
    weight: u32,
) -> c_int {
    outcome(|| {
        let preference = LocatorChange {
            flags: Some(flags),
            priority: Some(priority),
            weight: Some(weight),
        };
        given(shim6)?.change_locator(address(local)?, &preference)?;
        Ok(0)
    })
}

/// `shim6_locator_add`.
#[no_mangle]
pub extern "C" fn shim6_locator_add(shim6: Option<&mut Client>, local: Option<&Address>) -> c_int {
    outcome(|| {
        given(shim6)?.add_locator(address(local)?, &LocatorChange::default())?;
        Ok(0)
    })
}

/// `shim6_locator_del`.
#[no_mangle]
pub extern "C" fn shim6_locator_del(shim6: Option<&mut Client>, local: Option<&Address>) -> c_int {
    outcome(|| {
        given(shim6)?.remove_locator(address(local)?)?;
        Ok(0)
    })
}
