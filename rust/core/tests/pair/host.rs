// SPDX-License-Identifier: MIT OR GPL-2.0
//! A simulated host: what the kernel module does around the engine, as plainly as can be.

use super::network::{Body, Datagram, Network};
use super::signer;
use super::table::{Table, LIMIT};
use rand::rngs::SmallRng;
use rand::{Rng, RngCore};
use shim6_core::addr::Addr;
use shim6_core::cga::{Pds, Sec};
use shim6_core::context::{Context, Past, State};
use shim6_core::engine::{
    Action, Actions, Cause, Contexts, Counter, Engine, Env, EventKind, Packet, Question, SendKind, Signature,
};
use shim6_core::hba::{self, HbaSet, Key, NonceKey};
use shim6_core::locator::{LocalSet, LocalStatus, Pair, Reach};
use shim6_core::reap::{Doubt, Patience, ReapState, RoundTrip};
use shim6_core::settings::Settings;
use shim6_core::time::{Duration, Instant};
use shim6_core::validator::{Secrets, Sieve};
use shim6_core::wire::{Fii, ProbeState, Tag, IPV6_HEADER_LEN, MAX_MESSAGE_LEN, PROTOCOL};
use std::collections::{BTreeMap, BTreeSet};

/// Payload that reached the upper layer: the ULIDs that its sender meant, and those under which it arrived, both from
/// the sender's side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    pub sent: Pair,
    pub arrived: Pair,
    pub at: Instant,
}

/// What the engine sees of a host beside its contexts.
pub struct Surroundings {
    pub set: LocalSet,
    pub secrets: Secrets,
    pub counts: BTreeMap<String, u64>,
    random: SmallRngOctets,
    /// Replies to strangers that may still go out; without limit unless a test sets one.
    pub replies_left: u32,
    /// Probes that may still go out.
    pub probes_left: u32,
    /// Tags are drawn of 128 only, so that they are used again (RFC 5533 appendix C.4).
    pub few_tags: bool,
    /// Addresses that policy keeps from peers.
    pub untold: Vec<Addr>,
}

struct SmallRngOctets(SmallRng);

impl Env for Surroundings {
    fn random(&mut self, octets: &mut [u8]) {
        self.random.0.fill_bytes(octets);
        // Nothing else has the length of a tag.
        if let (true, [upper @ .., last]) = (self.few_tags && octets.len() == 6, octets) {
            upper.fill(0);
            *last &= 0x7f;
        }
    }

    fn locals(&self, ulid: &Addr) -> Option<&LocalSet> {
        self.set.get(ulid).filter(|locator| locator.status != LocalStatus::Invalid).map(|_| &self.set)
    }

    fn may_tell(&self, _peer: &Addr, local: &Addr) -> bool {
        !self.untold.contains(local)
    }

    fn may_reply(&mut self, _now: Instant, _to: &Addr) -> bool {
        let may = self.replies_left > 0;
        self.replies_left = self.replies_left.saturating_sub(1);
        may
    }

    fn may_probe(&mut self, _now: Instant) -> bool {
        let may = self.probes_left > 0;
        self.probes_left = self.probes_left.saturating_sub(1);
        may
    }

    fn count(&mut self, counter: Counter) {
        *self.counts.entry(format!("{counter:?}")).or_default() += 1;
    }

    fn secrets(&mut self, _now: Instant) -> &Secrets {
        &self.secrets
    }
}

/// A host.
pub struct Host {
    pub settings: Settings,
    pub table: Table,
    pub env: Surroundings,
    /// What its listeners were told.
    pub events: Vec<(Instant, EventKind, Cause)>,
    /// The pairs that its data path was told to use.
    pub paths: Vec<Pair>,
    /// The pairs that were lent to what waits, in order.
    pub lent: Vec<Pair>,
    /// Messages whose signatures are to be checked, with the keys that they do not bring: at once, unless it is busy.
    pub questions: Vec<(Question, Vec<u8>, Option<Vec<u8>>)>,
    pub is_busy: bool,
    actions: Actions<u32>,
}

