// SPDX-License-Identifier: MIT OR GPL-2.0
//! How fast traffic moves when a path fails, by what the host learns of it: its own link, the peer's word, a router's, a
//! transport's, silence. Round trips take 20 ms; the phase of the failure is spread.

mod pair;

use pair::{Kind, Upper, World, A, B};
use shim6_core::addr::Addr;
use shim6_core::engine::{Advice, Cause, Counter};
use shim6_core::locator::{LocalStatus, Pair};
use shim6_core::reap::{Doubt, Notes, Patience, ReapState};
use shim6_core::settings::Settings;
use shim6_core::time::{Duration, Instant};
use shim6_core::wire::{IcmpError, Quoted, QuotedKind};

/// Runs of each failure, their phases spread over a second.
const RUNS: u64 = 20;

/// What fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Failure {
    Both,
    Out,
    In,
}

/// A world with this traffic, settled, at a phase of its own.
fn settled(seed: u64, kind: Kind, prepare: impl FnOnce(&mut World)) -> (World, Upper) {
    let (world, upper) = Upper::settled(seed, kind, Duration::from_millis(9_000 + 53 * seed as u32), prepare);
    assert_eq!(pair_of(&world, A), world.ulids(A), "seed {seed}: nothing has failed yet");
    (world, upper)
}

fn pair_of(world: &World, host: usize) -> Pair {
    world.hosts[host].context(world.hosts[host].context_id(&world.ulids(host)).expect("a context")).pair()
}

fn fail(world: &mut World, failure: Failure) {
    let pair = pair_of(world, A);
    if failure != Failure::In {
        world.network.cut(pair.local, pair.peer);
    }
    if failure != Failure::Out {
        world.network.cut(pair.peer, pair.local);
    }
}

/// The longest time without payload at `host` since `from`, in milliseconds.
fn longest_gap(world: &World, host: usize, from: Instant) -> u64 {
    let me = world.ulids(host).local;
    let arrivals = world.delivered.iter().filter(|got| got.arrived.peer == me && got.at >= from);
    let mut before = from.as_millis();
    let mut longest = 0;
    for at in arrivals.map(|got| got.at.as_millis()).chain([world.now.as_millis()]) {
        longest = longest.max(at - before);
        before = at;
    }
    longest
}

/// Median and worst of the gaps at B (and at A, if it gets any payload) over many runs.
fn gaps(kind: Kind, failure: Failure, prepare: impl Fn(&mut World)) -> (u64, u64) {
    let mut gaps = Vec::new();
    for seed in 0..RUNS {
        let (mut world, mut upper) = settled(seed, kind, &prepare);
        let failed_at = world.now;
        fail(&mut world, failure);
        upper.run(&mut world, Duration::from_secs(3));
        let at_a = if matches!(kind, Kind::OneWay(_)) { 0 } else { longest_gap(&world, A, failed_at) };
        gaps.push(longest_gap(&world, B, failed_at).max(at_a));
        for host in [A, B] {
            let id = world.hosts[host].context_id(&world.ulids(host)).expect("a context");
            let state = world.hosts[host].context(id).reap().state();
            assert_eq!(state, ReapState::Operational, "{kind:?} {failure:?} seed {seed}");
        }
        world.check_invariants();
    }
    gaps.sort_unstable();
    println!("{kind:?} {failure:?}: {gaps:?}");
    (gaps[gaps.len() / 2], gaps[gaps.len() - 1])
}

fn check(kind: Kind, failure: Failure, goal: u64, prepare: impl Fn(&mut World)) {
    let (median, worst) = gaps(kind, failure, prepare);
    assert!(median <= goal, "{kind:?} {failure:?}: {median} ms, not {goal}");
    assert!(worst <= 2 * goal, "{kind:?} {failure:?}: {worst} ms at the worst, not {}", 2 * goal);
}

fn standby(world: &mut World) {
    for host in &mut world.hosts {
        host.settings.standby_interval = Duration::from_secs(1);
    }
}

#[test]
fn a_silent_failure_under_a_transport() {
    for failure in [Failure::Both, Failure::Out, Failure::In] {
        check(Kind::Bulk, failure, 95, |_| {});
    }
}

