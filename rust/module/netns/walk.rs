// SPDX-License-Identifier: GPL-2.0
//! The slow walk over all contexts, which gives up idle ones (RFC 5533 section 9), in rounds: few contexts are all looked at
//! in each, of very many each round takes a share, so that contexts at rest cost next to nothing.

use super::Net;
use crate::{ffi::clock, table::WALK_INTERVAL};
use core::sync::atomic::Ordering::Relaxed;
use shim6_core::time::Duration;

/// Contexts that every round can look at.
const FEW: u32 = 1000;
/// Contexts looked at before the lock is let go.
const STEP: u32 = 32;
/// The most rounds that one walk over all takes.
const MOST_ROUNDS: u32 = 8;
/// The part of the idle timeout in which all are looked at once, as far as [`MOST_ROUNDS`] allows.
const PART: u32 = 8;

/// What one step came to.
enum Step {
    /// To a context about which there is something to do.
    Over(u32),
    /// To its end, and not to that of the walk.
    On,
    /// There are no more.
    End,
}

impl Net {
    /// One round, and a look at the addresses: the end of a lifetime comes without an event.
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
        let (mut left, mut has_looked) = (self.share_of_round(), false);
        while left > 0 {
            self.share.rest();
            let id = match self.step(&mut left) {
                Step::Over(id) => id,
                Step::On => continue,
                Step::End => return,
            };
            if self.end_released(id) {
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

    fn share_of_round(&self) -> u32 {
        let timeout = Duration::from_millis(self.lock().control().settings.idle_timeout);
        let rounds = timeout.as_millis() / PART / WALK_INTERVAL;
        self.contexts().div_ceil(rounds.clamp(1, MOST_ROUNDS)).max(FEW)
    }

    /// Looks at the next few contexts, until there is something to do about one.
    fn step(&self, left: &mut u32) -> Step {
        let now = clock::now();
        let mut locked = self.lock();
        let (nodes, control) = locked.parts();
        let timeout = Duration::from_millis(control.settings.idle_timeout);
        for _ in 0..STEP.min(*left) {
            let Some(node) = nodes.after(self.walked.load(Relaxed)) else {
                self.walked.store(0, Relaxed);
                return Step::End;
            };
            self.walked.store(node.id(), Relaxed);
            *left -= 1;
            if nodes.control(node).is_over(now, node.shared.last(), timeout) {
                return Step::Over(node.id());
            }
        }
        Step::On
    }
}
