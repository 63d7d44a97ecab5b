// SPDX-License-Identifier: MIT OR GPL-2.0
//! What a context costs: a server has a million of them.

use shim6_core::context::{Context, Establishment};
use shim6_core::engine::Actions;
use shim6_core::reap::{Exploration, Notes};
use std::mem::size_of;

#[test]
fn a_context_at_rest_is_small() {
    println!(
        "Context {}, Establishment {}, Exploration {}, Notes {}, Actions {}",
        size_of::<Context>(),
        size_of::<Establishment>(),
        size_of::<Exploration>(),
        size_of::<Notes>(),
        size_of::<Actions<u32>>()
    );
    assert!(size_of::<Context>() <= 700, "{} octets", size_of::<Context>());
}

#[test]
fn what_is_held_only_for_a_while_fits_a_page() {
    assert!(size_of::<Establishment>() <= 256, "{} octets", size_of::<Establishment>());
    // Each is an object of its own, and the kernel has none between 512 octets and a KiB.
    assert!(size_of::<Exploration>() <= 1024, "{} octets", size_of::<Exploration>());
    assert!(size_of::<Actions<u32>>() <= 2048, "{} octets", size_of::<Actions<u32>>());
}
