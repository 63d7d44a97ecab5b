// SPDX-License-Identifier: MIT OR GPL-2.0
//! Host A with a peer that the test plays by hand: every packet that comes in is written by the test, every message that
//! goes out is kept, and nothing reaches the other host, which only lends its addresses and their proof.

use super::{Body, Datagram, Host, World, A, B};
use shim6_core::addr::Addr;
use shim6_core::context::{Context, State};
use shim6_core::engine::{Advice, Cause};
use shim6_core::locator::Pair;
use shim6_core::time::Duration;
use shim6_core::validator::{Claim, Cookie};
use shim6_core::wire::{
    Announcement, Fii, I2bis, IcmpError, Keepalive, LocatorEntry, LocatorList, Message, MessageType, Nonce, Probe,
    ProbeReport, ProbeReports, ProbeState, Quoted, QuotedKind, R1bis, Tag, UlidPair, UpdateAck, UpdateRequest,
    VerificationMethod, I1, I2, MAX_MESSAGE_LEN, R1, R2,
};

/// The nonce of the peer's own messages.
pub const NONCE: Nonce = Nonce(0x5eed);
/// The generation of the peer's first list.
pub const GENERATION: u32 = 77;

/// A message that the host sent.
#[derive(Clone, Debug)]
pub struct Said {
    pub from: Addr,
    pub to: Addr,
    pub octets: Vec<u8>,
}

impl Said {
    pub fn message(&self) -> Message<'_> {
        Message::parse(&self.octets).expect("the host sends what can be read")
    }

    pub fn kind(&self) -> MessageType {
        self.message().kind()
    }

    /// The pair over which it went, from the host's side.
    pub fn over(&self) -> Pair {
        Pair { local: self.from, peer: self.to }
    }
}

/// The types of messages.
pub fn kinds(said: &[Said]) -> Vec<MessageType> {
    said.iter().map(Said::kind).collect()
}

/// A peer on paper.
#[derive(Clone, Debug)]
pub struct Peer {
    pub tag: Tag,
    pub addresses: Vec<Addr>,
    pub pds: Vec<u8>,
    pub entries: Vec<LocatorEntry>,
}

impl Peer {
    pub fn of(host: &Host, tag: u64) -> Peer {
        Peer::with(Tag::new(tag).expect("47 bits"), host.addresses(), host.env.set.pds().to_vec())
    }

    pub fn with(tag: Tag, addresses: Vec<Addr>, pds: Vec<u8>) -> Peer {
        let entry = |locator: &Addr| LocatorEntry { locator: *locator, method: VerificationMethod::Hba };
        Peer { tag, pds, entries: addresses.iter().map(entry).collect(), addresses }
    }

    /// What it tells: these entries of its list.
    pub fn tells<'a>(&'a self, generation: u32, entries: &'a [LocatorEntry]) -> Announcement<'a> {
        Announcement { locators: LocatorList::new(generation, entries), pds: Some(&self.pds), ..Announcement::NOTHING }
    }

    pub fn i1(&self) -> I1 {
        I1 { initiator_tag: self.tag, initiator_nonce: NONCE, ulids: None, fii: Fii::DEFAULT }
    }

    pub fn i2<'a>(&'a self, cookie: &'a Cookie) -> I2<'a> {
        I2 {
            initiator_tag: self.tag,
            initiator_nonce: NONCE,
            responder_nonce: cookie.nonce,
            validator: &cookie.validator,
            ulids: None,
            fii: Fii::DEFAULT,
            announcement: self.tells(GENERATION, &self.entries),
        }
    }

    pub fn i2bis<'a>(&'a self, cookie: &'a Cookie, packet_tag: Tag) -> I2bis<'a> {
        I2bis {
            initiator_tag: self.tag,
            initiator_nonce: NONCE,
            responder_nonce: cookie.nonce,
            packet_tag,
            validator: &cookie.validator,
            ulids: None,
            fii: Fii::DEFAULT,
            announcement: self.tells(GENERATION, &self.entries),
        }
    }

    pub fn r2(&self, initiator_nonce: Nonce) -> R2<'_> {
        R2 { responder_tag: self.tag, initiator_nonce, announcement: self.tells(GENERATION, &self.entries) }
    }
}

