// SPDX-License-Identifier: MIT OR GPL-2.0
//! Making a parameter structure: the search for a modifier whose Hash2 begins with 16*Sec zero bits (RFC 3972 section 4).
//!
//! A search runs in steps of the caller's size, so that user space can show progress, stop, and share the work between
//! cores. With Sec 0 it ends at the first step, with Sec 1 in milliseconds, with Sec 2 after many minutes.

use super::pds::{der_sequence_len, COLLISION_COUNT, FIXED_LEN, MODIFIER_LEN};
use super::{leftmost_112, Sec};
use crate::addr::Prefix;
use crate::hba::MAX_PDS_LEN;
use heapless::Vec;
use sha1::{Digest, Sha1};

/// Why an address, or a set of them, cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GenerateError {
    /// There is no prefix.
    NoPrefix,
    /// There are more than [`crate::hba::MAX_PREFIXES`] prefixes.
    TooManyPrefixes,
    /// The prefix at this place, counted from zero, is not one of addresses that the shim may use, or is there twice.
    Prefix(usize),
    /// The public key is not a DER SEQUENCE, or is one of RSA with fewer than [`super::MIN_RSA_BITS`] bits.
    Key,
    /// Key and extensions do not fit into [`MAX_PDS_LEN`] octets.
    TooLong,
    /// The search has not found a modifier yet.
    NotFound,
    /// Duplicate addresses were met three times (RFC 3972 section 4, step 8).
    Collisions,
}

/// A search for a modifier.
#[derive(Clone, Debug)]
pub struct Search {
    /// The input of Hash2: a parameter structure whose subnet prefix and collision count are zero.
    input: Vec<u8, MAX_PDS_LEN>,
    modifier: u128,
    prefix: Prefix,
    sec: Sec,
    tried: u64,
    found: bool,
}

impl Search {
    /// A search that begins with `modifier`, which ought to be random. `public_key` is a DER SubjectPublicKeyInfo,
    /// `extensions` are complete, type and length included.
    pub fn new(
        prefix: Prefix,
        sec: Sec,
        public_key: &[u8],
        extensions: &[u8],
        modifier: [u8; 16],
    ) -> Result<Search, GenerateError> {
        if der_sequence_len(public_key) != Ok(public_key.len()) {
            return Err(GenerateError::Key);
        }
        let mut input = Vec::new();
        [&[0; FIXED_LEN], public_key, extensions]
            .into_iter()
            .try_for_each(|part| input.extend_from_slice(part))
            .map_err(|()| GenerateError::TooLong)?;
        let modifier = u128::from_be_bytes(modifier);
        Ok(Search { input, modifier, prefix, sec, tried: 0, found: false })
    }

    /// The same search for another worker: it begins 2^64 * `worker` modifiers further on, so that no two workers try the
    /// same ones.
    pub fn share(&self, worker: u32) -> Search {
        let mut share = self.clone();
        share.modifier = self.modifier.wrapping_add(u128::from(worker) << 64);
        share.tried = 0;
        share
    }

    /// Tries up to `tries` modifiers. Returns whether one is found, after which further calls do nothing.
    pub fn run(&mut self, tries: u32) -> bool {
        for _ in 0..tries {
            if self.found {
                break;
            }
            self.try_modifier();
        }
        self.found
    }

    fn try_modifier(&mut self) {
        if let Some(field) = self.input.first_chunk_mut::<MODIFIER_LEN>() {
            *field = self.modifier.to_be_bytes();
        }
        self.tried += 1;
        let hash2 = leftmost_112(Sha1::digest(&self.input).into());
        if self.sec.accepts(&hash2) {
            self.found = true;
        } else {
            self.modifier = self.modifier.wrapping_add(1);
        }
    }

    /// The number of modifiers tried so far; compare with [`Sec::expected_tries`].
    pub fn tried(&self) -> u64 {
        self.tried
    }

    /// The security parameter searched for.
    pub fn sec(&self) -> Sec {
        self.sec
    }

    /// The structure of the first prefix, with the modifier found and collision count 0.
    pub fn finish(self) -> Result<Vec<u8, MAX_PDS_LEN>, GenerateError> {
        if !self.found {
            return Err(GenerateError::NotFound);
        }
        let mut pds = self.input;
        set_prefix(&mut pds, &self.prefix);
        Ok(pds)
    }
}

/// Raises the collision count of a structure after a duplicate address was found (RFC 3972 section 4, step 8). The
/// addresses made from it change.
pub fn count_collision(pds: &mut [u8]) -> Result<(), GenerateError> {
    match pds.get_mut(COLLISION_COUNT) {
        Some(count) if *count < super::MAX_COLLISION_COUNT => {
            *count += 1;
            Ok(())
        }
        _ => Err(GenerateError::Collisions),
    }
}

/// Sets the subnet prefix of a structure.
pub(crate) fn set_prefix(pds: &mut [u8], prefix: &Prefix) {
    if let Some(field) = pds.get_mut(MODIFIER_LEN..COLLISION_COUNT) {
        field.copy_from_slice(prefix);
    }
}
