// SPDX-License-Identifier: MIT OR GPL-2.0
//! CGA signatures of a peer (RFC 5533 sections 5.15.5 and 7.2, RFC 3972 section 6, RFC 5535 section 4): what the key of the
//! ULID has signed is taken, and nothing else. The peer is played by the test.

mod common;
mod pair;

use common::{addr, hex};
use pair::played::{kinds, only, request_message, Played, Request, Said, OTHER_TAG, PEER_TAG};
use pair::signer::{fits, signed_octets, Signer};
use pair::{World, A};
use shim6_core::addr::Addr;
use shim6_core::context::{Context, State};
use shim6_core::engine::{Advice, Cause, Counter};
use shim6_core::locator::{Bound, Pair};
use shim6_core::signature::{digest, Signed};
use shim6_core::time::Duration;
use shim6_core::validator::Cookie;
use shim6_core::wire::{
    Announcement, ElementLen, ErrorCode, Fii, LocatorEntry, LocatorList, LocatorPreferences, Message, MessageType,
    Nonce, Preference, Probe, ProbeReport, ProbeReports, ProbeState, UpdateRequest, VerificationMethod,
    MAX_MESSAGE_LEN,
};

/// The generation of the lists told here.
const GENERATION: u32 = 0x0d15_ea5e;
/// Octets of the invoking packet before its Shim6 header.
const IPV6: u16 = 40;

/// A message that can bring a signed list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum In {
    I2,
    I2bis,
    R2,
    Update,
}

const EACH: [In; 4] = [In::I2, In::I2bis, In::R2, In::Update];

/// A peer whose ULID is bound to a key.
struct Peer {
    signer: Signer,
    /// Members of its set, the ULID first.
    members: Vec<Addr>,
    pds: Vec<u8>,
}

/// Addresses that nothing binds to the ULID but a signature.
fn others() -> [Addr; 2] {
    [addr("2001:db8:aa::1"), addr("2001:db8:bb::2")]
}

fn entry(locator: Addr, method: VerificationMethod) -> LocatorEntry {
    LocatorEntry { locator, method }
}

impl Peer {
    /// One with a set of two addresses that is bound to a key, too.
    fn new() -> Peer {
        Peer::with(Signer::new())
    }

    fn with(signer: Signer) -> Peer {
        let prefixes = ["2001:db8:1:c::", "2001:db8:2:c::"].map(|prefix| addr(prefix).prefix64());
        let (members, pds) = signer.set(&prefixes);
        Peer { signer, members, pds }
    }

    /// One whose ULID is a CGA and no more.
    fn cga_only() -> Peer {
        let signer = Signer::new();
        let (ulid, pds) = signer.address(addr("2001:db8:1:c::").prefix64());
        Peer { signer, members: vec![ulid], pds }
    }

    /// Its members by HBA, and the others by CGA, mixed.
    fn mixed(&self) -> Vec<LocatorEntry> {
        let [first, second] = others();
        vec![
            entry(self.members[0], VerificationMethod::Hba),
            entry(first, VerificationMethod::Cga),
            entry(self.members[1], VerificationMethod::Hba),
            entry(second, VerificationMethod::Cga),
        ]
    }

    /// The right signature of a list.
    fn sign(&self, entries: &[LocatorEntry]) -> Vec<u8> {
        let by_cga = entries.iter().filter(|entry| entry.method == VerificationMethod::Cga);
        let locators: Vec<Addr> = by_cga.map(|entry| entry.locator).collect();
        self.signer.sign(&signed_octets(GENERATION, &locators))
    }

