// SPDX-License-Identifier: GPL-2.0
//! Local locators: the addresses of HBA sets as the interfaces have them, and ULIDs that outlive their interface.
//!
//! Changes of addresses and links only ask for a look; the look itself compares what is with what was known, so that no
//! event can be missed or come in the wrong order.

use crate::{
    events,
    ffi::address::Place,
    hba::Set,
    netlink::view::Select,
    netns::{sets::hba_view, Net},
    policy,
};
use shim6_core::{
    addr::Addr,
    engine::Cause,
    locator::{LocalStatus, MAX_LOCAL},
    wire::Preference,
};

/// How often an address is looked at, in milliseconds, while duplicate address detection goes on: its end comes without
/// an event.
const TENTATIVE_INTERVAL: u32 = 100;

/// What an operator wants changed of a local locator; what is none stays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Change {
    /// Flags of its preference (RFC 5533 section 5.15.3).
    pub(crate) flags: Option<u8>,
    /// Priority of its preference.
    pub(crate) priority: Option<u8>,
    /// Weight of its preference.
    pub(crate) weight: Option<u8>,
    /// Whether it is out of use.
    pub(crate) withdrawn: Option<bool>,
}

/// Why a local locator stays as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unchanged {
    /// It is of no set.
    Unknown,
    /// It is in use already.
    InUse,
    /// It is withdrawn already.
    Withdrawn,
    /// A policy rule keeps it out of use.
    Policy,
}

/// The addresses of one set with where they are.
type Look = heapless::Vec<(Addr, Place), MAX_LOCAL>;

impl Net {
    /// An address came to an interface, or went from one that is up and has its carrier (`linked`) or not. In atomic context.
    pub(crate) fn address_changed(&self, address: &Addr, present: bool, linked: bool) {
        if !self.has_sets() {
            return;
        }
        {
            let mut locked = self.lock();
            let Some((set, place)) = locked.control().sets.of_mut(address) else { return };
            // Gone from an interface that goes on without it: somebody, or its lifetime, wanted it gone.
            if let Some(removed) = set.removed.get_mut(place) {
                *removed = !present && linked;
            }
        }
        self.ask_for_addresses(0);
    }

    /// An interface went up or down, or its carrier did. In atomic context.
    pub(crate) fn link_changed(&self) {
        if self.has_sets() {
            self.ask_for_addresses(0);
        }
    }

    /// Looks at all addresses of all sets. Sleeps.
    pub(crate) fn look_at_addresses(&self) {
        let mut id = 0;
        while let Some((set, addresses)) = self.addresses_from(id + 1) {
            id = set;
            let look: Look = addresses.iter().map(|address| (*address, self.share().find_address(address))).collect();
            if let Some(cause) = self.record(id, &look) {
                self.tell_contexts(id, cause);
            }
            self.hold_or_release(id, &look);
            if look.iter().any(|(_, found)| found.awaited) {
                self.ask_for_addresses(TENTATIVE_INTERVAL);
            }
        }
    }

    fn addresses_from(&self, at_least: u32) -> Option<(u32, heapless::Vec<Addr, MAX_LOCAL>)> {
        self.with_hba(at_least, |set| (set.id, set.set.locators().iter().map(|locator| locator.addr).collect()))
    }

    /// Records what a look at a set has shown; says why something changed, if anything did.
    fn record(&self, id: u32, look: &Look) -> Option<Cause> {
        let mut locked = self.lock();
        let set = locked.control().sets.get_mut(id)?;
        let mut cause = None;
        for (place, (address, found)) in look.iter().enumerate() {
            let removed = set.removed.get(place) == Some(&true);
            let status = status(found, removed);
            if let Some(ifindex) = set.ifindex.get_mut(place) {
                *ifindex = found.ifindex;
            }
            if set.locals.set_status(address, status) {
                let why = why(status);
                cause = Some(why);
                events::locator(self, &hba_view(set), place, why);
            }
        }
        cause
    }

    /// Has the engine see to all contexts whose ULID(local) is of a set that changed. Sleeps.
    fn tell_contexts(&self, set: u32, cause: Cause) {
        let mut id = 0;
        while let Some(next) = self.next_context(id) {
            id = next;
            self.share().rest();
            if self.with_context(&Select::Id(id), |view| view.hba_id) == Some(set) {
                self.engine_for(id, |engine, now| engine.locals_changed(now, id, cause));
            }
        }
    }

