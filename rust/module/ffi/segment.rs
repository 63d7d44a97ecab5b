// SPDX-License-Identifier: GPL-2.0
//! Cutting packets up before they are switched.

use super::{
    bindings,
    netns::Share,
    packet::Packet,
    path::{Path, Route},
};
use core::ptr::{null_mut, NonNull};
use kernel::{error::from_err_ptr, prelude::*};

/// Packets that came of one.
///
/// # Invariants
///
/// `first` is null or the first of a chain of socket buffers that are ours, each an IPv6 packet as [`Packet`] wants it.
pub(crate) struct Pieces {
    first: *mut bindings::sk_buff,
}

impl Iterator for Pieces {
    type Item = Packet;

    fn next(&mut self) -> Option<Packet> {
        // SAFETY: by the invariant this is a chain of buffers that are ours.
        let piece = NonNull::new(unsafe { bindings::shim6_skb_unchain(&mut self.first) })?;
        // SAFETY: it was the first of the chain, and is no longer in it.
        Some(unsafe { Packet::from_raw(piece) })
    }
}

impl Drop for Pieces {
    fn drop(&mut self) {
        while self.next().is_some() {}
        self.first = null_mut();
    }
}

impl Packet {
    /// Whether each segment of a large send fits an MTU.
    pub(crate) fn segments_fit(&self, mtu: usize) -> bool {
        // SAFETY: the buffer is valid, by the invariant of `Packet`.
        unsafe { bindings::shim6_skb_segments_fit(self.raw(), mtu as u32) }
    }

    /// Whether a large send may leave by this route as one packet, to be segmented later.
    pub(crate) fn segments_later(&self, path: &Path, route: &Route) -> bool {
        // SAFETY: buffer, path and route are valid, by the invariants of `Packet`, `Path` and `Route`.
        unsafe { bindings::shim6_skb_segments_later(self.raw(), path.raw(), route.raw()) }
    }

    /// Has this packet of TCP, whose header is at `at`, segmented so that each segment fits the MTU.
    pub(crate) fn shrink_tcp(&mut self, at: usize, mtu: usize) -> Result {
        // SAFETY: the buffer is valid and ours, by the invariant of `Packet`.
        kernel::error::to_result(unsafe { bindings::shim6_skb_shrink_tcp(self.raw(), at as u32, mtu as u32) })
    }

    /// The segments of a large send.
    pub(crate) fn segment(self) -> Result<Pieces> {
        // SAFETY: the buffer is valid and ours; on success it is used up.
        let first = from_err_ptr(unsafe { bindings::shim6_skb_segment(self.raw()) })?;
        self.into_raw();
        // INVARIANT: segments have their own headers in the linear part, and are ours.
        Ok(Pieces { first })
    }

    /// Fragments that fit the MTU, with `room` octets free before each. What is before the octet `at` goes into each;
    /// `field` is the offset of the Next Header octet that says what is at `at`.
    pub(crate) fn fragment(self, share: Share, at: usize, field: usize, mtu: usize, room: usize) -> Result<Pieces> {
        // SAFETY: the buffer is valid and ours; on success it is used up; the namespace lives as long as its share.
        let first = from_err_ptr(unsafe {
            bindings::shim6_skb_fragment(share.net(), self.raw(), at as u32, field as u32, mtu as u32, room as u32)
        })?;
        self.into_raw();
        // INVARIANT: fragments have their own headers in the linear part, and are ours.
        Ok(Pieces { first })
    }
}
