// SPDX-License-Identifier: GPL-2.0
//! Printing: JSON for machines, or records of lines for people.

mod listing;

use crate::failure::Failure;
use crate::options::Options;
pub(crate) use listing::Listing;
use serde_json::Value;
use std::io::{self, Stdout, Write};

/// Where the output goes, and how.
pub(crate) struct Output {
    /// The options.
    pub(crate) options: Options,
    stdout: Stdout,
}

/// How a word is to be understood, and so coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mood {
    /// As it should be.
    Good,
    /// On its way.
    Busy,
    /// Something to look at.
    Bad,
    /// Nothing to say.
    Plain,
}

impl Output {
    pub(crate) fn new(options: &Options) -> Output {
        Output {
            options: options.clone(),
            stdout: io::stdout(),
        }
    }

    /// Prints one JSON value, on one line unless it is to be pretty.
    pub(crate) fn json(&mut self, value: &Value) -> Result<(), Failure> {
        let text = if self.options.pretty {
            format!("{value:#}")
        } else {
            value.to_string()
        };
        self.line(&text)
    }

    /// Prints a record: its first line, and the others indented below it, or all on one with `-o`.
    pub(crate) fn record(&mut self, lines: &[String]) -> Result<(), Failure> {
        let text = self.joined(lines);
        self.line(&text)
    }

    /// The lines of a record as they are printed.
    fn joined(&self, lines: &[String]) -> String {
        let separator = if self.options.oneline {
            "\\    "
        } else {
            "\n    "
        };
        lines.join(separator)
    }

    /// Prints a line, at once.
    pub(crate) fn line(&mut self, text: &str) -> Result<(), Failure> {
        let mut stdout = self.stdout.lock();
        writeln!(stdout, "{text}")?;
        stdout.flush()?;
        Ok(())
    }

    /// Prints text as it is.
    pub(crate) fn text(&mut self, text: &str) -> Result<(), Failure> {
        self.stdout.lock().write_all(text.as_bytes())?;
        Ok(())
    }

    /// A word, coloured if colours are wanted.
    pub(crate) fn paint(&self, word: &str, mood: Mood) -> String {
        let color = match mood {
            Mood::Good => "32",
            Mood::Busy => "33",
            Mood::Bad => "31",
            Mood::Plain => return word.to_owned(),
        };
        if self.options.color {
            format!("\x1b[{color}m{word}\x1b[0m")
        } else {
            word.to_owned()
        }
    }
}

/// Says something beside the output.
pub(crate) fn warn(text: &str) {
    eprintln!("Warning: {text}");
}

/// Tells that a listing may be incomplete, in the words of iproute2.
pub(crate) fn warn_if_interrupted(is_interrupted: bool) {
    if is_interrupted {
        eprintln!("Dump was interrupted and may be inconsistent.");
    }
}
