// SPDX-License-Identifier: MIT OR GPL-2.0
//! What an owner of addresses does with them: sets made anew, a modifier used again, collisions, keys that are too short,
//! and a host without a set that talks to one that has one (RFC 5535 sections 6 and 8, RFC 3972 sections 4 and 5, RFC 5533
//! section 16).

mod common;
mod pair;

use common::hex;
use pair::{World, A, B};
use shim6_core::addr::{Addr, Prefix};
use shim6_core::cga::{self, GenerateError, Pds, Search, Sec, VerifyError};
use shim6_core::hba::{self, HbaSet, Key, NonceKey};
use shim6_core::locator::{LocalSet, LocalStatus};
use shim6_core::time::Duration;

fn sec(value: u8) -> Sec {
    Sec::new(value).expect("0 to 2")
}

fn prefix(number: u16) -> Prefix {
    Addr::new([0x2001, 0xdb8, number, 0xa, 0, 0, 0, 0]).prefix64()
}

/// A DER element of these contents.
fn der(tag: u8, contents: &[&[u8]]) -> Vec<u8> {
    let contents = contents.concat();
    let len = contents.len() as u16;
    let header = match len {
        0..128 => vec![tag, len as u8],
        128..256 => vec![tag, 0x81, len as u8],
        _ => vec![tag, 0x82, (len >> 8) as u8, len as u8],
    };
    [header, contents].concat()
}

/// A SubjectPublicKeyInfo of an RSA key whose modulus has so many octets, the first of which is `top`.
fn rsa(octets: usize, top: u8) -> Vec<u8> {
    let sign: &[u8] = if top & 0x80 != 0 { &[0] } else { &[] };
    let modulus = der(0x02, &[sign, &[top], &vec![0x5a; octets - 1]]);
    let key = der(0x30, &[&modulus, &hex("0203010001")]);
    der(0x30, &[&hex("300d06092a864886f70d0101010500"), &der(0x03, &[&[0], &key])])
}

fn set(prefixes: &[Prefix], key: Key<'_>, value: u8, modifier: [u8; 16]) -> HbaSet {
    let mut search = hba::search(prefixes, sec(value), key, modifier).expect("legal");
    while !search.run(1000) {}
    HbaSet::from_search(search).expect("found")
}

#[test]
fn sets_of_the_same_prefixes_differ_by_modifier_and_nonce() {
    let prefixes = [prefix(1), prefix(2)];
    let nonces = [NonceKey::new([1; 48]), NonceKey::new([2; 48])];
    let sets = [
        set(&prefixes, Key::Nonce(&nonces[0]), 0, [1; 16]),
        set(&prefixes, Key::Nonce(&nonces[0]), 0, [2; 16]),
        set(&prefixes, Key::Nonce(&nonces[1]), 0, [1; 16]),
    ];
    for (one, other) in [(0, 1), (0, 2), (1, 2)] {
        for address in sets[one].addresses() {
            assert!(!sets[other].contains(*address));
            let pds = Pds::parse(sets[other].pds()).expect("a structure");
            assert_eq!(hba::verify(*address, &pds), Err(VerifyError::Hash1));
        }
    }
}

#[test]
fn sets_of_each_sec_verify() {
    let nonce = "8b30557a9fc4e90e33587da2c7ec11365b80a5caef14395e83a8cdf2173c6186abd0f51a3f6489aed3f81d42678cb1d6";
    let nonce = NonceKey::new(hex(nonce).try_into().expect("48 octets"));
    let prefixes = [prefix(1), prefix(2)];
    // With Sec 2 a search tries 2^32 modifiers on average; this one begins three before one that is known to do.
    let near = hex("f0f7fee5ecd3dac1c8cfb6bda8d8ecaa").try_into().expect("16 octets");
    for (value, modifier) in [(0, [3; 16]), (1, [3; 16]), (2, near)] {
        let set = set(&prefixes, Key::Nonce(&nonce), value, modifier);
        for owner in set.addresses() {
            let pds = set.pds_of(*owner).expect("a member");
            let pds = Pds::parse(&pds).expect("a structure");
            for member in set.addresses() {
                assert_eq!(hba::verify(*member, &pds), Ok(()), "Sec {value}");
                assert_eq!(cga::sec_of(*member), Some(sec(value)));
            }
        }
    }
}

#[test]
fn one_prefix_more_changes_all_addresses() {
    let key = rsa(128, 0xc1);
    let before = set(&[prefix(1), prefix(2)], Key::Public(&key), 0, [7; 16]);
    let after = set(&[prefix(1), prefix(2), prefix(3)], Key::Public(&key), 0, [7; 16]);
    assert_eq!(after.addresses().len(), 3);
    for address in before.addresses() {
        assert!(!after.contains(*address));
    }
}

/// A plain CGA with Sec 1 and this first prefix.
fn plain(prefix: Prefix) -> Vec<u8> {
    let mut search = Search::new(prefix, sec(1), &rsa(128, 0xc1), &[], [5; 16]).expect("legal");
    while !search.run(1000) {}
    search.finish().expect("found").to_vec()
}

