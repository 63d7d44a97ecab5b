// SPDX-License-Identifier: MIT OR GPL-2.0
//! Probe (RFC 5534 section 5.2): reports of probes sent and probes received, the first sent one describing the message itself.

use super::fault::{Discard, NoRoom, WireError};
use super::header::{field, ControlView};
use super::numbers::MessageType;
use super::options::Options;
use super::writer::Writer;
use super::{Nonce, Tag};
use crate::addr::Addr;

/// The sender's REAP state as a Probe tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum ProbeState {
    /// Both directions work, as far as the sender knows.
    Operational = 0,
    /// The sender does not hear its peer.
    Exploring = 1,
    /// The sender hears its peer, and does not know whether the peer hears it.
    InboundOk = 2,
}

/// One probe as reported: the pair it went over, its nonce, and data that is copied back unchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProbeReport {
    /// Source address of the probe.
    pub source: Addr,
    /// Destination address of the probe.
    pub destination: Addr,
    /// Probe Nonce.
    pub nonce: Nonce,
    /// Probe Data.
    pub data: u32,
}

impl ProbeReport {
    /// Octets of a report on the wire.
    pub const LEN: usize = 40;

    fn read(bytes: &[u8]) -> Option<ProbeReport> {
        let (source, rest) = bytes.split_first_chunk::<16>()?;
        let (destination, rest) = rest.split_first_chunk::<16>()?;
        let (nonce, rest) = rest.split_first_chunk::<4>()?;
        Some(ProbeReport {
            source: Addr(*source),
            destination: Addr(*destination),
            nonce: Nonce(u32::from_be_bytes(*nonce)),
            data: u32::from_be_bytes(*rest.first_chunk::<4>()?),
        })
    }

    fn emit(&self, writer: &mut Writer<'_>) {
        writer.put_addr(&self.source);
        writer.put_addr(&self.destination);
        writer.put(&self.nonce.0.to_be_bytes());
        writer.put(&self.data.to_be_bytes());
    }
}

/// Up to 15 reports, borrowed from a message or from the sender's own.
#[derive(Clone, Copy, Debug)]
pub struct ProbeReports<'a>(Reports<'a>);

#[derive(Clone, Copy, Debug)]
enum Reports<'a> {
    Own(&'a [ProbeReport]),
    /// A whole number of reports.
    Received(&'a [u8]),
}

impl<'a> ProbeReports<'a> {
    /// The most reports that a 4-bit count allows.
    pub const MAX: usize = 15;
    /// No report.
    pub const NONE: ProbeReports<'static> = ProbeReports(Reports::Own(&[]));

    /// The first [`ProbeReports::MAX`] of `reports`.
    pub fn new(reports: &'a [ProbeReport]) -> ProbeReports<'a> {
        ProbeReports(Reports::Own(reports.get(..ProbeReports::MAX).unwrap_or(reports)))
    }

    /// The number of reports.
    pub fn len(&self) -> usize {
        match self.0 {
            Reports::Own(reports) => reports.len(),
            Reports::Received(bytes) => bytes.len() / ProbeReport::LEN,
        }
    }

    /// Whether there is no report.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The report at `index`.
    pub fn get(&self, index: usize) -> Option<ProbeReport> {
        match self.0 {
            Reports::Own(reports) => reports.get(index).copied(),
            Reports::Received(bytes) => ProbeReport::read(bytes.get(ProbeReport::LEN * index..)?),
        }
    }

    /// The reports in order.
    pub fn iter(&self) -> impl Iterator<Item = ProbeReport> + Clone + 'a {
        let reports = *self;
        (0..reports.len()).filter_map(move |index| reports.get(index))
    }
}

impl PartialEq for ProbeReports<'_> {
    fn eq(&self, other: &ProbeReports<'_>) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for ProbeReports<'_> {}

/// A Probe message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Probe<'a> {
    /// Receiver Context Tag.
    pub receiver_tag: Tag,
    /// The sender's state.
    pub state: ProbeState,
    /// This very probe: its addresses are those of the IPv6 header.
    pub this: ProbeReport,
    /// Earlier probes of the sender, at most 14: one count covers them and this probe.
    pub earlier: ProbeReports<'a>,
    /// Probes that the sender has received.
    pub received: ProbeReports<'a>,
}

const COUNTS: usize = 12;
const STATE: usize = 13;
const REPORTS: usize = 16;

impl<'a> Probe<'a> {
    pub(super) fn parse(view: &ControlView<'a>) -> Result<Probe<'a>, WireError> {
        let counts = view.octet(COUNTS);
        let (received, sent) = (usize::from(counts >> 4), usize::from(counts & 0x0f));
        let state = match view.octet(STATE) >> 6 {
            0 => ProbeState::Operational,
            1 => ProbeState::Exploring,
            2 => ProbeState::InboundOk,
            _ => return Err(Discard::ProbeState.into()),
        };
        let earlier = sent.checked_sub(1).ok_or(Discard::NoProbeSent)?;
        let (_, bytes) = view.bytes().split_at_checked(REPORTS).ok_or(Discard::TooShort)?;
        let this = ProbeReport::read(bytes).ok_or(Discard::TooShort)?;
        let (_, bytes) = bytes.split_at_checked(ProbeReport::LEN).ok_or(Discard::TooShort)?;
        let (earlier, bytes) = bytes.split_at_checked(earlier * ProbeReport::LEN).ok_or(Discard::TooShort)?;
        let (received, options) = bytes.split_at_checked(received * ProbeReport::LEN).ok_or(Discard::TooShort)?;
        Options::parse_none(view, view.bytes().len() - options.len())?;
        Ok(Probe {
            receiver_tag: view.tag(field::TAG),
            state,
            this,
            earlier: ProbeReports(Reports::Received(earlier)),
            received: ProbeReports(Reports::Received(received)),
        })
    }

    /// Writes the message; returns its length in octets. No room is also what more than 15 sent reports get.
    pub fn emit(&self, buffer: &mut [u8]) -> Result<usize, NoRoom> {
        let sent = 1 + self.earlier.len();
        if sent > ProbeReports::MAX {
            return Err(NoRoom);
        }
        let mut writer = Writer::new(buffer, MessageType::Probe, 0);
        writer.put(&self.receiver_tag.octets());
        let counts = ((self.received.len() << 4) | sent) as u8;
        writer.put(&[counts, (self.state as u8) << 6, 0, 0]);
        self.this.emit(&mut writer);
        for report in self.earlier.iter().chain(self.received.iter()) {
            report.emit(&mut writer);
        }
        writer.finish()
    }
}
