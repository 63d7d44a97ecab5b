// SPDX-License-Identifier: MIT OR GPL-2.0
//! Silence that is none, and answers that decide nothing: rests, Keepalives after them, what stands by while a test goes on,
//! and answers that come after a test. `calm` has the same over hours of all kinds of weather.

mod pair;

use pair::{Kind, Upper, World, A, B};
use shim6_core::engine::{Advice, Cause, Counter};
use shim6_core::reap::Doubt;
use shim6_core::time::{Duration, Instant};
use shim6_core::wire::MessageType;

/// Time between datagrams.
const PACE: Duration = Duration::from_millis(20);

/// Two hosts that have talked for a while, each way in regular datagrams.
fn regular(seed: u64, prepare: impl FnOnce(&mut World)) -> World {
    let mut world = World::new(seed, [2, 2]);
    prepare(&mut world);
    world.start(A);
    world.run(Duration::from_millis(200));
    assert!(world.is_agreed());
    world.talk(Duration::from_secs(1), PACE, &[A, B]);
    world
}

fn stand_by(world: &mut World) {
    world.hosts.iter_mut().for_each(|host| host.settings.standby_interval = Duration::from_secs(1));
}

/// The round trip of the pair in use takes this much longer from now on, half of it each way.
fn slow_down(world: &mut World, by: Duration) {
    let ulids = world.ulids(A);
    world.network.queue(ulids.local, ulids.peer, by.fraction(1, 2));
    world.network.queue(ulids.peer, ulids.local, by.fraction(1, 2));
}

fn counts(world: &World, counter: Counter) -> [u64; 2] {
    [A, B].map(|host| world.hosts[host].count(counter))
}

/// The peer speaks only when it is spoken to, and while both rested the way has become long. A timer runs anyway, as a pair
/// stands by.
#[test]
fn after_a_rest_the_peer_is_to_hear_of_it_first() {
    for rest in (100..2_100).step_by(40) {
        let mut world = regular(1, stand_by);
        world.run(Duration::from_millis(100));
        slow_down(&mut world, Duration::from_millis(400));
        world.run(Duration::from_millis(rest));
        let before = counts(&world, Counter::AdviceCadence);
        world.talk(Duration::from_millis(420), PACE, &[A]);
        world.talk(Duration::from_secs(3), PACE, &[A, B]);
        assert_eq!(counts(&world, Counter::AdviceCadence), before, "after {rest} ms: nothing is missed");
        assert_eq!(counts(&world, Counter::Switches), [0, 0], "after {rest} ms");
    }
}

/// What a host heard last is a Keepalive, long after its own payload: that is no payload that comes one way.
#[test]
fn a_keepalive_after_a_rest_begins_nothing() {
    for last in [A, B] {
        let mut world = regular(2, |_| {});
        // One has the last word, and the other tells it now and then that it came.
        world.send(last);
        world.run(Duration::from_millis(300));
        let before = counts(&world, Counter::AdviceCadence);
        slow_down(&mut world, Duration::from_millis(300));
        world.run(Duration::from_secs(20));
        assert!(world.hosts[1 - last].count(Counter::Tx(MessageType::Keepalive)) >= 2);
        assert_eq!(counts(&world, Counter::AdviceCadence), before, "nothing is missed");
        assert_eq!(counts(&world, Counter::Switches), [0, 0]);
    }
}

/// The answer to a Probe over a pair that stands by says that the peer is Operational, and tells what else it got: that of
/// the test that goes on, too. As it came by the current pair, it is no decision.
#[test]
fn an_answer_over_a_pair_that_stands_by_does_not_decide_a_test() {
    let probes = Counter::Tx(MessageType::Probe);
    for seed in 0..20 {
        for after in 0..3 {
            let mut world = regular(seed, stand_by);
            // The answer over the current pair comes late, but in time.
            let ulids = world.ulids(A);
            world.network.queue(ulids.local, ulids.peer, Duration::from_millis(30));
            world.network.jitter = Duration::from_millis(5);
            let before = world.hosts[A].count(probes);
            while world.hosts[A].count(probes) == before {
                world.talk(Duration::from_millis(1), Duration::from_millis(1), &[A, B]);
            }
            world.run(Duration::from_millis(after));
            world.advise(A, Advice::Suspect(Cause::Application));
            world.run(Duration::from_millis(60));
            assert_eq!(counts(&world, Counter::Switches), [0, 0], "seed {seed}, after {after} ms");
        }
    }
}

