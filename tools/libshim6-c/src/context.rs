// SPDX-License-Identifier: MIT OR GPL-2.0
//! Contexts: asking for them, and acting on them.

use crate::error::{given, open, outcome, Failure};
use crate::ffi::Array;
use crate::{pair, Address};
use libc::c_int;
use libshim6::spec::{ContextState, Enumeration, ReapState};
use libshim6::{Answer, Client, Context, ContextFilter, ContextSelector, Error};
use std::mem::MaybeUninit;
use std::os::fd::BorrowedFd;
use std::time::Duration;

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

/// `shim6_supports`.
#[no_mangle]
pub extern "C" fn shim6_supports(
    shim6: Option<&mut Client>,
    local: Option<&Address>,
    peer: Option<&Address>,
    timeout: u32,
) -> c_int {
    outcome(|| {
        match given(shim6)?.supports(pair(local, peer)?, Duration::from_millis(timeout.into()))? {
            Answer::Yes => Ok(1),
            Answer::No | Answer::Silence => Ok(0),
            Answer::None => Err(Failure::new(
                libc::ETIMEDOUT,
                "the peer has not answered yet",
            )),
        }
    })
}

/// `shim6_pair_set`.
#[no_mangle]
pub extern "C" fn shim6_pair_set(
    shim6: Option<&mut Client>,
    local: Option<&Address>,
    peer: Option<&Address>,
    timeout: u32,
) -> c_int {
    outcome(|| {
        let timeout = Duration::from_millis(timeout.into());
        let context = given(shim6)?.establish(pair(local, peer)?, timeout)?;
        match (context.state, context.answer()) {
            (ContextState::Established, _) => Ok(0),
            (_, Answer::No | Answer::Silence) => Err(Failure::new(
                libc::ECONNREFUSED,
                "the peer does not speak Shim6",
            )),
            (_, Answer::Yes | Answer::None) => Err(Failure::new(
                libc::ETIMEDOUT,
                "the exchange is not over yet",
            )),
        }
    })
}

/// `shim6_pair_unset`.
#[no_mangle]
pub extern "C" fn shim6_pair_unset(
    shim6: Option<&mut Client>,
    local: Option<&Address>,
    peer: Option<&Address>,
) -> c_int {
    outcome(|| {
        let ulids = pair(local, peer)?;
        given(shim6)?.remove_context(ContextSelector::Ulids(ulids, 0))?;
        Ok(0)
    })
}

/// `shim6_context_get`.
#[no_mangle]
pub extern "C" fn shim6_context_get(
    shim6: Option<&mut Client>,
    local: Option<&Address>,
    peer: Option<&Address>,
    fii: u32,
    context: Option<&mut MaybeUninit<RawContext>>,
) -> c_int {
    outcome(|| {
        let (ulids, place) = (pair(local, peer)?, given(context)?);
        let found = given(shim6)?.context(ContextSelector::Ulids(ulids, fii))?;
        place.write(RawContext::of(&found));
        Ok(0)
    })
}

/// `shim6_context_of`.
#[no_mangle]
pub extern "C" fn shim6_context_of(
    shim6: Option<&mut Client>,
    fd: Option<BorrowedFd<'_>>,
    context: Option<&mut MaybeUninit<RawContext>>,
) -> c_int {
    outcome(|| {
        let (socket, place) = (open(fd)?, given(context)?);
        let found = given(shim6)?.context_of(&socket)?;
        place.write(RawContext::of(&found));
        Ok(0)
    })
}

/// `shim6_contexts`.
#[no_mangle]
pub extern "C" fn shim6_contexts(
    shim6: Option<&mut Client>,
    contexts: Array<RawContext>,
    room: u32,
) -> c_int {
    outcome(|| {
        let mut found = Vec::new();
        given(shim6)?.visit_contexts(&ContextFilter::default(), |context| {
            found.push(RawContext::of(&context));
            Ok::<_, Error>(())
        })?;
        contexts.fill(room, found.into_iter())
    })
}

/// `shim6_explore`.
#[no_mangle]
pub extern "C" fn shim6_explore(shim6: Option<&mut Client>, id: u32) -> c_int {
    outcome(|| {
        given(shim6)?.explore(ContextSelector::Id(id))?;
        Ok(0)
    })
}

/// `shim6_probe`.
#[no_mangle]
pub extern "C" fn shim6_probe(
    shim6: Option<&mut Client>,
    id: u32,
    local: Option<&Address>,
    peer: Option<&Address>,
) -> c_int {
    outcome(|| {
        let over = match (local, peer) {
            (None, None) => None,
            both => Some(pair(both.0, both.1)?),
        };
        given(shim6)?.probe(ContextSelector::Id(id), over)?;
        Ok(0)
    })
}

/// `shim6_switch`.
#[no_mangle]
pub extern "C" fn shim6_switch(
    shim6: Option<&mut Client>,
    id: u32,
    local: Option<&Address>,
    peer: Option<&Address>,
) -> c_int {
    outcome(|| {
        let to = pair(local, peer)?;
        given(shim6)?.switch(ContextSelector::Id(id), to)?;
        Ok(0)
    })
}
