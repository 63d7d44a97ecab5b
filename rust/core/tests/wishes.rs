// SPDX-License-Identifier: MIT OR GPL-2.0
//! What an application wants of a context of its own (RFC 6316), and that nobody else notices.

mod pair;

use pair::{World, A, B};
use shim6_core::context::Context;
use shim6_core::engine::{Advice, Cause};
use shim6_core::locator::{LocalSet, Pair, PeerLocator, Reach};
use shim6_core::reap::ReapState;
use shim6_core::settings::Settings;
use shim6_core::time::Duration;
use shim6_core::wire::{Fii, Preference};
use shim6_core::wishes::{Wishes, STANDBY_INTERVAL};

/// Two hosts with two addresses each and an established context, and an established fork of it at A.
fn forked(seed: u64) -> (World, u32) {
    let mut world = World::new(seed, [2, 2]);
    world.start(A);
    world.run(Duration::from_secs(1));
    let (now, ulids) = (world.now, world.ulids(A));
    let World { hosts, network, rng, .. } = &mut world;
    let fork = hosts[A].call(now, network, rng, |engine| engine.start(now, ulids, Fii(7), Cause::Application));
    let fork = fork.expect("a fork");
    world.talk(Duration::from_secs(8), Duration::from_millis(100), &[A, B]);
    (world, fork)
}

fn tell(world: &mut World, fork: u32, wishes: &Wishes) {
    let now = world.now;
    let World { hosts, network, rng, .. } = world;
    hosts[A].call(now, network, rng, |engine| engine.wished(now, fork, wishes));
}

fn default(world: &World) -> &Context {
    world.hosts[A].context(world.hosts[A].context_id(&world.ulids(A)).expect("the default context"))
}

fn peer_locator(context: &Context, place: usize) -> PeerLocator {
    context.peer_locators().list()[place]
}

#[test]
fn a_fork_bears_its_tag_over_the_ulids_too() {
    let (world, fork) = forked(1);
    let path = world.hosts[A].context(fork).path();
    assert_eq!((path.pair, path.switched), (world.ulids(A), true));
    assert!(!default(&world).path().switched);
}

#[test]
fn a_chosen_locator_of_the_peer_is_used_by_the_fork_alone() {
    let (mut world, fork) = forked(2);
    let (ulids, other) = (world.ulids(A), world.hosts[B].addresses()[1]);
    let before = default(&world).peer_locators().clone();
    let mut wishes = Wishes::default();
    wishes.peer.choose(Some(other));
    tell(&mut world, fork, &wishes);
    world.talk(Duration::from_secs(4), Duration::from_millis(100), &[A, B]);
    assert_eq!(world.hosts[A].context(fork).pair(), Pair { local: ulids.local, peer: other });
    assert_eq!(default(&world).pair(), ulids);
    assert_eq!(*default(&world).peer_locators(), before, "the list that all share has changed");
    wishes.peer.choose(None);
    tell(&mut world, fork, &wishes);
    world.talk(Duration::from_secs(4), Duration::from_millis(100), &[A, B]);
    assert_eq!(world.hosts[A].context(fork).pair(), ulids, "nothing is chosen any more");
    world.check_invariants();
}

#[test]
fn a_locator_that_is_not_admitted_is_the_last_resort() {
    let (mut world, fork) = forked(3);
    let (ulids, other) = (world.ulids(A), world.hosts[B].addresses()[1]);
    let mut wishes = Wishes::default();
    assert!(wishes.peer.admit(other));
    tell(&mut world, fork, &wishes);
    world.talk(Duration::from_secs(4), Duration::from_millis(100), &[A, B]);
    let context = world.hosts[A].context(fork);
    assert_eq!(context.pair().peer, other);
    assert!(peer_locator(context, 0).preference.is_broken());
    for local in world.hosts[A].addresses() {
        world.network.cut(local, other);
        world.network.cut(other, local);
    }
    let now = world.now;
    let World { hosts, network, rng, .. } = &mut world;
    hosts[A].call(now, network, rng, |engine| engine.advice(now, fork, Advice::Suspect(Cause::Application)));
    world.run(Duration::from_secs(5));
    assert_eq!(world.hosts[A].context(fork).pair().peer, ulids.peer, "better than nothing");
}

#[test]
fn a_probe_that_was_answered_shows_that_the_locator_is_reachable() {
    let mut world = World::new(4, [2, 2]);
    world.start(A);
    world.talk(Duration::from_secs(2), Duration::from_millis(100), &[A, B]);
    assert_eq!(peer_locator(default(&world), 1).reach, Reach::Unknown);
    world.advise(A, Advice::Verify);
    world.run(Duration::from_secs(2));
    assert_eq!(peer_locator(default(&world), 1).reach, Reach::Reachable);
    assert_eq!(default(&world).pair(), world.ulids(A), "a question moves nothing");
    assert_eq!(default(&world).reap().state(), ReapState::Operational);
}

#[test]
fn settings_without_wishes_stay() {
    let settings = Settings::DEFAULT;
    assert_eq!(Wishes::default().settings(&settings), settings);
    let second = Some(Duration::from_secs(1));
    let wishes = Wishes {
        hot_standby: true,
        send_timeout: second,
        initial_probes: Some(2),
        initial_probe_timeout: second,
        keepalive_interval: second,
        ..Wishes::default()
    };
    let wished = wishes.settings(&settings);
    let expected = Settings {
        send_timeout: Duration::from_secs(1),
        initial_probes: 2,
        initial_probe_timeout: Duration::from_secs(1),
        keepalive_interval: Duration::from_secs(1),
        standby_interval: STANDBY_INTERVAL,
        ..settings
    };
    assert_eq!(wished, expected);
    let often = Settings { standby_interval: Duration::from_millis(200), ..settings };
    assert_eq!(wishes.settings(&often).standby_interval, often.standby_interval, "the host's own is good enough");
}

#[test]
fn what_is_chosen_counts_for_more_than_what_is_preferred() {
    let world = World::new(5, [3, 1]);
    let addresses = world.hosts[A].addresses();
    let mut set = LocalSet::new(&addresses, &[1]).expect("a set");
    let mut wishes = Wishes::default();
    assert!(wishes.local.prefer(addresses[0], 3, 4));
    assert!(wishes.local.prefer(addresses[0], 5, 6));
    assert!(wishes.local.admit(addresses[0]) && wishes.local.admit(addresses[1]));
    wishes.lay_over_locals(&mut set);
    let read = |set: &LocalSet| -> Vec<_> {
        let locators = set.locators().iter();
        locators.map(|one| (one.allowed, one.preference.priority, one.preference.weight)).collect()
    };
    assert_eq!(read(&set), [(true, 5, 6), (true, 0, 0), (false, 0, 0)]);
    wishes.local.choose(Some(addresses[1]));
    wishes.lay_over_locals(&mut set);
    assert_eq!(read(&set), [(true, 255, 6), (true, 0, 0), (false, 255, 0)]);
    let told = Preference { flags: Preference::TRANSIENT, priority: 9, weight: 9 };
    assert_eq!(wishes.local.preference(&addresses[1], told), Preference { priority: 0, ..told });
}

#[test]
fn a_keepalive_interval_stays_within_the_bounds() {
    let (world, _) = forked(6);
    let reap = default(&world).reap();
    let with = |seconds: u32| {
        let settings = Settings { keepalive_interval: Duration::from_secs(seconds), ..Settings::DEFAULT };
        reap.keepalive_interval(&settings).as_millis()
    };
    assert_eq!([with(6), with(1), with(14)], [6000, 5100, 7500]);
}
