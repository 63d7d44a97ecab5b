// SPDX-License-Identifier: MIT OR GPL-2.0
//! Locators: what this host has ([`LocalSet`], shared by all contexts of a ULID), what a peer told
//! ([`PeerLocators`], one list per context), and pairs of them.

use crate::addr::Addr;
use crate::wire::{Preference, Tag};
use heapless::Vec;

/// Locators of one local set: the prefixes that one HBA set may have.
pub const MAX_LOCAL: usize = 8;
/// Locators of a peer that a context can hold. A longer list is refused, not cut.
pub const MAX_PEER: usize = 12;
/// Octets of a CGA Parameters data structure that a local set can hold.
pub const MAX_PDS: usize = 512;

/// A pair of locators as this host uses it: from `local` to `peer`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pair {
    /// The address of this host.
    pub local: Addr,
    /// The address of the peer.
    pub peer: Addr,
}

/// How the data path sends payload of a context: the pair, the tag for the payload extension header, and whether the
/// packet is rewritten at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Path {
    /// Lp(local) and Lp(peer).
    pub pair: Pair,
    /// CT(peer), where it is known.
    pub tag: Option<Tag>,
    /// Whether packets get a payload extension header, and the addresses of the pair if they are not the ULIDs.
    pub switched: bool,
}

/// What the host knows of one of its own locators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[repr(u8)]
pub enum LocalStatus {
    /// The address is not on any interface for the moment (its interface is gone, or it was never added), yet its
    /// prefix is still this host's: no packet leaves from it, and a ULID stays a ULID.
    #[default]
    Absent,
    /// Duplicate address detection is not finished.
    Tentative,
    /// The interface is down or has no carrier.
    LinkDown,
    /// The preferred lifetime is over: used when nothing better is left.
    Deprecated,
    /// It can be used.
    Usable,
    /// It is this host's no more (valid lifetime over, or removed for good): never used; a ULID of this status ends
    /// its contexts (RFC 5533 section 1.5).
    Invalid,
}

/// One locator of this host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LocalLocator {
    /// The address.
    pub addr: Addr,
    /// Its status on this host.
    pub status: LocalStatus,
    /// Whether policy lets peers know it and packets use it.
    pub allowed: bool,
    /// What peers are told.
    pub preference: Preference,
}

impl LocalLocator {
    /// Whether packets may leave from it now.
    pub fn is_usable(&self) -> bool {
        self.allowed && matches!(self.status, LocalStatus::Usable | LocalStatus::Deprecated)
    }

    /// Whether peers are told of it: a part of the set that this host has not lost for good.
    pub fn is_announced(&self) -> bool {
        self.allowed && !matches!(self.status, LocalStatus::Invalid | LocalStatus::Tentative)
    }
}

/// Why a local set cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetError {
    /// More addresses than [`MAX_LOCAL`], or none.
    Count,
    /// A parameter structure longer than [`MAX_PDS`].
    PdsTooLong,
    /// An address that cannot be a locator.
    Address,
}

/// The locators of this host that belong together: the addresses of one HBA set, any of which can be a ULID whose
/// other locators are the rest. The order never changes while the set lives.
#[derive(Clone, Debug)]
pub struct LocalSet {
    locators: Vec<LocalLocator, MAX_LOCAL>,
    pds: Vec<u8, MAX_PDS>,
}

impl LocalSet {
    /// The set of these addresses, proven by this encoded CGA Parameters data structure (which the caller has
    /// verified); all are [`LocalStatus::Absent`] until the caller says otherwise.
    pub fn new(addresses: &[Addr], pds: &[u8]) -> Result<LocalSet, SetError> {
        if addresses.is_empty() {
            return Err(SetError::Count);
        }
        // Filled in place: it is large for a kernel's stack.
        let mut set = LocalSet { locators: Vec::new(), pds: Vec::new() };
        for addr in addresses.iter().copied() {
            if !addr.may_be_locator() {
                return Err(SetError::Address);
            }
            let locator =
                LocalLocator { addr, status: LocalStatus::Absent, allowed: true, preference: Preference::default() };
            set.locators.push(locator).map_err(|_| SetError::Count)?;
        }
        set.pds.extend_from_slice(pds).map_err(|()| SetError::PdsTooLong)?;
        Ok(set)
    }

