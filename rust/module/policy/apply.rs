// SPDX-License-Identifier: GPL-2.0
//! Changing the rules of a namespace, and making what they say come true for its locators and contexts.

use super::{may_use, Kind, Rule, MAX_RULES};
use crate::{
    events,
    ffi::{rcu::Reader, rules::Draft, uapi},
    hba::Set,
    netns::{sets::hba_view, Net},
};
use core::sync::atomic::Ordering::Relaxed;
use kernel::prelude::*;
use shim6_core::{addr::Addr, engine::Cause, locator::MAX_LOCAL};

/// Why rules are not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// One like it is there.
    Exists,
    /// There are [`MAX_RULES`].
    Full,
    /// No memory.
    NoMemory,
}

impl Net {
    /// The rules, in the order in which they are looked at.
    #[inline]
    pub(crate) fn rules<'r>(&self, reader: Reader<'r>) -> &'r [Rule] {
        self.rules.read(reader)
    }

    /// Counts changes of the rules.
    pub(crate) fn policy_generation(&self) -> u32 {
        self.lock().control().policy_generation
    }

    /// Shows the rules. `show` runs under the control lock.
    pub(crate) fn with_rules<R>(&self, show: impl FnOnce(&[Rule]) -> R) -> R {
        let mut locked = self.lock();
        let (_, _, reader) = locked.with_reader();
        show(self.rules(reader))
    }

    /// Adds a rule, and returns its number, which is given here.
    pub(crate) fn policy_add(&self, rule: Rule) -> Result<u32, Refused> {
        let mut draft = Draft::with_room(MAX_RULES).map_err(|_| Refused::NoMemory)?;
        let id = {
            let mut locked = self.lock();
            let (_, control, reader) = locked.with_reader();
            let rules = self.rules(reader);
            if rules.iter().any(|other| other.is_like(&rule)) {
                return Err(Refused::Exists);
            }
            if rules.len() == MAX_RULES {
                return Err(Refused::Full);
            }
            copy(&mut draft, rules).map_err(|_| Refused::Full)?;
            let rule = Rule { id: control.next_rule(), ..rule };
            place(&mut draft, rule)?;
            self.publish_rules(draft);
            control.policy_generation = control.policy_generation.wrapping_add(1);
            events::policy(self, &rule, uapi::SHIM6_CMD_POLICY_ADD_NTF);
            rule.id
        };
        self.obey(&[rule]);
        Ok(id)
    }

    /// Removes the rule of this number; says whether there was one.
    pub(crate) fn policy_del(&self, id: u32) -> Result<bool, Refused> {
        let mut draft = Draft::with_room(MAX_RULES).map_err(|_| Refused::NoMemory)?;
        let rule = {
            let mut locked = self.lock();
            let (_, control, reader) = locked.with_reader();
            let rules = self.rules(reader);
            let Some(rule) = rules.iter().find(|rule| rule.id == id).copied() else { return Ok(false) };
            copy(&mut draft, rules).map_err(|_| Refused::Full)?;
            draft.retain(|rule| rule.id != id);
            self.publish_rules(draft);
            control.policy_generation = control.policy_generation.wrapping_add(1);
            events::policy(self, &rule, uapi::SHIM6_CMD_POLICY_DEL_NTF);
            rule
        };
        self.obey(&[rule]);
        Ok(true)
    }

    /// Puts these rules, whose numbers are given here, in the place of all that there are.
    pub(crate) fn policy_replace(&self, new: &Draft<Rule>) -> Result<(), Refused> {
        let mut draft = Draft::with_room(MAX_RULES).map_err(|_| Refused::NoMemory)?;
        let mut touched = Draft::with_room(2 * MAX_RULES).map_err(|_| Refused::NoMemory)?;
        {
            let mut locked = self.lock();
            let (_, control, reader) = locked.with_reader();
            for rule in new.all() {
                place(&mut draft, Rule { id: control.next_rule(), ..*rule })?;
            }
            copy(&mut touched, self.rules(reader)).map_err(|_| Refused::Full)?;
            copy(&mut touched, draft.all()).map_err(|_| Refused::Full)?;
            for rule in self.rules(reader) {
                events::policy(self, rule, uapi::SHIM6_CMD_POLICY_DEL_NTF);
            }
            self.publish_rules(draft);
            control.policy_generation = control.policy_generation.wrapping_add(1);
            for rule in self.rules(reader) {
                events::policy(self, rule, uapi::SHIM6_CMD_POLICY_ADD_NTF);
            }
        }
        self.obey(touched.all());
        Ok(())
    }

    /// Only with the control lock.
    fn publish_rules(&self, draft: Draft<Rule>) {
        self.has_start_rules.store(draft.all().iter().any(|rule| rule.action.kind() == Kind::Start), Relaxed);
        self.rules.replace(draft);
    }

    /// Makes the rules come true after these came or went. Takes the control lock, and sleeps.
    fn obey(&self, touched: &[Rule]) {
        let mut must_tell = touched.iter().any(|rule| rule.action.kind() == Kind::Tell);
        if touched.iter().any(|rule| rule.action.kind() == Kind::Use) {
            must_tell |= self.allow_locators();
        }
        if must_tell {
            self.tell_all_contexts(Cause::Administrator);
        }
    }

    /// Lets all local locators be used that may be, and no others; says whether anything changed.
    fn allow_locators(&self) -> bool {
        let mut locked = self.lock();
        let (_, control, reader) = locked.with_reader();
        let rules = self.rules(reader);
        let mut changed = false;
        let mut at = 0;
        while let Some(id) = control.sets.at_least(at).map(|set| set.id) {
            at = id + 1;
            let Some(set) = control.sets.get_mut(id) else { break };
            for (place, is_changed) in allow(set, rules).into_iter().enumerate() {
                if is_changed {
                    changed = true;
                    events::locator(self, &hba_view(set), place, Cause::Administrator);
                }
            }
        }
        changed
    }
}

/// Lets those locators of a set be used that may be, and no others; says which of them changed.
pub(crate) fn allow(set: &mut Set, rules: &[Rule]) -> heapless::Vec<bool, MAX_LOCAL> {
    let addresses: heapless::Vec<Addr, MAX_LOCAL> = set.locals.locators().iter().map(|locator| locator.addr).collect();
    let all = addresses.iter().zip(set.withdrawn);
    all.map(|(addr, withdrawn)| set.locals.set_allowed(addr, !withdrawn && may_use(rules, addr))).collect()
}

/// Appends rules in their order.
fn copy(draft: &mut Draft<Rule>, rules: &[Rule]) -> Result {
    rules.iter().try_for_each(|rule| draft.insert(usize::MAX, *rule))
}

/// Puts a rule after those of its order, unless one like it is there.
fn place(draft: &mut Draft<Rule>, rule: Rule) -> Result<(), Refused> {
    if draft.all().iter().any(|other| other.is_like(&rule)) {
        return Err(Refused::Exists);
    }
    let at = draft.all().iter().take_while(|other| other.order <= rule.order).count();
    draft.insert(at, rule).map_err(|_| Refused::Full)
}
