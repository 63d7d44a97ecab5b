// SPDX-License-Identifier: MIT OR GPL-2.0
//! Cadence: whether payload that came regularly, or an answer that used to come soon, is missed. The data path keeps two
//! words per context, and calls [`Cadence::heard`] and [`Cadence::answered`] for them once a tick; the engine reads them
//! from [`super::Notes`].

use crate::time::{Duration, Instant};

/// Ticks with payload before its coming counts as regular: a burst is soon over.
const REGULAR: u8 = 24;
/// How many of them an answer stands for.
const ANSWER: u8 = 2;
/// A longer time without any is rest, after which it all begins anew, in milliseconds.
const REST: u32 = 250;
/// So many times the longest gap is rest, too: what pauses between bursts is not regular.
const PAUSE: u32 = 8;
/// The longest wait that is kept, in milliseconds.
const LONGEST: u32 = 1000;
/// The same where answers are counted: questions may be rare.
const REST_OF_ANSWERS: u32 = 4000;
/// In this time, in milliseconds, the memory of a long wait fades: that of the first round trips of a stream, for one.
const FADING: u32 = 1000;
/// Parts of a millisecond in which waits are kept.
const PARTS: u32 = 16;
/// The shortest silence that means anything, in milliseconds: it must be more than a timer's and a scheduler's whim.
const SHORTEST: u32 = 20;
/// Added to twice the longest wait, in milliseconds.
const MARGIN: u32 = 8;
/// The shortest silence after which a test begins where another pair stands by, in milliseconds.
const SHORTEST_EAGER: u32 = 12;
/// Added to the longest wait where another pair is lent, in milliseconds.
const MARGIN_LENDING: u32 = 4;
/// The part of the longest wait that is added there if it is more.
const PART_LENDING: u32 = 8;
/// So many in a round trip are dense.
const DENSE: u32 = 2;

/// How much of a wait is enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patience {
    /// A test is all that begins.
    Usual,
    /// Time is what counts, as another pair stands by; an early test costs some Probes at most.
    Eager,
    /// What waits is sent over another pair as well ([`crate::engine::Action::Lend`]): of two answers the first counts.
    Lending,
}

impl Patience {
    /// The least that may be enough, for who arms a timer and knows no more: what waits may be `alone`, another pair may stand by.
    pub fn least(alone: bool, stands_by: bool) -> Patience {
        match (alone, stands_by) {
            (true, _) => Patience::Lending,
            (false, true) => Patience::Eager,
            (false, false) => Patience::Usual,
        }
    }
}

/// When something came last, the longest wait for it lately, and how often it came since the last rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Cadence {
    last: u32,
    longest: u16,
    ticks: u8,
}

impl Cadence {
    /// From the word that [`Cadence::bits`] gave.
    pub const fn from_bits(bits: u64) -> Cadence {
        Cadence { last: bits as u32, longest: (bits >> 32) as u16, ticks: (bits >> 48) as u8 }
    }

    /// All of it in one word.
    pub const fn bits(self) -> u64 {
        self.last as u64 | (self.longest as u64) << 32 | (self.ticks as u64) << 48
    }

    /// Payload came.
    #[must_use]
    pub const fn heard(self, now: Instant) -> Cadence {
        let gap = (now.as_millis() as u32).wrapping_sub(self.last);
        let longest = self.longest as u32 / PARTS;
        let pause = if longest * PAUSE > SHORTEST { longest * PAUSE } else { SHORTEST };
        let rest = if self.ticks > 1 && pause < REST { pause } else { REST };
        self.noted(now, gap, rest, 1)
    }

    /// The first payload came since some was sent, after this wait.
    #[must_use]
    pub const fn answered(self, now: Instant, wait: Duration) -> Cadence {
        self.noted(now, wait.as_millis(), REST_OF_ANSWERS, ANSWER)
    }

    const fn noted(self, now: Instant, wait: u32, rest: u32, ticks: u8) -> Cadence {
        let last = now.as_millis() as u32;
        let gap = last.wrapping_sub(self.last);
        if gap > rest || wait > LONGEST {
            return Cadence { last, longest: 0, ticks: 0 };
        }
        // At least one part fades away each time.
        let faded = (self.longest as u32).saturating_sub((self.longest as u32 * gap).div_ceil(FADING));
        let longest = if wait * PARTS > faded { wait * PARTS } else { faded };
        Cadence { last, longest: longest as u16, ticks: self.ticks.saturating_add(ticks) }
    }

    /// The same with nothing to be missed until it is regular again: what stopped has been looked into.
    #[must_use]
    pub const fn settled(self) -> Cadence {
        Cadence { ticks: 0, ..self }
    }

    /// Whether it has just come to be regular, so that somebody must look whether it is missed from now on.
    pub const fn begins(&self) -> bool {
        self.ticks == REGULAR
    }

    /// After how long a wait it is missed, if it is regular at all.
    pub fn patience(&self) -> Option<Duration> {
        self.patience_of(Patience::Usual)
    }

    /// The same, as long as is enough.
    pub fn patience_of(&self, patience: Patience) -> Option<Duration> {
        let longest = u32::from(self.longest) / PARTS;
        let wait = match patience {
            Patience::Usual => (u32::from(self.longest) * 2 / PARTS + MARGIN).max(SHORTEST),
            Patience::Eager => (longest + MARGIN).max(SHORTEST_EAGER),
            Patience::Lending => (longest + MARGIN_LENDING.max(longest / PART_LENDING)).max(SHORTEST),
        };
        (self.is_regular() && wait <= LONGEST).then_some(Duration::from_millis(wait))
    }

    /// Whether several come in the time of a round trip, as far as is known.
    pub fn is_dense(&self, round_trip: Duration) -> bool {
        u32::from(self.longest) * DENSE <= round_trip.as_millis() * PARTS
    }

    /// Whether it is known when one is missed.
    pub fn is_regular(&self) -> bool {
        self.ticks >= REGULAR
    }

    /// When payload came last.
    pub fn last(&self, now: Instant) -> Instant {
        // Only the lower half of the time is kept.
        now - Duration::from_millis((now.as_millis() as u32).wrapping_sub(self.last))
    }

    /// The time at which silence since the last payload is suspicious, if payload comes regularly.
    pub fn missed_at(&self, now: Instant) -> Option<Instant> {
        Some(self.last(now) + self.patience()?)
    }
}
