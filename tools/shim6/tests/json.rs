// SPDX-License-Identifier: GPL-2.0
//! The shape of the JSON, which scripts rely on: a change here is a broken promise, unless it only adds.

use libshim6::spec::{
    Cause, ContextState, Event, LocatorStatus, PairRole, ReapState, Role, Timer,
    VerificationMethod, CONFIG,
};
use libshim6::{Context, LoadedSet, Locator, Pair, Setting, Switch, WatchedPair};
use serde_json::{json, Value};
use shim6::{json as shape, Interfaces};
use std::net::Ipv6Addr;

fn address(text: &str) -> Ipv6Addr {
    text.parse().expect("an address")
}

fn pair(local: &str, peer: &str) -> Pair {
    Pair {
        local: address(local),
        peer: address(peer),
    }
}

fn locator(ifindex: Option<u32>) -> Locator {
    Locator {
        address: address("2001:db8:a:1::7"),
        status: LocatorStatus::LinkDown,
        method: VerificationMethod::Hba,
        flags: 3,
        priority: 1,
        weight: 2,
        ifindex,
        hba_id: ifindex.map(|_| 4),
        contexts: ifindex.map(|_| 5),
    }
}

fn interfaces() -> Interfaces {
    Interfaces([(2, "eth0".to_owned())].into())
}

/// A context that has told nothing that may be missing.
fn young() -> Context {
    Context {
        id: 7,
        state: ContextState::I1Sent,
        ulids: pair("2001:db8:a:1::7", "2001:db8:c:1::80"),
        fii: 0,
        role: None,
        tag_local: None,
        tag_peer: None,
        current: None,
        previous: None,
        locators_local: Vec::new(),
        locators_peer: Vec::new(),
        reap_state: None,
        event: None,
        cause: None,
        switch_cause: None,
        created_age: None,
        state_age: None,
        switch_age: None,
        rx_age: None,
        tx_age: None,
        outage: None,
        timers: Vec::new(),
        counters: Vec::new(),
        keepalive_timeout: None,
        retries: 1,
        hba_id: None,
        switches: Vec::new(),
        pairs: Vec::new(),
        round_trip: None,
    }
}

#[test]
fn a_peer_tells_its_answer_and_when_it_is_asked_again() {
    let mut context = young();
    assert_eq!(
        shape::peer(&context),
        json!({"peer": "2001:db8:c:1::80", "local": "2001:db8:a:1::7", "answer": "no-answer", "state": "i1-sent"})
    );
    context.state = ContextState::NoSupport;
    context.timers = vec![(Timer::HoldDown, 599_000)];
    assert_eq!(
        shape::peer(&context),
        json!({"peer": "2001:db8:c:1::80", "local": "2001:db8:a:1::7", "answer": "no-shim6", "state": "no-support", "hold_down_ms": 599_000})
    );
    for (state, answer) in [
        (ContextState::EFailed, "no-answer"),
        (ContextState::I2Sent, "shim6"),
        (ContextState::Established, "shim6"),
    ] {
        context.state = state;
        assert_eq!(shape::peer(&context)["answer"], answer);
    }
}

