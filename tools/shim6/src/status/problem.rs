// SPDX-License-Identifier: GPL-2.0
//! What keeps Shim6 from working for this host, and what to do about it.

mod peers;
mod source;

use super::Situation;
use crate::failure::Failure;
use libshim6::rtnetlink::Rtnetlink;
use libshim6::sock_diag::sockets;
use libshim6::spec::LocatorStatus;
use libshim6::Locator;
use peers::{eaten, exploring, some, unreachable};
use serde_json::{json, Value};
use source::{route, source, unchosen, unchosen_all};
use std::net::Ipv6Addr;

/// A destination that is nobody's, to ask where packets to the Internet leave.
const ELSEWHERE: Ipv6Addr = Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 1);

/// The kinds of problems that keep every connection of this host from moving.
const FATAL: [&str; 2] = ["no-set", "too-few-locators"];

/// Something that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    /// A name for scripts.
    pub(crate) kind: &'static str,
    /// What is wrong.
    pub(crate) what: String,
    /// What to do about it.
    pub(crate) remedy: String,
}

impl Problem {
    fn new(kind: &'static str, what: String, remedy: &str) -> Problem {
        Problem {
            kind,
            what,
            remedy: remedy.to_owned(),
        }
    }

    /// Whether nothing works while it is there.
    pub(crate) fn is_fatal(&self) -> bool {
        FATAL.contains(&self.kind)
    }

    pub(crate) fn to_json(&self) -> Value {
        json!({ "kind": self.kind, "what": self.what, "remedy": self.remedy })
    }
}

/// Looks for problems.
pub(crate) fn find(
    situation: &Situation,
    rtnetlink: &mut Rtnetlink,
) -> Result<Vec<Problem>, Failure> {
    let mut problems = sets(situation);
    problems.extend(situation.locators.iter().filter_map(state));
    problems.extend(exploring(situation));
    problems.extend(unreachable(situation));
    if !situation.contexts.silent.is_empty() {
        problems.extend(eaten(situation, &sockets()?));
    }
    for locator in situation
        .locators
        .iter()
        .filter(|locator| locator.is_usable())
    {
        let path = rtnetlink.path(destination(situation), Some(locator.address))?;
        problems.extend(route(locator, path, situation));
    }
    if !situation.sets.is_empty() {
        let path = rtnetlink.path(destination(situation), None)?;
        problems.extend(source(path, situation));
        let (addresses, labels) = (rtnetlink.addresses()?.items, rtnetlink.labels()?.items);
        let own = |one: &&Locator| unchosen(one, situation, &addresses, &labels);
        problems.extend(unchosen_all(situation.locators.iter().filter(own)));
    }
    Ok(problems)
}

/// Where packets go: to a peer, if there is one.
fn destination(situation: &Situation) -> Ipv6Addr {
    situation.contexts.first_peer.unwrap_or(ELSEWHERE)
}

fn sets(situation: &Situation) -> Vec<Problem> {
    if situation.sets.is_empty() {
        let what = "no HBA set is loaded, so no connection of this host can move".to_owned();
        return vec![Problem::new(
            "no-set",
            what,
            "shim6 hba generate PREFIX PREFIX file FILE; shim6 hba load FILE",
        )];
    }
    let usable = situation
        .locators
        .iter()
        .filter(|locator| locator.is_usable())
        .count();
    if usable < 2 {
        let what = format!(
            "{usable} of {} local locators can be used, so there is nothing to move to",
            situation.locators.len()
        );
        return vec![Problem::new(
            "too-few-locators",
            what,
            "see the locators below \"hba\", and bring their interfaces up",
        )];
    }
    Vec::new()
}

fn state(locator: &Locator) -> Option<Problem> {
    let address = locator.address;
    match locator.status {
        LocatorStatus::LinkDown => {
            let what = format!("the interface of {address} is down or has no carrier");
            Some(Problem::new("link-down", what, "look at the link"))
        }
        LocatorStatus::Absent => {
            let what = format!("no interface has the address {address}");
            Some(Problem::new(
                "absent",
                what,
                "ip -6 address add ADDRESS/64 dev IF, or remove the set and load it again",
            ))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::show::Interfaces;
    use crate::status::overview::Overview;
    use libshim6::spec::VerificationMethod;
    use libshim6::LoadedSet;

    pub(super) fn locator(address: &str, status: LocatorStatus, ifindex: u32) -> Locator {
        Locator {
            address: address.parse().expect("an address"),
            status,
            method: VerificationMethod::Hba,
            flags: 0,
            priority: 0,
            weight: 0,
            ifindex: Some(ifindex),
            hba_id: Some(1),
            contexts: Some(0),
        }
    }

    pub(super) fn situation() -> Situation {
        let locators = vec![
            locator("2001:db8:a:1::7", LocatorStatus::Usable, 2),
            locator("2001:db8:b:1::7", LocatorStatus::LinkDown, 3),
        ];
        let addresses = locators.iter().map(|locator| locator.address).collect();
        let set = LoadedSet {
            id: 1,
            label: None,
            pds: None,
            addresses,
            sec: 0,
            contexts: 0,
            locators: locators.clone(),
        };
        let interfaces = Interfaces([(2, "eth0".to_owned()), (3, "eth1".to_owned())].into());
        Situation {
            contexts: Overview::default(),
            sets: vec![set],
            locators,
            interfaces,
        }
    }

    #[test]
    fn one_usable_locator_is_too_few_and_a_dead_link_is_told() {
        let situation = situation();
        assert_eq!(sets(&situation)[0].kind, "too-few-locators");
        let kinds: Vec<_> = situation
            .locators
            .iter()
            .filter_map(state)
            .map(|problem| problem.kind)
            .collect();
        assert_eq!(kinds, ["link-down"]);
    }
}
