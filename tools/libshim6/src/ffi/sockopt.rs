// SPDX-License-Identifier: MIT OR GPL-2.0
//! Socket options whose length is known at run time only, as that of a list of locators. socket2 and rustix have a list of
//! options; the macros of nix take fixed lengths, or text, which ends at a zero.

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};

/// Sets an option to these octets.
pub(crate) fn set(
    socket: BorrowedFd<'_>,
    level: libc::c_int,
    option: libc::c_int,
    value: &[u8],
) -> io::Result<()> {
    let len = libc::socklen_t::try_from(value.len())
        .map_err(|_| io::Error::from_raw_os_error(libc::E2BIG))?;
    // SAFETY: the descriptor is open while it is borrowed, and the kernel reads `len` octets of a slice that long.
    done(unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            level,
            option,
            value.as_ptr().cast(),
            len,
        )
    })
}

/// Reads an option; returns the octets written.
pub(crate) fn get(
    socket: BorrowedFd<'_>,
    level: libc::c_int,
    option: libc::c_int,
    value: &mut [u8],
) -> io::Result<usize> {
    let mut len = libc::socklen_t::try_from(value.len()).unwrap_or(libc::socklen_t::MAX);
    // SAFETY: the descriptor is open while it is borrowed, and the kernel writes at most `len` octets, which the slice has.
    done(unsafe {
        libc::getsockopt(
            socket.as_raw_fd(),
            level,
            option,
            value.as_mut_ptr().cast(),
            &mut len,
        )
    })?;
    Ok(value.len().min(len as usize))
}

fn done(result: libc::c_int) -> io::Result<()> {
    match result {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}
