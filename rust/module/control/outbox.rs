// SPDX-License-Identifier: GPL-2.0
//! Messages that wait for the control lock to be free.

use super::ModuleEngine;
use crate::{
    ffi::{message::Outgoing, path::NewPath, table::Node},
    netns::Net,
    node::CONNECTIONS,
    stats::Counter,
};
use shim6_core::{
    addr::Addr,
    engine::{NoMemory, Send, MAX_ACTIONS},
    locator::{Pair, Path},
};

struct Message {
    outgoing: Outgoing,
    len: usize,
    from: Addr,
    to: Addr,
}

/// Connections of a context whose path has changed.
struct Wake {
    ulids: Pair,
    path: Pair,
    is_lost: bool,
    connections: [u32; CONNECTIONS],
}

/// Connections of a context to which another path is lent, published already, until they have sent.
struct Lent {
    id: u32,
    ulids: Pair,
    owed: bool,
    connections: [u32; CONNECTIONS],
    usual: Path,
    back: Option<NewPath>,
}

/// The messages of one call of the engine, in their order, and who is to be told then that the path has changed or is lent.
pub(crate) struct Outbox {
    messages: heapless::Vec<Message, MAX_ACTIONS>,
    lent: Option<Lent>,
    wake: Option<Wake>,
}

impl Outbox {
    /// An empty one.
    pub(crate) fn new() -> Outbox {
        Outbox { messages: heapless::Vec::new(), lent: None, wake: None }
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
            self.messages.push(message).map_err(|_| NoMemory)?;
        }
        Ok(())
    }

    /// Has the connections of TCP of a context send by the path that is lent to them now what waits for an acknowledgement; also
    /// what was sent just now, if it is `owed`. The `usual` path comes `back` then.
    pub(super) fn lend(&mut self, node: &Node, owed: bool, usual: Path, back: Option<NewPath>) {
        let (id, ulids, connections) = (node.id(), ulids(node), node.shared.connections());
        self.lent = Some(Lent { id, ulids, owed, connections, usual, back });
    }

    /// Has the connections of TCP of a context woken: it uses the pair `path` now, and if it `is_lost` nothing arrives that
    /// is on its way to the peer. A call changes one context only.
    pub(super) fn wake(&mut self, node: &Node, path: Pair, is_lost: bool) {
        self.wake = Some(Wake { ulids: ulids(node), path, is_lost, connections: node.shared.connections() });
    }

    /// Sends all of them, lets those send to whom a path is lent, and wakes whom the change concerns. A message without a route is lost like one on the way: it has a timer behind it.
    pub(crate) fn send(mut self, net: &Net) {
        for message in core::mem::take(&mut self.messages) {
            if message.outgoing.send(net.share(), message.len, &message.from, &message.to).is_err() {
                net.stats().inc(Counter::TxDropped);
            }
        }
        if let Some(lent) = self.lent {
            for ports in lent.connections.into_iter().filter(|ports| *ports != 0) {
                if net.share().lend_tcp(&lent.ulids, ports, lent.owed) {
                    net.stats().inc(Counter::TxLent);
                }
            }
            net.take_back(lent.id, &lent.usual, lent.back);
        }
        let Some(wake) = self.wake else { return };
        for ports in wake.connections {
            if ports != 0 {
                net.share().wake_tcp(&wake.ulids, ports, &wake.path, wake.is_lost);
            }
        }
    }
}

fn ulids(node: &Node) -> Pair {
    Pair { local: Addr(*node.local()), peer: Addr(*node.peer()) }
}
