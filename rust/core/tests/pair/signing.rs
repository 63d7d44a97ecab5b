// SPDX-License-Identifier: MIT OR GPL-2.0
//! A peer whose ULID is bound to an RSA key, played by the test: it tells locators by CGA signature in each message that can
//! bring them (RFC 5533 section 5.15.5).

use super::played::{kinds, only, request_message, Played, Request, Said, OTHER_TAG, PEER_TAG};
use super::signer::{signed_octets, Signer};
use shim6_core::addr::Addr;
use shim6_core::context::Context;
use shim6_core::locator::{Bound, Pair};
use shim6_core::validator::Cookie;
use shim6_core::wire::{
    Announcement, ErrorCode, Fii, LocatorEntry, LocatorList, Message, MessageType, Nonce, Tag, UpdateRequest,
    VerificationMethod, MAX_MESSAGE_LEN, R2,
};

/// An address from its text.
fn addr(text: &str) -> Addr {
    text.parse::<std::net::Ipv6Addr>().expect("IPv6 address").into()
}

/// The generation of the lists told here.
pub const GENERATION: u32 = 0x0d15_ea5e;
/// Octets of the invoking packet before its Shim6 header.
const IPV6: u16 = 40;

/// A message that can bring a signed list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum In {
    I2,
    I2bis,
    R2,
    Update,
}

pub const EACH: [In; 4] = [In::I2, In::I2bis, In::R2, In::Update];

/// A peer whose ULID is bound to a key.
pub struct Peer {
    pub signer: Signer,
    /// Members of its set, the ULID first.
    pub members: Vec<Addr>,
    pub pds: Vec<u8>,
}

/// Addresses that nothing binds to the ULID but a signature.
pub fn others() -> [Addr; 2] {
    [addr("2001:db8:aa::1"), addr("2001:db8:bb::2")]
}

pub fn entry(locator: Addr, method: VerificationMethod) -> LocatorEntry {
    LocatorEntry { locator, method }
}

impl Peer {
    /// One with a set of two addresses that is bound to a key, too.
    pub fn new() -> Peer {
        Peer::with(Signer::new())
    }

    pub fn with(signer: Signer) -> Peer {
        let prefixes = ["2001:db8:1:c::", "2001:db8:2:c::"].map(|prefix| addr(prefix).prefix64());
        let (members, pds) = signer.set(&prefixes);
        Peer { signer, members, pds }
    }

    /// One whose ULID is a CGA and no more.
    pub fn cga_only() -> Peer {
        let signer = Signer::new();
        let (ulid, pds) = signer.address(addr("2001:db8:1:c::").prefix64());
        Peer { signer, members: vec![ulid], pds }
    }

    /// Its members by HBA, and the others by CGA, mixed.
    pub fn mixed(&self) -> Vec<LocatorEntry> {
        let [first, second] = others();
        vec![
            entry(self.members[0], VerificationMethod::Hba),
            entry(first, VerificationMethod::Cga),
            entry(self.members[1], VerificationMethod::Hba),
            entry(second, VerificationMethod::Cga),
        ]
    }

    /// The right signature of a list.
    pub fn sign(&self, entries: &[LocatorEntry]) -> Vec<u8> {
        let by_cga = entries.iter().filter(|entry| entry.method == VerificationMethod::Cga);
        let locators: Vec<Addr> = by_cga.map(|entry| entry.locator).collect();
        self.signer.sign(&signed_octets(GENERATION, &locators))
    }

