// SPDX-License-Identifier: MIT OR GPL-2.0
//! REAP: whether packets reach the peer and come back, and which pair of locators to use when they do not (RFC 5534).
//!
//! ```text
//!                    Send Timer expired                    Probe (Exploring)
//!   OPERATIONAL ---------------------------> EXPLORING     from any state ------> INBOUND-OK
//!    ^   ^                                     |    ^                              |   |
//!    |   |  Probe (Operational or InboundOk)   |    |      Send Timer expired      |   |
//!    |   +-------------------------------------+    +------------------------------+   |
//!    +---------------------------------------------------------------------------------+
//!                              Probe (Operational or InboundOk)
//!                  EXPLORING -- payload or Keepalive received --> INBOUND-OK
//! ```
//!
//! Timers are lazy: packets write [`Notes`], and the context's one timer reads them. An idle context needs none.

mod cadence;
mod doubt;
mod exploration;
mod notes;
mod round_trip;

pub use cadence::{Cadence, Patience};
pub use doubt::Doubt;
pub(crate) use exploration::{
    Call, Lent, Owed, Places, ReceivedProbe, SentProbe, Test, Watch, Wish, ASKED, BACK, LEAST_PATIENCE, LOST, STANDBY,
};
pub use exploration::{Exploration, LookedAfter, Role, MAX_RECEIVED, MAX_SENT, MAX_TEST, REPORTED_SENT};
pub use notes::{received_at, sent_at, Note, Notes};
pub use round_trip::RoundTrip;

use crate::settings::Settings;
use crate::time::{Duration, Instant};

/// The shortest Keepalive Interval, in per cent of the Keepalive Timeout.
const KEEPALIVE_SHORTEST: u32 = 34;
/// The longest, in per cent of the Keepalive Timeout.
const KEEPALIVE_LONGEST: u32 = 50;
/// How much longer than the shortest one that is drawn may be, in per cent of the Keepalive Timeout.
pub(crate) const KEEPALIVE_SPREAD: u32 = 15;

/// The states of RFC 5534 section 6; the numbers are those of the control interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum ReapState {
    /// Packets arrive, or none are awaited.
    Operational = 0,
    /// Nothing arrives; pairs are being probed.
    Exploring = 1,
    /// Packets arrive from the peer; whether ours reach it is not known.
    InboundOk = 2,
}

/// What a context keeps of REAP while it is at rest.
#[derive(Clone, Copy, Debug)]
pub struct Reap {
    pub(crate) state: ReapState,
    /// The peer's Keepalive Timeout in seconds; none told: 0.
    pub(crate) peer_timeout: u16,
    /// The start of the Keepalive Timer (RFC 5534 sections 4.1 and 6.1) whose Keepalives are being sent: the packet
    /// received that began it. When it expires, that note is wiped.
    pub(crate) keepalives_from: Option<Instant>,
    /// How long after that the next Keepalive is due.
    pub(crate) keepalive_after: Duration,
}

impl Reap {
    /// Operational, without timers.
    pub fn new() -> Reap {
        Reap { state: ReapState::Operational, peer_timeout: 0, keepalives_from: None, keepalive_after: Duration::ZERO }
    }

    /// The state.
    pub fn state(&self) -> ReapState {
        self.state
    }

    /// The Keepalive Timeout that holds here: the peer's Send Timeout if it told one, else the setting.
    pub fn keepalive_timeout(&self, settings: &Settings) -> Duration {
        match self.peer_timeout {
            0 => settings.keepalive_timeout,
            seconds => Duration::from_secs(u32::from(seconds)),
        }
    }

    /// The shortest Keepalive Interval. RFC 5534 section 4.1 wants a third to a half of the Keepalive Timeout, at random:
    /// each is at most [`KEEPALIVE_SPREAD`] per cent of the timeout longer, unless the settings say which it is to be.
    pub fn keepalive_interval(&self, settings: &Settings) -> Duration {
        let timeout = self.keepalive_timeout(settings);
        let shortest = timeout.fraction(KEEPALIVE_SHORTEST, 100);
        match settings.keepalive_interval {
            Duration::ZERO => shortest,
            interval => interval.max(shortest).at_most(timeout.fraction(KEEPALIVE_LONGEST, 100)),
        }
    }

    /// How long after a packet was noted the context's timer must run at the latest. The data path arms the timer
    /// for that time when [`Notes`] say so.
    pub fn check_delay(&self, settings: &Settings) -> Duration {
        self.keepalive_interval(settings).at_most(settings.send_timeout)
    }

    /// Whether payload received changes the state at once.
    pub(crate) fn is_watched(&self) -> bool {
        self.state == ReapState::Exploring
    }
}

impl Default for Reap {
    fn default() -> Reap {
        Reap::new()
    }
}
