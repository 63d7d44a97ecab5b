// SPDX-License-Identifier: MIT OR GPL-2.0
//! The context's one timer: what may be due, and when it must fire next. An idle context needs none.

use super::{Action, Cause, Contexts, Engine, Env};
use crate::context::State;
use crate::reap::ReapState;
use crate::time::{Duration, Instant};

/// The shortest wait, so that something overdue that cannot be done makes no storm of timers.
const SHORTEST: Duration = Duration::from_millis(1);

impl<C: Contexts, E: Env> Engine<'_, C, E> {
    /// The context's timer fired. A timer that fires early, or for nothing, does no harm.
    pub fn timer(&mut self, now: Instant, id: C::Id) {
        let Some(context) = self.contexts.context(id) else {
            return;
        };
        match context.state {
            State::Idle => return,
            State::I1Sent | State::I2Sent | State::I2bisSent => self.request_timer(now, id),
            State::Established => {
                if !self.tell_timeout(now, id) {
                    self.reap_timer(now, id);
                }
                self.update_timer(now, id);
            }
            State::Failed | State::NoSupport => {
                if now >= context.hold_end() {
                    return self.close(now, id, Cause::Expired);
                }
            }
        }
        self.arm(now, id);
    }

    /// Asks for the timer at the earliest time at which anything is due.
    pub(super) fn arm(&mut self, now: Instant, id: C::Id) {
        if let Some(at) = self.earliest(now, id) {
            self.push(Action::Arm { id, at: at.max(now + SHORTEST) });
        }
    }

    fn earliest(&self, now: Instant, id: C::Id) -> Option<Instant> {
        let context = self.contexts.context(id)?;
        match context.state {
            State::Idle => None,
            State::I1Sent | State::I2Sent | State::I2bisSent => Some(self.contexts.establishment(id)?.due),
            State::Failed | State::NoSupport => Some(context.hold_end()),
            State::Established => {
                let update = context.update.map(|update| update.due);
                [update, self.earliest_of_reap(now, id)].into_iter().flatten().min()
            }
        }
    }

    fn earliest_of_reap(&self, now: Instant, id: C::Id) -> Option<Instant> {
        let context = self.contexts.context(id)?;
        let notes = self.contexts.notes(id);
        let probe = self.contexts.exploration(id).map(|exploration| exploration.due);
        let send = notes.send_timer().map(|start| start + self.settings.send_timeout);
        let keepalive = notes.keepalive_timer().map(|start| {
            let reap = &context.reap;
            match reap.keepalives_from == Some(start) {
                true => start + reap.keepalive_after,
                false => start + reap.keepalive_interval(self.settings),
            }
        });
        let due = match context.reap.state {
            ReapState::Operational => [probe, send, keepalive, self.care_due(now, id)],
            ReapState::Exploring => [probe, self.test_due(id), None, None],
            ReapState::InboundOk => [probe, self.test_due(id), send, self.owed_due(id)],
        };
        due.into_iter().flatten().min()
    }
}
