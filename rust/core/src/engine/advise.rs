// SPDX-License-Identifier: MIT OR GPL-2.0
//! Hints from above, from below, from operators and from routers (RFC 5533 section 8, RFC 5534 sections 3 and 4.1). A hint
//! starts a test; only the test's outcome moves traffic.

use super::{Advice, Cause, Contexts, Counter, Engine, Env};
use crate::context::{Context, Past, State};
use crate::locator::{Pair, Reach};
use crate::reap::{ReapState, Wish};
use crate::settings::{EXPLORATION_LINGER, ICMP_HOLDDOWN_TIME};
use crate::time::Instant;
use crate::wire::icmp::{DESTINATION_UNREACHABLE, PARAMETER_PROBLEM, TIME_EXCEEDED, UNRECOGNIZED_NEXT_HEADER};
use crate::wire::{Fii, IcmpError, MessageType, Nonce, ProbeState, QuotedKind, Tag};

/// Code of Destination Unreachable: "port unreachable", which is not about the path.
const PORT_UNREACHABLE: u8 = 4;
/// The last of its codes that RFC 5533 section 8 lists.
const REJECT_ROUTE: u8 = 6;

impl<C: Contexts, E: Env> Engine<'_, C, E> {
    /// A hint about a context.
    pub fn advice(&mut self, now: Instant, id: C::Id, advice: Advice) {
        let Some(context) = self.contexts.context(id) else {
            return;
        };
        if context.state != State::Established {
            return;
        }
        let at_rest = context.reap.state == ReapState::Operational;
        match advice {
            Advice::Suspect(cause) => self.suspect(now, id, cause),
            Advice::Explore(cause) if at_rest => self.begin_test(now, id, cause, false),
            Advice::Explore(cause) => self.explore(now, id, cause, self.settings.parallel_probes),
            Advice::Working => {
                self.note_heard(now, id);
                self.vouched(now, id);
            }
            Advice::Verify => self.verify(now, id),
            Advice::Use(pair) => self.explore_for(now, id, pair, Cause::Administrator),
            Advice::Prefer(cause) => {
                let preferred = self.preferred_pair(now, context).filter(|pair| *pair != context.pair);
                if let Some(pair) = preferred {
                    self.explore_for(now, id, pair, cause);
                }
            }
            Advice::Ask(pair) if at_rest => self.ask_for(now, id, pair),
            // It is being found out.
            Advice::Ask(_) => {}
        }
        self.arm(now, id);
    }

    /// Whether a pair is of the context's locators, and packets may leave by it now.
    pub fn can_use(&self, now: Instant, id: C::Id, pair: &Pair) -> bool {
        self.contexts
            .context(id)
            .is_some_and(|context| context.peer.contains(&pair.peer) && self.can_leave_from(context, &pair.local, now))
    }

    /// Explores, and takes this pair if a Probe over it is answered.
    pub(super) fn explore_for(&mut self, now: Instant, id: C::Id, pair: Pair, cause: Cause) {
        let is_tested = self.test(id).is_some();
        if !is_tested {
            self.explore(now, id, cause, 0);
            self.begin_series(now, id);
        }
        if let Some(exploration) = self.contexts.exploration_mut(id) {
            exploration.kept.wish = Some(Wish { pair, cause, nonce: None, until: now + EXPLORATION_LINGER });
        }
        if !is_tested {
            self.series_probe(now, id);
        } else if self.can_use(now, id, &pair) {
            self.send_probe(now, id, pair, ProbeState::Exploring);
        }
        let places = self.places(id, &pair);
        if let Some(exploration) = self.contexts.exploration_mut(id) {
            let asks = exploration.latest_sent().find(|sent| Some(sent.places) == places).map(|sent| sent.nonce);
            if let Some(wish) = exploration.kept.wish.as_mut() {
                wish.nonce = asks;
            }
        }
    }

    /// What is wanted, for as long as it is.
    pub(super) fn wish(&self, now: Instant, id: C::Id) -> Option<Wish> {
        self.contexts.exploration(id)?.kept.wish.filter(|wish| now < wish.until)
    }

    /// What is wanted, if it has answered.
    pub(super) fn granted(&self, now: Instant, id: C::Id) -> Option<Wish> {
        let (wish, context) = (self.wish(now, id)?, self.contexts.context(id)?);
        let mut answered = self.contexts.exploration(id)?.sent.iter().filter(|sent| sent.answered);
        let is_answered = answered.any(|sent| self.pair_of(context, sent) == Some(wish.pair));
        (is_answered && self.can_leave_from(context, &wish.pair.local, now)).then_some(wish)
    }

    /// The pair that was wanted is taken.
    pub(super) fn use_wanted(&mut self, now: Instant, id: C::Id, wish: Wish) {
        if let Some(exploration) = self.contexts.exploration_mut(id) {
            exploration.kept.wish = None;
        }
        if let Some(context) = self.contexts.context_mut(id) {
            context.peer.set_reach(&wish.pair.peer, Reach::Reachable);
        }
        self.use_pair(now, id, wish.pair, wish.cause);
    }

    /// An ICMPv6 error came, about a packet that quotes a Shim6 header or that went between the ULIDs of a context. Says
    /// whether the shim acted on it, so that upper layers need not hear of it (RFC 5533 section 8).
    pub fn icmp_error(&mut self, now: Instant, error: &IcmpError) -> bool {
        let IcmpError { kind, code, parameter: pointer, quoted } = error;
        let over = Pair { local: quoted.source, peer: quoted.destination };
        match (*kind, *code, &quoted.kind) {
            (
                PARAMETER_PROBLEM,
                UNRECOGNIZED_NEXT_HEADER,
                QuotedKind::Control { kind: MessageType::I1, tag: Some(tag), nonce: Some(nonce) },
            ) => self.not_supported(now, over, *tag, *nonce),
            // Whoever says so does not let payload pass that is switched: another pair may.
            (PARAMETER_PROBLEM, _, QuotedKind::Payload(found)) if found.is_pointed_at(*code, *pointer) => {
                self.unreachable(now, over, &quoted.kind)
            }
            (DESTINATION_UNREACHABLE, PORT_UNREACHABLE, _) => false,
            (DESTINATION_UNREACHABLE, 0..=REJECT_ROUTE, _) | (TIME_EXCEEDED, _, _) => {
                self.unreachable(now, over, &quoted.kind)
            }
            _ => false,
        }
    }

    /// The peer does not know the protocol, if the I1 quoted is the one just sent (RFC 5533 section 7.8).
    fn not_supported(&mut self, now: Instant, over: Pair, tag: Tag, nonce: Nonce) -> bool {
        let found = self.contexts.by_nonce(nonce).filter(|id| {
            let sent_over = self.contexts.establishment(*id).map(|exchange| exchange.pair);
            self.contexts.context(*id).is_some_and(|context| {
                context.state == State::I1Sent && context.tag_local == tag && sent_over == Some(over)
            })
        });
        let Some(id) = found else {
            self.env.count(Counter::IcmpIgnored);
            return false;
        };
        self.give_up(now, id, State::NoSupport, ICMP_HOLDDOWN_TIME, Cause::IcmpError);
        self.arm(now, id);
        true
    }

    /// A router says that a packet over this pair did not arrive. Nothing proves that it is true, so it starts a test.
    /// If traffic has left the pair already, the shim has acted before the last such errors come.
    fn unreachable(&mut self, now: Instant, over: Pair, kind: &QuotedKind) -> bool {
        let found = match kind {
            QuotedKind::Payload(found) => {
                let contexts = &*self.contexts;
                contexts.by_peer_tag(found.header.tag, &mut |id, context| went_over(context, contexts.past(id), &over))
            }
            QuotedKind::Other { .. } => self.contexts.by_ulids(&over, Fii::DEFAULT),
            // Control messages have their own retransmission.
            QuotedKind::Control { .. } => return false,
        };
        let Some((id, context)) = found.and_then(|id| Some((id, self.contexts.context(id)?))) else {
            return false;
        };
        if context.state != State::Established {
            return false;
        }
        if context.pair != over || context.reap.state != ReapState::Operational {
            return true;
        }
        if !self.settings.advice_icmp || !self.has_alternative(now, id) {
            return false;
        }
        self.suspect(now, id, Cause::IcmpError);
        self.arm(now, id);
        true
    }
}

/// Whether payload of a context goes over this pair, or did so before its last switch.
fn went_over(context: &Context, past: Option<&Past>, over: &Pair) -> bool {
    context.pair == *over || past.and_then(Past::previous_pair) == Some(*over)
}
