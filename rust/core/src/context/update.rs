// SPDX-License-Identifier: MIT OR GPL-2.0
//! An Update Request on its way (RFC 5533 section 10).

use crate::settings::{MAX_UPDATE_TIMEOUT, UPDATE_TIMEOUT};
use crate::time::{Duration, Instant};
use crate::wire::Nonce;

/// The state of an Update Request that was not acknowledged yet. There is at most one per context.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Update {
    /// Request Nonce, the same in every copy.
    pub(crate) nonce: Nonce,
    /// Whether it carries the list, and not only preferences.
    pub(crate) list: bool,
    /// Whether it tells the Send Timeout, which has changed.
    pub(crate) timeout: bool,
    /// Copies sent after the first.
    pub(crate) retries: u8,
    /// When the next copy is due.
    pub(crate) due: Instant,
    /// How often the nominal interval that ends then was doubled.
    pub(crate) doublings: u8,
}

impl Update {
    /// The nominal interval before the next copy.
    pub(crate) fn interval(&self) -> Duration {
        UPDATE_TIMEOUT.times(1u32.checked_shl(self.doublings.into()).unwrap_or(u32::MAX)).at_most(MAX_UPDATE_TIMEOUT)
    }

    /// When the next copy is due.
    pub fn due(&self) -> Instant {
        self.due
    }

    /// Copies sent after the first.
    pub fn retries(&self) -> u8 {
        self.retries
    }
}
