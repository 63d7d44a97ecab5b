// SPDX-License-Identifier: GPL-2.0
//! The command `shim6`, in the manner of `ip`: `shim6 [OPTIONS] OBJECT [VERB [KEYWORD VALUE]...]`.
//!
//! [`tree`] is the table of objects and verbs, [`grammar`] reads the words after a verb, [`command`] parses what is before
//! them. Help, man pages ([`pages`]) and completions ([`completion`]) are made from the same table. Each object has a module
//! that acts, and [`output`] prints text or JSON.
#![forbid(unsafe_code)]

mod batch;
pub mod command;
pub mod completion;
mod configuration;
mod context;
mod failure;
pub mod grammar;
mod hba;
pub mod json;
mod locator;
mod monitor;
mod options;
mod output;
pub mod pages;
mod peer;
mod policy;
mod restore;
mod save;
mod settings;
mod show;
mod stats;
mod status;
mod top;
pub mod tree;
mod words;

pub use crate::show::Interfaces;

use crate::failure::Failure;
use crate::options::Options;
use crate::output::Output;
use clap::ArgMatches;
use std::ffi::OsString;
use std::process::ExitCode;

/// Runs the command. The exit status is 0, or 1 if the command line or a file is wrong, or 2 if the kernel refused.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    if let Some(words) = completion::question(&arguments) {
        return match completion::answer(&words) {
            Ok(()) => ExitCode::SUCCESS,
            Err(failure) => failure.report(),
        };
    }
    let arguments = options::normalise(arguments);
    let result = match command::command().try_get_matches_from(arguments) {
        Ok(matches) => begin(&matches),
        Err(error) => not_parsed(&error),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

/// Prints the help that was asked for, or tells what is wrong.
fn not_parsed(error: &clap::Error) -> Result<(), Failure> {
    if error.use_stderr() {
        return Err(Failure::usage(command::explain(error)));
    }
    // Help that cannot be printed has no one to read why.
    let _ = error.print();
    Ok(())
}

fn begin(matches: &ArgMatches) -> Result<(), Failure> {
    let options = Options::from(matches);
    if let Some(name) = &options.netns {
        libshim6::netns::enter(name)?;
    }
    let mut output = Output::new(&options);
    match &options.batch {
        Some(_) if matches.subcommand().is_some() => Err(Failure::usage(
            "-batch and an object do not go together".to_owned(),
        )),
        Some(path) => batch::run(path, &mut output),
        None => act(matches, &mut output),
    }
}

/// Does what the words from the object on say.
fn act(matches: &ArgMatches, output: &mut Output) -> Result<(), Failure> {
    let Some((name, rest)) = matches.subcommand() else {
        return Err(Failure::usage(
            "an object is missing; see \"shim6 help\"".to_owned(),
        ));
    };
    let (verb, words) = command::verb_and_words(rest);
    if words.first().is_some_and(|word| word == "help") {
        return output.text(&command::help(name, &verb));
    }
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match tree::object(name) {
        Some(object) => (object.act)(&verb, &words, output),
        None => Err(Failure::usage(format!("object \"{name}\" is not known"))),
    }
}
