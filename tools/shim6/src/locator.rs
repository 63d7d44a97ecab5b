// SPDX-License-Identifier: GPL-2.0
//! `shim6 locator`.

use crate::failure::Failure;
use crate::grammar::{self, Grammar, Keyword, Plain, Words};
use crate::json;
use crate::output::{warn_if_interrupted, Output};
use crate::show::{self, Interfaces};
use libshim6::{spec, Client, Listing, LocatorChange};
use serde_json::Value;
use std::net::Ipv6Addr;

const ADDRESS: Plain = Plain {
    name: "ADDRESS",
    min: 1,
    max: 1,
    help: "A local locator",
};

/// What a preference is made of (RFC 5533 section 5.15.3).
const PREFERENCE: [Keyword; 4] = [
    Keyword::new(
        "priority",
        "NUMBER",
        "0 to 255: locators with the lowest are used first",
    ),
    Keyword::new("weight", "NUMBER", "0 to 255, among those of one priority"),
    Keyword::new("broken", "on|off", "Whether it is told to be broken"),
    Keyword::new(
        "temporary",
        "on|off",
        "Whether it is told to be short-lived, and so to be used after the others",
    ),
];

/// The words of `locator show`.
pub(crate) const SHOW: Grammar = Grammar {
    verb: "locator show",
    plain: Some(Plain { min: 0, ..ADDRESS }),
    keywords: &[],
};

/// The words of `locator set`.
pub(crate) const SET: Grammar = Grammar {
    verb: "locator set",
    plain: Some(ADDRESS),
    keywords: &PREFERENCE,
};

/// The words of `locator add`.
pub(crate) const ADD: Grammar = Grammar {
    verb: "locator add",
    plain: Some(ADDRESS),
    keywords: &PREFERENCE,
};

/// The words of `locator del`.
pub(crate) const DEL: Grammar = Grammar {
    verb: "locator del",
    plain: Some(ADDRESS),
    keywords: &[],
};

/// Does what a verb says.
pub(crate) fn act(verb: &str, words: &[&str], output: &mut Output) -> Result<(), Failure> {
    match verb {
        "set" => {
            let (address, words) = wanted(&SET, words)?;
            if !PREFERENCE.iter().any(|keyword| words.has(keyword.name)) {
                return Err(Failure::usage(format!(
                    "locator set: one of {} is missing",
                    PREFERENCE.map(|keyword| keyword.name).join(", ")
                )));
            }
            let mut client = Client::open()?;
            let before = client.locator(address)?.flags;
            let preference = preference(&words, before).map_err(Failure::Usage)?;
            Ok(client.change_locator(address, &preference)?)
        }
        "add" => {
            let (address, words) = wanted(&ADD, words)?;
            let mut client = Client::open()?;
            let before = client.locator(address)?.flags;
            let preference = preference(&words, before).map_err(Failure::Usage)?;
            Ok(client.add_locator(address, &preference)?)
        }
        "del" => {
            let words = DEL.read(words).map_err(Failure::Usage)?;
            let address = plain(&words).map_err(Failure::Usage)?;
            Ok(Client::open()?.remove_locator(address)?)
        }
        _ => show(words, output),
    }
}

/// The locator and the words of a preference, which are right.
fn wanted<'a>(grammar: &Grammar, words: &[&'a str]) -> Result<(Ipv6Addr, Words<'a>), Failure> {
    let words = grammar.read(words).map_err(Failure::Usage)?;
    let address = plain(&words).map_err(Failure::Usage)?;
    preference(&words, 0).map_err(Failure::Usage)?;
    Ok((address, words))
}

/// The locator that stands by itself.
pub(crate) fn plain(words: &Words<'_>) -> Result<Ipv6Addr, String> {
    grammar::address(words.plain.first().copied().unwrap_or_default())
}

/// The preference that words describe, for a locator that has the flags `before`.
pub(crate) fn preference(words: &Words<'_>, before: u32) -> Result<LocatorChange, String> {
    let number = |name| {
        words
            .get(name)
            .map(|value| grammar::number32(name, value))
            .transpose()
    };
    let mut flags = None;
    for (bit, name) in spec::LOCATOR_FLAGS {
        let Some(word) = words.get(name) else {
            continue;
        };
        let old = flags.unwrap_or(before);
        flags = Some(match word {
            "on" => old | bit,
            "off" => old & !bit,
            _ => return Err(format!("{name}: \"{word}\" is not on or off")),
        });
    }
    Ok(LocatorChange {
        flags,
        priority: number("priority")?,
        weight: number("weight")?,
    })
}

/// Shows local locators.
fn show(words: &[&str], output: &mut Output) -> Result<(), Failure> {
    let words = SHOW.read(words).map_err(Failure::Usage)?;
    let listing = match words.plain.first() {
        Some(word) => {
            let address = grammar::address(word).map_err(Failure::Usage)?;
            Listing {
                items: vec![Client::open()?.locator(address)?],
                is_interrupted: false,
            }
        }
        None => Client::open()?.locators()?,
    };
    let interfaces = Interfaces::ask()?;
    if output.options.json {
        let locators: Value = listing
            .items
            .iter()
            .map(|locator| json::locator(locator, &interfaces))
            .collect();
        output.json(&locators)?;
    } else {
        for locator in &listing.items {
            output.line(&show::locator(locator, &interfaces, output))?;
        }
    }
    warn_if_interrupted(listing.is_interrupted);
    Ok(())
}
