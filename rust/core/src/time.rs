// SPDX-License-Identifier: MIT OR GPL-2.0
//! Time as the protocol sees it: milliseconds on a clock that the caller owns and that never goes back.
//!
//! All arithmetic saturates: a protocol clock must neither wrap nor panic.

use core::fmt;
use core::num::NonZeroU64;
use core::ops::{Add, AddAssign, Sub};

/// A point in time, in milliseconds since an epoch of the caller's choice.
///
/// Kept as one more than that: so an `Option` of it, of which a context has many, takes no more room than itself.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(NonZeroU64);

/// A length of time in milliseconds; the longest is about 49 days, far above any timer of RFC 5533 or RFC 5534.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Duration(u32);

impl Instant {
    /// The epoch itself.
    pub const ZERO: Instant = Instant(NonZeroU64::MIN);
    /// A point that never comes.
    pub const FAR_FUTURE: Instant = Instant(NonZeroU64::MAX);

    /// The point `milliseconds` after the epoch.
    #[inline]
    pub const fn from_millis(milliseconds: u64) -> Instant {
        Instant(NonZeroU64::MIN.saturating_add(milliseconds))
    }

    /// Milliseconds since the epoch.
    #[inline]
    pub const fn as_millis(self) -> u64 {
        self.0.get() - 1
    }

    /// The time that has passed since `earlier`; zero if `earlier` is not earlier.
    pub const fn since(self, earlier: Instant) -> Duration {
        let milliseconds = self.as_millis().saturating_sub(earlier.as_millis());
        if milliseconds > u32::MAX as u64 {
            Duration::MAX
        } else {
            Duration(milliseconds as u32)
        }
    }
}

impl Default for Instant {
    fn default() -> Instant {
        Instant::ZERO
    }
}

impl fmt::Debug for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Instant").field(&self.as_millis()).finish()
    }
}

impl Duration {
    /// No time at all.
    pub const ZERO: Duration = Duration(0);
    /// The longest representable duration.
    pub const MAX: Duration = Duration(u32::MAX);

    /// `milliseconds` milliseconds.
    pub const fn from_millis(milliseconds: u32) -> Duration {
        Duration(milliseconds)
    }

    /// `seconds` seconds.
    pub const fn from_secs(seconds: u32) -> Duration {
        Duration(seconds.saturating_mul(1000))
    }

    /// The duration in milliseconds.
    pub const fn as_millis(self) -> u32 {
        self.0
    }

    /// Whole seconds, rounded down.
    pub const fn as_secs(self) -> u32 {
        self.0 / 1000
    }

    /// `factor` times this long.
    pub const fn times(self, factor: u32) -> Duration {
        Duration(self.0.saturating_mul(factor))
    }

    /// `numerator / denominator` of it, rounded down; a denominator of zero counts as one.
    pub const fn fraction(self, numerator: u32, denominator: u32) -> Duration {
        let denominator = if denominator == 0 { 1 } else { denominator };
        let scaled = self.0 as u64 * numerator as u64 / denominator as u64;
        if scaled > u32::MAX as u64 {
            Duration::MAX
        } else {
            Duration(scaled as u32)
        }
    }

    /// The shorter of the two.
    pub const fn at_most(self, limit: Duration) -> Duration {
        if self.0 > limit.0 {
            limit
        } else {
            self
        }
    }
}

impl Add<Duration> for Instant {
    type Output = Instant;
    fn add(self, duration: Duration) -> Instant {
        Instant(self.0.saturating_add(u64::from(duration.0)))
    }
}

impl AddAssign<Duration> for Instant {
    fn add_assign(&mut self, duration: Duration) {
        *self = *self + duration;
    }
}

impl Sub<Duration> for Instant {
    type Output = Instant;
    fn sub(self, duration: Duration) -> Instant {
        Instant::from_millis(self.as_millis().saturating_sub(u64::from(duration.0)))
    }
}

impl Sub<Instant> for Instant {
    type Output = Duration;
    fn sub(self, earlier: Instant) -> Duration {
        self.since(earlier)
    }
}

impl Add<Duration> for Duration {
    type Output = Duration;
    fn add(self, other: Duration) -> Duration {
        Duration(self.0.saturating_add(other.0))
    }
}

impl Sub<Duration> for Duration {
    type Output = Duration;
    fn sub(self, other: Duration) -> Duration {
        Duration(self.0.saturating_sub(other.0))
    }
}