    fn tells<'a>(&'a self, entries: &'a [LocatorEntry], signature: &'a [u8]) -> Announcement<'a> {
        let (locators, pds) = (LocatorList::new(GENERATION, entries), Some(&self.pds[..]));
        Announcement { locators, pds, signature: Some(signature), ..Announcement::NOTHING }
    }

    /// The structure alone.
    fn proof(&self) -> Announcement<'_> {
        Announcement { pds: Some(&self.pds), ..Announcement::NOTHING }
    }

    fn ulids(&self, played: &Played) -> Pair {
        Pair { peer: self.members[0], ..played.ulids() }
    }

    fn request(&self, played: &Played, packet_tag: Option<shim6_core::wire::Tag>) -> (Request, Cookie) {
        let ulids = self.ulids(played);
        let request = Request { over: ulids, ulids, packet_tag, ..played.request() };
        let cookie = played.cookie(&request);
        (request, cookie)
    }

    fn context<'a>(&self, played: &'a Played) -> Option<&'a Context> {
        played.find(&self.ulids(played), Fii::DEFAULT)
    }

    /// A host in a state in which it takes such a message.
    fn host(&self, what: In) -> Played {
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
    fn message(&self, played: &Played, what: In, announcement: &Announcement<'_>) -> Vec<u8> {
        let announcement = *announcement;
        let (request, cookie) = self.request(played, (what == In::I2bis).then_some(OTHER_TAG));
        let message = match what {
            In::I2 | In::I2bis => request_message(&request, &cookie, &announcement),
            In::R2 => Message::R2(shim6_core::wire::R2 {
                responder_tag: PEER_TAG,
                initiator_nonce: played.nonce,
                announcement,
            }),
            In::Update => {
                let receiver_tag = self.context(played).expect("a context").tag_local();
                Message::UpdateRequest(UpdateRequest { receiver_tag, request_nonce: Nonce(4), announcement })
            }
        };
        let mut octets = [0; MAX_MESSAGE_LEN];
        let length = message.emit(&mut octets).expect("fits");
        octets[..length].to_vec()
    }

    fn tell(&self, played: &mut Played, what: In, announcement: &Announcement<'_>) -> Vec<Said> {
        let (ulids, octets) = (self.ulids(played), self.message(played, what, announcement));
        played.tell_octets(ulids, &octets)
    }
}

/// All that the host keeps.
fn picture(played: &Played) -> String {
    let node = |node: &pair::Node| format!("{:?} {:?} {:?}", node.context, node.establishment, node.exploration);
    played.host().table.nodes.values().map(node).collect::<Vec<_>>().join("\n")
}

fn is_taken(said: &[Said], what: In) {
    let answer = match what {
        In::I2 | In::I2bis => [MessageType::R2].to_vec(),
        In::R2 => Vec::new(),
        In::Update => [MessageType::UpdateAck].to_vec(),
    };
    assert_eq!(kinds(said), answer, "{what:?}");
}

/// Error code 2 that points at the method at this place comes back.
fn is_refused(said: &[Said], place: u16, what: &str) {
    let said = only(said.to_vec());
    let Message::Error(error) = said.message() else { panic!("{what}: no Error, but {:?}", said.kind()) };
    let at = error.packet.windows(4).position(|octets| octets == GENERATION.to_be_bytes()).expect("a list quoted");
    let pointer = at as u16 + 5 + place;
    assert!(pointer > IPV6);
    assert_eq!((error.code, error.pointer), (ErrorCode::VERIFICATION_METHOD_FAILED, pointer), "{what}");
}

fn bounds(context: &Context) -> Vec<(Addr, Bound)> {
    context.peer_locators().list().iter().map(|known| (known.addr, known.bound)).collect()
}

#[test]
fn locators_that_the_key_has_signed_are_taken() {
    for peer in [Peer::new(), Peer::with(Signer::large())] {
        for what in EACH {
            let mut played = peer.host(what);
            let entries = peer.mixed();
            let signature = peer.sign(&entries);
            is_taken(&peer.tell(&mut played, what, &peer.tells(&entries, &signature)), what);
            let context = peer.context(&played).expect("a context");
            let ([first, second], members) = (others(), &peer.members);
            let expected =
                [(members[0], Bound::Ulid), (first, Bound::Cga), (members[1], Bound::Hba), (second, Bound::Cga)];
            assert_eq!(bounds(context), expected, "{what:?}");
            assert_eq!((context.state(), context.peer_locators().generation()), (State::Established, Some(GENERATION)));
        }
    }
}

