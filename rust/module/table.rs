// SPDX-License-Identifier: GPL-2.0
//! The store of contexts that the engine works on.

use crate::{
    ffi::table::Nodes,
    hba::Sets,
    netns::Net,
    node::{Kept, NodeControl, NO_PLACE},
};
use core::sync::atomic::{AtomicI64, Ordering::Relaxed};
use kernel::prelude::*;
use shim6_core::{
    context::{Context, Establishment, Past, Seed},
    engine::{Contexts, NoMemory, Refused},
    locator::Pair,
    reap::{Cadence, Exploration, Note, Notes},
    time::Instant,
    wire::{Fii, Nonce, Tag},
};

/// The time between two rounds of the slow walk, in milliseconds.
pub(crate) const WALK_INTERVAL: u32 = 10_000;

/// The most instances between two ULIDs: they share a chain of the table of ULIDs, which must stay short.
const MAX_INSTANCES: u32 = 12;
/// The most contexts with one ULID of a peer, whatever the own ULID and the instance: as many as four of its own
/// with all instances. A peer that wants more wants to fill the table.
const MAX_PER_PEER: u32 = 48;

/// Exchanges, explorations, pasts and keys of peers that were allocated and not freed yet, in all namespaces.
static EXTRAS: AtomicI64 = AtomicI64::new(0);

/// Exchanges, explorations, pasts and keys of peers that are in memory now.
pub(crate) fn extras_live() -> i64 {
    EXTRAS.load(Relaxed)
}

/// A copy of octets in memory of their length; none if there is no memory.
pub(crate) fn copied(octets: &[u8]) -> Option<KVec<u8>> {
    let mut copy = KVec::with_capacity(octets.len(), GFP_ATOMIC | __GFP_NOWARN).ok()?;
    copy.extend_from_slice(octets, GFP_ATOMIC | __GFP_NOWARN).ok()?;
    Some(copy)
}

/// The contexts of a namespace while the control lock is held.
pub(crate) struct Store<'g> {
    /// The tables.
    pub(crate) nodes: Nodes<'g>,
    /// The namespace.
    pub(crate) net: &'g Net,
    /// The local sets, which count their contexts.
    pub(crate) sets: &'g Sets,
    /// The most contexts that there may be.
    pub(crate) max_contexts: u32,
}

