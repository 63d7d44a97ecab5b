// SPDX-License-Identifier: MIT OR GPL-2.0
//! Control messages on their way to their context: the checks that come first (RFC 5533 section 12.3), and which of
//! several contexts a message belongs to (section 12.4).

mod common;
mod pair;

use common::{hex, seal};
use pair::{kinds, r1, r1bis, tagged, Host, Peer, Said, Stage, World, A, NONCE};
use shim6_core::addr::Addr;
use shim6_core::context::State;
use shim6_core::engine::{Cause, Contexts, Counter};
use shim6_core::locator::Pair;
use shim6_core::reap::ReapState;
use shim6_core::validator::{Claim, Cookie, VALIDATOR_LEN};
use shim6_core::wire::{
    Error, ErrorCode, Fii, Keepalive, Message, MessageType, Nonce, ProbeState, Tag, UlidPair, UpdateRequest, I1, I2,
    MAX_MESSAGE_LEN,
};

/// Octets of the invoking packet before its Shim6 header.
const IPV6: u16 = 40;

fn octets(message: &Message<'_>) -> Vec<u8> {
    let mut octets = [0; MAX_MESSAGE_LEN];
    let length = message.emit(&mut octets).expect("a message that fits");
    octets[..length].to_vec()
}

/// The same message with these octets of options at its end.
fn with_options(message: &Message<'_>, options: &str) -> Vec<u8> {
    let mut octets = octets(message);
    octets.extend(hex(options));
    octets[1] = (octets.len() / 8 - 1) as u8;
    seal(&mut octets);
    octets
}

/// A message of every type that an established host answers, or takes.
fn all(stage: &mut Stage) -> Vec<Vec<u8>> {
    let (ulids, peer, tag) = (stage.ulids(), stage.peer.clone(), stage.context().tag_local());
    let cookie = stage.cookie(ulids, ulids, Fii::DEFAULT);
    let cookie_bis = stage.cookie_bis(ulids, peer.tag);
    let mut all: Vec<_> = tagged(tag, &ulids).iter().map(octets).collect();
    all.push(octets(&Message::I1(peer.i1())));
    all.push(octets(&Message::I2(peer.i2(&cookie))));
    all.push(octets(&Message::I2bis(peer.i2bis(&cookie_bis, peer.tag))));
    all.push(octets(&r1bis(peer.tag)));
    all
}

fn is_error(said: &[Said], code: ErrorCode, pointer: u16, about: &[u8]) {
    assert_eq!(kinds(said), [MessageType::Error]);
    let Message::Error(error) = said[0].message() else { panic!("not an Error") };
    assert_eq!((error.code, error.pointer), (code, pointer));
    assert_eq!(&error.packet[usize::from(IPV6)..][..about.len()], about, "the packet comes back");
}

#[test]
fn what_is_damaged_or_cut_or_of_impossible_addresses_is_dropped_without_a_word() {
    let mut stage = Stage::at(1, State::Established);
    let ulids = stage.ulids();
    for octets in all(&mut stage) {
        let before = stage.picture();
        let mut damaged = octets.clone();
        damaged[4] ^= 1;
        assert_eq!(kinds(&stage.put_octets(ulids, damaged)), [], "checksum");
        let mut long = octets.clone();
        long[1] += 1;
        seal_as(&mut long, octets.len());
        assert_eq!(kinds(&stage.put_octets(ulids, long)), [], "beyond the end of the packet");
        let odd =
            [Addr::UNSPECIFIED, Addr::new([0xff0e, 0, 0, 0, 0, 0, 0, 1]), Addr::new([0xff02, 0, 0, 0, 0, 0, 0, 1])];
        for odd in odd {
            assert_eq!(kinds(&stage.put_octets(Pair { peer: odd, ..ulids }, octets.clone())), [], "from {odd}");
            assert_eq!(kinds(&stage.put_octets(Pair { local: odd, ..ulids }, octets.clone())), [], "to {odd}");
        }
        assert_eq!(stage.picture(), before);
    }
    for (counter, times) in [(Counter::DropChecksum, 10), (Counter::DropMalformed, 10), (Counter::DropAddress, 60)] {
        assert_eq!(stage.world.hosts[A].count(counter), times, "{counter:?}");
    }
}

/// The right checksum over the octets that there are.
fn seal_as(octets: &mut [u8], length: usize) {
    let claimed = std::mem::replace(&mut octets[1], (length / 8 - 1) as u8);
    seal(octets);
    let sum = u16::from_be_bytes([octets[4], octets[5]]);
    let change = (u16::from(claimed)).wrapping_sub(u16::from(octets[1]));
    octets[1] = claimed;
    octets[4..6].copy_from_slice(&sum.wrapping_sub(change).to_be_bytes());
}

