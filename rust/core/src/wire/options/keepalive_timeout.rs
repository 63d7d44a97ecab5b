// SPDX-License-Identifier: MIT OR GPL-2.0
//! The Keepalive Timeout option (RFC 5534 section 5.3).

use super::{Discard, OptionType, Writer};
use core::num::NonZeroU16;

/// The Keepalive Timeout that the sender asks of its peer: its own Send Timeout, in whole seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct KeepaliveTimeout(NonZeroU16);

impl KeepaliveTimeout {
    /// The timeout of so many seconds; zero would forbid keepalives and is none.
    pub const fn from_secs(seconds: u16) -> Option<KeepaliveTimeout> {
        match NonZeroU16::new(seconds) {
            Some(seconds) => Some(KeepaliveTimeout(seconds)),
            None => None,
        }
    }

    /// Seconds.
    pub const fn as_secs(self) -> u16 {
        self.0.get()
    }

    /// An option with a timeout of zero is taken for absent.
    pub(super) fn parse(contents: &[u8]) -> Result<Option<KeepaliveTimeout>, Discard> {
        let &[_, _, high, low] = contents else {
            return Err(Discard::OptionLength);
        };
        Ok(KeepaliveTimeout::from_secs(u16::from_be_bytes([high, low])))
    }

    pub(super) fn emit(self, writer: &mut Writer<'_>) {
        let [high, low] = self.as_secs().to_be_bytes();
        writer.option(OptionType::KeepaliveTimeout, &[0, 0, high, low]);
    }
}
