// SPDX-License-Identifier: MIT OR GPL-2.0
//! ICMPv6 errors: on which of them the shim acts, so that the module keeps them from the upper layers, and on which it does
//! not (RFC 5533 section 8).

mod pair;

use pair::played::{kinds, Played, OTHER_TAG, PEER_TAG};
use pair::{World, A};
use shim6_core::context::State;
use shim6_core::engine::{Advice, Counter};
use shim6_core::locator::Pair;
use shim6_core::wire::{
    Fii, Message, MessageType, Nonce, PayloadHeader, Probe, ProbeReport, ProbeReports, ProbeState, Quoted, QuotedKind,
    QuotedPayload, Tag,
};

const UNREACHABLE: u8 = 1;
const TOO_BIG: u8 = 2;
const TIME_EXCEEDED: u8 = 3;
const PARAMETER_PROBLEM: u8 = 4;

/// A packet of TCP between these addresses, without a payload header.
fn plain(over: Pair) -> Quoted {
    Quoted { source: over.local, destination: over.peer, kind: QuotedKind::Other { protocol: 6 } }
}

/// The same behind a payload header.
fn tagged(over: Pair, tag: Tag) -> Quoted {
    let header = PayloadHeader { next_header: 6, tag };
    let kind = QuotedKind::Payload(QuotedPayload { offset: 40, field: 6, header });
    Quoted { kind, ..plain(over) }
}

/// A context that was moved to another pair, at rest.
fn switched(seed: u64) -> (Played, Pair) {
    let mut played = Played::in_state(seed, State::Established);
    let over = played.pair(1, 1);
    played.world.advise(A, Advice::Use(over));
    let said = played.said();
    let sent = said.iter().find_map(|said| match said.message() {
        Message::Probe(probe) if said.over == over => Some(probe.this),
        _ => None,
    });
    let received = [sent.expect("a Probe over the pair")];
    let this = ProbeReport { source: over.peer, destination: over.local, nonce: Nonce(7), data: 0 };
    let (earlier, received) = (ProbeReports::NONE, ProbeReports::new(&received));
    let receiver_tag = played.context().tag_local();
    let state = ProbeState::Operational;
    played.tell(over, &Message::Probe(Probe { receiver_tag, state, this, earlier, received }));
    played.wait(shim6_core::time::Duration::from_secs(30));
    let path = played.context().path();
    assert_eq!((path.pair, path.switched), (over, true));
    (played, over)
}

fn explorations(played: &Played) -> u64 {
    played.host().count(Counter::Explorations)
}

#[test]
fn what_says_that_a_path_is_dead_starts_a_test() {
    let acted =
        [(UNREACHABLE, 0), (UNREACHABLE, 1), (UNREACHABLE, 2), (UNREACHABLE, 3), (UNREACHABLE, 5), (UNREACHABLE, 6)];
    for (kind, code) in acted.into_iter().chain([(TIME_EXCEEDED, 0), (TIME_EXCEEDED, 1)]) {
        let mut played = Played::in_state(1, State::Established);
        let quoted = plain(played.ulids());
        assert!(played.icmp(kind, code, &quoted), "type {kind} code {code}");
        assert_eq!(explorations(&played), 1);
        assert!(kinds(&played.said()).contains(&MessageType::Probe));
        let (mut played, over) = switched(2);
        let before = explorations(&played);
        assert!(played.icmp(kind, code, &tagged(over, PEER_TAG)), "type {kind} code {code}, switched");
        assert_eq!(explorations(&played), before + 1);
    }
}

#[test]
fn what_no_other_path_would_change_is_left_to_the_upper_layers() {
    let left = [(UNREACHABLE, 4), (TOO_BIG, 0), (PARAMETER_PROBLEM, 0), (PARAMETER_PROBLEM, 2), (PARAMETER_PROBLEM, 1)];
    for (kind, code) in left.into_iter().chain([(UNREACHABLE, 7), (100, 0), (128, 0)]) {
        let (mut played, over) = switched(3);
        let (before, ulids) = (explorations(&played), played.ulids());
        assert!(!played.icmp(kind, code, &tagged(over, PEER_TAG)), "type {kind} code {code}");
        assert!(!played.icmp(kind, code, &plain(ulids)), "type {kind} code {code}");
        assert_eq!(explorations(&played), before);
    }
}

