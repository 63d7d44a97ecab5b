// SPDX-License-Identifier: GPL-2.0
//! Routers and routes: what neighbour unreachability detection and the routing table say of the way out.

use super::{
    bindings,
    netns::{state, Share},
};
use kernel::{error::to_result, prelude::*};
use shim6_core::locator::Pair;

/// The registration for what neighbour unreachability detection finds.
pub(crate) struct Neighbours(());

impl Neighbours {
    /// Has neighbours that do not answer told to their namespace's [`crate::netns::Net`].
    pub(crate) fn register() -> Result<Self> {
        // SAFETY: registers a static of our C side, once, from the module's init, after the namespaces.
        to_result(unsafe { bindings::shim6_router_register() })?;
        Ok(Self(()))
    }
}

impl Drop for Neighbours {
    fn drop(&mut self) {
        // SAFETY: a `Neighbours` exists only while it is registered; the call waits for notifications that run.
        unsafe { bindings::shim6_router_unregister() }
    }
}

impl Share {
    /// Whether packets of this pair have a route and, as far as is known, a router. In process context.
    pub(crate) fn has_router(self, pair: &Pair) -> bool {
        // SAFETY: the namespace lives with its share; the addresses are 16 octets each.
        unsafe { bindings::shim6_router_works(self.net(), pair.local.octets().as_ptr(), pair.peer.octets().as_ptr()) }
    }
}

/// A neighbour does not answer, or a route was withdrawn.
///
/// # Safety
///
/// `share` must be that of a live namespace, its state set.
#[no_mangle]
unsafe extern "C" fn shim6_router_lost(share: *mut bindings::shim6_net) {
    // SAFETY: what the caller promises: neighbours are watched while the namespaces' registration stands, and a namespace
    // has none any more when its state goes; its routes are watched between the begin of its state and its end.
    unsafe { state(share) }.router_lost();
}
