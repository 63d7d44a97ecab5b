// SPDX-License-Identifier: MIT OR GPL-2.0
//! The model: two hosts, what flies between them, and what may happen next.

use crate::claims;
use crate::host::{Host, Site};
use crate::pair::{self, Datagram, A, B};
use rand::{rngs::SmallRng, Rng, SeedableRng};
use shim6_core::context::Context;
use shim6_core::engine::{Advice, Cause, Contexts};
use shim6_core::locator::Pair;
use shim6_core::settings::Settings;
use shim6_core::time::Instant;
use shim6_core::validator::{Secrets, Sieve};
use shim6_core::wire::Fii;
use stateright::{Model, Property};
use std::fmt::Write;
use std::hash::{DefaultHasher, Hash, Hasher};

/// How often each thing may happen on one way from the beginning, and how much may fly at once.
#[derive(Clone, Copy, Debug, Hash)]
pub struct Limits {
    /// Contexts begun by A and by B.
    pub starts: [u8; 2],
    /// Instances that contexts are begun of.
    pub instances: u32,
    /// Timers that fire.
    pub timers: u8,
    /// Hosts that lose all contexts.
    pub crashes: u8,
    /// Packets of payload.
    pub payload: u8,
    /// Packets that arrive and fly on.
    pub repeats: u8,
    /// Packets that fly at once; one more is lost.
    pub flying: usize,
}

/// What may happen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Event {
    /// A host begins a context of an instance.
    Start(usize, u32),
    Crash(usize),
    Timer(usize),
    Talk(usize),
    /// The packet at this place arrives.
    Arrive(usize),
    /// It arrives, and once more later.
    Repeat(usize),
    /// It is lost: only told when no more could fly, since else it may as well fly for ever.
    Lose(usize),
}

/// One state. Two are equal if their digests are.
#[derive(Clone)]
pub struct Snapshot {
    pub hosts: [Host; 2],
    /// Packets and the host that each is for.
    flying: Vec<(usize, Datagram)>,
    left: Limits,
    /// Payload came out under other ULIDs than it went in.
    pub mixed: bool,
    digest: [u64; 2],
}

impl PartialEq for Snapshot {
    fn eq(&self, other: &Snapshot) -> bool {
        self.digest == other.digest
    }
}

impl Hash for Snapshot {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.digest.hash(state);
    }
}

impl std::fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut text = String::new();
        for host in &self.hosts {
            host.describe(&mut text);
            text.push('\n');
        }
        write!(f, "{text}{:?} {:?}", self.flying, self.left)
    }
}

/// The model.
pub struct System {
    pub sites: [Site; 2],
    first: Snapshot,
}

const START: Instant = Instant::from_millis(1_000_000);

impl System {
    /// Nothing has happened yet.
    pub fn new(limits: Limits) -> System {
        let mut rng = SmallRng::seed_from_u64(1);
        let sites = [0, 1].map(|number: u8| Site {
            number,
            set: pair::Host::new(&mut rng, 0xa + u16::from(number), 2).env.set,
            secrets: Secrets::new(START, rng.random(), Sieve::new(rng.random(), 0)),
            settings: Settings { parallel_probes: 1, ..Settings::DEFAULT },
        });
        let hosts = [Host::new(START), Host::new(START)];
        let first = Snapshot { hosts, flying: Vec::new(), left: limits, mixed: false, digest: [0; 2] };
        let mut system = System { sites, first };
        system.first.digest = system.digest(&system.first);
        system
    }

    /// Both hosts have a context, and A sends payload over other locators than the ULIDs.
    pub fn switched(limits: Limits) -> System {
        let mut system = System::new(limits);
        let mut state = system.first.clone();
        system.start(&mut state, A, Fii::DEFAULT);
        system.settle(&mut state);
        let [local, peer] = [A, B].map(|host| system.sites[host].set.locators()[1].addr);
        system.advise(&mut state, A, Advice::Use(Pair { local, peer }));
        system.settle(&mut state);
        assert!(system.context(&state, A).is_some_and(|context| context.path().switched));
        state.left = limits;
        state.digest = system.digest(&state);
        system.first = state;
        system
    }

    pub fn ulids(&self, host: usize) -> Pair {
        let first = |host: usize| self.sites[host].set.locators()[0].addr;
        Pair { local: first(host), peer: first(1 - host) }
    }