impl Host {
    /// A host whose HBA set has this many addresses, in prefixes that `site` tells apart.
    pub fn new(rng: &mut SmallRng, site: u16, addresses: u16) -> Host {
        let prefixes: Vec<_> =
            (1..=addresses).map(|n| Addr::new([0x2001, 0xdb8, n, site, 0, 0, 0, 0]).prefix64()).collect();
        let nonce = NonceKey::new(std::array::from_fn(|_| rng.random()));
        let modifier = std::array::from_fn(|_| rng.random());
        let mut search =
            hba::search(&prefixes, Sec::new(0).expect("Sec 0"), Key::Nonce(&nonce), modifier).expect("prefixes");
        while !search.run(1) {}
        let hba = HbaSet::from_search(search).expect("a set");
        assert!(hba
            .addresses()
            .iter()
            .all(|address| hba::verify(*address, &Pds::parse(hba.pds()).expect("PDS")).is_ok()));
        let mut set = LocalSet::new(hba.addresses(), hba.pds()).expect("a local set");
        for address in hba.addresses() {
            set.set_status(address, LocalStatus::Usable);
        }
        let env = Surroundings {
            set,
            secrets: Secrets::new(Instant::from_millis(1), rng.random(), Sieve::new(rng.random(), rng.random())),
            counts: BTreeMap::new(),
            random: SmallRngOctets(rand::SeedableRng::seed_from_u64(rng.random())),
            replies_left: u32::MAX,
            probes_left: u32::MAX,
            few_tags: false,
            untold: Vec::new(),
        };
        Host {
            settings: Settings::DEFAULT,
            table: Table::default(),
            env,
            events: Vec::new(),
            paths: Vec::new(),
            lent: Vec::new(),
            questions: Vec::new(),
            is_busy: false,
            actions: Actions::new(),
        }
    }

    /// Its addresses.
    pub fn addresses(&self) -> Vec<Addr> {
        self.env.set.locators().iter().map(|locator| locator.addr).collect()
    }

    /// Whether packets to this address reach it.
    pub fn has_address(&self, address: &Addr) -> bool {
        self.env
            .set
            .get(address)
            .is_some_and(|locator| matches!(locator.status, LocalStatus::Usable | LocalStatus::Deprecated))
    }

    /// The context between these ULIDs.
    pub fn context_id(&self, ulids: &Pair) -> Option<u32> {
        self.table.by_ulids(ulids, Fii::DEFAULT)
    }

    /// A context by its number.
    pub fn context(&self, id: u32) -> &Context {
        &self.table.nodes[&id].context
    }

    /// What it has behind it.
    pub fn past(&self, id: u32) -> &Past {
        self.table.past(id).expect("a context that has switched")
    }

    /// The state of the context between these ULIDs.
    pub fn state(&self, ulids: &Pair) -> Option<State> {
        self.context_id(ulids).map(|id| self.context(id).state())
    }

    /// Whether the engine wants to know of the next payload received for this context.
    pub fn is_watched(&self, ulids: &Pair) -> bool {
        self.context_id(ulids).is_some_and(|id| self.table.nodes[&id].watched)
    }

    /// How often something was counted.
    pub fn count(&self, counter: Counter) -> u64 {
        self.env.counts.get(&format!("{counter:?}")).copied().unwrap_or(0)
    }

    /// A transport has measured the round trip.
    pub fn measured(&mut self, ulids: &Pair, round_trip: RoundTrip) {
        let id = self.context_id(ulids);
        if let Some(node) = id.and_then(|id| self.table.nodes.get_mut(&id)) {
            node.notes.measured = round_trip;
        }
    }

    /// A transport awaits an acknowledgement of what was just sent.
    pub fn asks(&mut self, now: Instant, ulids: &Pair) {
        let id = self.context_id(ulids).filter(|id| self.context(*id).is_up());
        let Some((id, node)) = id.and_then(|id| Some((id, self.table.nodes.get_mut(&id)?))) else { return };
        node.notes.asks(now);
        let stands_by = self.settings.standby_interval != Duration::ZERO;
        let patience = Patience::least(node.notes.asks_alone(), stands_by);
        if let Some(at) = node.notes.answer_missed_at(now, patience, Doubt::default()) {
            self.arm(id, at);
        }
    }

