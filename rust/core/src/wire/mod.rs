// SPDX-License-Identifier: MIT OR GPL-2.0
//! The octets of RFC 5533 section 5 and RFC 5534 section 5.
//!
//! Receiving has two steps: [`ControlView::new`] checks length, checksum and type; [`Message::parse`] does that and
//! reads the fields and options into a value that holds legal states only and borrows what is long from the packet.
//! Sending is the same value's `emit`. What is wrong with a packet comes back as a [`WireError`], which tells silence
//! from an Error message. Nothing here allocates, panics or looks at addresses outside the message.

mod brought;
pub mod checksum;
mod error;
mod fault;
mod header;
mod i1;
mod i2;
mod i2bis;
pub(crate) mod icmp;
mod keepalive;
mod numbers;
mod options;
mod probe;
mod quoted;
mod r1;
mod r1bis;
mod r2;
mod tag;
mod update;
mod writer;

pub use brought::Brought;
pub use error::Error;
pub use fault::{Complaint, Discard, NoRoom, WireError};
pub use header::{classify, Class, ControlView, PayloadHeader};
pub use i1::I1;
pub use i2::I2;
pub use i2bis::I2bis;
pub use icmp::{turn_back, IcmpError, ICMP_ERROR_LEN};
pub use keepalive::Keepalive;
pub use numbers::{ErrorCode, MessageType, OptionType, NO_NEXT_HEADER, PROTOCOL};
pub use options::{
    Announcement, ElementLen, KeepaliveTimeout, LocatorEntry, LocatorList, LocatorPreferences, Preference, UlidPair,
    VerificationMethod,
};
pub use probe::{Probe, ProbeReport, ProbeReports, ProbeState};
pub use quoted::{Quoted, QuotedKind, QuotedPayload};
pub use r1::R1;
pub use r1bis::R1bis;
pub use r2::R2;
pub use tag::{Fii, Nonce, Tag};
pub use update::{UpdateAck, UpdateRequest};

/// Octets of an IPv6 header.
pub const IPV6_HEADER_LEN: usize = 40;

/// The longest control message sent, in octets: a packet of 1280 octets less the IPv6 header (RFC 5533 section 5.1).
/// Nothing is put between the two.
pub const MAX_MESSAGE_LEN: usize = 1280 - IPV6_HEADER_LEN;

/// A control message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Message<'a> {
    /// I1.
    I1(I1),
    /// R1.
    R1(R1<'a>),
    /// I2.
    I2(I2<'a>),
    /// R2.
    R2(R2<'a>),
    /// R1bis.
    R1bis(R1bis<'a>),
    /// I2bis.
    I2bis(I2bis<'a>),
    /// Update Request.
    UpdateRequest(UpdateRequest<'a>),
    /// Update Acknowledgement.
    UpdateAck(UpdateAck),
    /// Keepalive.
    Keepalive(Keepalive),
    /// Probe.
    Probe(Probe<'a>),
    /// Error.
    Error(Error<'a>),
}

impl<'a> Message<'a> {
    /// Reads the control message at the start of `bytes`; what follows it is ignored.
    pub fn parse(bytes: &'a [u8]) -> Result<Message<'a>, WireError> {
        Message::from_view(&ControlView::new(bytes)?)
    }

    /// Reads the fields and options of a checked message.
    pub fn from_view(view: &ControlView<'a>) -> Result<Message<'a>, WireError> {
        Ok(match view.kind() {
            MessageType::I1 => Message::I1(I1::parse(view)?),
            MessageType::R1 => Message::R1(R1::parse(view)?),
            MessageType::I2 => Message::I2(I2::parse(view)?),
            MessageType::R2 => Message::R2(R2::parse(view)?),
            MessageType::R1bis => Message::R1bis(R1bis::parse(view)?),
            MessageType::I2bis => Message::I2bis(I2bis::parse(view)?),
            MessageType::UpdateRequest => Message::UpdateRequest(UpdateRequest::parse(view)?),
            MessageType::UpdateAck => Message::UpdateAck(UpdateAck::parse(view)?),
            MessageType::Keepalive => Message::Keepalive(Keepalive::parse(view)?),
            MessageType::Probe => Message::Probe(Probe::parse(view)?),
            MessageType::Error => Message::Error(Error::parse(view)),
        })
    }

    /// Writes the message; returns its length in octets. `buffer` is used up to [`MAX_MESSAGE_LEN`] octets.
    pub fn emit(&self, buffer: &mut [u8]) -> Result<usize, NoRoom> {
        match self {
            Message::I1(message) => message.emit(buffer),
            Message::R1(message) => message.emit(buffer),
            Message::I2(message) => message.emit(buffer),
            Message::R2(message) => message.emit(buffer),
            Message::R1bis(message) => message.emit(buffer),
            Message::I2bis(message) => message.emit(buffer),
            Message::UpdateRequest(message) => message.emit(buffer),
            Message::UpdateAck(message) => message.emit(buffer),
            Message::Keepalive(message) => message.emit(buffer),
            Message::Probe(message) => message.emit(buffer),
            Message::Error(message) => message.emit(buffer),
        }
    }

    /// The message's type.
    pub fn kind(&self) -> MessageType {
        match self {
            Message::I1(_) => MessageType::I1,
            Message::R1(_) => MessageType::R1,
            Message::I2(_) => MessageType::I2,
            Message::R2(_) => MessageType::R2,
            Message::R1bis(_) => MessageType::R1bis,
            Message::I2bis(_) => MessageType::I2bis,
            Message::UpdateRequest(_) => MessageType::UpdateRequest,
            Message::UpdateAck(_) => MessageType::UpdateAck,
            Message::Keepalive(_) => MessageType::Keepalive,
            Message::Probe(_) => MessageType::Probe,
            Message::Error(_) => MessageType::Error,
        }
    }

    /// The Receiver Context Tag of the messages that are found by it: Update Request, Update Acknowledgement, Keepalive
    /// and Probe.
    pub fn receiver_tag(&self) -> Option<Tag> {
        match self {
            Message::UpdateRequest(message) => Some(message.receiver_tag),
            Message::UpdateAck(message) => Some(message.receiver_tag),
            Message::Keepalive(message) => Some(message.receiver_tag),
            Message::Probe(message) => Some(message.receiver_tag),
            _ => None,
        }
    }
}
