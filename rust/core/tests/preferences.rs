// SPDX-License-Identifier: MIT OR GPL-2.0
//! What a peer prefers among its locators: priority and weight as of DNS SRV records, BROKEN and TRANSIENT (RFC 5533
//! section 5.15.3). The peer is played by the test.

mod pair;

use pair::played::{Played, Said};
use pair::A;
use shim6_core::addr::Addr;
use shim6_core::context::State;
use shim6_core::engine::{Advice, Cause};
use shim6_core::time::Duration;
use shim6_core::wire::{
    Announcement, ElementLen, LocatorPreferences, Message, MessageType, Nonce, Preference, UpdateRequest,
};

fn preference(flags: u8, priority: u8, weight: u8) -> Preference {
    Preference { flags, priority, weight }
}

fn places(played: &Played, said: &[Said]) -> Vec<usize> {
    let peers = played.world.hosts[1].addresses();
    let place = |addr: &Addr| peers.iter().position(|peer| peer == addr).expect("a locator of the peer");
    let probes = said.iter().filter(|said| said.kind() == MessageType::Probe);
    let mut places: Vec<_> = probes.map(|said| place(&said.over.peer)).collect();
    places.dedup();
    places
}

/// The order in which the peer's locators are probed, each named when it is tried first.
fn order(seed: u64, told: [Preference; 3]) -> Vec<usize> {
    let mut played = Played::in_state(seed, State::Established);
    played.host_mut().settings.parallel_probes = 1;
    played.host_mut().settings.max_probe_timeout = Duration::from_millis(500);
    let (over, receiver_tag) = (played.ulids(), played.context().tag_local());
    let generation = played.context().peer_locators().generation().expect("a list");
    let preferences = LocatorPreferences::new(generation, ElementLen::Weight, &told);
    let announcement = Announcement { preferences, ..Announcement::NOTHING };
    let update = UpdateRequest { receiver_tag, request_nonce: Nonce(4), announcement };
    let acknowledged = played.tell(over, &Message::UpdateRequest(update));
    assert_eq!(acknowledged.len(), 1);
    let known: Vec<_> = played.context().peer_locators().list().iter().map(|known| known.preference).collect();
    assert_eq!(known, told);
    played.world.advise(A, Advice::Explore(Cause::Administrator));
    let mut said = played.said();
    said.extend(played.wait(Duration::from_secs(4)));
    let mut seen = Vec::new();
    for place in places(&played, &said) {
        if !seen.contains(&place) {
            seen.push(place);
        }
    }
    assert_eq!(seen.len(), 3, "all are tried");
    seen
}

#[test]
fn lower_priorities_come_first() {
    assert_eq!(order(1, [preference(0, 0, 0), preference(0, 9, 0), preference(0, 3, 0)]), [0, 2, 1]);
    assert_eq!(order(1, [preference(0, 0, 0), preference(0, 3, 0), preference(0, 9, 0)]), [0, 1, 2]);
    // Whatever the weights.
    for seed in 0..20 {
        assert_eq!(order(seed, [preference(0, 0, 0), preference(0, 9, 255), preference(0, 3, 1)]), [0, 2, 1]);
    }
}

#[test]
fn flags_count_before_priorities() {
    for flag in [Preference::BROKEN, Preference::TRANSIENT] {
        assert_eq!(order(2, [preference(0, 9, 0), preference(flag, 0, 0), preference(0, 9, 0)]), [0, 2, 1]);
        assert_eq!(order(2, [preference(0, 9, 0), preference(0, 9, 0), preference(flag, 0, 0)]), [0, 1, 2]);
    }
}

#[test]
fn within_a_priority_the_share_follows_the_weights() {
    for (weights, least, most) in [([3, 1], 200, 250), ([1, 3], 50, 100), ([200, 200], 120, 180), ([9, 0], 300, 300)] {
        let told = [preference(0, 0, 0), preference(0, 5, weights[0]), preference(0, 5, weights[1])];
        let first = (0..300).filter(|seed| order(*seed, told)[1] == 1).count();
        assert!((least..=most).contains(&first), "{weights:?}: {first} of 300");
    }
}

#[test]
fn without_weights_the_order_is_that_of_the_list() {
    for seed in 0..20 {
        assert_eq!(order(seed, [preference(0, 0, 0); 3]), [0, 1, 2]);
    }
}
