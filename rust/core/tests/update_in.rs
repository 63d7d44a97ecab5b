// SPDX-License-Identifier: MIT OR GPL-2.0
//! Update Requests of a peer: what is taken, what is refused, and how the peer hears of it (RFC 5533 section 10.4).

mod common;
mod pair;

use common::seal;
use pair::played::{self, Played, PEER_TAG};
use pair::{kinds, tagged, Peer, Said, Stage, A, NONCE};
use shim6_core::addr::Addr;
use shim6_core::context::State;
use shim6_core::engine::{Advice, Cause, Counter};
use shim6_core::locator::{Pair, Reach};
use shim6_core::reap::ReapState;
use shim6_core::time::Duration;
use shim6_core::wire::{
    Announcement, ElementLen, ErrorCode, LocatorEntry, LocatorPreferences, Message, MessageType, Preference, Probe,
    ProbeReport, ProbeReports, ProbeState, Tag, UpdateRequest, VerificationMethod,
};

const NEW: u32 = 0xfeed;
/// Octets of the invoking packet before its Shim6 header.
const IPV6: u16 = 40;
/// Octets of an Update Request before its options.
const FIXED: u16 = 16;

fn established(seed: u64) -> (Stage, Peer) {
    let stage = Stage::at(seed, State::Established);
    let peer = stage.peer.clone();
    (stage, peer)
}

fn put(stage: &mut Stage, announcement: Announcement<'_>) -> Vec<Said> {
    let (over, tag) = (stage.ulids(), stage.context().tag_local());
    let request = UpdateRequest { receiver_tag: tag, request_nonce: NONCE, announcement };
    stage.put(over, &Message::UpdateRequest(request))
}

fn preferences(flags: &[u8]) -> Vec<Preference> {
    flags.iter().map(|flags| Preference { flags: *flags, priority: 1, weight: 2 }).collect()
}

/// Preferences without a list.
fn only(generation: u32, list: &[Preference]) -> Announcement<'_> {
    let preferences = LocatorPreferences::new(generation, ElementLen::Weight, list);
    Announcement { preferences, ..Announcement::NOTHING }
}

/// An Error with this code and pointer, and nothing else, comes back over the pair of the request.
fn is_error(said: &[Said], code: ErrorCode, pointer: u16) {
    assert_eq!(kinds(said), [MessageType::Error]);
    let Message::Error(error) = said[0].message() else { panic!("not an Error") };
    assert_eq!((error.code, error.pointer), (code, pointer));
}

fn is_acknowledged(stage: &Stage, said: &[Said]) {
    assert_eq!(kinds(said), [MessageType::UpdateAck]);
    let Message::UpdateAck(ack) = said[0].message() else { panic!("not an acknowledgement") };
    assert_eq!((ack.receiver_tag, ack.request_nonce), (stage.peer.tag, NONCE));
    assert_eq!(said[0].over(), stage.context().pair());
}

fn flags(stage: &Stage) -> Vec<u8> {
    stage.context().peer_locators().list().iter().map(|known| known.preference.flags).collect()
}

#[test]
fn lists_and_preferences_are_taken_and_acknowledged() {
    let (mut stage, peer) = established(1);
    let said = put(&mut stage, peer.tells(NEW, &peer.entries[..2]));
    is_acknowledged(&stage, &said);
    let known = stage.context().peer_locators();
    assert_eq!((known.generation(), known.list().len()), (Some(NEW), 2));

    let said = put(&mut stage, only(NEW, &preferences(&[0, Preference::TRANSIENT])));
    is_acknowledged(&stage, &said);
    assert_eq!(flags(&stage), [0, Preference::TRANSIENT]);

    // In one message the list comes first, whatever the generation before.
    let three = preferences(&[0, Preference::TRANSIENT, Preference::BROKEN]);
    let both = Announcement {
        preferences: LocatorPreferences::new(NEW + 1, ElementLen::Weight, &three),
        ..peer.tells(NEW + 1, &peer.entries)
    };
    let said = put(&mut stage, both);
    is_acknowledged(&stage, &said);
    assert_eq!(flags(&stage), [0, Preference::TRANSIENT, Preference::BROKEN]);
    assert_eq!(stage.context().peer_locators().generation(), Some(NEW + 1));
}

