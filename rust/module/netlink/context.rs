// SPDX-License-Identifier: GPL-2.0
//! Contexts in messages, and the operations that make, show and remove contexts.

use super::{
    context_select::{describe, select, Filter},
    locator::put_local,
    view::{ContextCounters, ContextView},
};
use crate::{
    ffi::{genl::Request, genl_message::Builder, uapi},
    netlink::view::Select,
    netns::contexts::ForkError,
};
use kernel::prelude::*;
use shim6_core::{
    context::Past,
    engine::{Cause, EventKind, Refused, StartError},
    locator::{Pair, PeerLocator, Reach},
    reap::ReapState,
    time::{Duration, Instant},
    wire::Fii,
};

/// `context-add`: begins the exchange with a peer.
pub(crate) fn add(request: &Request<'_>) -> Result {
    let local = request.require(uapi::SHIM6_A_CONTEXT_ULID_LOCAL, "ulid-local")?;
    let peer = request.require(uapi::SHIM6_A_CONTEXT_ULID_PEER, "ulid-peer")?;
    let fii = request.attr(uapi::SHIM6_A_CONTEXT_FII);
    let ulids = Pair { local: local.addr()?, peer: peer.addr()? };
    let instance = fii.map_or(Ok(0), |fii| fii.u32())?;
    let id = request.net().start(ulids, Fii(instance)).map_err(|error| match error {
        StartError::Exists => request.refuse(None, EEXIST, format_args!("there is a context for these ULIDs already")),
        StartError::NotLocal => {
            request.refuse(Some(local), EADDRNOTAVAIL, format_args!("{} is in no loaded HBA set", ulids.local))
        }
        StartError::Address => {
            request.refuse(Some(peer), EINVAL, format_args!("{} cannot be a peer's ULID", ulids.peer))
        }
        StartError::Refused(Refused::Full) => {
            request.refuse(None, ENOSPC, format_args!("the setting max-contexts allows no more contexts"))
        }
        StartError::Refused(Refused::PeerFull) => {
            request.refuse(Some(peer), ENOSPC, format_args!("{} has as many contexts as one peer may have", ulids.peer))
        }
        StartError::Refused(Refused::NoMemory) => ENOMEM,
    })?;
    request.reply(uapi::SHIM6_CMD_CONTEXT_ADD, |message| message.put_u32(uapi::SHIM6_A_CONTEXT_ID, id))
}

/// `context-get` of one.
pub(crate) fn get(request: &Request<'_>) -> Result {
    let admin = request.is_admin();
    with(request, |context, message| put(message, context, admin))
}

/// `context-del`.
pub(crate) fn del(request: &Request<'_>) -> Result {
    let which = select(request)?;
    if request.net().close(&which) {
        Ok(())
    } else {
        Err(unknown(request, &which))
    }
}

/// `context-fork`: one more context for the ULIDs of one that is established.
pub(crate) fn fork(request: &Request<'_>) -> Result {
    let which = select(request)?;
    let forked = request.net().fork_context(&which).ok_or_else(|| unknown(request, &which))?;
    let (id, fii) = forked.map_err(|why| match why {
        ForkError::NotEstablished => request.refuse(None, EINVAL, format_args!("the context is not established")),
        ForkError::Refused(Refused::Full) => {
            request.refuse(None, ENOSPC, format_args!("the setting max-contexts allows no more contexts"))
        }
        ForkError::Refused(Refused::PeerFull) => {
            request.refuse(None, ENOSPC, format_args!("the peer has as many contexts as one may have"))
        }
        ForkError::Refused(Refused::NoMemory) => ENOMEM,
    })?;
    request.reply(uapi::SHIM6_CMD_CONTEXT_FORK, |message| {
        message.put_u32(uapi::SHIM6_A_CONTEXT_ID, id)?;
        message.put_u32(uapi::SHIM6_A_CONTEXT_FII, fii.0)
    })
}

/// `context-flush`: all that have what the request names.
pub(crate) fn flush(request: &Request<'_>) -> Result {
    let filter = Filter::of(request)?;
    request.net().flush(|view| filter.admits(view));
    Ok(())
}

/// Replies with what `fill` makes of the context that the request names.
fn with(request: &Request<'_>, fill: impl FnOnce(&ContextView<'_>, &mut Builder<'_>) -> Result) -> Result {
    let which = select(request)?;
    let net = request.net();
    request.reply(uapi::SHIM6_CMD_CONTEXT_GET, |message| {
        net.with_context(&which, |context| fill(context, message)).unwrap_or_else(|| Err(unknown(request, &which)))
    })
}

