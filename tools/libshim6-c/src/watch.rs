// SPDX-License-Identifier: MIT OR GPL-2.0
//! Events of contexts.

use crate::context::RawContext;
use crate::error::fail;
use libc::c_int;
use libshim6::{Event, Listener};
use std::os::fd::AsRawFd;

/// `shim6_watch_open`.
#[no_mangle]
pub extern "C" fn shim6_watch_open() -> *mut Listener {
    match Listener::open() {
        Ok(listener) => Box::into_raw(Box::new(listener)),
        Err(error) => {
            fail(&error);
            std::ptr::null_mut()
        }
    }
}

/// `shim6_watch_close`.
///
/// # Safety
///
/// `watch` must be null or come from [`shim6_watch_open`], and is not used again.
#[no_mangle]
pub unsafe extern "C" fn shim6_watch_close(watch: *mut Listener) {
    if !watch.is_null() {
        // SAFETY: what the caller promises: it is a box that nobody else has.
        drop(unsafe { Box::from_raw(watch) });
    }
}

/// `shim6_watch_fd`.
///
/// # Safety
///
/// `watch` must come from [`shim6_watch_open`].
#[no_mangle]
pub unsafe extern "C" fn shim6_watch_fd(watch: *const Listener) -> c_int {
    // SAFETY: what the caller promises.
    unsafe { &*watch }.descriptor().as_raw_fd()
}

/// `shim6_watch_next`.
///
/// # Safety
///
/// `watch` must come from [`shim6_watch_open`]; `context` must be writable.
#[no_mangle]
pub unsafe extern "C" fn shim6_watch_next(watch: *mut Listener, context: *mut RawContext) -> c_int {
    // SAFETY: what the caller promises.
    let listener = unsafe { &mut *watch };
    loop {
        match listener.next_event() {
            Ok(
                Event::ContextAdded(found)
                | Event::ContextChanged(found)
                | Event::ContextRemoved(found),
            ) => {
                // SAFETY: what the caller promises.
                unsafe { context.write(RawContext::of(&found)) };
                return 1;
            }
            Ok(Event::Lost) => return 0,
            Ok(_) => {}
            Err(error) => return fail(&error),
        }
    }
}
