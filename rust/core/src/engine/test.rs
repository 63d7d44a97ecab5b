// SPDX-License-Identifier: MIT OR GPL-2.0
//! Tests on advice: the current pair and the best alternatives are probed at the same time, and traffic moves only when an
//! alternative has answered while the current pair stayed silent for longer than a round trip takes. A false alarm ends
//! with the current pair's answer.
//!
//! On the wire a test is an exploration of RFC 5534 whose first Probes go out together instead of half a second apart
//! (section 4.3), and whose end waits until the answers can be compared. [`crate::settings::Settings::parallel_probes`]
//! of 1 leaves the sequence of the RFC.

use super::explore::ALTERNATIVES;
use super::{Cause, Contexts, Counter, Engine, Env};
use crate::reap::{Doubt, Lent, ReapState, RoundTrip, Test, MAX_TEST};
use crate::time::{Duration, Instant};
use heapless::Vec;

/// The second over which Probes are counted.
const SECOND: Duration = Duration::from_secs(1);
/// How long after a switch what a transport has measured is of the new pair alone, or nearly.
const MEASURED_ANEW: Duration = Duration::from_secs(2);
/// So many times as long the current pair has for its answer while another is lent.
const PATIENT: u32 = 4;
/// Probes over a pair that traffic has moved to already.
const MOVED_PROBES: u8 = 3;