    pub fn tells<'a>(&'a self, entries: &'a [LocatorEntry], signature: &'a [u8]) -> Announcement<'a> {
        let (locators, pds) = (LocatorList::new(GENERATION, entries), Some(&self.pds[..]));
        Announcement { locators, pds, signature: Some(signature), ..Announcement::NOTHING }
    }

    /// The structure alone.
    pub fn proof(&self) -> Announcement<'_> {
        Announcement { pds: Some(&self.pds), ..Announcement::NOTHING }
    }

    pub fn ulids(&self, played: &Played) -> Pair {
        Pair { peer: self.members[0], ..played.ulids() }
    }

    pub fn request(&self, played: &Played, packet_tag: Option<Tag>) -> (Request, Cookie) {
        let ulids = self.ulids(played);
        let request = Request { over: ulids, ulids, packet_tag, ..played.request() };
        let cookie = played.cookie(&request);
        (request, cookie)
    }

    pub fn context<'a>(&self, played: &'a Played) -> Option<&'a Context> {
        played.find(&self.ulids(played), Fii::DEFAULT)
    }

    /// A host in a state in which it takes such a message.
    pub fn host(&self, what: In) -> Played {
        let mut played = Played::new(7);
        let ulids = self.ulids(&played);
        match what {
            In::I2 | In::I2bis => {}
            In::R2 => {
                played.try_start(ulids, Fii::DEFAULT).expect("a context");
                played.said();
                played.r1(ulids);
            }
            In::Update => {
                let (request, cookie) = self.request(&played, None);
                let members: Vec<_> = self.members.iter().map(|one| entry(*one, VerificationMethod::Hba)).collect();
                let announcement = match self.members.len() {
                    1 => Announcement::NOTHING,
                    _ => Announcement { locators: LocatorList::new(1, &members), ..self.proof() },
                };
                assert_eq!(kinds(&played.ask_announcing(&request, &cookie, &announcement)), [MessageType::R2]);
            }
        }
        played
    }

    /// The octets of the message.
    pub fn message(&self, played: &Played, what: In, announcement: &Announcement<'_>) -> Vec<u8> {
        let announcement = *announcement;
        let (request, cookie) = self.request(played, (what == In::I2bis).then_some(OTHER_TAG));
        let message = match what {
            In::I2 | In::I2bis => request_message(&request, &cookie, &announcement),
            In::R2 => Message::R2(R2 { responder_tag: PEER_TAG, initiator_nonce: played.nonce, announcement }),
            In::Update => {
                let receiver_tag = self.context(played).expect("a context").tag_local();
                Message::UpdateRequest(UpdateRequest { receiver_tag, request_nonce: Nonce(4), announcement })
            }
        };
        let mut octets = [0; MAX_MESSAGE_LEN];
        let length = message.emit(&mut octets).expect("fits");
        octets[..length].to_vec()
    }

    pub fn tell(&self, played: &mut Played, what: In, announcement: &Announcement<'_>) -> Vec<Said> {
        let (ulids, octets) = (self.ulids(played), self.message(played, what, announcement));
        played.tell_octets(ulids, &octets)
    }
}

/// All that the host keeps.
pub fn picture(played: &Played) -> String {
    let node = |node: &super::Node| {
        format!("{:?} {:?} {:?} {:?}", node.context, node.establishment, node.exploration, node.peer_key)
    };
    played.host().table.nodes.values().map(node).collect::<Vec<_>>().join("\n")
}

pub fn is_taken(said: &[Said], what: In) {
    let answer = match what {
        In::I2 | In::I2bis => [MessageType::R2].to_vec(),
        In::R2 => Vec::new(),
        In::Update => [MessageType::UpdateAck].to_vec(),
    };
    assert_eq!(kinds(said), answer, "{what:?}");
}

/// Error code 2 that points at the method at this place comes back.
pub fn is_refused(said: &[Said], place: u16, what: &str) {
    let said = only(said.to_vec());
    let Message::Error(error) = said.message() else { panic!("{what}: no Error, but {:?}", said.kind()) };
    let at = error.packet.windows(4).position(|octets| octets == GENERATION.to_be_bytes()).expect("a list quoted");
    let pointer = at as u16 + 5 + place;
    assert!(pointer > IPV6);
    assert_eq!((error.code, error.pointer), (ErrorCode::VERIFICATION_METHOD_FAILED, pointer), "{what}");
}

pub fn bounds(context: &Context) -> Vec<(Addr, Bound)> {
    context.peer_locators().list().iter().map(|known| (known.addr, known.bound)).collect()
}
