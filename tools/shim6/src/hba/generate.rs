// SPDX-License-Identifier: GPL-2.0
//! `shim6 hba generate`.

use crate::failure::Failure;
use crate::grammar::{number, Grammar, Keyword, Plain};
use crate::json;
use crate::output::Output;
use libshim6::core::addr::{Addr, Prefix};
use libshim6::core::cga::{GenerateError, Sec};
use libshim6::{check_label, spec, SetFile};
use std::io::{IsTerminal, Write};
use std::net::Ipv6Addr;
use std::path::Path;
use std::time::{Duration, Instant};

/// The words of `hba generate`.
pub(crate) const GENERATE: Grammar = Grammar {
    verb: "hba generate",
    plain: Some(Plain {
        name: "PREFIX",
        min: 1,
        max: spec::MAX_PREFIXES,
        help: "A prefix of 64 bits, as 2001:db8:a:1::/64, one for each provider",
    }),
    keywords: &[
        Keyword::new("sec", "0|1|2", "Security parameter: 0 (as without) at once, 1 in less than a second, 2 in minutes or hours"),
        Keyword::new("label", "NAME", "A name for the set"),
        Keyword::new("file", "FILE", "Where to keep the set; without it, it goes to the standard output"),
    ],
};

/// Makes a set, and writes it.
pub(crate) fn generate(words: &[&str], output: &mut Output) -> Result<(), Failure> {
    let words = GENERATE.read(words).map_err(Failure::Usage)?;
    let prefixes: Vec<Prefix> = words
        .plain
        .iter()
        .map(|word| prefix(word))
        .collect::<Result<_, _>>()
        .map_err(Failure::Usage)?;
    let sec = sec(words.get("sec")).map_err(Failure::Usage)?;
    let label = words.get("label").map(str::to_owned);
    if let Some(label) = &label {
        check_label(label).map_err(Failure::Usage)?;
    }
    let path = words.get("file").filter(|path| *path != "-");
    if let Some(path) = path.filter(|path| Path::new(path).exists()) {
        return Err(Failure::usage(format!(
            "{path} is there already, and a set that is lost cannot be made again"
        )));
    }
    let mut progress = Progress::new(sec);
    let set = libshim6::generate(&prefixes, sec, |tried| progress.tell(tried))
        .map_err(|error| Failure::Usage(describe(error, &words.plain)))?;
    progress.end();
    let file = SetFile { label, set };
    if let Some(path) = path {
        file.write(Path::new(path))
            .map_err(|error| Failure::Usage(error.to_string()))?;
    }
    if output.options.json {
        return output.json(&json::set_file(&file, path));
    }
    match path {
        None => output.text(&file.to_text()),
        Some(_) => file
            .addresses()
            .iter()
            .try_for_each(|address| output.line(&address.to_string())),
    }
}

/// Reads a prefix of 64 bits.
fn prefix(word: &str) -> Result<Prefix, String> {
    let (address, length) = word.split_once('/').unwrap_or((word, "64"));
    if length != "64" {
        return Err(format!("\"{word}\": a prefix has 64 bits"));
    }
    let address: Ipv6Addr = address
        .parse()
        .map_err(|_| format!("\"{word}\" is not an IPv6 prefix"))?;
    let address = Addr::from(address);
    if address.interface_id() != [0; 8] {
        return Err(format!("\"{word}\" has bits behind the prefix"));
    }
    Ok(address.prefix64())
}

fn sec(word: Option<&str>) -> Result<Sec, String> {
    let Some(word) = word else {
        return Ok(Sec::default());
    };
    let value = number("sec", word)?;
    u8::try_from(value)
        .ok()
        .and_then(Sec::new)
        .ok_or_else(|| format!("sec: {word} is not 0, 1 or 2"))
}

fn describe(error: GenerateError, words: &[&str]) -> String {
    match error {
        GenerateError::Prefix(index) => {
            let word = words.get(index).copied().unwrap_or_default();
            format!("the prefix \"{word}\" is given twice, or is not one of global or unique local addresses")
        }
        GenerateError::NoPrefix => "a prefix is missing".to_owned(),
        GenerateError::TooManyPrefixes => {
            format!("a set has at most {} prefixes", spec::MAX_PREFIXES)
        }
        GenerateError::TooLong
        | GenerateError::Key
        | GenerateError::NotFound
        | GenerateError::Collisions => {
            format!("no set can be made: {error:?}")
        }
    }
}

/// Tells on the standard error how the search goes: all the time on a terminal, else once a minute.
struct Progress {
    begin: Instant,
    last_line: Instant,
    expected: u64,
    sec: Sec,
    is_terminal: bool,
    has_told: bool,
}

impl Progress {
    fn new(sec: Sec) -> Progress {
        let now = Instant::now();
        let is_terminal = std::io::stderr().is_terminal();
        Progress {
            begin: now,
            last_line: now,
            expected: sec.expected_tries(),
            sec,
            is_terminal,
            has_told: false,
        }
    }

    fn tell(&mut self, tried: u64) {
        let is_due = self.is_terminal || self.last_line.elapsed() >= Duration::from_secs(60);
        if tried == 0 || !is_due {
            return;
        }
        self.last_line = Instant::now();
        self.has_told = true;
        let text = self.text(tried, self.begin.elapsed());
        let (begin, end) = if self.is_terminal {
            ("\r\x1b[K", "")
        } else {
            ("", "\n")
        };
        eprint!("{begin}{text}{end}");
        // Progress that cannot be shown is no reason to stop.
        let _ = std::io::stderr().flush();
    }

    fn text(&self, tried: u64, elapsed: Duration) -> String {
        let rate = tried as f64 / elapsed.as_secs_f64().max(0.001);
        // The search has no memory: however long it has run, the mean number of tries is still to come.
        let remaining = Duration::from_secs((self.expected as f64 / rate) as u64);
        let million = 1e6;
        format!(
            "sec {}: {:.1} million modifiers tried in {}, {:.1} million a second; {} more on average",
            self.sec.get(),
            tried as f64 / million,
            crate::show::time(elapsed.as_millis() as u64),
            rate / million,
            crate::show::time(remaining.as_millis() as u64),
        )
    }

    fn end(&self) {
        if self.is_terminal && self.has_told {
            eprintln!();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_have_64_bits() {
        assert_eq!(
            prefix("2001:db8:a:1::/64"),
            Ok([0x20, 1, 0xd, 0xb8, 0, 0xa, 0, 1])
        );
        assert_eq!(prefix("2001:db8:a:1::"), prefix("2001:db8:a:1::/64"));
        for (word, problem) in [
            ("2001:db8::/48", "\"2001:db8::/48\": a prefix has 64 bits"),
            (
                "2001:db8::1/64",
                "\"2001:db8::1/64\" has bits behind the prefix",
            ),
            ("10.0.0.0/64", "\"10.0.0.0/64\" is not an IPv6 prefix"),
        ] {
            assert_eq!(prefix(word), Err(problem.to_owned()));
        }
    }

    #[test]
    fn progress_tells_rate_and_expectation() {
        let progress = Progress::new(Sec::new(2).expect("2 is a Sec"));
        let text = progress.text(10_000_000, Duration::from_secs(5));
        assert_eq!(text, "sec 2: 10.0 million modifiers tried in 5.000s, 2.0 million a second; 35m47s more on average");
    }
}
