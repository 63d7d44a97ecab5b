// SPDX-License-Identifier: MIT OR GPL-2.0
//! What a context needs only while it waits for an answer to I1, I2 or I2bis.

use crate::locator::Pair;
use crate::time::{Duration, Instant};
use crate::wire::{Nonce, Tag};
use heapless::Vec;

/// The longest Responder Validator, in octets, that an initiator will carry: it leaves room in an I2 for the list and its proof, and
/// fills the kernel's object. The format allows more; nobody needs more than a hash's worth.
pub const MAX_VALIDATOR: usize = 432;

/// The state of one exchange.
#[derive(Clone, Debug)]
pub struct Establishment {
    /// The Initiator Nonce that R1 and R2 must return.
    pub(crate) nonce: Nonce,
    /// The pair over which the last I1, I2 or I2bis went.
    pub(crate) pair: Pair,
    /// Copies sent of the present message after the first.
    pub(crate) retries: u8,
    /// Rounds of I1 begun in this attempt.
    pub(crate) rounds: u8,
    /// When the first copy of the present message was sent.
    pub(crate) sent: Instant,
    /// When the next copy is due.
    pub(crate) due: Instant,
    /// The nominal interval that ends then.
    pub(crate) interval: Duration,
    /// From R1 or R1bis.
    pub(crate) responder_nonce: Nonce,
    /// From R1 or R1bis.
    pub(crate) validator: Vec<u8, MAX_VALIDATOR>,
    /// From R1bis.
    pub(crate) packet_tag: Option<Tag>,
}

impl Establishment {
    /// An exchange in which nothing was sent yet.
    pub fn new() -> Establishment {
        let nowhere = Pair { local: crate::addr::Addr::UNSPECIFIED, peer: crate::addr::Addr::UNSPECIFIED };
        Establishment {
            nonce: Nonce(0),
            pair: nowhere,
            retries: 0,
            rounds: 0,
            sent: Instant::ZERO,
            due: Instant::FAR_FUTURE,
            interval: Duration::ZERO,
            responder_nonce: Nonce(0),
            validator: Vec::new(),
            packet_tag: None,
        }
    }

    /// Copies of the message that awaits an answer, the first not counted.
    pub fn retries(&self) -> u8 {
        self.retries
    }

    /// When the next copy is due.
    pub fn due(&self) -> Instant {
        self.due
    }

    /// The pair over which the last I1, I2 or I2bis went.
    pub fn pair(&self) -> Pair {
        self.pair
    }
}

impl Default for Establishment {
    fn default() -> Establishment {
        Establishment::new()
    }
}
