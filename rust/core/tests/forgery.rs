// SPDX-License-Identifier: MIT OR GPL-2.0
//! An attacker who writes messages of his own: off the path he knows the addresses, on the path also tags and nonces.
//! Whatever he sends, a context of verified locators stays as it is, and none is made.

mod common;
mod pair;

use pair::{Body, Datagram, World, A, B};
use shim6_core::addr::Addr;
use shim6_core::context::State;
use shim6_core::engine::{Cause, Counter};
use shim6_core::locator::Pair;
use shim6_core::time::Duration;
use shim6_core::wire::{
    Announcement, Fii, I2bis, Keepalive, LocatorEntry, LocatorList, Message, MessageType, Nonce, Probe, ProbeReport,
    ProbeReports, ProbeState, R1bis, Tag, UlidPair, UpdateAck, UpdateRequest, VerificationMethod, I1, I2,
    MAX_MESSAGE_LEN, R1, R2,
};

fn established(seed: u64) -> World {
    let mut world = World::new(seed, [2, 2]);
    world.start(A);
    world.talk(Duration::from_secs(10), Duration::from_millis(100), &[A, B]);
    assert!(world.is_agreed());
    world
}

/// All that must not change, as text.
fn picture(world: &World, host: usize) -> String {
    let id = world.hosts[host].context_id(&world.ulids(host)).expect("a context");
    format!("{} contexts, {:?}", world.hosts[host].table.nodes.len(), world.hosts[host].context(id))
}

fn inject(world: &mut World, host: usize, over: Pair, message: &Message<'_>) {
    let mut octets = [0; MAX_MESSAGE_LEN];
    let length = message.emit(&mut octets).expect("a message that fits");
    let body = Body::Control(octets[..length].to_vec());
    world.inject(host, Datagram { source: over.peer, destination: over.local, body });
}

fn tags(world: &World, host: usize) -> (Tag, Tag) {
    let context = world.hosts[host].context(world.hosts[host].context_id(&world.ulids(host)).expect("a context"));
    (context.tag_local(), context.tag_peer().expect("the peer's tag"))
}

fn tagged(tag: Tag, over: &Pair) -> Vec<Message<'static>> {
    let this = ProbeReport { source: over.peer, destination: over.local, nonce: Nonce(7), data: 0 };
    let probe = |state| {
        let (earlier, received) = (ProbeReports::NONE, ProbeReports::NONE);
        Message::Probe(Probe { receiver_tag: tag, state, this, earlier, received })
    };
    vec![
        Message::Keepalive(Keepalive { receiver_tag: tag }),
        Message::UpdateAck(UpdateAck { receiver_tag: tag, request_nonce: Nonce(1) }),
        Message::UpdateRequest(UpdateRequest {
            receiver_tag: tag,
            request_nonce: Nonce(1),
            announcement: Announcement::NOTHING,
        }),
        probe(ProbeState::Operational),
        probe(ProbeState::Exploring),
        probe(ProbeState::InboundOk),
    ]
}

#[test]
fn who_guesses_the_tag_wrong_changes_nothing() {
    let mut world = established(1);
    let over = world.ulids(B);
    let before = picture(&world, B);
    let (mine, _) = tags(&world, B);
    for wrong in 0..47 {
        let tag = Tag::new(mine.get() ^ 1 << wrong).expect("47 bits");
        for message in tagged(tag, &over) {
            inject(&mut world, B, over, &message);
            assert_eq!(picture(&world, B), before, "{message:?}");
        }
    }
    assert_eq!(world.hosts[B].count(Counter::Tx(MessageType::R1bis)), 47 * 6, "each is answered by R1bis");
}

#[test]
fn who_knows_the_tag_but_has_no_address_of_the_peer_changes_nothing() {
    let mut world = established(2);
    let (mine, _) = tags(&world, B);
    let foreign = Pair { local: world.ulids(B).local, peer: Addr::new([0x2001, 0xdb8, 0xbad, 0, 0, 0, 0, 1]) };
    let before = picture(&world, B);
    for message in tagged(mine, &foreign) {
        inject(&mut world, B, foreign, &message);
        assert_eq!(picture(&world, B), before, "{message:?}");
    }
    assert_eq!(world.hosts[B].count(Counter::DropLocator), 6);
}

