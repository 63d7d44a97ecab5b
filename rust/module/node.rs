// SPDX-License-Identifier: GPL-2.0
//! One context in memory: what packets read and write ([`Shared`]), and what only control touches ([`NodeControl`]).

use crate::{
    ffi::{
        fast::{Kind, Passed},
        table::Node,
    },
    netlink::view::ContextCounters,
};
use core::{
    mem::size_of,
    sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed},
};
use kernel::prelude::*;
use shim6_core::{
    context::{Context, Establishment, Past},
    reap::{received_at, sent_at, Cadence, Exploration, Note, Notes, Patience, RoundTrip},
    time::{Duration, Instant},
    wishes::Wishes,
};

/// The delay of the first check, until the engine has told its own.
const FIRST_CHECK: u32 = 1000;

/// Connections of TCP that are remembered, to be woken when the path has changed; the others wait for their own timers.
pub(crate) const CONNECTIONS: usize = 8;

/// What follows from a packet that was noted.
pub(crate) struct Noted {
    /// The timer must run then.
    pub(crate) check: Instant,
    /// A packet of the other direction was before it in the same tick, so that it must be seen whether another follows.
    pub(crate) turns: bool,
}

impl Noted {
    /// Sees to it.
    #[inline]
    pub(crate) fn follow(&self, node: &Node) {
        node.arm(self.check);
        if self.turns {
            node.turn();
        }
    }
}

/// What packets read and write without any lock. All access is relaxed: each value stands for itself.
pub(crate) struct Shared {
    last_rx: AtomicU64,
    last_tx: AtomicU64,
    first_tx: AtomicU64,
    first_rx: AtomicU64,
    cadence: AtomicU64,
    asked: AtomicU64,
    answers: AtomicU64,
    measured: AtomicU32,
    check_delay: AtomicU32,
    stands_by: AtomicBool,
    up: AtomicBool,
    established: AtomicBool,
    watched: AtomicBool,
    keeps_arrivals: AtomicBool,
    arrival: AtomicU64,
    told: AtomicU32,
    suspected: AtomicU32,
    connections: [AtomicU32; CONNECTIONS],
    tx_packets: AtomicU64,
    tx_octets: AtomicU64,
    rx_packets: AtomicU64,
    rx_octets: AtomicU64,
}

/// Enough of an address to tell it from the few others that a context knows; never 0.
pub(crate) fn digest(address: &[u8; 16]) -> u32 {
    let words = address.chunks_exact(4).filter_map(|word| word.first_chunk::<4>().copied());
    words.fold(0, |mixed: u32, word| mixed.rotate_left(9) ^ u32::from_ne_bytes(word)).max(1)
}

impl Shared {
    /// A context that has seen no packet.
    pub(crate) fn new() -> Shared {
        Shared {
            last_rx: AtomicU64::new(0),
            last_tx: AtomicU64::new(0),
            first_tx: AtomicU64::new(0),
            first_rx: AtomicU64::new(0),
            cadence: AtomicU64::new(0),
            asked: AtomicU64::new(0),
            answers: AtomicU64::new(0),
            measured: AtomicU32::new(0),
            check_delay: AtomicU32::new(FIRST_CHECK),
            stands_by: AtomicBool::new(false),
            up: AtomicBool::new(false),
            established: AtomicBool::new(false),
            watched: AtomicBool::new(false),
            keeps_arrivals: AtomicBool::new(false),
            arrival: AtomicU64::new(0),
            told: AtomicU32::new(0),
            suspected: AtomicU32::new(0),
            connections: [const { AtomicU32::new(0) }; CONNECTIONS],
            tx_packets: AtomicU64::new(0),
            tx_octets: AtomicU64::new(0),
            rx_packets: AtomicU64::new(0),
            rx_octets: AtomicU64::new(0),
        }
    }

    /// Whether packets of the context are noted and may be switched.
    #[inline]
    pub(crate) fn is_up(&self) -> bool {
        self.up.load(Relaxed)
    }

    /// Whether payload under its tag is taken in without asking the engine.
    #[inline]
    pub(crate) fn is_established(&self) -> bool {
        self.established.load(Relaxed)
    }

    /// Whether the engine wants to know of the next payload received.
    #[inline]
    pub(crate) fn is_watched(&self) -> bool {
        self.watched.load(Relaxed)
    }

