// SPDX-License-Identifier: GPL-2.0
//! The state of a network namespace, and what the control interface may ask of it.

use crate::{
    control::{self, Control, MAX_STARTS},
    ffi::{
        clock,
        netns::{Guarded, Share},
        rules::Published,
    },
    hba::{Set, Sets, MAX_SETS},
    heuristic::Heuristic,
    netlink::view::{ContextView, HbaView, Numbers, Select},
    policy::{self, Rule},
    settings::Settings,
    stats::Stats,
    table::WALK_INTERVAL,
};
use core::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};
use kernel::prelude::*;
use shim6_core::{
    engine::{Advice, Cause, Contexts, Refused, StartError},
    hba::HbaSet,
    locator::{LocalSet, Pair},
    wire::Fii,
};

/// The state of one namespace.
pub(crate) struct Net {
    share: Share,
    stats: Stats,
    /// Contexts in the tables, retired ones included. With none, packets pay one comparison.
    contexts: AtomicU32,
    /// Contexts that ever came or went.
    generation: AtomicU32,
    /// HBA sets loaded. With none, nothing is started.
    sets: AtomicU32,
    /// Sockets that want something of the shim. With none, packets pay one comparison.
    pub(crate) sockets: AtomicU32,
    /// The addresses of interfaces may have changed since the last look.
    dirty: AtomicBool,
    /// A router or a route may have been lost since the last look.
    routerless: AtomicBool,
    /// The upper layers are told of all ICMPv6 errors.
    deliver_all: AtomicBool,
    /// The log says already that contexts were refused.
    has_told_limit: AtomicBool,
    /// Who talks to whom without a context.
    pub(crate) heuristic: Heuristic,
    /// The policy; changed under the control lock.
    pub(crate) rules: Published<Rule>,
    /// Whether any rule is about packets.
    pub(crate) has_start_rules: AtomicBool,
    guarded: Guarded,
}

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

/// Why a context is not forked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ForkError {
    /// The one to be forked is not established.
    NotEstablished,
    /// The store has no place.
    Refused(Refused),
}

impl Net {
    /// The state of a new namespace.
    pub(crate) fn new(share: Share) -> Result<KBox<Net>> {
        let net = Net {
            share,
            stats: Stats::new()?,
            contexts: AtomicU32::new(0),
            generation: AtomicU32::new(0),
            sets: AtomicU32::new(0),
            sockets: AtomicU32::new(0),
            dirty: AtomicBool::new(false),
            routerless: AtomicBool::new(false),
            deliver_all: AtomicBool::new(false),
            has_told_limit: AtomicBool::new(false),
            heuristic: Heuristic::new(&Settings::DEFAULT)?,
            rules: Published::new(),
            has_start_rules: AtomicBool::new(false),
            guarded: Guarded::new(Control::new()),
        };
        Ok(KBox::new(net, GFP_KERNEL)?)
    }

    /// It may be used now.
    pub(crate) fn begin(&self) {}

    /// Its C side.
    #[inline]
    pub(crate) fn share(&self) -> Share {
        self.share
    }

    /// What the control lock guards.
    pub(crate) fn guarded(&self) -> &Guarded {
        &self.guarded
    }

    /// Its counters.
    #[inline]
    pub(crate) fn stats(&self) -> &Stats {
        &self.stats
    }

    /// Contexts in the tables.
    #[inline]
    pub(crate) fn contexts(&self) -> u32 {
        self.contexts.load(Relaxed)
    }

    /// A context is refused for a limit: the log says so once in the namespace's life, and the counter each time.
    pub(crate) fn tell_limit(&self, limit: &str, most: u32) {
        if !self.has_told_limit.swap(true, Relaxed) {
            pr_notice!("no more contexts: {limit} allows {most}; this is said once, contexts-refused counts\n");
        }
    }

    /// Whether any HBA set is loaded.
    #[inline]
    pub(crate) fn has_sets(&self) -> bool {
        self.sets.load(Relaxed) != 0
    }

    /// Whether the upper layers are told of ICMPv6 errors that the shim acted on, too.
    pub(crate) fn delivers_all(&self) -> bool {
        self.deliver_all.load(Relaxed)
    }

    /// Whether any socket wants something of the shim.
    #[inline]
    pub(crate) fn has_sockets(&self) -> bool {
        self.sockets.load(Relaxed) != 0
    }

