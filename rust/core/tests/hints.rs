// SPDX-License-Identifier: MIT OR GPL-2.0
//! What an operator, a router or a lost context tells the engine, and contexts that a peer could mistake for each other.

mod pair;

use pair::{Body, Datagram, World, A, B};
use shim6_core::addr::Addr;
use shim6_core::context::State;
use shim6_core::engine::{Advice, Cause, Counter};
use shim6_core::locator::Pair;
use shim6_core::time::Duration;
use shim6_core::wire::{
    Announcement, Fii, IcmpError, LocatorEntry, LocatorList, Message, MessageType, Nonce, PayloadHeader, Quoted,
    QuotedKind, QuotedPayload, Tag, VerificationMethod, I1, I2, MAX_MESSAGE_LEN,
};

const TICK: Duration = Duration::from_millis(50);

fn established(seed: u64) -> World {
    let mut world = World::new(seed, [2, 2]);
    world.start(A);
    world.talk(Duration::from_secs(10), TICK, &[A, B]);
    assert!(world.is_agreed());
    world
}

fn pair_of(world: &World, host: usize) -> Pair {
    world.hosts[host].context(world.hosts[host].context_id(&world.ulids(host)).expect("a context")).pair()
}

fn inject(world: &mut World, host: usize, over: Pair, message: &Message<'_>) {
    let mut octets = [0; MAX_MESSAGE_LEN];
    let length = message.emit(&mut octets).expect("a message that fits");
    let body = Body::Control(octets[..length].to_vec());
    world.inject(host, Datagram { source: over.peer, destination: over.local, body });
}

fn icmp(world: &mut World, host: usize, kind: u8, code: u8, quoted: &Quoted) -> bool {
    let now = world.now;
    let error = IcmpError { kind, code, parameter: 0, quoted: *quoted };
    let World { hosts, network, rng, .. } = world;
    hosts[host].call(now, network, rng, |engine| engine.icmp_error(now, &error))
}

#[test]
fn the_pair_that_an_operator_wants_is_used_once_it_answers() {
    let mut world = established(1);
    let (mine, theirs) = (world.hosts[A].addresses(), world.hosts[B].addresses());
    let wanted = Pair { local: mine[1], peer: theirs[0] };
    world.advise(A, Advice::Use(wanted));
    assert_eq!(pair_of(&world, A), world.ulids(A), "not before the answer");
    world.talk(Duration::from_secs(2), TICK, &[A, B]);
    assert_eq!(pair_of(&world, A), wanted);
    world.check_invariants();
}

#[test]
fn a_wanted_pair_that_does_not_work_is_not_used() {
    let mut world = established(2);
    let (mine, theirs) = (world.hosts[A].addresses(), world.hosts[B].addresses());
    let wanted = Pair { local: mine[1], peer: theirs[1] };
    world.network.cut(wanted.local, wanted.peer);
    world.advise(A, Advice::Use(wanted));
    world.talk(Duration::from_secs(5), TICK, &[A, B]);
    assert_ne!(pair_of(&world, A), wanted);
}

#[test]
fn exploring_without_need_leaves_the_pair_alone() {
    for seed in 0..20 {
        let mut world = established(seed);
        world.advise(A, Advice::Explore(Cause::Administrator));
        world.talk(Duration::from_secs(20), TICK, &[A, B]);
        assert_eq!(world.hosts[A].count(Counter::ExplorationsEnded), 1, "seed {seed}");
        assert_eq!(world.hosts[A].count(Counter::Switches), 0, "seed {seed}");
        assert_eq!(world.hosts[B].count(Counter::Switches), 0, "seed {seed}");
    }
}

#[test]
fn probes_slow_down_to_one_a_minute_and_their_number_at_once_is_bounded() {
    let mut world = established(3);
    let ulids = world.ulids(A);
    for source in world.hosts[A].addresses() {
        for destination in world.hosts[B].addresses() {
            world.network.cut(source, destination);
            world.network.cut(destination, source);
        }
    }
    world.network.control_seen.clear();
    let before = world.hosts[A].count(Counter::Tx(MessageType::Probe));
    world.advise(A, Advice::Suspect(Cause::SendTimeout));
    let at_once = world.hosts[A].count(Counter::Tx(MessageType::Probe)) - before;
    let settings = &world.hosts[A].settings;
    let at_most = settings.test_probes.div_ceil(2) + settings.parallel_probes - 1;
    assert!(at_once <= u64::from(at_most), "{at_once}");
    world.talk(Duration::from_secs(600), Duration::from_secs(1), &[A]);
    let slow = world.hosts[A].count(Counter::Tx(MessageType::Probe));
    world.talk(Duration::from_secs(600), Duration::from_secs(1), &[A]);
    let in_ten_minutes = world.hosts[A].count(Counter::Tx(MessageType::Probe)) - slow;
    assert!((9..=13).contains(&in_ten_minutes), "{in_ten_minutes} Probes in ten minutes");
    assert_eq!(pair_of(&world, A), ulids, "nothing answered, so nothing is switched");
}

