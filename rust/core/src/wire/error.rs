// SPDX-License-Identifier: MIT OR GPL-2.0
//! The Error message (RFC 5533 section 5.14), which returns the packet that it complains about.

use super::fault::NoRoom;
use super::header::ControlView;
use super::numbers::{ErrorCode, MessageType};
use super::writer::Writer;
use super::MAX_MESSAGE_LEN;

/// An Error message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Error<'a> {
    /// Error Code.
    pub code: ErrorCode,
    /// Pointer: the offending octet, counted from the first octet of the invoking packet's IPv6 header.
    pub pointer: u16,
    /// Packet in error: the invoking packet from its IPv6 header on, as much as there is. In a received message it may
    /// end in padding.
    pub packet: &'a [u8],
}

const FIXED_LEN: usize = 8;
const POINTER: usize = 6;
/// The least packet in error that is sent, since the format says that the message has at least 16 octets.
const PACKET_MIN: usize = 8;

impl<'a> Error<'a> {
    /// The most octets of the invoking packet that a message returns.
    pub const PACKET_MAX: usize = MAX_MESSAGE_LEN - FIXED_LEN;

    pub(super) fn parse(view: &ControlView<'a>) -> Error<'a> {
        Error {
            code: ErrorCode(view.type_specific()),
            pointer: view.u16(POINTER),
            packet: view.bytes().get(FIXED_LEN..).unwrap_or(&[]),
        }
    }

    /// Writes the message; returns its length in octets. A packet longer than [`Error::PACKET_MAX`] is cut to it, a
    /// shorter one padded with zeros to a multiple of 8 octets.
    pub fn emit(&self, buffer: &mut [u8]) -> Result<usize, NoRoom> {
        let mut writer = Writer::new(buffer, MessageType::Error, self.code.number());
        writer.put(&self.pointer.to_be_bytes());
        writer.put(self.packet.get(..Error::PACKET_MAX).unwrap_or(self.packet));
        if self.packet.is_empty() {
            writer.put(&[0; PACKET_MIN]);
        }
        writer.pad();
        writer.finish()
    }
}
