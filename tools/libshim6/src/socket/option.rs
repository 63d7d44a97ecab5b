// SPDX-License-Identifier: MIT OR GPL-2.0
//! The numbers of the options (`include/uapi/linux/shim6.h`), and setting and reading one.

use super::{Side, SocketError};
use crate::ffi::sockopt;
use std::os::fd::BorrowedFd;

/// The number of an option.
pub(super) type Number = libc::c_int;

/// `SOL_SHIM`: the options are options of IPv6 sockets.
const LEVEL: libc::c_int = libc::IPPROTO_IPV6;

pub(super) const ASSOCIATED: Number = 6316;
pub(super) const DONTSHIM: Number = 6317;
pub(super) const HOT_STANDBY: Number = 6318;
const LOC_LOCAL_PREF: Number = 6319;
const LOC_PEER_PREF: Number = 6320;
const LOC_LOCAL_RECV: Number = 6321;
const LOC_PEER_RECV: Number = 6322;
const LOC_LOCAL_SEND: Number = 6323;
const LOC_PEER_SEND: Number = 6324;
const LOCLIST_LOCAL: Number = 6325;
const LOCLIST_PEER: Number = 6326;
pub(super) const APP_TIMEOUT: Number = 6327;
pub(super) const PATHEXPLORE: Number = 6328;
pub(super) const DEFERRED_CONTEXT_SETUP: Number = 6329;
pub(super) const FEEDBACK: Number = 6330;

pub(super) fn preferred(side: Side) -> Number {
    match side {
        Side::Local => LOC_LOCAL_PREF,
        Side::Peer => LOC_PEER_PREF,
    }
}

pub(super) fn received(side: Side) -> Number {
    match side {
        Side::Local => LOC_LOCAL_RECV,
        Side::Peer => LOC_PEER_RECV,
    }
}

pub(super) fn chosen(side: Side) -> Number {
    match side {
        Side::Local => LOC_LOCAL_SEND,
        Side::Peer => LOC_PEER_SEND,
    }
}

pub(super) fn list(side: Side) -> Number {
    match side {
        Side::Local => LOCLIST_LOCAL,
        Side::Peer => LOCLIST_PEER,
    }
}

/// Sets an option to these octets.
pub(super) fn set(socket: BorrowedFd<'_>, option: Number, value: &[u8]) -> Result<(), SocketError> {
    sockopt::set(socket, LEVEL, option, value).map_err(SocketError::from)
}

/// Reads an option; returns the octets written.
pub(super) fn get(
    socket: BorrowedFd<'_>,
    option: Number,
    value: &mut [u8],
) -> Result<usize, SocketError> {
    sockopt::get(socket, LEVEL, option, value).map_err(SocketError::from)
}
