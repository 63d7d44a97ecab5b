// SPDX-License-Identifier: GPL-2.0
//! `shim6 policy`: rules about which packets start contexts, which local addresses are locators, and which peers are told
//! of them. A rule is shown in the words that `add` takes.

mod secret;
mod user;
mod words;

pub(crate) use words::{read, write};

use crate::failure::Failure;
use crate::grammar::{self, Grammar, Keyword, Plain};
use crate::output::{warn, warn_if_interrupted, Output};
use libshim6::{Client, Listing, PolicyRule};
use serde_json::{json, Value};

/// The place that the kernel gives to a rule without one.
pub(crate) const DEFAULT_ORDER: u32 = 1000;

const ID: Plain = Plain {
    name: "ID",
    min: 0,
    max: 1,
    help: "Number of a rule",
};

/// The words of `policy show`.
pub(crate) const SHOW: Grammar = Grammar {
    verb: "policy show",
    plain: Some(ID),
    keywords: &[],
};

/// The words of `policy add`.
pub(crate) const ADD: Grammar = Grammar {
    verb: "policy add",
    plain: Some(Plain {
        name: "ACTION",
        min: 1,
        max: 1,
        help: "never, at-once or after (packets start a context); use or use-not (local addresses are locators); tell or \
               tell-not (peers are told of them)",
    }),
    keywords: &[
        Keyword::new("order", "NUMBER", "Place among the rules, 1000 if not given"),
        Keyword::new("local", "PREFIX", "This host's addresses, as 2001:db8::/32"),
        Keyword::new("peer", "PREFIX", "The peer's addresses"),
        Keyword::new("protocol", "PROTOCOL", "As tcp, udp, sctp, mptcp, or a number"),
        Keyword::new("local-port", "PORTS", "This host's port, or ports as 80-90"),
        Keyword::new("peer-port", "PORTS", "The peer's port, or ports"),
        Keyword::new("user", "USER", "The user whose program sends, by name or number"),
        Keyword::new("packets", "NUMBER", "For after: so many packets sent between the two addresses, answers not counted"),
        Keyword::new("time", "TIME", "For after: so long after the first of them, as 5s"),
    ],
};

/// The words of `policy del`.
pub(crate) const DEL: Grammar = Grammar {
    verb: "policy del",
    plain: Some(Plain { min: 1, ..ID }),
    keywords: &[],
};

/// The words of `policy flush`.
pub(crate) const FLUSH: Grammar = Grammar {
    verb: "policy flush",
    plain: None,
    keywords: &[],
};

/// How rules work together.
pub(crate) fn notes() -> String {
    "The first rule that matches decides, by order and then by number; what a rule does not name matches anything. \
     Without a rule contexts start as the settings start-packets and start-time say, every address of a set is a locator, \
     and every peer is told of it. SCTP and Multipath TCP have several addresses of their own: they start no context \
     unless a rule names them. Packets that have a context are not looked at, and \"shim6 context add\" asks no rule.\n\
     tell-not keeps an address secret from a peer that is told of no other address of the set beside its ULID. One that is \
     told of any is given what proves it, and computes all addresses of the set from that (RFC 5535): for it the address is \
     out of use only. What one peer must not know and others may belongs into a set of its own.\n"
        .to_owned()
}

/// Does what a verb says.
pub(crate) fn act(verb: &str, words: &[&str], output: &mut Output) -> Result<(), Failure> {
    match verb {
        "add" => add(words, output),
        "del" => {
            let id = id(&DEL, words).map_err(Failure::Usage)?.unwrap_or_default();
            Ok(Client::open()?.remove_policy_rule(id)?)
        }
        "flush" => {
            FLUSH.read(words).map_err(Failure::Usage)?;
            Ok(Client::open()?.replace_policy(&[])?)
        }
        _ => show(words, output),
    }
}

fn id(grammar: &Grammar, words: &[&str]) -> Result<Option<u32>, String> {
    let words = grammar.read(words)?;
    let word = words.plain.first();
    word.map(|word| grammar::number32("policy", word))
        .transpose()
}

fn add(words: &[&str], output: &mut Output) -> Result<(), Failure> {
    let rule = words::read(words).map_err(Failure::Usage)?;
    let mut client = Client::open()?;
    let id = client.add_policy_rule(&rule)?;
    if let Some(limit) = secret::limit(&rule, &client.sets()?.items) {
        warn(&limit);
    }
    if output.options.json {
        return output.json(&json!([{ "id": id }]));
    }
    output.line(&format!("policy {id} {}", words::show(&rule)))
}

fn show(words: &[&str], output: &mut Output) -> Result<(), Failure> {
    let listing = match id(&SHOW, words).map_err(Failure::Usage)? {
        Some(id) => Listing {
            items: vec![Client::open()?.policy_rule(id)?],
            is_interrupted: false,
        },
        None => Client::open()?.policy()?,
    };
    if output.options.json {
        let rules: Value = listing.items.iter().map(to_json).collect();
        output.json(&rules)?;
    } else {
        for rule in &listing.items {
            output.line(&to_line(rule))?;
        }
    }
    warn_if_interrupted(listing.is_interrupted);
    Ok(())
}

/// A rule for people: its number, and the words that would add it.
pub(crate) fn to_line(rule: &PolicyRule) -> String {
    format!(
        "policy {} {}",
        rule.id.unwrap_or_default(),
        words::show(rule)
    )
}

/// A rule for machines.
pub(crate) fn to_json(rule: &PolicyRule) -> Value {
    words::to_json(rule)
}
