// SPDX-License-Identifier: MIT OR GPL-2.0
//! Control messages coming in: the checks of RFC 5533 section 12.3, the lookup of 12.4, and the way to each message's
//! own rules.

use super::learn::Unfit;
use super::respond::recovery_claim;
use super::{Contexts, Counter, Engine, Env, Packet, SendKind, Signature};
use crate::addr::Addr;
use crate::context::State;
use crate::locator::Pair;
use crate::time::Instant;
use crate::wire::{Complaint, Discard, ErrorCode, Message, Tag, WireError};

impl<C: Contexts, E: Env> Engine<'_, C, E> {
    /// A control message came in (RFC 5533 sections 12.3 and 12.4).
    pub fn control_in(&mut self, now: Instant, packet: &Packet<'_>) {
        if !packet.source.may_be_locator() || !packet.destination.may_be_locator() {
            return self.env.count(Counter::DropAddress);
        }
        let bytes = packet.whole.get(packet.offset..).unwrap_or(&[]);
        match Message::parse(bytes) {
            Ok(message) => self.dispatch(now, packet, &message),
            Err(WireError::Discard(Discard::Checksum)) => self.env.count(Counter::DropChecksum),
            Err(WireError::Discard(_)) => self.env.count(Counter::DropMalformed),
            Err(WireError::Answer(complaint)) => {
                self.env.count(if complaint.code == ErrorCode::UNKNOWN_MESSAGE_TYPE {
                    Counter::DropUnknownType
                } else {
                    Counter::DropUnknownOption
                });
                self.complain(now, packet, &complaint);
            }
        }
    }

    fn dispatch(&mut self, now: Instant, packet: &Packet<'_>, message: &Message<'_>) {
        if packet.signature == Signature::Unchecked {
            self.env.count(Counter::Rx(message.kind()));
        }
        match message {
            Message::I1(i1) => self.i1_in(now, packet, i1),
            Message::R1(r1) => self.r1_in(now, packet, r1),
            Message::I2(i2) => self.i2_in(now, packet, i2),
            Message::R2(r2) => self.r2_in(now, packet, r2),
            Message::R1bis(r1bis) => self.r1bis_in(now, packet, r1bis),
            Message::I2bis(i2bis) => self.i2bis_in(now, packet, i2bis),
            // An Error is a report, and proves nothing: all that it can do is to have told again what was told.
            Message::Error(error) => self.update_refused(now, packet, error),
            Message::UpdateRequest(_) | Message::UpdateAck(_) | Message::Keepalive(_) | Message::Probe(_) => {
                self.tagged_in(now, packet, message);
            }
        }
    }

    /// A message that names its context by the receiver's tag.
    fn tagged_in(&mut self, now: Instant, packet: &Packet<'_>, message: &Message<'_>) {
        let Some(tag) = message.receiver_tag() else {
            return;
        };
        let is_update = matches!(message, Message::UpdateRequest(_) | Message::UpdateAck(_));
        let Some(id) = self.find_tagged(now, packet, tag, is_update) else {
            return;
        };
        match message {
            Message::UpdateRequest(request) => self.update_request_in(now, packet, id, request),
            Message::UpdateAck(ack) => self.update_ack_in(now, id, ack),
            Message::Keepalive(_) => self.keepalive_in(now, id),
            Message::Probe(probe) => self.probe_in(now, packet, id, probe),
            _ => {}
        }
        self.arm(now, id);
    }

    /// The established context that a tagged control message belongs to; an update is for one that waits for the R2 to its
    /// I2bis, too (RFC 5533 sections 10.4 and 10.5). What is wrong with the others is answered here.
    fn find_tagged(&mut self, now: Instant, packet: &Packet<'_>, tag: Tag, is_update: bool) -> Option<C::Id> {
        let back = packet.back();
        let found = self.contexts.by_local_tag(tag).and_then(|id| Some((id, self.contexts.context(id)?)));
        match found {
            Some((id, context)) if context.state == State::Established => {
                if self.fits(context, &back) {
                    return Some(id);
                }
                self.env.count(Counter::DropLocator);
                self.r1bis(now, back, tag);
            }
            // Before anything else, where it is known which locators are the peer's.
            Some((_, context)) if context.state == State::I2bisSent && !self.fits(context, &back) => {
                self.env.count(Counter::DropLocator);
                self.r1bis(now, back, tag);
            }
            Some((id, context)) if matches!(context.state, State::I2Sent | State::I2bisSent) => {
                let is_taken = is_update && context.state == State::I2bisSent && self.fits(context, &back);
                // One that waited for its signature to be checked was answered when it came.
                if packet.signature == Signature::Unchecked {
                    self.repeat_request(now, id);
                }
                if is_taken {
                    return Some(id);
                }
                self.env.count(Counter::DropWrongState);
            }
            Some((_, context)) if context.state == State::I1Sent => self.env.count(Counter::DropWrongState),
            _ => {
                self.env.count(Counter::DropNoContext);
                self.r1bis(now, back, tag);
            }
        }
        None
    }

    /// A payload extension header came in whose tag no context has, or one that is not ESTABLISHED: R1bis, or the I2 or
    /// I2bis again, within limits (RFC 5533 section 12.2, Appendix B). Says whether the packet is taken in all the same:
    /// the peer has a context that waits for R2, while that of one that waits for R1, or failed, is none yet.
    pub fn unknown_tag(&mut self, now: Instant, source: Addr, destination: Addr, tag: Tag) -> bool {
        if !source.may_be_locator() || !destination.may_be_locator() {
            return false;
        }
        let found = self.contexts.by_local_tag(tag).and_then(|id| Some((id, self.contexts.context(id)?.state)));
        match found {
            Some((id, State::I2Sent | State::I2bisSent)) => {
                self.repeat_request(now, id);
                true
            }
            Some((_, State::Established)) => true,
            Some((_, State::I1Sent)) => false,
            _ => {
                self.r1bis(now, Pair { local: destination, peer: source }, tag);
                false
            }
        }
    }

    /// Sends R1bis about a tag that means nothing here (RFC 5533 section 7.17).
    fn r1bis(&mut self, now: Instant, back: Pair, packet_tag: Tag) {
        if !self.may_reply(now, &back.peer) {
            return;
        }
        let cookie = self.env.secrets(now).issue(now, &recovery_claim(back, packet_tag));
        self.send(SendKind::R1bis { packet_tag, cookie }, back);
    }

    /// Sends an Error message about the packet that came in. The addresses it came with are good by now.
    pub(super) fn complain(&mut self, now: Instant, packet: &Packet<'_>, complaint: &Complaint) {
        if !self.may_reply(now, &packet.source) {
            return;
        }
        let start = u16::try_from(packet.offset).unwrap_or(u16::MAX);
        let pointer = start.saturating_add(complaint.offset);
        self.send(SendKind::Error { code: complaint.code, pointer }, packet.back());
    }

    /// Counts an announcement that is not believed, and tells the sender if it is to be told.
    pub(super) fn refuse(&mut self, now: Instant, packet: &Packet<'_>, unfit: Unfit) {
        self.env.count(Counter::DropVerification);
        if let Unfit::Complain(complaint) = unfit {
            self.complain(now, packet, &complaint);
        }
    }

    /// Whether a sender that has proved nothing may have an answer now.
    pub(super) fn may_reply(&mut self, now: Instant, to: &Addr) -> bool {
        let may = self.env.may_reply(now, to);
        if !may {
            self.env.count(Counter::DropRateLimit);
        }
        may
    }
}
