// SPDX-License-Identifier: MIT OR GPL-2.0
//! Lending: what waits alone for an acknowledgement goes once more over another pair while the current one is tested, and so does
//! the peer's answer. That a pair is lent only to a locator that was tried is an invariant of the hosts in all tests.

mod pair;

use pair::{Kind, Upper, World, A, B};
use shim6_core::engine::{Advice, Counter};
use shim6_core::locator::Pair;
use shim6_core::time::Duration;

/// Two hosts with this traffic, after a while.
fn settled(seed: u64, kind: Kind, prepare: impl FnOnce(&mut World)) -> (World, Upper) {
    let (world, upper) = Upper::settled(seed, kind, Duration::from_millis(5_000 + 7 * seed as u32), prepare);
    assert_eq!(lent(&world), [0, 0], "seed {seed}: nothing is late");
    (world, upper)
}

fn lent(world: &World) -> [usize; 2] {
    [A, B].map(|host| world.hosts[host].lent.len())
}

fn switches(world: &World) -> u64 {
    world.hosts.iter().map(|host| host.count(Counter::Switches)).sum()
}

fn cut(world: &mut World) {
    let ulids = world.ulids(A);
    world.network.cut(ulids.local, ulids.peer);
    world.network.cut(ulids.peer, ulids.local);
}

/// Messages that reached each host.
fn arrived(world: &World) -> [usize; 2] {
    [A, B].map(|host| {
        let me = world.ulids(host).local;
        world.delivered.iter().filter(|got| got.arrived.peer == me).count()
    })
}

#[test]
fn a_message_and_its_answer_arrive_before_anybody_has_moved() {
    for seed in 0..20 {
        let (mut world, mut upper) = settled(seed, Kind::Sparse, |_| {});
        let before = arrived(&world);
        cut(&mut world);
        // What was on its way arrives.
        upper.run(&mut world, Duration::from_millis(20));
        let on_its_way = arrived(&world);
        assert!(on_its_way[A] <= before[A] + 1 && on_its_way[B] <= before[B] + 1);
        while lent(&world)[A] == 0 {
            upper.run(&mut world, Duration::from_millis(1));
        }
        upper.run(&mut world, Duration::from_millis(28));
        let after = arrived(&world);
        assert_eq!(switches(&world), 0, "seed {seed}: nobody has moved yet");
        assert!(after[B] > on_its_way[B], "seed {seed}: the message has come");
        assert!(after[A] > on_its_way[A], "seed {seed}: so has its answer");
        upper.run(&mut world, Duration::from_millis(300));
        assert_eq!(switches(&world), 2, "seed {seed}: both leave the path that fails");
        world.check_invariants();
    }
}

#[test]
fn a_path_that_is_only_late_is_not_left() {
    for seed in 0..20 {
        let (mut world, mut upper) = settled(seed, Kind::Sparse, |_| {});
        let ulids = world.ulids(A);
        // Each way takes 40 ms longer for a while.
        world.network.queue(ulids.local, ulids.peer, Duration::from_millis(40));
        world.network.queue(ulids.peer, ulids.local, Duration::from_millis(40));
        upper.run(&mut world, Duration::from_millis(250));
        assert!(lent(&world)[A] > 0, "seed {seed}: what is late is sent again");
        upper.run(&mut world, Duration::from_secs(3));
        assert_eq!(switches(&world), 0, "seed {seed}");
    }
}

#[test]
fn while_a_test_goes_on_each_message_is_lent_the_pair() {
    for seed in 0..20 {
        let (mut world, mut upper) = settled(seed, Kind::Sparse, |world| {
            // Tests take long, as round trips do.
            world.network.delay = Duration::from_millis(60);
        });
        cut(&mut world);
        while switches(&world) == 0 {
            upper.run(&mut world, Duration::from_millis(1));
        }
        assert!(lent(&world)[A] > 1, "seed {seed}: {:?}", lent(&world));
    }
}

#[test]
fn a_pair_that_stands_by_changes_nothing_of_that() {
    // What looks after the pair and what is missed are seldom due in the same moment, and so are an answer of the one and a message.
    for seed in 0..1000 {
        let settled = Duration::from_millis(3_000 + 7 * (seed as u32 % 100));
        let (mut world, mut upper) = Upper::settled(seed, Kind::Sparse, settled, |world| {
            let often = Duration::from_millis(480 + seed as u32 % 100);
            world.hosts.iter_mut().for_each(|host| host.settings.standby_interval = often);
        });
        let before = arrived(&world);
        cut(&mut world);
        upper.run(&mut world, Duration::from_millis(300));
        // What was on its way counts as well.
        let after = arrived(&world);
        assert!(after[B] - before[B] >= 2 && after[A] - before[A] >= 2, "seed {seed}: {before:?} {after:?}");
        assert_eq!(switches(&world), 2, "seed {seed}: both leave the path that fails");
        world.check_invariants();
    }
}

