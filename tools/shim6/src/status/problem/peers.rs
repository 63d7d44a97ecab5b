// SPDX-License-Identifier: GPL-2.0
//! Problems with peers: those that are looked for, do not answer, or answer to all but Shim6.

use super::{Problem, Situation};
use libshim6::sock_diag::Socket;
use libshim6::spec::{ContextState, LocatorStatus, ReapState};
use libshim6::Context;
use std::collections::BTreeSet;
use std::net::Ipv6Addr;

pub(super) fn in_state(
    situation: &Situation,
    state: ContextState,
) -> impl Iterator<Item = &Context> {
    let contexts = situation.contexts.iter();
    contexts.filter(move |context| context.state == state)
}

pub(super) fn exploring(situation: &Situation) -> Option<Problem> {
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
pub(super) fn eaten(situation: &Situation, sockets: &[Socket]) -> Option<Problem> {
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
pub(super) fn unreachable(situation: &Situation) -> Option<Problem> {
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
pub(super) fn some(count: usize, [one, several]: [&str; 2], first: &Ipv6Addr) -> String {
    match count {
        1 => format!("the {one} {first}"),
        count => format!("{count} {several}, as {first},"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{locator, situation};
    use super::*;

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
}