    pub fn context<'s>(&self, state: &'s Snapshot, host: usize) -> Option<&'s Context> {
        let id = state.hosts[host].context_id(&self.ulids(host))?;
        Some(&state.hosts[host].table.nodes[&id].context)
    }

    /// Packets take off for the host that has their destination.
    fn launch(&self, state: &mut Snapshot, sent: Vec<Datagram>) {
        for datagram in sent {
            let host = self.sites.iter().position(|site| site.set.get(&datagram.destination).is_some());
            if let Some(host) = host.filter(|_| state.flying.len() < state.left.flying) {
                state.flying.push((host, datagram));
            }
        }
    }

    pub fn start(&self, state: &mut Snapshot, host: usize, fii: Fii) {
        let ulids = self.ulids(host);
        let sent = state.hosts[host].call(&self.sites[host], &[], |engine, now| {
            let _ = engine.start(now, ulids, fii, Cause::Traffic);
        });
        self.launch(state, sent);
    }

    pub fn advise(&self, state: &mut Snapshot, host: usize, advice: Advice) {
        let Some(id) = state.hosts[host].context_id(&self.ulids(host)) else { return };
        let sent = state.hosts[host].call(&self.sites[host], &[], |engine, now| engine.advice(now, id, advice));
        self.launch(state, sent);
    }

    pub fn talk(&self, state: &mut Snapshot, host: usize) {
        let datagram = state.hosts[host].payload(&self.sites[host], &self.ulids(host));
        self.launch(state, vec![datagram]);
    }

    pub fn timer(&self, state: &mut Snapshot, host: usize) {
        let sent = state.hosts[host].timer(&self.sites[host]);
        self.launch(state, sent);
    }

    fn arrive(&self, state: &mut Snapshot, (host, datagram): (usize, Datagram)) {
        let (sent, delivery) = state.hosts[host].receive(&self.sites[host], &datagram);
        state.mixed |= delivery.is_some_and(|delivery| delivery.arrived != delivery.sent);
        self.launch(state, sent);
    }

    /// Everything that flies arrives in its order, and so does what comes of it.
    pub fn settle(&self, state: &mut Snapshot) {
        state.left.flying = usize::MAX;
        for _ in 0..200 {
            if state.flying.is_empty() {
                return;
            }
            let first = state.flying.remove(0);
            self.arrive(state, first);
        }
        panic!("the hosts answer each other for ever: {state:?}");
    }

    fn digest(&self, state: &Snapshot) -> [u64; 2] {
        let mut text = String::new();
        for host in &state.hosts {
            host.describe(&mut text);
        }
        let mut flying: Vec<String> = state.flying.iter().map(|packet| format!("{packet:?}")).collect();
        flying.sort_unstable();
        let _ = write!(text, "{flying:?} {:?} {}", state.left, state.mixed);
        [1, 2].map(|salt: u8| {
            let mut hasher = DefaultHasher::new();
            (salt, &text).hash(&mut hasher);
            hasher.finish()
        })
    }
}

impl Model for System {
    type State = Snapshot;
    type Action = Event;

    fn init_states(&self) -> Vec<Snapshot> {
        vec![self.first.clone()]
    }

    fn actions(&self, state: &Snapshot, events: &mut Vec<Event>) {
        let left = &state.left;
        for host in [A, B] {
            for instance in (0..left.instances).filter(|_| left.starts[host] > 0) {
                if state.hosts[host].table.by_ulids(&self.ulids(host), Fii(instance)).is_none() {
                    events.push(Event::Start(host, instance));
                }
            }
            if left.crashes > 0 && !state.hosts[host].table.nodes.is_empty() {
                events.push(Event::Crash(host));
            }
            if left.timers > 0 && state.hosts[host].until_timer().is_some() {
                events.push(Event::Timer(host));
            }
            if left.payload > 0 && self.context(state, host).is_some() {
                events.push(Event::Talk(host));
            }
        }
        for place in 0..state.flying.len() {
            events.push(Event::Arrive(place));
            if left.repeats > 0 {
                events.push(Event::Repeat(place));
            }
            if state.flying.len() == left.flying {
                events.push(Event::Lose(place));
            }
        }
    }

    fn next_state(&self, last: &Snapshot, event: Event) -> Option<Snapshot> {
        let mut state = last.clone();
        match event {
            Event::Start(host, instance) => {
                state.left.starts[host] -= 1;
                self.start(&mut state, host, Fii(instance));
            }
            Event::Crash(host) => {
                state.left.crashes -= 1;
                state.hosts[host].crash();
            }
            Event::Timer(host) => {
                state.left.timers -= 1;
                self.timer(&mut state, host);
            }
            Event::Talk(host) => {
                state.left.payload -= 1;
                self.talk(&mut state, host);
            }
            Event::Arrive(place) => {
                let packet = state.flying.remove(place);
                self.arrive(&mut state, packet);
            }
            Event::Repeat(place) => {
                state.left.repeats -= 1;
                let packet = state.flying[place].clone();
                self.arrive(&mut state, packet);
            }
            Event::Lose(place) => {
                state.flying.remove(place);
            }
        }
        state.digest = self.digest(&state);
        Some(state)
    }

    fn properties(&self) -> Vec<Property<System>> {
        claims::all()
    }
}
