// SPDX-License-Identifier: MIT OR GPL-2.0
//! One host on a bench: its context is established, its peer is cut off, and a test plays the peer by hand (RFC 5534
//! section 6 is about one host's doing).

use super::network::{Body, Datagram};
use super::{World, A, B};
use shim6_core::addr::Addr;
use shim6_core::locator::Pair;
use shim6_core::reap::{Notes, ReapState};
use shim6_core::time::{Duration, Instant};
use shim6_core::wire::{
    Keepalive, Message, MessageType, Nonce, Probe, ProbeReport, ProbeReports, ProbeState, MAX_MESSAGE_LEN,
};

/// A message that the host sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    pub at: Instant,
    /// From the sender's side.
    pub over: Pair,
    pub kind: MessageType,
    /// What a Probe says.
    pub probe: Option<SeenProbe>,
}

/// What a Probe said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenProbe {
    pub state: ProbeState,
    pub this: ProbeReport,
    pub earlier: Vec<ProbeReport>,
    pub received: Vec<ProbeReport>,
}

/// Host A of a world, alone with the test.
pub struct Bench {
    pub world: World,
    next: u32,
}

impl Bench {
    /// An established context with two addresses at each end, at rest for five minutes; nothing that it sends arrives.
    pub fn new(seed: u64) -> Bench {
        Bench::with(seed, |_| {})
    }

    /// The same, with a word with the hosts before they meet.
    pub fn with(seed: u64, prepare: impl FnOnce(&mut World)) -> Bench {
        let mut world = World::new(seed, [2, 2]);
        prepare(&mut world);
        world.start(A);
        world.run(Duration::from_secs(1));
        assert!(world.is_agreed());
        world.talk(Duration::from_secs(2), Duration::from_millis(100), &[A, B]);
        world.run(Duration::from_secs(300));
        for source in world.hosts[A].addresses() {
            for destination in world.hosts[B].addresses() {
                world.network.cut(source, destination);
                world.network.cut(destination, source);
            }
        }
        world.network.log = Some(Vec::new());
        Bench { world, next: 100 }
    }

    /// In this state, by the way that leads there first.
    pub fn put_into(&mut self, state: ReapState) {
        match state {
            ReapState::Operational => {}
            ReapState::Exploring => {
                self.payload_out();
                self.run_ms(15_000);
            }
            ReapState::InboundOk => {
                self.put_into(ReapState::Exploring);
                self.payload_in();
            }
        }
        assert_eq!(self.state(), state);
        self.sent();
    }

    /// The context's number.
    pub fn id(&self) -> u32 {
        self.world.hosts[A].context_id(&self.world.ulids(A)).expect("a context")
    }

    pub fn state(&self) -> ReapState {
        self.world.hosts[A].context(self.id()).reap().state()
    }

    pub fn current(&self) -> Pair {
        self.world.hosts[A].context(self.id()).pair()
    }

    pub fn notes(&self) -> Notes {
        self.world.hosts[A].table.nodes[&self.id()].notes
    }

    /// The start of the Send Timer, if it runs.
    pub fn send_timer(&self) -> Option<Instant> {
        self.notes().send_timer()
    }

    /// The start of the Keepalive Timer, if it runs.
    pub fn keepalive_timer(&self) -> Option<Instant> {
        self.notes().keepalive_timer()
    }

    /// All four pairs, the ULID pair first.
    pub fn pairs(&self) -> Vec<Pair> {
        let (mine, theirs) = (self.world.hosts[A].addresses(), self.world.hosts[B].addresses());
        mine.iter().flat_map(|local| theirs.iter().map(move |peer| Pair { local: *local, peer: *peer })).collect()
    }

    pub fn run_ms(&mut self, milliseconds: u32) {
        self.world.run(Duration::from_millis(milliseconds));
    }

    /// The host sends payload.
    pub fn payload_out(&mut self) {
        self.world.send(A);
    }

    /// Payload of the peer arrives.
    pub fn payload_in(&mut self) {
        let ulids = self.world.ulids(B);
        let body = Body::Payload { tag: None, ulids };
        self.world.inject(A, Datagram { source: ulids.local, destination: ulids.peer, body });
    }

    /// A Keepalive of the peer arrives.
    pub fn keepalive_in(&mut self) {
        let receiver_tag = self.world.hosts[A].context(self.id()).tag_local();
        let over = self.world.ulids(A);
        self.inject(over, &Message::Keepalive(Keepalive { receiver_tag }));
    }

    /// A Probe of the peer arrives over `over` (as the host sees it) and reports these as received; returns its own report.
    pub fn probe_in(&mut self, over: Pair, state: ProbeState, received: &[ProbeReport]) -> ProbeReport {
        self.next += 1;
        let this = ProbeReport {
            source: over.peer,
            destination: over.local,
            nonce: Nonce(self.next),
            data: 0x1234_0000 | self.next,
        };
        self.this_probe_in(over, state, this, received);
        this
    }

    /// The same with a Probe that says this of itself.
    pub fn this_probe_in(&mut self, over: Pair, state: ProbeState, this: ProbeReport, received: &[ProbeReport]) {
        let probe = Probe {
            receiver_tag: self.world.hosts[A].context(self.id()).tag_local(),
            state,
            this,
            earlier: ProbeReports::NONE,
            received: ProbeReports::new(received),
        };
        self.inject(over, &Message::Probe(probe));
    }

    /// A message of the peer arrives over `over`, as the host sees it.
    pub fn inject(&mut self, over: Pair, message: &Message<'_>) {
        let mut octets = [0; MAX_MESSAGE_LEN];
        let length = message.emit(&mut octets).expect("a message that fits");
        let body = Body::Control(octets[..length].to_vec());
        self.world.inject(A, Datagram { source: over.peer, destination: over.local, body });
    }

    /// The messages that the host sent since the last call.
    pub fn sent(&mut self) -> Vec<Seen> {
        let mine = self.world.hosts[A].addresses();
        let log = self.world.network.log.replace(Vec::new()).unwrap_or_default();
        log.iter().filter_map(|(at, datagram)| read(&mine, *at, datagram)).collect()
    }

    /// The Probes among them.
    pub fn probes(&mut self) -> Vec<SeenProbe> {
        self.sent().into_iter().filter_map(|seen| seen.probe).collect()
    }
}

/// What a packet is, if one of these addresses sent it and it is a control message.
pub fn read(mine: &[Addr], at: Instant, datagram: &Datagram) -> Option<Seen> {
    let Body::Control(octets) = &datagram.body else { return None };
    if !mine.contains(&datagram.source) {
        return None;
    }
    let message = Message::parse(octets).expect("what a host sends can be read");
    let probe = match &message {
        Message::Probe(probe) => Some(SeenProbe {
            state: probe.state,
            this: probe.this,
            earlier: probe.earlier.iter().collect(),
            received: probe.received.iter().collect(),
        }),
        _ => None,
    };
    let over = Pair { local: datagram.source, peer: datagram.destination };
    Some(Seen { at, over, kind: message.kind(), probe })
}
