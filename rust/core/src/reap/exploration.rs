// SPDX-License-Identifier: MIT OR GPL-2.0
//! What a context needs only while it explores, tests or watches pairs: the Probes sent and received, and what is due when.

use crate::engine::Cause;
use crate::locator::Pair;
use crate::reap::RoundTrip;
use crate::settings::EXPLORATION_LINGER;
use crate::time::{Duration, Instant};
use crate::wire::Nonce;
use heapless::{Deque, Vec};

/// Probes sent that are remembered, so that a report about them is believed: a test makes the peer answer with so many.
/// Those of a [`Test`] over the current pair have a place of their own.
pub const MAX_SENT: usize = 16;
/// Probes received that are remembered, to be reported.
pub const MAX_RECEIVED: usize = 4;
/// Earlier Probes sent that a Probe reports.
pub const REPORTED_SENT: usize = 3;
/// The most Probes that a test sends over the current pair.
pub const MAX_TEST: usize = 8;
/// Probes of a test that has ended, over the current pair and over others, of which late answers are known.
const MAX_OVER: usize = 16;
/// Probes without answer in a row after which a pair that is looked after does not count as working.
pub(crate) const LOST: u8 = 2;
/// The bounds of how long an answer over such a pair may take while nobody knows how long it does: RFC 5534 section 7 has
/// half a second between Initial Probes, which is too short for a satellite and a queue.
pub(crate) const LEAST_PATIENCE: Duration = Duration::from_secs(1);
const MOST_PATIENCE: Duration = Duration::from_secs(10);

/// The pair that a test lends to what waits for an acknowledgement.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lent {
    pub pair: Pair,
    /// After how long a wait.
    pub patience: Duration,
    /// When it was lent last.
    pub at: Instant,
}

/// The pair by which the first Probe came that said Exploring, lent to the answers to what the peer sends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Owed {
    pub pair: Pair,
    /// When it is lent next.
    pub due: Instant,
    /// How often it is still to be.
    pub left: u8,
}

/// A pair by the places of its locators in the local set, which never changes its order, and in Ls(peer): when that list
/// changes, [`Exploration::forget_sent`] drops what would mean another address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Places {
    pub local: u8,
    pub peer: u8,
}

/// A Probe sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SentProbe {
    pub places: Places,
    pub nonce: Nonce,
    /// Whether the peer has reported it.
    pub answered: bool,
    /// Whether it was to find a pair: it went out while this host was not Operational.
    pub searches: bool,
}

/// A Probe received, from `pair.peer` to `pair.local`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ReceivedProbe {
    pub pair: Pair,
    pub nonce: Nonce,
    pub data: u32,
    /// Whether it told that the peer is Operational, and so came by the pair that the peer uses.
    pub settled: bool,
}

/// A test of the current pair and of alternatives beside it: answers are collected until one pair's case is clear.
#[derive(Clone, Debug)]
pub(crate) struct Test {
    /// When the first Probes went out.
    pub began: Instant,
    /// When the current pair has had its time, if it was silent all along.
    pub deadline: Instant,
    /// How long an answer may take.
    pub wait: Duration,
    /// Probes over the current pair, in two lots.
    pub nonces: Vec<Nonce, MAX_TEST>,
    /// How many of them make the first lot.
    pub first_lot: u8,
    /// How many are still to be sent, and when; or when they were.
    pub rest: u8,
    pub second_at: Instant,
    /// The Probe that asked for the current pair before the test.
    pub called: Option<Call>,
    /// Whether a Probe over the current pair was reported as received.
    pub answered: bool,
    /// Whether a Probe came by the current pair.
    pub inbound: bool,
    /// How long the first answer of another pair took.
    pub other_after: Option<Duration>,
    /// Whether nothing at all was answered in time, so that the test goes on.
    pub patient: bool,
    /// Whether the peer awaits an answer.
    pub owed: bool,
    /// Whether the peer explores, too, and so has to know which of its Probes came.
    pub peer_explores: bool,
    /// Whether traffic moved to the current pair only when the test began.
    pub moved: bool,
    /// What was lent: payload that comes proves nothing of the current pair then, once it may owe to that.
    pub lent: Option<Lent>,
    /// When payload had come last by then.
    pub heard: Instant,
}

impl Test {
    /// When payload came last by the current pair, as far as is known.
    pub fn heard(&self, last_rx: Instant) -> Instant {
        if self.lent.is_some() && self.other_after.is_some() {
            self.heard
        } else {
            last_rx
        }
    }

