// SPDX-License-Identifier: GPL-2.0
//! The parser of the command line and its help, made from the table in [`crate::tree`].

use crate::grammar::Grammar;
use crate::tree::{Object, Verb, OBJECTS};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, ArgMatches, Command};

/// The identifier of the words after a verb.
const WORDS: &str = "words";

/// The exit status, for people.
pub const EXIT_STATUS: [(&str, &str); 3] = [
    ("0", "All went well."),
    (
        "1",
        "The command line, or a file that it names, is wrong; nothing was changed.",
    ),
    (
        "2",
        "The kernel refused, in its own words; or the module is not loaded.",
    ),
];

/// An option before the object.
pub struct Opt {
    /// The long name.
    pub name: &'static str,
    /// The letter.
    pub short: Option<char>,
    /// What its value is called; empty if it has none.
    pub value: &'static str,
    /// What it does.
    pub help: &'static str,
}

const fn opt(
    name: &'static str,
    short: Option<char>,
    value: &'static str,
    help: &'static str,
) -> Opt {
    Opt {
        name,
        short,
        value,
        help,
    }
}

/// The options before the object, but `color` and `version`, in the order of the help.
pub const OPTIONS: [Opt; 13] = [
    opt("json", Some('j'), "", "Print JSON"),
    opt("pretty", Some('p'), "", "Print JSON for people, too"),
    opt("statistics", Some('s'), "", "Show counters"),
    opt(
        "details",
        Some('d'),
        "",
        "Show all there is, with explanations",
    ),
    opt(
        "oneline",
        Some('o'),
        "",
        "Print each record on one line, with \\ for its line breaks",
    ),
    opt(
        "timestamp",
        Some('t'),
        "",
        "Print the time of each event, which monitor does anyway",
    ),
    opt(
        "tshort",
        None,
        "",
        "Print times without the date (also -ts)",
    ),
    opt("brief", None, "", "Print little, in columns (also -br)"),
    opt(
        "netns",
        Some('n'),
        "NETNS",
        "Act in this network namespace of ip netns",
    ),
    opt(
        "batch",
        Some('b'),
        "FILE",
        "Read command lines from a file, or from the standard input if it is -",
    ),
    opt(
        "force",
        None,
        "",
        "Go on after a line of -batch that failed",
    ),
    opt(
        "color",
        Some('c'),
        "WHEN",
        "Use colours: always, auto (on a terminal; as without the option) or never",
    ),
    opt("version", Some('V'), "", "Print the version"),
];

/// The whole command.
pub fn command() -> Command {
    Command::new("shim6")
        .version(env!("CARGO_PKG_VERSION"))
        .about("Control of Shim6 (RFC 5533): connections that survive the loss of a provider")
        .after_help(examples())
        .infer_subcommands(true)
        .infer_long_args(true)
        .subcommand_help_heading("Objects")
        .subcommand_value_name("OBJECT")
        .disable_version_flag(true)
        .args(OPTIONS.iter().map(argument))
        .subcommands(OBJECTS.iter().map(object))
}

/// One example of each kind of use, and the exit status.
fn examples() -> String {
    let mut text = String::from("Examples:\n");
    let first = |object: &Object| object.examples.first().map(|(line, _)| *line);
    for line in OBJECTS.iter().filter_map(first) {
        text.push_str(&format!("  {line}\n"));
    }
    text.push_str("\nExit status:\n");
    for (status, meaning) in EXIT_STATUS {
        text.push_str(&format!("  {status}  {meaning}\n"));
    }
    text
}

fn argument(option: &'static Opt) -> Arg {
    let mut arg = Arg::new(option.name).long(option.name).help(option.help);
    if let Some(short) = option.short {
        arg = arg.short(short);
    }
    match option.name {
        "color" => arg
            .value_name(option.value)
            .num_args(0..=1)
            .require_equals(true)
            .default_missing_value("always")
            .value_parser(["always", "auto", "never"]),
        "version" => arg.action(ArgAction::Version),
        _ if option.value.is_empty() => arg.action(ArgAction::SetTrue),
        _ => arg.value_name(option.value),
    }
}

