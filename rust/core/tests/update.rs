// SPDX-License-Identifier: MIT OR GPL-2.0
//! Update Requests that this host sends, and their acknowledgements (RFC 5533 sections 10.1 to 10.3 and 10.5). When they
//! are repeated is in `timers.rs`; those of a peer are in `update_in.rs`.

mod pair;

use pair::{kinds, Said, Stage, A};
use shim6_core::addr::Addr;
use shim6_core::context::State;
use shim6_core::locator::{LocalStatus, Pair};
use shim6_core::time::Duration;
use shim6_core::wire::{
    Error, ErrorCode, Message, MessageType, Nonce, Preference, Tag, UpdateAck, UpdateRequest, PROTOCOL,
};

fn request(said: &[Said]) -> UpdateRequest<'_> {
    assert_eq!(kinds(said), [MessageType::UpdateRequest]);
    match said[0].message() {
        Message::UpdateRequest(request) => request,
        other => panic!("{other:?}"),
    }
}

/// The list of a request: generation and locators.
fn list(request: &UpdateRequest<'_>) -> Option<(u32, Vec<Addr>)> {
    let list = request.announcement.locators.as_ref()?;
    Some((list.generation(), list.iter().map(|entry| entry.locator).collect()))
}

/// Its preferences: generation and flags.
fn flags(request: &UpdateRequest<'_>) -> Option<(u32, Vec<u8>)> {
    let preferences = request.announcement.preferences.as_ref()?;
    Some((preferences.generation(), preferences.iter().map(|preference| preference.flags).collect()))
}

fn acknowledge(stage: &mut Stage, nonce: Nonce) {
    let (over, tag) = (stage.context().pair(), stage.context().tag_local());
    let said = stage.put(over, &Message::UpdateAck(UpdateAck { receiver_tag: tag, request_nonce: nonce }));
    // One that comes while the host explores tells it that packets arrive.
    assert!(said.iter().all(|said| said.kind() == MessageType::Probe), "{:?}", kinds(&said));
}

fn allow(stage: &mut Stage, place: usize, allowed: bool) -> Vec<Said> {
    let address = stage.over(place, 0).local;
    assert!(stage.world.hosts[A].env.set.set_allowed(&address, allowed));
    stage.locals_changed()
}

fn set_status(stage: &mut Stage, place: usize, status: LocalStatus) -> Vec<Said> {
    let address = stage.over(place, 0).local;
    stage.world.hosts[A].set_status(&address, status);
    stage.locals_changed()
}

/// Established, and the peer knows the first two addresses only.
fn two_of_three(seed: u64) -> (Stage, u32) {
    let mut stage = Stage::at(seed, State::Established);
    let said = allow(&mut stage, 2, false);
    let request = request(&said);
    let (generation, nonce) = (list(&request).expect("a list").0, request.request_nonce);
    acknowledge(&mut stage, nonce);
    assert!(stage.context().update().is_none());
    (stage, generation)
}

#[test]
fn a_request_carries_the_list_or_preferences_or_both() {
    let (mut stage, first) = two_of_three(1);
    let mine: Vec<Addr> = (0..3).map(|place| stage.over(place, 0).local).collect();

    let said = set_status(&mut stage, 1, LocalStatus::LinkDown);
    let only_preferences = request(&said);
    assert_eq!(list(&only_preferences), None);
    assert_eq!(flags(&only_preferences), Some((first, vec![0, Preference::BROKEN])), "of the list sent last");
    assert_eq!((only_preferences.announcement.pds, only_preferences.receiver_tag), (None, stage.peer.tag));
    let nonce = only_preferences.request_nonce;
    acknowledge(&mut stage, nonce);
    let said = set_status(&mut stage, 1, LocalStatus::Usable);
    let well_again = request(&said);
    assert_eq!(flags(&well_again), Some((first, vec![0, 0])));
    let nonce = well_again.request_nonce;
    acknowledge(&mut stage, nonce);

    let said = allow(&mut stage, 2, true);
    let only_list = request(&said);
    let (second, members) = list(&only_list).expect("a list");
    assert_eq!((members, flags(&only_list)), (mine[..].to_vec(), None));
    assert_eq!(only_list.announcement.pds, Some(stage.world.hosts[A].env.set.pds()));
    assert_ne!(first, second);
    let nonce = only_list.request_nonce;
    acknowledge(&mut stage, nonce);

    stage.world.hosts[A].set_status(&mine[1], LocalStatus::LinkDown);
    let said = allow(&mut stage, 2, false);
    let both = request(&said);
    let (third, members) = list(&both).expect("a list");
    assert_eq!((members, flags(&both)), (mine[..2].to_vec(), Some((third, vec![0, Preference::BROKEN]))));
    assert!(third != second && third != first);
}

