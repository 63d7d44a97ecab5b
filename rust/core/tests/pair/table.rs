// SPDX-License-Identifier: MIT OR GPL-2.0
//! The contexts of a simulated host: plain lists, searched from one end to the other.

use shim6_core::context::{Context, Establishment, Past, Seed};
use shim6_core::engine::{Contexts, NoMemory, Refused};
use shim6_core::locator::Pair;
use shim6_core::reap::{Cadence, Exploration, Note, Notes};
use shim6_core::signature::MAX_KEY_LEN;
use shim6_core::time::Instant;
use shim6_core::wire::{Fii, Nonce, Tag};
use std::collections::BTreeMap;

/// The most contexts that a simulated host takes.
pub const LIMIT: usize = 64;

/// A context with all that its host keeps beside it.
#[derive(Clone)]
pub struct Node {
    pub context: Context,
    pub notes: Notes,
    pub establishment: Option<Establishment>,
    pub exploration: Option<Exploration>,
    pub past: Option<Past>,
    pub peer_key: Option<Vec<u8>>,
    pub peer_tag: Option<Tag>,
    pub nonce: Option<Nonce>,
    pub retired: bool,
    pub watched: bool,
    pub timer: Option<Instant>,
}

/// All contexts of a host.
#[derive(Clone, Default)]
pub struct Table {
    pub nodes: BTreeMap<u32, Node>,
    next: u32,
}

impl Table {
    fn find(&self, mut fits: impl FnMut(&Node) -> bool) -> Option<u32> {
        self.nodes.iter().find(|(_, node)| !node.retired && fits(node)).map(|(id, _)| *id)
    }
}

impl Contexts for Table {
    type Id = u32;

    fn by_ulids(&self, ulids: &Pair, fii: Fii) -> Option<u32> {
        self.find(|node| node.context.ulids() == *ulids && node.context.fii() == fii)
    }

    fn by_local_tag(&self, tag: Tag) -> Option<u32> {
        self.find(|node| node.context.tag_local() == tag)
    }

    fn by_peer_tag(&self, tag: Tag, fits: &mut dyn FnMut(u32, &Context) -> bool) -> Option<u32> {
        let mut all = self.nodes.iter().filter(|(_, node)| !node.retired && node.peer_tag == Some(tag));
        all.find(|(id, node)| fits(**id, &node.context)).map(|(id, _)| *id)
    }

    fn by_nonce(&self, nonce: Nonce) -> Option<u32> {
        self.find(|node| node.nonce == Some(nonce))
    }

    fn context(&self, id: u32) -> Option<&Context> {
        self.nodes.get(&id).map(|node| &node.context)
    }

    fn context_mut(&mut self, id: u32) -> Option<&mut Context> {
        self.nodes.get_mut(&id).map(|node| &mut node.context)
    }

    fn establishment(&self, id: u32) -> Option<&Establishment> {
        self.nodes.get(&id)?.establishment.as_ref()
    }

    fn establishment_mut(&mut self, id: u32) -> Option<&mut Establishment> {
        self.nodes.get_mut(&id)?.establishment.as_mut()
    }

    fn begin_establishment(&mut self, id: u32) -> Result<(), NoMemory> {
        self.nodes.get_mut(&id).ok_or(NoMemory)?.establishment = Some(Establishment::new());
        Ok(())
    }

    fn end_establishment(&mut self, id: u32) {
        if let Some(node) = self.nodes.get_mut(&id) {
            node.establishment = None;
        }
    }

    fn exploration(&self, id: u32) -> Option<&Exploration> {
        self.nodes.get(&id)?.exploration.as_ref()
    }

    fn exploration_mut(&mut self, id: u32) -> Option<&mut Exploration> {
        self.nodes.get_mut(&id)?.exploration.as_mut()
    }

    fn begin_exploration(&mut self, id: u32) -> Result<(), NoMemory> {
        self.nodes.get_mut(&id).ok_or(NoMemory)?.exploration = Some(Exploration::new());
        Ok(())
    }

    fn end_exploration(&mut self, id: u32) {
        if let Some(node) = self.nodes.get_mut(&id) {
            node.exploration = None;
        }
    }

    fn past(&self, id: u32) -> Option<&Past> {
        self.nodes.get(&id)?.past.as_ref()
    }

    fn past_mut(&mut self, id: u32) -> Result<&mut Past, NoMemory> {
        Ok(self.nodes.get_mut(&id).ok_or(NoMemory)?.past.get_or_insert_default())
    }

    fn peer_key(&self, id: u32) -> Option<&[u8]> {
        self.nodes.get(&id)?.peer_key.as_deref()
    }

    fn keep_peer_key(&mut self, id: u32, key: &[u8]) -> Result<(), NoMemory> {
        assert!(key.len() <= MAX_KEY_LEN, "a key of {} octets", key.len());
        self.nodes.get_mut(&id).ok_or(NoMemory)?.peer_key = Some(key.to_vec());
        Ok(())
    }

    fn drop_peer_key(&mut self, id: u32) {
        if let Some(node) = self.nodes.get_mut(&id) {
            node.peer_key = None;
        }
    }

    fn insert(&mut self, seed: &Seed) -> Result<u32, Refused> {
        if self.nodes.len() >= LIMIT {
            return Err(Refused::Full);
        }
        self.next += 1;
        let node = Node {
            context: Context::new(seed),
            notes: Notes::default(),
            establishment: None,
            exploration: None,
            past: None,
            peer_key: None,
            peer_tag: None,
            nonce: None,
            retired: false,
            watched: false,
            timer: None,
        };
        self.nodes.insert(self.next, node);
        Ok(self.next)
    }

    fn index_peer_tag(&mut self, id: u32, tag: Option<Tag>) {
        if let Some(node) = self.nodes.get_mut(&id) {
            node.peer_tag = tag;
        }
    }

    fn index_nonce(&mut self, id: u32, nonce: Option<Nonce>) {
        if let Some(node) = self.nodes.get_mut(&id) {
            node.nonce = nonce;
        }
    }

    fn retire(&mut self, id: u32) {
        if let Some(node) = self.nodes.get_mut(&id) {
            node.retired = true;
        }
    }

    fn notes(&self, id: u32) -> Notes {
        self.nodes.get(&id).map(|node| node.notes).unwrap_or_default()
    }

    fn write_note(&mut self, id: u32, note: Note, at: Instant) {
        if let Some(node) = self.nodes.get_mut(&id) {
            node.notes.write(note, at);
        }
    }

    fn write_cadence(&mut self, id: u32, cadence: Cadence, answers: Cadence) {
        if let Some(node) = self.nodes.get_mut(&id) {
            node.notes.cadence = cadence;
            node.notes.answers = answers;
        }
    }
}
