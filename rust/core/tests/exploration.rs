// SPDX-License-Identifier: MIT OR GPL-2.0
//! Exploring: which pairs are probed, when, and what becomes of payload and of listeners meanwhile (RFC 5534 sections 3.5,
//! 4.2, 4.3, 7 and 9, Appendix A).

mod pair;

use pair::{Bench, Body, Seen, World, A, B};
use shim6_core::engine::{Advice, Cause, Counter, EventKind};
use shim6_core::locator::{LocalStatus, Pair};
use shim6_core::reap::ReapState;
use shim6_core::settings::Settings;
use shim6_core::time::Duration;
use shim6_core::wire::{MessageType, Preference, ProbeState};
use std::collections::BTreeSet;

const TICK: Duration = Duration::from_millis(100);

/// Two hosts that follow the RFC and no advice.
fn world(seed: u64, addresses: [u16; 2]) -> World {
    let mut world = World::new(seed, addresses);
    for host in &mut world.hosts {
        host.settings = Settings::STRICT;
    }
    world
}

/// Explores in vain for this long; what was sent.
fn in_vain(bench: &mut Bench, milliseconds: u32) -> Vec<Seen> {
    bench.payload_out();
    bench.run_ms(15_000 + milliseconds);
    bench.sent()
}

fn steps(sent: &[Seen]) -> Vec<u64> {
    sent.windows(2).map(|two| two[1].at.as_millis() - two[0].at.as_millis()).collect()
}

#[test]
fn a_silent_failure_is_noticed_after_the_send_timeout() {
    let mut bench = Bench::new(1);
    let begin = bench.world.now;
    let sent = in_vain(&mut bench, 10);
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].at.since(begin), Duration::from_secs(15));
}

#[test]
fn four_probes_half_a_second_apart_then_ever_slower_to_one_a_minute() {
    for seed in 0..10 {
        let mut bench = Bench::new(seed);
        let steps = steps(&in_vain(&mut bench, 1_000_000));
        assert_eq!(steps[..3], [500, 500, 500], "one after the other");
        let longest = steps.iter().position(|step| *step >= 48_000).expect("up to a minute");
        for two in steps[2..=longest].windows(2) {
            assert!(two[1] > two[0] && two[1] <= two[0] * 5 / 2, "{steps:?}");
        }
        assert!(steps[longest..].iter().all(|step| (48_000..=60_000).contains(step)), "{steps:?}");
        assert!(steps.len() - longest >= 10, "and on");
    }
}

#[test]
fn the_constants_of_section_7_are_settings() {
    assert_eq!(Settings::DEFAULT.send_timeout, Duration::from_secs(15));
    assert!((10..=100).contains(&Settings::DEFAULT.send_timeout.as_secs()), "as section 7 recommends");
    let specification = include_str!("../../../include/netlink/shim6.yaml");
    let after = specification.split("name: send-timeout\n        type: u32").nth(1).expect("the setting");
    let max = after.split("max: ").nth(1).and_then(|text| text.lines().next());
    assert_eq!(max, Some("100000"), "not above 100 s");
    let mut bench = Bench::with(2, |world| {
        world.hosts[A].settings.initial_probes = 2;
        world.hosts[A].settings.initial_probe_timeout = Duration::from_millis(700);
        world.hosts[A].settings.max_probe_timeout = Duration::from_secs(3);
    });
    let steps = steps(&in_vain(&mut bench, 60_000));
    assert_eq!(steps[0], 700);
    assert!((1_120..=1_400).contains(&steps[1]), "{steps:?}");
    assert!(steps[3..].iter().all(|step| (2_400..=3_000).contains(step)), "{steps:?}");
}

/// RFC 5534 section 4.3 wants them one after the other also where advice began it; that is a setting.
#[test]
fn with_parallel_probes_1_advice_probes_one_pair_after_the_other() {
    let mut bench = Bench::with(3, |world| world.hosts[A].settings.parallel_probes = 1);
    bench.world.advise(A, Advice::Suspect(Cause::SendTimeout));
    bench.run_ms(30_000);
    let steps = steps(&bench.sent());
    assert_eq!(steps[..3], [500, 500, 500]);
}

#[test]
fn all_pairs_are_tried_and_then_again() {
    for addresses in [[2, 2], [3, 2], [4, 3], [1, 2]] {
        let mut world = world(4, addresses);
        world.hosts[A].settings.max_probe_timeout = Duration::from_millis(500);
        world.start(A);
        world.talk(Duration::from_secs(2), TICK, &[A, B]);
        let all = usize::from(addresses[A] * addresses[B]);
        for source in world.hosts[A].addresses() {
            for destination in world.hosts[B].addresses() {
                world.network.cut(source, destination);
                world.network.cut(destination, source);
            }
        }
        world.network.log = Some(Vec::new());
        world.talk(Duration::from_secs(40), Duration::from_secs(1), &[A]);
        let mine = world.hosts[A].addresses();
        let log = world.network.log.take().expect("a log");
        let sent = log.iter().filter(|(_, sent)| matches!(sent.body, Body::Control(_)) && mine.contains(&sent.source));
        let pairs: Vec<_> = sent.map(|(_, sent)| Pair { local: sent.source, peer: sent.destination }).collect();
        let [first, again] = [&pairs[..all], &pairs[all..2 * all]];
        let distinct: BTreeSet<_> = first.iter().collect();
        assert_eq!(distinct.len(), all, "{addresses:?}: each pair once");
        assert_eq!(first, again, "{addresses:?}: and from the start");
        assert_eq!(first[0], world.ulids(A), "the current one first");
    }
}