    /// Asks to be told of payload received, or no longer.
    pub(crate) fn watch(&self, on: bool) {
        self.watched.store(on, Relaxed);
    }

    /// Whether an application wants to know between which locators packets come in.
    #[inline]
    pub(crate) fn keeps_arrivals(&self) -> bool {
        self.keeps_arrivals.load(Relaxed)
    }

    /// An application wants to know, from now on.
    pub(crate) fn keep_arrivals(&self) {
        self.keeps_arrivals.store(true, Relaxed);
    }

    /// A packet came in to this local locator from that of the peer.
    pub(crate) fn arrived(&self, local: &[u8; 16], peer: &[u8; 16]) {
        self.arrival.store(u64::from(digest(local)) << 32 | u64::from(digest(peer)), Relaxed);
    }

    /// The locators of the last packet that came in while that was kept, as digests; none: 0.
    pub(crate) fn arrival(&self) -> (u32, u32) {
        let arrival = self.arrival.load(Relaxed);
        ((arrival >> 32) as u32, arrival as u32)
    }

    /// Copies from the protocol's part what packets need of it; says whether they may be dealt with otherwise now.
    pub(crate) fn refresh(&self, up: bool, established: bool, check_delay: Duration, stands_by: bool) -> bool {
        let is_new = self.is_up() != up || self.is_established() != established;
        self.check_delay.store(check_delay.as_millis(), Relaxed);
        self.stands_by.store(stands_by, Relaxed);
        self.up.store(up, Relaxed);
        self.established.store(established, Relaxed);
        is_new
    }

    /// The time at which the timer must look at notes written now.
    #[inline]
    fn check_at(&self, now: Instant) -> Instant {
        Instant::from_millis(now.as_millis() + u64::from(self.check_delay.load(Relaxed)))
    }

    /// Notes a payload packet sent ([`Notes::sent`]), once a tick and turn. If anything was noted it returns what follows.
    #[inline]
    pub(crate) fn sent(&self, now: Instant) -> Option<Noted> {
        let last_rx = self.last_rx.load(Relaxed);
        let at = sent_at(now, Instant::from_millis(last_rx))?.as_millis();
        if self.last_tx.load(Relaxed) >= at {
            return None;
        }
        if self.first_tx.load(Relaxed) <= last_rx {
            self.first_tx.store(at, Relaxed);
        }
        self.last_tx.store(at, Relaxed);
        Some(Noted { check: self.check_at(now), turns: last_rx >= now.as_millis() })
    }

    /// Notes that a transport awaits an acknowledgement of what it sends ([`Notes::asks`]), once a tick. Returns when the timer
    /// must run, if the answers come so regularly that one can be missed: sooner if another pair stands by or may be lent.
    pub(crate) fn asks(&self, now: Instant) -> Option<Instant> {
        let last_rx = self.last_rx.load(Relaxed);
        if self.asked.load(Relaxed) > last_rx {
            return None;
        }
        self.asked.store(now.as_millis(), Relaxed);
        let answers = Cadence::from_bits(self.answers.load(Relaxed));
        let measured = RoundTrip::from_bits(self.measured.load(Relaxed));
        let heard = Cadence::from_bits(self.cadence.load(Relaxed)).last(now);
        let alone = measured.is_rest(now.since(heard));
        Some(now + answers.patience_of(Patience::least(alone, self.stands_by.load(Relaxed)))?)
    }

    /// Notes a payload packet received ([`Notes::received`]), once a tick and turn.
    #[inline]
    pub(crate) fn received(&self, now: Instant) -> Option<Noted> {
        let (last_rx, last_tx) = (self.last_rx.load(Relaxed), self.last_tx.load(Relaxed));
        let at = received_at(now, Instant::from_millis(last_tx)).as_millis();
        if last_rx >= at {
            return None;
        }
        let first_rx = self.first_rx.load(Relaxed);
        if first_rx == 0 || first_rx < last_tx {
            self.first_rx.store(at, Relaxed);
        }
        // Once a tick.
        let patience = if last_rx < now.as_millis() { self.keep_cadence(now, last_rx) } else { None };
        self.last_rx.store(at, Relaxed);
        let check = self.check_at(now);
        let check = patience.map_or(check, |patience| check.min(now + patience));
        Some(Noted { check, turns: last_tx >= now.as_millis() })
    }

