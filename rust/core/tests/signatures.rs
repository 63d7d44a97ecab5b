// SPDX-License-Identifier: MIT OR GPL-2.0
//! CGA signatures of a peer (RFC 5533 sections 5.15.5 and 7.2, RFC 3972 section 6, RFC 5535 section 4): what the key of the
//! ULID has signed is taken, and nothing else. The peer is played by the test.

mod common;
mod pair;

use common::{addr, hex};
use pair::played::{kinds, Played};
use pair::signer::{fits, signed_octets, Signer};
use pair::signing::{bounds, entry, is_refused, is_taken, others, picture, In, Peer, EACH, GENERATION};
use pair::{World, A};
use sha1::{Digest, Sha1};
use shim6_core::addr::Addr;
use shim6_core::context::State;
use shim6_core::engine::{Advice, Cause, Contexts, Counter};
use shim6_core::locator::{Bound, Pair};
use shim6_core::signature::{digest, key_of, Signed, MAX_KEY_LEN};
use shim6_core::time::Duration;
use shim6_core::wire::{
    Announcement, ElementLen, LocatorList, LocatorPreferences, Message, MessageType, Nonce, Preference, Probe,
    ProbeReport, ProbeReports, ProbeState, VerificationMethod,
};

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
        let without = |signature| Announcement { pds: None, ..peer.tells(&entries, signature) };
        if what != In::Update {
            refuse(&mut played, &without(&signature), "no structure");
            is_taken(&peer.tell(&mut played, what, &peer.tells(&entries, &signature)), what);
            continue;
        }
        // The structure was exchanged before.
        for (how, signature) in &cases {
            refuse(&mut played, &without(signature), &format!("{how}, no structure"));
        }
        refuse(&mut played, &Announcement { signature: None, ..without(&[]) }, "no option, no structure");
        is_taken(&peer.tell(&mut played, what, &without(&signature)), what);
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

/// RFC 5533 section 7.2: a signature says whose the locator is, and not that the peer is there.
#[test]
fn a_signed_locator_is_used_after_a_probe_was_answered() {
    let peer = Peer::new();
    is_used_when_told(&peer, Some(&peer.pds));
    // RFC 5533 section 5.10: the structure was in I2.
    is_used_when_told(&peer, None);
}

/// An Update Request tells a signed locator, with the structure or without, and that it alone works.
fn is_used_when_told(peer: &Peer, pds: Option<&[u8]>) {
    let mut played = peer.host(In::Update);
    let (ulids, [first, _]) = (peer.ulids(&played), others());
    let entries = [entry(ulids.peer, VerificationMethod::Hba), entry(first, VerificationMethod::Cga)];
    let signature = peer.sign(&entries);
    let broken = [Preference::BROKEN, 0].map(|flags| Preference { flags, ..Preference::default() });
    let preferences = LocatorPreferences::new(GENERATION, ElementLen::Weight, &broken);
    let announcement = Announcement { preferences, pds, ..peer.tells(&entries, &signature) };
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
        assert!(fits(&Signed::of(&announcement, None).expect("all that is needed")));
        announcement.locators = LocatorList::new(GENERATION + 1, &entries);
        assert!(!fits(&Signed::of(&announcement, None).expect("all that is needed")));
    }
}

/// Only the locators by CGA, in their order, are signed.
#[test]
fn the_digest_is_over_generation_and_locators_by_cga() {
    let peer = Peer::new();
    let expected: [u8; 20] = Sha1::digest(signed_octets(GENERATION, &others())).into();
    assert_eq!(digest(&LocatorList::new(GENERATION, &peer.mixed()).expect("a list")), expected);
}

/// The number of the peer's context.
fn id_of(peer: &Peer, played: &Played) -> u32 {
    played.host().context_id(&peer.ulids(played)).expect("a context")
}

