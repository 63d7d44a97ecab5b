// SPDX-License-Identifier: MIT OR GPL-2.0
//! I2bis, which makes a lost context anew (RFC 5533 section 5.9).

use super::fault::{NoRoom, WireError};
use super::header::{field, ControlView};
use super::numbers::{MessageType, OptionType};
use super::options::{emit_names, Announcement, Options, UlidPair};
use super::writer::Writer;
use super::{Fii, Nonce, Tag};

/// An I2bis message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct I2bis<'a> {
    /// Initiator Context Tag.
    pub initiator_tag: Tag,
    /// Initiator Nonce, which R2 will return.
    pub initiator_nonce: Nonce,
    /// Responder Nonce, copied from R1bis.
    pub responder_nonce: Nonce,
    /// Packet Context Tag, copied from R1bis.
    pub packet_tag: Tag,
    /// Responder Validator, copied from R1bis.
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
/// 49 reserved bits from octet 20, of which the tag's own octets hold the last.
pub(super) const PACKET_TAG: usize = 26;

impl<'a> I2bis<'a> {
    pub(super) fn parse(view: &ControlView<'a>) -> Result<I2bis<'a>, WireError> {
        let options = Options::parse(view, MessageType::I2bis.fixed_len())?;
        Ok(I2bis {
            initiator_tag: view.tag(field::TAG),
            initiator_nonce: view.nonce(INITIATOR_NONCE),
            responder_nonce: view.nonce(RESPONDER_NONCE),
            packet_tag: view.tag(PACKET_TAG),
            validator: options.validator()?,
            ulids: options.ulids,
            fii: options.fii,
            announcement: options.announcement,
        })
    }

    /// Writes the message; returns its length in octets.
    pub fn emit(&self, buffer: &mut [u8]) -> Result<usize, NoRoom> {
        let mut writer = Writer::new(buffer, MessageType::I2bis, 0);
        writer.put(&self.initiator_tag.octets());
        writer.put(&self.initiator_nonce.0.to_be_bytes());
        writer.put(&self.responder_nonce.0.to_be_bytes());
        writer.put(&[0; 6]);
        writer.put(&self.packet_tag.octets());
        writer.option(OptionType::ResponderValidator, self.validator);
        emit_names(&mut writer, self.ulids.as_ref(), self.fii);
        self.announcement.emit(&mut writer);
        writer.finish()
    }
}
