// SPDX-License-Identifier: MIT OR GPL-2.0
//! A context that one of two hosts has lost: R1bis, I2bis, R2, and what is none of them (RFC 5533 sections 7.5, 7.17 to
//! 7.20). The peer is played by the test.

mod pair;

use pair::played::{kinds, only, stranger, Played, Request, Said, OTHER_TAG, PEER_TAG};
use shim6_core::addr::Addr;
use shim6_core::context::State;
use shim6_core::locator::Pair;
use shim6_core::time::Duration;
use shim6_core::wire::{
    Announcement, Fii, I2bis, Keepalive, Message, MessageType, Nonce, Probe, ProbeReport, ProbeReports, ProbeState,
    R1bis, Tag, UlidPair, UpdateAck, UpdateRequest, R1, R2,
};

fn i2bis(said: &Said) -> I2bis<'_> {
    match said.message() {
        Message::I2bis(i2bis) => i2bis,
        other => panic!("no I2bis: {other:?}"),
    }
}

fn r1bis(said: &Said) -> R1bis<'_> {
    match said.message() {
        Message::R1bis(r1bis) => r1bis,
        other => panic!("no R1bis: {other:?}"),
    }
}

fn r2(said: &Said) -> R2<'_> {
    match said.message() {
        Message::R2(r2) => r2,
        other => panic!("no R2: {other:?}"),
    }
}

/// One message of each type from 64 to 67.
fn tagged(tag: Tag, over: &Pair) -> [Message<'static>; 4] {
    let this = ProbeReport { source: over.peer, destination: over.local, nonce: Nonce(7), data: 0 };
    let (earlier, received) = (ProbeReports::NONE, ProbeReports::NONE);
    let announcement = Announcement::NOTHING;
    [
        Message::UpdateRequest(UpdateRequest { receiver_tag: tag, request_nonce: Nonce(1), announcement }),
        Message::UpdateAck(UpdateAck { receiver_tag: tag, request_nonce: Nonce(1) }),
        Message::Keepalive(Keepalive { receiver_tag: tag }),
        Message::Probe(Probe { receiver_tag: tag, state: ProbeState::Exploring, this, earlier, received }),
    ]
}

/// What an I2bis asks for that answers an R1bis about packets with [`OTHER_TAG`].
fn request(played: &Played) -> Request {
    Request { packet_tag: Some(OTHER_TAG), ..played.request() }
}

fn known(played: &Played) -> Vec<Addr> {
    played.context().peer_locators().list().iter().map(|locator| locator.addr).collect()
}

#[test]
fn whatever_bears_a_tag_that_no_context_has_is_answered_by_r1bis() {
    let mut played = Played::new(1);
    for over in [played.ulids(), played.pair(1, 2)] {
        for message in tagged(OTHER_TAG, &over) {
            let said = only(played.tell(over, &message));
            assert_eq!((said.over, r1bis(&said).packet_tag), (over, OTHER_TAG), "{message:?}");
        }
        played.said();
        assert!(!played.payload(over, Some(OTHER_TAG)));
        let said = only(played.said());
        assert_eq!((said.over, r1bis(&said).packet_tag), (over, OTHER_TAG));
    }
    assert!(played.host().table.nodes.is_empty());
    assert!(played.wait(Duration::from_secs(100)).is_empty(), "R1bis is never repeated");
}

#[test]
fn the_cookie_of_r1bis_makes_a_context_of_i2bis() {
    let mut played = Played::new(2);
    let ulids = played.ulids();
    let answer = only(played.tell(ulids, &tagged(OTHER_TAG, &ulids)[2]));
    let asked = request(&played);
    let mut cookie = played.cookie(&asked);
    (cookie.nonce, cookie.validator) =
        (r1bis(&answer).responder_nonce, r1bis(&answer).validator.try_into().expect("16 octets"));
    assert_eq!(kinds(&played.ask_with(&asked, &cookie)), [MessageType::R2]);
}

#[test]
fn packets_without_a_tag_need_no_context() {
    let mut played = Played::new(3);
    let ulids = played.ulids();
    assert!(played.payload(ulids, None));
    assert!(played.said().is_empty());
}

#[test]
fn r1bis_is_answered_by_i2bis_over_its_pair_with_what_it_brought() {
    for places in [(0, 0), (1, 0), (0, 2), (1, 1)] {
        let mut played = Played::in_state(4, State::Established);
        let (ulids, over) = (played.ulids(), played.pair(places.0, places.1));
        let said = only(played.r1bis(over, PEER_TAG));
        let message = i2bis(&said);
        assert_eq!(said.over, over);
        assert_eq!((message.packet_tag, message.responder_nonce), (PEER_TAG, Nonce(57)));
        assert_eq!((message.validator, message.fii), (&[0x68; 16][..], Fii::DEFAULT));
        assert_eq!(message.initiator_tag, played.context().tag_local());
        let option = (over != ulids).then_some(UlidPair { sender: ulids.local, receiver: ulids.peer });
        assert_eq!(message.ulids, option);
        assert_eq!(played.state(), Some(State::I2bisSent));
    }
}

