// SPDX-License-Identifier: GPL-2.0
//! `shim6 stats`, also as the text that Prometheus reads.

use crate::failure::Failure;
use crate::grammar::{Grammar, Keyword, Plain};
use crate::json;
use crate::output::Output;
use libshim6::spec::{self, Attribute};
use libshim6::{Client, Setting};
use std::fmt::Write as _;

/// The words of `stats show`.
pub(crate) const SHOW: Grammar = Grammar {
    verb: "stats show",
    plain: Some(Plain {
        name: "NAME",
        min: 0,
        max: 128,
        help: "Statistics to show: the one of that name, or all whose names begin so",
    }),
    keywords: &[Keyword::flag(
        "prometheus",
        "Print the text that Prometheus reads (also --prometheus)",
    )],
};

/// Every statistic with its meaning, for the help.
pub(crate) fn explanation() -> String {
    let mut text = format!("{}\n\n", spec::STATS.doc);
    for attribute in spec::STATS.attributes {
        // A text in memory takes all that is written to it.
        let _ = writeln!(text, "  {}\n      {}", attribute.name, attribute.doc);
    }
    text
}

/// Shows statistics.
pub(crate) fn act(words: &[&str], output: &mut Output) -> Result<(), Failure> {
    let words = SHOW.read(words).map_err(Failure::Usage)?;
    let attributes = spec::STATS.attributes;
    let is_chosen_by = |word: &str, name: &str| {
        name == word || name.starts_with(word) && !attributes.iter().any(|one| one.name == word)
    };
    if let Some(wrong) = words
        .plain
        .iter()
        .find(|word| !attributes.iter().any(|a| is_chosen_by(word, a.name)))
    {
        return Err(Failure::usage(format!(
            "stats show: \"{wrong}\" is not the name of a statistic"
        )));
    }
    if words.has("prometheus") && output.options.json {
        return Err(Failure::usage(
            "stats show: -json and \"prometheus\" do not go together".to_owned(),
        ));
    }
    let mut statistics = Client::open()?.statistics()?;
    statistics.retain(|one| {
        words.plain.is_empty()
            || words
                .plain
                .iter()
                .any(|word| is_chosen_by(word, one.attribute.name))
    });
    if words.has("prometheus") {
        return output.text(&prometheus(&statistics));
    }
    if output.options.json {
        let value = if output.options.details {
            json::explained(&statistics)
        } else {
            json::values(&statistics)
        };
        return output.json(&value);
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

/// Whether it is a present number, which may fall; the specification says so of each.
fn is_present_number(attribute: &Attribute) -> bool {
    attribute.doc.contains("at present")
}

/// The text exposition format of Prometheus, version 0.0.4.
fn prometheus(statistics: &[Setting]) -> String {
    let mut text = String::new();
    for one in statistics {
        let (kind, suffix) = if is_present_number(one.attribute) {
            ("gauge", "")
        } else {
            ("counter", "_total")
        };
        let name = format!("shim6_{}{suffix}", json::key(one.attribute.name));
        let help = one.attribute.doc.replace('\\', "\\\\");
        // A text in memory takes all that is written to it.
        let _ = writeln!(
            text,
            "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {}",
            one.value
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_present_numbers_are_gauges() {
        let gauges: Vec<_> = spec::STATS
            .attributes
            .iter()
            .filter(|attribute| is_present_number(attribute))
            .map(|attribute| attribute.name)
            .collect();
        assert_eq!(gauges, ["contexts", "hba-sets", "locators"]);
    }

    #[test]
    fn prometheus_reads_a_help_a_type_and_a_value_of_each() {
        let of = |name| Setting {
            attribute: spec::STATS.by_name(name).expect("a statistic"),
            value: 7,
        };
        assert_eq!(
            prometheus(&[of("tx-i1"), of("hba-sets")]),
            "# HELP shim6_tx_i1_total I1 messages sent.\n\
             # TYPE shim6_tx_i1_total counter\n\
             shim6_tx_i1_total 7\n\
             # HELP shim6_hba_sets HBA sets loaded at present.\n\
             # TYPE shim6_hba_sets gauge\n\
             shim6_hba_sets 7\n"
        );
    }
}
