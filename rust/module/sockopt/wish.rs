// SPDX-License-Identifier: GPL-2.0
//! Options by which a program wants something of a context of its own: its locators, their preferences, its timers.

use super::{
    advise, context_of, own_of, ulids_of,
    value::{read_binary, read_int, read_locator, read_pathexplore, Locator, Pathexplore, LOCATOR},
    INVALID_LOCATOR, TOO_MANY_LOCATORS, UNREACHABLE_LOCATOR, UNVERIFIED_LOCATOR,
};
use crate::{
    control,
    ffi::{clock, socket::Sock, uapi},
    netlink::view::ContextView,
    settings::Setting,
};
use kernel::prelude::*;
use shim6_core::{
    addr::Addr,
    engine::Advice,
    locator::{Pair, Reach},
    time::Duration,
    wishes::{Side, Wishes},
};

/// Sets one of them.
pub(super) fn set(sock: &Sock<'_>, option: u32, value: &[u8]) -> Result {
    let ulids = ulids_of(sock)?;
    let mut wishes = KBox::new(Wishes::default(), GFP_KERNEL)?;
    let changed = sock.net().with_socket(sock, |locked, key| {
        let (nodes, mut sockets, control) = locked.all();
        let socket = sockets.get(key).ok_or(ENOENT)?;
        if socket.dontshim() {
            return Err(ENOENT);
        }
        let id = context_of(&nodes, socket.fork(), &ulids).ok_or(ENOENT)?;
        let node = nodes.get(id).ok_or(ENOENT)?;
        let view = control::view(node, nodes.control(node), &control.sets, &control.settings, clock::now());
        wishes.clone_from(&sockets.control(socket).wishes);
        change(&mut wishes, option, value, &view)?;
        let socket = sockets.control_mut(key).ok_or(ENOENT)?;
        socket.wishes.clone_from(&wishes);
        socket.changed = true;
        socket.ulids = Some(ulids);
        Ok(())
    });
    if changed == Err(UNVERIFIED_LOCATOR) {
        find_out(sock, &ulids);
    }
    changed
}

/// Has the other pairs probed, so that the program is told better the next time (RFC 6316 section 7.2).
fn find_out(sock: &Sock<'_>, ulids: &Pair) {
    let net = sock.net();
    let own = own_of(net, sock.key());
    let id = context_of(&net.lock().parts().0, own, ulids);
    if let Some(id) = id {
        advise(net, id, Advice::Verify);
    }
}

fn change(wishes: &mut Wishes, option: u32, value: &[u8], view: &ContextView<'_>) -> Result {
    match option {
        uapi::SHIM_HOT_STANDBY => wishes.hot_standby = read_binary(value)?,
        uapi::SHIM_APP_TIMEOUT => {
            let seconds = u32::try_from(read_int(value)?).map_err(|_| EINVAL)?;
            wishes.send_timeout = bounded(Setting::SendTimeout, seconds, 1000)?.map(Duration::from_millis);
        }
        uapi::SHIM_PATHEXPLORE => explore(wishes, &read_pathexplore(value)?, view)?,
        uapi::SHIM_LOC_LOCAL_PREF => prefer(&mut wishes.local, read_locator(value)?, |addr| is_own(view, addr))?,
        uapi::SHIM_LOC_PEER_PREF => prefer(&mut wishes.peer, read_locator(value)?, |addr| is_peers(view, addr, false))?,
        uapi::SHIM_LOC_LOCAL_SEND => choose(&mut wishes.local, read_locator(value)?, |addr| is_own(view, addr))?,
        uapi::SHIM_LOC_PEER_SEND => choose(&mut wishes.peer, read_locator(value)?, |addr| is_peers(view, addr, true))?,
        uapi::SHIM_LOCLIST_LOCAL => list(&mut wishes.local, value, |addr| is_own(view, addr))?,
        uapi::SHIM_LOCLIST_PEER => list(&mut wishes.peer, value, |addr| is_peers(view, addr, true))?,
        _ => return Err(ENOPROTOOPT),
    }
    Ok(())
}

