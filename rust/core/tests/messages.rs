// SPDX-License-Identifier: MIT OR GPL-2.0
//! What the host's own messages contain, and what it makes of odd ones, as far as the formats of RFC 5533 section 5 do
//! not tell it. The peer is played by the test.

mod common;
mod pair;

use common::{hex, seal};
use pair::played::{kinds, only, stranger, Played, Request, Said, OTHER_TAG, PEER_TAG};
use pair::{World, A};
use shim6_core::cga::Pds;
use shim6_core::context::State;
use shim6_core::engine::{Advice, Cause, Counter};
use shim6_core::hba;
use shim6_core::locator::{LocalStatus, Pair};
use shim6_core::time::Duration;
use shim6_core::wire::{
    Announcement, Keepalive, Message, MessageType, Nonce, UpdateRequest, VerificationMethod, MAX_MESSAGE_LEN, R1, R2,
};

/// A message of this type: its octets after the checksum; length and checksum are right.
fn message(kind: u8, specific: u8, rest: &str) -> Vec<u8> {
    let mut octets = vec![59, 0, kind, specific, 0, 0];
    octets.extend(hex(rest));
    assert_eq!(octets.len() % 8, 0, "a test's mistake");
    octets[1] = (octets.len() / 8 - 1) as u8;
    seal(&mut octets);
    octets
}

/// The reserved bits of the types that `refusals::reserved_bits_do_not_matter` leaves out, and of the ULID Pair option.
#[test]
fn reserved_bits_and_the_r_bit_do_not_matter() {
    let ulids = "20010db8000100010000000000000001 20010db8000100010000000000000002";
    let cases = [
        (4, "000000000001 00000002", "800000000001 00000002"),
        (
            5,
            "000000000001 00000002 0002000c 000102030405060708090a0b",
            "800000000001 00000002 0002000c 000102030405060708090a0b",
        ),
        (64, "000000000001 00000002", "800000000001 00000002"),
        (65, "000000000001 00000002", "800000000001 00000002"),
    ];
    let options = [
        (
            1,
            format!("000000000001 00000002 000c0024 00000000 {ulids}"),
            format!("000000000001 00000002 000c0024 ffffffff {ulids}"),
        ),
        (
            3,
            format!("000000000001 00000002 00000003 00000000 00020004 aabbccdd 000c0024 00000000 {ulids}"),
            format!("000000000001 00000002 00000003 00000000 00020004 aabbccdd 000c0024 ffffffff {ulids}"),
        ),
    ];
    let cases = cases.map(|(kind, clean, dirty)| (kind, clean.to_string(), dirty.to_string()));
    for (kind, clean, dirty) in cases.into_iter().chain(options) {
        let (clean, dirty) = (message(kind, 0, &clean), message(kind, 0xfe, &dirty));
        let value = Message::parse(&dirty).expect("legal");
        assert_eq!(Ok(value), Message::parse(&clean), "type {kind}");
        // What is sent has them zero.
        let mut buffer = [0xff; MAX_MESSAGE_LEN];
        let length = value.emit(&mut buffer).expect("fits");
        assert_eq!(buffer[..length], clean[..], "type {kind}");
    }
}

#[test]
fn every_message_ends_its_packet_and_says_so() {
    let mut played = Played::in_state(1, State::I2bisSent);
    let ulids = played.ulids();
    let mut said = played.i1(ulids, OTHER_TAG);
    said.extend(played.ask(&played.request()));
    said.extend(played.wait(Duration::from_secs(200)));
    for state in [State::I1Sent, State::I2Sent, State::Established] {
        let mut other = Played::in_state(2, state);
        said.extend(other.i1(ulids, OTHER_TAG));
        said.extend(other.wait(Duration::from_secs(30)));
    }
    assert!(said.len() > 10);
    for said in said {
        assert_eq!(said.octets[0], 59, "Next Header");
        assert_eq!((usize::from(said.octets[1]) + 1) * 8, said.octets.len(), "{:?}", said.kind());
    }
}

