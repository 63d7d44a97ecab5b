// SPDX-License-Identifier: MIT OR GPL-2.0
//! R1bis, the answer to a packet for a context that does not exist (RFC 5533 section 5.8).

use super::fault::{NoRoom, WireError};
use super::header::{field, ControlView};
use super::numbers::{MessageType, OptionType};
use super::options::Options;
use super::writer::Writer;
use super::{Nonce, Tag};

/// An R1bis message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct R1bis<'a> {
    /// Packet Context Tag: the tag in the packet that caused it.
    pub packet_tag: Tag,
    /// Responder Nonce.
    pub responder_nonce: Nonce,
    /// Responder Validator.
    pub validator: &'a [u8],
}

const RESPONDER_NONCE: usize = 12;

impl<'a> R1bis<'a> {
    pub(super) fn parse(view: &ControlView<'a>) -> Result<R1bis<'a>, WireError> {
        let options = Options::parse(view, MessageType::R1bis.fixed_len())?;
        Ok(R1bis {
            packet_tag: view.tag(field::TAG),
            responder_nonce: view.nonce(RESPONDER_NONCE),
            validator: options.validator()?,
        })
    }

    /// Writes the message; returns its length in octets.
    pub fn emit(&self, buffer: &mut [u8]) -> Result<usize, NoRoom> {
        let mut writer = Writer::new(buffer, MessageType::R1bis, 0);
        writer.put(&self.packet_tag.octets());
        writer.put(&self.responder_nonce.0.to_be_bytes());
        writer.option(OptionType::ResponderValidator, self.validator);
        writer.finish()
    }
}
