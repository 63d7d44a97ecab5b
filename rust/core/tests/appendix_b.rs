// SPDX-License-Identifier: MIT OR GPL-2.0
//! The tables of RFC 5533 appendix B, one event after the other: states without an exchange (IDLE, E-FAILED, NO-SUPPORT,
//! ESTABLISHED) and I1-SENT. The states that wait for R2 are in `appendix_b_waiting.rs`, retransmissions in `timers.rs`.

mod pair;

use pair::{kinds, r1, r1bis, tagged, Said, Stage, World, A, NONCE};
use shim6_core::context::State;
use shim6_core::engine::{Cause, Counter};
use shim6_core::locator::Pair;
use shim6_core::reap::ReapState;
use shim6_core::time::Duration;
use shim6_core::validator::Cookie;
use shim6_core::wire::{Fii, Message, MessageType, Nonce, ProbeState, Tag, I1};

/// States without a context that packets could belong to.
const NONE: [State; 3] = [State::Idle, State::Failed, State::NoSupport];
/// Those and I1-SENT: a good I2 or I2bis makes them ESTABLISHED.
const LACKING: [State; 4] = [State::Idle, State::Failed, State::NoSupport, State::I1Sent];

fn cookie(stage: &mut Stage, bis: bool, packet_tag: Tag) -> Cookie {
    let ulids = stage.ulids();
    match bis {
        true => stage.cookie_bis(ulids, packet_tag),
        false => stage.cookie(ulids, ulids, Fii::DEFAULT),
    }
}

/// An I2, or I2bis, with this cookie arrives over the ULIDs.
fn put_request(stage: &mut Stage, bis: bool, packet_tag: Tag, cookie: &Cookie) -> Vec<Said> {
    let (peer, ulids) = (stage.peer.clone(), stage.ulids());
    match bis {
        true => stage.put(ulids, &Message::I2bis(peer.i2bis(cookie, packet_tag))),
        false => stage.put(ulids, &Message::I2(peer.i2(cookie))),
    }
}

fn lost_tag() -> Tag {
    Tag::new(0x7777).expect("47 bits")
}

/// Cookies that are not what the host issued: other octets, another nonce.
fn spoil(cookie: &Cookie) -> [Cookie; 2] {
    let (mut octets, mut nonce) = (*cookie, *cookie);
    octets.validator[3] ^= 0x10;
    nonce.nonce = Nonce(cookie.nonce.0.wrapping_sub(1));
    [octets, nonce]
}

#[test]
fn where_no_context_is_i1_gets_r1() {
    for state in NONE {
        let mut stage = Stage::at(1, state);
        let (ulids, peer, before) = (stage.ulids(), stage.peer.clone(), stage.picture());
        let said = stage.put(ulids, &Message::I1(peer.i1()));
        assert_eq!(kinds(&said), [MessageType::R1], "{state:?}");
        let Message::R1(r1) = said[0].message() else { panic!("not an R1") };
        assert_eq!((r1.initiator_nonce, said[0].over()), (NONCE, ulids));
        assert_eq!(stage.picture(), before, "{state:?} keeps nothing of it");
    }
}

#[test]
fn a_start_sends_i1() {
    let mut stage = Stage::new(1);
    stage.world.start(A);
    let said = stage.said();
    assert_eq!(kinds(&said), [MessageType::I1]);
    let Message::I1(i1) = said[0].message() else { panic!("not an I1") };
    assert_eq!((i1.initiator_tag, i1.initiator_nonce), (stage.context().tag_local(), stage.nonce()));
    assert_eq!((i1.ulids, i1.fii, said[0].over()), (None, Fii::DEFAULT, stage.ulids()));
    assert_eq!(stage.state(), Some(State::I1Sent));
}

