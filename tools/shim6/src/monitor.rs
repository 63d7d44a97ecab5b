// SPDX-License-Identifier: GPL-2.0
//! `shim6 monitor`: events with their times and causes, one on each line, also as JSON.

use crate::failure::Failure;
use crate::grammar::{Grammar, Plain};
use crate::json::{self, key};
use crate::output::Output;
use crate::policy;
use crate::show::{pair, time, Interfaces};
use libshim6::spec::{self, Enumeration};
use libshim6::{Context, Error, Event, Listener, LoadedSet, LocalLocator, PolicyRule};
use serde_json::{json, Map, Value};
use std::time::SystemTime;

/// The objects whose events can be asked for.
pub(crate) const OBJECTS: [&str; 6] = ["all", "context", "hba", "locator", "policy", "set"];

/// The words of `monitor`.
pub(crate) const GRAMMAR: Grammar = Grammar {
    verb: "monitor",
    plain: Some(Plain {
        name: "OBJECT",
        min: 0,
        max: 6,
        help: "all (as without), context, hba, locator, policy or set",
    }),
    keywords: &[],
};

/// Prints events until it is stopped.
pub(crate) fn act(words: &[&str], output: &mut Output) -> Result<(), Failure> {
    let words = GRAMMAR.read(words).map_err(Failure::Usage)?;
    let objects: Vec<_> = words
        .plain
        .iter()
        .map(|word| object(word))
        .collect::<Result<_, _>>()
        .map_err(Failure::Usage)?;
    let wants =
        |object| objects.is_empty() || objects.contains(&"all") || objects.contains(&object);
    let mut listener = Listener::open()?;
    let mut interfaces = Interfaces::ask()?;
    print(&Line::plain("monitor", "listening"), output)?;
    loop {
        let event = listener.next_event().map_err(end)?;
        if let Event::LocatorChanged(local) = &event {
            // An interface that came after the start has a name, too.
            if local
                .locator
                .ifindex
                .is_some_and(|index| !interfaces.0.contains_key(&index))
            {
                interfaces = Interfaces::ask()?;
            }
        }
        let line = Line::of(&event, &interfaces);
        if wants(line.object) || line.object == "monitor" {
            print(&line, output)?;
        }
    }
}

/// Why there are no more events. Whoever started the command may start it again when the module is loaded again.
fn end(error: Error) -> Failure {
    match error {
        Error::NotLoaded => {
            Failure::Kernel("shim6 was unloaded, so nothing happens any more".to_owned())
        }
        error => error.into(),
    }
}

/// The object of a word, which may be abbreviated.
fn object(word: &str) -> Result<&'static str, String> {
    let found = OBJECTS
        .iter()
        .find(|object| !word.is_empty() && object.starts_with(word));
    found
        .copied()
        .ok_or_else(|| format!("monitor: \"{word}\" is not one of {}", OBJECTS.join(", ")))
}

/// What is printed of an event.
struct Line {
    object: &'static str,
    event: &'static str,
    cause: Option<&'static str>,
    /// For people, after object and event.
    text: String,
    /// For machines.
    value: Option<Value>,
}

impl Line {
    fn plain(object: &'static str, event: &'static str) -> Line {
        Line {
            object,
            event,
            cause: None,
            text: String::new(),
            value: None,
        }
    }

    fn of(event: &Event, interfaces: &Interfaces) -> Line {
        match event {
            Event::SetLoaded(set) => Line::of_set("loaded", set, interfaces),
            Event::SetRemoved(set) => Line::of_set("removed", set, interfaces),
            Event::ContextAdded(context) => Line::of_context("created", context, interfaces),
            Event::ContextRemoved(context) => Line::of_context("removed", context, interfaces),
            Event::ContextChanged(context) => Line::of_context(
                context.event.map_or("changed", Enumeration::name),
                context,
                interfaces,
            ),
            Event::LocatorChanged(local) => Line::of_locator(local, interfaces),
            Event::SettingsChanged(settings) => {
                let one = |setting: &libshim6::Setting| {
                    format!("{} {}", setting.attribute.name, setting.value)
                };
                let text = settings.iter().map(one).collect::<Vec<_>>().join(" ");
                Line {
                    text,
                    value: Some(json::values(settings)),
                    ..Line::plain("set", "changed")
                }
            }
            Event::PolicyAdded(rule) => Line::of_policy("added", rule),
            Event::PolicyRemoved(rule) => Line::of_policy("removed", rule),
            Event::Lost => Line {
                text: "this listener was too slow; ask again with \"shim6 context show\""
                    .to_owned(),
                ..Line::plain("monitor", "lost")
            },
            Event::Unknown(number) => Line {
                text: format!("number {number}"),
                ..Line::plain("monitor", "unknown")
            },
        }
    }

