// SPDX-License-Identifier: MIT OR GPL-2.0
//! What is wrong with a packet, and what the receiver owes its sender: silence or an Error message.

use super::numbers::ErrorCode;
use core::fmt;

/// Why bytes are not a message. A malformed message is never answered (RFC 5533 section 12.3); a well-formed one that
/// asks for something unknown is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WireError {
    /// Drop it, count it, say nothing.
    Discard(Discard),
    /// Send an Error message, rate-limited, and let the packet have no other effect.
    Answer(Complaint),
}

/// The Error message that a packet has earned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// The Error Code.
    pub code: ErrorCode,
    /// The octet complained about, counted from the Shim6 header's first octet. The Error message's Pointer counts from
    /// the invoking packet's IPv6 header, so the sender adds the octets in front of the Shim6 header.
    pub offset: u16,
}

/// Why a packet is silently discarded. Each has its own counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Discard {
    /// The packet ends before the header does, as Hdr Ext Len tells it.
    Truncated,
    /// The S bit is set: HIP or something else, but not Shim6.
    NotShim6,
    /// The P bit says payload where a control message was expected, or the reverse.
    WrongKind,
    /// A payload extension header whose Hdr Ext Len is not zero.
    PayloadLength,
    /// The checksum does not hold.
    Checksum,
    /// Hdr Ext Len is below the least of this message type.
    TooShort,
    /// An option reaches beyond the end of the message.
    OptionOverrun,
    /// An option's length does not fit its contents.
    OptionLength,
    /// An option that may come once came twice.
    OptionRepeated,
    /// R1, I2, R1bis or I2bis without Responder Validator option.
    NoValidator,
    /// A Probe without a sent probe, which at least describes itself.
    NoProbeSent,
    /// A Probe with the undefined state 3.
    ProbeState,
}

impl Discard {
    /// All reasons, in the order of their numbers.
    pub const ALL: [Discard; 12] = [
        Discard::Truncated,
        Discard::NotShim6,
        Discard::WrongKind,
        Discard::PayloadLength,
        Discard::Checksum,
        Discard::TooShort,
        Discard::OptionOverrun,
        Discard::OptionLength,
        Discard::OptionRepeated,
        Discard::NoValidator,
        Discard::NoProbeSent,
        Discard::ProbeState,
    ];

    /// The reason's place in [`Discard::ALL`], for tables of counters.
    pub const fn index(self) -> usize {
        self as usize
    }

    /// A name for counters: lower case, words joined by hyphens.
    pub const fn name(self) -> &'static str {
        match self {
            Discard::Truncated => "truncated",
            Discard::NotShim6 => "not-shim6",
            Discard::WrongKind => "wrong-kind",
            Discard::PayloadLength => "payload-length",
            Discard::Checksum => "checksum",
            Discard::TooShort => "too-short",
            Discard::OptionOverrun => "option-overrun",
            Discard::OptionLength => "option-length",
            Discard::OptionRepeated => "option-repeated",
            Discard::NoValidator => "no-validator",
            Discard::NoProbeSent => "no-probe-sent",
            Discard::ProbeState => "probe-state",
        }
    }
}

impl From<Discard> for WireError {
    fn from(reason: Discard) -> WireError {
        WireError::Discard(reason)
    }
}

impl From<Complaint> for WireError {
    fn from(complaint: Complaint) -> WireError {
        WireError::Answer(complaint)
    }
}

impl fmt::Display for Discard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The buffer, or the limit of 1280 octets for a signalling packet, does not hold the message (RFC 5533 section 5.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoRoom;
