// SPDX-License-Identifier: GPL-2.0
//! The HBA sets of a network namespace: loading, removing and showing them.

use super::Net;
use crate::{
    control::Control,
    hba::{Set, Sets, MAX_SETS},
    netlink::view::{HbaView, Select},
    policy,
    table::WALK_INTERVAL,
};
use kernel::prelude::*;
use shim6_core::{engine::Cause, hba::HbaSet, locator::LocalSet};

/// Why a set is not loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HbaLoadError {
    /// One of its addresses is of another set.
    Exists,
    /// Another set has its label.
    LabelInUse,
    /// There are [`MAX_SETS`] sets, or the set is larger than the protocol's part can hold.
    Full,
    /// No memory.
    NoMemory,
}

impl Net {
    /// Counts changes of the list of sets.
    pub(crate) fn hba_generation(&self) -> u32 {
        self.lock().control().hba_generation
    }

    /// Loads a set that was verified, and returns its number.
    pub(crate) fn hba_load(&self, label: &[u8], set: &HbaSet) -> Result<u32, HbaLoadError> {
        let locals = LocalSet::new(set.addresses(), set.pds()).map_err(|_| HbaLoadError::Full)?;
        let locals = KBox::new(locals, GFP_KERNEL).map_err(|_| HbaLoadError::NoMemory)?;
        let larger = Sets::with_capacity(MAX_SETS).map_err(|_| HbaLoadError::NoMemory)?;
        let mut locked = self.lock();
        let (_, control, reader) = locked.with_reader();
        let rules = self.rules(reader);
        let loaded = set_is_new(control.sets.all(), label, set).and_then(|()| {
            insert_set(control, larger, |id| {
                let mut set = Set::new(id, label, set.sec().get().into(), locals);
                policy::allow(&mut set, rules);
                set
            })
        });
        self.count_sets(control.sets.len());
        drop(locked);
        if loaded.is_ok() {
            self.count_users();
        }
        self.share.ask_for_walk(WALK_INTERVAL);
        self.ask_for_addresses(0);
        loaded
    }

    /// Counts the contexts that are older than the set of their ULID. Sleeps.
    fn count_users(&self) {
        let mut id = 0;
        while let Some(next) = self.next_context(id) {
            id = next;
            self.engine_for(id, |engine, _| engine.contexts.count_user(id));
            self.share.rest();
        }
    }

    /// Removes a set, and with it the contexts of its ULIDs; says whether there was one.
    pub(crate) fn hba_del(&self, id: u32) -> bool {
        if self.with_hba(id, |set| set.id) != Some(id) {
            return false;
        }
        let mut context = 0;
        while let Some(next) = self.next_context(context) {
            context = next;
            if self.with_context(&Select::Id(next), |view| view.hba_id) == Some(id) {
                self.engine_for(next, |engine, now| engine.close(now, next, Cause::SetRemoved));
            }
            self.share.rest();
        }
        let mut locked = self.lock();
        let control = locked.control();
        let removed = control.sets.remove(id);
        control.hba_generation = control.hba_generation.wrapping_add(1);
        self.count_sets(control.sets.len());
        drop(locked);
        if let Some(set) = removed.as_ref() {
            self.release(set);
        }
        removed.is_some()
    }

    /// Shows the set with the smallest number of at least this. `show` runs under the control lock.
    pub(crate) fn with_hba<R>(&self, at_least: u32, show: impl FnOnce(&HbaView<'_>) -> R) -> Option<R> {
        let mut locked = self.lock();
        locked.control().sets.at_least(at_least).map(|set| show(&hba_view(set)))
    }
}

/// Whether a set has neither address nor label in common with those that are loaded.
fn set_is_new(loaded: &[Set], label: &[u8], set: &HbaSet) -> Result<(), HbaLoadError> {
    if loaded.iter().any(|other| set.addresses().iter().any(|address| other.place(address).is_some())) {
        return Err(HbaLoadError::Exists);
    }
    if !label.is_empty() && loaded.iter().any(|other| other.label() == label) {
        return Err(HbaLoadError::LabelInUse);
    }
    Ok(())
}

fn insert_set(control: &mut Control, larger: Sets, make: impl FnOnce(u32) -> Set) -> Result<u32, HbaLoadError> {
    if control.sets.len() == MAX_SETS {
        return Err(HbaLoadError::Full);
    }
    if control.sets.len() == 0 {
        // The first set brings the room for all.
        let _ = control.sets.move_into(larger);
    }
    control.last_set = control.last_set.wrapping_add(1).max(1);
    let id = control.last_set;
    control.sets.push(make(id)).map_err(|_| HbaLoadError::Full)?;
    control.hba_generation = control.hba_generation.wrapping_add(1);
    Ok(id)
}

/// What a set shows of itself.
pub(crate) fn hba_view(set: &Set) -> HbaView<'_> {
    HbaView {
        id: set.id,
        label: set.label(),
        set: &set.locals,
        sec: set.sec,
        contexts: set.contexts(),
        ifindex: set.ifindex,
        senders: set.senders(),
    }
}
