// SPDX-License-Identifier: GPL-2.0
//! Messages that wait for the control lock to be free.

use super::ModuleEngine;
use crate::{
    ffi::{message::Outgoing, table::Node},
    netns::Net,
    node::CONNECTIONS,
    stats::Counter,
};
use shim6_core::{
    addr::Addr,
    engine::{NoMemory, Send, SendKind, MAX_ACTIONS},
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

/// Connections of a context to which another path is lent.
struct Lent {
    id: u32,
    ulids: Pair,
    owed: bool,
    usual: Path,
    path: Path,
    connections: [u32; CONNECTIONS],
}

impl Lent {
    /// Lends the path, if anything waits: a path that is published costs all processors a look.
    fn send(&self, net: &Net) {
        let share = net.share();
        let all = || self.connections.into_iter().filter(|ports| *ports != 0);
        if !all().any(|ports| share.tcp_waits(&self.ulids, ports, self.owed)) {
            return;
        }
        net.lend(self.id, &self.usual, &self.path, || {
            for ports in all() {
                if share.tcp_sends_again(&self.ulids, ports, self.owed) {
                    net.stats().inc(Counter::TxLent);
                }
            }
        });
    }
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
        let is_short = matches!(send.kind, SendKind::R1 { .. } | SendKind::R1bis { .. } | SendKind::Keepalive(_));
        let mut outgoing = Outgoing::new(is_short).ok_or(NoMemory)?;
        if let Ok(len) = engine.compose(send, invoking, outgoing.buffer()) {
            let message = Message { outgoing, len, from: send.from, to: send.to };
            self.messages.push(message).map_err(|_| NoMemory)?;
        }
        Ok(())
    }

    /// Has the connections of TCP of a context send by another `path` than the `usual` one what waits for an acknowledgement; also
    /// what was sent just now, if it is `owed`.
    pub(super) fn lend(&mut self, node: &Node, owed: bool, usual: Path, path: Path) {
        let (id, ulids, connections) = (node.id(), ulids(node), node.shared.connections());
        self.lent = Some(Lent { id, ulids, owed, usual, path, connections });
    }

    /// Has the connections of TCP of a context woken: it uses the pair `path` now, and if it `is_lost` nothing arrives that
    /// is on its way to the peer. A call changes one context only.
    pub(super) fn wake(&mut self, node: &Node, path: Pair, is_lost: bool) {
        self.wake = Some(Wake { ulids: ulids(node), path, is_lost, connections: node.shared.connections() });
    }

    /// Sends all of them, lets those send to whom a path is lent, and wakes whom the change concerns. A message
    /// without a route is lost like one on the way: it has a timer behind it.
    pub(crate) fn send(mut self, net: &Net) {
        self.messages.reverse();
        while let Some(message) = self.messages.pop() {
            if message.outgoing.send(net.share(), message.len, &message.from, &message.to).is_err() {
                net.stats().inc(Counter::TxDropped);
            }
        }
        if let Some(lent) = self.lent {
            lent.send(net);
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
