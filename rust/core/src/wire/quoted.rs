// SPDX-License-Identifier: MIT OR GPL-2.0
//! A packet of ours that comes back inside an Error message or an ICMPv6 error, cut anywhere (RFC 5533 sections 5.14,
//! 8 and 12.4). Its checksum cannot be checked, so what it says is a hint.

use super::icmp::UNRECOGNIZED_NEXT_HEADER;
use super::numbers::{MessageType, PROTOCOL};
use super::{Nonce, PayloadHeader, Tag, IPV6_HEADER_LEN};
use crate::addr::Addr;

/// The parts of a quoted packet that tell which context sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quoted {
    /// IPv6 source: a locator of the host that gets the quotation.
    pub source: Addr,
    /// IPv6 destination: a locator of its peer.
    pub destination: Addr,
    /// What was in it.
    pub kind: QuotedKind,
}

/// What a quoted packet was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuotedKind {
    /// No Shim6 header, or none within the quoted octets.
    Other {
        /// The protocol number at which the walk through the headers ended.
        protocol: u8,
    },
    /// A payload extension header.
    Payload(QuotedPayload),
    /// A control message.
    Control {
        /// Its type.
        kind: MessageType,
        /// The tag in octets 6 to 11, for the types that have one there: the sender's own in I1, I2, R2 and I2bis, the
        /// unknown one in R1bis, the receiver's in the rest.
        tag: Option<Tag>,
        /// The nonce by which the answer would be matched: Initiator Nonce or Request Nonce, if it was quoted.
        nonce: Option<Nonce>,
    },
}

/// A payload extension header in a quoted packet, and where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuotedPayload {
    /// Offset of the header in octets, from the IPv6 header on.
    pub offset: usize,
    /// Offset of the Next Header octet that names it.
    pub field: usize,
    /// The header.
    pub header: PayloadHeader,
}

impl QuotedPayload {
    /// Whether an ICMPv6 Parameter Problem of this code and pointer is about the payload extension header: points into
    /// it, or at the octet that names it as the type of header that is not known.
    pub fn is_pointed_at(&self, code: u8, pointer: u32) -> bool {
        let Ok(pointer) = usize::try_from(pointer) else {
            return false;
        };
        let is_within = (self.offset..self.offset + PayloadHeader::LEN).contains(&pointer);
        is_within || (code == UNRECOGNIZED_NEXT_HEADER && pointer == self.field)
    }
}

const NEXT_HEADER: usize = 6;
const SOURCE: usize = 8;
const DESTINATION: usize = 24;

const HOP_BY_HOP: u8 = 0;
const ROUTING: u8 = 43;
const FRAGMENT: u8 = 44;
const DESTINATION_OPTIONS: u8 = 60;

impl Quoted {
    /// Reads a packet from its IPv6 header on. None if not even the addresses are there.
    pub fn parse(packet: &[u8]) -> Option<Quoted> {
        if packet.first()? >> 4 != 6 {
            return None;
        }
        let source = Addr::read(packet.get(SOURCE..)?)?;
        let destination = Addr::read(packet.get(DESTINATION..)?)?;
        let (protocol, field, offset) = skip_extension_headers(packet)?;
        let other = QuotedKind::Other { protocol };
        let kind = match packet.get(offset..) {
            Some(shim6) if protocol == PROTOCOL => read_shim6(shim6, field, offset).unwrap_or(other),
            _ => other,
        };
        Some(Quoted { source, destination, kind })
    }
}

/// The first header that is not one which may stand before Shim6's, the octet that names it, and where it is. A fragment
/// other than the first has no headers to look at.
fn skip_extension_headers(packet: &[u8]) -> Option<(u8, usize, usize)> {
    let mut protocol = *packet.get(NEXT_HEADER)?;
    let (mut field, mut offset) = (NEXT_HEADER, IPV6_HEADER_LEN);
    while let Some(&[next, length, high, low, ..]) = packet.get(offset..).and_then(|rest| rest.first_chunk::<8>()) {
        let units = match protocol {
            HOP_BY_HOP | ROUTING | DESTINATION_OPTIONS => usize::from(length) + 1,
            FRAGMENT if u16::from_be_bytes([high, low]) >> 3 == 0 => 1,
            _ => break,
        };
        (protocol, field, offset) = (next, offset, offset + units * 8);
    }
    Some((protocol, field, offset))
}

fn read_shim6(shim6: &[u8], field: usize, offset: usize) -> Option<QuotedKind> {
    if let Ok(header) = PayloadHeader::parse(shim6) {
        return Some(QuotedKind::Payload(QuotedPayload { offset, field, header }));
    }
    let &[_, _, kind, s, ..] = shim6.first_chunk::<8>()?;
    if s & 1 != 0 {
        return None;
    }
    let kind = MessageType::from_number(kind)?;
    let word = |at: usize| shim6.get(at..).and_then(|rest| rest.first_chunk()).copied().map(u32::from_be_bytes);
    let tag = match kind {
        MessageType::R1 | MessageType::Error => None,
        _ => shim6.get(6..).and_then(|rest| rest.first_chunk()).copied().map(Tag::from_octets),
    };
    let nonce = match kind {
        MessageType::R1 => word(8),
        MessageType::I1
        | MessageType::I2
        | MessageType::R2
        | MessageType::I2bis
        | MessageType::UpdateRequest
        | MessageType::UpdateAck => word(12),
        MessageType::R1bis | MessageType::Keepalive | MessageType::Probe | MessageType::Error => None,
    };
    Some(QuotedKind::Control { kind, tag, nonce: nonce.map(Nonce) })
}
