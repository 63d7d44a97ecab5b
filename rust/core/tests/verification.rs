// SPDX-License-Identifier: MIT OR GPL-2.0
//! Locator verification (RFC 5533 section 7.2): what is not proven to be the peer's is not taken, and what is not proven to
//! reach the peer is not used. The peer is played by the test.

mod common;
mod pair;

use pair::played::{kinds, only, request_message, Played, Request, Said, OTHER_TAG, PEER_TAG};
use pair::signer::{signed_octets, Signer};
use pair::{World, A};
use shim6_core::addr::Addr;
use shim6_core::context::State;
use shim6_core::engine::{Advice, Cause, Counter};
use shim6_core::locator::{LocalStatus, Pair};
use shim6_core::time::Duration;
use shim6_core::wire::{
    Announcement, ErrorCode, LocatorEntry, LocatorList, LocatorPreferences, Message, MessageType, Nonce, Preference,
    Probe, ProbeReport, ProbeReports, ProbeState, UpdateRequest, VerificationMethod, MAX_MESSAGE_LEN,
};

/// Octets of the invoking packet before its Shim6 header.
const IPV6: u16 = 40;

/// A list of the peer of which the method at one place is changed.
fn with_method(played: &Played, place: usize, method: VerificationMethod) -> Vec<LocatorEntry> {
    let mut entries = played.announced(&[0, 1, 2]).entries;
    entries[place].method = method;
    entries
}

/// The offset of the method at this place in a message's list, found by its octets: type 2, and a generation of 0x0d15ea5e.
fn method_offset(octets: &[u8], place: usize) -> u16 {
    let generation = [0x0d, 0x15, 0xea, 0x5e];
    let list = octets.windows(4).position(|window| window == generation).expect("a list");
    IPV6 + (list + 5 + place) as u16
}

/// Sends an announcement in a message of each type, in a state that takes it, and gives to `check` what came of it.
fn in_each_message(entries: &[LocatorEntry], pds: &[u8], check: impl Fn(&[Said], &[u8], &str)) {
    let list = LocatorList::new(0x0d15_ea5e, entries);
    let announcement = Announcement { locators: list, pds: Some(pds), ..Announcement::NOTHING };
    let cases = [
        ("I2", State::Idle),
        ("I2", State::I1Sent),
        ("I2", State::Established),
        ("I2bis", State::Idle),
        ("I2bis", State::Established),
        ("R2", State::I1Sent),
        ("R2", State::I2Sent),
        ("R2", State::I2bisSent),
        ("Update Request", State::Established),
    ];
    for (what, state) in cases {
        let mut played = Played::in_state(1, state);
        let (before, ulids, nonce) = (played.picture(), played.ulids(), played.nonce);
        let packet_tag = (what == "I2bis").then_some(OTHER_TAG);
        let request = Request { packet_tag, tag: OTHER_TAG, ..played.request() };
        let cookie = played.cookie(&request);
        let message = match what {
            "R2" => {
                Message::R2(shim6_core::wire::R2 { responder_tag: OTHER_TAG, initiator_nonce: nonce, announcement })
            }
            "Update Request" => {
                let receiver_tag = played.context().tag_local();
                Message::UpdateRequest(UpdateRequest { receiver_tag, request_nonce: Nonce(4), announcement })
            }
            _ => request_message(&request, &cookie, &announcement),
        };
        let mut octets = [0; MAX_MESSAGE_LEN];
        let length = message.emit(&mut octets).expect("fits");
        let said = played.tell_octets(ulids, &octets[..length]);
        assert_eq!(played.picture(), before, "{what} in {state:?}");
        check(&said, &octets[..length], what);
        if what == "R2" {
            assert!(!played.wait(Duration::from_secs(7)).is_empty(), "the question goes on");
        }
    }
}

fn is_error_2(said: &[Said], pointer: u16, what: &str) {
    let said = only(said.to_vec());
    let Message::Error(error) = said.message() else { panic!("{what}: no Error, but {:?}", said.kind()) };
    assert_eq!((error.code, error.pointer), (ErrorCode::VERIFICATION_METHOD_FAILED, pointer), "{what}");
}

#[test]
fn a_method_that_is_not_supported_spoils_the_message_and_is_pointed_at() {
    let pds = Played::new(1).announced(&[0]).pds;
    for number in [0, 3, 9, 254, 255] {
        for place in 0..3 {
            let entries = with_method(&Played::new(1), place, VerificationMethod::Unsupported(number));
            in_each_message(&entries, &pds, |said, octets, what| {
                is_error_2(said, method_offset(octets, place), what);
            });
        }
    }
}