#[test]
fn a_ulid_that_is_a_cga_only_tells_others_by_signature() {
    for what in EACH {
        let peer = Peer::cga_only();
        let mut played = peer.host(what);
        let entries = [entry(peer.members[0], VerificationMethod::Cga), entry(others()[0], VerificationMethod::Cga)];
        let signature = peer.sign(&entries);
        is_taken(&peer.tell(&mut played, what, &peer.tells(&entries, &signature)), what);
        let context = peer.context(&played).expect("a context");
        assert_eq!(bounds(context), [(peer.members[0], Bound::Ulid), (others()[0], Bound::Cga)], "{what:?}");
    }
}

#[test]
fn a_signature_that_does_not_fit_spoils_the_message_and_is_pointed_at() {
    let peer = Peer::new();
    let entries = peer.mixed();
    let [first, second] = others();
    let all: Vec<Addr> = entries.iter().map(|entry| entry.locator).collect();
    let send_tag = hex("086f ca5e 10b2 00c9 9c8c e001 6427 7c08");
    let right = signed_octets(GENERATION, &[first, second]);
    let sign = |octets: &[u8]| peer.signer.sign(octets);
    let flipped = |at: usize| {
        let mut signature = sign(&right);
        signature[at] ^= 1;
        signature
    };
    let cases = [
        ("no signature of this key", Signer::other().sign(&right)),
        ("a flipped bit in front", flipped(0)),
        ("a flipped bit at the end", flipped(127)),
        ("another generation", sign(&signed_octets(GENERATION + 1, &[first, second]))),
        ("another locator", sign(&signed_octets(GENERATION, &[first, addr("2001:db8:bb::3")]))),
        ("one locator less", sign(&signed_octets(GENERATION, &[first]))),
        ("the other order", sign(&signed_octets(GENERATION, &[second, first]))),
        ("those by HBA, too", sign(&signed_octets(GENERATION, &all))),
        ("the tag of SEND", sign(&[&send_tag, &right[16..]].concat())),
        ("no tag", sign(&right[16..])),
        ("zeros", vec![0; 128]),
        ("a number beyond the modulus", vec![0xff; 128]),
        ("one octet less", sign(&right)[..127].to_vec()),
        ("one octet more", [sign(&right), vec![0]].concat()),
        ("nothing", Vec::new()),
    ];
    for what in EACH {
        let mut played = peer.host(what);
        let before = picture(&played);
        let refuse = |played: &mut Played, announcement: &Announcement<'_>, how: &str| {
            let refused = played.host().count(Counter::DropVerification);
            let said = peer.tell(played, what, announcement);
            is_refused(&said, 1, &format!("{how} in {what:?}"));
            assert_eq!(picture(played), before, "{how} in {what:?}");
            assert_eq!(played.host().count(Counter::DropVerification), refused + 1);
        };
        for (how, signature) in &cases {
            refuse(&mut played, &peer.tells(&entries, signature), how);
        }
        refuse(&mut played, &Announcement { signature: None, ..peer.tells(&entries, &[]) }, "no option");
        let signature = sign(&right);
        refuse(&mut played, &Announcement { pds: None, ..peer.tells(&entries, &signature) }, "no structure");
        is_taken(&peer.tell(&mut played, what, &peer.tells(&entries, &signature)), what);
    }
}

/// RFC 3972 section 6: a signature is authentic only if the structure is that of the ULID.
#[test]
fn a_good_signature_by_a_key_that_is_not_the_ulids_is_dropped_without_a_word() {
    let (peer, thief) = (Peer::new(), Peer::with(Signer::other()));
    for what in EACH {
        let mut played = peer.host(what);
        let before = picture(&played);
        let entries = [entry(peer.members[0], VerificationMethod::Cga), entry(others()[0], VerificationMethod::Cga)];
        let signature = thief.sign(&entries);
        let announcement = Announcement { pds: Some(&thief.pds), ..peer.tells(&entries, &signature) };
        assert!(peer.tell(&mut played, what, &announcement).is_empty(), "{what:?}");
        assert_eq!(picture(&played), before, "{what:?}");
    }
}

