// SPDX-License-Identifier: MIT OR GPL-2.0
//! What I2, I2bis, R2 and Update Request say about their sender: locators, preferences, the proof of both, and the
//! Keepalive Timeout that it asks for.

use super::{KeepaliveTimeout, LocatorList, LocatorPreferences, OptionType, Writer};

/// The options shared by the four messages that announce locators. Everything is optional on the wire; whether the
/// parts fit each other (a list with its PDS, preferences with the list) is for the receiver's context to judge.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Announcement<'a> {
    /// Locator List.
    pub locators: Option<LocatorList<'a>>,
    /// Locator Preferences.
    pub preferences: Option<LocatorPreferences<'a>>,
    /// CGA Parameter Data Structure, octet for octet.
    pub pds: Option<&'a [u8]>,
    /// CGA Signature, octet for octet.
    pub signature: Option<&'a [u8]>,
    /// Keepalive Timeout.
    pub keepalive_timeout: Option<KeepaliveTimeout>,
}

impl Announcement<'_> {
    /// Says nothing.
    pub const NOTHING: Announcement<'static> =
        Announcement { locators: None, preferences: None, pds: None, signature: None, keepalive_timeout: None };

    pub(crate) fn emit(&self, writer: &mut Writer<'_>) {
        if let Some(locators) = &self.locators {
            locators.emit(writer);
        }
        if let Some(preferences) = &self.preferences {
            preferences.emit(writer);
        }
        if let Some(pds) = self.pds {
            writer.option(OptionType::CgaPds, pds);
        }
        if let Some(signature) = self.signature {
            writer.option(OptionType::CgaSignature, signature);
        }
        if let Some(timeout) = self.keepalive_timeout {
            timeout.emit(writer);
        }
    }
}
