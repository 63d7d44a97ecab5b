// SPDX-License-Identifier: GPL-2.0
//! The operations that change local locators: their preference, and whether they are in use.

use crate::ffi::{
    genl::{Attr, Request},
    uapi,
};
use crate::locators::{Change, Unchanged};
use kernel::prelude::*;
use shim6_core::engine::Cause;
use shim6_core::wire::Preference;

/// `locator-set`: what is given of the preference.
pub(crate) fn set(request: &Request<'_>) -> Result {
    let given = preference(request)?;
    if given == Change::default() {
        return Err(request.refuse(None, EINVAL, format_args!("neither flags nor priority nor weight is given")));
    }
    change(request, given)
}

/// `locator-add`: into use again, with a preference if it is given.
pub(crate) fn add(request: &Request<'_>) -> Result {
    change(request, Change { withdrawn: Some(false), ..preference(request)? })
}

/// `locator-del`: out of use.
pub(crate) fn del(request: &Request<'_>) -> Result {
    change(request, Change { withdrawn: Some(true), ..Change::default() })
}

fn preference(request: &Request<'_>) -> Result<Change> {
    // The policy lets nothing through that has more than 8 bits.
    let octet = |attr: Attr<'_>| u8::try_from(attr.u32()?).map_err(|_| ERANGE);
    let number = |attribute| request.attr(attribute).map(octet).transpose();
    Ok(Change {
        flags: number(uapi::SHIM6_A_LOCAL_FLAGS)?,
        priority: number(uapi::SHIM6_A_LOCAL_PRIORITY)?,
        weight: number(uapi::SHIM6_A_LOCAL_WEIGHT)?,
        withdrawn: None,
    })
}

fn change(request: &Request<'_>, change: Change) -> Result {
    let attr = request.require(uapi::SHIM6_A_LOCAL_ADDRESS, "address")?;
    let addr = attr.addr()?;
    let is_broken = change.flags.is_some_and(|flags| flags & Preference::BROKEN != 0);
    let cause = if is_broken { Cause::LocatorBroken } else { Cause::Administrator };
    request.net().change_locator(&addr, &change, cause).map_err(|why| match why {
        Unchanged::Unknown => request.refuse(Some(attr), ENOENT, format_args!("{addr} is in no loaded HBA set")),
        Unchanged::InUse => request.refuse(Some(attr), EEXIST, format_args!("{addr} is in use already")),
        Unchanged::Withdrawn => request.refuse(Some(attr), EALREADY, format_args!("{addr} is withdrawn already")),
        Unchanged::Policy => request.refuse(Some(attr), EPERM, format_args!("a policy rule keeps {addr} from use")),
    })
}
