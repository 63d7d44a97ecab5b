// SPDX-License-Identifier: MIT OR GPL-2.0
//! The Extended Modifier of an HBA-only set: a random nonce of 384 bits in the clothes of an RSA public key, so that the
//! structure has the form of a CGA's (RFC 5535 section 6, RFC 3279 section 2.3.1).

/// Octets of the nonce.
pub const NONCE_LEN: usize = 48;

/// What stands before the nonce: SubjectPublicKeyInfo { rsaEncryption, NULL, BIT STRING { RSAPublicKey { INTEGER. The
/// last octet is the sign of the INTEGER, whose top bit is set.
const BEFORE: [u8; 25] = [
    0x30, 0x4c, // SubjectPublicKeyInfo, 76 octets
    0x30, 0x0d, // AlgorithmIdentifier, 13 octets
    0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, // 1.2.840.113549.1.1.1
    0x05, 0x00, // NULL
    0x03, 0x3b, 0x00, // BIT STRING, 59 octets, no unused bits
    0x30, 0x38, // RSAPublicKey, 56 octets
    0x02, 0x31, 0x00, // modulus, 49 octets
];
/// What stands after it: the exponent 65537.
const AFTER: [u8; 5] = [0x02, 0x03, 0x01, 0x00, 0x01];

/// A nonce encoded as a SubjectPublicKeyInfo of 78 octets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NonceKey([u8; BEFORE.len() + NONCE_LEN + AFTER.len()]);

impl NonceKey {
    /// Encodes a random nonce. Its top bit is set, so that the modulus has 384 bits whatever the nonce.
    pub fn new(nonce: [u8; NONCE_LEN]) -> NonceKey {
        let mut key = [0; BEFORE.len() + NONCE_LEN + AFTER.len()];
        let (before, rest) = key.split_at_mut(BEFORE.len());
        let (modulus, after) = rest.split_at_mut(NONCE_LEN);
        before.copy_from_slice(&BEFORE);
        modulus.copy_from_slice(&nonce);
        after.copy_from_slice(&AFTER);
        if let Some(top) = modulus.first_mut() {
            *top |= 0x80;
        }
        NonceKey(key)
    }

    /// The DER octets.
    pub fn der(&self) -> &[u8] {
        &self.0
    }
}
