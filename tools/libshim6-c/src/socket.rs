// SPDX-License-Identifier: MIT OR GPL-2.0
//! Sockets: the options of RFC 6316 that most programs want, each by one call.

use crate::error::{outcome, Failure};
use crate::ffi::descriptor;
use crate::Address;
use libc::c_int;
use libshim6::socket::{Direction, Indicator, ShimSocket, Side, SocketError};
use std::net::Ipv6Addr;
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
    outcome(|| {
        // SAFETY: what the caller promises.
        let socket = unsafe { descriptor(fd) }?;
        act(&ShimSocket::new(&socket)).map_err(Failure::from)
    })
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
/// `fd` must stay open for the call.
#[no_mangle]
pub unsafe extern "C" fn shim6_socket_use(
    fd: c_int,
    local: Option<&Address>,
    peer: Option<&Address>,
) -> c_int {
    let address = |octets: &Address| Ipv6Addr::from(*octets);
    let choose = |socket: &ShimSocket<'_>| {
        let before = socket.chosen(Side::Local)?.map(|locator| locator.address);
        socket.choose(Side::Local, local.map(address))?;
        if let Err(error) = socket.choose(Side::Peer, peer.map(address)) {
            socket.choose(Side::Local, before)?;
            return Err(error);
        }
        Ok(0)
    };
    // SAFETY: what the caller promises.
    unsafe { with(fd, choose) }
}

/// `shim6_socket_test`.
///
/// # Safety
///
/// `fd` must stay open for the call.
#[no_mangle]
pub unsafe extern "C" fn shim6_socket_test(fd: c_int) -> c_int {
    let doubt = |socket: &ShimSocket<'_>| {
        socket.feed_back(Direction::Outbound, Indicator::Unsatisfactory)?;
        Ok(0)
    };
    // SAFETY: what the caller promises.
    unsafe { with(fd, doubt) }
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
