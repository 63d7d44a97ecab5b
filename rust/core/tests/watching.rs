// SPDX-License-Identifier: MIT OR GPL-2.0
//! Pairs that are looked after while all is well: answers count however long they take, and pairs that stay silent are asked
//! less and less.

mod pair;

use pair::{read, World, A, B};
use shim6_core::engine::{Advice, Cause, EventKind};
use shim6_core::locator::Pair;
use shim6_core::reap::{LookedAfter, ReapState, Role};
use shim6_core::time::{Duration, Instant};
use shim6_core::wire::{MessageType, ProbeState};

/// Time between datagrams.
const PACE: Duration = Duration::from_millis(100);

/// Two hosts that have talked for a while over ways that take so long.
fn talking(seed: u64, one_way: u32, prepare: impl FnOnce(&mut World)) -> World {
    let mut world = World::new(seed, [2, 2]);
    world.network.delay = Duration::from_millis(one_way);
    prepare(&mut world);
    world.start(A);
    world.run(Duration::from_secs(5));
    assert!(world.is_agreed());
    world.talk(Duration::from_secs(10), PACE, &[A, B]);
    world
}

fn seconds(world: &mut World, seconds: u32) {
    world.talk(Duration::from_secs(seconds), PACE, &[A, B]);
}

fn cut(world: &mut World, pair: Pair) {
    world.network.cut(pair.local, pair.peer);
    world.network.cut(pair.peer, pair.local);
}

fn pairs(world: &World) -> [Pair; 2] {
    [A, B].map(|host| {
        world.hosts[host].context(world.hosts[host].context_id(&world.ulids(host)).expect("a context")).pair()
    })
}

/// The pair without an end in common with the first.
fn other(world: &World) -> Pair {
    Pair { local: world.hosts[A].addresses()[1], peer: world.hosts[B].addresses()[1] }
}

fn looked_after(world: &World, role: Role) -> Option<LookedAfter> {
    let id = world.hosts[A].context_id(&world.ulids(A)).expect("a context");
    let exploration = world.hosts[A].table.nodes[&id].exploration.as_ref()?;
    exploration.looked_after().find(|watched| watched.role == role)
}

/// When A asked for a pair since the last call, with the log begun anew.
fn asked(world: &mut World, pair: Pair) -> Vec<Instant> {
    let mine = world.hosts[A].addresses();
    let log = world.network.log.replace(Vec::new()).unwrap_or_default();
    let seen = log.iter().filter_map(|(at, datagram)| read(&mine, *at, datagram));
    let asks = seen.filter(|seen| seen.kind == MessageType::Probe && seen.over == pair);
    asks.filter(|seen| seen.probe.as_ref().is_some_and(|probe| probe.state == ProbeState::InboundOk))
        .map(|seen| seen.at)
        .collect()
}

/// The seconds between these.
fn distances(times: &[Instant]) -> Vec<u32> {
    times.windows(2).map(|two| two[1].since(two[0]).as_secs()).collect()
}

#[test]
fn slow_paths_are_gone_back_to() {
    for one_way in [10, 70, 150, 300, 450] {
        let mut world = talking(1, one_way, |_| {});
        let ulids = [world.ulids(A), world.ulids(B)];
        cut(&mut world, ulids[A]);
        seconds(&mut world, 60);
        for host in [A, B] {
            assert_ne!(pairs(&world)[host], ulids[host], "{one_way} ms: the pair that fails is left");
        }
        world.network.heal();
        seconds(&mut world, 100);
        assert_eq!(pairs(&world), ulids, "{one_way} ms: the preferred pair is gone back to");
        for host in [A, B] {
            let switched = world.hosts[host].events.iter().rev().find(|(_, kind, _)| *kind == EventKind::Switched);
            assert!(matches!(switched, Some((.., Cause::Preference))), "{one_way} ms: {switched:?}");
        }
        world.check_invariants();
    }
}

