// SPDX-License-Identifier: MIT OR GPL-2.0
//! Forced bidirectional communication: Keepalives, their interval, their end, and the timeout that peers tell each other
//! (RFC 5534 sections 4.1, 5.1 and 5.3).

mod pair;

use pair::played::{Played, OTHER_TAG, PEER_TAG};
use pair::{Bench, Body, World, A, B};
use shim6_core::context::State;
use shim6_core::engine::Counter;
use shim6_core::locator::{LocalStatus, Pair};
use shim6_core::reap::ReapState;
use shim6_core::time::Duration;
use shim6_core::wire::{
    Announcement, Keepalive, KeepaliveTimeout, Message, MessageType, Nonce, ProbeState, UpdateRequest,
};

/// Payload comes in every 100 ms for this long; the times, in milliseconds since the first, of what the host sends.
fn listen(bench: &mut Bench, milliseconds: u32) -> Vec<u64> {
    let begin = bench.world.now.as_millis();
    for _ in 0..milliseconds / 100 {
        bench.payload_in();
        bench.run_ms(100);
    }
    let sent = bench.sent();
    assert!(sent.iter().all(|seen| seen.kind == MessageType::Keepalive), "{sent:?}");
    sent.iter().map(|seen| seen.at.as_millis() - begin).collect()
}

/// The steps between times.
fn steps(times: &[u64]) -> Vec<u64> {
    times.windows(2).map(|two| two[1] - two[0]).collect()
}

#[test]
fn keepalives_are_a_third_to_half_a_timeout_apart_and_vary() {
    let mut bench = Bench::new(1);
    let times = listen(&mut bench, 600_000);
    assert!((5_000..=7_500).contains(&times[0]), "the first after {} ms", times[0]);
    // The last of each timeout comes when the timeout ends, however long the step to it.
    let steps = steps(&times);
    let full: Vec<_> = steps.iter().filter(|step| **step >= 5_000).collect();
    assert!(full.len() >= steps.len() / 2, "{steps:?}");
    assert!(steps.iter().all(|step| *step <= 7_500), "{steps:?}");
    let distinct: std::collections::BTreeSet<_> = full.iter().collect();
    assert!(distinct.len() > 20, "they vary: {steps:?}");
}

#[test]
fn keepalives_end_with_the_timeout() {
    let mut bench = Bench::new(2);
    let begin = bench.world.now.as_millis();
    bench.payload_in();
    bench.run_ms(600_000);
    let sent = bench.sent();
    let times: Vec<_> = sent.iter().map(|seen| seen.at.as_millis() - begin).collect();
    assert!(sent.iter().all(|seen| seen.kind == MessageType::Keepalive && seen.over == bench.current()));
    assert!((2..=3).contains(&times.len()), "{times:?}");
    assert!((5_000..=7_500).contains(&times[0]), "{times:?}");
    assert_eq!(times.last(), Some(&15_000), "a last one when the Keepalive Timer expires");
    // Payload starts it all again.
    assert!(!listen(&mut bench, 10_000).is_empty());
}

#[test]
fn keepalives_end_when_payload_goes_out() {
    let mut bench = Bench::new(3);
    bench.payload_in();
    bench.run_ms(4_000);
    bench.payload_out();
    bench.run_ms(10_900);
    assert_eq!(bench.sent(), [], "none since it was answered");
}

#[test]
fn keepalives_go_over_the_current_pair() {
    let mut bench = Bench::new(4);
    bench.put_into(ReapState::Exploring);
    bench.run_ms(500);
    let probe = bench.probes().remove(0);
    let old = bench.current();
    bench.probe_in(old, shim6_core::wire::ProbeState::Operational, &[probe.this]);
    assert_ne!(bench.current(), old);
    bench.payload_in();
    bench.run_ms(8_000);
    let sent = bench.sent();
    let keepalives: Vec<_> = sent.iter().filter(|seen| seen.kind == MessageType::Keepalive).collect();
    assert!(!keepalives.is_empty());
    assert!(keepalives.iter().all(|seen| seen.over == bench.current()));
}

#[test]
fn no_keepalive_where_payload_answers_payload() {
    let mut world = World::new(5, [2, 2]);
    world.start(A);
    world.run(Duration::from_secs(1));
    let before = world.network.control_seen.len();
    world.talk(Duration::from_secs(600), Duration::from_millis(500), &[A, B]);
    assert_eq!(world.network.control_seen.len(), before, "no message of REAP at all");
    // When it ends, Keepalives for one timeout, then silence.
    world.run(Duration::from_secs(20));
    let last = world.network.control_seen.len() - before;
    assert!((1..=6).contains(&last), "{last} messages after the end, both hosts together");
    world.run(Duration::from_secs(3000));
    assert_eq!(world.network.control_seen.len() - before, last);
    assert_eq!(world.hosts[A].count(Counter::Explorations) + world.hosts[B].count(Counter::Explorations), 0);
}