#[test]
fn a_repeated_request_is_acknowledged_again_and_changes_nothing() {
    let (mut stage, peer) = established(2);
    let first = put(&mut stage, peer.tells(NEW, &peer.entries[..2]));
    let before = stage.picture();
    let again = put(&mut stage, peer.tells(NEW, &peer.entries[..2]));
    is_acknowledged(&stage, &again);
    assert_eq!(first[0].octets, again[0].octets);
    assert_eq!(stage.picture(), before);
}

/// The structure was exchanged when the context was made, so later lists may come without it: what it has bound stays bound.
#[test]
fn a_list_may_come_without_the_structure_that_came_before() {
    let (mut stage, peer) = established(14);
    let bare = |generation, entries| Announcement { pds: None, ..peer.tells(generation, entries) };
    for (generation, entries) in [(NEW, &peer.entries[..2]), (NEW + 1, &peer.entries[..])] {
        let said = put(&mut stage, bare(generation, entries));
        assert_eq!(said.last().map(Said::kind), Some(MessageType::UpdateAck));
        let known: Vec<_> = stage.context().peer_locators().list().iter().map(|known| known.addr).collect();
        let told: Vec<_> = entries.iter().map(|entry| entry.locator).collect();
        assert_eq!((stage.context().peer_locators().generation(), known), (Some(generation), told));
    }
    let before = stage.picture();
    let foreign = LocatorEntry { locator: Addr::new([0x2001, 0xdb8, 0xbad, 0, 0, 0, 0, 1]), ..peer.entries[0] };
    let unsigned = LocatorEntry { method: VerificationMethod::Cga, ..peer.entries[1] };
    for bad in [foreign, unsigned] {
        let entries = [peer.entries[0], bad];
        let said = put(&mut stage, Announcement { pds: None, ..peer.tells(NEW + 2, &entries) });
        let method = FIXED + 4 + 5 + 1;
        is_error(&said, ErrorCode::VERIFICATION_METHOD_FAILED, IPV6 + method);
        assert_eq!(stage.picture(), before);
    }
}

/// What was not told at first is a member of the set as well.
#[test]
fn a_list_may_name_other_members_of_the_set_without_the_structure() {
    let mut played = Played::in_state(16, State::I2Sent);
    let (ulids, two) = (played.ulids(), played.announced(&[0, 1]));
    played.r2_announcing(ulids, PEER_TAG, &two.announcement());
    let three = played.announced(&[0, 1, 2]);
    let announcement = Announcement { pds: None, ..three.announcement() };
    let receiver_tag = played.context().tag_local();
    let request = UpdateRequest { receiver_tag, request_nonce: NONCE, announcement };
    let said = played.tell(ulids, &Message::UpdateRequest(request));
    assert_eq!(said.last().map(played::Said::kind), Some(MessageType::UpdateAck));
    let known: Vec<_> = played.context().peer_locators().list().iter().map(|known| known.addr).collect();
    assert_eq!(known, three.entries.iter().map(|entry| entry.locator).collect::<Vec<_>>());
}

/// The acknowledgement of a list that withdraws the locator in use goes where the request came from.
#[test]
fn what_withdraws_the_locator_in_use_is_acknowledged_elsewhere() {
    let (mut stage, peer) = established(17);
    let over = stage.over(0, 1);
    let announcement = peer.tells(NEW, &peer.entries[1..]);
    let receiver_tag = stage.context().tag_local();
    let request = UpdateRequest { receiver_tag, request_nonce: NONCE, announcement };
    let said = stage.put(over, &Message::UpdateRequest(request));
    let ack = said.iter().find(|said| said.kind() == MessageType::UpdateAck).expect("an acknowledgement");
    assert_eq!(ack.over(), over);
}