#[test]
fn unknown_types_are_answered_by_error_0() {
    for state in [State::Idle, State::Established] {
        let mut stage = Stage::at(2, state);
        let (ulids, before) = (stage.ulids(), stage.picture());
        let tag = if state == State::Idle { stage.peer.tag } else { stage.context().tag_local() };
        for kind in [0].into_iter().chain(7..64).chain(69..128) {
            let mut octets = octets(&Message::Keepalive(Keepalive { receiver_tag: tag }));
            octets[2] = kind;
            seal(&mut octets);
            let said = stage.put_octets(ulids, octets.clone());
            is_error(&said, ErrorCode::UNKNOWN_MESSAGE_TYPE, IPV6 + 2, &octets);
            assert_eq!(said[0].over(), ulids);
            octets[13] ^= 1;
            assert_eq!(kinds(&stage.put_octets(ulids, octets)), [], "the checksum comes first");
            assert_eq!(stage.picture(), before);
        }
    }
}

#[test]
fn a_critical_option_that_is_not_known_is_answered_by_error_1_and_spoils_the_message() {
    let mut stage = Stage::at(3, State::Established);
    let (ulids, peer, tag) = (stage.ulids(), stage.peer.clone(), stage.context().tag_local());
    let before = stage.picture();
    let announcement = peer.tells(5, &peer.entries[..2]);
    let request = Message::UpdateRequest(UpdateRequest { receiver_tag: tag, request_nonce: NONCE, announcement });
    let at = octets(&request).len() as u16;
    for (options, offset) in [("0065 0004 00000000", at), ("0064 0004 00000000 ffff 0000 00000000", at + 8)] {
        let octets = with_options(&request, options);
        let said = stage.put_octets(ulids, octets.clone());
        is_error(&said, ErrorCode::CRITICAL_OPTION_NOT_RECOGNIZED, IPV6 + offset, &octets);
        let mut damaged = octets.clone();
        damaged[20] ^= 4;
        assert_eq!(kinds(&stage.put_octets(ulids, damaged)), [], "the checksum comes first");
        assert_eq!(stage.picture(), before);
    }
    // The same without C is taken.
    assert_eq!(kinds(&stage.put_octets(ulids, with_options(&request, "0064 0004 00000000"))), [MessageType::UpdateAck]);

    let cookie = stage.cookie(ulids, ulids, Fii(9));
    let i2 = I2 { fii: Fii(9), ..peer.i2(&cookie) };
    let octets = with_options(&Message::I2(i2), "0065 0004 00000000");
    assert_eq!(kinds(&stage.put_octets(ulids, octets)), [MessageType::Error]);
    assert_eq!(stage.world.hosts[A].table.nodes.len(), 1, "and makes no context");
}

/// The contexts of a host with one peer: the default one, a forked one, and one between other ULIDs.
struct Several {
    stage: Stage,
    /// ULIDs, instance and number of each.
    contexts: [(Pair, Fii, u32); 3],
}

/// An established context with this peer, made by an I2 of its own tag.
fn add(stage: &mut Stage, peer: &Peer, ulids: Pair, fii: Fii, tag: u64) -> u32 {
    let mut peer = peer.clone();
    peer.tag = Tag::new(tag).expect("47 bits");
    stage.peer.tag = peer.tag;
    let cookie = stage.cookie(ulids, ulids, fii);
    assert_eq!(kinds(&stage.put(ulids, &Message::I2(I2 { fii, ..peer.i2(&cookie) }))), [MessageType::R2]);
    stage.world.hosts[A].table.by_ulids(&ulids, fii).expect("a context")
}

fn several(seed: u64) -> Several {
    let mut stage = Stage::new(seed);
    let peer = stage.peer.clone();
    let mut contexts =
        [(stage.ulids(), Fii::DEFAULT, 0), (stage.ulids(), Fii(7), 0), (stage.over(1, 1), Fii::DEFAULT, 0)];
    for (number, (ulids, fii, id)) in (1..).zip(&mut contexts) {
        *id = add(&mut stage, &peer, *ulids, *fii, number);
        // The peer gets to know all addresses of the host: it says so by using the tag.
        let tag = stage.world.hosts[A].context(*id).tag_local();
        stage.put(*ulids, &Message::Keepalive(Keepalive { receiver_tag: tag }));
    }
    Several { stage, contexts }
}

