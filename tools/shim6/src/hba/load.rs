// SPDX-License-Identifier: GPL-2.0
//! `shim6 hba load`: a set goes to the kernel, its addresses to interfaces, so that programs choose them.
//!
//! All or nothing: if a step fails, those before it are undone.

use super::place::{places, Place};
use crate::failure::Failure;
use crate::grammar::{Grammar, Keyword, Plain};
use crate::json;
use crate::output::Output;
use crate::show::{self, Interfaces};
use libshim6::rtnetlink::Rtnetlink;
use libshim6::{Client, SetFile, SetSelector};
use serde_json::Value;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// The words of `hba load`.
pub(crate) const LOAD: Grammar = Grammar {
    verb: "hba load",
    plain: Some(Plain { name: "FILE", min: 1, max: 1, help: "The file of a set" }),
    keywords: &[
        Keyword::repeatable("dev", "IF", "The interface for all addresses, or one for each; else where their prefixes are on link"),
        Keyword::flag("no-addresses", "Leave the interfaces alone"),
    ],
};

/// How long duplicate address detection is waited for: with the usual one probe it takes 1 to 2 s.
const DETECTION: Duration = Duration::from_secs(6);

/// Time between two looks at it.
const LOOK: Duration = Duration::from_millis(50);

/// Loads a set.
pub(crate) fn load(words: &[&str], output: &mut Output) -> Result<(), Failure> {
    let words = LOAD.read(words).map_err(Failure::Usage)?;
    let file = super::read(words.plain.first().copied().unwrap_or_default())?;
    let devices: Vec<_> = words.all("dev").collect();
    if words.has("no-addresses") && !devices.is_empty() {
        return Err(Failure::usage(
            "hba load: \"dev\" and \"no-addresses\" do not go together".to_owned(),
        ));
    }
    let mut client = Client::open()?;
    let mut rtnetlink = Rtnetlink::open()?;
    let places = if words.has("no-addresses") {
        Vec::new()
    } else {
        find_places(&file, &devices, &mut rtnetlink)?
    };
    let (id, _) = install(&mut client, &mut rtnetlink, &file, &places)?;
    let set = client.set(SetSelector::Id(id))?;
    let interfaces = Interfaces::ask()?;
    if output.options.json {
        let sets: Value = [json::set(&set, &interfaces)].into_iter().collect();
        return output.json(&sets);
    }
    output.record(&show::set(&set, &interfaces, output))
}

/// Gives the addresses of a set to their places, and then the set to the kernel: a peer that has been waiting for this host
/// finds all of them ready. Returns its number, and the addresses that were not there before. If a step fails, nothing is
/// changed.
pub(crate) fn install(
    client: &mut Client,
    rtnetlink: &mut Rtnetlink,
    file: &SetFile,
    places: &[Place],
) -> Result<(u32, Vec<Place>), Failure> {
    let added = put(rtnetlink, places)?;
    match client.load_set(file.set.pds(), &file.addresses(), file.label.as_deref()) {
        Ok(id) => Ok((id, added)),
        Err(error) => {
            take(rtnetlink, &added);
            Err(error.into())
        }
    }
}

/// The places of a set's addresses, on the interfaces that are named or have the prefixes.
pub(crate) fn find_places(
    file: &SetFile,
    devices: &[&str],
    rtnetlink: &mut Rtnetlink,
) -> Result<Vec<Place>, Failure> {
    let interfaces = rtnetlink.interfaces()?.items;
    let on_link = rtnetlink.on_link()?.items;
    places(&file.addresses(), devices, &interfaces, &on_link).map_err(Failure::Usage)
}

/// Adds the addresses that are not there yet, waits until they can be used, and returns those that it added.
pub(crate) fn put(rtnetlink: &mut Rtnetlink, places: &[Place]) -> Result<Vec<Place>, Failure> {
    let mut added = Vec::new();
    let result = places
        .iter()
        .try_for_each(|place| put_one(rtnetlink, place, &mut added))
        .and_then(|()| wait(rtnetlink, places));
    match result {
        Ok(()) => Ok(added),
        Err(error) => {
            take(rtnetlink, &added);
            Err(error)
        }
    }
}

/// Removes addresses that [`put`] added, after a failure: what fails now is not what is told.
pub(crate) fn take(rtnetlink: &mut Rtnetlink, added: &[Place]) {
    for place in added {
        let _ = rtnetlink.remove_address(place.index, place.address);
        let _ = rtnetlink.unprefer(place.address);
    }
}

fn put_one(
    rtnetlink: &mut Rtnetlink,
    place: &Place,
    added: &mut Vec<Place>,
) -> Result<(), Failure> {
    match rtnetlink.add_address(place.index, place.address, !place.is_on_link) {
        Ok(()) => added.push(*place),
        Err(error) if error.is_there_already() => {}
        Err(error) => {
            return Err(Failure::Kernel(format!(
                "{}: the address cannot be added: {error}",
                place.address
            )))
        }
    }
    Ok(rtnetlink.prefer(place.address)?)
}

/// Waits for the end of duplicate address detection.
fn wait(rtnetlink: &mut Rtnetlink, places: &[Place]) -> Result<(), Failure> {
    let begin = Instant::now();
    loop {
        let addresses = rtnetlink.addresses()?.items;
        let ours = || {
            addresses
                .iter()
                .filter(|one| places.iter().any(|place| place.address == one.address))
        };
        if let Some(duplicate) = ours().find(|one| one.is_duplicate()) {
            return Err(Failure::Kernel(format!(
                "{}: another host on the link has this address; make a new set",
                duplicate.address
            )));
        }
        // Without a carrier detection does not begin, and the address will be ready when it comes.
        if begin.elapsed() > DETECTION || !ours().any(|one| one.is_tentative()) {
            return Ok(());
        }
        sleep(LOOK);
    }
}
