// SPDX-License-Identifier: MIT OR GPL-2.0
//! No false alarm: paths that work, however badly, are not left. Packets are lost and overtake each other, answers vary by as
//! much as a round trip, a queue grows and empties, traffic rests and bursts, and all advice is on. What it costs in Probes
//! is counted. `SHIM6_CALM_HOURS` in the environment is for longer runs: the hours on the virtual clock, all weathers and
//! kinds of traffic together; `SHIM6_CALM_SEED` the first seed; `SHIM6_CALM_ONLY=All,Sparse` one weather and kind only.

mod pair;

use pair::{Kind, Upper, World, A};
use shim6_core::engine::Counter;
use shim6_core::time::{Duration, Instant};
use shim6_core::wire::MessageType;

/// Minutes of an ordinary run for each weather and kind of traffic.
const MINUTES: u64 = 2;
/// What is looked at together.
const SLICE: Duration = Duration::from_secs(30);

/// What the network does while it works.
#[derive(Clone, Copy, Debug)]
enum Weather {
    /// 5 of 100 packets are lost.
    Loss,
    /// Each packet takes up to a round trip longer, so that they overtake each other.
    Jitter,
    /// The queue of the current pair grows to 300 ms and empties again, both ways.
    Queue,
    /// The same in the way of what host A sends alone.
    QueueOut,
    /// Some of all.
    All,
}

const WEATHERS: [Weather; 5] = [Weather::Loss, Weather::Jitter, Weather::Queue, Weather::QueueOut, Weather::All];
const KINDS: [Kind; 6] =
    [Kind::Bulk, Kind::Sparse, Kind::Datagrams(20), Kind::Datagrams(5), Kind::OneWay(20), Kind::Bursts];

fn variable(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} is no number: {text}")))
}

#[test]
fn paths_that_work_are_not_left() {
    let cells = (WEATHERS.len() * KINDS.len()) as u64;
    let minutes = variable("SHIM6_CALM_HOURS").map_or(MINUTES, |hours| (hours * 60).div_ceil(cells));
    let first = variable("SHIM6_CALM_SEED").unwrap_or(1);
    let only = std::env::var("SHIM6_CALM_ONLY").ok();
    let mut switches = 0;
    for (place, weather) in WEATHERS.into_iter().enumerate() {
        for (other, kind) in KINDS.into_iter().enumerate() {
            if only.as_ref().is_some_and(|only| *only != format!("{weather:?},{kind:?}")) {
                continue;
            }
            let seed = first + (place * KINDS.len() + other) as u64;
            switches += calm(weather, kind, seed, minutes);
        }
    }
    println!("{} hours in all from seed {first}", minutes * cells / 60);
    assert_eq!(switches, 0, "a path that works was left");
}

/// The switches of both hosts in so many minutes.
fn calm(weather: Weather, kind: Kind, seed: u64, minutes: u64) -> u64 {
    let mut world = World::new(seed, [2, 2]);
    if seed / 2 % 2 == 0 {
        world.hosts.iter_mut().for_each(|host| host.settings.standby_interval = Duration::from_secs(1));
    }
    world.start(A);
    world.run(Duration::from_millis(60));
    assert!(world.is_agreed());
    begin(&mut world, weather);
    let mut upper = Upper::new(kind, &world);
    let began = world.now;
    let end = began.as_millis() + minutes * 60_000;
    while world.now.as_millis() < end {
        slice(&mut world, &mut upper, weather);
        upper.forget(&mut world);
        check_load(&world, began);
    }
    let sum = |counter: Counter| world.hosts.iter().map(|host| host.count(counter)).sum::<u64>();
    let a_minute =
        |counter: Counter| sum(counter) as f64 * 60_000.0 / (world.now.as_millis() - began.as_millis()) as f64;
    let switches = sum(Counter::Switches);
    println!(
        "{weather:?} {kind:?} seed {seed}: {switches} switches; a minute: {:.1} tests, {:.1} Probes, {:.1} Keepalives",
        a_minute(Counter::Tests),
        a_minute(Counter::Tx(MessageType::Probe)),
        a_minute(Counter::Tx(MessageType::Keepalive)),
    );
    switches
}

/// Of the Probes so far, each test has as many as the settings say, within the limit a second; each of these is answered, and
/// the answer answered. So is, once, what asks after the current pair or one that stands by. Packets that arrive twice are
/// answered twice.
fn check_load(world: &World, began: Instant) {
    let seconds = u64::from(world.now.since(began).as_secs()) + 2;
    let (mut tested, mut asked, mut sent) = (0, 0, 0);
    for host in &world.hosts {
        let settings = &host.settings;
        let a_test = u64::from(settings.test_probes) + u64::from(settings.parallel_probes) - 1;
        let of_tests = host.count(Counter::Tests) * a_test;
        assert!(of_tests <= u64::from(settings.test_limit) * seconds, "{of_tests} Probes of tests in {seconds} s");
        tested += of_tests;
        let interval = u64::from(settings.standby_interval.as_millis());
        asked += host.count(Counter::AdviceCadence) + (seconds * 1000).checked_div(interval).unwrap_or(0);
        sent += host.count(Counter::Tx(MessageType::Probe));
    }
    let most = 3 * tested + 2 * asked;
    // Chance has its share.
    let twice = most * u64::from(world.network.repeats) / 50 + most / 25 + 10;
    assert!(sent <= most + twice, "{sent} Probes in {seconds} s: {tested} of tests, {asked} that ask");
}

fn begin(world: &mut World, weather: Weather) {
    match weather {
        Weather::Loss => world.network.loss = 5,
        Weather::Jitter => world.network.jitter = Duration::from_millis(20),
        Weather::Queue | Weather::QueueOut => {}
        Weather::All => {
            world.network.loss = 2;
            world.network.jitter = Duration::from_millis(10);
            world.network.repeats = 1;
        }
    }
}

/// A slice of time, in which a queue may grow, full within two to eight seconds, and empty.
fn slice(world: &mut World, upper: &mut Upper, weather: Weather) {
    if matches!(weather, Weather::Loss | Weather::Jitter) {
        return upper.run(world, SLICE);
    }
    let ulids = world.ulids(A);
    let end = world.now + SLICE;
    while world.now < end {
        let steps = 20 + world.below(60);
        for step in (0..=steps).chain((0..steps).rev()) {
            let wait = Duration::from_millis(300 * step / steps);
            world.network.queue(ulids.local, ulids.peer, wait);
            if !matches!(weather, Weather::QueueOut) {
                world.network.queue(ulids.peer, ulids.local, wait);
            }
            upper.run(world, Duration::from_millis(100));
        }
        let rest = Duration::from_millis(world.below(5_000));
        upper.run(world, rest);
    }
}