/// What is at the peer when a request of each form arrives there: the two ends are the same code, so this adds that they
/// fit each other.
#[test]
fn each_form_is_accepted_and_acknowledged() {
    let mut world = pair::World::new(2, [3, 2]);
    world.start(A);
    world.talk(Duration::from_secs(5), Duration::from_millis(100), &[A, pair::B]);
    let mine = world.hosts[A].addresses();
    for (allowed, status) in [(false, LocalStatus::Usable), (false, LocalStatus::LinkDown), (true, LocalStatus::Usable)]
    {
        world.hosts[A].env.set.set_allowed(&mine[2], allowed);
        world.set_local(A, mine[1], status, shim6_core::engine::Cause::Preference);
        let (now, id) = (world.now, world.hosts[A].context_id(&world.ulids(A)).expect("a context"));
        let pair::World { hosts, network, rng, .. } = &mut world;
        hosts[A].call(now, network, rng, |engine| {
            engine.locals_changed(now, id, shim6_core::engine::Cause::Preference);
        });
        world.talk(Duration::from_secs(5), Duration::from_millis(100), &[A, pair::B]);
        assert!(world.hosts[A].context(id).update().is_none(), "acknowledged");
        let theirs = world.hosts[pair::B].context_id(&world.ulids(pair::B)).expect("a context");
        let known = world.hosts[pair::B].context(theirs).peer_locators();
        assert_eq!(known.contains(&mine[2]), allowed);
        let broken = known.list().iter().any(|known| known.addr == mine[1] && known.preference.is_broken());
        assert_eq!(broken, status == LocalStatus::LinkDown);
        assert_eq!(known.generation(), Some(world.hosts[A].context(id).told().generation()));
    }
}

#[test]
fn each_update_has_a_nonce_and_each_list_a_generation_of_its_own() {
    let mut stage = Stage::at(3, State::Established);
    let (mut nonces, mut generations) = (Vec::new(), Vec::new());
    for round in 0..40 {
        let said = allow(&mut stage, 2, round % 2 == 1);
        let request = request(&said);
        let (nonce, generation) = (request.request_nonce, list(&request).expect("a list").0);
        acknowledge(&mut stage, nonce);
        nonces.push(nonce.0);
        generations.push(generation);
    }
    for numbers in [&mut nonces, &mut generations] {
        let steps: std::collections::BTreeSet<_> =
            numbers.windows(2).map(|pair| pair[1].wrapping_sub(pair[0])).collect();
        assert!(steps.len() > 35, "random, and no counter");
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), 40);
    }
}

/// RFC 5533 section 10.3's own example: a second change while the first is not acknowledged.
#[test]
fn a_second_change_replaces_the_request_and_tells_all() {
    let (mut stage, _) = two_of_three(4);
    let mine: Vec<Addr> = (0..3).map(|place| stage.over(place, 0).local).collect();
    let said = allow(&mut stage, 2, true);
    let first = request(&said);
    stage.wait(Duration::from_millis(1500));
    let second_said = set_status(&mut stage, 1, LocalStatus::LinkDown);
    let second = request(&second_said);
    assert_ne!(second.request_nonce, first.request_nonce);
    let (generation, members) = list(&second).expect("what was not acknowledged, too");
    assert_eq!(members, mine);
    assert_ne!(generation, list(&first).expect("a list").0);
    assert_eq!(flags(&second), Some((generation, vec![0, Preference::BROKEN, 0])));

    // Only the second is repeated, and its intervals begin anew.
    let (began, first_nonce, nonce) = (stage.world.now, first.request_nonce, second.request_nonce);
    acknowledge(&mut stage, first_nonce);
    assert!(stage.context().update().is_some(), "an acknowledgement of the first is ignored");
    let due = stage.context().update().expect("on its way").due();
    assert!((2000..=6000).contains(&due.since(began).as_millis()));
    let said = stage.wait(Duration::from_secs(20));
    let copies: Vec<Nonce> = said
        .iter()
        .filter_map(|said| match said.message() {
            Message::UpdateRequest(copy) => Some(copy.request_nonce),
            _ => None,
        })
        .collect();
    assert!(copies.len() >= 2 && copies.iter().all(|copy| *copy == nonce), "{copies:?}");
    acknowledge(&mut stage, nonce);
    assert!(stage.context().update().is_none());
    assert!((0..3).all(|place| stage.context().told().is_confirmed(place)));
    let said = stage.wait(Duration::from_secs(1000));
    assert!(!kinds(&said).contains(&MessageType::UpdateRequest), "it is complete");
}

