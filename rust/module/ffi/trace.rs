// SPDX-License-Identifier: GPL-2.0
//! The module's trace events, as safe functions; `trace.h` has the events.

use super::{bindings, genl::Listeners};
use shim6_core::{
    engine::{Cause, EventKind},
    locator::Pair,
};

/// Something happened to a context, whose current pair this is.
pub(crate) fn context(namespace: &Listeners<'_>, id: u32, event: EventKind, cause: Cause, pair: Pair) {
    let (local, peer) = (pair.local.octets().as_ptr(), pair.peer.octets().as_ptr());
    // SAFETY: the namespace is valid while its listeners are; both addresses are readable for 16 octets.
    unsafe { bindings::shim6_trace_context(namespace.as_raw(), id, event as u8, cause as u8, local, peer) };
}

/// Something was dropped, and counted under this attribute.
#[inline]
pub(crate) fn drop(counter: u16) {
    // SAFETY: the function takes a plain number.
    unsafe { bindings::shim6_trace_drop(counter) };
}
