// SPDX-License-Identifier: GPL-2.0
//! Contexts as text.

use super::{locator, pair, time, Interfaces};
use crate::output::{Mood, Output};
use libshim6::spec::{self, ContextState, Enumeration, ReapState};
use libshim6::{Context, Switch, WatchedPair};

fn state_mood(state: ContextState) -> Mood {
    match state {
        ContextState::Established => Mood::Good,
        ContextState::I1Sent | ContextState::I2Sent | ContextState::I2bisSent => Mood::Busy,
        ContextState::EFailed | ContextState::NoSupport => Mood::Bad,
        ContextState::Idle | ContextState::Unknown(_) => Mood::Plain,
    }
}

fn reap_mood(state: ReapState) -> Mood {
    match state {
        ReapState::Operational => Mood::Good,
        ReapState::Exploring | ReapState::InboundOk => Mood::Bad,
        ReapState::Unknown(_) => Mood::Plain,
    }
}

/// A context in columns.
pub(crate) fn brief(context: &Context, output: &Output) -> String {
    let reap = context.reap_state.map_or("-", Enumeration::name);
    let state = output.paint(
        &format!("{:<12}", context.state.name()),
        state_mood(context.state),
    );
    let reap = output.paint(
        &format!("{reap:<12}"),
        context.reap_state.map_or(Mood::Plain, reap_mood),
    );
    let path = context.current.map_or_else(
        || "-".to_owned(),
        |current| format!("{} {}", current.local, current.peer),
    );
    format!(
        "{:<6} {state} {reap} {} {} via {path}",
        context.id, context.ulids.local, context.ulids.peer
    )
}

/// A context as a record.
pub(crate) fn context(context: &Context, interfaces: &Interfaces, output: &Output) -> Vec<String> {
    let mut lines = vec![headline(context, output)];
    lines.extend(path(context));
    let lists = [
        ("locator local", &context.locators_local),
        ("locator peer", &context.locators_peer),
    ];
    for (name, list) in lists {
        lines.extend(
            list.iter()
                .map(|one| format!("{name} {}", locator(one, interfaces, output))),
        );
    }
    if output.options.details {
        lines.extend(details(context));
    }
    if output.options.statistics || output.options.details {
        lines.push(counters(context));
    }
    lines
}

fn headline(context: &Context, output: &Output) -> String {
    let fii = if context.fii == 0 {
        String::new()
    } else {
        format!(" fii {}", context.fii)
    };
    let state = output.paint(context.state.name(), state_mood(context.state));
    let reap = context
        .reap_state
        .map(|reap| format!(" {}", output.paint(reap.name(), reap_mood(reap))))
        .unwrap_or_default();
    let role = context
        .role
        .map(|role| format!(" {}", role.name()))
        .unwrap_or_default();
    format!(
        "context {} {}{fii} state {state}{reap}{role}",
        context.id,
        pair(&context.ulids)
    )
}

/// Which locators are in use, since when and why.
fn path(context: &Context) -> Option<String> {
    let current = context.current?;
    let mut line = format!("path {}", pair(&current));
    if let Some(cause) = context.switch_cause {
        let age = context
            .switch_age
            .map(|age| format!(" {} ago", time(age)))
            .unwrap_or_default();
        line.push_str(&format!(" switched{age}, cause {}", cause.name()));
        if let Some(outage) = context.outage {
            line.push_str(&format!(", outage {}", time(outage)));
        }
    } else if !context.is_switched() {
        line.push_str(" (the ULIDs)");
    }
    Some(line)
}

fn details(context: &Context) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(local) = context.tag_local {
        let peer = context
            .tag_peer
            .map_or_else(|| "-".to_owned(), |tag| format!("0x{tag:012x}"));
        lines.push(format!("tag local 0x{local:012x} peer {peer}"));
    }
    if let Some(previous) = &context.previous {
        lines.push(format!("previous path {}", pair(previous)));
    }
    let ages = [
        ("created", context.created_age),
        ("state", context.state_age),
        ("received", context.rx_age),
        ("sent", context.tx_age),
    ];
    let ages: Vec<_> = ages
        .iter()
        .filter_map(|(name, age)| Some(format!("{name} {} ago", time((*age)?))))
        .collect();
    lines.extend((!ages.is_empty()).then(|| ages.join(", ")));
    if let (Some(event), Some(cause)) = (context.event, context.cause) {
        lines.push(format!(
            "last event {}, cause {}",
            event.name(),
            cause.name()
        ));
    }
    lines.extend(context.switches.iter().map(history));
    lines.extend(context.pairs.iter().map(watched));
    if let Some(round_trip) = context.round_trip {
        lines.push(format!("round-trip {}", time(round_trip)));
    }
    let timers = context
        .timers
        .iter()
        .map(|(kind, left)| format!("timer {} in {}", kind.name(), time(*left)));
    lines.extend(timers);
    let mut rest = format!("retries {}", context.retries);
    if let Some(timeout) = context.keepalive_timeout {
        rest.push_str(&format!(" keepalive-timeout {}", time(u64::from(timeout))));
    }
    if let Some(id) = context.hba_id {
        rest.push_str(&format!(" hba {id}"));
    }
    lines.push(rest);
    lines
}

/// A change of the locators in use, of those that are remembered.
fn history(switch: &Switch) -> String {
    format!(
        "switched {} ago, cause {}, after {} of silence",
        time(switch.age),
        switch.cause.name(),
        time(switch.silence)
    )
}

/// A locator pair that is looked after beside the one in use.
fn watched(watched: &WatchedPair) -> String {
    let mut line = format!("pair {} {}", pair(&watched.pair), watched.role.name());
    match watched.good_age {
        Some(age) => line.push_str(&format!(" good for {}", time(age))),
        None => line.push_str(&format!(" lost {}", watched.lost)),
    }
    if let Some(round_trip) = watched.round_trip {
        line.push_str(&format!(" round-trip {}", time(round_trip)));
    }
    line
}

fn counters(context: &Context) -> String {
    let counter = |attribute: &spec::Attribute| {
        format!("{} {}", attribute.name, context.counter(attribute.number))
    };
    spec::COUNTERS
        .attributes
        .iter()
        .map(counter)
        .collect::<Vec<_>>()
        .join(" ")
}