/// An Update Request tells the ULID and another locator, signed by this key, without the structure; says whether that is
/// taken. If not, the locator is pointed at, and nothing has changed.
fn takes_without_structure(peer: &Peer, played: &mut Played, signer: &Signer) -> bool {
    let entries = [entry(peer.members[0], VerificationMethod::Cga), entry(others()[1], VerificationMethod::Cga)];
    let signature = signer.sign(&signed_octets(GENERATION, &[peer.members[0], others()[1]]));
    let before = picture(played);
    let announcement = Announcement { pds: None, ..peer.tells(&entries, &signature) };
    let said = peer.tell(played, In::Update, &announcement);
    if kinds(&said) == [MessageType::UpdateAck] {
        let expected = [(peer.members[0], Bound::Ulid), (others()[1], Bound::Cga)];
        assert_eq!(bounds(peer.context(played).expect("a context")), expected);
        return true;
    }
    is_refused(&said, 0, "without structure");
    assert_eq!(picture(played), before);
    false
}

fn close(peer: &Peer, played: &mut Played) {
    let (now, id) = (played.world.now, id_of(peer, played));
    let World { hosts, network, rng, .. } = &mut played.world;
    hosts[A].call(now, network, rng, |engine| engine.close(now, id, Cause::Administrator));
}

/// RFC 5533 section 5.10: the structure is included in an Update Request if it was not in I2, I2bis or R2.
#[test]
fn a_structure_that_was_exchanged_need_not_come_again() {
    for peer in [Peer::new(), Peer::with(Signer::large()), Peer::cga_only()] {
        for what in EACH {
            // It came with a signed list, or alone.
            let entries =
                [entry(peer.members[0], VerificationMethod::Cga), entry(others()[0], VerificationMethod::Cga)];
            let signature = peer.sign(&entries);
            for announcement in [peer.tells(&entries, &signature), peer.proof()] {
                let mut played = peer.host(what);
                is_taken(&peer.tell(&mut played, what, &announcement), what);
                assert!(!takes_without_structure(&peer, &mut played, &Signer::other()), "{what:?}");
                assert!(takes_without_structure(&peer, &mut played, &peer.signer), "{what:?}");
            }
        }
    }
}

/// What is not known to be the key of the ULID, by a message that was accepted, speaks for nothing.
#[test]
fn without_an_accepted_structure_there_is_no_key() {
    let (peer, thief) = (Peer::cga_only(), Peer::with(Signer::other()));
    let mut played = peer.host(In::Update);
    assert!(!takes_without_structure(&peer, &mut played, &peer.signer), "there was none");
    let entries = [entry(peer.members[0], VerificationMethod::Cga)];
    let (signature, forged) = (peer.sign(&entries), thief.sign(&entries));
    is_refused(&peer.tell(&mut played, In::Update, &peer.tells(&entries, &forged)), 0, "a wrong signature");
    assert!(!takes_without_structure(&peer, &mut played, &peer.signer), "it was refused");
    assert!(peer.tell(&mut played, In::Update, &thief.proof()).is_empty());
    assert!(!takes_without_structure(&peer, &mut played, &thief.signer), "it is not the ULID's");
    played.host_mut().is_busy = true;
    assert!(peer.tell(&mut played, In::Update, &peer.tells(&entries, &signature)).is_empty());
    assert!(!takes_without_structure(&peer, &mut played, &peer.signer), "it waits");
    let (now, World { hosts, network, rng, .. }) = (played.world.now, &mut played.world);
    hosts[A].check_signatures(now, network, rng);
    hosts[A].is_busy = false;
    assert!(takes_without_structure(&peer, &mut played, &peer.signer), "it is accepted");
    assert!(peer.tell(&mut played, In::Update, &thief.proof()).is_empty());
    assert!(!takes_without_structure(&peer, &mut played, &thief.signer), "the other stays");
    assert!(takes_without_structure(&peer, &mut played, &peer.signer), "as it was");
}

