// SPDX-License-Identifier: GPL-2.0
//! What `getsockopt` shows of a socket's context, and of what its program wants of it.

use super::{
    ulids_of,
    value::{write_int, write_locator, write_pathexplore, Pathexplore, Shown, LOCATOR},
    with_context, TOO_MANY_LOCATORS,
};
use crate::{
    ffi::{socket::Sock, uapi},
    netlink::view::ContextView,
    node::digest,
};
use kernel::prelude::*;
use shim6_core::{
    addr::Addr,
    locator::{Bound, Pair, PeerLocator},
    time::Duration,
    wire::{Fii, Preference},
    wishes::Wishes,
};

/// Writes the value of one of the options that need a context.
pub(super) fn get(sock: &Sock<'_>, option: u32, value: &mut [u8]) -> Result<usize> {
    let ulids = ulids_of(sock)?;
    let mut wishes = KBox::new(Wishes::default(), GFP_KERNEL)?;
    let received = sock.net().read_socket(sock.key(), |socket, _| {
        let Some(socket) = socket else { return (false, false) };
        wishes.clone_from(&socket.wishes);
        (socket.local_recv, socket.peer_recv)
    });
    let arrival = arrival(sock, &ulids);
    with_context(sock, &ulids, |view, _| match option {
        uapi::SHIM_HOT_STANDBY => write_int(value, wishes.hot_standby.into()),
        uapi::SHIM_APP_TIMEOUT => write_int(value, wishes.send_timeout.map_or(0, seconds).into()),
        uapi::SHIM_PATHEXPLORE => write_pathexplore(value, &pathexplore(view, &wishes)),
        uapi::SHIM_LOC_LOCAL_RECV => write_received(value, received.0, arrival.0, locals(view, &wishes)),
        uapi::SHIM_LOC_PEER_RECV => write_received(value, received.1, arrival.1, peers(view, &wishes)),
        uapi::SHIM_LOC_LOCAL_SEND => {
            let chosen = wishes.local.chosen().and_then(|addr| local(view, &wishes, &addr));
            write_locator(value, chosen.as_ref())
        }
        uapi::SHIM_LOC_PEER_SEND => {
            let chosen = wishes.peer.chosen().and_then(|addr| peer(view, &wishes, &addr));
            write_locator(value, chosen.as_ref())
        }
        uapi::SHIM_LOC_LOCAL_PREF => write_locator(value, best(locals_used(view, &wishes)).as_ref()),
        uapi::SHIM_LOC_PEER_PREF => write_locator(value, best(peers_used(view, &wishes)).as_ref()),
        uapi::SHIM_LOCLIST_LOCAL => write_list(value, locals_used(view, &wishes)),
        uapi::SHIM_LOCLIST_PEER => write_list(value, peers_used(view, &wishes)),
        _ => Err(ENOPROTOOPT),
    })?
}

/// Whole seconds, rounded up.
fn seconds(duration: Duration) -> u16 {
    u16::try_from(duration.as_millis().div_ceil(1000)).unwrap_or(u16::MAX)
}

/// What holds for the socket (RFC 6316 section 8.2).
fn pathexplore(view: &ContextView<'_>, wishes: &Wishes) -> Pathexplore {
    let settings = wishes.settings(&view.settings.protocol());
    Pathexplore {
        probes: settings.initial_probes.into(),
        timeout: seconds(settings.send_timeout),
        interval: seconds(view.context.reap().keepalive_interval(&settings)),
        probe_timeout: u16::try_from(settings.initial_probe_timeout.as_millis()).unwrap_or(u16::MAX),
    }
}

fn shown(addr: Addr, preference: Preference, ifindex: u32, flags: u32) -> Shown {
    Shown { addr, priority: preference.priority, weight: preference.weight, ifindex, flags }
}

/// The local locators, the ULID alone if it is of no set.
fn locals<'v>(view: &'v ContextView<'_>, wishes: &'v Wishes) -> impl Iterator<Item = Shown> + 'v {
    let members = view.locals.map_or(&[][..], |set| set.locators());
    let ulid = view.locals.is_none().then(|| shown(view.context.ulids().local, Preference::default(), 0, 0));
    let members = members.iter().enumerate().filter(|(_, member)| member.allowed);
    let members = members.map(|(place, member)| {
        let preference = wishes.local.preference(&member.addr, member.preference);
        let ifindex = view.ifindex.get(place).copied().unwrap_or(0);
        shown(member.addr, preference, ifindex, uapi::SHIM_LOCATOR_HBA)
    });
    Iterator::chain(members, ulid)
}

/// The peer's locators.
fn peers<'v>(view: &'v ContextView<'_>, wishes: &'v Wishes) -> impl Iterator<Item = Shown> + 'v {
    let list = view.context.peer_locators().list().iter();
    list.map(|locator| {
        let preference = wishes.peer.preference(&locator.addr, locator.preference);
        shown(locator.addr, preference, 0, flags(locator))
    })
}

fn flags(locator: &PeerLocator) -> u32 {
    match locator.bound {
        Bound::Ulid => 0,
        Bound::Hba => uapi::SHIM_LOCATOR_HBA,
        Bound::Cga => uapi::SHIM_LOCATOR_CGA,
    }
}

fn locals_used<'v>(view: &'v ContextView<'_>, wishes: &'v Wishes) -> impl Iterator<Item = Shown> + 'v {
    locals(view, wishes).filter(|locator| wishes.local.admits(&locator.addr))
}

fn peers_used<'v>(view: &'v ContextView<'_>, wishes: &'v Wishes) -> impl Iterator<Item = Shown> + 'v {
    peers(view, wishes).filter(|locator| wishes.peer.admits(&locator.addr))
}

fn local(view: &ContextView<'_>, wishes: &Wishes, addr: &Addr) -> Option<Shown> {
    locals(view, wishes).find(|locator| locator.addr == *addr)
}

fn peer(view: &ContextView<'_>, wishes: &Wishes, addr: &Addr) -> Option<Shown> {
    peers(view, wishes).find(|locator| locator.addr == *addr)
}

/// The most preferred of them: the lowest priority, in it the largest weight, then the first.
fn best(locators: impl Iterator<Item = Shown>) -> Option<Shown> {
    locators.min_by_key(|locator| (locator.priority, core::cmp::Reverse(locator.weight)))
}

fn write_list(mut value: &mut [u8], locators: impl Iterator<Item = Shown>) -> Result<usize> {
    let mut written = 0;
    for locator in locators {
        let (to, rest) = value.split_at_mut_checked(LOCATOR).ok_or(TOO_MANY_LOCATORS)?;
        written += write_locator(to, Some(&locator))?;
        value = rest;
    }
    Ok(written)
}

/// The digests of the locators of the last packet that came in. The peer sends in the default context, whatever this host
/// does (RFC 5533 section 4.2).
fn arrival(sock: &Sock<'_>, ulids: &Pair) -> (u32, u32) {
    let mut locked = sock.net().lock();
    locked.parts().0.by_ulids(ulids, Fii::DEFAULT).map_or((0, 0), |node| node.shared.arrival())
}

/// Whether the locator of what was received is wanted, as a number; or that locator itself, of the last packet, where the
/// program has room for it: all zeroes until one has come.
fn write_received(
    value: &mut [u8],
    on: bool,
    arrival: u32,
    mut locators: impl Iterator<Item = Shown>,
) -> Result<usize> {
    if value.len() < LOCATOR {
        return write_int(value, on.into());
    }
    let locator = locators.find(|locator| on && digest(locator.addr.octets()) == arrival);
    write_locator(value, locator.as_ref())
}
