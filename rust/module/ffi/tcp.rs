// SPDX-License-Identifier: GPL-2.0
//! What TCP knows of a path, and what it is told of one.

use super::{bindings, netns::Share, packet::Packet};
use core::mem::MaybeUninit;
use shim6_core::{locator::Pair, reap::RoundTrip};

/// What a connection knows.
pub(crate) struct Sender {
    /// The round trip that it has measured.
    pub(crate) round_trip: RoundTrip,
    /// Whether it awaits an acknowledgement.
    pub(crate) waits: bool,
    /// Whether it sends again what was not acknowledged in time.
    pub(crate) stalls: bool,
}

impl Packet {
    /// What the connection of TCP knows whose packet this is.
    pub(crate) fn tcp_sender(&self) -> Option<Sender> {
        let mut sender = MaybeUninit::uninit();
        // SAFETY: the buffer is valid and on its way out, so whoever sends it has its socket locked.
        let known = unsafe { bindings::shim6_tcp_sender(self.raw(), sender.as_mut_ptr()) };
        // SAFETY: on success the function has written the result.
        let sender = known.then(|| unsafe { sender.assume_init() })?;
        let variation = (sender.variation != 0).then_some(sender.variation);
        let round_trip = match sender.mean {
            0 => RoundTrip::default(),
            mean => RoundTrip::new(mean, variation),
        };
        Some(Sender { round_trip, waits: sender.waits, stalls: sender.stalls })
    }
}

impl Share {
    /// Tells a connection between these ULIDs that its packets go by the pair `path` from now on. `ports` are those of its
    /// packets, the local one in the upper half. If it `is_lost`, what is on its way does not arrive. Must be called without
    /// the control lock.
    pub(crate) fn wake_tcp(self, ulids: &Pair, ports: u32, path: &Pair, is_lost: bool) {
        // SAFETY: the namespace lives with its share; the addresses are 16 octets each.
        unsafe {
            bindings::shim6_tcp_wake(
                self.net(),
                ulids.local.octets().as_ptr(),
                ulids.peer.octets().as_ptr(),
                ports,
                path.local.octets().as_ptr(),
                path.peer.octets().as_ptr(),
                is_lost,
            )
        }
    }

    /// Whether a connection between these ULIDs could send once more what it awaits an acknowledgement of: what was sent just now
    /// counts only if it is `owed`. Must be called without the control lock.
    pub(crate) fn tcp_waits(self, ulids: &Pair, ports: u32, owed: bool) -> bool {
        self.tcp_lend(ulids, ports, owed, false)
    }

    /// Has it do so now; says whether it does. Must be called without the control lock.
    pub(crate) fn tcp_sends_again(self, ulids: &Pair, ports: u32, owed: bool) -> bool {
        self.tcp_lend(ulids, ports, owed, true)
    }

    fn tcp_lend(self, ulids: &Pair, ports: u32, owed: bool, sends: bool) -> bool {
        let (local, peer) = (ulids.local.octets().as_ptr(), ulids.peer.octets().as_ptr());
        // SAFETY: the namespace lives with its share; the addresses are 16 octets each.
        unsafe { bindings::shim6_tcp_lend(self.net(), local, peer, ports, owed, sends) }
    }
}
