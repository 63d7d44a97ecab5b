// SPDX-License-Identifier: MIT OR GPL-2.0
//! The engine: an event goes in, one mutation of the contexts happens, a bounded list of [`Action`]s comes out.
//!
//! The engine owns nothing. The caller lends it its contexts ([`Contexts`]), its surroundings ([`Env`]), the settings
//! and a list for the actions, all for the time of one call, under one lock; then it carries the actions out in their
//! order, asking [`Engine::compose`] for the octets of each message.
//!
//! Which call when:
//!
//! | what happened | call |
//! |---|---|
//! | a Shim6 control message came in | [`Engine::control_in`] |
//! | a payload extension header with a tag that no context has came in | [`Engine::unknown_tag`] |
//! | payload came in for a context that is watched ([`Action::Watch`]) | [`Engine::payload_in`] |
//! | the context's timer fired | [`Engine::timer`] |
//! | the start heuristic or an operator wants a context | [`Engine::start`] |
//! | a local set changed (status of an address, policy) | [`Engine::locals_changed`] per context of the set |
//! | a hint from above, below or an operator | [`Engine::advice`] |
//! | an ICMPv6 error about a packet of the shim | [`Engine::icmp_error`] |
//! | the slow walk over all contexts | [`Engine::collect`] |
//! | an operator, or the end of the set | [`Engine::close`] |

mod action;
mod compose;
mod counter;
mod store;

pub use action::{Action, Actions, Cause, EventKind, Send, SendKind, MAX_ACTIONS};
pub use counter::Counter;
pub use store::{Contexts, Env, NoMemory, Refused};

use crate::addr::Addr;
use crate::locator::Pair;
use crate::settings::Settings;
use crate::time::Instant;
use crate::wire::{ControlView, Fii, Quoted, Tag};

/// A received packet with a control message.
#[derive(Clone, Copy, Debug)]
pub struct Packet<'p> {
    /// IPv6 source.
    pub source: Addr,
    /// IPv6 destination.
    pub destination: Addr,
    /// The packet from its IPv6 header on.
    pub whole: &'p [u8],
    /// Offset of the Shim6 header in it, in octets.
    pub offset: usize,
}

impl Packet<'_> {
    /// The pair over which an answer goes back.
    pub fn back(&self) -> Pair {
        Pair { local: self.destination, peer: self.source }
    }
}

/// Why [`Engine::start`] makes no context.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StartError {
    /// There is one already for these ULIDs and this instance, in whatever state.
    Exists,
    /// ULID(local) has no local set.
    NotLocal,
    /// An address that cannot be a ULID.
    Address,
    /// The store has no place.
    Refused(Refused),
}

/// A hint about a context that does not come from a Shim6 message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Advice {
    /// Something suggests that the current pair fails (TCP retransmits, packets that came regularly come no more): test
    /// it, and alternatives beside it, within [`Settings::parallel_probes`].
    Suspect(Cause),
    /// Somebody knows that the current pair works: as good as a packet received.
    Working,
    /// Explore all pairs now, whatever is known.
    Explore(Cause),
    /// Use this pair, once a Probe over it was answered.
    Use(Pair),
    /// Probe one alternative, so that one is known to work before it is needed.
    Standby,
}

/// The protocol at work on borrowed state.
pub struct Engine<'a, C: Contexts, E: Env> {
    /// What an operator set.
    pub settings: &'a Settings,
    /// The contexts of the namespace.
    pub contexts: &'a mut C,
    /// Its surroundings.
    pub env: &'a mut E,
    /// What the call wants done; empty when the call begins.
    pub actions: &'a mut Actions<C::Id>,
}

impl<C: Contexts, E: Env> Engine<'_, C, E> {
    /// A control message came in (RFC 5533 sections 12.3 and 12.4).
    pub fn control_in(&mut self, now: Instant, packet: &Packet<'_>) {
        let bytes = packet.whole.get(packet.offset..).unwrap_or(&[]);
        let _ = (now, ControlView::new(bytes));
    }

    /// A payload extension header came in whose tag no context has: R1bis, within limits (RFC 5533 section 12.2).
    pub fn unknown_tag(&mut self, now: Instant, source: Addr, destination: Addr, tag: Tag) {
        let _ = (now, source, destination, tag);
    }

    /// Begins a context (RFC 5533 section 7.7).
    pub fn start(&mut self, now: Instant, ulids: Pair, fii: Fii, cause: Cause) -> Result<C::Id, StartError> {
        let _ = (now, ulids, fii, cause);
        Err(StartError::NotLocal)
    }

    /// Payload came in for a watched context. The caller has noted it already.
    pub fn payload_in(&mut self, now: Instant, id: C::Id) {
        let _ = (now, id);
    }

    /// The context's timer fired. A timer that fires early, or for nothing, does no harm.
    pub fn timer(&mut self, now: Instant, id: C::Id) {
        let _ = (now, id);
    }

    /// The local set of the context's ULID(local) changed; the set says already what holds now.
    pub fn locals_changed(&mut self, now: Instant, id: C::Id, cause: Cause) {
        let _ = (now, id, cause);
    }

    /// A hint about a context.
    pub fn advice(&mut self, now: Instant, id: C::Id, advice: Advice) {
        let _ = (now, id, advice);
    }

    /// An ICMPv6 error of this type and code came, about a packet that quotes a Shim6 header or that went between the
    /// ULIDs of a context. Says whether the shim acted on it, so that upper layers need not hear of it.
    pub fn icmp_error(&mut self, now: Instant, kind: u8, code: u8, pointer: u32, quoted: &Quoted) -> bool {
        let _ = (now, kind, code, pointer, quoted);
        false
    }

    /// The slow walk over all contexts passes this one: it is removed if it was idle for [`Settings::idle_timeout`],
    /// unless `in_use` says that something above still wants it (RFC 5533 section 9).
    pub fn collect(&mut self, now: Instant, id: C::Id, in_use: bool) {
        let _ = (now, id, in_use);
    }

    /// Removes a context.
    pub fn close(&mut self, now: Instant, id: C::Id, cause: Cause) {
        let _ = (now, id, cause);
    }
}
