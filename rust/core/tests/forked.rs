// SPDX-License-Identifier: MIT OR GPL-2.0
//! Forked contexts: more than one between the same ULIDs, told apart by the Forked Instance Identifier (RFC 5533
//! sections 4.2 and 5.15.7).

mod pair;

use pair::played::{kinds, only, Played, Request, Said, OTHER_TAG, PEER_TAG};
use pair::{World, A, B};
use shim6_core::context::State;
use shim6_core::engine::{Advice, Cause, Contexts};
use shim6_core::locator::Pair;
use shim6_core::time::Duration;
use shim6_core::wire::{Fii, Message, MessageType};

const FORK: Fii = Fii(0x0bad_cafe);

fn fii(said: &Said) -> Fii {
    match said.message() {
        Message::I1(i1) => i1.fii,
        Message::I2(i2) => i2.fii,
        Message::I2bis(i2bis) => i2bis.fii,
        other => panic!("no instance in {other:?}"),
    }
}

/// An established default context and an established fork of it.
fn forked(seed: u64) -> Played {
    let mut played = Played::in_state(seed, State::Established);
    let ulids = played.ulids();
    played.try_start(ulids, FORK).expect("a fork");
    played.said();
    played.r1(ulids);
    played.r2(ulids, OTHER_TAG);
    assert_eq!(played.host().table.nodes.len(), 2);
    played
}

#[test]
fn i1_i2_and_i2bis_of_a_fork_tell_its_instance() {
    let mut played = Played::in_state(1, State::Established);
    let ulids = played.ulids();
    played.try_start(ulids, FORK).expect("a fork");
    assert_eq!(fii(&only(played.said())), FORK);
    assert_eq!(fii(&only(played.r1(ulids))), FORK);
    played.r2(ulids, OTHER_TAG);
    assert_eq!(fii(&only(played.r1bis(ulids, OTHER_TAG))), FORK);
    let default = played.r1bis(ulids, PEER_TAG);
    assert_eq!(fii(&only(default)), Fii::DEFAULT);
}

#[test]
fn a_fork_is_a_context_of_its_own() {
    let mut played = forked(2);
    let ulids = played.ulids();
    let (first, second) = (played.context(), played.find(&ulids, FORK).expect("the fork"));
    assert_eq!((first.fii(), second.fii()), (Fii::DEFAULT, FORK));
    assert_eq!((first.tag_peer(), second.tag_peer()), (Some(PEER_TAG), Some(OTHER_TAG)));
    assert_ne!(first.tag_local(), second.tag_local());
    assert_eq!((first.state(), second.state()), (State::Established, State::Established));
    assert!(played.try_start(ulids, FORK).is_err(), "an instance exists once");
    played.world.check_invariants();
}

#[test]
fn i1_of_another_instance_finds_no_context() {
    let mut played = Played::in_state(3, State::Established);
    let (ulids, before) = (played.ulids(), played.picture());
    // The tag is that of the default context; only the instance differs.
    assert_eq!(kinds(&played.i1_about(ulids, ulids, FORK, PEER_TAG)), [MessageType::R1]);
    assert_eq!(played.picture(), before);
}

#[test]
fn i1_without_instance_does_not_find_a_fork() {
    let mut played = Played::new(4);
    let request = Request { fii: FORK, ..played.request() };
    played.ask(&request);
    let ulids = played.ulids();
    let before = format!("{:?}", played.find(&ulids, FORK));
    assert_eq!(played.state(), None, "there is no default context");
    assert_eq!(kinds(&played.i1(ulids, PEER_TAG)), [MessageType::R1]);
    assert_eq!(format!("{:?}", played.find(&ulids, FORK)), before);
    assert_eq!(kinds(&played.i1_about(ulids, ulids, FORK, PEER_TAG)), [MessageType::R2], "with it, it does");
}

#[test]
fn i2_and_i2bis_of_an_instance_make_and_change_no_other() {
    for packet_tag in [None, Some(OTHER_TAG)] {
        let mut played = Played::in_state(5, State::Established);
        let before = format!("{:?}", played.context());
        let request = Request { fii: FORK, tag: OTHER_TAG, packet_tag, ..played.request() };
        assert_eq!(kinds(&played.ask(&request)), [MessageType::R2]);
        assert_eq!(format!("{:?}", played.context()), before);
        let fork = played.find(&request.ulids, FORK).expect("the fork");
        assert_eq!((fork.state(), fork.tag_peer()), (State::Established, Some(OTHER_TAG)));
    }
}

#[test]
fn a_fork_moves_alone() {
    let mut world = World::new(6, [2, 2]);
    world.start(A);
    world.run(Duration::from_secs(1));
    let (now, ulids) = (world.now, world.ulids(A));
    let World { hosts, network, rng, .. } = &mut world;
    let fork = hosts[A].call(now, network, rng, |engine| engine.start(now, ulids, FORK, Cause::Administrator));
    let fork = fork.expect("a fork");
    world.talk(Duration::from_secs(8), Duration::from_millis(100), &[A, B]);
    let other = Pair { local: world.hosts[A].addresses()[1], peer: world.hosts[B].addresses()[1] };
    let now = world.now;
    let World { hosts, network, rng, .. } = &mut world;
    hosts[A].call(now, network, rng, |engine| engine.advice(now, fork, Advice::Use(other)));
    world.talk(Duration::from_secs(8), Duration::from_millis(100), &[A, B]);
    assert_eq!(world.hosts[A].context(fork).path().pair, other);
    assert!(world.hosts[A].context(fork).path().switched);
    let default = world.hosts[A].context(world.hosts[A].context_id(&ulids).expect("the default context"));
    assert_eq!((default.path().pair, default.path().switched), (ulids, false));
    let theirs = world.ulids(B);
    let at_b = [Fii::DEFAULT, FORK].map(|fii| world.hosts[B].table.by_ulids(&theirs, fii));
    assert!(at_b.iter().all(Option::is_some), "the peer has both");
    world.check_invariants();
}
