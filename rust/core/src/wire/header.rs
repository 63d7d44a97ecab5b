// SPDX-License-Identifier: MIT OR GPL-2.0
//! The headers: what every Shim6 packet starts with, the payload extension header, and the checked view of a control
//! message (RFC 5533 sections 5.1 to 5.3).

use super::checksum;
use super::fault::{Complaint, Discard, WireError};
use super::{ErrorCode, Nonce, Tag};

/// The IP protocol number of Shim6 (RFC 5533 section 17).
pub const PROTOCOL: u8 = 140;
/// "No next header", which follows every control message.
pub const NO_NEXT_HEADER: u8 = 59;

/// Offsets of the fields within a header.
pub(crate) mod field {
    pub const HDR_EXT_LEN: usize = 1;
    pub const TYPE: usize = 2;
    pub const TYPE_SPECIFIC: usize = 3;
    pub const CHECKSUM: usize = 4;
    pub const TAG: usize = 6;
}

const P_BIT: u8 = 0x80;
const S_BIT: u8 = 0x01;
/// Octets of the smallest Shim6 header.
const UNIT: usize = 8;

/// What a Shim6 header is, by its first octets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// P is one: a ULP packet follows.
    Payload,
    /// P is zero: a control message.
    Control,
}

/// Tells payload from control by the P bit, which is the 17th bit of both.
pub fn classify(bytes: &[u8]) -> Result<Class, Discard> {
    match bytes.get(field::TYPE) {
        Some(octet) if octet & P_BIT != 0 => Ok(Class::Payload),
        Some(_) => Ok(Class::Control),
        None => Err(Discard::Truncated),
    }
}

/// The Shim6 Payload Extension header (RFC 5533 section 5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PayloadHeader {
    /// The protocol of what follows.
    pub next_header: u8,
    /// Receiver Context Tag.
    pub tag: Tag,
}

impl PayloadHeader {
    /// Its length in octets.
    pub const LEN: usize = 8;

    /// Reads the header at the start of `bytes`; what follows is the payload.
    pub fn parse(bytes: &[u8]) -> Result<PayloadHeader, Discard> {
        let &[next_header, hdr_ext_len, a, b, c, d, e, f] = bytes.first_chunk().ok_or(Discard::Truncated)?;
        if a & P_BIT == 0 {
            return Err(Discard::WrongKind);
        }
        if hdr_ext_len != 0 {
            return Err(Discard::PayloadLength);
        }
        Ok(PayloadHeader { next_header, tag: Tag::from_octets([a, b, c, d, e, f]) })
    }

    /// Writes the header.
    pub fn emit(&self, buffer: &mut [u8; PayloadHeader::LEN]) {
        let [a, b, c, d, e, f] = self.tag.octets();
        *buffer = [self.next_header, 0, a | P_BIT, b, c, d, e, f];
    }
}

/// The type of a control message (RFC 5533 table 1, RFC 5534 section 5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum MessageType {
    /// First message of the initiator.
    I1 = 1,
    /// First message of the responder.
    R1 = 2,
    /// Second message of the initiator.
    I2 = 3,
    /// Second message of the responder.
    R2 = 4,
    /// Reply to a reference to a context that does not exist.
    R1bis = 5,
    /// Reply to R1bis.
    I2bis = 6,
    /// Update Request.
    UpdateRequest = 64,
    /// Update Acknowledgement.
    UpdateAck = 65,
    /// Keepalive.
    Keepalive = 66,
    /// Probe.
    Probe = 67,
    /// Error.
    Error = 68,
}

impl MessageType {
    /// All types, in the order of their numbers.
    pub const ALL: [MessageType; 11] = [
        MessageType::I1,
        MessageType::R1,
        MessageType::I2,
        MessageType::R2,
        MessageType::R1bis,
        MessageType::I2bis,
        MessageType::UpdateRequest,
        MessageType::UpdateAck,
        MessageType::Keepalive,
        MessageType::Probe,
        MessageType::Error,
    ];

