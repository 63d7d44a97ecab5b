// SPDX-License-Identifier: GPL-2.0
//! HBA sets in messages, and the operations on them: load, get, del.

use super::{locator, view::HbaView};
use crate::{
    events,
    ffi::{
        genl::{Attr, Request},
        genl_dump::{Dump, Page},
        genl_message::Builder,
        uapi,
    },
    netns::{sets::HbaLoadError, Net},
    stats::Counter,
};
use kernel::prelude::*;
use shim6_core::{
    cga::{sec_of, PdsError, Sec},
    hba::{HbaSet, LoadError},
};

/// `hba-load`: verifies a set and makes its addresses locators.
pub(crate) fn load(request: &Request<'_>) -> Result {
    let net = request.net();
    let set = verified(request).inspect_err(|_| net.stats().inc(Counter::HbaRefused))?;
    let label = request.attr(uapi::SHIM6_A_HBA_LABEL);
    let text = label.map_or(&[][..], |label| label.text());
    let id = net.hba_load(text, &set).map_err(|error| match error {
        HbaLoadError::Exists => request.refuse(
            request.attr(uapi::SHIM6_A_HBA_PDS),
            EEXIST,
            format_args!("an address of the set is loaded already"),
        ),
        HbaLoadError::LabelInUse => request.refuse(label, EEXIST, format_args!("another set has this label")),
        HbaLoadError::Full => request.refuse(None, ENOSPC, format_args!("no more HBA sets can be loaded")),
        HbaLoadError::NoMemory => ENOMEM,
    })?;
    events::hba(net, id, uapi::SHIM6_CMD_HBA_LOAD_NTF).send(net);
    request.reply(uapi::SHIM6_CMD_HBA_LOAD, |message| message.put_u32(uapi::SHIM6_A_HBA_ID, id))
}

/// The set that a request carries, with every address it names verified.
fn verified(request: &Request<'_>) -> Result<KBox<HbaSet>> {
    let pds = request.require(uapi::SHIM6_A_HBA_PDS, "pds")?;
    let first = request.require(uapi::SHIM6_A_HBA_ADDRESS, "address")?;
    let sec = sec_of(first.addr()?)
        .ok_or_else(|| request.refuse(Some(first), EINVAL, format_args!("address: Sec is above 2")))?;
    let set = HbaSet::load(pds.bytes(), sec).map_err(|error| refuse(request, pds, sec, error))?;
    for attr in request.attrs(uapi::SHIM6_A_HBA_ADDRESS) {
        let address = attr.addr()?;
        if !set.contains(address) {
            return Err(request.refuse(Some(attr), EINVAL, format_args!("{address} does not verify against pds")));
        }
    }
    Ok(KBox::new(set, GFP_KERNEL)?)
}

/// Says what is wrong with a parameter structure.
fn refuse(request: &Request<'_>, pds: Attr<'_>, sec: Sec, error: LoadError) -> Error {
    let why = match error {
        LoadError::Pds(PdsError::Truncated) => "pds ends before its public key does",
        LoadError::Pds(PdsError::Key) => "pds: the public key is not a DER SEQUENCE",
        LoadError::Pds(PdsError::Extension) => "pds: an extension reaches beyond its end",
        LoadError::TooLong => "pds is longer than a set may be",
        LoadError::NoMultiPrefix => "pds has no Multi-Prefix extension, so it is no HBA set",
        LoadError::TooManyPrefixes => "pds has more than 8 prefixes",
        LoadError::Prefix => "pds: a prefix is there twice or cannot have locators",
        LoadError::CollisionCount => "pds: the collision count is above 2",
        LoadError::Hash2 => "pds: the modifier does not suit the Sec of the address",
    };
    let error = if error == LoadError::TooManyPrefixes { ERANGE } else { EINVAL };
    if sec.get() > 0 && why.ends_with("address") {
        return request.refuse(Some(pds), error, format_args!("{why} ({})", sec.get()));
    }
    request.refuse(Some(pds), error, format_args!("{why}"))
}

