// SPDX-License-Identifier: MIT OR GPL-2.0
//! The four-way exchange between two hosts, over good networks and bad ones.

mod pair;

use pair::{Body, World, A, B};
use shim6_core::context::State;
use shim6_core::engine::{Advice, Cause, Counter};
use shim6_core::locator::{LocalStatus, Pair};
use shim6_core::time::Duration;
use shim6_core::wire::{Fii, Message, MessageType};

#[test]
fn four_messages_make_a_context_at_both_ends() {
    let mut world = World::new(1, [2, 2]);
    world.start(A);
    world.run(Duration::from_secs(1));
    assert!(world.is_agreed());
    for kind in [MessageType::I1, MessageType::I2] {
        assert_eq!(world.hosts[B].count(Counter::Rx(kind)), 1, "{kind:?}");
    }
    for kind in [MessageType::R1, MessageType::R2] {
        assert_eq!(world.hosts[A].count(Counter::Rx(kind)), 1, "{kind:?}");
    }
    for host in [A, B] {
        let id = world.hosts[host].context_id(&world.ulids(host)).expect("a context");
        let known = world.hosts[host].context(id).peer_locators().list().len();
        assert_eq!(known, 2, "host {host} knows the peer's locators");
    }
    world.check_invariants();
}

#[test]
fn responder_keeps_nothing_before_i2() {
    let mut world = World::new(2, [2, 2]);
    world.start(A);
    let ulids = world.ulids(A);
    world.network.cut(ulids.peer, ulids.local);
    world.run(Duration::from_secs(3));
    assert!(world.hosts[B].count(Counter::Rx(MessageType::I1)) >= 1);
    assert!(world.hosts[B].table.nodes.is_empty());
}

#[test]
fn nobody_answers_and_the_attempt_is_held_as_failed() {
    let mut world = World::new(3, [2, 2]);
    let ulids = world.ulids(A);
    world.network.cut(ulids.local, ulids.peer);
    world.start(A);
    world.run_until(Duration::from_secs(400), "E-FAILED", |world| {
        world.hosts[A].state(&world.ulids(A)) == Some(State::Failed)
    });
    assert_eq!(world.hosts[A].count(Counter::Tx(MessageType::I1)), 5, "I1 and four copies");
    world.run(Duration::from_secs(61));
    assert_eq!(world.hosts[A].state(&ulids), None, "the hold-down ends");
}

#[test]
fn crossing_i1s_end_in_one_context() {
    for seed in 0..50 {
        let mut world = World::new(seed, [2, 3]);
        world.network.jitter = Duration::from_millis(30);
        world.start(A);
        world.start(B);
        world.run(Duration::from_secs(30));
        assert!(world.is_agreed(), "seed {seed}");
        world.check_invariants();
    }
}

#[test]
fn loss_repetition_and_reordering_do_not_prevent_agreement() {
    for seed in 0..200 {
        let mut world = World::new(seed, [3, 2]);
        world.network.loss = 30;
        world.network.repeats = 30;
        world.network.jitter = Duration::from_millis(200);
        world.start(A);
        if seed % 2 == 0 {
            world.start(B);
        }
        world.talk(Duration::from_secs(120), Duration::from_secs(1), &[A, B]);
        world.network.loss = 0;
        if world.hosts[A].state(&world.ulids(A)).is_none() {
            world.start(A);
        }
        world.talk(Duration::from_secs(200), Duration::from_secs(1), &[A, B]);
        if world.hosts[A].state(&world.ulids(A)).is_none() {
            world.start(A);
            world.talk(Duration::from_secs(5), Duration::from_secs(1), &[A, B]);
        }
        assert!(world.is_agreed(), "seed {seed}");
        world.check_invariants();
    }
}

