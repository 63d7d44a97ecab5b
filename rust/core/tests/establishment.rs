// SPDX-License-Identifier: MIT OR GPL-2.0
//! The four-way exchange between two hosts, over good networks and bad ones.

mod pair;

use pair::{World, A, B};
use shim6_core::context::State;
use shim6_core::engine::{Cause, Counter};
use shim6_core::locator::Pair;
use shim6_core::time::Duration;
use shim6_core::wire::{Fii, MessageType};

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
