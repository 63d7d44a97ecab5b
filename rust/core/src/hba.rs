// SPDX-License-Identifier: MIT OR GPL-2.0
//! Hash-Based Addresses (RFC 5535): a set of addresses, one per prefix, each of which proves that the others are its owner's.
//!
//! [`bind`] tells whether an address belongs to a parameter structure, and in which way. [`HbaSet`] is a host's own set;
//! [`search`] makes one.

mod multi_prefix;
mod nonce_key;
mod set;

pub use multi_prefix::MultiPrefix;
pub use nonce_key::{NonceKey, NONCE_LEN};
pub use set::{search, HbaSet, Key, LoadError};

use crate::addr::Addr;
use crate::cga::{self, Pds, VerifyError};

/// The most prefixes of a set of our own. A host with more than eight providers is unheard of; eight addresses of a set
/// with their methods and preferences take 192 of a signalling packet's 1240 octets. Peers' sets have no such limit but the packet's.
pub const MAX_PREFIXES: usize = 8;

/// The most octets of a public key of our own, as SubjectPublicKeyInfo: RSA with 2048 bits. With its signature of 256
/// octets it is the largest that fits one signalling packet together with a full Locator List.
pub const MAX_PUBLIC_KEY_LEN: usize = 294;

/// The most octets of a parameter structure of our own: fixed fields, key, and the Multi-Prefix extension.
pub const MAX_PDS_LEN: usize = 25 + MAX_PUBLIC_KEY_LEN + MultiPrefix::len(MAX_PREFIXES);

/// How an address is bound to a parameter structure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Binding {
    /// It is a member of the structure's HBA set.
    Hba,
    /// It was made from the structure's public key, whose signatures speak for it.
    Cga,
}

/// Verifies that `address` is a member of the HBA set of `pds` (RFC 5535 section 7.2). The structure may be that of any
/// other member.
pub fn verify(address: Addr, pds: &Pds<'_>) -> Result<(), VerifyError> {
    let set = MultiPrefix::of(pds).ok_or(VerifyError::NoMultiPrefix)?;
    if !set.contains(&address.prefix64()) {
        return Err(VerifyError::Prefix);
    }
    cga::verify_hashes(address, pds)
}

/// The other members of the HBA set that `address` is known to be of, to each of which `keep` is applied until it says that this is
/// enough.
pub(crate) fn others(address: Addr, pds: &Pds<'_>, mut keep: impl FnMut(Addr) -> bool) {
    let (Some(set), Some(sec)) = (MultiPrefix::of(pds), cga::sec_of(address)) else {
        return;
    };
    if set.contains(&address.prefix64()) {
        let _ = set.prefixes().all(|prefix| keep(cga::address(pds, &prefix, sec)));
    }
}

/// Finds out how `address` is bound to `pds`: as a member of the set if its prefix is in the Multi-Prefix extension, else
/// as a CGA, if there is a public key.
pub fn bind(address: Addr, pds: &Pds<'_>) -> Result<Binding, VerifyError> {
    match MultiPrefix::of(pds) {
        Some(set) if set.contains(&address.prefix64()) => cga::verify_hashes(address, pds).map(|()| Binding::Hba),
        Some(set) if !set.has_public_key() => Err(VerifyError::NoPublicKey),
        _ => cga::verify(address, pds).map(|()| Binding::Cga),
    }
}

/// Whether the key of `pds` is a public key, so that signatures by it mean something, or an HBA-only set's random nonce
/// (RFC 5535 section 4).
pub fn has_public_key(pds: &Pds<'_>) -> bool {
    MultiPrefix::of(pds).is_none_or(|set| set.has_public_key())
}