    /// The set of a plain address without proof: a ULID that has no other locator.
    pub fn single(addr: Addr) -> Result<LocalSet, SetError> {
        LocalSet::new(&[addr], &[])
    }

    /// The encoded CGA Parameters data structure; empty for [`LocalSet::single`].
    pub fn pds(&self) -> &[u8] {
        &self.pds
    }

    /// The locators, in the order in which they are announced.
    pub fn locators(&self) -> &[LocalLocator] {
        &self.locators
    }

    /// The locator with this address.
    pub fn get(&self, addr: &Addr) -> Option<&LocalLocator> {
        self.locators.iter().find(|locator| locator.addr == *addr)
    }

    /// Changes the status of an address; says whether that changed anything. The caller then calls
    /// [`crate::engine::Engine::locals_changed`] for each context whose ULID(local) is in this set.
    pub fn set_status(&mut self, addr: &Addr, status: LocalStatus) -> bool {
        self.change(addr, |locator| locator.status = status)
    }

    /// Lets an address be used and told, or not.
    pub fn set_allowed(&mut self, addr: &Addr, allowed: bool) -> bool {
        self.change(addr, |locator| locator.allowed = allowed)
    }

    /// Changes what peers are told of an address.
    pub fn set_preference(&mut self, addr: &Addr, preference: Preference) -> bool {
        self.change(addr, |locator| locator.preference = preference)
    }

    fn change(&mut self, addr: &Addr, change: impl FnOnce(&mut LocalLocator)) -> bool {
        let Some(locator) = self.locators.iter_mut().find(|locator| locator.addr == *addr) else {
            return false;
        };
        let before = *locator;
        change(locator);
        before != *locator
    }
}

/// How a peer's locator was bound to the ULID; the numbers of RFC 5533 section 5.15.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Bound {
    /// It is the ULID itself.
    Ulid = 0,
    /// Hash-Based Address.
    Hba = 1,
    /// Cryptographically Generated Address.
    Cga = 2,
}

/// Whether packets reach a peer's locator, as far as this host has seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[repr(u8)]
pub enum Reach {
    /// Never tried.
    #[default]
    Unknown,
    /// Traffic or a Probe to it was answered.
    Reachable,
    /// The latest Probe to it was not answered.
    Unreachable,
}

/// One locator of a peer; it is in the list because verification bound it to the ULID.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeerLocator {
    /// The address.
    pub addr: Addr,
    /// How it was verified.
    pub bound: Bound,
    /// Whether it was seen to work.
    pub reach: Reach,
    /// What the peer said of it.
    pub preference: Preference,
}

impl PeerLocator {
    /// What is in a place that has none.
    const NONE: PeerLocator = PeerLocator {
        addr: Addr::UNSPECIFIED,
        bound: Bound::Ulid,
        reach: Reach::Unknown,
        preference: Preference { flags: 0, priority: 0, weight: 0 },
    };

    /// A verified locator of which nothing else is known.
    pub fn new(addr: Addr, bound: Bound) -> PeerLocator {
        PeerLocator { addr, bound, reach: Reach::Unknown, preference: Preference::default() }
    }
}

/// Ls(peer): the verified locators of a peer. Behind them are kept the other members of its HBA set, and those of earlier lists that
/// the peer tells no more: they are no locators of the context, yet a later list may name them without a new proof (RFC 5533
/// section 10.1 lets the parameter structure be left out once it was exchanged).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerLocators {
    /// The first `count` places; the others have [`PeerLocator::NONE`].
    known: [PeerLocator; MAX_PEER],
    count: u8,
    /// How many of them, from the first, the peer's present list has.
    listed: u8,
    /// The generation number of the list; none if the peer sent none.
    generation: Option<u32>,
}

impl PeerLocators {
    /// The list that consists of the ULID alone.
    pub fn ulid(ulid: Addr) -> PeerLocators {
        let mut locators = PeerLocators::empty();
        let _ = locators.push(PeerLocator::new(ulid, Bound::Ulid));
        locators
    }

    /// A list without members and without generation.
    pub const fn empty() -> PeerLocators {
        PeerLocators { known: [PeerLocator::NONE; MAX_PEER], count: 0, listed: 0, generation: None }
    }

