// SPDX-License-Identifier: MIT OR GPL-2.0
//! Which addresses of this host are told to peers and used, as their status and policy change (RFC 5534 sections 3.1 and
//! 3.2).

mod pair;

use pair::{Body, World, A, B};
use shim6_core::addr::Addr;
use shim6_core::engine::{Advice, Cause, Counter};
use shim6_core::locator::{LocalSet, LocalStatus, SetError};
use shim6_core::time::Duration;
use shim6_core::wire::{Message, MessageType, Preference};

const TICK: Duration = Duration::from_millis(100);

/// A world in which `prepare` had its way with host A before the exchange.
fn established(seed: u64, addresses: u16, prepare: impl FnOnce(&mut World, &[Addr])) -> World {
    let mut world = World::new(seed, [addresses, 2]);
    let mine = world.hosts[A].addresses();
    prepare(&mut world, &mine);
    world.start(A);
    world.talk(Duration::from_secs(5), TICK, &[A, B]);
    assert!(world.is_agreed());
    world
}

/// What B knows of A's locators: the address, and whether it is broken.
fn known(world: &World) -> Vec<(Addr, bool)> {
    let id = world.hosts[B].context_id(&world.ulids(B)).expect("a context");
    let list = world.hosts[B].context(id).peer_locators().list();
    list.iter().map(|locator| (locator.addr, locator.preference.is_broken())).collect()
}

/// Explores without any answer for a while, and returns the addresses from which A sent anything.
fn sources(world: &mut World) -> Vec<Addr> {
    for source in world.hosts[A].addresses() {
        for destination in world.hosts[B].addresses() {
            world.network.cut(source, destination);
        }
    }
    world.network.log = Some(Vec::new());
    world.advise(A, Advice::Explore(Cause::Administrator));
    world.talk(Duration::from_secs(60), TICK, &[A]);
    let mine = world.hosts[A].addresses();
    let log = world.network.log.take().expect("a log");
    let mut sources: Vec<_> = log.iter().map(|(_, sent)| sent.source).filter(|source| mine.contains(source)).collect();
    sources.sort_unstable();
    sources.dedup();
    sources
}

#[test]
fn a_tentative_address_is_neither_told_nor_used() {
    let mut world = established(1, 3, |world, mine| {
        world.hosts[A].env.set.set_status(&mine[1], LocalStatus::Tentative);
    });
    let mine = world.hosts[A].addresses();
    assert!(known(&world).iter().all(|(address, _)| *address != mine[1]));
    assert!(!sources(&mut world).contains(&mine[1]));
}

#[test]
fn an_address_comes_into_use_when_it_is_ready() {
    let mut world = established(2, 3, |world, mine| {
        world.hosts[A].env.set.set_status(&mine[1], LocalStatus::Tentative);
    });
    let mine = world.hosts[A].addresses();
    world.set_local(A, mine[1], LocalStatus::Usable, Cause::Preference);
    world.run(Duration::from_secs(1));
    assert!(known(&world).contains(&(mine[1], false)), "told by Update Request");
    assert!(world.hosts[A].count(Counter::Tx(MessageType::UpdateRequest)) >= 1);
    assert!(sources(&mut world).contains(&mine[1]));
}

#[test]
fn an_address_that_is_no_longer_valid_is_neither_told_nor_used() {
    let mut world = established(3, 3, |_, _| {});
    let mine = world.hosts[A].addresses();
    world.set_local(A, mine[1], LocalStatus::Invalid, Cause::AddressRemoved);
    world.talk(Duration::from_secs(2), TICK, &[A, B]);
    assert!(known(&world).iter().all(|(address, _)| *address != mine[1]));
    assert!(!sources(&mut world).contains(&mine[1]));
}

#[test]
fn a_lost_address_is_told_as_broken_and_not_used() {
    for status in [LocalStatus::LinkDown, LocalStatus::Absent] {
        let mut world = established(4, 3, |_, _| {});
        let mine = world.hosts[A].addresses();
        world.set_local(A, mine[1], status, Cause::LinkDown);
        world.talk(Duration::from_secs(2), TICK, &[A, B]);
        assert!(known(&world).contains(&(mine[1], true)), "{status:?}");
        assert!(!sources(&mut world).contains(&mine[1]), "{status:?}");
        world.network.heal();
        world.set_local(A, mine[1], LocalStatus::Usable, Cause::Preference);
        world.talk(Duration::from_secs(90), TICK, &[A, B]);
        assert!(known(&world).contains(&(mine[1], false)), "{status:?}: and when it is back");
    }
}

#[test]
fn traffic_leaves_an_address_that_is_lost() {
    for status in [LocalStatus::LinkDown, LocalStatus::Absent] {
        let mut world = established(5, 2, |_, _| {});
        let mine = world.hosts[A].addresses();
        world.set_local(A, mine[0], status, Cause::LinkDown);
        let lost_at = world.now;
        world.network.log = Some(Vec::new());
        world.talk(Duration::from_secs(5), Duration::from_millis(10), &[A, B]);
        let log = world.network.log.take().expect("a log");
        let last = log.iter().rfind(|(_, sent)| sent.source == mine[0]).map_or(lost_at, |(at, _)| *at);
        assert!(last.since(lost_at).as_millis() <= 50, "{status:?}: from there for {:?}", last.since(lost_at));
        let got = world.delivered.iter().filter(|got| got.arrived.local == mine[0] && got.at > lost_at + TICK).count();
        assert!(got > 450, "{status:?}: payload goes on, {got} packets");
    }
}

