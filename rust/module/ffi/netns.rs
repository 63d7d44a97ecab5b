// SPDX-License-Identifier: GPL-2.0
//! Network namespaces: their coming and going, the control lock, and work that may sleep.

use super::{bindings, genl::Listeners, rcu::Reader, socket::Sockets, table::Nodes};
use crate::{control::Control, netns::Net};
use core::{cell::UnsafeCell, ffi::c_int, ptr::NonNull};
use kernel::{error::to_result, prelude::*, sync::rcu, types::NotThreadSafe};

/// The registration for all namespaces, present and future. Dropping it takes all of them apart.
pub(crate) struct Namespaces(());

impl Namespaces {
    /// Gives every namespace its state and hooks. The caches of [`super::table::Caches`] must be there.
    pub(crate) fn register() -> Result<Self> {
        // SAFETY: registers a static of our C side, once, from the module's init.
        to_result(unsafe { bindings::shim6_pernet_register() })?;
        Ok(Self(()))
    }
}

impl Drop for Namespaces {
    fn drop(&mut self) {
        // SAFETY: a `Namespaces` exists only while it is registered.
        unsafe { bindings::shim6_pernet_unregister() }
    }
}

/// The C side of a namespace's state.
///
/// # Invariants
///
/// The pointer is that of a namespace whose state exists; only a [`Net`] and what is borrowed from it hold one.
#[derive(Clone, Copy)]
pub(crate) struct Share(NonNull<bindings::shim6_net>);

// SAFETY: what is reached through it is made for use from all CPUs.
unsafe impl Send for Share {}
// SAFETY: as above.
unsafe impl Sync for Share {}

impl Share {
    /// The share behind a pointer.
    ///
    /// # Safety
    ///
    /// It must be that of a namespace whose state exists as long as the result is used.
    pub(super) unsafe fn from_raw(share: *mut bindings::shim6_net) -> Share {
        // SAFETY: what the caller promises.
        // INVARIANT: likewise.
        Share(unsafe { NonNull::new_unchecked(share) })
    }

    /// The pointer for the other wrappers.
    pub(super) fn raw(self) -> *mut bindings::shim6_net {
        self.0.as_ptr()
    }

    /// The namespace.
    pub(super) fn net(self) -> *mut bindings::net {
        // SAFETY: by the invariant it is valid; the field never changes.
        unsafe { (*self.0.as_ptr()).net }
    }

    /// Lets others have the CPU, between two steps of something long. Not under a lock.
    pub(crate) fn rest(self) {
        // SAFETY: whoever calls this may sleep.
        unsafe { bindings::shim6_rest() }
    }

    /// Asks for [`Net::do_chores`] in a context that may sleep, after so many milliseconds or sooner.
    pub(crate) fn ask_for_chores(self, milliseconds: u32) {
        // SAFETY: the work item is there as long as the share; it is disabled before the state goes.
        unsafe { bindings::shim6_net_chores(self.raw(), milliseconds) }
    }

    /// Asks for [`Net::tend_all`] after so many milliseconds, or sooner.
    pub(crate) fn ask_for_tending(self, milliseconds: u32) {
        // SAFETY: as for `ask_for_chores`.
        unsafe { bindings::shim6_net_tend(self.raw(), milliseconds) }
    }

    /// Asks for [`Net::walk`] after so many milliseconds.
    pub(crate) fn ask_for_walk(self, milliseconds: u32) {
        // SAFETY: as for `ask_for_chores`.
        unsafe { bindings::shim6_net_walk(self.raw(), milliseconds) }
    }

    /// Asks for [`Net::check_signatures`] in a context that may sleep.
    pub(crate) fn ask_for_signatures(self) {
        // SAFETY: as for `ask_for_chores`.
        unsafe { bindings::shim6_net_signatures(self.raw()) }
    }
}

/// The control part of a namespace, which only the holder of the control lock can reach.
pub(crate) struct Guarded(UnsafeCell<KBox<Control>>);

// SAFETY: the contents are only reached through `Locked`, which holds a lock.
unsafe impl Sync for Guarded {}

impl Guarded {
    /// Puts a control part under guard.
    pub(crate) fn new(control: KBox<Control>) -> Self {
        Self(UnsafeCell::new(control))
    }
}

/// The control lock, held with softirqs off and under RCU.
///
/// # Invariants
///
/// The lock of the namespace is held by this value, and RCU by `_rcu`.
pub(crate) struct Locked<'a> {
    net: &'a Net,
    _rcu: rcu::Guard,
    _here: NotThreadSafe,
}

impl Net {
    /// Takes the control lock. Never while it is held, and not in hard interrupts.
    pub(crate) fn lock(&self) -> Locked<'_> {
        let rcu = rcu::Guard::new();
        // SAFETY: the lock was initialised before the state came to be.
        unsafe { bindings::shim6_net_lock(self.share().raw()) };
        // INVARIANT: both are held now.
        Locked { net: self, _rcu: rcu, _here: NotThreadSafe }
    }
}

impl Net {
    /// Those who listen to its events.
    pub(crate) fn listeners(&self) -> Listeners<'_> {
        // SAFETY: the namespace of a share is never null, and outlives the state.
        unsafe { Listeners::new(NonNull::new_unchecked(self.share().net())) }
    }
}

