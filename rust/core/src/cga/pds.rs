// SPDX-License-Identifier: MIT OR GPL-2.0
//! The CGA Parameter Data Structure (RFC 3972 section 3) as a checked view, and the type-length-value form of its
//! extensions (RFC 4581).

use crate::addr::Prefix;

/// Octets of modifier, subnet prefix and collision count, which stand before the public key.
pub(super) const FIXED_LEN: usize = 25;
/// Octets of the modifier.
pub(super) const MODIFIER_LEN: usize = 16;
/// Offset of the collision count.
pub(super) const COLLISION_COUNT: usize = 24;
/// DER's tag of a SEQUENCE.
const SEQUENCE: u8 = 0x30;

/// Why octets are not a parameter structure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PdsError {
    /// They end before the public key does.
    Truncated,
    /// The public key is not a SEQUENCE with a definite length in its shortest form, as DER wants it.
    Key,
    /// An extension reaches beyond the end.
    Extension,
}

/// A parameter structure: modifier, subnet prefix, collision count, public key, extensions.
///
/// The key is opaque here: hashing needs its octets only, and its DER length tells where extensions begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pds<'a> {
    bytes: &'a [u8],
    modifier: &'a [u8; MODIFIER_LEN],
    prefix: &'a Prefix,
    collision_count: u8,
    /// Public key and extensions.
    rest: &'a [u8],
    key_len: usize,
}

impl<'a> Pds<'a> {
    /// Reads a structure that takes exactly `bytes`.
    pub fn parse(bytes: &'a [u8]) -> Result<Pds<'a>, PdsError> {
        let (modifier, rest) = bytes.split_first_chunk().ok_or(PdsError::Truncated)?;
        let (prefix, rest) = rest.split_first_chunk().ok_or(PdsError::Truncated)?;
        let (&collision_count, rest) = rest.split_first().ok_or(PdsError::Truncated)?;
        let key_len = der_sequence_len(rest)?;
        let (_, extensions) = rest.split_at_checked(key_len).ok_or(PdsError::Truncated)?;
        if Extensions(extensions).any(|extension| extension.is_err()) {
            return Err(PdsError::Extension);
        }
        Ok(Pds { bytes, modifier, prefix, collision_count, rest, key_len })
    }

    /// All of it.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The modifier, 128 bits.
    pub fn modifier(&self) -> &'a [u8; 16] {
        self.modifier
    }

    /// The subnet prefix of the address that the structure belongs to.
    pub fn subnet_prefix(&self) -> &'a Prefix {
        self.prefix
    }

    /// The collision count. It may be invalid: see [`super::MAX_COLLISION_COUNT`].
    pub fn collision_count(&self) -> u8 {
        self.collision_count
    }

    /// The public key, a DER-encoded SubjectPublicKeyInfo.
    pub fn public_key(&self) -> &'a [u8] {
        self.rest.get(..self.key_len).unwrap_or(&[])
    }

    /// The extensions in order.
    pub fn extensions(&self) -> impl Iterator<Item = Extension<'a>> {
        Extensions(self.rest.get(self.key_len..).unwrap_or(&[])).filter_map(Result::ok)
    }

    pub(super) fn key_and_extensions(&self) -> &'a [u8] {
        self.rest
    }
}

/// An extension of a parameter structure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extension<'a> {
    /// Its type, assigned by IANA.
    pub kind: u16,
    /// Its data.
    pub data: &'a [u8],
}

/// The walk through extensions: 16 bits of type, 16 of length, data.
struct Extensions<'a>(&'a [u8]);

impl<'a> Iterator for Extensions<'a> {
    type Item = Result<Extension<'a>, PdsError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let extension = self.0.split_first_chunk::<4>().and_then(|(&[a, b, c, d], rest)| {
            let (data, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes([c, d])))?;
            Some((Extension { kind: u16::from_be_bytes([a, b]), data }, rest))
        });
        match extension {
            Some((extension, rest)) => {
                self.0 = rest;
                Some(Ok(extension))
            }
            None => {
                self.0 = &[];
                Some(Err(PdsError::Extension))
            }
        }
    }
}

/// Octets of the DER SEQUENCE at the start of `bytes`, header included. Whether they are all there is not looked at.
pub(super) fn der_sequence_len(bytes: &[u8]) -> Result<usize, PdsError> {
    match *bytes {
        [SEQUENCE, len @ ..=0x7f, ..] => Ok(2 + usize::from(len)),
        [SEQUENCE, 0x81, len @ 0x80..=0xff, ..] => Ok(3 + usize::from(len)),
        [SEQUENCE, 0x82, high @ 1..=0xff, low, ..] => Ok(4 + usize::from(u16::from_be_bytes([high, low]))),
        [] | [SEQUENCE] | [SEQUENCE, 0x81] | [SEQUENCE, 0x82] | [SEQUENCE, 0x82, _] => Err(PdsError::Truncated),
        _ => Err(PdsError::Key),
    }
}
