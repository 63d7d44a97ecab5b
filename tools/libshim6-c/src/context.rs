// SPDX-License-Identifier: MIT OR GPL-2.0
//! Contexts and addresses as C has them.

use libshim6::spec::{Enumeration, ReapState};
use libshim6::{Context, Pair};
use std::net::Ipv6Addr;

/// `struct in6_addr`, which need not be aligned.
pub(crate) type Address = [u8; 16];

/// `struct shim6_context`.
#[repr(C)]
pub struct RawContext {
    id: u32,
    fii: u32,
    state: u32,
    reap_state: u32,
    event: u32,
    cause: u32,
    ulid_local: Address,
    ulid_peer: Address,
    current_local: Address,
    current_peer: Address,
    rx_age: u64,
    tx_age: u64,
}

impl RawContext {
    pub(crate) fn of(context: &Context) -> RawContext {
        let current = context.current.unwrap_or(context.ulids);
        RawContext {
            id: context.id,
            fii: context.fii,
            state: context.state.number().unwrap_or(u32::MAX),
            reap_state: context.reap_state.and_then(ReapState::number).unwrap_or(0),
            event: context.event.and_then(Enumeration::number).unwrap_or(0),
            cause: context.cause.and_then(Enumeration::number).unwrap_or(0),
            ulid_local: context.ulids.local.octets(),
            ulid_peer: context.ulids.peer.octets(),
            current_local: current.local.octets(),
            current_peer: current.peer.octets(),
            rx_age: context.rx_age.unwrap_or(u64::MAX),
            tx_age: context.tx_age.unwrap_or(u64::MAX),
        }
    }
}

/// Reads two addresses.
///
/// # Safety
///
/// Both must be readable.
pub(crate) unsafe fn read_pair(local: *const Address, peer: *const Address) -> Pair {
    // SAFETY: what the caller promises.
    let (local, peer) = unsafe { (local.read(), peer.read()) };
    Pair {
        local: Ipv6Addr::from(local),
        peer: Ipv6Addr::from(peer),
    }
}
