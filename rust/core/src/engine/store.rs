// SPDX-License-Identifier: MIT OR GPL-2.0
//! What the engine borrows: the contexts and their indexes, and the surroundings.

use super::Counter;
use crate::addr::Addr;
use crate::context::{Context, Establishment, Past, Seed};
use crate::locator::{LocalSet, Pair};
use crate::reap::{Cadence, Exploration, Note, Notes};
use crate::time::Instant;
use crate::validator::Secrets;
use crate::wire::{Fii, Nonce, Tag};

/// The store has no memory for a value that the protocol wants to keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoMemory;

/// Why the store takes no new context.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The limit on contexts in all is reached.
    Full,
    /// The limit on contexts with one peer is reached.
    PeerFull,
    /// No memory.
    NoMemory,
}

/// The contexts of a namespace, their indexes and their notes.
///
/// A retired context is found by no index, but can be read and changed by its id until [`super::Action::Forget`] is
/// carried out.
pub trait Contexts {
    /// Names a context; stays valid until the context is forgotten.
    type Id: Copy + Eq + core::fmt::Debug;

    /// The context of these ULIDs and this instance, whatever its state.
    fn by_ulids(&self, ulids: &Pair, fii: Fii) -> Option<Self::Id>;

    /// The context whose CT(local) this is, whatever its state.
    fn by_local_tag(&self, tag: Tag) -> Option<Self::Id>;

    /// The first context with this CT(peer), as told by [`Contexts::index_peer_tag`], that `fits`.
    fn by_peer_tag(&self, tag: Tag, fits: &mut dyn FnMut(Self::Id, &Context) -> bool) -> Option<Self::Id>;

    /// The context with this Initiator Nonce, as told by [`Contexts::index_nonce`].
    fn by_nonce(&self, nonce: Nonce) -> Option<Self::Id>;

    /// Reads a context.
    fn context(&self, id: Self::Id) -> Option<&Context>;

    /// Changes a context.
    fn context_mut(&mut self, id: Self::Id) -> Option<&mut Context>;

    /// The context's exchange, if it has one.
    fn establishment(&self, id: Self::Id) -> Option<&Establishment>;

    /// The context's exchange, to be changed.
    fn establishment_mut(&mut self, id: Self::Id) -> Option<&mut Establishment>;

    /// Gives the context a new [`Establishment::new`], in place of one it may have.
    fn begin_establishment(&mut self, id: Self::Id) -> Result<(), NoMemory>;

    /// Drops the context's exchange, if it has one.
    fn end_establishment(&mut self, id: Self::Id);

    /// The context's exploration, if it has one.
    fn exploration(&self, id: Self::Id) -> Option<&Exploration>;

    /// The context's exploration, to be changed.
    fn exploration_mut(&mut self, id: Self::Id) -> Option<&mut Exploration>;

    /// Gives the context a new [`Exploration::new`], in place of one it may have.
    fn begin_exploration(&mut self, id: Self::Id) -> Result<(), NoMemory>;

    /// Drops the context's exploration, if it has one.
    fn end_exploration(&mut self, id: Self::Id);

    /// What the context has behind it, if there is anything.
    fn past(&self, id: Self::Id) -> Option<&Past>;

    /// The same, to be added to; a [`Past::new`] if there is nothing yet. It lasts as long as the context.
    fn past_mut(&mut self, id: Self::Id) -> Result<&mut Past, NoMemory>;

    /// The key of the context's peer, if one is kept: the RSAPublicKey of the parameter structure that the peer's ULID is a
    /// hash of ([`crate::signature::key_of`]).
    fn peer_key(&self, id: Self::Id) -> Option<&[u8]>;

    /// Keeps it, in place of one that may be there, which goes in any case. It lasts as long as the context, and has at most
    /// [`crate::signature::MAX_KEY_LEN`] octets.
    fn keep_peer_key(&mut self, id: Self::Id, key: &[u8]) -> Result<(), NoMemory>;

    /// Drops it, if there is one.
    fn drop_peer_key(&mut self, id: Self::Id);

    /// Makes [`Context::new`] of the seed, with notes that say never, indexed by its ULIDs and instance and by its local
    /// tag. The caller has made sure that neither is taken.
    fn insert(&mut self, seed: &Seed) -> Result<Self::Id, Refused>;

    /// Changes the peer tag under which the context is found; the store remembers the one before.
    fn index_peer_tag(&mut self, id: Self::Id, tag: Option<Tag>);

    /// Changes the Initiator Nonce under which the context is found; the store remembers the one before.
    fn index_nonce(&mut self, id: Self::Id, nonce: Option<Nonce>);

    /// Takes the context out of all indexes. [`super::Action::Forget`] follows.
    fn retire(&mut self, id: Self::Id);

    /// The times that packets of the context have written.
    fn notes(&self, id: Self::Id) -> Notes;

    /// Writes one of them, as the data path does.
    fn write_note(&mut self, id: Self::Id, note: Note, at: Instant);

    /// Writes how regularly payload comes and how soon answers do, as the data path does.
    fn write_cadence(&mut self, id: Self::Id, cadence: Cadence, answers: Cadence);
}

/// The surroundings of a namespace.
pub trait Env {
    /// Fills `octets` from a cryptographic generator.
    fn random(&mut self, octets: &mut [u8]);

    /// The local set of which the address is a member; none if it is no ULID of this host, or no longer.
    fn locals(&self, ulid: &Addr) -> Option<&LocalSet>;

    /// Whether policy lets a peer, by its ULID, know a local address. ULID(local) itself needs no telling.
    fn may_tell(&self, _peer: &Addr, _local: &Addr) -> bool {
        true
    }

    /// The responder's secrets. The caller rotates them when they say so.
    fn secrets(&mut self, now: Instant) -> &Secrets;

    /// Whether one more reply to a sender that proved nothing (R1, R1bis, Error) may go out now, to this address.
    fn may_reply(&mut self, now: Instant, to: &Addr) -> bool;

    /// An exchange has come to its end: the peer is one that goes on, unlike who floods.
    fn established(&mut self, _now: Instant) {}

    /// Whether one more Probe may go out now, all contexts of the namespace together.
    fn may_probe(&mut self, now: Instant) -> bool;

    /// Counts one.
    fn count(&mut self, counter: Counter);
}
