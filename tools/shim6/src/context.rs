// SPDX-License-Identifier: GPL-2.0
//! `shim6 context`.

mod sockets;

use crate::failure::Failure;
use crate::grammar::{self, Grammar, Keyword, Plain, Words};
use crate::json;
use crate::output::{warn_if_interrupted, Listing, Output};
use crate::show::{self, Interfaces};
use libshim6::spec::Enumeration;
use libshim6::{Client, Context, ContextFilter, ContextSelector, Pair};
use serde_json::json;
use sockets::Riders;

const ID: Plain = Plain {
    name: "ID",
    min: 0,
    max: 1,
    help: "Number of a context",
};
const LOCAL: Keyword = Keyword::new("local", "ADDRESS", "ULID of this host");
const PEER: Keyword = Keyword::new("peer", "ADDRESS", "ULID of the peer");
const FII: Keyword = Keyword::new(
    "fii",
    "NUMBER",
    "Forked Instance Identifier, 0 if it is not given",
);

const FROM: Keyword = Keyword::new("from", "ADDRESS", "Local locator of the pair");
const TO: Keyword = Keyword::new("to", "ADDRESS", "Peer's locator of the pair");

/// By what contexts are chosen for `show` and `flush`.
const FILTERS: [Keyword; 10] = [
    LOCAL,
    PEER,
    Keyword::new("fii", "NUMBER", "Forked Instance Identifier"),
    Keyword::new(
        "state",
        "STATE",
        "State of the exchange, as established or i1-sent",
    ),
    Keyword::new(
        "reap",
        "STATE",
        "State of reachability: operational, exploring or inbound-ok",
    ),
    Keyword::new("tag", "NUMBER", "Local context tag, as 0x12ab"),
    Keyword::new("tag-peer", "NUMBER", "Peer's context tag"),
    Keyword::new("from", "ADDRESS", "Local locator in use"),
    Keyword::new("to", "ADDRESS", "Peer's locator in use"),
    Keyword::new("hba", "ID", "Number of the HBA set of the local ULID"),
];

/// The words of `context show`.
pub(crate) const SHOW: Grammar = Grammar {
    verb: "context show",
    plain: Some(ID),
    keywords: &with_sockets(),
};

/// The filters, and what else `show` takes.
const fn with_sockets() -> [Keyword; 11] {
    let [a, b, c, d, e, f, g, h, i, j] = FILTERS;
    let sockets = Keyword::flag("sockets", "Show the sockets that ride on each, too");
    [a, b, c, d, e, f, g, h, i, j, sockets]
}

/// The words of `context flush`.
pub(crate) const FLUSH: Grammar = Grammar {
    verb: "context flush",
    plain: None,
    keywords: &FILTERS,
};

/// The words of `context fork`.
pub(crate) const FORK: Grammar = Grammar {
    verb: "context fork",
    plain: Some(ID),
    keywords: &[LOCAL, PEER, FII],
};

/// The words of `context switch`.
pub(crate) const SWITCH: Grammar = Grammar {
    verb: "context switch",
    plain: Some(ID),
    keywords: &[LOCAL, PEER, FII, FROM, TO],
};

/// The words of `context probe`.
pub(crate) const PROBE: Grammar = Grammar {
    verb: "context probe",
    plain: Some(ID),
    keywords: &[LOCAL, PEER, FII, FROM, TO],
};

/// The words of `context advise`.
pub(crate) const ADVISE: Grammar = Grammar {
    verb: "context advise",
    plain: Some(ID),
    keywords: &[
        LOCAL,
        PEER,
        FII,
        Keyword::new(
            "that",
            "works|fails",
            "What is known of the locator pair in use",
        ),
    ],
};

/// The words of `context add`.
pub(crate) const ADD: Grammar = Grammar {
    verb: "context add",
    plain: None,
    keywords: &[LOCAL, PEER, FII],
};

/// The words of `context del`.
pub(crate) const DEL: Grammar = Grammar {
    verb: "context del",
    plain: Some(ID),
    keywords: &[LOCAL, PEER, FII],
};

/// The words of `context explore`.
pub(crate) const EXPLORE: Grammar = Grammar {
    verb: "context explore",
    plain: Some(ID),
    keywords: &[LOCAL, PEER, FII],
};