#[test]
fn a_request_over_foreign_addresses_gets_r1bis_and_nothing_else() {
    let (mut stage, peer) = established(3);
    let (ulids, tag) = (stage.ulids(), stage.context().tag_local());
    // An address of this host that the peer was told of no more.
    let withdrawn = stage.over(2, 0).local;
    stage.world.hosts[A].env.set.set_allowed(&withdrawn, false);
    stage.locals_changed();
    let before = stage.picture();
    let stranger = Addr::new([0x2001, 0xdb8, 0xbad, 0, 0, 0, 0, 1]);
    for over in [Pair { peer: stranger, ..ulids }, Pair { local: withdrawn, ..ulids }] {
        let announcement = peer.tells(NEW, &peer.entries[..2]);
        let request = UpdateRequest { receiver_tag: tag, request_nonce: NONCE, announcement };
        let said = stage.put(over, &Message::UpdateRequest(request));
        assert_eq!(kinds(&said), [MessageType::R1bis]);
        let Message::R1bis(r1bis) = said[0].message() else { panic!("not an R1bis") };
        assert_eq!((r1bis.packet_tag, said[0].over()), (tag, over));
        assert_eq!(stage.picture(), before);
    }
    let receiver_tag = Tag::new(tag.get() ^ 1).expect("47 bits");
    let announcement = peer.tells(NEW, &peer.entries[..2]);
    let unknown = UpdateRequest { receiver_tag, request_nonce: NONCE, announcement };
    assert_eq!(kinds(&stage.put(ulids, &Message::UpdateRequest(unknown))), [MessageType::R1bis]);
    assert_eq!(stage.picture(), before);
}

/// The host waits for the R2 to its I2bis: the list is taken, and acknowledged under the tag that the peer had.
#[test]
fn an_update_is_taken_while_i2bis_waits_for_its_answer() {
    let mut stage = Stage::at(15, State::I2bisSent);
    let peer = stage.peer.clone();
    let said = put(&mut stage, peer.tells(NEW, &peer.entries[..2]));
    assert_eq!(kinds(&said), [MessageType::I2bis, MessageType::UpdateAck]);
    is_acknowledged(&stage, &said[1..]);
    assert_eq!((stage.state(), stage.context().peer_locators().list().len()), (Some(State::I2bisSent), 2));
    let stranger = Addr::new([0x2001, 0xdb8, 0xbad, 0, 0, 0, 0, 1]);
    let (over, tag, before) = (stage.ulids(), stage.context().tag_local(), stage.picture());
    let request =
        UpdateRequest { receiver_tag: tag, request_nonce: NONCE, announcement: peer.tells(NEW + 1, &peer.entries) };
    let said = stage.put(Pair { peer: stranger, ..over }, &Message::UpdateRequest(request));
    assert_eq!((kinds(&said), stage.picture()), (vec![MessageType::R1bis], before), "a stale context of the sender's");
}

#[test]
fn short_messages_are_dropped_without_a_word() {
    let (mut stage, _) = established(4);
    let (ulids, tag, before) = (stage.ulids(), stage.context().tag_local(), stage.picture());
    for kind in [64, 65] {
        let mut octets = vec![59, 0, kind, 0, 0, 0];
        octets.extend(&tag.octets()[..2]);
        seal(&mut octets);
        // The rest of the tag and a nonce follow in the packet, and yet not in the message.
        octets.extend(&tag.octets()[2..]);
        octets.extend([0; 4]);
        assert_eq!(kinds(&stage.put_octets(ulids, octets)), [], "type {kind}");
        assert_eq!(stage.picture(), before, "type {kind}");
    }
    assert_eq!(stage.world.hosts[A].count(Counter::DropMalformed), 2);
}

#[test]
fn a_list_that_cannot_be_verified_is_answered_by_error_2() {
    let (mut stage, peer) = established(5);
    let before = stage.picture();
    let stranger = Addr::new([0x2001, 0xdb8, 0xbad, 0, 0, 0, 0, 1]);
    let foreign = LocatorEntry { locator: stranger, method: VerificationMethod::Hba };
    let unsigned = LocatorEntry { method: VerificationMethod::Cga, ..peer.entries[1] };
    for bad in [foreign, unsigned] {
        let entries = [peer.entries[0], bad, peer.entries[2]];
        let three = preferences(&[Preference::BROKEN; 3]);
        for preferences in [None, LocatorPreferences::new(NEW, ElementLen::Weight, &three)] {
            let said = put(&mut stage, Announcement { preferences, ..peer.tells(NEW, &entries) });
            // The method of the second locator: after type, length, generation, count, and one method.
            is_error(&said, ErrorCode::VERIFICATION_METHOD_FAILED, IPV6 + FIXED + 4 + 4 + 1 + 1);
            assert_eq!(stage.picture(), before);
        }
    }
}

