// SPDX-License-Identifier: MIT OR GPL-2.0
//! The state machine of RFC 5534 section 6, one event in one state at a time. The test plays the peer.

mod pair;

use pair::{Bench, SeenProbe};
use shim6_core::context::State;
use shim6_core::engine::{Advice, Cause};
use shim6_core::locator::Pair;
use shim6_core::reap::ReapState::{self, Exploring, InboundOk, Operational};
use shim6_core::wire::{Announcement, KeepaliveTimeout, Message, MessageType, Nonce, ProbeState, UpdateRequest};

/// The host in this state, with the pair that it uses.
fn bench(state: ReapState) -> (Bench, Pair) {
    let mut bench = Bench::new(state as u64 + 1);
    bench.put_into(state);
    // Later than whatever led there.
    bench.run_ms(3);
    bench.sent();
    let current = bench.current();
    (bench, current)
}

/// The one message that the host sent since the last look, which must be a Probe.
fn one_probe(bench: &mut Bench) -> SeenProbe {
    let mut sent = bench.sent();
    assert_eq!(sent.len(), 1, "{sent:?}");
    sent.remove(0).probe.expect("a Probe")
}

fn starts_send_timer(bench: &Bench) {
    // A tick later if something came in at the same tick: that stopped it, and this starts it.
    let start = bench.send_timer().expect("the Send Timer runs");
    assert!(start.since(bench.world.now).as_millis() <= 1 && start >= bench.world.now, "it starts now");
    assert_eq!(bench.keepalive_timer(), None, "only one timer runs");
}

/// Own Probes, as the peer reports them.
fn own(probe: &SeenProbe) -> [shim6_core::wire::ProbeReport; 1] {
    [probe.this]
}

#[test]
fn a_new_context_is_operational_and_silent() {
    let mut bench = Bench::new(9);
    assert_eq!(bench.state(), Operational);
    assert_eq!((bench.send_timer(), bench.keepalive_timer().filter(|at| *at == bench.world.now)), (None, None));
    bench.run_ms(600_000);
    assert_eq!(bench.sent(), []);
    // Nor does one that carried nothing since its exchange send a Probe.
    let mut world = pair::World::new(9, [2, 2]);
    world.start(pair::A);
    world.run(shim6_core::time::Duration::from_secs(200));
    for host in &world.hosts {
        assert_eq!(host.count(shim6_core::engine::Counter::Tx(MessageType::Probe)), 0);
    }
}

#[test]
fn payload_in_while_operational() {
    let (mut bench, _) = bench(Operational);
    bench.payload_out();
    bench.run_ms(7);
    let first = bench.world.now;
    bench.payload_in();
    assert_eq!(bench.send_timer(), None, "stopped");
    assert_eq!(bench.keepalive_timer(), Some(first), "started");
    bench.run_ms(1000);
    bench.payload_in();
    assert_eq!(bench.keepalive_timer(), Some(first), "not started anew while it runs");
    assert_eq!((bench.state(), bench.sent()), (Operational, vec![]));
}

#[test]
fn payload_in_while_exploring() {
    let (mut bench, current) = bench(Exploring);
    // A Probe over a pair that the peer heard nothing of.
    bench.run_ms(500);
    let earlier = bench.probes();
    bench.payload_in();
    let probe = one_probe(&mut bench);
    assert_eq!((bench.state(), probe.state), (InboundOk, ProbeState::InboundOk));
    assert_eq!((probe.this.source, probe.this.destination), (current.local, current.peer));
    starts_send_timer(&bench);
    assert!(!earlier.is_empty() && earlier.iter().all(|sent| probe.earlier.contains(&sent.this)), "{probe:?}");
}

#[test]
fn payload_in_while_inbound_ok() {
    let (mut bench, _) = bench(InboundOk);
    assert!(bench.send_timer().is_some());
    bench.payload_in();
    assert_eq!((bench.state(), bench.send_timer(), bench.sent()), (InboundOk, None, vec![]));
}

#[test]
fn payload_out_while_operational() {
    let (mut bench, _) = bench(Operational);
    bench.payload_in();
    bench.run_ms(5);
    let first = bench.world.now;
    bench.payload_out();
    assert_eq!((bench.send_timer(), bench.keepalive_timer()), (Some(first), None));
    bench.run_ms(1000);
    bench.payload_out();
    assert_eq!(bench.send_timer(), Some(first), "not started anew while it runs");
    assert_eq!(bench.state(), Operational);
}

#[test]
fn payload_out_while_exploring_uses_the_old_pair() {
    let (mut bench, current) = bench(Exploring);
    bench.payload_out();
    assert_eq!((bench.state(), bench.current()), (Exploring, current));
    // The Send Timer does not run in this state: after its time nothing but the series of Probes goes on.
    bench.run_ms(20_000);
    assert_eq!(bench.state(), Exploring);
    assert!(bench.probes().iter().all(|probe| probe.state == ProbeState::Exploring));
    assert_eq!(bench.current(), current);
}

