// SPDX-License-Identifier: GPL-2.0
//! How payload of a switched context leaves, published to packets, and routes.

use super::{bindings, netns::Share, packet::Packet};
use core::{mem, ptr::NonNull};
use shim6_core::{
    locator::Pair,
    wire::{PayloadHeader, Tag},
};

/// A path that packets may be reading, under RCU. It is only ever seen by reference.
#[repr(transparent)]
pub(crate) struct Path(bindings::shim6_path);

impl Path {
    /// The path behind a pointer.
    ///
    /// # Safety
    ///
    /// The pointer must be null or one that was published, read under RCU that lasts for `'r`.
    pub(super) unsafe fn from_raw<'r>(path: *const bindings::shim6_path) -> Option<&'r Path> {
        // SAFETY: what the caller promises; `Path` is transparent.
        unsafe { path.cast::<Path>().as_ref() }
    }

    /// The path for the other wrappers.
    pub(super) fn raw(&self) -> *const bindings::shim6_path {
        &raw const self.0
    }

    /// Lp(local): the source.
    #[inline]
    pub(crate) fn local(&self) -> &[u8; 16] {
        // SAFETY: an address is 16 octets whatever way one looks at it; it never changes after publication.
        unsafe { &*(&raw const self.0.local).cast() }
    }

    /// Lp(peer): the destination.
    #[inline]
    pub(crate) fn peer(&self) -> &[u8; 16] {
        // SAFETY: as for `local`.
        unsafe { &*(&raw const self.0.peer).cast() }
    }

    /// The payload extension header with CT(peer); its first octet is the Next Header, to be filled in.
    #[inline]
    pub(crate) fn payload_header(&self) -> &[u8; PayloadHeader::LEN] {
        &self.0.header
    }

    /// Whether it is lent for a moment.
    #[inline]
    pub(crate) fn is_lent(&self) -> bool {
        self.0.lent
    }

    /// The route of the path, found anew if the last one no longer holds; none if there is none.
    #[inline]
    pub(crate) fn route(&self, share: Share, packet: &Packet) -> Option<Route> {
        // SAFETY: a `Path` is only seen under RCU, as the function wants; it changes but the route, which it does
        // atomically. Packet and namespace are valid.
        let dst = unsafe { bindings::shim6_path_route(share.net(), (&raw const self.0).cast_mut(), packet.raw()) };
        // SAFETY: the function returns a route with a reference for us.
        unsafe { Route::from_raw(dst) }
    }
}

/// A path that is not published yet.
///
/// # Invariants
///
/// The pointer is an allocation of ours that nobody else knows.
pub(crate) struct NewPath(NonNull<bindings::shim6_path>);

impl NewPath {
    /// Allocates a path, perhaps one that is lent for a moment; none for want of memory.
    pub(crate) fn new(pair: &Pair, tag: Tag, lent: bool) -> Option<NewPath> {
        let mut header = [0; PayloadHeader::LEN];
        PayloadHeader { next_header: 0, tag }.emit(&mut header);
        // SAFETY: all three are readable for their lengths.
        let path = unsafe {
            bindings::shim6_path_alloc(pair.local.octets().as_ptr(), pair.peer.octets().as_ptr(), header.as_ptr(), lent)
        };
        // INVARIANT: just allocated.
        NonNull::new(path).map(NewPath)
    }

    /// Gives the allocation away, to be published at once.
    pub(super) fn into_raw(self) -> *mut bindings::shim6_path {
        mem::ManuallyDrop::new(self).0.as_ptr()
    }
}

impl Drop for NewPath {
    fn drop(&mut self) {
        // SAFETY: by the invariant nobody else knows it.
        unsafe { bindings::shim6_path_discard(self.0.as_ptr()) }
    }
}

/// A route, with a reference to it.
///
/// # Invariants
///
/// `dst` is valid, is no error route, and one reference to it is ours.
pub(crate) struct Route {
    dst: NonNull<bindings::dst_entry>,
}

impl Route {
    /// Takes over a reference; none if the route is one that says that there is none.
    ///
    /// # Safety
    ///
    /// `dst` must be a valid route of which the caller gives a reference away.
    unsafe fn from_raw(dst: *mut bindings::dst_entry) -> Option<Route> {
        let dst = NonNull::new(dst)?;
        // INVARIANT: the reference is ours now; if it is an error route it is dropped here.
        let route = Route { dst };
        // SAFETY: the route is valid.
        (!unsafe { bindings::shim6_dst_is_error(dst.as_ptr()) }).then_some(route)
    }

    /// The route for the other wrappers.
    pub(super) fn raw(&self) -> *mut bindings::dst_entry {
        self.dst.as_ptr()
    }

    /// Gives the reference away.
    pub(super) fn into_raw(self) -> *mut bindings::dst_entry {
        let dst = self.dst.as_ptr();
        mem::forget(self);
        dst
    }

    /// The largest packet that it carries as far as is known, in octets.
    #[inline]
    pub(crate) fn mtu(&self) -> usize {
        // SAFETY: by the invariant the route is valid.
        unsafe { bindings::shim6_dst_mtu(self.dst.as_ptr()) as usize }
    }

    /// Octets that must be free before a packet for the link layer and our header.
    pub(crate) fn room(&self) -> usize {
        // SAFETY: by the invariant the route is valid.
        unsafe { bindings::shim6_dst_room(self.dst.as_ptr()) as usize }
    }
}

impl Clone for Route {
    fn clone(&self) -> Route {
        // SAFETY: by the invariant the route is valid and we have a reference, so another can be taken.
        unsafe { bindings::shim6_dst_hold(self.dst.as_ptr()) };
        // INVARIANT: the reference just taken is the clone's.
        Route { dst: self.dst }
    }
}

impl Drop for Route {
    fn drop(&mut self) {
        // SAFETY: by the invariant one reference is ours.
        unsafe { bindings::shim6_dst_release(self.dst.as_ptr()) }
    }
}

/// Paths that were allocated and not freed yet.
pub(crate) fn live() -> i64 {
    // SAFETY: reads a number.
    unsafe { bindings::shim6_paths_live() as i64 }
}
