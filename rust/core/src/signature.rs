// SPDX-License-Identifier: MIT OR GPL-2.0
//! CGA signatures of Shim6 messages (RFC 5533 section 5.15.5, RFC 3972 section 6): what is signed, by which key, and
//! whether it is worth the work of RSA, which is the host's.
//!
//! The signature is RSASSA-PKCS1-v1_5 with SHA-1 over Shim6's type tag, the generation of the Locator List, and those of
//! its locators, in its order, whose verification method is CGA. It lets a locator be told that no hash binds to the ULID:
//! the hash binds the key, and the key speaks for the locator.

use crate::cga::{Pds, RsaKey, SHIM6_MESSAGE_TYPE_TAG};
use crate::hba;
use crate::wire::{Announcement, LocatorList, Message, VerificationMethod};
use sha1::{Digest, Sha1};

/// Octets of a digest.
pub const DIGEST_LEN: usize = 20;

/// The most octets of a key that is kept for later signatures: an RSAPublicKey of [`crate::cga::MAX_RSA_BITS`] with the exponent
/// 65537, in its shortest form. One that is padded can be longer; such a peer has to bring it with each list.
pub const MAX_KEY_LEN: usize = 4 + (4 + 1 + crate::cga::MAX_RSA_BITS / 8) + (2 + 3);

/// A signature with what it must fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signed<'a> {
    /// The signer's RSAPublicKey, DER.
    pub key: &'a [u8],
    /// SHA-1 of what is signed.
    pub digest: [u8; DIGEST_LEN],
    /// The signature, as long as the key's modulus.
    pub signature: &'a [u8],
}

impl<'a> Signed<'a> {
    /// What the announcement's signature must fit. `kept` is the key that earlier messages of the peer have brought
    /// ([`key_of`]), for one that brings none (RFC 5533 section 5.10). None if there is no list, no signature, no public key
    /// whose signatures are worth checking ([`crate::cga::MIN_RSA_BITS`] to [`crate::cga::MAX_RSA_BITS`]), or if the length
    /// of the signature alone says that it is not that key's.
    pub fn of(announcement: &Announcement<'a>, kept: Option<&'a [u8]>) -> Option<Signed<'a>> {
        let (list, signature) = (announcement.locators?, announcement.signature?);
        let key = match announcement.pds {
            Some(pds) => usable_key(pds)?,
            None => RsaKey::from_der(kept?).filter(RsaKey::is_usable)?,
        };
        (signature.len() == key.len()).then(|| Signed { key: key.der, digest: digest(&list), signature })
    }

    /// The same for a control message, from its Shim6 header on.
    pub fn in_message(octets: &'a [u8], kept: Option<&'a [u8]>) -> Option<Signed<'a>> {
        match Message::parse(octets).ok()? {
            Message::I2(message) => Signed::of(&message.announcement, kept),
            Message::I2bis(message) => Signed::of(&message.announcement, kept),
            Message::R2(message) => Signed::of(&message.announcement, kept),
            Message::UpdateRequest(message) => Signed::of(&message.announcement, kept),
            _ => None,
        }
    }
}

/// The key of an encoded parameter structure, if its signatures are worth checking.
fn usable_key(pds: &[u8]) -> Option<RsaKey<'_>> {
    let pds = Pds::parse(pds).ok().filter(hba::has_public_key)?;
    RsaKey::read(pds.public_key()).filter(RsaKey::is_usable)
}

/// The RSAPublicKey in an encoded parameter structure that is worth keeping for later signatures: of a usable size, and not
/// longer than [`MAX_KEY_LEN`]. Whose key it is the caller must know.
pub fn key_of(pds: &[u8]) -> Option<&[u8]> {
    usable_key(pds).map(|key| key.der).filter(|der| der.len() <= MAX_KEY_LEN)
}

/// SHA-1 of what the signature that goes with a list is made over.
pub fn digest(list: &LocatorList<'_>) -> [u8; DIGEST_LEN] {
    let mut sha1 = Sha1::new();
    sha1.update(SHIM6_MESSAGE_TYPE_TAG);
    sha1.update(list.generation().to_be_bytes());
    for entry in list.iter().filter(|entry| entry.method == VerificationMethod::Cga) {
        sha1.update(entry.locator.octets());
    }
    sha1.finalize().into()
}