pub(super) fn unknown(request: &Request<'_>, which: &Select) -> Error {
    let (attr, _) = describe(request, which);
    match which {
        Select::Id(id) => request.refuse(attr, ENOENT, format_args!("there is no context {id}")),
        Select::Ulids(_, fii) => {
            request.refuse(attr, ENOENT, format_args!("there is no context for these ULIDs and FII {}", fii.0))
        }
    }
}

/// Writes all that a context shows; its tags only to an administrator.
pub(crate) fn put(message: &mut Builder<'_>, view: &ContextView<'_>, admin: bool) -> Result {
    put_as(message, view, admin, view.context.last_event())
}

/// The same, with what happened now in place of what happened last.
pub(crate) fn put_as(
    message: &mut Builder<'_>,
    view: &ContextView<'_>,
    admin: bool,
    (event, cause): (EventKind, Cause),
) -> Result {
    let context = view.context;
    message.put_u32(uapi::SHIM6_A_CONTEXT_EVENT, event as u32)?;
    message.put_u32(uapi::SHIM6_A_CONTEXT_CAUSE, cause as u32)?;
    put_identity(message, view)?;
    if admin {
        message.put_u64(uapi::SHIM6_A_CONTEXT_TAG_LOCAL, context.tag_local().get())?;
        if let Some(tag) = context.tag_peer() {
            message.put_u64(uapi::SHIM6_A_CONTEXT_TAG_PEER, tag.get())?;
        }
    }
    put_pairs(message, view)?;
    put_locators(message, view)?;
    put_history(message, view)?;
    put_timers(message, view)?;
    put_switches(message, view)?;
    put_looked_after(message, view)?;
    message.nest(uapi::SHIM6_A_CONTEXT_COUNTERS, |nest| put_counters(nest, &view.counters))
}

/// What tells the context from others, and its states.
fn put_identity(message: &mut Builder<'_>, view: &ContextView<'_>) -> Result {
    let context = view.context;
    message.put_u32(uapi::SHIM6_A_CONTEXT_ID, view.id)?;
    message.put_u32(uapi::SHIM6_A_CONTEXT_STATE, context.state() as u32)?;
    message.put_addr(uapi::SHIM6_A_CONTEXT_ULID_LOCAL, context.ulids().local)?;
    message.put_addr(uapi::SHIM6_A_CONTEXT_ULID_PEER, context.ulids().peer)?;
    message.put_u32(uapi::SHIM6_A_CONTEXT_FII, context.fii().0)?;
    message.put_u32(uapi::SHIM6_A_CONTEXT_ROLE, context.role() as u32)?;
    message.put_u32(uapi::SHIM6_A_CONTEXT_REAP_STATE, context.reap().state() as u32)?;
    if view.hba_id != 0 {
        message.put_u32(uapi::SHIM6_A_CONTEXT_HBA_ID, view.hba_id)?;
    }
    Ok(())
}

/// Lp(local) and Lp(peer), now and before.
fn put_pairs(message: &mut Builder<'_>, view: &ContextView<'_>) -> Result {
    let current = view.context.pair();
    message.put_addr(uapi::SHIM6_A_CONTEXT_CURRENT_LOCAL, current.local)?;
    message.put_addr(uapi::SHIM6_A_CONTEXT_CURRENT_PEER, current.peer)?;
    if let Some(previous) = view.past.and_then(Past::previous_pair) {
        message.put_addr(uapi::SHIM6_A_CONTEXT_PREVIOUS_LOCAL, previous.local)?;
        message.put_addr(uapi::SHIM6_A_CONTEXT_PREVIOUS_PEER, previous.peer)?;
    }
    Ok(())
}

/// Ls(local), as far as the peer was told (the ULID needs no telling), and Ls(peer).
fn put_locators(message: &mut Builder<'_>, view: &ContextView<'_>) -> Result {
    let context = view.context;
    let locals = view.locals.map_or(&[][..], |set| set.locators());
    for (place, locator) in locals.iter().enumerate() {
        if context.told().includes(place) || locator.addr == context.ulids().local {
            message.nest(uapi::SHIM6_A_CONTEXT_LOCATOR_LOCAL, |nest| put_local(nest, locator))?;
        }
    }
    for locator in context.peer_locators().list() {
        message.nest(uapi::SHIM6_A_CONTEXT_LOCATOR_PEER, |nest| put_peer(nest, locator))?;
    }
    Ok(())
}

