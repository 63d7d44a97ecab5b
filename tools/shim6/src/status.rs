// SPDX-License-Identifier: GPL-2.0
//! `shim6 status`: one screen that says whether Shim6 works here, and if not, what to do.

mod overview;
mod problem;

use crate::failure::Failure;
use crate::grammar::Grammar;
use crate::json;
use crate::output::{warn_if_interrupted, Mood, Output};
use crate::show::{self, Interfaces};
use libshim6::rtnetlink::Rtnetlink;
use libshim6::spec::{ContextState, Enumeration, ReapState};
use libshim6::{Client, ContextFilter, Error, LoadedSet, Locator};
use overview::Overview;
use problem::Problem;
use serde_json::{json, Map, Value};

/// The words of `status`: none.
pub(crate) const GRAMMAR: Grammar = Grammar {
    verb: "status",
    plain: None,
    keywords: &[],
};

/// Where the kernel tells the version of a loaded module.
const VERSION: &str = "/sys/module/shim6/version";

/// How many peers are named on the screen.
const PEERS: usize = 10;

/// All that is looked at.
pub(crate) struct Situation {
    pub(crate) contexts: Overview,
    pub(crate) sets: Vec<LoadedSet>,
    pub(crate) locators: Vec<Locator>,
    pub(crate) interfaces: Interfaces,
}

/// Prints the status.
pub(crate) fn status(words: &[&str], output: &mut Output) -> Result<(), Failure> {
    GRAMMAR.read(words).map_err(Failure::Usage)?;
    let mut client = match Client::open() {
        Err(Error::NotLoaded) if output.options.json => {
            output.json(&json!({ "loaded": false }))?;
            return Err(Failure::SAID);
        }
        client => client?,
    };
    let mut contexts = Overview::default();
    let is_interrupted = client.visit_contexts(&ContextFilter::default(), |context| {
        contexts.add(&context);
        Ok::<_, Error>(())
    })?;
    let situation = Situation {
        contexts,
        sets: client.sets()?.items,
        locators: client.locators()?.items,
        interfaces: Interfaces::ask()?,
    };
    let problems = problem::find(&situation, &mut Rtnetlink::open()?)?;
    if output.options.json {
        output.json(&to_json(&situation, &problems))?;
    } else {
        to_text(&situation, &problems, output)?;
    }
    warn_if_interrupted(is_interrupted);
    Ok(())
}

fn version() -> Option<String> {
    std::fs::read_to_string(VERSION)
        .ok()
        .map(|version| version.trim().to_owned())
}

fn to_json(situation: &Situation, problems: &[Problem]) -> Value {
    let contexts = &situation.contexts;
    let by_state = ContextState::ALL
        .iter()
        .map(|entry| (json::key(entry.name), contexts.in_state(entry.value).into()));
    let by_reap = ReapState::ALL.iter().map(|entry| {
        (
            json::key(entry.name),
            contexts.in_reap_state(entry.value).into(),
        )
    });
    let mut object = Map::new();
    object.insert("loaded".into(), true.into());
    object.insert(
        "working".into(),
        (!problems.iter().any(Problem::is_fatal)).into(),
    );
    if let Some(version) = version() {
        object.insert("version".into(), version.into());
    }
    object.insert(
        "contexts".into(),
        json!({
            "total": contexts.total,
            "switched": contexts.switched,
            "peers": contexts.peers.len(),
            "by_state": by_state.collect::<Map<_, _>>(),
            "by_reap_state": by_reap.collect::<Map<_, _>>(),
        }),
    );
    let interfaces = &situation.interfaces;
    object.insert(
        "hba".into(),
        situation
            .sets
            .iter()
            .map(|set| json::set(set, interfaces))
            .collect(),
    );
    object.insert(
        "locators".into(),
        situation
            .locators
            .iter()
            .map(|one| json::locator(one, interfaces))
            .collect(),
    );
    object.insert(
        "problems".into(),
        problems.iter().map(Problem::to_json).collect(),
    );
    object.into()
}

fn to_text(
    situation: &Situation,
    problems: &[Problem],
    output: &mut Output,
) -> Result<(), Failure> {
    let version = version()
        .map(|version| format!(" {version}"))
        .unwrap_or_default();
    output.line(&format!("shim6{version} {}", verdict(problems, output)))?;
    output.line(&contexts_line(&situation.contexts))?;
    let peers = &situation.contexts.peers;
    if !peers.is_empty() {
        let more = if peers.len() > PEERS {
            format!(" and {} more", peers.len() - PEERS)
        } else {
            String::new()
        };
        let named = peers.iter().take(PEERS).map(ToString::to_string);
        let named: Vec<_> = named.collect();
        output.line(&format!("peers: {}{more}", named.join(" ")))?;
    }
    for set in &situation.sets {
        output.record(&show::set(set, &situation.interfaces, output))?;
    }
    for problem in problems {
        let what = output.paint("problem:", Mood::Bad);
        output.record(&[
            format!("{what} {}", problem.what),
            format!("remedy: {}", problem.remedy),
        ])?;
    }
    Ok(())
}

/// Whether it works for this host.
fn verdict(problems: &[Problem], output: &Output) -> String {
    match problems.len() {
        0 => output.paint("is loaded and works for this host", Mood::Good),
        _ if problems.iter().any(Problem::is_fatal) => {
            output.paint("is loaded, but does not work for this host", Mood::Bad)
        }
        1 => output.paint(
            "is loaded and works for this host, but for one problem",
            Mood::Busy,
        ),
        count => output.paint(
            &format!("is loaded and works for this host, but for {count} problems"),
            Mood::Busy,
        ),
    }
}

fn contexts_line(contexts: &Overview) -> String {
    let states = ContextState::ALL
        .iter()
        .map(|entry| (entry.name, contexts.in_state(entry.value)));
    let reap = ReapState::ALL
        .iter()
        .filter(|entry| entry.value != ReapState::Operational);
    let reap = reap.map(|entry| (entry.name, contexts.in_reap_state(entry.value)));
    let counts = states
        .chain(reap)
        .chain([("on other locators", contexts.switched)]);
    let told: Vec<_> = counts
        .filter(|(_, count)| *count > 0)
        .map(|(name, count)| format!("{count} {name}"))
        .collect();
    let told = if told.is_empty() {
        String::new()
    } else {
        format!(": {}", told.join(", "))
    };
    format!("contexts: {}{told}", contexts.total)
}
