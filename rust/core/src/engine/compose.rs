// SPDX-License-Identifier: MIT OR GPL-2.0
//! Turning the description of a message into its octets.

use super::{Contexts, Counter, Engine, Env, Send, SendKind};
use crate::addr::Addr;
use crate::cga;
use crate::context::{bit, preference, Context, DEFAULT_TIMEOUT};
use crate::locator::{LocalSet, Pair, MAX_LOCAL, MAX_PDS};
use crate::reap::{ReapState, MAX_RECEIVED, REPORTED_SENT};
use crate::settings::Settings;
use crate::wire::{
    Announcement, ElementLen, Error, I2bis, Keepalive, KeepaliveTimeout, LocatorEntry, LocatorList, LocatorPreferences,
    Message, NoRoom, Nonce, Preference, Probe, ProbeReport, ProbeReports, ProbeState, R1bis, Tag, UlidPair, UpdateAck,
    UpdateRequest, VerificationMethod, I1, I2, R1, R2,
};
use heapless::Vec;

/// The lists that an [`Announcement`] borrows.
struct Lists {
    entries: Vec<LocatorEntry, MAX_LOCAL>,
    preferences: Vec<Preference, MAX_LOCAL>,
    /// The parameter structure of the ULID: with its own subnet prefix, for who verifies it as a CGA (RFC 3972 section 5).
    pds: Vec<u8, MAX_PDS>,
}

impl Lists {
    /// The members of the set that the peer was told of, or is told of now.
    fn of(context: &Context, set: &LocalSet) -> Lists {
        let mut lists = Lists { entries: Vec::new(), preferences: Vec::new(), pds: Vec::new() };
        let _ = lists.pds.extend_from_slice(set.pds());
        cga::set_prefix(&mut lists.pds, &context.ulids.local.prefix64());
        for (place, locator) in set.locators().iter().enumerate() {
            if context.told.members & bit(place) != 0 {
                let entry = LocatorEntry { locator: locator.addr, method: VerificationMethod::Hba };
                let _ = lists.entries.push(entry);
                let _ = lists.preferences.push(preference(locator));
            }
        }
        lists
    }

    fn announcement(&self, context: &Context, with_list: bool) -> Announcement<'_> {
        let mut announcement = Announcement::NOTHING;
        if self.entries.is_empty() {
            return announcement;
        }
        let generation = context.told.generation;
        if with_list {
            announcement.locators = LocatorList::new(generation, &self.entries);
            announcement.pds = Some(&self.pds);
        }
        // Without a list the preferences are the message, even if they say that all is well.
        if !with_list || self.preferences.iter().any(|preference| *preference != Preference::default()) {
            announcement.preferences = LocatorPreferences::new(generation, ElementLen::Weight, &self.preferences);
        }
        announcement
    }
}