#[test]
fn a_modifier_may_be_used_again_with_another_prefix() {
    let mut pds = plain(prefix(1));
    let old = cga::address(&Pds::parse(&pds).expect("a structure"), &prefix(1), sec(1));
    pds[16..24].copy_from_slice(&prefix(9));
    let pds = Pds::parse(&pds).expect("a structure");
    let new = cga::address(&pds, &prefix(9), sec(1));
    assert_eq!((cga::verify(new, &pds), pds.collision_count()), (Ok(()), 0));
    assert_ne!(old.interface_id(), new.interface_id());
    assert_eq!(cga::verify(old, &pds), Err(VerifyError::Prefix));
}

#[test]
fn a_third_collision_ends_the_generation_of_a_cga() {
    let mut pds = plain(prefix(1));
    for count in 1..=2 {
        assert_eq!(cga::count_collision(&mut pds), Ok(()));
        let pds = Pds::parse(&pds).expect("a structure");
        assert_eq!(pds.collision_count(), count);
        assert_eq!(cga::verify(cga::address(&pds, &prefix(1), sec(1)), &pds), Ok(()));
    }
    assert_eq!(cga::count_collision(&mut pds), Err(GenerateError::Collisions));
    assert_eq!(Pds::parse(&pds).expect("a structure").collision_count(), 2);
}

#[test]
fn a_structure_without_extension_is_checked_in_every_step() {
    let pds = plain(prefix(1));
    let parsed = Pds::parse(&pds).expect("a structure");
    let address = cga::address(&parsed, &prefix(1), sec(1));
    assert_eq!(cga::verify(address, &parsed), Ok(()));
    for bit in 64..128 {
        let mut octets = address.0;
        octets[bit / 8] ^= 0x80 >> (bit % 8);
        let expected = match bit {
            // Sec 1 becomes 5 or 3, and 0, for which any modifier does.
            64 | 65 => Err(VerifyError::UnsupportedSec),
            66 | 70 | 71 => Ok(()),
            _ => Err(VerifyError::Hash1),
        };
        assert_eq!(cga::verify(Addr(octets), &parsed), expected, "bit {bit}");
    }
    // Made for Sec 1 and said to be of Sec 2.
    assert_eq!(cga::verify(cga::address(&parsed, &prefix(1), sec(2)), &parsed), Err(VerifyError::Hash2));
    let mut counted = pds.clone();
    counted[24] = 3;
    let counted = Pds::parse(&counted).expect("a structure");
    let address = cga::address(&counted, &prefix(1), sec(1));
    assert_eq!(cga::verify(address, &counted), Err(VerifyError::CollisionCount));
}

#[test]
fn rsa_keys_of_fewer_than_1024_bits_are_refused() {
    let search = |key: &[u8]| hba::search(&[prefix(1)], sec(0), Key::Public(key), [0; 16]).map(|_| ());
    for (octets, top, expected) in [
        (128, 0x80, Ok(())),
        (128, 0xff, Ok(())),
        (129, 0x01, Ok(())),
        (128, 0x7f, Err(GenerateError::Key)),
        (127, 0xff, Err(GenerateError::Key)),
        (64, 0xff, Err(GenerateError::Key)),
        (1, 0x01, Err(GenerateError::Key)),
    ] {
        assert_eq!(search(&rsa(octets, top)), expected, "{octets} octets, the first {top:x}");
    }
    // An RSA key that cannot be read is none.
    let mut odd = rsa(128, 0xc1);
    let string = odd.windows(3).position(|octets| octets == [0x03, 0x81, 0x8d]).expect("the BIT STRING");
    odd[string] = 0x04;
    assert_eq!(search(&odd), Err(GenerateError::Key));
}

/// RFC 5535 section 8: addresses of the one host, and none of the other's, are proven.
#[test]
fn a_host_with_one_plain_address_fails_over_with_a_peer_that_has_a_set() {
    let mut world = World::new(1, [1, 2]);
    let address = world.hosts[A].addresses()[0];
    let mut single = LocalSet::single(address).expect("a locator");
    single.set_status(&address, LocalStatus::Usable);
    world.hosts[A].env.set = single;
    world.start(A);
    world.talk(Duration::from_secs(10), Duration::from_millis(100), &[A, B]);
    assert!(world.is_agreed());
    let ulids = world.ulids(A);
    world.network.cut(ulids.local, ulids.peer);
    world.network.cut(ulids.peer, ulids.local);
    world.talk(Duration::from_secs(60), Duration::from_millis(100), &[A, B]);
    let second = world.hosts[B].addresses()[1];
    let pairs = [A, B].map(|host| {
        let id = world.hosts[host].context_id(&world.ulids(host)).expect("a context");
        world.hosts[host].context(id).pair()
    });
    assert_eq!((pairs[A].local, pairs[A].peer), (address, second));
    assert_eq!((pairs[B].local, pairs[B].peer), (second, address));
    let before = world.delivered.len();
    world.talk(Duration::from_secs(10), Duration::from_millis(100), &[A, B]);
    assert!(world.delivered.len() - before >= 190);
    world.check_invariants();
    // It announced nothing.
    let id = world.hosts[B].context_id(&world.ulids(B)).expect("a context");
    assert_eq!(world.hosts[B].context(id).peer_locators().list().len(), 1);
}
