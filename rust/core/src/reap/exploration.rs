// SPDX-License-Identifier: MIT OR GPL-2.0
//! What a context needs only while it explores: the Probes sent and received, and when the next one is due.

use crate::engine::Cause;
use crate::locator::Pair;
use crate::time::{Duration, Instant};
use crate::wire::Nonce;
use heapless::Deque;

/// Probes sent that are remembered, so that a report about them is believed.
pub const MAX_SENT: usize = 12;
/// Probes received that are remembered, to be reported.
pub const MAX_RECEIVED: usize = 4;
/// Earlier Probes sent that a Probe reports.
pub const REPORTED_SENT: usize = 3;

/// A Probe sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SentProbe {
    pub pair: Pair,
    pub nonce: Nonce,
}

/// A Probe received, from `pair.peer` to `pair.local`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ReceivedProbe {
    pub pair: Pair,
    pub nonce: Nonce,
    pub data: u32,
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
    /// The pair that an operator wants, if it works.
    pub(crate) wanted: Option<Pair>,
    /// Why it began.
    pub(crate) cause: Cause,
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
            wanted: None,
            cause: Cause::None,
        }
    }

    /// Remembers a Probe sent; the oldest is forgotten.
    pub(crate) fn record(&mut self, pair: Pair, nonce: Nonce) {
        if self.sent.is_full() {
            let _ = self.sent.pop_front();
        }
        let _ = self.sent.push_back(SentProbe { pair, nonce });
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

    /// Probes sent, the latest first.
    pub(crate) fn latest_sent(&self) -> impl Iterator<Item = &SentProbe> {
        self.sent.iter().rev()
    }

    /// Probes received, the latest first.
    pub(crate) fn latest_received(&self) -> impl Iterator<Item = &ReceivedProbe> {
        self.received.iter().rev()
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