#[test]
fn i1_i2_and_i2bis_mean_the_context_of_their_ulids_and_instance() {
    let Several { mut stage, contexts } = several(4);
    let over = stage.over(2, 2);
    for (number, (ulids, fii, id)) in (1..).zip(contexts) {
        let option = Some(UlidPair { sender: ulids.peer, receiver: ulids.local });
        let tag = Tag::new(number).expect("47 bits");
        let mine = stage.world.hosts[A].context(id).tag_local();
        let responder_tag = |said: &[Said]| {
            assert_eq!(kinds(said), [MessageType::R2]);
            let Message::R2(r2) = said[0].message() else { panic!("not an R2") };
            r2.responder_tag
        };
        let said = stage.put(over, &Message::I1(I1 { initiator_tag: tag, initiator_nonce: NONCE, ulids: option, fii }));
        assert_eq!(responder_tag(&said), mine, "I1 {number}");
        stage.peer.tag = tag;
        let peer = stage.peer.clone();
        let cookie = stage.cookie(over, ulids, fii);
        let i2 = I2 { ulids: option, fii, ..peer.i2(&cookie) };
        assert_eq!(responder_tag(&stage.put(over, &Message::I2(i2))), mine, "I2 {number}");
        let cookie = stage.cookie_bis(over, mine);
        let i2bis = shim6_core::wire::I2bis { ulids: option, fii, ..peer.i2bis(&cookie, mine) };
        assert_eq!(responder_tag(&stage.put(over, &Message::I2bis(i2bis))), mine, "I2bis {number}");
    }
    assert_eq!(stage.world.hosts[A].table.nodes.len(), 3);
}

#[test]
fn tags_choose_among_contexts_over_the_same_locators() {
    let Several { mut stage, contexts } = several(5);
    let over = stage.over(2, 2);
    for (which, (ulids, _, id)) in contexts.into_iter().enumerate() {
        let tag = stage.world.hosts[A].context(id).tag_local();
        let message = &tagged(tag, &over)[3];
        assert!(matches!(message, Message::Probe(probe) if probe.state == ProbeState::Exploring));
        stage.put(over, message);
        let states = contexts.map(|(_, _, id)| stage.world.hosts[A].context(id).reap().state());
        assert_eq!(states.iter().filter(|state| **state == ReapState::InboundOk).count(), which + 1);
        assert_eq!(states[which], ReapState::InboundOk);
        stage.put_payload(over, tag);
        let arrived = stage.world.delivered.last().expect("payload").arrived;
        assert_eq!(arrived, Pair { local: ulids.peer, peer: ulids.local });
    }
}

#[test]
fn r1_and_r2_mean_the_exchange_of_their_nonce() {
    let mut stage = Stage::new(6);
    let (now, ulids) = (stage.world.now, stage.ulids());
    let ids = [Fii::DEFAULT, Fii(7)].map(|fii| {
        let World { hosts, network, rng, .. } = &mut stage.world;
        let start = hosts[A].call(now, network, rng, |engine| engine.start(now, ulids, fii, Cause::Administrator));
        start.expect("a context")
    });
    let nonce = |stage: &Stage, id: u32| stage.world.hosts[A].table.nodes[&id].nonce.expect("an exchange");
    let state = |stage: &Stage, id: u32| stage.world.hosts[A].context(id).state();
    let second = nonce(&stage, ids[1]);
    assert_eq!(kinds(&stage.put(ulids, &r1(Nonce(second.0 ^ 1)))), []);
    assert_eq!(ids.map(|id| state(&stage, id)), [State::I1Sent; 2]);
    assert_eq!(kinds(&stage.put(ulids, &r1(second))), [MessageType::I2]);
    assert_eq!(ids.map(|id| state(&stage, id)), [State::I1Sent, State::I2Sent]);
    let (peer, second) = (stage.peer.clone(), nonce(&stage, ids[1]));
    // The right nonce over another pair than that of the exchange.
    stage.put(stage.over(1, 0), &Message::R2(peer.r2(second)));
    assert_eq!(ids.map(|id| state(&stage, id)), [State::I1Sent, State::I2Sent]);
    stage.put(ulids, &Message::R2(peer.r2(second)));
    assert_eq!(ids.map(|id| state(&stage, id)), [State::I1Sent, State::Established]);
}

/// Tags are chosen by each peer for itself, so two peers may choose the same.
#[test]
fn r1bis_means_the_context_whose_locators_it_comes_from() {
    let Several { mut stage, contexts } = several(7);
    let stranger = Host::new(&mut stage.world.rng, 0xc, 2);
    let other = Peer::of(&stranger, 1);
    let ulids = Pair { local: contexts[0].0.local, peer: other.addresses[0] };
    let id = add(&mut stage, &other, ulids, Fii::DEFAULT, 1);
    let tag = Tag::new(1).expect("47 bits");
    let states = |stage: &Stage| [contexts[0].2, id].map(|id| stage.world.hosts[A].context(id).state());
    let nobody = Pair { peer: Addr::new([0x2001, 0xdb8, 0xbad, 0, 0, 0, 0, 1]), ..ulids };
    assert_eq!(kinds(&stage.put(nobody, &r1bis(tag))), []);
    assert_eq!(states(&stage), [State::Established; 2]);
    assert_eq!(kinds(&stage.put(Pair { peer: other.addresses[1], ..ulids }, &r1bis(tag))), [MessageType::I2bis]);
    assert_eq!(states(&stage), [State::Established, State::I2bisSent]);
    assert_eq!(kinds(&stage.put(contexts[0].0, &r1bis(tag))), [MessageType::I2bis]);
    assert_eq!(states(&stage), [State::I2bisSent; 2]);
}