impl<C: Contexts, E: Env> Engine<'_, C, E> {
    /// Writes the message into `buffer` ([`crate::wire::MAX_MESSAGE_LEN`] octets are enough for all) and returns its
    /// length. `invoking` is the packet, from its IPv6 header on, about which an Error message complains. A message of a
    /// context that has changed its mind since finds no room.
    pub fn compose(&mut self, send: &Send<C::Id>, invoking: &[u8], buffer: &mut [u8]) -> Result<usize, NoRoom> {
        let len = match send.kind {
            SendKind::R1 { initiator_nonce, cookie } => {
                R1 { initiator_nonce, responder_nonce: cookie.nonce, validator: &cookie.validator }.emit(buffer)
            }
            SendKind::R1bis { packet_tag, cookie } => {
                R1bis { packet_tag, responder_nonce: cookie.nonce, validator: &cookie.validator }.emit(buffer)
            }
            SendKind::Error { code, pointer } => Error { code, pointer, packet: invoking }.emit(buffer),
            SendKind::I1(id) => self.compose_i1(id, send, buffer),
            SendKind::I2(id) | SendKind::I2bis(id) | SendKind::R2 { id, .. } | SendKind::UpdateRequest(id) => {
                self.compose_announcing(id, send, buffer)
            }
            SendKind::UpdateAck { id, request_nonce } => {
                let receiver_tag = self.peer_tag(id).ok_or(NoRoom)?;
                UpdateAck { receiver_tag, request_nonce }.emit(buffer)
            }
            SendKind::Keepalive(id) => Keepalive { receiver_tag: self.peer_tag(id).ok_or(NoRoom)? }.emit(buffer),
            SendKind::Probe { id, state, nonce } => self.compose_probe(id, send, state, nonce, buffer),
        }?;
        self.env.count(Counter::Tx(send.kind.message_type()));
        Ok(len)
    }

    fn peer_tag(&self, id: C::Id) -> Option<Tag> {
        self.contexts.context(id)?.tag_peer
    }

    #[inline(never)]
    fn compose_i1(&self, id: C::Id, send: &Send<C::Id>, buffer: &mut [u8]) -> Result<usize, NoRoom> {
        let context = self.contexts.context(id).ok_or(NoRoom)?;
        let exchange = self.contexts.establishment(id).ok_or(NoRoom)?;
        I1 {
            initiator_tag: context.tag_local,
            initiator_nonce: exchange.nonce,
            ulids: ulid_option(context, send.from, send.to),
            fii: context.fii,
        }
        .emit(buffer)
    }

    /// The four messages that tell this host's locators.
    #[inline(never)]
    fn compose_announcing(&self, id: C::Id, send: &Send<C::Id>, buffer: &mut [u8]) -> Result<usize, NoRoom> {
        let context = self.contexts.context(id).ok_or(NoRoom)?;
        let set = self.env.locals(&context.ulids.local).ok_or(NoRoom)?;
        let lists = Lists::of(context, set);
        let update = context.update;
        let with_list = match send.kind {
            SendKind::UpdateRequest(_) => update.ok_or(NoRoom)?.list,
            _ => true,
        };
        let mut announcement = lists.announcement(context, with_list);
        announcement.keepalive_timeout = match (send.kind, update) {
            (SendKind::UpdateRequest(_), Some(update)) if !update.timeout => None,
            (SendKind::UpdateRequest(_), _) => KeepaliveTimeout::from_secs(self.settings.announced_timeout()),
            _ => keepalive_timeout(self.settings),
        };
        let message = match send.kind {
            SendKind::R2 { initiator_nonce, .. } => {
                Message::R2(R2 { responder_tag: context.tag_local, initiator_nonce, announcement })
            }
            SendKind::UpdateRequest(_) => Message::UpdateRequest(UpdateRequest {
                receiver_tag: context.tag_peer.ok_or(NoRoom)?,
                request_nonce: update.ok_or(NoRoom)?.nonce,
                announcement,
            }),
            _ => self.request(id, context, send, announcement).ok_or(NoRoom)?,
        };
        message.emit(buffer)
    }

    /// I2, or I2bis if it answers an R1bis.
    fn request<'m>(
        &'m self,
        id: C::Id,
        context: &Context,
        send: &Send<C::Id>,
        announcement: Announcement<'m>,
    ) -> Option<Message<'m>> {
        let exchange = self.contexts.establishment(id)?;
        let ulids = ulid_option(context, send.from, send.to);
        Some(match (send.kind, exchange.packet_tag) {
            (SendKind::I2bis(_), Some(packet_tag)) => Message::I2bis(I2bis {
                initiator_tag: context.tag_local,
                initiator_nonce: exchange.nonce,
                responder_nonce: exchange.responder_nonce,
                packet_tag,
                validator: &exchange.validator,
                ulids,
                fii: context.fii,
                announcement,
            }),
            (SendKind::I2(_), _) => Message::I2(I2 {
                initiator_tag: context.tag_local,
                initiator_nonce: exchange.nonce,
                responder_nonce: exchange.responder_nonce,
                validator: &exchange.validator,
                ulids,
                fii: context.fii,
                announcement,
            }),
            _ => return None,
        })
    }

    #[inline(never)]
    fn compose_probe(
        &self,
        id: C::Id,
        send: &Send<C::Id>,
        state: ProbeState,
        nonce: Nonce,
        buffer: &mut [u8],
    ) -> Result<usize, NoRoom> {
        let receiver_tag = self.peer_tag(id).ok_or(NoRoom)?;
        let context = self.contexts.context(id);
        let at_rest = context.is_some_and(|context| context.reap.state() == ReapState::Operational);
        let mut earlier: Vec<ProbeReport, REPORTED_SENT> = Vec::new();
        let mut received: Vec<ProbeReport, MAX_RECEIVED> = Vec::new();
        if let Some(exploration) = self.contexts.exploration(id) {
            // Only those that the peer has not reported yet (RFC 5534 section 6.1).
            let unreported = exploration.latest_sent().filter(|probe| probe.nonce != nonce && !probe.answered);
            for probe in unreported.take(REPORTED_SENT) {
                if let Some(pair) = context.and_then(|context| self.pair_of(context, probe)) {
                    let _ = earlier.push(report(pair.local, pair.peer, probe.nonce, 0));
                }
            }
            // A Probe that asks for a pair while all is well: see `watch`.
            let asks = state == ProbeState::InboundOk && at_rest;
            let reported = exploration.latest_received().filter(|probe| !asks || probe.settled);
            for probe in reported.take(if asks { 1 } else { MAX_RECEIVED }) {
                let _ = received.push(report(probe.pair.peer, probe.pair.local, probe.nonce, probe.data));
            }
        }
        Probe {
            receiver_tag,
            state,
            this: report(send.from, send.to, nonce, 0),
            earlier: ProbeReports::new(&earlier),
            received: ProbeReports::new(&received),
        }
        .emit(buffer)
    }
}

fn report(source: Addr, destination: Addr, nonce: Nonce, data: u32) -> ProbeReport {
    ProbeReport { source, destination, nonce, data }
}

/// The ULID Pair option, where the addresses of the packet do not tell the ULIDs.
fn ulid_option(context: &Context, from: Addr, to: Addr) -> Option<UlidPair> {
    let Pair { local, peer } = context.ulids;
    (from != local || to != peer).then_some(UlidPair { sender: local, receiver: peer })
}

/// A Send Timeout that is not the default must be told (RFC 5534 section 5.3).
fn keepalive_timeout(settings: &Settings) -> Option<KeepaliveTimeout> {
    let timeout = settings.announced_timeout();
    (timeout != DEFAULT_TIMEOUT).then(|| KeepaliveTimeout::from_secs(timeout)).flatten()
}