#[test]
fn the_two_timers_never_run_together() {
    let mut bench = Bench::new(6);
    for step in 0..200_u32 {
        if step % 3 == 0 {
            bench.payload_in();
        } else if step % 7 == 1 {
            bench.payload_out();
        } else if step % 11 == 2 {
            bench.keepalive_in();
        }
        let running = (bench.send_timer().is_some(), bench.keepalive_timer().is_some());
        assert_ne!(running, (true, true), "step {step}");
        bench.run_ms(700 * (step % 9));
        let running = (bench.send_timer().is_some(), bench.keepalive_timer().is_some());
        assert_ne!(running, (true, true), "step {step}");
    }
}

/// Update Request and Acknowledgement are packets of the context like payload (RFC 5534 section 4.1, item 2).
#[test]
fn other_control_messages_count_as_payload() {
    let mut bench = Bench::new(7);
    let address = bench.world.hosts[A].addresses()[1];
    bench.world.set_local(A, address, LocalStatus::LinkDown, shim6_core::engine::Cause::LinkDown);
    assert_eq!(bench.sent().iter().filter(|seen| seen.kind == MessageType::UpdateRequest).count(), 1);
    assert_eq!(bench.send_timer(), Some(bench.world.now), "sent");
    bench.run_ms(10);
    let id = bench.id();
    let receiver_tag = bench.world.hosts[A].context(id).tag_local();
    let announcement = Announcement { keepalive_timeout: KeepaliveTimeout::from_secs(20), ..Announcement::NOTHING };
    let request = UpdateRequest { receiver_tag, request_nonce: Nonce(1), announcement };
    let over = bench.world.ulids(A);
    bench.inject(over, &Message::UpdateRequest(request));
    let notes = bench.notes();
    assert_eq!(notes.last_rx, bench.world.now, "received");
    assert!(notes.last_tx > notes.last_rx, "and acknowledged after that");
    assert!(bench.send_timer().is_some() && bench.keepalive_timer().is_none());
}

/// RFC 5534 sections 6.1 and 6.2, however short the time between two packets is.
#[test]
fn who_answers_at_once_has_the_last_word() {
    let mut bench = Bench::new(8);
    bench.payload_in();
    bench.payload_out();
    assert!(bench.send_timer().is_some() && bench.keepalive_timer().is_none(), "answered");
    bench.payload_in();
    assert!(bench.send_timer().is_none() && bench.keepalive_timer().is_some(), "and that was answered");
    bench.payload_out();
    bench.keepalive_in();
    assert!(bench.send_timer().is_none() && bench.keepalive_timer().is_none(), "the peer has nothing to say");
    bench.run_ms(10);
    bench.payload_in();
    bench.payload_out();
    bench.sent();
    bench.run_ms(14_990);
    assert_eq!(bench.sent(), [], "it is the peer's turn");
    bench.run_ms(30);
    assert_eq!(bench.probes().first().map(|probe| probe.state), Some(ProbeState::Exploring));
}

/// In a tick without end the Send Timer does not run for ever.
#[test]
fn of_many_turns_in_a_tick_some_are_told_apart() {
    let mut bench = Bench::new(9);
    for _ in 0..100 {
        bench.payload_in();
        bench.payload_out();
    }
    let notes = bench.notes();
    assert!(notes.last().since(bench.world.now) <= Duration::from_millis(3), "{notes:?}");
    assert!(bench.send_timer().is_none() && bench.keepalive_timer().is_some());
}

/// A peer that has begun anew without telling its Send Timeout has the default (RFC 5534 section 7).
#[test]
fn what_a_peer_told_before_it_lost_its_context_is_forgotten() {
    let mut played = Played::in_state(10, State::I2Sent);
    let ulids = played.ulids();
    let announced = played.announced(&[0, 1, 2]);
    let slow = Announcement { keepalive_timeout: KeepaliveTimeout::from_secs(100), ..announced.announcement() };
    played.r2_announcing(ulids, PEER_TAG, &slow);
    let timeout = |played: &Played| played.context().reap().keepalive_timeout(&played.host().settings);
    assert_eq!(timeout(&played), Duration::from_secs(100));
    // A repeated message without the option says nothing.
    let mut request = played.request();
    played.ask(&request);
    assert_eq!(timeout(&played), Duration::from_secs(100));
    request.tag = OTHER_TAG;
    played.ask(&request);
    assert_eq!(timeout(&played), Duration::from_secs(15));
}

#[test]
fn a_keepalive_for_a_context_that_is_not_established_does_nothing() {
    let mut world = World::new(8, [2, 2]);
    let ulids = world.ulids(A);
    world.network.cut(ulids.peer, ulids.local);
    world.start(A);
    let id = world.hosts[A].context_id(&ulids).expect("a context");
    let receiver_tag = world.hosts[A].context(id).tag_local();
    let before = world.hosts[A].table.nodes[&id].notes;
    let mut octets = [0; 64];
    let length = Message::Keepalive(Keepalive { receiver_tag }).emit(&mut octets).expect("fits");
    let body = Body::Control(octets[..length].to_vec());
    world.inject(A, pair::Datagram { source: ulids.peer, destination: ulids.local, body });
    assert_eq!(world.hosts[A].state(&ulids), Some(State::I1Sent));
    assert_eq!(world.hosts[A].table.nodes[&id].notes, before);
}