#[test]
fn what_the_peer_prefers_is_tried_first() {
    let mut world = world(5, [2, 4]);
    let mine = world.hosts[A].addresses();
    let theirs = world.hosts[B].addresses();
    for (address, priority, flags) in [(1, 30, 0), (2, 10, 0), (3, 5, Preference::BROKEN)] {
        world.hosts[B].env.set.set_preference(&theirs[address], Preference { flags, priority, weight: 0 });
    }
    world.start(A);
    world.talk(Duration::from_secs(2), TICK, &[A, B]);
    world.network.cut(world.ulids(A).local, world.ulids(A).peer);
    world.network.cut(world.ulids(A).peer, world.ulids(A).local);
    world.network.cut(mine[1], theirs[0]);
    world.network.cut(mine[1], theirs[2]);
    world.network.control_seen.clear();
    world.talk(Duration::from_millis(17_500), TICK, &[A]);
    let order: Vec<_> = world
        .network
        .control_seen
        .iter()
        .filter(|sent| mine.contains(&sent.source))
        .map(|sent| theirs.iter().position(|address| *address == sent.destination).expect("an address of B"))
        .collect();
    // The current pair; then by priority, both pairs of a locator; what is broken only when nothing else is left.
    assert_eq!(order[..4], [0, 0, 2, 2], "{order:?}");
    let id = world.hosts[A].context_id(&world.ulids(A)).expect("a context");
    assert_ne!(world.hosts[A].context(id).pair().peer, theirs[3]);
}

#[test]
fn probes_end_with_the_context() {
    let mut bench = Bench::new(6);
    in_vain(&mut bench, 1_000_000);
    let (id, now) = (bench.id(), bench.world.now);
    let World { hosts, network, rng, .. } = &mut bench.world;
    hosts[A].call(now, network, rng, |engine| engine.collect(now, id, false));
    assert!(bench.world.hosts[A].table.nodes.is_empty());
    bench.run_ms(600_000);
    assert_eq!(bench.sent(), []);
}

#[test]
fn without_an_established_context_there_are_no_probes() {
    let mut world = world(7, [2, 2]);
    let ulids = world.ulids(A);
    world.network.cut(ulids.local, ulids.peer);
    world.start(A);
    for advice in [Advice::Suspect(Cause::SendTimeout), Advice::Explore(Cause::Administrator)] {
        world.advise(A, advice);
    }
    world.set_local(A, world.hosts[A].addresses()[1], LocalStatus::LinkDown, Cause::LinkDown);
    world.talk(Duration::from_secs(100), Duration::from_secs(1), &[A, B]);
    assert_eq!(world.hosts[A].count(Counter::Tx(MessageType::Probe)), 0);
}

fn established(seed: u64) -> World {
    let mut world = world(seed, [2, 2]);
    world.start(A);
    world.talk(Duration::from_secs(5), TICK, &[A, B]);
    assert!(world.is_agreed());
    world
}

/// The pairs over which payload of `host` left, in order, each run once.
fn payload_pairs(world: &mut World, host: usize) -> Vec<Pair> {
    let mine = world.hosts[host].addresses();
    let log = world.network.log.replace(Vec::new()).unwrap_or_default();
    let payload =
        log.iter().filter(|(_, sent)| matches!(sent.body, Body::Payload { .. }) && mine.contains(&sent.source));
    let mut pairs: Vec<_> = payload.map(|(_, sent)| Pair { local: sent.source, peer: sent.destination }).collect();
    pairs.dedup();
    pairs
}

#[test]
fn payload_takes_one_pair_at_a_time_and_rest_changes_nothing() {
    let mut world = established(8);
    world.network.log = Some(Vec::new());
    world.talk(Duration::from_secs(300), TICK, &[A, B]);
    assert_eq!(payload_pairs(&mut world, A), [world.ulids(A)]);
    world.network.cut(world.ulids(A).local, world.ulids(A).peer);
    world.talk(Duration::from_secs(60), TICK, &[A, B]);
    let used = payload_pairs(&mut world, A);
    assert_eq!(used.len(), 2, "one change: {used:?}");
    assert_eq!(used[0], world.ulids(A), "on the old pair until another was confirmed");
    world.run(Duration::from_secs(3000));
    let probes = world.hosts[A].count(Counter::Tx(MessageType::Probe));
    world.talk(Duration::from_secs(10), TICK, &[A, B]);
    assert_eq!(payload_pairs(&mut world, A), [used[1]], "at once, after whatever rest");
    assert_eq!(world.hosts[A].count(Counter::Tx(MessageType::Probe)), probes, "without a Probe");
}