/// `hba-get` of one.
pub(crate) fn get(request: &Request<'_>) -> Result {
    let net = request.net();
    let id = select(request, net)?;
    let admin = request.is_admin();
    request.reply(uapi::SHIM6_CMD_HBA_GET, |message| {
        let written = net.with_hba(id, |hba| (hba.id == id).then(|| put(message, hba, admin)));
        written.flatten().unwrap_or(Err(ENOENT))
    })
}

/// `hba-del`.
pub(crate) fn del(request: &Request<'_>) -> Result {
    let net = request.net();
    let id = select(request, net)?;
    // What is gone cannot be described any more.
    let event = events::hba(net, id, uapi::SHIM6_CMD_HBA_DEL_NTF);
    if !net.hba_del(id) {
        return Err(ENOENT);
    }
    event.send(net);
    Ok(())
}

/// The number of the set that a request names by number or by an address of it.
fn select(request: &Request<'_>, net: &Net) -> Result<u32> {
    let by_address = request.attr(uapi::SHIM6_A_HBA_ADDRESS);
    if let Some(attr) = request.attr(uapi::SHIM6_A_HBA_ID) {
        if by_address.is_some() {
            return Err(request.refuse(by_address, EINVAL, format_args!("id names the set already")));
        }
        let id = attr.u32()?;
        let unknown = || request.refuse(Some(attr), ENOENT, format_args!("there is no HBA set {id}"));
        return net.with_hba(id, |hba| hba.id).filter(|found| *found == id).ok_or_else(unknown);
    }
    let attr = request.require(uapi::SHIM6_A_HBA_ADDRESS, "id or address")?;
    let address = attr.addr()?;
    let mut from = 1;
    while let Some((id, found)) = net.with_hba(from, |hba| (hba.id, hba.set.get(&address).is_some())) {
        if found {
            return Ok(id);
        }
        let Some(next) = id.checked_add(1) else { break };
        from = next;
    }
    Err(request.refuse(Some(attr), ENOENT, format_args!("{address} is in no loaded HBA set")))
}

/// `hba-get` of all, by number.
pub(crate) struct HbaDump {
    /// The number to go on with, at least; none when all are done.
    from: Option<u32>,
    admin: bool,
}

impl Dump for HbaDump {
    const COMMAND: u32 = uapi::SHIM6_CMD_HBA_GET;

    fn start(request: &Request<'_>) -> Result<KBox<Self>> {
        let dump = HbaDump { from: Some(1), admin: request.is_admin() };
        Ok(KBox::new(dump, GFP_KERNEL)?)
    }

    fn generation(net: &Net) -> u32 {
        net.hba_generation()
    }

    fn page(&mut self, net: &Net, page: &mut Page<'_>) -> Result {
        let admin = self.admin;
        while let Some(from) = self.from {
            let written = net.with_hba(from, |hba| page.message(|message| put(message, hba, admin)).map(|()| hba.id));
            let Some(id) = written.transpose()? else {
                self.from = None;
                break;
            };
            self.from = id.checked_add(1);
        }
        Ok(())
    }
}

/// Writes one set; its parameters only to an administrator.
pub(crate) fn put(message: &mut Builder<'_>, hba: &HbaView<'_>, admin: bool) -> Result {
    message.put_u32(uapi::SHIM6_A_HBA_ID, hba.id)?;
    if !hba.label.is_empty() {
        message.put_text(uapi::SHIM6_A_HBA_LABEL, hba.label)?;
    }
    if admin {
        message.put_bytes(uapi::SHIM6_A_HBA_PDS, hba.set.pds())?;
    }
    for locator in hba.set.locators() {
        message.put_addr(uapi::SHIM6_A_HBA_ADDRESS, locator.addr)?;
    }
    message.put_u32(uapi::SHIM6_A_HBA_SEC, hba.sec)?;
    message.put_u32(uapi::SHIM6_A_HBA_CONTEXTS, hba.contexts)?;
    for place in 0..hba.set.locators().len() {
        message.nest(uapi::SHIM6_A_HBA_LOCATOR, |nest| locator::put(nest, hba, place))?;
    }
    Ok(())
}
