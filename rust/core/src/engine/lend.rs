// SPDX-License-Identifier: MIT OR GPL-2.0
//! Lending: what waits alone for an acknowledgement is sent once more over another pair while the current one is tested, so that
//! the one thing on its way has not to wait for the test's end. Nothing moves: all else goes on over the current pair, and
//! of two copies that arrive the transport takes one.
//!
//! The peer, who gets a Probe that says Exploring by another pair, does the same with its answers: they may be lost as well.
//! A pair is lent only if a Probe to the peer's locator was answered before, as for all payload (RFC 5533 sections 4.4 and 16):
//! where that is not known, it is found out as soon as a transport has sent little for some time.

use super::{Action, Contexts, Engine, Env};
use crate::context::Context;
use crate::locator::{Pair, Reach};
use crate::reap::Owed;
use crate::time::{Duration, Instant};

/// How soon after something that came from a peer that explores its answer is sent once more.
const ANSWERED_IN: Duration = Duration::from_millis(2);
/// How soon again, and how often in all: an answer of which a copy has not left this host yet is not sent once more.
const AGAIN_IN: Duration = Duration::from_millis(4);
const TIMES: u8 = 4;

impl<C: Contexts, E: Env> Engine<'_, C, E> {
    /// The pair that can be lent to what waits now, if that is alone.
    pub(super) fn lendable_alone(&self, now: Instant, id: C::Id) -> Option<Pair> {
        self.contexts.notes(id).asks_alone().then(|| self.lendable(now, id))?
    }

    /// The pair that can be lent: the best beside the current one, if it is known to reach the peer.
    fn lendable(&self, now: Instant, id: C::Id) -> Option<Pair> {
        let context = self.contexts.context(id).filter(|_| self.lends(id))?;
        self.best_alternative(now, context).filter(|pair| is_reachable(context, pair))
    }

    /// The pair that would be lent, if it is not known to reach the peer, and should be.
    pub(super) fn to_be_known(&self, now: Instant, id: C::Id, context: &Context) -> Option<Pair> {
        let is_wanted = self.lends(id) && self.contexts.notes(id).is_steady();
        is_wanted.then(|| self.best_alternative(now, context))?.filter(|pair| !is_reachable(context, pair))
    }

    /// Whether pairs are lent to this context: to a transport that sends little.
    fn lends(&self, id: C::Id) -> bool {
        self.settings.parallel_probes > 1 && self.contexts.notes(id).is_sparse()
    }

    /// Lends a pair; also to what was sent just now, if the peer is `owed` that.
    pub(super) fn lend(&mut self, id: C::Id, pair: Pair, owed: bool) {
        self.push(Action::Lend { id, local: pair.local, peer: pair.peer, owed });
    }

    /// When a test must lend again: what was sent since waits for as long as the first did.
    pub(super) fn lend_due(&self, id: C::Id) -> Option<Instant> {
        let lent = self.test(id)?.lent?;
        let asked = self.contexts.notes(id).unanswered().filter(|asked| *asked > lent.at)?;
        Some(asked + lent.patience)
    }

    /// Lends again if that is due.
    pub(super) fn lend_again(&mut self, now: Instant, id: C::Id) {
        if self.lend_due(id).is_none_or(|due| now < due) {
            return;
        }
        let Some(lent) = self.test_mut(id).and_then(|test| test.lent.as_mut()) else {
            return;
        };
        lent.at = now;
        let pair = lent.pair;
        if self.can_use(now, id, &pair) {
            self.lend(id, pair, false);
        }
    }

    /// The peer explores, and its Probe came by this pair: that is lent to answers, if it is not the current one.
    pub(super) fn owe(&mut self, now: Instant, id: C::Id, back: Pair) {
        let Some(context) = self.contexts.context(id) else {
            return;
        };
        let may =
            self.lends(id) && back != context.pair && is_reachable(context, &back) && self.can_use(now, id, &back);
        let is_first = self.contexts.exploration(id).is_some_and(|exploration| exploration.owed.is_none());
        if may && is_first {
            self.set_owed(id, Some(Owed { pair: back, due: now + ANSWERED_IN, left: TIMES }));
            // What was answered before may not have arrived.
            self.lend(id, back, true);
        }
    }

    /// What a peer that explores is owed, or that it is owed nothing.
    pub(super) fn set_owed(&mut self, id: C::Id, owed: Option<Owed>) {
        let was_watched = self.is_watched(id);
        if let Some(exploration) = self.contexts.exploration_mut(id) {
            exploration.owed = owed;
        }
        self.watch(id, was_watched);
    }

    /// Payload came from a peer that explores. Nothing is owed to one that sends much.
    pub(super) fn owe_again(&mut self, now: Instant, id: C::Id) {
        if !self.lends(id) {
            return self.set_owed(id, None);
        }
        if let Some(owed) = self.contexts.exploration_mut(id).and_then(|exploration| exploration.owed.as_mut()) {
            (owed.due, owed.left) = (now + ANSWERED_IN, TIMES);
        }
    }

    /// When an answer is to be sent once more.
    pub(super) fn owed_due(&self, id: C::Id) -> Option<Instant> {
        let owed = self.contexts.exploration(id)?.owed.filter(|owed| owed.left > 0)?;
        Some(owed.due)
    }

    /// Lends what is owed, if that is due.
    pub(super) fn owed_timer(&mut self, now: Instant, id: C::Id) {
        if self.owed_due(id).is_none_or(|due| now < due) {
            return;
        }
        let Some(owed) = self.contexts.exploration_mut(id).and_then(|exploration| exploration.owed.as_mut()) else {
            return;
        };
        (owed.due, owed.left) = (now + AGAIN_IN, owed.left - 1);
        let pair = owed.pair;
        if self.can_use(now, id, &pair) {
            self.lend(id, pair, true);
        }
    }
}

fn is_reachable(context: &Context, pair: &Pair) -> bool {
    let mut locators = context.peer.list().iter();
    locators.any(|locator| locator.addr == pair.peer && locator.reach == Reach::Reachable)
}
