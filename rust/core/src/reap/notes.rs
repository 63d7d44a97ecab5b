// SPDX-License-Identifier: MIT OR GPL-2.0
//! The times that packets write down and timers read.
//!
//! The data path keeps four times per context, two of [`Cadence`] and a [`RoundTrip`], as atomics of its own, and follows
//! the two rules of [`Notes::sent`] and [`Notes::received`]. Which of two packets within one tick of the clock was the later one
//! is told by [`sent_at`] and [`received_at`]: what answers at once is the last word, and the Send Timer runs.

use super::{Cadence, Doubt, Patience, RoundTrip};
use crate::time::{Duration, Instant};

/// Payload sent so shortly before some that is received belongs to the same conversation.
const CONVERSATION: Duration = Duration::from_secs(1);

/// How long the peer may take to say something once this host has begun anew: nobody knows what has become of the round
/// trip while both were silent.
const AFTER_REST: Duration = Duration::from_secs(1);

/// Between a packet that came and one that was sent in the same tick of the clock; ticks may be as short.
const STEP: Duration = Duration::from_millis(1);
/// So many packets in turn are told apart within a tick. After that the Send Timer is left stopped and the Keepalive Timer running,
/// until the next tick.
const TURNS: Duration = Duration::from_millis(3);

/// The time that a packet sent now gets in the notes: later than what came before it in the same tick. None if there were too
/// many turns in it.
#[inline]
pub fn sent_at(now: Instant, last_rx: Instant) -> Option<Instant> {
    let at = if last_rx < now { now } else { last_rx + STEP };
    (at <= now + TURNS).then_some(at)
}

/// The time that a packet received now gets: not earlier than what was sent before it in the same tick.
#[inline]
pub fn received_at(now: Instant, last_tx: Instant) -> Instant {
    now.max(last_tx)
}

/// The four times and what goes with them. Zero means never.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Notes {
    /// The last packet received.
    pub last_rx: Instant,
    /// The last packet sent.
    pub last_tx: Instant,
    /// The first packet sent since the last one received: the start of the Send Timer.
    pub first_tx: Instant,
    /// The first packet received since the last one sent: the start of the Keepalive Timer.
    pub first_rx: Instant,
    /// How regularly payload is received.
    pub cadence: Cadence,
    /// The first packet sent since the last one received while a transport awaits an acknowledgement.
    pub asked: Instant,
    /// How soon payload is received after that.
    pub answers: Cadence,
    /// What a transport has measured lately, whatever pair it was over.
    pub measured: RoundTrip,
}

/// One of the four times, to be written by the engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Note {
    /// [`Notes::last_rx`].
    LastRx,
    /// [`Notes::last_tx`].
    LastTx,
    /// [`Notes::first_tx`].
    FirstTx,
    /// [`Notes::first_rx`].
    FirstRx,
}

impl Notes {
    /// A payload packet goes out. The data path does the same with its atomics, in this order, and whenever it wrote
    /// anything sees to it that the context's timer runs after [`super::Reap::check_delay`] at the latest.
    pub fn sent(&mut self, now: Instant) {
        let Some(at) = sent_at(now, self.last_rx) else {
            return;
        };
        if self.first_tx <= self.last_rx {
            self.first_tx = at;
        }
        self.last_tx = at;
    }

    /// A payload packet came in; otherwise as for [`Notes::sent`].
    pub fn received(&mut self, now: Instant) {
        let at = received_at(now, self.last_tx);
        if self.first_rx < self.last_tx || self.first_rx == Instant::ZERO {
            self.first_rx = at;
        }
        self.last_rx = at;
    }

    /// The other thing that the data path does for payload received, once a tick and before [`Notes::received`].
    pub fn keep_cadence(&mut self, now: Instant) {
        self.cadence = self.cadence.heard(now);
        if let Some(asked) = self.unanswered() {
            self.answers = self.answers.answered(now, now.since(asked));
        }
    }

    /// What the data path does for payload sent, once a tick, if its transport awaits an acknowledgement.
    pub fn asks(&mut self, now: Instant) {
        if self.asked <= self.last_rx {
            self.asked = now;
        }
    }

    /// Since when a transport has heard nothing while it awaits an acknowledgement.
    pub fn unanswered(&self) -> Option<Instant> {
        (self.asked > self.last_rx).then_some(self.asked)
    }

    /// When payload that comes regularly will be missed. Where both hosts send, rest is no silence: it is missed as long as
    /// this host goes on. If both have rested, this host has begun anew, and the peer is to hear of it first.
    pub fn silence_missed_at(&self, now: Instant, doubt: Doubt) -> Option<Instant> {
        let patience = doubt.stretch(now, self.cadence.patience()?);
        let missed = self.cadence.last(now) + patience;
        if !self.both_send(now) {
            return Some(missed);
        }
        let goes_on = self.last_tx > self.last_rx && now.since(self.last_tx) < patience;
        let missed = if self.first_tx > self.last_rx + patience {
            self.first_tx + AFTER_REST.max(patience)
        } else {
            missed.max(self.first_tx + patience)
        };
        Some(missed).filter(|at| now < *at || goes_on)
    }

    /// Whether payload was still awaited after `at`: where both hosts send, a conversation may be over.
    pub fn is_awaited_since(&self, now: Instant, at: Instant) -> bool {
        !self.both_send(now) || self.last_tx >= at
    }

    /// Whether this host sent payload shortly before it last received some, Keepalives not counted.
    fn both_send(&self, now: Instant) -> bool {
        self.last_tx + CONVERSATION >= self.cadence.last(now)
    }

    /// When an answer that used to come soon will be missed.
    pub fn answer_missed_at(&self, now: Instant, patience: Patience, doubt: Doubt) -> Option<Instant> {
        Some(self.unanswered()? + doubt.stretch(now, self.answers.patience_of(patience)?))
    }

    /// Whether what a transport awaits an answer to was alone on its way: it came after some rest of payload, whatever the
    /// engine's own messages said meanwhile.
    pub fn asks_alone(&self) -> bool {
        self.unanswered().is_some_and(|asked| self.measured.is_rest(asked.since(self.cadence.last(asked))))
    }

    /// Whether payload of a transport comes, but not several times in a round trip.
    pub fn is_sparse(&self) -> bool {
        self.measured.mean().is_some_and(|round_trip| !self.cadence.is_dense(round_trip))
    }

    /// Whether payload has come for some time.
    pub fn is_steady(&self) -> bool {
        self.cadence.is_regular() || self.answers.is_regular()
    }

    /// Writes one time.
    pub fn write(&mut self, note: Note, at: Instant) {
        match note {
            Note::LastRx => self.last_rx = at,
            Note::LastTx => self.last_tx = at,
            Note::FirstTx => self.first_tx = at,
            Note::FirstRx => self.first_rx = at,
        }
    }

    /// The start of the Send Timer, if it runs.
    pub fn send_timer(&self) -> Option<Instant> {
        (self.first_tx > self.last_rx).then_some(self.first_tx)
    }

    /// The start of the Keepalive Timer, if it runs.
    pub fn keepalive_timer(&self) -> Option<Instant> {
        (self.first_rx >= self.last_tx && self.first_rx != Instant::ZERO).then_some(self.first_rx)
    }

    /// The last packet of either direction.
    pub fn last(&self) -> Instant {
        self.last_rx.max(self.last_tx)
    }
}