#[test]
fn the_checksum_does_not_depend_on_the_addresses() {
    let mut played = Played::in_state(3, State::Established);
    let keepalive = Message::Keepalive(Keepalive { receiver_tag: played.context().tag_local() });
    let mut octets = [0; MAX_MESSAGE_LEN];
    let length = keepalive.emit(&mut octets).expect("fits");
    for (local, peer) in [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)] {
        let over = played.pair(local, peer);
        assert!(played.tell_octets(over, &octets[..length]).is_empty());
    }
    // From somebody else it is as well formed, and fits no context.
    let foreign = Pair { peer: stranger(), ..played.ulids() };
    assert_eq!(kinds(&played.tell_octets(foreign, &octets[..length])), [MessageType::R1bis]);
    assert_eq!(played.host().count(Counter::Rx(MessageType::Keepalive)), 7);
    assert_eq!(played.host().count(Counter::DropChecksum), 0);
}

#[test]
fn no_setup_message_is_answered_by_r1bis() {
    for state in [State::Idle, State::I1Sent, State::Established] {
        let mut played = Played::in_state(4, state);
        let (ulids, other) = (played.ulids(), played.pair(1, 1));
        let nonce = Nonce(!played.nonce.0);
        let request = Request { packet_tag: Some(OTHER_TAG), over: other, ulids: other, ..played.request() };
        let mut bad_cookie = played.cookie(&request);
        bad_cookie.validator[0] ^= 1;
        let r1 = R1 { initiator_nonce: nonce, responder_nonce: nonce, validator: &[1; 16] };
        let r2 = R2 { responder_tag: OTHER_TAG, initiator_nonce: nonce, announcement: Announcement::NOTHING };
        let said = [
            played.tell(ulids, &Message::R1(r1)),
            played.tell(ulids, &Message::R2(r2)),
            played.r1bis(ulids, OTHER_TAG),
            played.ask_with(&request, &bad_cookie),
            played.ask_with(&Request { packet_tag: None, ..request }, &bad_cookie),
        ];
        assert!(said.concat().is_empty(), "{state:?}: {said:?}");
        assert_eq!(kinds(&played.i1(other, OTHER_TAG)), [MessageType::R1]);
    }
}

#[test]
fn messages_shorter_than_their_type_are_dropped_without_a_word() {
    let mut played = Played::in_state(5, State::Established);
    let (ulids, before) = (played.ulids(), played.picture());
    let tag_and_nonce = "123456789abc 00000002";
    for (kind, rest) in [
        (1, "0000"),
        (2, "0000"),
        (3, "0000"),
        (3, tag_and_nonce),
        (4, "0000"),
        (5, "0000"),
        (6, "0000"),
        (6, tag_and_nonce),
        (6, "123456789abc 00000002 00000003 00000000"),
        (64, "0000"),
        (65, "0000"),
        (66, "0000"),
        (67, "0000"),
        (67, tag_and_nonce),
    ] {
        assert!(played.tell_octets(ulids, &message(kind, 0, rest)).is_empty(), "type {kind}");
        assert_eq!(played.picture(), before, "type {kind}");
    }
    assert_eq!(played.host().count(Counter::DropMalformed), 14);
}

#[test]
fn tagged_messages_bear_the_peers_tag() {
    let mut played = Played::in_state(6, State::Established);
    let (ulids, tag) = (played.ulids(), played.context().tag_local());
    let announced = played.announced(&[0, 1]);
    let request = UpdateRequest { receiver_tag: tag, request_nonce: Nonce(8), announcement: announced.announcement() };
    let mut said = played.tell(ulids, &Message::UpdateRequest(request));
    // Payload that comes in and is not answered wants Keepalives.
    played.payload(ulids, None);
    said.extend(played.wait(Duration::from_secs(20)));
    let second = played.pair(1, 0).local;
    played.world.set_local(A, second, LocalStatus::LinkDown, Cause::LinkDown);
    said.extend(played.said());
    played.world.advise(A, Advice::Explore(Cause::Administrator));
    said.extend(played.said());
    for kind in [MessageType::UpdateAck, MessageType::Keepalive, MessageType::UpdateRequest, MessageType::Probe] {
        let of_kind: Vec<&Said> = said.iter().filter(|said| said.kind() == kind).collect();
        assert!(!of_kind.is_empty(), "{kind:?}");
        for said in of_kind {
            assert_eq!(said.message().receiver_tag(), Some(PEER_TAG), "{kind:?}");
        }
    }
}

fn announcement<'a>(message: &Message<'a>) -> Announcement<'a> {
    match message {
        Message::I2(i2) => i2.announcement,
        Message::I2bis(i2bis) => i2bis.announcement,
        Message::R2(r2) => r2.announcement,
        Message::UpdateRequest(request) => request.announcement,
        other => panic!("{:?} announces nothing", other.kind()),
    }
}

