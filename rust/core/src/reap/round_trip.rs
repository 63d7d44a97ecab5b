// SPDX-License-Identifier: MIT OR GPL-2.0
//! How long an answer takes: the mean and the variation of round trips over the current pair, as RFC 6298 section 2 keeps
//! them, from the context's own exchanges and from transports that know better.

use crate::time::Duration;

/// What is added to the mean at the least, in milliseconds: clocks and hosts are not exact.
const MARGIN: u32 = 4;
/// The same where there is more than silence to go by.
const MARGIN_TIGHT: u32 = 2;
/// The part of the mean that the variation is taken for where only the mean is known.
const UNKNOWN_VARIATION: u16 = 8;
/// The wait where nothing was measured yet, in milliseconds.
const UNKNOWN: u32 = 60;
/// Parts of a millisecond that are kept.
const PARTS: u32 = 8;

/// Mean and variation of the round-trip time, in eighths of a millisecond; a mean of zero means never measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct RoundTrip {
    mean: u16,
    variation: u16,
}

fn parts(time: Duration) -> u16 {
    u16::try_from(time.as_millis().saturating_mul(PARTS)).unwrap_or(u16::MAX)
}

impl RoundTrip {
    /// What a transport has measured, in microseconds; without a variation if it has but one sample.
    pub fn new(mean: u32, variation: Option<u32>) -> RoundTrip {
        let parts = |micros: u32| u16::try_from(micros.div_ceil(1000 / PARTS)).unwrap_or(u16::MAX);
        let mean = parts(mean).max(1);
        RoundTrip { mean, variation: variation.map_or(mean / UNKNOWN_VARIATION, parts) }
    }

    /// From the word that [`RoundTrip::bits`] gave.
    pub const fn from_bits(bits: u32) -> RoundTrip {
        RoundTrip { mean: bits as u16, variation: (bits >> 16) as u16 }
    }

    /// All of it in one word; zero if nothing was measured.
    pub const fn bits(self) -> u32 {
        self.mean as u32 | (self.variation as u32) << 16
    }

    /// An answer came after this time.
    pub fn sample(&mut self, time: Duration) {
        let time = parts(time).max(1);
        if self.mean == 0 {
            *self = RoundTrip { mean: time, variation: time / UNKNOWN_VARIATION };
            return;
        }
        let error = i32::from(time) - i32::from(self.mean);
        self.variation = moved(self.variation, (error.abs() - i32::from(self.variation)) / 4);
        self.mean = moved(self.mean, error / 8).max(1);
    }

    /// It is known to be at most this: better than nothing, if it is less than what is taken for unknown.
    pub fn bound(&mut self, time: Duration) {
        if self.mean == 0 && time.as_millis() < UNKNOWN {
            self.sample(time);
        }
    }

    /// The mean, if anything was measured.
    pub fn mean(&self) -> Option<Duration> {
        (self.mean != 0).then(|| Duration::from_millis(u32::from(self.mean).div_ceil(PARTS)))
    }

    /// Whether nothing was on its way for so long a time, as far as is known: half of a round trip.
    pub fn is_rest(&self, time: Duration) -> bool {
        self.mean != 0 && time.as_millis().saturating_mul(2 * PARTS) >= u32::from(self.mean)
    }

    /// How long to wait for an answer before it counts as missing.
    pub fn wait(&self) -> Duration {
        if self.mean == 0 {
            return Duration::from_millis(UNKNOWN);
        }
        let (mean, variation) = (u32::from(self.mean), u32::from(self.variation));
        let margin = (4 * variation).max(mean / 4).max(MARGIN * PARTS);
        Duration::from_millis((mean + margin).div_ceil(PARTS))
    }

    /// The same where silence is not all that there is to go by.
    pub fn tight_wait(&self) -> Duration {
        if self.mean == 0 {
            return self.wait();
        }
        let (mean, variation) = (u32::from(self.mean), u32::from(self.variation));
        let margin = (4 * variation).max(MARGIN_TIGHT * PARTS);
        Duration::from_millis((mean + margin).div_ceil(PARTS)).at_most(self.wait())
    }
}

fn moved(value: u16, by: i32) -> u16 {
    u16::try_from((i32::from(value) + by).max(0)).unwrap_or(u16::MAX)
}
