// SPDX-License-Identifier: GPL-2.0
//! Walking through extension headers: where a payload extension header belongs, and where one is.

use crate::ffi::packet::{Packet, HEADER};

/// Protocol numbers.
const HOP_BY_HOP: u8 = 0;
pub(crate) const IPV4: u8 = 4;
pub(crate) const TCP: u8 = 6;
const UDP: u8 = 17;
const DCCP: u8 = 33;
pub(crate) const IPV6: u8 = 41;
const ROUTING: u8 = 43;
pub(crate) const FRAGMENT: u8 = 44;
pub(crate) const GRE: u8 = 47;
pub(crate) const ESP: u8 = 50;
pub(crate) const AH: u8 = 51;
pub(crate) const ICMPV6: u8 = 58;
const DESTINATION_OPTIONS: u8 = 60;
pub(crate) const SCTP: u8 = 132;
const UDP_LITE: u8 = 136;

/// Octets of a Fragment header, and the bits of its third and fourth that are zero in a packet of one piece.
const FRAGMENT_LEN: usize = 8;
const OFFSET_OR_MORE: u16 = 0xfff9;

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

/// Whether a header may stand before a payload extension header.
fn may_precede(protocol: u8) -> bool {
    matches!(protocol, HOP_BY_HOP | ROUTING | DESTINATION_OPTIONS)
}

/// The place after the fixed header.
fn first(packet: &Packet) -> Place {
    Place { at: HEADER, field: NEXT_HEADER, protocol: packet.next_header() }
}

/// The first header that is no Fragment header of a packet in one piece, at this place or after such: it stands where others that
/// make up a packet from pieces have left none (RFC 8200 section 4.5, RFC 6946).
fn whole(packet: &mut Packet, place: Place) -> Place {
    if place.protocol != FRAGMENT {
        return place;
    }
    let header = packet.prefix(place.at + FRAGMENT_LEN).and_then(|octets| octets.last_chunk::<FRAGMENT_LEN>());
    match header {
        Some(&[protocol, _, high, low, ..]) if u16::from_be_bytes([high, low]) & OFFSET_OR_MORE == 0 => {
            Place { at: place.at + FRAGMENT_LEN, field: place.at, protocol }
        }
        _ => place,
    }
}

/// The place after a header that may come before a payload extension header. None if the packet ends before, or if a
/// Routing header says that it has other nodes to visit: its destination is not yet the host that it is for.
fn step(packet: &mut Packet, place: Place) -> Option<Place> {
    let &[protocol, units, _, segments_left] = packet.prefix(place.at + 4)?.last_chunk()?;
    let is_on_its_way = place.protocol == ROUTING && segments_left != 0;
    let at = place.at + (usize::from(units) + 1) * 8;
    (!is_on_its_way && at <= packet.len()).then_some(Place { at, field: place.at, protocol })
}

/// Where the payload extension header goes into a packet (RFC 5533 sections 4.6 and 11.1): after Hop-by-Hop Options,
/// after a Routing header and the Destination Options before it, and before everything else. None if [`step`] finds none.
#[inline]
pub(crate) fn insertion(packet: &mut Packet) -> Option<Place> {
    let start = first(packet);
    if !may_precede(start.protocol) {
        return Some(start);
    }
    insertion_after_options(packet, start)
}

fn insertion_after_options(packet: &mut Packet, start: Place) -> Option<Place> {
    let (mut place, mut best) = (start, start);
    for _ in 0..MAX_HEADERS {
        if !may_precede(place.protocol) {
            break;
        }
        let next = step(packet, place)?;
        // Destination Options count only if a Routing header follows them.
        if place.protocol != DESTINATION_OPTIONS {
            best = next;
        }
        place = next;
    }
    Some(best)
}

/// The first header that may not stand before a payload extension header: such a header itself, or what the packet is
/// about. None if [`step`] finds none.
#[inline]
pub(crate) fn end(packet: &mut Packet) -> Option<Place> {
    let start = first(packet);
    if !may_precede(start.protocol) && start.protocol != FRAGMENT {
        return Some(start);
    }
    end_of_options(packet, start)
}

fn end_of_options(packet: &mut Packet, mut place: Place) -> Option<Place> {
    for _ in 0..MAX_HEADERS {
        place = whole(packet, place);
        if !may_precede(place.protocol) {
            break;
        }
        place = step(packet, place)?;
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