#[test]
fn the_data_path_and_the_listeners_hear_of_a_switch() {
    let mut world = established(9);
    for host in &mut world.hosts {
        host.events.clear();
        host.paths.clear();
    }
    let failed_at = world.now;
    world.network.cut(world.ulids(A).local, world.ulids(A).peer);
    world.network.cut(world.ulids(A).peer, world.ulids(A).local);
    world.talk(Duration::from_secs(30), TICK, &[A, B]);
    for host in [A, B] {
        let id = world.hosts[host].context_id(&world.ulids(host)).expect("a context");
        let pair = world.hosts[host].context(id).pair();
        assert_eq!(world.hosts[host].paths, [pair], "host {host}");
        let events = &world.hosts[host].events;
        let kinds: Vec<_> = events.iter().map(|(_, kind, _)| *kind).collect();
        assert!(kinds.starts_with(&[EventKind::Reap]), "the failure: {events:?}");
        assert_eq!(kinds.iter().filter(|kind| **kind == EventKind::Switched).count(), 1, "the switch: {events:?}");
        assert!(kinds.ends_with(&[EventKind::Reap]), "the recovery: {events:?}");
        assert!(events.iter().all(|(at, _, cause)| *at > failed_at && *cause != Cause::None));
        let past = world.hosts[host].past(id);
        assert_eq!(past.previous_pair(), Some(world.ulids(host)));
    }
}

/// The states that the Probes of a host told, repetitions left out.
fn told(world: &World, host: usize) -> Vec<ProbeState> {
    let mine = world.hosts[host].addresses();
    let log = world.network.log.as_ref().expect("a log");
    let seen = log.iter().filter_map(|(at, sent)| pair::read(&mine, *at, sent));
    let mut states: Vec<_> = seen.filter_map(|seen| seen.probe).map(|probe| probe.state).collect();
    states.dedup();
    states
}

#[test]
fn example_4_a_path_fails_both_ways() {
    let mut world = world(10, [1, 2]);
    world.start(A);
    world.talk(Duration::from_secs(5), TICK, &[A, B]);
    let ulids = world.ulids(A);
    world.network.cut(ulids.local, ulids.peer);
    world.network.cut(ulids.peer, ulids.local);
    world.network.log = Some(Vec::new());
    let failed_at = world.now;
    world.talk(Duration::from_secs(20), Duration::from_millis(10), &[A, B]);
    let both = [told(&world, A), told(&world, B)];
    for states in &both {
        assert_eq!(states[0], ProbeState::Exploring, "{both:?}");
        assert!(states.contains(&ProbeState::InboundOk) || states.contains(&ProbeState::Operational), "{both:?}");
    }
    assert!(both.iter().any(|states| states.last() == Some(&ProbeState::Operational)), "{both:?}");
    let expected = Pair { local: ulids.local, peer: world.hosts[B].addresses()[1] };
    for host in [A, B] {
        let id = world.hosts[host].context_id(&world.ulids(host)).expect("a context");
        let context = world.hosts[host].context(id);
        let pair = if host == A { expected } else { Pair { local: expected.peer, peer: expected.local } };
        assert_eq!((context.pair(), context.reap().state()), (pair, ReapState::Operational));
        let me = world.ulids(host).local;
        let first = world.delivered.iter().find(|got| got.arrived.peer == me && got.at > failed_at + TICK);
        assert!(first.expect("payload arrives again").at.since(failed_at).as_secs() <= 17, "host {host}");
    }
}

#[test]
fn example_5_a_path_fails_one_way() {
    let mut world = established(11);
    let ulids = world.ulids(A);
    world.network.cut(ulids.local, ulids.peer);
    // Of the other pairs only (A2, B2) exists.
    let (a, b) = (world.hosts[A].addresses(), world.hosts[B].addresses());
    for (source, destination) in [(a[0], b[1]), (a[1], b[0])] {
        world.network.cut(source, destination);
        world.network.cut(destination, source);
    }
    let failed_at = world.now;
    world.talk(Duration::from_secs(30), TICK, &[A, B]);
    let id = world.hosts[A].context_id(&ulids).expect("a context");
    assert_eq!(world.hosts[A].context(id).pair(), Pair { local: a[1], peer: b[1] });
    for host in [A, B] {
        let id = world.hosts[host].context_id(&world.ulids(host)).expect("a context");
        assert_eq!(world.hosts[host].context(id).reap().state(), ReapState::Operational);
        let me = world.ulids(host).local;
        let late = failed_at + Duration::from_secs(20);
        assert!(world.delivered.iter().filter(|got| got.arrived.peer == me && got.at > late).count() > 90);
    }
}
