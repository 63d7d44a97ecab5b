// SPDX-License-Identifier: MIT OR GPL-2.0
//! What the engine wants done: small descriptions, carried out by the caller in their order.

use super::Question;
use crate::addr::Addr;
use crate::time::Instant;
use crate::validator::Cookie;
use crate::wire::{ErrorCode, MessageType, Nonce, ProbeState, Tag};
use heapless::Vec;

/// The most actions that one call can ask for: up to eight Probes at once, an Update Request, and what a change of state brings.
pub const MAX_ACTIONS: usize = 20;

/// The actions of one call. It is some 2 KiB: keep it beside the contexts, not on a small stack.
pub type Actions<Id> = Vec<Action<Id>, MAX_ACTIONS>;

/// One thing to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action<Id> {
    /// Send a message: [`super::Engine::compose`] gives its octets, from the Shim6 header on, next header
    /// [`crate::wire::PROTOCOL`].
    Send(Send<Id>),
    /// See to it that the context's timer fires at this time or earlier; never put it off.
    Arm {
        /// The context.
        id: Id,
        /// The latest time.
        at: Instant,
    },
    /// The data path of the context changed: publish [`crate::context::Context::path`] anew.
    UsePair {
        /// The context.
        id: Id,
        /// Source of payload packets.
        local: Addr,
        /// Destination of payload packets.
        peer: Addr,
        /// Whether packets are rewritten to this pair, with a payload extension header.
        switched: bool,
    },
    /// Have transports send once more, over this pair, what waits for an acknowledgement: one segment each, and now. All else
    /// goes on as before.
    Lend {
        /// The context.
        id: Id,
        /// The source of that segment.
        local: Addr,
        /// Its destination.
        peer: Addr,
        /// Whether the peer asks for it, so that what was sent just now is meant, too.
        owed: bool,
    },
    /// Tell the engine of the next payload received ([`super::Engine::payload_in`]), or no longer.
    Watch {
        /// The context.
        id: Id,
        /// Whether to tell.
        on: bool,
    },
    /// Tell the listeners. The context can be read; for [`EventKind::Removed`] it still can, too.
    Event {
        /// The context.
        id: Id,
        /// What happened.
        kind: EventKind,
        /// Why.
        cause: Cause,
    },
    /// Check the signature of the message that the engine was just told of ([`Question::signed`]), where that may take its
    /// time, and tell it again with the answer ([`Question::answer`]). The host may refuse, if it has too many to check:
    /// the message is lost then, and its sender will send it again.
    CheckSignature {
        /// What is to be checked.
        question: Question,
        /// The message brings no key: it is that of this context's peer as it is now ([`super::Contexts::peer_key`]).
        keeper: Option<Id>,
    },
    /// Let go of a context that was retired: nothing refers to it any more.
    Forget {
        /// The context.
        id: Id,
    },
}

/// A message to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Send<Id> {
    /// What to send.
    pub kind: SendKind<Id>,
    /// IPv6 source.
    pub from: Addr,
    /// IPv6 destination.
    pub to: Addr,
}

/// What to send, as short as can be; the rest is read from the context when the message is composed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SendKind<Id> {
    /// I1 of a context.
    I1(Id),
    /// I2 of a context.
    I2(Id),
    /// I2bis of a context.
    I2bis(Id),
    /// R1, without a context.
    R1 {
        /// Initiator Nonce of the I1.
        initiator_nonce: Nonce,
        /// Responder Nonce and Responder Validator.
        cookie: Cookie,
    },
    /// R1bis, without a context.
    R1bis {
        /// The tag of the packet that caused it.
        packet_tag: Tag,
        /// Responder Nonce and Responder Validator.
        cookie: Cookie,
    },
    /// R2 of a context.
    R2 {
        /// The context.
        id: Id,
        /// Initiator Nonce of the message answered.
        initiator_nonce: Nonce,
    },
    /// Update Request of a context.
    UpdateRequest(Id),
    /// Update Acknowledgement of a context.
    UpdateAck {
        /// The context.
        id: Id,
        /// Request Nonce of the request.
        request_nonce: Nonce,
    },
    /// Keepalive of a context.
    Keepalive(Id),
    /// Probe of a context.
    Probe {
        /// The context.
        id: Id,
        /// The state that it tells.
        state: ProbeState,
        /// Its own nonce.
        nonce: Nonce,
    },
    /// Error about the packet that came in.
    Error {
        /// Error Code.
        code: ErrorCode,
        /// Pointer, in octets from the invoking packet's IPv6 header.
        pointer: u16,
    },
}

