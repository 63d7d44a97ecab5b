// SPDX-License-Identifier: MIT OR GPL-2.0
//! Errors as C has them: `errno`, and a sentence for each thread.

use errno::{set_errno, Errno};
use libc::{c_char, c_int};
use libshim6::socket::SocketError;
use libshim6::Error;
use std::cell::RefCell;
use std::ffi::CString;
use std::os::fd::BorrowedFd;

thread_local! {
    static SENTENCE: RefCell<CString> = RefCell::new(CString::default());
}

/// `shim6_error`.
#[no_mangle]
pub extern "C" fn shim6_error() -> *const c_char {
    SENTENCE.with_borrow(|sentence| sentence.as_ptr())
}

/// Why a function fails.
pub(crate) struct Failure {
    errno: c_int,
    sentence: String,
}

impl Failure {
    pub(crate) fn new(errno: c_int, sentence: &str) -> Failure {
        Failure {
            errno,
            sentence: sentence.to_owned(),
        }
    }

    /// A null pointer where there must be none.
    pub(crate) fn null() -> Failure {
        Failure::new(libc::EFAULT, "a null pointer")
    }

    /// Keeps the sentence, and sets `errno`.
    fn tell(self) {
        let without_nul: Vec<u8> = self.sentence.bytes().filter(|octet| *octet != 0).collect();
        SENTENCE.set(CString::new(without_nul).unwrap_or_default());
        set_errno(Errno(self.errno));
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        let errno = match &error {
            Error::NotLoaded => libc::ENOENT,
            Error::Malformed(_) => libc::EPROTO,
            error => error.errno().unwrap_or(libc::EIO),
        };
        Failure::new(errno, &error.to_string())
    }
}

impl From<SocketError> for Failure {
    fn from(error: SocketError) -> Failure {
        Failure::new(error.errno(), &error.to_string())
    }
}

/// What a pointer points to.
pub(crate) fn given<T>(pointer: Option<T>) -> Result<T, Failure> {
    pointer.ok_or_else(Failure::null)
}

/// A descriptor. EBADF if it is -1; any other number that is none is the kernel's to refuse.
pub(crate) fn open(fd: Option<BorrowedFd<'_>>) -> Result<BorrowedFd<'_>, Failure> {
    fd.ok_or_else(|| Failure::new(libc::EBADF, "no descriptor"))
}

/// The result of a function: what it is, or -1.
pub(crate) fn outcome(act: impl FnOnce() -> Result<c_int, Failure>) -> c_int {
    act().unwrap_or_else(|failure| {
        failure.tell();
        -1
    })
}

/// A handle for C to keep; null if there is none.
pub(crate) fn handle<T>(opened: Result<T, Error>) -> Option<Box<T>> {
    opened
        .map(Box::new)
        .map_err(|error| Failure::from(error).tell())
        .ok()
}