#[test]
fn who_asks_is_told_what_takes_long() {
    for one_way in [10, 70, 150, 300, 450, 700] {
        let mut world = talking(2, one_way, |_| {});
        let pair = other(&world);
        let told = |world: &World, before: usize| -> Vec<_> {
            let events = world.hosts[A].events[before..].iter();
            events.filter(|(_, kind, _)| *kind == EventKind::Locators).map(|(at, _, cause)| (*at, *cause)).collect()
        };
        let before = world.hosts[A].events.len();
        world.advise(A, Advice::Ask(pair));
        seconds(&mut world, 3);
        let answers = told(&world, before);
        assert!(matches!(answers[..], [(_, Cause::ProbeAnswered)]), "{one_way} ms: {answers:?}");
        // Nor does anybody wait for long where there is no answer.
        cut(&mut world, pair);
        let (before, asked_at) = (world.hosts[A].events.len(), world.now);
        world.advise(A, Advice::Ask(pair));
        seconds(&mut world, 5);
        let answers = told(&world, before);
        assert!(matches!(answers[..], [(_, Cause::NoAnswer)]), "{one_way} ms: {answers:?}");
        let waited = answers[0].0.since(asked_at).as_millis();
        assert!(waited <= 1000.max(4 * 2 * one_way), "{one_way} ms: {waited} ms");
    }
}

#[test]
fn a_pair_that_stays_silent_is_asked_less_and_less() {
    let mut world = talking(3, 10, |_| {});
    let ulids = world.ulids(A);
    cut(&mut world, ulids);
    // The failure itself is none of this.
    seconds(&mut world, 2);
    world.network.log = Some(Vec::new());
    seconds(&mut world, 600);
    let silent = distances(&asked(&mut world, ulids));
    assert_eq!(silent[..8], [5, 5, 5, 5, 10, 20, 40, 60], "{silent:?}");
    assert!(silent[8..].iter().all(|distance| *distance == 60), "{silent:?}");
    let watched = looked_after(&world, Role::Preferred).expect("the preferred pair");
    assert!(watched.lost > 10 && watched.good_since.is_none(), "{watched:?}");
    // The first answer brings back the usual time between them.
    world.network.heal();
    seconds(&mut world, 100);
    let answered = distances(&asked(&mut world, ulids));
    assert!((6..=7).contains(&answered.len()) && answered.iter().all(|distance| *distance == 5), "{answered:?}");
    assert_eq!(pairs(&world)[A], ulids);
}

/// What was measured may hold no more, by a route that has changed: to be asked in vain for ever is not the end.
#[test]
fn a_round_trip_that_grows_is_measured_anew() {
    for interval in [200, 1000] {
        let mut world = talking(4, 10, |world| {
            world.hosts[A].settings.standby_interval = Duration::from_millis(interval);
        });
        let watched = looked_after(&world, Role::Standby).expect("a pair that stands by");
        assert_eq!((watched.lost, watched.good_since.is_some()), (0, true));
        assert_eq!(watched.round_trip.mean(), Some(Duration::from_millis(20)));
        world.network.queue(watched.pair.local, watched.pair.peer, Duration::from_millis(400));
        seconds(&mut world, 30);
        let watched = looked_after(&world, Role::Standby).expect("a pair that stands by");
        assert_eq!((watched.lost, watched.good_since.is_some()), (0, true), "every {interval} ms: {watched:?}");
        assert!(watched.round_trip.mean() > Some(Duration::from_millis(200)), "every {interval} ms: {watched:?}");
        let id = world.hosts[A].context_id(&world.ulids(A)).expect("a context");
        assert_eq!(world.hosts[A].context(id).reap().state(), ReapState::Operational);
    }
}

/// One that stands by and fails does not count as working as soon as two Probes are lost, where round trips were measured.
#[test]
fn what_stands_by_and_fails_is_found_out_soon() {
    for interval in [200, 1000] {
        let mut world = talking(5, 10, |world| {
            world.hosts[A].settings.standby_interval = Duration::from_millis(interval);
        });
        let watched = looked_after(&world, Role::Standby).expect("a pair that stands by");
        cut(&mut world, watched.pair);
        world.talk(Duration::from_millis(2 * interval + 100), Duration::from_millis(20), &[A, B]);
        let watched = looked_after(&world, Role::Standby).expect("a pair that stands by");
        assert_eq!((watched.lost, watched.good_since), (2, None), "every {interval} ms");
    }
}