#[test]
fn a_validator_of_any_length_comes_back_in_i2bis() {
    for length in [1, 20, 100] {
        let mut played = Played::in_state(4, State::Established);
        let (ulids, validator) = (played.ulids(), vec![0xa7; length]);
        let r1bis = R1bis { packet_tag: PEER_TAG, responder_nonce: Nonce(57), validator: &validator };
        assert_eq!(i2bis(&only(played.tell(ulids, &Message::R1bis(r1bis)))).validator, validator);
    }
}

#[test]
fn payload_keeps_the_lost_tag_until_r2_brings_a_new_one() {
    let mut played = Played::in_state(5, State::I2bisSent);
    let ulids = played.ulids();
    assert_eq!((played.context().tag_peer(), played.context().path().tag), (Some(PEER_TAG), Some(PEER_TAG)));
    played.wait(Duration::from_secs(7));
    assert_eq!(played.context().path().tag, Some(PEER_TAG));
    played.r2(ulids, OTHER_TAG);
    assert_eq!(played.context().path().tag, Some(OTHER_TAG));
}

#[test]
fn r1bis_counts_with_the_peers_tag_and_between_locators_of_the_context() {
    let mut played = Played::in_state(6, State::Established);
    let (ulids, before) = (played.ulids(), played.picture());
    assert!(played.r1bis(ulids, OTHER_TAG).is_empty());
    assert!(played.r1bis(ulids, played.context().tag_local()).is_empty());
    for over in [Pair { peer: stranger(), ..ulids }, Pair { local: stranger(), ..ulids }] {
        assert!(played.r1bis(over, PEER_TAG).is_empty());
    }
    assert_eq!(played.picture(), before);
}

#[test]
fn r1bis_is_dropped_in_every_state_but_established() {
    use State::{Failed, I1Sent, I2Sent, I2bisSent, Idle, NoSupport};
    for state in [Idle, I1Sent, I2Sent, I2bisSent, Failed, NoSupport] {
        let mut played = Played::in_state(7, state);
        if state == I2Sent {
            // The one way to have a peer's tag in this state.
            played.ask(&played.request());
        }
        let (ulids, before) = (played.ulids(), played.picture());
        assert!(played.r1bis(ulids, PEER_TAG).is_empty(), "{state:?}");
        assert_eq!(played.picture(), before, "{state:?}");
    }
}

#[test]
fn copies_of_i2bis_are_the_same_message_and_then_i1_tells_the_ulids_by_option() {
    let mut played = Played::in_state(8, State::Established);
    let (ulids, over) = (played.ulids(), played.pair(1, 2));
    let first = only(played.r1bis(over, PEER_TAG));
    let mut said = played.wait(Duration::from_secs(1));
    while kinds(&said).last() != Some(&MessageType::I1) {
        assert!(said.len() < 3, "two copies at most");
        said.extend(played.wait(Duration::from_secs(1)));
    }
    assert_eq!(said[..2], [first.clone(), first]);
    let Message::I1(i1) = said[2].message() else { panic!("no I1") };
    let option = Some(UlidPair { sender: ulids.local, receiver: ulids.peer });
    assert_eq!((said[2].over, i1.ulids, i1.initiator_tag), (over, option, played.context().tag_local()));
    assert_eq!((played.state(), played.context().path().tag), (Some(State::I1Sent), None));
    let r1 = R1 { initiator_nonce: played.nonce, responder_nonce: Nonce(58), validator: &[0x77; 16] };
    let said = only(played.tell(over, &Message::R1(r1)));
    let Message::I2(i2) = said.message() else { panic!("no I2") };
    assert_eq!((said.over, i2.ulids, i2.validator), (over, option, &[0x77; 16][..]));
    assert!(played.r2(over, OTHER_TAG).is_empty());
    assert_eq!((played.state(), played.context().tag_peer()), (Some(State::Established), Some(OTHER_TAG)));
}

#[test]
fn i2bis_makes_a_context_under_a_new_tag() {
    for places in [(0, 0), (1, 2)] {
        let mut played = Played::new(9);
        let asked = Request { over: played.pair(places.0, places.1), ..request(&played) };
        let said = only(played.ask(&asked));
        let context = played.context();
        assert_eq!((context.state(), context.tag_peer()), (State::Established, Some(PEER_TAG)));
        assert_ne!(context.tag_local(), OTHER_TAG, "not that of the lost context");
        assert_eq!(known(&played), played.world.hosts[1].addresses());
        let answer = r2(&said);
        assert_eq!((said.over, answer.initiator_nonce), (asked.over, asked.nonce));
        assert_eq!(answer.responder_tag, played.context().tag_local());
        assert_eq!(answer.announcement.locators.expect("a list").len(), 2);
    }
}

