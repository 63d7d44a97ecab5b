// SPDX-License-Identifier: GPL-2.0
//! `shim6 peer`: does this host speak Shim6? Those that do not are not asked again for a while (RFC 5533 sections 7.8 and
//! 7.11), which can be seen and cleared here.

mod paths;
mod probe;

use crate::failure::Failure;
use crate::grammar::{self, Grammar, Keyword, Plain};
use crate::json;
use crate::output::{warn_if_interrupted, Mood, Output};
use crate::settings;
use crate::show::time;
use libshim6::rtnetlink::Rtnetlink;
use libshim6::spec::ContextState;
use libshim6::{Answer, Client, Context, ContextFilter, ContextSelector, Error, Pair};
use paths::Path;
use probe::probe;
use std::net::Ipv6Addr;
use std::time::{Duration, Instant};

/// How long `check` waits for an answer, unless it is told: the first I1, and one copy of it.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often it looks.
const LOOK: Duration = Duration::from_millis(50);

const ADDRESS: Plain = Plain {
    name: "ADDRESS",
    min: 0,
    max: 1,
    help: "A peer",
};

/// The words of `peer show`.
pub(crate) const SHOW: Grammar = Grammar {
    verb: "peer show",
    plain: Some(ADDRESS),
    keywords: &[],
};

/// The words of `peer check`.
pub(crate) const CHECK: Grammar = Grammar {
    verb: "peer check",
    plain: Some(Plain { min: 1, ..ADDRESS }),
    keywords: &[
        Keyword::new(
            "local",
            "ADDRESS",
            "ULID to ask from; the kernel's choice if it is not given",
        ),
        Keyword::new("timeout", "TIME", "How long to wait, 10s if not given"),
        Keyword::flag(
            "paths",
            "Ask from each local locator, and ping: tells a host without Shim6 from a path that drops header 140",
        ),
    ],
};

/// The words of `peer flush`.
pub(crate) const FLUSH: Grammar = Grammar {
    verb: "peer flush",
    plain: Some(ADDRESS),
    keywords: &[],
};

/// Does what a verb says.
pub(crate) fn act(verb: &str, words: &[&str], output: &mut Output) -> Result<(), Failure> {
    match verb {
        "check" => check(words, output),
        "flush" => flush(words),
        _ => show(words, output),
    }
}

/// The states of contexts that are held down, as their peers have no Shim6 or did not answer.
const HELD_DOWN: [ContextState; 2] = [ContextState::NoSupport, ContextState::EFailed];

/// What the contexts have in common that are held down, of one peer if it is given.
fn held_down(grammar: &Grammar, words: &[&str]) -> Result<[ContextFilter; 2], String> {
    let words = grammar.read(words)?;
    let peer = words.plain.first().map(|word| grammar::address(word));
    let peer = peer.transpose()?;
    Ok(HELD_DOWN.map(|state| ContextFilter {
        peer,
        state: Some(state),
        ..ContextFilter::default()
    }))
}

fn show(words: &[&str], output: &mut Output) -> Result<(), Failure> {
    let filters = held_down(&SHOW, words).map_err(Failure::Usage)?;
    let mut client = Client::open()?;
    let is_interrupted = output.listing(|listing| {
        let mut is_interrupted = false;
        for filter in &filters {
            is_interrupted |= client.visit_contexts(filter, |context| {
                listing.show(
                    || json::peer(&context),
                    |output| vec![sentence(&context, context.answer(), output)],
                )
            })?;
        }
        Ok(is_interrupted)
    })?;
    warn_if_interrupted(is_interrupted);
    Ok(())
}

fn flush(words: &[&str]) -> Result<(), Failure> {
    let filters = held_down(&FLUSH, words).map_err(Failure::Usage)?;
    let mut client = Client::open()?;
    for filter in &filters {
        client.flush_contexts(filter)?;
    }
    Ok(())
}

/// Removes a context that may be gone already.
fn remove(client: &mut Client, id: u32) -> Result<(), Failure> {
    match client.remove_context(ContextSelector::Id(id)) {
        Err(error) if error.is_not_there() => Ok(()),
        result => Ok(result?),
    }
}

