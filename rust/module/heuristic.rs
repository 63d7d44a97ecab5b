// SPDX-License-Identifier: GPL-2.0
//! The start heuristic: who talks to whom often enough, or long enough, to deserve a context (RFC 5533 section 7.7).
//!
//! First packets are never delayed: they are counted in a small table of this CPU, and when a pair of addresses has
//! passed a threshold its context is started in the background.

use crate::{
    ffi::{
        clock,
        flows::{self, Flow, Flows},
        packet::Packet,
    },
    headers,
    netns::Net,
    settings::Settings,
    stats::{Counter, Stats},
};
use core::sync::atomic::{AtomicU32, Ordering::Relaxed};
use kernel::prelude::*;
use shim6_core::{addr::Addr, locator::Pair};

/// After this time, in milliseconds, a pair whose context was asked for may be asked for again.
const ASK_AGAIN: u32 = 30_000;

/// A number of packets that says that the context was asked for.
const ASKED: u32 = u32::MAX;

/// The thresholds and the tables.
pub(crate) struct Heuristic {
    flows: Flows,
    packets: AtomicU32,
    milliseconds: AtomicU32,
}

impl Heuristic {
    /// Empty tables. May sleep.
    pub(crate) fn new(settings: &Settings) -> Result<Heuristic> {
        let heuristic = Heuristic { flows: Flows::new()?, packets: AtomicU32::new(0), milliseconds: AtomicU32::new(0) };
        heuristic.set(settings);
        Ok(heuristic)
    }

    /// Takes over changed thresholds.
    pub(crate) fn set(&self, settings: &Settings) {
        self.packets.store(settings.start_packets, Relaxed);
        self.milliseconds.store(settings.start_time, Relaxed);
    }

    /// Counts a packet, and returns the place of its pair.
    fn count(&self, stats: &Stats, local: &[u8; 16], peer: &[u8; 16], now: u32) -> &Flow {
        let key = flows::key(local, peer);
        let flow = self.flows.place(key);
        let packets = flow.packets.load(Relaxed);
        let stale = packets == ASKED && now.wrapping_sub(flow.since.load(Relaxed)) > ASK_AGAIN;
        let before = flow.key.load(Relaxed);
        if before != key || stale {
            if before != key && before != 0 && packets != ASKED {
                stats.inc(Counter::StartEvicted);
            }
            flow.key.store(key, Relaxed);
            flow.since.store(now, Relaxed);
            flow.packets.store(1, Relaxed);
        } else if packets < ASKED - 1 {
            flow.packets.store(packets + 1, Relaxed);
        }
        flow
    }

    /// Whether a pair has passed a threshold, and nobody has asked for its context yet.
    fn is_due(&self, flow: &Flow, now: u32) -> bool {
        let packets = flow.packets.load(Relaxed);
        let (enough, long) = (self.packets.load(Relaxed), self.milliseconds.load(Relaxed));
        packets != ASKED
            && ((enough != 0 && packets >= enough)
                || (long != 0 && packets > 1 && now.wrapping_sub(flow.since.load(Relaxed)) >= long))
    }
}

/// The tick in 32 bits: only differences are looked at.
fn tick() -> u32 {
    clock::now().as_millis() as u32
}

/// A packet without a context goes out.
pub(crate) fn sent(net: &Net, packet: &mut Packet) {
    if !net.has_sets() {
        return;
    }
    let (local, peer, now) = (*packet.source(), *packet.destination(), tick());
    let flow = net.heuristic.count(net.stats(), &local, &peer, now);
    if !net.heuristic.is_due(flow, now) {
        return;
    }
    flow.packets.store(ASKED, Relaxed);
    flow.since.store(now, Relaxed);
    if is_wanted(net, packet) {
        ask(net, Pair { local: Addr(local), peer: Addr(peer) });
    }
}

/// A packet without a context came in.
pub(crate) fn received(net: &Net, packet: &Packet) {
    if net.has_sets() {
        net.heuristic.count(net.stats(), packet.destination(), packet.source(), tick());
    }
}

/// Whether a packet's addresses and its transport want a context: MPTCP and SCTP have their own multihoming.
fn is_wanted(net: &Net, packet: &mut Packet) -> bool {
    let (local, peer) = (Addr(*packet.source()), Addr(*packet.destination()));
    local.may_be_locator()
        && peer.may_be_locator()
        && !packet.is_mptcp()
        && headers::protocol(packet) != Some(headers::SCTP)
        && !net.share().is_local(peer.octets())
}

/// Has the context started in the background.
fn ask(net: &Net, ulids: Pair) {
    let mut locked = net.lock();
    let control = locked.control();
    if control.sets.of(&ulids.local).is_some() && !control.starts.contains(&ulids) {
        // If too many wait, its packets ask again later.
        let _ = control.starts.push(ulids);
        net.share().ask_for_chores(0);
    }
}
