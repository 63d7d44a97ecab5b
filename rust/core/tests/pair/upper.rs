// SPDX-License-Identifier: MIT OR GPL-2.0
//! What uses the hosts' contexts: streams of datagrams, and a plain picture of a transport that acknowledges, repeats and
//! tells the shim when it repeats in vain.

use super::{World, A, B};
use shim6_core::engine::{Advice, Cause};
use shim6_core::reap::RoundTrip;
use shim6_core::time::{Duration, Instant};

/// What kind of traffic host A and host B exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Datagrams both ways at this interval, in milliseconds.
    Datagrams(u32),
    /// Datagrams from A to B alone.
    OneWay(u32),
    /// A transport's data from A, each packet acknowledged by B.
    Bulk,
    /// Ten messages a second from A, each echoed by B.
    Sparse,
    /// Bursts of twenty datagrams from each, with rests of random length between them.
    Bursts,
}

/// Time between packets of [`Kind::Bulk`], in milliseconds.
const PACE: u32 = 5;
/// The shortest retransmission time-out, in milliseconds.
const SHORTEST: f64 = 200.0;

/// The traffic, and what its sender knows of the path.
pub struct Upper {
    kind: Kind,
    next: [Instant; 2],
    burst: u32,
    /// Deliveries looked at.
    seen: usize,
    /// Mean and deviation of the round trip, in milliseconds; the transport measures it with each acknowledgement.
    mean: f64,
    deviation: f64,
    /// When the oldest data without acknowledgement was sent, and when it is sent again.
    waiting: Option<Instant>,
    repeat: Option<Instant>,
    repeats: u32,
    /// Switches of host A that the transport has noticed.
    switches: usize,
    /// And of host B.
    switches_of_b: usize,
    /// Pairs lent to each that were noticed.
    lent: [usize; 2],
    /// Whether host B has answered, and not sent that once more.
    answered: bool,
}

impl Upper {
    /// Two hosts that have agreed, and exchanged this traffic for so long.
    pub fn settled(seed: u64, kind: Kind, span: Duration, prepare: impl FnOnce(&mut World)) -> (World, Upper) {
        let mut world = World::new(seed, [2, 2]);
        prepare(&mut world);
        world.start(A);
        world.run(Duration::from_millis(60));
        let mut upper = Upper::new(kind, &world);
        upper.run(&mut world, span);
        assert!(world.is_agreed());
        (world, upper)
    }

    pub fn new(kind: Kind, world: &World) -> Upper {
        Upper {
            kind,
            next: [world.now, world.now + Duration::from_millis(3)],
            burst: 0,
            seen: world.delivered.len(),
            mean: 20.0,
            deviation: 2.0,
            waiting: None,
            repeat: None,
            repeats: 0,
            switches: world.hosts[A].paths.len(),
            switches_of_b: world.hosts[B].paths.len(),
            lent: [A, B].map(|host| world.hosts[host].lent.len()),
            answered: false,
        }
    }

    /// Forgets what was delivered and sent so far, for long runs.
    pub fn forget(&mut self, world: &mut World) {
        world.delivered.clear();
        world.network.control_seen.clear();
        self.seen = 0;
    }

    /// Lets the world run for this long with this traffic.
    pub fn run(&mut self, world: &mut World, span: Duration) {
        let end = world.now + span;
        while world.now < end {
            self.step(world);
            world.run(Duration::from_millis(1));
            self.hear(world);
        }
    }

    fn step(&mut self, world: &mut World) {
        let now = world.now;
        if self.waiting.is_some() && self.switches != world.hosts[A].paths.len() {
            // The shim has the transport send again at once after a switch.
            self.waiting = None;
            self.repeats = 0;
            self.transmit(world);
        }
        self.switches = world.hosts[A].paths.len();
        if matches!(self.kind, Kind::Bulk | Kind::Sparse) && self.switches_of_b != world.hosts[B].paths.len() {
            // And who receives acknowledge again: what it said before may have gone the old way.
            world.send(B);
        }
        self.switches_of_b = world.hosts[B].paths.len();
        self.use_lent(world);
        match self.kind {
            Kind::Datagrams(interval) => {
                for host in [A, B] {
                    self.pace(world, host, interval);
                }
            }
            Kind::OneWay(interval) => self.pace(world, A, interval),
            Kind::Bursts => self.burst(world),
            Kind::Bulk => {
                // The window is full after two round trips.
                let full = self.waiting.is_some_and(|since| f64::from(now.since(since).as_millis()) > 2.0 * self.mean);
                if now >= self.next[A] && !full {
                    self.next[A] = now + Duration::from_millis(PACE);
                    self.transmit(world);
                }
                self.repeat(world);
            }
            Kind::Sparse => {
                if now >= self.next[A] {
                    self.next[A] = now + Duration::from_millis(100);
                    self.transmit(world);
                }
                self.repeat(world);
            }
        }
    }