#[test]
fn an_acknowledgement_with_another_nonce_is_none() {
    let (mut stage, _) = two_of_three(5);
    allow(&mut stage, 2, true);
    let (ulids, tag, before) = (stage.ulids(), stage.context().tag_local(), stage.picture());
    for wrong in [0, 1, u32::MAX] {
        let ack = UpdateAck { receiver_tag: tag, request_nonce: Nonce(wrong) };
        assert_eq!(kinds(&stage.put(ulids, &Message::UpdateAck(ack))), []);
        assert_eq!(stage.picture(), before);
    }
    assert!(kinds(&stage.wait(Duration::from_secs(7))).contains(&MessageType::UpdateRequest), "it is repeated");
}

/// Where nothing was ever asked no nonce is that of an earlier request.
#[test]
fn an_acknowledgement_of_nothing_is_none() {
    let mut stage = Stage::at(7, State::Established);
    let (ulids, tag, before) = (stage.ulids(), stage.context().tag_local(), stage.picture());
    for nonce in [0, 1] {
        let ack = UpdateAck { receiver_tag: tag, request_nonce: Nonce(nonce) };
        assert_eq!(kinds(&stage.put(ulids, &Message::UpdateAck(ack))), []);
        assert_eq!(stage.picture(), before);
    }
}

#[test]
fn an_acknowledgement_over_foreign_addresses_gets_r1bis() {
    let (mut stage, _) = two_of_three(6);
    let said = set_status(&mut stage, 1, LocalStatus::LinkDown);
    let (ulids, tag, before) = (stage.ulids(), stage.context().tag_local(), stage.picture());
    let ack = UpdateAck { receiver_tag: tag, request_nonce: request(&said).request_nonce };
    let stranger = Addr::new([0x2001, 0xdb8, 0xbad, 0, 0, 0, 0, 1]);
    // The third address is this host's, and not in Ls(local) of this context.
    for over in [Pair { peer: stranger, ..ulids }, Pair { local: stage.over(2, 0).local, ..ulids }] {
        let said = stage.put(over, &Message::UpdateAck(ack));
        assert_eq!(kinds(&said), [MessageType::R1bis]);
        assert_eq!(said[0].over(), over);
        assert_eq!(stage.picture(), before, "the request is still on its way");
    }
    let wrong = UpdateAck { receiver_tag: Tag::new(tag.get() ^ 1).expect("47 bits"), ..ack };
    assert_eq!(kinds(&stage.put(ulids, &Message::UpdateAck(wrong))), [MessageType::R1bis]);
    assert_eq!(stage.picture(), before);
}

/// A message of the host as it went out, with its IPv6 header.
fn packet(said: &Said) -> Vec<u8> {
    let mut packet = vec![0x60, 0, 0, 0, 0, said.octets.len() as u8, PROTOCOL, 64];
    packet.extend(said.from.octets());
    packet.extend(said.to.octets());
    packet.extend(&said.octets);
    packet
}

