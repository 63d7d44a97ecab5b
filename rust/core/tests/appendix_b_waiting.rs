// SPDX-License-Identifier: MIT OR GPL-2.0
//! The tables of RFC 5533 appendix B, one event after the other: the states that wait for R2, which are I2-SENT and
//! I2BIS-SENT. The others are in `appendix_b.rs`, retransmissions in `timers.rs`.

mod pair;

use pair::{kinds, r1, r1bis, tagged, Body, Stage, A, NONCE};
use shim6_core::context::State;
use shim6_core::engine::{Advice, Cause, Counter, EventKind};
use shim6_core::locator::Pair;
use shim6_core::reap::ReapState;
use shim6_core::time::Duration;
use shim6_core::wire::{Fii, Message, MessageType, Nonce, Probe, ProbeReport, ProbeReports, ProbeState, Tag};

const WAITING: [State; 2] = [State::I2Sent, State::I2bisSent];

/// What such a state sends while it waits.
fn request_of(state: State) -> MessageType {
    match state {
        State::I2Sent => MessageType::I2,
        _ => MessageType::I2bis,
    }
}

#[test]
fn the_r2_with_the_nonce_ends_the_wait() {
    for state in WAITING {
        let mut stage = Stage::at(1, state);
        stage.peer.tag = Tag::new(0x4242).expect("47 bits");
        let (ulids, nonce, peer, before) = (stage.ulids(), stage.nonce(), stage.peer.clone(), stage.picture());
        assert_eq!(kinds(&stage.put(ulids, &Message::R2(peer.r2(Nonce(nonce.0 ^ 1))))), [], "{state:?}");
        assert_eq!(stage.picture(), before, "{state:?}: another nonce");
        assert_eq!(kinds(&stage.put(ulids, &Message::R2(peer.r2(nonce)))), [], "{state:?}");
        assert_eq!(stage.state(), Some(State::Established), "{state:?}");
        assert_eq!(stage.context().tag_peer(), Some(peer.tag), "{state:?}");
    }
}

#[test]
fn i1_is_answered_by_r2() {
    for state in WAITING {
        let mut stage = Stage::at(2, state);
        let (ulids, peer) = (stage.ulids(), stage.peer.clone());
        let tag = stage.context().tag_peer();
        let said = stage.put(ulids, &Message::I1(peer.i1()));
        assert_eq!(kinds(&said), [MessageType::R2], "{state:?}");
        let Message::R2(r2) = said[0].message() else { panic!("not an R2") };
        assert_eq!((r2.initiator_nonce, r2.responder_tag), (NONCE, stage.context().tag_local()));
        assert_eq!((stage.state(), stage.context().tag_peer()), (Some(state), tag));
    }
}

#[test]
fn good_i2_and_i2bis_are_answered_by_r2_and_the_wait_goes_on() {
    for state in WAITING {
        let mut stage = Stage::at(3, state);
        let (ulids, peer, nonce) = (stage.ulids(), stage.peer.clone(), stage.nonce());
        let cookie = stage.cookie(ulids, ulids, Fii::DEFAULT);
        assert_eq!(kinds(&stage.put(ulids, &Message::I2(peer.i2(&cookie)))), [MessageType::R2], "{state:?}");
        assert_eq!(stage.state(), Some(state));
        let packet_tag = Tag::new(99).expect("47 bits");
        let cookie = stage.cookie_bis(ulids, packet_tag);
        let i2bis = Message::I2bis(peer.i2bis(&cookie, packet_tag));
        assert_eq!(kinds(&stage.put(ulids, &i2bis)), [MessageType::R2], "{state:?}");
        assert_eq!(stage.state(), Some(state));
        // Its own request is still awaited.
        assert_eq!(stage.nonce(), nonce);
        stage.put(ulids, &Message::R2(peer.r2(nonce)));
        assert_eq!(stage.state(), Some(State::Established), "{state:?}");
    }
}

#[test]
fn r1_and_r1bis_are_dropped() {
    for state in WAITING {
        let mut stage = Stage::at(4, state);
        let (ulids, nonce, before) = (stage.ulids(), stage.nonce(), stage.picture());
        for message in [r1(nonce), r1(NONCE), r1bis(stage.peer.tag), r1bis(stage.context().tag_local())] {
            assert_eq!(kinds(&stage.put(ulids, &message)), [], "{state:?}: {message:?}");
            assert_eq!(stage.picture(), before, "{state:?}: {message:?}");
        }
    }
}