/// An R1 with a validator that only the peer could check.
pub fn r1(initiator_nonce: Nonce) -> Message<'static> {
    Message::R1(R1 { initiator_nonce, responder_nonce: NONCE, validator: &[7; 16] })
}

pub fn r1bis(packet_tag: Tag) -> Message<'static> {
    Message::R1bis(R1bis { packet_tag, responder_nonce: NONCE, validator: &[7; 16] })
}

/// One message of each type that names its context by this tag.
pub fn tagged(tag: Tag, over: &Pair) -> Vec<Message<'static>> {
    let this = ProbeReport { source: over.peer, destination: over.local, nonce: NONCE, data: 0 };
    let (earlier, received) = (ProbeReports::NONE, ProbeReports::NONE);
    let probe = |state| Message::Probe(Probe { receiver_tag: tag, state, this, earlier, received });
    vec![
        Message::UpdateRequest(UpdateRequest {
            receiver_tag: tag,
            request_nonce: NONCE,
            announcement: Announcement::NOTHING,
        }),
        Message::UpdateAck(UpdateAck { receiver_tag: tag, request_nonce: NONCE }),
        Message::Keepalive(Keepalive { receiver_tag: tag }),
        probe(ProbeState::Exploring),
        probe(ProbeState::InboundOk),
        probe(ProbeState::Operational),
    ]
}

/// The host, the world around it, and the peer.
pub struct Stage {
    pub world: World,
    pub peer: Peer,
    heard: usize,
}

impl Stage {
    /// Nothing has happened yet. Host and peer have three addresses each.
    pub fn new(seed: u64) -> Stage {
        let mut world = World::new(seed, [3, 3]);
        world.cut_everything();
        let peer = Peer::of(&world.hosts[B], 0x1234_5678_9abc);
        Stage { world, peer, heard: 0 }
    }

    /// The host has a context in this state; as initiator, where there is a choice.
    pub fn at(seed: u64, state: State) -> Stage {
        let mut stage = Stage::new(seed);
        stage.bring_to(state);
        assert_eq!(stage.state(), Some(state).filter(|state| *state != State::Idle));
        stage.said();
        stage
    }

    fn bring_to(&mut self, state: State) {
        let ulids = self.ulids();
        if state == State::Idle {
            return;
        }
        self.world.start(A);
        match state {
            State::I2Sent => {
                let nonce = self.nonce();
                self.put(ulids, &r1(nonce));
            }
            State::Established => {
                self.bring_to_established();
            }
            State::I2bisSent => {
                self.bring_to_established();
                self.put(ulids, &r1bis(self.peer.tag));
            }
            State::Failed => {
                self.world.run_until(Duration::from_secs(400), "E-FAILED", |world| {
                    world.hosts[A].state(&ulids) == Some(State::Failed)
                });
            }
            State::NoSupport => {
                self.not_supported();
            }
            _ => {}
        }
    }

    fn bring_to_established(&mut self) {
        let (ulids, nonce) = (self.ulids(), self.nonce());
        self.put(ulids, &r1(nonce));
        let (peer, nonce) = (self.peer.clone(), self.nonce());
        self.put(ulids, &Message::R2(peer.r2(nonce)));
    }

    /// A router says that the peer does not know Shim6. Says whether the host took it for true.
    pub fn not_supported(&mut self) -> bool {
        let (now, ulids, nonce) = (self.world.now, self.ulids(), self.nonce());
        let tag = self.context().tag_local();
        let kind = QuotedKind::Control { kind: MessageType::I1, tag: Some(tag), nonce: Some(nonce) };
        let quoted = Quoted { source: ulids.local, destination: ulids.peer, kind };
        let error = IcmpError { kind: 4, code: 1, parameter: 6, quoted };
        let World { hosts, network, rng, .. } = &mut self.world;
        hosts[A].call(now, network, rng, |engine| engine.icmp_error(now, &error))
    }

    pub fn ulids(&self) -> Pair {
        self.world.ulids(A)
    }

    /// From the host's address at one place to the peer's at another.
    pub fn over(&self, mine: usize, theirs: usize) -> Pair {
        Pair { local: self.world.hosts[A].addresses()[mine], peer: self.peer.addresses[theirs] }
    }

