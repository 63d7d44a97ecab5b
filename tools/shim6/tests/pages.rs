// SPDX-License-Identifier: GPL-2.0
//! The man pages are complete, and mandoc finds nothing wrong with them.

use libshim6::spec;
use shim6::command::OPTIONS;
use shim6::pages::{pages, Page};
use shim6::tree::OBJECTS;
use std::path::PathBuf;
use std::process::Command;

/// The text of a page as it was written, without the dashes' escapes.
fn page(name: &str) -> String {
    let found = pages().into_iter().find(|page| page.file == name);
    let Page { text, .. } = found.unwrap_or_else(|| panic!("{name} is missing"));
    text.replace("\\-", "-")
}

#[test]
fn the_first_page_has_every_option_object_and_exit_status() {
    let text = page("shim6.8");
    for option in &OPTIONS {
        let name = option.name.replace("version", "Version");
        assert!(text.contains(&format!("-{name}")), "{name}");
    }
    for object in OBJECTS {
        assert!(
            text.contains(&format!("shim6-{}(8)", object.name)),
            "{}",
            object.name
        );
    }
    for section in [
        "NAME",
        "SYNOPSIS",
        "DESCRIPTION",
        "OPTIONS",
        "OBJECTS",
        "EXAMPLES",
        "FILES",
        "ENVIRONMENT",
    ] {
        assert!(text.contains(&format!(".SH {section}\n")), "{section}");
    }
    assert!(text.contains(".SH \"EXIT STATUS\"\n"), "{text}");
    assert!(text.contains(".SH \"SEE ALSO\"\n"), "{text}");
}

#[test]
fn each_object_has_a_page_with_its_verbs_keywords_and_examples() {
    for object in OBJECTS {
        let text = page(&format!("shim6-{}.8", object.name));
        for verb in object.verbs {
            let command = format!("shim6 {}", verb.grammar.verb);
            assert!(text.contains(&command), "{command}");
            for keyword in verb.grammar.keywords {
                assert!(text.contains(keyword.name), "{command} {}", keyword.name);
                let help = keyword
                    .help
                    .split(['\'', '\\', '-'])
                    .next()
                    .unwrap_or_default();
                assert!(text.contains(help), "{command}: {help}");
            }
        }
        assert!(
            !object.examples.is_empty(),
            "{} has no example",
            object.name
        );
        for (line, _) in object.examples {
            assert!(text.contains(line), "{line}");
        }
    }
}

#[test]
fn what_belongs_to_no_word_is_told_too() {
    let policy = page("shim6-policy.8");
    for line in OBJECTS
        .iter()
        .filter(|object| object.name == "policy")
        .flat_map(|object| {
            (object.notes)()
                .lines()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        })
    {
        let begin = line.split('"').next().unwrap_or_default();
        assert!(policy.contains(begin), "{begin}");
    }
    assert!(policy.contains("compute"), "what tell-not cannot keep");
    let top = page("shim6-top.8");
    for word in ["KEYS", "space", "choose a context"] {
        assert!(top.contains(word), "{word}");
    }
}

#[test]
fn each_setting_and_each_statistic_is_explained() {
    for (name, set) in [
        ("shim6-set.8", &spec::CONFIG),
        ("shim6-stats.8", &spec::STATS),
    ] {
        let text = page(name);
        for attribute in set.attributes {
            assert!(text.contains(attribute.name), "{}", attribute.name);
        }
    }
}

/// The examples are command lines that the parser takes.
#[test]
fn the_examples_are_right() {
    for (line, _) in OBJECTS.iter().flat_map(|object| object.examples) {
        let words = line.split_whitespace().skip(1);
        // With this option, the command line is read and the module is not asked.
        let run = Command::new(env!("CARGO_BIN_EXE_shim6"))
            .args(["-n", "no-such-namespace"])
            .args(words)
            .output()
            .expect("the command runs");
        assert_eq!(run.status.code(), Some(2), "{line}");
    }
}

#[test]
fn mandoc_finds_nothing_wrong() {
    let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("pages");
    let made = Command::new(env!("CARGO_BIN_EXE_shim6-pages"))
        .arg(&directory)
        .status()
        .expect("it runs");
    assert!(made.success());
    for page in pages() {
        let output = Command::new("mandoc")
            .args(["-T", "lint", "-W", "warning"])
            .arg(directory.join(&page.file))
            .output();
        let output = match output {
            Err(error) if std::env::var_os("SHIM6_IN_ROOT").is_none() => {
                eprintln!("mandoc is not asked: {error}");
                return;
            }
            output => output.expect("mandoc runs"),
        };
        assert_eq!(String::from_utf8_lossy(&output.stdout), "", "{}", page.file);
    }
}