    /// A context came or went. Only with the control lock.
    pub(crate) fn count_context(&self, came: bool) {
        let now = self.contexts();
        self.contexts.store(if came { now + 1 } else { now.saturating_sub(1) }, Relaxed);
        self.generation.store(self.generation().wrapping_add(1), Relaxed);
        self.look_again();
    }

    /// Has all packets decided about anew. Only with the control lock.
    pub(crate) fn look_again(&self) {
        self.share.set_numbers(self.contexts(), self.sets.load(Relaxed));
    }

    /// So many sets are loaded. Only with the control lock.
    fn count_sets(&self, sets: usize) {
        self.sets.store(sets as u32, Relaxed);
        self.share.set_numbers(self.contexts(), sets as u32);
    }

    /// A context's timer fired.
    pub(crate) fn timer(&self, id: u32) {
        self.engine_for(id, |engine, now| engine.timer(now, id));
    }

    /// Work that may sleep: contexts to be started, addresses to be looked at.
    pub(crate) fn do_chores(&self) {
        self.start_waiting();
        if self.dirty.swap(false, Relaxed) {
            self.look_at_addresses();
        }
        if self.routerless.swap(false, Relaxed) {
            self.look_at_routers();
        }
    }

    /// Has the routers of contexts looked at.
    pub(crate) fn ask_for_routers(&self) {
        self.routerless.store(true, Relaxed);
        self.share.ask_for_chores(0);
    }

    /// Has addresses looked at after so many milliseconds, or sooner.
    pub(crate) fn ask_for_addresses(&self, milliseconds: u32) {
        self.dirty.store(true, Relaxed);
        self.share.ask_for_chores(milliseconds);
    }

    fn start_waiting(&self) {
        for _ in 0..MAX_STARTS {
            let Some(ulids) = self.lock().control().starts.pop() else { return };
            // Refusals are counted by the engine; the next packets may ask again.
            let _ =
                self.engine(&ulids.local, &[], |engine, now| engine.start(now, ulids, Fii::DEFAULT, Cause::Traffic));
        }
    }

    /// The slow walk over all contexts (RFC 5533 section 9), and a look at the addresses: the end of a lifetime comes
    /// without an event.
    pub(crate) fn walk(&self) {
        self.collect();
        if self.has_sets() {
            self.look_at_addresses();
        }
        if self.contexts() != 0 || self.has_sets() {
            self.share.ask_for_walk(WALK_INTERVAL);
        }
    }

    /// Gives up idle contexts that no socket uses. The sockets are looked at when the first idle context is met.
    fn collect(&self) {
        let (mut id, mut has_looked) = (0, false);
        while let Some(next) = self.next_context(id) {
            id = next;
            self.share.rest();
            if self.end_released(id) || self.engine_for(id, |engine, now| engine.is_idle(now, id)) != Some(true) {
                continue;
            }
            if !has_looked {
                self.share.mark_used();
                has_looked = true;
            }
            self.engine_for(id, |engine, now| {
                let in_use = engine.contexts.nodes.take_used(id);
                engine.collect(now, id, in_use);
            });
        }
    }

    /// The number of the context after this one, for walks that let go of the lock.
    pub(crate) fn next_context(&self, id: u32) -> Option<u32> {
        self.lock().parts().0.after(id).map(|node| node.id())
    }

    /// Forgets all contexts without a word to their peers, at the end of the namespace.
    pub(crate) fn forget_all(&self) {
        while let Some(id) = self.next_context(0) {
            self.engine_for(id, |engine, _| {
                engine.contexts.retire(id);
                engine.contexts.forget(id);
            });
            self.share.rest();
        }
        self.release_all();
        self.forget_sockets();
    }

    /// The settings.
    pub(crate) fn settings(&self) -> Settings {
        self.lock().control().settings
    }

    /// Changes the settings as `change` says, or not at all if it refuses.
    pub(crate) fn change_settings(&self, change: impl FnOnce(&mut Settings) -> Result) -> Result {
        let mut locked = self.lock();
        let mut settings = locked.control().settings;
        change(&mut settings)?;
        locked.control().set_settings(&settings);
        self.heuristic.set(&settings);
        self.deliver_all.store(settings.icmp_deliver_all != 0, Relaxed);
        Ok(())
    }