impl Store<'_> {
    /// Frees a context that was retired.
    pub(crate) fn forget(&mut self, id: u32) {
        if let Some(control) = self.nodes.control_mut(id) {
            let (ulid, counted) = (control.context.ulids().local, control.counted);
            let sender = core::mem::replace(&mut control.sender, NO_PLACE);
            self.drop_establishment(id);
            self.drop_exploration(id);
            self.drop_kept(id);
            if counted {
                self.sets.count_user(&ulid, false);
            }
            self.sets.count_sender(&ulid, sender, false);
            self.nodes.forget(id);
            self.net.count_context(false);
            if self.sets.is_unused_and_held(&ulid) {
                self.net.ask_for_addresses(0);
            }
        }
    }

    /// Counts the context for its ULID(local), if that is of a set, and for the address that it sends from. A context may be
    /// older than the set: a host without any answers for its addresses, too.
    pub(crate) fn count_user(&mut self, id: u32) {
        let Some(control) = self.nodes.control_mut(id) else { return };
        let ulid = control.context.ulids().local;
        if control.counted || self.sets.of(&ulid).is_none() {
            return;
        }
        control.counted = true;
        self.sets.count_user(&ulid, true);
        self.count_sender(id);
    }

    /// Counts the context for the address that it sends from now.
    pub(crate) fn count_sender(&mut self, id: u32) {
        let Some(control) = self.nodes.control_mut(id) else { return };
        let (ulid, local) = (control.context.ulids().local, control.context.pair().local);
        let place = self.sets.of(&ulid).and_then(|(set, _)| set.place(&local)?.try_into().ok());
        let new = place.unwrap_or(NO_PLACE);
        let old = core::mem::replace(&mut control.sender, new);
        self.sets.count_sender(&ulid, old, false);
        self.sets.count_sender(&ulid, new, true);
    }

    /// Contexts between this ULID(peer) and any address of a loaded set, or the one address that is none of those.
    fn with_peer(&self, ulids: &Pair) -> u32 {
        let of_sets = self.sets.all().iter().flat_map(|set| set.locals.locators()).map(|locator| locator.addr);
        let other = Some(ulids.local).filter(|local| self.sets.of(local).is_none());
        Iterator::chain(of_sets, other).map(|local| self.nodes.between(&Pair { local, peer: ulids.peer })).sum()
    }

    fn drop_establishment(&mut self, id: u32) {
        if self.nodes.control_mut(id).and_then(|control| control.establishment.take()).is_some() {
            EXTRAS.fetch_sub(1, Relaxed);
        }
    }

    fn drop_exploration(&mut self, id: u32) {
        if self.nodes.control_mut(id).and_then(|control| control.exploration.take()).is_some() {
            EXTRAS.fetch_sub(1, Relaxed);
        }
    }

    fn drop_kept(&mut self, id: u32) {
        self.drop_peer_key(id);
        if self.nodes.control_mut(id).and_then(|control| control.kept.take()).is_some() {
            EXTRAS.fetch_sub(1, Relaxed);
        }
    }

    /// What the context keeps to its end, to be added to.
    fn kept_mut(&mut self, id: u32) -> Result<&mut Kept, NoMemory> {
        let kept = &mut self.nodes.control_mut(id).ok_or(NoMemory)?.kept;
        if kept.is_none() {
            *kept = Some(KBox::new(Kept::default(), GFP_ATOMIC | __GFP_NOWARN).map_err(|_| NoMemory)?);
            EXTRAS.fetch_add(1, Relaxed);
        }
        kept.as_deref_mut().ok_or(NoMemory)
    }
}

