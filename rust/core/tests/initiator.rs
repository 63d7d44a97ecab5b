// SPDX-License-Identifier: MIT OR GPL-2.0
//! The initiator against a peer played by the test: I1, R1, I2, R2, their copies, and what is no answer (RFC 5533
//! sections 7.7, 7.8, 7.11, 7.12, 7.16).

mod pair;

use pair::played::{kinds, only, stranger, Played, Said, OTHER_TAG, PEER_TAG};
use pair::{Body, A};
use shim6_core::addr::Addr;
use shim6_core::cga::{self, Pds};
use shim6_core::context::{State, MAX_VALIDATOR};
use shim6_core::engine::{Counter, StartError};
use shim6_core::locator::Pair;
use shim6_core::time::Duration;
use shim6_core::wire::{Announcement, Fii, Message, MessageType, Nonce, I2, R1, R2};

const WAITING: [State; 3] = [State::I1Sent, State::I2Sent, State::I2bisSent];

fn i2(said: &Said) -> I2<'_> {
    match said.message() {
        Message::I2(i2) => i2,
        other => panic!("no I2: {other:?}"),
    }
}

fn r1(played: &mut Played, over: Pair, nonce: Nonce, validator: &[u8]) -> Vec<Said> {
    played.tell(over, &Message::R1(R1 { initiator_nonce: nonce, responder_nonce: Nonce(55), validator }))
}

/// What of it awaits an answer.
fn asked(said: &[Said]) -> Vec<MessageType> {
    use MessageType::{I2bis, I1, I2};
    kinds(said).into_iter().filter(|kind| matches!(kind, I1 | I2 | I2bis)).collect()
}

#[test]
fn a_context_begins_with_i1_between_its_ulids() {
    let mut played = Played::new(1);
    let said = played.start();
    let Message::I1(i1) = said.message() else { panic!("no I1") };
    assert_eq!(said.over, played.ulids());
    assert_eq!((i1.ulids, i1.fii), (None, Fii::DEFAULT));
    assert_eq!(i1.initiator_tag, played.context().tag_local());
    assert_eq!(played.state(), Some(State::I1Sent));
    assert_eq!(played.context().tag_peer(), None);
}

#[test]
fn all_connections_between_two_ulids_share_one_context() {
    for state in [State::I1Sent, State::I2Sent, State::I2bisSent, State::Established] {
        let mut played = Played::in_state(1, state);
        let ulids = played.ulids();
        assert_eq!(played.try_start(ulids, Fii::DEFAULT), Err(StartError::Exists));
        assert!(played.said().is_empty());
        assert_eq!(played.host().table.nodes.len(), 1);
    }
}

#[test]
fn contexts_are_for_unicast_addresses_alone() {
    let mut played = Played::new(1);
    let ulids = played.ulids();
    for never in ["ff02::1", "ff0e::1", "::", "::1", "fe80::1", "::ffff:192.0.2.1"] {
        let peer: Addr = never.parse::<std::net::Ipv6Addr>().expect("an address").into();
        assert_eq!(played.try_start(Pair { peer, ..ulids }, Fii::DEFAULT), Err(StartError::Address), "{never}");
    }
    assert!(played.said().is_empty() && played.host().table.nodes.is_empty());
}

#[test]
fn nonces_are_random() {
    let mut seen = Vec::new();
    for seed in 0..60 {
        let mut played = Played::new(seed);
        played.start();
        seen.push(played.nonce.0);
    }
    let (ones, zeros) = seen.iter().fold((0, 0), |(ones, zeros), nonce| (ones | nonce, zeros | !nonce));
    assert_eq!((ones, zeros), (u32::MAX, u32::MAX), "each bit is seen in both ways");
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), 60, "none comes twice");
}

