// SPDX-License-Identifier: GPL-2.0
//! What this CPU remembers until the tick ends, so that the next packets of the kind need not be asked about (fast.h).

use super::{bindings, netns::Share, percpu::PerCpuU64s, rcu::Reader, table::Node};

/// The packets that are remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Out, between the ULIDs of a context.
    Out,
    /// In, between the ULIDs of a context, as they are.
    In,
    /// In, with the tag of a context.
    Tag,
}

impl Kind {
    fn raw(self) -> bindings::shim6_memo_kind {
        match self {
            Kind::Out => bindings::shim6_memo_kind_SHIM6_MEMO_OUT,
            Kind::In => bindings::shim6_memo_kind_SHIM6_MEMO_IN,
            Kind::Tag => bindings::shim6_memo_kind_SHIM6_MEMO_TAG,
        }
    }
}

/// Packets and octets that went by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Passed {
    /// Packets.
    pub(crate) packets: u64,
    /// Octets, from the IPv6 header on, without a payload extension header.
    pub(crate) octets: u64,
}

impl Passed {
    fn from_raw(raw: bindings::shim6_passed) -> Passed {
        Passed { packets: raw.packets, octets: raw.octets }
    }
}

const NONE: bindings::shim6_passed = bindings::shim6_passed { packets: 0, octets: 0 };

/// The tick and the state of the namespace at some moment.
#[derive(Clone, Copy)]
pub(crate) struct Stamp(u64);

impl Share {
    /// The stamp of what is looked at from now on.
    #[inline]
    pub(crate) fn stamp(self) -> Stamp {
        // SAFETY: the namespace is there as long as its share.
        Stamp(unsafe { bindings::shim6_stamp(self.raw()) })
    }

    /// Tells packets how many contexts and sets there are. Only with the control lock.
    pub(crate) fn set_numbers(self, contexts: u32, sets: u32) {
        // SAFETY: as above.
        unsafe { bindings::shim6_net_numbers(self.raw(), contexts, sets) }
    }

    /// Has packets that are switched, and turned back, counted here.
    ///
    /// # Safety
    ///
    /// The counters must live as long as the namespace has hooks.
    pub(super) unsafe fn count_switched(self, counters: &PerCpuU64s, out: usize, back: usize) {
        // SAFETY: nobody reads the fields before the hooks are registered.
        unsafe {
            (*self.raw()).tx_switched = counters.place(out);
            (*self.raw()).rx_switched = counters.place(back);
        }
    }

    /// Whether the destination of a packet on its way in is an address of this host. Only in the hook for what comes in.
    #[inline]
    pub(crate) fn is_for_host(self, address: &[u8; 16]) -> bool {
        // SAFETY: the namespace is there, an address is 16 octets; that hook runs with softirqs off.
        unsafe { bindings::shim6_is_for_host(self.raw(), address.as_ptr()) }
    }

    /// Packets that were sent to a peer and not counted, as they were like the last; from now on they are so again.
    pub(crate) fn start_memo(self, peer: &[u8; 16]) -> u32 {
        // SAFETY: the namespace is there, an address is 16 octets.
        unsafe { bindings::shim6_start_memo(self.raw(), peer.as_ptr()) }
    }
}

impl Node {
    /// Has packets like this one dealt with at once, as long as the stamp holds. `count` gets what went by so since the
    /// last time, for the context that it was of.
    pub(crate) fn remember(&self, reader: Reader<'_>, kind: Kind, stamp: Stamp, count: impl FnOnce(&Node, Passed)) {
        let mut passed = NONE;
        // SAFETY: the node is there and RCU is held; `passed` is written.
        let id = unsafe { bindings::shim6_memo_set(self.raw(), kind.raw(), stamp.0, &mut passed) };
        if id == self.id() {
            count(self, Passed::from_raw(passed));
        } else if id != 0 {
            if let Some(other) = self.share().by_id(reader, id) {
                count(other, Passed::from_raw(passed));
            }
        }
    }

    /// Counts a packet with what this CPU remembers of the context; false if it does not.
    #[inline]
    pub(crate) fn count(&self, kind: Kind, octets: usize) -> bool {
        // SAFETY: the node is there.
        unsafe { bindings::shim6_memo_count(self.raw(), kind.raw(), octets as u32) }
    }

    /// What all CPUs counted and the context was not told yet.
    pub(crate) fn passed(&self, kind: Kind) -> Passed {
        let mut passed = NONE;
        // SAFETY: the node is there; `passed` is written.
        unsafe { bindings::shim6_memos_passed(self.raw(), kind.raw(), &mut passed) };
        Passed::from_raw(passed)
    }
}
