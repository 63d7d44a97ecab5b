// SPDX-License-Identifier: GPL-2.0
//! What an administrator may have an established context do: explore, switch, probe; and what it may be told.

use super::{
    context::unknown,
    context_select::select,
    view::{ContextView, Select},
};
use crate::ffi::{genl::Request, uapi};
use kernel::prelude::*;
use shim6_core::{
    engine::{Advice, Cause},
    locator::Pair,
};

/// `context-explore`.
pub(crate) fn explore(request: &Request<'_>) -> Result {
    act(request, |_| Ok(Advice::Explore(Cause::Administrator)))
}

/// `context-switch`.
pub(crate) fn switch(request: &Request<'_>) -> Result {
    request.require(uapi::SHIM6_A_CONTEXT_CURRENT_LOCAL, "current-local")?;
    request.require(uapi::SHIM6_A_CONTEXT_CURRENT_PEER, "current-peer")?;
    act(request, |view| pair(request, view).map(Advice::Use))
}

/// `context-probe`.
pub(crate) fn probe(request: &Request<'_>) -> Result {
    act(request, |view| pair(request, view).map(Advice::Ask))
}

/// `context-advise`.
pub(crate) fn advise(request: &Request<'_>) -> Result {
    let verdict = request.require(uapi::SHIM6_A_CONTEXT_VERDICT, "verdict")?.u32()?;
    act(request, |_| {
        Ok(match verdict {
            uapi::shim6_verdict_SHIM6_VERDICT_WORKS => Advice::Working,
            _ => Advice::Suspect(Cause::Application),
        })
    })
}

/// Gives the context that the request names the advice that `choose` finds, if it is established.
fn act(request: &Request<'_>, choose: impl FnOnce(&ContextView<'_>) -> Result<Advice>) -> Result {
    let which = select(request)?;
    let net = request.net();
    let found = net.with_context(&which, |view| (view.id, view.context.is_up(), choose(view)));
    let (id, is_up, advice) = found.ok_or_else(|| unknown(request, &which))?;
    if !is_up {
        return Err(request.refuse(None, EINVAL, format_args!("the context is not established")));
    }
    let advice = advice?;
    match net.advise(id, advice) {
        Some(true) => Ok(()),
        Some(false) => Err(not_usable(request, &advice)),
        None => Err(unknown(request, &Select::Id(id))),
    }
}

/// The pair that a request gives; what it leaves out is as it is.
fn pair(request: &Request<'_>, view: &ContextView<'_>) -> Result<Pair> {
    let current = view.context.pair();
    let local = request.attr(uapi::SHIM6_A_CONTEXT_CURRENT_LOCAL).map(|attr| attr.addr()).transpose()?;
    let peer = request.attr(uapi::SHIM6_A_CONTEXT_CURRENT_PEER).map(|attr| attr.addr()).transpose()?;
    let pair = Pair { local: local.unwrap_or(current.local), peer: peer.unwrap_or(current.peer) };
    if view.context.peer_locators().contains(&pair.peer) {
        return Ok(pair);
    }
    let attr = request.attr(uapi::SHIM6_A_CONTEXT_CURRENT_PEER);
    Err(request.refuse(attr, EADDRNOTAVAIL, format_args!("{} is no locator of the peer", pair.peer)))
}

fn not_usable(request: &Request<'_>, advice: &Advice) -> Error {
    let attr = request.attr(uapi::SHIM6_A_CONTEXT_CURRENT_LOCAL);
    match advice {
        Advice::Use(pair) | Advice::Ask(pair) => request.refuse(
            attr,
            EADDRNOTAVAIL,
            format_args!("{} is no local locator that the context can use now", pair.local),
        ),
        _ => EINVAL,
    }
}