    /// Changes a local locator as an operator wants, and has contexts see to it.
    pub(crate) fn change_locator(&self, address: &Addr, change: &Change, cause: Cause) -> Result<(), Unchanged> {
        let id = {
            let mut locked = self.lock();
            let (_, control, reader) = locked.with_reader();
            let rules = self.rules(reader);
            let (set, place) = control.sets.of_mut(address).ok_or(Unchanged::Unknown)?;
            let was = set.withdrawn.get(place).copied().unwrap_or(false);
            match change.withdrawn {
                Some(true) if was => return Err(Unchanged::Withdrawn),
                Some(false) if !policy::may_use(rules, address) => return Err(Unchanged::Policy),
                Some(false) if !was => return Err(Unchanged::InUse),
                _ => {}
            }
            if let (Some(wanted), Some(withdrawn)) = (change.withdrawn, set.withdrawn.get_mut(place)) {
                *withdrawn = wanted;
            }
            let now = set.locals.get(address).map_or(Preference::default(), |locator| locator.preference);
            let preference = Preference {
                flags: change.flags.unwrap_or(now.flags),
                priority: change.priority.unwrap_or(now.priority),
                weight: change.weight.unwrap_or(now.weight),
            };
            let is_preferred_otherwise = set.locals.set_preference(address, preference);
            let is_allowed_otherwise = policy::allow(set, rules).get(place) == Some(&true);
            if !is_preferred_otherwise && !is_allowed_otherwise {
                return Ok(());
            }
            events::locator(self, &hba_view(set), place, cause);
            set.id
        };
        self.tell_contexts(id, cause);
        Ok(())
    }

    /// Has the engine see to all contexts, as policy has changed. Sleeps.
    pub(crate) fn tell_all_contexts(&self, cause: Cause) {
        let mut id = 0;
        while let Some(next) = self.next_context(id) {
            id = next;
            self.share().rest();
            self.engine_for(id, |engine, now| engine.locals_changed(now, id, cause));
        }
    }

    /// Has the loopback interface hold ULIDs whose interface is gone while contexts use them, and gives them back when
    /// the interface has them again or nobody needs them.
    fn hold_or_release(&self, id: u32, look: &Look) {
        for (place, (address, found)) in look.iter().enumerate() {
            let Some(wanted) = self.with_set(id, |set| {
                let removed = set.removed.get(place) == Some(&true);
                let held = set.held.get(place) == Some(&true);
                (found.ifindex == 0 && !removed && set.users(place) != 0, held)
            }) else {
                return;
            };
            let hold = match wanted {
                (true, false) if !found.held => true,
                (false, true) => false,
                _ => continue,
            };
            // If the interface has just gone with its namespace there is nothing to hold the address; and what the kernel says of
            // it is not heard, so it is looked for.
            let asked = self.share().hold_address(address, hold).is_ok();
            let done = asked && self.share().find_address(address).held;
            let recorded = self.with_set_mut(id, |set| {
                if let Some(held) = set.held.get_mut(place) {
                    *held = hold && done;
                }
            });
            // The set went meanwhile.
            if recorded.is_none() && hold {
                let _ = self.share().hold_address(address, false);
            }
        }
    }

    /// Gives back what the loopback interface holds for a set that is no longer loaded.
    pub(crate) fn release(&self, set: &Set) {
        for (locator, held) in set.locals.locators().iter().zip(&set.held) {
            if *held {
                // An address that somebody removed meanwhile is released already.
                let _ = self.share().hold_address(&locator.addr, false);
            }
        }
    }

    /// Gives back everything that the loopback interface holds, at the end of the namespace or the module.
    pub(crate) fn release_all(&self) {
        let mut id = 0;
        while let Some((set, _)) = self.addresses_from(id + 1) {
            id = set;
            let held: heapless::Vec<Addr, MAX_LOCAL> = self.with_set_mut(id, held_of).unwrap_or_default();
            for address in &held {
                // In a namespace that ends there may be no loopback interface any more.
                let _ = self.share().hold_address(address, false);
            }
        }
    }

    fn with_set<R>(&self, id: u32, read: impl FnOnce(&Set) -> R) -> Option<R> {
        self.lock().control().sets.get_mut(id).map(|set| read(set))
    }

    fn with_set_mut<R>(&self, id: u32, change: impl FnOnce(&mut Set) -> R) -> Option<R> {
        self.lock().control().sets.get_mut(id).map(change)
    }
}

/// The addresses of a set that are held, which are taken for released from now on.
fn held_of(set: &mut Set) -> heapless::Vec<Addr, MAX_LOCAL> {
    let mut addresses = heapless::Vec::new();
    for (locator, held) in set.locals.locators().iter().zip(set.held.iter_mut()) {
        if core::mem::take(held) {
            // As many as there are locators, so there is room.
            let _ = addresses.push(locator.addr);
        }
    }
    addresses
}

/// The status of an address that was found so.
fn status(found: &Place, removed: bool) -> LocalStatus {
    match found {
        Place { ifindex: 0, .. } if removed => LocalStatus::Invalid,
        Place { ifindex: 0, .. } => LocalStatus::Absent,
        Place { tentative: true, .. } => LocalStatus::Tentative,
        Place { linked: false, .. } => LocalStatus::LinkDown,
        Place { deprecated: true, .. } => LocalStatus::Deprecated,
        Place { .. } => LocalStatus::Usable,
    }
}

/// Why an address came to have this status.
fn why(status: LocalStatus) -> Cause {
    match status {
        LocalStatus::LinkDown | LocalStatus::Absent => Cause::LinkDown,
        LocalStatus::Invalid => Cause::AddressRemoved,
        _ => Cause::Preference,
    }
}