/// The key lasts as long as the context, and is that of the latest structure.
#[test]
fn another_exchange_brings_another_key() {
    let peer = Peer::new();
    let mut played = peer.host(In::Update);
    let ask = |played: &mut Played, announcement: &Announcement<'_>| {
        let (request, cookie) = peer.request(played, None);
        assert_eq!(kinds(&played.ask_announcing(&request, &cookie, announcement)), [MessageType::R2]);
    };
    assert!(takes_without_structure(&peer, &mut played, &peer.signer));
    close(&peer, &mut played);
    ask(&mut played, &Announcement::NOTHING);
    assert!(!takes_without_structure(&peer, &mut played, &peer.signer), "it went with its context");
    // Two structures of one ULID are too much work for a test: the earlier key is put there by hand.
    let id = id_of(&peer, &played);
    let earlier = Peer::with(Signer::other());
    let put = |played: &mut Played| {
        let key = key_of(&earlier.pds).expect("a key");
        played.host_mut().table.keep_peer_key(id, key).expect("memory");
    };
    put(&mut played);
    ask(&mut played, &Announcement::NOTHING);
    assert!(takes_without_structure(&peer, &mut played, &earlier.signer), "nothing came in its place");
    ask(&mut played, &peer.proof());
    assert!(!takes_without_structure(&peer, &mut played, &earlier.signer), "another came in its place");
    assert!(takes_without_structure(&peer, &mut played, &peer.signer));
    // While a signature by one key waits to be checked another comes.
    put(&mut played);
    played.host_mut().is_busy = true;
    let entries = [entry(peer.members[0], VerificationMethod::Cga), entry(others()[0], VerificationMethod::Cga)];
    let signature = earlier.sign(&entries);
    let announcement = Announcement { pds: None, ..peer.tells(&entries, &signature) };
    assert!(peer.tell(&mut played, In::Update, &announcement).is_empty());
    ask(&mut played, &peer.proof());
    let (before, dropped) = (picture(&played), played.host().count(Counter::DropWrongState));
    let (now, World { hosts, network, rng, .. }) = (played.world.now, &mut played.world);
    hosts[A].check_signatures(now, network, rng);
    assert_eq!(picture(&played), before);
    assert_eq!(played.host().count(Counter::DropWrongState), dropped + 1);
}

/// A structure without a key, as that of a set by hashes alone, leaves none.
#[test]
fn a_structure_without_a_key_leaves_none() {
    let mut played = Played::in_state(7, State::Established);
    let id = played.host().context_id(&played.ulids()).expect("a context");
    assert_eq!(played.host().table.peer_key(id), None);
    let peer = Peer::new();
    let key = key_of(&peer.pds).expect("a key");
    played.host_mut().table.keep_peer_key(id, key).expect("memory");
    let request = played.request();
    assert_eq!(kinds(&played.ask(&request)), [MessageType::R2]);
    assert_eq!(played.host().table.peer_key(id), None);
}

/// The longest key that is kept is one of 4096 bits, in its shortest form.
#[test]
fn kept_keys_are_bounded() {
    let spki = |zeros: usize, octets: usize| {
        let long = |kind: u8, content: &[u8]| {
            let length = u16::try_from(content.len()).expect("short");
            [&[kind, 0x82][..], &length.to_be_bytes(), content].concat()
        };
        let modulus = long(2, &[vec![0; zeros], vec![0xff; octets]].concat());
        let key = long(0x30, &[&modulus[..], &hex("0203 010001")].concat());
        let string = long(3, &[&[0][..], &key].concat());
        let algorithm = hex("300d06092a864886f70d0101010500");
        [vec![9; 25], long(0x30, &[algorithm, string].concat())].concat()
    };
    assert_eq!(key_of(&spki(1, 512)).map(<[u8]>::len), Some(MAX_KEY_LEN));
    assert_eq!(key_of(&spki(2, 512)), None, "padded");
    assert_eq!(key_of(&spki(1, 513)), None, "more than 4096 bits");
    assert_eq!(key_of(&spki(1, 127)), None, "fewer than 1024 bits");
}
