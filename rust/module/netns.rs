// SPDX-License-Identifier: GPL-2.0
//! The state of a network namespace, and the work that it does by itself.

pub(crate) mod contexts;
pub(crate) mod sets;
mod walk;

use crate::{
    control::{Control, MAX_STARTS},
    ffi::{
        clock,
        netns::{Guarded, Share},
        rules::Published,
    },
    hba::Set,
    heuristic::Heuristic,
    netlink::view::Numbers,
    policy::Rule,
    replies::Replies,
    settings::Settings,
    stats::Stats,
};
use core::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed};
use kernel::prelude::*;
use shim6_core::{
    engine::{Cause, Contexts},
    validator::Sieve,
    wire::Fii,
};

/// Between two looks at the routers of all contexts, in milliseconds.
const ROUTER_PAUSE: u64 = 100;

/// The state of one namespace.
pub(crate) struct Net {
    share: Share,
    stats: Stats,
    /// Contexts in the tables, retired ones included. With none, packets pay one comparison.
    contexts: AtomicU32,
    /// The context that the slow walk has looked at last.
    walked: AtomicU32,
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
    /// When routers were last looked at, in milliseconds.
    router_look: AtomicU64,
    /// Lost routers make contexts test their pairs.
    advice_router: AtomicBool,
    /// The upper layers are told of all ICMPv6 errors.
    deliver_all: AtomicBool,
    /// The log says already that contexts were refused.
    has_told_limit: AtomicBool,
    /// What finds out forged I2.
    pub(crate) sieve: Sieve,
    /// The limit on replies.
    pub(crate) replies: Replies,
    /// Who talks to whom without a context.
    pub(crate) heuristic: Heuristic,
    /// The policy; changed under the control lock.
    pub(crate) rules: Published<Rule>,
    /// Whether any rule is about packets.
    pub(crate) has_start_rules: AtomicBool,
    guarded: Guarded,
}

impl Net {
    /// The state of a new namespace.
    pub(crate) fn new(share: Share) -> Result<KBox<Net>> {
        let control = Control::new()?;
        let net = Net {
            share,
            stats: Stats::new()?,
            contexts: AtomicU32::new(0),
            walked: AtomicU32::new(0),
            generation: AtomicU32::new(0),
            sets: AtomicU32::new(0),
            sockets: AtomicU32::new(0),
            dirty: AtomicBool::new(false),
            routerless: AtomicBool::new(false),
            router_look: AtomicU64::new(0),
            advice_router: AtomicBool::new(Settings::DEFAULT.advice_router != 0),
            deliver_all: AtomicBool::new(false),
            has_told_limit: AtomicBool::new(false),
            sieve: control.sieve(),
            replies: Replies::new(Settings::DEFAULT.reply_limit)?,
            heuristic: Heuristic::new(&Settings::DEFAULT)?,
            rules: Published::new(),
            has_start_rules: AtomicBool::new(false),
            guarded: Guarded::new(control),
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
            self.router_look.store(clock::now().as_millis(), Relaxed);
        }
    }

    /// Has the routers of contexts looked at, at once unless that was done just now: routes and neighbours may go by the thousands.
    pub(crate) fn ask_for_routers(&self) {
        let ago = clock::now().as_millis().saturating_sub(self.router_look.load(Relaxed));
        self.routerless.store(true, Relaxed);
        self.share.ask_for_chores(if ago < ROUTER_PAUSE { ROUTER_PAUSE as u32 } else { 0 });
    }

    /// Whether a lost router makes contexts test their pairs.
    pub(crate) fn heeds_routers(&self) -> bool {
        self.advice_router.load(Relaxed)
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
        self.replies.set(settings.reply_limit);
        self.advice_router.store(settings.advice_router != 0, Relaxed);
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
}
