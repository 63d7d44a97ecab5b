// SPDX-License-Identifier: GPL-2.0
//! Rewriting one packet for the current locators of its context (RFC 5533 section 11.1).

use crate::{
    ffi::{
        fast::{Kind, Passed},
        packet::{Packet, Verdict},
        path::{Path, Route},
        table::Node,
    },
    headers::Place,
    netns::Net,
    stats::Counter,
};
use shim6_core::wire::PROTOCOL;

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

impl<'s> Switch<'s> {
    /// The same for a packet that has another header at the place.
    pub(crate) fn with_protocol(&self, protocol: u8) -> Switch<'s> {
        let place = Place { protocol, ..self.place };
        Switch { route: self.route.clone(), place, ..*self }
    }

    /// Rewrites a packet that goes on by itself then, or is dropped for want of memory.
    #[inline]
    pub(crate) fn verdict(&self, mut packet: Packet) -> Verdict {
        self.rewrite(&mut packet).map_or(Verdict::Stolen, |()| Verdict::Accept(packet))
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
        if !self.node.count(Kind::Out, octets) {
            self.node.shared.add_tx(Passed { packets: 1, octets: octets as u64 });
        }
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
