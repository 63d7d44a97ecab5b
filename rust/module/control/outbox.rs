// SPDX-License-Identifier: GPL-2.0
//! Messages that wait for the control lock to be free.

use super::ModuleEngine;
use crate::{ffi::message::Outgoing, netns::Net, stats::Counter};
use shim6_core::{
    addr::Addr,
    engine::{NoMemory, Send, MAX_ACTIONS},
};

struct Message {
    outgoing: Outgoing,
    len: usize,
    from: Addr,
    to: Addr,
}

/// The messages of one call of the engine, in their order.
pub(super) struct Outbox(heapless::Vec<Message, MAX_ACTIONS>);

impl Outbox {
    /// An empty one.
    pub(super) fn new() -> Outbox {
        Outbox(heapless::Vec::new())
    }

    /// Writes a message. One that its context has no cause for any more is left out.
    pub(super) fn compose(
        &mut self,
        engine: &mut ModuleEngine<'_, '_>,
        send: &Send<u32>,
        invoking: &[u8],
    ) -> Result<(), NoMemory> {
        let mut outgoing = Outgoing::new().ok_or(NoMemory)?;
        if let Ok(len) = engine.compose(send, invoking, outgoing.buffer()) {
            let message = Message { outgoing, len, from: send.from, to: send.to };
            self.0.push(message).map_err(|_| NoMemory)?;
        }
        Ok(())
    }

    /// Sends all of them. A message without a route is lost like one on the way: it has a timer behind it.
    pub(super) fn send(self, net: &Net) {
        for message in self.0 {
            if message.outgoing.send(net.share(), message.len, &message.from, &message.to).is_err() {
                net.stats().inc(Counter::TxDropped);
            }
        }
    }
}
