// SPDX-License-Identifier: MIT OR GPL-2.0
//! Doubt: what false alarms teach. A path that has raised one lately is given more time, both before the next and in it.

use crate::time::{Duration, Instant};

/// How often the time may double.
const MOST: u32 = 2;
/// How long without a false alarm until one doubling is taken back.
const FADES_IN: Duration = Duration::from_secs(10);

/// How much a context doubts alarms by silence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Doubt {
    /// When all of it will have faded: the lower half of the time in milliseconds. 49 days later there may seem to be some.
    fades_at: u32,
}

impl Doubt {
    /// An alarm was false.
    #[must_use]
    pub fn after_false_alarm(self, now: Instant) -> Doubt {
        let level = (self.level(now) + 1).min(MOST);
        Doubt { fades_at: lower_half(now + FADES_IN.times(level)) }
    }

    /// A time to wait, as much longer as there is doubt.
    #[must_use]
    pub fn stretch(self, now: Instant, wait: Duration) -> Duration {
        wait.times(1 << self.level(now))
    }

    /// Whether there is any.
    pub fn is_any(self, now: Instant) -> bool {
        self.level(now) > 0
    }

    fn level(self, now: Instant) -> u32 {
        let left = self.fades_at.wrapping_sub(lower_half(now)).div_ceil(FADES_IN.as_millis());
        if left <= MOST {
            left
        } else {
            0
        }
    }
}

fn lower_half(at: Instant) -> u32 {
    at.as_millis() as u32
}
