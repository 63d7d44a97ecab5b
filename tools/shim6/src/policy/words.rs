// SPDX-License-Identifier: GPL-2.0
//! A policy rule as words, in both directions, and as JSON.

use super::{user, ADD};
use crate::grammar::{self, Words};
use crate::settings;
use libshim6::spec::{Enumeration, PolicyAction, POLICY_PROTOCOL_MPTCP};
use libshim6::{PolicyRule, Ports, Prefix};
use serde_json::{Map, Value};

/// Names of protocols (IANA's, in lower case), and Multipath TCP by the number that the control interface has for it.
const PROTOCOLS: [(u16, &str); 10] = [
    (6, "tcp"),
    (17, "udp"),
    (33, "dccp"),
    (47, "gre"),
    (50, "esp"),
    (51, "ah"),
    (58, "ipv6-icmp"),
    (132, "sctp"),
    (136, "udplite"),
    (POLICY_PROTOCOL_MPTCP as u16, "mptcp"),
];

/// Reads a rule.
pub(crate) fn read(words: &[&str]) -> Result<PolicyRule, String> {
    let words = ADD.read(words)?;
    let action = words.plain.first().copied().unwrap_or_default();
    let number = |name| {
        let word = words.get(name);
        word.map(|word| grammar::number32(name, word)).transpose()
    };
    Ok(PolicyRule {
        order: number("order")?,
        local: prefix(&words, "local")?,
        peer: prefix(&words, "peer")?,
        protocol: words.get("protocol").map(protocol).transpose()?,
        local_ports: ports(&words, "local-port")?,
        peer_ports: ports(&words, "peer-port")?,
        user: words.get("user").map(user::number).transpose()?,
        packets: number("packets")?,
        time: words.get("time").map(time).transpose()?,
        ..PolicyRule::new(self::action(action)?)
    })
}

/// The action of a word, which may be abbreviated while it is clear.
fn action(word: &str) -> Result<PolicyAction, String> {
    let all = PolicyAction::ALL;
    let fitting: Vec<_> = all
        .iter()
        .filter(|entry| !word.is_empty() && entry.name.starts_with(word))
        .collect();
    let exact = all.iter().find(|entry| entry.name == word);
    match (exact, fitting.as_slice()) {
        (Some(entry), _) | (None, &[entry]) => Ok(entry.value),
        _ => {
            let names: Vec<_> = all.iter().map(|entry| entry.name).collect();
            Err(format!(
                "policy add: \"{word}\" is not one of {}",
                names.join(", ")
            ))
        }
    }
}

fn prefix(words: &Words<'_>, name: &str) -> Result<Option<Prefix>, String> {
    let word = words.get(name);
    word.map(|word| {
        word.parse()
            .map_err(|_| format!("{name}: \"{word}\" is not an IPv6 prefix"))
    })
    .transpose()
}

fn protocol(word: &str) -> Result<u16, String> {
    let named = PROTOCOLS.iter().find(|(_, name)| *name == word);
    let number = named
        .map(|(number, _)| *number)
        .or_else(|| word.parse().ok());
    number.ok_or_else(|| format!("protocol: \"{word}\" is not known; its number will do"))
}

fn ports(words: &Words<'_>, name: &str) -> Result<Option<Ports>, String> {
    let Some(word) = words.get(name) else {
        return Ok(None);
    };
    let (first, last) = word.split_once('-').unwrap_or((word, word));
    let wrong = |_| format!("{name}: \"{word}\" is not a port from 1 to 65535, or two as 80-90");
    Ok(Some(Ports {
        first: first.parse().map_err(wrong)?,
        last: last.parse().map_err(wrong)?,
    }))
}

fn time(word: &str) -> Result<u32, String> {
    settings::milliseconds(word).ok_or_else(|| "time: a time is as 500ms, 10s or 2m".to_owned())
}

fn name_of(protocol: u16) -> String {
    let named = PROTOCOLS.iter().find(|(number, _)| *number == protocol);
    named.map_or_else(|| protocol.to_string(), |(_, name)| (*name).to_owned())
}

fn range(ports: Ports) -> String {
    if ports.first == ports.last {
        ports.first.to_string()
    } else {
        format!("{}-{}", ports.first, ports.last)
    }
}