impl Locked<'_> {
    /// The contexts and the control part.
    pub(crate) fn parts(&mut self) -> (Nodes<'_>, &mut Control) {
        let (nodes, control, _) = self.with_reader();
        (nodes, control)
    }

    /// The same, with evidence that RCU is held.
    pub(crate) fn with_reader(&mut self) -> (Nodes<'_>, &mut Control, Reader<'_>) {
        // SAFETY: by the invariant the lock is held, and `self` is borrowed mutably, so nobody else has either; RCU is held
        // as long as `self` lives.
        unsafe { (Nodes::new(self.net.share()), &mut **self.net.guarded().0.get(), Reader::assume()) }
    }

    /// The contexts, the sockets that want something, and the control part.
    pub(crate) fn all(&mut self) -> (Nodes<'_>, Sockets<'_>, &mut Control) {
        // SAFETY: as for `parts`.
        unsafe {
            let share = self.net.share();
            (Nodes::new(share), Sockets::new(share), &mut **self.net.guarded().0.get())
        }
    }

    /// The control part.
    pub(crate) fn control(&mut self) -> &mut Control {
        self.parts().1
    }
}

impl Drop for Locked<'_> {
    fn drop(&mut self) {
        // SAFETY: by the invariant the lock is held by this value.
        unsafe { bindings::shim6_net_unlock(self.net.share().raw()) }
    }
}

/// The state of a namespace.
///
/// # Safety
///
/// `net` must be a namespace that lives for `'a`, while the module's registration for namespaces stands.
pub(super) unsafe fn of<'a>(net: *mut bindings::net) -> &'a Net {
    // SAFETY: what the caller promises: the share is there, and its state is set.
    unsafe { &*(*bindings::shim6_net_of(net)).state.cast::<Net>() }
}

/// The state behind a share.
///
/// # Safety
///
/// `share` must be valid for `'a`, with its state set.
pub(super) unsafe fn state<'a>(share: *mut bindings::shim6_net) -> &'a Net {
    // SAFETY: what the caller promises.
    unsafe { &*(*share).state.cast::<Net>() }
}

/// A namespace begins.
///
/// # Safety
///
/// `share` must be valid, its C part initialised, and not in use yet.
#[no_mangle]
unsafe extern "C" fn shim6_net_begin(share: *mut bindings::shim6_net) -> c_int {
    // SAFETY: `share` is valid, so not null.
    let handle = Share(unsafe { NonNull::new_unchecked(share) });
    match Net::new(handle) {
        Ok(net) => {
            let (counters, out, back) = net.stats().switched();
            // SAFETY: the counters live as long as the state, and nobody uses the share yet.
            unsafe { handle.count_switched(counters, out, back) };
            // SAFETY: nobody uses the share yet.
            unsafe { (*share).state = KBox::into_raw(net).cast() };
            // SAFETY: it was set just now.
            unsafe { state(share) }.begin();
            0
        }
        Err(error) => error.to_errno(),
    }
}

/// A namespace ends: no packets and no work come any more; its contexts go.
///
/// # Safety
///
/// `share` must be valid with its state set; hooks and work must have ended.
#[no_mangle]
unsafe extern "C" fn shim6_net_quiesce(share: *mut bindings::shim6_net) {
    // SAFETY: what the caller promises.
    unsafe { state(share) }.forget_all();
}

/// The end of a namespace.
///
/// # Safety
///
/// As for [`shim6_net_quiesce`], which must have been called (or nothing have happened since [`shim6_net_begin`]), and
/// all timers must have ended.
#[no_mangle]
unsafe extern "C" fn shim6_net_end(share: *mut bindings::shim6_net) {
    // SAFETY: nobody uses the state any more; it came from `KBox::into_raw`.
    drop(unsafe { KBox::from_raw((*share).state.cast::<Net>()) });
}

/// Work that may sleep.
///
/// # Safety
///
/// `share` must be valid with its state set.
#[no_mangle]
unsafe extern "C" fn shim6_net_do_chores(share: *mut bindings::shim6_net) {
    // SAFETY: what the caller promises.
    unsafe { state(share) }.do_chores();
}

/// Sockets that want something are looked after.
///
/// # Safety
///
/// `share` must be valid with its state set.
#[no_mangle]
unsafe extern "C" fn shim6_net_do_tend(share: *mut bindings::shim6_net) {
    // SAFETY: what the caller promises.
    unsafe { state(share) }.tend_all();
}

/// The slow walk.
///
/// # Safety
///
/// `share` must be valid with its state set.
#[no_mangle]
unsafe extern "C" fn shim6_net_do_walk(share: *mut bindings::shim6_net) {
    // SAFETY: what the caller promises.
    unsafe { state(share) }.walk();
}

/// Signatures wait to be checked.
///
/// # Safety
///
/// `share` must be valid with its state set.
#[no_mangle]
unsafe extern "C" fn shim6_net_do_signatures(share: *mut bindings::shim6_net) {
    // SAFETY: what the caller promises.
    unsafe { state(share) }.check_signatures();
}