    /// The other thing to do for payload received ([`Notes::keep_cadence`]). Returns after how long a wait it is missed, if its coming
    /// has just come to be regular.
    #[inline]
    fn keep_cadence(&self, now: Instant, last_rx: u64) -> Option<Duration> {
        let cadence = Cadence::from_bits(self.cadence.load(Relaxed)).heard(now);
        self.cadence.store(cadence.bits(), Relaxed);
        let asked = self.asked.load(Relaxed);
        if asked > last_rx {
            let wait = now.since(Instant::from_millis(asked));
            let answers = Cadence::from_bits(self.answers.load(Relaxed)).answered(now, wait);
            self.answers.store(answers.bits(), Relaxed);
        }
        cadence.patience().filter(|_| cadence.begins())
    }

    /// Writes how regularly payload comes and how soon answers do ([`Notes::keep_cadence`]).
    pub(crate) fn write_cadence(&self, cadence: Cadence, answers: Cadence) {
        self.cadence.store(cadence.bits(), Relaxed);
        self.answers.store(answers.bits(), Relaxed);
    }

    /// Writes what a transport has measured.
    #[inline]
    pub(crate) fn measured(&self, round_trip: RoundTrip) {
        self.measured.store(round_trip.bits(), Relaxed);
    }

    /// When a packet was last noted, in either direction.
    pub(crate) fn last(&self) -> Instant {
        Instant::from_millis(self.last_rx.load(Relaxed).max(self.last_tx.load(Relaxed)))
    }

    /// The times noted.
    pub(crate) fn notes(&self) -> Notes {
        let read = |note: &AtomicU64| Instant::from_millis(note.load(Relaxed));
        Notes {
            last_rx: read(&self.last_rx),
            last_tx: read(&self.last_tx),
            first_tx: read(&self.first_tx),
            first_rx: read(&self.first_rx),
            cadence: Cadence::from_bits(self.cadence.load(Relaxed)),
            asked: read(&self.asked),
            answers: Cadence::from_bits(self.answers.load(Relaxed)),
            measured: RoundTrip::from_bits(self.measured.load(Relaxed)),
        }
    }

    /// Writes one of them.
    pub(crate) fn write_note(&self, note: Note, at: Instant) {
        let place = match note {
            Note::LastRx => &self.last_rx,
            Note::LastTx => &self.last_tx,
            Note::FirstTx => &self.first_tx,
            Note::FirstRx => &self.first_rx,
        };
        place.store(at.as_millis(), Relaxed);
    }

    /// Counts packets that were switched: by a CPU once a tick, for all of that tick.
    pub(crate) fn add_tx(&self, passed: Passed) {
        self.tx_packets.fetch_add(passed.packets, Relaxed);
        self.tx_octets.fetch_add(passed.octets, Relaxed);
    }

    /// Counts packets that were turned back.
    pub(crate) fn add_rx(&self, passed: Passed) {
        self.rx_packets.fetch_add(passed.packets, Relaxed);
        self.rx_octets.fetch_add(passed.octets, Relaxed);
    }

    /// Remembers a connection of TCP by its ports, of which the local one is in the upper half. Zero is none.
    #[inline]
    pub(crate) fn remember(&self, ports: u32) {
        let mixed = (ports ^ (ports >> 16)).wrapping_mul(0x9e37_79b1) >> 29;
        if let Some(place) = self.connections.get(mixed as usize) {
            place.store(ports, Relaxed);
        }
    }

    /// The connections remembered.
    pub(crate) fn connections(&self) -> [u32; CONNECTIONS] {
        core::array::from_fn(|place| self.connections.get(place).map_or(0, |ports| ports.load(Relaxed)))
    }

    /// Whether the upper layer may be told of a smaller MTU now: not more often than every `pause` milliseconds.
    pub(crate) fn may_tell(&self, now: Instant, pause: u32) -> bool {
        passed(&self.told, now, pause)
    }

    /// Whether a connection's worries may be heard now: not more often than every `pause` milliseconds.
    pub(crate) fn may_suspect(&self, now: Instant, pause: u32) -> bool {
        passed(&self.suspected, now, pause)
    }
}

