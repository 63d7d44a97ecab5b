// SPDX-License-Identifier: MIT OR GPL-2.0
//! Constants of the protocol, with unit and source, and the few of them that an operator may change.

use crate::time::Duration;

/// First interval between copies of I1 (RFC 5533 section 14).
pub const I1_TIMEOUT: Duration = Duration::from_secs(4);
/// Copies of I1 after the first (RFC 5533 section 14).
pub const I1_RETRIES_MAX: u8 = 4;
/// First interval between copies of I2 (RFC 5533 section 14).
pub const I2_TIMEOUT: Duration = Duration::from_secs(4);
/// Copies of I2 after the first (RFC 5533 section 14).
pub const I2_RETRIES_MAX: u8 = 2;
/// First interval between copies of I2bis (RFC 5533 section 14).
pub const I2BIS_TIMEOUT: Duration = Duration::from_secs(4);
/// Copies of I2bis after the first (RFC 5533 section 14).
pub const I2BIS_RETRIES_MAX: u8 = 2;
/// How long E-FAILED lasts (RFC 5533 section 14).
pub const NO_R1_HOLDDOWN_TIME: Duration = Duration::from_secs(60);
/// How long NO-SUPPORT lasts (RFC 5533 section 14).
pub const ICMP_HOLDDOWN_TIME: Duration = Duration::from_secs(600);
/// First interval between copies of an Update Request (RFC 5533 section 14).
pub const UPDATE_TIMEOUT: Duration = Duration::from_secs(4);
/// Largest nominal interval between copies of an Update Request (RFC 5533 section 14).
pub const MAX_UPDATE_TIMEOUT: Duration = Duration::from_secs(120);
/// Rounds of I1, R1, I2 that one attempt may take before it counts as failed; RFC 5533 section 7.12 sets no limit.
pub const ROUNDS_MAX: u8 = 2;
/// How long a responder waits for a repeated I2 before it takes its R2 for received and its locators for known:
/// the longest first interval of [`I2_TIMEOUT`] (RFC 5533 section 7.2 leaves it open).
pub const R2_SETTLED: Duration = Duration::from_secs(6);
/// How long the record of an exploration outlives its success, so that late Probes are still understood.
pub const EXPLORATION_LINGER: Duration = Duration::from_secs(10);

/// What an operator may change; the rest are constants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Send Timeout: how long payload may go out without anything coming back (RFC 5534 section 7).
    pub send_timeout: Duration,
    /// Keepalive Timeout for peers that tell none (RFC 5534 section 7).
    pub keepalive_timeout: Duration,
    /// The Keepalive Interval, within the third and the half of the Keepalive Timeout that RFC 5534 section 4.1 allows;
    /// zero: one between the two, drawn anew each time.
    pub keepalive_interval: Duration,
    /// Number of Initial Probes (RFC 5534 section 7).
    pub initial_probes: u8,
    /// Initial Probe Timeout: the interval between them (RFC 5534 section 7).
    pub initial_probe_timeout: Duration,
    /// Max Probe Timeout: the interval at which the doubling ends (RFC 5534 section 4.3).
    pub max_probe_timeout: Duration,
    /// Pairs that a context may probe at once when advice says that its pair has failed; 1 keeps to RFC 5534
    /// section 4.3, which wants them one after the other.
    pub parallel_probes: u8,
    /// Whether traffic moves at once, and is tested on its new pair, where the current one is known to be lost: the own
    /// address is, or the peer calls its broken. Else it moves when a Probe was answered.
    pub advice_local: bool,
    /// Whether ICMPv6 errors about packets of a context start a test.
    pub advice_icmp: bool,
    /// Whether a transport that repeats in vain starts a test.
    pub advice_transport: bool,
    /// Whether payload that came regularly and comes no more starts a test.
    pub advice_cadence: bool,
    /// Whether an application that says so starts a test.
    pub advice_application: bool,
    /// Whether a router that does not answer, or a route that is gone, starts a test.
    pub advice_router: bool,
    /// Probes over the current pair of a test, none of which may be answered if traffic is to move; at most
    /// [`crate::reap::MAX_TEST`]. More withstand more loss.
    pub test_probes: u8,
    /// Probes that tests on advice may make a context send in one second.
    pub test_limit: u16,
    /// For how long a preferred pair must have worked again before traffic goes back to it; zero: it does not.
    pub return_time: Duration,
    /// The interval at which an alternative pair is probed while there is traffic, so that it is known to work; zero:
    /// it is not.
    pub standby_interval: Duration,
    /// Time without payload after which a context may be collected (RFC 5533 section 9).
    pub idle_timeout: Duration,
}

impl Settings {
    /// The values of the RFCs; all advice is heeded, and on advice up to four pairs are probed at once.
    pub const DEFAULT: Settings = Settings {
        send_timeout: Duration::from_secs(15),
        keepalive_timeout: Duration::from_secs(15),
        keepalive_interval: Duration::ZERO,
        initial_probes: 4,
        initial_probe_timeout: Duration::from_millis(500),
        max_probe_timeout: Duration::from_secs(60),
        parallel_probes: 4,
        advice_local: true,
        advice_icmp: true,
        advice_transport: true,
        advice_cadence: true,
        advice_application: true,
        advice_router: true,
        test_probes: 8,
        test_limit: 24,
        return_time: Duration::from_secs(30),
        standby_interval: Duration::ZERO,
        idle_timeout: Duration::from_secs(600),
    };

    /// RFC 5534 and nothing else: no advice, pairs one after the other, no way back.
    pub const STRICT: Settings = Settings {
        parallel_probes: 1,
        advice_local: false,
        advice_icmp: false,
        advice_transport: false,
        advice_cadence: false,
        advice_application: false,
        advice_router: false,
        return_time: Duration::ZERO,
        standby_interval: Duration::ZERO,
        ..Settings::DEFAULT
    };

    /// The Send Timeout in whole seconds, rounded up, as the Keepalive Timeout option tells it (RFC 5534 section 5.3).
    pub const fn announced_timeout(&self) -> u16 {
        let seconds = self.send_timeout.as_millis().saturating_add(999) / 1000;
        if seconds > u16::MAX as u32 {
            u16::MAX
        } else {
            seconds as u16
        }
    }
}

impl Default for Settings {
    fn default() -> Settings {
        Settings::DEFAULT
    }
}