#[test]
fn a_host_without_shim6_is_left_in_peace_for_ten_minutes() {
    let mut world = World::new(4, [2, 2]);
    let ulids = world.ulids(A);
    world.network.cut(ulids.local, ulids.peer);
    world.start(A);
    let Some(Body::Control(octets)) = world.network.control_seen.first().map(|datagram| datagram.body.clone()) else {
        panic!("no I1")
    };
    let Ok(Message::I1(i1)) = Message::parse(&octets) else { panic!("not an I1") };
    let quoted = |tag, nonce, source| Quoted {
        source,
        destination: ulids.peer,
        kind: QuotedKind::Control { kind: MessageType::I1, tag: Some(tag), nonce: Some(nonce) },
    };
    let right = quoted(i1.initiator_tag, i1.initiator_nonce, ulids.local);
    let other_tag = Tag::new(i1.initiator_tag.get() ^ 1).expect("a tag");
    let wrong = [
        quoted(other_tag, i1.initiator_nonce, ulids.local),
        quoted(i1.initiator_tag, Nonce(!i1.initiator_nonce.0), ulids.local),
        quoted(i1.initiator_tag, i1.initiator_nonce, world.hosts[A].addresses()[1]),
    ];
    for quoted in &wrong {
        assert!(!icmp(&mut world, A, 4, 1, quoted));
    }
    for code in [0, 2] {
        assert!(!icmp(&mut world, A, 4, code, &right));
    }
    assert_eq!(world.hosts[A].state(&ulids), Some(State::I1Sent));
    assert!(icmp(&mut world, A, 4, 1, &right));
    assert_eq!(world.hosts[A].state(&ulids), Some(State::NoSupport));
    let sent = world.hosts[A].count(Counter::Tx(MessageType::I1));
    world.start(A);
    world.run(Duration::from_secs(590));
    assert_eq!(world.hosts[A].state(&ulids), Some(State::NoSupport));
    assert_eq!(world.hosts[A].count(Counter::Tx(MessageType::I1)), sent);
    world.run(Duration::from_secs(11));
    assert_eq!(world.hosts[A].state(&ulids), None);
}

#[test]
fn a_router_that_says_unreachable_starts_a_test_and_no_more() {
    let mut world = established(5);
    let ulids = world.ulids(A);
    let plain = QuotedKind::Other { protocol: 6 };
    let quoted = Quoted { source: ulids.local, destination: ulids.peer, kind: plain };
    assert!(!icmp(&mut world, A, 1, 4, &quoted), "a closed port is not about the path");
    assert!(!icmp(&mut world, A, 2, 0, &quoted), "Packet Too Big is for the upper layers");
    assert_eq!(world.hosts[A].count(Counter::Explorations), 0);
    let invented = PayloadHeader { next_header: 6, tag: Tag::new(1).expect("a tag") };
    let kind = QuotedKind::Payload(QuotedPayload { offset: 40, field: 6, header: invented });
    assert!(!icmp(&mut world, A, 1, 0, &Quoted { kind, ..quoted }), "a tag that nobody has");
    assert!(icmp(&mut world, A, 1, 0, &quoted));
    assert_eq!(world.hosts[A].count(Counter::Explorations), 1);
    world.talk(Duration::from_secs(5), TICK, &[A, B]);
    assert_eq!(pair_of(&world, A), ulids, "the error lied, and the pair works");
}

#[test]
fn what_a_transport_sends_again_after_a_switch_is_no_sign_against_the_new_pair() {
    let mut world = established(5);
    let (mine, theirs) = (world.hosts[A].addresses(), world.hosts[B].addresses());
    world.advise(A, Advice::Use(Pair { local: mine[1], peer: theirs[1] }));
    while world.hosts[A].count(Counter::Switches) == 0 {
        world.run(Duration::from_millis(1));
    }
    // It may take up to a round trip until an acknowledgement comes by the new pair.
    world.run(Duration::from_millis(15));
    let tests = |world: &World| world.hosts[A].count(Counter::Tests);
    let before = tests(&world);
    world.advise(A, Advice::Suspect(Cause::Transport));
    assert_eq!(tests(&world), before, "lost on the pair before");
    world.run(Duration::from_millis(100));
    world.advise(A, Advice::Suspect(Cause::Transport));
    assert_eq!(tests(&world), before + 1);
}