    pub fn id(&self) -> u32 {
        self.world.hosts[A].context_id(&self.ulids()).expect("a context")
    }

    pub fn context(&self) -> &Context {
        self.world.hosts[A].context(self.id())
    }

    pub fn state(&self) -> Option<State> {
        self.world.hosts[A].state(&self.ulids())
    }

    /// The Initiator Nonce of the exchange that goes on.
    pub fn nonce(&self) -> Nonce {
        self.world.hosts[A].table.nodes[&self.id()].nonce.expect("an exchange")
    }

    /// All that the host holds of its contexts, as text: equal before and after what must change nothing.
    pub fn picture(&self) -> String {
        let nodes = &self.world.hosts[A].table.nodes;
        let node = |node: &super::Node| {
            format!("{:?} {:?} {:?} {:?}", node.context, node.establishment, node.exploration, node.nonce)
        };
        nodes.values().map(node).collect::<Vec<_>>().join("\n")
    }

    /// A message of the peer arrives; what the host says to it at once.
    pub fn put(&mut self, over: Pair, message: &Message<'_>) -> Vec<Said> {
        let mut octets = [0; MAX_MESSAGE_LEN];
        let length = message.emit(&mut octets).expect("a message that fits");
        self.put_octets(over, octets[..length].to_vec())
    }

    /// Octets of any kind arrive as a control message.
    pub fn put_octets(&mut self, over: Pair, octets: Vec<u8>) -> Vec<Said> {
        self.put_body(over, Body::Control(octets))
    }

    /// Payload with an extension header arrives.
    pub fn put_payload(&mut self, over: Pair, tag: Tag) -> Vec<Said> {
        let ulids = Pair { local: self.ulids().peer, peer: self.ulids().local };
        self.put_body(over, Body::Payload { tag: Some(tag), ulids })
    }

    fn put_body(&mut self, over: Pair, body: Body) -> Vec<Said> {
        self.said();
        self.world.inject(A, Datagram { source: over.peer, destination: over.local, body });
        self.said()
    }

    /// What the host has said since the last look.
    pub fn said(&mut self) -> Vec<Said> {
        let seen = &self.world.network.control_seen;
        let new = seen.iter().skip(self.heard).filter_map(|datagram| match &datagram.body {
            Body::Control(octets) => {
                Some(Said { from: datagram.source, to: datagram.destination, octets: octets.clone() })
            }
            Body::Payload { .. } => None,
        });
        let new = new.collect();
        self.heard = seen.len();
        new
    }

    /// Time passes; what the host says meanwhile.
    pub fn wait(&mut self, span: Duration) -> Vec<Said> {
        self.said();
        self.world.run(span);
        self.said()
    }

    pub fn advise(&mut self, advice: Advice) -> Vec<Said> {
        self.said();
        self.world.advise(A, advice);
        self.said()
    }

    /// The local set changed by itself: its contexts are told.
    pub fn locals_changed(&mut self) -> Vec<Said> {
        self.said();
        let (now, id) = (self.world.now, self.id());
        let World { hosts, network, rng, .. } = &mut self.world;
        hosts[A].call(now, network, rng, |engine| engine.locals_changed(now, id, Cause::Preference));
        self.said()
    }

    /// A cookie that the host would have sent in an R1 over this pair, for the ULIDs and instance named.
    pub fn cookie(&mut self, over: Pair, ulids: Pair, fii: Fii) -> Cookie {
        let claim = Claim::Establishment {
            initiator_tag: self.peer.tag,
            ulids: UlidPair { sender: ulids.peer, receiver: ulids.local },
            source: over.peer,
            destination: over.local,
            fii,
        };
        self.world.hosts[A].env.secrets.issue(self.world.now, &claim)
    }

    /// A cookie that the host would have sent in an R1bis over this pair.
    pub fn cookie_bis(&mut self, over: Pair, packet_tag: Tag) -> Cookie {
        let claim = Claim::Recovery { packet_tag, source: over.peer, destination: over.local };
        self.world.hosts[A].env.secrets.issue(self.world.now, &claim)
    }
}