/// The other pairs have a longer way: their Probes come when the test is over, and the peer answers them all the same.
#[test]
fn a_false_alarm_moves_nobody() {
    for (delay, more) in [(1, 0), (1, 2), (1, 5), (2, 10), (5, 20), (10, 50), (20, 100)] {
        for jitter in [0, delay] {
            for seed in 0..4 {
                let mut world = regular(seed, |world| {
                    world.network.delay = Duration::from_millis(delay);
                    world.network.jitter = Duration::from_millis(jitter);
                    lengthen_others(world, Duration::from_millis(more));
                });
                let before = counts(&world, Counter::FalseAlarms);
                world.advise(A, Advice::Suspect(Cause::Application));
                world.talk(Duration::from_secs(1), PACE, &[A, B]);
                let said = format!("{delay} ms, {more} more elsewhere, jitter {jitter} ms, seed {seed}");
                assert_eq!(counts(&world, Counter::FalseAlarms)[A], before[A] + 1, "{said}");
                assert_eq!(counts(&world, Counter::Switches), [0, 0], "{said}");
            }
        }
    }
}

/// The one Probe that asks after missed payload is answered late, when a test has begun: that counts as much as an answer to
/// the test, which comes later still.
#[test]
fn a_late_answer_to_what_asked_first_ends_the_test() {
    for round_trip in (70..=120).step_by(10) {
        let mut world = regular(4, |_| {});
        slow_down(&mut world, Duration::from_millis(round_trip - 20));
        // The peer rests, and this host goes on, asks after 50 ms or so, and tests 60 ms later.
        world.talk(Duration::from_millis(round_trip + 80), PACE, &[A]);
        assert_eq!(world.hosts[A].count(Counter::Tests), 1, "{round_trip} ms are longer than an answer is waited for");
        assert_eq!(world.hosts[A].count(Counter::FalseAlarms), 1, "{round_trip} ms");
        world.talk(Duration::from_secs(1), PACE, &[A]);
        assert_eq!(counts(&world, Counter::Switches), [0, 0], "{round_trip} ms");
    }
}

/// What is left of a first test comes in the middle of a second, and overtakes it.
#[test]
fn one_false_alarm_after_another_moves_nobody() {
    for seed in 0..40 {
        for after in [20, 30, 40, 50] {
            let mut world = regular(seed, |world| world.network.jitter = Duration::from_millis(10));
            let before = counts(&world, Counter::FalseAlarms);
            for _ in 0..2 {
                world.advise(A, Advice::Suspect(Cause::Application));
                world.talk(Duration::from_millis(after), Duration::from_millis(10), &[A, B]);
            }
            world.talk(Duration::from_secs(1), PACE, &[A, B]);
            assert!(counts(&world, Counter::FalseAlarms)[A] > before[A]);
            assert_eq!(counts(&world, Counter::Switches), [0, 0], "seed {seed}, the second after {after} ms");
        }
    }
}

/// Each way of all pairs but the first takes this much longer.
fn lengthen_others(world: &mut World, by: Duration) {
    let (mine, theirs) = (world.hosts[A].addresses(), world.hosts[B].addresses());
    for (a, b) in [(0, 1), (1, 0), (1, 1)] {
        world.network.queue(mine[a], theirs[b], by);
        world.network.queue(theirs[b], mine[a], by);
    }
}

