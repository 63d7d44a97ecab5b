// SPDX-License-Identifier: GPL-2.0
//! Inbound packets (PRE_ROUTING): payload turned back to its ULIDs, control messages handed to the engine (RFC 5533
//! section 12).

use crate::{
    control::count_received,
    discard::{is_discarded, is_unanswered},
    ffi::{
        clock,
        fast::{Kind, Passed},
        packet::{Packet, Verdict},
        rcu::Reader,
        table::Node,
    },
    headers::{self, Place, FRAGMENT, ICMPV6},
    icmp,
    netns::Net,
    stats::Counter,
};
use shim6_core::{
    addr::Addr,
    engine::{Contexts, Packet as Message, Signature},
    wire::{classify, Class, ControlView, MessageType, PayloadHeader, Tag, PROTOCOL},
};

/// A packet arrives.
pub(crate) fn pre_routing(net: &Net, reader: Reader<'_>, mut packet: Packet) -> Verdict {
    match headers::end(&mut packet) {
        Some(place) if place.protocol == PROTOCOL => return shim6(net, reader, packet, place),
        Some(Place { protocol: ICMPV6, at, .. }) if net.contexts() != 0 && icmp::is_error(&mut packet, at) => {
            return icmp::error(net, packet, at);
        }
        _ => plain(net, reader, &packet),
    }
    Verdict::Accept(packet)
}

/// Packets between ULIDs that came as they are.
#[inline]
fn plain(net: &Net, reader: Reader<'_>, packet: &Packet) {
    if net.contexts() == 0 {
        return;
    }
    let stamp = net.share().stamp();
    let Some(node) = net.share().by_ulids(reader, packet.destination(), packet.source()) else { return };
    if !node.shared.is_up() {
        return;
    }
    let keeps_arrivals = node.shared.keeps_arrivals();
    if keeps_arrivals {
        node.shared.arrived(packet.destination(), packet.source());
    }
    if !note(net, node) && !keeps_arrivals {
        node.remember(reader, Kind::In, stamp, |_, _| {});
    }
}

/// Notes payload received, and tells the engine if it waits for some, which it says.
#[inline]
fn note(net: &Net, node: &Node) -> bool {
    if let Some(noted) = node.shared.received(clock::now()) {
        noted.follow(node);
    }
    let is_watched = node.shared.is_watched();
    if is_watched {
        let id = node.id();
        net.engine_for(id, |engine, now| engine.payload_in(now, id));
    }
    is_watched
}

/// A packet with a Shim6 header.
fn shim6(net: &Net, reader: Reader<'_>, mut packet: Packet, place: Place) -> Verdict {
    let header = packet.prefix(place.at + PayloadHeader::LEN).and_then(|octets| octets.get(place.at..));
    let found = header.and_then(|header| match classify(header).ok()? {
        Class::Payload => PayloadHeader::parse(header).ok().map(Some),
        Class::Control => Some(None),
    });
    match found {
        Some(Some(header)) => payload(net, reader, packet, place, header),
        Some(None) => control(net, reader, packet, place),
        None if net.share().is_for_host(packet.destination()) => {
            net.stats().inc(Counter::DropMalformed);
            Verdict::Stolen
        }
        // A router's business is not what it forwards.
        None => Verdict::Accept(packet),
    }
}

