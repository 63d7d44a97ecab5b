// SPDX-License-Identifier: MIT OR GPL-2.0
//! The numbers that the RFCs assign: protocol, message types, option types and error codes (RFC 5533 section 17, RFC 5534
//! section 9).

use core::fmt;

/// The IP protocol number of Shim6 (RFC 5533 section 17).
pub const PROTOCOL: u8 = 140;
/// "No next header", which follows every control message.
pub const NO_NEXT_HEADER: u8 = 59;

/// The type of a control message (RFC 5533 table 1, RFC 5534 section 5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum MessageType {
    /// First message of the initiator.
    I1 = 1,
    /// First message of the responder.
    R1 = 2,
    /// Second message of the initiator.
    I2 = 3,
    /// Second message of the responder.
    R2 = 4,
    /// Reply to a reference to a context that does not exist.
    R1bis = 5,
    /// Reply to R1bis.
    I2bis = 6,
    /// Update Request.
    UpdateRequest = 64,
    /// Update Acknowledgement.
    UpdateAck = 65,
    /// Keepalive.
    Keepalive = 66,
    /// Probe.
    Probe = 67,
    /// Error.
    Error = 68,
}

impl MessageType {
    /// All types, in the order of their numbers.
    pub const ALL: [MessageType; 11] = [
        MessageType::I1,
        MessageType::R1,
        MessageType::I2,
        MessageType::R2,
        MessageType::R1bis,
        MessageType::I2bis,
        MessageType::UpdateRequest,
        MessageType::UpdateAck,
        MessageType::Keepalive,
        MessageType::Probe,
        MessageType::Error,
    ];

    /// The type with this number.
    pub const fn from_number(number: u8) -> Option<MessageType> {
        Some(match number {
            1 => MessageType::I1,
            2 => MessageType::R1,
            3 => MessageType::I2,
            4 => MessageType::R2,
            5 => MessageType::R1bis,
            6 => MessageType::I2bis,
            64 => MessageType::UpdateRequest,
            65 => MessageType::UpdateAck,
            66 => MessageType::Keepalive,
            67 => MessageType::Probe,
            68 => MessageType::Error,
            _ => return None,
        })
    }

    /// Octets before the options, which is also the least length. An Error message has none of its own but the header.
    pub const fn fixed_len(self) -> usize {
        match self {
            MessageType::Error => 8,
            MessageType::I2 => 24,
            MessageType::I2bis => 32,
            _ => 16,
        }
    }

    /// Whether the message, when it names a context that does not exist, is answered with R1bis. Types from 64 on are,
    /// but for the Error message, which names none and is never answered.
    pub const fn triggers_r1bis(self) -> bool {
        self as u8 >= 64 && !matches!(self, MessageType::Error)
    }

    /// The name as the RFCs write it.
    pub const fn name(self) -> &'static str {
        match self {
            MessageType::I1 => "I1",
            MessageType::R1 => "R1",
            MessageType::I2 => "I2",
            MessageType::R2 => "R2",
            MessageType::R1bis => "R1bis",
            MessageType::I2bis => "I2bis",
            MessageType::UpdateRequest => "Update Request",
            MessageType::UpdateAck => "Update Acknowledgement",
            MessageType::Keepalive => "Keepalive",
            MessageType::Probe => "Probe",
            MessageType::Error => "Error",
        }
    }
}

/// The types of options (RFC 5533 table 3, RFC 5534 section 5.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum OptionType {
    /// Responder Validator.
    ResponderValidator = 1,
    /// Locator List.
    LocatorList = 2,
    /// Locator Preferences.
    LocatorPreferences = 3,
    /// CGA Parameter Data Structure.
    CgaPds = 4,
    /// CGA Signature.
    CgaSignature = 5,
    /// ULID Pair.
    UlidPair = 6,
    /// Forked Instance Identifier.
    Fii = 7,
    /// Keepalive Timeout.
    KeepaliveTimeout = 10,
}

impl OptionType {
    pub(super) fn from_number(number: u16) -> Option<OptionType> {
        Some(match number {
            1 => OptionType::ResponderValidator,
            2 => OptionType::LocatorList,
            3 => OptionType::LocatorPreferences,
            4 => OptionType::CgaPds,
            5 => OptionType::CgaSignature,
            6 => OptionType::UlidPair,
            7 => OptionType::Fii,
            10 => OptionType::KeepaliveTimeout,
            _ => return None,
        })
    }

    pub(super) const fn bit(self) -> u16 {
        1 << self as u8
    }
}

/// A 7-bit Error Code (RFC 5533 table 2).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ErrorCode(pub(super) u8);

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
