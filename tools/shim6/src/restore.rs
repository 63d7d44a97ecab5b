// SPDX-License-Identifier: GPL-2.0
//! `shim6 restore`: puts a configuration in place, all of it or nothing.
//!
//! The file is read and checked before anything is changed, against the interfaces of this host, too: a set that goes takes
//! its contexts with it, which no undoing brings back. Each step then says how it is undone; if one fails, those before it
//! are undone in reverse order, and its reason is told. Sets that are loaded and stay keep their contexts.

use crate::configuration::{directory, Configuration, SetEntry, Wish};
use crate::failure::Failure;
use crate::grammar::{Grammar, Keyword, Plain};
use crate::hba::{self, Place};
use crate::output::{warn, Output};
use libshim6::rtnetlink::{InterfaceAddress, Rtnetlink};
use libshim6::spec::Attribute;
use libshim6::{may_use, Client, Error, LoadedSet, PolicyRule, SetSelector};
use std::io::Read;
use std::net::Ipv6Addr;
use std::path::Path;

/// The words of `restore`.
pub(crate) const GRAMMAR: Grammar = Grammar {
    verb: "restore",
    plain: Some(Plain {
        name: "FILE",
        min: 1,
        max: 1,
        help: "The file of a configuration, or - for the standard input",
    }),
    keywords: &[Keyword::flag(
        "check",
        "Only read it, and say whether it is right on this host",
    )],
};

/// Puts a configuration in place.
pub(crate) fn act(words: &[&str], output: &mut Output) -> Result<(), Failure> {
    let words = GRAMMAR.read(words).map_err(Failure::Usage)?;
    let path = words.plain.first().copied().unwrap_or_default();
    // The batch holds the standard input, and waiting for that would never end.
    if path == "-" && output.options.batch.as_deref() == Some("-") {
        return Err(Failure::usage(
            "restore -: the standard input is that of the batch; name a file".to_owned(),
        ));
    }
    let text = read(path)?;
    let configuration = Configuration::parse(&text, &directory(Path::new(path)))
        .map_err(|problem| Failure::Usage(format!("{path}: {problem}")))?;
    let mut rtnetlink = Rtnetlink::open()?;
    let places = all_places(&configuration, &mut rtnetlink)?;
    if words.has("check") {
        return output.line(&format!("{path} is right"));
    }
    let mut restoration = Restoration {
        client: Client::open()?,
        rtnetlink,
        undo: Vec::new(),
    };
    let result = restoration.run(&configuration, places);
    if result.is_err() {
        restoration.undo();
    }
    result
}

fn read(path: &str) -> Result<String, Failure> {
    let text = if path == "-" {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).map(|_| text)
    } else {
        std::fs::read_to_string(path)
    };
    text.map_err(|error| Failure::Usage(Error::system(format!("read {path}"), error).to_string()))
}

/// The places of the addresses of each set of a configuration, in its order.
fn all_places(
    configuration: &Configuration,
    rtnetlink: &mut Rtnetlink,
) -> Result<Vec<Vec<Place>>, Failure> {
    let mut places_of = |entry: &SetEntry| {
        if entry.leaves_addresses {
            return Ok(Vec::new());
        }
        let devices: Vec<&str> = entry.devices.iter().map(String::as_str).collect();
        hba::find_places(&entry.file, &devices, rtnetlink)
    };
    configuration.sets.iter().map(&mut places_of).collect()
}

/// The places that the addresses of a set have, as they are to be put there again.
fn held_places(set: &LoadedSet, addresses: &[InterfaceAddress]) -> Vec<Place> {
    addresses
        .iter()
        .filter(|one| one.prefix_len == 64 && set.addresses.contains(&one.address))
        .map(|one| Place {
            address: one.address,
            index: one.index,
            is_on_link: !one.brings_prefix(),
        })
        .collect()
}

/// The places with what they are when sets have gone: a prefix that is on link by an address of theirs is so no more.
fn without(places: Vec<Place>, gone: &[Place]) -> Vec<Place> {
    let prefix = |address: Ipv6Addr| u128::from(address) >> 64;
    let is_brought = |place: &Place| {
        gone.iter().any(|one| {
            !one.is_on_link
                && one.index == place.index
                && prefix(one.address) == prefix(place.address)
        })
    };
    places
        .into_iter()
        .map(|place| Place {
            is_on_link: place.is_on_link && !is_brought(&place),
            ..place
        })
        .collect()
}