#[test]
fn link_local_addresses_are_never_locators() {
    for text in ["fe80::1", "febf::1", "::1", "ff02::1", "::"] {
        let address: Addr = text.parse::<std::net::Ipv6Addr>().expect("an address").into();
        assert!(!address.may_be_locator(), "{text}");
        assert_eq!(LocalSet::single(address).err(), Some(SetError::Address), "{text}");
    }
}

#[test]
fn unique_local_and_global_addresses_can_be_locators() {
    for text in ["fc00::1", "fd12:3456:789a::1", "2001:db8::1", "2a00::1"] {
        let address: Addr = text.parse::<std::net::Ipv6Addr>().expect("an address").into();
        assert!(address.may_be_locator(), "{text}");
        assert!(LocalSet::single(address).is_ok(), "{text}");
    }
}

/// An optimistic address has the status of a deprecated one until duplicate address detection is over.
#[test]
fn deprecated_addresses_come_after_others() {
    for last in [1, 2] {
        let mut world = established(6, 3, |world, mine| {
            world.hosts[A].env.set.set_status(&mine[last], LocalStatus::Deprecated);
        });
        let mine = world.hosts[A].addresses();
        for destination in world.hosts[B].addresses() {
            world.network.cut(mine[0], destination);
            world.network.cut(destination, mine[0]);
        }
        world.talk(Duration::from_secs(30), TICK, &[A]);
        let id = world.hosts[A].context_id(&world.ulids(A)).expect("a context");
        assert_eq!(world.hosts[A].context(id).pair().local, mine[3 - last]);
        // It is used when nothing else is left.
        assert!(sources(&mut world).contains(&mine[last]));
    }
}

/// Renumbering: an address that is deprecated, the ULID's own too, hands its traffic on when another pair has answered; one
/// whose interface is only down loses it at once, and the context stays.
#[test]
fn traffic_leaves_a_deprecated_address_for_another_that_works() {
    let mut world = established(10, 3, |_, _| {});
    let mine = world.hosts[A].addresses();
    let local = |world: &World| {
        world.hosts[A].context(world.hosts[A].context_id(&world.ulids(A)).expect("a context")).pair().local
    };
    // Where nothing else works it stays.
    for (other, destination) in [(1, 0), (1, 1), (2, 0), (2, 1)] {
        let destination = world.hosts[B].addresses()[destination];
        world.network.cut(mine[other], destination);
    }
    world.set_local(A, mine[0], LocalStatus::Deprecated, Cause::Preference);
    world.talk(Duration::from_secs(20), TICK, &[A, B]);
    assert_eq!(local(&world), mine[0]);
    world.network.heal();
    world.set_local(A, mine[0], LocalStatus::Usable, Cause::Preference);
    world.talk(Duration::from_secs(20), TICK, &[A, B]);
    assert_eq!(local(&world), mine[0]);
    world.set_local(A, mine[0], LocalStatus::Deprecated, Cause::Preference);
    assert_eq!(local(&world), mine[0], "not before a Probe was answered");
    let before = world.delivered.len();
    world.talk(Duration::from_secs(2), TICK, &[A, B]);
    assert_ne!(local(&world), mine[0]);
    assert!(world.delivered.len() - before >= 38, "no payload is lost by it");
    assert!(world.is_agreed());
}

#[test]
fn what_policy_excludes_is_neither_told_nor_used() {
    let mut world = established(7, 3, |world, mine| {
        world.hosts[A].env.set.set_allowed(&mine[1], false);
    });
    let mine = world.hosts[A].addresses();
    assert!(known(&world).iter().all(|(address, _)| *address != mine[1]));
    assert!(!sources(&mut world).contains(&mine[1]));
}

#[test]
fn the_peer_can_be_told_what_is_preferred() {
    let mut world = established(8, 3, |_, _| {});
    let mine = world.hosts[A].addresses();
    world.network.control_seen.clear();
    world.hosts[A].env.set.set_preference(&mine[2], Preference { flags: 0, priority: 7, weight: 0 });
    let (id, now) = (world.hosts[A].context_id(&world.ulids(A)).expect("a context"), world.now);
    let World { hosts, network, rng, .. } = &mut world;
    hosts[A].call(now, network, rng, |engine| engine.locals_changed(now, id, Cause::Preference));
    let Body::Control(octets) = &world.network.control_seen[0].body else { panic!("no control message") };
    assert!(matches!(Message::parse(octets), Ok(Message::UpdateRequest(_))));
    world.run(Duration::from_secs(1));
    let id = world.hosts[B].context_id(&world.ulids(B)).expect("a context");
    let list = world.hosts[B].context(id).peer_locators().list();
    assert!(list.iter().any(|locator| locator.addr == mine[2] && locator.preference.priority == 7));
}
