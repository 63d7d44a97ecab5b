// SPDX-License-Identifier: GPL-2.0
//! `shim6 locator`.

use crate::failure::Failure;
use crate::grammar::{self, Grammar, Plain};
use crate::json;
use crate::output::{warn_if_interrupted, Output};
use crate::show::{self, Interfaces};
use libshim6::{Client, Listing};
use serde_json::Value;

/// The words of `locator show`.
pub(crate) const SHOW: Grammar = Grammar {
    verb: "locator show",
    plain: Some(Plain {
        name: "ADDRESS",
        min: 0,
        max: 1,
        help: "A local locator",
    }),
    keywords: &[],
};

/// Shows local locators.
pub(crate) fn act(words: &[&str], output: &mut Output) -> Result<(), Failure> {
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
