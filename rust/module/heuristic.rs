// SPDX-License-Identifier: GPL-2.0
//! The start heuristic: who talks to whom often enough, or long enough, to deserve a context (RFC 5533 section 7.7).
//!
//! First packets are never delayed: those sent are counted in a small table of this CPU, and when a pair of addresses has
//! passed a threshold its context is started in the background. Packets that follow one to the same peer within a tick
//! are counted with the next one only (fast.c).

use crate::{
    ffi::{
        clock,
        flows::{self, Flow, Flows},
        packet::Packet,
        rcu::Reader,
        rules,
    },
    headers,
    netns::Net,
    policy::{self, Action, Facts},
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

    /// Counts packets, and returns the place of their pair.
    fn count(&self, stats: &Stats, local: &[u8; 16], peer: &[u8; 16], (now, sent): (u32, u32)) -> &Flow {
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
            flow.packets.store(sent, Relaxed);
        } else if packets != ASKED {
            flow.packets.store(packets.saturating_add(sent).min(ASKED - 1), Relaxed);
        }
        flow
    }

    /// The thresholds that hold where no rule says otherwise.
    fn thresholds(&self) -> Thresholds {
        Thresholds { packets: self.packets.load(Relaxed), milliseconds: self.milliseconds.load(Relaxed) }
    }
}

/// When a pair of addresses has earned a context.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Thresholds {
    /// Packets sent, those that come in not counted; 0: never for their number.
    packets: u32,
    /// Milliseconds since the first of them; 0: never for that.
    milliseconds: u32,
}

impl Thresholds {
    fn are_passed(self, flow: &Flow, now: u32) -> bool {
        let packets = flow.packets.load(Relaxed);
        (self.packets != 0 && packets >= self.packets)
            || (self.milliseconds != 0
                && packets > 1
                && now.wrapping_sub(flow.since.load(Relaxed)) >= self.milliseconds)
    }
}

/// The tick in 32 bits: only differences are looked at.
fn tick() -> u32 {
    clock::now().as_millis() as u32
}

/// A packet without a context goes out.
pub(crate) fn sent(net: &Net, reader: Reader<'_>, packet: &mut Packet) {
    if !net.has_sets() {
        return;
    }
    let (local, peer, now) = (*packet.source(), *packet.destination(), tick());
    let has_rules = net.has_start_rules.load(Relaxed);
    let alike = net.contexts() == 0 && !net.has_sockets() && !has_rules;
    let like_the_last = if alike { net.share().start_memo(&peer) } else { 0 };
    let flow = net.heuristic.count(net.stats(), &local, &peer, (now, 1 + like_the_last));
    if flow.packets.load(Relaxed) == ASKED {
        return;
    }
    let thresholds = if has_rules { ruled(net, reader, packet) } else { Some(net.heuristic.thresholds()) };
    if !thresholds.is_some_and(|thresholds| thresholds.are_passed(flow, now)) {
        return;
    }
    flow.packets.store(ASKED, Relaxed);
    flow.since.store(now, Relaxed);
    if (has_rules || !facts(packet, false).is_multihomed) && may_have_context(net, packet) {
        ask(net, Pair { local: Addr(local), peer: Addr(peer) });
    }
}

/// The thresholds that the policy has for a packet; none: it starts no context.
fn ruled(net: &Net, reader: Reader<'_>, packet: &mut Packet) -> Option<Thresholds> {
    let facts = facts(packet, true);
    let usual = net.heuristic.thresholds();
    match policy::start(net.rules(reader), &facts) {
        None => (!facts.is_multihomed).then_some(usual),
        Some(Action::AtOnce) => Some(Thresholds { packets: 1, ..usual }),
        Some(Action::After { packets, time }) => Some(Thresholds { packets, milliseconds: time }),
        Some(_) => None,
    }
}

/// What rules may ask of a packet; ports and user only if they are `wanted`. MPTCP and SCTP have their own multihoming.
fn facts(packet: &mut Packet, wanted: bool) -> Facts {
    let transport = headers::end(packet);
    let is_mptcp = packet.is_mptcp();
    let protocol = transport.map(|place| u16::from(place.protocol));
    Facts {
        local: Addr(*packet.source()),
        peer: Addr(*packet.destination()),
        protocol: if is_mptcp { Some(policy::MPTCP) } else { protocol },
        is_multihomed: is_mptcp || protocol == Some(u16::from(headers::SCTP)),
        ports: transport.filter(|_| wanted).and_then(|place| headers::ports(packet, place)),
        user: if wanted { rules::user_of(packet) } else { None },
    }
}

/// Whether a context between a packet's addresses makes sense.
fn may_have_context(net: &Net, packet: &Packet) -> bool {
    let (local, peer) = (Addr(*packet.source()), Addr(*packet.destination()));
    local.may_be_locator() && peer.may_be_locator() && !net.share().is_local(peer.octets())
}

/// Has the context started in the background.
fn ask(net: &Net, ulids: Pair) {
    let mut locked = net.lock();
    let control = locked.control();
    let is_allowed =
        control.sets.of(&ulids.local).and_then(|(set, _)| set.locals.get(&ulids.local)).map(|one| one.allowed);
    if is_allowed == Some(true) && !control.starts.contains(&ulids) {
        // If too many wait, its packets ask again later.
        let _ = control.starts.push(ulids);
        net.share().ask_for_chores(0);
    }
}
