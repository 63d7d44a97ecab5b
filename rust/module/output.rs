// SPDX-License-Identifier: GPL-2.0
//! Outbound packets (LOCAL_OUT): noted for their context, and switched to its current locators (RFC 5533 section 11).

use crate::{
    ffi::{
        clock,
        fast::{Kind, Stamp},
        packet::{Packet, Verdict, HEADER},
        path::Path,
        rcu::Reader,
        table::Node,
    },
    headers::{self, TCP},
    heuristic, mtu,
    netns::Net,
    sockets::{self, Choice},
    stats::Counter,
    switch::Switch,
};
use shim6_core::{
    engine::{Advice, Cause},
    wire::{PayloadHeader, PROTOCOL},
};

/// The packets of a context may ask for a test of its pair not more often than this, in milliseconds.
const SUSPECT_PAUSE: u32 = 10;

/// A packet leaves this host.
pub(crate) fn local_out(net: &Net, reader: Reader<'_>, mut packet: Packet) -> Verdict {
    // Our own control messages, and what was switched already.
    if packet.next_header() == PROTOCOL {
        return Verdict::Accept(packet);
    }
    // What a socket wants for itself must be asked of each packet.
    let stamp = net.share().stamp();
    let stamp = (!net.has_sockets()).then_some(stamp);
    if stamp.is_none() {
        match sockets::choice(net, reader, &packet) {
            Choice::None => {}
            Choice::LetAlone => return Verdict::Accept(packet),
            Choice::Own(node) => return within(net, reader, node, packet, None),
        }
    }
    if net.contexts() == 0 {
        heuristic::sent(net, reader, &mut packet);
        return Verdict::Accept(packet);
    }
    let Some(node) = net.share().by_ulids(reader, packet.source(), packet.destination()) else {
        heuristic::sent(net, reader, &mut packet);
        return Verdict::Accept(packet);
    };
    within(net, reader, node, packet, stamp)
}

/// A packet of a context leaves; with a stamp, others between the same addresses may be dealt with alike.
fn within(net: &Net, reader: Reader<'_>, node: &Node, mut packet: Packet, stamp: Option<Stamp>) -> Verdict {
    if !node.shared.is_up() {
        return Verdict::Accept(packet);
    }
    let path = node.path(reader);
    // IPsec sits above the shim: the packet comes back as ESP or AH between the same ULIDs.
    if path.is_some() && packet.awaits_xfrm() {
        return Verdict::Accept(packet);
    }
    if let Some(noted) = node.shared.sent(clock::now()) {
        noted.follow(node);
        if packet.next_header() == TCP {
            tcp_sent(net, node, &mut packet);
        }
    }
    if let Some(stamp) = stamp {
        node.remember(reader, Kind::Out, stamp, |node, passed| node.shared.add_tx(passed));
    }
    match node.path(reader) {
        None => Verdict::Accept(packet),
        Some(path) => switch(net, node, path, packet),
    }
}

/// Remembers the connection of a packet of TCP, to tell it when the path changes, what it has measured, and listens to its
/// worries. Once a tick at most.
fn tcp_sent(net: &Net, node: &Node, packet: &mut Packet) {
    let ports = packet.prefix(HEADER + 4).and_then(|octets| octets.last_chunk::<4>().copied());
    node.shared.remember(ports.map_or(0, u32::from_be_bytes));
    let Some(sender) = packet.tcp_sender() else { return };
    node.shared.measured(sender.round_trip);
    if sender.waits {
        if let Some(check) = node.shared.asks(clock::now()) {
            node.arm(check);
        }
    }
    if sender.stalls {
        suspect(net, node, Cause::Transport);
    }
}

/// Has the engine test the current pair of a context, which something makes look bad.
fn suspect(net: &Net, node: &Node, cause: Cause) {
    if !node.shared.may_suspect(clock::now(), SUSPECT_PAUSE) {
        return;
    }
    let id = node.id();
    net.engine_for(id, |engine, now| engine.advice(now, id, Advice::Suspect(cause)));
}

#[inline]
fn switch(net: &Net, node: &Node, path: &Path, mut packet: Packet) -> Verdict {
    // What is to visit other nodes first is not addressed to the peer.
    let Some(place) = headers::insertion(&mut packet) else {
        return Verdict::Accept(packet);
    };
    let Some(route) = path.route(net.share(), &packet) else {
        net.stats().inc(Counter::TxDropped);
        suspect(net, node, Cause::RouterLost);
        return Verdict::Stolen;
    };
    if packet.is_encrypted_later() {
        let Some(encrypted) = packet.encrypt(net.share()) else {
            net.stats().inc(Counter::TxDropped);
            return Verdict::Stolen;
        };
        packet = encrypted;
    }
    let limit = route.mtu().saturating_sub(PayloadHeader::LEN);
    let switch = Switch { net, node, path, route, place, limit };
    if packet.mtu() > limit && !path.is_lent() {
        mtu::tell(&switch, &mut packet);
    }
    if packet.len() > limit || packet.is_gso() {
        return mtu::fit(&switch, packet);
    }
    switch.verdict(packet)
}