#[test]
fn copies_of_i1_are_the_same_message() {
    let mut played = Played::new(2);
    let first = played.start();
    let copies = played.wait(Duration::from_secs(120));
    assert_eq!(copies.len(), 4);
    for copy in &copies {
        assert_eq!(*copy, first);
    }
}

#[test]
fn copies_come_at_intervals_that_double_around_a_random_factor() {
    let mut gaps: Vec<Vec<u64>> = Vec::new();
    for seed in 0..40 {
        let mut played = Played::new(seed);
        played.start();
        let (mut last, mut row) = (played.world.now, Vec::new());
        for _ in 0..2400 {
            if !played.wait(Duration::from_millis(50)).is_empty() {
                row.push(played.world.now.since(last).as_millis().into());
                last = played.world.now;
            }
        }
        assert_eq!(row.len(), 4, "seed {seed}");
        gaps.push(row);
    }
    for (n, nominal) in [4_000u64, 8_000, 16_000, 32_000].into_iter().enumerate() {
        let column: Vec<u64> = gaps.iter().map(|row| row[n]).collect();
        let bounds = nominal / 2..=nominal * 3 / 2 + 50;
        assert!(column.iter().all(|gap| bounds.contains(gap)), "copy {n}: {column:?}");
        let (least, most) = (column.iter().min().expect("some"), column.iter().max().expect("some"));
        assert!(most - least > nominal / 2, "copy {n} does not vary: {column:?}");
    }
}

#[test]
fn an_answer_ends_the_copies_of_i1() {
    let mut played = Played::in_state(3, State::I2Sent);
    let said = played.wait(Duration::from_secs(17));
    assert!(said.iter().all(|said| said.kind() == MessageType::I2), "{said:?}");
    let mut played = Played::in_state(3, State::I1Sent);
    let ulids = played.ulids();
    assert!(played.r2(ulids, PEER_TAG).is_empty());
    assert_eq!(played.state(), Some(State::Established));
    assert!(asked(&played.wait(Duration::from_secs(300))).is_empty());
}

#[test]
fn a_peer_that_did_not_answer_is_not_asked_before_the_hold_down_ends() {
    let mut played = Played::in_state(4, State::Failed);
    let ulids = played.ulids();
    let until = played.context().hold_until().expect("a hold-down");
    while played.world.now + Duration::from_secs(1) < until {
        assert_eq!(played.try_start(ulids, Fii::DEFAULT), Err(StartError::Exists));
        assert!(played.wait(Duration::from_secs(1)).is_empty());
    }
    assert!(played.wait(Duration::from_secs(1)).is_empty());
    assert_eq!(played.state(), None);
    assert_eq!(played.start().kind(), MessageType::I1);
}

#[test]
fn payload_goes_between_the_ulids_before_and_after_the_failure() {
    for state in [State::I1Sent, State::I2Sent, State::Failed, State::NoSupport] {
        let mut played = Played::in_state(5, state);
        let (now, ulids) = (played.world.now, played.ulids());
        let packet = played.world.hosts[A].payload(now, &ulids);
        assert_eq!((packet.source, packet.destination), (ulids.local, ulids.peer));
        assert!(matches!(packet.body, Body::Payload { tag: None, .. }), "{state:?}");
        assert!(played.payload(ulids, None), "and is received");
    }
}

#[test]
fn r1_is_answered_over_its_pair_with_its_nonce_and_its_validator() {
    for length in [1, 16, 20, 32, 100] {
        let mut played = Played::new(6);
        let Message::I1(i1) = played.start().message() else { panic!("no I1") };
        let validator: Vec<u8> = (0..length).map(|n| n as u8 ^ 0x5a).collect();
        let (ulids, nonce) = (played.ulids(), played.nonce);
        let said = only(r1(&mut played, ulids, nonce, &validator));
        let i2 = i2(&said);
        assert_eq!(said.over, ulids);
        assert_eq!((i2.responder_nonce, i2.validator), (Nonce(55), &validator[..]), "{length} octets");
        assert_eq!((i2.initiator_tag, i2.ulids, i2.fii), (i1.initiator_tag, None, Fii::DEFAULT));
        assert_eq!(played.state(), Some(State::I2Sent));
    }
}

