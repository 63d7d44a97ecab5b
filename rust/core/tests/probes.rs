// SPDX-License-Identifier: MIT OR GPL-2.0
//! What Probes say of themselves and of others, and where their nonces come from (RFC 5534 section 5.2).

mod common;
mod pair;

use common::seal;
use pair::{Bench, A};
use shim6_core::reap::{ReapState, MAX_RECEIVED};
use shim6_core::wire::{Message, ProbeReport, ProbeState, MAX_MESSAGE_LEN};
use std::collections::BTreeSet;

/// Octets of a Probe before its first report: R and the tag from 6, Precvd and Psent in 12, Sta and Reserved from 13.
const TAG: usize = 6;
const STATE: usize = 13;

#[test]
fn reserved_bits_of_a_probe_do_not_matter() {
    let octets = golden!("probe-exploring");
    assert_eq!((octets[TAG] & 0x80, octets[STATE] & 0x3f, octets[14], octets[15]), (0, 0, 0, 0));
    let same = Message::parse(&octets).expect("legal");
    for (place, bits) in [(TAG, 0x80), (STATE, 0x3f), (14, 0xff), (15, 0xff)] {
        let mut other = octets.clone();
        other[place] |= bits;
        seal(&mut other);
        assert_eq!(Message::parse(&other), Ok(same), "octet {place}");
        let mut buffer = [0xff; MAX_MESSAGE_LEN];
        let length = Message::parse(&other).expect("legal").emit(&mut buffer).expect("fits");
        assert_eq!(buffer[..length], octets[..], "sent as zero");
    }
}

#[test]
fn a_probe_tells_of_itself_first_and_repeats_earlier_ones() {
    let mut bench = Bench::new(1);
    bench.payload_out();
    bench.run_ms(60_000);
    let sent = bench.sent();
    assert!(sent.len() > 5);
    let mut before: Vec<ProbeReport> = Vec::new();
    let mut nonces = BTreeSet::new();
    for seen in &sent {
        let probe = seen.probe.as_ref().expect("a Probe");
        assert_eq!((probe.this.source, probe.this.destination), (seen.over.local, seen.over.peer));
        assert!(nonces.insert(probe.this.nonce.0), "a nonce is used twice");
        let latest: Vec<_> = before.iter().rev().take(probe.earlier.len()).copied().collect();
        assert_eq!(probe.earlier, latest, "copies of the latest before");
        assert_eq!(probe.earlier.is_empty(), before.is_empty());
        before.push(probe.this);
    }
}

/// Section 6.1: what the peer has reported is not told it again.
#[test]
fn earlier_ones_that_the_peer_has_reported_are_left_out() {
    let mut bench = Bench::new(6);
    bench.put_into(ReapState::Exploring);
    bench.run_ms(10_000);
    let sent = bench.probes();
    let [.., second, first] = &sent[..] else { panic!("Probes: {sent:?}") };
    assert!(first.earlier.contains(&second.this), "not yet reported");
    // The peer hears nothing but these two, and says so in vain: what comes next leaves out one of them, then both.
    let over = bench.pairs()[0];
    let mut known = Vec::new();
    for reported in [first.this, second.this] {
        known.push(reported);
        bench.probe_in(over, ProbeState::Exploring, &[reported]);
        let probe = bench.probes().remove(0);
        assert!(!probe.earlier.is_empty());
        assert!(known.iter().all(|known| !probe.earlier.contains(known)), "{known:?} in {probe:?}");
    }
}

#[test]
fn what_was_received_is_reported_unchanged() {
    let mut bench = Bench::new(2);
    let pairs = bench.pairs();
    let mut received = Vec::new();
    for over in pairs.iter().cycle().take(6) {
        received.push(bench.probe_in(*over, ProbeState::Exploring, &[]));
        let probes = bench.probes();
        assert_eq!(probes.len(), 1);
        let probe = &probes[0];
        assert_eq!(probe.state, ProbeState::InboundOk);
        let latest: Vec<_> = received.iter().rev().take(MAX_RECEIVED).copied().collect();
        assert_eq!(probe.received, latest, "addresses, nonce and data are copies");
        assert!(probe.received.iter().all(|report| report.data != 0));
    }
}

/// Section 5.2: reports are of Probes since the last time the host left Operational.
#[test]
fn an_earlier_exploration_is_not_reported() {
    let mut bench = Bench::new(3);
    let pairs = bench.pairs();
    let old = bench.probe_in(pairs[0], ProbeState::Exploring, &[]);
    bench.probe_in(pairs[0], ProbeState::Operational, &[]);
    assert_eq!(bench.state(), ReapState::Operational);
    bench.run_ms(5_000);
    bench.sent();
    let new = bench.probe_in(pairs[1], ProbeState::Exploring, &[]);
    let probe = bench.probes().remove(0);
    assert_eq!(probe.received, [new]);
    assert!(!probe.received.contains(&old));
}

/// The first Probe from InboundOk after payload alone has nothing to report; every other one has.
#[test]
fn probes_from_inbound_ok_report_what_came() {
    let mut bench = Bench::new(4);
    let over = bench.pairs()[0];
    bench.probe_in(over, ProbeState::Exploring, &[]);
    for _ in 0..10 {
        bench.run_ms(1000);
        bench.payload_in();
    }
    let probes = bench.probes();
    assert!(probes.len() >= 4);
    assert!(probes.iter().all(|probe| probe.state == ProbeState::InboundOk && !probe.received.is_empty()));
}

/// Nonces are what the generator of the surroundings says: in the kernel that is the cryptographic one.
#[test]
fn nonces_come_from_the_generator() {
    let nonces = |seed| {
        let mut bench = Bench::new(5);
        bench.world.hosts[A].reseed(seed);
        bench.payload_out();
        bench.run_ms(40_000);
        bench.probes().iter().map(|probe| probe.this.nonce.0).collect::<Vec<u32>>()
    };
    let first = nonces(1);
    assert!(first.len() > 5);
    assert_eq!(first, nonces(1), "the same octets, the same nonces");
    assert!(nonces(2).iter().all(|nonce| !first.contains(nonce)), "other octets, other nonces");
    let steps: BTreeSet<_> = first.windows(2).map(|two| two[1].wrapping_sub(two[0])).collect();
    assert_eq!(steps.len(), first.len() - 1, "no pattern from one to the next");
}