#[test]
fn what_the_shim_says_itself_does_not_keep_a_message_company() {
    for wait in 0..100 {
        let (mut world, mut upper) = settled(1, Kind::Sparse, |_| {});
        let [local, peer] = [A, B].map(|host| world.hosts[host].addresses()[1]);
        upper.run(&mut world, Duration::from_millis(wait));
        // The answer comes at any time before the next message.
        world.advise(A, Advice::Ask(Pair { local, peer }));
        upper.run(&mut world, Duration::from_millis(25));
        cut(&mut world);
        upper.run(&mut world, Duration::from_millis(150));
        assert!(lent(&world)[A] > 0, "asked after {wait} ms");
    }
}

#[test]
fn while_a_peer_explores_each_answer_is_lent_the_pair() {
    for seed in 0..20 {
        let (mut world, mut upper) = settled(seed, Kind::Sparse, |world| {
            world.network.delay = Duration::from_millis(60);
        });
        let before = arrived(&world)[A];
        // Messages arrive, their answers do not.
        let ulids = world.ulids(A);
        world.network.cut(ulids.peer, ulids.local);
        while switches(&world) == 0 {
            upper.run(&mut world, Duration::from_millis(1));
        }
        assert!(arrived(&world)[A] >= before + 3, "seed {seed}: {before} {}", arrived(&world)[A]);
    }
}

#[test]
fn answers_that_were_lent_do_not_hide_that_the_peers_way_fails() {
    for seed in 0..20 {
        let (mut world, mut upper) = settled(seed, Kind::Sparse, |_| {});
        // A has moved, and B has not; then B's way fails, which A's tests of its own do not show.
        let [local, peer] = [A, B].map(|host| world.hosts[host].addresses()[1]);
        world.advise(A, Advice::Use(Pair { local, peer }));
        upper.run(&mut world, Duration::from_secs(8));
        assert_eq!([A, B].map(|host| world.hosts[host].count(Counter::Switches)), [1, 0], "seed {seed}");
        let ulids = world.ulids(A);
        world.network.cut(ulids.peer, ulids.local);
        upper.run(&mut world, Duration::from_millis(500));
        assert_eq!(world.hosts[B].count(Counter::Switches), 1, "seed {seed}: B is told by A's second test");
    }
}

#[test]
fn a_peer_that_explores_is_owed_nothing_of_a_transfer() {
    for seed in 0..20 {
        let (mut world, mut upper) = settled(seed, Kind::Sparse, |world| {
            world.network.delay = Duration::from_millis(90);
        });
        let ulids = world.ulids(A);
        world.network.cut(ulids.peer, ulids.local);
        while lent(&world)[B] == 0 {
            upper.run(&mut world, Duration::from_millis(1));
        }
        assert!(world.hosts[B].is_watched(&world.ulids(B)), "seed {seed}");
        // It begins to send much.
        let mut upper = Upper::new(Kind::OneWay(5), &world);
        while world.hosts[B].is_watched(&world.ulids(B)) {
            assert_eq!(switches(&world), 0, "seed {seed}");
            upper.run(&mut world, Duration::from_millis(1));
        }
        assert_eq!(switches(&world), 0, "seed {seed}: the test goes on");
    }
}

#[test]
fn nothing_is_lent_to_a_transfer_to_datagrams_or_in_the_order_of_the_rfc() {
    let alone = |world: &mut World| world.hosts.iter_mut().for_each(|host| host.settings.parallel_probes = 1);
    for (kind, is_alone) in [(Kind::Bulk, false), (Kind::Datagrams(20), false), (Kind::Sparse, true)] {
        for seed in 0..5 {
            let (mut world, mut upper) = settled(seed, kind, |world| {
                if is_alone {
                    alone(world)
                }
            });
            cut(&mut world);
            upper.run(&mut world, Duration::from_secs(2));
            assert_eq!(lent(&world), [0, 0], "{kind:?} seed {seed}");
        }
    }
}