    /// When the Probe over the current pair with this nonce went out.
    pub fn sent_at(&self, nonce: Nonce) -> Option<Instant> {
        if let Some(call) = self.called.filter(|call| call.nonce == nonce) {
            return Some(call.at);
        }
        let place = self.nonces.iter().position(|sent| *sent == nonce)?;
        Some(if place < usize::from(self.first_lot) { self.began } else { self.second_at })
    }
}

/// One Probe that asks whether a pair works, and leaves both hosts as they are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call {
    pub nonce: Nonce,
    pub at: Instant,
}

/// A pair that is looked after beside the current one: a preferred one that failed, or one that stands by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Watch {
    pub pair: Pair,
    /// The Probe that awaits its answer.
    pub call: Option<Call>,
    /// Since when all Probes over it were answered.
    pub good_since: Option<Instant>,
    /// Probes without answer in a row.
    pub lost: u8,
    /// The time between Probes that are answered.
    pub every: Duration,
    /// When to look after it next.
    pub next: Instant,
    pub round_trip: RoundTrip,
}

impl Watch {
    /// A pair of which nothing is known.
    pub fn new(pair: Pair, every: Duration, next: Instant) -> Watch {
        Watch { pair, call: None, good_since: None, lost: 0, every, next, round_trip: RoundTrip::default() }
    }

    /// How long an answer may take: the two directions may go over different pairs, and there is no haste. Where nothing was
    /// measured, or what was seems to hold no more, an answer has until the next Probe is due: only one that counts shows how
    /// long they take.
    pub fn wait(&self) -> Duration {
        let usual = self.round_trip.wait().times(2);
        if self.round_trip.mean().is_some() && self.lost < LOST {
            return usual;
        }
        usual.max(self.every.max(LEAST_PATIENCE).at_most(MOST_PATIENCE))
    }

    /// Gives up a Probe whose time is over; after so many in a row the pair does not count as working.
    pub fn expire(&mut self, now: Instant, lost: u8) {
        let wait = self.wait();
        if self.call.take_if(|call| now >= call.at + wait).is_some() {
            self.lost = self.lost.saturating_add(1);
            if self.lost >= lost {
                self.good_since = None;
            }
        }
    }

    /// The time from one Probe to the next: after `patient` without an answer it doubles with each, as in an exploration
    /// (RFC 5534 section 4.3), up to `longest`.
    pub fn distance(&self, patient: u8, longest: Duration) -> Duration {
        let doublings = u32::from(self.lost).saturating_add(1).saturating_sub(patient.max(1).into());
        let distance = self.every.times(1u32.checked_shl(doublings).unwrap_or(u32::MAX));
        distance.at_most(longest.max(self.every))
    }

    /// The Probe that went out at `asked` was answered: the time between Probes is the usual one again.
    pub fn answered(&mut self, now: Instant, asked: Instant) {
        self.lost = 0;
        self.round_trip.sample(now.since(asked));
        self.good_since.get_or_insert(asked);
        // Not in the past, which would wait for payload.
        self.next = self.next.min(asked + self.every).max(now + Duration::from_millis(1));
    }
}

/// The place of the preferred pair among the pairs that are looked after.
pub(crate) const BACK: usize = 0;
/// The place of one that stands by.
pub(crate) const STANDBY: usize = 1;
/// The place of one that somebody asked for.
pub(crate) const ASKED: usize = 2;
/// How many there are.
const WATCHES: usize = 3;

/// Why a pair is looked after beside the current one; the numbers are those of the control interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Role {
    /// Traffic goes back to it when it has worked for long enough.
    Preferred = BACK as u8,
    /// It is to be known good before it is needed.
    Standby = STANDBY as u8,
    /// Somebody asked whether it works.
    Asked = ASKED as u8,
}

/// A pair that is looked after, for people to see.
#[derive(Clone, Copy, Debug)]
pub struct LookedAfter {
    /// The pair.
    pub pair: Pair,
    /// Why.
    pub role: Role,
    /// Since when all Probes over it were answered.
    pub good_since: Option<Instant>,
    /// Probes without answer in a row.
    pub lost: u8,
    /// How long the answers took.
    pub round_trip: RoundTrip,
}

