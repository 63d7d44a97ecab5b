// SPDX-License-Identifier: GPL-2.0
//! A small table for each CPU, in which packets of a pair of addresses are counted.

use super::bindings;
use core::{
    ptr::NonNull,
    sync::atomic::{AtomicU32, AtomicU64},
};
use kernel::prelude::*;

/// Places in the table of each CPU; a power of two.
const FLOWS: usize = bindings::SHIM6_FLOWS as usize;

/// What one CPU knows of one pair of addresses. Zeroes: nothing yet. Every access is relaxed: a lost count harms nobody.
#[repr(C)]
pub(crate) struct Flow {
    /// Which pair it is.
    pub(crate) key: AtomicU64,
    /// Packets seen, both directions together.
    pub(crate) packets: AtomicU32,
    /// When the first was seen, in milliseconds of the module's clock (it may wrap).
    pub(crate) since: AtomicU32,
}

/// The tables of all CPUs.
///
/// # Invariants
///
/// `base` is a live per-CPU allocation of `FLOWS` flows that this value owns.
pub(crate) struct Flows {
    base: NonNull<bindings::shim6_flow>,
}

// SAFETY: the allocation is bound to no thread.
unsafe impl Send for Flows {}
// SAFETY: all access is by atomics.
unsafe impl Sync for Flows {}

impl Flows {
    /// Allocates the tables. May sleep.
    pub(crate) fn new() -> Result<Self> {
        // SAFETY: takes nothing, returns null or a zeroed per-CPU allocation.
        let base = NonNull::new(unsafe { bindings::shim6_flows_alloc() }).ok_or(ENOMEM)?;
        // INVARIANT: just allocated.
        Ok(Self { base })
    }

    /// This CPU's place for a key. If the task moves to another CPU meanwhile it shares the place: harmless.
    #[inline]
    pub(crate) fn place(&self, key: u64) -> &Flow {
        // SAFETY: by the invariant the allocation is live.
        let table = unsafe { bindings::shim6_flows_here(self.base.as_ptr()) }.cast::<Flow>();
        // SAFETY: the table has `FLOWS` places, the index is below that; `Flow` has the layout of `struct shim6_flow`,
        // is aligned (the allocation is, to a cache line) and every access to it is atomic. It lives as long as `self`.
        unsafe { &*table.add((key >> 32) as usize % FLOWS) }
    }
}

const _: () = assert!(core::mem::size_of::<Flow>() == core::mem::size_of::<bindings::shim6_flow>());

impl Drop for Flows {
    fn drop(&mut self) {
        // SAFETY: by the invariant this value owns the allocation.
        unsafe { bindings::shim6_flows_free(self.base.as_ptr()) }
    }
}

/// A key for a pair of addresses; never zero.
#[inline]
pub(crate) fn key(local: &[u8; 16], peer: &[u8; 16]) -> u64 {
    // SAFETY: both are 16 readable octets.
    unsafe { bindings::shim6_flow_key(local.as_ptr(), peer.as_ptr()) }
}
