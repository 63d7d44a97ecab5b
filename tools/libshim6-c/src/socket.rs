// SPDX-License-Identifier: MIT OR GPL-2.0
//! Sockets: the options of RFC 6316 that most programs want, each by one call.

use crate::error::{open, outcome, Failure};
use crate::Address;
use libc::c_int;
use libshim6::socket::{Direction, Indicator, ShimSocket, Side, SocketError};
use std::net::Ipv6Addr;
use std::os::fd::BorrowedFd;
use std::time::Duration;

/// Does something with a socket; the result of C.
fn with(
    fd: Option<BorrowedFd<'_>>,
    act: impl FnOnce(&ShimSocket<'_>) -> Result<c_int, SocketError>,
) -> c_int {
    outcome(|| {
        let socket = open(fd)?;
        act(&ShimSocket::new(&socket)).map_err(Failure::from)
    })
}

/// `shim6_socket_get`.
#[no_mangle]
pub extern "C" fn shim6_socket_get(fd: Option<BorrowedFd<'_>>) -> c_int {
    with(fd, |socket| socket.is_associated().map(c_int::from))
}

/// `shim6_socket_set`.
#[no_mangle]
pub extern "C" fn shim6_socket_set(fd: Option<BorrowedFd<'_>>, on: c_int) -> c_int {
    with(fd, |socket| socket.set_shim_off(on == 0).map(|()| 0))
}

/// `shim6_socket_use`.
#[no_mangle]
pub extern "C" fn shim6_socket_use(
    fd: Option<BorrowedFd<'_>>,
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
    with(fd, choose)
}

/// `shim6_socket_test`.
#[no_mangle]
pub extern "C" fn shim6_socket_test(fd: Option<BorrowedFd<'_>>) -> c_int {
    let doubt = |socket: &ShimSocket<'_>| {
        socket.feed_back(Direction::Outbound, Indicator::Unsatisfactory)?;
        Ok(0)
    };
    with(fd, doubt)
}

/// `shim6_socket_timeout`.
#[no_mangle]
pub extern "C" fn shim6_socket_timeout(fd: Option<BorrowedFd<'_>>, seconds: u32) -> c_int {
    let timeout = (seconds != 0).then(|| Duration::from_secs(seconds.into()));
    with(fd, |socket| socket.set_send_timeout(timeout).map(|()| 0))
}
