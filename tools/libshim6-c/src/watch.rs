// SPDX-License-Identifier: MIT OR GPL-2.0
//! Events of contexts.

use crate::context::RawContext;
use crate::error::{given, handle, outcome, Failure};
use libc::c_int;
use libshim6::{Event, Listener};
use std::mem::MaybeUninit;
use std::os::fd::AsRawFd;

/// `shim6_watch_open`.
#[no_mangle]
pub extern "C" fn shim6_watch_open() -> Option<Box<Listener>> {
    handle(Listener::open())
}

/// `shim6_watch_close`.
#[no_mangle]
pub extern "C" fn shim6_watch_close(watch: Option<Box<Listener>>) {
    drop(watch);
}

/// `shim6_watch_fd`.
#[no_mangle]
pub extern "C" fn shim6_watch_fd(watch: Option<&Listener>) -> c_int {
    outcome(|| Ok(given(watch)?.descriptor().as_raw_fd()))
}

/// `shim6_watch_next`.
#[no_mangle]
pub extern "C" fn shim6_watch_next(
    watch: Option<&mut Listener>,
    context: Option<&mut MaybeUninit<RawContext>>,
) -> c_int {
    outcome(|| {
        let (listener, place) = (given(watch)?, given(context)?);
        match listener.next_or_loss()? {
            Some(
                Event::ContextAdded(found)
                | Event::ContextChanged(found)
                | Event::ContextRemoved(found),
            ) => {
                place.write(RawContext::of(&found));
                Ok(1)
            }
            Some(Event::Lost) => Ok(0),
            // Waiting for another one would block a caller whom poll() has told that there is something.
            _ => Err(Failure::new(
                libc::EAGAIN,
                "what was heard is not of a context",
            )),
        }
    })
}
