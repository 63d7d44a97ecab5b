// SPDX-License-Identifier: MIT OR GPL-2.0
//! Sockets: the options of RFC 6316 that most programs want, each by one call.

use crate::context::Address;
use crate::error::fail_with;
use libc::c_int;
use libshim6::socket::{Direction, Indicator, ShimSocket, Side, SocketError};
use std::net::Ipv6Addr;
use std::os::fd::BorrowedFd;
use std::time::Duration;

/// Does something with a socket; the result of C.
///
/// # Safety
///
/// `fd` must stay open for the call if it is a descriptor at all.
unsafe fn with(
    fd: c_int,
    act: impl FnOnce(&ShimSocket<'_>) -> Result<c_int, SocketError>,
) -> c_int {
    if fd < 0 {
        return fail_with(libc::EBADF, "no descriptor");
    }
    // SAFETY: what the caller promises; it is not -1.
    let socket = unsafe { BorrowedFd::borrow_raw(fd) };
    match act(&ShimSocket::new(&socket)) {
        Ok(result) => result,
        Err(error) => fail_with(error.errno(), &error.to_string()),
    }
}

/// `shim6_socket_get`.
///
/// # Safety
///
/// `fd` must stay open for the call.
#[no_mangle]
pub unsafe extern "C" fn shim6_socket_get(fd: c_int) -> c_int {
    // SAFETY: what the caller promises.
    unsafe { with(fd, |socket| socket.is_associated().map(c_int::from)) }
}

/// `shim6_socket_set`.
///
/// # Safety
///
/// `fd` must stay open for the call.
#[no_mangle]
pub unsafe extern "C" fn shim6_socket_set(fd: c_int, on: c_int) -> c_int {
    // SAFETY: what the caller promises.
    unsafe { with(fd, |socket| socket.set_shim_off(on == 0).map(|()| 0)) }
}

/// `shim6_socket_use`.
///
/// # Safety
///
/// `fd` must stay open for the call; each address must be null or readable.
#[no_mangle]
pub unsafe extern "C" fn shim6_socket_use(
    fd: c_int,
    local: *const Address,
    peer: *const Address,
) -> c_int {
    // SAFETY: what the caller promises.
    let (local, peer) = unsafe { (address(local), address(peer)) };
    // SAFETY: what the caller promises.
    unsafe {
        with(fd, |socket| {
            let before = socket.chosen(Side::Local)?.map(|locator| locator.address);
            socket.choose(Side::Local, local)?;
            if let Err(error) = socket.choose(Side::Peer, peer) {
                socket.choose(Side::Local, before)?;
                return Err(error);
            }
            Ok(0)
        })
    }
}

/// An address, or none where there is a null pointer.
///
/// # Safety
///
/// `place` must be null or readable.
unsafe fn address(place: *const Address) -> Option<Ipv6Addr> {
    // SAFETY: it is not null, so it is readable.
    (!place.is_null()).then(|| unsafe { place.read() }.into())
}

/// `shim6_socket_test`.
///
/// # Safety
///
/// `fd` must stay open for the call.
#[no_mangle]
pub unsafe extern "C" fn shim6_socket_test(fd: c_int) -> c_int {
    // SAFETY: what the caller promises.
    unsafe {
        with(fd, |socket| {
            socket
                .feed_back(Direction::Outbound, Indicator::Unsatisfactory)
                .map(|()| 0)
        })
    }
}

/// `shim6_socket_timeout`.
///
/// # Safety
///
/// `fd` must stay open for the call.
#[no_mangle]
pub unsafe extern "C" fn shim6_socket_timeout(fd: c_int, seconds: u32) -> c_int {
    let timeout = (seconds != 0).then(|| Duration::from_secs(seconds.into()));
    // SAFETY: what the caller promises.
    unsafe { with(fd, |socket| socket.set_send_timeout(timeout).map(|()| 0)) }
}
