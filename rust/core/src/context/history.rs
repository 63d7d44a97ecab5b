// SPDX-License-Identifier: MIT OR GPL-2.0
//! The last switches of a context: when, why, and how long nothing had come from the peer by then. Kept small, as each
//! context has it.

use crate::engine::Cause;
use crate::time::{Duration, Instant};

/// Switches that are remembered.
pub const MAX_SWITCHES: usize = 4;
/// Milliseconds in a unit of the silence kept.
const UNIT: u32 = 10;

/// A change of the current pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Switch {
    /// When.
    pub at: Instant,
    /// For how long nothing had come from the peer by then, to a hundredth of a second and up to eleven minutes.
    pub silence: Duration,
    /// Why.
    pub cause: Cause,
}

/// A switch as it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Entry {
    /// Milliseconds since the context was created; the most is 49 days.
    at: u32,
    silence: u16,
    cause: Cause,
}

/// The last switches, the latest last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct History {
    entries: [Entry; MAX_SWITCHES],
    len: u8,
}

impl History {
    /// No switch yet.
    pub const fn new() -> History {
        History { entries: [Entry { at: 0, silence: 0, cause: Cause::None }; MAX_SWITCHES], len: 0 }
    }

    /// Remembers a switch; the oldest is forgotten.
    pub fn record(&mut self, age: Duration, silence: Duration, cause: Cause) {
        let silence = u16::try_from(silence.as_millis() / UNIT).unwrap_or(u16::MAX);
        let entry = Entry { at: age.as_millis(), silence, cause };
        if usize::from(self.len) == MAX_SWITCHES {
            self.entries.rotate_left(1);
        } else {
            self.len += 1;
        }
        if let Some(place) = self.entries.get_mut(usize::from(self.len) - 1) {
            *place = entry;
        }
    }

    /// The switches of a context created at this time, the latest first.
    pub fn iter(&self, created: Instant) -> impl Iterator<Item = Switch> + '_ {
        self.entries.iter().take(usize::from(self.len)).rev().map(move |entry| Switch {
            at: created + Duration::from_millis(entry.at),
            silence: Duration::from_millis(u32::from(entry.silence)).times(UNIT),
            cause: entry.cause,
        })
    }
}