#[test]
fn a_silent_failure_under_sparse_messages() {
    // The failure is noticed by the next message, which may come 100 ms later, and which is lent another pair.
    for failure in [Failure::Both, Failure::Out, Failure::In] {
        check(Kind::Sparse, failure, 130, |_| {});
    }
}

#[test]
fn a_silent_failure_under_datagrams() {
    for failure in [Failure::Both, Failure::Out, Failure::In] {
        check(Kind::Datagrams(20), failure, 300, |_| {});
    }
    check(Kind::OneWay(20), Failure::Both, 500, |_| {});
    check(Kind::OneWay(20), Failure::Out, 500, |_| {});
}

#[test]
fn without_advice_the_send_timeout_decides() {
    for kind in [Kind::Datagrams(20), Kind::Sparse] {
        let strict = |world: &mut World| world.hosts.iter_mut().for_each(|host| host.settings = Settings::STRICT);
        let (mut world, mut upper) = settled(3, kind, strict);
        let failed_at = world.now;
        fail(&mut world, Failure::Both);
        upper.run(&mut world, Duration::from_secs(20));
        let gap = longest_gap(&world, B, failed_at);
        assert!((14_900..=16_500).contains(&gap), "{kind:?}: {gap} ms");
        for host in [A, B] {
            assert_eq!(world.hosts[host].count(Counter::Tests), 0);
        }
    }
}

#[test]
fn a_silent_failure_where_a_pair_stands_by() {
    let (without, _) = gaps(Kind::Bulk, Failure::Both, |_| {});
    let (with, _) = gaps(Kind::Bulk, Failure::Both, standby);
    // One lot of Probes instead of two, and a narrower margin for their answers.
    assert!(with + 5 <= without, "{with} ms with, {without} ms without");
}

#[test]
fn an_answer_is_missed_sooner_where_a_pair_stands_by() {
    let mut notes = Notes::default();
    for step in 1..=40 {
        let now = Instant::from_millis(5 * step);
        notes.sent(now);
        notes.asks(now);
        notes.keep_cadence(now + Duration::from_millis(4));
        notes.received(now + Duration::from_millis(4));
    }
    let now = Instant::from_millis(300);
    notes.asks(now);
    let missed_after = |patience| {
        notes.answer_missed_at(now, patience, Doubt::default()).expect("regular answers").since(now).as_millis()
    };
    assert_eq!([Patience::Usual, Patience::Eager, Patience::Lending].map(missed_after), [20, 12, 20]);
}

/// The alternative has a long way: who knows already that it works need not wait for it.
#[test]
fn with_a_pair_that_stands_by_nobody_waits_for_its_answer() {
    let far = |world: &mut World| {
        let (a, b) = (world.hosts[A].addresses(), world.hosts[B].addresses());
        for (mine, theirs) in [(0, 1), (1, 0), (1, 1)] {
            world.network.queue(a[mine], b[theirs], Duration::from_millis(60));
            world.network.queue(b[theirs], a[mine], Duration::from_millis(60));
        }
    };
    let (without, _) = gaps(Kind::Bulk, Failure::Out, far);
    let (with, _) = gaps(Kind::Bulk, Failure::Out, |world| {
        far(world);
        standby(world);
    });
    // The answer takes 140 ms; the silence of the current pair shows after some 35.
    assert!(with + 60 <= without, "{with} ms with, {without} ms without");
}

