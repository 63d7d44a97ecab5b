// SPDX-License-Identifier: GPL-2.0
//! The JSON of the command. Its shape is a promise to scripts: keys are added, and never change or go.
//!
//! - Keys are the names of `include/netlink/shim6.yaml` with `_` for `-`; values of enumerations are its names.
//! - Addresses are strings of RFC 5952. Times end in `_ms` and are numbers. Tags are strings, `0x` and 12 digits.
//! - A key is missing where there is nothing to tell, as a `switch_cause` before any switch.
//! - `show` of contexts, sets and locators prints an array, even of one; `status`, `set` and `stats` print an object;
//!   `monitor` prints one object on each line.

use crate::show::Interfaces;
use libshim6::spec::{self, Enumeration};
use libshim6::{Answer, Context, LoadedSet, Locator, Pair, SetFile, Setting, Switch, WatchedPair};
use serde_json::{json, Map, Value};

/// Octets in hexadecimal.
pub fn hex(octets: &[u8]) -> String {
    let digits: Vec<_> = octets.iter().map(|octet| format!("{octet:02x}")).collect();
    digits.concat()
}

/// The key of a name of the specification.
pub fn key(name: &str) -> String {
    name.replace('-', "_")
}

/// Adds what there is to tell.
fn add(object: &mut Map<String, Value>, key: &str, value: Option<Value>) {
    if let Some(value) = value {
        object.insert(key.to_owned(), value);
    }
}

fn name<E: Enumeration>(value: Option<E>) -> Option<Value> {
    value.map(|value| value.name().into())
}

fn pair(pair: &Pair) -> Value {
    json!({ "local": pair.local.to_string(), "peer": pair.peer.to_string() })
}

/// A locator.
pub fn locator(locator: &Locator, interfaces: &Interfaces) -> Value {
    let mut object = Map::new();
    object.insert("address".into(), locator.address.to_string().into());
    object.insert("status".into(), locator.status.name().into());
    object.insert("method".into(), locator.method.name().into());
    object.insert("flags".into(), locator.flag_names().into());
    object.insert("priority".into(), locator.priority.into());
    object.insert("weight".into(), locator.weight.into());
    add(&mut object, "ifindex", locator.ifindex.map(Value::from));
    add(
        &mut object,
        "ifname",
        locator.ifindex.map(|index| interfaces.name(index).into()),
    );
    add(&mut object, "hba_id", locator.hba_id.map(Value::from));
    add(&mut object, "contexts", locator.contexts.map(Value::from));
    object.into()
}

/// A set that is loaded.
pub fn set(set: &LoadedSet, interfaces: &Interfaces) -> Value {
    let mut object = Map::new();
    object.insert("id".into(), set.id.into());
    add(&mut object, "label", set.label.clone().map(Value::from));
    object.insert("sec".into(), set.sec.into());
    object.insert("contexts".into(), set.contexts.into());
    object.insert(
        "addresses".into(),
        set.addresses.iter().map(ToString::to_string).collect(),
    );
    object.insert(
        "locators".into(),
        set.locators
            .iter()
            .map(|one| locator(one, interfaces))
            .collect(),
    );
    add(
        &mut object,
        "parameters",
        set.pds.as_deref().map(|pds| hex(pds).into()),
    );
    object.into()
}

/// A set in a file; `path` is missing if it was not written to one.
pub fn set_file(file: &SetFile, path: Option<&str>) -> Value {
    let mut object = Map::new();
    add(&mut object, "file", path.map(Value::from));
    add(&mut object, "label", file.label.clone().map(Value::from));
    object.insert("sec".into(), file.set.sec().get().into());
    object.insert(
        "addresses".into(),
        file.addresses().iter().map(ToString::to_string).collect(),
    );
    object.insert("parameters".into(), hex(file.set.pds()).into());
    object.into()
}

/// What a peer has said.
pub(crate) fn answer(answer: Answer) -> &'static str {
    match answer {
        Answer::Yes => "shim6",
        Answer::No => "no-shim6",
        Answer::Silence | Answer::None => "no-answer",
    }
}

/// A peer, by what its context tells of it.
pub fn peer(context: &Context) -> Value {
    let mut object = Map::new();
    object.insert("peer".into(), context.ulids.peer.to_string().into());
    object.insert("local".into(), context.ulids.local.to_string().into());
    object.insert("answer".into(), answer(context.answer()).into());
    object.insert("state".into(), context.state.name().into());
    add(
        &mut object,
        "hold_down_ms",
        context.hold_down().map(Value::from),
    );
    object.into()
}