    /// What waits is sent by a pair that was lent: of B it is the answer last sent.
    fn use_lent(&mut self, world: &mut World) {
        for host in [A, B] {
            let lent = world.hosts[host].lent.len();
            let pair = world.hosts[host].lent.last().filter(|_| lent > self.lent[host]).copied();
            self.lent[host] = lent;
            let waits = if host == A { self.waiting.is_some() } else { self.answered };
            if let Some(pair) = pair.filter(|_| waits && self.kind == Kind::Sparse) {
                world.send_over(host, pair);
                self.answered &= host == A;
            }
        }
    }

    fn pace(&mut self, world: &mut World, host: usize, interval: u32) {
        if world.now >= self.next[host] {
            self.next[host] = world.now + Duration::from_millis(interval);
            world.send(host);
        }
    }

    fn burst(&mut self, world: &mut World) {
        if world.now < self.next[A] {
            return;
        }
        world.send(A);
        world.send(B);
        self.burst += 1;
        let rest = match (self.burst % 20, self.burst % 400) {
            (_, 0) => 20_000 + world.below(100_000),
            (0, _) => 20 + world.below(1_500),
            _ => 1,
        };
        self.next[A] = world.now + Duration::from_millis(rest);
    }

    fn transmit(&mut self, world: &mut World) {
        let now = world.now;
        world.send(A);
        let ulids = world.ulids(A);
        world.hosts[A].asks(now, &ulids);
        if self.waiting.is_none() {
            self.waiting = Some(now);
            self.arm(now);
        }
    }

    /// A tail-loss probe after twice the mean, then retransmissions that back off (RFC 8985 section 7.2, RFC 6298).
    fn arm(&mut self, now: Instant) {
        let after = match self.repeats {
            // With one packet on its way, the acknowledgement may be delayed.
            0 if self.kind == Kind::Sparse => (2.0 * self.mean).max(SHORTEST),
            0 => (2.0 * self.mean).max(10.0),
            n => (self.mean + 4.0 * self.deviation).max(SHORTEST) * f64::from(1_u32 << (n - 1).min(8)),
        };
        self.repeat = Some(now + Duration::from_millis(after as u32));
    }

    fn repeat(&mut self, world: &mut World) {
        let now = world.now;
        if self.repeat.is_none_or(|at| now < at) {
            return;
        }
        self.repeats += 1;
        self.arm(now);
        world.send(A);
        world.advise(A, Advice::Suspect(Cause::Transport));
    }

    /// B answers what it gets, and A takes answers for acknowledgements.
    fn hear(&mut self, world: &mut World) {
        if !matches!(self.kind, Kind::Bulk | Kind::Sparse) {
            self.seen = world.delivered.len();
            return;
        }
        let mine = world.ulids(A).local;
        for place in self.seen..world.delivered.len() {
            let at = world.delivered[place].at;
            if world.delivered[place].arrived.peer != mine {
                world.send(B);
                if self.kind == Kind::Sparse {
                    let (now, ulids) = (world.now, world.ulids(B));
                    world.hosts[B].asks(now, &ulids);
                    self.answered = true;
                }
                continue;
            }
            if let Some(sent) = self.waiting.take() {
                if self.repeats == 0 {
                    self.measure(world);
                }
                self.repeats = 0;
                self.repeat = None;
                if self.kind == Kind::Bulk {
                    // More is on its way.
                    let newest = self.next[A] - Duration::from_millis(PACE);
                    self.waiting = (newest > sent).then_some(at);
                    self.arm(at);
                }
            }
        }
        self.seen = world.delivered.len();
    }

    /// Each acknowledgement measures the round trip of what it acknowledges (RFC 7323).
    fn measure(&mut self, world: &mut World) {
        let mine = world.ulids(A);
        let host = &world.hosts[A];
        let pair = host.context_id(&mine).map_or(mine, |id| host.context(id).pair());
        let sample = world.network.round_trip(pair.local, pair.peer, &mut world.rng);
        let sample = f64::from(sample.as_millis());

        self.deviation += ((sample - self.mean).abs() - self.deviation) / 4.0;
        self.mean += (sample - self.mean) / 8.0;
        let micros = |time: f64| (time * 1000.0) as u32;
        let measured = RoundTrip::new(micros(self.mean), Some(micros(self.deviation)));
        // What B sends is acknowledged, too.
        for host in [A, B] {
            let ulids = world.ulids(host);
            world.hosts[host].measured(&ulids, measured);
        }
    }
}
