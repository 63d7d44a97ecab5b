// SPDX-License-Identifier: GPL-2.0
//! Addresses of interfaces: their state, their changes, and those that this module keeps.

use super::{
    bindings,
    netns::{state, Share},
};
use kernel::{error::to_result, prelude::*};
use shim6_core::addr::Addr;

/// The registration for changes of addresses and interfaces.
pub(crate) struct Notifiers(());

impl Notifiers {
    /// Has changes told to each namespace's [`crate::netns::Net`].
    pub(crate) fn register() -> Result<Self> {
        // SAFETY: registers statics of our C side, once, from the module's init, after the namespaces.
        to_result(unsafe { bindings::shim6_notifiers_register() })?;
        Ok(Self(()))
    }
}

impl Drop for Notifiers {
    fn drop(&mut self) {
        // SAFETY: a `Notifiers` exists only while it is registered; the call waits for notifications that run.
        unsafe { bindings::shim6_notifiers_unregister() }
    }
}

/// Where an address is, and how.
#[derive(Clone, Copy, Default)]
pub(crate) struct Place {
    /// The interface that has it, other than the loopback interface; zero: none.
    pub(crate) ifindex: u32,
    /// Duplicate address detection is not finished, or has failed.
    pub(crate) tentative: bool,
    /// Duplicate address detection goes on, and comes to an end without an event.
    pub(crate) awaited: bool,
    /// Its preferred lifetime is over.
    pub(crate) deprecated: bool,
    /// The interface is up and has a carrier.
    pub(crate) linked: bool,
    /// The loopback interface has the address.
    pub(crate) held: bool,
}

impl Share {
    /// Looks for an address on all interfaces.
    pub(crate) fn find_address(self, address: &Addr) -> Place {
        let mut found = bindings::shim6_address::default();
        // SAFETY: the namespace lives with its share; address and result are readable and writable.
        unsafe { bindings::shim6_address_find(self.net(), address.octets().as_ptr(), &mut found) };
        Place {
            ifindex: found.ifindex,
            tentative: found.tentative,
            awaited: found.awaited,
            deprecated: found.deprecated,
            linked: found.linked,
            held: found.held,
        }
    }

    /// Whether an address is this host's. Under RCU or not.
    pub(crate) fn is_local(self, address: &[u8; 16]) -> bool {
        // SAFETY: the namespace lives with its share; the address is 16 octets.
        unsafe { bindings::shim6_address_is_local(self.net(), address.as_ptr()) }
    }

    /// Has the loopback interface hold an address, or let go of it. Sleeps.
    pub(crate) fn hold_address(self, address: &Addr, hold: bool) -> Result {
        // SAFETY: the namespace lives with its share; the address is 16 octets.
        to_result(unsafe { bindings::shim6_address_hold(self.net(), address.octets().as_ptr(), hold) })
    }
}

/// An address came or went.
///
/// # Safety
///
/// `share` must be that of a live namespace, `address` 16 readable octets.
#[no_mangle]
unsafe extern "C" fn shim6_address_changed(
    share: *mut bindings::shim6_net,
    address: *const u8,
    present: bool,
    linked: bool,
) {
    // SAFETY: notifiers are registered after and unregistered before the namespaces' states, and a namespace has no
    // interfaces any more when its state goes.
    let (net, address) = unsafe { (state(share), Addr(*address.cast::<[u8; 16]>())) };
    net.address_changed(&address, present, linked);
}

/// An interface went up or down.
///
/// # Safety
///
/// `share` must be that of a live namespace.
#[no_mangle]
unsafe extern "C" fn shim6_link_changed(share: *mut bindings::shim6_net) {
    // SAFETY: as for `shim6_address_changed`.
    unsafe { state(share) }.link_changed();
}