/// A packet with a payload extension header (RFC 5533 section 12.2). Its tag alone leads to the context: whatever
/// locators it came from and to, it proves nothing about them.
#[inline]
fn payload(net: &Net, reader: Reader<'_>, mut packet: Packet, place: Place, header: PayloadHeader) -> Verdict {
    let stamp = net.share().stamp();
    let Some(node) = net.share().by_tag(reader, header.tag) else {
        return unknown(net, packet, header.tag);
    };
    let is_established = node.shared.is_established();
    if !is_established && !is_taken(net, &packet, header.tag) {
        return Verdict::Stolen;
    }
    // No shim puts its header before another of the protocol.
    if header.next_header == PROTOCOL {
        net.stats().inc(Counter::DropMalformed);
        return Verdict::Stolen;
    }
    let keeps_arrivals = node.shared.keeps_arrivals();
    if keeps_arrivals {
        node.shared.arrived(packet.destination(), packet.source());
    }
    let restored = packet.remove(place.at, PayloadHeader::LEN, |headers| {
        let put = |headers: &mut [u8], at: usize, octets: &[u8]| {
            if let Some(to) = headers.get_mut(at..at + octets.len()) {
                to.copy_from_slice(octets);
            }
        };
        put(headers, 8, node.peer());
        put(headers, 24, node.local());
        put(headers, place.field, &[header.next_header]);
    });
    if !restored {
        net.stats().inc(Counter::DropNoMemory);
        return Verdict::Stolen;
    }
    net.stats().inc(Counter::RxSwitched);
    if !node.count(Kind::Tag, packet.len()) {
        node.shared.add_rx(Passed { packets: 1, octets: packet.len() as u64 });
    }
    if !note(net, node) && is_established && !keeps_arrivals {
        node.remember(reader, Kind::Tag, stamp, |node, passed| node.shared.add_rx(passed));
    }
    if header.next_header == FRAGMENT {
        return Verdict::Fragment(packet);
    }
    Verdict::Accept(packet)
}

/// A packet whose tag no context has: the peer is told by R1bis, within limits (RFC 5533 section 7.17).
fn unknown(net: &Net, packet: Packet, tag: Tag) -> Verdict {
    if !net.share().is_for_host(packet.destination()) {
        return Verdict::Accept(packet);
    }
    net.stats().inc(Counter::DropUnknownTag);
    if !is_unanswered(net, clock::now(), &Addr(*packet.source())) {
        is_taken(net, &packet, tag);
    }
    Verdict::Stolen
}

/// Asks the engine about payload whose tag no established context has: it may answer the peer, and says whether the packet
/// is taken in all the same (RFC 5533 section 12.2). Apart, as [`hand_over`].
#[inline(never)]
fn is_taken(net: &Net, packet: &Packet, tag: Tag) -> bool {
    let (source, destination) = (Addr(*packet.source()), Addr(*packet.destination()));
    net.engine(&destination, &[], |engine, now| engine.unknown_tag(now, source, destination, tag))
}

/// A control message (RFC 5533 section 12.3), for this host or to be forwarded.
fn control(net: &Net, reader: Reader<'_>, mut packet: Packet, place: Place) -> Verdict {
    if !packet.is_to_host() || !net.share().is_for_host(packet.destination()) {
        return Verdict::Accept(packet);
    }
    let (source, destination) = (Addr(*packet.source()), Addr(*packet.destination()));
    let Some(whole) = packet.whole() else {
        net.stats().inc(Counter::DropNoMemory);
        return Verdict::Stolen;
    };
    let message = Message { source, destination, whole, offset: place.at, signature: Signature::Unchecked };
    let view = ControlView::new(whole.get(place.at..).unwrap_or(&[]));
    if is_discarded(net, reader, clock::now(), &message, view) {
        return Verdict::Stolen;
    }
    hand_over(net, &message, view.ok());
    packet.consume();
    Verdict::Stolen
}

/// Gives a control message to the engine. Apart, as what is sent then needs room on the stack.
#[inline(never)]
fn hand_over(net: &Net, message: &Message<'_>, view: Option<ControlView<'_>>) {
    let about = view.and_then(|view| Some((view.kind(), view.receiver_tag()?)));
    net.engine_tagged(&message.destination, message.whole, about.map(|(_, tag)| tag), |engine, now| {
        if let Some((kind, tag)) = about {
            count(engine.contexts, kind, tag);
        }
        engine.control_in(now, message);
    });
}

/// Counts messages of reachability for their context, which their tag names.
fn count(store: &mut crate::table::Store<'_>, kind: MessageType, tag: Tag) {
    if let Some(id) = store.by_local_tag(tag) {
        count_received(store, id, kind);
    }
}