#[test]
fn answers_that_nobody_asked_for_change_nothing() {
    let mut world = established(3);
    let over = world.ulids(A);
    let (mine, peers) = tags(&world, A);
    let before = picture(&world, A);
    for nonce in [Nonce(0), Nonce(1), Nonce(u32::MAX)] {
        let announcement = Announcement::NOTHING;
        let messages = [
            Message::R1(R1 { initiator_nonce: nonce, responder_nonce: nonce, validator: &[1; 16] }),
            Message::R2(R2 { responder_tag: mine, initiator_nonce: nonce, announcement }),
            Message::R1bis(R1bis { packet_tag: mine, responder_nonce: nonce, validator: &[1; 16] }),
        ];
        for message in messages {
            inject(&mut world, A, over, &message);
            assert_eq!(picture(&world, A), before, "{message:?}");
        }
    }
    let foreign = Pair { peer: Addr::new([0x2001, 0xdb8, 0xbad, 0, 0, 0, 0, 1]), ..over };
    let right_tag = R1bis { packet_tag: peers, responder_nonce: Nonce(5), validator: &[1; 16] };
    inject(&mut world, A, foreign, &Message::R1bis(right_tag));
    assert_eq!(picture(&world, A), before, "R1bis from a stranger who knows the tag");
}

#[test]
fn a_validator_that_is_not_ours_makes_and_changes_nothing() {
    let mut world = established(4);
    let over = world.ulids(B);
    let (_, peers) = tags(&world, B);
    let before = picture(&world, B);
    let strangers = UlidPair { sender: Addr::new([0x2001, 0xdb8, 0xbad, 0, 0, 0, 0, 1]), receiver: over.local };
    for ulids in [None, Some(strangers)] {
        for validator in [&[0; 16][..], &[0; 15], &[0; 32]] {
            let nonce = Nonce(9);
            let announcement = Announcement::NOTHING;
            let fii = Fii::DEFAULT;
            let i2 = I2 {
                initiator_tag: peers,
                initiator_nonce: nonce,
                responder_nonce: nonce,
                validator,
                ulids,
                fii,
                announcement,
            };
            let i2bis = I2bis {
                initiator_tag: peers,
                initiator_nonce: nonce,
                responder_nonce: nonce,
                packet_tag: peers,
                validator,
                ulids,
                fii,
                announcement,
            };
            for message in [Message::I2(i2), Message::I2bis(i2bis)] {
                inject(&mut world, B, over, &message);
                assert_eq!(picture(&world, B), before, "{message:?}");
            }
        }
    }
    assert_eq!(world.hosts[B].count(Counter::DropValidator), 12);
}

/// The peer itself, or one who reads all its packets, names locators that are not its own: redirection (RFC 5533 section
/// 16) must fail.
#[test]
fn locators_that_are_not_bound_to_the_ulid_are_refused() {
    let mut world = established(5);
    let over = world.ulids(B);
    let (mine, _) = tags(&world, B);
    let own_pds = world.hosts[A].env.set.pds().to_vec();
    let victim = Addr::new([0x2001, 0xdb8, 0xbad, 0, 0, 0, 0, 1]);
    // In a prefix of the peer's set, and yet not made from its parameters.
    let neighbour = Addr::from_parts(over.peer.prefix64(), [1, 2, 3, 4, 5, 6, 7, 8]);
    let before = picture(&world, B);
    let mut refused = 0;
    for stranger in [victim, neighbour, common::initiator()[1], Addr::new([0xff0e, 0, 0, 0, 0, 0, 0, 1])] {
        for method in [VerificationMethod::Hba, VerificationMethod::Cga, VerificationMethod::Unsupported(3)] {
            for pds in [Some(&own_pds[..]), Some(&common::initiator_pds()[..]), None] {
                let entries = [
                    LocatorEntry { locator: over.peer, method: VerificationMethod::Hba },
                    LocatorEntry { locator: stranger, method },
                ];
                let announcement = Announcement {
                    locators: LocatorList::new(77, &entries),
                    pds,
                    signature: Some(&[0; 128]),
                    ..Announcement::NOTHING
                };
                let request = UpdateRequest { receiver_tag: mine, request_nonce: Nonce(3), announcement };
                inject(&mut world, B, over, &Message::UpdateRequest(request));
                refused += 1;
                assert_eq!(world.hosts[B].count(Counter::DropVerification), refused);
                assert_eq!(picture(&world, B), before, "{stranger} by {method:?}");
            }
        }
    }
    assert_eq!(world.hosts[B].count(Counter::Tx(MessageType::UpdateAck)), 0);
}