#[test]
fn cga_without_a_key_is_inconsistent_and_pointed_at() {
    let pds = Played::new(1).announced(&[0]).pds;
    for place in 0..3 {
        let entries = with_method(&Played::new(1), place, VerificationMethod::Cga);
        in_each_message(&entries, &pds, |said, octets, what| is_error_2(said, method_offset(octets, place), what));
    }
}

/// The peer's ULID is a CGA: its structure has no Multi-Prefix extension, and yet the list says HBA.
#[test]
fn hba_without_the_extension_is_inconsistent_and_pointed_at() {
    let signer = Signer::new();
    let (ulid, pds) = signer.address(Addr::new([0x2001, 0xdb8, 9, 9, 0, 0, 0, 0]).prefix64());
    let signature = signer.sign(&signed_octets(0x0d15_ea5e, &[ulid]));
    for (method, expected) in
        [(VerificationMethod::Hba, MessageType::Error), (VerificationMethod::Cga, MessageType::R2)]
    {
        let mut played = Played::new(2);
        let ulids = Pair { peer: ulid, ..played.ulids() };
        let request = Request { over: ulids, ulids, ..played.request() };
        let cookie = played.cookie(&request);
        let entries = [LocatorEntry { locator: ulid, method }];
        let locators = LocatorList::new(0x0d15_ea5e, &entries);
        let (pds, signature) = (Some(&pds[..]), Some(&signature[..]));
        let announcement = Announcement { locators, pds, signature, ..Announcement::NOTHING };
        let said = only(played.ask_announcing(&request, &cookie, &announcement));
        assert_eq!(said.kind(), expected, "{method:?}");
        if let Message::Error(error) = said.message() {
            let (code, packet) = (ErrorCode::VERIFICATION_METHOD_FAILED, error.packet);
            assert_eq!((error.code, error.pointer), (code, method_offset(&packet[usize::from(IPV6)..], 0)));
            assert!(played.host().table.nodes.is_empty());
        }
    }
}

#[test]
fn a_locator_outside_the_set_spoils_the_message_and_is_pointed_at() {
    let pds = Played::new(1).announced(&[0]).pds;
    for stranger in [pair::played::stranger(), Played::new(1).pair(1, 0).local] {
        let mut entries = Played::new(1).announced(&[0, 1, 2]).entries;
        entries[1].locator = stranger;
        in_each_message(&entries, &pds, |said, octets, what| is_error_2(said, method_offset(octets, 1), what));
    }
}

#[test]
fn the_proof_of_another_set_is_dropped_without_a_word() {
    let entries = Played::new(1).announced(&[0, 1, 2]).entries;
    in_each_message(&entries, &common::initiator_pds(), |said, _, what| assert!(said.is_empty(), "{what}"));
}

#[test]
fn the_ulid_is_used_without_a_probe() {
    let mut played = Played::in_state(3, State::Established);
    let (now, ulids) = (played.world.now, played.ulids());
    let packet = played.world.hosts[A].payload(now, &ulids);
    assert_eq!((packet.source, packet.destination), (ulids.local, ulids.peer));
    assert!(!kinds(&played.wait(Duration::from_secs(10))).contains(&MessageType::Probe));
    assert_eq!(played.host().count(Counter::Tx(MessageType::Probe)), 0);
}

/// What the peer's list says of itself.
fn update(played: &mut Played, announcement: Announcement<'_>) -> Vec<Said> {
    let (over, receiver_tag) = (played.ulids(), played.context().tag_local());
    played.tell(over, &Message::UpdateRequest(UpdateRequest { receiver_tag, request_nonce: Nonce(4), announcement }))
}

fn probes(said: &[Said]) -> Vec<ProbeReport> {
    let probe = |said: &Said| match said.message() {
        Message::Probe(probe) => Some(probe.this),
        _ => None,
    };
    said.iter().filter_map(probe).collect()
}

/// A Probe of the peer that reports others as received.
fn report(played: &mut Played, over: Pair, received: &[ProbeReport]) -> Vec<Said> {
    let receiver_tag = played.context().tag_local();
    let this = ProbeReport { source: over.peer, destination: over.local, nonce: Nonce(7), data: 0 };
    let (earlier, received) = (ProbeReports::NONE, ProbeReports::new(received));
    let state = ProbeState::Operational;
    played.tell(over, &Message::Probe(Probe { receiver_tag, state, this, earlier, received }))
}