/// The state of one exploration.
#[derive(Clone, Debug)]
pub struct Exploration {
    /// Probes sent since it began, the latest last.
    pub(crate) sent: Deque<SentProbe, MAX_SENT>,
    /// Probes received since it began, the latest last.
    pub(crate) received: Deque<ReceivedProbe, MAX_RECEIVED>,
    /// Probes that the timer sent.
    pub(crate) series: u16,
    /// The nominal interval before the next one.
    pub(crate) interval: Duration,
    /// When the next one is due; when it may be forgotten, once the context is Operational again.
    pub(crate) due: Instant,
    /// The rank of the pair that the series probed last.
    pub(crate) turn: Option<u64>,
    /// Why it began.
    pub(crate) cause: Cause,
    /// The test that goes on.
    pub(crate) test: Option<Test>,
    /// What is lent to a peer that explores.
    pub(crate) owed: Option<Owed>,
    /// Probes of the last test, which has ended: what answers them late is no reason for the peer to move.
    pub(crate) over: Vec<Nonce, MAX_OVER>,
    /// What outlives it when another begins.
    pub(crate) kept: Kept,
}

/// A pair that somebody wants, to be used as soon as it answers. It outlives tests and explorations by either host.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wish {
    /// The pair.
    pub pair: Pair,
    /// What is told as the cause.
    pub cause: Cause,
    /// The Probe that asks, once it was sent.
    pub nonce: Option<Nonce>,
    /// When it is forgotten.
    pub until: Instant,
}

impl Wish {
    fn asked_by(&self, sent: &SentProbe) -> bool {
        self.nonce == Some(sent.nonce)
    }
}

/// What one exploration leaves to the next.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kept {
    /// Probes sent by tests in the second that began then.
    pub spent: u16,
    pub spent_since: Instant,
    /// The test that is put off to the end of this second.
    pub put_off: Option<(Cause, Instant)>,
    /// The pair that somebody wants.
    pub wish: Option<Wish>,
    /// Asks for the current pair.
    pub call: Option<Call>,
    /// By [`BACK`], [`STANDBY`] and [`ASKED`].
    pub watches: [Option<Watch>; WATCHES],
    /// The last of the notes that the engine wrote itself: later ones are of payload.
    pub noted: Instant,
    /// Whether payload or a Keepalive has come since the last false alarm, if there was one: the peer's way here works, or did.
    pub returned: bool,
}

impl Kept {
    const NOTHING: Kept = Kept {
        spent: 0,
        spent_since: Instant::ZERO,
        put_off: None,
        wish: None,
        call: None,
        watches: [None; WATCHES],
        noted: Instant::ZERO,
        returned: true,
    };
}

impl Exploration {
    /// An exploration in which nothing was sent yet.
    pub fn new() -> Exploration {
        Exploration {
            sent: Deque::new(),
            received: Deque::new(),
            series: 0,
            interval: Duration::ZERO,
            due: Instant::FAR_FUTURE,
            turn: None,
            cause: Cause::None,
            test: None,
            owed: None,
            over: Vec::new(),
            kept: Kept::NOTHING,
        }
    }

    /// Begins another in its place: all is forgotten but what is kept from one to the next.
    pub(crate) fn begin(&mut self) {
        self.retain_sent(|_| false);
        self.received.clear();
        self.series = 0;
        self.interval = Duration::ZERO;
        self.due = Instant::FAR_FUTURE;
        self.turn = None;
        self.cause = Cause::None;
        self.test = None;
        self.owed = None;
        self.over.clear();
    }

    /// The time at which it may be forgotten, put off to at least this.
    pub(crate) fn due_after(&self, at: Instant) -> Instant {
        if self.due == Instant::FAR_FUTURE {
            at
        } else {
            self.due.max(at)
        }
    }

    /// When it may be forgotten, if nothing more happens: late Probes are to be understood, and how long a pair has been silent
    /// is to be known when it is looked after next.
    pub(crate) fn lingers_until(&self, now: Instant) -> Instant {
        let next = self.kept.watches.iter().flatten().map(|watch| watch.next);
        next.fold(now, Instant::max) + EXPLORATION_LINGER
    }

    /// Forgets the Probes sent to these places of Ls(peer), one bit each: another address is there now, and a report about
    /// them would prove nothing of it.
    pub(crate) fn forget_sent(&mut self, places: u16) {
        let is_gone = |sent: &SentProbe| places & 1u16.checked_shl(sent.places.peer.into()).unwrap_or(0) != 0;
        if self.kept.wish.as_ref().is_some_and(|wish| self.sent.iter().any(|sent| wish.asked_by(sent) && is_gone(sent)))
        {
            self.kept.wish = None;
        }
        self.retain_sent(|sent| !is_gone(sent));
    }