#[test]
fn where_no_context_is_up_a_good_i2_or_i2bis_makes_one() {
    for state in LACKING {
        for bis in [false, true] {
            let mut stage = Stage::at(2, state);
            let cookie = cookie(&mut stage, bis, lost_tag());
            let said = put_request(&mut stage, bis, lost_tag(), &cookie);
            assert_eq!(kinds(&said), [MessageType::R2], "{state:?}, bis: {bis}");
            let Message::R2(r2) = said[0].message() else { panic!("not an R2") };
            assert_eq!((r2.initiator_nonce, r2.responder_tag), (NONCE, stage.context().tag_local()));
            assert_eq!(stage.state(), Some(State::Established), "{state:?}, bis: {bis}");
            assert_eq!(stage.context().tag_peer(), Some(stage.peer.tag));
            assert_eq!(stage.context().peer_locators().list().len(), 3);
        }
    }
}

#[test]
fn a_bad_i2_or_i2bis_is_dropped_without_a_word() {
    for state in [State::Idle, State::Failed, State::NoSupport, State::I1Sent, State::Established] {
        for bis in [false, true] {
            let mut stage = Stage::at(3, state);
            let good = cookie(&mut stage, bis, lost_tag());
            let before = stage.picture();
            for bad in spoil(&good) {
                assert_eq!(kinds(&put_request(&mut stage, bis, lost_tag(), &bad)), [], "{state:?}, bis: {bis}");
                assert_eq!(stage.picture(), before, "{state:?}, bis: {bis}");
            }
            assert_eq!(stage.world.hosts[A].count(Counter::DropValidator), 2);
        }
    }
}

#[test]
fn stray_answers_are_dropped_where_nothing_awaits_them() {
    for state in [State::Idle, State::Failed, State::NoSupport, State::Established] {
        let mut stage = Stage::at(4, state);
        let (ulids, peer, before) = (stage.ulids(), stage.peer.clone(), stage.picture());
        let mut other = peer.clone();
        other.tag = lost_tag();
        let strays = [r1(NONCE), Message::R2(peer.r2(NONCE)), Message::R2(other.r2(NONCE)), r1bis(lost_tag())];
        for stray in &strays {
            assert_eq!(kinds(&stage.put(ulids, stray)), [], "{state:?}: {stray:?}");
            assert_eq!(stage.picture(), before, "{state:?}: {stray:?}");
        }
    }
}

#[test]
fn a_tag_without_a_context_gets_r1bis() {
    for state in NONE {
        let mut stage = Stage::at(5, state);
        let (ulids, before) = (stage.ulids(), stage.picture());
        // The tag of a context that failed is none either.
        let tag = if state == State::Idle { lost_tag() } else { stage.context().tag_local() };
        for message in tagged(tag, &ulids) {
            let said = stage.put(ulids, &message);
            assert_eq!(kinds(&said), [MessageType::R1bis], "{state:?}: {message:?}");
            let Message::R1bis(r1bis) = said[0].message() else { panic!("not an R1bis") };
            assert_eq!((r1bis.packet_tag, said[0].over()), (tag, ulids));
        }
        assert_eq!(kinds(&stage.put_payload(ulids, tag)), [MessageType::R1bis], "{state:?}");
        assert_eq!(stage.world.delivered, [], "{state:?}");
        assert_eq!(stage.picture(), before, "{state:?}");
    }
}

#[test]
fn i1_sent_takes_the_r1_with_its_nonce() {
    let mut stage = Stage::at(6, State::I1Sent);
    let (ulids, nonce, before) = (stage.ulids(), stage.nonce(), stage.picture());
    assert_eq!(kinds(&stage.put(ulids, &r1(Nonce(nonce.0 ^ 1)))), []);
    assert_eq!(stage.picture(), before);
    let said = stage.put(ulids, &r1(nonce));
    assert_eq!(kinds(&said), [MessageType::I2]);
    let Message::I2(i2) = said[0].message() else { panic!("not an I2") };
    assert_eq!((i2.responder_nonce, i2.validator), (NONCE, &[7; 16][..]));
    assert_eq!(i2.initiator_tag, stage.context().tag_local());
    assert_eq!(stage.state(), Some(State::I2Sent));
}

#[test]
fn i1_sent_answers_i1_by_r2() {
    let mut stage = Stage::at(7, State::I1Sent);
    let (ulids, peer) = (stage.ulids(), stage.peer.clone());
    let said = stage.put(ulids, &Message::I1(peer.i1()));
    assert_eq!(kinds(&said), [MessageType::R2]);
    assert_eq!(stage.state(), Some(State::I1Sent));
    assert_eq!(stage.context().tag_peer(), None, "an I1 proves nothing");
}

