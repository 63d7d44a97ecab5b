// SPDX-License-Identifier: GPL-2.0
//! A control message on its way out.

use super::{bindings, netns::Share};
use core::{mem, ptr::NonNull, slice};
use kernel::{error::to_result, prelude::*};
use shim6_core::{addr::Addr, wire::MAX_MESSAGE_LEN};

/// Octets of the messages that have no options of varying length, and more.
const SHORT: usize = 128;

/// A buffer for one control message, with room for its headers.
///
/// # Invariants
///
/// `skb` is a socket buffer of ours, with `room` octets of room at `data`.
pub(crate) struct Outgoing {
    skb: NonNull<bindings::sk_buff>,
    data: NonNull<u8>,
    room: usize,
}

impl Outgoing {
    /// Allocates a buffer for the longest message, or for one that is short; none for want of memory. Does not sleep.
    pub(crate) fn new(is_short: bool) -> Option<Outgoing> {
        let room = if is_short { SHORT } else { MAX_MESSAGE_LEN };
        let mut data = core::ptr::null_mut();
        // SAFETY: `data` is writable; the buffer returned is ours.
        let skb = NonNull::new(unsafe { bindings::shim6_message_new(&mut data, room) })?;
        let data = NonNull::new(data)?;
        // SAFETY: the buffer has that much room at `data`; what is sent of it shall hold nothing left by others.
        unsafe { data.as_ptr().write_bytes(0, room) };
        // INVARIANT: just allocated with that room, and initialised.
        Some(Outgoing { skb, data, room })
    }

    /// Where the message is to be written.
    pub(crate) fn buffer(&mut self) -> &mut [u8] {
        // SAFETY: by the invariant there are that many octets, which `new` has initialised before anyone reads them.
        unsafe { slice::from_raw_parts_mut(self.data.as_ptr(), self.room) }
    }

    /// Sends the first `len` octets of the buffer. Must be called without the control lock.
    pub(crate) fn send(self, share: Share, len: usize, from: &Addr, to: &Addr) -> Result {
        let (skb, len) = (self.skb.as_ptr(), len.min(self.room));
        mem::forget(self);
        // SAFETY: the buffer is ours and given away; `len` octets of it are initialised; the addresses are 16 octets.
        to_result(unsafe {
            bindings::shim6_message_send(share.net(), skb, len, from.octets().as_ptr(), to.octets().as_ptr())
        })
    }
}

impl Drop for Outgoing {
    fn drop(&mut self) {
        // SAFETY: by the invariant the buffer is ours.
        unsafe { bindings::shim6_skb_consume(self.skb.as_ptr()) }
    }
}
