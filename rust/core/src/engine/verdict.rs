// SPDX-License-Identifier: MIT OR GPL-2.0
//! The end of a test: answers are collected until it is clear whether the current pair works (see `test` for the beginning).

use super::{Action, Cause, Contexts, Counter, Engine, Env, SendKind};
use crate::locator::{Pair, Reach};
use crate::reap::Test;
use crate::time::{Duration, Instant};
use crate::wire::{Nonce, Probe, ProbeState};

/// A test that is not clear by then ends as an exploration of RFC 5534, unless round trips take longer.
const LONGEST: Duration = Duration::from_secs(1);

/// How much longer the current pair has time for an answer once packets have come during the test.
const HEARD: u32 = 4;

/// What a Probe has answered.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Answers {
    /// A Probe over the current pair.
    current: bool,
    /// One over another.
    other: bool,
    /// One that was to find a pair, for the first time.
    pub(super) has_news: bool,
}

impl<C: Contexts, E: Env> Engine<'_, C, E> {
    pub(super) fn test(&self, id: C::Id) -> Option<&Test> {
        self.contexts.exploration(id)?.test.as_ref()
    }

    pub(super) fn test_mut(&mut self, id: C::Id) -> Option<&mut Test> {
        self.contexts.exploration_mut(id)?.test.as_mut()
    }

    /// When the test must be decided: when the current pair has had its time, and some more if a packet has come since: a
    /// queue that grows delays answers, and shows itself by packets that go on coming. Where a router has said that it cannot
    /// deliver, packets that come prove nothing of the way out; where another pair was lent they may have come by that, once it has
    /// answered.
    fn verdict_at(&self, id: C::Id) -> Option<Instant> {
        let test = self.test(id)?;
        let wait = test.wait;
        let heard = match self.contexts.exploration(id)?.cause {
            Cause::IcmpError => Instant::ZERO,
            _ => test.heard(self.contexts.notes(id).last_rx),
        };
        let end = test.began + if wait.times(2) > LONGEST { wait.times(2) } else { LONGEST };
        if test.patient {
            return Some(end);
        }
        let quiet = if heard > test.began { heard + wait.times(HEARD) } else { test.deadline };
        Some(test.deadline.max(quiet).min(end))
    }

    /// When the test wants the timer next.
    pub(super) fn test_due(&self, id: C::Id) -> Option<Instant> {
        let test = self.test(id)?;
        let verdict = self.verdict_at(id)?;
        let second = Some(test.second_at).filter(|_| test.rest != 0);
        [Some(verdict), second, self.lend_due(id)].into_iter().flatten().min()
    }

    /// What of a test is due.
    pub(super) fn test_timer(&mut self, now: Instant, id: C::Id) {
        let Some(test) = self.test_mut(id) else {
            return;
        };
        if test.rest != 0 && now >= test.second_at {
            let rest = core::mem::take(&mut test.rest);
            // They may be late, and are given their time.
            let late = now.since(test.second_at);
            test.second_at = now;
            test.deadline += late;
            self.send_lot(now, id, rest);
        }
        if self.verdict_at(id).is_some_and(|at| now >= at) {
            return self.conclude(now, id);
        }
        self.lend_again(now, id);
    }

    /// Marks what a Probe reports of this host's own: for the test, for the pairs that are looked after, and for the
    /// round-trip time.
    #[inline(never)]
    pub(super) fn take_answers(&mut self, now: Instant, id: C::Id, probe: &Probe<'_>) -> Answers {
        let mut answers = Answers::default();
        let Some(current) = self.contexts.context(id).map(|context| context.pair) else {
            return answers;
        };
        let mut sample = None;
        for report in probe.received.iter() {
            let pair = Pair { local: report.source, peer: report.destination };
            let places = self.places(id, &pair);
            let Some(exploration) = self.contexts.exploration_mut(id) else {
                return answers;
            };
            let mut reached = false;
            let mut sent = exploration.sent.iter_mut();
            let sent = sent.find(|sent| sent.nonce == report.nonce && Some(sent.places) == places);
            if let Some(sent) = sent {
                answers.has_news |= sent.searches && !sent.answered;
                sent.answered = true;
                answers.current |= pair == current;
                answers.other |= pair != current;
                reached = true;
            }
            if pair == current {
                let called = exploration.kept.call.take_if(|call| call.nonce == report.nonce).map(|call| call.at);
                let tested = exploration.test.as_ref().and_then(|test| test.sent_at(report.nonce));
                answers.current |= tested.is_some();
                sample = sample.max(called).max(tested);
            }
            if let Some(context) = self.contexts.context_mut(id).filter(|_| reached) {
                context.peer.set_reach(&pair.peer, Reach::Reachable);
            }
            self.watch_answered(now, id, pair, report.nonce);
        }
        if let (Some(at), Some(context)) = (sample, self.contexts.context_mut(id)) {
            context.round_trip.sample(now.since(at));
        }
        answers
    }

    /// A Probe came while a test goes on; says whether there is one. `back` is the pair over which an answer goes.
    pub(super) fn weigh(&mut self, now: Instant, id: C::Id, state: ProbeState, back: &Pair, answers: Answers) -> bool {
        let Some(context) = self.contexts.context(id) else {
            return false;
        };
        let (is_current, is_measured) = (context.pair == *back, context.round_trip.mean().is_some());
        let last_rx = self.contexts.notes(id).last_rx;
        let is_told = self.contexts.exploration(id).is_some_and(|exploration| exploration.cause == Cause::IcmpError);
        let Some(test) = self.test_mut(id) else {
            return false;
        };
        test.answered |= answers.current;
        if answers.other && test.other_after.is_none() {
            let after = now.since(test.began);
            (test.other_after, test.heard) = (Some(after), last_rx);
            test.patient = false;
            if !is_measured {
                // Nobody knows how long the current pair takes: not much longer than the other.
                let enough = test.began + after.fraction(5, 4) + Duration::from_millis(2);
                test.deadline = if is_told { enough } else { test.deadline.max(enough) };
            }
        }
        test.inbound |= is_current;
        let answered = test.answered;
        match state {
            ProbeState::InboundOk => {
                test.owed = true;
                // It came by the current pair, and says that the current pair works the other way.
                if answered && is_current {
                    self.conclude(now, id);
                }
            }
            // It may answer one of those that look after a pair. If it came by another pair, the peer has decided.
            ProbeState::Operational => {
                self.note_received(now, id);
                if answers.current || (answers.other && !is_current) {
                    self.conclude(now, id);
                }
            }
            ProbeState::Exploring => test.peer_explores = true,
        }
        if self.test(id).is_some() && self.granted(now, id).is_some() {
            self.conclude(now, id);
        }
        true
    }

    /// Somebody above knows that the current pair works.
    pub(super) fn vouched(&mut self, now: Instant, id: C::Id) {
        if let Some(test) = self.test_mut(id) {
            test.answered = true;
            test.inbound = true;
            self.conclude(now, id);
        }
        if let Some(exploration) = self.contexts.exploration_mut(id) {
            exploration.kept.call = None;
        }
    }

    /// Decides a test.
    #[inline(never)]
    fn conclude(&mut self, now: Instant, id: C::Id) {
        let (granted, best) = (self.granted(now, id), self.best_answered(now, id));
        let standby = self.standby(now, id);
        let last_rx = self.contexts.notes(id).last_rx;
        let Some(exploration) = self.contexts.exploration_mut(id) else {
            return;
        };
        let cause = exploration.cause;
        let Some(test) = exploration.test.as_mut() else {
            return;
        };
        let (answered, owed, moved) = (test.answered, test.owed, test.moved);
        // Where the way out works and nothing comes in, the pair is as good as lost: the peer will move, too.
        let inbound = test.inbound || test.heard(last_rx) > test.began;
        if let Some(wish) = granted {
            self.use_wanted(now, id, wish);
            return self.end_test(now, id, owed);
        }
        match (best, standby) {
            _ if answered && (inbound || best.is_none()) => {
                if inbound {
                    exploration.note_test_over(now, last_rx);
                }
                if !moved {
                    self.env.count(Counter::FalseAlarms);
                    self.note_false_alarm(now, id, cause);
                }
                self.end_test(now, id, owed);
            }
            (Some((pair, after)), _) => {
                self.leave_tested(now, id, pair, cause);
                if let Some(context) = self.contexts.context_mut(id) {
                    context.round_trip.sample(after);
                    context.peer.set_reach(&pair.peer, Reach::Reachable);
                }
                self.end_test(now, id, owed);
            }
            (None, Some(pair)) => {
                self.leave_tested(now, id, pair, cause);
                self.abandon(now, id);
            }
            (None, None) if !test.patient => test.patient = true,
            (None, None) => self.abandon(now, id),
        }
    }

    /// Moves to another pair. If no Probe over the current one was answered the peer's locator is known for that; it may be the
    /// way from this host's own that fails, so one that both pairs share is not.
    fn leave_tested(&mut self, now: Instant, id: C::Id, pair: Pair, cause: Cause) {
        let answered = self.test(id).is_none_or(|test| test.answered);
        if let Some(context) = self.contexts.context_mut(id) {
            let left = context.pair.peer;
            if !answered && left != pair.peer {
                context.peer.set_reach(&left, Reach::Unreachable);
            }
        }
        self.use_pair(now, id, pair, cause);
    }

    /// Silence meant nothing.
    fn note_false_alarm(&mut self, now: Instant, id: C::Id, cause: Cause) {
        let by_silence = matches!(cause, Cause::Cadence | Cause::Transport);
        if let Some(context) = self.contexts.context_mut(id).filter(|_| by_silence) {
            context.doubt = context.doubt.after_false_alarm(now);
        }
    }

    /// The first other pair that has answered, and how long that took.
    fn best_answered(&self, now: Instant, id: C::Id) -> Option<(Pair, Duration)> {
        let exploration = self.contexts.exploration(id)?;
        let after = exploration.test.as_ref()?.other_after?;
        let context = self.contexts.context(id)?;
        let fits = |pair: &Pair| *pair != context.pair && self.can_leave_from(context, &pair.local, now);
        let answered = exploration.sent.iter().filter(|sent| sent.answered);
        let pair = answered.filter_map(|sent| self.pair_of(context, sent)).find(fits)?;
        Some((pair, after))
    }

    /// The test is over, and the current pair works. The peer is told if it waits for that.
    fn end_test(&mut self, now: Instant, id: C::Id, owed: bool) {
        let Some(over) = self.contexts.context(id).map(|context| context.pair) else {
            return;
        };
        let places = self.places(id, &over);
        self.take_test(id);
        if let Some(exploration) = self.contexts.exploration_mut(id) {
            exploration.keep_only(places);
        }
        self.become_operational(now, id, Cause::ProbeAnswered);
        if owed {
            self.send_probe(now, id, over, ProbeState::Operational);
            self.restart_send_timer(now, id);
        }
    }

    /// Takes the test away. If it lent, answers are missed again only when they have come for some time.
    pub(super) fn take_test(&mut self, id: C::Id) -> Option<Test> {
        let test = self.contexts.exploration_mut(id)?.test.take()?;
        if test.lent.is_some() {
            let notes = self.contexts.notes(id);
            self.contexts.write_cadence(id, notes.cadence, notes.answers.settled());
        }
        Some(test)
    }

    /// The test shows nothing: what is left is an exploration as any other.
    pub(super) fn abandon(&mut self, now: Instant, id: C::Id) {
        let places = self.contexts.context(id).map(|context| context.pair).and_then(|pair| self.places(id, &pair));
        let Some(test) = self.take_test(id) else {
            return;
        };
        let exploration = self.contexts.exploration_mut(id);
        if let (Some(exploration), Some(places), Some(nonce)) = (exploration, places, test.nonces.last()) {
            exploration.record(places, *nonce, true);
        }
        if test.heard(self.contexts.notes(id).last_rx) > test.began {
            self.heard(now, id);
        } else if self.contexts.context(id).is_some_and(|context| context.reap.is_watched()) {
            self.push(Action::Watch { id, on: true });
        }
    }

    /// Sends a Probe over a pair, if the limit on Probes lets it out; the caller remembers its nonce.
    pub(super) fn emit_probe(&mut self, now: Instant, id: C::Id, over: Pair, state: ProbeState) -> Option<Nonce> {
        if !self.env.may_probe(now) {
            self.env.count(Counter::DropRateLimit);
            return None;
        }
        let nonce = self.random_nonce();
        self.send(SendKind::Probe { id, state, nonce }, over);
        Some(nonce)
    }
}