    /// The type with this number.
    pub const fn from_number(number: u8) -> Option<MessageType> {
        Some(match number {
            1 => MessageType::I1,
            2 => MessageType::R1,
            3 => MessageType::I2,
            4 => MessageType::R2,
            5 => MessageType::R1bis,
            6 => MessageType::I2bis,
            64 => MessageType::UpdateRequest,
            65 => MessageType::UpdateAck,
            66 => MessageType::Keepalive,
            67 => MessageType::Probe,
            68 => MessageType::Error,
            _ => return None,
        })
    }

    /// Octets before the options, which is also the least length. An Error message has none of its own but the header.
    pub const fn fixed_len(self) -> usize {
        match self {
            MessageType::Error => 8,
            MessageType::I2 => 24,
            MessageType::I2bis => 32,
            _ => 16,
        }
    }

    /// Whether the message, when it names a context that does not exist, is answered with R1bis. Types from 64 on are,
    /// but for the Error message, which names none and is never answered.
    pub const fn triggers_r1bis(self) -> bool {
        self as u8 >= 64 && !matches!(self, MessageType::Error)
    }

    /// The name as the RFCs write it.
    pub const fn name(self) -> &'static str {
        match self {
            MessageType::I1 => "I1",
            MessageType::R1 => "R1",
            MessageType::I2 => "I2",
            MessageType::R2 => "R2",
            MessageType::R1bis => "R1bis",
            MessageType::I2bis => "I2bis",
            MessageType::UpdateRequest => "Update Request",
            MessageType::UpdateAck => "Update Acknowledgement",
            MessageType::Keepalive => "Keepalive",
            MessageType::Probe => "Probe",
            MessageType::Error => "Error",
        }
    }
}

/// A checked view of a control message: complete, intact, of a known type and not too short for it. Its options are not
/// looked at yet.
#[derive(Clone, Copy, Debug)]
pub struct ControlView<'a> {
    /// Exactly the message, without what may follow it in the packet.
    bytes: &'a [u8],
    kind: MessageType,
}

impl<'a> ControlView<'a> {
    /// Checks the message at the start of `bytes`. Octets after its end are ignored.
    pub fn new(bytes: &'a [u8]) -> Result<ControlView<'a>, WireError> {
        let &[_, hdr_ext_len, kind, type_specific, ..] = bytes.first_chunk::<UNIT>().ok_or(Discard::Truncated)?;
        if kind & P_BIT != 0 {
            return Err(Discard::WrongKind.into());
        }
        if type_specific & S_BIT != 0 {
            return Err(Discard::NotShim6.into());
        }
        let length = (usize::from(hdr_ext_len) + 1) * UNIT;
        let bytes = bytes.get(..length).ok_or(Discard::Truncated)?;
        if !checksum::is_valid(bytes) {
            return Err(Discard::Checksum.into());
        }
        let kind = MessageType::from_number(kind)
            .ok_or(Complaint { code: ErrorCode::UNKNOWN_MESSAGE_TYPE, offset: field::TYPE as u16 })?;
        if length < kind.fixed_len() {
            return Err(Discard::TooShort.into());
        }
        Ok(ControlView { bytes, kind })
    }

    /// The message's type.
    pub fn kind(&self) -> MessageType {
        self.kind
    }

    /// Exactly the message's octets.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The seven type-specific bits of octet 3.
    pub(crate) fn type_specific(&self) -> u8 {
        self.octet(field::TYPE_SPECIFIC) >> 1
    }

    /// The octet at `offset`; zero beyond the end, which the length check rules out for fixed fields.
    pub(crate) fn octet(&self, offset: usize) -> u8 {
        self.bytes.get(offset).copied().unwrap_or(0)
    }

    /// The 16 bits at `offset`.
    pub(crate) fn u16(&self, offset: usize) -> u16 {
        u16::from_be_bytes(self.array(offset))
    }

    /// The nonce at `offset`.
    pub(crate) fn nonce(&self, offset: usize) -> Nonce {
        Nonce(u32::from_be_bytes(self.array(offset)))
    }

    /// The tag in the six octets at `offset`, without the reserved bit in front of it.
    pub(crate) fn tag(&self, offset: usize) -> Tag {
        Tag::from_octets(self.array(offset))
    }

    fn array<const N: usize>(&self, offset: usize) -> [u8; N] {
        self.bytes.get(offset..).and_then(|rest| rest.first_chunk()).copied().unwrap_or([0; N])
    }
}
