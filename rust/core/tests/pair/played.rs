// SPDX-License-Identifier: MIT OR GPL-2.0
//! A host whose peer is played by the test: each message of the peer is written by hand, and all that the host sends is
//! read. Nothing that the host sends arrives anywhere.

use super::host::Host;
use super::network::{Body, Datagram};
use super::{World, A, B};
use shim6_core::addr::Addr;
use shim6_core::context::{Context, State};
use shim6_core::engine::{Cause, Contexts, StartError};
use shim6_core::locator::Pair;
use shim6_core::time::Duration;
use shim6_core::validator::{Claim, Cookie};
use shim6_core::wire::{
    Announcement, Fii, I2bis, IcmpError, LocatorEntry, LocatorList, Message, MessageType, Nonce, Quoted, QuotedKind,
    R1bis, Tag, UlidPair, VerificationMethod, I1, I2, MAX_MESSAGE_LEN, R1, R2,
};

/// The tag under which the played peer receives.
pub const PEER_TAG: Tag = Tag::from_octets([0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc]);
/// Another tag.
pub const OTHER_TAG: Tag = Tag::from_octets([0x12, 0x34, 0x56, 0x78, 0x9a, 0xbd]);

/// A message that the host sent: source, destination, octets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// The pair, as the host sees it.
    pub over: Pair,
    pub octets: Vec<u8>,
}

impl Said {
    pub fn message(&self) -> Message<'_> {
        Message::parse(&self.octets).expect("what the host sends is well formed")
    }

    pub fn kind(&self) -> MessageType {
        self.message().kind()
    }
}

/// The types of what was said.
pub fn kinds(said: &[Said]) -> Vec<MessageType> {
    said.iter().map(Said::kind).collect()
}

/// The one message that was said.
pub fn only(said: Vec<Said>) -> Said {
    assert_eq!(said.len(), 1, "one message: {said:?}");
    said.into_iter().next().expect("one")
}

/// Locators of the peer with their proof.
#[derive(Clone)]
pub struct Announced {
    pub entries: Vec<LocatorEntry>,
    pub pds: Vec<u8>,
}

impl Announced {
    pub fn announcement(&self) -> Announcement<'_> {
        if self.entries.is_empty() {
            return Announcement::NOTHING;
        }
        let locators = LocatorList::new(5, &self.entries);
        Announcement { locators, pds: Some(&self.pds), ..Announcement::NOTHING }
    }
}

/// What the peer asks for with I2, or with I2bis if there is a Packet Context Tag.
#[derive(Clone)]
pub struct Request {
    /// As the host sees it.
    pub over: Pair,
    /// As the host sees them; an option tells them where they differ from `over`.
    pub ulids: Pair,
    pub fii: Fii,
    pub tag: Tag,
    pub nonce: Nonce,
    pub packet_tag: Option<Tag>,
    pub announced: Announced,
}

/// A host and the test that plays its peer.
pub struct Played {
    pub world: World,
    /// The latest Initiator Nonce of the host.
    pub nonce: Nonce,
}

impl Played {
    /// A host with two addresses without contexts; its peer has three.
    pub fn new(seed: u64) -> Played {
        let mut world = World::new(seed, [2, 3]);
        world.network.loss = 100;
        Played { world, nonce: Nonce(0) }
    }

    /// The same, brought into a state by the messages that lead there.
    pub fn in_state(seed: u64, state: State) -> Played {
        let mut played = Played::new(seed);
        let ulids = played.ulids();
        if state == State::Idle {
            return played;
        }
        played.start();
        match state {
            State::Failed => {
                while played.state() == Some(State::I1Sent) {
                    played.wait(Duration::from_secs(1));
                }
            }
            State::NoSupport => played.unrecognized(),
            State::I2Sent | State::I2bisSent | State::Established => {
                played.r1(ulids);
            }
            State::Idle | State::I1Sent => {}
        }
        if matches!(state, State::I2bisSent | State::Established) {
            played.r2(ulids, PEER_TAG);
        }
        if state == State::I2bisSent {
            played.r1bis(ulids, PEER_TAG);
        }
        assert_eq!(played.state(), Some(state));
        played
    }

    pub fn host(&self) -> &Host {
        &self.world.hosts[A]
    }

    pub fn host_mut(&mut self) -> &mut Host {
        &mut self.world.hosts[A]
    }

    /// A pair by the places of its addresses in the sets, as the host sees it.
    pub fn pair(&self, local: usize, peer: usize) -> Pair {
        Pair { local: self.world.hosts[A].addresses()[local], peer: self.world.hosts[B].addresses()[peer] }
    }

    /// The first address of each.
    pub fn ulids(&self) -> Pair {
        self.pair(0, 0)
    }

    pub fn state(&self) -> Option<State> {
        self.host().state(&self.ulids())
    }

