// SPDX-License-Identifier: MIT OR GPL-2.0
//! Cryptographically Generated Addresses (RFC 3972): an interface identifier that is a hash of a public key and a prefix.
//!
//! This module holds what RFC 3972 says of the parameter structure, its two hashes, verification, and the search for a
//! modifier. Sets of addresses are in [`crate::hba`], signatures in [`crate::signature`].

mod pds;
mod rsa;
mod search;

pub use pds::{Extension, Pds, PdsError};
pub(crate) use rsa::{is_short_rsa, RsaKey};
pub use rsa::{MAX_RSA_BITS, MIN_RSA_BITS};
pub(crate) use search::set_prefix;
pub use search::{count_collision, GenerateError, Search};

use crate::addr::{Addr, Prefix};
use sha1::{Digest, Sha1};

/// Collision counts above this are invalid (RFC 3972 section 5, step 1).
pub const MAX_COLLISION_COUNT: u8 = 2;

/// The type tag of data signed for Shim6 (RFC 5533 section 5.15.5).
pub const SHIM6_MESSAGE_TYPE_TAG: [u8; 16] =
    [0x4a, 0x30, 0x56, 0x62, 0x48, 0x58, 0x57, 0x4b, 0x36, 0x55, 0x41, 0x6f, 0x50, 0x6a, 0x6d, 0x48];

/// The bits of Hash1 that an interface identifier repeats: all but Sec (bits 0 to 2) and the "u" and "g" bits (6 and 7).
const HASH1_MASK: u64 = 0x1cff_ffff_ffff_ffff;

/// Hash2 has 112 bits.
type Hash2 = [u8; 14];

/// A security parameter for which a procedure is registered: 0, 1 or 2 (RFC 3972, RFC 4982). Each step multiplies the
/// work of making an address, for its owner as for a forger, by 2^16.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Sec(u8);

impl Sec {
    /// The parameter of this value; none for 3 to 7, which have no procedure.
    pub const fn new(value: u8) -> Option<Sec> {
        if value <= 2 {
            Some(Sec(value))
        } else {
            None
        }
    }

    /// 0, 1 or 2.
    pub const fn get(self) -> u8 {
        self.0
    }

    /// The number of modifiers that a search tries on average: 2^(16*Sec).
    pub const fn expected_tries(self) -> u64 {
        1 << (16 * self.0 as u32)
    }

    /// Whether Hash2 is small enough: its leftmost 16*Sec bits are zero.
    fn accepts(self, hash2: &Hash2) -> bool {
        hash2.iter().take(2 * usize::from(self.0)).all(|octet| *octet == 0)
    }
}

/// Why an address does not belong to a parameter structure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VerifyError {
    /// The collision count is above 2.
    CollisionCount,
    /// The address's prefix is not the structure's, or not in its Multi-Prefix extension.
    Prefix,
    /// The interface identifier is not Hash1.
    Hash1,
    /// Hash2 does not have the zeros that the address's Sec asks for.
    Hash2,
    /// The address's Sec is 3 to 7.
    UnsupportedSec,
    /// The structure has no Multi-Prefix extension, so it defines no HBA set.
    NoMultiPrefix,
    /// The address could only be a CGA, but the structure's key is a random nonce.
    NoPublicKey,
}

/// The security parameter that an address carries in the three leftmost bits of its interface identifier; none for 3 to 7.
pub fn sec_of(address: Addr) -> Option<Sec> {
    Sec::new(address.interface_id()[0] >> 5)
}

/// Verifies that `address` was made from `pds` (RFC 3972 section 5).
pub fn verify(address: Addr, pds: &Pds<'_>) -> Result<(), VerifyError> {
    if *pds.subnet_prefix() != address.prefix64() {
        return Err(VerifyError::Prefix);
    }
    verify_hashes(address, pds)
}

/// The steps of verification that remain once the address's prefix is known to be right: the structure's own subnet
/// prefix is taken to be that of the address.
pub(crate) fn verify_hashes(address: Addr, pds: &Pds<'_>) -> Result<(), VerifyError> {
    if pds.collision_count() > MAX_COLLISION_COUNT {
        return Err(VerifyError::CollisionCount);
    }
    let hash1 = hash1(pds, &address.prefix64());
    if (hash1 ^ u64::from_be_bytes(address.interface_id())) & HASH1_MASK != 0 {
        return Err(VerifyError::Hash1);
    }
    let sec = sec_of(address).ok_or(VerifyError::UnsupportedSec)?;
    // With Sec 0 the second hash cannot fail, and is not worth its time.
    if sec.get() > 0 && !sec.accepts(&hash2(pds)) {
        return Err(VerifyError::Hash2);
    }
    Ok(())
}

/// The address that `pds`, with `prefix` as its subnet prefix, gives (RFC 3972 section 4, steps 5 to 7).
pub fn address(pds: &Pds<'_>, prefix: &Prefix, sec: Sec) -> Addr {
    let interface_id = (hash1(pds, prefix) & HASH1_MASK) | (u64::from(sec.get()) << 61);
    Addr::from_parts(*prefix, interface_id.to_be_bytes())
}

/// Whether the modifier of `pds` is one that `sec` asks for.
pub(crate) fn has_modifier_for(pds: &Pds<'_>, sec: Sec) -> bool {
    sec.accepts(&hash2(pds))
}

/// The leftmost 64 bits of SHA-1 over the structure, with `prefix` as its subnet prefix.
fn hash1(pds: &Pds<'_>, prefix: &Prefix) -> u64 {
    let digest: [u8; 20] = Sha1::new()
        .chain_update(pds.modifier())
        .chain_update(prefix)
        .chain_update([pds.collision_count()])
        .chain_update(pds.key_and_extensions())
        .finalize()
        .into();
    let [a, b, c, d, e, f, g, h, ..] = digest;
    u64::from_be_bytes([a, b, c, d, e, f, g, h])
}

/// The leftmost 112 bits of SHA-1 over the structure, with subnet prefix and collision count zero.
fn hash2(pds: &Pds<'_>) -> Hash2 {
    leftmost_112(
        Sha1::new()
            .chain_update(pds.modifier())
            .chain_update([0; 9])
            .chain_update(pds.key_and_extensions())
            .finalize()
            .into(),
    )
}

fn leftmost_112(digest: [u8; 20]) -> Hash2 {
    let mut hash2 = [0; 14];
    hash2.copy_from_slice(digest.split_at(14).0);
    hash2
}
