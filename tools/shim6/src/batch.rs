// SPDX-License-Identifier: GPL-2.0
//! `shim6 -batch FILE`: command lines from a file, one after the other.
//!
//! A line is what follows `shim6` and its options, in the words of [`crate::words`]; a backslash at its end joins it with the
//! next. The first line that fails ends it, unless `-force` is given; the exit status is that of the first that failed.

use crate::command::command;
use crate::failure::Failure;
use crate::output::Output;
use crate::words;
use std::fs::File;
use std::io::{stdin, BufRead, BufReader};

/// Runs the lines of a file, or of the standard input for `-`.
pub(crate) fn run(path: &str, output: &mut Output) -> Result<(), Failure> {
    let reader: Box<dyn BufRead> = if path == "-" {
        Box::new(stdin().lock())
    } else {
        let file = File::open(path).map_err(|error| {
            let error = libshim6::Error::system(format!("read {path}"), error);
            Failure::Usage(error.to_string())
        })?;
        Box::new(BufReader::new(file))
    };
    let mut first = None;
    for_each_line(reader, |number, line| match run_line(line, output) {
        Ok(()) => true,
        Err(Failure::Pipe) => false,
        Err(failure) => {
            // What is told last is the first failure's place; the others are told as they come.
            failure.tell();
            eprintln!("Command failed {path}:{number}");
            first.get_or_insert(failure.told());
            output.options.force
        }
    })?;
    first.map_or(Ok(()), Err)
}

fn run_line(line: &str, output: &mut Output) -> Result<(), Failure> {
    let words = words::of(line).map_err(Failure::Usage)?;
    match words.first() {
        None => return Ok(()),
        Some(word) if word.starts_with('-') => {
            return Err(Failure::usage(format!(
                "\"{word}\": options are given once, before -batch"
            )))
        }
        Some(_) => {}
    }
    let arguments = std::iter::once("shim6".to_owned()).chain(words);
    let arguments = crate::options::normalise(arguments.map(Into::into).collect());
    match command().try_get_matches_from(arguments) {
        Ok(matches) => crate::act(&matches, output),
        Err(error) => crate::not_parsed(&error),
    }
}

/// Calls `each` with every line and the number of its first part, until it returns false.
fn for_each_line(
    reader: impl BufRead,
    mut each: impl FnMut(usize, &str) -> bool,
) -> Result<(), Failure> {
    let mut joined = String::new();
    let mut begin = 0;
    for (index, line) in reader.lines().enumerate() {
        let line = line.map_err(|error| Failure::usage(format!("cannot read: {error}")))?;
        if joined.is_empty() {
            begin = index + 1;
        }
        match line.strip_suffix('\\') {
            Some(part) => {
                joined.push_str(part);
                joined.push(' ');
            }
            None => {
                joined.push_str(&line);
                if !each(begin, &joined) {
                    return Ok(());
                }
                joined.clear();
            }
        }
    }
    if !joined.is_empty() {
        each(begin, &joined);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_joined_and_numbered_by_their_first_part() {
        let mut seen = Vec::new();
        let text = "one\n\ntwo \\\nthree\nfour\\";
        let result = for_each_line(text.as_bytes(), |number, line| {
            seen.push((number, line.to_owned()));
            true
        });
        assert!(result.is_ok());
        let expected = [(1, "one"), (2, ""), (3, "two  three"), (5, "four ")];
        assert_eq!(seen, expected.map(|(n, line)| (n, line.to_owned())));
    }
}
