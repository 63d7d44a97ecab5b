// SPDX-License-Identifier: GPL-2.0
//! Outbound packets (LOCAL_OUT): noted for their context, and switched to its current locators (RFC 5533 section 11).

use crate::{
    ffi::{
        clock,
        hook::Verdict,
        packet::Packet,
        path::{Path, Route},
        rcu::Reader,
        table::Node,
    },
    headers::{self, Place},
    heuristic, mtu,
    netns::Net,
    stats::Counter,
};
use shim6_core::wire::{PayloadHeader, PROTOCOL};

/// A packet leaves this host.
#[inline]
pub(crate) fn local_out(net: &Net, reader: Reader<'_>, mut packet: Packet) -> Verdict {
    // Our own control messages, and what was switched already.
    if packet.next_header() == PROTOCOL {
        return Verdict::Accept(packet);
    }
    if net.contexts() == 0 {
        heuristic::sent(net, &mut packet);
        return Verdict::Accept(packet);
    }
    let Some(node) = net.share().by_ulids(reader, packet.source(), packet.destination()) else {
        heuristic::sent(net, &mut packet);
        return Verdict::Accept(packet);
    };
    if !node.shared.is_up() {
        return Verdict::Accept(packet);
    }
    let path = node.path(reader);
    // IPsec sits above the shim: the packet comes back as ESP or AH between the same ULIDs.
    if path.is_some() && packet.awaits_xfrm() {
        return Verdict::Accept(packet);
    }
    if let Some(check) = node.shared.sent(clock::now()) {
        node.arm(check);
    }
    match path {
        None => Verdict::Accept(packet),
        Some(path) => switch(net, node, path, packet),
    }
}

/// What it takes to switch packets of one context now.
pub(crate) struct Switch<'s> {
    pub(crate) net: &'s Net,
    pub(crate) node: &'s Node,
    pub(crate) path: &'s Path,
    pub(crate) route: Route,
    /// Where the payload extension header goes.
    pub(crate) place: Place,
    /// The largest packet that fits the path before it is switched.
    pub(crate) limit: usize,
}

#[inline]
fn switch(net: &Net, node: &Node, path: &Path, mut packet: Packet) -> Verdict {
    let Some(route) = path.route(net.share(), &packet) else {
        net.stats().inc(Counter::TxDropped);
        return Verdict::Stolen;
    };
    let Some(place) = headers::insertion(&mut packet) else {
        net.stats().inc(Counter::TxDropped);
        return Verdict::Stolen;
    };
    let limit = route.mtu().saturating_sub(PayloadHeader::LEN);
    let switch = Switch { net, node, path, route, place, limit };
    if packet.mtu() > limit {
        mtu::tell(&switch, &mut packet);
    }
    if packet.len() > limit || packet.is_gso() {
        mtu::cut(&switch, packet);
        return Verdict::Stolen;
    }
    switch.rewrite(&mut packet).map_or(Verdict::Stolen, |()| Verdict::Accept(packet))
}

impl<'s> Switch<'s> {
    /// The same for a packet that has another header at the place.
    pub(crate) fn with_protocol(&self, protocol: u8) -> Switch<'s> {
        let place = Place { protocol, ..self.place };
        Switch { route: self.route.clone(), place, ..*self }
    }

    /// Rewrites a packet that fits: both addresses, the payload extension header, the route. None for want of memory.
    #[inline]
    pub(crate) fn rewrite(&self, packet: &mut Packet) -> Option<()> {
        let octets = packet.len();
        let Some(headers) = packet.insert(self.place.at, &self.route) else {
            self.net.stats().inc(Counter::TxDropped);
            return None;
        };
        write(headers, self.place, self.path);
        packet.set_length();
        packet.set_route(self.route.clone());
        self.net.stats().inc(Counter::TxSwitched);
        self.node.shared.count_tx(octets);
        Some(())
    }
}

/// Writes locators and payload extension header into headers that have room for it at their end.
fn write(headers: &mut [u8], place: Place, path: &Path) {
    let put = |headers: &mut [u8], at: usize, octets: &[u8]| {
        if let Some(to) = headers.get_mut(at..at + octets.len()) {
            to.copy_from_slice(octets);
        }
    };
    put(headers, 8, path.local());
    put(headers, 24, path.peer());
    put(headers, place.at, path.payload_header());
    put(headers, place.at, &[place.protocol]);
    put(headers, place.field, &[PROTOCOL]);
}
