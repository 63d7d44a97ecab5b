// SPDX-License-Identifier: MIT OR GPL-2.0
//! Why a socket option was refused (RFC 6316 section 6.16), by the numbers of `include/uapi/linux/shim6.h`.

use std::fmt;
use std::io;

/// Why a socket option was refused.
#[derive(Debug)]
pub enum SocketError {
    /// `ENOPROTOOPT`: the module is not loaded, or the option is not one to be set, or to be read.
    NoSuchOption,
    /// `EOPNOTSUPP`: the socket is not connected, or is already where it must not be.
    NotSupported,
    /// `ENOENT`: there is no context for the socket.
    NoContext,
    /// `EINVALIDLOCATOR`: the context does not have this locator.
    InvalidLocator,
    /// `EUNVERIFIEDLOCATOR`: whether the peer is reachable at this locator is not known.
    UnverifiedLocator,
    /// `EUNREACHABLELOCATOR`: the peer is not reachable at this locator.
    UnreachableLocator,
    /// `ETOOMANYLOCATORS`: more than [`super::MAX_LOCATORS`].
    TooManyLocators,
    /// Any other error.
    System(io::Error),
}

impl From<io::Error> for SocketError {
    fn from(error: io::Error) -> SocketError {
        match error.raw_os_error() {
            Some(libc::ENOPROTOOPT) => SocketError::NoSuchOption,
            Some(libc::EOPNOTSUPP) => SocketError::NotSupported,
            Some(libc::ENOENT) => SocketError::NoContext,
            Some(libc::EADDRNOTAVAIL) => SocketError::InvalidLocator,
            Some(libc::ENODATA) => SocketError::UnverifiedLocator,
            Some(libc::EHOSTUNREACH) => SocketError::UnreachableLocator,
            Some(libc::E2BIG) => SocketError::TooManyLocators,
            _ => SocketError::System(error),
        }
    }
}

impl SocketError {
    /// The error number, as in `errno.h`.
    pub fn errno(&self) -> i32 {
        match self {
            SocketError::NoSuchOption => libc::ENOPROTOOPT,
            SocketError::NotSupported => libc::EOPNOTSUPP,
            SocketError::NoContext => libc::ENOENT,
            SocketError::InvalidLocator => libc::EADDRNOTAVAIL,
            SocketError::UnverifiedLocator => libc::ENODATA,
            SocketError::UnreachableLocator => libc::EHOSTUNREACH,
            SocketError::TooManyLocators => libc::E2BIG,
            SocketError::System(error) => error.raw_os_error().unwrap_or(libc::EIO),
        }
    }
}

impl fmt::Display for SocketError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            SocketError::NoSuchOption => "no such socket option: is shim6 loaded?",
            SocketError::NotSupported => {
                "the socket must be connected for this, or must not be yet"
            }
            SocketError::NoContext => "there is no Shim6 context for the socket",
            SocketError::InvalidLocator => "the context does not have this locator",
            SocketError::UnverifiedLocator => {
                "whether the peer is reachable at this locator is not known yet"
            }
            SocketError::UnreachableLocator => "the peer is not reachable at this locator",
            SocketError::TooManyLocators => "too many locators",
            SocketError::System(error) => return f.write_str(&crate::error::reason(error)),
        })
    }
}

impl std::error::Error for SocketError {}
