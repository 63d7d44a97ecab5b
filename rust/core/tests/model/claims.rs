// SPDX-License-Identifier: MIT OR GPL-2.0
//! What must hold in every state.

use crate::pair::{self, Body, Datagram, Peer, A, B};
use crate::system::{Snapshot, System};
use shim6_core::addr::Addr;
use shim6_core::context::State;
use shim6_core::engine::{Advice, Cause};
use shim6_core::locator::Pair;
use shim6_core::time::Duration;
use shim6_core::validator::Cookie;
use shim6_core::wire::{Fii, Message, Nonce, Tag, I1, MAX_MESSAGE_LEN};
use stateright::Property;

/// The claims, and one that shows that the way is long enough for them to mean something.
pub fn all() -> Vec<Property<System>> {
    vec![
        Property::always("payload keeps its ULIDs", |_, state: &Snapshot| !state.mixed),
        Property::always("no tag is shared", |_, state| System::tags_are_unique(state)),
        Property::always("only verified locators are used", System::locators_are_verified),
        Property::always("forgeries change nothing", System::withstands),
        Property::always("the hosts can agree", System::is_recoverable),
        Property::sometimes("the hosts agree", System::is_agreed),
    ]
}

impl System {
    fn is_agreed(&self, state: &Snapshot) -> bool {
        let (Some(a), Some(b)) = (self.context(state, A), self.context(state, B)) else { return false };
        let established = a.state() == State::Established && b.state() == State::Established;
        established && a.tag_peer() == Some(b.tag_local()) && b.tag_peer() == Some(a.tag_local())
    }

    /// From here on nothing is lost, both hosts talk, and each tests its context once: do they come to agree?
    fn is_recoverable(&self, state: &Snapshot) -> bool {
        let mut state = state.clone();
        self.settle(&mut state);
        for round in 0..4 {
            for host in [A, B] {
                if self.is_agreed(&state) {
                    return true;
                }
                match self.context(&state, host) {
                    None => self.start(&mut state, host, Fii::DEFAULT),
                    Some(_) if round > 0 => self.advise(&mut state, host, Advice::Explore(Cause::Administrator)),
                    Some(_) => {}
                }
                self.settle(&mut state);
                self.pass(&mut state, Duration::from_secs(100));
            }
        }
        self.is_agreed(&state)
    }

    /// Time goes on at both hosts alike.
    fn pass(&self, state: &mut Snapshot, span: Duration) {
        let mut left = span;
        loop {
            if self.is_agreed(state) {
                return;
            }
            [A, B].into_iter().for_each(|host| self.talk(state, host));
            self.settle(state);
            let waits = [A, B].map(|host| state.hosts[host].until_timer().unwrap_or(Duration::MAX));
            let host = usize::from(waits[B] < waits[A]);
            let wait = waits[host].at_most(left);
            let other = &mut state.hosts[1 - host];
            other.now += wait;
            if waits[host] > left {
                state.hosts[host].now += wait;
                return;
            }
            left = left - wait;
            self.timer(state, host);
            self.settle(state);
        }
    }

    /// What an attacker off the path can send: he knows addresses, and neither tags nor nonces nor secrets.
    fn forgeries(&self, host: usize) -> Vec<(Pair, Vec<u8>)> {
        let ulids = self.ulids(host);
        let stranger = Addr::new([0x2001, 0xdb8, 0xbad, 0, 0, 0, 0, 1]);
        let guess = Tag::new(0x4000_0000_0000).expect("47 bits");
        let addresses = self.sites[1 - host].set.locators().iter().map(|locator| locator.addr).collect();
        let pds = self.sites[1 - host].set.pds().to_vec();
        let peer = Peer::with(guess, addresses, pds);
        let cookie = Cookie { nonce: Nonce(1000), validator: [9; shim6_core::validator::VALIDATOR_LEN] };
        let mut messages = pair::tagged(guess, &ulids);
        messages.extend([pair::r1(Nonce(5)), pair::r1bis(guess), Message::R2(peer.r2(Nonce(5)))]);
        messages.extend([Message::I2(peer.i2(&cookie)), Message::I2bis(peer.i2bis(&cookie, guess))]);
        messages.push(Message::I1(I1 { ..peer.i1() }));
        let mut octets = [0; MAX_MESSAGE_LEN];
        let mut all = Vec::new();
        for message in &messages {
            let length = message.emit(&mut octets).expect("a message that fits");
            for over in [ulids, Pair { peer: stranger, ..ulids }] {
                all.push((over, octets[..length].to_vec()));
            }
        }
        all
    }

    /// Whether they leave an established context as it is.
    fn withstands(&self, state: &Snapshot) -> bool {
        [A, B].into_iter().all(|host| {
            if self.context(state, host).is_none_or(|context| context.state() != State::Established) {
                return true;
            }
            let mut target = state.hosts[host].clone();
            let mut before = String::new();
            target.describe(&mut before);
            for (over, octets) in self.forgeries(host) {
                let datagram = Datagram { source: over.peer, destination: over.local, body: Body::Control(octets) };
                target.receive(&self.sites[host], &datagram);
            }
            let mut after = String::new();
            target.describe(&mut after);
            before == after
        })
    }

    fn locators_are_verified(&self, state: &Snapshot) -> bool {
        [A, B].into_iter().all(|host| {
            state.hosts[host].table.nodes.values().all(|node| {
                let path = node.context.path();
                let (mine, theirs) = (&self.sites[host].set, &self.sites[1 - host].set);
                let known = node.context.peer_locators().contains(&path.pair.peer);
                known && mine.get(&path.pair.local).is_some() && theirs.get(&path.pair.peer).is_some()
            })
        })
    }

    fn tags_are_unique(state: &Snapshot) -> bool {
        state.hosts.iter().all(|host| {
            let mut tags: Vec<Tag> = host.table.nodes.values().map(|node| node.context.tag_local()).collect();
            tags.sort_unstable_by_key(|tag| tag.get());
            tags.windows(2).all(|pair| pair[0] != pair[1])
        })
    }
}
