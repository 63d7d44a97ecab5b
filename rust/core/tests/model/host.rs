// SPDX-License-Identifier: MIT OR GPL-2.0
//! A host as small as can be, so that millions of its states can be told apart: the real engine and its contexts, a clock
//! of its own, and random numbers that are few and come in their order.

use crate::pair::{Body, Datagram, Delivery, Table};
use shim6_core::addr::Addr;
use shim6_core::engine::{Action, Actions, Contexts, Counter, Engine, Env, Packet, Signature};
use shim6_core::locator::{LocalSet, Pair};
use shim6_core::settings::Settings;
use shim6_core::time::{Duration, Instant};
use shim6_core::validator::Secrets;
use shim6_core::wire::{Fii, Tag, IPV6_HEADER_LEN, MAX_MESSAGE_LEN, PROTOCOL};
use std::fmt::Write;

/// Tags that a host draws from, each twice in a row: few, so that one that is in use comes up, and one that was lost is
/// given away again.
const TAGS: u8 = 3;
/// Nonces that a host draws from.
const NONCES: u8 = 16;

/// What of a host never changes.
#[derive(Debug)]
pub struct Site {
    pub number: u8,
    pub set: LocalSet,
    pub secrets: Secrets,
    pub settings: Settings,
}

/// What changes.
#[derive(Clone)]
pub struct Host {
    pub table: Table,
    pub now: Instant,
    /// Draws of a tag, of a nonce.
    drawn: (u8, u8),
}

/// What the engine sees beside the contexts.
pub struct Surroundings<'a> {
    site: &'a Site,
    drawn: &'a mut (u8, u8),
}

impl Env for Surroundings<'_> {
    /// A tag, a nonce or generation, or the factor of an interval, which is always the same.
    fn random(&mut self, octets: &mut [u8]) {
        match octets {
            [rest @ .., host, last] if rest.len() == 4 => {
                rest.fill(0);
                (*host, *last) = (self.site.number, self.drawn.0 / 2);
                self.drawn.0 = (self.drawn.0 + 1) % (2 * TAGS);
            }
            [a, b, host, last] => {
                (*a, *b, *host, *last) = (1, 0, self.site.number, self.drawn.1);
                self.drawn.1 = (self.drawn.1 + 1) % NONCES;
            }
            other => other.fill(0x80),
        }
    }

    fn locals(&self, ulid: &Addr) -> Option<&LocalSet> {
        self.site.set.get(ulid).map(|_| &self.site.set)
    }

    fn may_reply(&mut self, _now: Instant, _to: &Addr) -> bool {
        true
    }

    fn may_probe(&mut self, _now: Instant) -> bool {
        true
    }

    fn count(&mut self, _counter: Counter) {}

    fn secrets(&mut self, _now: Instant) -> &Secrets {
        &self.site.secrets
    }
}

impl Host {
    pub fn new(now: Instant) -> Host {
        Host { table: Table::default(), now, drawn: (0, 0) }
    }

    /// Loses all contexts, as a reboot does. What it would draw next is not lost, for a generator begins elsewhere then.
    pub fn crash(&mut self) {
        self.table = Table::default();
    }

    /// Its context between these ULIDs.
    pub fn context_id(&self, ulids: &Pair) -> Option<u32> {
        self.table.by_ulids(ulids, Fii::DEFAULT)
    }

    /// Calls the engine, carries out what it asks for, and returns the packets that leave.
    pub fn call(
        &mut self,
        site: &Site,
        invoking: &[u8],
        event: impl FnOnce(&mut Engine<'_, Table, Surroundings<'_>>, Instant),
    ) -> Vec<Datagram> {
        let (now, mut actions, mut sent) = (self.now, Actions::new(), Vec::new());
        let mut env = Surroundings { site, drawn: &mut self.drawn };
        let mut unused = Actions::new();
        let mut engine =
            Engine { settings: &site.settings, contexts: &mut self.table, env: &mut env, actions: &mut actions };
        event(&mut engine, now);
        for action in &actions {
            match action {
                Action::Send(send) => {
                    let mut buffer = [0; MAX_MESSAGE_LEN];
                    let (contexts, env) = (&mut self.table, &mut env);
                    let mut engine = Engine { settings: &site.settings, contexts, env, actions: &mut unused };
                    let length = engine.compose(send, invoking, &mut buffer).expect("every message fits a packet");
                    let body = Body::Control(buffer[..length].to_vec());
                    sent.push(Datagram { source: send.from, destination: send.to, body });
                }
                Action::Arm { id, at } => arm(&mut self.table, *id, *at),
                // Nobody sends payload here.
                Action::Lend { .. } => {}
                Action::Watch { id, on } => {
                    self.table.nodes.entry(*id).and_modify(|node| node.watched = *on);
                }
                Action::Forget { id } => {
                    self.table.nodes.remove(id).expect("a context is forgotten once");
                }
                Action::UsePair { .. } | Action::Event { .. } => {}
                Action::CheckSignature { .. } => panic!("nobody signs here"),
            }
        }
        sent
    }

    /// How long until its first timer.
    pub fn until_timer(&self) -> Option<Duration> {
        let first = self.table.nodes.values().filter_map(|node| node.timer).min()?;
        Some(first.since(self.now))
    }

    /// Its clock goes on to its first timer, which fires.
    pub fn timer(&mut self, site: &Site) -> Vec<Datagram> {
        let first = self.table.nodes.iter_mut().filter(|(_, node)| node.timer.is_some()).min_by_key(|(_, n)| n.timer);
        let Some((id, node)) = first else { return Vec::new() };
        let (id, at) = (*id, node.timer.take().expect("a timer"));
        self.now = self.now.max(at);
        self.call(site, &[], |engine, now| engine.timer(now, id))
    }

