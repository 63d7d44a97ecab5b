// SPDX-License-Identifier: GPL-2.0
//! Shim6's headers behind a Fragment header, once the packet is whole.

use super::bindings;
use kernel::{error::to_result, prelude::*};

/// The registration of protocol 140 with IPv6.
pub(crate) struct Whole(());

impl Whole {
    /// Has packets that were put together from fragments come in again.
    pub(crate) fn register() -> Result<Self> {
        // SAFETY: registers a static of our C side, once, from the module's init.
        to_result(unsafe { bindings::shim6_whole_register() })?;
        Ok(Self(()))
    }
}

impl Drop for Whole {
    fn drop(&mut self) {
        // SAFETY: a `Whole` exists only while it is registered; the call waits for those who use it.
        unsafe { bindings::shim6_whole_unregister() }
    }
}
