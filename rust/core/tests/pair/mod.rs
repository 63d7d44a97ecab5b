// SPDX-License-Identifier: MIT OR GPL-2.0
//! Two hosts on a virtual clock, joined by a network that misbehaves as it is told.
//!
//! The hosts run the real engine over real octets; only the tables, the clock, the generator of random numbers and the
//! network are made here. A run is a function of its seed.

#![allow(dead_code, unused_imports, reason = "each test file uses a part of this")]

mod attacker;
mod host;
mod network;
pub mod played;
mod reap;
pub mod signer;
pub mod signing;
mod stage;
mod table;
mod upper;

pub use host::{Delivery, Host};
pub use network::{Body, Datagram, Network};
pub use reap::{read, Bench, Seen, SeenProbe};
pub use stage::{kinds, r1, r1bis, tagged, Peer, Said, Stage, GENERATION, NONCE};
pub use table::{Node, Table};
pub use upper::{Kind, Upper};

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use shim6_core::addr::Addr;
use shim6_core::engine::{Advice, Cause, Contexts};
use shim6_core::locator::{LocalStatus, Pair};
use shim6_core::time::{Duration, Instant};
use shim6_core::wire::Fii;

/// The index of the host that usually begins.
pub const A: usize = 0;
/// The index of its peer.
pub const B: usize = 1;

/// Both hosts, what lies between them, and the time.
pub struct World {
    pub now: Instant,
    pub hosts: [Host; 2],
    pub network: Network,
    pub rng: SmallRng,
    /// Payload that arrived, in order.
    pub delivered: Vec<Delivery>,
    /// Payload that came out between other ULIDs than it went in, which the upper layer's checksum finds.
    pub rejected: u64,
    /// Steps taken: events of any kind.
    pub steps: u64,
}

impl World {
    /// Two hosts with this many addresses each, of one HBA set a host.
    pub fn new(seed: u64, addresses: [u16; 2]) -> World {
        let mut rng = SmallRng::seed_from_u64(seed);
        let hosts = [Host::new(&mut rng, 0xa, addresses[A]), Host::new(&mut rng, 0xb, addresses[B])];
        World {
            now: Instant::from_millis(1_000_000),
            hosts,
            network: Network::new(),
            rng,
            delivered: Vec::new(),
            rejected: 0,
            steps: 0,
        }
    }

    /// The first address of each host, as `host` sees the pair.
    pub fn ulids(&self, host: usize) -> Pair {
        Pair { local: self.hosts[host].addresses()[0], peer: self.hosts[1 - host].addresses()[0] }
    }

    /// `host` begins a context between the first addresses.
    pub fn start(&mut self, host: usize) {
        self.start_between(host, self.ulids(host), Fii::DEFAULT);
    }

    /// `host` begins a context between these ULIDs.
    pub fn start_between(&mut self, host: usize, ulids: Pair, fii: Fii) {
        let now = self.now;
        let _ = self.hosts[host]
            .call(now, &mut self.network, &mut self.rng, |engine| engine.start(now, ulids, fii, Cause::Traffic));
    }

    /// The slow walk over all contexts of `host`.
    pub fn collect(&mut self, host: usize) {
        let now = self.now;
        for id in self.hosts[host].live() {
            self.hosts[host].call(now, &mut self.network, &mut self.rng, |engine| engine.collect(now, id, false));
        }
    }

    /// `host` sends payload between the first addresses.
    pub fn send(&mut self, host: usize) {
        let ulids = self.ulids(host);
        self.send_between(host, ulids);
    }

    /// `host` sends payload between these ULIDs.
    pub fn send_between(&mut self, host: usize, ulids: Pair) {
        let datagram = self.hosts[host].payload(self.now, &ulids);
        self.network.carry(self.now, datagram, &mut self.rng);
    }

    /// `host` sends payload between the first addresses by a pair that was lent.
    pub fn send_over(&mut self, host: usize, over: Pair) {
        let ulids = self.ulids(host);
        let datagram = self.hosts[host].payload_over(self.now, &ulids, &over);
        self.network.carry(self.now, datagram, &mut self.rng);
    }

    /// A hint for the context between the first addresses.
    pub fn advise(&mut self, host: usize, advice: Advice) {
        let id = self.hosts[host].context_id(&self.ulids(host)).expect("a context to advise");
        self.advise_of(host, id, advice);
    }

    /// A hint for a context by its number.
    pub fn advise_of(&mut self, host: usize, id: u32, advice: Advice) {
        let now = self.now;
        self.hosts[host].call(now, &mut self.network, &mut self.rng, |engine| engine.advice(now, id, advice));
    }

    /// A local address of `host` changes its status.
    pub fn set_local(&mut self, host: usize, address: Addr, status: LocalStatus, cause: Cause) {
        let now = self.now;
        for id in self.hosts[host].set_status(&address, status) {
            self.hosts[host]
                .call(now, &mut self.network, &mut self.rng, |engine| engine.locals_changed(now, id, cause));
        }
    }

    /// An octet string of anybody's making arrives at `host` now.
    pub fn inject(&mut self, host: usize, datagram: Datagram) {
        self.arrive(host, datagram);
    }

