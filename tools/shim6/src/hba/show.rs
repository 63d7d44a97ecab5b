// SPDX-License-Identifier: GPL-2.0
//! `shim6 hba show` and `shim6 hba verify`.

use crate::failure::Failure;
use crate::grammar::{Grammar, Keyword, Plain};
use crate::json;
use crate::output::{warn_if_interrupted, Output};
use crate::show::{self, Interfaces};
use libshim6::{Client, Listing, SetFile};
use serde_json::Value;

/// The words of `hba show`.
pub(crate) const SHOW: Grammar = Grammar {
    verb: "hba show",
    plain: Some(Plain {
        name: "SET",
        min: 0,
        max: 1,
        help: "A set by its number, an address of it, or its label",
    }),
    keywords: &[Keyword::new(
        "file",
        "FILE",
        "The set in this file, loaded or not",
    )],
};

/// The words of `hba verify`.
pub(crate) const VERIFY: Grammar = Grammar {
    verb: "hba verify",
    plain: Some(Plain {
        name: "FILE",
        min: 1,
        max: 1,
        help: "The file of a set",
    }),
    keywords: &[],
};

/// Shows sets that are loaded, or that of a file.
pub(crate) fn show(words: &[&str], output: &mut Output) -> Result<(), Failure> {
    let words = SHOW.read(words).map_err(Failure::Usage)?;
    let listing = match (words.plain.first(), words.get("file")) {
        (Some(_), Some(_)) => {
            return Err(Failure::usage(
                "hba show: a set and a file do not go together".to_owned(),
            ))
        }
        (None, Some(path)) => return show_file(&super::read(path)?, path, output),
        (Some(word), None) => Listing {
            items: vec![super::remove::find(&mut Client::open()?, word)?],
            is_interrupted: false,
        },
        (None, None) => Client::open()?.sets()?,
    };
    let interfaces = Interfaces::ask()?;
    if output.options.json {
        let sets: Value = listing
            .items
            .iter()
            .map(|set| json::set(set, &interfaces))
            .collect();
        output.json(&sets)?;
    } else {
        for set in &listing.items {
            if output.options.brief {
                output.line(&show::brief_set(set))?;
            } else {
                output.record(&show::set(set, &interfaces, output))?;
            }
        }
    }
    warn_if_interrupted(listing.is_interrupted);
    Ok(())
}

fn show_file(file: &SetFile, path: &str, output: &mut Output) -> Result<(), Failure> {
    if output.options.json {
        let sets: Value = [json::set_file(file, Some(path))].into_iter().collect();
        return output.json(&sets);
    }
    let label = file
        .label
        .as_ref()
        .map(|label| format!(" label {label}"))
        .unwrap_or_default();
    let mut lines = vec![format!(
        "hba file {path}{label} sec {}",
        file.set.sec().get()
    )];
    lines.extend(
        file.addresses()
            .iter()
            .map(|address| format!("address {address}")),
    );
    if output.options.details {
        lines.push(format!("parameters {}", json::hex(file.set.pds())));
    }
    output.record(&lines)
}

/// Checks the file of a set.
pub(crate) fn verify(words: &[&str], output: &mut Output) -> Result<(), Failure> {
    let words = VERIFY.read(words).map_err(Failure::Usage)?;
    let path = words.plain.first().copied().unwrap_or_default();
    // Reading a file verifies it.
    let file = super::read(path)?;
    show_file(&file, path, output)
}
