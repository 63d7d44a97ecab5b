// SPDX-License-Identifier: GPL-2.0
//! A packet that is ours to change, to send or to drop.
//!
//! Whoever holds a [`Packet`] owns the socket buffer: dropping it frees the buffer. A hook gives it back by
//! [`Verdict`].

use super::{bindings, netns::Share, path::Route};
use core::{mem, ptr::NonNull, slice};

/// Octets of the fixed IPv6 header.
pub(crate) const HEADER: usize = 40;

/// What becomes of a packet that a hook was given.
pub(crate) enum Verdict {
    /// It goes on. If it is another buffer than came, which only happens to packets that leave, it leaves by its route.
    Accept(Packet),
    /// It is a fragment on its way in, as it turned out: it goes on once it is whole, if that is wanted before the transport.
    Fragment(Packet),
    /// It is no longer netfilter's.
    Stolen,
}

/// An IPv6 packet whose data begins with its IPv6 header.
///
/// # Invariants
///
/// `skb` is a valid socket buffer that nobody else uses, whose data begins with an IPv6 header in one piece.
pub(crate) struct Packet {
    skb: NonNull<bindings::sk_buff>,
}

impl Packet {
    /// Takes over a socket buffer.
    ///
    /// # Safety
    ///
    /// The caller must own it, and its data must begin with a whole IPv6 header in the linear part.
    pub(super) unsafe fn from_raw(skb: NonNull<bindings::sk_buff>) -> Self {
        // INVARIANT: what the caller promises.
        Self { skb }
    }

    /// Gives the buffer away without freeing it.
    pub(super) fn into_raw(self) -> *mut bindings::sk_buff {
        let skb = self.skb.as_ptr();
        mem::forget(self);
        skb
    }

    /// The buffer, for the other wrappers.
    pub(super) fn raw(&self) -> *mut bindings::sk_buff {
        self.skb.as_ptr()
    }