    /// Nothing that either host sends arrives.
    pub fn cut_everything(&mut self) {
        for mine in self.hosts[A].addresses() {
            for theirs in self.hosts[B].addresses() {
                self.network.cut(mine, theirs);
                self.network.cut(theirs, mine);
            }
        }
    }

    /// Runs until `span` later: arrivals and timers in their order.
    pub fn run(&mut self, span: Duration) {
        let end = self.now + span;
        while let Some(at) = self.next_event().filter(|at| *at <= end) {
            self.now = self.now.max(at);
            self.step();
        }
        self.now = end;
    }

    /// Runs for `span` while each host in `talking` sends payload every `interval`.
    pub fn talk(&mut self, span: Duration, interval: Duration, talking: &[usize]) {
        let end = self.now + span;
        while self.now < end {
            for host in talking {
                self.send(*host);
            }
            self.run(interval);
        }
    }

    /// Runs until the condition holds; panics when it does not within `limit`.
    pub fn run_until(&mut self, limit: Duration, what: &str, mut holds: impl FnMut(&World) -> bool) {
        let end = self.now + limit;
        while !holds(self) {
            let next = self.next_event().filter(|at| *at <= end);
            let Some(at) = next else { panic!("not within {limit:?}: {what}") };
            self.now = self.now.max(at);
            self.step();
        }
    }

    fn next_event(&self) -> Option<Instant> {
        let timers = self.hosts.iter().filter_map(Host::next_timer);
        timers.chain(self.network.next_arrival()).min()
    }

    fn step(&mut self) {
        self.steps += 1;
        if let Some(datagram) = self.network.take_due(self.now) {
            if let Some(host) = self.hosts.iter().position(|host| host.has_address(&datagram.destination)) {
                self.arrive(host, datagram);
            }
            return;
        }
        for host in &mut self.hosts {
            if host.fire_timer(self.now, &mut self.network, &mut self.rng) {
                return;
            }
        }
    }

    fn arrive(&mut self, host: usize, datagram: Datagram) {
        let delivery = self.hosts[host].receive(self.now, datagram, &mut self.network, &mut self.rng);
        // With few tags one can be given away again before its old owner notices: the upper layer's checksum covers the
        // ULIDs (RFC 5533 appendix C.3). Of 2^47 tags none comes again.
        let few_tags = self.hosts[host].env.few_tags;
        match delivery {
            Some(delivery) if few_tags && delivery.arrived != delivery.sent => self.rejected += 1,
            other => self.delivered.extend(other),
        }
    }

    /// Both hosts have an established context between the first addresses, and each sends where the other takes it.
    pub fn is_agreed(&self) -> bool {
        self.is_agreed_on(self.ulids(A), Fii::DEFAULT)
    }

    /// The same for an instance between these ULIDs, as A sees them.
    pub fn is_agreed_on(&self, ulids: Pair, fii: Fii) -> bool {
        let theirs = Pair { local: ulids.peer, peer: ulids.local };
        let ids = [self.hosts[A].table.by_ulids(&ulids, fii), self.hosts[B].table.by_ulids(&theirs, fii)];
        let [Some(a), Some(b)] = ids else { return false };
        let (a, b) = (self.hosts[A].context(a), self.hosts[B].context(b));
        a.is_up() && b.is_up() && a.tag_peer() == Some(b.tag_local()) && b.tag_peer() == Some(a.tag_local())
    }

    /// The state of both contexts, for the message of a failed check.
    pub fn summary(&self) -> Vec<String> {
        let tell = |host: usize| match self.hosts[host].context_id(&self.ulids(host)) {
            Some(id) => {
                let context = self.hosts[host].context(id);
                let (state, reap, pair) = (context.state(), context.reap().state(), context.pair());
                let last = context.last_event();
                format!(
                    "{state:?} {reap:?} {pair:?} to {:?} mine {:?} {last:?}",
                    context.tag_peer(),
                    context.tag_local()
                )
            }
            None => "no context".to_string(),
        };
        vec![tell(A), tell(B)]
    }

    /// What must hold after every step, whatever happened.
    pub fn check_invariants(&self) {
        for host in &self.hosts {
            host.check_invariants();
        }
        for delivery in &self.delivered {
            assert_eq!(delivery.arrived, delivery.sent, "payload delivered under another ULID pair");
        }
    }

    /// What must hold, too, where there are no peers but these two: every locator is one of the peer's own.
    pub fn check_locators(&self) {
        for (number, host) in self.hosts.iter().enumerate() {
            let theirs = self.hosts[1 - number].addresses();
            for node in host.table.nodes.values() {
                let (told, used) = (node.context.peer_locators().list(), node.context.path().pair.peer);
                assert!(theirs.contains(&used), "a locator in use is not the peer's");
                assert!(told.iter().all(|known| theirs.contains(&known.addr)), "a locator that is not the peer's");
            }
        }
    }

    /// A random number below `bound`.
    pub fn below(&mut self, bound: u32) -> u32 {
        self.rng.random_range(0..bound)
    }
}
