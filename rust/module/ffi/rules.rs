// SPDX-License-Identifier: GPL-2.0
//! Arrays that are read under RCU and replaced as a whole: policy rules. And the users that rules are about.

use super::{bindings, netns::Share, packet::Packet, rcu::Reader};
use core::{
    marker::PhantomData,
    mem::{align_of, size_of},
    ptr::NonNull,
    slice,
    sync::atomic::{AtomicPtr, Ordering},
};
use kernel::prelude::*;

/// An array that nobody reads yet.
///
/// # Invariants
///
/// The pointer is an allocation of ours for `room` elements of `T`, the first `len` of which are there.
pub(crate) struct Draft<T: Copy>(NonNull<bindings::shim6_rules>, PhantomData<T>);

/// The first element.
fn elements<T>(rules: NonNull<bindings::shim6_rules>) -> *mut T {
    const { assert!(align_of::<T>() <= align_of::<u64>()) };
    // SAFETY: the pointer is that of a live allocation, as both callers' invariants say; the elements follow its header.
    unsafe { (&raw mut (*rules.as_ptr()).elements).cast() }
}

impl<T: Copy> Draft<T> {
    /// An empty array with room for so many. May sleep.
    pub(crate) fn with_room(room: usize) -> Result<Self> {
        let octets = room.checked_mul(size_of::<T>()).ok_or(ENOMEM)?;
        let count = u32::try_from(room).map_err(|_| ENOMEM)?;
        // SAFETY: takes plain numbers, returns null or an allocation with room for so many octets of elements.
        let rules = unsafe { bindings::shim6_rules_alloc(count, octets) };
        // INVARIANT: just allocated, and empty.
        Ok(Self(NonNull::new(rules).ok_or(ENOMEM)?, PhantomData))
    }

    /// The elements that it has room for.
    pub(crate) fn room(&self) -> usize {
        // SAFETY: by the invariant the allocation is ours.
        unsafe { (*self.0.as_ptr()).room as usize }
    }

    /// What is in it.
    pub(crate) fn all(&self) -> &[T] {
        // SAFETY: by the invariant the first `len` elements are there, and ours.
        unsafe { slice::from_raw_parts(elements(self.0), (*self.0.as_ptr()).len as usize) }
    }

    /// Puts an element before the one at `at`, or at the end if there is none; `ENOSPC` without room.
    pub(crate) fn insert(&mut self, at: usize, element: T) -> Result {
        let len = self.all().len();
        if len >= self.room() {
            return Err(ENOSPC);
        }
        let at = at.min(len);
        // SAFETY: by the invariant there is room for one more than `len`, and `at` is not beyond that; `T` is `Copy`.
        unsafe {
            let place = elements::<T>(self.0).add(at);
            place.copy_to(place.add(1), len - at);
            place.write(element);
            // INVARIANT: one more is there now.
            (*self.0.as_ptr()).len += 1;
        }
        Ok(())
    }

    /// Takes out what is not to be kept.
    pub(crate) fn retain(&mut self, keep: impl Fn(&T) -> bool) {
        let len = self.all().len();
        let mut kept = 0;
        for at in 0..len {
            // SAFETY: both places are below `len`, whose elements are there by the invariant; `T` is `Copy`.
            unsafe {
                let element = elements::<T>(self.0).add(at).read();
                if keep(&element) {
                    elements::<T>(self.0).add(kept).write(element);
                    kept += 1;
                }
            }
        }
        // SAFETY: by the invariant the allocation is ours. INVARIANT: the first `kept` are there.
        unsafe { (*self.0.as_ptr()).len = kept as u32 };
    }
}

impl<T: Copy> Drop for Draft<T> {
    fn drop(&mut self) {
        // SAFETY: by the invariant the allocation is ours, and nobody reads it.
        unsafe { bindings::shim6_rules_free(self.0.as_ptr()) };
    }
}

/// The array that is read now, or none.
///
/// # Invariants
///
/// The pointer is null or that of a [`Draft`] that was given away, and does not change while it is read here. An array
/// that was replaced is freed when RCU's readers have let go of it.
pub(crate) struct Published<T: Copy>(AtomicPtr<bindings::shim6_rules>, PhantomData<T>);

impl<T: Copy> Published<T> {
    /// None.
    pub(crate) const fn new() -> Self {
        Self(AtomicPtr::new(core::ptr::null_mut()), PhantomData)
    }

    /// What is in it now.
    #[inline]
    pub(crate) fn read<'r>(&self, _reader: Reader<'r>) -> &'r [T] {
        let Some(rules) = NonNull::new(self.0.load(Ordering::Acquire)) else { return &[] };
        // SAFETY: by the invariant the array never changes and lives as long as RCU is held, which it is for `'r`.
        unsafe { slice::from_raw_parts(elements(rules), (*rules.as_ptr()).len as usize) }
    }

    /// Puts another array in its place.
    pub(crate) fn replace(&self, draft: Draft<T>) {
        let new = draft.0.as_ptr();
        core::mem::forget(draft);
        // INVARIANT: the draft was given away, so nobody changes it any more.
        if let Some(old) = NonNull::new(self.0.swap(new, Ordering::AcqRel)) {
            // SAFETY: nobody can find the old one any more; those who have it hold RCU.
            unsafe { bindings::shim6_rules_free_later(old.as_ptr()) };
        }
    }
}

impl<T: Copy> Drop for Published<T> {
    fn drop(&mut self) {
        if let Some(rules) = NonNull::new(*self.0.get_mut()) {
            // SAFETY: nobody else has the value, so nobody reads the array.
            unsafe { bindings::shim6_rules_free(rules.as_ptr()) };
        }
    }
}

/// The user whose socket sends a packet, by the kernel's own number; none if no socket does.
pub(crate) fn user_of(packet: &Packet) -> Option<u32> {
    let mut user = 0;
    // SAFETY: the packet is valid, and the result is written before the function says that there is one.
    unsafe { bindings::shim6_skb_user(packet.raw(), &raw mut user) }.then_some(user)
}

/// The kernel's own number of a user whom the namespace's owner numbers so; none if there is none.
pub(crate) fn user_in(share: Share, number: u32) -> Option<u32> {
    let mut user = 0;
    // SAFETY: the namespace lives as long as its share.
    unsafe { bindings::shim6_user_in(share.net(), number, &raw mut user) }.then_some(user)
}

/// How the namespace's owner numbers a user.
pub(crate) fn user_from(share: Share, user: u32) -> u32 {
    // SAFETY: the namespace lives as long as its share.
    unsafe { bindings::shim6_user_from(share.net(), user) }
}
