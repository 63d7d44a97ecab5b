// SPDX-License-Identifier: MIT OR GPL-2.0
//! CGA signatures of a peer (RFC 5533 sections 5.15.5 and 7.2, RFC 3972 section 6, RFC 5535 section 4): what the key of the
//! ULID has signed is taken, and nothing else. The peer is played by the test.

mod common;
mod pair;

use common::{addr, hex};
use pair::played::Played;
use pair::signer::{fits, signed_octets, Signer};
use pair::signing::{bounds, entry, is_refused, is_taken, others, picture, In, Peer, EACH, GENERATION};
use pair::{World, A};
use sha1::{Digest, Sha1};
use shim6_core::addr::Addr;
use shim6_core::context::State;
use shim6_core::engine::{Advice, Cause, Counter};
use shim6_core::locator::{Bound, Pair};
use shim6_core::signature::{digest, Signed};
use shim6_core::time::Duration;
use shim6_core::wire::{
    Announcement, ElementLen, LocatorList, LocatorPreferences, Message, Nonce, Preference, Probe, ProbeReport,
    ProbeReports, ProbeState, VerificationMethod,
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
    let peer = Peer::new();
    let expected: [u8; 20] = Sha1::digest(signed_octets(GENERATION, &others())).into();
    assert_eq!(digest(&LocatorList::new(GENERATION, &peer.mixed()).expect("a list")), expected);
}
