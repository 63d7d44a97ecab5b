// SPDX-License-Identifier: MIT OR GPL-2.0
//! R1, the responder's first message, sent without keeping any state (RFC 5533 section 5.5).

use super::fault::{NoRoom, WireError};
use super::header::{field, ControlView};
use super::numbers::{MessageType, OptionType};
use super::options::Options;
use super::writer::Writer;
use super::Nonce;

/// An R1 message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct R1<'a> {
    /// Initiator Nonce, copied from I1.
    pub initiator_nonce: Nonce,
    /// Responder Nonce.
    pub responder_nonce: Nonce,
    /// Responder Validator, which the initiator returns without looking into it.
    pub validator: &'a [u8],
}

const RESPONDER_NONCE: usize = 12;

impl<'a> R1<'a> {
    pub(super) fn parse(view: &ControlView<'a>) -> Result<R1<'a>, WireError> {
        let options = Options::parse(view, MessageType::R1.fixed_len())?;
        Ok(R1 {
            initiator_nonce: view.nonce(field::INITIATOR_NONCE_OF_R1),
            responder_nonce: view.nonce(RESPONDER_NONCE),
            validator: options.validator()?,
        })
    }

    /// Writes the message; returns its length in octets.
    pub fn emit(&self, buffer: &mut [u8]) -> Result<usize, NoRoom> {
        let mut writer = Writer::new(buffer, MessageType::R1, 0);
        writer.put(&[0; 2]);
        writer.put(&self.initiator_nonce.0.to_be_bytes());
        writer.put(&self.responder_nonce.0.to_be_bytes());
        writer.option(OptionType::ResponderValidator, self.validator);
        writer.finish()
    }
}