    /// The context between the first addresses.
    pub fn context(&self) -> &Context {
        self.host().context(self.host().context_id(&self.ulids()).expect("a context"))
    }

    /// The context of these ULIDs and this instance.
    pub fn find(&self, ulids: &Pair, fii: Fii) -> Option<&Context> {
        self.host().table.by_ulids(ulids, fii).map(|id| self.host().context(id))
    }

    /// All that the host keeps about the context between the first addresses, as text, timers and exchanges left out.
    pub fn picture(&self) -> String {
        match self.host().context_id(&self.ulids()) {
            Some(id) => format!("{} contexts, {:?}", self.host().table.nodes.len(), self.host().context(id)),
            None => format!("{} contexts", self.host().table.nodes.len()),
        }
    }

    /// Locators of the peer by their places.
    pub fn announced(&self, places: &[usize]) -> Announced {
        let peer = &self.world.hosts[B];
        let entry = |place: &usize| LocatorEntry { locator: peer.addresses()[*place], method: VerificationMethod::Hba };
        Announced { entries: places.iter().map(entry).collect(), pds: peer.env.set.pds().to_vec() }
    }

    /// What the host has said since this was asked last.
    pub fn said(&mut self) -> Vec<Said> {
        let sent = std::mem::take(&mut self.world.network.control_seen);
        let said = sent.into_iter().map(|Datagram { source, destination, body }| match body {
            Body::Control(octets) => Said { over: Pair { local: source, peer: destination }, octets },
            Body::Payload { .. } => unreachable!("payload is not kept"),
        });
        let said: Vec<Said> = said.collect();
        for message in &said {
            match message.message() {
                Message::I1(i1) => self.nonce = i1.initiator_nonce,
                Message::I2(i2) => self.nonce = i2.initiator_nonce,
                Message::I2bis(i2bis) => self.nonce = i2bis.initiator_nonce,
                _ => {}
            }
        }
        said
    }

    /// Time goes by.
    pub fn wait(&mut self, span: Duration) -> Vec<Said> {
        self.said();
        self.world.run(span);
        self.said()
    }

    /// Octets from the peer arrive.
    pub fn tell_octets(&mut self, over: Pair, octets: &[u8]) -> Vec<Said> {
        self.said();
        let body = Body::Control(octets.to_vec());
        self.world.inject(A, Datagram { source: over.peer, destination: over.local, body });
        self.world.check_invariants();
        self.said()
    }

    /// A message from the peer arrives.
    pub fn tell(&mut self, over: Pair, message: &Message<'_>) -> Vec<Said> {
        let mut octets = [0; MAX_MESSAGE_LEN];
        let length = message.emit(&mut octets).expect("a message that fits");
        self.tell_octets(over, &octets[..length])
    }

    /// Payload with this tag arrives; says whether the upper layer has got it.
    pub fn payload(&mut self, over: Pair, tag: Option<Tag>) -> bool {
        let before = self.world.delivered.len();
        let ulids = Pair { local: self.ulids().peer, peer: self.ulids().local };
        let body = Body::Payload { tag, ulids };
        self.world.inject(A, Datagram { source: over.peer, destination: over.local, body });
        self.world.delivered.len() > before
    }

    /// The host begins a context.
    pub fn try_start(&mut self, ulids: Pair, fii: Fii) -> Result<u32, StartError> {
        let now = self.world.now;
        let World { hosts, network, rng, .. } = &mut self.world;
        hosts[A].call(now, network, rng, |engine| engine.start(now, ulids, fii, Cause::Traffic))
    }

    /// The host begins the context between the first addresses; the I1.
    pub fn start(&mut self) -> Said {
        self.said();
        self.try_start(self.ulids(), Fii::DEFAULT).expect("a new context");
        only(self.said())
    }

    /// An R1 for the latest nonce.
    pub fn r1(&mut self, over: Pair) -> Vec<Said> {
        let r1 = R1 { initiator_nonce: self.nonce, responder_nonce: Nonce(55), validator: &[0x66; 16] };
        self.tell(over, &Message::R1(r1))
    }

    /// An R2 for the latest nonce, with all locators of the peer.
    pub fn r2(&mut self, over: Pair, tag: Tag) -> Vec<Said> {
        let announced = self.announced(&[0, 1, 2]);
        self.r2_announcing(over, tag, &announced.announcement())
    }

    /// An R2 for the latest nonce.
    pub fn r2_announcing(&mut self, over: Pair, tag: Tag, announcement: &Announcement<'_>) -> Vec<Said> {
        let r2 = R2 { responder_tag: tag, initiator_nonce: self.nonce, announcement: *announcement };
        self.tell(over, &Message::R2(r2))
    }

    /// An R1bis about packets with this tag.
    pub fn r1bis(&mut self, over: Pair, tag: Tag) -> Vec<Said> {
        let r1bis = R1bis { packet_tag: tag, responder_nonce: Nonce(57), validator: &[0x68; 16] };
        self.tell(over, &Message::R1bis(r1bis))
    }

