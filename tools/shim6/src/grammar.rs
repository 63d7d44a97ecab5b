// SPDX-License-Identifier: GPL-2.0
//! The words after a verb: things by themselves first, then keywords with their values, as `ip` has them.
//!
//! Keywords may be abbreviated while they stay unambiguous. Each error names the word that is wrong.

use std::net::Ipv6Addr;

/// A keyword of a verb.
#[derive(Clone, Copy, Debug)]
pub struct Keyword {
    /// Its name.
    pub name: &'static str,
    /// What its value is called in the help; empty if it has none.
    pub value: &'static str,
    /// Whether it may be there several times.
    pub is_repeatable: bool,
    /// What it means.
    pub help: &'static str,
}

impl Keyword {
    /// A keyword with a value.
    pub const fn new(name: &'static str, value: &'static str, help: &'static str) -> Keyword {
        Keyword {
            name,
            value,
            is_repeatable: false,
            help,
        }
    }

    /// A keyword with a value that may be there several times.
    pub const fn repeatable(
        name: &'static str,
        value: &'static str,
        help: &'static str,
    ) -> Keyword {
        Keyword {
            name,
            value,
            is_repeatable: true,
            help,
        }
    }

    /// A keyword by itself.
    pub const fn flag(name: &'static str, help: &'static str) -> Keyword {
        Keyword {
            name,
            value: "",
            is_repeatable: false,
            help,
        }
    }
}

/// The words by themselves that a verb takes.
#[derive(Clone, Copy, Debug)]
pub struct Plain {
    /// What one is called in the help.
    pub name: &'static str,
    /// How many there must be.
    pub min: usize,
    /// How many there may be.
    pub max: usize,
    /// What it means.
    pub help: &'static str,
}

/// The words that a verb takes.
#[derive(Clone, Copy, Debug)]
pub struct Grammar {
    /// Object and verb, for the errors.
    pub verb: &'static str,
    /// Words by themselves, which come first.
    pub plain: Option<Plain>,
    /// Keywords.
    pub keywords: &'static [Keyword],
}

/// The words of a command line, sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words<'a> {
    /// The words by themselves.
    pub plain: Vec<&'a str>,
    values: Vec<(&'static str, &'a str)>,
}

