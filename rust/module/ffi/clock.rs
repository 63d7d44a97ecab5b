// SPDX-License-Identifier: GPL-2.0
//! The clock and the random numbers of the module.

use super::bindings;
use shim6_core::time::Instant;

/// Now, in milliseconds as of the last tick; never zero.
#[inline]
pub(crate) fn now() -> Instant {
    // SAFETY: reads the tick; nothing is asked of the caller.
    Instant::from_millis(unsafe { bindings::shim6_now() })
}

/// Fills `octets` from the kernel's cryptographic generator.
pub(crate) fn random(octets: &mut [u8]) {
    // SAFETY: the slice is writable for its length; the generator may be called in any context.
    unsafe { bindings::shim6_random(octets.as_mut_ptr(), octets.len()) }
}

/// So many random octets.
pub(crate) fn drawn<const N: usize>() -> [u8; N] {
    let mut octets = [0; N];
    random(&mut octets);
    octets
}
