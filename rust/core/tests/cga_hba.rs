// SPDX-License-Identifier: MIT OR GPL-2.0
//! Addresses and their proofs: the example of RFC 3972's appendix, sets computed apart from the core (SHA-1 of another
//! library) for Sec 0, 1 and 2, and everything that must not verify.

mod common;

use common::{addr, hex, initiator, initiator_pds, responder, responder_pds};
use shim6_core::addr::{Addr, Prefix};
use shim6_core::cga::{self, GenerateError, Pds, PdsError, Search, Sec, VerifyError};
use shim6_core::hba::{self, Binding, HbaSet, Key, LoadError, NonceKey};

/// The public key of RFC 3972 appendix A.
fn appendix_key() -> Vec<u8> {
    hex("305c300d06092a864886f70d0101010500034b003048024100c2c2f137305454f10bd9cea36844b530e9211a4b262b16
         467cb7dfba1f595c0194f275be5a4d386f2c3c2382508773c7867f9b3b9e63a09c7bc48f7a54ebefaf0203010001")
}

fn sec(value: u8) -> Sec {
    Sec::new(value).expect("0 to 2")
}

fn prefix(text: &str) -> Prefix {
    addr(text).prefix64()
}

fn parse(pds: &[u8]) -> Pds<'_> {
    Pds::parse(pds).expect("a parameter structure")
}

