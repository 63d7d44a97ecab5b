// SPDX-License-Identifier: MIT OR GPL-2.0
//! Everything at once, at random: payload between several ULIDs, forked instances, loss, repetition and reordering, failures
//! and repairs of paths, addresses that come and go, reboots, hints, collection, and an attacker off the path and on it.
//!
//! What must hold: no payload is ever delivered between other ULIDs than it was sent between; no tag is that of two
//! contexts; every locator of a context is one of the peer's own; a forged message leaves every verified context as it was;
//! what is held for a while (exchanges, explorations, updates) is given back; when the storm is over and the paths work both
//! ends agree, payload flows and nothing remains to be told; and when nobody talks any more no context is left.
//! The seed of a storm that fails is printed. Two variables
//! of the environment are for longer runs: `SHIM6_STORM_STEPS`, the steps to be taken in all (arrivals and timers), and
//! `SHIM6_STORM_SEED`, the seed of the first storm; each storm has the seed after that of the one before.

mod common;
mod pair;

use pair::{Datagram, World, A, B};
use shim6_core::context::State;
use shim6_core::engine::{Advice, Cause, Contexts};
use shim6_core::locator::{LocalStatus, Pair};
use shim6_core::reap::ReapState;
use shim6_core::time::Duration;
use shim6_core::wire::Fii;
use std::collections::BTreeMap;

/// Steps of an ordinary run, which takes some seconds.
const STEPS: u64 = 500_000;
/// Things done in a storm, each followed by some of the virtual time in which the network and the timers work.
const DISTURBANCES: u32 = 120;

fn variable(name: &str, otherwise: u64) -> u64 {
    match std::env::var(name) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{name} is no number: {text}")),
        Err(_) => otherwise,
    }
}

#[test]
fn after_any_storm_the_hosts_agree() {
    let (wanted, first) = (variable("SHIM6_STORM_STEPS", STEPS), variable("SHIM6_STORM_SEED", 0));
    let (mut total, mut storms) = (Outcome::default(), 0);
    while total.steps < wanted {
        let seed = first + storms;
        let outcome = std::panic::catch_unwind(|| storm(seed));
        match outcome {
            Ok(outcome) => total.add(outcome),
            Err(panic) => {
                eprintln!("storm with seed {seed} failed");
                std::panic::resume_unwind(panic);
            }
        }
        storms += 1;
    }
    println!(
        "{storms} storms from seed {first}, {} steps, {} packets under a tag used again",
        total.steps, total.rejected
    );
    for (what, count) in &total.counts {
        println!("{count:10} {what}");
    }
    // Storms in which this does not happen show little.
    for what in ["ContextsRecovered", "Switches", "DropValidator", "DropVerification", "DropNonce", "Tx(Error)"] {
        assert!(total.counts.get(what).is_some_and(|count| *count > 0), "no {what} in all storms");
    }
}

/// Contexts that a storm begins: between any addresses, and some of an instance of their own.
struct Plan {
    pairs: Vec<(Pair, Fii)>,
    /// Somebody on the path writes into what he sees. He can have a list that was told long ago told again.
    tampered: bool,
}

fn storm(seed: u64) -> Outcome {
    let mut world = World::new(seed, [2 + (seed % 2) as u16, 2 + (seed / 2 % 2) as u16]);
    world.network.loss = world.below(20);
    world.network.repeats = world.below(20);
    world.network.jitter = Duration::from_millis(world.below(300));
    for host in [A, B] {
        world.hosts[host].env.few_tags = seed % 5 == 4;
        // Short enough for contexts to be collected in the middle of it, in some.
        world.hosts[host].settings.idle_timeout = Duration::from_secs([600, 5][(seed % 3 == 2) as usize]);
    }
    let mut pairs = vec![(world.ulids(A), Fii::DEFAULT)];
    for instance in 0..seed % 4 {
        pairs.push((world.some_pair(A), Fii((instance % 2) as u32)));
    }
    let plan = Plan { pairs, tampered: seed % 2 == 1 };
    world.start(A);
    for _ in 0..DISTURBANCES {
        disturb(&mut world, &plan);
        let span = Duration::from_millis(1 + world.below(3000));
        let talking = [&[][..], &[A], &[B], &[A, B]][world.below(4) as usize];
        world.talk(span, Duration::from_millis(250), talking);
        check(&mut world);
    }
    calm(&mut world, &plan);
    silence(&mut world);
    Outcome::of(&world)
}

