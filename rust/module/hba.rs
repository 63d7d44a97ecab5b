// SPDX-License-Identifier: GPL-2.0
//! The HBA sets of a namespace, and how many contexts use each of their addresses.

use core::sync::atomic::{AtomicU32, Ordering::Relaxed};
use kernel::prelude::*;
use shim6_core::{
    addr::Addr,
    locator::{LocalSet, MAX_LOCAL},
};

/// Most octets of a label.
pub(crate) const MAX_LABEL: usize = crate::ffi::uapi::SHIM6_MAX_LABEL_LEN as usize;

/// The most sets of a namespace: each packet that starts a context looks through all of them.
pub(crate) const MAX_SETS: usize = 64;

/// One loaded set.
pub(crate) struct Set {
    /// Its number; never 0.
    pub(crate) id: u32,
    label: [u8; MAX_LABEL],
    label_len: usize,
    /// Sec of its addresses.
    pub(crate) sec: u32,
    /// Its addresses and parameters.
    pub(crate) locals: KBox<LocalSet>,
    /// For each address the interface that has it; 0: none.
    pub(crate) ifindex: [u32; MAX_LOCAL],
    /// For each address whether it was taken off an interface that was up: somebody wanted it gone.
    pub(crate) removed: [bool; MAX_LOCAL],
    /// For each address whether this module has the loopback interface hold it.
    pub(crate) held: [bool; MAX_LOCAL],
    /// For each address whether an operator has withdrawn it from use as a locator.
    pub(crate) withdrawn: [bool; MAX_LOCAL],
    users: [AtomicU32; MAX_LOCAL],
    senders: [AtomicU32; MAX_LOCAL],
}

impl Set {
    /// A new set, none of whose addresses is known to be on an interface. The label was checked for its length.
    pub(crate) fn new(id: u32, label: &[u8], sec: u32, locals: KBox<LocalSet>) -> Set {
        let mut set = Set {
            id,
            label: [0; MAX_LABEL],
            label_len: label.len().min(MAX_LABEL),
            sec,
            locals,
            ifindex: [0; MAX_LOCAL],
            removed: [false; MAX_LOCAL],
            held: [false; MAX_LOCAL],
            withdrawn: [false; MAX_LOCAL],
            users: [const { AtomicU32::new(0) }; MAX_LOCAL],
            senders: [const { AtomicU32::new(0) }; MAX_LOCAL],
        };
        for (to, from) in set.label.iter_mut().zip(label) {
            *to = *from;
        }
        set
    }

    /// What people call it; may be empty.
    pub(crate) fn label(&self) -> &[u8] {
        self.label.get(..self.label_len).unwrap_or(&[])
    }

    /// The place of an address in it.
    pub(crate) fn place(&self, address: &Addr) -> Option<usize> {
        self.locals.locators().iter().position(|locator| locator.addr == *address)
    }

    /// Contexts whose ULID(local) is the address at this place.
    pub(crate) fn users(&self, place: usize) -> u32 {
        self.users.get(place).map_or(0, |count| count.load(Relaxed))
    }

    /// Contexts whose ULID(local) is of it.
    pub(crate) fn contexts(&self) -> u32 {
        self.users.iter().map(|count| count.load(Relaxed)).sum()
    }

    /// For each address the contexts that send from it.
    pub(crate) fn senders(&self) -> [u32; MAX_LOCAL] {
        core::array::from_fn(|place| self.senders.get(place).map_or(0, |count| count.load(Relaxed)))
    }
}

/// Moves a count that only the holder of the control lock changes.
fn count(counter: Option<&AtomicU32>, up: bool) {
    if let Some(counter) = counter {
        let now = counter.load(Relaxed);
        counter.store(if up { now.saturating_add(1) } else { now.saturating_sub(1) }, Relaxed);
    }
}

/// All sets of a namespace, by rising number.
pub(crate) struct Sets(KVec<Set>);

impl Sets {
    /// None.
    pub(crate) const fn new() -> Sets {
        Sets(KVec::new())
    }

    /// All of them.
    pub(crate) fn all(&self) -> &[Set] {
        &self.0
    }

    /// The set with the smallest number of at least this.
    pub(crate) fn at_least(&self, id: u32) -> Option<&Set> {
        self.0.iter().find(|set| set.id >= id)
    }

    /// The set of a number.
    pub(crate) fn get_mut(&mut self, id: u32) -> Option<&mut Set> {
        self.0.iter_mut().find(|set| set.id == id)
    }

    /// The set that an address is of, and its place in it.
    pub(crate) fn of(&self, address: &Addr) -> Option<(&Set, usize)> {
        self.0.iter().find_map(|set| set.place(address).map(|place| (set, place)))
    }

    /// The set that an address is of, to be changed.
    pub(crate) fn of_mut(&mut self, address: &Addr) -> Option<(&mut Set, usize)> {
        self.0.iter_mut().find_map(|set| set.place(address).map(|place| (set, place)))
    }

    /// Makes room for one more. May sleep, so not under the control lock.
    pub(crate) fn with_capacity(sets: usize) -> Result<Sets> {
        Ok(Sets(KVec::with_capacity(sets, GFP_KERNEL)?))
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Moves all sets over, if there is room for one more then, and gives back the memory that they were in.
    pub(crate) fn move_into(&mut self, mut larger: Sets) -> Result<Sets, Sets> {
        if larger.0.capacity() <= self.0.len() || !larger.0.is_empty() {
            return Err(larger);
        }
        while !self.0.is_empty() {
            let Ok(set) = self.0.remove(0) else { break };
            if larger.push(set).is_err() {
                break;
            }
        }
        core::mem::swap(self, &mut larger);
        Ok(larger)
    }

    /// Appends a set, if there is room.
    pub(crate) fn push(&mut self, set: Set) -> Result {
        self.0.push_within_capacity(set).map_err(|_| ENOSPC)
    }

    /// Takes a set out.
    pub(crate) fn remove(&mut self, id: u32) -> Option<Set> {
        let place = self.0.iter().position(|set| set.id == id)?;
        self.0.remove(place).ok()
    }

    /// A context with this ULID(local) came or went.
    pub(crate) fn count_user(&self, ulid: &Addr, came: bool) {
        if let Some((set, place)) = self.of(ulid) {
            count(set.users.get(place), came);
        }
    }

    /// A context of this ULID(local) begins or ends to send from this place of its set, if it is one.
    pub(crate) fn count_sender(&self, ulid: &Addr, place: u8, begins: bool) {
        if let Some((set, _)) = self.of(ulid) {
            count(set.senders.get(usize::from(place)), begins);
        }
    }

    /// Whether this address is held for contexts that are no more.
    pub(crate) fn is_unused_and_held(&self, address: &Addr) -> bool {
        self.of(address).is_some_and(|(set, place)| set.users(place) == 0 && set.held.get(place) == Some(&true))
    }
}
