// SPDX-License-Identifier: GPL-2.0
//! What is discarded of control messages as soon as they come in, without the control lock: what the engine would discard
//! as well, found out by what can be read without it. A flood of forged messages ends here.

use crate::{ffi::rcu::Reader, netns::Net, stats::Counter};
use shim6_core::{
    addr::Addr,
    engine::{is_forged, Packet},
    time::Instant,
    wire::{ControlView, Discard, MessageType, WireError},
};

/// Counts the message and says so if it is to be discarded. `view` is what its first check has shown.
pub(crate) fn is_discarded(
    net: &Net,
    reader: Reader<'_>,
    now: Instant,
    packet: &Packet<'_>,
    view: Result<ControlView<'_>, WireError>,
) -> bool {
    let is_spent = || !net.replies.is_left(now, &packet.source);
    let why = match view {
        Err(WireError::Discard(Discard::Checksum)) => Some(Counter::DropChecksum),
        Err(WireError::Discard(_)) => Some(Counter::DropMalformed),
        // All that the engine would do is to complain.
        Err(WireError::Answer(_)) => is_spent().then_some(Counter::DropRateLimit),
        Ok(view) => match view.kind() {
            MessageType::I1 => is_spent().then_some(Counter::DropRateLimit),
            MessageType::I2 | MessageType::I2bis => {
                is_forged(&net.sieve, now, &packet.back(), &view).then_some(Counter::DropValidator)
            }
            MessageType::R1 | MessageType::R2 => {
                let nonce = view.returned_nonce();
                let waits = nonce.is_some_and(|nonce| net.share().by_nonce(reader, nonce).is_some());
                (!waits).then_some(Counter::DropNonce)
            }
            MessageType::UpdateRequest | MessageType::UpdateAck | MessageType::Keepalive | MessageType::Probe => {
                let tag = view.receiver_tag();
                let is_lost = tag.is_some_and(|tag| net.share().by_tag(reader, tag).is_none());
                (is_lost && is_unanswered(net, now, &packet.source)).then_some(Counter::DropNoContext)
            }
            MessageType::R1bis | MessageType::Error => None,
        },
    };
    why.map(|why| net.stats().inc(why)).is_some()
}

/// Counts a packet whose sender is to be told something, and says so, if no reply is left to tell it by.
pub(crate) fn is_unanswered(net: &Net, now: Instant, sender: &Addr) -> bool {
    let is_spent = !net.replies.is_left(now, sender);
    if is_spent {
        net.stats().inc(Counter::DropRateLimit);
    }
    is_spent
}
