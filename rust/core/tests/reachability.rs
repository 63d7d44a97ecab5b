// SPDX-License-Identifier: MIT OR GPL-2.0
//! Failures of paths, and what the hosts do about them.

mod pair;

use pair::{World, A, B};
use shim6_core::engine::{Cause, Counter};
use shim6_core::locator::LocalStatus;
use shim6_core::reap::ReapState;
use shim6_core::settings::Settings;
use shim6_core::time::Duration;
use shim6_core::wire::MessageType;

const TICK: Duration = Duration::from_millis(100);

fn established(seed: u64, addresses: [u16; 2]) -> World {
    let mut world = World::new(seed, addresses);
    world.start(A);
    world.run(Duration::from_secs(1));
    assert!(world.is_agreed());
    world.talk(Duration::from_secs(10), TICK, &[A, B]);
    world
}

/// The longest time without payload at `host` since `from`, in milliseconds.
fn longest_gap(world: &World, host: usize, from: shim6_core::time::Instant) -> u64 {
    let me = world.ulids(host).local;
    let arrivals = world.delivered.iter().filter(|d| d.arrived.peer == me && d.at >= from).map(|d| d.at.as_millis());
    let mut before = from.as_millis();
    let mut longest = 0;
    for at in arrivals.chain([world.now.as_millis()]) {
        longest = longest.max(at - before);
        before = at;
    }
    longest
}

#[test]
fn quiet_contexts_send_nothing() {
    let mut world = established(1, [2, 2]);
    world.run(Duration::from_secs(30));
    let before = world.network.control_seen.len();
    world.run(Duration::from_secs(3000));
    let after = world.network.control_seen.len();
    assert_eq!(after, before, "a context at rest sends nothing");
    for host in [A, B] {
        assert_eq!(world.hosts[host].count(Counter::Explorations), 0);
    }
}

#[test]
fn one_way_traffic_is_answered_by_keepalives_and_causes_no_exploration() {
    let mut world = established(2, [2, 2]);
    world.talk(Duration::from_secs(300), TICK, &[A]);
    let keepalives = world.hosts[B].count(Counter::Tx(MessageType::Keepalive));
    assert!((40..=75).contains(&keepalives), "{keepalives} Keepalives in 300 s");
    assert_eq!(world.hosts[A].count(Counter::Explorations), 0);
}

#[test]
fn blackholes_of_every_direction_are_left() {
    for seed in 0..60 {
        let mut world = established(seed, [2, 2]);
        let ulids = world.ulids(A);
        let failed_at = world.now;
        if seed % 3 != 1 {
            world.network.cut(ulids.local, ulids.peer);
        }
        if seed % 3 != 2 {
            world.network.cut(ulids.peer, ulids.local);
        }
        world.talk(Duration::from_secs(60), TICK, &[A, B]);
        for host in [A, B] {
            let gap = longest_gap(&world, host, failed_at);
            assert!(gap <= 20_000, "seed {seed}: host {host} heard nothing for {gap} ms");
            let id = world.hosts[host].context_id(&world.ulids(host)).expect("a context");
            assert_eq!(world.hosts[host].context(id).reap().state(), ReapState::Operational, "seed {seed}");
        }
        world.check_invariants();
    }
}

#[test]
fn unidirectional_paths_are_found_and_used() {
    let mut world = established(5, [2, 2]);
    let (a, b) = (world.hosts[A].addresses(), world.hosts[B].addresses());
    for (i, source) in a.iter().enumerate() {
        for (j, destination) in b.iter().enumerate() {
            if (i, j) != (0, 1) {
                world.network.cut(*source, *destination);
            }
            if (i, j) != (1, 0) {
                world.network.cut(*destination, *source);
            }
        }
    }
    let failed_at = world.now;
    world.talk(Duration::from_secs(90), TICK, &[A, B]);
    let late = failed_at + Duration::from_secs(60);
    for host in [A, B] {
        let gap = longest_gap(&world, host, late);
        assert!(gap <= 200, "host {host}: {gap} ms in the last half minute");
    }
}

#[test]
fn the_loss_of_the_own_link_is_acted_on_at_once() {
    let mut world = established(6, [2, 2]);
    let gone = world.ulids(A).local;
    let peers = world.hosts[B].addresses();
    for peer in peers {
        world.network.cut(gone, peer);
        world.network.cut(peer, gone);
    }
    let failed_at = world.now;
    world.set_local(A, gone, LocalStatus::LinkDown, Cause::LinkDown);
    world.talk(Duration::from_secs(5), Duration::from_millis(5), &[A, B]);
    for host in [A, B] {
        let gap = longest_gap(&world, host, failed_at);
        assert!(gap <= 60, "host {host} heard nothing for {gap} ms");
    }
    world.check_invariants();
}

#[test]
fn a_lost_ulid_ends_its_contexts() {
    let mut world = established(7, [2, 2]);
    let ulid = world.ulids(A).local;
    world.set_local(A, ulid, LocalStatus::Invalid, Cause::AddressRemoved);
    assert!(world.hosts[A].table.nodes.is_empty());
}

/// Nothing acknowledges the locators in R2, so the responder waits for a sign that the initiator has them.
#[test]
fn locators_that_the_peer_may_not_know_are_not_used_as_sources() {
    let mut world = World::new(8, [2, 2]);
    world.hosts[B].settings = Settings::STRICT;
    world.start(A);
    world.run(Duration::from_secs(1));
    assert!(world.is_agreed());
    let gone = world.ulids(B).local;
    world.set_local(B, gone, LocalStatus::LinkDown, Cause::LinkDown);
    assert_eq!(world.hosts[B].count(Counter::Tx(MessageType::Probe)), 0, "too early for the other address");
    world.talk(Duration::from_secs(30), TICK, &[A, B]);
    let id = world.hosts[B].context_id(&world.ulids(B)).expect("a context");
    assert_ne!(world.hosts[B].context(id).pair().local, gone);
}
