// SPDX-License-Identifier: MIT OR GPL-2.0
//! What a peer was told of this host's locators: which members of the local set, of which generation, which of them as
//! broken, and what the peer has confirmed.

use crate::locator::LocalSet;

/// Ls(local) as a peer knows it. Members of the local set are named by their place in it, one bit each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// Locator List Generation of the list sent last.
    pub(crate) generation: u32,
    /// Members of the list sent last.
    pub(crate) members: u8,
    /// Members that were called broken.
    pub(crate) broken: u8,
    /// Members that the peer has confirmed to know.
    pub(crate) confirmed: u8,
}

impl Told {
    /// The peer knows the ULID and nothing else.
    pub const NOTHING: Told = Told { generation: 0, members: 0, broken: 0, confirmed: 0 };

    /// The generation of the list sent last.
    pub fn generation(&self) -> u32 {
        self.generation
    }

    /// Whether the member at this place of the local set was in the list sent last.
    pub fn includes(&self, place: usize) -> bool {
        bit(place) & self.members != 0
    }

    /// Whether the peer has confirmed to know the member at this place.
    pub fn is_confirmed(&self, place: usize) -> bool {
        bit(place) & self.confirmed != 0
    }
}

/// The bit of a place in the local set.
pub(crate) fn bit(place: usize) -> u8 {
    u32::try_from(place).ok().and_then(|place| 1u8.checked_shl(place)).unwrap_or(0)
}

/// The members of a set that peers are to know, and those of them that do not work now.
pub(crate) fn wanted(set: &LocalSet) -> (u8, u8) {
    let mut members = 0;
    let mut broken = 0;
    for (place, locator) in set.locators().iter().enumerate() {
        if locator.is_announced() {
            members |= bit(place);
            if !locator.is_usable() || locator.preference.is_broken() {
                broken |= bit(place);
            }
        }
    }
    (members, broken)
}