/// Does what a verb says.
pub(crate) fn act(verb: &str, words: &[&str], output: &mut Output) -> Result<(), Failure> {
    match verb {
        "add" => add(words, output),
        "del" => {
            let selector = selector(&DEL, words).map_err(Failure::Usage)?;
            Ok(Client::open()?.remove_context(selector)?)
        }
        "explore" => {
            let selector = selector(&EXPLORE, words).map_err(Failure::Usage)?;
            Ok(Client::open()?.explore(selector)?)
        }
        "switch" => switch(words),
        "probe" => probe(words),
        "advise" => advise(words),
        "fork" => fork(words, output),
        "flush" => {
            let words = FLUSH.read(words).map_err(Failure::Usage)?;
            let filter = filter(&words).map_err(Failure::Usage)?;
            Ok(Client::open()?.flush_contexts(&filter)?)
        }
        _ => show(words, output),
    }
}

fn switch(words: &[&str]) -> Result<(), Failure> {
    let words = SWITCH.read(words).map_err(Failure::Usage)?;
    let selector = chosen(&SWITCH, &words).map_err(Failure::Usage)?;
    let pair = locator_pair(&SWITCH, &words).map_err(Failure::Usage)?;
    let pair = pair.ok_or_else(|| {
        Failure::usage("context switch: \"from ADDRESS to ADDRESS\" is missing".to_owned())
    })?;
    Ok(Client::open()?.switch(selector, pair)?)
}

fn probe(words: &[&str]) -> Result<(), Failure> {
    let words = PROBE.read(words).map_err(Failure::Usage)?;
    let selector = chosen(&PROBE, &words).map_err(Failure::Usage)?;
    let pair = locator_pair(&PROBE, &words).map_err(Failure::Usage)?;
    Ok(Client::open()?.probe(selector, pair)?)
}

fn advise(words: &[&str]) -> Result<(), Failure> {
    let words = ADVISE.read(words).map_err(Failure::Usage)?;
    let selector = chosen(&ADVISE, &words).map_err(Failure::Usage)?;
    let word = words.get("that").ok_or_else(|| {
        Failure::usage("context advise: \"that works\" or \"that fails\" is missing".to_owned())
    })?;
    let verdict = state(word).map_err(Failure::Usage)?;
    Ok(Client::open()?.advise(selector, verdict)?)
}

/// The locator pair that words name: none, or both of it.
fn locator_pair(grammar: &Grammar, words: &Words<'_>) -> Result<Option<Pair>, String> {
    match (words.address("from")?, words.address("to")?) {
        (Some(local), Some(peer)) => Ok(Some(Pair { local, peer })),
        (None, None) => Ok(None),
        _ => Err(format!("{}: \"from\" and \"to\" go together", grammar.verb)),
    }
}

fn fork(words: &[&str], output: &mut Output) -> Result<(), Failure> {
    let selector = selector(&FORK, words).map_err(Failure::Usage)?;
    let (id, fii) = Client::open()?.fork_context(selector)?;
    if output.options.json {
        return output.json(&json!([{ "id": id, "fii": fii }]));
    }
    output.line(&format!("context {id} fii {fii}"))
}

fn add(words: &[&str], output: &mut Output) -> Result<(), Failure> {
    let words = ADD.read(words).map_err(Failure::Usage)?;
    let (ulids, fii) = ulids(&ADD, &words).map_err(Failure::Usage)?;
    let id = Client::open()?.add_context(ulids, fii)?;
    if output.options.json {
        return output.json(&json!([{ "id": id }]));
    }
    output.line(&format!("context {id} {}", show::pair(&ulids)))
}

fn show(words: &[&str], output: &mut Output) -> Result<(), Failure> {
    let words = SHOW.read(words).map_err(Failure::Usage)?;
    let which = which(&words).map_err(Failure::Usage)?;
    let mut client = Client::open()?;
    let interfaces = Interfaces::ask()?;
    let riders = words.has("sockets").then(Riders::find).transpose()?;
    let is_interrupted = output.listing(|listing| {
        let mut print = |context| print(&context, &interfaces, riders.as_ref(), listing);
        match which {
            Which::One(id) => print(client.context(ContextSelector::Id(id))?).map(|()| false),
            Which::Fitting(filter) => client.visit_contexts(&filter, print),
        }
    })?;
    warn_if_interrupted(is_interrupted);
    Ok(())
}

/// The contexts that are to be shown.
enum Which {
    /// The one of a number.
    One(u32),
    /// Those that fit.
    Fitting(ContextFilter),
}

