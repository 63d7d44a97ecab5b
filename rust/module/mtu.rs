// SPDX-License-Identifier: GPL-2.0
//! The eight octets of the payload extension header: the upper layers learn that there is less room, and what they sent
//! before they knew is cut so that it fits, never lost for its size.

use crate::{
    ffi::{
        clock,
        packet::{Packet, Verdict},
    },
    headers::{self, AH, ESP, GRE, IPV4, IPV6, TCP},
    stats::Counter,
    switch::Switch,
};

/// The smallest MTU that IPv6 knows (RFC 8200 section 5).
const MIN_MTU: usize = 1280;

/// The upper layer is told of a smaller MTU not more often than this, in milliseconds: it needs a moment to act on it.
const TELL_PAUSE: u32 = 20;

/// Tells the upper layer that its packets have less room than it believes. The route of the ULIDs learns it for all; TCP
/// also gets the error that a router would send, as then it sends again at once what the failure has cost.
pub(crate) fn tell(switch: &Switch<'_>, packet: &mut Packet) {
    let mtu = switch.limit.max(MIN_MTU);
    if packet.mtu() <= mtu || !switch.node.shared.may_tell(clock::now(), TELL_PAUSE) {
        return;
    }
    packet.learn_own_mtu(mtu);
    if switch.place.protocol == TCP {
        packet.tell_too_big(mtu);
    }
}

/// Switches a packet that is too long for the path, or a large send that is still to be segmented.
///
/// A large send goes on as one packet if whoever segments it leaves the ULIDs' share of its sums alone; else it is
/// segmented here.
pub(crate) fn fit(switch: &Switch<'_>, mut packet: Packet) -> Verdict {
    let is_tcp = switch.place.protocol == TCP;
    let mut fits = if packet.is_gso() { packet.segments_fit(switch.limit) } else { packet.len() <= switch.limit };
    if !fits && is_tcp {
        if packet.shrink_tcp(switch.place.at, switch.limit).is_err() {
            refuse(switch, packet);
            return Verdict::Stolen;
        }
        fits = true;
    }
    if packet.is_gso() {
        if fits && packet.segments_later(switch.path, &switch.route) {
            return switch.verdict(packet);
        }
        segment(switch, packet);
    } else {
        cut(switch, packet);
    }
    Verdict::Stolen
}

/// Fragments a packet that is too long, or refuses it if its sender has said that it must not be.
fn cut(switch: &Switch<'_>, mut packet: Packet) {
    if packet.may_fragment() || is_carrier(&mut packet) {
        fragment(switch, packet);
    } else {
        refuse(switch, packet);
    }
}

/// Whether a packet carries others, sized by whoever sent those: by IPsec or a tunnel, which learns of less room when it has lost
/// one. Nobody has forbidden to cut the carrier. A tunnel may say in Destination Options how often it lets itself be tunnelled.
fn is_carrier(packet: &mut Packet) -> bool {
    headers::end(packet).is_some_and(|place| matches!(place.protocol, ESP | AH | IPV6 | IPV4 | GRE))
}

fn segment(switch: &Switch<'_>, packet: Packet) {
    let Ok(segments) = packet.segment() else {
        return switch.net.stats().inc(Counter::TxDropped);
    };
    switch.net.stats().inc(Counter::TxSegmented);
    for segment in segments {
        if segment.len() > switch.limit {
            cut(switch, segment);
        } else {
            send(switch, segment);
        }
    }
}

/// Fragments a packet and switches each fragment, so that the payload extension header comes before the Fragment header
/// (RFC 5533 sections 1.6 and 11.1).
fn fragment(switch: &Switch<'_>, packet: Packet) {
    let (share, place) = (switch.net.share(), switch.place);
    let Ok(fragments) = packet.fragment(share, place.at, place.field, switch.limit, switch.route.room()) else {
        return switch.net.stats().inc(Counter::TxDropped);
    };
    switch.net.stats().inc(Counter::TxFragmented);
    for mut fragment in fragments {
        let next = fragment.next_header_at(place.field);
        send(&switch.with_protocol(next), fragment);
    }
}

fn send(switch: &Switch<'_>, mut packet: Packet) {
    if switch.rewrite(&mut packet).is_some() {
        packet.output(switch.net.share());
    }
}

/// Refuses a packet that may not be cut: its sender is told how much fits.
fn refuse(switch: &Switch<'_>, mut packet: Packet) {
    switch.net.stats().inc(Counter::TxTooBig);
    packet.tell_too_big(switch.limit.max(MIN_MTU));
}
