// SPDX-License-Identifier: MIT OR GPL-2.0
//! Exploration: which pairs are probed, in which order, and how fast (RFC 5534 section 4.3).

use super::{Cause, Contexts, Counter, Engine, Env};
use crate::addr::Addr;
use crate::context::Context;
use crate::locator::{LocalLocator, LocalStatus, Pair, PeerLocator};
use crate::reap::ReapState;
use crate::time::Instant;
use crate::wire::{ProbeState, Tag};
use core::num::NonZeroU64;

/// A pair's place in the order: lower comes first, and no two pairs share one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rank(pub(super) u64);

/// The rank of a pair that is not to be taken.
pub(super) const NEVER: Rank = Rank(u64::MAX);

/// The state that a Probe tells.
pub(super) fn probe_state(state: ReapState) -> ProbeState {
    match state {
        ReapState::Operational => ProbeState::Operational,
        ReapState::Exploring => ProbeState::Exploring,
        ReapState::InboundOk => ProbeState::InboundOk,
    }
}

/// `fc00::/7`, which does not reach a global address (RFC 6724 section 2.1).
fn is_unique_local(addr: &Addr) -> bool {
    let [first, ..] = addr.0;
    first & 0xfe == 0xfc
}

/// The place that a weight gives to a locator among those of its priority: each context draws for itself, and of all
/// contexts each locator is the first of its priority for a share that follows its weight (RFC 2782). Locators without
/// weight come last, in the order of the list.
fn draw(tag: Tag, place: usize, weight: u8) -> u64 {
    let Some(weight) = NonZeroU64::new(weight.into()) else {
        return u16::MAX.into();
    };
    // A number that the context's tag and the place decide, mixed as by splitmix64.
    let mut mixed = tag.get().wrapping_add((place as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^= mixed >> 31;
    // The least of -log(u) / weight falls to each in proportion to its weight. The logarithm to the base 2 is straight
    // between powers of 2, in 4096ths.
    let zeros = u64::from(mixed.leading_zeros()).min(15);
    let fraction = (mixed << zeros << 1) >> 52;
    (((zeros + 1) * 4096 - fraction) / weight).min(u64::from(u16::MAX) - 1)
}

/// The order of pairs: the current one first, since it may have been a moment's trouble; then what the peer does not call
/// broken, addresses that suit each other, the better priorities, by weight, addresses that are not deprecated, pairs that
/// share nothing with the current one before those that share an end. Deprecated addresses come after others (RFC 6724
/// section 5, rule 3).
pub(super) fn rank(
    context: &Context,
    current: &Pair,
    local: (usize, &LocalLocator),
    peer: (usize, &PeerLocator),
) -> Rank {
    let (local_place, local) = local;
    let (peer_place, peer) = peer;
    let same_local = local.addr == current.local;
    let same_peer = peer.addr == current.peer;
    let broken = peer.preference.is_broken() || local.preference.is_broken();
    let mismatch = is_unique_local(&local.addr) != is_unique_local(&peer.addr);
    let transient = peer.preference.is_transient();
    let priority = u64::from(peer.preference.priority) + u64::from(local.preference.priority);
    let deprecated = local.status == LocalStatus::Deprecated;
    let mut rank = u64::from(!(same_local && same_peer) || broken);
    rank = (rank << 1) | u64::from(broken);
    rank = (rank << 1) | u64::from(mismatch);
    rank = (rank << 1) | u64::from(transient);
    rank = (rank << 9) | priority;
    rank = (rank << 16) | draw(context.tag_local, peer_place, peer.preference.weight);
    rank = (rank << 1) | u64::from(deprecated);
    rank = (rank << 2) | (u64::from(same_local) + u64::from(same_peer));
    rank = (rank << 8) | (local_place as u64 & 0xff);
    rank = (rank << 8) | (peer_place as u64 & 0xff);
    Rank(rank)
}

/// The order in which pairs are preferred when all work: as [`rank`] has it without regard to the current pair, and the
/// ULIDs themselves before others.
pub(super) fn preference_rank(context: &Context, local: (usize, &LocalLocator), peer: (usize, &PeerLocator)) -> Rank {
    // A pair that shares nothing with any: all that is left is what makes one better than another.
    let nowhere = Pair { local: Addr::UNSPECIFIED, peer: Addr::UNSPECIFIED };
    let Rank(rank) = rank(context, &nowhere, local, peer);
    let others = u64::from(local.1.addr != context.ulids.local) + u64::from(peer.1.addr != context.ulids.peer);
    // Where `rank` has the number of ends shared.
    Rank(rank | others << 16)
}

impl<C: Contexts, E: Env> Engine<'_, C, E> {
    /// Begins an exploration, or hastens one, with `at_once` Probes.
    pub(super) fn explore(&mut self, now: Instant, id: C::Id, cause: Cause, at_once: u8) {
        let Some(state) = self.contexts.context(id).map(|context| context.reap.state) else {
            return;
        };
        if state == ReapState::Operational && !self.begin_exploring(now, id, cause) {
            return;
        }
        if let Some(exploration) = self.contexts.exploration_mut(id) {
            exploration.cause = cause;
        }
        self.begin_series(now, id);
        for _ in 0..at_once.max(1) {
            self.series_probe(now, id);
        }
    }

    /// Enters Exploring, unless that or InboundOk is the state already; says whether there is memory for it.
    pub(super) fn begin_exploring(&mut self, now: Instant, id: C::Id, cause: Cause) -> bool {
        let was_at_rest = self.contexts.context(id).is_some_and(|context| context.reap.state == ReapState::Operational);
        if (was_at_rest || self.contexts.exploration(id).is_none()) && !self.renew_exploration(now, id) {
            self.restart_send_timer(now, id);
            return false;
        }
        if was_at_rest {
            self.env.count(Counter::Explorations);
            self.enter_reap(now, id, ReapState::Exploring, cause);
        }
        true
    }

    /// Begins a new exploration in the place of one that may be there; says whether there is memory for it.
    pub(super) fn renew_exploration(&mut self, now: Instant, id: C::Id) -> bool {
        if self.contexts.exploration(id).is_none() && self.contexts.begin_exploration(id).is_err() {
            self.env.count(Counter::DropNoMemory);
            return false;
        }
        if let Some(exploration) = self.contexts.exploration_mut(id) {
            exploration.begin();
            exploration.due = exploration.lingers_until(now);
        }
        true
    }

    /// The timer's series of Probes starts over.
    pub(super) fn begin_series(&mut self, now: Instant, id: C::Id) {
        let interval = self.settings.initial_probe_timeout;
        if let Some(exploration) = self.contexts.exploration_mut(id) {
            exploration.series = 0;
            exploration.interval = interval;
            exploration.due = now + interval;
            exploration.turn = None;
        }
    }

    /// Sends the next Probe of the series and says when the one after it is due.
    #[inline(never)]
    pub(super) fn series_probe(&mut self, now: Instant, id: C::Id) {
        if self.contexts.exploration(id).is_none() {
            if !self.renew_exploration(now, id) {
                return;
            }
            self.begin_series(now, id);
        }
        let turn = self.contexts.exploration(id).and_then(|exploration| exploration.turn);
        let wanted = self.wanted_pair(now, id);
        // A peer that tests its own pair does not tell what it has of a host that seems to answer only.
        let state = if wanted.is_some() { ProbeState::Exploring } else { self.own_probe_state(id) };
        let next = wanted.or_else(|| self.next_pair(now, id, turn.map(Rank)));
        let sent = next.is_some_and(|(pair, _)| self.send_probe(now, id, pair, state));
        let settings = self.settings;
        let jitter = self.backoff_jitter();
        let Some(exploration) = self.contexts.exploration_mut(id) else {
            return;
        };
        if let (true, Some((_, Rank(turn)))) = (sent, next) {
            exploration.turn = Some(turn);
            exploration.series = exploration.series.saturating_add(1);
        }
        exploration.due = if exploration.series < u16::from(settings.initial_probes) || !sent {
            now + settings.initial_probe_timeout
        } else {
            exploration.interval = exploration.interval.times(2).at_most(settings.max_probe_timeout);
            now + exploration.interval.fraction(jitter, 1000)
        };
    }

    /// The pair that an operator wants, while nothing was sent over it.
    fn wanted_pair(&self, now: Instant, id: C::Id) -> Option<(Pair, Rank)> {
        let context = self.contexts.context(id)?;
        let exploration = self.contexts.exploration(id)?;
        let wanted = self.wish(now, id).filter(|_| exploration.series == 0)?.pair;
        let usable = context.peer.contains(&wanted.peer) && self.can_leave_from(context, &wanted.local, now);
        usable.then_some((wanted, Rank(0)))
    }

    /// The pair that follows `after` in the order; after the last comes the first.
    pub(super) fn next_pair(&self, now: Instant, id: C::Id, after: Option<Rank>) -> Option<(Pair, Rank)> {
        let context = self.contexts.context(id)?;
        let first = self.least_pair(now, context, |_| true);
        match after {
            Some(after) => self.least_pair(now, context, |rank| rank > after).or(first),
            None => first,
        }
    }

    /// The first pair in the order whose rank fits.
    #[inline(never)]
    pub(super) fn least_pair(
        &self,
        now: Instant,
        context: &Context,
        fits: impl Fn(Rank) -> bool,
    ) -> Option<(Pair, Rank)> {
        self.least_by(now, context, fits, |context, local, peer| rank(context, &context.pair, local, peer))
    }

    /// The first pair in another order.
    pub(super) fn least_by(
        &self,
        now: Instant,
        context: &Context,
        fits: impl Fn(Rank) -> bool,
        rank: impl Fn(&Context, (usize, &LocalLocator), (usize, &PeerLocator)) -> Rank,
    ) -> Option<(Pair, Rank)> {
        let set = self.env.locals(&context.ulids.local)?;
        let mut least: Option<(Pair, Rank)> = None;
        for (local_place, local) in set.locators().iter().enumerate() {
            if !self.may_send_from(context, set, local_place, now) {
                continue;
            }
            for (peer_place, peer) in context.peer.list().iter().enumerate() {
                let rank = rank(context, (local_place, local), (peer_place, peer));
                if fits(rank) && least.is_none_or(|(_, least)| rank < least) {
                    least = Some((Pair { local: local.addr, peer: peer.addr }, rank));
                }
            }
        }
        least
    }

    /// A random share of a backed-off interval, in thousandths: 800 to 1000, so that intervals go on growing.
    fn backoff_jitter(&mut self) -> u32 {
        let mut octet = [0];
        self.env.random(&mut octet);
        let [octet] = octet;
        800 + u32::from(octet) * 200 / 255
    }

    /// The best pair besides the current one that packets could take.
    pub(super) fn best_alternative(&self, now: Instant, context: &Context) -> Option<Pair> {
        let (pair, _) = self.least_pair(now, context, |rank| rank >= ALTERNATIVES)?;
        Some(pair).filter(|pair| *pair != context.pair)
    }

    /// Whether there is one.
    pub(super) fn has_alternative(&self, now: Instant, id: C::Id) -> bool {
        self.contexts.context(id).is_some_and(|context| self.best_alternative(now, context).is_some())
    }
}

/// Every rank but that of the current pair.
pub(super) const ALTERNATIVES: Rank = Rank(1 << 47);
