// SPDX-License-Identifier: GPL-2.0
//! `shim6 hba remove`.

use crate::failure::Failure;
use crate::grammar::{self, Grammar, Keyword, Plain};
use libshim6::rtnetlink::Rtnetlink;
use libshim6::{Client, LoadedSet, SetSelector};

/// The words of `hba remove`.
pub(crate) const REMOVE: Grammar = Grammar {
    verb: "hba remove",
    plain: Some(Plain {
        name: "SET",
        min: 0,
        max: 1,
        help: "A set by its number, an address of it, or its label",
    }),
    keywords: &[
        Keyword::new("file", "FILE", "The set in this file"),
        Keyword::flag("keep-addresses", "Leave the addresses on their interfaces"),
    ],
};

/// Takes a set from the kernel, and its addresses from interfaces.
pub(crate) fn remove(words: &[&str]) -> Result<(), Failure> {
    let words = REMOVE.read(words).map_err(Failure::Usage)?;
    let word = match (words.plain.first(), words.get("file")) {
        (Some(word), None) => (*word).to_owned(),
        (None, Some(path)) => {
            let address = super::read(path)?
                .addresses()
                .first()
                .map(ToString::to_string);
            address.ok_or_else(|| Failure::usage(format!("{path} has no address")))?
        }
        (Some(_), Some(_)) => {
            return Err(Failure::usage(
                "hba remove: a set and a file do not go together".to_owned(),
            ))
        }
        (None, None) => {
            return Err(Failure::usage(
                "hba remove: SET, or \"file FILE\", is missing".to_owned(),
            ))
        }
    };
    let mut client = Client::open()?;
    let set = find(&mut client, &word)?;
    client.remove_set(SetSelector::Id(set.id))?;
    if words.has("keep-addresses") {
        return Ok(());
    }
    take_addresses(&mut Rtnetlink::open()?, &set)
}

/// The set of a number, an address or a label.
pub(super) fn find(client: &mut Client, word: &str) -> Result<LoadedSet, Failure> {
    if word.parse::<u32>().is_ok() {
        let id = grammar::number32("set", word).map_err(Failure::Usage)?;
        return Ok(client.set(SetSelector::Id(id))?);
    }
    if let Ok(address) = grammar::address(word) {
        return Ok(client.set(SetSelector::Address(address))?);
    }
    let sets = client.sets()?.items;
    let found = sets
        .into_iter()
        .find(|set| set.label.as_deref() == Some(word));
    found.ok_or_else(|| Failure::Kernel(format!("no set that is loaded has the label \"{word}\"")))
}

/// Takes the addresses of a set from interfaces.
pub(crate) fn take_addresses(rtnetlink: &mut Rtnetlink, set: &LoadedSet) -> Result<(), Failure> {
    let there = rtnetlink.addresses()?.items;
    for address in &set.addresses {
        rtnetlink.unprefer(*address)?;
        for place in there
            .iter()
            .filter(|place| place.address == *address && place.prefix_len == 64)
        {
            rtnetlink.remove_address(place.index, place.address)?;
        }
    }
    Ok(())
}