#[test]
fn i1_sent_takes_the_r2_with_its_nonce() {
    let mut stage = Stage::at(8, State::I1Sent);
    let (ulids, nonce, peer, before) = (stage.ulids(), stage.nonce(), stage.peer.clone(), stage.picture());
    assert_eq!(kinds(&stage.put(ulids, &Message::R2(peer.r2(Nonce(nonce.0 ^ 1))))), []);
    assert_eq!(stage.picture(), before);
    assert_eq!(kinds(&stage.put(ulids, &Message::R2(peer.r2(nonce)))), []);
    assert_eq!(stage.state(), Some(State::Established));
    assert_eq!(stage.context().tag_peer(), Some(peer.tag));
}

#[test]
fn i1_sent_has_no_ear_for_what_belongs_to_a_context_that_is_up() {
    let mut stage = Stage::at(9, State::I1Sent);
    let (ulids, tag, before) = (stage.ulids(), stage.context().tag_local(), stage.picture());
    let mut strangers = tagged(tag, &ulids);
    strangers.extend([r1bis(tag), r1bis(stage.peer.tag)]);
    for message in &strangers {
        assert_eq!(kinds(&stage.put(ulids, message)), [], "{message:?}");
        assert_eq!(stage.picture(), before, "{message:?}");
    }
    assert_eq!(kinds(&stage.put_payload(ulids, tag)), []);
    assert_eq!((stage.picture(), stage.world.delivered.len()), (before, 0));
}

#[test]
fn i1_sent_is_ended_by_an_icmp_error_about_its_i1() {
    let mut stage = Stage::at(10, State::I1Sent);
    assert!(stage.not_supported());
    assert_eq!(stage.state(), Some(State::NoSupport));
    assert_eq!(kinds(&stage.wait(Duration::from_secs(590))), [], "no more I1");
}

#[test]
fn hold_downs_end_in_idle_and_then_i1_goes_out_again() {
    for (state, hold) in [(State::Failed, 60), (State::NoSupport, 600)] {
        let mut stage = Stage::at(11, state);
        stage.wait(Duration::from_secs(hold - 1));
        assert_eq!(stage.state(), Some(state));
        stage.world.start(A);
        assert_eq!(kinds(&stage.said()), [], "{state:?} is held");
        stage.wait(Duration::from_secs(1));
        assert_eq!(stage.state(), None, "{state:?} is over");
        stage.world.start(A);
        assert_eq!(kinds(&stage.said()), [MessageType::I1]);
    }
}

#[test]
fn established_answers_the_i1_of_its_peer_by_r2() {
    let mut stage = Stage::at(12, State::Established);
    let (ulids, peer) = (stage.ulids(), stage.peer.clone());
    let said = stage.put(ulids, &Message::I1(peer.i1()));
    assert_eq!(kinds(&said), [MessageType::R2]);
    let Message::R2(r2) = said[0].message() else { panic!("not an R2") };
    assert_eq!((r2.initiator_nonce, r2.responder_tag), (NONCE, stage.context().tag_local()));
    assert_eq!(stage.state(), Some(State::Established));
}

/// It may be the peer that lost the context, or somebody who pretends to be the peer.
#[test]
fn established_answers_an_i1_of_another_tag_by_r1_and_stays_as_it_is() {
    let mut stage = Stage::at(13, State::Established);
    let (ulids, peer, before) = (stage.ulids(), stage.peer.clone(), stage.picture());
    let i1 = I1 { initiator_tag: lost_tag(), ..peer.i1() };
    assert_eq!(kinds(&stage.put(ulids, &Message::I1(i1))), [MessageType::R1]);
    assert_eq!(stage.picture(), before);
    assert_eq!(stage.context().path().tag, Some(peer.tag), "payload goes on with the old tag");
}

