// SPDX-License-Identifier: MIT OR GPL-2.0
//! A host's own HBA set: made by a search, kept as one parameter structure and Sec, loaded again from them.

use super::{MultiPrefix, NonceKey, MAX_PDS_LEN, MAX_PREFIXES};
use crate::addr::{Addr, Prefix};
use crate::cga::{self, is_short_rsa, GenerateError, Pds, PdsError, Search, Sec, MAX_COLLISION_COUNT};
use heapless::Vec;

/// What an HBA set is bound to beside its prefixes.
#[derive(Clone, Copy, Debug)]
pub enum Key<'a> {
    /// Nothing: an HBA-only set with this random nonce.
    Nonce(&'a NonceKey),
    /// A public key as DER SubjectPublicKeyInfo, so that its signatures can add further locators (CGA/HBA).
    Public(&'a [u8]),
}

/// Begins the search for a set with one address for each of `prefixes` (RFC 5535 section 6, steps 1 to 4). `modifier` is
/// random. [`HbaSet::from_search`] makes the set when the search has found.
pub fn search(prefixes: &[Prefix], sec: Sec, key: Key<'_>, modifier: [u8; 16]) -> Result<Search, GenerateError> {
    let first = *prefixes.first().ok_or(GenerateError::NoPrefix)?;
    if prefixes.len() > MAX_PREFIXES {
        return Err(GenerateError::TooManyPrefixes);
    }
    for (index, prefix) in prefixes.iter().enumerate() {
        let repeated = prefixes.iter().take(index).any(|earlier| earlier == prefix);
        if repeated || !is_usable(prefix) {
            return Err(GenerateError::Prefix(index));
        }
    }
    let (der, has_public_key) = match key {
        Key::Nonce(nonce) => (nonce.der(), false),
        Key::Public(der) if is_short_rsa(der) => return Err(GenerateError::Key),
        Key::Public(der) => (der, true),
    };
    let extension = MultiPrefix::encode(prefixes, has_public_key).ok_or(GenerateError::TooManyPrefixes)?;
    Search::new(first, sec, der, &extension, modifier)
}

/// Whether addresses of this prefix may be locators.
fn is_usable(prefix: &Prefix) -> bool {
    Addr::from_parts(*prefix, [0x10; 8]).may_be_locator() && *prefix != [0; 8]
}

/// Why a stored set is not one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoadError {
    /// The octets are not a parameter structure.
    Pds(PdsError),
    /// The structure is longer than [`MAX_PDS_LEN`].
    TooLong,
    /// It has no Multi-Prefix extension, or one without prefixes.
    NoMultiPrefix,
    /// It has more than [`MAX_PREFIXES`] prefixes.
    TooManyPrefixes,
    /// A prefix is not one of addresses that the shim may use, or is there twice.
    Prefix,
    /// Its collision count is above 2.
    CollisionCount,
    /// Its modifier does not suit the Sec asked for: it was made for a lower one.
    Hash2,
}

/// A set of addresses with the structure that binds them. Equal sets have equal addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HbaSet {
    /// The structure of the first address; the others' differ in the subnet prefix only.
    pds: Vec<u8, MAX_PDS_LEN>,
    /// One for each prefix, in the order of the extension.
    addresses: Vec<Addr, MAX_PREFIXES>,
    sec: Sec,
}

impl HbaSet {
    /// The set of a search that has found its modifier, with collision count 0 (RFC 5535 section 6, steps 5 and 6).
    pub fn from_search(search: Search) -> Result<HbaSet, GenerateError> {
        let sec = search.sec();
        let mut set = HbaSet { pds: search.finish()?, addresses: Vec::new(), sec };
        match set.derive() {
            Ok(()) => Ok(set),
            Err(_) => Err(GenerateError::TooManyPrefixes),
        }
    }

    /// The set of a stored structure, of any member, and its Sec. The addresses follow from them.
    pub fn load(pds: &[u8], sec: Sec) -> Result<HbaSet, LoadError> {
        let mut set = HbaSet { pds: Vec::new(), addresses: Vec::new(), sec };
        set.pds.extend_from_slice(pds).map_err(|()| LoadError::TooLong)?;
        let view = Pds::parse(pds).map_err(LoadError::Pds)?;
        if view.collision_count() > MAX_COLLISION_COUNT {
            return Err(LoadError::CollisionCount);
        }
        if !cga::has_modifier_for(&view, sec) {
            return Err(LoadError::Hash2);
        }
        set.derive()?;
        if let Some(first) = set.addresses.first() {
            cga::set_prefix(&mut set.pds, &first.prefix64());
        }
        Ok(set)
    }

    /// Raises the collision count after a duplicate address was found, and makes all addresses anew: those of one set
    /// share the count (RFC 5535 section 6.4). After the third collision the set is refused, and stays as it is.
    pub fn count_collision(&mut self) -> Result<(), GenerateError> {
        cga::count_collision(&mut self.pds)?;
        self.derive().map_err(|_| GenerateError::TooManyPrefixes)
    }

    fn derive(&mut self) -> Result<(), LoadError> {
        let pds = Pds::parse(&self.pds).map_err(LoadError::Pds)?;
        let set = MultiPrefix::of(&pds).ok_or(LoadError::NoMultiPrefix)?;
        self.addresses.clear();
        for prefix in set.prefixes() {
            let repeated = self.addresses.iter().any(|address| address.prefix64() == prefix);
            if repeated || !is_usable(&prefix) {
                return Err(LoadError::Prefix);
            }
            self.addresses.push(cga::address(&pds, &prefix, self.sec)).map_err(|_| LoadError::TooManyPrefixes)?;
        }
        if self.addresses.is_empty() {
            return Err(LoadError::NoMultiPrefix);
        }
        Ok(())
    }

    /// The addresses, one for each prefix.
    pub fn addresses(&self) -> &[Addr] {
        &self.addresses
    }

    /// Whether `address` is a member.
    pub fn contains(&self, address: Addr) -> bool {
        self.addresses.contains(&address)
    }

    /// The security parameter.
    pub fn sec(&self) -> Sec {
        self.sec
    }

    /// The parameter structure of the first address, with which every member can be verified.
    pub fn pds(&self) -> &[u8] {
        &self.pds
    }

    /// The parameter structure of a member, which also passes a plain CGA verification of that member. None for other
    /// addresses.
    pub fn pds_of(&self, address: Addr) -> Option<Vec<u8, MAX_PDS_LEN>> {
        if !self.contains(address) {
            return None;
        }
        let mut pds = self.pds.clone();
        cga::set_prefix(&mut pds, &address.prefix64());
        Some(pds)
    }

    /// The collision count, 0 to 2.
    pub fn collision_count(&self) -> u8 {
        Pds::parse(&self.pds).map_or(0, |pds| pds.collision_count())
    }

    /// Whether the set is bound to a public key beside its prefixes.
    pub fn has_public_key(&self) -> bool {
        Pds::parse(&self.pds).is_ok_and(|pds| super::has_public_key(&pds))
    }
}
