// SPDX-License-Identifier: MIT OR GPL-2.0
//! Options: the type-length-value format (RFC 5533 section 5.15), which option belongs to which message, and what is
//! done about those that do not.

mod announcement;
mod keepalive_timeout;
mod locator_list;
mod locator_preferences;
mod ulid_pair;

pub use announcement::Announcement;
pub use keepalive_timeout::KeepaliveTimeout;
pub use locator_list::{LocatorEntry, LocatorList, VerificationMethod};
pub use locator_preferences::{ElementLen, LocatorPreferences, Preference};
pub use ulid_pair::UlidPair;

use super::fault::{Complaint, Discard, WireError};
use super::header::ControlView;
use super::numbers::{ErrorCode, MessageType, OptionType};
use super::writer::Writer;
use super::Fii;

/// Octets of type and length in front of an option's contents.
pub(crate) const OPTION_HEADER_LEN: usize = 4;

/// The options that a message type may carry, one bit per [`OptionType`].
const fn listed(kind: MessageType) -> u16 {
    const NAMES: u16 = OptionType::UlidPair.bit() | OptionType::Fii.bit();
    const VALIDATOR: u16 = OptionType::ResponderValidator.bit();
    const ANNOUNCEMENT: u16 = OptionType::LocatorList.bit()
        | OptionType::LocatorPreferences.bit()
        | OptionType::CgaPds.bit()
        | OptionType::CgaSignature.bit()
        | OptionType::KeepaliveTimeout.bit();
    match kind {
        MessageType::I1 => NAMES,
        MessageType::R1 | MessageType::R1bis => VALIDATOR,
        MessageType::I2 | MessageType::I2bis => VALIDATOR | NAMES | ANNOUNCEMENT,
        MessageType::R2 | MessageType::UpdateRequest => ANNOUNCEMENT,
        MessageType::UpdateAck | MessageType::Keepalive | MessageType::Probe | MessageType::Error => 0,
    }
}

/// One option as it lies in a message.
#[derive(Clone, Copy)]
struct RawOption<'a> {
    number: u16,
    critical: bool,
    /// Offset of its first octet in the message.
    at: usize,
    contents: &'a [u8],
}

/// Octets that an option with `len` octets of contents takes: 11 + Length - ((Length + 3) mod 8).
pub(crate) const fn total_len(len: usize) -> usize {
    11 + len - (len + 3) % 8
}

/// Walks the options of a message, from offset `at`, a multiple of 8, to its end.
struct RawOptions<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Iterator for RawOptions<'a> {
    type Item = Result<RawOption<'a>, Discard>;

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.bytes.get(self.at..)?;
        let &[a, b, c, d] = rest.first_chunk()?;
        let (kind, len) = (u16::from_be_bytes([a, b]), usize::from(u16::from_be_bytes([c, d])));
        let Some(contents) = rest.get(OPTION_HEADER_LEN..OPTION_HEADER_LEN + len) else {
            self.at = self.bytes.len();
            return Some(Err(Discard::OptionOverrun));
        };
        let option = RawOption { number: kind >> 1, critical: kind & 1 != 0, at: self.at, contents };
        self.at += total_len(len);
        Some(Ok(option))
    }
}

/// The contents of the first option of a type among those from offset `at` on, nothing of which is checked but its length.
#[inline]
pub(crate) fn raw_contents<'a>(view: &ControlView<'a>, at: usize, kind: OptionType) -> Option<&'a [u8]> {
    let mut rest = view.bytes().get(at..)?;
    loop {
        let &[a, b, c, d] = rest.first_chunk()?;
        let len = usize::from(u16::from_be_bytes([c, d]));
        if u16::from_be_bytes([a, b]) >> 1 == kind as u16 {
            return rest.get(OPTION_HEADER_LEN..OPTION_HEADER_LEN + len);
        }
        rest = rest.get(total_len(len)..)?;
    }
}

/// All options of a message that its type lists. Options which are absent, unknown or out of place are left at their
/// defaults.
#[derive(Clone, Copy, Default)]
pub(crate) struct Options<'a> {
    validator: Option<&'a [u8]>,
    pub ulids: Option<UlidPair>,
    pub fii: Fii,
    pub announcement: Announcement<'a>,
}

impl<'a> Options<'a> {
    /// Reads the options from offset `at` on. A malformed option of a listed type discards the message; if there is
    /// none, the first critical option that is unknown or not listed is complained about.
    pub fn parse(view: &ControlView<'a>, at: usize) -> Result<Options<'a>, WireError> {
        let listed = listed(view.kind());
        let mut options = Options::default();
        let mut seen = 0;
        let mut complaint = None;
        for option in (RawOptions { bytes: view.bytes(), at }) {
            let option = option?;
            match OptionType::from_number(option.number).filter(|kind| listed & kind.bit() != 0) {
                Some(kind) if seen & kind.bit() != 0 => return Err(Discard::OptionRepeated.into()),
                Some(kind) => {
                    seen |= kind.bit();
                    options.read(kind, &option)?;
                }
                None if option.critical && complaint.is_none() => {
                    complaint =
                        Some(Complaint { code: ErrorCode::CRITICAL_OPTION_NOT_RECOGNIZED, offset: option.at as u16 });
                }
                None => {}
            }
        }
        match complaint {
            Some(complaint) => Err(complaint.into()),
            None => Ok(options),
        }
    }

    /// Checks the options of a message type for which none is defined.
    pub fn parse_none(view: &ControlView<'a>, at: usize) -> Result<(), WireError> {
        Options::parse(view, at).map(|_| ())
    }

    /// The validator, without which R1, I2, R1bis and I2bis are nothing.
    pub fn validator(&self) -> Result<&'a [u8], WireError> {
        self.validator.ok_or(WireError::Discard(Discard::NoValidator))
    }

    fn read(&mut self, kind: OptionType, option: &RawOption<'a>) -> Result<(), Discard> {
        let contents = option.contents;
        match kind {
            OptionType::ResponderValidator => self.validator = Some(contents),
            OptionType::LocatorList => self.announcement.locators = Some(LocatorList::parse(option)?),
            OptionType::LocatorPreferences => self.announcement.preferences = Some(LocatorPreferences::parse(option)?),
            OptionType::CgaPds => self.announcement.pds = Some(contents),
            OptionType::CgaSignature => self.announcement.signature = Some(contents),
            OptionType::UlidPair => self.ulids = Some(UlidPair::parse(contents)?),
            OptionType::Fii => {
                self.fii = Fii(u32::from_be_bytes(contents.try_into().map_err(|_| Discard::OptionLength)?));
            }
            OptionType::KeepaliveTimeout => self.announcement.keepalive_timeout = KeepaliveTimeout::parse(contents)?,
        }
        Ok(())
    }
}

/// Writes the options that name a context: ULID Pair where the IPv6 header does not tell it, and a forked instance.
pub(crate) fn emit_names(writer: &mut Writer<'_>, ulids: Option<&UlidPair>, fii: Fii) {
    if let Some(ulids) = ulids {
        ulids.emit(writer);
    }
    if fii != Fii::DEFAULT {
        writer.option(OptionType::Fii, &fii.0.to_be_bytes());
    }
}
