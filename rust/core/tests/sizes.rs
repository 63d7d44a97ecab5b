// SPDX-License-Identifier: MIT OR GPL-2.0
//! What a context costs: a server has a million of them.

use shim6_core::context::{Context, Establishment, Past};
use shim6_core::engine::Actions;
use shim6_core::reap::{Exploration, Notes};
use shim6_core::time::Instant;
use shim6_core::wire::Tag;
use std::mem::size_of;

#[test]
fn a_context_at_rest_is_small() {
    println!(
        "Context {}, Past {}, Establishment {}, Exploration {}, Notes {}, Actions {}",
        size_of::<Context>(),
        size_of::<Past>(),
        size_of::<Establishment>(),
        size_of::<Exploration>(),
        size_of::<Notes>(),
        size_of::<Actions<u32>>()
    );
    // With what the module has beside it it must fit its place in the slab, whose size is checked there.
    assert!(size_of::<Context>() <= 456, "{} octets", size_of::<Context>());
    assert_eq!(size_of::<Option<Instant>>(), size_of::<Instant>());
    assert_eq!(size_of::<Option<Tag>>(), size_of::<Tag>());
}

#[test]
fn what_is_held_only_when_needed_fits_a_page() {
    assert!(size_of::<Past>() <= 96, "{} octets", size_of::<Past>());
    assert!(size_of::<Establishment>() <= 512, "{} octets", size_of::<Establishment>());
    // Each is an object of its own, and the kernel has none between 512 octets and a KiB.
    assert!(size_of::<Exploration>() <= 1024, "{} octets", size_of::<Exploration>());
    assert!(size_of::<Actions<u32>>() <= 2048, "{} octets", size_of::<Actions<u32>>());
}