/// How a step is undone.
enum Undo {
    Settings(Vec<(&'static Attribute, u32)>),
    Policy(Vec<PolicyRule>),
    RemoveSet(u32),
    TakeAddresses(Vec<Place>),
    Locator(Ipv6Addr, Wish),
    LoadSet(Box<LoadedSet>, Vec<Place>),
}

/// A restoration that goes on.
struct Restoration {
    client: Client,
    rtnetlink: Rtnetlink,
    undo: Vec<Undo>,
}

impl Restoration {
    /// Does all steps. `places` are those of the configuration's sets.
    fn run(
        &mut self,
        configuration: &Configuration,
        places: Vec<Vec<Place>>,
    ) -> Result<(), Failure> {
        self.settings(configuration)?;
        let loaded = self.client.sets()?.items;
        let wanted = |set: &LoadedSet| {
            configuration
                .sets
                .iter()
                .any(|entry| entry.file.addresses() == set.addresses)
        };
        // A label is in use once only, so its former set goes first.
        let is_in_the_way = |set: &LoadedSet| {
            set.label.is_some() && configuration.sets.iter().any(|e| e.file.label == set.label)
        };
        let there = self.rtnetlink.addresses()?.items;
        let (first, last): (Vec<_>, Vec<_>) = loaded
            .iter()
            .filter(|set| !wanted(set))
            .map(|set| (set, held_places(set, &there)))
            .partition(|(set, _)| is_in_the_way(set));
        let going = first.iter().chain(&last);
        let gone: Vec<Place> = going.flat_map(|(_, held)| held.clone()).collect();
        for (set, held) in first {
            self.remove(set, held)?;
        }
        for (entry, places) in configuration.sets.iter().zip(places) {
            let addresses = entry.file.addresses();
            let is_loaded = loaded.iter().any(|set| set.addresses == addresses);
            self.set(entry, &without(places, &gone), is_loaded)?;
        }
        self.policy(configuration)?;
        self.locators(configuration)?;
        // Removing comes last, as it ends contexts, and nothing can fail after it.
        for (set, held) in last {
            self.remove(set, held)?;
        }
        Ok(())
    }

    fn remove(&mut self, set: &LoadedSet, held: Vec<Place>) -> Result<(), Failure> {
        self.client.remove_set(SetSelector::Id(set.id))?;
        self.undo.push(Undo::LoadSet(Box::new(set.clone()), held));
        hba::take_addresses(&mut self.rtnetlink, set)
    }

    /// The rules of the configuration, in the place of all that there are.
    fn policy(&mut self, configuration: &Configuration) -> Result<(), Failure> {
        let before = self.client.policy()?.items;
        if !(before.is_empty() && configuration.rules.is_empty()) {
            self.client.replace_policy(&configuration.rules)?;
            self.undo.push(Undo::Policy(before));
        }
        Ok(())
    }

    /// Every setting: as the configuration says, or its default.
    fn settings(&mut self, configuration: &Configuration) -> Result<(), Failure> {
        let named = |attribute: &Attribute| {
            let found = configuration.settings.iter();
            let mut found = found.filter(|(one, _)| one.number == attribute.number);
            found.next().map(|(_, value)| *value)
        };
        let mut changes = Vec::new();
        let mut before = Vec::new();
        for setting in self.client.settings()? {
            let wanted = named(setting.attribute).or(setting.attribute.default_value());
            let now = u32::try_from(setting.value).ok();
            if let (Some(wanted), Some(now)) = (wanted, now) {
                if wanted != now {
                    changes.push((setting.attribute, wanted));
                    before.push((setting.attribute, now));
                }
            }
        }
        if !changes.is_empty() {
            self.client.change_settings(&changes)?;
            self.undo.push(Undo::Settings(before));
        }
        Ok(())
    }

    fn set(&mut self, entry: &SetEntry, places: &[Place], is_loaded: bool) -> Result<(), Failure> {
        let added = if is_loaded {
            hba::put(&mut self.rtnetlink, places)?
        } else {
            let (id, added) =
                hba::install(&mut self.client, &mut self.rtnetlink, &entry.file, places)?;
            self.undo.push(Undo::RemoveSet(id));
            added
        };
        self.undo.push(Undo::TakeAddresses(added));
        Ok(())
    }

    fn locators(&mut self, configuration: &Configuration) -> Result<(), Failure> {
        let sets = self.client.sets()?.items;
        let is_configured = |set: &&LoadedSet| {
            configuration
                .sets
                .iter()
                .any(|entry| entry.file.addresses() == set.addresses)
        };
        for locator in sets.iter().filter(is_configured).flat_map(|s| &s.locators) {
            let found = configuration
                .locators
                .iter()
                .find(|(address, _)| *address == locator.address);
            let wanted = found.map_or(Wish::default(), |(_, wish)| *wish).filled();
            let mut now = Wish::of(locator);
            // What a rule withdraws nobody need withdraw by hand.
            now.is_withdrawn &=
                wanted.is_withdrawn || may_use(&configuration.rules, locator.address);
            if wanted != now {
                wish(&mut self.client, locator.address, now, wanted)?;
                self.undo.push(Undo::Locator(locator.address, now));
            }
        }
        Ok(())
    }

    /// Undoes all steps, and tells what cannot be undone.
    fn undo(&mut self) {
        while let Some(step) = self.undo.pop() {
            if let Err(error) = self.undo_one(step) {
                warn(&format!("cannot undo a part of the restoration: {error}"));
            }
        }
    }

    fn undo_one(&mut self, step: Undo) -> Result<(), Failure> {
        match step {
            Undo::Settings(before) => self.client.change_settings(&before)?,
            Undo::Policy(before) => self.client.replace_policy(&before)?,
            Undo::RemoveSet(id) => self.client.remove_set(SetSelector::Id(id))?,
            Undo::TakeAddresses(added) => hba::take(&mut self.rtnetlink, &added),
            Undo::Locator(address, before) => self.wish_anew(address, before)?,
            Undo::LoadSet(set, held) => self.load_anew(&set, &held)?,
        }
        Ok(())
    }

    /// Makes a locator what it was.
    fn wish_anew(&mut self, address: Ipv6Addr, before: Wish) -> Result<(), Error> {
        let now = Wish::of(&self.client.locator(address)?);
        wish(&mut self.client, address, now, before)
    }

    /// Loads a set that was removed, with its addresses where they were and its locators as they were. It is loaded also if
    /// an address cannot be put back.
    fn load_anew(&mut self, set: &LoadedSet, held: &[Place]) -> Result<(), Failure> {
        let put = hba::put(&mut self.rtnetlink, held);
        let pds = set.pds.as_deref().unwrap_or_default();
        self.client
            .load_set(pds, &set.addresses, set.label.as_deref())?;
        for locator in &set.locators {
            self.wish_anew(locator.address, Wish::of(locator))?;
        }
        put.map(drop)
    }
}

/// Makes a locator what it is to be.
fn wish(client: &mut Client, address: Ipv6Addr, now: Wish, wanted: Wish) -> Result<(), Error> {
    match (now.is_withdrawn, wanted.is_withdrawn) {
        (true, false) => return client.add_locator(address, &wanted.preference),
        (false, true) => client.remove_locator(address)?,
        _ => {}
    }
    if now.preference != wanted.preference {
        client.change_locator(address, &wanted.preference)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use libshim6::spec;

    /// Else it could not be restored.
    #[test]
    fn every_setting_has_a_default() {
        let without: Vec<_> = spec::CONFIG
            .attributes
            .iter()
            .filter(|attribute| attribute.default_value().is_none())
            .map(|attribute| attribute.name)
            .collect();
        assert_eq!(without, [""; 0]);
    }

    #[test]
    fn a_prefix_that_goes_with_a_set_is_not_on_link_for_the_next() {
        let place = |address: &str, index, is_on_link| Place {
            address: address.parse().expect("an address"),
            index,
            is_on_link,
        };
        let gone = [
            place("2001:db8:a:1::7", 2, false),
            place("2001:db8:b:1::7", 3, true),
        ];
        let places = vec![
            place("2001:db8:a:1::8", 2, true),
            place("2001:db8:b:1::8", 3, true),
            place("2001:db8:a:1::8", 4, true),
        ];
        let on_link: Vec<_> = without(places, &gone)
            .iter()
            .map(|place| place.is_on_link)
            .collect();
        assert_eq!(on_link, [false, true, true]);
    }
}
