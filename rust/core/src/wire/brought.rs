// SPDX-License-Identifier: MIT OR GPL-2.0
//! The cookie that an I2 or I2bis brings, read without a look at anything else in the message (RFC 5533 sections 5.6, 5.9).

use super::header::{field, ControlView};
use super::numbers::{MessageType, OptionType};
use super::options::raw_contents;
use super::{i2, i2bis, Nonce, Tag};

/// A cookie as it comes back, and the tag that it was made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Brought<'a> {
    /// Initiator Context Tag of I2, Packet Context Tag of I2bis.
    pub tag: Tag,
    /// Responder Nonce.
    pub nonce: Nonce,
    /// Responder Validator.
    pub validator: &'a [u8],
}

impl<'a> ControlView<'a> {
    /// The cookie in an I2 or I2bis; none in other messages, and in those that have no validator.
    #[inline]
    pub fn brought(&self) -> Option<Brought<'a>> {
        let (tag, nonce) = match self.kind() {
            MessageType::I2 => (field::TAG, i2::RESPONDER_NONCE),
            MessageType::I2bis => (i2bis::PACKET_TAG, i2bis::RESPONDER_NONCE),
            _ => return None,
        };
        let validator = raw_contents(self, self.kind().fixed_len(), OptionType::ResponderValidator)?;
        Some(Brought { tag: self.tag(tag), nonce: self.nonce(nonce), validator })
    }
}
