// SPDX-License-Identifier: GPL-2.0
//! Evidence that code runs under RCU.

use core::marker::PhantomData;
use kernel::types::NotThreadSafe;

/// Evidence that the reader's side of RCU is held for `'r`, whoever took it.
///
/// # Invariants
///
/// RCU is held by this CPU or task for all of `'r`.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'r>(PhantomData<(&'r (), NotThreadSafe)>);

impl Reader<'_> {
    /// Says that RCU is held.
    ///
    /// # Safety
    ///
    /// It must be, for all of the lifetime.
    pub(super) unsafe fn assume() -> Self {
        // INVARIANT: what the caller promises.
        Self(PhantomData)
    }
}
