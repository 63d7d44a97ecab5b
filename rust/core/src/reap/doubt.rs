// SPDX-License-Identifier: MIT OR GPL-2.0
//! Doubt: what false alarms teach. A path that has raised one lately is given more time, both before the next and in it.

use crate::time::{Duration, Instant};

/// How often the time may double.
const MOST: u8 = 2;
/// How long without a false alarm until one doubling is taken back.
const FADES_IN: Duration = Duration::from_secs(10);

/// How much a context doubts alarms by silence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Doubt {
    level: u8,
    since: Instant,
}

impl Doubt {
    /// An alarm was false.
    #[must_use]
    pub fn after_false_alarm(self, now: Instant) -> Doubt {
        Doubt { level: self.level(now).saturating_add(1).min(MOST), since: now }
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

    fn level(self, now: Instant) -> u8 {
        let faded = now.since(self.since).as_millis() / FADES_IN.as_millis();
        self.level.saturating_sub(u8::try_from(faded).unwrap_or(u8::MAX))
    }
}