    /// Length in octets, from the IPv6 header on.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        // SAFETY: by the invariant the buffer is valid.
        unsafe { (*self.skb.as_ptr()).len as usize }
    }

    /// The fixed header.
    #[inline]
    pub(crate) fn header(&self) -> &[u8; HEADER] {
        // SAFETY: by the invariant the data begins with that many linear octets, which live while `self` is borrowed.
        unsafe { &*(*self.skb.as_ptr()).data.cast::<[u8; HEADER]>() }
    }

    /// What the fixed header says comes next.
    #[inline]
    pub(crate) fn next_header(&self) -> u8 {
        self.header()[6]
    }

    /// The Next Header octet at an offset; none (59) if it cannot be read.
    pub(crate) fn next_header_at(&mut self, field: usize) -> u8 {
        self.prefix(field + 1).and_then(|octets| octets.last().copied()).unwrap_or(59)
    }

    /// The source address.
    #[inline]
    pub(crate) fn source(&self) -> &[u8; 16] {
        // SAFETY: as for `header`; the offset and length lie within it.
        unsafe { &*(*self.skb.as_ptr()).data.add(8).cast::<[u8; 16]>() }
    }

    /// The destination address.
    #[inline]
    pub(crate) fn destination(&self) -> &[u8; 16] {
        // SAFETY: as for `header`; the offset and length lie within it.
        unsafe { &*(*self.skb.as_ptr()).data.add(24).cast::<[u8; 16]>() }
    }

    /// The first `len` octets, if the packet is that long and they can be had in one piece.
    pub(crate) fn prefix(&mut self, len: usize) -> Option<&[u8]> {
        // SAFETY: by the invariant the buffer is valid and ours; after success `len` octets are linear.
        unsafe {
            if len > self.len() || !bindings::shim6_skb_pull(self.raw(), len as u32) {
                return None;
            }
            Some(slice::from_raw_parts((*self.raw()).data, len))
        }
    }

    /// All of it in one piece; none for want of memory.
    pub(crate) fn whole(&mut self) -> Option<&[u8]> {
        let len = self.len();
        // SAFETY: by the invariant the buffer is valid and ours; after success all of it is linear.
        unsafe { bindings::shim6_skb_linear(self.raw()).then(|| slice::from_raw_parts((*self.raw()).data, len)) }
    }

    /// The first `len` octets to be written, if they can be had for us alone.
    pub(crate) fn writable(&mut self, len: usize) -> Option<&mut [u8]> {
        // SAFETY: by the invariant the buffer is valid and ours; after success `len` octets are linear and unshared.
        unsafe {
            if len > self.len() || !bindings::shim6_skb_writable(self.raw(), len as u32) {
                return None;
            }
            Some(slice::from_raw_parts_mut((*self.raw()).data, len))
        }
    }

    /// Makes room for 8 octets before the octet `at`, and for the link layer of the route. Returns the headers, `at + 8`
    /// octets, to be written; none for want of memory.
    #[inline]
    pub(crate) fn insert(&mut self, at: usize, route: &Route) -> Option<&mut [u8]> {
        // SAFETY: buffer and route are valid; on success the returned octets are linear, unshared and ours.
        unsafe {
            let data = bindings::shim6_skb_insert(self.raw(), at as u32, route.raw());
            (!data.is_null()).then(|| slice::from_raw_parts_mut(data, at + 8))
        }
    }

    /// Makes the Payload Length fit the packet.
    #[inline]
    pub(crate) fn set_length(&mut self) {
        // SAFETY: by the invariant the buffer is valid, its network header is its data.
        unsafe { bindings::shim6_skb_set_length(self.raw()) }
    }

    /// Takes the `len` octets at `at` away, after `change` has rewritten the `at + len` octets up to their end; sums that
    /// a card made stay right. False, and nothing done, for want of memory.
    #[inline]
    pub(crate) fn remove(&mut self, at: usize, len: usize, change: impl FnOnce(&mut [u8])) -> bool {
        let headers = at + len;
        if headers > self.len() {
            return false;
        }
        // SAFETY: the buffer is valid and ours, `headers` octets of it are linear and unshared when they are changed.
        unsafe {
            if !bindings::shim6_skb_writable(self.raw(), headers as u32) {
                return false;
            }
            bindings::shim6_skb_hide(self.raw(), headers as u32);
            change(slice::from_raw_parts_mut((*self.raw()).data, headers));
            bindings::shim6_skb_remove(self.raw(), at as u32, len as u32);
            self.set_length();
            bindings::shim6_skb_show(self.raw(), at as u32);
        }
        true
    }

    /// Whether IPsec is still to transform it.
    pub(crate) fn awaits_xfrm(&self) -> bool {
        // SAFETY: by the invariant the buffer is valid.
        unsafe { bindings::shim6_skb_awaits_xfrm(self.raw()) }
    }

    /// Whether it is a large send that is still to be segmented.
    #[inline]
    pub(crate) fn is_gso(&self) -> bool {
        // SAFETY: by the invariant the buffer is valid.
        unsafe { bindings::shim6_skb_is_gso(self.raw()) }
    }

    /// Whether a socket of MPTCP sent it.
    pub(crate) fn is_mptcp(&self) -> bool {
        // SAFETY: by the invariant the buffer is valid.
        unsafe { bindings::shim6_skb_is_mptcp(self.raw()) }
    }

    /// Whether its sender lets this host fragment it.
    pub(crate) fn may_fragment(&self) -> bool {
        // SAFETY: by the invariant the buffer is valid.
        unsafe { bindings::shim6_skb_may_fragment(self.raw()) }
    }

    /// Whether the link layer meant this host.
    pub(crate) fn is_to_host(&self) -> bool {
        // SAFETY: by the invariant the buffer is valid.
        unsafe { bindings::shim6_skb_to_host(self.raw()) }
    }

    /// The MTU that the upper layer believes in for it.
    #[inline]
    pub(crate) fn mtu(&self) -> usize {
        // SAFETY: by the invariant the buffer is valid.
        unsafe { bindings::shim6_skb_mtu(self.raw()) as usize }
    }

    /// Whether a card was to encrypt what is in it.
    #[inline]
    pub(crate) fn is_encrypted_later(&self) -> bool {
        // SAFETY: by the invariant the buffer is valid.
        unsafe { bindings::shim6_skb_is_encrypted_later(self.raw()) }
    }

    /// Has such a packet encrypted now; none if it was lost for want of memory.
    pub(crate) fn encrypt(self, share: Share) -> Option<Packet> {
        // SAFETY: the namespace lives as long as its share; the buffer is given away, and what comes back is ours and a whole
        // packet of the same headers.
        let skb = NonNull::new(unsafe { bindings::shim6_skb_encrypt(share.net(), self.into_raw()) })?;
        // INVARIANT: as the comment above says.
        Some(Packet { skb })
    }

    /// Has it leave by this route.
    #[inline]
    pub(crate) fn set_route(&mut self, route: Route) {
        // SAFETY: the buffer is valid; the reference of the route goes to it.
        unsafe { bindings::shim6_skb_set_dst(self.raw(), route.into_raw()) }
    }

    /// Sends it by the route that was set.
    pub(crate) fn output(self, share: Share) {
        // SAFETY: the namespace lives as long as its share; the buffer is given away.
        unsafe { bindings::shim6_skb_output(share.net(), self.into_raw()) };
    }

    /// Frees it as one that did what it was for.
    pub(crate) fn consume(self) {
        // SAFETY: the buffer is ours and given away.
        unsafe { bindings::shim6_skb_consume(self.into_raw()) }
    }
}

impl Drop for Packet {
    fn drop(&mut self) {
        // SAFETY: by the invariant the buffer is ours, and it is not used after `drop`.
        unsafe { bindings::shim6_skb_drop(self.skb.as_ptr()) }
    }
}