/// One member of Ls(peer).
fn put_peer(nest: &mut Builder<'_>, locator: &PeerLocator) -> Result {
    let status = match locator.reach {
        Reach::Unknown => uapi::shim6_locator_status_SHIM6_LOCATOR_STATUS_VERIFIED,
        Reach::Reachable => uapi::shim6_locator_status_SHIM6_LOCATOR_STATUS_REACHABLE,
        Reach::Unreachable => uapi::shim6_locator_status_SHIM6_LOCATOR_STATUS_UNREACHABLE,
    };
    nest.put_addr(uapi::SHIM6_A_LOCATOR_ADDRESS, locator.addr)?;
    nest.put_u32(uapi::SHIM6_A_LOCATOR_STATUS, status)?;
    nest.put_u32(uapi::SHIM6_A_LOCATOR_METHOD, locator.bound as u32)?;
    super::locator::put_preference(nest, &locator.preference)
}

/// How long ago things were.
fn put_history(message: &mut Builder<'_>, view: &ContextView<'_>) -> Result {
    let context = view.context;
    put_age(message, uapi::SHIM6_A_CONTEXT_CREATED_AGE, view.now, Some(context.created()))?;
    put_age(message, uapi::SHIM6_A_CONTEXT_STATE_AGE, view.now, Some(context.state_since()))?;
    if context.switched_at().is_some() {
        message.put_u32(uapi::SHIM6_A_CONTEXT_SWITCH_CAUSE, context.switch_cause() as u32)?;
        put_age(message, uapi::SHIM6_A_CONTEXT_SWITCH_AGE, view.now, context.switched_at())?;
    }
    put_age(message, uapi::SHIM6_A_CONTEXT_RX_AGE, view.now, noted(view.notes.last_rx))?;
    put_age(message, uapi::SHIM6_A_CONTEXT_TX_AGE, view.now, noted(view.notes.last_tx))?;
    if let Some(outage) = view.past.and_then(|past| past.outage(view.now)) {
        message.put_uint(uapi::SHIM6_A_CONTEXT_OUTAGE, u64::from(outage.as_millis()))?;
    }
    let keepalive = keepalive_timeout(view);
    message.put_u32(uapi::SHIM6_A_CONTEXT_KEEPALIVE_TIMEOUT, keepalive.as_millis())
}

/// The last changes of the current pair, and the round trip over it.
fn put_switches(message: &mut Builder<'_>, view: &ContextView<'_>) -> Result {
    for switch in view.past.iter().flat_map(|past| past.switches(view.context.created())) {
        message.nest(uapi::SHIM6_A_CONTEXT_SWITCH, |nest| {
            put_age(nest, uapi::SHIM6_A_SWITCH_AGE, view.now, Some(switch.at))?;
            nest.put_uint(uapi::SHIM6_A_SWITCH_SILENCE, u64::from(switch.silence.as_millis()))?;
            nest.put_u32(uapi::SHIM6_A_SWITCH_CAUSE, switch.cause as u32)
        })?;
    }
    match view.context.round_trip().mean() {
        Some(mean) => message.put_uint(uapi::SHIM6_A_CONTEXT_ROUND_TRIP, u64::from(mean.as_millis())),
        None => Ok(()),
    }
}

/// The pairs that are looked after beside the current one.
fn put_looked_after(message: &mut Builder<'_>, view: &ContextView<'_>) -> Result {
    let Some(exploration) = view.exploration else { return Ok(()) };
    for pair in exploration.looked_after() {
        message.nest(uapi::SHIM6_A_CONTEXT_PAIR, |nest| {
            nest.put_addr(uapi::SHIM6_A_PAIR_LOCAL, pair.pair.local)?;
            nest.put_addr(uapi::SHIM6_A_PAIR_PEER, pair.pair.peer)?;
            nest.put_u32(uapi::SHIM6_A_PAIR_ROLE, pair.role as u32)?;
            put_age(nest, uapi::SHIM6_A_PAIR_GOOD_AGE, view.now, pair.good_since)?;
            nest.put_u32(uapi::SHIM6_A_PAIR_LOST, u32::from(pair.lost))?;
            match pair.round_trip.mean() {
                Some(mean) => nest.put_uint(uapi::SHIM6_A_PAIR_ROUND_TRIP, u64::from(mean.as_millis())),
                None => Ok(()),
            }
        })?;
    }
    Ok(())
}