    fn of_set(event: &'static str, set: &LoadedSet, interfaces: &Interfaces) -> Line {
        let addresses: Vec<_> = set.addresses.iter().map(ToString::to_string).collect();
        let text = format!("{} {}", set.id, addresses.join(" "));
        Line {
            text,
            value: Some(json::set(set, interfaces)),
            ..Line::plain("hba", event)
        }
    }

    fn of_policy(event: &'static str, rule: &PolicyRule) -> Line {
        let line = policy::to_line(rule);
        Line {
            text: line.trim_start_matches("policy ").to_owned(),
            value: Some(policy::to_json(rule)),
            ..Line::plain("policy", event)
        }
    }

    fn of_context(event: &'static str, context: &Context, interfaces: &Interfaces) -> Line {
        Line {
            cause: context.cause.map(Enumeration::name),
            text: format!("{} {} {}", context.id, pair(&context.ulids), news(context)),
            value: Some(json::context(context, interfaces)),
            ..Line::plain("context", event)
        }
    }

    fn of_locator(local: &LocalLocator, interfaces: &Interfaces) -> Line {
        let locator = &local.locator;
        let device = locator
            .ifindex
            .map(|index| format!(" dev {}", interfaces.name(index)))
            .unwrap_or_default();
        Line {
            cause: local.cause.map(Enumeration::name),
            text: format!(
                "{}{device} status {}",
                locator.address,
                locator.status.name()
            ),
            value: Some(json::locator(locator, interfaces)),
            ..Line::plain("locator", "changed")
        }
    }
}

impl Line {
    /// The line for people.
    fn to_text(&self, now: &str) -> String {
        let text = if self.text.is_empty() {
            String::new()
        } else {
            format!(" {}", self.text)
        };
        let cause = self
            .cause
            .map(|cause| format!(" cause {cause}"))
            .unwrap_or_default();
        format!("[{now}] {} {}{text}{cause}", self.object, self.event)
    }
}

/// What is new in a context.
fn news(context: &Context) -> String {
    let reap = context.reap_state.map_or("-", Enumeration::name);
    match context.event {
        Some(spec::Event::Switched) => {
            let path = context.current.as_ref().map(pair).unwrap_or_default();
            let outage = context
                .outage
                .map(|outage| format!(" outage {}", time(outage)))
                .unwrap_or_default();
            format!("path {path}{outage}")
        }
        Some(spec::Event::Reap) => format!("reap {reap}"),
        _ => format!("state {} reap {reap}", context.state.name()),
    }
}

/// An event on one line, with the time of the day.
pub(crate) fn sentence(event: &Event, interfaces: &Interfaces) -> String {
    let line = Line::of(event, interfaces);
    line.to_text(&timestamp(SystemTime::now(), true))
}

fn print(line: &Line, output: &mut Output) -> Result<(), Failure> {
    let now = timestamp(
        SystemTime::now(),
        output.options.short_time && !output.options.json,
    );
    if output.options.json {
        return output.json(&to_json(line, &now));
    }
    output.line(&line.to_text(&now))
}

fn to_json(line: &Line, now: &str) -> Value {
    let mut object = Map::new();
    object.insert("time".into(), now.into());
    object.insert("object".into(), line.object.into());
    object.insert("event".into(), line.event.into());
    if let Some(cause) = line.cause {
        object.insert("cause".into(), cause.into());
    }
    if let Some(value) = &line.value {
        object.insert(key(line.object), value.clone());
    } else if !line.text.is_empty() {
        object.insert("text".into(), json!(line.text));
    }
    object.into()
}

/// RFC 3339 with microseconds, in UTC; the time of the day only if it is to be short.
fn timestamp(now: SystemTime, is_short: bool) -> String {
    let full = humantime::format_rfc3339_micros(now).to_string();
    match full.split_once('T') {
        Some((_, time)) if is_short => time.to_owned(),
        _ => full,
    }
}
