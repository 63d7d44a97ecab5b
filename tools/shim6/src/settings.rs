// SPDX-License-Identifier: GPL-2.0
//! `shim6 set`: the settings of a namespace, with their units and bounds.

use crate::failure::Failure;
use crate::grammar::{Grammar, Plain};
use crate::json;
use crate::output::Output;
use libshim6::spec::{self, Attribute};
use libshim6::{Client, Setting};

/// The words of `set`.
pub(crate) const GRAMMAR: Grammar = Grammar {
    verb: "set",
    plain: Some(Plain {
        name: "[show] [NAME [VALUE]]",
        min: 0,
        max: 64,
        help: "Settings to show, or to change with their values; default is the value that a setting has from the start",
    }),
    keywords: &[],
};

/// The words of `show`.
pub(crate) const SHOW: Grammar = Grammar {
    verb: "show",
    plain: Some(Plain {
        name: "NAME",
        min: 0,
        max: 64,
        help: "Settings to show; all if there is none",
    }),
    keywords: &[],
};

/// Every setting with its bounds, for the help.
pub(crate) fn explanation() -> String {
    let mut text = "Without a value, settings are shown. Times are in milliseconds, or have a unit: ms, s, m, h.\n\n".to_owned();
    for attribute in spec::CONFIG.attributes {
        text.push_str(&format!(
            "  {} ({})\n      {}\n",
            attribute.name,
            bounds(attribute),
            attribute.doc
        ));
    }
    text
}

fn bounds(attribute: &Attribute) -> String {
    format!(
        "{} to {}",
        attribute.min.unwrap_or(0),
        attribute.max.unwrap_or(u32::MAX)
    )
}

/// Shows or changes settings.
pub(crate) fn act(words: &[&str], output: &mut Output) -> Result<(), Failure> {
    match words {
        [] => show(&[], output),
        ["show" | "list", names @ ..] => show(names, output),
        [name] => show(&[name], output),
        words => {
            let changes = changes(words).map_err(Failure::Usage)?;
            Ok(Client::open()?.change_settings(&changes)?)
        }
    }
}

/// Shows settings.
pub(crate) fn show(names: &[&str], output: &mut Output) -> Result<(), Failure> {
    let wanted: Vec<_> = names
        .iter()
        .map(|name| setting(name))
        .collect::<Result<_, _>>()
        .map_err(Failure::Usage)?;
    let mut settings = Client::open()?.settings()?;
    settings.retain(|one| {
        wanted.is_empty()
            || wanted
                .iter()
                .any(|attribute| attribute.number == one.attribute.number)
    });
    if output.options.json {
        let value = if output.options.details {
            json::explained(&settings)
        } else {
            json::values(&settings)
        };
        return output.json(&value);
    }
    for setting in &settings {
        output.record(&lines(setting, output))?;
    }
    Ok(())
}

fn lines(setting: &Setting, output: &Output) -> Vec<String> {
    let attribute = setting.attribute;
    if output.options.brief {
        return vec![format!("{:<22} {}", attribute.name, setting.value)];
    }
    let unit = attribute
        .unit()
        .map(|unit| format!(" {unit}"))
        .unwrap_or_default();
    let mut line = format!(
        "{:<22} {}{unit} ({}",
        attribute.name,
        setting.value,
        bounds(attribute)
    );
    if let Some(default) = attribute.default_value() {
        line.push_str(&format!(", default {default}"));
    }
    let mut lines = vec![line + ")"];
    if output.options.details {
        lines.push(attribute.doc.to_owned());
    }
    lines
}

/// The setting of a name, which may be abbreviated.
pub(crate) fn setting(name: &str) -> Result<&'static Attribute, String> {
    if let Some(exact) = spec::CONFIG.by_name(name) {
        return Ok(exact);
    }
    let fitting: Vec<_> = spec::CONFIG
        .attributes
        .iter()
        .filter(|a| !name.is_empty() && a.name.starts_with(name))
        .collect();
    let names = || {
        fitting
            .iter()
            .map(|attribute| attribute.name)
            .collect::<Vec<_>>()
            .join(", ")
    };
    match fitting.as_slice() {
        [attribute] => Ok(attribute),
        [] => Err(format!(
            "set: \"{name}\" is not a setting; see \"shim6 set\""
        )),
        _ => Err(format!("set: \"{name}\" could be {}", names())),
    }
}