/// All of it is proven, but as another's: the parameter structure is not that of the peer's ULID.
#[test]
fn a_set_that_is_not_the_peers_is_refused() {
    let mut world = established(9);
    let over = world.ulids(B);
    let (mine, _) = tags(&world, B);
    let before = picture(&world, B);
    let entries = common::initiator().map(|locator| LocatorEntry { locator, method: VerificationMethod::Hba });
    let pds = common::initiator_pds();
    let announcement =
        Announcement { locators: LocatorList::new(77, &entries), pds: Some(&pds), ..Announcement::NOTHING };
    let request = UpdateRequest { receiver_tag: mine, request_nonce: Nonce(3), announcement };
    inject(&mut world, B, over, &Message::UpdateRequest(request));
    assert_eq!(picture(&world, B), before);
    assert_eq!(world.hosts[B].count(Counter::DropVerification), 1);
    assert_eq!(world.hosts[B].count(Counter::Tx(MessageType::Error)), 0, "in silence (RFC 5533 section 10.4)");
}

#[test]
fn an_answer_over_another_pair_than_the_question_is_dropped() {
    let mut world = World::new(10, [2, 2]);
    let ulids = world.ulids(A);
    world.network.cut(ulids.local, ulids.peer);
    world.start(A);
    let Some(Body::Control(octets)) = world.network.control_seen.first().map(|seen| seen.body.clone()) else {
        panic!("no I1")
    };
    let Ok(Message::I1(i1)) = Message::parse(&octets) else { panic!("not an I1") };
    let foreign = Pair { peer: Addr::new([0x2001, 0xdb8, 0xbad, 0, 0, 0, 0, 1]), ..ulids };
    let nonce = i1.initiator_nonce;
    let r1 = R1 { initiator_nonce: nonce, responder_nonce: nonce, validator: &[1; 16] };
    let r2 = R2 { responder_tag: i1.initiator_tag, initiator_nonce: nonce, announcement: Announcement::NOTHING };
    let before = picture(&world, A);
    inject(&mut world, A, foreign, &Message::R1(r1));
    inject(&mut world, A, foreign, &Message::R2(r2));
    assert_eq!(picture(&world, A), before);
    assert_eq!(world.hosts[A].count(Counter::DropLocator), 2);
}

#[test]
fn a_flood_of_i1_leaves_no_trace() {
    let mut world = World::new(6, [2, 2]);
    let local = world.ulids(B).local;
    for n in 0..10_000u32 {
        let peer = Addr::new([0x2001, 0xdb8, 0xbad, 0, 0, 0, (n >> 16) as u16, n as u16]);
        let i1 = I1 {
            initiator_tag: Tag::new(u64::from(n)).expect("a tag"),
            initiator_nonce: Nonce(n),
            ulids: None,
            fii: Fii::DEFAULT,
        };
        inject(&mut world, B, Pair { local, peer }, &Message::I1(i1));
    }
    assert!(world.hosts[B].table.nodes.is_empty());
    assert_eq!(world.hosts[B].count(Counter::Tx(MessageType::R1)), 10_000);
    assert_eq!(world.hosts[B].next_timer(), None);
}

#[test]
fn strangers_are_answered_within_the_limit() {
    let mut world = World::new(7, [2, 2]);
    world.hosts[B].env.replies_left = 5;
    let local = world.ulids(B).local;
    for n in 0..100 {
        let peer = Addr::new([0x2001, 0xdb8, 0xbad, 0, 0, 0, 0, n]);
        for message in tagged(Tag::new(u64::from(n)).expect("a tag"), &Pair { local, peer }) {
            inject(&mut world, B, Pair { local, peer }, &message);
        }
    }
    assert_eq!(world.hosts[B].count(Counter::Tx(MessageType::R1bis)), 5);
}

/// Reports of probes that were never sent prove nothing (RFC 5534 section 8).
#[test]
fn an_invented_report_does_not_move_the_traffic() {
    let mut world = established(8);
    let over = world.ulids(A);
    let (mine, _) = tags(&world, A);
    world.advise(A, shim6_core::engine::Advice::Explore(Cause::Administrator));
    let other = world.hosts[B].addresses()[1];
    let this = ProbeReport { source: over.peer, destination: over.local, nonce: Nonce(7), data: 0 };
    let invented = [ProbeReport { source: over.local, destination: other, nonce: Nonce(0xdead), data: 0 }];
    let received = ProbeReports::new(&invented);
    for state in [ProbeState::InboundOk, ProbeState::Operational] {
        let probe = Probe { receiver_tag: mine, state, this, earlier: ProbeReports::NONE, received };
        inject(&mut world, A, over, &Message::Probe(probe));
        let id = world.hosts[A].context_id(&over).expect("a context");
        assert_eq!(world.hosts[A].context(id).pair(), over);
    }
    assert_eq!(world.hosts[A].state(&over), Some(State::Established));
}
