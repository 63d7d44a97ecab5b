// SPDX-License-Identifier: MIT OR GPL-2.0
//! The ULID Pair option (RFC 5533 section 5.15.6).

use super::{Discard, OptionType, Writer};
use crate::addr::Addr;

/// The ULIDs of a context as the sender of the message sees them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct UlidPair {
    /// Sender ULID: to the receiver, ULID(peer).
    pub sender: Addr,
    /// Receiver ULID: to the receiver, ULID(local).
    pub receiver: Addr,
}

/// Octets of the contents: a reserved word and two addresses.
const LEN: usize = 36;

impl UlidPair {
    pub(super) fn parse(contents: &[u8]) -> Result<UlidPair, Discard> {
        let contents: &[u8; LEN] = contents.try_into().map_err(|_| Discard::OptionLength)?;
        let (_reserved, ulids) = contents.split_at(4);
        let (sender, receiver) = ulids.split_at(16);
        match (Addr::read(sender), Addr::read(receiver)) {
            (Some(sender), Some(receiver)) => Ok(UlidPair { sender, receiver }),
            _ => Err(Discard::OptionLength),
        }
    }

    pub(super) fn emit(&self, writer: &mut Writer<'_>) {
        writer.option_header(OptionType::UlidPair, LEN);
        writer.put(&[0; 4]);
        writer.put_addr(&self.sender);
        writer.put_addr(&self.receiver);
    }
}
