// SPDX-License-Identifier: MIT OR GPL-2.0
//! The responder: I1, I2 and I2bis coming in, R1 and R2 going out (RFC 5533 sections 7.9, 7.10, 7.13 to 7.15, 7.20).
//! Nothing is kept of an I1, and nothing of an I2 before its validator is found to be ours.

use super::learn::learn;
use super::{Cause, Contexts, Counter, Engine, Env, EventKind, Packet, SendKind};
use crate::addr::Addr;
use crate::context::{Role, Seed, State};
use crate::locator::{LocalStatus, Pair, PeerLocators};
use crate::reap::ReapState;
use crate::time::Instant;
use crate::validator::{Claim, Sieve};
use crate::wire::{Announcement, ControlView, Fii, I2bis, MessageType, Nonce, Tag, UlidPair, I1, I2};

/// What an I2 or I2bis with a good validator asks for.
struct Request<'a> {
    ulids: Pair,
    fii: Fii,
    tag: Tag,
    nonce: Nonce,
    announcement: Announcement<'a>,
}

impl<C: Contexts, E: Env> Engine<'_, C, E> {
    /// RFC 5533 section 7.9.
    #[inline(never)]
    pub(super) fn i1_in(&mut self, now: Instant, packet: &Packet<'_>, i1: &I1) {
        let ulids = ulids_of(packet, i1.ulids.as_ref());
        if !self.is_for_us(&ulids) {
            return self.env.count(Counter::DropNoContext);
        }
        if !self.may_reply(now, &packet.source) {
            return;
        }
        let back = packet.back();
        let found = self.contexts.by_ulids(&ulids, i1.fii).and_then(|id| Some((id, self.contexts.context(id)?)));
        let holder = found.filter(|(_, context)| match context.state {
            State::Established => {
                let known = i1.ulids.is_none() || context.peer.contains(&packet.source);
                context.tag_peer == Some(i1.initiator_tag) && known
            }
            State::I1Sent | State::I2Sent | State::I2bisSent => true,
            State::Idle | State::Failed | State::NoSupport => false,
        });
        match holder.map(|(id, _)| id) {
            Some(id) => self.r2(now, id, i1.initiator_nonce, back),
            None => {
                let claim = establishment_claim(packet, i1.initiator_tag, &ulids, i1.fii);
                let cookie = self.env.secrets(now).issue(now, &claim);
                self.send(SendKind::R1 { initiator_nonce: i1.initiator_nonce, cookie }, back);
            }
        }
    }

    /// RFC 5533 section 7.13.
    pub(super) fn i2_in(&mut self, now: Instant, packet: &Packet<'_>, i2: &I2<'_>) {
        let ulids = ulids_of(packet, i2.ulids.as_ref());
        let claim = establishment_claim(packet, i2.initiator_tag, &ulids, i2.fii);
        let request = Request {
            ulids,
            fii: i2.fii,
            tag: i2.initiator_tag,
            nonce: i2.initiator_nonce,
            announcement: i2.announcement,
        };
        self.request_in(now, packet, &request, &claim, i2.responder_nonce, i2.validator);
    }

    /// RFC 5533 section 7.20. The new context gets a tag of its own, not the lost one's.
    pub(super) fn i2bis_in(&mut self, now: Instant, packet: &Packet<'_>, i2bis: &I2bis<'_>) {
        let ulids = ulids_of(packet, i2bis.ulids.as_ref());
        let claim = recovery_claim(packet.back(), i2bis.packet_tag);
        let request = Request {
            ulids,
            fii: i2bis.fii,
            tag: i2bis.initiator_tag,
            nonce: i2bis.initiator_nonce,
            announcement: i2bis.announcement,
        };
        self.request_in(now, packet, &request, &claim, i2bis.responder_nonce, i2bis.validator);
    }

    /// The validator comes first, then the proof of the locators, then the context.
    #[inline(never)]
    fn request_in(
        &mut self,
        now: Instant,
        packet: &Packet<'_>,
        request: &Request<'_>,
        claim: &Claim,
        nonce: Nonce,
        validator: &[u8],
    ) {
        if !self.is_for_us(&request.ulids) || !self.belongs(&request.ulids.local, &packet.destination) {
            return self.env.count(Counter::DropNoContext);
        }
        if self.env.secrets(now).check(now, claim, nonce, validator).is_err() {
            return self.env.count(Counter::DropValidator);
        }
        let found = self.contexts.by_ulids(&request.ulids, request.fii);
        let mut learned = PeerLocators::empty();
        let Some(has_news) = self.learn_from(now, packet, request, found, &mut learned) else {
            return;
        };
        let id = match found {
            Some(id) => id,
            None => match self.create(now, request) {
                Some(id) => id,
                None => return,
            },
        };
        self.adopt(now, id, request.tag, has_news.then_some(&learned), &request.announcement);
        self.accept(now, id, packet.back());
        self.resolve_confusion(now, id);
        self.r2(now, id, request.nonce, packet.back());
        self.leave_unlisted(now, id);
        self.arm(now, id);
    }

    /// Verifies what the request says of its sender, and that its source is the ULID or one of the sender's verified locators.
    /// The answer is none if it is refused, or has to wait, else whether the request brought a list.
    #[inline(never)]
    fn learn_from(
        &mut self,
        now: Instant,
        packet: &Packet<'_>,
        request: &Request<'_>,
        found: Option<C::Id>,
        learned: &mut PeerLocators,
    ) -> Option<bool> {
        let context = found.and_then(|id| self.contexts.context(id));
        let unknown;
        let known = match context {
            Some(context) => &context.peer,
            None => {
                unknown = PeerLocators::ulid(request.ulids.peer);
                &unknown
            }
        };
        let key = found.and_then(|id| self.contexts.peer_key(id));
        let lesson = match learn(request.ulids.peer, known, key, &request.announcement, learned) {
            Ok(lesson) => lesson,
            Err(unfit) => {
                self.refuse(now, packet, unfit);
                return None;
            }
        };
        let in_new = lesson.has_news && learned.contains(&packet.source);
        let in_old = known.contains(&packet.source);
        // The ULID needs no proof (RFC 5533 section 7.2), and need not be in a list: a peer that has lost R2 is answered again
        // (section 7.14). The validator shows that the sender receives there.
        let is_ulid = packet.source == request.ulids.peer;
        if !in_new && !in_old && !is_ulid {
            self.env.count(Counter::DropLocator);
            return None;
        }
        self.is_proven(now, packet, found, &lesson, learned).then_some(lesson.has_news)
    }

    /// Makes the context that a request asks for.
    #[inline(never)]
    fn create(&mut self, now: Instant, request: &Request<'_>) -> Option<C::Id> {
        let Some(tag_local) = self.draw_tag() else {
            self.env.count(Counter::ContextsRefused);
            return None;
        };
        let seed = Seed {
            ulid_local: request.ulids.local,
            ulid_peer: request.ulids.peer,
            fii: request.fii,
            tag_local,
            role: Role::Responder,
            state: State::Idle,
            cause: Cause::Peer,
            now,
        };
        match self.contexts.insert(&seed) {
            Ok(id) => {
                self.env.count(Counter::ContextsCreated);
                self.tell(id, EventKind::Created, Cause::Peer);
                Some(id)
            }
            Err(_) => {
                self.env.count(Counter::ContextsRefused);
                None
            }
        }
    }

    /// Takes over what the peer said of itself: CT(peer), key, Ls(peer), Keepalive Timeout.
    pub(super) fn adopt(
        &mut self,
        now: Instant,
        id: C::Id,
        tag: Tag,
        learned: Option<&PeerLocators>,
        announcement: &Announcement<'_>,
    ) {
        // Another tag is another context of the peer's, of which nothing was told yet.
        if let Some(context) = self.contexts.context_mut(id).filter(|context| context.tag_peer != Some(tag)) {
            context.reap.peer_timeout = 0;
        }
        self.set_peer_tag(id, Some(tag));
        self.keep_key(id, announcement);
        self.adopt_locators(now, id, learned, None);
        if let (Some(timeout), Some(context)) = (announcement.keepalive_timeout, self.contexts.context_mut(id)) {
            context.reap.peer_timeout = timeout.as_secs();
        }
    }

    /// What a good I2 or I2bis does to the state: a context that is new, waited for R1, or failed, is established over the
    /// pair that the exchange has shown to work; one that waits for R2 goes on waiting for it.
    fn accept(&mut self, now: Instant, id: C::Id, back: Pair) {
        let Some(context) = self.contexts.context_mut(id) else {
            return;
        };
        match context.state {
            State::Idle | State::I1Sent | State::Failed | State::NoSupport => {
                if context.state != State::Idle {
                    context.role = Role::Responder;
                }
                context.pair = back;
                // What earlier messages told may be old by now, and may not have arrived: R2 tells all.
                context.told.members = 0;
                self.contexts.end_establishment(id);
                self.contexts.index_nonce(id, None);
                self.enter(now, id, State::Established, Cause::Peer);
            }
            State::Established => self.settle(now, id, back),
            State::I2Sent | State::I2bisSent => {}
        }
    }

    /// An exchange ended over this pair while the context was looking for one, or lost the one it had: take it.
    pub(super) fn settle(&mut self, now: Instant, id: C::Id, pair: Pair) {
        let Some(context) = self.contexts.context(id) else {
            return;
        };
        let exploring = context.reap.state != ReapState::Operational;
        let lost = !context.peer.contains(&context.pair.peer);
        if !lost && !context.peer.contains(&pair.peer) {
            // The ULID, which the peer's list leaves out: it may have withdrawn it, so the search goes on among those listed.
            return;
        }
        if exploring || lost {
            self.use_pair(now, id, pair, Cause::Answer);
        }
        if exploring {
            // What a test was to find out is known.
            self.take_test(id);
            self.become_operational(now, id, Cause::Answer);
        }
    }

    /// Sends R2, which tells all of this host's locators (RFC 5533 section 7.14).
    fn r2(&mut self, now: Instant, id: C::Id, initiator_nonce: Nonce, back: Pair) {
        let Some(state) = self.contexts.context(id).map(|context| context.state) else {
            return;
        };
        // While I2 or I2bis is on its way R2 tells what that tells: what is new travels when the exchange is over.
        if !matches!(state, State::I2Sent | State::I2bisSent) && !self.tell_all(id) {
            return;
        }
        if let Some(context) = self.contexts.context_mut(id).filter(|context| context.state == State::Established) {
            context.r2_sent = Some(now);
        }
        self.send(SendKind::R2 { id, initiator_nonce }, back);
    }

    /// Removes another context whose packets the peer would take for this one's: the same CT(peer), and a locator of the
    /// peer in common (RFC 5533 section 7.15).
    pub(super) fn resolve_confusion(&mut self, now: Instant, id: C::Id) {
        let Some(context) = self.contexts.context(id) else {
            return;
        };
        let Some(tag) = context.tag_peer else {
            return;
        };
        let confused = self.contexts.by_peer_tag(tag, &mut |other, candidate| {
            other != id
                && matches!(candidate.state, State::Established | State::I2bisSent)
                && candidate.peer.overlaps(&context.peer)
        });
        if let Some(other) = confused {
            self.close(now, other, Cause::Confusion);
        }
    }

    /// Whether the ULIDs can be those of a context of this host.
    pub(super) fn is_for_us(&self, ulids: &Pair) -> bool {
        ulids.local != ulids.peer && ulids.peer.may_be_locator() && self.belongs(&ulids.local, &ulids.local)
    }

    /// Whether the address is one that this host may have in a context of this ULID.
    fn belongs(&self, ulid: &Addr, addr: &Addr) -> bool {
        let Some(set) = self.env.locals(ulid) else {
            return false;
        };
        set.get(addr).is_some_and(|locator| locator.status != LocalStatus::Invalid)
    }
}