#[test]
fn payload_out_while_inbound_ok() {
    let (mut bench, _) = bench(InboundOk);
    bench.payload_in();
    bench.run_ms(5);
    bench.payload_out();
    starts_send_timer(&bench);
    let first = bench.world.now;
    bench.run_ms(100);
    bench.payload_out();
    assert_eq!((bench.send_timer(), bench.state()), (Some(first), InboundOk));
}

#[test]
fn keepalives_are_for_operational_alone() {
    for state in [Exploring, InboundOk] {
        let (mut bench, _) = bench(state);
        if state == InboundOk {
            bench.payload_in();
        }
        bench.run_ms(30_000);
        assert!(bench.sent().iter().all(|seen| seen.kind == MessageType::Probe), "{state:?}");
    }
}

#[test]
fn the_send_timer_ends_while_operational() {
    let (mut bench, current) = bench(Operational);
    bench.payload_out();
    bench.run_ms(14_999);
    assert_eq!((bench.state(), bench.sent()), (Operational, vec![]));
    bench.run_ms(1);
    assert_eq!(bench.state(), Exploring);
    assert_eq!(one_probe(&mut bench).state, ProbeState::Exploring);
    assert_eq!(bench.current(), current);
}

#[test]
fn the_send_timer_ends_while_inbound_ok() {
    let (mut bench, _) = bench(InboundOk);
    let ends = bench.send_timer().expect("the Send Timer") + shim6_core::time::Duration::from_secs(15);
    let left = ends - bench.world.now;
    bench.run_ms(left.as_millis() - 1);
    assert_eq!(bench.state(), InboundOk);
    bench.sent();
    bench.run_ms(1);
    assert_eq!(bench.state(), Exploring);
    assert!(bench.probes().iter().any(|probe| probe.state == ProbeState::Exploring), "at once");
}

#[test]
fn no_timed_probes_while_operational() {
    let (mut bench, _) = bench(Operational);
    for _ in 0..100 {
        bench.payload_out();
        bench.run_ms(100);
        bench.payload_in();
        bench.run_ms(100);
    }
    assert_eq!(bench.sent(), []);
}

#[test]
fn timed_probes_while_exploring_go_from_pair_to_pair() {
    let (mut bench, _) = bench(Exploring);
    bench.run_ms(1600);
    let probes = bench.probes();
    assert!(probes.len() >= 3);
    assert!(probes.iter().all(|probe| probe.state == ProbeState::Exploring));
    assert!(probes
        .windows(2)
        .all(|two| two[0].this.source != two[1].this.source || two[0].this.destination != two[1].this.destination));
}

#[test]
fn timed_probes_while_inbound_ok_start_the_send_timer() {
    let (mut bench, _) = bench(InboundOk);
    bench.payload_in();
    assert_eq!(bench.send_timer(), None);
    bench.run_ms(600);
    let probes = bench.probes();
    assert!(!probes.is_empty() && probes.iter().all(|probe| probe.state == ProbeState::InboundOk));
    assert!(bench.send_timer().is_some(), "started with the Probe");
}

#[test]
fn keepalive_in_while_operational() {
    let (mut bench, _) = bench(Operational);
    bench.payload_out();
    bench.run_ms(5);
    bench.keepalive_in();
    assert_eq!(bench.send_timer(), None);
    bench.run_ms(60_000);
    assert_eq!((bench.state(), bench.sent()), (Operational, vec![]), "a Keepalive is not answered");
}

#[test]
fn keepalive_in_while_exploring() {
    let (mut bench, _) = bench(Exploring);
    bench.keepalive_in();
    let probe = one_probe(&mut bench);
    assert_eq!((bench.state(), probe.state), (InboundOk, ProbeState::InboundOk));
    assert!(bench.send_timer().is_some());
    assert_eq!(bench.keepalive_timer(), None);
}

#[test]
fn keepalive_in_while_inbound_ok() {
    let (mut bench, _) = bench(InboundOk);
    bench.keepalive_in();
    assert_eq!((bench.state(), bench.send_timer(), bench.sent()), (InboundOk, None, vec![]));
}

#[test]
fn probe_exploring_in() {
    for state in [Operational, Exploring, InboundOk] {
        let (mut bench, _) = bench(state);
        bench.payload_in();
        bench.run_ms(40);
        bench.sent();
        let over = bench.pairs()[3];
        let theirs = bench.probe_in(over, ProbeState::Exploring, &[]);
        let probe = one_probe(&mut bench);
        assert_eq!((bench.state(), probe.state), (InboundOk, ProbeState::InboundOk), "{state:?}");
        assert!(probe.received.contains(&theirs), "{state:?}: the answer reports what it answers");
        assert_eq!((probe.this.source, probe.this.destination), (over.local, over.peer), "{state:?}: on its way back");
        starts_send_timer(&bench);
    }
}

