// SPDX-License-Identifier: MIT OR GPL-2.0
//! The Error message (RFC 5533 section 5.14), which returns the packet that it complains about.

use super::fault::NoRoom;
use super::header::{ControlView, MessageType};
use super::writer::Writer;
use super::MAX_MESSAGE_LEN;
use core::fmt;

/// A 7-bit Error Code (RFC 5533 table 2).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ErrorCode(u8);

impl ErrorCode {
    /// 0: Unknown Shim6 message type.
    pub const UNKNOWN_MESSAGE_TYPE: ErrorCode = ErrorCode(0);
    /// 1: Critical option not recognized.
    pub const CRITICAL_OPTION_NOT_RECOGNIZED: ErrorCode = ErrorCode(1);
    /// 2: Locator verification method failed.
    pub const VERIFICATION_METHOD_FAILED: ErrorCode = ErrorCode(2);
    /// 3: Locator List Generation number out of sync.
    pub const GENERATION_OUT_OF_SYNC: ErrorCode = ErrorCode(3);
    /// 4: Error in the number of locators in a Locator Preference option.
    pub const LOCATOR_COUNT: ErrorCode = ErrorCode(4);
    /// 120: the first of eight codes for debugging.
    pub const DEBUG: ErrorCode = ErrorCode(120);

    /// The code of this number, if 7 bits can hold it.
    pub const fn new(number: u8) -> Option<ErrorCode> {
        if number < 128 {
            Some(ErrorCode(number))
        } else {
            None
        }
    }

    /// The number, below 128.
    pub const fn number(self) -> u8 {
        self.0
    }

    /// What the code means, for people.
    pub const fn description(self) -> &'static str {
        match self.0 {
            0 => "unknown message type",
            1 => "critical option not recognized",
            2 => "locator verification method failed",
            3 => "locator list generation out of sync",
            4 => "wrong number of locators in preferences",
            120..=127 => "debugging",
            _ => "unassigned",
        }
    }
}

impl fmt::Debug for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ErrorCode({}, {})", self.0, self.description())
    }
}

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
        let mut writer = Writer::new(buffer, MessageType::Error, self.code.0);
        writer.put(&self.pointer.to_be_bytes());
        writer.put(self.packet.get(..Error::PACKET_MAX).unwrap_or(self.packet));
        if self.packet.is_empty() {
            writer.put(&[0; PACKET_MIN]);
        }
        writer.pad();
        writer.finish()
    }
}