/// All that the cookie stands for must come back as it went out.
#[test]
fn an_i2bis_that_differs_from_the_packet_that_caused_it_is_dropped() {
    let mut played = Played::new(10);
    let asked = request(&played);
    let differences = [
        Request { packet_tag: Some(PEER_TAG), ..asked.clone() },
        Request { over: played.pair(1, 0), ..asked.clone() },
        Request { over: played.pair(0, 1), ..asked.clone() },
    ];
    for different in &differences {
        let cookie = played.cookie(&asked);
        assert!(played.ask_with(different, &cookie).is_empty());
    }
    let mut cookie = played.cookie(&asked);
    cookie.nonce = Nonce(cookie.nonce.0.wrapping_sub(1));
    assert!(played.ask_with(&asked, &cookie).is_empty(), "another Responder Nonce");
    for bit in 0..128 {
        let mut cookie = played.cookie(&asked);
        cookie.validator[bit / 8] ^= 1 << (bit % 8);
        assert!(played.ask_with(&asked, &cookie).is_empty(), "bit {bit} of the validator");
    }
    // A cookie for an I2 is none for an I2bis.
    let cookie = played.cookie(&played.request());
    assert!(played.ask_with(&asked, &cookie).is_empty());
    assert!(played.host().table.nodes.is_empty());
}

#[test]
fn an_i2bis_that_comes_too_late_is_dropped() {
    for (seconds, expected) in [(29, &[MessageType::R2][..]), (32, &[])] {
        let mut played = Played::new(11);
        let asked = request(&played);
        let cookie = played.cookie(&asked);
        played.wait(Duration::from_secs(seconds));
        assert_eq!(kinds(&played.ask_with(&asked, &cookie)), expected, "after {seconds} s");
    }
}

#[test]
fn i2bis_with_a_proof_of_somebody_else_is_dropped() {
    for state in [State::Idle, State::I1Sent, State::I2Sent, State::I2bisSent, State::Established] {
        let mut played = Played::in_state(12, state);
        let (before, own) = (played.picture(), played.host().env.set.pds().to_vec());
        for places in [&[][..], &[0, 1, 2]] {
            let asked = Request { announced: played.announced(places), ..request(&played) };
            let cookie = played.cookie(&asked);
            let announcement = Announcement { pds: Some(&own), ..asked.announced.announcement() };
            assert!(played.ask_announcing(&asked, &cookie, &announcement).is_empty(), "in silence");
            assert_eq!(played.picture(), before, "{state:?}");
        }
    }
}

#[test]
fn i2bis_from_an_address_that_is_not_the_peers_is_dropped() {
    for state in [State::I1Sent, State::I2Sent, State::I2bisSent, State::Established] {
        let mut played = Played::in_state(13, state);
        let (before, over) = (played.picture(), Pair { peer: stranger(), ..played.ulids() });
        for places in [&[][..], &[0, 1, 2]] {
            let asked = Request { over, announced: played.announced(places), tag: OTHER_TAG, ..request(&played) };
            assert!(played.ask(&asked).is_empty(), "{state:?}");
        }
        let mut announced = played.announced(&[0, 1]);
        announced.entries[1].locator = stranger();
        let asked = Request { over, announced, tag: OTHER_TAG, ..request(&played) };
        assert_eq!(kinds(&played.ask(&asked)), [MessageType::Error], "no R2");
        assert_eq!(played.picture(), before, "{state:?}");
    }
}

#[test]
fn i2bis_in_i1_sent_makes_the_context_under_the_tag_that_i1_told() {
    let mut played = Played::in_state(14, State::I1Sent);
    let tag = played.context().tag_local();
    let said = only(played.ask(&request(&played)));
    assert_eq!((r2(&said).responder_tag, played.context().tag_local()), (tag, tag));
    assert_eq!((played.state(), played.context().tag_peer()), (Some(State::Established), Some(PEER_TAG)));
    assert_eq!(known(&played).len(), 3);
    assert!(!kinds(&played.wait(Duration::from_secs(200))).contains(&MessageType::I1));
}

#[test]
fn i2bis_elsewhere_updates_tag_and_locators_and_leaves_the_state() {
    let new = Tag::new(99).expect("a tag");
    for state in [State::I2Sent, State::I2bisSent, State::Established] {
        for places in [&[0, 2][..], &[]] {
            let mut played = Played::in_state(15, state);
            let before = known(&played);
            let asked = Request { announced: played.announced(places), tag: new, ..request(&played) };
            let said = only(played.ask(&asked));
            assert_eq!(r2(&said).responder_tag, played.context().tag_local());
            assert_eq!((played.state(), played.context().tag_peer()), (Some(state), Some(new)), "{state:?}");
            let peers = played.world.hosts[1].addresses();
            let expected = if places.is_empty() { before } else { vec![peers[0], peers[2]] };
            assert_eq!(known(&played), expected, "{state:?}");
        }
    }
}

#[test]
fn i2bis_may_come_from_any_locator_that_its_list_proves() {
    for state in [State::I1Sent, State::I2Sent, State::I2bisSent, State::Established] {
        let mut played = Played::in_state(16, state);
        let asked = Request { over: played.pair(0, 2), ..request(&played) };
        assert_eq!(kinds(&played.ask(&asked)), [MessageType::R2], "{state:?}");
        assert_eq!(played.host().table.nodes.len(), 1);
    }
}
