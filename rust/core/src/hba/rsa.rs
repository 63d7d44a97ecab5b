// SPDX-License-Identifier: MIT OR GPL-2.0
//! The length of an RSA key: RFC 5533 section 16 wants 1024 bits at least of the keys that addresses are made of.

/// The fewest bits of an RSA key that addresses are made of (RFC 5533 section 16).
pub const MIN_RSA_BITS: usize = 1024;

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const SEQUENCE: u8 = 0x30;
/// The object identifier rsaEncryption, 1.2.840.113549.1.1.1 (RFC 3279 section 2.3.1).
const RSA_ENCRYPTION: [u8; 11] = [0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];

/// Whether a SubjectPublicKeyInfo is that of an RSA key of fewer than [`MIN_RSA_BITS`] bits, or of one that cannot be read.
/// Keys of other algorithms are not judged.
pub(super) fn is_short_rsa(der: &[u8]) -> bool {
    let Some((info, _)) = element(der, SEQUENCE) else {
        return false;
    };
    match element(info, SEQUENCE) {
        Some((algorithm, key)) if algorithm.starts_with(&RSA_ENCRYPTION) => {
            modulus(key).is_none_or(|modulus| bits(modulus) < MIN_RSA_BITS)
        }
        _ => false,
    }
}

/// The modulus in the BIT STRING that holds an RSAPublicKey.
fn modulus(key: &[u8]) -> Option<&[u8]> {
    let (string, _) = element(key, BIT_STRING)?;
    let (unused_bits, key) = string.split_first()?;
    let (key, _) = element(key, SEQUENCE).filter(|_| *unused_bits == 0)?;
    Some(element(key, INTEGER)?.0)
}

/// The bits of a positive INTEGER, its leading zeros not counted.
fn bits(integer: &[u8]) -> usize {
    let zeros = integer.iter().take_while(|octet| **octet == 0).count();
    let first = integer.get(zeros).map_or(0, |octet| octet.leading_zeros() as usize);
    8 * (integer.len() - zeros) - first
}

/// The contents of the DER element of this type at the start of `bytes`, and what follows it.
fn element(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (len, rest) = match *bytes {
        [kind, len @ ..=0x7f, ref rest @ ..] if kind == tag => (usize::from(len), rest),
        [kind, 0x81, len, ref rest @ ..] if kind == tag => (usize::from(len), rest),
        [kind, 0x82, high, low, ref rest @ ..] if kind == tag => (usize::from(u16::from_be_bytes([high, low])), rest),
        _ => return None,
    };
    rest.split_at_checked(len)
}