#[test]
fn a_host_that_lost_its_context_gets_it_back() {
    for seed in 0..50 {
        let mut world = World::new(seed, [2, 2]);
        world.start(A);
        world.run(Duration::from_secs(1));
        let ulids = world.ulids(A);
        world.network.cut(ulids.local, ulids.peer);
        world.network.cut(ulids.peer, ulids.local);
        world.talk(Duration::from_secs(40), Duration::from_millis(200), &[A, B]);
        let id = world.hosts[A].context_id(&ulids).expect("a context");
        assert!(world.hosts[A].context(id).path().switched, "seed {seed}");
        world.hosts[B].forget_everything();
        world.talk(Duration::from_secs(20), Duration::from_millis(200), &[A]);
        assert!(world.is_agreed(), "seed {seed}");
        world.check_invariants();
    }
}

#[test]
fn crossing_i1s_are_answered_by_r2_at_once() {
    let mut world = World::new(4, [2, 2]);
    world.start(A);
    world.start(B);
    world.run(Duration::from_millis(100));
    assert!(world.is_agreed());
    for host in [A, B] {
        assert_eq!(world.hosts[host].count(Counter::Tx(MessageType::R2)), 1, "host {host}");
        assert_eq!(world.hosts[host].count(Counter::Tx(MessageType::R1)), 0, "host {host}");
        assert_eq!(world.hosts[host].count(Counter::Tx(MessageType::I2)), 0, "host {host}");
    }
}

#[test]
fn a_tag_that_comes_up_twice_is_drawn_again() {
    let mut world = World::new(5, [2, 2]);
    let (mine, theirs) = (world.hosts[A].addresses(), world.hosts[B].addresses());
    let now = world.now;
    for place in 0..2 {
        world.hosts[A].reseed(77);
        let ulids = Pair { local: mine[place], peer: theirs[place] };
        let World { hosts, network, rng, .. } = &mut world;
        let started = hosts[A].call(now, network, rng, |engine| engine.start(now, ulids, Fii::DEFAULT, Cause::Traffic));
        assert!(started.is_ok());
    }
    world.check_invariants();
}

/// The types of control messages so far, in the order in which they were sent, and by whom.
fn conversation(world: &World) -> Vec<(usize, MessageType)> {
    let of = |datagram: &pair::Datagram| match &datagram.body {
        Body::Control(octets) => {
            let sender = [A, B].into_iter().find(|host| world.hosts[*host].has_address(&datagram.source));
            (sender.expect("one of the two"), Message::parse(octets).expect("well formed").kind())
        }
        Body::Payload { .. } => panic!("payload is not kept"),
    };
    world.network.control_seen.iter().map(of).collect()
}

fn states(world: &World) -> [Option<State>; 2] {
    [A, B].map(|host| world.hosts[host].state(&world.ulids(host)))
}

#[test]
fn the_exchange_step_by_step() {
    let mut world = World::new(6, [2, 3]);
    world.start(A);
    world.run(Duration::from_millis(5));
    assert_eq!(states(&world), [Some(State::I1Sent), None], "I1 is on its way");
    world.run(Duration::from_millis(10));
    assert_eq!(states(&world), [Some(State::I1Sent), None], "R1 is on its way");
    world.run(Duration::from_millis(10));
    assert_eq!(states(&world), [Some(State::I2Sent), None], "I2 is on its way");
    world.run(Duration::from_millis(10));
    assert_eq!(states(&world), [Some(State::I2Sent), Some(State::Established)], "R2 is on its way");
    world.run(Duration::from_millis(10));
    assert_eq!(states(&world), [Some(State::Established); 2]);
    use MessageType::{I1, I2, R1, R2};
    assert_eq!(conversation(&world), [(A, I1), (B, R1), (A, I2), (B, R2)]);
    assert!(world.is_agreed());
    for host in [A, B] {
        let id = world.hosts[host].context_id(&world.ulids(host)).expect("a context");
        let known: Vec<_> =
            world.hosts[host].context(id).peer_locators().list().iter().map(|known| known.addr).collect();
        assert_eq!(known, world.hosts[1 - host].addresses());
    }
}