/// A set of three prefixes with Sec 1, modifier 40414243...4f, found after 14,430 tries.
fn sec1() -> (Vec<u8>, [Addr; 3]) {
    (
        hex("404142434445464748494a4b4c4d86ac 20010db80003000b 00
             304c300d06092a864886f70d0101010500033b003038023100
             890e13181d22272c31363b40454a4f54595e63686d72777c81868b90959a9fa4a9aeb3b8bdc2c7ccd1d6dbe0e5eaeff4
             0203010001 0012001c 00000000 20010db80003000b 20010db80004000b 20010db80005000b"),
        [
            addr("2001:db8:3:b:2c42:34fd:b48a:9be"),
            addr("2001:db8:4:b:3046:a81b:bac1:96f9"),
            addr("2001:db8:5:b:24b8:ab0b:f912:a163"),
        ],
    )
}

/// A set of two prefixes with Sec 2, found after 70,081,045 tries.
fn sec2() -> (Vec<u8>, [Addr; 2]) {
    (
        hex("f0f7fee5ecd3dac1c8cfb6bda8d8ecad 20010db80001000a 00
             304c300d06092a864886f70d0101010500033b003038023100
             8b30557a9fc4e90e33587da2c7ec11365b80a5caef14395e83a8cdf2173c6186abd0f51a3f6489aed3f81d42678cb1d6
             0203010001 00120014 00000000 20010db80001000a 20010db80002000a"),
        [addr("2001:db8:1:a:587a:3a3:553f:7b80"), addr("2001:db8:2:a:549f:1972:568d:569e")],
    )
}

/// A CGA/HBA set with the appendix's key and Sec 1; another extension of odd length stands before Multi-Prefix.
fn cga_hba() -> (Vec<u8>, [Addr; 2]) {
    let mut pds = hex("606162636465666768696a6b6c6f6023 20010db80001000a 00");
    pds.extend(appendix_key());
    pds.extend(hex("fffd0003 0a0b0c 00120014 80000000 20010db80001000a 20010db80002000a"));
    (pds, [addr("2001:db8:1:a:30b9:5e2a:1f76:cfa4"), addr("2001:db8:2:a:3878:61a:8b6c:9d20")])
}

#[test]
fn the_example_of_rfc_3972() {
    let first = hex("89a8a8b2e858d8b8f2633f44d2d4ce9a");
    let modifier = first.try_into().expect("16 octets");
    let mut search = Search::new(prefix("fe80::"), sec(1), &appendix_key(), &[], modifier).expect("legal");
    assert!(!search.run(1), "the first modifier does not do");
    assert!(search.run(1), "the second one does");
    assert_eq!(search.tried(), 2);
    let pds = search.finish().expect("found");
    assert_eq!(pds[..16], hex("89a8a8b2e858d8b8f2633f44d2d4ce9b"));
    let pds = parse(&pds);
    let address = cga::address(&pds, &prefix("fe80::"), sec(1));
    assert_eq!(address, addr("fe80::3c4a:5bf6:ffb4:ca6c"));
    assert_eq!(cga::verify(address, &pds), Ok(()));
    assert_eq!(hba::bind(address, &pds), Ok(Binding::Cga));
    assert_eq!(pds.public_key(), appendix_key());
}

#[test]
fn known_sets_verify_with_each_others_structures() {
    let sets: [(Vec<u8>, Vec<Addr>, u8); 5] = [
        (initiator_pds(), initiator().to_vec(), 0),
        (responder_pds(), responder().to_vec(), 0),
        (sec1().0, sec1().1.to_vec(), 1),
        (sec2().0, sec2().1.to_vec(), 2),
        (cga_hba().0, cga_hba().1.to_vec(), 1),
    ];
    for (pds, addresses, value) in sets {
        let set = HbaSet::load(&pds, sec(value)).expect("a set");
        assert_eq!(set.addresses(), addresses);
        assert_eq!((set.sec(), set.collision_count()), (sec(value), 0));
        for owner in &addresses {
            let pds = set.pds_of(*owner).expect("a member's");
            let pds = parse(&pds);
            assert_eq!(*pds.subnet_prefix(), owner.prefix64());
            assert_eq!(cga::verify(*owner, &pds), Ok(()), "as a plain CGA");
            for member in &addresses {
                assert_eq!(cga::sec_of(*member), Some(sec(value)));
                assert_eq!(hba::verify(*member, &pds), Ok(()));
                assert_eq!(hba::bind(*member, &pds), Ok(Binding::Hba));
                assert_eq!(cga::verify(*member, &pds).is_ok(), member == owner);
            }
        }
        assert_eq!(set.pds_of(addr("2001:db8::1")), None);
    }
}

#[test]
fn generation_gives_the_known_sets() {
    let nonce = core::array::from_fn(|i| (7 * i + 1) as u8);
    let prefixes = [prefix("2001:db8:1:a::"), prefix("2001:db8:2:a::")];
    let modifier = core::array::from_fn(|i| i as u8);
    let mut search = hba::search(&prefixes, sec(0), Key::Nonce(&NonceKey::new(nonce)), modifier).expect("legal");
    assert!(search.run(1), "with Sec 0 any modifier does");
    let set = HbaSet::from_search(search).expect("found");
    assert_eq!((set.pds(), set.addresses()), (&initiator_pds()[..], &initiator()[..]));
    assert!(!set.has_public_key());

    let nonce = core::array::from_fn(|i| (5 * i + 9) as u8);
    let prefixes = [prefix("2001:db8:3:b::"), prefix("2001:db8:4:b::"), prefix("2001:db8:5:b::")];
    let modifier = core::array::from_fn(|i| 0x40 + i as u8);
    let mut search = hba::search(&prefixes, sec(1), Key::Nonce(&NonceKey::new(nonce)), modifier).expect("legal");
    let mut steps = 0;
    while !search.run(1000) {
        assert!(HbaSet::from_search(search.clone()).is_err_and(|error| error == GenerateError::NotFound));
        steps += 1;
    }
    assert_eq!((steps, search.tried()), (14, 14430));
    assert!(search.run(1000) && search.tried() == 14430, "a search that has found rests");
    let set = HbaSet::from_search(search).expect("found");
    assert_eq!((set.pds(), set.addresses()), (&sec1().0[..], &sec1().1[..]));
}

#[test]
fn a_public_key_sets_the_p_flag() {
    let prefixes = [prefix("2001:db8:1:a::")];
    // RSA of 1024 bits, that is 128 octets and the sign of the modulus.
    let mut key = hex("30819f300d06092a864886f70d010101050003818d0030818902818100");
    key.extend([0xc3; 128]);
    key.extend(hex("0203010001"));
    let mut search = hba::search(&prefixes, sec(0), Key::Public(&key), [9; 16]).expect("legal");
    search.run(1);
    let set = HbaSet::from_search(search).expect("found");
    assert!(set.has_public_key());
    assert_eq!(set.pds()[25 + key.len()..], hex("0012000c 80000000 20010db80001000a"));
}

#[test]
fn the_nonce_is_a_key_of_384_bits() {
    for first in [0x00, 0x7f, 0x80, 0xff] {
        let mut nonce = [0x11; 48];
        nonce[0] = first;
        let key = NonceKey::new(nonce);
        assert_eq!(key.der().len(), 78);
        assert_eq!(key.der()[..24], hex("304c300d06092a864886f70d0101010500033b0030380231"));
        assert_eq!(key.der()[24..26], [0, first | 0x80], "a positive INTEGER with its top bit set");
        assert_eq!(key.der()[26..73], nonce[1..]);
        assert_eq!(key.der()[73..], hex("0203010001"));
    }
}

#[test]
fn workers_try_different_modifiers() {
    let key = NonceKey::new([3; 48]);
    let base = hba::search(&[prefix("2001:db8:1:a::")], sec(0), Key::Nonce(&key), [0xff; 16]).expect("legal");
    let modifiers: Vec<Vec<u8>> = (0..4)
        .map(|worker| {
            let mut share = base.share(worker);
            share.run(1);
            share.finish().expect("found")[..16].to_vec()
        })
        .collect();
    assert_eq!(modifiers[0], [0xff; 16]);
    assert_eq!(modifiers[1], hex("0000000000000000ffffffffffffffff"));
    assert_eq!(modifiers[3], hex("0000000000000002ffffffffffffffff"));
}

#[test]
fn a_collision_changes_all_addresses() {
    let mut set = HbaSet::load(&initiator_pds(), sec(0)).expect("a set");
    set.count_collision().expect("the first");
    let first = [addr("2001:db8:1:a:8f2:bbdb:d8a4:58af"), addr("2001:db8:2:a:c21:e67d:37c5:ef4c")];
    assert_eq!((set.addresses(), set.collision_count()), (&first[..], 1));
    set.count_collision().expect("the second");
    let second = [addr("2001:db8:1:a:1c82:3140:2826:8c41"), addr("2001:db8:2:a:14a9:f44e:1893:4b00")];
    assert_eq!((set.addresses(), set.collision_count()), (&second[..], 2));
    for address in second {
        assert_eq!(hba::verify(address, &parse(set.pds())), Ok(()));
        assert_eq!(hba::verify(address, &parse(&initiator_pds())), Err(VerifyError::Hash1));
    }
    assert_eq!(HbaSet::load(set.pds(), sec(0)).as_ref(), Ok(&set));
    assert_eq!(set.count_collision(), Err(GenerateError::Collisions));
    assert_eq!((set.addresses(), set.collision_count()), (&second[..], 2), "unchanged");
}

#[test]
fn collision_counts_above_2_fail() {
    let mut pds = initiator_pds();
    pds[24] = 3;
    // Even for an address that this count gives.
    let address = cga::address(&parse(&pds), &prefix("2001:db8:1:a::"), sec(0));
    assert_eq!(hba::verify(address, &parse(&pds)), Err(VerifyError::CollisionCount));
    assert_eq!(cga::verify(address, &parse(&pds)), Err(VerifyError::CollisionCount));
    assert_eq!(HbaSet::load(&pds, sec(0)), Err(LoadError::CollisionCount));
}

#[test]
fn each_bit_of_the_identifier_counts_but_five() {
    let (member, pds) = (initiator()[0], initiator_pds());
    for bit in 0..128 {
        let mut octets = member.0;
        octets[bit / 8] ^= 0x80 >> (bit % 8);
        let expected = match bit {
            0..64 => Err(VerifyError::Prefix),
            // Sec 2 and 1: Hash2 has no such zeros. Sec 4: no procedure.
            65 | 66 => Err(VerifyError::Hash2),
            64 => Err(VerifyError::UnsupportedSec),
            70 | 71 => Ok(()),
            _ => Err(VerifyError::Hash1),
        };
        assert_eq!(hba::verify(Addr(octets), &parse(&pds)), expected, "bit {bit}");
    }
}

#[test]
fn each_bit_of_the_structure_counts() {
    let (pds, members) = sec1();
    for bit in 0..pds.len() * 8 {
        let mut changed = pds.clone();
        changed[bit / 8] ^= 0x80 >> (bit % 8);
        let verified = Pds::parse(&changed).ok().map(|pds| hba::verify(members[1], &pds));
        match bit / 8 {
            16..24 => assert_eq!(verified, Some(Ok(())), "the subnet prefix is replaced by the address's"),
            _ => assert_ne!(verified, Some(Ok(())), "bit {bit}"),
        }
    }
}

#[test]
fn hash2_is_checked_for_sec_1_and_2() {
    // The same structures with an identifier that claims more than their modifier gives.
    for (pds, claimed) in [(initiator_pds(), 1), (initiator_pds(), 2), (sec1().0, 2)] {
        let pds = parse(&pds);
        let address = cga::address(&pds, pds.subnet_prefix(), sec(claimed));
        assert_eq!(hba::verify(address, &pds), Err(VerifyError::Hash2));
    }
    // Less than it gives is fine.
    let (pds, _) = sec2();
    let pds = parse(&pds);
    for claimed in 0..=2 {
        let address = cga::address(&pds, pds.subnet_prefix(), sec(claimed));
        assert_eq!(hba::verify(address, &pds), Ok(()));
    }
}

#[test]
fn sec_3_to_7_have_no_procedure() {
    let pds = initiator_pds();
    for value in 3..8 {
        assert_eq!(Sec::new(value), None);
        let mut octets = initiator()[0].0;
        octets[8] = octets[8] & 0x1f | value << 5;
        assert_eq!(cga::sec_of(Addr(octets)), None);
        assert_eq!(hba::verify(Addr(octets), &parse(&pds)), Err(VerifyError::UnsupportedSec));
    }
}

#[test]
fn an_identifier_of_another_set_fails() {
    let stranger = Addr::from_parts(initiator()[0].prefix64(), responder()[0].interface_id());
    assert_eq!(hba::verify(stranger, &parse(&initiator_pds())), Err(VerifyError::Hash1));
    assert_eq!(hba::verify(responder()[0], &parse(&initiator_pds())), Err(VerifyError::Prefix));
}

#[test]
fn a_structure_without_multi_prefix_has_no_set() {
    let mut search = Search::new(prefix("2001:db8:1:a::"), sec(0), &appendix_key(), &[], [1; 16]).expect("legal");
    search.run(1);
    let pds = search.finish().expect("found");
    let pds = parse(&pds);
    let address = cga::address(&pds, &prefix("2001:db8:1:a::"), sec(0));
    assert_eq!(cga::verify(address, &pds), Ok(()));
    assert_eq!(hba::verify(address, &pds), Err(VerifyError::NoMultiPrefix));
    assert_eq!(hba::bind(address, &pds), Ok(Binding::Cga));
    assert!(hba::has_public_key(&pds));
    assert_eq!(HbaSet::load(pds.bytes(), sec(0)), Err(LoadError::NoMultiPrefix));
}

/// An address outside the set, made from the set's own structure, is a CGA if the key is a key, and nothing if not.
#[test]
fn outside_the_set_only_a_public_key_binds() {
    let outside = prefix("2001:db8:77:1::");
    for (mut pds, expected) in [(cga_hba().0, Ok(Binding::Cga)), (initiator_pds(), Err(VerifyError::NoPublicKey))] {
        pds[16..24].copy_from_slice(&outside);
        let pds = parse(&pds);
        let address = cga::address(&pds, &outside, sec(0));
        assert_eq!(cga::verify(address, &pds), Ok(()));
        assert_eq!(hba::verify(address, &pds), Err(VerifyError::Prefix));
        assert_eq!(hba::bind(address, &pds), expected);
    }
    assert!(hba::has_public_key(&parse(&cga_hba().0)));
    assert!(!hba::has_public_key(&parse(&initiator_pds())));
}

#[test]
fn reserved_bits_of_the_extension_are_hashed_and_no_more() {
    let mut pds = initiator_pds();
    let flags = pds.len() - 2 * 8 - 1;
    pds[flags] = 1;
    let pds = parse(&pds);
    assert_eq!(hba::verify(initiator()[0], &pds), Err(VerifyError::Hash1));
    let address = cga::address(&pds, pds.subnet_prefix(), sec(0));
    assert_eq!(hba::bind(address, &pds), Ok(Binding::Hba));
    assert!(!hba::has_public_key(&pds));
}

#[test]
fn truncated_structures_are_refused() {
    let (pds, _) = cga_hba();
    let key_end = 25 + appendix_key().len();
    for length in 0..pds.len() {
        let expected = match length {
            _ if length < key_end => Err(PdsError::Truncated),
            _ if length == key_end || length == key_end + 7 => Ok(()),
            _ => Err(PdsError::Extension),
        };
        assert_eq!(Pds::parse(&pds[..length]).map(|_| ()), expected, "{length} octets");
    }
}

#[test]
fn the_key_must_be_a_der_sequence() {
    let with_key = |key: &str, rest: usize| {
        let mut pds = vec![0; 25];
        pds.extend(hex(key));
        pds.extend(vec![0xee; rest]);
        pds
    };
    for (key, rest) in [("3000", 0), ("307f", 127), ("308180", 128), ("3081ff", 255), ("30820100", 256)] {
        let pds = with_key(key, rest);
        assert_eq!(parse(&pds).public_key(), &pds[25..], "{key}");
        assert_eq!(Pds::parse(&pds[..pds.len() - 1]), Err(PdsError::Truncated), "{key}");
    }
    // Not a SEQUENCE, not the shortest form, no definite length, a length beyond reason.
    for key in ["3100", "0200", "30817f", "308100", "308200ff", "3080", "3083010000", "30ff"] {
        assert_eq!(Pds::parse(&with_key(key, 300)), Err(PdsError::Key), "{key}");
    }
}

#[test]
fn searches_refuse_bad_input() {
    let key = NonceKey::new([0; 48]);
    let good = prefix("2001:db8:1:a::");
    fn search(prefixes: &[Prefix], key: Key<'_>) -> Result<(), GenerateError> {
        hba::search(prefixes, sec(0), key, [0; 16]).map(|_| ())
    }
    assert_eq!(search(&[], Key::Nonce(&key)), Err(GenerateError::NoPrefix));
    let nine: Vec<Prefix> = (0..9).map(|i| Addr::new([0x2001, 0xdb8, i, 0, 0, 0, 0, 0]).prefix64()).collect();
    assert_eq!(search(&nine[..8], Key::Nonce(&key)), Ok(()));
    assert_eq!(search(&nine, Key::Nonce(&key)), Err(GenerateError::TooManyPrefixes));
    for bad in ["::", "ff02::", "fe80::", "febf:ffff::"] {
        assert_eq!(search(&[good, prefix(bad)], Key::Nonce(&key)), Err(GenerateError::Prefix(1)), "{bad}");
    }
    assert_eq!(search(&[good, nine[0], good], Key::Nonce(&key)), Err(GenerateError::Prefix(2)));
    let (cut, trailing) = (hex("3001"), hex("300000"));
    assert_eq!(search(&[good], Key::Public(&cut)), Err(GenerateError::Key));
    assert_eq!(search(&[good], Key::Public(&trailing)), Err(GenerateError::Key));
    let mut long = hex("30820180");
    long.extend([0; 0x180]);
    assert_eq!(search(&[good], Key::Public(&long)), Err(GenerateError::TooLong));
}

#[test]
fn the_largest_set_fits() {
    let mut key = hex("30820122");
    key.resize(hba::MAX_PUBLIC_KEY_LEN, 0xab);
    let prefixes: Vec<Prefix> = (0..8).map(|i| Addr::new([0x2001, 0xdb8, i, 0, 0, 0, 0, 0]).prefix64()).collect();
    let mut search = hba::search(&prefixes, sec(0), Key::Public(&key), [0; 16]).expect("legal");
    search.run(1);
    let set = HbaSet::from_search(search).expect("found");
    assert_eq!(set.pds().len(), hba::MAX_PDS_LEN);
    assert_eq!(set.addresses().len(), hba::MAX_PREFIXES);
}

#[test]
fn loading_refuses_what_generation_would_not_make() {
    let load = |pds: &[u8], value| HbaSet::load(pds, sec(value)).map(|_| ());
    let pds = initiator_pds();
    assert_eq!(load(&pds, 0), Ok(()));
    assert_eq!(load(&pds, 1), Err(LoadError::Hash2));
    assert_eq!(load(&pds[..100], 0), Err(LoadError::Pds(PdsError::Truncated)));
    assert_eq!(load(&[0; 500], 0), Err(LoadError::TooLong));
    let repeated = [&pds[..pds.len() - 8], &prefix("2001:db8:1:a::")].concat();
    assert_eq!(load(&repeated, 0), Err(LoadError::Prefix));
    let local = [&pds[..pds.len() - 8], &prefix("fe80::")].concat();
    assert_eq!(load(&local, 0), Err(LoadError::Prefix));
    let head = &pds[..103];
    let prefixes: Vec<u8> = (0..9).flat_map(|i| Addr::new([0x2001, 0xdb8, i, 0, 0, 0, 0, 0]).prefix64()).collect();
    assert_eq!(load(&[head, &hex("0012 004c 00000000"), &prefixes].concat(), 0), Err(LoadError::TooManyPrefixes));
    assert_eq!(load(&[head, &hex("0012 0004 00000000")].concat(), 0), Err(LoadError::NoMultiPrefix));
    assert_eq!(load(&[head, &hex("0012 0003 000000")].concat(), 0), Err(LoadError::NoMultiPrefix));
    assert_eq!(load(&[head, &hex("0012 0005 00000000 20")].concat(), 0), Err(LoadError::NoMultiPrefix));
    let uneven = [head, &hex("0012 000d 00000000 20010db80001000a 20")].concat();
    assert_eq!(load(&uneven, 0), Err(LoadError::NoMultiPrefix));
}

/// A stored structure may be that of any member; the set is the same.
#[test]
fn any_members_structure_loads_the_set() {
    let set = HbaSet::load(&responder_pds(), sec(0)).expect("a set");
    for member in responder() {
        let pds = set.pds_of(member).expect("a member");
        assert_eq!(HbaSet::load(&pds, sec(0)).as_ref(), Ok(&set));
    }
}
