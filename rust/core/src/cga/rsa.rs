// SPDX-License-Identifier: MIT OR GPL-2.0
//! RSA public keys, as far as addresses and signatures need them: where the RSAPublicKey lies in a SubjectPublicKeyInfo, and
//! whether its numbers are of a size that is worth the work. Nothing is computed with them here.

/// The fewest bits of an RSA key that addresses are made of (RFC 5533 section 16).
pub const MIN_RSA_BITS: usize = 1024;

/// The most bits of a peer's RSA key. The work grows with the square of them, and a signature by a larger key would leave
/// no room for locators in a signalling packet.
pub const MAX_RSA_BITS: usize = 4096;

/// The largest public exponent of a peer's key: the work grows with its length, and nearly all keys have this one, or 3.
const MAX_EXPONENT: u64 = 65_537;

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const SEQUENCE: u8 = 0x30;
/// The object identifier rsaEncryption, 1.2.840.113549.1.1.1 (RFC 3279 section 2.3.1).
const RSA_ENCRYPTION: [u8; 11] = [0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];

/// An RSA key in a SubjectPublicKeyInfo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RsaKey<'a> {
    /// The RSAPublicKey, DER header included.
    pub der: &'a [u8],
    /// Leading zeros left out.
    modulus: &'a [u8],
    /// Leading zeros left out.
    exponent: &'a [u8],
}

impl<'a> RsaKey<'a> {
    /// The key of a DER SubjectPublicKeyInfo; none if it is one of another algorithm, or cannot be read.
    pub fn read(info: &'a [u8]) -> Option<RsaKey<'a>> {
        read_key(rsa_bit_string(info)?)
    }

    /// The key of an RSAPublicKey, as [`RsaKey::der`] has it.
    pub fn from_der(der: &'a [u8]) -> Option<RsaKey<'a>> {
        let (numbers, after) = element(der, SEQUENCE)?;
        let der = der.get(..der.len() - after.len())?;
        let (modulus, rest) = element(numbers, INTEGER)?;
        let (exponent, _) = element(rest, INTEGER)?;
        Some(RsaKey { der, modulus: without_zeros(modulus), exponent: without_zeros(exponent) })
    }

    /// Octets of the modulus, and so of a signature (RFC 8017 section 8.2).
    pub fn len(&self) -> usize {
        self.modulus.len()
    }

    fn bits(&self) -> usize {
        8 * self.modulus.len() - self.modulus.first().map_or(0, |octet| octet.leading_zeros() as usize)
    }

    /// Whether its signatures are worth checking: it is neither short nor so large that it costs too much, and its numbers
    /// are odd, as those of every RSA key.
    pub fn is_usable(&self) -> bool {
        let is_odd = |number: &[u8]| number.last().is_some_and(|octet| octet & 1 == 1);
        (MIN_RSA_BITS..=MAX_RSA_BITS).contains(&self.bits())
            && is_odd(self.modulus)
            && is_odd(self.exponent)
            && number(self.exponent).is_some_and(|exponent| (3..=MAX_EXPONENT).contains(&exponent))
    }
}

/// Whether a SubjectPublicKeyInfo is that of an RSA key of fewer than [`MIN_RSA_BITS`] bits, or of one that cannot be read.
/// Keys of other algorithms are not judged.
pub(crate) fn is_short_rsa(info: &[u8]) -> bool {
    rsa_bit_string(info).is_some_and(|string| read_key(string).is_none_or(|key| key.bits() < MIN_RSA_BITS))
}

/// What a SubjectPublicKeyInfo has after its algorithm, if that is RSA.
fn rsa_bit_string(info: &[u8]) -> Option<&[u8]> {
    let (info, _) = element(info, SEQUENCE)?;
    let (algorithm, string) = element(info, SEQUENCE)?;
    algorithm.starts_with(&RSA_ENCRYPTION).then_some(string)
}

/// The RSAPublicKey in a BIT STRING.
fn read_key(string: &[u8]) -> Option<RsaKey<'_>> {
    let (string, _) = element(string, BIT_STRING)?;
    let (unused_bits, der) = string.split_first()?;
    RsaKey::from_der(der).filter(|_| *unused_bits == 0)
}

/// A number of up to 64 bits.
fn number(octets: &[u8]) -> Option<u64> {
    (octets.len() <= 8).then(|| octets.iter().fold(0, |number, octet| number << 8 | u64::from(*octet)))
}

fn without_zeros(integer: &[u8]) -> &[u8] {
    let zeros = integer.iter().take_while(|octet| **octet == 0).count();
    integer.get(zeros..).unwrap_or(&[])
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