/// What holds at any time. What was delivered is looked at once.
fn check(world: &mut World) {
    world.check_invariants();
    world.check_locators();
    world.delivered.clear();
}

fn disturb(world: &mut World, plan: &Plan) {
    let host = world.below(2) as usize;
    let address = world.some_address(host);
    let other = world.some_address(1 - host);
    match world.below(32) {
        0..=3 => world.network.cut(address, other),
        4..=6 => world.network.heal(),
        7 => world.set_local(host, address, LocalStatus::LinkDown, Cause::LinkDown),
        8 => world.set_local(host, address, LocalStatus::Absent, Cause::AddressRemoved),
        9 => world.set_local(host, address, LocalStatus::Deprecated, Cause::Preference),
        10 => world.set_local(host, address, LocalStatus::Invalid, Cause::AddressRemoved),
        11..=12 => world.set_local(host, address, LocalStatus::Usable, Cause::Preference),
        13 => world.hosts[host].forget_everything(),
        14 => advise(world, host, Advice::Explore(Cause::Administrator)),
        15 => advise(world, host, Advice::Suspect(Cause::SendTimeout)),
        16 => advise(world, host, Advice::Working),
        17..=18 => world.start(host),
        19..=20 => start_another(world, host, plan),
        21..=22 => talk_elsewhere(world, host, plan),
        23 => world.collect(host),
        24 => world.attack_with_payload(host),
        25 => world.attack_with_update(host),
        26..=27 => world.attack_blindly(host),
        _ if plan.tampered => repeat(world, host),
        _ => world.attack_blindly(host),
    }
}

fn start_another(world: &mut World, host: usize, plan: &Plan) {
    let (ulids, fii) = plan.pairs[world.below(plan.pairs.len() as u32) as usize];
    world.start_between(host, seen_by(host, ulids), fii);
}

/// Payload between ULIDs of the plan.
fn talk_elsewhere(world: &mut World, host: usize, plan: &Plan) {
    let (ulids, _) = plan.pairs[world.below(plan.pairs.len() as u32) as usize];
    for _ in 0..3 {
        world.send_between(host, seen_by(host, ulids));
        world.send_between(1 - host, seen_by(1 - host, ulids));
        world.run(Duration::from_millis(50));
    }
}

/// A pair that A sees so, as this host sees it.
fn seen_by(host: usize, ulids: Pair) -> Pair {
    if host == A {
        ulids
    } else {
        Pair { local: ulids.peer, peer: ulids.local }
    }
}

fn advise(world: &mut World, host: usize, advice: Advice) {
    if world.hosts[host].state(&world.ulids(host)) == Some(State::Established) {
        world.advise(host, advice);
    }
}

/// A message seen before arrives again, as it was or damaged, or from elsewhere: what an attacker on the path can do. No
/// invariant breaks by it, though he may well bring an exchange about.
fn repeat(world: &mut World, host: usize) {
    let seen = world.network.control_seen.len() as u32;
    if seen == 0 {
        return;
    }
    let which = world.below(seen) as usize;
    let mut datagram: Datagram = world.network.control_seen[which].clone();
    if world.below(2) == 0 {
        datagram.source = world.some_address(1 - host);
        datagram.destination = world.some_address(host);
    }
    if let pair::Body::Control(octets) = &mut datagram.body {
        for _ in 0..world.below(3) {
            // Not the length, which the seal goes by.
            let at = 2 + world.below(octets.len() as u32 - 2) as usize;
            octets[at] ^= 1 << world.below(8);
        }
        common::seal(octets);
    }
    world.inject(host, datagram);
}

