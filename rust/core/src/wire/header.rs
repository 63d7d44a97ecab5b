// SPDX-License-Identifier: MIT OR GPL-2.0
//! The headers: what every Shim6 packet starts with, the payload extension header, and the checked view of a control
//! message (RFC 5533 sections 5.1 to 5.3).

use super::checksum;
use super::fault::{Complaint, Discard, WireError};
use super::numbers::{ErrorCode, MessageType};
use super::tag::{Nonce, Tag};

/// Offsets of the fields within a header.
pub(crate) mod field {
    pub const HDR_EXT_LEN: usize = 1;
    pub const TYPE: usize = 2;
    pub const TYPE_SPECIFIC: usize = 3;
    pub const CHECKSUM: usize = 4;
    pub const TAG: usize = 6;
    /// The Initiator Nonce of R1 and of R2 (RFC 5533 sections 5.5 and 5.7), which tell by it what they answer.
    pub const INITIATOR_NONCE_OF_R1: usize = 8;
    pub const INITIATOR_NONCE_OF_R2: usize = 12;
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
#[inline]
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
    #[inline]
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
    #[inline]
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
    #[inline]
    pub fn kind(&self) -> MessageType {
        self.kind
    }

    /// The Receiver Context Tag of the messages that are found by it: Update Request, Update Acknowledgement, Keepalive
    /// and Probe.
    #[inline]
    pub fn receiver_tag(&self) -> Option<Tag> {
        let is_tagged = matches!(
            self.kind,
            MessageType::UpdateRequest | MessageType::UpdateAck | MessageType::Keepalive | MessageType::Probe
        );
        is_tagged.then(|| self.tag(field::TAG))
    }

    /// The Initiator Nonce of R1 and R2, which return it to whoever sent it.
    #[inline]
    pub fn returned_nonce(&self) -> Option<Nonce> {
        match self.kind {
            MessageType::R1 => Some(self.nonce(field::INITIATOR_NONCE_OF_R1)),
            MessageType::R2 => Some(self.nonce(field::INITIATOR_NONCE_OF_R2)),
            _ => None,
        }
    }

    /// Exactly the message's octets.
    #[inline]
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The seven type-specific bits of octet 3.
    pub(crate) fn type_specific(&self) -> u8 {
        self.octet(field::TYPE_SPECIFIC) >> 1
    }

    /// The octet at `offset`; zero beyond the end, which the length check rules out for fixed fields.
    #[inline]
    pub(crate) fn octet(&self, offset: usize) -> u8 {
        self.bytes.get(offset).copied().unwrap_or(0)
    }

    /// The 16 bits at `offset`.
    pub(crate) fn u16(&self, offset: usize) -> u16 {
        u16::from_be_bytes(self.array(offset))
    }

    /// The nonce at `offset`.
    #[inline]
    pub(crate) fn nonce(&self, offset: usize) -> Nonce {
        Nonce(u32::from_be_bytes(self.array(offset)))
    }

    /// The tag in the six octets at `offset`, without the reserved bit in front of it.
    #[inline]
    pub(crate) fn tag(&self, offset: usize) -> Tag {
        Tag::from_octets(self.array(offset))
    }

    #[inline]
    fn array<const N: usize>(&self, offset: usize) -> [u8; N] {
        self.bytes.get(offset..).and_then(|rest| rest.first_chunk()).copied().unwrap_or([0; N])
    }
}
