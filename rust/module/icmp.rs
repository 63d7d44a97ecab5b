// SPDX-License-Identifier: GPL-2.0
//! ICMPv6 errors received (RFC 5533 section 8): hints to the engine, and errors about switched packets turned back to
//! ULIDs, so that path MTU discovery and the transports see their own packets.

use crate::{
    ffi::packet::{Packet, Verdict},
    netns::Net,
    stats::Counter,
};
use shim6_core::{
    addr::Addr,
    engine::Contexts,
    locator::Pair,
    wire::{turn_back, IcmpError, Quoted, QuotedKind, QuotedPayload, ICMP_ERROR_LEN},
};

/// Whether the message of ICMPv6 at `at` is an error: their types are below 128 (RFC 4443 section 2.1).
pub(crate) fn is_error(packet: &mut Packet, at: usize) -> bool {
    packet.prefix(at + 1).and_then(|octets| octets.last().copied()).is_some_and(|kind| kind < 128)
}

/// An ICMPv6 error arrives; it begins at `at`. Apart, as what follows needs room on the stack.
#[inline(never)]
pub(crate) fn error(net: &Net, mut packet: Packet, at: usize) -> Verdict {
    if !net.share().is_local(packet.destination()) || !packet.icmp_is_valid(at) {
        return Verdict::Accept(packet);
    }
    let Some(error) = packet.whole().and_then(|octets| IcmpError::parse(octets.get(at..)?)) else {
        return Verdict::Accept(packet);
    };
    net.stats().inc(Counter::IcmpErrors);
    let destination = Addr(*packet.destination());
    let (acted, found) = net.engine(&destination, &[], |engine, now| {
        let acted = engine.icmp_error(now, &error);
        (acted, context_of(engine.contexts, &error.quoted))
    });
    if let (Some(mtu), Some(_)) = (error.mtu(), &found) {
        packet.learn_mtu(net.share(), at + ICMP_ERROR_LEN, mtu);
    }
    if acted && !net.delivers_all() {
        packet.consume();
        return Verdict::Stolen;
    }
    if let Some((header, ulids)) = found {
        if rewrite(&mut packet, at, &header, &ulids).is_some() {
            net.stats().inc(Counter::IcmpTranslated);
        }
    }
    Verdict::Accept(packet)
}

/// The payload extension header in a quoted packet, and the ULIDs of the context that sent it.
fn context_of(store: &crate::table::Store<'_>, quoted: &Quoted) -> Option<(QuotedPayload, Pair)> {
    let QuotedKind::Payload(found) = quoted.kind else { return None };
    let tag = found.header.tag;
    let id = store.by_peer_tag(tag, &mut |_, context| {
        context.pair().local == quoted.source && context.peer_locators().contains(&quoted.destination)
    });
    let id =
        id.or_else(|| store.by_peer_tag(tag, &mut |_, context| context.peer_locators().contains(&quoted.destination)))?;
    Some((found, store.context(id)?.ulids()))
}

/// Turns an error about a switched packet back.
fn rewrite(packet: &mut Packet, at: usize, header: &QuotedPayload, ulids: &Pair) -> Option<()> {
    let len = packet.len();
    let message = packet.writable(len)?.get_mut(at..)?;
    let len = turn_back(message, header, &ulids.local, &ulids.peer)?;
    packet.trim(at + len);
    packet.make_icmp_sum(at);
    Some(())
}