#[test]
fn unreachable_and_true_moves_the_traffic_within_two_round_trips() {
    let mut world = established(6);
    let ulids = world.ulids(A);
    let quoted = Quoted { source: ulids.local, destination: ulids.peer, kind: QuotedKind::Other { protocol: 6 } };
    world.network.cut(ulids.local, ulids.peer);
    assert!(icmp(&mut world, A, 1, 0, &quoted));
    world.talk(Duration::from_millis(40), Duration::from_millis(5), &[A, B]);
    assert_ne!(pair_of(&world, A), ulids);
}

/// The peer lost a context, and uses its tag again for another pair of ULIDs: the old context would send packets that
/// the peer takes for the new one's (RFC 5533 section 7.15).
#[test]
fn a_context_that_the_peer_would_mistake_for_another_is_removed() {
    for shared in [true, false] {
        let mut world = established(7);
        let old = world.ulids(A);
        let tag =
            world.hosts[A].context(world.hosts[A].context_id(&old).expect("a context")).tag_peer().expect("a tag");
        // The same host by another ULID, or a host that has nothing to do with it.
        let stranger = pair::Host::new(&mut world.rng, 0xc, 2);
        let peer = if shared { &world.hosts[B] } else { &stranger };
        let (addresses, pds) = (peer.addresses(), peer.env.set.pds().to_vec());
        let over = Pair { local: world.hosts[A].addresses()[1], peer: addresses[1] };
        let i1 = I1 { initiator_tag: tag, initiator_nonce: Nonce(1), ulids: None, fii: Fii::DEFAULT };
        world.network.control_seen.clear();
        inject(&mut world, A, over, &Message::I1(i1));
        let Some(Body::Control(octets)) = world.network.control_seen.first().map(|seen| seen.body.clone()) else {
            panic!("no R1")
        };
        let Ok(Message::R1(r1)) = Message::parse(&octets) else { panic!("not an R1") };
        let entry = |locator: &Addr| LocatorEntry { locator: *locator, method: VerificationMethod::Hba };
        let entries: Vec<_> = addresses.iter().map(entry).collect();
        let announcement =
            Announcement { locators: LocatorList::new(5, &entries), pds: Some(&pds), ..Announcement::NOTHING };
        let i2 = I2 {
            initiator_tag: tag,
            initiator_nonce: Nonce(1),
            responder_nonce: r1.responder_nonce,
            validator: r1.validator,
            ulids: None,
            fii: Fii::DEFAULT,
            announcement,
        };
        inject(&mut world, A, over, &Message::I2(i2));
        assert_eq!(world.hosts[A].state(&over), Some(State::Established));
        let expected = if shared { None } else { Some(State::Established) };
        assert_eq!(world.hosts[A].state(&old), expected, "shared locators: {shared}");
        world.check_invariants();
    }
}

#[test]
fn idle_contexts_are_collected_and_those_in_use_are_not() {
    let mut world = established(8);
    let ulids = world.ulids(A);
    let id = world.hosts[A].context_id(&ulids).expect("a context");
    let collect = |world: &mut World, in_use| {
        let now = world.now;
        let World { hosts, network, rng, .. } = world;
        hosts[A].call(now, network, rng, |engine| engine.collect(now, id, in_use));
    };
    world.run(Duration::from_secs(500));
    collect(&mut world, false);
    assert_eq!(world.hosts[A].state(&ulids), Some(State::Established), "not idle long enough");
    world.run(Duration::from_secs(200));
    collect(&mut world, true);
    assert_eq!(world.hosts[A].state(&ulids), Some(State::Established), "a socket wants it");
    collect(&mut world, false);
    assert_eq!(world.hosts[A].state(&ulids), None);
    assert!(world.hosts[A].table.nodes.is_empty());
}

/// A test of the current pair may begin or end while the pair that an operator wants is asked, at either host: the wish outlives it.
#[test]
fn a_wish_outlives_tests() {
    for seed in 0..5 {
        for (tester, first) in [(A, true), (A, false), (B, true), (B, false)] {
            for after in 0..30 {
                let mut world = World::new(seed, [2, 2]);
                world.start(A);
                world.run(Duration::from_millis(200));
                world.talk(Duration::from_secs(1), Duration::from_millis(20), &[A, B]);
                let wanted = Pair { local: world.hosts[A].addresses()[1], peer: world.hosts[B].addresses()[1] };
                let suspect = Advice::Suspect(Cause::Application);
                let (now, then) = if first {
                    ((tester, suspect), (A, Advice::Use(wanted)))
                } else {
                    ((A, Advice::Use(wanted)), (tester, suspect))
                };
                world.advise(now.0, now.1);
                world.run(Duration::from_millis(after));
                world.advise(then.0, then.1);
                world.talk(Duration::from_secs(1), Duration::from_millis(20), &[A, B]);
                let id = world.hosts[A].context_id(&world.ulids(A)).expect("a context");
                let used = world.hosts[A].context(id).pair();
                assert_eq!(used, wanted, "seed {seed}: host {tester} tests, first: {first}, {after} ms apart");
            }
        }
    }
}