fn object(object: &'static Object) -> Command {
    let notes = (object.notes)();
    let command = match object.own_grammar() {
        Some(grammar) => leaf(object.name, object.about, grammar),
        None => Command::new(object.name)
            .about(object.about)
            .infer_subcommands(true)
            .subcommand_value_name("VERB")
            .subcommand_help_heading("Verbs")
            .subcommands(object.verbs.iter().map(verb)),
    };
    if notes.is_empty() {
        command
    } else {
        command.after_help(notes)
    }
}

fn verb(verb: &'static Verb) -> Command {
    let command = leaf(verb.name, verb.about, verb.grammar);
    match verb.alias {
        Some(alias) => command.visible_alias(alias),
        None => command,
    }
}

/// A command whose words a grammar reads.
fn leaf(name: &'static str, about: &'static str, grammar: &Grammar) -> Command {
    let words = Arg::new(WORDS)
        .num_args(0..)
        .trailing_var_arg(true)
        .allow_hyphen_values(true)
        .hide(true);
    Command::new(name)
        .about(about)
        .arg(words)
        .override_usage(format!("shim6 {} {}", grammar.verb, grammar.usage()))
        .after_help(grammar.explanation())
}

/// The help of an object's verb, or of an object without verbs.
pub(crate) fn help(object: &str, verb: &str) -> String {
    let mut command = command();
    command.build();
    let found =
        command
            .find_subcommand_mut(object)
            .map(|object| match object.find_subcommand(verb) {
                Some(verb) => verb.clone(),
                None => object.clone(),
            });
    found
        .map(|mut command| command.render_help().to_string())
        .unwrap_or_default()
}

/// The verb, `show` if there is none, and the words after it.
pub(crate) fn verb_and_words(object: &ArgMatches) -> (String, Vec<String>) {
    match object.subcommand() {
        Some((verb, rest)) => (verb.to_owned(), words(rest)),
        None => ("show".to_owned(), words(object)),
    }
}

fn words(matches: &ArgMatches) -> Vec<String> {
    matches
        .try_get_many(WORDS)
        .ok()
        .flatten()
        .map(|words| words.cloned().collect())
        .unwrap_or_default()
}

/// What is wrong with a command line, in one sentence.
pub(crate) fn explain(error: &clap::Error) -> String {
    let told = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.clone()),
        Some(ContextValue::Strings(texts)) => Some(texts.join(", ")),
        _ => None,
    };
    match (
        error.kind(),
        told(ContextKind::InvalidSubcommand),
        told(ContextKind::InvalidArg),
    ) {
        (ErrorKind::InvalidSubcommand, Some(word), _) => {
            let near = told(ContextKind::SuggestedSubcommand).unwrap_or_default();
            let begins: Vec<_> = near
                .split(", ")
                .filter(|near| near.starts_with(&word))
                .collect();
            match (begins.is_empty(), near.is_empty()) {
                (false, _) => format!("\"{word}\" could be {}", begins.join(", ")),
                (true, false) => format!("\"{word}\" is not known; do you mean {near}?"),
                (true, true) => format!("\"{word}\" is not known; see \"shim6 help\""),
            }
        }
        (
            ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand,
            ..,
        ) => "an object is missing; see \"shim6 help\"".to_owned(),
        (ErrorKind::InvalidValue, _, Some(option)) => {
            format!(
                "option {option}: \"{}\" is wrong",
                told(ContextKind::InvalidValue).unwrap_or_default()
            )
        }
        (_, _, Some(word)) => format!("\"{word}\" is not known here; see \"shim6 help\""),
        _ => error
            .to_string()
            .lines()
            .next()
            .unwrap_or_default()
            .trim_start_matches("error: ")
            .to_owned(),
    }
}
