// SPDX-License-Identifier: GPL-2.0
//! The words after a verb: which are taken for what.

use shim6::grammar::{Grammar, Keyword, Plain};

const GRAMMAR: Grammar = Grammar {
    verb: "thing do",
    plain: Some(Plain {
        name: "NAME",
        min: 1,
        max: 3,
        help: "A name",
    }),
    keywords: &[
        Keyword::new("local", "ADDRESS", "An address"),
        Keyword::new("label", "TEXT", "A text"),
        Keyword::repeatable("dev", "IF", "An interface"),
        Keyword::flag("force", "By force"),
    ],
};

fn complaint(words: &[&str]) -> String {
    GRAMMAR.read(words).expect_err("the words are wrong")
}

#[test]
fn plain_words_come_first_and_keywords_may_be_short() {
    let words = GRAMMAR
        .read(&["a", "b", "lo", "::1", "d", "eth0", "dev", "eth1", "f"])
        .expect("the words are right");
    assert_eq!(words.plain, ["a", "b"]);
    assert_eq!(
        words.address("local"),
        Ok(Some("::1".parse().expect("an address")))
    );
    assert_eq!(words.all("dev").collect::<Vec<_>>(), ["eth0", "eth1"]);
    assert!(words.has("force") && !words.has("label"));
}

#[test]
fn a_plain_word_that_must_be_there_is_never_a_keyword() {
    let words = GRAMMAR
        .read(&["dev", "dev", "eth0"])
        .expect("the words are right");
    assert_eq!(words.plain, ["dev"]);
    assert_eq!(words.get("dev"), Some("eth0"));
}

#[test]
fn a_full_name_wins_over_those_that_it_begins() {
    const NESTED: Grammar = Grammar {
        verb: "do",
        plain: None,
        keywords: &[Keyword::flag("local", ""), Keyword::flag("locals", "")],
    };
    assert!(NESTED.read(&["local"]).expect("right").has("local"));
    assert_eq!(
        NESTED.read(&["loca"]),
        Err("do: \"loca\" could be local, locals".to_owned())
    );
}

#[test]
fn what_is_wrong_is_named() {
    assert_eq!(complaint(&[]), "thing do: NAME is missing");
    assert_eq!(
        complaint(&["a", "l", "x"]),
        "thing do: \"l\" could be local, label"
    );
    assert_eq!(
        complaint(&["a", "local"]),
        "thing do: ADDRESS is missing after \"local\""
    );
    assert_eq!(
        complaint(&["a", "label", "x", "label", "y"]),
        "\"label\" is given twice"
    );
    assert_eq!(
        complaint(&["a", "b", "c", "e"]),
        "thing do: \"e\" is one NAME too many"
    );
    assert_eq!(
        complaint(&["a", "force", "b"]),
        "thing do: \"b\" is not one of local, label, dev, force"
    );
    assert_eq!(
        complaint(&["a", "force", ""]),
        "thing do: \"\" is not one of local, label, dev, force"
    );
    let words = GRAMMAR
        .read(&["a", "local", "x", "label", "9"])
        .expect("the words are right");
    assert_eq!(
        words.address("local"),
        Err("\"x\" is not an IPv6 address".to_owned())
    );
    assert_eq!(words.number("label"), Ok(Some(9)));
}

#[test]
fn usage_and_explanation_are_made_from_the_same_words() {
    assert_eq!(
        GRAMMAR.usage(),
        "NAME... [local ADDRESS] [label TEXT] [dev IF]... [force]"
    );
    assert_eq!(GRAMMAR.explanation().lines().count(), 5);
}