/// A context.
pub fn context(context: &Context, interfaces: &Interfaces) -> Value {
    let mut object = Map::new();
    object.insert("id".into(), context.id.into());
    object.insert("state".into(), context.state.name().into());
    object.insert("ulid".into(), pair(&context.ulids));
    object.insert("fii".into(), context.fii.into());
    add(&mut object, "role", name(context.role));
    add(&mut object, "tag", tags(context));
    add(&mut object, "current", context.current.as_ref().map(pair));
    object.insert("switched".into(), context.is_switched().into());
    add(&mut object, "previous", context.previous.as_ref().map(pair));
    let list = |locators: &[Locator]| -> Value {
        locators
            .iter()
            .map(|one| locator(one, interfaces))
            .collect()
    };
    object.insert(
        "locators".into(),
        json!({ "local": list(&context.locators_local), "peer": list(&context.locators_peer) }),
    );
    add(&mut object, "reap_state", name(context.reap_state));
    add(&mut object, "event", name(context.event));
    add(&mut object, "cause", name(context.cause));
    add(&mut object, "switch_cause", name(context.switch_cause));
    let times = [
        ("created_age_ms", context.created_age),
        ("state_age_ms", context.state_age),
        ("switch_age_ms", context.switch_age),
        ("rx_age_ms", context.rx_age),
        ("tx_age_ms", context.tx_age),
        ("outage_ms", context.outage),
        (
            "keepalive_timeout_ms",
            context.keepalive_timeout.map(u64::from),
        ),
    ];
    for (key, time) in times {
        add(&mut object, key, time.map(Value::from));
    }
    object.insert(
        "timers".into(),
        context
            .timers
            .iter()
            .map(|(kind, left)| json!({ "kind": kind.name(), "remaining_ms": left }))
            .collect(),
    );
    object.insert("counters".into(), counters(context));
    add(
        &mut object,
        "round_trip_ms",
        context.round_trip.map(Value::from),
    );
    object.insert(
        "switches".into(),
        context.switches.iter().map(switch).collect(),
    );
    object.insert("pairs".into(), context.pairs.iter().map(watched).collect());
    object.insert("retries".into(), context.retries.into());
    add(&mut object, "hba_id", context.hba_id.map(Value::from));
    object.into()
}

/// A change of the locators in use.
fn switch(switch: &Switch) -> Value {
    json!({
        "age_ms": switch.age,
        "silence_ms": switch.silence,
        "cause": switch.cause.name(),
    })
}

/// A locator pair that is looked after beside the one in use.
fn watched(watched: &WatchedPair) -> Value {
    let mut object = Map::new();
    object.insert("local".into(), watched.pair.local.to_string().into());
    object.insert("peer".into(), watched.pair.peer.to_string().into());
    object.insert("role".into(), watched.role.name().into());
    add(
        &mut object,
        "good_age_ms",
        watched.good_age.map(Value::from),
    );
    object.insert("lost".into(), watched.lost.into());
    add(
        &mut object,
        "round_trip_ms",
        watched.round_trip.map(Value::from),
    );
    object.into()
}

fn tags(context: &Context) -> Option<Value> {
    let mut tags = Map::new();
    let tag = |tag: Option<u64>| tag.map(|tag| format!("0x{tag:012x}").into());
    add(&mut tags, "local", tag(context.tag_local));
    add(&mut tags, "peer", tag(context.tag_peer));
    (!tags.is_empty()).then(|| tags.into())
}

fn counters(context: &Context) -> Value {
    let known = spec::COUNTERS.attributes.iter();
    known
        .map(|attribute| {
            (
                key(attribute.name),
                Value::from(context.counter(attribute.number)),
            )
        })
        .collect::<Map<_, _>>()
        .into()
}

/// Settings or statistics.
pub fn values(values: &[Setting]) -> Value {
    values
        .iter()
        .map(|value| (key(value.attribute.name), Value::from(value.value)))
        .collect::<Map<_, _>>()
        .into()
}

/// Settings or statistics with all that is known of each: unit, bounds, default and meaning.
pub fn explained(values: &[Setting]) -> Value {
    let one = |value: &Setting| {
        let attribute = value.attribute;
        let mut object = Map::new();
        object.insert("value".into(), value.value.into());
        add(&mut object, "unit", attribute.unit().map(Value::from));
        add(&mut object, "min", attribute.min.map(Value::from));
        add(&mut object, "max", attribute.max.map(Value::from));
        add(
            &mut object,
            "default",
            attribute.default_value().map(Value::from),
        );
        object.insert("doc".into(), attribute.doc.into());
        (key(attribute.name), Value::from(object))
    };
    values.iter().map(one).collect::<Map<_, _>>().into()
}
