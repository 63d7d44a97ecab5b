// SPDX-License-Identifier: MIT OR GPL-2.0
//! ICMPv6 errors as they arrive, from the type octet on: what they say, and how one about a switched packet is turned back,
//! so that upper layers see the packet that they sent (RFC 5533 section 8, RFC 4443, RFC 4884).

use super::{PayloadHeader, Quoted, QuotedPayload};
use crate::addr::Addr;

/// Octets before the quoted packet.
pub const ICMP_ERROR_LEN: usize = 8;

/// Types of ICMPv6 errors (RFC 4443 section 3).
pub(crate) const DESTINATION_UNREACHABLE: u8 = 1;
const PACKET_TOO_BIG: u8 = 2;
pub(crate) const TIME_EXCEEDED: u8 = 3;
pub(crate) const PARAMETER_PROBLEM: u8 = 4;
/// Code of a Parameter Problem: "unrecognized Next Header type encountered".
pub(crate) const UNRECOGNIZED_NEXT_HEADER: u8 = 1;

/// The smallest MTU that IPv6 knows (RFC 8200 section 5).
const MIN_MTU: u32 = 1280;

/// Octet that tells the length of the quoted packet where extensions follow it, in units of 8 octets (RFC 4884 section 4.1).
const QUOTED_LENGTH: usize = 4;
/// With extensions behind it, a quoted packet has so many octets at least (RFC 4884 section 4).
const MIN_EXTENDED: usize = 128;

/// What an ICMPv6 error says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IcmpError {
    /// Its type.
    pub kind: u8,
    /// Its code.
    pub code: u8,
    /// Octets 4 to 7: the pointer of a Parameter Problem, the MTU of Packet Too Big.
    pub parameter: u32,
    /// The packet that it is about.
    pub quoted: Quoted,
}

impl IcmpError {
    /// Reads an error. None if it quotes no IPv6 packet.
    pub fn parse(message: &[u8]) -> Option<IcmpError> {
        let quoted = Quoted::parse(message.get(ICMP_ERROR_LEN..)?)?;
        let &[kind, code, _, _, a, b, c, d] = message.first_chunk()?;
        Some(IcmpError { kind, code, parameter: u32::from_be_bytes([a, b, c, d]), quoted })
    }

    /// The MTU that it tells, if it is about size.
    pub fn mtu(&self) -> Option<u32> {
        (self.kind == PACKET_TOO_BIG).then(|| self.parameter.max(MIN_MTU))
    }
}

/// Gives the packet that `message` quotes its ULIDs `local` and `peer` again, and takes its payload extension header away, which is `found`.
/// What else depends on that header follows: an MTU is told 8 octets lower, a pointer points where it did, and extensions
/// stay behind the quoted packet. Returns how many octets the message has now; its checksum is still to be made. None, and
/// nothing done, if there is no such header in it.
pub fn turn_back(message: &mut [u8], found: &QuotedPayload, local: &Addr, peer: &Addr) -> Option<usize> {
    let whole = message.len();
    let &[kind, _, _, _, ref parameter @ ..] = message.first_chunk::<ICMP_ERROR_LEN>()?;
    let parameter = u32::from_be_bytes(*parameter);
    let extended = extended_quotation(message);
    let quoted = extended.unwrap_or(whole - ICMP_ERROR_LEN);
    let (header, behind) = (ICMP_ERROR_LEN + found.offset, ICMP_ERROR_LEN + found.offset + PayloadHeader::LEN);
    if behind > ICMP_ERROR_LEN + quoted {
        return None;
    }
    unwrap_quotation(message.get_mut(ICMP_ERROR_LEN..)?, found, local, peer)?;
    match kind {
        PACKET_TOO_BIG => set_parameter(message, parameter.saturating_sub(PayloadHeader::LEN as u32).max(MIN_MTU))?,
        PARAMETER_PROBLEM => set_parameter(message, pointer_without(found, parameter))?,
        _ => {}
    }
    if extended.is_some_and(|quoted| quoted < MIN_EXTENDED + PayloadHeader::LEN) {
        // Too short to lose anything: what follows stays where it is, behind zeros (RFC 4884 section 4).
        let end = ICMP_ERROR_LEN + quoted;
        message.copy_within(behind..end, header);
        message.get_mut(end - PayloadHeader::LEN..end)?.fill(0);
        return Some(whole);
    }
    message.copy_within(behind.., header);
    if extended.is_some() {
        *message.get_mut(QUOTED_LENGTH)? -= 1;
    }
    Some(whole - PayloadHeader::LEN)
}

/// Octets of the quoted packet, if the message says so since extensions follow it (RFC 4884 sections 4.1 and 4.2).
fn extended_quotation(message: &[u8]) -> Option<usize> {
    let kind = *message.first()?;
    let length = usize::from(*message.get(QUOTED_LENGTH)?) * 8;
    let may_have = matches!(kind, DESTINATION_UNREACHABLE | TIME_EXCEEDED);
    (may_have && length != 0 && ICMP_ERROR_LEN + length <= message.len()).then_some(length)
}

/// Writes into the headers of a quoted packet what they were before it was switched.
fn unwrap_quotation(packet: &mut [u8], found: &QuotedPayload, local: &Addr, peer: &Addr) -> Option<()> {
    *packet.get_mut(found.field)? = found.header.next_header;
    packet.get_mut(8..24)?.copy_from_slice(local.octets());
    packet.get_mut(24..40)?.copy_from_slice(peer.octets());
    let length = packet.get_mut(4..6)?;
    let without = u16::from_be_bytes(*length.first_chunk()?).saturating_sub(PayloadHeader::LEN as u16);
    length.copy_from_slice(&without.to_be_bytes());
    Some(())
}

/// Where a pointer points when the payload extension header is gone; into that header: to the octet that named it.
fn pointer_without(found: &QuotedPayload, pointer: u32) -> u32 {
    let at = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
    if pointer >= at(found.offset + PayloadHeader::LEN) {
        pointer - PayloadHeader::LEN as u32
    } else if pointer >= at(found.offset) {
        at(found.field)
    } else {
        pointer
    }
}

fn set_parameter(message: &mut [u8], parameter: u32) -> Option<()> {
    message.get_mut(4..8)?.copy_from_slice(&parameter.to_be_bytes());
    Some(())
}