    fn known(&self) -> &[PeerLocator] {
        self.known.get(..usize::from(self.count)).unwrap_or(&[])
    }

    fn known_mut(&mut self) -> &mut [PeerLocator] {
        self.known.get_mut(..usize::from(self.count)).unwrap_or(&mut [])
    }

    /// Appends one to those that are known; gives it back if there is no room.
    fn add(&mut self, locator: PeerLocator) -> Result<(), PeerLocator> {
        let place = self.known.get_mut(usize::from(self.count)).ok_or(locator)?;
        *place = locator;
        self.count += 1;
        Ok(())
    }

    /// Forgets all but those that are listed.
    fn forget_earlier(&mut self) {
        let listed = usize::from(self.listed);
        self.known_mut().iter_mut().skip(listed).for_each(|place| *place = PeerLocator::NONE);
        self.count = self.listed;
    }

    /// Drops all members, and begins a list of this generation.
    pub(crate) fn begin(&mut self, generation: u32) {
        *self = PeerLocators { generation: Some(generation), ..PeerLocators::empty() };
    }

    /// The places that have another address, or none, in a later list: one bit each.
    pub(crate) fn moved(&self, later: &PeerLocators) -> u16 {
        let differs = |place: usize| {
            self.list().get(place).map(|known| known.addr) != later.list().get(place).map(|known| known.addr)
        };
        (0..MAX_PEER).filter(|place| differs(*place)).fold(0, |moved, place| moved | 1 << place)
    }

    /// Appends a locator that was verified; gives it back if the list is full.
    pub fn push(&mut self, locator: PeerLocator) -> Result<(), PeerLocator> {
        self.forget_earlier();
        self.add(locator)?;
        self.listed += 1;
        Ok(())
    }

    /// The locators in the order of the peer's list.
    pub fn list(&self) -> &[PeerLocator] {
        self.known.get(..usize::from(self.listed)).unwrap_or(&[])
    }

    /// The locators, to change what is known of them.
    pub fn list_mut(&mut self) -> &mut [PeerLocator] {
        self.known.get_mut(..usize::from(self.listed)).unwrap_or(&mut [])
    }

    /// Keeps a locator that was verified behind the list, unless it is there; says whether there is room for more.
    pub(crate) fn keep(&mut self, locator: PeerLocator) -> bool {
        let is_known = self.known().iter().any(|known| known.addr == locator.addr);
        is_known || !locator.addr.may_be_locator() || self.add(locator).is_ok()
    }

    /// How an address was verified, now or for an earlier list.
    pub(crate) fn proven(&self, addr: &Addr) -> Option<Bound> {
        self.known().iter().find(|locator| locator.addr == *addr).map(|locator| locator.bound)
    }

    /// The generation number of the list.
    pub fn generation(&self) -> Option<u32> {
        self.generation
    }

    /// Whether the address is in Ls(peer).
    pub fn contains(&self, addr: &Addr) -> bool {
        self.list().iter().any(|locator| locator.addr == *addr)
    }

    /// The place of an address in the list.
    pub fn position(&self, addr: &Addr) -> Option<usize> {
        self.list().iter().position(|locator| locator.addr == *addr)
    }

    /// Whether two lists have a locator in common (RFC 5533 section 7.15).
    pub fn overlaps(&self, other: &PeerLocators) -> bool {
        self.list().iter().any(|locator| other.contains(&locator.addr))
    }

    /// Records whether a locator works.
    pub fn set_reach(&mut self, addr: &Addr, reach: Reach) {
        if let Some(locator) = self.list_mut().iter_mut().find(|locator| locator.addr == *addr) {
            locator.reach = reach;
        }
    }

    /// Takes over what was known of the locators that both lists have, and, behind the list and as far as there is room,
    /// those that this one leaves out.
    pub fn inherit(&mut self, old: &PeerLocators) {
        for known in old.known() {
            match self.known_mut().iter_mut().find(|locator| locator.addr == known.addr) {
                Some(locator) => locator.reach = known.reach,
                None => {
                    let _ = self.add(PeerLocator { reach: Reach::Unknown, ..*known });
                }
            }
        }
    }
}