impl<Id> SendKind<Id> {
    /// The type of the message.
    pub fn message_type(&self) -> MessageType {
        match self {
            SendKind::I1(_) => MessageType::I1,
            SendKind::I2(_) => MessageType::I2,
            SendKind::I2bis(_) => MessageType::I2bis,
            SendKind::R1 { .. } => MessageType::R1,
            SendKind::R1bis { .. } => MessageType::R1bis,
            SendKind::R2 { .. } => MessageType::R2,
            SendKind::UpdateRequest(_) => MessageType::UpdateRequest,
            SendKind::UpdateAck { .. } => MessageType::UpdateAck,
            SendKind::Keepalive(_) => MessageType::Keepalive,
            SendKind::Probe { .. } => MessageType::Probe,
            SendKind::Error { .. } => MessageType::Error,
        }
    }

    /// The context that sends it; none for R1, R1bis and Error.
    pub fn context(&self) -> Option<&Id> {
        match self {
            SendKind::I1(id)
            | SendKind::I2(id)
            | SendKind::I2bis(id)
            | SendKind::R2 { id, .. }
            | SendKind::UpdateRequest(id)
            | SendKind::UpdateAck { id, .. }
            | SendKind::Keepalive(id)
            | SendKind::Probe { id, .. } => Some(id),
            SendKind::R1 { .. } | SendKind::R1bis { .. } | SendKind::Error { .. } => None,
        }
    }
}

/// What last happened to a context; the numbers are those of the control interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum EventKind {
    /// It came to be.
    Created = 0,
    /// Its state of RFC 5533 changed.
    State = 1,
    /// Its state of RFC 5534 changed.
    Reap = 2,
    /// Its current pair changed.
    Switched = 3,
    /// The peer's list of locators, or a status or preference in it, changed.
    Locators = 4,
    /// It is gone.
    Removed = 5,
}

/// Why it happened; the numbers are those of the control interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Cause {
    /// Nothing has happened yet.
    None = 0,
    /// Enough payload was exchanged.
    Traffic = 1,
    /// An operator asked for it.
    Administrator = 2,
    /// A message of the peer asked for it.
    Peer = 3,
    /// The awaited answer came.
    Answer = 4,
    /// No answer came.
    NoAnswer = 5,
    /// An ICMPv6 error about this context's packets came.
    IcmpError = 6,
    /// Payload was sent for the Send Timeout and nothing came back.
    SendTimeout = 7,
    /// A Probe of the peer said that it receives nothing from here.
    PeerExploring = 8,
    /// A Probe or payload showed that the pair works.
    ProbeAnswered = 9,
    /// The interface of the local locator lost its carrier or was set down.
    LinkDown = 10,
    /// The local locator was removed from its interface.
    AddressRemoved = 11,
    /// The peer, or an operator, declared the locator broken.
    LocatorBroken = 12,
    /// A preferred pair works again.
    Preference = 13,
    /// The peer no longer knew the context.
    ContextLost = 14,
    /// Another context came to have the same peer and peer tag.
    Confusion = 15,
    /// It carried no traffic.
    Idle = 16,
    /// The hold-down is over.
    Expired = 17,
    /// The local set of its ULID is gone, or the ULID is.
    SetRemoved = 18,
    /// A transport sent again in vain.
    Transport = 19,
    /// Payload that came regularly comes no more.
    Cadence = 20,
    /// An application said so.
    Application = 21,
    /// No router carries packets from the local locator.
    RouterLost = 22,
}