    /// Numbers of the present.
    pub(crate) fn numbers(&self) -> Numbers {
        let mut locked = self.lock();
        let sets = locked.control().sets.all();
        let usable = |set: &Set| set.locals.locators().iter().filter(|locator| locator.is_usable()).count();
        Numbers {
            contexts: self.contexts(),
            hba_sets: sets.len() as u32,
            locators: sets.iter().map(usable).sum::<usize>() as u32,
        }
    }

    /// Counts contexts that came and went.
    pub(crate) fn generation(&self) -> u32 {
        self.generation.load(Relaxed)
    }

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
        self.share.ask_for_walk(WALK_INTERVAL);
        self.ask_for_addresses(0);
        loaded
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

    /// Shows a context. `show` runs under the control lock.
    pub(crate) fn with_context<R>(&self, which: &Select, show: impl FnOnce(&ContextView<'_>) -> R) -> Option<R> {
        let mut locked = self.lock();
        let (nodes, control) = locked.parts();
        let node = match which {
            Select::Id(id) => nodes.get(*id),
            Select::Ulids(ulids, fii) => nodes.by_ulids(ulids, *fii),
        }?;
        let now = clock::now();
        Some(show(&control::view(node, nodes.control(node), &control.sets, &control.settings, now)))
    }

    /// Shows the context with the smallest number of at least this. `show` runs under the control lock.
    pub(crate) fn with_context_from<R>(&self, at_least: u32, show: impl FnOnce(&ContextView<'_>) -> R) -> Option<R> {
        let mut locked = self.lock();
        let (nodes, control) = locked.parts();
        let node = nodes.after(at_least.saturating_sub(1))?;
        let now = clock::now();
        Some(show(&control::view(node, nodes.control(node), &control.sets, &control.settings, now)))
    }

    /// Begins a context on demand, and returns its number.
    pub(crate) fn start(&self, ulids: Pair, fii: Fii) -> Result<u32, StartError> {
        self.engine(&ulids.local, &[], |engine, now| engine.start(now, ulids, fii, Cause::Administrator))
    }

    /// Removes a context; says whether there was one.
    pub(crate) fn close(&self, which: &Select) -> bool {
        self.with_context(which, |view| view.id)
            .and_then(|id| self.engine_for(id, |engine, now| engine.close(now, id, Cause::Administrator)))
            .is_some()
    }

    /// Gives a context advice; says whether it could take it, which it cannot about a local address that is of no use.
    pub(crate) fn advise(&self, id: u32, advice: Advice) -> Option<bool> {
        self.engine_for(id, |engine, now| {
            let can = match advice {
                Advice::Use(pair) | Advice::Ask(pair) => engine.can_use(now, id, &pair),
                _ => true,
            };
            if can {
                engine.advice(now, id, advice);
            }
            can
        })
    }

    /// Begins one more context for the ULIDs of an established one; none if that is not there.
    pub(crate) fn fork_context(&self, which: &Select) -> Option<Result<(u32, Fii), ForkError>> {
        let (ulids, up) = self.with_context(which, |view| (view.context.ulids(), view.context.is_up()))?;
        if !up {
            return Some(Err(ForkError::NotEstablished));
        }
        loop {
            let mut octets = [0; 4];
            clock::random(&mut octets);
            let fii = Fii(u32::from_be_bytes(octets).max(1));
            match self.start(ulids, fii) {
                Ok(id) => return Some(Ok((id, fii))),
                // One of four thousand millions is taken: draw again.
                Err(StartError::Exists) => {}
                Err(StartError::Refused(why)) => return Some(Err(ForkError::Refused(why))),
                // The ULIDs were good for a context, until just now.
                Err(StartError::NotLocal | StartError::Address) => return None,
            }
        }
    }

    /// Removes the contexts that `admits` lets through. Sleeps.
    pub(crate) fn flush(&self, admits: impl Fn(&ContextView<'_>) -> bool) {
        let mut at_least = 1;
        while let Some((id, admitted)) = self.with_context_from(at_least, |view| (view.id, admits(view))) {
            if admitted {
                self.engine_for(id, |engine, now| engine.close(now, id, Cause::Administrator));
            }
            let Some(next) = id.checked_add(1) else { break };
            at_least = next;
            self.share.rest();
        }
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
