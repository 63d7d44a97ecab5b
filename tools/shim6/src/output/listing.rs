// SPDX-License-Identifier: GPL-2.0
//! Things that are printed one by one as they come, so that their number costs no memory: the elements of one JSON array, or
//! records.

use super::Output;
use crate::failure::Failure;
use serde_json::Value;
use std::io::{self, BufWriter, Write};

/// Octets that are written at once.
const AT_ONCE: usize = 64 * 1024;

/// A listing that has begun.
pub(crate) struct Listing<'a> {
    output: &'a Output,
    writer: &'a mut dyn Write,
    count: usize,
}

impl Output {
    /// Prints what `fill` shows. Whatever ends it, what was printed is whole: an array that was opened is closed.
    pub(crate) fn listing<R>(
        &mut self,
        fill: impl FnOnce(&mut Listing<'_>) -> Result<R, Failure>,
    ) -> Result<R, Failure> {
        let mut writer = BufWriter::with_capacity(AT_ONCE, io::stdout().lock());
        list(self, &mut writer, fill)
    }
}

fn list<R>(
    output: &Output,
    writer: &mut dyn Write,
    fill: impl FnOnce(&mut Listing<'_>) -> Result<R, Failure>,
) -> Result<R, Failure> {
    let mut listing = Listing {
        output,
        writer,
        count: 0,
    };
    let filled = fill(&mut listing);
    listing.end(filled.is_ok())?;
    filled
}

impl Listing<'_> {
    /// Prints the next one, as JSON or as the lines of a record.
    pub(crate) fn show(
        &mut self,
        to_json: impl FnOnce() -> Value,
        to_lines: impl FnOnce(&Output) -> Vec<String>,
    ) -> Result<(), Failure> {
        let options = &self.output.options;
        if options.json {
            let before = element_begin(self.count, options.pretty);
            let text = element(&to_json(), options.pretty);
            write!(self.writer, "{before}{text}")?;
        } else {
            let lines = to_lines(self.output);
            writeln!(self.writer, "{}", self.output.joined(&lines))?;
        }
        self.count += 1;
        Ok(())
    }

    fn end(self, is_well: bool) -> Result<(), Failure> {
        if self.output.options.json {
            match self.count {
                // Nothing was found, or what was asked for was refused.
                0 if is_well => writeln!(self.writer, "[]")?,
                0 => {}
                _ if self.output.options.pretty => writeln!(self.writer, "\n]")?,
                _ => writeln!(self.writer, "]")?,
            }
        }
        Ok(self.writer.flush()?)
    }
}

/// What stands before an element of an array.
fn element_begin(place: usize, is_pretty: bool) -> &'static str {
    match (place, is_pretty) {
        (0, false) => "[",
        (_, false) => ",",
        (0, true) => "[\n",
        (_, true) => ",\n",
    }
}

/// An element of an array. Strings in JSON have no line breaks, so all that there are may be indented.
fn element(value: &Value, is_pretty: bool) -> String {
    if is_pretty {
        format!("  {}", format!("{value:#}").replace('\n', "\n  "))
    } else {
        value.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::Options;
    use serde_json::json;

    /// What is printed of these, and what then came of it.
    fn printed(values: &[Value], options: &Options, last: Result<(), Failure>) -> String {
        let (output, mut text) = (Output::new(options), Vec::new());
        let is_well = last.is_ok();
        let result = list(&output, &mut text, |listing| {
            for value in values {
                listing.show(|| value.clone(), |_| vec![value.to_string()])?;
            }
            last
        });
        assert_eq!(result.is_ok(), is_well);
        String::from_utf8(text).expect("text")
    }

    #[test]
    fn elements_one_by_one_look_like_a_whole_array() {
        let values = [json!({ "a": [1, "x\ny"], "b": {} }), json!([]), json!("z")];
        let mut options = Options {
            json: true,
            ..Options::default()
        };
        for count in 0..=values.len() {
            let some = &values[..count];
            options.pretty = false;
            assert_eq!(
                printed(some, &options, Ok(())),
                format!("{}\n", json!(some))
            );
            options.pretty = true;
            assert_eq!(
                printed(some, &options, Ok(())),
                format!("{:#}\n", json!(some))
            );
        }
    }

    #[test]
    fn what_ends_by_an_error_is_whole_as_far_as_it_came() {
        let options = Options {
            json: true,
            ..Options::default()
        };
        let error = || Err(Failure::Kernel("gone".to_owned()));
        assert_eq!(printed(&[json!(1), json!(2)], &options, error()), "[1,2]\n");
        assert_eq!(
            printed(&[], &options, error()),
            "",
            "refused from the first"
        );
        assert_eq!(printed(&[json!(1)], &Options::default(), error()), "1\n");
    }
}
