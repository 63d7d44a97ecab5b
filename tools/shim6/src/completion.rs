// SPDX-License-Identifier: GPL-2.0
//! Completion of command lines. The scripts for bash, zsh and fish in `completions/` ask `shim6 __complete WORD...`, where the
//! last word is the one being typed, and get one candidate on each line, with a tab and its meaning behind it. The candidates
//! come from the same table as the parser ([`crate::tree`]), and from the kernel where it knows them: contexts, peers,
//! locators, sets, interfaces.

mod value;

use crate::command::{Opt, OPTIONS};
use crate::failure::Failure;
use crate::grammar::{Grammar, Keyword};
use crate::tree::{self, Object, OBJECTS};
use std::ffi::OsString;
use std::io::Write;

/// The word by which a shell asks.
const QUESTION: &str = "__complete";

/// The line that tells a shell to complete the name of a file.
const FILES: &str = ":file";

/// What may be typed next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Candidate {
    /// A word, with its meaning.
    Word(String, String),
    /// The name of a file.
    File,
}

impl Candidate {
    fn new(word: impl Into<String>, meaning: impl Into<String>) -> Candidate {
        Candidate::Word(word.into(), meaning.into())
    }
}

/// The words after the question, if this is one.
pub(crate) fn question(arguments: &[OsString]) -> Option<Vec<String>> {
    let (question, words) = arguments.get(1..)?.split_first()?;
    let text = |word: &OsString| word.to_string_lossy().into_owned();
    (question == QUESTION).then(|| words.iter().map(text).collect())
}

/// Prints what may be typed next.
pub(crate) fn answer(words: &[String]) -> Result<(), Failure> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let (typed, done) = words.split_last().unwrap_or((&"", &[]));
    let mut stdout = std::io::stdout().lock();
    for candidate in candidates(done, typed) {
        match candidate {
            Candidate::File => writeln!(stdout, "{FILES}")?,
            Candidate::Word(word, meaning) if word.starts_with(typed) => {
                writeln!(stdout, "{word}\t{meaning}")?;
            }
            Candidate::Word(..) => {}
        }
    }
    Ok(())
}

/// What may follow the words that are `done`; `typed` is the beginning of it.
pub fn candidates(done: &[&str], typed: &str) -> Vec<Candidate> {
    let mut rest = done;
    while let Some((word, after)) = rest.split_first() {
        let Some(name) = word.strip_prefix('-') else {
            break;
        };
        rest = after;
        let Some(option) = option(name).filter(|option| takes_value(option)) else {
            continue;
        };
        match rest.split_first() {
            None => return value::of_option(option.name),
            Some((value, after)) => {
                if option.name == "netns" {
                    // Without the namespace there is nothing of the kernel's to offer.
                    let _ = libshim6::netns::enter(value);
                }
                rest = after;
            }
        }
    }
    match rest.split_first() {
        None if typed.starts_with('-') => OPTIONS.iter().map(of_option).collect(),
        None => OBJECTS
            .iter()
            .map(|object| Candidate::new(object.name, object.about))
            .chain([Candidate::new("help", "Print help")])
            .collect(),
        Some((&"help", [])) => OBJECTS
            .iter()
            .map(|object| Candidate::new(object.name, object.about))
            .collect(),
        Some((word, words)) => {
            tree::object(word).map_or_else(Vec::new, |object| of_object(object, words))
        }
    }
}

fn takes_value(option: &Opt) -> bool {
    !option.value.is_empty() && option.name != "color"
}

/// An option as `ip` writes it.
fn of_option(option: &Opt) -> Candidate {
    let name = match option.name {
        "version" => "Version",
        name => name,
    };
    Candidate::new(format!("-{name}"), option.help)
}

/// The option of a name without its first dash.
fn option(name: &str) -> Option<&'static Opt> {
    let name = name.strip_prefix('-').unwrap_or(name);
    let mut letters = name.chars();
    if let (Some(letter), None) = (letters.next(), letters.next()) {
        return OPTIONS.iter().find(|option| option.short == Some(letter));
    }
    let full = crate::options::LONG
        .iter()
        .find(|full| full.starts_with(name))?;
    OPTIONS
        .iter()
        .find(|option| option.name.eq_ignore_ascii_case(full))
}

fn of_object(object: &'static Object, words: &[&str]) -> Vec<Candidate> {
    if let Some(grammar) = object.own_grammar() {
        return of_words(grammar, words);
    }
    let Some((word, words)) = words.split_first() else {
        let verbs = object
            .verbs
            .iter()
            .map(|verb| Candidate::new(verb.name, verb.about));
        return verbs
            .chain([Candidate::new("help", "Print help")])
            .collect();
    };
    object
        .verb(word)
        .map_or_else(Vec::new, |verb| of_words(verb.grammar, words))
}

/// What may follow the words after a verb.
fn of_words(grammar: &'static Grammar, words: &[&str]) -> Vec<Candidate> {
    let mut used: Vec<&Keyword> = Vec::new();
    let mut plain: Vec<&str> = Vec::new();
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        let is_plain = used.is_empty()
            && grammar
                .plain
                .is_some_and(|allowed| plain.len() < allowed.min || !is_keyword(grammar, word));
        if is_plain {
            plain.push(word);
            if grammar
                .plain
                .is_some_and(|allowed| plain.len() > allowed.max)
            {
                return Vec::new();
            }
            continue;
        }
        let Some(keyword) = find(grammar, word) else {
            return Vec::new();
        };
        used.push(keyword);
        if !keyword.value.is_empty() && rest.next().is_none() {
            return value::of_word(grammar.verb, keyword.name, keyword.value, &plain);
        }
    }
    let mut candidates = Vec::new();
    if let Some(allowed) = grammar.plain.filter(|allowed| plain.len() < allowed.max) {
        if used.is_empty() {
            candidates.extend(value::of_word(grammar.verb, "", allowed.name, &plain));
        }
        if plain.len() < allowed.min {
            return candidates;
        }
    }
    let is_left = |keyword: &&Keyword| {
        keyword.is_repeatable || !used.iter().any(|one| one.name == keyword.name)
    };
    let keywords = grammar.keywords.iter().filter(is_left);
    candidates.extend(keywords.map(|keyword| Candidate::new(keyword.name, keyword.help)));
    if words.is_empty() {
        candidates.push(Candidate::new("help", "Print help"));
    }
    candidates
}

fn is_keyword(grammar: &'static Grammar, word: &str) -> bool {
    find(grammar, word).is_some()
}

fn find(grammar: &'static Grammar, word: &str) -> Option<&'static Keyword> {
    let word = word.strip_prefix("--").unwrap_or(word);
    let mut fitting = grammar
        .keywords
        .iter()
        .filter(|keyword| !word.is_empty() && keyword.name.starts_with(word));
    fitting.next()
}
