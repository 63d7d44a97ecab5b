// SPDX-License-Identifier: MIT OR GPL-2.0
//! Pairs that are looked after while all is well: the preferred one, so that traffic goes back to it when it has worked for
//! long enough; one that stands by; and the current one when payload that came regularly is missed.
//!
//! What asks is a Probe that says InboundOk ("I do not know whether you hear me"): it is answered by one Probe over the
//! peer's current pair and leaves the peer as it is (RFC 5534 section 6.8). It bears one report at most, of such an answer,
//! so that no peer takes it for a reason to move. Nothing is asked while there is no payload.

use super::explore::preference_rank;
use super::{Cause, Contexts, Counter, Engine, Env, EventKind};
use crate::context::Context;
use crate::locator::{Pair, Reach};
use crate::reap::{Call, Patience, ReapState, Watch, ASKED, BACK, LEAST_PATIENCE, LOST, STANDBY};
use crate::settings::EXPLORATION_LINGER;
use crate::time::{Duration, Instant};
use crate::wire::{Nonce, ProbeState};

/// Probes over the preferred pair in the time that it must have worked for.
const CHECKS: u32 = 6;
/// The bounds of the time between them.
const SHORTEST_CHECK: Duration = Duration::from_secs(1);
const LONGEST_CHECK: Duration = Duration::from_secs(10);
/// The time between Probes over a pair that is to be lent, until one was answered.
const UNKNOWN_AGAIN: Duration = Duration::from_secs(10);
/// The shortest time between Probes over a pair that stands by.
const SHORTEST_STANDBY: Duration = Duration::from_millis(100);

