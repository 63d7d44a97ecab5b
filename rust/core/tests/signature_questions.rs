// SPDX-License-Identifier: MIT OR GPL-2.0
//! When the host is asked to check a CGA signature, and what may have become of the message by the time of its answer. RSA
//! is work that strangers ask for: it comes last, and its sizes are bounded.

mod common;
mod pair;

use common::{addr, hex};
use pair::played::{kinds, Played, Request, Said, PEER_TAG};
use pair::signer::{fits, Signer};
use pair::signing::{bounds, entry, is_refused, is_taken, others, picture, In, Peer, EACH, GENERATION};
use pair::{World, A};
use proptest::{collection::vec, prelude::*, sample::Index};
use shim6_core::cga::{self, Pds, Search, Sec};
use shim6_core::engine::{Cause, Counter};
use shim6_core::locator::Pair;
use shim6_core::signature::Signed;
use shim6_core::time::Duration;
use shim6_core::validator::Cookie;
use shim6_core::wire::{
    Announcement, ElementLen, LocatorList, LocatorPreferences, MessageType, Preference, VerificationMethod,
};

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
    let above = [&spki[..spki.len() - 1], &[3]].concat();
    let even = [&spki[..spki.len() - 1], &[0]].concat();
    let short = hex("305c300d06092a864886f70d0101010500034b003048024100c2c2f137305454f10bd9cea36844b530e9211a4b262b16
         467cb7dfba1f595c0194f275be5a4d386f2c3c2382508773c7867f9b3b9e63a09c7bc48f7a54ebefaf0203010001");
    let strange = [&hex("3013 3009 0607 2a8648ce3d0201 0306 00 3003 020103")[..], &[]].concat();
    for (key, length) in [(large, 128), (above, 128), (even, 128), (short, 64), (strange, 1)] {
        let prefix = addr("2001:db8:1:c::").prefix64();
        let sec = Sec::new(0).expect("Sec 0");
        let mut search = Search::new(prefix, sec, &key, &[], [4; 16]).expect("DER");
        assert!(search.run(1));
        let pds = search.finish().expect("found").to_vec();
        let ulid = cga::address(&Pds::parse(&pds).expect("a structure"), &prefix, sec);
        let peer = Peer { signer: Signer::new(), members: vec![ulid], pds };
        let mut played = peer.host(In::I2);
        played.host_mut().is_busy = true;
        let entries = [entry(ulid, VerificationMethod::Cga)];
        let signature = vec![1; length];
        let announcement = peer.tells(&entries, &signature);
        assert_eq!(Signed::of(&announcement, None), None);
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
    let stale = Cookie { validator: [0; shim6_core::validator::VALIDATOR_LEN], ..cookie };
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

/// RFC 5533 section 10.4: I2bis is repeated for an update that comes meanwhile, once, and the update is taken.
#[test]
fn an_update_while_i2bis_is_on_its_way_repeats_it_once() {
    let peer = Peer::new();
    let (entries, mut played) = (peer.mixed(), peer.host(In::Update));
    let (signature, ulids) = (peer.sign(&entries), peer.ulids(&played));
    assert_eq!(kinds(&played.r1bis(ulids, PEER_TAG)), [MessageType::I2bis]);
    let said = peer.tell(&mut played, In::Update, &peer.tells(&entries, &signature));
    assert_eq!(kinds(&said), [MessageType::I2bis, MessageType::UpdateAck]);
    assert_eq!(bounds(peer.context(&played).expect("a context")).len(), 4);
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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever stands where the key should, it is read without harm, and what is taken for a key is one of RSA.
    #[test]
    fn spoilt_keys_are_read_without_harm(spoilt in vec((any::<Index>(), any::<u8>()), 1..4), length in 0usize..600) {
        let peer = Peer::new();
        let mut pds = peer.pds.clone();
        for (place, octet) in spoilt {
            // From the key on: what is before it has no form.
            let place = 25 + place.index(pds.len() - 25);
            pds[place] = octet;
        }
        let entries = peer.mixed();
        for signature in [vec![1; length], vec![1; 128]] {
            let announcement = Announcement { pds: Some(&pds), ..peer.tells(&entries, &signature) };
            if let Some(signed) = Signed::of(&announcement, None) {
                prop_assert_eq!(signed.key.first(), Some(&0x30));
                prop_assert!(signed.signature.len() >= 128);
                fits(&signed);
            }
        }
    }
}
