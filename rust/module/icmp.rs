// SPDX-License-Identifier: GPL-2.0
//! ICMPv6 errors received (RFC 5533 section 8): hints to the engine, and errors about switched packets turned back to
//! ULIDs, so that path MTU discovery and the transports see their own packets.

use crate::{
    ffi::packet::{Packet, Verdict, HEADER},
    headers,
    netns::Net,
    stats::Counter,
};
use shim6_core::{
    addr::Addr,
    engine::Contexts,
    wire::{PayloadHeader, Quoted, QuotedKind},
};

/// Where the quoted packet begins: after the fixed header and the eight octets of an ICMPv6 error.
const QUOTED: usize = HEADER + 8;

const PACKET_TOO_BIG: u8 = 2;

/// The smallest MTU that IPv6 knows (RFC 8200 section 5).
const MIN_MTU: u32 = 1280;

/// Whether this packet of ICMPv6 is an error: their types are below 128 (RFC 4443 section 2.1).
pub(crate) fn is_error(packet: &mut Packet) -> bool {
    packet.prefix(HEADER + 1).and_then(|octets| octets.last().copied()).is_some_and(|kind| kind < 128)
}

/// What an error says.
struct Error {
    kind: u8,
    code: u8,
    /// The pointer, the MTU, or nothing.
    parameter: u32,
    quoted: Quoted,
}

/// Reads an error whose packet is in one piece.
fn read(packet: &[u8]) -> Option<Error> {
    let quoted = Quoted::parse(packet.get(QUOTED..)?)?;
    let &[kind, code, _, _, a, b, c, d] = packet.get(HEADER..)?.first_chunk()?;
    Some(Error { kind, code, parameter: u32::from_be_bytes([a, b, c, d]), quoted })
}

/// An ICMPv6 error arrives.
pub(crate) fn error(net: &Net, mut packet: Packet) -> Verdict {
    if !net.share().is_local(packet.destination()) || !packet.icmp_is_valid(HEADER) {
        return Verdict::Accept(packet);
    }
    let Some(error) = packet.whole().and_then(read) else {
        return Verdict::Accept(packet);
    };
    net.stats().inc(Counter::IcmpErrors);
    let destination = Addr(*packet.destination());
    let (acted, ulids) = net.engine(&destination, &[], |engine, now| {
        let acted = engine.icmp_error(now, error.kind, error.code, &error.quoted);
        (acted, ulids(engine.contexts, &error.quoted))
    });
    let is_about_size = error.kind == PACKET_TOO_BIG;
    if is_about_size && ulids.is_some() {
        packet.learn_mtu(net.share(), QUOTED, error.parameter.max(MIN_MTU));
    }
    if acted && !is_about_size && !net.delivers_all() {
        packet.consume();
        return Verdict::Stolen;
    }
    if let Some((local, peer)) = ulids {
        if turn_back(&mut packet, &local, &peer, is_about_size).is_some() {
            net.stats().inc(Counter::IcmpTranslated);
        }
    }
    Verdict::Accept(packet)
}

/// The ULIDs of the context that a quoted payload packet was of.
fn ulids(store: &crate::table::Store<'_>, quoted: &Quoted) -> Option<(Addr, Addr)> {
    let QuotedKind::Payload { header, .. } = quoted.kind else { return None };
    let id = store.by_peer_tag(header.tag, &mut |_, context| {
        context.pair().local == quoted.source && context.peer_locators().contains(&quoted.destination)
    });
    let id = id.or_else(|| {
        store.by_peer_tag(header.tag, &mut |_, context| context.peer_locators().contains(&quoted.destination))
    })?;
    let ulids = store.context(id)?.ulids();
    Some((ulids.local, ulids.peer))
}

/// Gives the quoted packet its ULIDs again, and takes its payload extension header away.
fn turn_back(packet: &mut Packet, local: &Addr, peer: &Addr, is_about_size: bool) -> Option<()> {
    let len = packet.len();
    let octets = packet.writable(len)?;
    if is_about_size {
        let field = octets.get_mut(HEADER + 4..HEADER + 8)?;
        let mtu = u32::from_be_bytes(*field.first_chunk()?);
        field.copy_from_slice(&mtu.saturating_sub(PayloadHeader::LEN as u32).max(MIN_MTU).to_be_bytes());
    }
    let quoted = octets.get_mut(QUOTED..)?;
    let place = headers::quoted_shim6(quoted)?;
    let next = *quoted.get(place.at)?;
    *quoted.get_mut(place.field)? = next;
    quoted.get_mut(8..24)?.copy_from_slice(local.octets());
    quoted.get_mut(24..40)?.copy_from_slice(peer.octets());
    let length = quoted.get_mut(4..6)?;
    let inner = u16::from_be_bytes(*length.first_chunk()?).saturating_sub(PayloadHeader::LEN as u16);
    length.copy_from_slice(&inner.to_be_bytes());
    quoted.copy_within(place.at + PayloadHeader::LEN.., place.at);
    packet.trim(len - PayloadHeader::LEN);
    packet.make_icmp_sum(HEADER);
    Some(())
}