/// Whatever makes the current pair unusable, traffic goes to no locator at which the peer was never found.
#[test]
fn traffic_goes_to_another_locator_after_a_probe_was_answered() {
    let broken = [Preference::BROKEN, 0, 0].map(|flags| Preference { flags, priority: 1, weight: 1 });
    for case in 0..4 {
        let mut played = Played::in_state(4, State::Established);
        played.payload(played.ulids(), None);
        let ulids = played.ulids();
        let said = match case {
            // The peer calls the locator in use broken, or takes it back.
            0 => {
                let generation = played.context().peer_locators().generation().expect("a list");
                let preferences = LocatorPreferences::new(generation, shim6_core::wire::ElementLen::Weight, &broken);
                update(&mut played, Announcement { preferences, ..Announcement::NOTHING })
            }
            1 => {
                let announced = played.announced(&[1, 2]);
                update(&mut played, announced.announcement())
            }
            // The own link is lost, or an operator wants to explore.
            2 => {
                let World { now, .. } = played.world;
                played.world.set_local(A, ulids.local, LocalStatus::LinkDown, Cause::LinkDown);
                assert_eq!(played.world.now, now);
                played.said()
            }
            _ => {
                played.world.advise(A, Advice::Explore(Cause::Administrator));
                played.said()
            }
        };
        let tried = probes(&said);
        assert!(!tried.is_empty(), "case {case}");
        assert_eq!(played.context().pair().peer, ulids.peer, "case {case}: not before an answer");
        played.wait(Duration::from_secs(3));
        assert_eq!(played.context().pair().peer, ulids.peer, "case {case}: not without an answer");
        let wanted = tried.iter().find(|probe| probe.destination != ulids.peer).copied();
        let wanted = wanted.expect("another locator is tried");
        let over = Pair { local: wanted.source, peer: wanted.destination };
        report(&mut played, over, &[wanted]);
        played.wait(Duration::from_secs(3));
        assert_eq!(played.context().pair().peer, over.peer, "case {case}: with an answer");
    }
}

/// A Probe went to one locator; its answer proves nothing of another that is in that place of a later list.
#[test]
fn an_answer_counts_for_the_address_that_was_probed() {
    let mut played = Played::in_state(5, State::Established);
    let announced = played.announced(&[0, 1]);
    update(&mut played, announced.announcement());
    played.said();
    played.world.advise(A, Advice::Explore(Cause::Administrator));
    let (ulids, second, third) = (played.ulids(), played.pair(0, 1).peer, played.pair(0, 2).peer);
    let tried = probes(&played.said());
    let probe = tried.iter().find(|probe| probe.destination == second).copied().expect("the second is tried");
    let announced = played.announced(&[0, 2]);
    update(&mut played, announced.announcement());
    let elsewhere = ProbeReport { destination: third, ..probe };
    report(&mut played, ulids, &[elsewhere]);
    played.wait(Duration::from_secs(3));
    assert_ne!(played.context().pair().peer, third);
}

/// A local locator may be a source when the peer has acknowledged the list that tells it.
#[test]
fn a_new_source_waits_for_the_acknowledgement() {
    for acknowledged in [false, true] {
        let mut played = Played::new(6);
        let second = played.pair(1, 0).local;
        played.host_mut().env.set.set_allowed(&second, false);
        played.start();
        let ulids = played.ulids();
        played.r1(ulids);
        played.r2(ulids, PEER_TAG);
        played.host_mut().env.set.set_allowed(&second, true);
        let (now, id) = (played.world.now, played.host().context_id(&ulids).expect("a context"));
        let World { hosts, network, rng, .. } = &mut played.world;
        hosts[A].call(now, network, rng, |engine| engine.locals_changed(now, id, Cause::Preference));
        let said = only(played.said());
        let Message::UpdateRequest(request) = said.message() else { panic!("no Update Request") };
        if acknowledged {
            let receiver_tag = played.context().tag_local();
            let ack = shim6_core::wire::UpdateAck { receiver_tag, request_nonce: request.request_nonce };
            played.tell(ulids, &Message::UpdateAck(ack));
        }
        played.world.advise(A, Advice::Explore(Cause::Administrator));
        let mut said = played.said();
        said.extend(played.wait(Duration::from_secs(60)));
        let used = said.iter().any(|said| said.over.local == second);
        assert_eq!(used, acknowledged);
    }
}