/// A note that was written, at all.
fn noted(note: Instant) -> Option<Instant> {
    (note != Instant::ZERO).then_some(note)
}

fn put_age(message: &mut Builder<'_>, attribute: u32, now: Instant, then: Option<Instant>) -> Result {
    match then {
        Some(then) => message.put_uint(attribute, u64::from(now.since(then).as_millis())),
        None => Ok(()),
    }
}

fn keepalive_timeout(view: &ContextView<'_>) -> Duration {
    view.context.reap().keepalive_timeout(&view.settings.protocol())
}

/// The timers that run, and how often the present message was repeated.
fn put_timers(message: &mut Builder<'_>, view: &ContextView<'_>) -> Result {
    let context = view.context;
    let update = context.update();
    let retries = view.establishment.map(|exchange| exchange.retries()).or(update.map(|update| update.retries()));
    if let Some(retries) = retries {
        message.put_u32(uapi::SHIM6_A_CONTEXT_RETRIES, u32::from(retries))?;
    }
    let due = view.establishment.map(|exchange| exchange.due()).or(update.map(|update| update.due()));
    put_timer(message, view, uapi::shim6_timer_SHIM6_TIMER_RETRANSMIT, due)?;
    put_timer(message, view, uapi::shim6_timer_SHIM6_TIMER_HOLD_DOWN, context.hold_until())?;
    if !context.is_up() {
        return Ok(());
    }
    let settings = view.settings.protocol();
    let send = view.notes.send_timer().map(|start| start + settings.send_timeout);
    put_timer(message, view, uapi::shim6_timer_SHIM6_TIMER_SEND, send)?;
    let keepalive = view.notes.keepalive_timer().map(|start| start + keepalive_timeout(view));
    let keepalive = keepalive.filter(|end| *end > view.now);
    put_timer(message, view, uapi::shim6_timer_SHIM6_TIMER_KEEPALIVE, keepalive)?;
    if context.reap().state() != ReapState::Operational {
        let probe = view.exploration.map(|exploration| exploration.due());
        return put_timer(message, view, uapi::shim6_timer_SHIM6_TIMER_PROBE, probe);
    }
    let idle = view.notes.last().max(context.state_since()) + settings.idle_timeout;
    put_timer(message, view, uapi::shim6_timer_SHIM6_TIMER_IDLE, Some(idle))
}

fn put_timer(message: &mut Builder<'_>, view: &ContextView<'_>, kind: u32, end: Option<Instant>) -> Result {
    let Some(end) = end.filter(|end| *end != Instant::FAR_FUTURE) else {
        return Ok(());
    };
    message.nest(uapi::SHIM6_A_CONTEXT_TIMER, |nest| {
        nest.put_u32(uapi::SHIM6_A_TIMER_KIND, kind)?;
        nest.put_uint(uapi::SHIM6_A_TIMER_REMAINING, u64::from(end.since(view.now).as_millis()))
    })
}

fn put_counters(nest: &mut Builder<'_>, counters: &ContextCounters) -> Result {
    nest.put_uint(uapi::SHIM6_A_COUNTERS_TX_PACKETS, counters.tx_packets)?;
    nest.put_uint(uapi::SHIM6_A_COUNTERS_TX_OCTETS, counters.tx_octets)?;
    nest.put_uint(uapi::SHIM6_A_COUNTERS_RX_PACKETS, counters.rx_packets)?;
    nest.put_uint(uapi::SHIM6_A_COUNTERS_RX_OCTETS, counters.rx_octets)?;
    nest.put_uint(uapi::SHIM6_A_COUNTERS_SWITCHES, counters.switches)?;
    nest.put_uint(uapi::SHIM6_A_COUNTERS_KEEPALIVES_SENT, counters.keepalives_sent)?;
    nest.put_uint(uapi::SHIM6_A_COUNTERS_KEEPALIVES_RECEIVED, counters.keepalives_received)?;
    nest.put_uint(uapi::SHIM6_A_COUNTERS_PROBES_SENT, counters.probes_sent)?;
    nest.put_uint(uapi::SHIM6_A_COUNTERS_PROBES_RECEIVED, counters.probes_received)
}
