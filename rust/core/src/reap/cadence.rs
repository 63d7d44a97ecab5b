// SPDX-License-Identifier: MIT OR GPL-2.0
//! Cadence: whether payload that came regularly is missed. The data path keeps one word per context and calls
//! [`Cadence::heard`] for it once a tick; the engine reads it from [`super::Notes`].

use crate::time::{Duration, Instant};

/// Ticks with payload before its coming counts as regular.
const REGULAR: u8 = 16;
/// A longer gap is rest, after which it all begins anew, in milliseconds.
const REST: u32 = 1000;
/// In this time, in milliseconds, the memory of a long gap fades.
const FADING: u32 = 4000;
/// Parts of a millisecond in which gaps are kept.
const PARTS: u32 = 16;
/// The shortest silence that means anything, in milliseconds: it must be more than a timer's and a scheduler's whim.
const SHORTEST: u32 = 50;
/// Added to twice the longest gap, in milliseconds.
const MARGIN: u32 = 20;

/// When payload came last, the longest gap between any two lately, and how many ticks brought some since the last rest.
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
        let last = now.as_millis() as u32;
        let gap = last.wrapping_sub(self.last);
        if gap > REST {
            return Cadence { last, longest: 0, ticks: 0 };
        }
        // At least one part fades away each time.
        let faded = (self.longest as u32).saturating_sub((self.longest as u32 * gap).div_ceil(FADING));
        let longest = if gap * PARTS > faded { gap * PARTS } else { faded };
        Cadence { last, longest: longest as u16, ticks: self.ticks.saturating_add(1) }
    }

    /// The same with nothing to be missed: what stopped has been looked into.
    #[must_use]
    pub const fn settled(self) -> Cadence {
        Cadence { ticks: 0, longest: 0, ..self }
    }

    /// The time at which silence since the last payload is suspicious, if payload comes regularly at all.
    pub fn missed_at(&self, now: Instant) -> Option<Instant> {
        let silence = (2 * u32::from(self.longest) / PARTS + MARGIN).max(SHORTEST);
        if self.ticks < REGULAR || silence > REST {
            return None;
        }
        // Only the lower half of the time is kept.
        let age = (now.as_millis() as u32).wrapping_sub(self.last);
        Some(now - Duration::from_millis(age) + Duration::from_millis(silence))
    }
}