/// Reads names with their values.
fn changes(words: &[&str]) -> Result<Vec<(&'static Attribute, u32)>, String> {
    let mut changes: Vec<(&'static Attribute, u32)> = Vec::new();
    for pair in words.chunks(2) {
        let &[name, value] = pair else {
            return Err(format!(
                "set: a value is missing after \"{}\"",
                pair.join(" ")
            ));
        };
        let attribute = setting(name)?;
        if changes
            .iter()
            .any(|(earlier, _)| earlier.number == attribute.number)
        {
            return Err(format!("set: \"{}\" is given twice", attribute.name));
        }
        changes.push((attribute, value_of(attribute, value)?));
    }
    Ok(changes)
}

/// Reads the value of a setting. The kernel checks its bounds.
pub(crate) fn value_of(attribute: &Attribute, word: &str) -> Result<u32, String> {
    let is_switch = attribute.max == Some(1);
    if let ("default", Some(value)) = (word, attribute.default_value()) {
        return Ok(value);
    }
    match word {
        "on" | "yes" if is_switch => return Ok(1),
        "off" | "no" if is_switch => return Ok(0),
        _ => {}
    }
    let wrong = || format!("set: \"{word}\" is not a value of {}", attribute.name);
    let is_time = attribute.unit() == Some("milliseconds");
    let (number, factor) = number_and_factor(word, is_time).ok_or_else(wrong)?;
    number
        .checked_mul(factor)
        .ok_or_else(|| format!("set: {word} is too large for {}", attribute.name))
}

/// Reads a number, and what its unit makes of it: times have units.
fn number_and_factor(word: &str, is_time: bool) -> Option<(u32, u32)> {
    let digits = word.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let factor: u32 = match (word.get(digits.len()..)?, is_time) {
        ("", _) | ("ms", true) => 1,
        ("s", true) => 1000,
        ("m", true) => 60_000,
        ("h", true) => 3_600_000,
        _ => return None,
    };
    Some((digits.parse().ok()?, factor))
}

/// Reads a time, in milliseconds if it has no unit.
pub(crate) fn milliseconds(word: &str) -> Option<u32> {
    let (number, factor) = number_and_factor(word, true)?;
    number.checked_mul(factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changed(words: &[&str]) -> Result<Vec<(&'static str, u32)>, String> {
        Ok(changes(words)?
            .into_iter()
            .map(|(attribute, value)| (attribute.name, value))
            .collect())
    }

    #[test]
    fn times_have_units_and_switches_have_words() {
        let read = changed(&[
            "send-timeout",
            "10s",
            "start-time",
            "1500",
            "idle",
            "2h",
            "icmp",
            "on",
            "start-p",
            "7",
        ]);
        let expected = [
            ("send-timeout", 10_000),
            ("start-time", 1500),
            ("idle-timeout", 7_200_000),
            ("icmp-deliver-all", 1),
            ("start-packets", 7),
        ];
        assert_eq!(read, Ok(expected.to_vec()));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let complaint = |words: &[&str]| changed(words).expect_err("it is wrong");
        assert_eq!(
            complaint(&["nonsense", "1"]),
            "set: \"nonsense\" is not a setting; see \"shim6 set\""
        );
        assert_eq!(
            complaint(&["start", "1"]),
            "set: \"start\" could be start-packets, start-time"
        );
        assert_eq!(
            complaint(&["send-timeout", "10s", "idle-timeout"]),
            "set: a value is missing after \"idle-timeout\""
        );
        assert_eq!(
            complaint(&["start-packets", "5s"]),
            "set: \"5s\" is not a value of start-packets"
        );
        assert_eq!(
            complaint(&["send-timeout", "-5"]),
            "set: \"-5\" is not a value of send-timeout"
        );
        assert_eq!(
            complaint(&["send-timeout", "s"]),
            "set: \"s\" is not a value of send-timeout"
        );
        assert_eq!(
            complaint(&["send-timeout", "4294967296"]),
            "set: \"4294967296\" is not a value of send-timeout"
        );
        assert_eq!(
            complaint(&["send-timeout", "2000000h"]),
            "set: 2000000h is too large for send-timeout"
        );
        assert_eq!(
            complaint(&["send-timeout", "1s", "send", "2s"]),
            "set: \"send-timeout\" is given twice"
        );
    }
}
