// SPDX-License-Identifier: GPL-2.0
//! Values that may follow a keyword, or stand by themselves: from the specification, or from the kernel as it is now. Where
//! the kernel cannot be asked, there are none.

use super::Candidate;
use crate::monitor;
use crate::policy;
use libshim6::rtnetlink::Rtnetlink;
use libshim6::spec::{self, AttributeSet, ContextState, Enumeration, PolicyAction, ReapState};
use libshim6::{Client, Context, ContextFilter, Error, LoadedSet, Pair};
use std::collections::BTreeMap;

/// Where `ip netns` keeps the names of namespaces.
const NAMESPACES: &str = "/run/netns";

/// Where a host keeps the names of its users.
const USERS: &str = "/etc/passwd";

/// The values of an option.
pub(super) fn of_option(name: &str) -> Vec<Candidate> {
    match name {
        "batch" => vec![Candidate::File],
        "netns" => {
            let names = std::fs::read_dir(NAMESPACES).into_iter().flatten();
            names
                .filter_map(Result::ok)
                .map(|entry| {
                    let name = entry.file_name().to_string_lossy().into_owned();
                    Candidate::new(name, "Network namespace")
                })
                .collect()
        }
        _ => Vec::new(),
    }
}

/// The values that the help of `verb` calls `value`, after `keyword` or by themselves. `plain` are those before it.
pub(super) fn of_word(verb: &str, keyword: &str, value: &str, plain: &[&str]) -> Vec<Candidate> {
    let object = verb.split(' ').next().unwrap_or_default();
    match (object, keyword, value) {
        (_, _, "FILE") => vec![Candidate::File],
        (_, _, "IF") => interfaces(),
        (_, "state", "STATE") => names::<ContextState>(),
        (_, "reap", "STATE") => names::<ReapState>(),
        ("set", "", _) => settings_or_value(plain),
        ("show", "", _) => attributes(&spec::CONFIG),
        ("stats", "", _) => attributes(&spec::STATS),
        ("monitor", "", _) => monitor::OBJECTS
            .iter()
            .map(|object| Candidate::new(*object, "Events of these only"))
            .collect(),
        ("policy", "", "ACTION") => names::<PolicyAction>(),
        ("policy", "", "ID") => rules(),
        ("policy", "user", _) => users(),
        ("context", "hba", "ID") => sets(|set| set.id.to_string()),
        ("context", "", "ID") => contexts(|context| vec![context.id.to_string()]),
        ("hba", _, "SET") => sets(|set| set.label.clone().unwrap_or_else(|| set.id.to_string())),
        (_, "peer", "ADDRESS") | ("peer", "", "ADDRESS") => {
            contexts(|context| vec![context.ulids.peer.to_string()])
        }
        (_, "to", "ADDRESS") => contexts(|context| {
            let locators = context.locators_peer.iter();
            locators.map(|one| one.address.to_string()).collect()
        }),
        (_, "local" | "from", "ADDRESS") | ("locator", "", "ADDRESS") => locators(),
        (_, _, choice) if choice.contains('|') => choice
            .split('|')
            .map(|word| Candidate::new(word, ""))
            .collect(),
        _ => Vec::new(),
    }
}

/// After the name of a setting comes its value, and then the next name.
fn settings_or_value(plain: &[&str]) -> Vec<Candidate> {
    let names = match plain {
        ["show" | "list", ..] => return attributes(&spec::CONFIG),
        names => names,
    };
    match names.last() {
        Some(name) if names.len() % 2 == 1 => {
            let found = spec::CONFIG.attributes.iter();
            let attribute = found.clone().find(|a| a.name.starts_with(name));
            let is_switch = attribute.is_some_and(|attribute| attribute.max == Some(1));
            let words: &[&str] = if is_switch {
                &["default", "on", "off"]
            } else {
                &["default"]
            };
            words
                .iter()
                .map(|word| Candidate::new(*word, attribute.map_or("", |a| a.doc)))
                .collect()
        }
        Some(_) => attributes(&spec::CONFIG),
        None => {
            let mut all = attributes(&spec::CONFIG);
            all.push(Candidate::new("show", "Show settings"));
            all
        }
    }
}

fn attributes(set: &AttributeSet) -> Vec<Candidate> {
    set.attributes
        .iter()
        .map(|attribute| Candidate::new(attribute.name, attribute.doc))
        .collect()
}

fn names<E: Enumeration>() -> Vec<Candidate> {
    E::ALL
        .iter()
        .map(|entry| Candidate::new(entry.name, entry.doc))
        .collect()
}

/// Words of each context, every one once, with what the first context with it is.
fn contexts(words: impl Fn(&Context) -> Vec<String>) -> Vec<Candidate> {
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    let note = |context: Context| -> Result<(), Error> {
        let Pair { local, peer } = context.ulids;
        for word in words(&context) {
            found
                .entry(word)
                .or_insert_with(|| format!("{local} to {peer}, {}", context.state.name()));
        }
        Ok(())
    };
    // Without the kernel's answer nothing, or what came of it, is offered.
    let _ = Client::open()
        .and_then(|mut client| client.visit_contexts(&ContextFilter::default(), note));
    found
        .into_iter()
        .map(|(word, meaning)| Candidate::new(word, meaning))
        .collect()
}

fn locators() -> Vec<Candidate> {
    let listing = Client::open().and_then(|mut client| client.locators());
    let locators = listing.map(|listing| listing.items).unwrap_or_default();
    locators
        .iter()
        .map(|one| Candidate::new(one.address.to_string(), one.status.name()))
        .collect()
}

fn sets(word: impl Fn(&LoadedSet) -> String) -> Vec<Candidate> {
    let listing = Client::open().and_then(|mut client| client.sets());
    let sets = listing.map(|listing| listing.items).unwrap_or_default();
    sets.iter()
        .map(|set| {
            let addresses: Vec<_> = set.addresses.iter().map(ToString::to_string).collect();
            Candidate::new(word(set), addresses.join(" "))
        })
        .collect()
}

fn rules() -> Vec<Candidate> {
    let listing = Client::open().and_then(|mut client| client.policy());
    let rules = listing.map(|listing| listing.items).unwrap_or_default();
    rules
        .iter()
        .map(|rule| Candidate::new(rule.id.unwrap_or_default().to_string(), policy::write(rule)))
        .collect()
}

/// Those that the host itself knows; a directory may know far too many.
fn users() -> Vec<Candidate> {
    let text = std::fs::read_to_string(USERS).unwrap_or_default();
    text.lines()
        .filter_map(|line| {
            let mut fields = line.split(':');
            let (name, number) = (fields.next()?, fields.nth(1)?);
            Some(Candidate::new(name, format!("User {number}")))
        })
        .collect()
}

fn interfaces() -> Vec<Candidate> {
    let listing = Rtnetlink::open().and_then(|mut rtnetlink| rtnetlink.interfaces());
    let interfaces = listing.map(|listing| listing.items).unwrap_or_default();
    interfaces
        .iter()
        .map(|interface| Candidate::new(interface.name.as_str(), "Interface"))
        .collect()
}