/// The peer uses the tag that I2 brought it, so it has the context, and only R2 was lost.
#[test]
fn whatever_bears_its_tag_brings_the_request_again() {
    for state in WAITING {
        let mut stage = Stage::at(5, state);
        let (ulids, tag, before) = (stage.ulids(), stage.context().tag_local(), stage.picture());
        let first = stage.world.network.control_seen.last().map(|sent| sent.body.clone());
        for message in tagged(tag, &ulids) {
            let said = stage.put(ulids, &message);
            // The lists of both are known where a context was lost: an update is taken, too.
            let ack = (state == State::I2bisSent && message.kind() == MessageType::UpdateRequest)
                .then_some(MessageType::UpdateAck);
            let expected: Vec<_> = [request_of(state)].into_iter().chain(ack).collect();
            assert_eq!(kinds(&said), expected, "{state:?}: {message:?}");
            assert_eq!(Some(Body::Control(said[0].octets.clone())), first, "the same octets");
            assert_eq!(stage.picture(), before, "{state:?}: {message:?} has no other effect");
        }
        assert_eq!(kinds(&stage.put_payload(ulids, tag)), [request_of(state)], "{state:?}");
        let arrived = Pair { local: ulids.peer, peer: ulids.local };
        assert_eq!(stage.world.delivered.iter().map(|d| d.arrived).collect::<Vec<_>>(), [arrived], "{state:?}");
        assert_eq!(stage.state(), Some(state));
    }
}

#[test]
fn requests_are_not_repeated_without_limit() {
    for state in WAITING {
        let mut stage = Stage::at(6, state);
        let (ulids, tag) = (stage.ulids(), stage.context().tag_local());
        stage.world.hosts[A].env.replies_left = 3;
        let said: usize = (0..10).map(|_| stage.put_payload(ulids, tag).len()).sum();
        assert_eq!(said, 3, "{state:?}");
        assert_eq!(stage.world.hosts[A].count(Counter::DropRateLimit), 7);
    }
}

/// An established context over other locators than the ULIDs.
fn switched(seed: u64) -> (Stage, Pair) {
    let mut stage = Stage::at(seed, State::Established);
    let over = stage.over(1, 2);
    switch(&mut stage, over);
    (stage, over)
}

/// The context is told to use this pair, and the peer answers over it.
fn switch(stage: &mut Stage, over: Pair) {
    let said = stage.advise(Advice::Use(over));
    let sent = said.iter().find_map(|said| match said.message() {
        Message::Probe(probe) if said.over() == over => Some(probe.this),
        _ => None,
    });
    let received = [sent.expect("a Probe over the pair that was asked for")];
    let this = ProbeReport { source: over.peer, destination: over.local, nonce: NONCE, data: 0 };
    let (receiver_tag, earlier) = (stage.context().tag_local(), ProbeReports::NONE);
    let received = ProbeReports::new(&received);
    stage.put(over, &Message::Probe(Probe { receiver_tag, state: ProbeState::Operational, this, earlier, received }));
    assert_eq!((stage.context().pair(), stage.context().reap().state()), (over, ReapState::Operational));
}

/// RFC 5533 sections 11.1 and 15.1.
#[test]
fn a_switch_is_told_and_payload_is_tagged_until_the_ulids_are_used_again() {
    let (mut stage, over) = switched(9);
    let (now, ulids, tag) = (stage.world.now, stage.ulids(), stage.peer.tag);
    let told =
        |stage: &Stage| stage.world.hosts[A].events.iter().filter(|event| event.1 == EventKind::Switched).count();
    assert_eq!(told(&stage), 1);
    let packet = stage.world.hosts[A].payload(now, &ulids);
    let tagged = Body::Payload { tag: Some(tag), ulids };
    assert_eq!((packet.source, packet.destination, packet.body), (over.local, over.peer, tagged));
    switch(&mut stage, ulids);
    assert_eq!(told(&stage), 2);
    let packet = stage.world.hosts[A].payload(now, &ulids);
    let plain = Body::Payload { tag: None, ulids };
    assert_eq!((packet.source, packet.destination, packet.body), (ulids.local, ulids.peer, plain));
}

/// RFC 5533 section 11: while the peer's context is set up anew, payload goes on as it went.
#[test]
fn in_i2bis_sent_payload_keeps_pair_and_tag() {
    let (mut stage, over) = switched(7);
    let (ulids, old) = (stage.ulids(), stage.peer.tag);
    stage.put(over, &r1bis(old));
    assert_eq!(stage.state(), Some(State::I2bisSent));
    let now = stage.world.now;
    let packet = stage.world.hosts[A].payload(now, &ulids);
    assert_eq!((packet.source, packet.destination), (over.local, over.peer));
    assert_eq!(packet.body, Body::Payload { tag: Some(old), ulids });
}

#[test]
fn without_an_answer_to_i2bis_the_tag_is_forgotten_and_payload_goes_as_it_is() {
    let (mut stage, over) = switched(8);
    let (ulids, old) = (stage.ulids(), stage.peer.tag);
    stage.put(over, &r1bis(old));
    let said = stage.wait(Duration::from_secs(45));
    assert_eq!(kinds(&said)[..3], [MessageType::I2bis, MessageType::I2bis, MessageType::I1]);
    assert_eq!((stage.state(), stage.context().tag_peer()), (Some(State::I1Sent), None));
    let now = stage.world.now;
    assert_eq!(stage.world.hosts[A].payload(now, &ulids).body, Body::Payload { tag: None, ulids });
    // It still knows more of the peer than its ULID.
    assert_eq!(stage.context().peer_locators().list().len(), 3);
    assert_eq!(stage.context().last_event().1, Cause::NoAnswer);
}
