// SPDX-License-Identifier: GPL-2.0
//! The two netfilter hooks: from C's arguments to owned packets, and back to verdicts.

use super::{
    bindings,
    netns::state,
    packet::{Packet, Verdict, HEADER},
    rcu::Reader,
};
use crate::{input, netns::Net, output};
use core::{
    ffi::{c_uint, c_void},
    ptr::NonNull,
};

/// Runs one of the two.
///
/// # Safety
///
/// As for [`shim6_hook_out`].
#[inline(always)]
unsafe fn run(
    share: *mut c_void,
    skb: *mut bindings::sk_buff,
    hooked: *const bindings::nf_hook_state,
    hook: impl FnOnce(&Net, Reader<'_>, Packet) -> Verdict,
) -> c_uint {
    // SAFETY: `share` is the private pointer of our registration, whose state exists while hooks are registered.
    let net = unsafe { state(share.cast()) };
    // SAFETY: both hooks see whole IPv6 headers in the linear part, as IPv6 itself looked at them before.
    if unsafe { ((*skb).len as usize) < HEADER } {
        return bindings::NF_ACCEPT;
    }
    // SAFETY: netfilter hands over a valid packet, whose data is at its IPv6 header in both hooks, and the verdict tells
    // whether it gets it back; netfilter calls hooks under RCU, which lasts for the call.
    let verdict = unsafe { hook(net, Reader::assume(), Packet::from_raw(NonNull::new_unchecked(skb))) };
    match verdict {
        // Netfilter would go on with the one that it knows, which is gone.
        Verdict::Accept(packet) if packet.raw() != skb => {
            packet.output(net.share());
            bindings::NF_STOLEN
        }
        Verdict::Accept(packet) => {
            packet.into_raw();
            bindings::NF_ACCEPT
        }
        // SAFETY: `hooked` is netfilter's argument, RCU is held, the packet is ours, and the verdict tells whose it is then.
        Verdict::Fragment(packet) => unsafe { bindings::shim6_hook_defragment(packet.into_raw(), hooked) },
        Verdict::Stolen => bindings::NF_STOLEN,
    }
}

/// LOCAL_OUT.
///
/// # Safety
///
/// To be called by netfilter, as registered in hook.c.
#[no_mangle]
unsafe extern "C" fn shim6_hook_out(
    share: *mut c_void,
    skb: *mut bindings::sk_buff,
    hooked: *const bindings::nf_hook_state,
) -> c_uint {
    // SAFETY: netfilter's arguments.
    unsafe { run(share, skb, hooked, output::local_out) }
}

/// PRE_ROUTING.
///
/// # Safety
///
/// As for [`shim6_hook_out`].
#[no_mangle]
unsafe extern "C" fn shim6_hook_in(
    share: *mut c_void,
    skb: *mut bindings::sk_buff,
    hooked: *const bindings::nf_hook_state,
) -> c_uint {
    // SAFETY: netfilter's arguments.
    unsafe { run(share, skb, hooked, input::pre_routing) }
}
