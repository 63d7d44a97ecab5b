// SPDX-License-Identifier: GPL-2.0
//! The callbacks of the socket options (`sockopt.c`): from C's arguments to a socket and octets.

use super::{bindings, socket::Sock};
use crate::sockopt;
use core::{ffi::c_int, ptr::NonNull, slice};
use kernel::{
    error::{from_result, to_result},
    prelude::*,
};

/// The registration of the options. Dropping it ends them.
pub(crate) struct Options(());

impl Options {
    /// Registers the options. The states of the namespaces must be there.
    pub(crate) fn register() -> Result<Self> {
        // SAFETY: registers a static of our C side, once, from the module's init.
        to_result(unsafe { bindings::shim6_sockopt_register() })?;
        Ok(Self(()))
    }
}

impl Drop for Options {
    fn drop(&mut self) {
        // SAFETY: an `Options` exists only while they are registered.
        unsafe { bindings::shim6_sockopt_unregister() }
    }
}

/// `setsockopt`.
///
/// # Safety
///
/// `sk` must be an unlocked socket that the caller holds, in process context; `value` `len` readable octets.
#[no_mangle]
unsafe extern "C" fn shim6_sockopt_set(sk: *mut bindings::sock, option: c_int, value: *const u8, len: usize) -> c_int {
    // SAFETY: what the caller promises.
    let (sock, value) = unsafe { (Sock::new(NonNull::new_unchecked(sk)), slice::from_raw_parts(value, len)) };
    from_result(|| sockopt::set(&sock, option as u32, value).map(|()| 0))
}

/// `getsockopt`; returns the octets written.
///
/// # Safety
///
/// As for [`shim6_sockopt_set`], but `value` must be `room` octets that only the caller knows, to be written.
#[no_mangle]
unsafe extern "C" fn shim6_sockopt_get(sk: *mut bindings::sock, option: c_int, value: *mut u8, room: usize) -> c_int {
    // SAFETY: what the caller promises.
    let (sock, value) = unsafe { (Sock::new(NonNull::new_unchecked(sk)), slice::from_raw_parts_mut(value, room)) };
    from_result(|| sockopt::get(&sock, option as u32, value).map(|written| written as c_int))
}
