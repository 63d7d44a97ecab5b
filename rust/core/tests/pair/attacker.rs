// SPDX-License-Identifier: MIT OR GPL-2.0
//! An attacker in a [`World`]: off the path, where he knows addresses and parameter structures and nothing else; and on it,
//! where he has seen the tags, too. What he writes must leave every verified context as it is.

use super::stage::{r1, r1bis, tagged, Peer};
use super::{Body, Datagram, Host, World};
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use shim6_core::addr::Addr;
use shim6_core::context::State;
use shim6_core::locator::Pair;
use shim6_core::validator::Cookie;
use shim6_core::wire::{Message, Nonce, Tag, UlidPair, UpdateRequest, I1, MAX_MESSAGE_LEN};

/// A host outside of both sites.
fn stranger() -> Host {
    Host::new(&mut SmallRng::seed_from_u64(99), 0xbad, 3)
}

/// All that a host keeps of contexts that were verified, as text.
fn verified(host: &Host) -> Vec<String> {
    let nodes = host.table.nodes.values();
    let verified = nodes.filter(|node| matches!(node.context.state(), State::Established | State::I2bisSent));
    verified.map(|node| format!("{:?} {:?} {:?}", node.context, node.exploration, node.establishment)).collect()
}

impl World {
    /// A message from off the path, about ULIDs that may well have a context. Tags have more values than nonces have, and
    /// his have a bit that few tags have.
    pub fn attack_blindly(&mut self, host: usize) {
        let secret = self.rng.random_range(0..1 << 46);
        let guess = Tag::new(secret | 1 << 46).expect("47 bits");
        let nonce = Nonce(self.rng.random());
        let (ulids, over) = (self.some_pair(host), self.some_pair(host));
        let outside = stranger();
        let over = match self.below(4) {
            0 => Pair { peer: outside.addresses()[0], ..over },
            1 => ulids,
            _ => over,
        };
        let liar = if self.below(2) == 0 { &outside } else { &self.hosts[1 - host] };
        let liar = Peer::of(liar, guess.get());
        let cookie = Cookie { nonce, validator: self.rng.random() };
        let option = Some(UlidPair { sender: ulids.peer, receiver: ulids.local });
        let i1 = I1 { ulids: option, initiator_nonce: nonce, ..liar.i1() };
        let (mut i2, mut i2bis) = (liar.i2(&cookie), liar.i2bis(&cookie, guess));
        (i2.ulids, i2bis.ulids) = (option, option);
        let mut messages = tagged(guess, &over);
        messages.extend([r1(nonce), r1bis(guess), Message::R2(liar.r2(nonce)), Message::I1(i1)]);
        messages.extend([Message::I2(i2), Message::I2bis(i2bis)]);
        let which = self.rng.random_range(0..messages.len());
        let body = octets(&messages[which]);
        self.attack(host, over, Body::Control(body));
    }

    /// Payload under a tag that nobody has given away.
    pub fn attack_with_payload(&mut self, host: usize) {
        let guess = Tag::new(self.rng.random_range(0..1 << 46) | 1 << 46).expect("47 bits");
        let over = self.some_pair(host);
        let before = self.delivered.len();
        self.attack(host, over, Body::Payload { tag: Some(guess), ulids: Pair { local: over.peer, peer: over.local } });
        assert_eq!(self.delivered.len(), before, "payload under a tag of nobody is delivered");
    }

    /// An Update Request under the tag of a context, which would send its payload to a stranger.
    pub fn attack_with_update(&mut self, host: usize) {
        let nodes = self.hosts[host].table.nodes.values();
        let established = nodes.filter(|node| node.context.state() == State::Established);
        let Some(context) = established.map(|node| &node.context).next() else { return };
        let (tag, over) = (context.tag_local(), context.pair());
        let (outside, peer) = (Peer::of(&stranger(), 1), Peer::of(&self.hosts[1 - host], 1));
        let mut entries = peer.entries.clone();
        entries.insert(self.rng.random_range(0..=entries.len()), outside.entries[0]);
        let announcement = match self.below(3) {
            0 => outside.tells(7, &outside.entries),
            1 => peer.tells(7, &entries),
            _ => peer.tells(7, &outside.entries),
        };
        let request = UpdateRequest { receiver_tag: tag, request_nonce: Nonce(7), announcement };
        let body = octets(&Message::UpdateRequest(request));
        self.attack(host, over, Body::Control(body));
    }

    fn attack(&mut self, host: usize, over: Pair, body: Body) {
        let before = verified(&self.hosts[host]);
        self.inject(host, Datagram { source: over.peer, destination: over.local, body });
        assert_eq!(verified(&self.hosts[host]), before, "a forged message changes a verified context");
    }

    /// Any address of the host and any of the other, as the host sees them.
    pub fn some_pair(&mut self, host: usize) -> Pair {
        Pair { local: self.some_address(host), peer: self.some_address(1 - host) }
    }

    /// Any address of the host.
    pub fn some_address(&mut self, host: usize) -> Addr {
        let addresses = self.hosts[host].addresses();
        addresses[self.below(addresses.len() as u32) as usize]
    }
}

fn octets(message: &Message<'_>) -> Vec<u8> {
    let mut octets = [0; MAX_MESSAGE_LEN];
    let length = message.emit(&mut octets).expect("a message that fits");
    octets[..length].to_vec()
}
