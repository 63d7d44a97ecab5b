// SPDX-License-Identifier: MIT OR GPL-2.0
//! Finding out whether the peer is reachable at its other locators, because an application asks (RFC 6316 section 7.2).
//!
//! What asks is a Probe that says InboundOk, as for the pairs that are looked after (see `watch`).

use super::explore::{rank, Rank, NEVER};
use super::{Contexts, Engine, Env};
use crate::locator::{Pair, Reach};
use crate::reap::ReapState;
use crate::settings::EXPLORATION_LINGER;
use crate::time::Instant;
use crate::wire::ProbeState;

impl<C: Contexts, E: Env> Engine<'_, C, E> {
    /// Asks over the best pairs to locators of which nothing is known, within the limit on tests. Answers make them
    /// [`Reach::Reachable`].
    #[inline(never)]
    pub(super) fn verify(&mut self, now: Instant, id: C::Id) {
        let pairs = self.settings.parallel_probes.max(1);
        let at_rest = self.contexts.context(id).is_some_and(|context| context.reap.state == ReapState::Operational);
        if !at_rest || self.unknown_pair(now, id, Rank(0)).is_none() || !self.may_test(now, id, pairs.into()) {
            return;
        }
        let mut after = Rank(0);
        for _ in 0..pairs {
            let Some((pair, next)) = self.unknown_pair(now, id, after) else {
                break;
            };
            after = next;
            self.send_probe(now, id, pair, ProbeState::InboundOk);
        }
        if let Some(exploration) = self.contexts.exploration_mut(id) {
            exploration.due = exploration.due_after(now + EXPLORATION_LINGER);
        }
    }

    fn unknown_pair(&self, now: Instant, id: C::Id, after: Rank) -> Option<(Pair, Rank)> {
        let context = self.contexts.context(id)?;
        let fits = |rank: Rank| rank > after && rank < NEVER;
        self.least_by(now, context, fits, |context, local, peer| match peer.1.reach {
            Reach::Unknown => rank(context, &context.pair, local, peer),
            _ => NEVER,
        })
    }
}