/// An established world in which `host` has this Send Timeout.
fn with_timeout(seed: u64, host: usize, seconds: u32) -> World {
    let mut world = World::new(seed, [2, 2]);
    world.hosts[host].settings.send_timeout = Duration::from_secs(seconds);
    world.start(A);
    world.talk(Duration::from_secs(5), Duration::from_millis(500), &[A, B]);
    assert!(world.is_agreed());
    world
}

fn keepalive_timeout(world: &World, host: usize) -> u32 {
    let id = world.hosts[host].context_id(&world.ulids(host)).expect("a context");
    world.hosts[host].context(id).reap().keepalive_timeout(&world.hosts[host].settings).as_secs()
}

#[test]
fn a_changed_send_timeout_is_told_at_the_start() {
    // Host A tells it in I2, host B in R2.
    for host in [A, B] {
        let world = with_timeout(10, host, 40);
        assert_eq!(keepalive_timeout(&world, 1 - host), 40);
        assert_eq!(keepalive_timeout(&world, host), 15);
        let updates = world.hosts[host].count(Counter::Tx(MessageType::UpdateRequest));
        assert_eq!(updates, 0, "once is enough");
    }
}

/// The option in every message that may carry it: I2bis, after the peer has lost the context.
#[test]
fn it_is_told_again_to_a_peer_that_lost_it() {
    let mut world = with_timeout(11, A, 40);
    world.hosts[B].forget_everything();
    // Over the other pair payload carries a tag that the peer no longer knows.
    let over = Pair { local: world.hosts[A].addresses()[1], peer: world.hosts[B].addresses()[1] };
    world.advise(A, shim6_core::engine::Advice::Use(over));
    world.talk(Duration::from_secs(30), Duration::from_millis(100), &[A]);
    assert!(world.hosts[A].count(Counter::ContextsRecovered) >= 1);
    assert_eq!(keepalive_timeout(&world, B), 40);
}

#[test]
fn a_send_timeout_changed_later_is_told_by_update() {
    let mut world = with_timeout(12, A, 15);
    for (seconds, updates) in [(30, 1), (15, 2), (12, 3)] {
        world.hosts[A].settings.send_timeout = Duration::from_secs(seconds);
        world.talk(Duration::from_secs(40), Duration::from_millis(500), &[A, B]);
        assert_eq!(keepalive_timeout(&world, B), seconds);
        assert_eq!(world.hosts[A].count(Counter::Tx(MessageType::UpdateRequest)), updates, "told once");
    }
    // What tells of other things leaves it as it is.
    let address = world.hosts[A].addresses()[1];
    world.set_local(A, address, LocalStatus::LinkDown, shim6_core::engine::Cause::LinkDown);
    world.run(Duration::from_secs(1));
    assert_eq!(keepalive_timeout(&world, B), 12);
    assert!(world.hosts[A].count(Counter::Tx(MessageType::UpdateRequest)) > 3);
}

/// A shorter one must not find the peer guilty for what was right by the longer one.
#[test]
fn a_shorter_send_timeout_causes_no_alarm() {
    for seed in 20..40 {
        let mut world = with_timeout(seed, A, 60);
        world.talk(Duration::from_secs(30 + seed as u32), Duration::from_millis(500), &[A]);
        world.hosts[A].settings.send_timeout = Duration::from_secs(10);
        world.talk(Duration::from_secs(60), Duration::from_millis(500), &[A]);
        assert_eq!(world.hosts[A].count(Counter::Explorations), 0, "seed {seed}");
        assert_eq!(keepalive_timeout(&world, B), 10);
    }
}

#[test]
fn keepalives_go_by_the_timeout_that_the_peer_told() {
    let mut bench = Bench::with(13, |world| world.hosts[B].settings.send_timeout = Duration::from_secs(60));
    let begin = bench.world.now.as_millis();
    bench.payload_in();
    bench.run_ms(600_000);
    let times: Vec<_> = bench.sent().iter().map(|seen| seen.at.as_millis() - begin).collect();
    assert!((20_000..=30_000).contains(&times[0]), "{times:?}");
    assert_eq!(times.last(), Some(&60_000));
}

#[test]
fn the_send_timeout_that_is_set_is_used() {
    let mut bench = Bench::with(14, |world| world.hosts[A].settings.send_timeout = Duration::from_secs(33));
    bench.payload_out();
    bench.run_ms(32_999);
    assert_eq!(bench.state(), ReapState::Operational);
    bench.run_ms(1);
    assert_eq!(bench.state(), ReapState::Exploring);
}