#[test]
fn preferences_of_another_generation_are_answered_by_error_3() {
    let (mut stage, _) = established(6);
    let before = stage.picture();
    let generation = stage.context().peer_locators().generation().expect("a list came with R2");
    for wrong in [generation + 1, generation - 1, 0] {
        let said = put(&mut stage, only(wrong, &preferences(&[0, 0, Preference::BROKEN])));
        is_error(&said, ErrorCode::GENERATION_OUT_OF_SYNC, IPV6 + FIXED + 4);
        assert_eq!(stage.picture(), before);
    }
}

#[test]
fn preferences_of_another_number_are_answered_by_error_4() {
    let (mut stage, peer) = established(7);
    let before = stage.picture();
    let generation = stage.context().peer_locators().generation().expect("a list came with R2");
    for number in [1, 2, 4] {
        let said = put(&mut stage, only(generation, &preferences(&[Preference::BROKEN; 4][..number])));
        is_error(&said, ErrorCode::LOCATOR_COUNT, IPV6 + FIXED + 2);
        assert_eq!(stage.picture(), before);
    }
    // Also if they come with a list, of which nothing is taken then.
    let two = preferences(&[0, 0]);
    let preferences = LocatorPreferences::new(NEW, ElementLen::Weight, &two);
    let said = put(&mut stage, Announcement { preferences, ..peer.tells(NEW, &peer.entries) });
    assert_eq!(kinds(&said), [MessageType::Error]);
    assert_eq!(stage.picture(), before);
}

#[test]
fn what_is_no_more_in_the_list_is_a_foreign_address() {
    let (mut stage, peer) = established(8);
    let (over, tag) = (stage.over(0, 2), stage.context().tag_local());
    assert_eq!(kinds(&stage.put(over, &tagged(tag, &over)[0])), [MessageType::UpdateAck]);
    put(&mut stage, peer.tells(NEW, &peer.entries[..2]));
    for message in tagged(tag, &over) {
        assert_eq!(kinds(&stage.put(over, &message)), [MessageType::R1bis], "{message:?}");
    }
    assert_eq!(stage.context().reap().state(), ReapState::Operational);
}

/// Nobody knows whether the peer is at the others (RFC 5533 section 7.2).
#[test]
fn a_broken_locator_is_left_only_for_one_that_answers() {
    let (mut stage, _) = established(9);
    let ulids = stage.ulids();
    let said = tell_flags(&mut stage, &[Preference::BROKEN, 0, 0]);
    let probes = probes(&said);
    assert!(!probes.is_empty() && probes[0].destination != ulids.peer, "another locator is tried first");
    assert!(kinds(&said).contains(&MessageType::UpdateAck));
    assert_eq!((stage.context().pair(), stage.context().reap().state()), (ulids, ReapState::Exploring));
    let over = answer(&mut stage, &probes[0]);
    assert_eq!((stage.context().pair(), stage.context().reap().state()), (over, ReapState::Operational));
}

#[test]
fn a_broken_locator_is_left_at_once_for_one_that_has_answered() {
    for at_once in [true, false] {
        let (mut stage, _) = established(10);
        stage.world.hosts[A].settings.advice_local = at_once;
        let (ulids, over) = (stage.ulids(), stage.over(1, 1));
        let said = stage.advise(Advice::Use(over));
        let wanted = probes(&said).into_iter().find(|probe| probe.destination == over.peer);
        assert_eq!(answer(&mut stage, &wanted.expect("a Probe over the pair")), stage.context().pair());
        tell_flags(&mut stage, &[0, Preference::BROKEN, 0]);
        let expected = if at_once { ulids.peer } else { over.peer };
        assert_eq!(stage.context().pair().peer, expected);
    }
}

