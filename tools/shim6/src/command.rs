// SPDX-License-Identifier: GPL-2.0
//! The tree of objects and verbs with its help. Man pages and completions can be made from [`command`].

use crate::grammar::Grammar;
use crate::{context, hba, locator, monitor, peer, settings, stats, status};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, ArgMatches, Command};

/// The identifier of the words after a verb.
const WORDS: &str = "words";

const EXAMPLES: &str = "\
Examples:
  shim6 hba generate 2001:db8:a:1::/64 2001:db8:b:1::/64 file /etc/shim6/home
  shim6 hba load /etc/shim6/home
  shim6 status
  shim6 -j -p context show peer 2001:db8:c:1::80
  shim6 set send-timeout 10s
  shim6 monitor

Exit status: 0 if all went well, 1 if the command line or a file is wrong, 2 if the kernel refused.";

/// The whole command.
pub fn command() -> Command {
    Command::new("shim6")
        .version(env!("CARGO_PKG_VERSION"))
        .about("Control of Shim6 (RFC 5533): connections that survive the loss of a provider")
        .after_help(EXAMPLES)
        .infer_subcommands(true)
        .infer_long_args(true)
        .subcommand_required(true)
        .subcommand_help_heading("Objects")
        .subcommand_value_name("OBJECT")
        .disable_version_flag(true)
        .args(options())
        .subcommands(objects())
}

fn options() -> [Arg; 11] {
    let flag = |name: &'static str, short, help: &'static str| {
        Arg::new(name)
            .short(short)
            .long(name)
            .action(ArgAction::SetTrue)
            .help(help)
    };
    let long = |name: &'static str, help: &'static str| {
        Arg::new(name)
            .long(name)
            .action(ArgAction::SetTrue)
            .help(help)
    };
    [
        flag("json", 'j', "Print JSON"),
        flag("pretty", 'p', "Print JSON for people, too"),
        flag("statistics", 's', "Show counters"),
        flag("details", 'd', "Show all there is, with explanations"),
        flag("oneline", 'o', "Print each record on one line"),
        flag(
            "timestamp",
            't',
            "Print the time of each event, which monitor does anyway",
        ),
        long("tshort", "Print times without the date (also -ts)"),
        long("brief", "Print little, in columns (also -br)"),
        Arg::new("netns")
            .short('n')
            .long("netns")
            .value_name("NETNS")
            .help("Act in this network namespace of ip netns"),
        Arg::new("color")
            .short('c')
            .long("color")
            .value_name("WHEN")
            .num_args(0..=1)
            .require_equals(true)
            .default_missing_value("always")
            .value_parser(["always", "auto", "never"])
            .help("Use colours: always, auto (on a terminal; as without the option) or never"),
        Arg::new("version")
            .short('V')
            .long("version")
            .action(ArgAction::Version)
            .help("Print the version"),
    ]
}

fn objects() -> [Command; 8] {
    [
        leaf(
            "status",
            "Is it loaded, is it working, and what is wrong",
            &status::GRAMMAR,
        ),
        object("context", "Contexts: what is shared with each peer").subcommands([
            leaf("show", "Show contexts", &context::SHOW).visible_alias("list"),
            leaf("add", "Set up a context with a peer now", &context::ADD),
            leaf("del", "Forget a context", &context::DEL).visible_alias("delete"),
            leaf(
                "explore",
                "Try the locator pairs of a context now",
                &context::EXPLORE,
            ),
        ]),
        object("peer", "Hosts: whether they speak Shim6").subcommands([
            leaf(
                "show",
                "Show those that do not, and when they are asked again",
                &peer::SHOW,
            )
            .visible_alias("list"),
            leaf("check", "Ask one now", &peer::CHECK),
            leaf("flush", "Have all or one asked again", &peer::FLUSH),
        ]),
        object("hba", "Sets of hash-based addresses (RFC 5535)").subcommands([
            leaf(
                "show",
                "Show the sets that are loaded, or that of a file",
                &hba::SHOW,
            )
            .visible_alias("list"),
            leaf(
                "generate",
                "Make a set, and write it to a file",
                &hba::GENERATE,
            ),
            leaf(
                "load",
                "Give a set to the kernel, and its addresses to interfaces",
                &hba::LOAD,
            ),
            leaf("verify", "Check the file of a set", &hba::VERIFY),
            leaf(
                "remove",
                "Take a set from the kernel, and its addresses from interfaces",
                &hba::REMOVE,
            )
            .visible_alias("del"),
        ]),
        object(
            "locator",
            "Local locators: the addresses of the sets that are loaded",
        )
        .subcommand(leaf("show", "Show local locators", &locator::SHOW).visible_alias("list")),
        leaf("set", "Show or change settings", &settings::GRAMMAR)
            .after_help(settings::explanation()),
        object("stats", "Statistics of the namespace").subcommand(
            leaf("show", "Show statistics; -d explains them", &stats::SHOW).visible_alias("list"),
        ),
        leaf(
            "monitor",
            "Print events as they happen, with their causes",
            &monitor::GRAMMAR,
        ),
    ]
}

fn object(name: &'static str, about: &'static str) -> Command {
    Command::new(name)
        .about(about)
        .infer_subcommands(true)
        .subcommand_value_name("VERB")
        .subcommand_help_heading("Verbs")
}

/// A command whose words a grammar reads.
fn leaf(name: &'static str, about: &'static str, grammar: &Grammar) -> Command {
    let words = Arg::new(WORDS)
        .num_args(0..)
        .trailing_var_arg(true)
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
            let near =
                told(ContextKind::SuggestedSubcommand).map(|near| format!("; do you mean {near}?"));
            format!(
                "\"{word}\" is not known{}",
                near.unwrap_or_else(|| "; see \"shim6 help\"".to_owned())
            )
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