/// Asks a peer, whatever it has said before.
fn check(words: &[&str], output: &mut Output) -> Result<(), Failure> {
    let words = CHECK.read(words).map_err(Failure::Usage)?;
    let word = words.plain.first().copied().unwrap_or_default();
    let peer = grammar::address(word).map_err(Failure::Usage)?;
    let patience = words
        .get("timeout")
        .map_or(Some(PATIENCE), patience)
        .ok_or_else(|| Failure::usage("timeout: a time is as 500ms, 10s or 2m".to_owned()))?;
    let mut client = Client::open()?;
    let local = words.address("local").map_err(Failure::Usage)?;
    let local = match local {
        Some(local) => local,
        None => source(peer)?,
    };
    let asked = ask(&mut client, Pair { local, peer }, None, patience)?;
    let paths = if words.has("paths") {
        paths::ask_all(&mut client, &asked, patience)?
    } else {
        Vec::new()
    };
    if output.options.json {
        let mut value = json::peer(&asked.context);
        value["answer"] = json::answer(asked.answer).into();
        if words.has("paths") {
            value["paths"] = paths.iter().map(Path::to_json).collect();
        }
        output.json(&value)?;
    } else {
        output.line(&sentence(&asked.context, asked.answer, output))?;
        for path in &paths {
            output.line(&format!("    {}", path.to_text(output)))?;
        }
    }
    match asked.answer {
        Answer::Yes => Ok(()),
        _ => Err(Failure::SAID),
    }
}

fn patience(word: &str) -> Option<Duration> {
    settings::milliseconds(word).map(|milliseconds| Duration::from_millis(milliseconds.into()))
}

/// The source that the kernel chooses for a packet to this peer.
fn source(peer: Ipv6Addr) -> Result<Ipv6Addr, Failure> {
    let path = Rtnetlink::open()?.path(peer, None)?;
    path.and_then(|path| path.source)
        .ok_or_else(|| Failure::Kernel(format!("there is no route to {peer}")))
}

/// What came of the question.
struct Asked {
    context: Context,
    answer: Answer,
    /// The pair over which it was asked.
    over: Pair,
}

/// Asks a peer: by the exchange, or by a Probe where there is a context already, over `pair` or, if it is none, over that in
/// use.
fn ask(
    client: &mut Client,
    ulids: Pair,
    pair: Option<Pair>,
    patience: Duration,
) -> Result<Asked, Failure> {
    let which = ContextSelector::Ulids(ulids, 0);
    let established = client
        .context(which)
        .ok()
        .filter(|context| context.state == ContextState::Established);
    let (over, answer) = match established {
        Some(context) => probe(client, context.id, pair, patience)?,
        None => (ulids, exchange(client, ulids, patience)?),
    };
    Ok(Asked {
        context: client.context(which)?,
        answer,
        over,
    })
}

/// Begins the exchange, unless the peer has answered already, and waits for its outcome.
fn exchange(client: &mut Client, ulids: Pair, patience: Duration) -> Result<Answer, Failure> {
    let which = ContextSelector::Ulids(ulids, 0);
    match client.context(which) {
        // One that waits may wait long for its next copy of I1; the peer knows nothing of it yet.
        Ok(context) if context.answer() != Answer::Yes => {
            remove(client, context.id)?;
            begin(client, ulids)?;
        }
        Err(error) if error.is_not_there() => begin(client, ulids)?,
        result => drop(result?),
    }
    let end = Instant::now() + patience;
    loop {
        let context = client.context(which)?;
        let is_settled = context.state == ContextState::Established
            || matches!(context.answer(), Answer::No | Answer::Silence);
        if is_settled || Instant::now() >= end {
            return Ok(context.answer());
        }
        std::thread::sleep(LOOK);
    }
}

/// Begins the exchange; the peer's own I1, or a program's packets, may have begun it meanwhile.
fn begin(client: &mut Client, ulids: Pair) -> Result<(), Error> {
    match client.add_context(ulids, 0) {
        Err(error) if error.is_there_already() => Ok(()),
        result => result.map(drop),
    }
}

/// What is known of a peer, for people.
fn sentence(context: &Context, answer: Answer, output: &Output) -> String {
    let (word, mood) = match answer {
        Answer::Yes => ("speaks Shim6", Mood::Good),
        Answer::No => ("no Shim6", Mood::Bad),
        Answer::Silence | Answer::None => ("no answer", Mood::Bad),
    };
    let word = output.paint(word, mood);
    let Pair { local, peer } = context.ulids;
    let until = match (context.hold_down(), context.state) {
        (Some(left), _) => format!(", asked again in {}", time(left)),
        (None, ContextState::Established) => String::new(),
        (None, _) => ", asked still".to_owned(),
    };
    format!("peer {peer} {word}{until}, local {local}")
}
