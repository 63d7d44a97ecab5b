// SPDX-License-Identifier: GPL-2.0
//! The payload extension header for segmentation and aggregation.

use super::bindings;
use kernel::{error::to_result, prelude::*};

/// The registration of protocol 140 with segmentation and aggregation.
pub(crate) struct Offload(());

impl Offload {
    /// Has segmentation step over the payload extension header.
    pub(crate) fn register() -> Result<Self> {
        // SAFETY: registers a static of our C side, once, from the module's init.
        to_result(unsafe { bindings::shim6_offload_register() })?;
        Ok(Self(()))
    }
}

impl Drop for Offload {
    fn drop(&mut self) {
        // SAFETY: an `Offload` exists only while it is registered; the call waits for those who use it.
        unsafe { bindings::shim6_offload_unregister() }
    }
}