#[test]
fn the_loss_of_the_own_link() {
    for (kind, goal) in [(Kind::Bulk, 50), (Kind::Datagrams(20), 60)] {
        for (host, status) in [(A, LocalStatus::LinkDown), (B, LocalStatus::LinkDown), (B, LocalStatus::Absent)] {
            let mut gaps = Vec::new();
            for seed in 0..RUNS {
                let (mut world, mut upper) = settled(seed, kind, |_| {});
                let gone = world.ulids(host).local;
                for other in world.hosts[1 - host].addresses() {
                    world.network.cut(gone, other);
                    world.network.cut(other, gone);
                }
                let failed_at = world.now;
                world.set_local(host, gone, status, Cause::LinkDown);
                assert_ne!(pair_of(&world, host).local, gone, "at once, without waiting for any answer");
                upper.run(&mut world, Duration::from_millis(12));
                let told = pair_of(&world, 1 - host).peer;
                assert_eq!(told, gone, "who is told asks at the other locator first (RFC 5533 section 7.2)");
                upper.run(&mut world, Duration::from_millis(24));
                assert_ne!(pair_of(&world, 1 - host).peer, gone, "and moves when it answers, a round trip later");
                upper.run(&mut world, Duration::from_secs(2));
                gaps.push(longest_gap(&world, A, failed_at).max(longest_gap(&world, B, failed_at)));
                assert_eq!(world.hosts[host].count(Counter::Switches), 1, "seed {seed}");
                assert_eq!(world.hosts[1 - host].count(Counter::Switches), 1, "seed {seed}");
                world.check_invariants();
            }
            gaps.sort_unstable();
            println!("{kind:?} host {host} {status:?}: {gaps:?}");
            assert!(gaps[gaps.len() / 2] <= goal && gaps[gaps.len() - 1] <= 2 * goal, "{kind:?}: {gaps:?}");
        }
    }
}

/// The pair that is taken blindly is tested, too: if it does not work, one that answers is used.
#[test]
fn a_pair_taken_at_once_that_does_not_work_is_left_again() {
    for seed in 0..RUNS {
        let (mut world, mut upper) = settled(seed, Kind::Datagrams(20), |_| {});
        let (gone, blind) = (world.ulids(A).local, world.hosts[A].addresses()[1]);
        for other in world.hosts[B].addresses() {
            world.network.cut(gone, other);
            world.network.cut(other, gone);
        }
        // Of the two pairs left, the one to the locator at which the peer was last is dead.
        let (dead, second) = (world.ulids(A).peer, world.hosts[B].addresses()[1]);
        world.network.cut(blind, dead);
        world.network.cut(dead, blind);
        let failed_at = world.now;
        world.set_local(A, gone, LocalStatus::LinkDown, Cause::LinkDown);
        assert_eq!(pair_of(&world, A), Pair { local: blind, peer: dead });
        upper.run(&mut world, Duration::from_secs(2));
        assert_eq!(pair_of(&world, A), Pair { local: blind, peer: second });
        let gap = longest_gap(&world, B, failed_at);
        assert!(gap <= 150, "seed {seed}: {gap} ms");
    }
}

fn icmp(world: &mut World, over: Pair) -> bool {
    let quoted = Quoted { source: over.local, destination: over.peer, kind: QuotedKind::Other { protocol: 6 } };
    let error = IcmpError { kind: 1, code: 0, parameter: 0, quoted };
    let now = world.now;
    let World { hosts, network, rng, .. } = world;
    hosts[A].call(now, network, rng, |engine| engine.icmp_error(now, &error))
}

#[test]
fn a_router_that_says_unreachable() {
    for (kind, goal) in [(Kind::Bulk, 60), (Kind::Datagrams(20), 80)] {
        let mut gaps = Vec::new();
        for seed in 0..RUNS {
            let (mut world, mut upper) = settled(seed, kind, |_| {});
            let failed_at = world.now;
            fail(&mut world, Failure::Out);
            let over = world.ulids(A);
            // The first packet after the failure comes to a router half-way, whose error comes back.
            upper.run(&mut world, Duration::from_millis(10));
            assert!(icmp(&mut world, over));
            upper.run(&mut world, Duration::from_secs(2));
            gaps.push(longest_gap(&world, B, failed_at));
        }
        gaps.sort_unstable();
        println!("{kind:?}: {gaps:?}");
        assert!(gaps[gaps.len() / 2] <= goal && gaps[gaps.len() - 1] <= 2 * goal, "{kind:?}: {gaps:?}");
    }
}

#[test]
fn an_application_that_says_so() {
    let (mut world, mut upper) = settled(1, Kind::OneWay(20), |_| {});
    fail(&mut world, Failure::Both);
    world.advise(A, Advice::Suspect(Cause::Application));
    // Without a transport that measures the round trip there is no haste.
    upper.run(&mut world, Duration::from_millis(90));
    assert_ne!(pair_of(&world, A), world.ulids(A));
    assert_eq!(world.hosts[A].count(Counter::AdviceApplication), 1);
}

