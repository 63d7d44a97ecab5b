// SPDX-License-Identifier: GPL-2.0
//! Signatures of peers that wait to be checked (RFC 5533 section 5.15.5).
//!
//! RSA takes a hundred times what all else about a message takes, and may sleep: so the message is kept, a worker checks
//! its signature, and the engine is told it again with the answer. What a stranger can make this host compute is bounded:
//! so many messages wait and are checked a second, few of them from one prefix of 64 bits, which is what one stranger has.
//! What is over the limits is dropped and counted; its sender will send it again.

use crate::{control::Bucket, ffi, netns::Net, stats::Counter, table::copied};
use heapless::{Deque, HistoryBuffer};
use kernel::prelude::*;
use shim6_core::{
    addr::Prefix,
    engine::Question,
    time::{Duration, Instant},
};

/// Messages that may wait at once.
const MAX_WAITING: usize = 8;
/// Signatures checked per second at most. One takes 1.3 million instructions with a key of 2048 bits, and 4.5 million with one
/// of 4096 (measured, exponent 65537; the worst exponent takes less than twice as much): one or two hundredths of a CPU with the
/// former, less than a tenth with the latter.
const CHECKS_PER_SECOND: u32 = 50;
/// Between two messages of one prefix that are kept: a tenth of what is checked in all is for one at most.
const PAUSE: Duration = Duration::from_millis(200);
/// Messages kept last, as many as come in a pause and more.
const MAX_LATEST: usize = 16;
/// Octets of a packet that are kept: the longest control message (RFC 5533 section 5.1: 2048) and what may stand before it.
const MAX_KEPT: usize = 2560;

/// A message that waits.
struct Waiting {
    question: Question,
    /// The packet, from its IPv6 header on.
    whole: KVec<u8>,
    /// The key of the context's peer, if the message brings none. A copy: the context may be gone, or have another key, by
    /// the time of the check, which is without the lock. The kernel's crypto must not find it on a stack.
    kept: Option<KVec<u8>>,
}

/// The messages that wait, in the order in which they came. Guarded by the control lock.
pub(crate) struct Queue {
    waiting: Deque<Waiting, MAX_WAITING>,
    checks: Bucket,
    /// Where those kept last came from, and when.
    latest: HistoryBuffer<(Prefix, Instant), MAX_LATEST>,
}

impl Queue {
    /// An empty one.
    pub(crate) fn new(now: Instant) -> Queue {
        Queue { waiting: Deque::new(), checks: Bucket::full(now, CHECKS_PER_SECOND), latest: HistoryBuffer::new() }
    }

    /// Keeps a message, and a copy of the `key` of its sender that it does not bring, until its signature is checked, or
    /// says what its loss counts as.
    pub(crate) fn push(
        &mut self,
        now: Instant,
        question: &Question,
        key: Option<&[u8]>,
        whole: &[u8],
    ) -> Result<(), Counter> {
        let prefix = question.source().prefix64();
        let waits = self.waiting.iter().any(|other| other.question.source().prefix64() == prefix);
        let is_early = self.latest.as_slice().iter().any(|(other, at)| *other == prefix && now < *at + PAUSE);
        if waits || is_early || self.waiting.is_full() || !self.checks.take(now, CHECKS_PER_SECOND) {
            return Err(Counter::DropRateLimit);
        }
        self.latest.write((prefix, now));
        let copy = |octets| copied(octets).ok_or(Counter::DropNoMemory);
        let whole = copy(whole.get(..whole.len().min(MAX_KEPT)).unwrap_or(&[]))?;
        let kept = key.map(copy).transpose()?;
        self.waiting.push_back(Waiting { question: *question, whole, kept }).map_err(|_| Counter::DropRateLimit)
    }
}

impl Net {
    /// Checks the signatures that wait. Sleeps.
    pub(crate) fn check_signatures(&self) {
        loop {
            let Some(waiting) = self.lock().control().signatures.waiting.pop_front() else { return };
            self.check_signature(&waiting);
        }
    }

    fn check_signature(&self, waiting: &Waiting) {
        let Waiting { question, whole, kept } = waiting;
        let kept = kept.as_ref().map(|key| key.as_slice());
        let Some(Ok(is_good)) = question.signed(whole, kept).map(|signed| ffi::signature::fits(&signed)) else {
            return self.stats().inc(Counter::DropNoMemory);
        };
        let packet = question.answer(whole, kept, is_good);
        self.engine(&question.destination(), whole, |engine, now| engine.control_in(now, &packet));
    }
}
