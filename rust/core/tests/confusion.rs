// SPDX-License-Identifier: MIT OR GPL-2.0
//! A peer that lost a context and gives its tag to another one: two contexts of this host would send packets that the
//! peer takes for one's (RFC 5533 sections 7.6 and 7.15). The peer is played by the test.

mod pair;

use pair::played::{kinds, only, Played, Request, OTHER_TAG, PEER_TAG};
use pair::{Body, A};
use shim6_core::context::State;
use shim6_core::engine::Counter;
use shim6_core::locator::Pair;
use shim6_core::wire::{Announcement, Fii, LocatorEntry, LocatorList, MessageType, VerificationMethod};

/// The second context's I2, by which the peer uses the first one's tag again.
fn reuse(played: &Played) -> Request {
    let ulids = played.pair(1, 1);
    Request { over: ulids, ulids, ..played.request() }
}

/// Lets the peer use [`PEER_TAG`] for the second context by each of the three messages that can say so.
fn by_each_message(state: State, check: impl Fn(&Played, &str)) {
    let mut played = Played::in_state(1, state);
    assert_eq!(kinds(&played.ask(&reuse(&played))), [MessageType::R2]);
    check(&played, "I2");
    let mut played = Played::in_state(2, state);
    let request = Request { packet_tag: Some(OTHER_TAG), ..reuse(&played) };
    assert_eq!(kinds(&played.ask(&request)), [MessageType::R2]);
    check(&played, "I2bis");
    let mut played = Played::in_state(3, state);
    let second = played.pair(1, 1);
    played.try_start(second, Fii::DEFAULT).expect("a second context");
    played.said();
    played.r1(second);
    played.r2(second, PEER_TAG);
    check(&played, "R2");
}

fn holders(played: &Played) -> usize {
    let live = played.host().table.nodes.values().filter(|node| !node.retired);
    live.filter(|node| node.context.tag_peer() == Some(PEER_TAG)).count()
}

#[test]
fn the_old_context_goes_when_the_peer_gives_its_tag_to_another() {
    for state in [State::Established, State::I2bisSent] {
        by_each_message(state, |played, what| {
            assert_eq!(played.state(), None, "{what}");
            let second = played.find(&played.pair(1, 1), Fii::DEFAULT).expect("the new context");
            assert_eq!((second.state(), second.tag_peer()), (State::Established, Some(PEER_TAG)), "{what}");
            assert_eq!(holders(played), 1, "{what}");
        });
    }
}

#[test]
fn another_instance_between_the_same_ulids_is_another_context() {
    let mut played = Played::in_state(4, State::Established);
    let request = Request { fii: Fii(6), ..played.request() };
    assert_eq!(kinds(&played.ask(&request)), [MessageType::R2]);
    assert_eq!((played.state(), holders(&played)), (None, 1));
    assert_eq!(played.find(&request.ulids, Fii(6)).map(|context| context.state()), Some(State::Established));
}

#[test]
fn a_new_tag_of_an_existing_context_can_be_anothers() {
    let mut played = Played::in_state(5, State::Established);
    let request = Request { tag: OTHER_TAG, ..reuse(&played) };
    played.ask(&request);
    assert_eq!(played.host().table.nodes.len(), 2, "different tags, no confusion");
    played.ask(&reuse(&played));
    assert_eq!((played.state(), holders(&played)), (None, 1));
}

#[test]
fn the_same_context_is_not_confused_with_itself() {
    let mut played = Played::in_state(6, State::Established);
    for packet_tag in [None, Some(OTHER_TAG)] {
        assert_eq!(kinds(&played.ask(&Request { packet_tag, ..played.request() })), [MessageType::R2]);
        assert_eq!((played.state(), holders(&played)), (Some(State::Established), 1));
    }
}

#[test]
fn contexts_with_two_peers_may_have_the_same_tag() {
    let mut played = Played::in_state(7, State::Established);
    let stranger = pair::Host::new(&mut played.world.rng, 0xc, 2);
    let over = Pair { local: played.ulids().local, peer: stranger.addresses()[0] };
    let entry = |locator: &_| LocatorEntry { locator: *locator, method: VerificationMethod::Hba };
    let entries: Vec<_> = stranger.addresses().iter().map(entry).collect();
    let request = Request { over, ulids: over, ..played.request() };
    let cookie = played.cookie(&request);
    let pds = Some(stranger.env.set.pds());
    let announcement = Announcement { locators: LocatorList::new(5, &entries), pds, ..Announcement::NOTHING };
    assert_eq!(kinds(&played.ask_announcing(&request, &cookie, &announcement)), [MessageType::R2]);
    assert_eq!((played.state(), holders(&played)), (Some(State::Established), 2));
}

#[test]
fn contexts_that_are_not_established_are_left_alone() {
    for state in [State::I1Sent, State::I2Sent] {
        let mut played = Played::in_state(8, state);
        if state == State::I2Sent {
            // The one way to have a peer's tag in this state.
            played.ask(&played.request());
            assert_eq!(played.context().tag_peer(), Some(PEER_TAG));
        }
        played.ask(&reuse(&played));
        assert_eq!(played.state(), Some(state));
    }
}

#[test]
fn an_i1_with_the_tag_removes_nothing() {
    let mut played = Played::in_state(9, State::Established);
    let (before, second) = (played.picture(), played.pair(1, 1));
    assert_eq!(kinds(&played.i1(second, PEER_TAG)), [MessageType::R1]);
    assert_eq!(played.picture(), before);
}

#[test]
fn without_its_context_payload_goes_as_it_is() {
    let mut played = Played::in_state(10, State::Established);
    played.ask(&reuse(&played));
    let (now, ulids) = (played.world.now, played.ulids());
    let packet = played.world.hosts[A].payload(now, &ulids);
    assert_eq!((packet.source, packet.destination), (ulids.local, ulids.peer));
    assert!(matches!(packet.body, Body::Payload { tag: None, .. }));
}

#[test]
fn the_removed_context_can_be_made_again_under_other_tags() {
    let mut played = Played::in_state(11, State::Established);
    let old = played.context().tag_local();
    played.ask(&reuse(&played));
    assert_eq!(played.host().count(Counter::ContextsRemoved), 1);
    played.start();
    let ulids = played.ulids();
    assert_eq!(only(played.r1(ulids)).kind(), MessageType::I2);
    played.r2(ulids, OTHER_TAG);
    assert_eq!((played.state(), played.context().tag_peer()), (Some(State::Established), Some(OTHER_TAG)));
    assert_ne!(played.context().tag_local(), old);
    assert_eq!(played.host().table.nodes.len(), 2);
    played.world.check_invariants();
}