/// A value in the unit of a setting, if it lies within the bounds of that; none for zero.
fn bounded(setting: Setting, value: u32, unit: u32) -> Result<Option<u32>> {
    let description = setting.description();
    match value.checked_mul(unit) {
        Some(0) => Ok(None),
        Some(value) if (description.min..=description.max).contains(&value) => Ok(Some(value)),
        _ => Err(EINVAL),
    }
}

/// `SHIM_PATHEXPLORE` (RFC 6316 sections 6.13 and 8.2).
fn explore(wishes: &mut Wishes, wanted: &Pathexplore, view: &ContextView<'_>) -> Result {
    let probes = bounded(Setting::InitialProbes, wanted.probes.into(), 1)?;
    let timeout = bounded(Setting::SendTimeout, wanted.timeout.into(), 1000)?;
    let probe_timeout = bounded(Setting::InitialProbeTimeout, wanted.probe_timeout.into(), 1)?;
    let interval = Duration::from_secs(wanted.interval.into());
    let keepalive = view.context.reap().keepalive_timeout(&view.settings.protocol());
    let within = interval.times(3) >= keepalive && interval.times(2) <= keepalive;
    if interval != Duration::ZERO && !within {
        return Err(EINVAL);
    }
    wishes.initial_probes = probes.map(|probes| probes as u8);
    wishes.send_timeout = timeout.map(Duration::from_millis);
    wishes.initial_probe_timeout = probe_timeout.map(Duration::from_millis);
    wishes.keepalive_interval = Some(interval).filter(|interval| *interval != Duration::ZERO);
    Ok(())
}

/// Whether an address is a locator of this host that the context has.
fn is_own(view: &ContextView<'_>, addr: &Addr) -> Result {
    let is_ulid = view.context.ulids().local == *addr;
    let is_member = view.locals.and_then(|set| set.get(addr)).is_some_and(|locator| locator.allowed);
    if is_ulid || is_member {
        Ok(())
    } else {
        Err(INVALID_LOCATOR)
    }
}

/// Whether an address is a locator of the peer's that can be used: one that does not work cannot, and where it `must` be
/// known to work, neither can one of which that is not known.
fn is_peers(view: &ContextView<'_>, addr: &Addr, must: bool) -> Result {
    let list = view.context.peer_locators().list();
    let locator = list.iter().find(|locator| locator.addr == *addr).ok_or(INVALID_LOCATOR)?;
    match locator.reach {
        Reach::Unreachable => Err(UNREACHABLE_LOCATOR),
        Reach::Unknown if must => Err(UNVERIFIED_LOCATOR),
        _ => Ok(()),
    }
}

fn choose<const N: usize>(side: &mut Side<N>, wanted: Option<Locator>, check: impl Fn(&Addr) -> Result) -> Result {
    if let Some(locator) = &wanted {
        check(&locator.addr)?;
    }
    side.choose(wanted.map(|locator| locator.addr));
    Ok(())
}

fn prefer<const N: usize>(side: &mut Side<N>, wanted: Option<Locator>, check: impl Fn(&Addr) -> Result) -> Result {
    let Some(locator) = wanted else {
        side.prefer_nothing();
        return Ok(());
    };
    check(&locator.addr)?;
    if side.prefer(locator.addr, locator.priority, locator.weight) {
        Ok(())
    } else {
        Err(TOO_MANY_LOCATORS)
    }
}

fn list<const N: usize>(side: &mut Side<N>, value: &[u8], check: impl Fn(&Addr) -> Result) -> Result {
    side.admit_nothing();
    side.prefer_nothing();
    let locators = value.chunks_exact(LOCATOR);
    if !locators.remainder().is_empty() {
        return Err(EINVAL);
    }
    for locator in locators {
        let locator = read_locator(locator)?.ok_or(EINVAL)?;
        check(&locator.addr)?;
        if !side.admit(locator.addr) || !side.prefer(locator.addr, locator.priority, locator.weight) {
            return Err(TOO_MANY_LOCATORS);
        }
    }
    Ok(())
}