/// Whether this message, which came from `back.peer` to `back.local`, is an I2 or I2bis whose validator cannot be ours, or is
/// not there. It costs so little that it can be asked before anything is locked; [`Engine::control_in`] discards the same
/// messages, and more.
#[inline]
pub fn is_forged(sieve: &Sieve, now: Instant, back: &Pair, view: &ControlView<'_>) -> bool {
    let is_recovery = match view.kind() {
        MessageType::I2 => false,
        MessageType::I2bis => true,
        _ => return false,
    };
    let Some(brought) = view.brought() else { return true };
    let (source, destination) = (back.peer, back.local);
    let claim = if is_recovery {
        recovery_claim(*back, brought.tag)
    } else {
        // The sieve does not look at ULIDs and instance.
        let ulids = UlidPair { sender: source, receiver: destination };
        Claim::Establishment { initiator_tag: brought.tag, ulids, source, destination, fii: Fii::DEFAULT }
    };
    !sieve.passes(now, &claim, brought.nonce, brought.validator)
}

/// The ULIDs that a message names: those of its option, else those of its addresses (RFC 5533 section 7.9).
fn ulids_of(packet: &Packet<'_>, option: Option<&UlidPair>) -> Pair {
    match option {
        Some(ulids) => Pair { local: ulids.receiver, peer: ulids.sender },
        None => packet.back(),
    }
}

fn establishment_claim(packet: &Packet<'_>, initiator_tag: Tag, ulids: &Pair, fii: Fii) -> Claim {
    Claim::Establishment {
        initiator_tag,
        ulids: UlidPair { sender: ulids.peer, receiver: ulids.local },
        source: packet.source,
        destination: packet.destination,
        fii,
    }
}

/// What R1bis to a packet with this tag speaks for.
#[inline]
pub(super) fn recovery_claim(back: Pair, packet_tag: Tag) -> Claim {
    Claim::Recovery { packet_tag, source: back.peer, destination: back.local }
}
