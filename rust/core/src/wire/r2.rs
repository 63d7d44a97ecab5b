// SPDX-License-Identifier: MIT OR GPL-2.0
//! R2, the responder's second message, which completes a context (RFC 5533 section 5.7).

use super::fault::{NoRoom, WireError};
use super::header::{field, ControlView};
use super::numbers::MessageType;
use super::options::{Announcement, Options};
use super::writer::Writer;
use super::{Nonce, Tag};

/// An R2 message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct R2<'a> {
    /// Responder Context Tag: the tag that the responder wants to receive packets with.
    pub responder_tag: Tag,
    /// Initiator Nonce, copied from I2, I2bis or I1.
    pub initiator_nonce: Nonce,
    /// What the responder says of itself.
    pub announcement: Announcement<'a>,
}

impl<'a> R2<'a> {
    pub(super) fn parse(view: &ControlView<'a>) -> Result<R2<'a>, WireError> {
        let options = Options::parse(view, MessageType::R2.fixed_len())?;
        Ok(R2 {
            responder_tag: view.tag(field::TAG),
            initiator_nonce: view.nonce(field::INITIATOR_NONCE_OF_R2),
            announcement: options.announcement,
        })
    }

    /// Writes the message; returns its length in octets.
    pub fn emit(&self, buffer: &mut [u8]) -> Result<usize, NoRoom> {
        let mut writer = Writer::new(buffer, MessageType::R2, 0);
        writer.put(&self.responder_tag.octets());
        writer.put(&self.initiator_nonce.0.to_be_bytes());
        self.announcement.emit(&mut writer);
        writer.finish()
    }
}
