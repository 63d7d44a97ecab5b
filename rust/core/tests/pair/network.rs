// SPDX-License-Identifier: MIT OR GPL-2.0
//! The network between the hosts: delay, loss, repetition, reordering, and black holes by source and destination.

use rand::rngs::SmallRng;
use rand::Rng;
use shim6_core::addr::{Addr, Prefix};
use shim6_core::locator::Pair;
use shim6_core::time::{Duration, Instant};
use shim6_core::wire::Tag;
use std::collections::{BTreeMap, BTreeSet};

/// What is inside an IPv6 packet on the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// A control message, as octets.
    Control(Vec<u8>),
    /// Payload: the tag of its extension header, if it has one, and the ULIDs that its sender meant (its own first).
    Payload { tag: Option<Tag>, ulids: Pair },
}

/// An IPv6 packet on the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Datagram {
    pub source: Addr,
    pub destination: Addr,
    pub body: Body,
}

/// The network.
pub struct Network {
    queue: BTreeMap<(Instant, u64), Datagram>,
    sequence: u64,
    /// Directions in which nothing arrives, by prefix of source and destination.
    holes: BTreeSet<(Prefix, Prefix)>,
    /// One way, at least.
    pub delay: Duration,
    /// Added by queues, by prefix of source and destination.
    queues: BTreeMap<(Prefix, Prefix), Duration>,
    /// Added at random, up to this; more than the delay reorders.
    pub jitter: Duration,
    /// Packets lost of a hundred.
    pub loss: u32,
    /// Packets that arrive twice, of a hundred.
    pub repeats: u32,
    /// Control messages sent, for those who count or forge.
    pub control_seen: Vec<Datagram>,
    /// All packets sent with their times, if a test asks for them.
    pub log: Option<Vec<(Instant, Datagram)>>,
}

impl Network {
    /// A network without faults, 10 ms each way.
    pub fn new() -> Network {
        Network {
            queue: BTreeMap::new(),
            sequence: 0,
            holes: BTreeSet::new(),
            queues: BTreeMap::new(),
            delay: Duration::from_millis(10),
            jitter: Duration::ZERO,
            loss: 0,
            repeats: 0,
            control_seen: Vec::new(),
            log: None,
        }
    }

    /// Nothing from `source`'s prefix to `destination`'s arrives from now on.
    pub fn cut(&mut self, source: Addr, destination: Addr) {
        self.holes.insert((source.prefix64(), destination.prefix64()));
    }

    /// Packets from `source`'s prefix to `destination`'s wait so long in a queue from now on.
    pub fn queue(&mut self, source: Addr, destination: Addr, wait: Duration) {
        self.queues.insert((source.prefix64(), destination.prefix64()), wait);
    }

    /// How long a packet and its answer are on their way between these two now.
    pub fn round_trip(&self, source: Addr, destination: Addr, rng: &mut SmallRng) -> Duration {
        let wait = |from: Addr, to: Addr| {
            self.queues.get(&(from.prefix64(), to.prefix64())).copied().unwrap_or(Duration::ZERO)
        };
        let jitter = (0..2).map(|_| rng.random_range(0..=self.jitter.as_millis())).sum();
        self.delay.times(2) + wait(source, destination) + wait(destination, source) + Duration::from_millis(jitter)
    }

    /// All directions work again.
    pub fn heal(&mut self) {
        self.holes.clear();
    }

    /// Takes a packet; it arrives later, or twice, or never.
    pub fn carry(&mut self, now: Instant, datagram: Datagram, rng: &mut SmallRng) {
        if let Some(log) = self.log.as_mut() {
            log.push((now, datagram.clone()));
        }
        if matches!(datagram.body, Body::Control(_)) {
            self.control_seen.push(datagram.clone());
        }
        if self.holes.contains(&(datagram.source.prefix64(), datagram.destination.prefix64())) {
            return;
        }
        let copies = 1 + u32::from(rng.random_range(0..100) < self.repeats);
        for _ in 0..copies {
            if rng.random_range(0..100) < self.loss {
                continue;
            }
            let jitter = Duration::from_millis(rng.random_range(0..=self.jitter.as_millis()));
            self.sequence += 1;
            let way = (datagram.source.prefix64(), datagram.destination.prefix64());
            let wait = self.queues.get(&way).copied().unwrap_or(Duration::ZERO);
            self.queue.insert((now + self.delay + wait + jitter, self.sequence), datagram.clone());
        }
    }

    /// When the next packet arrives.
    pub fn next_arrival(&self) -> Option<Instant> {
        self.queue.keys().next().map(|(at, _)| *at)
    }

    /// The next packet that arrives at `now` or before.
    pub fn take_due(&mut self, now: Instant) -> Option<Datagram> {
        let first = self.queue.first_entry().filter(|entry| entry.key().0 <= now)?;
        Some(first.remove())
    }
}
