// SPDX-License-Identifier: MIT OR GPL-2.0
//! I1, the initiator's first message (RFC 5533 section 5.4).

use super::fault::{NoRoom, WireError};
use super::header::{field, ControlView};
use super::numbers::MessageType;
use super::options::{emit_names, Options, UlidPair};
use super::writer::Writer;
use super::{Fii, Nonce, Tag};

/// An I1 message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct I1 {
    /// Initiator Context Tag: the tag that the initiator wants to receive packets with.
    pub initiator_tag: Tag,
    /// Initiator Nonce.
    pub initiator_nonce: Nonce,
    /// The ULIDs, where the IPv6 header does not tell them.
    pub ulids: Option<UlidPair>,
    /// The instance wanted.
    pub fii: Fii,
}

const INITIATOR_NONCE: usize = 12;

impl I1 {
    pub(super) fn parse(view: &ControlView<'_>) -> Result<I1, WireError> {
        let options = Options::parse(view, MessageType::I1.fixed_len())?;
        Ok(I1 {
            initiator_tag: view.tag(field::TAG),
            initiator_nonce: view.nonce(INITIATOR_NONCE),
            ulids: options.ulids,
            fii: options.fii,
        })
    }

    /// Writes the message; returns its length in octets.
    pub fn emit(&self, buffer: &mut [u8]) -> Result<usize, NoRoom> {
        let mut writer = Writer::new(buffer, MessageType::I1, 0);
        writer.put(&self.initiator_tag.octets());
        writer.put(&self.initiator_nonce.0.to_be_bytes());
        emit_names(&mut writer, self.ulids.as_ref(), self.fii);
        writer.finish()
    }
}