/// The ULID was silent when it was needed last, by the Send Timeout or by a test: section 10.4 wants it to answer first.
#[test]
fn a_broken_locator_is_not_left_for_one_that_is_known_to_be_silent() {
    for by_test in [true, false] {
        let (mut stage, _) = established(11);
        let (ulids, over) = (stage.ulids(), stage.over(1, 1));
        let said = if by_test {
            stage.advise(Advice::Suspect(Cause::IcmpError))
        } else {
            stage.world.hosts[A].settings.parallel_probes = 1;
            stage.world.send(A);
            stage.wait(Duration::from_secs(17))
        };
        let wanted = probes(&said).into_iter().find(|probe| probe.destination == over.peer);
        let over = answer(&mut stage, &wanted.expect("a Probe to the other locator"));
        stage.wait(Duration::from_millis(100));
        assert_eq!((stage.context().pair(), stage.context().reap().state()), (over, ReapState::Operational));
        assert_eq!(stage.context().peer_locators().list()[0].reach, Reach::Unreachable, "by a test: {by_test}");
        let said = tell_flags(&mut stage, &[0, Preference::BROKEN, Preference::BROKEN]);
        let probes = probes(&said);
        assert!(probes.iter().any(|probe| probe.destination == ulids.peer), "{probes:?}");
        assert_eq!((stage.context().pair(), stage.context().reap().state()), (over, ReapState::Exploring));
        let wanted = probes.into_iter().find(|probe| probe.destination == ulids.peer);
        let found = answer(&mut stage, &wanted.expect("a Probe to the ULID"));
        assert_eq!((stage.context().pair(), stage.context().reap().state()), (found, ReapState::Operational));
    }
}

/// Of a pair that a test leaves the peer's locator is not known to be silent if a Probe over the pair was answered, or if it is
/// the new one's, too.
#[test]
fn a_test_marks_only_what_was_silent() {
    for place in [0, 1] {
        let (mut stage, _) = established(12);
        stage.world.hosts[A].settings.parallel_probes = 8;
        let said = stage.advise(Advice::Suspect(Cause::IcmpError));
        let over = stage.over(1, place);
        let ulids = stage.ulids();
        let find = |pair: Pair| {
            let mut all = probes(&said).into_iter();
            all.find(|probe| (probe.source, probe.destination) == (pair.local, pair.peer))
        };
        let wanted = find(over).expect("a Probe over the pair");
        if place == 1 {
            // It reaches the peer, whose own way is another. Nothing comes in by it.
            report(&mut stage, over, &[find(ulids).expect("a Probe over the ULIDs")], ProbeState::InboundOk);
        }
        report(&mut stage, over, &[wanted], ProbeState::InboundOk);
        stage.wait(Duration::from_secs(1));
        assert_eq!(stage.context().pair(), over);
        assert_eq!(stage.context().peer_locators().list()[0].reach, Reach::Reachable, "{place}");
    }
}

/// The peer tells these flags of its list.
fn tell_flags(stage: &mut Stage, flags: &[u8]) -> Vec<Said> {
    let generation = stage.context().peer_locators().generation().expect("a list came with R2");
    put(stage, only(generation, &preferences(flags)))
}

fn probes(said: &[Said]) -> Vec<ProbeReport> {
    let probe = |said: &Said| match said.message() {
        Message::Probe(probe) => Some(probe.this),
        _ => None,
    };
    said.iter().filter_map(probe).collect()
}

/// The peer reports this Probe as received; the pair over which it went.
fn answer(stage: &mut Stage, probe: &ProbeReport) -> Pair {
    let over = Pair { local: probe.source, peer: probe.destination };
    report(stage, over, &[*probe], ProbeState::Operational);
    over
}

/// A Probe of the peer reports these as received.
fn report(stage: &mut Stage, over: Pair, received: &[ProbeReport], state: ProbeState) {
    let (earlier, received) = (ProbeReports::NONE, ProbeReports::new(received));
    let this = ProbeReport { source: over.peer, destination: over.local, nonce: NONCE, data: 0 };
    let receiver_tag = stage.context().tag_local();
    stage.put(over, &Message::Probe(Probe { receiver_tag, state, this, earlier, received }));
}
