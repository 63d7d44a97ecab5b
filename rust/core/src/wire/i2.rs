// SPDX-License-Identifier: MIT OR GPL-2.0
//! I2, the initiator's second message (RFC 5533 section 5.6).

use super::fault::{NoRoom, WireError};
use super::header::{field, ControlView};
use super::numbers::{MessageType, OptionType};
use super::options::{emit_names, Announcement, Options, UlidPair};
use super::writer::Writer;
use super::{Fii, Nonce, Tag};

/// An I2 message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct I2<'a> {
    /// Initiator Context Tag, the one of the I1.
    pub initiator_tag: Tag,
    /// Initiator Nonce, which R2 will return.
    pub initiator_nonce: Nonce,
    /// Responder Nonce, copied from R1.
    pub responder_nonce: Nonce,
    /// Responder Validator, copied from R1.
    pub validator: &'a [u8],
    /// The ULIDs, where the IPv6 header does not tell them.
    pub ulids: Option<UlidPair>,
    /// The instance wanted.
    pub fii: Fii,
    /// What the initiator says of itself.
    pub announcement: Announcement<'a>,
}

const INITIATOR_NONCE: usize = 12;
pub(super) const RESPONDER_NONCE: usize = 16;

impl<'a> I2<'a> {
    pub(super) fn parse(view: &ControlView<'a>) -> Result<I2<'a>, WireError> {
        let options = Options::parse(view, MessageType::I2.fixed_len())?;
        Ok(I2 {
            initiator_tag: view.tag(field::TAG),
            initiator_nonce: view.nonce(INITIATOR_NONCE),
            responder_nonce: view.nonce(RESPONDER_NONCE),
            validator: options.validator()?,
            ulids: options.ulids,
            fii: options.fii,
            announcement: options.announcement,
        })
    }

    /// Writes the message; returns its length in octets.
    pub fn emit(&self, buffer: &mut [u8]) -> Result<usize, NoRoom> {
        let mut writer = Writer::new(buffer, MessageType::I2, 0);
        writer.put(&self.initiator_tag.octets());
        writer.put(&self.initiator_nonce.0.to_be_bytes());
        writer.put(&self.responder_nonce.0.to_be_bytes());
        writer.put(&[0; 4]);
        writer.option(OptionType::ResponderValidator, self.validator);
        emit_names(&mut writer, self.ulids.as_ref(), self.fii);
        self.announcement.emit(&mut writer);
        writer.finish()
    }
}
