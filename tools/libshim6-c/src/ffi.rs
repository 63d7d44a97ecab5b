// SPDX-License-Identifier: MIT OR GPL-2.0
//! All that is unsafe here: what C promises and the compiler cannot see.
//!
//! The exported functions take references, boxes and options of them, which C sees as pointers: a null pointer is `None`, and
//! is refused with EFAULT. That any other pointer is what `include/shim6.h` says it is, C's side answers for, as for every
//! function of C.

use crate::error::Failure;
use libc::c_int;
use std::mem::MaybeUninit;
use std::os::fd::BorrowedFd;
use std::slice;

/// A descriptor of C's for the time of a call. EBADF if it is negative.
///
/// # Safety
///
/// `fd` must not be closed during `'call`.
pub(crate) unsafe fn descriptor<'call>(fd: c_int) -> Result<BorrowedFd<'call>, Failure> {
    if fd < 0 {
        return Err(Failure::new(libc::EBADF, "no descriptor"));
    }
    // SAFETY: it is not -1; that it stays open is what the caller promises. One that is not open at all is the kernel's to
    // refuse: it is only handed to system calls.
    Ok(unsafe { BorrowedFd::borrow_raw(fd) })
}

/// The places of an array of C's. EFAULT if it is null and has any.
///
/// # Safety
///
/// `places` must be null, or writable for `room` values during `'call`, by nobody else.
pub(crate) unsafe fn places<'call, T>(
    places: *mut MaybeUninit<T>,
    room: u32,
) -> Result<&'call mut [MaybeUninit<T>], Failure> {
    match (places.is_null(), room) {
        (_, 0) => Ok(&mut []),
        (true, _) => Err(Failure::null()),
        // SAFETY: it is not null, and what the caller promises; values that need not be initialised have no other demands.
        (false, _) => Ok(unsafe { slice::from_raw_parts_mut(places, room as usize) }),
    }
}

/// Sets this thread's `errno`.
pub(crate) fn set_errno(errno: c_int) {
    // SAFETY: `errno` of this thread is there as long as the thread, and only the thread has it.
    unsafe { *libc::__errno_location() = errno };
}
