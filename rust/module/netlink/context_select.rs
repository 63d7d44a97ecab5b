// SPDX-License-Identifier: GPL-2.0
//! How requests name contexts: one of them by number or ULIDs, or many by what they have in common.

use super::view::{ContextView, Select};
use crate::ffi::{
    genl::{Attr, Request},
    uapi,
};
use kernel::prelude::*;
use shim6_core::{addr::Addr, locator::Pair, wire::Fii};

/// The one context that a request names.
pub(crate) fn select(request: &Request<'_>) -> Result<Select> {
    let local = request.attr(uapi::SHIM6_A_CONTEXT_ULID_LOCAL);
    let peer = request.attr(uapi::SHIM6_A_CONTEXT_ULID_PEER);
    let fii = request.attr(uapi::SHIM6_A_CONTEXT_FII);
    if let Some(id) = request.attr(uapi::SHIM6_A_CONTEXT_ID) {
        return match local.or(peer).or(fii) {
            Some(other) => Err(request.refuse(Some(other), EINVAL, format_args!("id names the context already"))),
            None => Ok(Select::Id(id.u32()?)),
        };
    }
    let local = request.require(uapi::SHIM6_A_CONTEXT_ULID_LOCAL, "id or ulid-local")?;
    let peer = request.require(uapi::SHIM6_A_CONTEXT_ULID_PEER, "ulid-peer")?;
    let fii = Fii(fii.map_or(Ok(0), |fii| fii.u32())?);
    Ok(Select::Ulids(Pair { local: local.addr()?, peer: peer.addr()? }, fii))
}

/// The attribute that an error about the context is to point at, and its name.
pub(crate) fn describe<'a>(request: &Request<'a>, which: &Select) -> (Option<Attr<'a>>, &'static str) {
    match which {
        Select::Id(_) => (request.attr(uapi::SHIM6_A_CONTEXT_ID), "id"),
        Select::Ulids(..) => (request.attr(uapi::SHIM6_A_CONTEXT_ULID_PEER), "ulid-peer"),
    }
}

/// What the contexts of a dump have in common; what is none excludes nothing.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Filter {
    state: Option<u32>,
    reap_state: Option<u32>,
    ulid_local: Option<Addr>,
    ulid_peer: Option<Addr>,
    fii: Option<u32>,
    tag_local: Option<u64>,
    tag_peer: Option<u64>,
    current_local: Option<Addr>,
    current_peer: Option<Addr>,
    hba_id: Option<u32>,
}

impl Filter {
    /// The filter that a request asks for. Tags are not shown to all, so they are not to be guessed either.
    pub(crate) fn of(request: &Request<'_>) -> Result<Filter> {
        let number = |attribute| request.attr(attribute).map(|attr| attr.u32()).transpose();
        let addr = |attribute| request.attr(attribute).map(|attr| attr.addr()).transpose();
        let tag = |attribute| {
            let Some(tag) = request.attr(attribute) else { return Ok(None) };
            if !request.is_admin() {
                return Err(request.refuse(Some(tag), EPERM, format_args!("tags need CAP_NET_ADMIN")));
            }
            tag.u64().map(Some)
        };
        Ok(Filter {
            state: number(uapi::SHIM6_A_CONTEXT_STATE)?,
            reap_state: number(uapi::SHIM6_A_CONTEXT_REAP_STATE)?,
            ulid_local: addr(uapi::SHIM6_A_CONTEXT_ULID_LOCAL)?,
            ulid_peer: addr(uapi::SHIM6_A_CONTEXT_ULID_PEER)?,
            fii: number(uapi::SHIM6_A_CONTEXT_FII)?,
            tag_local: tag(uapi::SHIM6_A_CONTEXT_TAG_LOCAL)?,
            tag_peer: tag(uapi::SHIM6_A_CONTEXT_TAG_PEER)?,
            current_local: addr(uapi::SHIM6_A_CONTEXT_CURRENT_LOCAL)?,
            current_peer: addr(uapi::SHIM6_A_CONTEXT_CURRENT_PEER)?,
            hba_id: number(uapi::SHIM6_A_CONTEXT_HBA_ID)?,
        })
    }

    /// Whether a context has all that was asked for.
    pub(crate) fn admits(&self, view: &ContextView<'_>) -> bool {
        let context = view.context;
        self.state.is_none_or(|state| state == context.state() as u32)
            && self.reap_state.is_none_or(|state| state == context.reap().state() as u32)
            && self.ulid_local.is_none_or(|ulid| ulid == context.ulids().local)
            && self.ulid_peer.is_none_or(|ulid| ulid == context.ulids().peer)
            && self.fii.is_none_or(|fii| fii == context.fii().0)
            && self.tag_local.is_none_or(|tag| tag == context.tag_local().get())
            && self.tag_peer.is_none_or(|tag| context.tag_peer().is_some_and(|known| tag == known.get()))
            && self.current_local.is_none_or(|local| local == context.pair().local)
            && self.current_peer.is_none_or(|peer| peer == context.pair().peer)
            && self.hba_id.is_none_or(|id| id == view.hba_id)
    }
}