impl<C: Contexts, E: Env> Engine<'_, C, E> {
    /// Something suggests that the current pair fails.
    pub(super) fn suspect(&mut self, now: Instant, id: C::Id, cause: Cause) {
        if (cause == Cause::Transport && self.has_just_moved(now, id)) || !self.heeds(cause) {
            return;
        }
        let is_operational =
            self.contexts.context(id).is_some_and(|context| context.reap.state == ReapState::Operational);
        if is_operational && self.has_alternative(now, id) {
            self.begin_limited(now, id, cause);
        }
    }

    /// Whether traffic has moved so lately that what a transport sends again was lost on the pair before.
    fn has_just_moved(&self, now: Instant, id: C::Id) -> bool {
        let switched_at = self.contexts.context(id).and_then(|context| context.switched_at);
        switched_at.is_some_and(|at| now.since(at) < self.answer_wait(now, id, false))
    }

    /// Whether advice of this kind is wanted; counts it.
    fn heeds(&mut self, cause: Cause) -> bool {
        let (heeded, counter) = match cause {
            Cause::IcmpError => (self.settings.advice_icmp, Counter::AdviceIcmp),
            Cause::Transport => (self.settings.advice_transport, Counter::AdviceTransport),
            Cause::Cadence => (self.settings.advice_cadence, Counter::AdviceCadence),
            Cause::Application => (self.settings.advice_application, Counter::AdviceApplication),
            Cause::RouterLost => (self.settings.advice_router, Counter::AdviceRouter),
            _ => return true,
        };
        if heeded {
            self.env.count(counter);
        }
        heeded
    }

    /// Begins a test as soon as the limit on its Probes allows.
    pub(super) fn begin_limited(&mut self, now: Instant, id: C::Id, cause: Cause) {
        let probes = match self.settings.parallel_probes {
            0 | 1 => 1,
            pairs => u16::from(self.settings.test_probes) + u16::from(pairs) - 1,
        };
        if self.may_test(now, id, probes) {
            return self.begin_test(now, id, cause, false);
        }
        self.env.count(Counter::TestsPutOff);
        if let Some(exploration) = self.contexts.exploration_mut(id) {
            exploration.kept.put_off.get_or_insert((cause, now));
        }
    }

    /// Whether so many Probes more are within the limit for this second; if so they are counted as sent. A test of the
    /// full size may always be the first of a second.
    pub(super) fn may_test(&mut self, now: Instant, id: C::Id, probes: u16) -> bool {
        if self.contexts.exploration(id).is_none() && !self.renew_exploration(now, id) {
            return false;
        }
        let limit = self.settings.test_limit;
        let Some(exploration) = self.contexts.exploration_mut(id) else {
            return false;
        };
        let kept = &mut exploration.kept;
        if now >= kept.spent_since + SECOND {
            kept.spent = 0;
            kept.spent_since = now;
        }
        let may = kept.spent == 0 || kept.spent.saturating_add(probes) <= limit;
        if may {
            kept.spent = kept.spent.saturating_add(probes);
        }
        may
    }

    /// A test that was put off can begin now, if nothing has come since it was asked for.
    pub(super) fn put_off_timer(&mut self, now: Instant, id: C::Id) {
        let last_rx = self.contexts.notes(id).last_rx;
        let Some(exploration) = self.contexts.exploration_mut(id) else {
            return;
        };
        let kept = &mut exploration.kept;
        let Some((cause, since)) = kept.put_off.filter(|_| now >= kept.spent_since + SECOND) else {
            return;
        };
        kept.put_off = None;
        if last_rx <= since {
            self.begin_limited(now, id, cause);
        }
    }

    /// Begins a test. Traffic has `moved` to the current pair just now, or has been there.
    #[inline(never)]
    pub(super) fn begin_test(&mut self, now: Instant, id: C::Id, cause: Cause, moved: bool) {
        if self.settings.parallel_probes <= 1 {
            return self.explore(now, id, cause, 1);
        }
        self.take_measured(now, id);
        // A router's word is worth as much as some more patience, and where another pair is known to work less is at stake.
        let is_told = cause == Cause::IcmpError || self.is_eager(now, id);
        // What is missed may be late, as answers then are, too.
        let late =
            self.contexts.notes(id).unanswered().filter(|_| cause == Cause::Cadence).map(|asked| now.since(asked));
        let wait = self.answer_wait(now, id, is_told).max(late.unwrap_or(Duration::ZERO));
        // Where another pair is lent there is no haste: one thing that is late may be so by a queue that grows.
        let lent = late.and_then(|late| Some(Lent { pair: self.lendable_alone(now, id)?, patience: late, at: now }));
        let wait = if lent.is_some() { wait.times(PATIENT) } else { wait };
        if !self.begin_exploring(now, id, cause) {
            return;
        }
        self.env.count(Counter::Tests);
        self.begin_series(now, id);
        let probes = self.settings.test_probes.clamp(1, MAX_TEST as u8);
        let probes = if moved { probes.min(MOVED_PROBES) } else { probes };
        let first_lot = if is_told { probes } else { probes.div_ceil(2) };
        let second_at = if is_told { now } else { now + wait.fraction(1, 8) };
        if let Some(exploration) = self.contexts.exploration_mut(id) {
            exploration.cause = cause;
            exploration.kept.put_off = None;
            exploration.test = Some(Test {
                began: now,
                deadline: second_at + wait,
                wait,
                nonces: Vec::new(),
                first_lot,
                rest: probes - first_lot,
                second_at,
                answered: false,
                inbound: false,
                other_after: None,
                patient: false,
                owed: false,
                peer_explores: false,
                called: exploration.kept.call.take(),
                moved,
                lent,
                heard: Instant::ZERO,
            });
        }
        self.send_lot(now, id, first_lot);
        self.probe_alternatives(now, id);
        if let Some(lent) = lent {
            self.lend(id, lent.pair, false);
        }
    }

    /// How long to wait for the answer to a Probe over the current pair. What the context has measured by itself may be old.
    pub(super) fn answer_wait(&self, now: Instant, id: C::Id, is_told: bool) -> Duration {
        let round_trip = self.contexts.context(id).map(|context| context.round_trip).unwrap_or_default();
        let is_fresh = self.contexts.notes(id).measured == round_trip;
        let wait = match (is_told, is_fresh) {
            (true, _) => return round_trip.tight_wait(),
            (false, true) => round_trip.wait(),
            (false, false) => round_trip.wait().max(RoundTrip::default().wait()),
        };
        self.doubt(id).stretch(now, wait)
    }

    /// Whether a test may be hasty: another pair is known to work, no alarm was false lately, and answers come so densely that
    /// many are missing already. A single one is late as soon as a queue grows.
    pub(super) fn is_eager(&self, now: Instant, id: C::Id) -> bool {
        let notes = self.contexts.notes(id);
        let is_dense = notes.measured.mean().is_some_and(|round_trip| notes.answers.is_dense(round_trip));
        is_dense && !self.doubt(id).is_any(now) && self.standby(now, id).is_some()
    }

    /// What false alarms have taught.
    pub(super) fn doubt(&self, id: C::Id) -> Doubt {
        self.contexts.context(id).map(|context| context.doubt).unwrap_or_default()
    }

    /// Takes over what a transport has measured, unless it may have been over another pair.
    pub(super) fn take_measured(&mut self, now: Instant, id: C::Id) {
        let measured = self.contexts.notes(id).measured;
        let Some(context) = self.contexts.context_mut(id) else {
            return;
        };
        let is_of_this_pair = context.switched_at.is_none_or(|at| now.since(at) >= MEASURED_ANEW);
        if measured.mean().is_some() && is_of_this_pair {
            context.round_trip = measured;
        }
    }

    /// Sends so many Probes over the current pair. If the limit of the namespace forbids, the test is off: too few would
    /// prove nothing.
    pub(super) fn send_lot(&mut self, now: Instant, id: C::Id, probes: u8) {
        let Some(over) = self.contexts.context(id).map(|context| context.pair) else {
            return;
        };
        let state = self.own_probe_state(id);
        for _ in 0..probes {
            let Some(nonce) = self.emit_probe(now, id, over, state) else {
                return self.abandon(now, id);
            };
            if let Some(test) = self.test_mut(id) {
                let _ = test.nonces.push(nonce);
            }
        }
    }

    /// Sends a Probe over each of the best other pairs.
    fn probe_alternatives(&mut self, now: Instant, id: C::Id) {
        let state = self.own_probe_state(id);
        let mut after = None;
        for _ in 1..self.settings.parallel_probes {
            let Some(context) = self.contexts.context(id) else {
                return;
            };
            let current = context.pair;
            let next = self.least_pair(now, context, |rank| match after {
                Some(after) => rank > after,
                None => rank >= ALTERNATIVES,
            });
            let Some((pair, rank)) = next else {
                return;
            };
            after = Some(rank);
            if pair == current {
                continue;
            }
            if !self.send_probe(now, id, pair, state) {
                return;
            }
            if let Some(exploration) = self.contexts.exploration_mut(id) {
                exploration.turn = Some(rank.0);
            }
        }
    }
}