#[test]
fn doubt_doubles_twice_and_fades() {
    let wait = Duration::from_millis(50);
    let at = |seconds: u64| Instant::from_millis(seconds * 1000);
    let mut doubt = Doubt::default();
    let mut waits = Vec::new();
    for seconds in 100..103 {
        waits.push(doubt.stretch(at(seconds), wait).as_millis());
        doubt = doubt.after_false_alarm(at(seconds));
    }
    waits.extend([103, 111, 113, 121, 123, 100_000].map(|seconds| doubt.stretch(at(seconds), wait).as_millis()));
    assert_eq!(waits, [50, 100, 200, 200, 200, 100, 100, 50, 50]);
}

/// Where packets are lost, answers are missed all the time: after the first alarms a context has learnt that, and yet leaves a
/// path that fails.
#[test]
fn false_alarms_become_rare_and_true_ones_are_heeded() {
    let mut gaps = Vec::new();
    let (mut tests, mut minutes) = (0, 0);
    for seed in 0..10 {
        let mut world = regular(seed, |_| {});
        world.network.loss = 5;
        let mut upper = Upper::new(Kind::Sparse, &world);
        upper.run(&mut world, Duration::from_secs(60));
        minutes += 1;
        tests += world.hosts[A].count(Counter::Tests);
        assert_eq!(counts(&world, Counter::Switches), [0, 0], "seed {seed}");
        let ulids = world.ulids(A);
        world.network.cut(ulids.local, ulids.peer);
        let failed_at = world.now;
        while world.hosts[A].count(Counter::Switches) == 0 {
            upper.run(&mut world, Duration::from_millis(1));
        }
        gaps.push(world.now.since(failed_at).as_millis());
    }
    println!("{tests} tests in {minutes} minutes; the failing path is left after {gaps:?} ms");
    assert!(tests <= 12 * minutes, "{tests} tests in {minutes} minutes");
    assert!(gaps.iter().all(|gap| *gap <= 800), "{gaps:?} ms");
}

/// The hosts send over different pairs. The one that hears nothing any more finds its own pair well by every test, since answers
/// come the way that was asked: it is the other that has to move, and must be told.
#[test]
fn the_peer_is_told_where_only_its_own_way_fails() {
    for seed in 0..20 {
        let mut world =
            regular(seed, |world| world.hosts.iter_mut().for_each(|host| host.settings.return_time = Duration::ZERO));
        let (mine, theirs) = (world.hosts[A].addresses(), world.hosts[B].addresses());
        // From A only the first pair works, from B only the second.
        for (a, b) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
            if (a, b) != (0, 0) {
                world.network.cut(mine[a], theirs[b]);
            }
            if (a, b) != (1, 1) {
                world.network.cut(theirs[b], mine[a]);
            }
        }
        world.talk(Duration::from_secs(40), PACE, &[A, B]);
        let arrivals = |world: &World, host: usize| {
            let me = world.ulids(host).local;
            world.delivered.iter().filter(|d| d.arrived.peer == me).count()
        };
        let before = [A, B].map(|host| arrivals(&world, host));
        world.talk(Duration::from_secs(1), PACE, &[A, B]);
        for host in [A, B] {
            assert!(arrivals(&world, host) > before[host] + 40, "seed {seed}: host {host} hears");
        }
        // Then the second pair alone works, both ways.
        world.network.heal();
        for (a, b) in [(0, 0), (0, 1), (1, 0)] {
            world.network.cut(mine[a], theirs[b]);
            world.network.cut(theirs[b], mine[a]);
        }
        let failed_at = world.now;
        let heard = arrivals(&world, B);
        while arrivals(&world, B) == heard {
            // TCP sends again what was not acknowledged.
            world.advise(B, Advice::Suspect(Cause::Transport));
            world.talk(Duration::from_millis(200), PACE, &[A, B]);
            let waited = world.now.since(failed_at).as_millis();
            assert!(waited <= 2000, "seed {seed}: nothing has come to B for {waited} ms");
        }
    }
}