    /// Payload between these ULIDs leaves.
    pub fn payload(&mut self, site: &Site, ulids: &Pair) -> Datagram {
        let plain = Body::Payload { tag: None, ulids: *ulids };
        let plain = Datagram { source: ulids.local, destination: ulids.peer, body: plain };
        let Some(id) = self.context_id(ulids).filter(|id| self.table.nodes[id].context.is_up()) else { return plain };
        let now = self.now;
        let node = self.table.nodes.get_mut(&id).expect("a context");
        node.notes.sent(now);
        let (path, check) = (node.context.path(), now + node.context.reap().check_delay(&site.settings));
        arm(&mut self.table, id, check);
        if !path.switched {
            return plain;
        }
        let body = Body::Payload { tag: path.tag, ulids: *ulids };
        Datagram { source: path.pair.local, destination: path.pair.peer, body }
    }

    /// A packet arrives: what leaves for it, and what the upper layer gets.
    pub fn receive(&mut self, site: &Site, datagram: &Datagram) -> (Vec<Datagram>, Option<Delivery>) {
        let (source, destination, at) = (datagram.source, datagram.destination, self.now);
        match &datagram.body {
            Body::Control(message) => {
                let whole = as_packet(datagram, message);
                let (offset, signature) = (IPV6_HEADER_LEN, Signature::Unchecked);
                let packet = Packet { source, destination, whole: &whole, offset, signature };
                (self.call(site, &whole, |engine, now| engine.control_in(now, &packet)), None)
            }
            Body::Payload { tag: None, ulids } => {
                let mine = Pair { local: destination, peer: source };
                let id = self.context_id(&mine).filter(|id| self.table.nodes[id].context.is_up());
                let sent = id.map(|id| self.note_received(site, id)).unwrap_or_default();
                (sent, Some(Delivery { sent: *ulids, arrived: Pair { local: source, peer: destination }, at }))
            }
            Body::Payload { tag: Some(tag), ulids } => {
                let (mut sent, id) = self.find_tagged(site, source, destination, *tag);
                let Some(id) = id else { return (sent, None) };
                let mine = self.table.nodes[&id].context.ulids();
                sent.extend(self.note_received(site, id));
                (sent, Some(Delivery { sent: *ulids, arrived: Pair { local: mine.peer, peer: mine.local }, at }))
            }
        }
    }

    /// The context that payload of this tag goes to.
    fn find_tagged(&mut self, site: &Site, from: Addr, to: Addr, tag: Tag) -> (Vec<Datagram>, Option<u32>) {
        use shim6_core::context::State;
        let id = self.table.by_local_tag(tag);
        if id.is_some_and(|id| self.table.nodes[&id].context.state() == State::Established) {
            return (Vec::new(), id);
        }
        let mut accepted = false;
        let sent = self.call(site, &[], |engine, now| accepted = engine.unknown_tag(now, from, to, tag));
        (sent, id.filter(|_| accepted))
    }

    fn note_received(&mut self, site: &Site, id: u32) -> Vec<Datagram> {
        let now = self.now;
        let node = self.table.nodes.get_mut(&id).expect("a context");
        node.notes.received(now);
        let (watched, check) = (node.watched, now + node.context.reap().check_delay(&site.settings));
        arm(&mut self.table, id, check);
        match watched {
            true => self.call(site, &[], |engine, now| engine.payload_in(now, id)),
            false => Vec::new(),
        }
    }

    /// All that its future depends on, as text: times as they are to its clock, and without what is only told to people.
    pub fn describe(&self, text: &mut String) {
        let mut raw = String::new();
        for node in self.table.nodes.values() {
            let (context, notes) = (&node.context, &node.notes);
            let (exchange, exploration) = (&node.establishment, &node.exploration);
            let left = node.past.and_then(|past| past.previous_pair());
            let _ =
                write!(raw, "{context:?}{notes:?}{exchange:?}{exploration:?}{left:?}{:?}{}", node.timer, node.watched);
        }
        let _ = write!(text, "{:?} {}", self.drawn, self.now.as_millis());
        relative(&raw, self.now, text);
    }
}

fn arm(table: &mut Table, id: u32, at: Instant) {
    if let Some(node) = table.nodes.get_mut(&id) {
        node.timer = Some(node.timer.map_or(at, |before| before.min(at)));
    }
}

/// Fields of a context that only people read.
const HISTORY: [&str; 3] = ["created: ", "state_since: ", "switched_at: "];

/// Copies text in which each `Instant(N)` becomes the time since then or until then, or nothing in a field of history.
fn relative(raw: &str, now: Instant, text: &mut String) {
    for (number, part) in raw.split("Instant(").enumerate() {
        let end = if number == 0 { None } else { part.find(')') };
        if let Some(end) = end {
            let millis: u64 = part[..end].parse().expect("a number");
            let history = HISTORY.iter().any(|field| text.ends_with(field) || text.ends_with(&format!("{field}Some(")));
            if !history {
                let _ = write!(text, "{}", millis as i128 - i128::from(now.as_millis()));
            }
        }
        text.push_str(&part[end.unwrap_or(0)..]);
    }
}

fn as_packet(datagram: &Datagram, message: &[u8]) -> Vec<u8> {
    let mut packet = vec![0x60, 0, 0, 0];
    packet.extend((message.len() as u16).to_be_bytes());
    packet.extend([PROTOCOL, 64]);
    packet.extend(datagram.source.octets());
    packet.extend(datagram.destination.octets());
    packet.extend(message);
    packet
}