#[test]
fn probe_inbound_ok_in() {
    for state in [Operational, Exploring, InboundOk] {
        let (mut bench, current) = bench(state);
        bench.payload_in();
        bench.run_ms(40);
        bench.sent();
        // Nothing is reported, so nothing but the state changes.
        let over = bench.pairs()[3];
        bench.probe_in(over, ProbeState::InboundOk, &[]);
        let probe = one_probe(&mut bench);
        assert_eq!((bench.state(), probe.state), (Operational, ProbeState::Operational), "{state:?}");
        assert_eq!(bench.current(), current, "{state:?}");
        starts_send_timer(&bench);
    }
}

#[test]
fn probe_operational_in() {
    for state in [Operational, Exploring, InboundOk] {
        let (mut bench, current) = bench(state);
        if state == Operational {
            bench.payload_out();
        }
        bench.run_ms(40);
        bench.sent();
        let over = bench.pairs()[3];
        bench.probe_in(over, ProbeState::Operational, &[]);
        assert_eq!((bench.state(), bench.sent()), (Operational, vec![]), "{state:?}: no answer");
        assert_eq!((bench.send_timer(), bench.current()), (None, current), "{state:?}");
        assert_eq!(bench.keepalive_timer(), Some(bench.world.now), "{state:?}");
    }
}

#[test]
fn a_reported_probe_makes_its_pair_the_current_one() {
    for answer in [ProbeState::InboundOk, ProbeState::Operational] {
        let (mut bench, current) = bench(Exploring);
        bench.run_ms(500);
        let probe = one_probe(&mut bench);
        let pair = Pair { local: probe.this.source, peer: probe.this.destination };
        assert_ne!(pair, current);
        bench.run_ms(10);
        assert_eq!(bench.current(), current, "not before it is confirmed");
        bench.probe_in(current, answer, &own(&probe));
        assert_eq!((bench.current(), bench.state()), (pair, Operational), "{answer:?}");
    }
}

/// A host whose search has ended without any report, on the pair that it had, and the Probes of that search.
fn ended_in_vain() -> (Bench, Pair, Vec<SeenProbe>) {
    let (mut bench, current) = bench(Exploring);
    bench.run_ms(7_000);
    let probes = bench.probes();
    bench.probe_in(current, ProbeState::InboundOk, &[]);
    assert_eq!((bench.current(), bench.state()), (current, Operational));
    bench.run_ms(10);
    bench.sent();
    (bench, current, probes)
}

fn over(probe: &SeenProbe) -> Pair {
    Pair { local: probe.this.source, peer: probe.this.destination }
}

/// RFC 5534 section 6.8 has the reports decide in each state: a peer that has not heard yet that all is well says again what
/// it got, and that may be more by then.
#[test]
fn a_probe_reported_to_a_host_that_is_operational_makes_its_pair_the_current_one() {
    let (mut bench, current, probes) = ended_in_vain();
    let found = probes.iter().find(|probe| over(probe) != current).expect("a Probe over another pair");
    bench.probe_in(current, ProbeState::InboundOk, &own(found));
    assert_eq!((bench.current(), bench.state()), (over(found), Operational));
    assert_eq!(bench.world.hosts[pair::A].context(bench.id()).switch_cause(), Cause::ProbeAnswered);
    let answer = one_probe(&mut bench);
    assert_eq!((over(&answer), answer.state), (over(found), ProbeState::Operational));
    starts_send_timer(&bench);
    // What is reported later of others is late, and so is what the peer repeats.
    for probe in probes.iter().filter(|probe| over(probe) != over(found)) {
        bench.run_ms(10);
        bench.probe_in(current, ProbeState::InboundOk, &own(probe));
        assert_eq!(bench.current(), over(found));
    }
}

#[test]
fn a_host_that_is_operational_stays_with_a_pair_that_is_reported() {
    let (mut bench, current, probes) = ended_in_vain();
    let mine = probes.iter().find(|probe| over(probe) == current).expect("a Probe over the current pair");
    let other = probes.iter().find(|probe| over(probe) != current).expect("a Probe over another pair");
    bench.probe_in(over(other), ProbeState::InboundOk, &[other.this, mine.this]);
    assert_eq!((bench.current(), bench.state()), (current, Operational));
    bench.run_ms(10);
    bench.probe_in(over(other), ProbeState::InboundOk, &own(other));
    assert_eq!(bench.current(), current);
}

