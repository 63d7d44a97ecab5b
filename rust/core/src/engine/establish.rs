// SPDX-License-Identifier: MIT OR GPL-2.0
//! The initiator: beginning, R1, R2 and R1bis coming in, and the copies that its timer sends (RFC 5533 sections 7.7, 7.8,
//! 7.11, 7.12, 7.16, 7.18, 7.19).

use super::learn::learn;
use super::{Action, Cause, Contexts, Counter, Engine, Env, EventKind, Packet, SendKind, StartError};
use crate::context::{Role, Seed, State};
use crate::locator::{Pair, PeerLocators};
use crate::settings::{
    I1_RETRIES_MAX, I1_TIMEOUT, I2BIS_RETRIES_MAX, I2BIS_TIMEOUT, I2_RETRIES_MAX, I2_TIMEOUT, NO_R1_HOLDDOWN_TIME,
    ROUNDS_MAX,
};
use crate::time::{Duration, Instant};
use crate::wire::{Fii, R1bis, R1, R2};
use heapless::Vec;

impl<C: Contexts, E: Env> Engine<'_, C, E> {
    /// Begins a context (RFC 5533 section 7.7).
    pub fn start(&mut self, now: Instant, ulids: Pair, fii: Fii, cause: Cause) -> Result<C::Id, StartError> {
        if ulids.local == ulids.peer || !ulids.local.may_be_locator() || !ulids.peer.may_be_locator() {
            return Err(StartError::Address);
        }
        if !self.is_for_us(&ulids) {
            return Err(StartError::NotLocal);
        }
        if self.contexts.by_ulids(&ulids, fii).is_some() {
            return Err(StartError::Exists);
        }
        let refused = |engine: &mut Self, why| {
            engine.env.count(Counter::ContextsRefused);
            Err(StartError::Refused(why))
        };
        let (Some(tag_local), Some(nonce)) = (self.draw_tag(), self.draw_nonce()) else {
            return refused(self, super::Refused::Full);
        };
        let seed = Seed {
            ulid_local: ulids.local,
            ulid_peer: ulids.peer,
            fii,
            tag_local,
            role: Role::Initiator,
            state: State::I1Sent,
            cause,
            now,
        };
        let id = match self.contexts.insert(&seed) {
            Ok(id) => id,
            Err(why) => return refused(self, why),
        };
        if self.contexts.begin_establishment(id).is_err() {
            self.contexts.retire(id);
            self.push(Action::Forget { id });
            return refused(self, super::Refused::NoMemory);
        }
        if let Some(exchange) = self.contexts.establishment_mut(id) {
            exchange.nonce = nonce;
            exchange.pair = ulids;
            exchange.rounds = 1;
        }
        self.contexts.index_nonce(id, Some(nonce));
        self.env.count(Counter::ContextsCreated);
        self.tell(id, EventKind::Created, cause);
        self.begin_request(now, id, I1_TIMEOUT);
        self.arm(now, id);
        Ok(id)
    }

    /// Sends the first copy of the message that the state is named after.
    fn begin_request(&mut self, now: Instant, id: C::Id, timeout: Duration) {
        let due = now + self.jitter(timeout);
        if let Some(exchange) = self.contexts.establishment_mut(id) {
            exchange.retries = 0;
            exchange.interval = timeout;
            exchange.due = due;
        }
        if let Some(exchange) = self.contexts.establishment_mut(id) {
            exchange.sent = now;
        }
        self.tell_all(id);
        self.send_request(id);
    }

    /// An answer to the first copy of a request measures the round trip.
    fn measure(&mut self, now: Instant, id: C::Id) {
        let sent =
            self.contexts.establishment(id).filter(|exchange| exchange.retries == 0).map(|exchange| exchange.sent);
        if let (Some(sent), Some(context)) = (sent, self.contexts.context_mut(id)) {
            context.round_trip.sample(now.since(sent));
        }
    }

    fn send_request(&mut self, id: C::Id) {
        let (Some(context), Some(exchange)) = (self.contexts.context(id), self.contexts.establishment(id)) else {
            return;
        };
        let over = exchange.pair;
        match context.state {
            State::I1Sent => self.send(SendKind::I1(id), over),
            State::I2Sent => self.send(SendKind::I2(id), over),
            State::I2bisSent => self.send(SendKind::I2bis(id), over),
            _ => {}
        }
    }

    /// The peer uses the context already, so R2 was lost: ask for it again, within limits (RFC 5533 Appendix B).
    pub(super) fn repeat_request(&mut self, now: Instant, id: C::Id) {
        let to = self.contexts.establishment(id).map(|exchange| exchange.pair.peer);
        if to.is_some_and(|to| self.may_reply(now, &to)) {
            self.send_request(id);
        }
    }

    /// RFC 5533 section 7.11.
    #[inline(never)]
    pub(super) fn r1_in(&mut self, now: Instant, packet: &Packet<'_>, r1: &R1<'_>) {
        let back = packet.back();
        let Some(id) = self.contexts.by_nonce(r1.initiator_nonce) else {
            return self.env.count(Counter::DropNonce);
        };
        if self.contexts.context(id).is_none_or(|context| context.state != State::I1Sent) {
            return self.env.count(Counter::DropWrongState);
        }
        let Some(exchange) = self.contexts.establishment_mut(id) else {
            return;
        };
        if exchange.pair != back {
            return self.env.count(Counter::DropLocator);
        }
        let Ok(validator) = Vec::from_slice(r1.validator) else {
            return self.env.count(Counter::DropMalformed);
        };
        exchange.responder_nonce = r1.responder_nonce;
        exchange.validator = validator;
        self.measure(now, id);
        self.enter(now, id, State::I2Sent, Cause::Answer);
        self.begin_request(now, id, I2_TIMEOUT);
        self.arm(now, id);
    }

    /// RFC 5533 section 7.16.
    #[inline(never)]
    pub(super) fn r2_in(&mut self, now: Instant, packet: &Packet<'_>, r2: &R2<'_>) {
        let Some(id) = self.contexts.by_nonce(r2.initiator_nonce) else {
            return self.env.count(Counter::DropNonce);
        };
        let (Some(context), Some(exchange)) = (self.contexts.context(id), self.contexts.establishment(id)) else {
            return;
        };
        let over = exchange.pair;
        if over != packet.back() {
            return self.env.count(Counter::DropLocator);
        }
        let state = context.state;
        let mut learned = PeerLocators::empty();
        let key = self.contexts.peer_key(id);
        let lesson = match learn(context.ulids.peer, &context.peer, key, &r2.announcement, &mut learned) {
            Ok(lesson) => lesson,
            Err(unfit) => return self.refuse(now, packet, unfit),
        };
        if !self.is_proven(now, packet, Some(id), &lesson, &learned) {
            return;
        }
        self.measure(now, id);
        self.contexts.end_establishment(id);
        self.contexts.index_nonce(id, None);
        self.adopt(now, id, r2.responder_tag, lesson.has_news.then_some(&learned), &r2.announcement);
        if let Some(context) = self.contexts.context_mut(id) {
            match state {
                // The peer answered I2 or I2bis, and so knows the list in it.
                State::I2Sent | State::I2bisSent => {
                    context.r2_sent = None;
                    context.told.confirmed = context.told.members;
                }
                // I1 crossed I1: the peer got the list by R2, which nothing confirms.
                _ => context.r2_sent = Some(now),
            }
            if state != State::I2bisSent {
                context.pair = over;
            }
        }
        if state == State::I2bisSent {
            self.env.count(Counter::ContextsRecovered);
            self.settle(now, id, over);
        }
        self.enter(now, id, State::Established, Cause::Answer);
        self.note_received(now, id);
        self.resolve_confusion(now, id);
        self.leave_unlisted(now, id);
        // The local set may have changed since I2.
        self.begin_update(now, id);
        self.update_timer(now, id);
        self.arm(now, id);
    }

    /// RFC 5533 section 7.18. The context keeps CT(peer), and payload keeps using it, until R2 brings a new one.
    #[inline(never)]
    pub(super) fn r1bis_in(&mut self, now: Instant, packet: &Packet<'_>, r1bis: &R1bis<'_>) {
        let back = packet.back();
        let found = self.contexts.by_peer_tag(r1bis.packet_tag, &mut |_, context| {
            context.state == State::Established && self.fits(context, &back)
        });
        let Some(id) = found else {
            return self.env.count(Counter::DropNoContext);
        };
        let Ok(validator) = Vec::from_slice(r1bis.validator) else {
            return self.env.count(Counter::DropMalformed);
        };
        let Some(nonce) = self.draw_nonce() else {
            return;
        };
        if self.contexts.begin_establishment(id).is_err() {
            return self.env.count(Counter::DropNoMemory);
        }
        if let Some(exchange) = self.contexts.establishment_mut(id) {
            exchange.nonce = nonce;
            exchange.pair = back;
            exchange.responder_nonce = r1bis.responder_nonce;
            exchange.validator = validator;
            exchange.packet_tag = Some(r1bis.packet_tag);
        }
        self.contexts.index_nonce(id, Some(nonce));
        self.enter(now, id, State::I2bisSent, Cause::ContextLost);
        self.begin_request(now, id, I2BIS_TIMEOUT);
        self.arm(now, id);
    }

    /// The time for an answer is over: another copy, another round, or the end.
    pub(super) fn request_timer(&mut self, now: Instant, id: C::Id) {
        let (Some(context), Some(exchange)) = (self.contexts.context(id), self.contexts.establishment(id)) else {
            return;
        };
        if now < exchange.due {
            return;
        }
        let (state, rounds) = (context.state, exchange.rounds);
        let limit = match state {
            State::I1Sent => I1_RETRIES_MAX,
            State::I2Sent => I2_RETRIES_MAX,
            _ => I2BIS_RETRIES_MAX,
        };
        if exchange.retries < limit {
            let interval = exchange.interval.times(2);
            let due = now + self.jitter(interval);
            if let Some(exchange) = self.contexts.establishment_mut(id) {
                exchange.retries += 1;
                exchange.interval = interval;
                exchange.due = due;
            }
            self.send_request(id);
        } else if state == State::I1Sent || rounds >= ROUNDS_MAX {
            self.give_up(now, id, State::Failed, NO_R1_HOLDDOWN_TIME, Cause::NoAnswer);
        } else {
            self.next_round(now, id);
        }
    }

    /// Nobody answered I2 or I2bis: begin with I1 again (RFC 5533 sections 7.12 and 7.19).
    fn next_round(&mut self, now: Instant, id: C::Id) {
        if let Some(exchange) = self.contexts.establishment_mut(id) {
            exchange.rounds += 1;
            exchange.validator.clear();
            exchange.packet_tag = None;
        }
        self.contexts.end_exploration(id);
        self.set_peer_tag(id, None);
        self.enter(now, id, State::I1Sent, Cause::NoAnswer);
        self.begin_request(now, id, I1_TIMEOUT);
    }
}
