// SPDX-License-Identifier: MIT OR GPL-2.0
//! RSA for the hosts and peers of the tests: keys, parameter structures that hold them, signatures, and their check.

use rsa::pkcs1::{DecodeRsaPrivateKey, DecodeRsaPublicKey};
use rsa::pkcs8::EncodePublicKey;
use rsa::{Pkcs1v15Sign, RsaPrivateKey, RsaPublicKey};
use sha1::{Digest, Sha1};
use shim6_core::addr::{Addr, Prefix};
use shim6_core::cga::{self, Pds, Search, Sec};
use shim6_core::hba::{self, HbaSet, Key};
use shim6_core::signature::Signed;

/// What stands before a SHA-1 digest in a signature (RFC 8017 section 9.2, note 1).
const SHA1_PREFIX: [u8; 15] = [0x30, 0x21, 0x30, 0x09, 6, 5, 0x2b, 0x0e, 3, 2, 0x1a, 5, 0, 4, 0x14];

fn scheme() -> Pkcs1v15Sign {
    Pkcs1v15Sign { hash_len: Some(20), prefix: Box::new(SHA1_PREFIX) }
}

/// What a host does that is asked to check a signature.
pub fn fits(signed: &Signed<'_>) -> bool {
    let Ok(key) = RsaPublicKey::from_pkcs1_der(signed.key) else { return false };
    key.verify(scheme(), &signed.digest, signed.signature).is_ok()
}

/// A peer that signs.
pub struct Signer(RsaPrivateKey);

impl Signer {
    fn read(text: &str) -> Signer {
        Signer(RsaPrivateKey::from_pkcs1_pem(text).expect("an RSAPrivateKey"))
    }

    /// One with a key of 1024 bits.
    pub fn new() -> Signer {
        Signer::read(include_str!("../keys/cga.pem"))
    }

    /// One with a key of 2048 bits.
    pub fn large() -> Signer {
        Signer::read(include_str!("../keys/cga-2048.pem"))
    }

    /// One with another key of 1024 bits.
    pub fn other() -> Signer {
        Signer::read(include_str!("../keys/other.pem"))
    }

    /// Its SubjectPublicKeyInfo.
    pub fn public_key(&self) -> Vec<u8> {
        self.0.to_public_key().to_public_key_der().expect("DER").into_vec()
    }

    /// Signs these octets, whatever they are.
    pub fn sign(&self, data: &[u8]) -> Vec<u8> {
        self.0.sign(scheme(), &Sha1::digest(data)).expect("a signature")
    }

    /// Addresses of these prefixes, and the structure that binds them and the key to each other (CGA/HBA).
    pub fn set(&self, prefixes: &[Prefix]) -> (Vec<Addr>, Vec<u8>) {
        let sec = Sec::new(0).expect("Sec 0");
        let mut search = hba::search(prefixes, sec, Key::Public(&self.public_key()), [3; 16]).expect("prefixes");
        while !search.run(1) {}
        let set = HbaSet::from_search(search).expect("a set");
        (set.addresses().to_vec(), set.pds().to_vec())
    }

    /// One address that is bound to nothing but the key (CGA-only), and its structure.
    pub fn address(&self, prefix: Prefix) -> (Addr, Vec<u8>) {
        let sec = Sec::new(0).expect("Sec 0");
        let mut search = Search::new(prefix, sec, &self.public_key(), &[], [4; 16]).expect("legal");
        while !search.run(1) {}
        let pds = search.finish().expect("found");
        (cga::address(&Pds::parse(&pds).expect("a structure"), &prefix, sec), pds.to_vec())
    }
}

/// What is signed, written down from RFC 5533 section 5.15.5.
pub fn signed_octets(generation: u32, locators: &[Addr]) -> Vec<u8> {
    let tag: [u16; 8] = [0x4a30, 0x5662, 0x4858, 0x574b, 0x3655, 0x416f, 0x506a, 0x6d48];
    let mut octets: Vec<u8> = tag.iter().flat_map(|group| group.to_be_bytes()).collect();
    octets.extend(generation.to_be_bytes());
    locators.iter().for_each(|locator| octets.extend(locator.octets()));
    octets
}
