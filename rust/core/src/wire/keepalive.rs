// SPDX-License-Identifier: MIT OR GPL-2.0
//! Keepalive (RFC 5534 section 5.1). It has no nonce: where others have one, it has a reserved word.

use super::fault::{NoRoom, WireError};
use super::header::{field, ControlView};
use super::numbers::MessageType;
use super::options::Options;
use super::writer::Writer;
use super::Tag;

/// A Keepalive message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keepalive {
    /// Receiver Context Tag.
    pub receiver_tag: Tag,
}

impl Keepalive {
    pub(super) fn parse(view: &ControlView<'_>) -> Result<Keepalive, WireError> {
        Options::parse_none(view, MessageType::Keepalive.fixed_len())?;
        Ok(Keepalive { receiver_tag: view.tag(field::TAG) })
    }

    /// Writes the message; returns its length in octets.
    pub fn emit(&self, buffer: &mut [u8]) -> Result<usize, NoRoom> {
        let mut writer = Writer::new(buffer, MessageType::Keepalive, 0);
        writer.put(&self.receiver_tag.octets());
        writer.put(&[0; 4]);
        writer.finish()
    }
}
