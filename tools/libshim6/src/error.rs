// SPDX-License-Identifier: MIT OR GPL-2.0
//! What can go wrong, told so that the sentence names the wrong thing.

use std::fmt;
use std::io;

/// Why a function of this library failed.
#[derive(Debug)]
pub enum Error {
    /// The kernel does not know the family `shim6` in this network namespace.
    NotLoaded,
    /// The kernel refused the request.
    Kernel(KernelError),
    /// A system call failed.
    System {
        /// What was being done, as in "cannot ...".
        doing: String,
        /// The system's reason.
        error: io::Error,
    },
    /// An answer of the kernel lacks something, or cannot be read.
    Malformed(&'static str),
}

/// The kernel's own answer to a refused request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KernelError {
    /// The error number, positive, as in `errno.h`.
    pub errno: i32,
    /// The sentence of the extended acknowledgement, word for word.
    pub message: Option<String>,
    /// The attribute that the kernel found wrong, or missing.
    pub attribute: Option<&'static str>,
    /// Whether that attribute is missing.
    pub is_missing: bool,
    /// The bounds of that attribute, if it has any.
    pub bounds: Option<(u32, u32)>,
}

impl Error {
    /// The failure of a system call during `doing`.
    pub fn system(doing: impl Into<String>, error: io::Error) -> Error {
        Error::System {
            doing: doing.into(),
            error,
        }
    }

    /// Whether what was asked for is not there.
    pub fn is_not_there(&self) -> bool {
        self.errno() == Some(libc::ENOENT)
    }

    /// Whether what was to be made is there already.
    pub fn is_there_already(&self) -> bool {
        self.errno() == Some(libc::EEXIST)
    }

    /// The error number of the kernel's refusal, if that is what it is.
    pub fn errno(&self) -> Option<i32> {
        match self {
            Error::Kernel(error) => Some(error.errno),
            Error::System { error, .. } => error.raw_os_error(),
            Error::NotLoaded | Error::Malformed(_) => None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::NotLoaded => f.write_str("shim6 is not loaded: modprobe shim6"),
            Error::Kernel(error) => error.fmt(f),
            Error::System { doing, error } => write!(f, "cannot {doing}: {}", reason(error)),
            Error::Malformed(what) => write!(f, "the kernel's answer cannot be read: {what}"),
        }
    }
}

impl std::error::Error for Error {}

impl fmt::Display for KernelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.message, self.errno) {
            (Some(message), _) => f.write_str(message)?,
            (None, libc::EPERM) => {
                f.write_str(
                    "Operation not permitted: this needs CAP_NET_ADMIN in the network namespace",
                )?;
            }
            (None, errno) => f.write_str(&reason(&io::Error::from_raw_os_error(errno)))?,
        }
        match (self.attribute, self.is_missing, self.bounds) {
            (Some(name), true, _) => write!(f, " (attribute {name} is missing)"),
            (Some(name), false, Some((min, max))) => {
                write!(f, " (attribute {name}, {min} to {max})")
            }
            (Some(name), false, None) => write!(f, " (attribute {name})"),
            (None, ..) => Ok(()),
        }
    }
}

/// The system's words without the number that the standard library appends.
pub(crate) fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    match text.rsplit_once(" (os error") {
        Some((words, _)) => words.to_owned(),
        None => text,
    }
}
