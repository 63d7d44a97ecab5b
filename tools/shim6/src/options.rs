// SPDX-License-Identifier: GPL-2.0
//! The options before the object, spelled as `ip` spells them.

use clap::ArgMatches;
use std::ffi::OsString;
use std::io::IsTerminal;

/// What the options say.
#[derive(Clone, Debug, Default)]
pub(crate) struct Options {
    pub(crate) json: bool,
    pub(crate) pretty: bool,
    pub(crate) statistics: bool,
    pub(crate) details: bool,
    pub(crate) oneline: bool,
    pub(crate) brief: bool,
    /// Times without a date.
    pub(crate) short_time: bool,
    pub(crate) color: bool,
    pub(crate) netns: Option<String>,
    /// The file of command lines.
    pub(crate) batch: Option<String>,
    /// Whether a line of it that fails is passed over.
    pub(crate) force: bool,
}

impl Options {
    pub(crate) fn from(matches: &ArgMatches) -> Options {
        let color = match matches.get_one::<String>("color").map(String::as_str) {
            Some("always") => true,
            Some("never") => false,
            // As with any other program: colour where a person looks, unless they say no.
            _ => std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none(),
        };
        Options {
            json: matches.get_flag("json"),
            pretty: matches.get_flag("pretty"),
            statistics: matches.get_flag("statistics"),
            details: matches.get_flag("details"),
            oneline: matches.get_flag("oneline"),
            brief: matches.get_flag("brief"),
            short_time: matches.get_flag("tshort"),
            color,
            netns: matches.get_one::<String>("netns").cloned(),
            batch: matches.get_one::<String>("batch").cloned(),
            force: matches.get_flag("force"),
        }
    }
}

/// The long options that `ip` writes with one dash, in the order in which abbreviations are tried.
pub(crate) const LONG: [&str; 13] = [
    "json",
    "pretty",
    "statistics",
    "details",
    "oneline",
    "timestamp",
    "tshort",
    "netns",
    "brief",
    "batch",
    "force",
    "color",
    "Version",
];

/// Rewrites `-br`, `-json`, `-ts`, `-color=never` and their like to what clap knows. Only options before the object are
/// looked at, but an object with an option of its verb `show` gets that verb.
pub(crate) fn normalise(arguments: Vec<OsString>) -> Vec<OsString> {
    let mut normal = Vec::with_capacity(arguments.len());
    let mut arguments = arguments.into_iter();
    normal.extend(arguments.next());
    while let Some(argument) = arguments.next() {
        let text = argument.to_string_lossy();
        let Some(name) = text.strip_prefix('-') else {
            normal.push(argument);
            break;
        };
        let is_long_of = |full: &str| name.len() > 1 && full.starts_with(name);
        let takes_value = matches!(name, "n" | "b" | "-netns" | "-batch")
            || is_long_of("netns")
            || name.len() > 2 && is_long_of("batch");
        normal.push(long(name).unwrap_or_else(|| argument.clone()));
        if takes_value {
            normal.extend(arguments.next());
        }
    }
    let mut rest = arguments.peekable();
    if rest.peek().is_some_and(is_of_show) {
        normal.push("show".into());
    }
    normal.extend(rest);
    normal
}

/// Whether a word after an object is an option of its verb `show`, as in `shim6 stats --prometheus`.
fn is_of_show(word: &OsString) -> bool {
    let word = word.to_string_lossy();
    word.starts_with("--") && word.len() > 2 && word != "--help"
}

/// The long option that a name after one dash stands for. None if it has one letter only, or two dashes.
fn long(name: &str) -> Option<OsString> {
    let (name, value) = name
        .split_once('=')
        .map_or((name, None), |(name, value)| (name, Some(value)));
    let name = if name == "ts" { "tshort" } else { name };
    let is_long = name.len() > 1 || value.is_some();
    let full = LONG
        .iter()
        .find(|full| is_long && !name.is_empty() && full.starts_with(name))?;
    let full = if *full == "Version" { "version" } else { full };
    Some(
        value
            .map_or_else(|| format!("--{full}"), |value| format!("--{full}={value}"))
            .into(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normal(line: &str) -> String {
        let words = normalise(line.split(' ').map(OsString::from).collect());
        words
            .iter()
            .map(|word| word.to_string_lossy())
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn options_are_spelled_as_ip_spells_them() {
        assert_eq!(
            normal("shim6 -br -ts -j -c=never context"),
            "shim6 --brief --tshort -j --color=never context"
        );
        assert_eq!(
            normal("shim6 -det -stat -V"),
            "shim6 --details --statistics -V"
        );
        assert_eq!(normal("shim6 -Version"), "shim6 --version");
        assert_eq!(
            normal("shim6 --json -netns -br monitor"),
            "shim6 --json --netns -br monitor"
        );
    }

    #[test]
    fn a_batch_has_a_file_and_br_is_brief() {
        assert_eq!(normal("shim6 -b - -force"), "shim6 -b - --force");
        assert_eq!(normal("shim6 -bat -x status"), "shim6 --batch -x status");
        assert_eq!(normal("shim6 -b -"), "shim6 -b -");
    }

    #[test]
    fn an_option_of_show_needs_no_show() {
        assert_eq!(
            normal("shim6 stats --prometheus"),
            "shim6 stats show --prometheus"
        );
        assert_eq!(normal("shim6 stats --help"), "shim6 stats --help");
    }

    #[test]
    fn words_after_the_object_are_left_alone() {
        assert_eq!(normal("shim6 hba -br"), "shim6 hba -br");
        assert_eq!(
            normal("shim6 -n a hba generate -details"),
            "shim6 -n a hba generate -details"
        );
    }
}
