// SPDX-License-Identifier: GPL-2.0
//! The contexts of a network namespace, as the control interface asks for them: shown, begun, advised, removed.

use super::Net;
use crate::{
    control,
    ffi::clock,
    netlink::view::{ContextView, Select},
};
use shim6_core::{
    engine::{Advice, Cause, Refused, StartError},
    locator::Pair,
    wire::Fii,
};

/// Why a context is not forked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ForkError {
    /// The one to be forked is not established.
    NotEstablished,
    /// The store has no place.
    Refused(Refused),
}

impl Net {
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
