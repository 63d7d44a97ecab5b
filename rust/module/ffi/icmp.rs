// SPDX-License-Identifier: GPL-2.0
//! ICMPv6 errors: telling this host's own upper layers, learning path MTUs, rewriting what an error quotes.

use super::{bindings, netns::Share, packet::Packet};

impl Packet {
    /// Tells the sender of this packet, on this host, that it was larger than `mtu`.
    pub(crate) fn tell_too_big(&mut self, mtu: usize) {
        // SAFETY: the buffer is valid and ours; the kernel copies what it needs.
        unsafe { bindings::shim6_icmp_too_big(self.raw(), mtu as u32) }
    }

    /// Lowers the MTU of the route that the upper layer chose for this packet.
    pub(crate) fn learn_own_mtu(&mut self, mtu: usize) {
        // SAFETY: the buffer is valid and ours.
        unsafe { bindings::shim6_skb_learn_mtu(self.raw(), mtu as u32) }
    }

    /// Lowers the MTU of the route of the packet that this error quotes at `at`.
    pub(crate) fn learn_mtu(&mut self, share: Share, at: usize, mtu: u32) {
        if at + super::packet::HEADER > self.len() || self.whole().is_none() {
            return;
        }
        // SAFETY: the buffer is valid, linear and longer than `at` and a header; the namespace lives with its share.
        unsafe { bindings::shim6_icmp_learn_mtu(share.net(), self.raw(), at as u32, mtu) }
    }

    /// Whether the checksum of the ICMPv6 message at `at` is right. The packet must be in one piece.
    pub(crate) fn icmp_is_valid(&mut self, at: usize) -> bool {
        at < self.len()
            && self.whole().is_some()
            // SAFETY: the buffer is valid, linear and longer than `at`.
            && unsafe { bindings::shim6_icmp_is_valid(self.raw(), at as u32) }
    }

    /// Cuts the packet to `len` octets.
    pub(crate) fn trim(&mut self, len: usize) {
        if len >= super::packet::HEADER && len <= self.len() && self.whole().is_some() {
            // SAFETY: the buffer is valid, linear, and not shorter than `len`.
            unsafe { bindings::shim6_skb_trim(self.raw(), len as u32) }
        }
    }

    /// Makes the checksum of the ICMPv6 message at `at` anew, after the packet was changed.
    pub(crate) fn make_icmp_sum(&mut self, at: usize) {
        if at + 4 <= self.len() && self.writable(at + 4).is_some() && self.whole().is_some() {
            // SAFETY: the buffer is valid, linear, and has an ICMPv6 header at `at` that is ours to write.
            unsafe { bindings::shim6_icmp_checksum(self.raw(), at as u32) }
        }
    }
}
