// SPDX-License-Identifier: GPL-2.0
//! What keeps Shim6 from working for this host, and what to do about it.

mod peers;

use super::Situation;
use crate::failure::Failure;
use libshim6::rtnetlink::{InterfaceAddress, Label, Path, Rtnetlink};
use libshim6::sock_diag::sockets;
use libshim6::spec::{ContextState, LocatorStatus};
use libshim6::Locator;
use peers::{eaten, exploring, in_state, some, unreachable};
use serde_json::{json, Value};
use std::collections::BTreeSet;
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
    if in_state(situation, ContextState::EFailed).next().is_some() {
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
    situation
        .contexts
        .first()
        .map_or(ELSEWHERE, |context| context.ulids.peer)
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

/// Whether programs choose another address of the same prefix and interface rather than this locator.
fn unchosen(
    locator: &Locator,
    situation: &Situation,
    addresses: &[InterfaceAddress],
    labels: &[Label],
) -> bool {
    let is_ours = |address: &Ipv6Addr| {
        situation
            .sets
            .iter()
            .any(|set| set.addresses.contains(address))
    };
    let has_rival = addresses.iter().any(|other| {
        Some(other.index) == locator.ifindex
            && prefix64(other.address) == prefix64(locator.address)
            && !is_ours(&other.address)
            && !other.is_deprecated()
    });
    let is_preferred = labels
        .iter()
        .any(|label| label.prefix_len == 128 && label.prefix == locator.address);
    locator.is_usable()
        && (locator.status == LocatorStatus::Deprecated || has_rival && !is_preferred)
}

fn unchosen_all<'a>(locators: impl Iterator<Item = &'a Locator>) -> Option<Problem> {
    let addresses: BTreeSet<_> = locators.map(|locator| locator.address).collect();
    let first = addresses.first()?;
    let what = format!(
        "programs do not choose {} as their source: it is deprecated, or another address of its prefix comes first",
        some(addresses.len(), ["address", "addresses"], first)
    );
    Some(Problem::new(
        "unchosen",
        what,
        "shim6 hba remove SET; shim6 hba load FILE, which labels it (see ip addrlabel)",
    ))
}

/// Whether packets from a locator leave by its own uplink, as its provider drops those of other prefixes.
fn route(locator: &Locator, path: Option<Path>, situation: &Situation) -> Option<Problem> {
    let own = locator.ifindex?;
    let (address, name) = (locator.address, situation.interfaces.name(own));
    let remedy = format!(
        "add a source-dependent route: ip -6 route add default from {}/64 via ROUTER dev {name}",
        prefix64(address)
    );
    match path {
        None => Some(Problem::new(
            "no-route",
            format!("there is no route for packets from {address}"),
            &remedy,
        )),
        Some(path) if path.index != own => {
            let wrong = situation.interfaces.name(path.index);
            let what = format!("packets from {address} leave by {wrong} rather than by {name}, where its provider is");
            Some(Problem::new("wrong-uplink", what, &remedy))
        }
        Some(_) => None,
    }
}

/// Whether programs choose an address of a set.
fn source(path: Option<Path>, situation: &Situation) -> Option<Problem> {
    let source = path?.source?;
    let is_ours = situation
        .sets
        .iter()
        .any(|set| set.addresses.contains(&source));
    let what = format!("programs choose {source} as their source, which is in no HBA set");
    (!is_ours).then(|| {
        Problem::new(
            "source",
            what,
            "remove the set and load it again by \"shim6 hba load\", or see ip addrlabel",
        )
    })
}

fn prefix64(address: Ipv6Addr) -> Ipv6Addr {
    Ipv6Addr::from(u128::from(address) >> 64 << 64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::show::Interfaces;
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
            contexts: Vec::new(),
            sets: vec![set],
            locators,
            interfaces,
        }
    }

    #[test]
    fn a_locator_that_leaves_by_the_other_uplink_is_told_with_the_route_to_add() {
        let situation = situation();
        let locator = &situation.locators[0];
        let problem = route(
            locator,
            Some(Path {
                index: 3,
                source: None,
            }),
            &situation,
        )
        .expect("a problem");
        assert_eq!(problem.kind, "wrong-uplink");
        assert_eq!(problem.remedy, "add a source-dependent route: ip -6 route add default from 2001:db8:a:1::/64 via ROUTER dev eth0");
        assert_eq!(
            route(locator, None, &situation).expect("a problem").kind,
            "no-route"
        );
        assert_eq!(
            route(
                locator,
                Some(Path {
                    index: 2,
                    source: None
                }),
                &situation
            ),
            None
        );
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

    #[test]
    fn a_source_outside_all_sets_is_told() {
        let situation = situation();
        let path = |source: &str| {
            Some(Path {
                index: 2,
                source: Some(source.parse().expect("an address")),
            })
        };
        assert_eq!(
            source(path("2001:db8:a:1::99"), &situation)
                .expect("a problem")
                .kind,
            "source"
        );
        assert_eq!(source(path("2001:db8:a:1::7"), &situation), None);
        assert_eq!(source(None, &situation), None);
    }

    #[test]
    fn an_address_with_a_rival_and_no_label_is_not_chosen() {
        let situation = situation();
        let locator = &situation.locators[0];
        let label = Label {
            prefix: locator.address,
            prefix_len: 128,
            label: 1,
            index: 0,
        };
        let rival = [InterfaceAddress::new(
            "2001:db8:a:1::99".parse().expect("one"),
            64,
            2,
        )];
        let elsewhere = [InterfaceAddress::new(
            "2001:db8:a:1::99".parse().expect("one"),
            64,
            3,
        )];
        assert!(unchosen(locator, &situation, &rival, &[]));
        assert!(!unchosen(locator, &situation, &rival, &[label]));
        assert!(!unchosen(locator, &situation, &elsewhere, &[]));
        assert_eq!(
            unchosen_all([locator].into_iter()).expect("one").kind,
            "unchosen"
        );
    }
}