#[test]
fn keepalives_and_probes_over_foreign_addresses_get_r1bis() {
    let mut stage = Stage::at(8, State::Established);
    let (ulids, tag) = (stage.ulids(), stage.context().tag_local());
    let withdrawn = stage.over(2, 0).local;
    stage.world.hosts[A].env.set.set_allowed(&withdrawn, false);
    stage.locals_changed();
    let before = stage.picture();
    let stranger = Addr::new([0x2001, 0xdb8, 0xbad, 0, 0, 0, 0, 1]);
    for over in [Pair { peer: stranger, ..ulids }, Pair { local: withdrawn, ..ulids }] {
        for message in &tagged(tag, &over)[2..] {
            assert_eq!(kinds(&stage.put(over, message)), [MessageType::R1bis], "{message:?}");
            assert_eq!(stage.picture(), before, "{message:?}");
        }
    }
}

/// Nothing proves an Error, so nothing is done about one, whatever packet of ours it returns.
#[test]
fn an_error_changes_nothing_and_is_not_answered() {
    for state in [State::Idle, State::I1Sent, State::I2Sent, State::I2bisSent, State::Established] {
        let mut stage = Stage::at(9, state);
        let (ulids, before) = (stage.ulids(), stage.picture());
        let last = stage.world.network.control_seen.last().cloned();
        let mut packet = vec![0; usize::from(IPV6)];
        if let Some(pair::Body::Control(octets)) = last.map(|sent| sent.body) {
            packet.extend(octets);
        }
        for code in (0..128).filter_map(ErrorCode::new) {
            let error = Error { code, pointer: 42, packet: &packet };
            assert_eq!(kinds(&stage.put(ulids, &Message::Error(error))), [], "{state:?}");
            assert_eq!(stage.picture(), before, "{state:?}");
        }
        assert_eq!(stage.world.hosts[A].count(Counter::Rx(MessageType::Error)), 128, "but counted");
    }
}

/// RFC 5533 appendix C.3: the host gave the tag of a context that it lost to one with another peer, and the old peer uses
/// it on.
#[test]
fn a_tag_that_was_given_away_leads_its_old_user_to_a_new_one() {
    let mut stage = Stage::new(10);
    let stranger = Host::new(&mut stage.world.rng, 0xc, 2);
    let other = Peer::of(&stranger, 1);
    let ulids = Pair { local: stage.ulids().local, peer: other.addresses[0] };
    let id = add(&mut stage, &other, ulids, Fii::DEFAULT, 1);
    let tag = stage.world.hosts[A].context(id).tag_local();
    let before = stage.picture();

    let over = stage.ulids();
    assert_eq!(kinds(&stage.put_payload(over, tag)), [], "payload is decided by the tag alone");
    let arrived = stage.world.delivered.last().expect("payload").arrived;
    assert_eq!(arrived, Pair { local: ulids.peer, peer: ulids.local }, "whose checksum will be wrong for it");
    assert_eq!(stage.picture(), before);

    let said = stage.put(over, &tagged(tag, &over)[3]);
    assert_eq!(kinds(&said), [MessageType::R1bis]);
    let Message::R1bis(r1bis) = said[0].message() else { panic!("not an R1bis") };
    let validator = <[u8; VALIDATOR_LEN]>::try_from(r1bis.validator).expect("as long as ours");
    let claim = Claim::Recovery { packet_tag: tag, source: over.peer, destination: over.local };
    assert!(stage.world.hosts[A].env.secrets.check(stage.world.now, &claim, r1bis.responder_nonce, &validator).is_ok());
    let (peer, cookie) = (Peer::of(&stage.world.hosts[1], 2), Cookie { nonce: r1bis.responder_nonce, validator });
    let said = stage.put(over, &Message::I2bis(peer.i2bis(&cookie, tag)));
    assert_eq!(kinds(&said), [MessageType::R2]);
    let Message::R2(r2) = said[0].message() else { panic!("not an R2") };
    assert_ne!(r2.responder_tag, tag);
    assert_eq!(stage.world.hosts[A].context(id).state(), State::Established);
}