/// Whether it is so many milliseconds since this last was true, or it never was; then it was now. Of the time only the lower
/// half is kept: once in 49 days one more pause may have to pass.
fn passed(last: &AtomicU32, now: Instant, pause: u32) -> bool {
    let (then, now) = (last.load(Relaxed), now.as_millis() as u32);
    let has = then == 0 || now.wrapping_sub(then) >= pause;
    if has {
        last.store(now.max(1), Relaxed);
    }
    has
}

/// No place of a local set.
pub(crate) const NO_PLACE: u8 = u8::MAX;

/// What most contexts do without, and the others keep to their end.
#[derive(Default)]
pub(crate) struct Kept {
    /// What it has behind it, once there is anything.
    pub(crate) past: Option<Past>,
    /// The key of its peer, an RSAPublicKey, if the peer has one. Apart and of its own length, as few peers have one.
    pub(crate) peer_key: Option<KBox<KVec<u8>>>,
}

/// A failure gives one to each context: it must fit the object of 96 octets that a past alone takes, too.
const _: () = assert!(size_of::<Kept>() <= 96);

/// What only the holder of the control lock touches.
pub(crate) struct NodeControl {
    /// The protocol's part.
    pub(crate) context: Context,
    /// The exchange that is going on.
    pub(crate) establishment: Option<KBox<Establishment>>,
    /// The exploration that is going on.
    pub(crate) exploration: Option<KBox<Exploration>>,
    /// What it keeps to its end, once there is anything.
    pub(crate) kept: Option<KBox<Kept>>,
    /// The place in its local set of the address that it is counted for as a sender; [`NO_PLACE`]: none.
    pub(crate) sender: u8,
    /// What it has done, as far as control knows.
    pub(crate) switches: u32,
    /// Keepalive messages sent.
    pub(crate) keepalives_sent: u32,
    /// Keepalive messages received.
    pub(crate) keepalives_received: u32,
    /// Probe messages sent.
    pub(crate) probes_sent: u32,
    /// Probe messages received.
    pub(crate) probes_received: u32,
    /// What the application wants whose own context this is.
    pub(crate) wishes: Option<KBox<Wishes>>,
    /// When it is to be removed: its socket does without it now.
    pub(crate) released: Option<Instant>,
    /// Something happened after which the wishes must be told to the engine again.
    pub(crate) changed: bool,
    /// It is counted for its ULID(local), which is of a set.
    pub(crate) counted: bool,
}

impl NodeControl {
    /// A new context, not established and not exploring.
    pub(crate) fn new(context: Context) -> NodeControl {
        NodeControl {
            context,
            establishment: None,
            exploration: None,
            kept: None,
            sender: NO_PLACE,
            switches: 0,
            keepalives_sent: 0,
            keepalives_received: 0,
            probes_sent: 0,
            probes_received: 0,
            wishes: None,
            released: None,
            changed: false,
            counted: false,
        }
    }

    /// Whether the slow walk has something to do about it: it is idle, or its socket has done without it for long enough.
    /// `last` is when a packet of it was last noted.
    pub(crate) fn is_over(&self, now: Instant, last: Instant, idle_timeout: Duration) -> bool {
        self.released.is_some_and(|end| now >= end) || self.context.is_idle(now, last, idle_timeout)
    }

    /// What it has behind it, if there is anything.
    pub(crate) fn past(&self) -> Option<&Past> {
        self.kept.as_ref()?.past.as_ref()
    }

    /// All counters together; `node` is the context's.
    pub(crate) fn counters(&self, node: &Node) -> ContextCounters {
        let (shared, tx, rx) = (&node.shared, node.passed(Kind::Out), node.passed(Kind::Tag));
        ContextCounters {
            tx_packets: shared.tx_packets.load(Relaxed) + tx.packets,
            tx_octets: shared.tx_octets.load(Relaxed) + tx.octets,
            rx_packets: shared.rx_packets.load(Relaxed) + rx.packets,
            rx_octets: shared.rx_octets.load(Relaxed) + rx.octets,
            switches: self.switches.into(),
            keepalives_sent: self.keepalives_sent.into(),
            keepalives_received: self.keepalives_received.into(),
            probes_sent: self.probes_sent.into(),
            probes_received: self.probes_received.into(),
        }
    }
}
