// SPDX-License-Identifier: MIT OR GPL-2.0
//! The Multi-Prefix extension of the CGA parameter structure (RFC 5535 section 5).

use crate::addr::Prefix;
use crate::cga::Pds;
use crate::hba::MAX_PREFIXES;
use heapless::Vec;

/// The extension's type (RFC 5535 section 10).
const TYPE: u16 = 0x0012;
/// Octets of type and length.
const HEADER_LEN: usize = 4;
/// Octets of the P flag and its reserved bits.
const FLAGS_LEN: usize = 4;
/// The P flag, first of 32 bits.
const P: u32 = 1 << 31;

/// The set of prefixes that a structure's addresses belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MultiPrefix<'a> {
    has_public_key: bool,
    /// Prefixes of 8 octets.
    prefixes: &'a [u8],
}

impl<'a> MultiPrefix<'a> {
    /// The extension of `pds`: the first of its type whose length is right, wherever among the extensions it stands.
    pub fn of(pds: &Pds<'a>) -> Option<MultiPrefix<'a>> {
        pds.extensions().filter(|extension| extension.kind == TYPE).find_map(|extension| {
            let (flags, prefixes) = extension.data.split_first_chunk::<FLAGS_LEN>()?;
            let has_public_key = u32::from_be_bytes(*flags) & P != 0;
            (prefixes.len() % 8 == 0).then_some(MultiPrefix { has_public_key, prefixes })
        })
    }

    /// The P flag: the structure's key is a public key, not a random nonce.
    pub fn has_public_key(&self) -> bool {
        self.has_public_key
    }

    /// The prefixes in order.
    pub fn prefixes(&self) -> impl Iterator<Item = Prefix> + Clone + 'a {
        self.prefixes.chunks_exact(8).filter_map(|prefix| prefix.first_chunk().copied())
    }

    /// Whether `prefix` is one of them.
    pub fn contains(&self, prefix: &Prefix) -> bool {
        self.prefixes().any(|member| member == *prefix)
    }

    /// Octets of an extension with so many prefixes, type and length included.
    pub(super) const fn len(prefixes: usize) -> usize {
        HEADER_LEN + FLAGS_LEN + 8 * prefixes
    }

    /// The extension for `prefixes`, type and length included. None if there are more than [`MAX_PREFIXES`].
    pub(super) fn encode(
        prefixes: &[Prefix],
        has_public_key: bool,
    ) -> Option<Vec<u8, { MultiPrefix::len(MAX_PREFIXES) }>> {
        let data_len = u16::try_from(FLAGS_LEN + 8 * prefixes.len()).ok()?;
        let flags = if has_public_key { P } else { 0 };
        let mut extension = Vec::new();
        extension.extend_from_slice(&TYPE.to_be_bytes()).ok()?;
        extension.extend_from_slice(&data_len.to_be_bytes()).ok()?;
        extension.extend_from_slice(&flags.to_be_bytes()).ok()?;
        extension.extend_from_slice(prefixes.as_flattened()).ok()?;
        Some(extension)
    }
}
