// SPDX-License-Identifier: MIT OR GPL-2.0
//! An Update Request on its way (RFC 5533 section 10).

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
    /// The nominal interval that ends then.
    pub(crate) interval: Duration,
}

impl Update {
    /// When the next copy is due.
    pub fn due(&self) -> Instant {
        self.due
    }

    /// Copies sent after the first.
    pub fn retries(&self) -> u8 {
        self.retries
    }
}
