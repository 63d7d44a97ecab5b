// SPDX-License-Identifier: MIT OR GPL-2.0
//! Every order of events, to a depth, between two hosts that run the real engine: messages overtake each other, are lost
//! or come twice, timers fire when they like, hosts lose all their contexts. In every state that can be reached
//!
//! * payload is delivered under the ULIDs that its sender meant, and no tag is that of two contexts of a host,
//! * nothing that an attacker off the path can send changes an established context,
//! * the hosts still come to agree as soon as the network lets them.
//!
//! `SHIM6_MODEL_DEPTH` sets the number of events in a row, at least 5; that of an ordinary run takes some seconds.
//!
//! What is bounded is in [`system::Limits`]. Random numbers are few and drawn in their order, intervals are not varied,
//! and each host's clock moves only when one of its timers fires, so that it is behind or ahead of the other's.

#[path = "../pair/mod.rs"]
mod pair;

mod claims;
mod host;
mod system;

use stateright::{Checker, Model};
use system::{Limits, System};

/// Events in a row.
fn events() -> usize {
    std::env::var("SHIM6_MODEL_DEPTH").map_or(6, |text| text.parse().expect("SHIM6_MODEL_DEPTH is a number"))
}

/// Explores the whole of it, and tells how much it was.
fn explore(what: &str, system: System) {
    let events = events();
    // The beginning counts as one, and the last states that are met are not looked at.
    let checker = system.checker().target_max_depth(events + 2).spawn_bfs().join();
    println!("{what}: {events} events, {} states by {} ways", checker.unique_state_count(), checker.state_count());
    checker.assert_properties();
    assert!(checker.unique_state_count() > 1000);
}

#[test]
fn establishment() {
    let limits = Limits { starts: [2, 1], instances: 1, timers: 3, crashes: 1, payload: 1, repeats: 1, flying: 4 };
    explore("establishment", System::new(limits));
}

#[test]
fn recovery_of_a_switched_context() {
    let limits = Limits { starts: [1, 1], instances: 1, timers: 2, crashes: 2, payload: 3, repeats: 1, flying: 4 };
    explore("recovery", System::switched(limits));
}

#[test]
fn two_instances_between_the_same_ulids() {
    let limits = Limits { starts: [2, 2], instances: 2, timers: 1, crashes: 1, payload: 0, repeats: 0, flying: 4 };
    explore("two instances", System::new(limits));
}