    /// An I1 of the peer, over these addresses and about them.
    pub fn i1(&mut self, over: Pair, tag: Tag) -> Vec<Said> {
        self.i1_about(over, over, Fii::DEFAULT, tag)
    }

    /// An I1 of the peer about these ULIDs.
    pub fn i1_about(&mut self, over: Pair, ulids: Pair, fii: Fii, tag: Tag) -> Vec<Said> {
        let option = ulids_as_option(&over, &ulids);
        let i1 = I1 { initiator_tag: tag, initiator_nonce: Nonce(77), ulids: option, fii };
        self.tell(over, &Message::I1(i1))
    }

    /// What an ordinary I2 asks for: a context between the first addresses, with all locators of the peer.
    pub fn request(&self) -> Request {
        Request {
            over: self.ulids(),
            ulids: self.ulids(),
            fii: Fii::DEFAULT,
            tag: PEER_TAG,
            nonce: Nonce(78),
            packet_tag: None,
            announced: self.announced(&[0, 1, 2]),
        }
    }

    /// The cookie that the host would have given for this request.
    pub fn cookie(&self, request: &Request) -> Cookie {
        let (source, destination) = (request.over.peer, request.over.local);
        let claim = match request.packet_tag {
            Some(packet_tag) => Claim::Recovery { packet_tag, source, destination },
            None => Claim::Establishment {
                initiator_tag: request.tag,
                ulids: UlidPair { sender: request.ulids.peer, receiver: request.ulids.local },
                source,
                destination,
                fii: request.fii,
            },
        };
        self.host().env.secrets.issue(self.world.now, &claim)
    }

    /// I2 or I2bis arrives, with the right cookie.
    pub fn ask(&mut self, request: &Request) -> Vec<Said> {
        let cookie = self.cookie(request);
        self.ask_with(request, &cookie)
    }

    /// I2 or I2bis arrives with this cookie.
    pub fn ask_with(&mut self, request: &Request, cookie: &Cookie) -> Vec<Said> {
        self.ask_announcing(request, cookie, &request.announced.announcement())
    }

    /// I2 or I2bis arrives with this cookie and announcement.
    pub fn ask_announcing(&mut self, request: &Request, cookie: &Cookie, announcement: &Announcement<'_>) -> Vec<Said> {
        let message = request_message(request, cookie, announcement);
        self.tell(request.over, &message)
    }

    /// ICMPv6 says that the peer does not know the protocol.
    fn unrecognized(&mut self) {
        let ulids = self.ulids();
        let (tag, nonce) = (self.context().tag_local(), self.nonce);
        let kind = QuotedKind::Control { kind: MessageType::I1, tag: Some(tag), nonce: Some(nonce) };
        let quoted = Quoted { source: ulids.local, destination: ulids.peer, kind };
        assert!(self.icmp(4, 1, &quoted));
    }

    /// An ICMPv6 error arrives; says whether the shim acted on it.
    pub fn icmp(&mut self, kind: u8, code: u8, quoted: &Quoted) -> bool {
        self.icmp_at(kind, code, 0, quoted)
    }

    /// The same with a pointer.
    pub fn icmp_at(&mut self, kind: u8, code: u8, pointer: u32, quoted: &Quoted) -> bool {
        let error = IcmpError { kind, code, parameter: pointer, quoted: *quoted };
        let now = self.world.now;
        let World { hosts, network, rng, .. } = &mut self.world;
        hosts[A].call(now, network, rng, |engine| engine.icmp_error(now, &error))
    }
}

/// The message of a request.
pub fn request_message<'a>(request: &Request, cookie: &'a Cookie, announcement: &Announcement<'a>) -> Message<'a> {
    let ulids = ulids_as_option(&request.over, &request.ulids);
    match request.packet_tag {
        None => Message::I2(I2 {
            initiator_tag: request.tag,
            initiator_nonce: request.nonce,
            responder_nonce: cookie.nonce,
            validator: &cookie.validator,
            ulids,
            fii: request.fii,
            announcement: *announcement,
        }),
        Some(packet_tag) => Message::I2bis(I2bis {
            initiator_tag: request.tag,
            initiator_nonce: request.nonce,
            responder_nonce: cookie.nonce,
            packet_tag,
            validator: &cookie.validator,
            ulids,
            fii: request.fii,
            announcement: *announcement,
        }),
    }
}

/// The ULID Pair option of the peer's message, if it needs one.
fn ulids_as_option(over: &Pair, ulids: &Pair) -> Option<UlidPair> {
    (over != ulids).then_some(UlidPair { sender: ulids.peer, receiver: ulids.local })
}

/// An address of nobody's.
pub fn stranger() -> Addr {
    Addr::new([0x2001, 0xdb8, 0xbad, 0, 0, 0, 0, 1])
}
