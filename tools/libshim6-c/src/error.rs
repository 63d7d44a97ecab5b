// SPDX-License-Identifier: MIT OR GPL-2.0
//! Errors as C has them: `errno`, and a sentence for each thread.

use libc::{c_char, c_int};
use libshim6::Error;
use std::cell::RefCell;
use std::ffi::CString;

thread_local! {
    static SENTENCE: RefCell<CString> = RefCell::new(CString::default());
}

/// `shim6_error`.
#[no_mangle]
pub extern "C" fn shim6_error() -> *const c_char {
    SENTENCE.with_borrow(|sentence| sentence.as_ptr())
}

/// Keeps the sentence, sets `errno`, and returns -1.
pub(crate) fn fail_with(errno: c_int, sentence: &str) -> c_int {
    let without_nul: Vec<u8> = sentence.bytes().filter(|octet| *octet != 0).collect();
    SENTENCE.set(CString::new(without_nul).unwrap_or_default());
    // SAFETY: `errno` of this thread is there as long as the thread.
    unsafe { *libc::__errno_location() = errno };
    -1
}

/// The failure of a request.
pub(crate) fn fail(error: &Error) -> c_int {
    let errno = match error {
        Error::NotLoaded => libc::ENOENT,
        Error::Malformed(_) => libc::EPROTO,
        error => error.errno().unwrap_or(libc::EIO),
    };
    fail_with(errno, &error.to_string())
}

/// 0 or the failure.
pub(crate) fn outcome(result: Result<(), Error>) -> c_int {
    match result {
        Ok(()) => 0,
        Err(error) => fail(&error),
    }
}