impl Contexts for Store<'_> {
    type Id = u32;

    fn by_ulids(&self, ulids: &Pair, fii: Fii) -> Option<u32> {
        self.nodes.by_ulids(ulids, fii).map(|node| node.id())
    }

    fn by_local_tag(&self, tag: Tag) -> Option<u32> {
        self.nodes.by_tag(tag).map(|node| node.id())
    }

    fn by_peer_tag(&self, tag: Tag, fits: &mut dyn FnMut(u32, &Context) -> bool) -> Option<u32> {
        let mut found = self.nodes.by_peer_tag(tag);
        found.find(|node| fits(node.id(), &self.nodes.control(node).context)).map(|node| node.id())
    }

    fn by_nonce(&self, nonce: Nonce) -> Option<u32> {
        self.nodes.by_nonce(nonce).map(|node| node.id())
    }

    fn context(&self, id: u32) -> Option<&Context> {
        self.nodes.get(id).map(|node| &self.nodes.control(node).context)
    }

    fn context_mut(&mut self, id: u32) -> Option<&mut Context> {
        self.nodes.control_mut(id).map(|control| &mut control.context)
    }

    fn establishment(&self, id: u32) -> Option<&Establishment> {
        self.nodes.get(id).and_then(|node| self.nodes.control(node).establishment.as_deref())
    }

    fn establishment_mut(&mut self, id: u32) -> Option<&mut Establishment> {
        self.nodes.control_mut(id).and_then(|control| control.establishment.as_deref_mut())
    }

    fn begin_establishment(&mut self, id: u32) -> Result<(), NoMemory> {
        let new = KBox::new(Establishment::new(), GFP_ATOMIC | __GFP_NOWARN).map_err(|_| NoMemory)?;
        self.drop_establishment(id);
        let control = self.nodes.control_mut(id).ok_or(NoMemory)?;
        control.establishment = Some(new);
        EXTRAS.fetch_add(1, Relaxed);
        Ok(())
    }

    fn end_establishment(&mut self, id: u32) {
        self.drop_establishment(id);
    }

    fn exploration(&self, id: u32) -> Option<&Exploration> {
        self.nodes.get(id).and_then(|node| self.nodes.control(node).exploration.as_deref())
    }

    fn exploration_mut(&mut self, id: u32) -> Option<&mut Exploration> {
        self.nodes.control_mut(id).and_then(|control| control.exploration.as_deref_mut())
    }

    fn begin_exploration(&mut self, id: u32) -> Result<(), NoMemory> {
        let new = KBox::new(Exploration::new(), GFP_ATOMIC | __GFP_NOWARN).map_err(|_| NoMemory)?;
        self.drop_exploration(id);
        let control = self.nodes.control_mut(id).ok_or(NoMemory)?;
        control.exploration = Some(new);
        EXTRAS.fetch_add(1, Relaxed);
        Ok(())
    }

    fn end_exploration(&mut self, id: u32) {
        self.drop_exploration(id);
    }

    fn past(&self, id: u32) -> Option<&Past> {
        self.nodes.get(id).and_then(|node| self.nodes.control(node).past())
    }

    fn past_mut(&mut self, id: u32) -> Result<&mut Past, NoMemory> {
        Ok(self.kept_mut(id)?.past.get_or_insert_default())
    }

    fn peer_key(&self, id: u32) -> Option<&[u8]> {
        let kept = self.nodes.get(id).and_then(|node| self.nodes.control(node).kept.as_ref());
        kept?.peer_key.as_ref().map(|key| key.as_slice())
    }

    fn keep_peer_key(&mut self, id: u32, key: &[u8]) -> Result<(), NoMemory> {
        self.drop_peer_key(id);
        let new = KBox::new(copied(key).ok_or(NoMemory)?, GFP_ATOMIC | __GFP_NOWARN).map_err(|_| NoMemory)?;
        self.kept_mut(id)?.peer_key = Some(new);
        EXTRAS.fetch_add(1, Relaxed);
        Ok(())
    }

    fn drop_peer_key(&mut self, id: u32) {
        let kept = self.nodes.control_mut(id).and_then(|control| control.kept.as_mut());
        if kept.and_then(|kept| kept.peer_key.take()).is_some() {
            EXTRAS.fetch_sub(1, Relaxed);
        }
    }

    fn insert(&mut self, seed: &Seed) -> Result<u32, Refused> {
        let ulids = Pair { local: seed.ulid_local, peer: seed.ulid_peer };
        if self.net.contexts() >= self.max_contexts {
            self.net.tell_limit("max-contexts", self.max_contexts);
            return Err(Refused::Full);
        }
        if self.nodes.between(&ulids) >= MAX_INSTANCES || self.with_peer(&ulids) >= MAX_PER_PEER {
            self.net.tell_limit("the limit for one peer", MAX_PER_PEER);
            return Err(Refused::PeerFull);
        }
        let id = self
            .nodes
            .create(&ulids, seed.fii, seed.tag_local, NodeControl::new(Context::new(seed)))
            .map_err(|_| Refused::NoMemory)?;
        self.count_user(id);
        self.net.count_context(true);
        self.net.share().ask_for_walk(WALK_INTERVAL);
        Ok(id)
    }

    fn index_peer_tag(&mut self, id: u32, tag: Option<Tag>) {
        // For want of memory the context is not found by the peer's tag; the peer then finds it by its own.
        let _ = self.nodes.index_peer_tag(id, tag);
    }

    fn index_nonce(&mut self, id: u32, nonce: Option<Nonce>) {
        // For want of memory the answer is not recognised, and the message is sent again.
        let _ = self.nodes.index_nonce(id, nonce);
    }

    fn retire(&mut self, id: u32) {
        self.nodes.retire(id);
    }

    fn notes(&self, id: u32) -> Notes {
        self.nodes.get(id).map_or(Notes::default(), |node| node.shared.notes())
    }

    fn write_note(&mut self, id: u32, note: Note, at: Instant) {
        if let Some(node) = self.nodes.get(id) {
            node.shared.write_note(note, at);
        }
    }

    fn write_cadence(&mut self, id: u32, cadence: Cadence, answers: Cadence) {
        if let Some(node) = self.nodes.get(id) {
            node.shared.write_cadence(cadence, answers);
        }
    }
}
