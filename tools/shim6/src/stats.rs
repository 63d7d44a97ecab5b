// SPDX-License-Identifier: GPL-2.0
//! `shim6 stats`.

use crate::failure::Failure;
use crate::grammar::{Grammar, Plain};
use crate::json;
use crate::output::Output;
use libshim6::{spec, Client};

/// The words of `stats show`.
pub(crate) const SHOW: Grammar = Grammar {
    verb: "stats show",
    plain: Some(Plain {
        name: "NAME",
        min: 0,
        max: 128,
        help: "Statistics to show, by the beginning of their name",
    }),
    keywords: &[],
};

/// Shows statistics.
pub(crate) fn act(words: &[&str], output: &mut Output) -> Result<(), Failure> {
    let words = SHOW.read(words).map_err(Failure::Usage)?;
    if let Some(wrong) = words.plain.iter().find(|word| {
        !spec::STATS
            .attributes
            .iter()
            .any(|a| a.name.starts_with(**word))
    }) {
        return Err(Failure::usage(format!(
            "stats show: \"{wrong}\" is not the name of a statistic"
        )));
    }
    let mut statistics = Client::open()?.statistics()?;
    statistics.retain(|one| {
        words.plain.is_empty()
            || words
                .plain
                .iter()
                .any(|word| one.attribute.name.starts_with(word))
    });
    if output.options.json {
        return output.json(&json::values(&statistics));
    }
    for one in &statistics {
        let mut lines = vec![format!("{:<22} {}", one.attribute.name, one.value)];
        if output.options.details {
            lines.push(one.attribute.doc.to_owned());
        }
        output.record(&lines)?;
    }
    Ok(())
}
