// SPDX-License-Identifier: MIT OR GPL-2.0
//! Contexts that one end has lost, and tags that are given away again (RFC 5533 appendix C). With the tests' own generator
//! of few tags, what is improbable otherwise happens all the time.

mod pair;

use pair::{World, A, B};
use shim6_core::context::State;
use shim6_core::engine::{Advice, Cause, Contexts, Counter};
use shim6_core::locator::Pair;
use shim6_core::time::Duration;
use shim6_core::wire::{Fii, MessageType};
use std::collections::BTreeSet;

#[test]
fn a_lost_context_that_comes_back_with_the_same_tag_is_none_that_was_lost() {
    let mut world = World::new(1, [2, 2]);
    world.hosts[B].reseed(77);
    world.start(A);
    world.run(Duration::from_secs(1));
    let tag = |world: &World, host: usize| {
        let id = world.hosts[host].context_id(&world.ulids(host)).expect("a context");
        world.hosts[host].context(id).tag_local()
    };
    let (mine, theirs) = (tag(&world, A), tag(&world, B));
    world.hosts[B].forget_everything();
    world.hosts[B].reseed(77);
    world.start(B);
    assert_eq!(tag(&world, B), theirs, "by a chance of one in 2^47");
    world.run(Duration::from_secs(1));
    assert!(world.is_agreed());
    assert_eq!((tag(&world, A), tag(&world, B)), (mine, theirs));
    assert_eq!(world.hosts[A].count(Counter::Tx(MessageType::R2)), 1, "I1 is answered by R2 at once");
    assert_eq!(world.hosts[A].count(Counter::Tx(MessageType::R1)), 0);
    for host in [A, B] {
        assert_eq!(
            (world.hosts[host].table.nodes.len(), world.hosts[host].state(&world.ulids(host))),
            (1, Some(State::Established))
        );
    }
}

/// All pairs of ULIDs, from A's side, with two instances each.
fn contexts(world: &World) -> Vec<(Pair, Fii)> {
    let (mine, theirs) = (world.hosts[A].addresses(), world.hosts[B].addresses());
    let pairs = mine.iter().flat_map(|local| theirs.iter().map(|peer| Pair { local: *local, peer: *peer }));
    pairs.flat_map(|pair| [(pair, Fii::DEFAULT), (pair, Fii(1))]).collect()
}

fn from_b(pair: Pair) -> Pair {
    Pair { local: pair.peer, peer: pair.local }
}

fn start(world: &mut World, host: usize, (pair, fii): (Pair, Fii)) {
    let now = world.now;
    let ulids = if host == A { pair } else { from_b(pair) };
    let World { hosts, network, rng, .. } = world;
    let _ = hosts[host].call(now, network, rng, |engine| engine.start(now, ulids, fii, Cause::Traffic));
}

fn close(world: &mut World, host: usize, (pair, fii): (Pair, Fii)) {
    let now = world.now;
    let ulids = if host == A { pair } else { from_b(pair) };
    let World { hosts, network, rng, .. } = world;
    if let Some(id) = hosts[host].table.by_ulids(&ulids, fii) {
        hosts[host].call(now, network, rng, |engine| engine.close(now, id, Cause::Idle));
    }
}

/// Every context that is there is tested by Probes, whose tags find out what a peer has lost or given away.
fn explore_all(world: &mut World) {
    for host in [A, B] {
        let ids: Vec<u32> = world.hosts[host].table.nodes.keys().copied().collect();
        for id in ids {
            let now = world.now;
            let World { hosts, network, rng, .. } = world;
            hosts[host].call(now, network, rng, |engine| engine.advice(now, id, Advice::Explore(Cause::Administrator)));
        }
        world.run(Duration::from_secs(120));
    }
}

/// RFC 5533 appendix C.4: few tags, many contexts that come and go at either end.
#[test]
fn with_few_tags_every_context_comes_back_to_one_that_works() {
    let mut reused = BTreeSet::new();
    for seed in 0..60 {
        let mut world = World::new(seed, [3, 3]);
        world.hosts[A].env.few_tags = true;
        world.hosts[B].env.few_tags = true;
        world.network.loss = world.below(20);
        let contexts = contexts(&world);
        for _ in 0..300 {
            let one = contexts[world.below(contexts.len() as u32) as usize];
            let host = world.below(2) as usize;
            match world.below(8) {
                0..=3 => start(&mut world, host, one),
                4..=5 => close(&mut world, host, one),
                6 if world.below(10) == 0 => world.hosts[host].forget_everything(),
                _ => {}
            }
            let span = Duration::from_millis(world.below(2000));
            world.run(span);
            world.check_invariants();
            reused.extend(world.hosts[host].table.nodes.values().map(|node| node.context.tag_local()));
        }
        world.network.loss = 0;
        world.run(Duration::from_secs(300));
        for one in &contexts {
            start(&mut world, A, *one);
        }
        world.run(Duration::from_secs(300));
        for _ in 0..2 {
            explore_all(&mut world);
        }
        for (pair, fii) in contexts {
            let ends = [A, B].map(|host| {
                let ulids = if host == A { pair } else { from_b(pair) };
                let id = world.hosts[host].table.by_ulids(&ulids, fii)?;
                let context = world.hosts[host].context(id);
                (context.state() == State::Established).then(|| (context.tag_local(), context.tag_peer()))
            });
            if let [Some(a), b] = ends {
                assert_eq!(Some((a.1, Some(a.0))), b.map(|b| (Some(b.0), b.1)), "seed {seed}: {pair:?} {fii:?}");
            }
        }
    }
    assert!(reused.len() <= 128, "{} tags", reused.len());
}