    /// Loses all contexts, as a reboot does.
    pub fn forget_everything(&mut self) {
        self.table = Table::default();
    }

    /// Lets the generator of random numbers begin anew, to make it repeat itself.
    pub fn reseed(&mut self, seed: u64) {
        self.env.random = SmallRngOctets(rand::SeedableRng::seed_from_u64(seed));
    }

    /// Changes the status of a local address; the contexts that must be told.
    pub fn set_status(&mut self, address: &Addr, status: LocalStatus) -> Vec<u32> {
        if !self.env.set.set_status(address, status) {
            return Vec::new();
        }
        self.live()
    }

    /// The numbers of its contexts.
    pub fn live(&self) -> Vec<u32> {
        self.table.nodes.iter().filter(|(_, node)| !node.retired).map(|(id, _)| *id).collect()
    }

    /// Calls the engine and carries out what it asks for.
    pub fn call<T>(
        &mut self,
        now: Instant,
        network: &mut Network,
        rng: &mut SmallRng,
        event: impl FnOnce(&mut Engine<'_, Table, Surroundings>) -> T,
    ) -> T {
        self.call_about(now, &[], network, rng, event)
    }

    fn call_about<T>(
        &mut self,
        now: Instant,
        invoking: &[u8],
        network: &mut Network,
        rng: &mut SmallRng,
        event: impl FnOnce(&mut Engine<'_, Table, Surroundings>) -> T,
    ) -> T {
        if self.env.secrets.is_rotation_due(now) {
            self.env.secrets.rotate(now, std::array::from_fn(|_| rng.random()));
        }
        self.actions.clear();
        let mut engine = Engine {
            settings: &self.settings,
            contexts: &mut self.table,
            env: &mut self.env,
            actions: &mut self.actions,
        };
        let result = event(&mut engine);
        let actions = self.actions.clone();
        for action in &actions {
            self.carry_out(now, action, invoking, network, rng);
        }
        result
    }

    fn carry_out(
        &mut self,
        now: Instant,
        action: &Action<u32>,
        invoking: &[u8],
        network: &mut Network,
        rng: &mut SmallRng,
    ) {
        match action {
            Action::Send(send) => {
                if let SendKind::Probe { id, state: ProbeState::InboundOk, .. } = send.kind {
                    let state = self.context(id).reap().state();
                    assert_ne!(state, ReapState::Exploring, "told that the peer is heard, which is being found out");
                }
                let mut buffer = [0; MAX_MESSAGE_LEN];
                let mut engine = Engine {
                    settings: &self.settings,
                    contexts: &mut self.table,
                    env: &mut self.env,
                    actions: &mut self.actions,
                };
                let length = engine
                    .compose(send, invoking, &mut buffer)
                    .unwrap_or_else(|_| panic!("every message fits a packet: {send:?}"));
                let body = Body::Control(buffer[..length].to_vec());
                network.carry(now, Datagram { source: send.from, destination: send.to, body }, rng);
            }
            Action::Arm { id, at } => self.arm(*id, *at),
            Action::Watch { id, on } => {
                if let Some(node) = self.table.nodes.get_mut(id) {
                    node.watched = *on;
                }
            }
            Action::Forget { id } => {
                let node = self.table.nodes.remove(id).expect("a context is forgotten once");
                assert!(node.retired, "forgotten, yet still to be found");
            }
            Action::UsePair { local, peer, .. } => self.paths.push(Pair { local: *local, peer: *peer }),
            Action::Lend { id, local, peer, .. } => {
                assert!(self.has_address(local), "lent from an address that is not ours");
                let locators = self.context(*id).peer_locators();
                let locator = locators
                    .list()
                    .iter()
                    .find(|locator| locator.addr == *peer)
                    .expect("lent to a locator of the peer");
                assert_eq!(locator.reach, Reach::Reachable, "lent to a locator that was never tried");
                self.lent.push(Pair { local: *local, peer: *peer });
            }
            Action::Event { kind, cause, .. } => self.events.push((now, *kind, *cause)),
            Action::CheckSignature { question, keeper } => {
                let key = keeper.map(|id| self.table.peer_key(id).expect("a key, since it is named").to_vec());
                self.questions.push((*question, invoking.to_vec(), key));
                if !self.is_busy {
                    self.check_signatures(now, network, rng);
                }
            }
        }
    }

    /// Checks the signatures that wait for it, and tells the engine.
    pub fn check_signatures(&mut self, now: Instant, network: &mut Network, rng: &mut SmallRng) {
        for (question, whole, key) in std::mem::take(&mut self.questions) {
            let key = key.as_deref();
            let is_good = signer::fits(&question.signed(&whole, key).expect("a signature, since it is asked for"));
            let packet = question.answer(&whole, key, is_good);
            self.call_about(now, &whole, network, rng, |engine| engine.control_in(now, &packet));
        }
    }

    fn arm(&mut self, id: u32, at: Instant) {
        if let Some(node) = self.table.nodes.get_mut(&id) {
            node.timer = Some(node.timer.map_or(at, |before| before.min(at)));
        }
    }

    /// The first timer of all contexts.
    pub fn next_timer(&self) -> Option<Instant> {
        self.table.nodes.values().filter_map(|node| node.timer).min()
    }

    /// Lets one due timer fire.
    pub fn fire_timer(&mut self, now: Instant, network: &mut Network, rng: &mut SmallRng) -> bool {
        let due = self.table.nodes.iter_mut().find(|(_, node)| node.timer.is_some_and(|at| at <= now));
        let Some((id, node)) = due else { return false };
        node.timer = None;
        let id = *id;
        self.call(now, network, rng, |engine| engine.timer(now, id));
        true
    }

    /// The packet in which payload between these ULIDs leaves.
    pub fn payload(&mut self, now: Instant, ulids: &Pair) -> Datagram {
        let plain =
            Datagram { source: ulids.local, destination: ulids.peer, body: Body::Payload { tag: None, ulids: *ulids } };
        let Some(id) = self.context_id(ulids).filter(|id| self.context(*id).is_up()) else { return plain };
        let check = now + self.context(id).reap().check_delay(&self.settings);
        if let Some(node) = self.table.nodes.get_mut(&id) {
            node.notes.sent(now);
        }
        self.arm(id, check);
        let path = self.context(id).path();
        if !path.switched {
            return plain;
        }
        assert!(path.tag.is_some(), "switched, but without a tag to send");
        Datagram {
            source: path.pair.local,
            destination: path.pair.peer,
            body: Body::Payload { tag: path.tag, ulids: *ulids },
        }
    }

    /// The same by a pair that was lent.
    pub fn payload_over(&mut self, now: Instant, ulids: &Pair, over: &Pair) -> Datagram {
        let usual = self.payload(now, ulids);
        let tag = self.context_id(ulids).and_then(|id| self.context(id).tag_peer());
        match tag.filter(|_| over != ulids) {
            Some(tag) => Datagram {
                source: over.local,
                destination: over.peer,
                body: Body::Payload { tag: Some(tag), ulids: *ulids },
            },
            None => Datagram { source: over.local, destination: over.peer, ..usual },
        }
    }

    /// A packet arrives.
    pub fn receive(
        &mut self,
        now: Instant,
        datagram: Datagram,
        network: &mut Network,
        rng: &mut SmallRng,
    ) -> Option<Delivery> {
        match datagram.body {
            Body::Control(ref message) => {
                let whole = as_packet(&datagram, message);
                let packet = Packet {
                    source: datagram.source,
                    destination: datagram.destination,
                    whole: &whole,
                    offset: IPV6_HEADER_LEN,
                    signature: Signature::Unchecked,
                };
                self.call_about(now, &whole, network, rng, |engine| engine.control_in(now, &packet));
                None
            }
            Body::Payload { tag: None, ulids } => {
                let arrived = Pair { local: datagram.source, peer: datagram.destination };
                let mine = Pair { local: datagram.destination, peer: datagram.source };
                if let Some(id) = self.context_id(&mine).filter(|id| self.context(*id).is_up()) {
                    self.note_received(now, id, network, rng);
                }
                Some(Delivery { sent: ulids, arrived, at: now })
            }
            Body::Payload { tag: Some(tag), ulids } => self
                .receive_tagged(now, tag, &datagram, network, rng)
                .map(|mine| Delivery { sent: ulids, arrived: Pair { local: mine.peer, peer: mine.local }, at: now }),
        }
    }

    fn receive_tagged(
        &mut self,
        now: Instant,
        tag: Tag,
        datagram: &Datagram,
        network: &mut Network,
        rng: &mut SmallRng,
    ) -> Option<Pair> {
        let id = self.table.by_local_tag(tag);
        let established = id.filter(|id| self.context(*id).state() == State::Established);
        if established.is_none() {
            let (source, destination) = (datagram.source, datagram.destination);
            let accepted = self.call(now, network, rng, |engine| engine.unknown_tag(now, source, destination, tag));
            if !accepted {
                return None;
            }
        }
        let id = id?;
        let ulids = self.context(id).ulids();
        self.note_received(now, id, network, rng);
        Some(ulids)
    }

    fn note_received(&mut self, now: Instant, id: u32, network: &mut Network, rng: &mut SmallRng) {
        let check = now + self.context(id).reap().check_delay(&self.settings);
        let (mut watched, mut soon) = (false, None);
        if let Some(node) = self.table.nodes.get_mut(&id) {
            node.notes.keep_cadence(now);
            node.notes.received(now);
            watched = node.watched;
            let begins = node.notes.cadence.begins();
            soon = node.notes.cadence.missed_at(now).filter(|_| begins);
        }
        self.arm(id, soon.map_or(check, |soon| soon.min(check)));
        if watched {
            self.call(now, network, rng, |engine| engine.payload_in(now, id));
        }
    }

    /// What must hold whatever happens.
    pub fn check_invariants(&self) {
        let live: Vec<_> = self.table.nodes.values().filter(|node| !node.retired).collect();
        assert!(self.table.nodes.len() <= LIMIT, "contexts grow without bound");
        let tags: BTreeSet<_> = live.iter().map(|node| node.context.tag_local()).collect();
        assert_eq!(tags.len(), live.len(), "a tag is shared");
        for node in &live {
            let context = &node.context;
            assert_eq!(node.peer_tag, context.tag_peer(), "the index by peer tag is stale");
            let path = context.path();
            if path.switched {
                assert!(self.env.set.get(&path.pair.local).is_some(), "a locator in use is not ours");
            }
            if context.state() == State::Established {
                // The peer may withdraw the locator in use: it is left for one that answers (RFC 5533 section 10.4).
                let is_listed = context.peer_locators().contains(&context.pair().peer);
                let looks = context.reap().state() != ReapState::Operational || node.exploration.is_some();
                assert!(is_listed || looks, "a locator in use was withdrawn, and no other is looked for");
                assert!(context.tag_peer().is_some(), "established without the peer's tag");
                assert!(node.nonce.is_none(), "established, and still awaits an answer");
                assert!(node.establishment.is_none(), "established, and still holds an exchange");
            } else {
                assert!(context.update().is_none() || context.state() == State::I2bisSent, "tells locators to nobody");
            }
            if matches!(context.state(), State::Failed | State::NoSupport) {
                assert!(node.establishment.is_none() && node.exploration.is_none(), "failed, and still holds memory");
                assert!(context.tag_peer().is_none() && node.nonce.is_none(), "failed, and still to be found");
            }
        }
    }
}

fn as_packet(datagram: &Datagram, message: &[u8]) -> Vec<u8> {
    let mut packet = vec![0x60, 0, 0, 0];
    packet.extend(u16::try_from(message.len()).expect("a short message").to_be_bytes());
    packet.extend([PROTOCOL, 64]);
    packet.extend(datagram.source.octets());
    packet.extend(datagram.destination.octets());
    packet.extend(message);
    packet
}
