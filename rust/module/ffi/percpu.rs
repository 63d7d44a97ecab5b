// SPDX-License-Identifier: GPL-2.0
//! Arrays of 64-bit counters with one copy for each CPU.

use super::bindings;
use core::{mem::size_of, ptr::NonNull};
use kernel::prelude::*;

/// An array of `u64` of which each CPU has its own copy.
///
/// # Invariants
///
/// `base` is a live per-CPU allocation of `len` `u64`s that this value owns.
pub(crate) struct PerCpuU64s {
    base: NonNull<u64>,
    len: usize,
}

// SAFETY: the copies are only touched by per-CPU operations, which are sound from every thread, and the allocation is
// not bound to the thread that made it.
unsafe impl Send for PerCpuU64s {}
// SAFETY: as above; `add` and `sum` work on a shared reference without tearing on 64-bit machines.
unsafe impl Sync for PerCpuU64s {}

impl PerCpuU64s {
    /// Allocates `len` zeroed counters for each possible CPU. May sleep.
    pub(crate) fn new(len: usize) -> Result<Self> {
        // SAFETY: the function takes plain numbers, and returns null or a zeroed per-CPU allocation of `len` u64s.
        let base = unsafe { bindings::shim6_percpu_u64s_alloc(len * size_of::<u64>()) };
        let base = NonNull::new(base).ok_or(ENOMEM)?;
        // INVARIANT: just allocated for `len` elements, and nobody else knows the pointer.
        Ok(Self { base, len })
    }

    /// Adds `amount` to this CPU's copy of the counter `index`; an index out of range counts nothing.
    #[inline]
    pub(crate) fn add(&self, index: usize, amount: u64) {
        if index < self.len {
            // SAFETY: by the invariant `base` points at `len` per-CPU u64s, and `index` is below `len`.
            unsafe { bindings::shim6_percpu_u64s_add(self.base.as_ptr(), index, amount) };
        }
    }

    /// The per-CPU pointer of a counter, for C; that of the first for an index out of range.
    pub(super) fn place(&self, index: usize) -> *mut u64 {
        self.base.as_ptr().wrapping_add(if index < self.len { index } else { 0 })
    }

    /// The sum of the counter `index` over all possible CPUs; zero for an index out of range.
    pub(crate) fn sum(&self, index: usize) -> u64 {
        if index >= self.len {
            return 0;
        }
        // SAFETY: by the invariant `base` points at `len` per-CPU u64s, and `index` is below `len`.
        unsafe { bindings::shim6_percpu_u64s_sum(self.base.as_ptr(), index) }
    }
}

impl Drop for PerCpuU64s {
    fn drop(&mut self) {
        // SAFETY: by the invariant this value owns the allocation, and it is not used after `drop`.
        unsafe { bindings::shim6_percpu_u64s_free(self.base.as_ptr()) };
    }
}