fn which(words: &Words<'_>) -> Result<Which, String> {
    let Some(id) = words.plain.first() else {
        return filter(words).map(Which::Fitting);
    };
    if FILTERS.iter().any(|keyword| words.has(keyword.name)) {
        return Err("context show: a number and other words do not go together".to_owned());
    }
    grammar::number32("context", id).map(Which::One)
}

fn print(
    context: &Context,
    interfaces: &Interfaces,
    riders: Option<&Riders>,
    listing: &mut Listing<'_>,
) -> Result<(), Failure> {
    let to_json = || {
        let mut value = json::context(context, interfaces);
        if let Some(riders) = riders {
            value["sockets"] = riders.to_json(context);
        }
        value
    };
    listing.show(to_json, |output| {
        let mut lines = if output.options.brief {
            vec![show::brief_context(context, output)]
        } else {
            show::context(context, interfaces, output)
        };
        lines.extend(
            riders
                .into_iter()
                .flat_map(|riders| riders.to_text(context)),
        );
        lines
    })
}

fn filter(words: &Words<'_>) -> Result<ContextFilter, String> {
    Ok(ContextFilter {
        local: words.address("local")?,
        peer: words.address("peer")?,
        fii: words
            .get("fii")
            .map(|value| grammar::number32("fii", value))
            .transpose()?,
        tag: words.number("tag")?,
        tag_peer: words.number("tag-peer")?,
        current_local: words.address("from")?,
        current_peer: words.address("to")?,
        hba_id: words
            .get("hba")
            .map(|value| grammar::number32("hba", value))
            .transpose()?,
        state: words.get("state").map(state).transpose()?,
        reap_state: words.get("reap").map(state).transpose()?,
    })
}

/// Reads a name of an enumeration, which may be abbreviated while it is clear.
fn state<E: Enumeration>(word: &str) -> Result<E, String> {
    let fitting: Vec<_> = E::ALL
        .iter()
        .filter(|entry| !word.is_empty() && entry.name.starts_with(word))
        .collect();
    match (E::from_name(word), fitting.as_slice()) {
        (Some(exact), _) => Ok(exact),
        (None, [entry]) => Ok(entry.value),
        (None, several) => {
            let names =
                |entries: &mut dyn Iterator<Item = &str>| entries.collect::<Vec<_>>().join(", ");
            Err(if several.is_empty() {
                let all = names(&mut E::ALL.iter().map(|entry| entry.name));
                format!("\"{word}\" is not one of {all}")
            } else {
                let some = names(&mut several.iter().map(|entry| entry.name));
                format!("\"{word}\" could be {some}")
            })
        }
    }
}

/// Which context is meant: by its number, or by its ULIDs.
fn selector(grammar: &Grammar, words: &[&str]) -> Result<ContextSelector, String> {
    chosen(grammar, &grammar.read(words)?)
}

/// Which context words mean, whatever else they say.
fn chosen(grammar: &Grammar, words: &Words<'_>) -> Result<ContextSelector, String> {
    let Some(id) = words.plain.first() else {
        let (ulids, fii) = ulids(grammar, words)?;
        return Ok(ContextSelector::Ulids(ulids, fii));
    };
    if [LOCAL, PEER, FII]
        .iter()
        .any(|keyword| words.has(keyword.name))
    {
        return Err(format!(
            "{}: a number and other words do not go together",
            grammar.verb
        ));
    }
    Ok(ContextSelector::Id(grammar::number32("context", id)?))
}

fn ulids(grammar: &Grammar, words: &Words<'_>) -> Result<(Pair, u32), String> {
    let missing = |name| format!("{}: \"{name} ADDRESS\" is missing", grammar.verb);
    let local = words.address("local")?.ok_or_else(|| missing("local"))?;
    let peer = words.address("peer")?.ok_or_else(|| missing("peer"))?;
    let fii = words
        .get("fii")
        .map_or(Ok(0), |value| grammar::number32("fii", value))?;
    Ok((Pair { local, peer }, fii))
}

#[cfg(test)]
mod tests {
    use super::*;
    use libshim6::spec::ContextState;

    #[test]
    fn a_state_may_be_abbreviated_while_it_is_clear() {
        assert_eq!(state("est"), Ok(ContextState::Established));
        assert_eq!(state("established"), Ok(ContextState::Established));
        assert_eq!(
            state::<ContextState>("i2"),
            Err("\"i2\" could be i2-sent, i2bis-sent".to_owned())
        );
        for word in ["", "x"] {
            let error = state::<ContextState>(word).expect_err(word);
            assert!(error.contains("is not one of idle, i1-sent"), "{error}");
        }
    }
}