#[test]
fn r1_counts_with_the_nonce_of_i1_and_over_its_pair() {
    let mut played = Played::in_state(7, State::I1Sent);
    let (ulids, nonce) = (played.ulids(), played.nonce);
    let before = played.picture();
    assert!(r1(&mut played, ulids, Nonce(!nonce.0), &[1; 16]).is_empty());
    for over in [Pair { peer: stranger(), ..ulids }, Pair { local: stranger(), ..ulids }, played.pair(1, 0)] {
        assert!(r1(&mut played, over, nonce, &[1; 16]).is_empty(), "{over:?}");
    }
    assert_eq!(played.picture(), before);
    assert_eq!(kinds(&r1(&mut played, ulids, nonce, &[1; 16])), [MessageType::I2]);
}

#[test]
fn r1_is_dropped_in_every_state_but_i1_sent() {
    use State::{Established, Failed, I2Sent, I2bisSent, Idle, NoSupport};
    for state in [Idle, I2Sent, I2bisSent, Established, Failed, NoSupport] {
        let mut played = Played::in_state(8, state);
        let (ulids, before) = (played.ulids(), played.picture());
        assert!(played.r1(ulids).is_empty(), "{state:?}");
        assert_eq!(played.picture(), before, "{state:?}");
    }
}

#[test]
fn r2_is_dropped_where_none_is_awaited() {
    for state in [State::Idle, State::Established, State::Failed, State::NoSupport] {
        let mut played = Played::in_state(9, state);
        let (ulids, before) = (played.ulids(), played.picture());
        assert!(played.r2(ulids, OTHER_TAG).is_empty(), "{state:?}");
        assert_eq!(played.picture(), before, "{state:?}");
    }
}

#[test]
fn r2_counts_with_the_nonce_and_over_the_pair_of_the_question() {
    for state in WAITING {
        let mut played = Played::in_state(10, state);
        let (ulids, before) = (played.ulids(), played.picture());
        for over in [played.pair(0, 1), played.pair(1, 0), Pair { peer: stranger(), ..ulids }] {
            assert!(played.r2(over, OTHER_TAG).is_empty(), "{state:?} {over:?}");
        }
        let wrong = R2 {
            responder_tag: OTHER_TAG,
            initiator_nonce: Nonce(!played.nonce.0),
            announcement: Announcement::NOTHING,
        };
        assert!(played.tell(ulids, &Message::R2(wrong)).is_empty());
        assert_eq!(played.picture(), before, "{state:?}");
        assert!(!played.wait(Duration::from_secs(7)).is_empty(), "{state:?} goes on asking");
    }
}

#[test]
fn r2_tells_the_tag_and_the_locators_and_ends_the_copies() {
    for state in WAITING {
        let mut played = Played::in_state(11, state);
        let ulids = played.ulids();
        assert!(played.r2(ulids, OTHER_TAG).is_empty());
        let context = played.context();
        assert_eq!((context.state(), context.tag_peer()), (State::Established, Some(OTHER_TAG)), "{state:?}");
        let known: Vec<Addr> = context.peer_locators().list().iter().map(|locator| locator.addr).collect();
        assert_eq!(known, played.world.hosts[1].addresses());
        assert!(asked(&played.wait(Duration::from_secs(300))).is_empty());
    }
}

#[test]
fn r2_without_locators_leaves_the_ulid_alone() {
    for state in [State::I1Sent, State::I2Sent] {
        let mut played = Played::in_state(12, state);
        let ulids = played.ulids();
        played.r2_announcing(ulids, PEER_TAG, &Announcement::NOTHING);
        let context = played.context();
        assert_eq!(context.state(), State::Established);
        let known: Vec<Addr> = context.peer_locators().list().iter().map(|locator| locator.addr).collect();
        assert_eq!(known, [ulids.peer]);
    }
}