    /// Forgets all Probes sent but these, and the one that asks for what is wanted.
    fn retain_sent(&mut self, keep: impl Fn(&SentProbe) -> bool) {
        for _ in 0..self.sent.len() {
            let Some(sent) = self.sent.pop_front() else {
                return;
            };
            if keep(&sent) || self.kept.wish.as_ref().is_some_and(|wish| wish.asked_by(&sent)) {
                let _ = self.sent.push_back(sent);
            }
        }
    }

    /// Remembers a Probe sent; the oldest is forgotten.
    pub(crate) fn record(&mut self, places: Places, nonce: Nonce, searches: bool) {
        if self.sent.is_full() {
            let _ = self.sent.pop_front();
        }
        let _ = self.sent.push_back(SentProbe { places, nonce, answered: false, searches });
    }

    /// Remembers a Probe received; the oldest is forgotten, and a repeated one counts once.
    pub(crate) fn remember(&mut self, probe: ReceivedProbe) {
        if self.received.iter().any(|known| *known == probe) {
            return;
        }
        if self.received.is_full() {
            let _ = self.received.pop_front();
        }
        let _ = self.received.push_back(probe);
    }

    /// The test has found that all is well: answers to its Probes that come later are known by these. If nobody has moved,
    /// a peer that only answered is not told which answers came, as it would move to where it sent one of them.
    ///
    /// It is told after all if nothing but answers has come from it since the false alarm before. An answer takes the way that the
    /// Probe came; what else the peer sends takes its own, and that may have failed while this host has long been elsewhere.
    pub(crate) fn note_test_over(&mut self, now: Instant, last_rx: Instant) {
        self.over.clear();
        if let Some(test) = self.test.as_ref().filter(|test| test.lent.is_some()) {
            // What comes until then may be owed to what was lent.
            self.kept.noted = self.kept.noted.max(now + test.wait);
        }
        let returned = core::mem::take(&mut self.kept.returned) || last_rx > self.kept.noted;
        if !returned {
            return;
        }
        if self.test.as_ref().is_some_and(|test| !test.moved && !test.peer_explores) {
            self.received.clear();
        }
        let of_current = self.test.as_ref().map(|test| test.nonces.as_slice()).unwrap_or_default();
        let wish = self.kept.wish;
        let is_test = |sent: &&SentProbe| !wish.is_some_and(|wish| wish.asked_by(sent));
        let of_others = self.sent.iter().filter(is_test).map(|sent| sent.nonce);
        self.over = of_current.iter().copied().chain(of_others).take(MAX_OVER).collect();
    }

    /// Whether what a Probe reports as received, which is something, is of the test that has ended alone.
    pub(crate) fn is_late_answer(&self, mut reported: impl Iterator<Item = Nonce>) -> bool {
        let is_of_it = |nonce: Nonce| self.over.contains(&nonce);
        reported.next().is_some_and(is_of_it) && reported.all(is_of_it)
    }

    /// Forgets the Probes sent over other pairs than this, so that a late report of them moves nothing.
    pub(crate) fn keep_only(&mut self, places: Option<Places>) {
        self.retain_sent(|sent| Some(sent.places) == places);
    }

    /// Probes sent, the latest first.
    pub(crate) fn latest_sent(&self) -> impl Iterator<Item = &SentProbe> {
        self.sent.iter().rev()
    }

    /// Probes received, the latest first.
    pub(crate) fn latest_received(&self) -> impl Iterator<Item = &ReceivedProbe> {
        self.received.iter().rev()
    }

    /// The pairs that are looked after beside the current one.
    pub fn looked_after(&self) -> impl Iterator<Item = LookedAfter> + '_ {
        let roles = [Role::Preferred, Role::Standby, Role::Asked];
        self.kept.watches.iter().zip(roles).filter_map(|(watch, role)| {
            let Watch { pair, good_since, lost, round_trip, .. } = (*watch)?;
            Some(LookedAfter { pair, role, good_since, lost, round_trip })
        })
    }

    /// When the next Probe is due.
    pub fn due(&self) -> Instant {
        self.due
    }

    /// Probes that the timer has sent so far.
    pub fn series(&self) -> u16 {
        self.series
    }
}

impl Default for Exploration {
    fn default() -> Exploration {
        Exploration::new()
    }
}
