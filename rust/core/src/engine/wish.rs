// SPDX-License-Identifier: MIT OR GPL-2.0
//! An application that has a context of its own has said what it wants of it (RFC 6316 sections 6 and 11.1).

use super::{Advice, Cause, Contexts, Engine, Env};
use crate::context::State;
use crate::time::Instant;
use crate::wire::Fii;
use crate::wishes::Wishes;

impl<C: Contexts, E: Env> Engine<'_, C, E> {
    /// Takes over what the application of a forked context wants: preferences among the peer's locators, and what follows
    /// from the settings and from the local set, over which the caller has laid the wishes already. The peer is told of
    /// what concerns it, and the pair that is preferred now is used once a Probe over it was answered.
    #[inline(never)]
    pub fn wished(&mut self, now: Instant, id: C::Id, wishes: &Wishes) {
        let Some(ulids) = self.contexts.context(id).map(|context| context.ulids) else {
            return;
        };
        // The default context has the same list, with what the peer itself prefers.
        let default = self.contexts.by_ulids(&ulids, Fii::DEFAULT).filter(|default| *default != id);
        let told = default.and_then(|default| self.contexts.context(default)).map(|context| context.peer.clone());
        if let (Some(told), Some(context)) = (told, self.contexts.context_mut(id)) {
            wishes.lay_over_peers(&mut context.peer, &told);
        }
        if self.contexts.context(id).is_some_and(|context| context.state == State::Established) {
            self.tell_timeout(now, id);
            self.locals_changed(now, id, Cause::Application);
            self.advice(now, id, Advice::Prefer(Cause::Application));
        }
    }
}
