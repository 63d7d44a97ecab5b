// SPDX-License-Identifier: MIT OR GPL-2.0
//! REAP's events: packets, Keepalives and Probes coming in, and its timers (RFC 5534 section 6). What is probed in which
//! order is in `explore`.

use super::explore::probe_state;
use super::{Action, Cause, Contexts, Counter, Engine, Env, EventKind, Packet, SendKind};
use crate::context::Context;
use crate::locator::{Pair, Reach};
use crate::reap::{Note, Places, ReapState, ReceivedProbe, SentProbe, KEEPALIVE_SPREAD};
use crate::time::{Duration, Instant};
use crate::wire::{Probe, ProbeState};

/// The shortest step of the clock, to tell a start from a stop at the same time.
const TICK: Duration = Duration::from_millis(1);

impl<C: Contexts, E: Env> Engine<'_, C, E> {
    /// Payload came in for a watched context. The caller has noted it already (RFC 5534 section 6.1).
    pub fn payload_in(&mut self, now: Instant, id: C::Id) {
        self.owe_again(now, id);
        self.heard(now, id);
        self.arm(now, id);
    }

    /// RFC 5534 section 6.6.
    pub(super) fn keepalive_in(&mut self, now: Instant, id: C::Id) {
        self.confirm(now, id);
        // It stops the Send Timer and does not start the Keepalive Timer: else two hosts at rest would answer each other's
        // Keepalives for ever.
        let at = self.note_heard(now, id);
        // Afterwards: like payload it comes by the peer's own way.
        self.mark_noted(id, at);
        self.heard(now, id);
    }

    /// Something came in while Exploring: the peer's packets arrive here, so tell it (RFC 5534 sections 6.1 and 6.6).
    pub(super) fn heard(&mut self, now: Instant, id: C::Id) {
        let Some(context) = self.contexts.context(id) else {
            return;
        };
        // A test goes by the notes.
        if !context.is_watched() || self.test(id).is_some() {
            return;
        }
        let over = context.pair;
        self.enter_reap(now, id, ReapState::InboundOk, Cause::ProbeAnswered);
        self.send_probe(now, id, over, ProbeState::InboundOk);
        self.restart_send_timer(now, id);
    }

    /// RFC 5534 sections 6.7 to 6.9.
    #[inline(never)]
    pub(super) fn probe_in(&mut self, now: Instant, packet: &Packet<'_>, id: C::Id, probe: &Probe<'_>) {
        if probe.this.source != packet.source || probe.this.destination != packet.destination {
            return self.env.count(Counter::DropLocator);
        }
        self.confirm(now, id);
        let back = packet.back();
        let Some(from) = self.contexts.context(id).map(|context| context.reap.state) else {
            return;
        };
        // A new exploration by the peer makes the records of an old one of ours worthless.
        let fresh = from == ReapState::Operational && probe.state == ProbeState::Exploring;
        if (fresh || self.contexts.exploration(id).is_none()) && !self.renew_exploration(now, id) {
            return;
        }
        let mut is_late = false;
        if let Some(exploration) = self.contexts.exploration_mut(id) {
            // The peer was made to answer Probes that it got only after the end of their test. It is told that all is well, but
            // not that its answer came, as it would move to where it sent that.
            is_late = from == ReapState::Operational
                && probe.state == ProbeState::InboundOk
                && exploration.is_late_answer(probe.received.iter().map(|report| report.nonce));
            if !is_late {
                exploration.remember(ReceivedProbe {
                    pair: back,
                    nonce: probe.this.nonce,
                    data: probe.this.data,
                    settled: probe.state == ProbeState::Operational,
                });
            }
        }
        let answers = self.take_answers(now, id, probe);
        if self.weigh(now, id, probe.state, &back, answers) && probe.state != ProbeState::Exploring {
            return;
        }
        match probe.state {
            ProbeState::Exploring => self.probe_exploring_in(now, id, from, back),
            ProbeState::InboundOk => {
                let chooses = from != ReapState::Operational
                    || (answers.has_news && !is_late && !self.is_current_known(id, probe));
                self.take_reports(now, id, chooses, &back, probe);
                self.become_operational(now, id, Cause::ProbeAnswered);
                let found = self.contexts.context(id).map(|context| (context.pair, context.reap.state));
                match found {
                    Some((over, ReapState::Operational)) => self.send_probe(now, id, over, ProbeState::Operational),
                    // The search goes on.
                    _ => self.send_probe(now, id, back, self.own_probe_state(id)),
                };
                self.restart_send_timer(now, id);
            }
            ProbeState::Operational => {
                self.take_reports(now, id, from != ReapState::Operational, &back, probe);
                self.become_operational(now, id, Cause::ProbeAnswered);
                self.note_received(now, id);
            }
        }
    }

    /// The peer hears nothing from here: answer over the same pair, and go on telling it until it hears.
    fn probe_exploring_in(&mut self, now: Instant, id: C::Id, from: ReapState, back: Pair) {
        if from == ReapState::Operational {
            self.begin_series(now, id);
            if let Some(exploration) = self.contexts.exploration_mut(id) {
                exploration.cause = Cause::PeerExploring;
            }
        }
        if from != ReapState::InboundOk {
            self.enter_reap(now, id, ReapState::InboundOk, Cause::PeerExploring);
        }
        self.owe(now, id, back);
        self.send_probe(now, id, back, ProbeState::InboundOk);
        self.restart_send_timer(now, id);
    }

    /// Of our Probes that the peer reports as received, one decides the pair: the one that an operator wants, else that of
    /// the current pair, else that by which the report came, else the latest (RFC 5534 section 6.8). A report about what was never sent says nothing; nor does
    /// any to a host that `chooses` no pair now, unless an operator wants one.
    #[inline(never)]
    fn take_reports(&mut self, now: Instant, id: C::Id, chooses: bool, back: &Pair, probe: &Probe<'_>) {
        let (Some(context), Some(exploration)) = (self.contexts.context(id), self.contexts.exploration(id)) else {
            return;
        };
        let (current, wish) = (context.pair, self.wish(now, id));
        let mut best: Option<(u8, usize, Pair)> = None;
        for (age, sent) in exploration.sent.iter().enumerate() {
            let Some(pair) = self.pair_of(context, sent) else {
                continue;
            };
            let reported = probe.received.iter().any(|report| {
                report.nonce == sent.nonce && report.source == pair.local && report.destination == pair.peer
            });
            if !reported || !self.can_leave_from(context, &pair.local, now) {
                continue;
            }
            let rank = match pair {
                _ if wish.is_some_and(|wish| wish.pair == pair) => 3,
                // One that went out while all was well is no reason to move: see `watch`.
                _ if !chooses || !sent.searches => continue,
                _ if pair == current => 2,
                _ if pair == *back => 1,
                _ => 0,
            };
            if best.is_none_or(|(best_rank, best_age, _)| (rank, age) >= (best_rank, best_age)) {
                best = Some((rank, age, pair));
            }
        }
        let Some((_, _, pair)) = best else {
            return;
        };
        if let Some(wish) = wish.filter(|wish| wish.pair == pair) {
            return self.use_wanted(now, id, wish);
        }
        let cause = match context.reap.state {
            ReapState::Operational => Cause::ProbeAnswered,
            _ => exploration.cause,
        };
        if let Some(context) = self.contexts.context_mut(id) {
            context.peer.set_reach(&pair.peer, Reach::Reachable);
        }
        self.use_pair(now, id, pair, cause);
    }

    /// Whether the peer has got Probes over the current pair: it reports one now, or has reported one since the last
    /// exploration began. Then what it reports of other pairs is late.
    fn is_current_known(&self, id: C::Id, probe: &Probe<'_>) -> bool {
        let (Some(context), Some(exploration)) = (self.contexts.context(id), self.contexts.exploration(id)) else {
            return false;
        };
        let Pair { local, peer } = context.pair;
        let mut sent = exploration.sent.iter();
        probe.received.iter().any(|report| (report.source, report.destination) == (local, peer))
            || sent.any(|sent| sent.answered && self.pair_of(context, sent) == Some(context.pair))
    }

    /// A pair by its places.
    pub(super) fn places(&self, id: C::Id, pair: &Pair) -> Option<Places> {
        let context = self.contexts.context(id)?;
        let set = self.env.locals(&context.ulids.local)?;
        let local = set.locators().iter().position(|locator| locator.addr == pair.local)?;
        let peer = context.peer.position(&pair.peer)?;
        Some(Places { local: u8::try_from(local).ok()?, peer: u8::try_from(peer).ok()? })
    }

    /// The pair over which a Probe went.
    pub(super) fn pair_of(&self, context: &Context, sent: &SentProbe) -> Option<Pair> {
        let set = self.env.locals(&context.ulids.local)?;
        let local = set.locators().get(usize::from(sent.places.local))?.addr;
        let peer = context.peer.list().get(usize::from(sent.places.peer))?.addr;
        Some(Pair { local, peer })
    }

    /// Moves to another state of RFC 5534.
    pub(super) fn enter_reap(&mut self, now: Instant, id: C::Id, state: ReapState, cause: Cause) {
        let last_rx = self.contexts.notes(id).last_rx;
        let was_watched = self.is_watched(id);
        let Some(context) = self.contexts.context_mut(id) else {
            return;
        };
        let from = context.reap.state;
        if from == state {
            return;
        }
        context.reap.state = state;
        if state == ReapState::Exploring && cause == Cause::SendTimeout {
            context.peer.set_reach(&context.pair.peer, Reach::Unreachable);
        }
        // To be owed something is a peer's that explores.
        if let Some(exploration) = self.contexts.exploration_mut(id) {
            exploration.owed = None;
        }
        self.watch(id, was_watched);
        if from == ReapState::Operational {
            let heard = if last_rx == Instant::ZERO { now } else { last_rx };
            self.remember(id, |past| past.outage_begins(heard));
        } else if state == ReapState::Operational {
            self.remember(id, |past| past.outage_ends(now));
        }
        self.tell(id, EventKind::Reap, cause);
    }

    /// Whether the next payload received is to be told: it changes the state, or is owed an answer.
    pub(super) fn is_watched(&self, id: C::Id) -> bool {
        let is_owed = self.contexts.exploration(id).is_some_and(|exploration| exploration.owed.is_some());
        is_owed || self.contexts.context(id).is_some_and(Context::is_watched)
    }

    /// Lets the data path know whether that has changed.
    pub(super) fn watch(&mut self, id: C::Id, was_watched: bool) {
        let on = self.is_watched(id);
        if on != was_watched {
            self.push(Action::Watch { id, on });
        }
    }

    /// Both directions work. What was probed is remembered for a while. A locator that the peer has withdrawn may work as
    /// well: the search for one that is in its list goes on.
    pub(super) fn become_operational(&mut self, now: Instant, id: C::Id, cause: Cause) {
        if self.contexts.context(id).is_some_and(|context| !context.peer.contains(&context.pair.peer)) {
            return;
        }
        if let Some(exploration) = self.contexts.exploration_mut(id) {
            exploration.due = exploration.lingers_until(now);
        }
        let Some(context) = self.contexts.context(id) else {
            return;
        };
        if context.reap.state != ReapState::Operational {
            self.env.count(Counter::ExplorationsEnded);
            self.enter_reap(now, id, ReapState::Operational, cause);
        }
    }

    /// The Send Timer starts anew, and the Keepalive Timer stops.
    pub(super) fn restart_send_timer(&mut self, now: Instant, id: C::Id) {
        let start = now.max(self.contexts.notes(id).last_rx + TICK);
        self.mark_noted(id, start);
        self.contexts.write_note(id, Note::FirstTx, start);
        self.contexts.write_note(id, Note::LastTx, start);
    }

    /// Before the engine writes a note of its own for this time, which is no sign of payload: what came until now is, and is
    /// remembered.
    pub(super) fn mark_noted(&mut self, id: C::Id, at: Instant) {
        let last_rx = self.contexts.notes(id).last_rx;
        if let Some(exploration) = self.contexts.exploration_mut(id) {
            exploration.kept.returned |= last_rx > exploration.kept.noted;
            exploration.kept.noted = exploration.kept.noted.max(at);
        }
    }

    /// What of REAP is due (RFC 5534 sections 6.3 to 6.5).
    pub(super) fn reap_timer(&mut self, now: Instant, id: C::Id) {
        let Some(state) = self.contexts.context(id).map(|context| context.reap.state) else {
            return;
        };
        let sending_since = self.contexts.notes(id).send_timer();
        self.test_timer(now, id);
        self.owed_timer(now, id);
        let state = self.contexts.context(id).map_or(state, |context| context.reap.state);
        let timed_out = sending_since.is_some_and(|start| now >= start + self.settings.send_timeout);
        match state {
            ReapState::Operational if timed_out => {
                self.env.count(Counter::SendTimeouts);
                self.explore(now, id, Cause::SendTimeout, 1);
            }
            ReapState::Operational => {
                self.keepalive_timer(now, id);
                self.care_timer(now, id);
                if self.contexts.exploration(id).is_some_and(|exploration| now >= exploration.due) {
                    self.contexts.end_exploration(id);
                }
            }
            ReapState::InboundOk if timed_out => {
                self.env.count(Counter::SendTimeouts);
                self.enter_reap(now, id, ReapState::Exploring, Cause::SendTimeout);
                // Reports are of what came since then (RFC 5534 section 5.2).
                if let Some(exploration) = self.contexts.exploration_mut(id) {
                    exploration.received.clear();
                }
                self.series_probe(now, id);
            }
            ReapState::Exploring | ReapState::InboundOk => {
                if self.contexts.exploration(id).is_none_or(|exploration| now >= exploration.due) {
                    self.series_probe(now, id);
                    if state == ReapState::InboundOk && sending_since.is_none() {
                        self.restart_send_timer(now, id);
                    }
                }
            }
        }
    }

    /// Sends the Keepalives that are due: one per interval while the Keepalive Timer runs, and a last one when it expires
    /// (RFC 5534 sections 4.1, 6.1 and 6.3).
    fn keepalive_timer(&mut self, now: Instant, id: C::Id) {
        let notes = self.contexts.notes(id);
        let Some((timeout, interval)) = self.keepalive_interval(id) else {
            return;
        };
        let Some(context) = self.contexts.context_mut(id) else {
            return;
        };
        let over = context.pair;
        let reap = &mut context.reap;
        let Some(start) = notes.keepalive_timer() else {
            reap.keepalives_from = None;
            return;
        };
        if reap.keepalives_from != Some(start) {
            (reap.keepalives_from, reap.keepalive_after) = (Some(start), interval);
        }
        let due = start + reap.keepalive_after;
        if now < due {
            return;
        }
        let end = start + timeout;
        if now >= end {
            // The next payload starts it again.
            reap.keepalives_from = None;
            self.contexts.write_note(id, Note::FirstRx, Instant::ZERO);
        } else {
            let next = due + interval;
            reap.keepalive_after = if next > now { next } else { now + interval }.min(end) - start;
        }
        self.send(SendKind::Keepalive(id), over);
    }

    /// The Keepalive Timeout, and a Keepalive Interval drawn for it (RFC 5534 section 4.1).
    fn keepalive_interval(&mut self, id: C::Id) -> Option<(Duration, Duration)> {
        let reap = self.contexts.context(id)?.reap;
        let timeout = reap.keepalive_timeout(self.settings);
        let spread = match self.settings.keepalive_interval {
            Duration::ZERO => timeout.fraction(KEEPALIVE_SPREAD, 100),
            _ => Duration::ZERO,
        };
        let mut octet = [0];
        self.env.random(&mut octet);
        let [octet] = octet;
        Some((timeout, reap.keepalive_interval(self.settings) + spread.fraction(u32::from(octet), 255)))
    }

    /// Sends a Probe over a pair and remembers it, if the limit on Probes lets it out.
    #[inline(never)]
    pub(super) fn send_probe(&mut self, now: Instant, id: C::Id, over: Pair, state: ProbeState) -> bool {
        let Some(nonce) = self.emit_probe(now, id, over, state) else {
            return false;
        };
        let places = self.places(id, &over);
        let searches = self.contexts.context(id).is_some_and(|context| context.reap.state != ReapState::Operational);
        if let (Some(places), Some(exploration)) = (places, self.contexts.exploration_mut(id)) {
            exploration.record(places, nonce, searches);
        }
        true
    }

    /// The Probe state that tells the context's own.
    pub(super) fn own_probe_state(&self, id: C::Id) -> ProbeState {
        self.contexts.context(id).map_or(ProbeState::Operational, |context| probe_state(context.reap.state))
    }
}