/// Only InboundOk says that the peer wants to know (section 6.9 has no word of pairs).
#[test]
fn a_host_that_is_operational_moves_for_no_peer_that_is_so_too() {
    let (mut bench, current, probes) = ended_in_vain();
    let other = probes.iter().find(|probe| over(probe) != current).expect("a Probe over another pair");
    bench.probe_in(current, ProbeState::Operational, &own(other));
    assert_eq!((bench.current(), bench.state()), (current, Operational));
}

/// Whether the peer is at its other locators was asked while all was well: that it is, is no reason to move.
#[test]
fn a_report_of_what_was_asked_while_operational_moves_nobody() {
    let (mut bench, current) = bench(Operational);
    bench.world.advise(pair::A, Advice::Verify);
    let asked = bench.probes();
    assert!(asked.iter().all(|probe| over(probe) != current) && !asked.is_empty(), "{asked:?}");
    bench.probe_in(over(&asked[0]), ProbeState::InboundOk, &own(&asked[0]));
    assert_eq!((bench.current(), bench.state()), (current, Operational));
}

#[test]
fn a_report_of_what_was_never_sent_proves_nothing() {
    let (mut bench, current) = bench(Exploring);
    bench.run_ms(500);
    let probe = one_probe(&mut bench);
    let mut invented = [own(&probe)[0]; 3];
    invented[0].nonce.0 ^= 1;
    invented[1].source = current.local;
    invented[2].destination = current.peer;
    bench.probe_in(current, ProbeState::InboundOk, &invented);
    assert_eq!(bench.current(), current);
}

/// RFC 5534 section 6.1: like payload.
#[test]
fn an_update_in_while_exploring() {
    let (mut bench, current) = bench(Exploring);
    let receiver_tag = bench.world.hosts[pair::A].context(bench.id()).tag_local();
    let announcement = Announcement { keepalive_timeout: KeepaliveTimeout::from_secs(20), ..Announcement::NOTHING };
    let request = UpdateRequest { receiver_tag, request_nonce: Nonce(1), announcement };
    bench.inject(current, &Message::UpdateRequest(request));
    assert_eq!(bench.state(), InboundOk);
    assert_eq!(bench.probes().iter().map(|probe| probe.state).collect::<Vec<_>>(), [ProbeState::InboundOk]);
    starts_send_timer(&bench);
}

/// RFC 5534 section 5.2: what is reported came since the last transition to Exploring.
#[test]
fn probes_of_before_are_not_reported_after_another_silence() {
    let (mut bench, current) = bench(Operational);
    let heard = bench.probe_in(current, ProbeState::Exploring, &[]);
    assert_eq!(one_probe(&mut bench).received, [heard]);
    while bench.state() != Exploring {
        bench.run_ms(100);
    }
    bench.run_ms(5_000);
    let mut probes = bench.probes();
    probes.retain(|probe| probe.state == ProbeState::Exploring);
    assert!(!probes.is_empty() && probes.iter().all(|probe| probe.received.is_empty()), "{probes:?}");
}

/// What was found out about a context that has to be made anew from I1 on is not known of the new one.
#[test]
fn an_exchange_that_begins_anew_is_operational() {
    let (mut bench, current) = bench(Exploring);
    let packet_tag = bench.world.hosts[pair::A].context(bench.id()).tag_peer().expect("the peer's tag");
    bench.inject(current, &pair::r1bis(packet_tag));
    let state = |bench: &Bench| bench.world.hosts[pair::A].context(bench.id()).state();
    assert_eq!((state(&bench), bench.state()), (State::I2bisSent, Exploring));
    while state(&bench) == State::I2bisSent {
        bench.run_ms(1_000);
    }
    assert_eq!((state(&bench), bench.state()), (State::I1Sent, Operational));
}

/// An exchange that ends shows what a test was to find out: the next Probe is answered as ever.
#[test]
fn a_test_ends_with_an_exchange() {
    let (mut bench, current) = bench(Operational);
    bench.world.advise(pair::A, Advice::Suspect(Cause::Application));
    assert_eq!(bench.state(), Exploring);
    let packet_tag = bench.world.hosts[pair::A].context(bench.id()).tag_peer().expect("the peer's tag");
    bench.world.network.control_seen.clear();
    bench.inject(current, &pair::r1bis(packet_tag));
    let nonce = bench.world.network.control_seen.iter().find_map(|datagram| match &datagram.body {
        pair::Body::Control(octets) => match Message::parse(octets) {
            Ok(Message::I2bis(i2bis)) => Some(i2bis.initiator_nonce),
            _ => None,
        },
        pair::Body::Payload { .. } => None,
    });
    let peer = pair::Peer::of(&bench.world.hosts[pair::B], packet_tag.get());
    bench.inject(current, &Message::R2(peer.r2(nonce.expect("an I2bis"))));
    assert_eq!(bench.state(), Operational);
    bench.sent();
    bench.probe_in(current, ProbeState::InboundOk, &[]);
    assert_eq!(one_probe(&mut bench).state, ProbeState::Operational);
}