/// RFC 5533 figure 5: the host that answered I1 by R1, and kept nothing of it, sends an I1 of its own.
#[test]
fn i1_that_crosses_i2_ends_in_one_context() {
    let mut world = World::new(7, [2, 2]);
    world.start(A);
    world.run(Duration::from_millis(15));
    world.start(B);
    world.run(Duration::from_secs(1));
    use MessageType::{I1, I2, R1, R2};
    assert_eq!(conversation(&world), [(A, I1), (B, R1), (B, I1), (A, I2), (A, R2), (B, R2)]);
    assert_eq!(states(&world), [Some(State::Established); 2]);
    assert!(world.is_agreed());
    assert_eq!([A, B].map(|host| world.hosts[host].table.nodes.len()), [1, 1]);
}

#[test]
fn the_r2_that_was_lost_when_i1s_crossed_comes_again_for_the_next_i1() {
    let mut world = World::new(8, [2, 2]);
    let ulids = world.ulids(A);
    world.start(A);
    world.start(B);
    world.run(Duration::from_millis(5));
    world.network.cut(ulids.peer, ulids.local);
    world.run(Duration::from_millis(10));
    world.network.heal();
    world.run(Duration::from_secs(1));
    assert_eq!(states(&world), [Some(State::I1Sent), Some(State::Established)]);
    world.run(Duration::from_secs(6));
    assert!(world.is_agreed());
    let r2 = |datagram: &pair::Datagram| match &datagram.body {
        Body::Control(octets) if datagram.source == ulids.peer => match Message::parse(octets) {
            Ok(Message::R2(r2)) => Some(r2.responder_tag),
            _ => None,
        },
        _ => None,
    };
    let tags: Vec<_> = world.network.control_seen.iter().filter_map(r2).collect();
    assert_eq!(tags.len(), 2);
    assert_eq!(tags[0], tags[1]);
}

/// Loses B's contexts, and lets A send something that needs one.
fn lost(seed: u64, send: impl Fn(&mut World)) -> World {
    let mut world = World::new(seed, [2, 2]);
    world.start(A);
    world.talk(Duration::from_secs(3), Duration::from_millis(100), &[A, B]);
    world.hosts[B].forget_everything();
    world.network.control_seen.clear();
    send(&mut world);
    world.run(Duration::from_secs(5));
    world
}

#[test]
fn a_probe_or_an_update_request_finds_out_that_the_peer_lost_its_context() {
    use MessageType::{I2bis, R1bis, R2};
    for case in 0..2 {
        let world = lost(9, |world| match case {
            0 => world.advise(A, Advice::Explore(Cause::Administrator)),
            _ => {
                let second = world.hosts[A].addresses()[1];
                world.set_local(A, second, LocalStatus::LinkDown, Cause::LinkDown);
            }
        });
        let order: Vec<_> = conversation(&world).into_iter().map(|(_, kind)| kind).collect();
        let place =
            |kind| order.iter().position(|seen| *seen == kind).unwrap_or_else(|| panic!("{kind:?} in {order:?}"));
        assert!(place(R1bis) < place(I2bis) && place(I2bis) < place(R2), "{order:?}");
        assert_eq!(states(&world), [Some(State::Established); 2]);
        assert!(world.is_agreed());
        world.check_invariants();
    }
}

#[test]
fn a_host_that_lost_its_context_and_begins_anew_goes_through_the_whole_exchange() {
    let world = lost(10, |world| world.start(B));
    use MessageType::{I1, I2, R1, R2};
    assert_eq!(conversation(&world)[..4], [(B, I1), (A, R1), (B, I2), (A, R2)]);
    assert_eq!(states(&world), [Some(State::Established); 2]);
    assert!(world.is_agreed());
    assert_eq!(world.hosts[A].table.nodes.len(), 1, "the holder has kept its one context");
    assert_eq!(world.hosts[A].count(Counter::ContextsCreated), 1);
    world.check_invariants();
}
