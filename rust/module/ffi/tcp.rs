// SPDX-License-Identifier: GPL-2.0
//! What TCP knows of a path, and what it is told of one.

use super::{bindings, netns::Share, packet::Packet};
use core::mem::MaybeUninit;
use shim6_core::{locator::Pair, time::Duration};

/// The round trip that a connection has measured.
pub(crate) struct RoundTrip {
    /// Its smoothed mean.
    pub(crate) mean: Duration,
    /// Its mean deviation.
    pub(crate) variation: Duration,
}

/// Microseconds as the core counts them, rounded up.
fn milliseconds(micros: u32) -> Duration {
    Duration::from_millis(micros.div_ceil(1000))
}

impl Packet {
    /// What the connection of TCP knows whose packet this is, if it sends again what was not acknowledged in time.
    pub(crate) fn tcp_stall(&self) -> Option<RoundTrip> {
        let mut stall = MaybeUninit::uninit();
        // SAFETY: the buffer is valid and on its way out, so whoever sends it has its socket locked; on success the
        // function has written the result.
        let stall = unsafe { bindings::shim6_tcp_stalls(self.raw(), stall.as_mut_ptr()).then(|| stall.assume_init()) }?;
        Some(RoundTrip { mean: milliseconds(stall.mean), variation: milliseconds(stall.variation) })
    }
}

impl Share {
    /// Tells a connection between these ULIDs that its packets go by the pair `path` from now on. `ports` are those of its
    /// packets, the local one in the upper half. Must be called without the control lock.
    pub(crate) fn wake_tcp(self, ulids: &Pair, ports: u32, path: &Pair) {
        // SAFETY: the namespace lives with its share; the addresses are 16 octets each.
        unsafe {
            bindings::shim6_tcp_wake(
                self.net(),
                ulids.local.octets().as_ptr(),
                ulids.peer.octets().as_ptr(),
                ports,
                path.local.octets().as_ptr(),
                path.peer.octets().as_ptr(),
            )
        }
    }
}
