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
use crate::signature::{key_of, Signed};
use crate::time::Instant;
use crate::wire::Announcement;

/// What is known of the CGA signature of a message that came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Signature<'p> {
    /// Nothing: it came from the network just now.
    #[default]
    Unchecked,
    /// What the host found, as it was asked by [`Action::CheckSignature`].
    Checked {
        /// Whether the signature fits.
        is_good: bool,
        /// The generation of Ls(peer) when the host was asked.
        generation: Option<u32>,
        /// The key of the context's peer by which it was found, if the message brings none.
        kept: Option<&'p [u8]>,
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

    /// What is to be checked. `whole` is the packet, from its IPv6 header on; `kept` a copy of the key that
    /// [`Action::CheckSignature`] named, if it named one.
    pub fn signed<'p>(&self, whole: &'p [u8], kept: Option<&'p [u8]>) -> Option<Signed<'p>> {
        Signed::in_message(whole.get(self.offset..)?, kept)
    }

    /// The packet with the answer that was found by the same key, for [`Engine::control_in`].
    pub fn answer<'p>(&self, whole: &'p [u8], kept: Option<&'p [u8]>, is_good: bool) -> Packet<'p> {
        let Question { source, destination, offset, generation } = *self;
        Packet { source, destination, whole, offset, signature: Signature::Checked { is_good, generation, kept } }
    }
}

impl<C: Contexts, E: Env> Engine<'_, C, E> {
    /// Whether what was `learned` from a message for a context, or for one that is still to be made, may be taken. If that
    /// hangs on its signature and the host was not asked yet, it is now. An answer about a list that came before the one
    /// which is known by now is worth nothing, nor is one by a key that is not the peer's any more.
    pub(super) fn is_proven(
        &mut self,
        now: Instant,
        packet: &Packet<'_>,
        id: Option<C::Id>,
        lesson: &Lesson,
        learned: &PeerLocators,
    ) -> bool {
        let Some(complaint) = lesson.unless_signed else {
            return true;
        };
        // A key can speak for any address: not for those of this host.
        let is_ours = |addr: &Addr| self.env.locals(addr).is_some();
        let claims_ours = learned.list().iter().any(|locator| locator.bound == Bound::Cga && is_ours(&locator.addr));
        let generation = id.and_then(|id| self.contexts.context(id)).and_then(|context| context.peer.generation());
        let keeper = id.filter(|_| lesson.by_kept_key);
        match packet.signature {
            _ if claims_ours => self.refuse(now, packet, Unfit::Complain(complaint)),
            Signature::Unchecked => {
                let Packet { source, destination, offset, .. } = *packet;
                let question = Question { source, destination, offset, generation };
                self.push(Action::CheckSignature { question, keeper });
            }
            Signature::Checked { generation: then, kept, .. }
                if then != generation || kept != keeper.and_then(|id| self.contexts.peer_key(id)) =>
            {
                self.env.count(Counter::DropWrongState);
            }
            Signature::Checked { is_good: true, .. } => return true,
            Signature::Checked { is_good: false, .. } => self.refuse(now, packet, Unfit::Complain(complaint)),
        }
        false
    }

    /// Keeps the key that an accepted announcement has brought: the peer need not bring it again with a later list (RFC 5533
    /// section 5.10). Without memory for it a later list is refused, as if it had never been there.
    pub(super) fn keep_key(&mut self, id: C::Id, announcement: &Announcement<'_>) {
        let Some(pds) = announcement.pds else {
            return;
        };
        match key_of(pds) {
            // Each message of most peers brings the same.
            Some(key) if self.contexts.peer_key(id) == Some(key) => {}
            Some(key) => {
                if self.contexts.keep_peer_key(id, key).is_err() {
                    self.env.count(Counter::DropNoMemory);
                }
            }
            None => self.contexts.drop_peer_key(id),
        }
    }
}
