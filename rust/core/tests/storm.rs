// SPDX-License-Identifier: MIT OR GPL-2.0
//! Everything at once, at random: payload, failures and repairs of paths, addresses that come and go, reboots, hints,
//! and messages of an attacker who repeats and damages what he saw. After each step the invariants hold; when the storm is
//! over and the paths work, both ends agree and payload flows. The seed of a storm that fails is printed. Two variables
//! of the environment are for longer runs: `SHIM6_STORM_STEPS`, the steps to be taken in all (arrivals and timers), and
//! `SHIM6_STORM_SEED`, the seed of the first storm; each storm has the seed after that of the one before.

mod common;
mod pair;

use pair::{Datagram, World, A, B};
use shim6_core::context::State;
use shim6_core::engine::{Advice, Cause};
use shim6_core::locator::LocalStatus;
use shim6_core::reap::ReapState;
use shim6_core::time::Duration;

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
    let (mut steps, mut storms) = (0, 0);
    while steps < wanted {
        let seed = first + storms;
        let outcome = std::panic::catch_unwind(|| storm(seed));
        match outcome {
            Ok(taken) => steps += taken,
            Err(panic) => {
                eprintln!("storm with seed {seed} failed");
                std::panic::resume_unwind(panic);
            }
        }
        storms += 1;
    }
    println!("{storms} storms from seed {first}, {steps} steps");
}

fn storm(seed: u64) -> u64 {
    let mut world = World::new(seed, [2 + (seed % 2) as u16, 2 + (seed / 2 % 2) as u16]);
    world.network.loss = world.below(20);
    world.network.repeats = world.below(20);
    world.network.jitter = Duration::from_millis(world.below(300));
    for host in [A, B] {
        world.hosts[host].env.few_tags = seed % 5 == 4;
    }
    world.start(A);
    for _ in 0..DISTURBANCES {
        disturb(&mut world);
        let span = Duration::from_millis(1 + world.below(3000));
        let talking = [&[][..], &[A], &[B], &[A, B]][world.below(4) as usize];
        world.talk(span, Duration::from_millis(250), talking);
        world.check_invariants();
    }
    calm(&mut world);
    world.steps
}

fn disturb(world: &mut World) {
    let host = world.below(2) as usize;
    let address = some(world, host);
    let other = some(world, 1 - host);
    match world.below(24) {
        0..=3 => world.network.cut(address, other),
        4..=6 => world.network.heal(),
        7 => world.set_local(host, address, LocalStatus::LinkDown, Cause::LinkDown),
        8 => world.set_local(host, address, LocalStatus::Absent, Cause::AddressRemoved),
        9 => world.set_local(host, address, LocalStatus::Deprecated, Cause::Preference),
        10..=12 => world.set_local(host, address, LocalStatus::Usable, Cause::Preference),
        13 => world.hosts[host].forget_everything(),
        14 => advise(world, host, Advice::Explore(Cause::Administrator)),
        15 => advise(world, host, Advice::Suspect(Cause::SendTimeout)),
        16 => advise(world, host, Advice::Working),
        17..=18 => world.start(host),
        _ => forge(world, host),
    }
}

fn some(world: &mut World, host: usize) -> shim6_core::addr::Addr {
    let addresses = world.hosts[host].addresses();
    addresses[world.below(addresses.len() as u32) as usize]
}

fn advise(world: &mut World, host: usize, advice: Advice) {
    if world.hosts[host].state(&world.ulids(host)) == Some(State::Established) {
        world.advise(host, advice);
    }
}

/// A message seen before arrives again, as it was or damaged, or from elsewhere.
fn forge(world: &mut World, host: usize) {
    let seen = world.network.control_seen.len() as u32;
    if seen == 0 {
        return;
    }
    let which = world.below(seen) as usize;
    let mut datagram: Datagram = world.network.control_seen[which].clone();
    if world.below(2) == 0 {
        datagram.source = some(world, 1 - host);
        datagram.destination = some(world, host);
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
fn calm(world: &mut World) {
    world.network.heal();
    world.network.loss = 0;
    world.network.repeats = 0;
    world.network.jitter = Duration::ZERO;
    for host in [A, B] {
        for address in world.hosts[host].addresses() {
            world.set_local(host, address, LocalStatus::Usable, Cause::Preference);
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
    world.check_invariants();
}