/// The peer has come to hold another list than the one that the preferences are for.
#[test]
fn preferences_that_the_peer_cannot_apply_are_told_again_with_the_list() {
    for code in [ErrorCode::GENERATION_OUT_OF_SYNC, ErrorCode::LOCATOR_COUNT] {
        let (mut stage, first) = two_of_three(10);
        let mine: Vec<Addr> = (0..2).map(|place| stage.over(place, 0).local).collect();
        let said = set_status(&mut stage, 1, LocalStatus::LinkDown);
        let (over, quoted, nonce) = (said[0].over(), packet(&said[0]), request(&said).request_nonce);
        let mut another = quoted.clone();
        another[40 + 15] ^= 1;
        let elsewhere = Pair { peer: stage.over(0, 1).peer, ..over };
        for (from, code, packet) in
            [(over, ErrorCode::VERIFICATION_METHOD_FAILED, &quoted), (over, code, &another), (elsewhere, code, &quoted)]
        {
            assert_eq!(kinds(&stage.put(from, &Message::Error(Error { code, pointer: 56, packet }))), []);
        }
        let again = stage.put(over, &Message::Error(Error { code, pointer: 56, packet: &quoted }));
        let (second, members) = list(&request(&again)).expect("a list");
        assert_eq!((members, flags(&request(&again))), (mine, Some((second, vec![0, Preference::BROKEN]))));
        assert!(second != first && request(&again).request_nonce != nonce);
        for packet in [&quoted, &packet(&again[0])] {
            let error = Error { code, pointer: 56, packet };
            assert_eq!(kinds(&stage.put(over, &Message::Error(error))), [], "once");
        }
    }
}

/// The network has kept a copy of a request that was given up, and delivers it after the one that took its place: the peer
/// acknowledges it, and has gone back to what it told.
#[test]
fn what_a_late_copy_of_an_earlier_request_undoes_is_told_again() {
    let (mut stage, _) = two_of_three(11);
    let said = allow(&mut stage, 2, true);
    let early = request(&said).request_nonce;
    let said = allow(&mut stage, 2, false);
    let late = request(&said).request_nonce;
    acknowledge(&mut stage, early);
    acknowledge(&mut stage, late);
    for nonce in [late, Nonce(1)] {
        acknowledge(&mut stage, nonce);
        assert!(stage.context().update().is_none());
    }
    let (over, tag) = (stage.context().pair(), stage.context().tag_local());
    let said = stage.put(over, &Message::UpdateAck(UpdateAck { receiver_tag: tag, request_nonce: early }));
    let again = request(&said);
    let members = list(&again).expect("a list").1;
    assert_eq!(members, (0..2).map(|place| stage.over(place, 0).local).collect::<Vec<_>>());
    let nonce = again.request_nonce;
    acknowledge(&mut stage, nonce);
    assert!(stage.context().update().is_none());
}

#[test]
fn a_peer_is_not_told_of_an_address_that_policy_keeps_from_it_nor_is_anything_sent_from_there() {
    let mut stage = Stage::at(9, State::Established);
    let mine: Vec<Addr> = (0..3).map(|place| stage.over(place, 0).local).collect();
    // The ULID is known without being told.
    stage.world.hosts[A].env.untold = vec![mine[0], mine[1]];
    let said = stage.locals_changed();
    let kept = request(&said);
    assert_eq!(list(&kept).map(|(_, told)| told), Some(vec![mine[0], mine[2]]));
    let nonce = kept.request_nonce;
    acknowledge(&mut stage, nonce);
    assert!(stage.locals_changed().is_empty(), "once is enough");
    set_status(&mut stage, 0, LocalStatus::LinkDown);
    assert_ne!(stage.context().pair().local, mine[1]);

    set_status(&mut stage, 0, LocalStatus::Usable);

    stage.world.hosts[A].env.untold.clear();
    let mut said = stage.locals_changed();
    said.retain(|said| matches!(said.message(), Message::UpdateRequest(_)));
    assert_eq!(list(&request(&said)).map(|(_, told)| told), Some(mine));
}

#[test]
fn an_address_that_is_called_broken_is_left_for_one_that_is_not() {
    let mut stage = Stage::at(10, State::Established);
    let (first, second) = (stage.over(0, 0).local, stage.over(1, 0).local);
    let broken = Preference { flags: Preference::BROKEN, ..Preference::default() };
    assert_eq!(stage.context().pair().local, first);
    assert!(stage.world.hosts[A].env.set.set_preference(&first, broken));
    stage.locals_changed();
    let now = stage.context().pair().local;
    assert_ne!(now, first);
    for other in [second, stage.over(2, 0).local] {
        stage.world.hosts[A].env.set.set_preference(&other, broken);
    }
    stage.locals_changed();
    assert_eq!(stage.context().pair().local, now, "where all are broken none is better");
}
