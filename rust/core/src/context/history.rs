// SPDX-License-Identifier: MIT OR GPL-2.0
//! What a context has behind it once anything has happened to it: its last outage, the pair before, and when and why it
//! switched, and how long nothing had come from the peer by then. Kept small, as a failure gives one to each context.

use crate::engine::Cause;
use crate::locator::Pair;
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

/// The last outage of a context, its last switches, and the pair that it left with the latest of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Past {
    /// The last packet received before it last left Operational.
    outage_from: Option<Instant>,
    /// When it came back.
    outage_until: Option<Instant>,
    previous: Option<Pair>,
    /// The latest last.
    entries: [Entry; MAX_SWITCHES],
    len: u8,
}

impl Past {
    /// Nothing yet.
    pub const fn new() -> Past {
        Past {
            outage_from: None,
            outage_until: None,
            previous: None,
            entries: [Entry { at: 0, silence: 0, cause: Cause::None }; MAX_SWITCHES],
            len: 0,
        }
    }

    /// It has left Operational; `heard` is when something last came from the peer.
    pub(crate) fn outage_begins(&mut self, heard: Instant) {
        (self.outage_from, self.outage_until) = (Some(heard), None);
    }

    /// It is Operational again.
    pub(crate) fn outage_ends(&mut self, now: Instant) {
        self.outage_until = Some(now);
    }

    /// From the last packet received before the last exploration to its end; until `now` while it goes on.
    pub fn outage(&self, now: Instant) -> Option<Duration> {
        let from = self.outage_from?;
        Some(self.outage_until.unwrap_or(now).since(from))
    }

    /// Remembers that the context leaves a pair, this long after it was created; the oldest switch is forgotten.
    pub(crate) fn switched(&mut self, left: Pair, age: Duration, silence: Duration, cause: Cause) {
        self.previous = Some(left);
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

    /// The pair before the last switch.
    pub fn previous_pair(&self) -> Option<Pair> {
        self.previous
    }

    /// The last switches of a context created at this time, the latest first.
    pub fn switches(&self, created: Instant) -> impl Iterator<Item = Switch> + '_ {
        self.entries.iter().take(usize::from(self.len)).rev().map(move |entry| Switch {
            at: created + Duration::from_millis(entry.at),
            silence: Duration::from_millis(u32::from(entry.silence)).times(UNIT),
            cause: entry.cause,
        })
    }
}

impl Default for Past {
    fn default() -> Past {
        Past::new()
    }
}
