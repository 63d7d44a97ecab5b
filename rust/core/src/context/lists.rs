// SPDX-License-Identifier: MIT OR GPL-2.0
//! What a peer was told of this host's locators: which members of the local set, of which generation, with which
//! preferences, and what the peer has confirmed.

use crate::addr::Addr;
use crate::locator::{LocalLocator, LocalSet};
use crate::wire::{Nonce, Preference};

/// The Send Timeout, in seconds, that holds for those who tell none (RFC 5534 section 7).
pub(crate) const DEFAULT_TIMEOUT: u16 = 15;

/// Ls(local) as a peer knows it. Members of the local set are named by their place in it, one bit each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// Locator List Generation of the list sent last.
    pub(crate) generation: u32,
    /// Members of the list sent last.
    pub(crate) members: u8,
    /// Digest of the preferences sent last.
    pub(crate) preferences: u32,
    /// Members that the peer has confirmed to know.
    pub(crate) confirmed: u8,
    /// The Send Timeout in seconds of which the peer knows; the default needs no telling.
    pub(crate) timeout: u16,
    /// Nonces of the latest Update Requests, the last one first. Should an earlier one be acknowledged when nothing is on
    /// its way, a late copy of it has taken the peer back to what it told.
    pub(crate) nonces: [Nonce; 3],
}

impl Told {
    /// In place of the nonce of a request that there was not. One request in four thousand million has it, and is not known again.
    pub(crate) const NO_REQUEST: Nonce = Nonce(0);

    /// The peer knows the ULID and nothing else.
    pub const NOTHING: Told = Told {
        generation: 0,
        members: 0,
        preferences: 0,
        confirmed: 0,
        timeout: DEFAULT_TIMEOUT,
        nonces: [Told::NO_REQUEST; 3],
    };

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

/// What a peer is to know of a set now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct News {
    /// Members to be announced.
    pub members: u8,
    /// Digest of their preferences; zero if none says anything.
    pub preferences: u32,
}

impl News {
    /// Reads a set, of which the peer is told what it `may` know. A set without proof has nothing to announce but the ULID,
    /// which needs no announcement.
    pub fn of(set: &LocalSet, may: impl Fn(&Addr) -> bool) -> News {
        let mut news = News { members: 0, preferences: 0 };
        if set.pds().is_empty() {
            return news;
        }
        for (place, locator) in set.locators().iter().enumerate() {
            if !may(&locator.addr) {
                continue;
            }
            if locator.is_announced() {
                news.members |= bit(place);
            }
            let Preference { flags, priority, weight } = preference(locator);
            let element = u32::from_be_bytes([0, flags, priority, weight]);
            if element != 0 {
                let place = u32::try_from(place).unwrap_or(0);
                let mixed = element.wrapping_add(place << 24).wrapping_mul(DIGEST_FACTOR);
                news.preferences = news.preferences.rotate_left(5).wrapping_add(mixed).max(1);
            }
        }
        news
    }
}

/// An odd number that spreads the bits of an element over the digest.
const DIGEST_FACTOR: u32 = 0x9e37_79b1;

/// What peers are told of a locator: its preference, and BROKEN while no packet can leave from it.
pub(crate) fn preference(locator: &LocalLocator) -> Preference {
    let mut preference = locator.preference;
    if !locator.is_usable() {
        preference.flags |= Preference::BROKEN;
    }
    preference
}
