// SPDX-License-Identifier: MIT OR GPL-2.0
//! Lists with a CGA signature: RSA is too much work for where messages come in, so the engine asks the host to check the
//! signature at its leisure, and is told the message again with the answer.
//!
//! Nothing is kept here in between, and nothing has changed for the message yet. It is looked at anew as a whole when it
//! comes again, since the context, or the cookie that it brought, may be gone by then.

use super::learn::{Lesson, Unfit};
use super::{Action, Contexts, Counter, Engine, Env, Packet};
use crate::addr::Addr;
use crate::locator::{Bound, PeerLocators};
use crate::signature::Signed;
use crate::time::Instant;

/// What is known of the CGA signature of a message that came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Signature {
    /// Nothing: it came from the network just now.
    #[default]
    Unchecked,
    /// What the host found, as it was asked by [`Action::CheckSignature`].
    Checked {
        /// Whether the signature fits.
        is_good: bool,
        /// The generation of Ls(peer) when the host was asked.
        generation: Option<u32>,
    },
}

/// A message whose signature is to be checked. All that costs less was found to be right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Question {
    source: Addr,
    destination: Addr,
    offset: usize,
    generation: Option<u32>,
}

impl Question {
    /// IPv6 source of the packet.
    pub fn source(&self) -> Addr {
        self.source
    }

    /// IPv6 destination of the packet.
    pub fn destination(&self) -> Addr {
        self.destination
    }

    /// Offset of the Shim6 header in the packet, in octets.
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// What is to be checked. `whole` is the packet, from its IPv6 header on.
    pub fn signed<'p>(&self, whole: &'p [u8]) -> Option<Signed<'p>> {
        Signed::in_message(whole.get(self.offset..)?)
    }

    /// The packet with the answer, for [`Engine::control_in`].
    pub fn answer<'p>(&self, whole: &'p [u8], is_good: bool) -> Packet<'p> {
        let Question { source, destination, offset, generation } = *self;
        Packet { source, destination, whole, offset, signature: Signature::Checked { is_good, generation } }
    }
}

impl<C: Contexts, E: Env> Engine<'_, C, E> {
    /// Whether what was `learned` from a message may be taken. If that hangs on its signature and the host was not asked
    /// yet, it is now. `generation` is that of the present Ls(peer): an answer about a list that came before the one which
    /// is known by now is worth nothing.
    pub(super) fn is_proven(
        &mut self,
        now: Instant,
        packet: &Packet<'_>,
        lesson: &Lesson,
        learned: &PeerLocators,
        generation: Option<u32>,
    ) -> bool {
        let Some(complaint) = lesson.unless_signed else {
            return true;
        };
        // A key can speak for any address: not for those of this host.
        let is_ours = |addr: &Addr| self.env.locals(addr).is_some();
        let claims_ours = learned.list().iter().any(|locator| locator.bound == Bound::Cga && is_ours(&locator.addr));
        match packet.signature {
            _ if claims_ours => self.refuse(now, packet, Unfit::Complain(complaint)),
            Signature::Unchecked => {
                let Packet { source, destination, offset, .. } = *packet;
                self.push(Action::CheckSignature(Question { source, destination, offset, generation }));
            }
            Signature::Checked { generation: then, .. } if then != generation => {
                self.env.count(Counter::DropWrongState);
            }
            Signature::Checked { is_good: true, .. } => return true,
            Signature::Checked { is_good: false, .. } => self.refuse(now, packet, Unfit::Complain(complaint)),
        }
        false
    }
}
