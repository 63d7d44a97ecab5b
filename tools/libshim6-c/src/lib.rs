// SPDX-License-Identifier: MIT OR GPL-2.0
//! The C interface of libshim6, as `include/shim6.h` documents it: each function there is one here.
//!
//! Handles are boxes whose pointers C keeps. No panic crosses the border: one that would ends the program, as Rust has it for
//! functions of C.

mod context;
mod error;
mod socket;
mod watch;

use context::{read_pair, Address, RawContext};
use error::{fail, fail_with, outcome};
use libc::c_int;
use libshim6::{Answer, Client, Context, ContextFilter, ContextSelector, Error};
use std::time::Duration;

/// `shim6_open`.
#[no_mangle]
pub extern "C" fn shim6_open() -> *mut Client {
    match Client::open() {
        Ok(client) => Box::into_raw(Box::new(client)),
        Err(error) => {
            fail(&error);
            std::ptr::null_mut()
        }
    }
}

/// `shim6_close`.
///
/// # Safety
///
/// `shim6` must be null or come from [`shim6_open`], and is not used again.
#[no_mangle]
pub unsafe extern "C" fn shim6_close(shim6: *mut Client) {
    if !shim6.is_null() {
        // SAFETY: what the caller promises: it is a box that nobody else has.
        drop(unsafe { Box::from_raw(shim6) });
    }
}

/// `shim6_supports`.
///
/// # Safety
///
/// `shim6` must come from [`shim6_open`]; both addresses must be readable.
#[no_mangle]
pub unsafe extern "C" fn shim6_supports(
    shim6: *mut Client,
    local: *const Address,
    peer: *const Address,
    timeout: u32,
) -> c_int {
    // SAFETY: what the caller promises.
    let (client, ulids) = unsafe { (&mut *shim6, read_pair(local, peer)) };
    match client.supports(ulids, Duration::from_millis(timeout.into())) {
        Ok(Answer::Yes) => 1,
        Ok(Answer::No | Answer::Silence) => 0,
        Ok(Answer::None) => fail_with(libc::ETIMEDOUT, "the peer has not answered yet"),
        Err(error) => fail(&error),
    }
}

/// `shim6_pair_set`.
///
/// # Safety
///
/// As for [`shim6_supports`].
#[no_mangle]
pub unsafe extern "C" fn shim6_pair_set(
    shim6: *mut Client,
    local: *const Address,
    peer: *const Address,
    timeout: u32,
) -> c_int {
    // SAFETY: what the caller promises.
    let (client, ulids) = unsafe { (&mut *shim6, read_pair(local, peer)) };
    match client.establish(ulids, Duration::from_millis(timeout.into())) {
        Ok(context) if context.state == libshim6::spec::ContextState::Established => 0,
        Ok(context) => match context.answer() {
            Answer::No | Answer::Silence => {
                fail_with(libc::ECONNREFUSED, "the peer does not speak Shim6")
            }
            Answer::Yes | Answer::None => {
                fail_with(libc::ETIMEDOUT, "the exchange is not over yet")
            }
        },
        Err(error) => fail(&error),
    }
}

/// `shim6_pair_unset`.
///
/// # Safety
///
/// As for [`shim6_supports`].
#[no_mangle]
pub unsafe extern "C" fn shim6_pair_unset(
    shim6: *mut Client,
    local: *const Address,
    peer: *const Address,
) -> c_int {
    // SAFETY: what the caller promises.
    let (client, ulids) = unsafe { (&mut *shim6, read_pair(local, peer)) };
    outcome(client.remove_context(ContextSelector::Ulids(ulids, 0)))
}

/// `shim6_context_get`.
///
/// # Safety
///
/// As for [`shim6_supports`]; `context` must be writable.
#[no_mangle]
pub unsafe extern "C" fn shim6_context_get(
    shim6: *mut Client,
    local: *const Address,
    peer: *const Address,
    fii: u32,
    context: *mut RawContext,
) -> c_int {
    // SAFETY: what the caller promises.
    let (client, ulids) = unsafe { (&mut *shim6, read_pair(local, peer)) };
    // SAFETY: what the caller promises.
    unsafe { give(client.context(ContextSelector::Ulids(ulids, fii)), context) }
}

/// Writes a context that was found, or says why there is none.
///
/// # Safety
///
/// `context` must be writable.
unsafe fn give(found: Result<Context, Error>, context: *mut RawContext) -> c_int {
    match found {
        Ok(found) => {
            // SAFETY: what the caller promises.
            unsafe { context.write(RawContext::of(&found)) };
            0
        }
        Err(error) => fail(&error),
    }
}

/// `shim6_context_of`.
///
/// # Safety
///
/// `shim6` must come from [`shim6_open`]; `fd` must stay open for the call; `context` must be writable.
#[no_mangle]
pub unsafe extern "C" fn shim6_context_of(
    shim6: *mut Client,
    fd: c_int,
    context: *mut RawContext,
) -> c_int {
    if fd < 0 {
        return fail_with(libc::EBADF, "no descriptor");
    }
    // SAFETY: what the caller promises.
    let (client, socket) = unsafe { (&mut *shim6, std::os::fd::BorrowedFd::borrow_raw(fd)) };
    // SAFETY: what the caller promises.
    unsafe { give(client.context_of(&socket), context) }
}

/// `shim6_contexts`.
///
/// # Safety
///
/// `shim6` must come from [`shim6_open`]; `contexts` must be writable for `room` contexts.
#[no_mangle]
pub unsafe extern "C" fn shim6_contexts(
    shim6: *mut Client,
    contexts: *mut RawContext,
    room: u32,
) -> c_int {
    // SAFETY: what the caller promises.
    let client = unsafe { &mut *shim6 };
    match client.contexts(&ContextFilter::default()) {
        Ok(listing) => {
            for (place, found) in listing.items.iter().take(room as usize).enumerate() {
                // SAFETY: the caller has room for that many.
                unsafe { contexts.add(place).write(RawContext::of(found)) };
            }
            c_int::try_from(listing.items.len()).unwrap_or(c_int::MAX)
        }
        Err(error) => fail(&error),
    }
}

/// `shim6_explore`.
///
/// # Safety
///
/// `shim6` must come from [`shim6_open`].
#[no_mangle]
pub unsafe extern "C" fn shim6_explore(shim6: *mut Client, id: u32) -> c_int {
    // SAFETY: what the caller promises.
    outcome(unsafe { &mut *shim6 }.explore(ContextSelector::Id(id)))
}
