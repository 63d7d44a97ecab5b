// SPDX-License-Identifier: GPL-2.0
//! Problems with peers: those that are looked for, do not answer, or answer to all but Shim6.

use super::{Problem, Situation};
use libshim6::sock_diag::Socket;
use libshim6::spec::ReapState;
use std::collections::{BTreeSet, HashSet};
use std::net::Ipv6Addr;

pub(super) fn exploring(situation: &Situation) -> Option<Problem> {
    let contexts = &situation.contexts;
    let first = contexts.first_exploring?;
    let count =
        [ReapState::Exploring, ReapState::InboundOk].map(|state| contexts.in_reap_state(state));
    let what = format!(
        "{} contexts look for a working path, as the one with {first}",
        count.iter().sum::<usize>()
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
    let connected: HashSet<_> = sockets
        .iter()
        .filter(|socket| socket.protocol == "tcp" && socket.state == "established")
        .map(|socket| socket.addresses)
        .collect();
    let silent = situation.contexts.silent.iter();
    let peers: BTreeSet<_> = silent
        .filter(|(ulids, is_heard)| *is_heard || connected.contains(ulids))
        .map(|(ulids, _)| ulids.peer)
        .collect();
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
    let dead = &situation.contexts.unreachable;
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
    use libshim6::spec::{ContextState, LocatorStatus};
    use libshim6::Context;

    fn silent_peer() -> Context {
        Context {
            state: ContextState::EFailed,
            ..crate::top::context(1, 0)
        }
    }

    #[test]
    fn a_peer_that_is_spoken_to_and_silent_about_shim6_means_that_header_140_is_eaten() {
        let mut situation = situation();
        situation.contexts.add(&silent_peer());
        assert_eq!(
            eaten(&situation, &[]),
            None,
            "nothing shows that it is there"
        );
        let socket = Socket {
            protocol: "tcp",
            state: "established",
            addresses: silent_peer().ulids,
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
        situation.contexts.add(&context);
        let problem = unreachable(&situation).expect("a problem");
        assert!(problem
            .what
            .starts_with("the locator 2001:db8:d:1::80 did not answer"));
    }
}