#[test]
fn established_answers_a_good_i2_or_i2bis_by_r2() {
    for bis in [false, true] {
        let mut stage = Stage::at(14, State::Established);
        stage.peer.tag = lost_tag();
        let cookie = cookie(&mut stage, bis, lost_tag());
        let said = put_request(&mut stage, bis, lost_tag(), &cookie);
        assert_eq!(kinds(&said), [MessageType::R2], "bis: {bis}");
        assert_eq!(stage.state(), Some(State::Established));
        assert_eq!(stage.context().tag_peer(), Some(lost_tag()), "the peer's new tag");
    }
}

#[test]
fn established_answers_r1bis_by_i2bis() {
    let mut stage = Stage::at(15, State::Established);
    let (ulids, peer) = (stage.ulids(), stage.peer.clone());
    let said = stage.put(ulids, &r1bis(peer.tag));
    assert_eq!(kinds(&said), [MessageType::I2bis]);
    let Message::I2bis(i2bis) = said[0].message() else { panic!("not an I2bis") };
    assert_eq!((i2bis.packet_tag, i2bis.responder_nonce, i2bis.validator), (peer.tag, NONCE, &[7; 16][..]));
    assert_eq!((stage.state(), said[0].over()), (Some(State::I2bisSent), ulids));
}

#[test]
fn established_takes_payload_and_control_messages_of_its_tag() {
    let answers: [&[MessageType]; 6] =
        [&[MessageType::UpdateAck], &[], &[], &[MessageType::Probe], &[MessageType::Probe], &[]];
    for (which, expected) in answers.into_iter().enumerate() {
        let mut stage = Stage::at(16, State::Established);
        let (ulids, tag) = (stage.ulids(), stage.context().tag_local());
        let message = &tagged(tag, &ulids)[which];
        assert_eq!(kinds(&stage.put(ulids, message)), expected, "{message:?}");
        assert_eq!(stage.state(), Some(State::Established));
        let inbound_ok = matches!(message, Message::Probe(probe) if probe.state == ProbeState::Exploring);
        let reap = if inbound_ok { ReapState::InboundOk } else { ReapState::Operational };
        assert_eq!(stage.context().reap().state(), reap, "{message:?}");
    }
    let mut stage = Stage::at(16, State::Established);
    let (ulids, over, tag) = (stage.ulids(), stage.over(1, 2), stage.context().tag_local());
    assert_eq!(kinds(&stage.put_payload(over, tag)), []);
    assert_eq!(stage.world.delivered[0].arrived, Pair { local: ulids.peer, peer: ulids.local }, "under the ULIDs");
}

#[test]
fn an_unused_context_is_collected_without_a_message() {
    let mut stage = Stage::at(17, State::Established);
    stage.wait(Duration::from_secs(1000));
    let (now, id) = (stage.world.now, stage.id());
    let World { hosts, network, rng, .. } = &mut stage.world;
    hosts[A].call(now, network, rng, |engine| engine.collect(now, id, false));
    assert_eq!((stage.state(), kinds(&stage.said())), (None, vec![]));
}

/// RFC 5533 section 11: what the data path is told to do with payload.
#[test]
fn payload_goes_as_it_is_but_for_contexts_that_are_up_and_switched() {
    for state in [State::I1Sent, State::I2Sent, State::Failed, State::NoSupport, State::Established] {
        let mut stage = Stage::at(18, state);
        let (now, ulids) = (stage.world.now, stage.ulids());
        assert!(!stage.context().path().switched, "{state:?}");
        let packet = stage.world.hosts[A].payload(now, &ulids);
        assert_eq!((packet.source, packet.destination), (ulids.local, ulids.peer), "{state:?}");
    }
    let mut stage = Stage::new(18);
    let (now, ulids) = (stage.world.now, stage.ulids());
    let packet = stage.world.hosts[A].payload(now, &ulids);
    assert_eq!((packet.source, packet.destination), (ulids.local, ulids.peer), "no context");
    let World { hosts, network, rng, .. } = &mut stage.world;
    let odd = Pair { local: ulids.local, peer: ulids.local };
    assert!(hosts[A].call(now, network, rng, |engine| engine.start(now, odd, Fii::DEFAULT, Cause::Traffic)).is_err());
}