#[test]
fn r2_with_a_proof_of_somebody_else_is_dropped() {
    for state in WAITING {
        let mut played = Played::in_state(13, state);
        let (ulids, before) = (played.ulids(), played.picture());
        let pds = played.host().env.set.pds().to_vec();
        for places in [&[][..], &[0, 1]] {
            let announced = played.announced(places);
            let mut announcement = announced.announcement();
            announcement.pds = Some(&pds);
            assert!(played.r2_announcing(ulids, OTHER_TAG, &announcement).is_empty(), "in silence");
            assert_eq!(played.picture(), before, "{state:?}");
        }
        assert!(!played.wait(Duration::from_secs(7)).is_empty(), "{state:?} goes on asking");
    }
}

#[test]
fn copies_of_i2_are_the_same_message_and_then_i1_comes_again() {
    let mut played = Played::new(14);
    let i1 = played.start();
    let ulids = played.ulids();
    let first = only(played.r1(ulids));
    let mut said = played.wait(Duration::from_secs(1));
    while kinds(&said).last() != Some(&MessageType::I1) {
        assert!(said.len() < 3, "two copies at most");
        said.extend(played.wait(Duration::from_secs(1)));
    }
    assert_eq!(said, [first.clone(), first.clone(), i1]);
    assert_eq!(played.state(), Some(State::I1Sent));
    // The peer's new cookie is what is returned from now on.
    let nonce = played.nonce;
    let again = only(r1(&mut played, ulids, nonce, &[0x77; 16]));
    assert_eq!(i2(&again).validator, [0x77; 16]);
    assert_eq!(i2(&first).validator, [0x66; 16]);
    assert!(played.r2(ulids, PEER_TAG).is_empty());
    assert_eq!(played.state(), Some(State::Established));
}

#[test]
fn an_attempt_that_gets_no_r2_ends_as_failed_after_another_round() {
    let mut played = Played::in_state(15, State::I2Sent);
    let ulids = played.ulids();
    for _ in 0..1000 {
        let said = played.wait(Duration::from_secs(1));
        if kinds(&said).contains(&MessageType::I1) {
            played.r1(ulids);
        }
    }
    assert_eq!(played.state(), None);
    let counts = [MessageType::I1, MessageType::I2].map(|kind| played.host().count(Counter::Tx(kind)));
    assert_eq!(counts, [2, 6]);
    assert_eq!(played.host().count(Counter::ContextsFailed), 1);
}

/// The structure is that of the ULID, so that it passes as a CGA's, too (RFC 3972 section 5 wants the prefixes equal).
#[test]
fn the_parameter_structure_is_that_of_the_ulid() {
    for place in [0, 1] {
        let mut played = Played::new(1);
        let ulids = played.pair(place, 0);
        played.try_start(ulids, Fii::DEFAULT).expect("a new context");
        played.said();
        let said = only(played.r1(ulids));
        let pds = i2(&said).announcement.pds.expect("a structure");
        let pds = Pds::parse(pds).expect("one that can be read");
        assert_eq!(cga::verify(ulids.local, &pds), Ok(()), "address {place}");
    }
}

/// All of what an R1 brings comes back (RFC 5533 section 5.6), with the list and its proof.
#[test]
fn a_long_validator_comes_back() {
    for length in [0, 20, 255, MAX_VALIDATOR] {
        let mut played = Played::new(1);
        played.start();
        let (ulids, nonce, validator) = (played.ulids(), played.nonce, vec![0x5a; length]);
        let said = only(r1(&mut played, ulids, nonce, &validator));
        let i2 = i2(&said);
        assert_eq!(i2.validator, validator);
        assert!(i2.announcement.locators.is_some() && i2.announcement.pds.is_some());
    }
}
