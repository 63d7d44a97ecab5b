// SPDX-License-Identifier: MIT OR GPL-2.0
//! The end of a context: its ULID is gone, nobody uses it, or an operator wants it so (RFC 5533 sections 1.5 and 9).

mod pair;

use pair::played::{kinds, Played, PEER_TAG};
use pair::{World, A, B};
use shim6_core::context::State;
use shim6_core::engine::{Cause, Counter};
use shim6_core::locator::LocalStatus;
use shim6_core::time::Duration;
use shim6_core::wire::{Keepalive, Message, MessageType};

fn collect(world: &mut World, in_use: bool) {
    let (now, id) = (world.now, world.hosts[A].context_id(&world.ulids(A)).expect("a context"));
    let World { hosts, network, rng, .. } = world;
    hosts[A].call(now, network, rng, |engine| engine.collect(now, id, in_use));
}

fn established(seed: u64) -> World {
    let mut world = World::new(seed, [2, 2]);
    world.start(A);
    world.talk(Duration::from_secs(10), Duration::from_millis(100), &[A, B]);
    assert!(world.is_agreed());
    world
}

#[test]
fn a_context_ends_with_its_ulid_and_its_tag_means_nothing_any_more() {
    for state in [State::I1Sent, State::I2Sent, State::I2bisSent, State::Established, State::Failed, State::NoSupport] {
        let mut played = Played::in_state(1, state);
        let (ulids, tag, second) = (played.ulids(), played.context().tag_local(), played.pair(1, 0));
        played.world.set_local(A, ulids.local, LocalStatus::Invalid, Cause::AddressRemoved);
        assert!(played.host().table.nodes.is_empty(), "{state:?}");
        played.said();
        assert!(!played.payload(second, Some(tag)), "{state:?}");
        let mut said = played.said();
        said.extend(played.tell(second, &Message::Keepalive(Keepalive { receiver_tag: tag })));
        assert_eq!(kinds(&said), [MessageType::R1bis; 2], "{state:?}");
        assert!(played.wait(Duration::from_secs(1000)).is_empty(), "{state:?}: nothing is left of it");
    }
}

#[test]
fn another_locator_that_goes_ends_no_context() {
    for in_use in [false, true] {
        let mut world = established(2);
        let (ulids, second) = (world.ulids(A), world.hosts[A].addresses()[1]);
        if in_use {
            world.network.cut(ulids.local, ulids.peer);
            world.network.cut(ulids.peer, ulids.local);
            world.talk(Duration::from_secs(60), Duration::from_millis(100), &[A, B]);
            world.network.heal();
            let id = world.hosts[A].context_id(&ulids).expect("a context");
            assert!(world.hosts[A].context(id).path().switched);
        }
        world.set_local(A, second, LocalStatus::Invalid, Cause::AddressRemoved);
        world.talk(Duration::from_secs(60), Duration::from_millis(100), &[A, B]);
        assert!(world.is_agreed());
        let before = world.delivered.len();
        world.talk(Duration::from_secs(10), Duration::from_millis(100), &[A, B]);
        assert!(world.delivered.len() - before >= 190, "traffic goes on");
        world.check_invariants();
    }
}

#[test]
fn a_context_is_not_collected_before_five_minutes_of_silence() {
    let mut world = established(3);
    for _ in 0..30 {
        world.run(Duration::from_secs(10));
        collect(&mut world, false);
        assert_eq!(world.hosts[A].state(&world.ulids(A)), Some(State::Established));
    }
}

#[test]
fn packets_between_the_ulids_keep_their_context() {
    for talking in [A, B] {
        let mut world = established(4);
        for _ in 0..10 {
            world.run(Duration::from_secs(400));
            world.send(talking);
            world.run(Duration::from_secs(1));
            collect(&mut world, false);
            assert_eq!(world.hosts[A].state(&world.ulids(A)), Some(State::Established));
        }
        assert_eq!(world.hosts[A].count(Counter::Switches), 0);
    }
}

#[test]
fn what_the_upper_layers_use_is_not_collected_and_what_nobody_uses_is() {
    let mut world = established(5);
    world.run(Duration::from_secs(5000));
    collect(&mut world, true);
    assert_eq!(world.hosts[A].state(&world.ulids(A)), Some(State::Established));
    collect(&mut world, false);
    assert_eq!(world.hosts[A].state(&world.ulids(A)), None);
}

#[test]
fn a_discarded_context_is_told_to_nobody_and_recovered_by_the_next_packet_that_needs_it() {
    let mut played = Played::in_state(6, State::Established);
    let (now, id) = (played.world.now, played.host().context_id(&played.ulids()).expect("a context"));
    played.said();
    let World { hosts, network, rng, .. } = &mut played.world;
    hosts[A].call(now, network, rng, |engine| engine.close(now, id, Cause::Administrator));
    assert!(played.said().is_empty());
    assert!(played.host().table.nodes.is_empty());
    let request = pair::played::Request { packet_tag: Some(PEER_TAG), ..played.request() };
    assert_eq!(kinds(&played.ask(&request)), [MessageType::R2]);
    assert_eq!(played.state(), Some(State::Established));
}