/// Everything that a rule has, by the names of its words.
fn parts(rule: &PolicyRule) -> Vec<(&'static str, String)> {
    let parts = [
        ("order", rule.order.map(|order| order.to_string())),
        ("local", rule.local.map(|prefix| prefix.to_string())),
        ("peer", rule.peer.map(|prefix| prefix.to_string())),
        ("protocol", rule.protocol.map(name_of)),
        ("local-port", rule.local_ports.map(range)),
        ("peer-port", rule.peer_ports.map(range)),
        ("user", rule.user.map(|user| user.to_string())),
        ("packets", rule.packets.map(|packets| packets.to_string())),
        ("time", rule.time.map(|time| format!("{time}ms"))),
    ];
    let there = parts.into_iter();
    there
        .filter_map(|(name, text)| Some((name, text?)))
        .collect()
}

/// The words that would add a rule, on any host: its user by number.
pub(crate) fn write(rule: &PolicyRule) -> String {
    join(rule, parts(rule))
}

/// The same for people: its user by name.
pub(crate) fn show(rule: &PolicyRule) -> String {
    let by_name = |(name, text)| match rule.user.and_then(user::name) {
        Some(user) if name == "user" => (name, user),
        _ => (name, text),
    };
    join(rule, parts(rule).into_iter().map(by_name).collect())
}

fn join(rule: &PolicyRule, parts: Vec<(&'static str, String)>) -> String {
    let mut words = vec![rule.action.name().to_owned()];
    words.extend(parts.iter().map(|(name, text)| format!("{name} {text}")));
    words.join(" ")
}

/// A rule for machines: its words as strings, its numbers as numbers.
pub(super) fn to_json(rule: &PolicyRule) -> Value {
    let mut object = Map::new();
    if let Some(id) = rule.id {
        object.insert("id".into(), id.into());
    }
    object.insert("action".into(), rule.action.name().into());
    for (name, text) in parts(rule) {
        let value = match name {
            "time" => rule.time.into(),
            "order" | "user" | "packets" => text.parse::<u32>().ok().into(),
            _ => Value::from(text),
        };
        let key = if name == "time" { "time_ms" } else { name };
        object.insert(crate::json::key(key), value);
    }
    if let Some(name) = rule.user.and_then(user::name) {
        object.insert("user_name".into(), name.into());
    }
    object.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_can_be_read() {
        for text in [
            "never",
            "use-not order 5 local 2001:db8:1::/48",
            "tell-not local 2001:db8:1::7 peer 2001:db8:2::/48",
            "after order 1000 peer ::/0 protocol mptcp local-port 80 peer-port 8000-8080 user 1000 packets 9 time 1500ms",
        ] {
            let words: Vec<_> = text.split(' ').collect();
            assert_eq!(write(&read(&words).expect(text)), text);
        }
    }

    #[test]
    fn a_user_is_read_by_name_and_number_and_shown_by_name() {
        let rule = read(&["never", "user", "root"]).expect("every host has root");
        assert_eq!(rule, read(&["never", "user", "0"]).expect("a number"));
        assert_eq!(show(&rule), "never user root");
        assert_eq!(write(&rule), "never user 0");
        let value = to_json(&rule);
        assert_eq!(
            (&value["user"], &value["user_name"]),
            (&0.into(), &"root".into())
        );
        let stranger = read(&["never", "user", "4000000000"]).expect("a number");
        assert_eq!(show(&stranger), "never user 4000000000");
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (text, complaint) in [
            ("us", "\"us\" is not one of never, at-once"),
            ("never local 2001:db8::/129", "local: \"2001:db8::/129\""),
            ("never protocol carrier-pigeon", "carrier-pigeon"),
            ("never peer-port 65536", "peer-port: \"65536\""),
            ("after time soon", "time: a time is as"),
            (
                "never user mr-nobody",
                "user: this host has no user \"mr-nobody\"",
            ),
            ("never user 4294967296", "user: 4294967296 is too large"),
        ] {
            let words: Vec<_> = text.split(' ').collect();
            let error = read(&words).expect_err(text);
            assert!(error.contains(complaint), "{error}");
        }
    }
}