/// I2, I2bis, R2 and an Update Request with a new list.
fn announcing() -> Vec<(Played, Said)> {
    let mut all = Vec::new();
    let mut i2 = Played::in_state(7, State::I1Sent);
    let ulids = i2.ulids();
    let said = only(i2.r1(ulids));
    all.push((i2, said));
    let mut i2bis = Played::in_state(7, State::Established);
    let said = only(i2bis.r1bis(ulids, PEER_TAG));
    all.push((i2bis, said));
    let mut r2 = Played::new(7);
    let said = only(r2.ask(&r2.request()));
    all.push((r2, said));
    let mut update = Played::new(7);
    let second = update.pair(1, 0).local;
    update.host_mut().env.set.set_allowed(&second, false);
    update.start();
    update.r1(ulids);
    update.r2(ulids, PEER_TAG);
    update.host_mut().env.set.set_allowed(&second, true);
    let (now, id) = (update.world.now, update.host().context_id(&ulids).expect("a context"));
    let World { hosts, network, rng, .. } = &mut update.world;
    hosts[A].call(now, network, rng, |engine| engine.locals_changed(now, id, Cause::Preference));
    let said = only(update.said());
    all.push((update, said));
    all
}

#[test]
fn whoever_is_told_locators_is_told_all_of_them_with_their_proof() {
    let mut seen = Vec::new();
    for (played, said) in announcing() {
        let announcement = announcement(&said.message());
        let list: Vec<_> = announcement.locators.expect("a list").iter().collect();
        let locators: Vec<_> = list.iter().map(|entry| entry.locator).collect();
        assert_eq!(locators, played.host().addresses(), "{:?}", said.kind());
        assert!(list.iter().all(|entry| entry.method == VerificationMethod::Hba));
        let pds = Pds::parse(announcement.pds.expect("a parameter structure")).expect("well formed");
        for locator in locators {
            assert_eq!(hba::verify(locator, &pds), Ok(()), "{:?}: by its Multi-Prefix extension", said.kind());
        }
        assert_eq!(announcement.signature, None, "nothing in the list needs one");
        seen.push(said.kind());
    }
    assert_eq!(seen, [MessageType::I2, MessageType::I2bis, MessageType::R2, MessageType::UpdateRequest]);
}

#[test]
fn an_error_goes_to_the_sender_of_what_is_wrong_and_points_into_its_packet() {
    let mut played = Played::in_state(8, State::Established);
    for (local, peer) in [(0, 0), (1, 2)] {
        let over = played.pair(local, peer);
        let octets = message(99, 0, "0000");
        let said = only(played.tell_octets(over, &octets));
        let Message::Error(error) = said.message() else { panic!("no Error") };
        assert_eq!((said.over, error.pointer), (over, 42));
        assert_eq!(error.packet[8..24], over.peer.0, "the packet from its IPv6 header on");
        assert_eq!(error.packet[40..48], octets);
        assert_eq!(error.packet[usize::from(error.pointer)], 99);
    }
}

#[test]
fn preferences_in_i2_i2bis_and_r2_are_recorded_by_place() {
    use shim6_core::wire::{ElementLen, LocatorPreferences, Preference};
    let told =
        [(1, 10, 20), (2, 11, 21), (4, 12, 22)].map(|(flags, priority, weight)| Preference { flags, priority, weight });
    for case in 0..3 {
        let mut played = Played::in_state(9, if case == 2 { State::I2Sent } else { State::Idle });
        let ulids = played.ulids();
        let packet_tag = (case == 1).then_some(OTHER_TAG);
        let request = Request { packet_tag, ..played.request() };
        let cookie = played.cookie(&request);
        let mut announcement = request.announced.announcement();
        announcement.preferences = LocatorPreferences::new(5, ElementLen::Weight, &told);
        match case {
            2 => assert!(played.r2_announcing(ulids, PEER_TAG, &announcement).is_empty()),
            _ => assert_eq!(kinds(&played.ask_announcing(&request, &cookie, &announcement)), [MessageType::R2]),
        }
        let known: Vec<_> = played.context().peer_locators().list().iter().map(|known| known.preference).collect();
        assert_eq!(known, told, "case {case}");
    }
}
