// SPDX-License-Identifier: MIT OR GPL-2.0
//! What every part of the engine does to a context: change its state, its pair and its tag, tell of it, remove it.

use super::{Action, Cause, Contexts, Counter, Engine, Env, EventKind, NoMemory, Send, SendKind};
use crate::context::{bit, Context, News, Past, State};
use crate::locator::{LocalSet, Pair, Reach};
use crate::reap::{received_at, Doubt, Note, Reap, RoundTrip};
use crate::settings::R2_SETTLED;
use crate::time::{Duration, Instant};
use crate::wire::{Nonce, Tag};

/// Draws of a random tag or nonce before the engine gives up: one draw in 2^27 meets a tag in use when a million are.
const DRAWS: usize = 8;

impl<C: Contexts, E: Env> Engine<'_, C, E> {
    /// Removes a context.
    pub fn close(&mut self, now: Instant, id: C::Id, cause: Cause) {
        let Some(context) = self.contexts.context_mut(id) else {
            return;
        };
        if context.state == State::Idle {
            return;
        }
        context.state = State::Idle;
        context.state_since = now;
        self.contexts.end_establishment(id);
        self.contexts.end_exploration(id);
        self.contexts.retire(id);
        self.env.count(Counter::ContextsRemoved);
        self.tell(id, EventKind::Removed, cause);
        self.push(Action::Forget { id });
    }

    /// The slow walk over all contexts passes this one: it is removed if it is idle, unless `in_use` says that something
    /// above still wants it (RFC 5533 section 9).
    pub fn collect(&mut self, now: Instant, id: C::Id, in_use: bool) {
        let last = self.contexts.notes(id).last();
        let is_idle = |context: &Context| context.is_idle(now, last, self.settings.idle_timeout);
        if !in_use && self.contexts.context(id).is_some_and(is_idle) {
            self.close(now, id, Cause::Idle);
        }
    }

    pub(super) fn push(&mut self, action: Action<C::Id>) {
        if self.actions.push(action).is_err() {
            self.env.count(Counter::DropNoMemory);
        }
    }

    pub(super) fn send(&mut self, kind: SendKind<C::Id>, over: Pair) {
        self.push(Action::Send(Send { kind, from: over.local, to: over.peer }));
    }

    /// Tells the listeners, and writes it down in the context.
    pub(super) fn tell(&mut self, id: C::Id, kind: EventKind, cause: Cause) {
        if let Some(context) = self.contexts.context_mut(id) {
            context.last_event = kind;
            context.last_cause = cause;
        }
        self.push(Action::Event { id, kind, cause });
    }

    /// Lets the data path know of a pair or a tag that changed.
    pub(super) fn publish(&mut self, id: C::Id) {
        if let Some(context) = self.contexts.context(id) {
            let path = context.path();
            self.push(Action::UsePair { id, local: path.pair.local, peer: path.pair.peer, switched: path.switched });
        }
    }

    /// Moves to another state of RFC 5533.
    pub(super) fn enter(&mut self, now: Instant, id: C::Id, state: State, cause: Cause) {
        let was_watched = self.is_watched(id);
        let Some(context) = self.contexts.context_mut(id) else {
            return;
        };
        if context.state == state {
            return;
        }
        let was_up = context.is_up();
        context.state = state;
        context.state_since = now;
        if matches!(state, State::I1Sent | State::Failed | State::NoSupport) {
            // It begins anew with all that the peer told and that was found out.
            context.reap = Reap::new();
        }
        let is_up = context.is_up();
        if state == State::Established {
            context.peer.set_reach(&context.pair.peer, Reach::Reachable);
        }
        match state {
            State::Established => {
                self.env.count(Counter::ContextsEstablished);
                self.env.established(now);
            }
            State::Failed => self.env.count(Counter::ContextsFailed),
            State::NoSupport => self.env.count(Counter::ContextsUnsupported),
            _ => {}
        }
        if was_up != is_up {
            self.publish(id);
        }
        self.watch(id, was_watched);
        self.tell(id, EventKind::State, cause);
    }

    /// Gives up an exchange: E-FAILED or NO-SUPPORT, with neither nonce nor peer tag, for the hold-down.
    pub(super) fn give_up(&mut self, now: Instant, id: C::Id, state: State, hold: Duration, cause: Cause) {
        self.set_owed(id, None);
        self.contexts.end_establishment(id);
        self.contexts.end_exploration(id);
        self.contexts.index_nonce(id, None);
        self.set_peer_tag(id, None);
        if let Some(context) = self.contexts.context_mut(id) {
            context.hold = hold;
            context.update = None;
        }
        self.enter(now, id, state, cause);
    }

    pub(super) fn set_peer_tag(&mut self, id: C::Id, tag: Option<Tag>) {
        let Some(context) = self.contexts.context_mut(id) else {
            return;
        };
        if context.tag_peer == tag {
            return;
        }
        let was_up = context.is_up();
        context.tag_peer = tag;
        self.contexts.index_peer_tag(id, tag);
        if was_up {
            self.publish(id);
        }
    }

    /// Makes a pair the current one.
    pub(super) fn use_pair(&mut self, now: Instant, id: C::Id, pair: Pair, cause: Cause) {
        let last_rx = self.contexts.notes(id).last_rx;
        let Some(context) = self.contexts.context_mut(id) else {
            return;
        };
        if context.pair == pair {
            return;
        }
        let left = core::mem::replace(&mut context.pair, pair);
        context.switched_at = Some(now);
        context.switch_cause = cause;
        let heard = if last_rx == Instant::ZERO { context.created } else { last_rx };
        let (age, silence) = (now.since(context.created), now.since(heard));
        context.round_trip = RoundTrip::default();
        context.doubt = Doubt::default();
        if let Some(update) = context.update.as_mut() {
            // What was to be told may have waited for a pair that works.
            update.due = now;
        }
        self.remember(id, |past| past.switched(left, age, silence, cause));
        self.env.count(Counter::Switches);
        self.publish(id);
        self.tell(id, EventKind::Switched, cause);
    }

    /// Adds to what the context has behind it. If there is no memory it goes without.
    pub(super) fn remember(&mut self, id: C::Id, add: impl FnOnce(&mut Past)) {
        match self.contexts.past_mut(id) {
            Ok(past) => add(past),
            Err(NoMemory) => self.env.count(Counter::DropNoMemory),
        }
    }

    /// Writes down, as for payload, that a control message of the context came in.
    pub(super) fn note_received(&mut self, now: Instant, id: C::Id) {
        let mut notes = self.contexts.notes(id);
        notes.received(now);
        self.mark_noted(id, notes.last_rx);
        self.contexts.write_note(id, Note::FirstRx, notes.first_rx);
        self.contexts.write_note(id, Note::LastRx, notes.last_rx);
        self.confirm(now, id);
    }

    /// Writes down that the peer is heard, by what does not start the Keepalive Timer; says when.
    pub(super) fn note_heard(&mut self, now: Instant, id: C::Id) -> Instant {
        let at = received_at(now, self.contexts.notes(id).last_tx);
        self.contexts.write_note(id, Note::LastRx, at);
        at
    }

    /// Writes down, as for payload, that a control message of the context went out.
    pub(super) fn note_sent(&mut self, now: Instant, id: C::Id) {
        let mut notes = self.contexts.notes(id);
        notes.sent(now);
        self.mark_noted(id, notes.last_tx);
        self.contexts.write_note(id, Note::FirstTx, notes.first_tx);
        self.contexts.write_note(id, Note::LastTx, notes.last_tx);
    }

    /// A message of the peer bore this host's tag, so the peer has had the R2, and the locators in it.
    pub(super) fn confirm(&mut self, now: Instant, id: C::Id) {
        if let Some(context) = self.contexts.context_mut(id) {
            let list_on_its_way = context.update.is_some_and(|update| update.list);
            let Some(sent) = context.r2_sent.take() else {
                return;
            };
            context.round_trip.bound(now.since(sent));
            if !list_on_its_way {
                context.told.confirmed = context.told.members;
            }
        }
    }

    /// What the peer of a context is to know now. The ULID by itself needs no telling, as long as no list was told that it
    /// would replace: the structure that proves it would give away all other addresses of its set.
    pub(super) fn news(&self, context: &Context, set: &LocalSet) -> News {
        let Pair { local, peer } = context.ulids;
        let news = News::of(set, |addr| *addr == local || self.env.may_tell(&peer, addr));
        let others = set.locators().iter().enumerate().filter(|(_, locator)| locator.addr != local);
        let tells_others = others.fold(0, |places, (place, _)| places | bit(place)) & news.members != 0;
        if tells_others || context.told.generation != 0 {
            news
        } else {
            News::default()
        }
    }

    /// Brings [`Told`] to what the local set says now, before I2, I2bis or R2 tells all of it. Says whether there is a
    /// local set at all.
    pub(super) fn tell_all(&mut self, id: C::Id) -> bool {
        let mut generation = [0; 4];
        self.env.random(&mut generation);
        let generation = u32::from_be_bytes(generation);
        let Some(context) = self.contexts.context(id) else {
            return false;
        };
        let Some(set) = self.env.locals(&context.ulids.local) else {
            return false;
        };
        let news = self.news(context, set);
        let Some(context) = self.contexts.context_mut(id) else {
            return false;
        };
        let told = &mut context.told;
        if context.state == State::Established && told.members != 0 {
            // News travel by Update Request: a repeated R2 may be dropped as the repetition it is.
            return true;
        }
        if told.members != news.members {
            // A random number, and never that of the list before (RFC 5533 section 10.1).
            let generation = if generation == told.generation { !generation } else { generation };
            told.generation = generation;
            told.members = news.members;
            told.confirmed &= news.members;
        }
        told.preferences = news.preferences;
        told.timeout = self.settings.announced_timeout();
        context.update = None;
        true
    }

    /// Whether packets of the context may leave from this place of its local set: it works, and the peer knows it. Nothing
    /// acknowledges the list in R2: the rules want a sign that it has arrived, or its time to be over; a host that bends them
    /// ([`crate::settings::Settings::parallel_probes`]) takes it for received, as nearly all are, and lets the answers to its
    /// Probes decide.
    pub(super) fn may_send_from(&self, context: &Context, set: &LocalSet, place: usize, now: Instant) -> bool {
        let Some(locator) = set.locators().get(place) else {
            return false;
        };
        let patience = if self.settings.parallel_probes > 1 { Duration::ZERO } else { R2_SETTLED };
        let is_told = !context.update.is_some_and(|update| update.list);
        let settled =
            context.r2_sent.is_some_and(|sent| now.since(sent) >= patience && (is_told || patience != Duration::ZERO));
        let known = context.told.confirmed | if settled { context.told.members } else { 0 };
        locator.is_usable() && (locator.addr == context.ulids.local || known & bit(place) != 0)
    }

    /// Whether the address is in Ls(local) of the context.
    pub(super) fn is_local(&self, context: &Context, addr: &crate::addr::Addr) -> bool {
        if *addr == context.ulids.local {
            return true;
        }
        let Some(set) = self.env.locals(&context.ulids.local) else {
            return false;
        };
        set.locators().iter().enumerate().any(|(place, locator)| locator.addr == *addr && context.told.includes(place))
    }

    /// Whether a message over this pair can belong to the context: from Ls(peer) to Ls(local) (RFC 5533 section 12.4).
    pub(super) fn fits(&self, context: &Context, back: &Pair) -> bool {
        context.peer.contains(&back.peer) && self.is_local(context, &back.local)
    }

    /// A random nonce that no exchange uses.
    pub(super) fn draw_nonce(&mut self) -> Option<Nonce> {
        for _ in 0..DRAWS {
            let nonce = self.random_nonce();
            if self.contexts.by_nonce(nonce).is_none() {
                return Some(nonce);
            }
        }
        None
    }

    pub(super) fn random_nonce(&mut self) -> Nonce {
        let mut octets = [0; 4];
        self.env.random(&mut octets);
        Nonce(u32::from_be_bytes(octets))
    }

    /// A random tag that no context has (RFC 5533 section 7.1).
    pub(super) fn draw_tag(&mut self) -> Option<Tag> {
        for _ in 0..DRAWS {
            let mut octets = [0; 6];
            self.env.random(&mut octets);
            let tag = Tag::from_octets(octets);
            if self.contexts.by_local_tag(tag).is_none() {
                return Some(tag);
            }
        }
        None
    }

    /// The interval times a random factor between 0.5 and 1.5 (RFC 5533 section 14).
    pub(super) fn jitter(&mut self, interval: Duration) -> Duration {
        let mut octets = [0; 2];
        self.env.random(&mut octets);
        let share = u32::from(u16::from_be_bytes(octets)) * 1001 / 65536;
        interval.fraction(500 + share, 1000)
    }
}
