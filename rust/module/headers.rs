// SPDX-License-Identifier: GPL-2.0
//! Walking through extension headers: where a payload extension header belongs, and where one is.

use crate::ffi::packet::{Packet, HEADER};
use shim6_core::wire::PROTOCOL;

/// Protocol numbers.
const HOP_BY_HOP: u8 = 0;
pub(crate) const TCP: u8 = 6;
const UDP: u8 = 17;
const DCCP: u8 = 33;
const ROUTING: u8 = 43;
pub(crate) const ICMPV6: u8 = 58;
const DESTINATION_OPTIONS: u8 = 60;
pub(crate) const SCTP: u8 = 132;
const UDP_LITE: u8 = 136;

/// Offset of the Next Header octet of the fixed header.
const NEXT_HEADER: usize = 6;

/// The most extension headers that are walked through.
const MAX_HEADERS: usize = 8;

/// A place between two headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// Offset of what comes next.
    pub(crate) at: usize,
    /// Offset of the Next Header octet that names it.
    pub(crate) field: usize,
    /// What it is.
    pub(crate) protocol: u8,
}

/// The next place after a header that may come before a payload extension header; `read` gives two octets at an offset.
fn step(place: Place, read: &mut impl FnMut(usize) -> Option<[u8; 2]>) -> Option<Place> {
    let [protocol, units] = read(place.at)?;
    Some(Place { at: place.at + (usize::from(units) + 1) * 8, field: place.at, protocol })
}

/// Whether a header may stand before a payload extension header.
fn may_precede(protocol: u8) -> bool {
    matches!(protocol, HOP_BY_HOP | ROUTING | DESTINATION_OPTIONS)
}

/// The place after the fixed header.
fn first(protocol: u8) -> Place {
    Place { at: HEADER, field: NEXT_HEADER, protocol }
}

/// Where the payload extension header goes into a packet (RFC 5533 sections 4.6 and 11.1): after Hop-by-Hop Options,
/// after a Routing header and the Destination Options before it, and before everything else. None if the packet ends
/// before that.
#[inline]
pub(crate) fn insertion(packet: &mut Packet) -> Option<Place> {
    let start = first(packet.next_header());
    if !may_precede(start.protocol) {
        return Some(start);
    }
    insertion_after_options(packet, start)
}

fn insertion_after_options(packet: &mut Packet, start: Place) -> Option<Place> {
    let mut read = |at: usize| packet.prefix(at + 2).and_then(|octets| octets.last_chunk::<2>().copied());
    let (mut place, mut best) = (start, start);
    for _ in 0..MAX_HEADERS {
        if !may_precede(place.protocol) {
            break;
        }
        let next = step(place, &mut read)?;
        // Destination Options count only if a Routing header follows them.
        if place.protocol != DESTINATION_OPTIONS {
            best = next;
        }
        place = next;
    }
    (best.at <= packet.len()).then_some(best)
}

/// The place of a Shim6 header in a packet, if there is one where one may be.
#[inline]
pub(crate) fn shim6(packet: &mut Packet) -> Option<Place> {
    let mut place = first(packet.next_header());
    if place.protocol == PROTOCOL {
        return Some(place);
    }
    for _ in 0..MAX_HEADERS {
        if !may_precede(place.protocol) {
            break;
        }
        place = step(place, &mut |at| packet.prefix(at + 2).and_then(|octets| octets.last_chunk::<2>().copied()))?;
    }
    (place.protocol == PROTOCOL && place.at < packet.len()).then_some(place)
}

/// The same in the first octets of a packet that an ICMPv6 error quotes.
pub(crate) fn quoted_shim6(packet: &[u8]) -> Option<Place> {
    let mut place = first(*packet.get(NEXT_HEADER)?);
    for _ in 0..MAX_HEADERS {
        if !may_precede(place.protocol) {
            break;
        }
        place = step(place, &mut |at| packet.get(at..at + 2).and_then(|octets| octets.first_chunk::<2>().copied()))?;
    }
    (place.protocol == PROTOCOL && place.at + 8 <= packet.len()).then_some(place)
}

/// Where the transport of a packet begins, as far as extension headers that may be walked through lead to it.
pub(crate) fn transport(packet: &mut Packet) -> Option<Place> {
    let mut place = first(packet.next_header());
    for _ in 0..MAX_HEADERS {
        if !may_precede(place.protocol) {
            break;
        }
        place = step(place, &mut |at| packet.prefix(at + 2).and_then(|octets| octets.last_chunk::<2>().copied()))?;
    }
    Some(place)
}

/// Source and destination port of a packet whose transport has them at its beginning.
pub(crate) fn ports(packet: &mut Packet, transport: Place) -> Option<(u16, u16)> {
    if !matches!(transport.protocol, TCP | UDP | DCCP | SCTP | UDP_LITE) {
        return None;
    }
    let [a, b, c, d] = packet.prefix(transport.at + 4).and_then(|octets| octets.last_chunk::<4>().copied())?;
    Some((u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d])))
}
