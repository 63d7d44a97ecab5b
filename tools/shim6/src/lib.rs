// SPDX-License-Identifier: GPL-2.0
//! The command `shim6`, in the manner of `ip`: `shim6 [OPTIONS] OBJECT [VERB [KEYWORD VALUE]...]`.
//!
//! [`grammar`] reads the words after a verb, [`command`] has the tree of objects and verbs with their help (man pages
//! and completions can be made from it), each object has a module that acts, and [`output`] prints text or JSON.
#![forbid(unsafe_code)]

pub mod command;
mod context;
mod failure;
pub mod grammar;
mod hba;
pub mod json;
mod locator;
mod monitor;
mod options;
mod output;
mod peer;
mod settings;
mod show;
mod stats;
mod status;

pub use crate::show::Interfaces;

use crate::failure::Failure;
use crate::options::Options;
use crate::output::Output;
use clap::ArgMatches;
use std::ffi::OsString;
use std::process::ExitCode;

/// Runs the command. The exit status is 0, or 1 if the command line or a file is wrong, or 2 if the kernel refused.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments = options::normalise(arguments.into_iter().collect());
    let result = match command::command().try_get_matches_from(arguments) {
        Ok(matches) => act(&matches),
        Err(error) if error.use_stderr() => Err(Failure::usage(command::explain(&error))),
        Err(help) => {
            // Help that cannot be printed has no one to read why.
            let _ = help.print();
            Ok(())
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

fn act(matches: &ArgMatches) -> Result<(), Failure> {
    let options = Options::from(matches);
    if let Some(name) = &options.netns {
        libshim6::netns::enter(name)?;
    }
    let mut output = Output::new(&options);
    let Some((object, rest)) = matches.subcommand() else {
        return Err(Failure::usage(
            "an object is missing; see \"shim6 help\"".to_owned(),
        ));
    };
    let (verb, words) = command::verb_and_words(rest);
    if words.first().is_some_and(|word| word == "help") {
        return output.text(&command::help(object, &verb));
    }
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match object {
        "status" => status::status(&words, &mut output),
        "context" => context::act(&verb, &words, &mut output),
        "peer" => peer::act(&verb, &words, &mut output),
        "hba" => hba::act(&verb, &words, &mut output),
        "locator" => locator::act(&words, &mut output),
        "set" => settings::act(&words, &mut output),
        "stats" => stats::act(&words, &mut output),
        "monitor" => monitor::act(&words, &mut output),
        object => Err(Failure::usage(format!("object \"{object}\" is not known"))),
    }
}
