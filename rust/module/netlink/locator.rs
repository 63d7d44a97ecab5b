// SPDX-License-Identifier: GPL-2.0
//! Local locators in messages, and the operation that shows them.

use super::view::HbaView;
use crate::ffi::{
    genl::Request,
    genl_dump::{Dump, Page},
    genl_message::Builder,
    uapi,
};
use crate::netns::Net;
use kernel::prelude::*;
use shim6_core::{
    locator::{LocalLocator, LocalStatus},
    wire::Preference,
};

/// `locator-get` of one, by its address.
pub(crate) fn get(request: &Request<'_>) -> Result {
    let attr = request.require(uapi::SHIM6_A_LOCAL_ADDRESS, "address")?;
    let addr = attr.addr()?;
    let net = request.net();
    let unknown = || request.refuse(Some(attr), ENOENT, format_args!("{addr} is in no loaded HBA set"));
    request.reply(uapi::SHIM6_CMD_LOCATOR_GET, |message| {
        let mut from = 1;
        while let Some((id, done)) = net.with_hba(from, |hba| {
            let place = hba.set.locators().iter().position(|locator| locator.addr == addr);
            (hba.id, place.map(|place| put_nested(message, hba, place)))
        }) {
            if let Some(done) = done {
                return done;
            }
            let Some(next) = id.checked_add(1) else { break };
            from = next;
        }
        Err(unknown())
    })
}

/// `locator-get` of all: set by set, in the order of the prefixes.
pub(crate) struct LocatorDump {
    /// The set to go on with, at least; none when all are done.
    set: Option<u32>,
    /// The locator of that set to go on with.
    place: usize,
}

impl Dump for LocatorDump {
    const COMMAND: u32 = uapi::SHIM6_CMD_LOCATOR_GET;

    fn start(_request: &Request<'_>) -> Result<KBox<Self>> {
        Ok(KBox::new(LocatorDump { set: Some(1), place: 0 }, GFP_KERNEL)?)
    }

    fn generation(net: &Net) -> u32 {
        net.hba_generation()
    }

    fn page(&mut self, net: &Net, page: &mut Page<'_>) -> Result {
        while let Some(from) = self.set {
            let place = &mut self.place;
            let written = net.with_hba(from, |hba| {
                // The set the cursor was in may have gone meanwhile.
                if hba.id != from {
                    *place = 0;
                }
                while *place < hba.set.locators().len() {
                    if let Err(error) = page.message(|message| put_nested(message, hba, *place)) {
                        return (hba.id, Err(error));
                    }
                    *place += 1;
                }
                (hba.id, Ok(()))
            });
            let Some((id, result)) = written else {
                self.set = None;
                break;
            };
            self.set = Some(id);
            result?;
            self.set = id.checked_add(1);
            self.place = 0;
        }
        Ok(())
    }
}

/// Writes one locator of an HBA set as the replies and notifications of `locator-get` have it.
pub(crate) fn put_nested(message: &mut Builder<'_>, hba: &HbaView<'_>, place: usize) -> Result {
    message.nest(uapi::SHIM6_A_LOCAL_LOCATOR, |nest| put(nest, hba, place))
}

/// Writes one locator of an HBA set with what the namespace knows of it.
pub(crate) fn put(message: &mut Builder<'_>, hba: &HbaView<'_>, place: usize) -> Result {
    let Some(locator) = hba.set.locators().get(place) else {
        return Ok(());
    };
    put_local(message, locator)?;
    message.put_u32(uapi::SHIM6_A_LOCATOR_HBA_ID, hba.id)?;
    message.put_u32(uapi::SHIM6_A_LOCATOR_CONTEXTS, hba.senders.get(place).copied().unwrap_or(0))?;
    match hba.ifindex.get(place) {
        Some(&ifindex) if ifindex != 0 => message.put_u32(uapi::SHIM6_A_LOCATOR_IFINDEX, ifindex),
        _ => Ok(()),
    }
}

/// Writes a local locator: address, status, how it is bound, preference.
pub(crate) fn put_local(message: &mut Builder<'_>, locator: &LocalLocator) -> Result {
    let status = match locator.status {
        _ if !locator.allowed => uapi::shim6_locator_status_SHIM6_LOCATOR_STATUS_WITHDRAWN,
        LocalStatus::Usable => uapi::shim6_locator_status_SHIM6_LOCATOR_STATUS_USABLE,
        LocalStatus::Deprecated => uapi::shim6_locator_status_SHIM6_LOCATOR_STATUS_DEPRECATED,
        LocalStatus::Tentative => uapi::shim6_locator_status_SHIM6_LOCATOR_STATUS_TENTATIVE,
        LocalStatus::LinkDown => uapi::shim6_locator_status_SHIM6_LOCATOR_STATUS_LINK_DOWN,
        LocalStatus::Absent | LocalStatus::Invalid => uapi::shim6_locator_status_SHIM6_LOCATOR_STATUS_ABSENT,
    };
    message.put_addr(uapi::SHIM6_A_LOCATOR_ADDRESS, locator.addr)?;
    message.put_u32(uapi::SHIM6_A_LOCATOR_STATUS, status)?;
    let method = uapi::shim6_verification_method_SHIM6_VERIFICATION_METHOD_HBA;
    message.put_u32(uapi::SHIM6_A_LOCATOR_METHOD, method)?;
    put_preference(message, &locator.preference)
}

/// Writes a preference (RFC 5533 section 5.15.3).
pub(crate) fn put_preference(message: &mut Builder<'_>, preference: &Preference) -> Result {
    message.put_u32(uapi::SHIM6_A_LOCATOR_FLAGS, u32::from(preference.flags))?;
    message.put_u32(uapi::SHIM6_A_LOCATOR_PRIORITY, u32::from(preference.priority))?;
    message.put_u32(uapi::SHIM6_A_LOCATOR_WEIGHT, u32::from(preference.weight))
}