impl Grammar {
    /// Sorts words.
    pub fn read<'a>(&self, words: &[&'a str]) -> Result<Words<'a>, String> {
        let mut sorted = Words::default();
        let mut words = words.iter().copied();
        while let Some(word) = words.next() {
            if self.takes_plain(&sorted, word)? {
                sorted.plain.push(word);
                continue;
            }
            let keyword = self.keyword(word)?;
            if !keyword.is_repeatable && sorted.get(keyword.name).is_some() {
                return Err(format!("\"{}\" is given twice", keyword.name));
            }
            let value = if keyword.value.is_empty() {
                ""
            } else {
                self.value(keyword, words.next())?
            };
            sorted.values.push((keyword.name, value));
        }
        match self.plain {
            Some(plain) if sorted.plain.len() < plain.min => {
                Err(format!("{}: {} is missing", self.verb, plain.name))
            }
            _ => Ok(sorted),
        }
    }

    /// Whether `word` is one by itself: it comes before all keywords, and is needed or cannot be a keyword.
    fn takes_plain(&self, sorted: &Words<'_>, word: &str) -> Result<bool, String> {
        let Some(plain) = self.plain else {
            return Ok(false);
        };
        if !sorted.values.is_empty()
            || (sorted.plain.len() >= plain.min && self.looks_like_keyword(word))
        {
            return Ok(false);
        }
        if sorted.plain.len() == plain.max {
            return Err(format!(
                "{}: \"{word}\" is one {} too many",
                self.verb, plain.name
            ));
        }
        Ok(true)
    }

    fn looks_like_keyword(&self, word: &str) -> bool {
        let word = word.strip_prefix("--").unwrap_or(word);
        !word.is_empty()
            && self
                .keywords
                .iter()
                .any(|keyword| keyword.name.starts_with(word))
    }

    /// The keyword that a word means; two dashes before it are no harm.
    fn keyword(&self, word: &str) -> Result<&'static Keyword, String> {
        let word = word.strip_prefix("--").unwrap_or(word);
        if let Some(exact) = self.keywords.iter().find(|keyword| keyword.name == word) {
            return Ok(exact);
        }
        let fitting: Vec<_> = self
            .keywords
            .iter()
            .filter(|k| !word.is_empty() && k.name.starts_with(word))
            .collect();
        match fitting.as_slice() {
            [keyword] => Ok(keyword),
            [] if self.keywords.is_empty() => Err(format!("{}: \"{word}\" is too much", self.verb)),
            [] => Err(format!(
                "{}: \"{word}\" is not one of {}",
                self.verb,
                names(self.keywords.iter())
            )),
            several => Err(format!(
                "{}: \"{word}\" could be {}",
                self.verb,
                names(several.iter().copied())
            )),
        }
    }

    fn value<'a>(&self, keyword: &Keyword, word: Option<&'a str>) -> Result<&'a str, String> {
        word.ok_or_else(|| {
            format!(
                "{}: {} is missing after \"{}\"",
                self.verb, keyword.value, keyword.name
            )
        })
    }

    /// The words in the form of a usage line.
    pub fn usage(&self) -> String {
        let mut parts = Vec::new();
        if let Some(plain) = self.plain {
            let many = if plain.max > 1 { "..." } else { "" };
            parts.push(if plain.min > 0 || plain.name.starts_with('[') {
                format!("{}{many}", plain.name)
            } else {
                format!("[{}]{many}", plain.name)
            });
        }
        for keyword in self.keywords {
            let value = if keyword.value.is_empty() {
                String::new()
            } else {
                format!(" {}", keyword.value)
            };
            let many = if keyword.is_repeatable { "..." } else { "" };
            parts.push(format!("[{}{value}]{many}", keyword.name));
        }
        parts.join(" ")
    }

    /// What each word means, for the help.
    pub fn explanation(&self) -> String {
        let plain = self
            .plain
            .iter()
            .map(|plain| (plain.name.to_owned(), plain.help));
        let keywords = self
            .keywords
            .iter()
            .map(|keyword| (format!("{} {}", keyword.name, keyword.value), keyword.help));
        let lines: Vec<_> = plain
            .chain(keywords)
            .map(|(name, help)| format!("  {name:<18} {help}\n"))
            .collect();
        lines.concat()
    }
}

fn names<'a>(keywords: impl Iterator<Item = &'a Keyword>) -> String {
    keywords
        .map(|keyword| keyword.name)
        .collect::<Vec<_>>()
        .join(", ")
}

impl<'a> Words<'a> {
    /// The value of a keyword.
    pub fn get(&self, name: &str) -> Option<&'a str> {
        self.all(name).next()
    }

    /// The values of a keyword that may be there several times.
    pub fn all<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'a str> + 's {
        self.values
            .iter()
            .filter(move |(keyword, _)| *keyword == name)
            .map(|(_, value)| *value)
    }

    /// Whether a keyword is there.
    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// The address after a keyword.
    pub fn address(&self, name: &str) -> Result<Option<Ipv6Addr>, String> {
        self.get(name).map(address).transpose()
    }

    /// The number after a keyword, decimal or `0x` and hexadecimal.
    pub fn number(&self, name: &str) -> Result<Option<u64>, String> {
        self.get(name).map(|value| number(name, value)).transpose()
    }
}

/// Reads an address.
pub fn address(word: &str) -> Result<Ipv6Addr, String> {
    word.parse()
        .map_err(|_| format!("\"{word}\" is not an IPv6 address"))
}

/// Reads the number of `name`.
pub fn number(name: &str, word: &str) -> Result<u64, String> {
    let parsed = match word.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16),
        None => word.parse(),
    };
    parsed.map_err(|_| format!("{name}: \"{word}\" is not a number"))
}

/// Reads a number of 32 bits.
pub fn number32(name: &str, word: &str) -> Result<u32, String> {
    u32::try_from(number(name, word)?).map_err(|_| format!("{name}: {word} is too large"))
}
