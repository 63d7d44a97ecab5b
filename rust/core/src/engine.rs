// SPDX-License-Identifier: MIT OR GPL-2.0
//! The engine: an event goes in, one mutation of the contexts happens, a bounded list of [`Action`]s comes out.
//!
//! The engine owns nothing. The caller lends it its contexts ([`Contexts`]), its surroundings ([`Env`]), the settings
//! and a list for the actions, all for the time of one call, under one lock; then it carries the actions out in their
//! order, asking [`Engine::compose`] for the octets of each message.
//!
//! Functions that are kept out of their callers (`inline(never)`) are so for the stack of a kernel: each frame stays below
//! one KiB, and the deepest chain below four.
//!
//! Which call when:
//!
//! | what happened | call |
//! |---|---|
//! | a Shim6 control message came in, or its signature was checked ([`Action::CheckSignature`]) | [`Engine::control_in`] |
//! | a payload extension header came in whose tag no established context has | [`Engine::unknown_tag`] |
//! | payload came in for a context that is watched ([`Action::Watch`]) | [`Engine::payload_in`] |
//! | the context's timer fired | [`Engine::timer`] |
//! | the start heuristic or an operator wants a context | [`Engine::start`] |
//! | a local set changed (status of an address, policy) | [`Engine::locals_changed`] per context of the set |
//! | a hint from above, below or an operator | [`Engine::advice`] |
//! | an application has wishes for a context of its own | [`Engine::wished`] |
//! | an ICMPv6 error about a packet of the shim | [`Engine::icmp_error`] |
//! | the slow walk over all contexts | [`Engine::collect`] |
//! | an operator, or the end of the set | [`Engine::close`] |

mod action;
mod advise;
mod compose;
mod counter;
mod establish;
mod explore;
mod learn;
mod lend;
mod lifecycle;
mod reach;
mod receive;
mod respond;
mod signature;
mod store;
mod test;
mod timers;
mod update;
mod verdict;
mod verify;
mod watch;
mod wish;

pub use action::{Action, Actions, Cause, EventKind, Send, SendKind, MAX_ACTIONS};
pub use counter::Counter;
pub use respond::is_forged;
pub use signature::{Question, Signature};
pub use store::{Contexts, Env, NoMemory, Refused};

use crate::addr::Addr;
use crate::locator::Pair;
use crate::settings::Settings;

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
    /// What is known of its signature, if it has one.
    pub signature: Signature<'p>,
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
    /// Something suggests that the current pair fails ([`Cause::Transport`], [`Cause::Application`]): test it, and
    /// alternatives beside it, within [`Settings::parallel_probes`] and [`Settings::test_limit`].
    Suspect(Cause),
    /// Somebody knows that the current pair works: as good as a packet received.
    Working,
    /// Explore all pairs now, whatever is known.
    Explore(Cause),
    /// Use this pair, once a Probe over it was answered.
    Use(Pair),
    /// Find out whether the peer is reachable at locators of which that is not known.
    Verify,
    /// Use the pair that the preferences name first, once a Probe over it was answered.
    Prefer(Cause),
    /// Ask whether this pair works, and move nothing.
    Ask(Pair),
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