/// The paths and addresses work again, and both ends talk: what must hold then.
fn calm(world: &mut World, plan: &Plan) {
    world.network.heal();
    world.network.loss = 0;
    world.network.repeats = 0;
    world.network.jitter = Duration::ZERO;
    for host in [A, B] {
        for address in world.hosts[host].addresses() {
            world.set_local(host, address, LocalStatus::Usable, Cause::Preference);
        }
    }
    if plan.tampered {
        // The next thing that is told mends that.
        world.talk(Duration::from_secs(200), Duration::from_millis(500), &[A, B]);
        for host in [A, B] {
            let last = world.hosts[host].addresses().pop().expect("an address");
            world.set_local(host, last, LocalStatus::LinkDown, Cause::LinkDown);
            world.set_local(host, last, LocalStatus::Usable, Cause::Preference);
        }
    }
    // Longer than the longest hold-down, the longest interval of Probes, and the retransmission of Update Requests.
    world.talk(Duration::from_secs(300), Duration::from_millis(500), &[A, B]);
    for host in [A, B] {
        if world.hosts[host].state(&world.ulids(host)).is_none() {
            world.start(host);
        }
    }
    world.talk(Duration::from_secs(30), Duration::from_millis(500), &[A, B]);
    // An I2 that is seen on the way and repeated within its validator's lifetime brings back the tag of a context that its
    // sender has lost since (only age limits replay). Payload between the ULIDs does not notice; the first message that
    // bears the tag finds out, and R1bis mends it.
    for host in [A, B] {
        advise(world, host, Advice::Explore(Cause::Administrator));
        world.talk(Duration::from_secs(30), Duration::from_millis(500), &[A, B]);
    }
    world.talk(Duration::from_secs(60), Duration::from_millis(500), &[A, B]);
    assert!(world.is_agreed(), "the hosts do not agree: {:?}", world.summary());
    for host in [A, B] {
        let id = world.hosts[host].context_id(&world.ulids(host)).expect("a context");
        let context = world.hosts[host].context(id);
        assert_eq!(context.reap().state(), ReapState::Operational, "host {host}: {:?}", world.summary());
        assert!(context.update().is_none(), "host {host} still tells its locators: {:?}", world.summary());
        assert_eq!(context.peer_locators().list().len(), world.hosts[1 - host].addresses().len());
    }
    let before = world.delivered.len();
    world.talk(Duration::from_secs(10), Duration::from_millis(100), &[A, B]);
    assert!(world.delivered.len() - before >= 195, "payload is lost on good paths: {:?}", world.summary());
    agree_on_all(world, plan);
    check(world);
}

/// Contexts that have nothing to say may differ between the hosts; as soon as each end tests its own they agree.
fn agree_on_all(world: &mut World, plan: &Plan) {
    let has = |world: &World, ulids: Pair, fii: Fii| {
        [A, B].map(|host| world.hosts[host].table.by_ulids(&seen_by(host, ulids), fii))
    };
    for round in 0..3 {
        for (ulids, fii) in &plan.pairs {
            for (host, id) in has(world, *ulids, *fii).into_iter().enumerate() {
                if let Some(id) = id.filter(|id| world.hosts[host].context(*id).state() == State::Established) {
                    world.advise_of(host, id, Advice::Explore(Cause::Administrator));
                }
            }
            world.talk(Duration::from_secs(30), Duration::from_secs(1), &[A, B]);
        }
        let agreed =
            |(ulids, fii): &(Pair, Fii)| has(world, *ulids, *fii) == [None, None] || world.is_agreed_on(*ulids, *fii);
        if plan.pairs.iter().all(agreed) {
            return;
        }
        assert!(round < 2, "the hosts differ over {:?}", plan.pairs.iter().find(|pair| !agreed(pair)));
    }
}

/// Nobody talks any more: of all contexts nothing is left in the end, and no timer runs for ever.
fn silence(world: &mut World) {
    world.run(Duration::from_secs(1200));
    for host in [A, B] {
        world.hosts[host].settings.idle_timeout = Duration::from_secs(600);
        world.collect(host);
        let left = world.hosts[host].table.nodes.len();
        assert_eq!(left, 0, "{left} contexts are left: {:?}", world.summary());
    }
}

/// What a storm was made of.
#[derive(Default)]
struct Outcome {
    steps: u64,
    rejected: u64,
    counts: BTreeMap<String, u64>,
}

impl Outcome {
    fn of(world: &World) -> Outcome {
        let mut outcome = Outcome { steps: world.steps, rejected: world.rejected, counts: BTreeMap::new() };
        for (what, count) in world.hosts.iter().flat_map(|host| &host.env.counts) {
            *outcome.counts.entry(what.clone()).or_default() += count;
        }
        outcome
    }

    fn add(&mut self, other: Outcome) {
        self.steps += other.steps;
        self.rejected += other.rejected;
        for (what, count) in other.counts {
            *self.counts.entry(what).or_default() += count;
        }
    }
}
