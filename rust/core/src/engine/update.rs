// SPDX-License-Identifier: MIT OR GPL-2.0
//! Update Request and Acknowledgement (RFC 5533 section 10): telling a peer what changed here, and hearing what changed
//! there.

use super::explore::{rank, Rank, NEVER};
use super::learn::learn;
use super::{Cause, Contexts, Counter, Engine, Env, EventKind, Packet, SendKind};
use crate::context::{bit, Context, State, Told, Update};
use crate::locator::{LocalLocator, LocalStatus, Pair, PeerLocator, PeerLocators, Reach};
use crate::reap::ReapState;
use crate::time::Instant;
use crate::wire::{Error, ErrorCode, MessageType, Quoted, QuotedKind, UpdateAck, UpdateRequest};

impl<C: Contexts, E: Env> Engine<'_, C, E> {
    /// The local set of the context's ULID(local) changed; the set says already what holds now. `cause` tells why, for
    /// the move that may follow.
    pub fn locals_changed(&mut self, now: Instant, id: C::Id, cause: Cause) {
        let Some(context) = self.contexts.context(id) else {
            return;
        };
        let ulid = self.env.locals(&context.ulids.local).and_then(|set| set.get(&context.ulids.local));
        if ulid.is_none_or(|locator| locator.status == LocalStatus::Invalid) {
            return self.close(now, id, Cause::SetRemoved);
        }
        if context.state != State::Established {
            return;
        }
        self.begin_update(now, id);
        self.locals_moved(now, id, cause);
        self.update_timer(now, id);
        self.arm(now, id);
    }

    /// The current pair's local address cannot be used any more, or is called broken while another is not: look for another
    /// pair at once. A context that looks for one in vain tries the new addresses at once. One whose address is deprecated
    /// asks whether another works, and goes on over that (RFC 5533 section 1.5).
    fn locals_moved(&mut self, now: Instant, id: C::Id, cause: Cause) {
        let Some(context) = self.contexts.context(id) else {
            return;
        };
        let lost = !self.can_leave_from(context, &context.pair.local, now) || self.is_shunned(now, context);
        let exploring = context.reap.state != ReapState::Operational;
        if lost && self.next_pair(now, id, None).is_some() {
            self.leave(now, id, cause, None);
        } else if exploring {
            self.explore(now, id, cause, self.settings.parallel_probes);
        } else if let Some(pair) = self.undeprecated_pair(now, context) {
            self.explore_for(now, id, pair, Cause::Preference);
        }
    }

    /// The first pair whose local address is not deprecated, where that of the current one is.
    fn undeprecated_pair(&self, now: Instant, context: &Context) -> Option<Pair> {
        let set = self.env.locals(&context.ulids.local)?;
        set.get(&context.pair.local).filter(|locator| locator.status == LocalStatus::Deprecated)?;
        let fresh_rank = |context: &Context, local: (usize, &LocalLocator), peer: (usize, &PeerLocator)| {
            if local.1.status == LocalStatus::Deprecated {
                NEVER
            } else {
                rank(context, &context.pair, local, peer)
            }
        };
        self.least_by(now, context, |rank| rank < NEVER, fresh_rank).map(|(pair, _)| pair)
    }

    /// Whether an operator calls the current pair's local address broken, and there is another to leave from.
    fn is_shunned(&self, now: Instant, context: &Context) -> bool {
        let Some(set) = self.env.locals(&context.ulids.local) else {
            return false;
        };
        let is_broken = |locator: &LocalLocator| locator.preference.is_broken();
        set.get(&context.pair.local).is_some_and(is_broken)
            && set.locators().iter().any(|other| !is_broken(other) && self.can_leave_from(context, &other.addr, now))
    }

    /// The current pair is known to be lost: the best other one is used from now on, and tested, if the peer is known to be
    /// at its locator (RFC 5533 section 7.2); else what answers first is used. `seen` is a pair over which the peer was
    /// just heard: it comes first, but its word alone proves nothing.
    pub(super) fn leave(&mut self, now: Instant, id: C::Id, cause: Cause, seen: Option<Pair>) {
        let Some(context) = self.contexts.context(id) else {
            return;
        };
        let current = context.pair;
        let seen = seen.filter(|pair| {
            let is_proven =
                context.peer.list().iter().any(|known| known.addr == pair.peer && may_move_to(context, known));
            is_proven && self.can_leave_from(context, &pair.local, now)
        });
        let best = seen.or_else(|| self.proven_pair(now, context)).filter(|pair| *pair != current);
        match best.filter(|_| self.settings.advice_local) {
            Some(pair) => {
                self.env.count(Counter::AdviceLocal);
                if self.test(id).is_some() {
                    self.abandon(now, id);
                }
                self.use_pair(now, id, pair, cause);
                self.begin_test(now, id, cause, true);
            }
            None => self.explore(now, id, cause, self.settings.parallel_probes),
        }
    }

    /// The first pair to a locator at which the peer is known to be.
    fn proven_pair(&self, now: Instant, context: &Context) -> Option<Pair> {
        self.least_by(now, context, |rank| rank < NEVER, proven_rank).map(|(pair, _)| pair)
    }

    /// Tells the peer of a Send Timeout that an operator has changed (RFC 5534 section 5.3); says whether it did. What the
    /// peer has done so far was right for the old one, so the Send Timer starts anew.
    pub(super) fn tell_timeout(&mut self, now: Instant, id: C::Id) -> bool {
        let timeout = self.settings.announced_timeout();
        if self.contexts.context(id).is_none_or(|context| context.told.timeout == timeout) {
            return false;
        }
        self.begin_update(now, id);
        if self.contexts.notes(id).send_timer().is_some() {
            self.restart_send_timer(now, id);
        }
        true
    }

    /// Begins an Update Request if the peer does not know what the local set says. One that is on its way is replaced by
    /// one that tells all (RFC 5533 section 10.3).
    pub(super) fn begin_update(&mut self, now: Instant, id: C::Id) {
        let Some(context) = self.contexts.context(id) else {
            return;
        };
        let Some(set) = self.env.locals(&context.ulids.local) else {
            return;
        };
        let news = self.news(context, set);
        let told = context.told;
        let timeout = told.timeout != self.settings.announced_timeout();
        if told.members == news.members && told.preferences == news.preferences && !timeout {
            return;
        }
        let list = told.members != news.members || context.update.is_some_and(|update| update.list);
        let timeout = timeout || context.update.is_some_and(|update| update.timeout);
        self.renew_update(now, id, list, timeout);
    }

    /// Begins an Update Request with the list or preferences alone, and with the Send Timeout or without.
    fn renew_update(&mut self, now: Instant, id: C::Id, list: bool, timeout: bool) {
        let nonce = self.random_nonce();
        let generation = self.random_nonce().0;
        let announced = self.settings.announced_timeout();
        let Some(context) = self.contexts.context(id) else {
            return;
        };
        let Some(set) = self.env.locals(&context.ulids.local) else {
            return;
        };
        let (news, told) = (self.news(context, set), context.told);
        let Some(context) = self.contexts.context_mut(id) else {
            return;
        };
        let generation = match list {
            true if generation == told.generation => !generation,
            true => generation,
            false => told.generation,
        };
        let [last, before, _] = told.nonces;
        context.told = Told {
            generation,
            members: news.members,
            preferences: news.preferences,
            confirmed: told.confirmed & news.members,
            timeout: announced,
            nonces: [nonce, last, before],
        };
        context.update = Some(Update { nonce, list, timeout, retries: 0, due: now, doublings: 0 });
    }

    /// Sends the Update Request, or its next copy, if it is due and there is a way: not over an address that is lost, but
    /// over the pair that is found instead ([`Engine::use_pair`] makes it due).
    #[inline(never)]
    pub(super) fn update_timer(&mut self, now: Instant, id: C::Id) {
        let Some(context) = self.contexts.context(id) else {
            return;
        };
        let Some(update) = context.update.filter(|update| now >= update.due) else {
            return;
        };
        let over = context.pair;
        // The pair in use is good enough, whatever the peer has confirmed to know: this is what it is to confirm.
        let set = self.env.locals(&context.ulids.local);
        let leaves = set.and_then(|set| set.get(&over.local)).is_some_and(LocalLocator::is_usable);
        let due = now + self.jitter(update.interval());
        let Some(context) = self.contexts.context_mut(id) else {
            return;
        };
        let doublings = update.doublings.saturating_add(u8::from(leaves));
        context.update = Some(Update { due, doublings, retries: update.retries.saturating_add(1), ..update });
        if leaves {
            self.send(SendKind::UpdateRequest(id), over);
            self.note_sent(now, id);
        }
    }

    /// RFC 5533 section 10.4. All or nothing: what is wrong with a part spoils the message.
    #[inline(never)]
    pub(super) fn update_request_in(
        &mut self,
        now: Instant,
        packet: &Packet<'_>,
        id: C::Id,
        request: &UpdateRequest<'_>,
    ) {
        let Some(context) = self.contexts.context(id) else {
            return;
        };
        let mut learned = PeerLocators::empty();
        let key = self.contexts.peer_key(id);
        let lesson = match learn(context.ulids.peer, &context.peer, key, &request.announcement, &mut learned) {
            Ok(lesson) => lesson,
            Err(unfit) => return self.refuse(now, packet, unfit),
        };
        if !self.is_proven(now, packet, Some(id), &lesson, &learned) {
            return;
        }
        // Like payload (RFC 5534 section 6.1).
        self.note_received(now, id);
        self.heard(now, id);
        self.keep_key(id, &request.announcement);
        self.adopt_locators(now, id, lesson.has_news.then_some(&learned), Some(packet.back()));
        if let (Some(timeout), Some(context)) = (request.announcement.keepalive_timeout, self.contexts.context_mut(id))
        {
            context.reap.peer_timeout = timeout.as_secs();
        }
        // By the current pair: the way back of the request may be dead (the two directions may use different pairs). Not to a
        // locator that the request withdraws.
        let is_told = |context: &&Context| context.peer.contains(&context.pair.peer);
        let over = self.contexts.context(id).filter(is_told).map_or(packet.back(), |context| context.pair);
        if self.contexts.context(id).is_some() {
            self.send(SendKind::UpdateAck { id, request_nonce: request.request_nonce }, over);
            self.note_sent(now, id);
        }
    }

    /// RFC 5533 section 10.5.
    pub(super) fn update_ack_in(&mut self, now: Instant, id: C::Id, ack: &UpdateAck) {
        let Some(context) = self.contexts.context_mut(id) else {
            return;
        };
        if context.update.is_none_or(|update| update.nonce != ack.request_nonce) {
            let [_, earlier @ ..] = context.told.nonces;
            let has_list = context.told.members != 0;
            let is_earlier = ack.request_nonce != Told::NO_REQUEST && earlier.contains(&ack.request_nonce);
            let went_back = context.update.is_none() && is_earlier;
            self.env.count(Counter::DropNonce);
            if went_back {
                // A late copy of a request of ours has overtaken the last one: what that told must be told again.
                self.renew_update(now, id, has_list, true);
                self.update_timer(now, id);
            }
            return;
        }
        context.update = None;
        context.told.confirmed = context.told.members;
        self.note_received(now, id);
        self.heard(now, id);
    }

    /// The peer cannot apply the preferences of an Update Request, as it has another list than the one that they belong to:
    /// it is told the list again. The quotation must be of the request on its way, over a pair of the context (RFC 5533
    /// sections 10.4 and 12.4).
    pub(super) fn update_refused(&mut self, now: Instant, packet: &Packet<'_>, error: &Error<'_>) {
        if !matches!(error.code, ErrorCode::GENERATION_OUT_OF_SYNC | ErrorCode::LOCATOR_COUNT) {
            return;
        }
        let Some(Quoted { source, destination, kind }) = Quoted::parse(error.packet) else {
            return;
        };
        let QuotedKind::Control { kind: MessageType::UpdateRequest, tag: Some(tag), nonce: Some(nonce) } = kind else {
            return;
        };
        let over = Pair { local: source, peer: destination };
        let found = self.contexts.by_peer_tag(tag, &mut |_, context| {
            let asked = context.update.is_some_and(|update| update.nonce == nonce && !update.list);
            asked && context.state == State::Established && self.fits(context, &over) && packet.back() == over
        });
        if let Some(id) = found {
            let timeout = self.contexts.context(id).and_then(|context| context.update).is_some_and(|u| u.timeout);
            self.renew_update(now, id, true, timeout);
            self.update_timer(now, id);
            self.arm(now, id);
        }
    }

    /// Replaces Ls(peer). If the current pair suffers by it, another is used. `seen` is the pair over which that was told.
    pub(super) fn adopt_locators(
        &mut self,
        now: Instant,
        id: C::Id,
        learned: Option<&PeerLocators>,
        seen: Option<Pair>,
    ) {
        let (Some(learned), Some(context)) = (learned, self.contexts.context_mut(id)) else {
            return;
        };
        if context.peer == *learned {
            return;
        }
        let moved = context.peer.moved(learned);
        context.peer.clone_from(learned);
        let broken =
            context.peer.list().iter().any(|known| known.addr == context.pair.peer && known.preference.is_broken());
        let gone = !context.peer.contains(&context.pair.peer);
        let established = context.state == State::Established;
        if let Some(exploration) = self.contexts.exploration_mut(id) {
            exploration.forget_sent(moved);
        }
        self.tell(id, EventKind::Locators, Cause::Peer);
        if established && (broken || gone) {
            self.leave(now, id, Cause::LocatorBroken, seen);
        }
    }

    /// An exchange ended over a locator that the peer's list leaves out, which only its ULID can be: look for one that is
    /// in it.
    pub(super) fn leave_unlisted(&mut self, now: Instant, id: C::Id) {
        let unlisted = self
            .contexts
            .context(id)
            .is_some_and(|context| context.state == State::Established && !context.peer.contains(&context.pair.peer));
        if unlisted {
            self.leave(now, id, Cause::LocatorBroken, None);
        }
    }

    /// Whether packets of the context may leave from this address now.
    pub(super) fn can_leave_from(
        &self,
        context: &crate::context::Context,
        addr: &crate::addr::Addr,
        now: Instant,
    ) -> bool {
        let Some(set) = self.env.locals(&context.ulids.local) else {
            return false;
        };
        let place = set.locators().iter().position(|locator| locator.addr == *addr);
        place.is_some_and(|place| bit(place) != 0 && self.may_send_from(context, set, place, now))
    }
}

/// Whether traffic may move to a locator without waiting for a Probe's answer: it is the ULID, or in use, or has answered,
/// and the peer does not call it broken. One that was silent when it was needed last has to answer first (RFC 5533 section
/// 10.4).
fn may_move_to(context: &Context, peer: &PeerLocator) -> bool {
    let is_there = match peer.reach {
        Reach::Reachable => true,
        Reach::Unknown => peer.addr == context.ulids.peer || peer.addr == context.pair.peer,
        Reach::Unreachable => false,
    };
    is_there && !peer.preference.is_broken()
}

/// The order of pairs to locators that traffic may move to.
fn proven_rank(context: &Context, local: (usize, &LocalLocator), peer: (usize, &PeerLocator)) -> Rank {
    if may_move_to(context, peer.1) {
        rank(context, &context.pair, local, peer)
    } else {
        NEVER
    }
}