/// What the context remembers of its switches.
#[test]
fn the_last_four_switches_are_remembered() {
    let (mut world, mut upper) = settled(2, Kind::Datagrams(20), |world| {
        world.hosts.iter_mut().for_each(|host| host.settings.return_time = Duration::ZERO);
    });
    let mut times = Vec::new();
    for _ in 0..6 {
        world.network.heal();
        upper.run(&mut world, Duration::from_secs(15));
        fail(&mut world, Failure::Both);
        times.push(world.now);
        upper.run(&mut world, Duration::from_secs(2));
    }
    let id = world.hosts[A].context_id(&world.ulids(A)).expect("a context");
    let context = world.hosts[A].context(id);
    let past = world.hosts[A].past(id);
    let switches: Vec<_> = past.switches(context.created()).collect();
    assert_eq!(switches.len(), 4);
    for (switch, failed_at) in switches.iter().zip(times.iter().rev()) {
        assert!(switch.at.since(*failed_at).as_millis() < 300 && switch.at > *failed_at, "{switches:?}");
        assert!((50..300).contains(&switch.silence.as_millis()), "{switches:?}");
        assert!(matches!(switch.cause, Cause::Cadence | Cause::PeerExploring), "{switches:?}");
    }
    assert_eq!(Some(switches[0].at), context.switched_at());
}

/// Every source of advice can be turned off.
#[test]
fn advice_that_is_not_wanted_is_not_heeded() {
    for cause in [Cause::IcmpError, Cause::Transport, Cause::Application] {
        let (mut world, mut upper) = settled(4, Kind::OneWay(20), |world| {
            world.hosts[A].settings = Settings { parallel_probes: 4, ..Settings::STRICT };
        });
        fail(&mut world, Failure::Both);
        let over = world.ulids(A);
        match cause {
            Cause::IcmpError => assert!(!icmp(&mut world, over), "left to the upper layers"),
            _ => world.advise(A, Advice::Suspect(cause)),
        }
        upper.run(&mut world, Duration::from_secs(1));
        assert_eq!(world.hosts[A].count(Counter::Explorations), 0, "{cause:?}");
    }
    let (mut world, _) = settled(5, Kind::OneWay(20), |world| world.hosts[A].settings.advice_local = false);
    let gone = world.ulids(A).local;
    world.set_local(A, gone, LocalStatus::LinkDown, Cause::LinkDown);
    assert_eq!(pair_of(&world, A).local, gone, "not before a Probe was answered");
    world.run(Duration::from_millis(100));
    assert_ne!(pair_of(&world, A).local, gone);
}

fn addresses(world: &World) -> (Vec<Addr>, Vec<Addr>) {
    (world.hosts[A].addresses(), world.hosts[B].addresses())
}

/// A peer that follows RFC 5534 alone goes on working with one that heeds advice.
#[test]
fn a_peer_without_advice_follows() {
    for failure in [Failure::Both, Failure::Out] {
        for kind in [Kind::Bulk, Kind::Sparse] {
            let (median, worst) = gaps(kind, failure, |world| world.hosts[B].settings = Settings::STRICT);
            assert!(median <= 200 && worst <= 400, "{kind:?} {failure:?}: {median} ms, {worst} ms");
        }
    }
    let (mut world, mut upper) = settled(7, Kind::Datagrams(20), |world| world.hosts[B].settings = Settings::STRICT);
    let (mine, theirs) = addresses(&world);
    for other in &theirs {
        world.network.cut(mine[0], *other);
        world.network.cut(*other, mine[0]);
    }
    let failed_at = world.now;
    world.set_local(A, mine[0], LocalStatus::LinkDown, Cause::LinkDown);
    upper.run(&mut world, Duration::from_secs(2));
    assert!(longest_gap(&world, A, failed_at) <= 100);
    assert!(longest_gap(&world, B, failed_at) <= 60);
}
