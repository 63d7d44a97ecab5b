// SPDX-License-Identifier: GPL-2.0
//! `shim6 -batch FILE`: command lines from a file, one after the other.
//!
//! A line is what follows `shim6` and its options, in the words of [`crate::words`]; a backslash at its end joins it with the
//! next. The first line that fails ends it, unless `-force` is given; the exit status is that of the first that failed.

use crate::command::command;
use crate::failure::Failure;
use crate::output::Output;
use crate::words;
use libshim6::Error;
use std::fs::File;
use std::io::{self, stdin, BufRead, BufReader};

/// Runs the lines of a file, or of the standard input for `-`.
pub(crate) fn run(path: &str, output: &mut Output) -> Result<(), Failure> {
    let reader: Box<dyn BufRead> = if path == "-" {
        Box::new(stdin().lock())
    } else {
        let file = File::open(path).map_err(|error| {
            Failure::Usage(Error::system(format!("read {path}"), error).to_string())
        })?;
        Box::new(BufReader::new(file))
    };
    run_lines(reader, path, output)
}

fn run_lines(reader: impl BufRead, path: &str, output: &mut Output) -> Result<(), Failure> {
    let mut first = None;
    for_each_line(reader, |number, line| {
        let result = line
            .map_err(|error| {
                Failure::Usage(Error::system(format!("read {path}"), error).to_string())
            })
            .and_then(|line| run_line(line, output));
        match result {
            Ok(()) => true,
            Err(Failure::Pipe) => false,
            Err(failure) => {
                // What is told last is the first failure's place; the others are told as they come.
                failure.tell();
                eprintln!("Command failed {path}:{number}");
                first.get_or_insert(failure.told());
                output.options.force
            }
        }
    });
    first.map_or(Ok(()), Err)
}

fn run_line(line: &[u8], output: &mut Output) -> Result<(), Failure> {
    let line = std::str::from_utf8(line)
        .map_err(|error| Failure::usage(format!("the line is no text of UTF-8: {error}")))?;
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

/// Calls `each` with every line and the number of its first part, until it returns false; and with what keeps lines from being
/// read, which ends it.
fn for_each_line(
    reader: impl BufRead,
    mut each: impl FnMut(usize, Result<&[u8], io::Error>) -> bool,
) {
    let mut joined = Vec::new();
    let mut begin = 0;
    for (index, line) in reader.split(b'\n').enumerate() {
        if joined.is_empty() {
            begin = index + 1;
        }
        let line = match line {
            Ok(line) => line,
            Err(error) => {
                each(index + 1, Err(error));
                return;
            }
        };
        let line = line.strip_suffix(b"\r").unwrap_or(&line);
        match line.strip_suffix(b"\\") {
            Some(part) => {
                joined.extend_from_slice(part);
                joined.push(b' ');
            }
            None => {
                joined.extend_from_slice(line);
                if !each(begin, Ok(&joined)) {
                    return;
                }
                joined.clear();
            }
        }
    }
    if !joined.is_empty() {
        each(begin, Ok(&joined));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::Options;

    #[test]
    fn lines_are_joined_and_numbered_by_their_first_part() {
        let mut seen = Vec::new();
        let text = "one\n\ntwo \\\nthree\nfour\\";
        for_each_line(text.as_bytes(), |number, line| {
            seen.push((number, line.expect("it is read").to_owned()));
            true
        });
        let expected = [(1, "one"), (2, ""), (3, "two  three"), (5, "four ")];
        assert_eq!(
            seen,
            expected.map(|(n, line)| (n, line.as_bytes().to_owned()))
        );
    }

    /// A line, and then an error.
    struct Broken(&'static [u8]);

    impl io::Read for Broken {
        fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
            match std::mem::take(&mut self.0) {
                [] => Err(io::ErrorKind::TimedOut.into()),
                mut line => line.read(room),
            }
        }
    }

    #[test]
    fn what_keeps_a_batch_from_being_read_does_not_hide_the_first_failure() {
        let options = Options {
            force: true,
            ..Options::default()
        };
        let mut output = Output::new(&options);
        let one = |line| BufReader::new(Broken(line));
        let kernel = run_lines(one(b"peer check ::1 local ::1\n"), "-", &mut output);
        assert!(matches!(kernel, Err(Failure::Told(2))), "{kernel:?}");
        let nothing = run_lines(one(b""), "-", &mut output);
        assert!(matches!(nothing, Err(Failure::Told(1))), "{nothing:?}");
    }
}