impl<C: Contexts, E: Env> Engine<'_, C, E> {
    /// What is due while the context is Operational.
    #[inline(never)]
    pub(super) fn care_timer(&mut self, now: Instant, id: C::Id) {
        self.put_off_timer(now, id);
        self.cadence_timer(now, id);
        // What looks after a pair says that this host hears the peer: not while it tests whether it does.
        if self.contexts.context(id).is_none_or(|context| context.reap.state != ReapState::Operational) {
            return;
        }
        for which in [BACK, STANDBY] {
            let wanted = self.wanted_watch(now, id, which);
            self.watch_timer(now, id, which, wanted);
        }
        if let Some(watch) = self.watch_slot(id, ASKED).and_then(Option::as_mut) {
            let was_called = watch.call.is_some();
            watch.expire(now, 1);
            if was_called && watch.call.is_none() {
                self.tell(id, EventKind::Locators, Cause::NoAnswer);
            }
        }
    }

    /// Asks whether a pair works, for somebody who wants to know.
    pub(super) fn ask_for(&mut self, now: Instant, id: C::Id, pair: Pair) {
        if self.contexts.exploration(id).is_none() && !self.renew_exploration(now, id) {
            return;
        }
        // Another pair hardly takes many times as long as the current one.
        let round_trip = self.contexts.context(id).map(|context| context.round_trip).unwrap_or_default();
        let patience = LEAST_PATIENCE.max(round_trip.wait().times(2));
        let call = self.call(now, id, pair);
        if let Some(slot) = self.watch_slot(id, ASKED) {
            slot.insert(Watch::new(pair, patience, now)).call = call;
        }
    }

    /// When that is due next.
    pub(super) fn care_due(&self, now: Instant, id: C::Id) -> Option<Instant> {
        let missed = self.missed_at(now, id).filter(|_| self.has_alternative(now, id));
        let Some(exploration) = self.contexts.exploration(id) else {
            return missed;
        };
        let kept = &exploration.kept;
        let put_off = kept.put_off.map(|_| kept.spent_since + Duration::from_secs(1));
        let unknown = self.settings.standby_interval == Duration::ZERO
            && kept.watches.get(STANDBY).is_some_and(Option::is_none)
            && self.wanted_watch(now, id, STANDBY).is_some();
        let watches = kept.watches.iter().flatten().filter_map(|watch| match watch.call {
            Some(call) => Some(call.at + watch.wait()),
            // One that is overdue waits for payload.
            None => Some(watch.next).filter(|next| *next > now),
        });
        [missed, put_off, unknown.then_some(now)].into_iter().flatten().chain(watches).min()
    }

    /// When the test or the Probe is due that silence brings about.
    fn missed_at(&self, now: Instant, id: C::Id) -> Option<Instant> {
        if !self.settings.advice_cadence {
            return None;
        }
        let (notes, doubt) = (self.contexts.notes(id), self.doubt(id));
        let called = self.contexts.exploration(id).and_then(|exploration| exploration.kept.call);
        let silent = match called {
            Some(call) => Some(call.at + self.answer_wait(now, id, false)),
            None => notes.silence_missed_at(now, doubt),
        };
        [silent, self.answer_missed_at(now, id)].into_iter().flatten().min()
    }

    /// When the test is due that the want of an answer brings about: sooner if another pair stands by, or can be lent and
    /// no alarm was false lately.
    fn answer_missed_at(&self, now: Instant, id: C::Id) -> Option<Instant> {
        let notes = self.contexts.notes(id);
        let patience = if self.is_eager(now, id) {
            Patience::Eager
        } else if !self.doubt(id).is_any(now) && self.lendable_alone(now, id).is_some() {
            Patience::Lending
        } else {
            Patience::Usual
        };
        notes.answer_missed_at(now, patience, self.doubt(id))
    }

    /// An answer that a transport awaits is missed: a test. Payload that came regularly is: that may be its end, so one Probe
    /// over the current pair, and a test if it is not answered.
    fn cadence_timer(&mut self, now: Instant, id: C::Id) {
        if self.missed_at(now, id).is_none_or(|at| now < at) {
            return;
        }
        let notes = self.contexts.notes(id);
        let call = self.contexts.exploration(id).and_then(|exploration| exploration.kept.call);
        let unanswered = call.is_some_and(|call| notes.last_rx < call.at && notes.is_awaited_since(now, call.at));
        let missed = unanswered || self.answer_missed_at(now, id).is_some_and(|at| now >= at);
        if missed {
            self.suspect(now, id, Cause::Cadence);
        }
        // For as long as a test lends the answers are needed: they are settled when it is over.
        let lends = self.test(id).is_some_and(|test| test.lent.is_some());
        let answers = if lends { notes.answers } else { notes.answers.settled() };
        self.contexts.write_cadence(id, notes.cadence.settled(), answers);
        // A test has taken over what may still be answered.
        if let Some(exploration) = self.contexts.exploration_mut(id) {
            exploration.kept.call = None;
        }
        if !missed && call.is_none() && self.has_alternative(now, id) {
            self.ask(now, id);
        }
    }

    /// Asks whether the current pair works.
    fn ask(&mut self, now: Instant, id: C::Id) {
        self.env.count(Counter::AdviceCadence);
        if !self.may_test(now, id, 1) {
            return self.env.count(Counter::TestsPutOff);
        }
        self.take_measured(now, id);
        let over = self.contexts.context(id).map(|context| context.pair);
        let call = over.and_then(|over| self.call(now, id, over));
        if let Some(exploration) = self.contexts.exploration_mut(id) {
            exploration.kept.call = call;
        }
    }

    /// Asks whether a pair works.
    fn call(&mut self, now: Instant, id: C::Id, over: Pair) -> Option<Call> {
        let nonce = self.emit_probe(now, id, over, ProbeState::InboundOk)?;
        if let Some(exploration) = self.contexts.exploration_mut(id) {
            exploration.due = exploration.due_after(now + EXPLORATION_LINGER);
        }
        Some(Call { nonce, at: now })
    }

    /// The pair that is to be looked after, and how often.
    fn wanted_watch(&self, now: Instant, id: C::Id, which: usize) -> Option<(Pair, Duration)> {
        let context = self.contexts.context(id)?;
        if which == BACK {
            let every = self.settings.return_time.fraction(1, CHECKS).clamp(SHORTEST_CHECK, LONGEST_CHECK);
            let chosen = context.switch_cause == Cause::Administrator;
            if self.settings.return_time == Duration::ZERO || context.switched_at.is_none() || chosen {
                return None;
            }
            return Some((self.preferred_pair(now, context).filter(|pair| *pair != context.pair)?, every));
        }
        match self.settings.standby_interval {
            Duration::ZERO => Some((self.to_be_known(now, id, context)?, UNKNOWN_AGAIN)),
            interval => Some((self.best_alternative(now, context)?, interval.max(SHORTEST_STANDBY))),
        }
    }

    /// The pair that packets would take if all worked: as the preferences say, else the ULIDs.
    pub(super) fn preferred_pair(&self, now: Instant, context: &Context) -> Option<Pair> {
        let (pair, _) = self.least_by(now, context, |_| true, preference_rank)?;
        Some(pair)
    }

    #[inline(never)]
    fn watch_timer(&mut self, now: Instant, id: C::Id, which: usize, wanted: Option<(Pair, Duration)>) {
        let Some((pair, every)) = wanted else {
            if let Some(slot) = self.watch_slot(id, which) {
                *slot = None;
            }
            return;
        };
        if !self.has_payload(now, id) && self.contexts.exploration(id).is_none() {
            return;
        }
        if self.contexts.exploration(id).is_none() && !self.renew_exploration(now, id) {
            return;
        }
        let has_payload = self.has_payload(now, id);
        let (patient, longest) = (self.settings.initial_probes, self.settings.max_probe_timeout);
        let Some(slot) = self.watch_slot(id, which) else {
            return;
        };
        // What was left has just failed; what stands by is to be known at once.
        let first = if which == BACK { now + every } else { now };
        let watch = match slot {
            Some(watch) if watch.pair == pair => watch,
            _ => slot.insert(Watch::new(pair, every, first)),
        };
        watch.every = every;
        watch.expire(now, LOST);
        if watch.call.is_some() || now < watch.next || !has_payload {
            return;
        }
        watch.next = now + watch.distance(patient, longest);
        let call = self.call(now, id, pair);
        if let Some(exploration) = self.contexts.exploration_mut(id) {
            exploration.due = exploration.due_after(exploration.lingers_until(now));
        }
        if let Some(watch) = self.watch_slot(id, which).and_then(Option::as_mut) {
            watch.call = call;
        }
    }

    fn watch_slot(&mut self, id: C::Id, which: usize) -> Option<&mut Option<Watch>> {
        self.contexts.exploration_mut(id)?.kept.watches.get_mut(which)
    }

    /// Whether payload went either way since the engine wrote a note for a message of its own.
    fn has_payload(&self, now: Instant, id: C::Id) -> bool {
        let last = self.contexts.notes(id).last();
        match (self.contexts.exploration(id), self.contexts.context(id)) {
            (Some(exploration), _) => last > exploration.kept.noted,
            (None, Some(context)) => now.since(last) <= context.reap.check_delay(self.settings),
            (None, None) => false,
        }
    }

    /// The peer reports this Probe as received: it may be one that looks after a pair.
    pub(super) fn watch_answered(&mut self, now: Instant, id: C::Id, pair: Pair, nonce: Nonce) {
        for which in [BACK, STANDBY, ASKED] {
            let Some(watch) = self.watch_slot(id, which).and_then(Option::as_mut) else {
                continue;
            };
            let Some(call) = watch.call.take_if(|call| watch.pair == pair && call.nonce == nonce) else {
                continue;
            };
            watch.answered(now, call.at);
            let (since, round_trip) = (watch.good_since.unwrap_or(call.at), watch.round_trip);
            let good = which == BACK && now.since(since) >= self.settings.return_time;
            if which == STANDBY && self.settings.standby_interval == Duration::ZERO {
                // That it reaches the peer is all that was to be known.
                if let Some(slot) = self.watch_slot(id, STANDBY) {
                    *slot = None;
                }
            }
            if which == ASKED {
                self.tell(id, EventKind::Locators, Cause::ProbeAnswered);
            }
            if let Some(context) = self.contexts.context_mut(id) {
                context.peer.set_reach(&pair.peer, Reach::Reachable);
                if good && context.reap.state == ReapState::Operational {
                    self.use_pair(now, id, pair, Cause::Preference);
                    if let Some(context) = self.contexts.context_mut(id) {
                        context.round_trip = round_trip;
                    }
                }
            }
            return;
        }
    }

    /// A pair beside the current one that is known to work now.
    pub(super) fn standby(&self, now: Instant, id: C::Id) -> Option<Pair> {
        let context = self.contexts.context(id)?;
        let watches = &self.contexts.exploration(id)?.kept.watches;
        let mut good =
            watches.iter().take(ASKED).flatten().filter(|watch| watch.good_since.is_some() && watch.lost == 0);
        let found = good.find(|watch| {
            watch.pair != context.pair
                && context.peer.contains(&watch.pair.peer)
                && self.can_leave_from(context, &watch.pair.local, now)
        })?;
        Some(found.pair)
    }
}