/// Of a Parameter Problem the pointer decides: the payload header, or the octet that names it as unknown, is the shim's.
#[test]
fn a_parameter_problem_about_the_payload_header_starts_a_test() {
    let about = [(0, 40), (0, 42), (0, 47), (1, 6), (2, 41)];
    let other = [(0, 6), (2, 6), (1, 5), (1, 7), (0, 39), (0, 48), (1, 48), (2, 1280), (0, u32::MAX)];
    for (code, pointer) in about.into_iter().chain(other) {
        let (mut played, over) = switched(7);
        let (before, is_about) = (explorations(&played), about.contains(&(code, pointer)));
        let quoted = tagged(over, PEER_TAG);
        assert_eq!(played.icmp_at(PARAMETER_PROBLEM, code, pointer, &quoted), is_about, "code {code} at {pointer}");
        assert_eq!(explorations(&played), before + u64::from(is_about), "code {code} at {pointer}");
        assert!(!played.icmp_at(PARAMETER_PROBLEM, code, pointer, &plain(played.ulids())), "no payload header");
        assert!(!played.icmp_at(PARAMETER_PROBLEM, code, pointer, &tagged(over, OTHER_TAG)), "a tag that nobody has");
    }
}

/// The last errors about a pair come when traffic has left it: the shim has acted before.
#[test]
fn errors_about_the_pair_used_before_are_acted_on_already() {
    let (mut played, over) = switched(8);
    let (before, ulids) = (explorations(&played), played.ulids());
    assert!(played.icmp(UNREACHABLE, 0, &plain(ulids)));
    assert!(!played.icmp(UNREACHABLE, 4, &plain(ulids)), "a closed port is the upper layers' whenever it comes");
    assert_eq!((explorations(&played), played.context().path().pair), (before, over), "nothing begins");
    assert!(played.said().is_empty());
}

#[test]
fn without_another_pair_nothing_can_be_done() {
    let mut played = Played::new(4);
    let second = played.pair(1, 0).local;
    played.host_mut().env.set.set_allowed(&second, false);
    played.start();
    let ulids = played.ulids();
    played.r1(ulids);
    let announced = played.announced(&[0]);
    played.r2_announcing(ulids, PEER_TAG, &announced.announcement());
    assert_eq!(played.state(), Some(State::Established));
    for code in [0, 1, 2, 3, 5, 6] {
        assert!(!played.icmp(UNREACHABLE, code, &plain(ulids)), "code {code}");
    }
    assert_eq!(explorations(&played), 0);
}

#[test]
fn packets_of_no_context_are_not_the_shims() {
    let mut played = Played::in_state(5, State::Established);
    for over in [played.pair(1, 1), Pair { peer: pair::played::stranger(), ..played.ulids() }] {
        assert!(!played.icmp(UNREACHABLE, 0, &plain(over)));
    }
    for state in [State::I1Sent, State::I2Sent, State::Failed, State::NoSupport] {
        let mut played = Played::in_state(5, state);
        let quoted = plain(played.ulids());
        assert!(!played.icmp(UNREACHABLE, 0, &quoted), "{state:?}");
    }
}

/// Of two contexts over the same locators, that whose CT(peer) is in the packet; CT(local) is not in what this host sends.
#[test]
fn the_context_is_found_by_locators_and_the_peers_tag() {
    for forked in [false, true] {
        let (mut played, over) = switched(6);
        let ulids = played.ulids();
        let fork = played.try_start(ulids, Fii(3)).expect("a fork");
        played.said();
        played.r1(ulids);
        played.r2(ulids, OTHER_TAG);
        let World { now, .. } = played.world;
        // The fork is at the ULIDs: over the other pair nothing of it can have gone.
        assert!(!played.icmp(UNREACHABLE, 0, &tagged(over, OTHER_TAG)));
        let mine = [played.context().tag_local(), played.host().context(fork).tag_local()];
        for tag in mine {
            assert!(!played.icmp(UNREACHABLE, 0, &tagged(over, tag)), "CT(local)");
        }
        assert!(!played.icmp(UNREACHABLE, 0, &tagged(played.pair(1, 2), PEER_TAG)), "another pair");
        let (tag, quoted) =
            if forked { (OTHER_TAG, tagged(ulids, OTHER_TAG)) } else { (PEER_TAG, tagged(over, PEER_TAG)) };
        assert!(played.icmp(UNREACHABLE, 0, &quoted));
        assert_eq!(played.world.now, now);
        for message in played.said() {
            assert_eq!(message.message().receiver_tag(), Some(tag));
        }
    }
}