#[test]
fn a_context_that_has_told_all() {
    let context = Context {
        state: ContextState::Established,
        role: Some(Role::Initiator),
        tag_local: Some(0x1234_5678),
        tag_peer: Some(0x7fff_ffff_ffff),
        current: Some(pair("2001:db8:b:1::7", "2001:db8:d:1::80")),
        previous: Some(pair("2001:db8:a:1::7", "2001:db8:c:1::80")),
        locators_local: vec![locator(Some(2))],
        locators_peer: vec![locator(None)],
        reap_state: Some(ReapState::InboundOk),
        event: Some(Event::Switched),
        cause: Some(Cause::SendTimeout),
        switch_cause: Some(Cause::SendTimeout),
        created_age: Some(1),
        state_age: Some(2),
        switch_age: Some(3),
        rx_age: Some(4),
        tx_age: Some(5),
        outage: Some(6),
        timers: vec![(Timer::Keepalive, 1500)],
        counters: vec![(libshim6::spec::counters::TX_PACKETS, 9)],
        keepalive_timeout: Some(15_000),
        retries: 0,
        hba_id: Some(4),
        switches: vec![Switch {
            age: 3,
            silence: 15_000,
            cause: Cause::SendTimeout,
        }],
        pairs: vec![WatchedPair {
            pair: pair("2001:db8:a:1::7", "2001:db8:c:1::80"),
            role: PairRole::Preferred,
            good_age: Some(8),
            lost: 0,
            round_trip: None,
        }],
        round_trip: Some(12),
        ..young()
    };
    let peer_locator = json!({
        "address": "2001:db8:a:1::7", "status": "link-down", "method": "hba", "flags": ["broken", "temporary"],
        "priority": 1, "weight": 2,
    });
    let expected = json!({
        "id": 7, "state": "established", "fii": 0, "role": "initiator", "switched": true, "retries": 0, "hba_id": 4,
        "ulid": { "local": "2001:db8:a:1::7", "peer": "2001:db8:c:1::80" },
        "tag": { "local": "0x000012345678", "peer": "0x7fffffffffff" },
        "current": { "local": "2001:db8:b:1::7", "peer": "2001:db8:d:1::80" },
        "previous": { "local": "2001:db8:a:1::7", "peer": "2001:db8:c:1::80" },
        "locators": {
            "local": [{
                "address": "2001:db8:a:1::7", "status": "link-down", "method": "hba", "flags": ["broken", "temporary"],
                "priority": 1, "weight": 2, "ifindex": 2, "ifname": "eth0", "hba_id": 4, "contexts": 5,
            }],
            "peer": [peer_locator],
        },
        "reap_state": "inbound-ok", "event": "switched", "cause": "send-timeout", "switch_cause": "send-timeout",
        "created_age_ms": 1, "state_age_ms": 2, "switch_age_ms": 3, "rx_age_ms": 4, "tx_age_ms": 5, "outage_ms": 6,
        "keepalive_timeout_ms": 15000,
        "round_trip_ms": 12,
        "switches": [{ "age_ms": 3, "silence_ms": 15000, "cause": "send-timeout" }],
        "pairs": [{
            "local": "2001:db8:a:1::7", "peer": "2001:db8:c:1::80", "role": "preferred", "good_age_ms": 8, "lost": 0,
        }],
        "timers": [{ "kind": "keepalive", "remaining_ms": 1500 }],
        "counters": {
            "tx_packets": 9, "tx_octets": 0, "rx_packets": 0, "rx_octets": 0, "switches": 0, "keepalives_sent": 0,
            "keepalives_received": 0, "probes_sent": 0, "probes_received": 0,
        },
    });
    assert_eq!(shape::context(&context, &interfaces()), expected);
}

#[test]
fn what_is_not_known_is_left_out() {
    let value = shape::context(&young(), &interfaces());
    let keys: Vec<_> = value
        .as_object()
        .expect("an object")
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(
        keys,
        [
            "counters", "fii", "id", "locators", "pairs", "retries", "state", "switched",
            "switches", "timers", "ulid"
        ]
    );
    assert_eq!(value["switched"], false);
}

#[test]
fn an_interface_without_a_name_has_its_number() {
    assert_eq!(
        shape::locator(&locator(Some(9)), &interfaces())["ifname"],
        "if9"
    );
}

#[test]
fn a_set() {
    let set = LoadedSet {
        id: 4,
        label: Some("home".to_owned()),
        pds: Some(vec![1, 0xab]),
        addresses: vec![address("2001:db8:a:1::7")],
        sec: 1,
        contexts: 3,
        locators: Vec::new(),
    };
    let expected = json!({
        "id": 4, "label": "home", "sec": 1, "contexts": 3, "addresses": ["2001:db8:a:1::7"], "locators": [],
        "parameters": "01ab",
    });
    assert_eq!(shape::set(&set, &interfaces()), expected);
}

#[test]
fn settings_have_the_names_of_the_specification() {
    let settings: Vec<_> = CONFIG
        .attributes
        .iter()
        .map(|attribute| Setting {
            attribute,
            value: u64::from(attribute.number),
        })
        .collect();
    let value = shape::values(&settings);
    assert_eq!(
        value["send_timeout"],
        Value::from(libshim6::spec::config::SEND_TIMEOUT)
    );
    assert_eq!(
        value.as_object().expect("an object").len(),
        CONFIG.attributes.len()
    );
}
