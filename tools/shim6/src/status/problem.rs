// SPDX-License-Identifier: GPL-2.0
//! What keeps Shim6 from working for this host, and what to do about it.

use super::Situation;
use crate::failure::Failure;
use libshim6::rtnetlink::{InterfaceAddress, Label, Path, Rtnetlink};
use libshim6::sock_diag::{sockets, Socket};
use libshim6::spec::{ContextState, LocatorStatus, ReapState};
use libshim6::{Context, Locator};
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

fn in_state(situation: &Situation, state: ContextState) -> impl Iterator<Item = &Context> {
    let contexts = situation.contexts.iter();
    contexts.filter(move |context| context.state == state)
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

fn exploring(situation: &Situation) -> Option<Problem> {
    let failed = situation.contexts.iter().filter(|context| {
        matches!(
            context.reap_state,
            Some(ReapState::Exploring | ReapState::InboundOk)
        )
    });
    let peers: Vec<_> = failed
        .map(|context| context.ulids.peer.to_string())
        .collect();
    let first = peers.first()?;
    let what = format!(
        "{} contexts look for a working path, as the one with {first}",
        peers.len()
    );
    Some(Problem::new(
        "exploring",
        what,
        "shim6 context show reap exploring; shim6 monitor context",
    ))
}

/// Peers that are spoken to, but did not answer the question whether they speak Shim6: one without it answers by an ICMPv6
/// error, so something drops the question or the answer.
fn eaten(situation: &Situation, sockets: &[Socket]) -> Option<Problem> {
    let is_spoken_to = |context: &&Context| {
        context.rx_age.is_some()
            || sockets.iter().any(|socket| {
                socket.protocol == "tcp"
                    && socket.state == "established"
                    && socket.addresses == context.ulids
            })
    };
    let silent = in_state(situation, ContextState::EFailed).filter(is_spoken_to);
    let peers: BTreeSet<_> = silent.map(|context| context.ulids.peer).collect();
    let first = peers.first()?;
    let what = format!(
        "{} gave no answer to Shim6, though connections to it work: its firewall, this host's, or the path drops IPv6 \
         header 140, or the ICMPv6 error of a host without Shim6",
        some(peers.len(), ["peer", "peers"], first)
    );
    let remedy = format!(
        "let next header 140 pass both ways (nft add rule inet filter input meta l4proto 140 accept, likewise output); \
         then: shim6 peer check {first}"
    );
    Some(Problem::new("eaten", what, &remedy))
}

/// Paths of contexts in use that do not carry probes at present.
fn unreachable(situation: &Situation) -> Option<Problem> {
    let established = in_state(situation, ContextState::Established);
    let dead: BTreeSet<_> = established
        .flat_map(|context| context.locators_peer.iter().chain(&context.locators_local))
        .filter(|locator| locator.status == LocatorStatus::Unreachable)
        .map(|locator| locator.address)
        .collect();
    let first = dead.first()?;
    let what = format!(
        "{} did not answer the latest probes, so fewer paths are left to move to",
        some(dead.len(), ["locator", "locators"], first)
    );
    let remedy = format!("see that its provider, and the path to it, carries packets and IPv6 header 140: ping {first}");
    Some(Problem::new("unreachable", what, &remedy))
}

/// One thing by its name, or several by their number and the name of one.
fn some(count: usize, [one, several]: [&str; 2], first: &Ipv6Addr) -> String {
    match count {
        1 => format!("the {one} {first}"),
        count => format!("{count} {several}, as {first},"),
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

    fn locator(address: &str, status: LocatorStatus, ifindex: u32) -> Locator {
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

    fn situation() -> Situation {
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

    fn silent_peer() -> Context {
        Context {
            state: ContextState::EFailed,
            ..crate::top::context(1, 0)
        }
    }

    #[test]
    fn a_peer_that_is_spoken_to_and_silent_about_shim6_means_that_header_140_is_eaten() {
        let mut situation = situation();
        situation.contexts = vec![silent_peer()];
        assert_eq!(
            eaten(&situation, &[]),
            None,
            "nothing shows that it is there"
        );
        let socket = Socket {
            protocol: "tcp",
            state: "established",
            addresses: situation.contexts[0].ulids,
            local_port: 1,
            peer_port: 2,
            user: 0,
            inode: 0,
        };
        let problem = eaten(&situation, &[socket]).expect("a problem");
        assert_eq!(problem.kind, "eaten");
        let begin =
            "the peer 2001:db8:c:1::80 gave no answer to Shim6, though connections to it work";
        assert!(problem.what.starts_with(begin), "{}", problem.what);
        assert!(problem
            .remedy
            .ends_with("shim6 peer check 2001:db8:c:1::80"));
        assert!(!problem.is_fatal());
    }

    #[test]
    fn a_locator_that_does_not_answer_probes_is_told() {
        let mut situation = situation();
        let mut context = crate::top::context(1, 0);
        assert_eq!(unreachable(&situation), None);
        context.locators_peer = vec![locator("2001:db8:d:1::80", LocatorStatus::Unreachable, 0)];
        situation.contexts = vec![context];
        let problem = unreachable(&situation).expect("a problem");
        assert!(problem
            .what
            .starts_with("the locator 2001:db8:d:1::80 did not answer"));
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