/// A key that this host judges by its size is refused before anything is computed with it.
#[test]
fn keys_that_are_short_or_cost_too_much_are_refused() {
    let spki = Signer::new().public_key();
    assert!(spki.ends_with(&hex("0203 010001")));
    // An exponent of five octets: the lengths around it grow by two.
    let mut large = [&spki[..spki.len() - 5], &hex("0205 0100000001")].concat();
    for at in [2, 20, 24] {
        large[at] += 2;
    }
    let even = [&spki[..spki.len() - 1], &[0]].concat();
    let short = hex("305c300d06092a864886f70d0101010500034b003048024100c2c2f137305454f10bd9cea36844b530e9211a4b262b16
         467cb7dfba1f595c0194f275be5a4d386f2c3c2382508773c7867f9b3b9e63a09c7bc48f7a54ebefaf0203010001");
    let strange = [&hex("3013 3009 0607 2a8648ce3d0201 0306 00 3003 020103")[..], &[]].concat();
    for (key, length) in [(large, 128), (even, 128), (short, 64), (strange, 1)] {
        let prefix = addr("2001:db8:1:c::").prefix64();
        let sec = shim6_core::cga::Sec::new(0).expect("Sec 0");
        let mut search = shim6_core::cga::Search::new(prefix, sec, &key, &[], [4; 16]).expect("DER");
        assert!(search.run(1));
        let pds = search.finish().expect("found").to_vec();
        let ulid = shim6_core::cga::address(&shim6_core::cga::Pds::parse(&pds).expect("a structure"), &prefix, sec);
        let peer = Peer { signer: Signer::new(), members: vec![ulid], pds };
        let mut played = peer.host(In::I2);
        played.host_mut().is_busy = true;
        let entries = [entry(ulid, VerificationMethod::Cga)];
        let signature = vec![1; length];
        let announcement = peer.tells(&entries, &signature);
        assert_eq!(Signed::of(&announcement), None);
        is_refused(&peer.tell(&mut played, In::I2, &announcement), 0, "a key");
        assert!(played.host().questions.is_empty());
    }
}

/// Whoever is told must not be sent through its own addresses.
#[test]
fn a_key_cannot_speak_for_an_address_of_the_host_that_is_told() {
    let peer = Peer::new();
    let mut played = peer.host(In::I2);
    played.host_mut().is_busy = true;
    let mine = played.pair(1, 0).local;
    let entries = [entry(peer.members[0], VerificationMethod::Hba), entry(mine, VerificationMethod::Cga)];
    let signature = peer.sign(&entries);
    is_refused(&peer.tell(&mut played, In::I2, &peer.tells(&entries, &signature)), 1, "an own address");
    assert!(played.host().questions.is_empty());
}

/// RSA comes last: only what is right in everything else is worth it.
#[test]
fn the_host_is_asked_only_about_what_is_right_in_all_else() {
    let peer = Peer::new();
    let entries = peer.mixed();
    let signature = peer.sign(&entries);
    let good = peer.tells(&entries, &signature);
    let mut played = peer.host(In::I2);
    played.host_mut().is_busy = true;
    let (request, cookie) = peer.request(&played, None);
    let stale = Cookie { validator: [0; 16], ..cookie };
    assert!(played.ask_announcing(&request, &stale, &good).is_empty());
    assert_eq!(played.host().count(Counter::DropValidator), 1);
    // A source that is not among the locators told.
    let over = Pair { peer: pair::played::stranger(), ..request.over };
    let elsewhere = Request { over, ..request.clone() };
    let cookie = played.cookie(&elsewhere);
    assert!(played.ask_announcing(&elsewhere, &cookie, &good).is_empty());
    assert_eq!(played.host().count(Counter::DropLocator), 1);
    for what in EACH {
        let mut played = peer.host(what);
        played.host_mut().is_busy = true;
        // One locator by HBA is not in the set; a method is unknown; preferences do not fit.
        let mut foreign = entries.clone();
        foreign[2].locator = others()[0];
        let mut unknown = entries.clone();
        unknown[3].method = VerificationMethod::Unsupported(9);
        let (foreign_signature, unknown_signature) = (peer.sign(&foreign), peer.sign(&unknown));
        let two = [Preference::default(); 2];
        let preferences = LocatorPreferences::new(GENERATION, ElementLen::Weight, &two);
        let preferences_too = Announcement { preferences, ..good };
        for bad in [peer.tells(&foreign, &foreign_signature), peer.tells(&unknown, &unknown_signature), preferences_too]
        {
            assert_eq!(kinds(&peer.tell(&mut played, what, &bad)), [MessageType::Error], "{what:?}");
        }
        assert!(played.host().questions.is_empty(), "{what:?}");
        assert!(peer.tell(&mut played, what, &good).is_empty());
        assert_eq!(played.host().questions.len(), 1, "{what:?}");
    }
}

fn check_signatures(played: &mut Played) -> Vec<Said> {
    played.said();
    let now = played.world.now;
    let World { hosts, network, rng, .. } = &mut played.world;
    hosts[A].check_signatures(now, network, rng);
    played.world.check_invariants();
    played.said()
}

#[test]
fn nothing_changes_until_the_signature_is_checked() {
    let peer = Peer::new();
    let entries = peer.mixed();
    let signature = peer.sign(&entries);
    for what in EACH {
        let mut played = peer.host(what);
        played.host_mut().is_busy = true;
        let before = picture(&played);
        assert!(peer.tell(&mut played, what, &peer.tells(&entries, &signature)).is_empty(), "{what:?}");
        assert_eq!(picture(&played), before, "{what:?}");
        is_taken(&check_signatures(&mut played), what);
        assert_eq!(bounds(peer.context(&played).expect("a context")).len(), 4);
        let kind = match what {
            In::I2 => MessageType::I2,
            In::I2bis => MessageType::I2bis,
            In::R2 => MessageType::R2,
            In::Update => MessageType::UpdateRequest,
        };
        assert_eq!(played.host().count(Counter::Rx(kind)), 1, "counted once");
    }
}

/// What was true when the message came may be so no more when its signature is known.
#[test]
fn an_answer_that_comes_too_late_is_worth_nothing() {
    let peer = Peer::new();
    let entries = peer.mixed();
    let signature = peer.sign(&entries);
    let waiting = |what| {
        let mut played = peer.host(what);
        played.host_mut().is_busy = true;
        assert!(peer.tell(&mut played, what, &peer.tells(&entries, &signature)).is_empty());
        played
    };
    // The cookie is too old.
    let mut played = waiting(In::I2);
    played.wait(Duration::from_secs(40));
    assert!(check_signatures(&mut played).is_empty());
    assert!(peer.context(&played).is_none());
    assert_eq!(played.host().count(Counter::DropValidator), 1);
    // The peer has told a newer list, whose locators are all by HBA.
    let mut played = waiting(In::Update);
    let members: Vec<_> = peer.members.iter().map(|one| entry(*one, VerificationMethod::Hba)).collect();
    let newer = Announcement { locators: LocatorList::new(2, &members), ..peer.proof() };
    assert_eq!(kinds(&peer.tell(&mut played, In::Update, &newer)), [MessageType::UpdateAck]);
    let before = picture(&played);
    assert!(check_signatures(&mut played).is_empty());
    assert_eq!(picture(&played), before);
    // The context is gone, or has got its answer from elsewhere.
    let mut played = waiting(In::Update);
    let id = played.host().context_id(&peer.ulids(&played)).expect("a context");
    let now = played.world.now;
    let World { hosts, network, rng, .. } = &mut played.world;
    hosts[A].call(now, network, rng, |engine| engine.close(now, id, Cause::Administrator));
    assert_eq!(kinds(&check_signatures(&mut played)), [MessageType::R1bis]);
    let mut played = waiting(In::R2);
    let mut repeated = played.host().questions[0].clone();
    std::mem::swap(&mut repeated, &mut played.host_mut().questions[0]);
    played.host_mut().questions.push(repeated);
    assert!(check_signatures(&mut played).is_empty());
    assert_eq!(played.host().count(Counter::DropNonce), 1);
}

/// RFC 5533 section 7.2: a signature says whose the locator is, and not that the peer is there.
#[test]
fn a_signed_locator_is_used_after_a_probe_was_answered() {
    let peer = Peer::new();
    let mut played = peer.host(In::Update);
    let (ulids, [first, _]) = (peer.ulids(&played), others());
    let entries = [entry(ulids.peer, VerificationMethod::Hba), entry(first, VerificationMethod::Cga)];
    let signature = peer.sign(&entries);
    let broken = [Preference::BROKEN, 0].map(|flags| Preference { flags, ..Preference::default() });
    let preferences = LocatorPreferences::new(GENERATION, ElementLen::Weight, &broken);
    let announcement = Announcement { preferences, ..peer.tells(&entries, &signature) };
    let mut said = peer.tell(&mut played, In::Update, &announcement);
    said.extend(played.wait(Duration::from_millis(400)));
    let probe = said.iter().find_map(|said| match said.message() {
        Message::Probe(probe) if probe.this.destination == first => Some(probe.this),
        _ => None,
    });
    let probe = probe.expect("a Probe to it");
    assert_eq!(peer.context(&played).expect("a context").pair(), ulids, "not yet");
    let (now, id) = (played.world.now, played.host().context_id(&ulids).expect("a context"));
    let World { hosts, network, rng, .. } = &mut played.world;
    hosts[A].call(now, network, rng, |engine| engine.advice(now, id, Advice::Explore(Cause::Administrator)));
    assert_eq!(peer.context(&played).expect("a context").pair(), ulids, "nor because somebody wants it");
    let (over, received) = (Pair { local: probe.source, peer: first }, [probe]);
    let receiver_tag = peer.context(&played).expect("a context").tag_local();
    let this = ProbeReport { source: first, destination: over.local, nonce: Nonce(7), data: 0 };
    let (earlier, received) = (ProbeReports::NONE, ProbeReports::new(&received));
    let state = ProbeState::Operational;
    played.tell(over, &Message::Probe(Probe { receiver_tag, state, this, earlier, received }));
    played.wait(Duration::from_secs(1));
    assert_eq!(peer.context(&played).expect("a context").pair(), over);
}

/// Two lists that `openssl dgst -sha1 -sign` has signed, over octets written down by hand.
#[test]
fn signatures_of_openssl_fit() {
    let small = hex("399b6ecf9a17ee1ab3695565ad89eb0e0983b07238550093155bab306c5eecba959699b86b27eef065d19809
         86d1fb690724038f4b81c981c031e640c6c213702ffeb1580142d52ef19b16297ffd2e27153bf6028f039e48
         c951c5d9dfef74600cd38e285cfb7dc7840dc860a170525e455d7cfa0e539a7aabda284a94176a26");
    let large = hex("6ac1700e7f0cd4886e477892da93bc83bd790c4c543a7f12ea1673813c737e00ba0b5a2f9e58bf93b9e8d54f
         5c9d99764e5817fa433e26823c52a5a83ae6b213f4e5a5a23bc26a0db1660283ee827b8c294c3716e1170f86
         9cb08514b5af11d91726f314c45a046e296516caa31350622841216643e4bbf25e75da838be0a9d9acd78f46
         90a20d339c87579f54f90dc9c38ec424c3d4d7bffe8f2c5af68f1ef72825c28a246da6288b13bb1e184e31da
         8bebcd0762f3603d3ab542de58332a0761a3956471eb8b04e55b1dd829e2f30d1b43551e6c3db05f5647d611
         3aee196a980cf728d3487e8491f3b94e76b4f21fe97b0b9991f79cf4630e6efdabd81d40");
    for (signer, signature) in [(Signer::new(), small), (Signer::large(), large)] {
        let peer = Peer::with(signer);
        let entries = peer.mixed();
        let mut announcement = peer.tells(&entries, &signature);
        assert!(fits(&Signed::of(&announcement).expect("all that is needed")));
        announcement.locators = LocatorList::new(GENERATION + 1, &entries);
        assert!(!fits(&Signed::of(&announcement).expect("all that is needed")));
    }
}

/// Only the locators by CGA, in their order, are signed.
#[test]
fn the_digest_is_over_generation_and_locators_by_cga() {
    use sha1::{Digest, Sha1};
    let peer = Peer::new();
    let expected: [u8; 20] = Sha1::digest(signed_octets(GENERATION, &others())).into();
    assert_eq!(digest(&LocatorList::new(GENERATION, &peer.mixed()).expect("a list")), expected);
}
