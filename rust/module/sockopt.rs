// SPDX-License-Identifier: GPL-2.0
//! Socket options (RFC 6316 section 6): what each may be set to, when, and what is refused how.
//!
//! A program acts on its own sockets only, so it needs no privilege. What would change a context that others share makes the
//! socket have one of its own ([`crate::sockets`]).

mod show;
mod value;
mod wish;

use crate::{
    control,
    ffi::{
        clock,
        socket::{Endpoint, Sock, SocketKey},
        table::Nodes,
        uapi,
    },
    netlink::view::ContextView,
    netns::Net,
};
use kernel::prelude::*;
use shim6_core::{
    engine::{Advice, Cause},
    locator::Pair,
    wire::Fii,
};
use value::{read_binary, read_feedback, write_int, Feedback};

/// `EINVALIDLOCATOR`: no locator of the context.
const INVALID_LOCATOR: Error = EADDRNOTAVAIL;
/// `EUNVERIFIEDLOCATOR`: whether the peer is reachable at it is not known.
const UNVERIFIED_LOCATOR: Error = ENODATA;
/// `EUNREACHABLELOCATOR`: the peer is not reachable at it.
const UNREACHABLE_LOCATOR: Error = EHOSTUNREACH;
/// `ETOOMANYLOCATORS`: more than there is room for.
const TOO_MANY_LOCATORS: Error = E2BIG;

/// Sets an option; returns an error and has changed nothing, or has changed it.
pub(crate) fn set(sock: &Sock<'_>, option: u32, value: &[u8]) -> Result {
    match option {
        uapi::SHIM_ASSOCIATED | uapi::SHIM_DEFERRED_CONTEXT_SETUP => Err(ENOPROTOOPT),
        uapi::SHIM_DONTSHIM => set_dontshim(sock, read_binary(value)?),
        uapi::SHIM_LOC_LOCAL_RECV => set_recv(sock, read_binary(value)?, true),
        uapi::SHIM_LOC_PEER_RECV => set_recv(sock, read_binary(value)?, false),
        uapi::SHIM_FEEDBACK => feed_back(sock, &read_feedback(value)?),
        _ => wish::set(sock, option, value),
    }
}

/// Writes an option's value, and returns its length.
pub(crate) fn get(sock: &Sock<'_>, option: u32, value: &mut [u8]) -> Result<usize> {
    match option {
        uapi::SHIM_FEEDBACK => Err(ENOPROTOOPT),
        uapi::SHIM_DONTSHIM => {
            let on = sock.net().read_socket(sock.key(), |_, dontshim| dontshim);
            write_int(value, on.into())
        }
        uapi::SHIM_ASSOCIATED => {
            let associated = match sock.endpoint() {
                Endpoint::Unconnected => return Err(EOPNOTSUPP),
                Endpoint::Foreign => false,
                Endpoint::Ulids(ulids) => with_context(sock, &ulids, |_, _| ()).is_ok(),
            };
            write_int(value, associated.into())
        }
        uapi::SHIM_DEFERRED_CONTEXT_SETUP => match sock.endpoint() {
            Endpoint::Unconnected => Err(EOPNOTSUPP),
            Endpoint::Foreign => write_int(value, 0),
            Endpoint::Ulids(_) => write_int(value, 1),
        },
        _ => show::get(sock, option, value),
    }
}

/// The ULIDs of a socket that is connected.
fn ulids_of(sock: &Sock<'_>) -> Result<Pair> {
    match sock.endpoint() {
        Endpoint::Unconnected => Err(EOPNOTSUPP),
        Endpoint::Foreign => Err(ENOENT),
        Endpoint::Ulids(ulids) => Ok(ulids),
    }
}

/// The context in which a socket's packets go now.
fn context_of(nodes: &Nodes<'_>, own: u32, ulids: &Pair) -> Option<u32> {
    let own = Some(own).filter(|id| *id != 0).and_then(|id| nodes.get(id));
    // One of what the socket was connected to before is no longer its own.
    let own = own.filter(|node| node.shared.is_up() && nodes.control(node).context.ulids() == *ulids);
    own.or_else(|| nodes.by_ulids(ulids, Fii::DEFAULT).filter(|node| node.shared.is_up())).map(|node| node.id())
}

/// Reads the context of a socket, and tells whether it is its own.
fn with_context<R>(sock: &Sock<'_>, ulids: &Pair, read: impl FnOnce(&ContextView<'_>, bool) -> R) -> Result<R> {
    let mut locked = sock.net().lock();
    let (nodes, sockets, control) = locked.all();
    let socket = sockets.get(sock.key());
    if socket.is_some_and(|socket| socket.dontshim()) {
        return Err(ENOENT);
    }
    let own = socket.map_or(0, |socket| socket.fork());
    let node = context_of(&nodes, own, ulids).and_then(|id| nodes.get(id)).ok_or(ENOENT)?;
    let view = control::view(node, nodes.control(node), &control.sets, &control.settings, clock::now());
    Ok(read(&view, node.id() == own))
}

/// `SHIM_DONTSHIM` (RFC 6316 section 6.2).
fn set_dontshim(sock: &Sock<'_>, on: bool) -> Result {
    if !matches!(sock.endpoint(), Endpoint::Unconnected) {
        return Err(EOPNOTSUPP);
    }
    sock.net().with_socket(sock, |locked, key| {
        if let Some(socket) = locked.all().1.get(key) {
            socket.set_dontshim(on);
        }
        Ok(())
    })
}

/// `SHIM_LOC_LOCAL_RECV` and `SHIM_LOC_PEER_RECV` (RFC 6316 sections 6.6 and 6.7).
fn set_recv(sock: &Sock<'_>, on: bool, local: bool) -> Result {
    let ulids = ulids_of(sock)?;
    with_context(sock, &ulids, |_, _| ())?;
    sock.net().with_socket(sock, |locked, key| {
        let (nodes, mut sockets, _) = locked.all();
        if let Some(control) = sockets.control_mut(key) {
            *(if local { &mut control.local_recv } else { &mut control.peer_recv }) = on;
        }
        if let Some(node) = nodes.by_ulids(&ulids, Fii::DEFAULT).filter(|_| on) {
            node.shared.keep_arrivals();
        }
        Ok(())
    })
}

/// `SHIM_FEEDBACK` (RFC 6316 section 7.3). That all is well is believed only of a context that is the socket's own: of one
/// that others share it would hide from them that it fails.
fn feed_back(sock: &Sock<'_>, feedback: &Feedback) -> Result {
    let ulids = ulids_of(sock)?;
    let (id, is_own) = with_context(sock, &ulids, |view, is_own| (view.id, is_own))?;
    let advice = match feedback {
        Feedback::None => return Ok(()),
        Feedback::Bad => Advice::Suspect(Cause::Application),
        Feedback::Good if is_own => Advice::Working,
        Feedback::Good => return Ok(()),
    };
    advise(sock.net(), id, advice);
    Ok(())
}

fn advise(net: &Net, id: u32, advice: Advice) {
    // A context that has gone meanwhile needs no advice.
    let _ = net.engine_for(id, |engine, now| engine.advice(now, id, advice));
}

/// The number of a socket's own context; 0: none.
fn own_of(net: &Net, key: SocketKey) -> u32 {
    net.lock().all().1.get(key).map_or(0, |socket| socket.fork())
}
