// SPDX-License-Identifier: MIT OR GPL-2.0
//! The responder against a peer played by the test: I1 and R1, I2 and R2, in every state of the context (RFC 5533
//! sections 7.9, 7.10, 7.13, 7.14).

mod pair;

use pair::played::{kinds, only, stranger, Played, Request, Said, OTHER_TAG, PEER_TAG};
use pair::{tagged, A};
use shim6_core::addr::Addr;
use shim6_core::context::State;
use shim6_core::engine::{Advice, Cause, Contexts, Counter};
use shim6_core::locator::{LocalStatus, Pair};
use shim6_core::reap::ReapState;
use shim6_core::time::Duration;
use shim6_core::validator::{Secrets, Sieve};
use shim6_core::wire::{
    Announcement, Fii, Message, MessageType, Nonce, Probe, ProbeReport, ProbeReports, ProbeState, I1, R1, R2,
};

const WAITING: [State; 3] = [State::I1Sent, State::I2Sent, State::I2bisSent];

fn r1(said: &Said) -> R1<'_> {
    match said.message() {
        Message::R1(r1) => r1,
        other => panic!("no R1: {other:?}"),
    }
}

fn r2(said: &Said) -> R2<'_> {
    match said.message() {
        Message::R2(r2) => r2,
        other => panic!("no R2: {other:?}"),
    }
}

fn known(played: &Played) -> Vec<Addr> {
    played.context().peer_locators().list().iter().map(|locator| locator.addr).collect()
}

fn peers(played: &Played) -> Vec<Addr> {
    played.world.hosts[1].addresses()
}

#[test]
fn i1_is_answered_by_r1_over_its_own_pair_with_its_nonce() {
    for over in [(0, 0), (1, 0), (1, 2)] {
        let mut played = Played::new(1);
        let over = played.pair(over.0, over.1);
        let said = only(played.i1(over, PEER_TAG));
        assert_eq!((said.over, r1(&said).initiator_nonce), (over, Nonce(77)));
        assert_eq!(played.host().table.nodes.len(), 0);
        assert!(played.wait(Duration::from_secs(300)).is_empty(), "R1 is never repeated");
    }
}

#[test]
fn the_cookie_of_r1_makes_a_context_of_i2() {
    let mut played = Played::new(2);
    let ulids = played.ulids();
    let answer = only(played.i1(ulids, PEER_TAG));
    let request = Request { nonce: Nonce(77), ..played.request() };
    let mut cookie = played.cookie(&request);
    cookie.nonce = r1(&answer).responder_nonce;
    cookie.validator = r1(&answer).validator.try_into().expect("as long as ours");
    assert_eq!(kinds(&played.ask_with(&request, &cookie)), [MessageType::R2]);
}

#[test]
fn i1_for_an_established_context_is_answered_by_r2_if_the_tags_match_and_else_by_r1() {
    let mut played = Played::in_state(3, State::Established);
    let (ulids, before) = (played.ulids(), format!("{:?}", played.context().peer_locators()));
    let same = only(played.i1(ulids, PEER_TAG));
    assert_eq!((same.over, r2(&same).initiator_nonce), (ulids, Nonce(77)));
    assert_eq!(r2(&same).responder_tag, played.context().tag_local());
    assert_eq!(kinds(&played.i1(ulids, OTHER_TAG)), [MessageType::R1]);
    // Named by an option, the ULIDs are those of the context, from one of the peer's locators.
    let elsewhere = played.pair(1, 2);
    assert_eq!(kinds(&played.i1_about(elsewhere, ulids, Fii::DEFAULT, PEER_TAG)), [MessageType::R2]);
    assert_eq!(kinds(&played.i1_about(elsewhere, ulids, Fii::DEFAULT, OTHER_TAG)), [MessageType::R1]);
    // From a stranger's address they are not.
    let foreign = Pair { peer: stranger(), ..ulids };
    assert_eq!(kinds(&played.i1_about(foreign, ulids, Fii::DEFAULT, PEER_TAG)), [MessageType::R1]);
    assert_eq!((played.state(), played.context().tag_peer()), (Some(State::Established), Some(PEER_TAG)));
    assert_eq!(format!("{:?}", played.context().peer_locators()), before);
}

#[test]
fn i1_for_a_context_that_waits_is_answered_by_r2_and_changes_nothing() {
    for state in WAITING {
        let mut played = Played::in_state(4, state);
        let (ulids, tag) = (played.ulids(), played.context().tag_peer());
        let said = only(played.i1(ulids, OTHER_TAG));
        assert_eq!(r2(&said).responder_tag, played.context().tag_local());
        assert_eq!((r2(&said).initiator_nonce, said.over), (Nonce(77), ulids));
        assert_eq!((played.state(), played.context().tag_peer()), (Some(state), tag));
        assert!(!played.wait(Duration::from_secs(7)).is_empty(), "{state:?} goes on asking");
    }
}

#[test]
fn i1_for_a_context_that_failed_is_answered_by_r1() {
    for state in [State::Failed, State::NoSupport] {
        let mut played = Played::in_state(5, state);
        let ulids = played.ulids();
        assert_eq!(kinds(&played.i1(ulids, PEER_TAG)), [MessageType::R1]);
        assert_eq!(played.state(), Some(state));
    }
}

#[test]
fn the_ulids_are_those_of_the_option_and_else_those_of_the_header() {
    for option in [true, false] {
        let mut played = Played::new(6);
        let over = played.pair(1, 2);
        let ulids = if option { played.pair(0, 1) } else { over };
        let answer = only(played.i1_about(over, ulids, Fii::DEFAULT, PEER_TAG));
        assert_eq!((answer.over, answer.kind()), (over, MessageType::R1));
        let request = Request { over, ulids, ..played.request() };
        let said = only(played.ask(&request));
        assert_eq!(said.over, over, "R2 goes back by the way of I2");
        let context = played.find(&ulids, Fii::DEFAULT).expect("a context of these ULIDs");
        assert_eq!((context.ulids(), context.tag_peer()), (ulids, Some(PEER_TAG)));
        assert_eq!(played.host().table.nodes.len(), 1);
    }
}

#[test]
fn what_is_not_for_an_address_of_this_host_is_dropped() {
    let mut played = Played::new(7);
    let over = played.ulids();
    let foreign = Pair { local: stranger(), ..over };
    let request = Request { ulids: foreign, ..played.request() };
    let said = [played.i1_about(over, foreign, Fii::DEFAULT, PEER_TAG), played.ask(&request)].concat();
    assert!(said.is_empty() && played.host().table.nodes.is_empty());
}

/// All that the cookie stands for must come back as it went out.
#[test]
fn an_i2_that_differs_from_its_i1_is_dropped() {
    let mut played = Played::new(8);
    let asked = played.request();
    let forked = Request { fii: Fii(9), ..asked.clone() };
    let other = (played.pair(1, 0), played.pair(0, 1));
    let differences = [
        Request { tag: OTHER_TAG, ..asked.clone() },
        Request { ulids: other.0, ..asked.clone() },
        Request { ulids: other.1, ..asked.clone() },
        Request { over: other.0, ..asked.clone() },
        Request { over: other.1, ..asked.clone() },
        forked.clone(),
    ];
    for different in &differences {
        let cookie = played.cookie(&asked);
        assert!(played.ask_with(different, &cookie).is_empty());
    }
    for different in [Request { fii: Fii(8), ..asked.clone() }, asked.clone()] {
        let cookie = played.cookie(&forked);
        assert!(played.ask_with(&different, &cookie).is_empty(), "an instance left out, or another");
    }
    let mut cookie = played.cookie(&asked);
    cookie.nonce = Nonce(cookie.nonce.0.wrapping_sub(1));
    assert!(played.ask_with(&asked, &cookie).is_empty(), "another Responder Nonce");
    for bit in 0..128 {
        let mut cookie = played.cookie(&asked);
        cookie.validator[bit / 8] ^= 1 << (bit % 8);
        assert!(played.ask_with(&asked, &cookie).is_empty(), "bit {bit} of the validator");
    }
    assert!(played.host().table.nodes.is_empty());
    assert_eq!(kinds(&played.ask(&asked)), [MessageType::R2]);
}

#[test]
fn an_i2_may_have_another_initiator_nonce_than_its_i1_and_r2_returns_it() {
    let mut played = Played::new(9);
    let ulids = played.ulids();
    played.i1(ulids, PEER_TAG);
    let said = only(played.ask(&Request { nonce: Nonce(12345), ..played.request() }));
    assert_eq!(r2(&said).initiator_nonce, Nonce(12345));
}

#[test]
fn an_i2_that_comes_too_late_is_dropped() {
    let mut played = Played::new(10);
    let request = played.request();
    let cookie = played.cookie(&request);
    played.wait(Duration::from_secs(29));
    assert_eq!(kinds(&played.ask_with(&request, &cookie)), [MessageType::R2], "recent for 30 s");
    let mut played = Played::new(10);
    let cookie = played.cookie(&request);
    played.wait(Duration::from_secs(32));
    assert!(played.ask_with(&request, &cookie).is_empty());
    assert!(played.host().table.nodes.is_empty());
}

#[test]
fn an_i2_with_a_cookie_of_before_the_restart_is_dropped() {
    let request = Played::new(11).request();
    let cookie = Played::new(11).cookie(&request);
    let mut restarted = Played::new(11);
    let now = restarted.world.now;
    restarted.host_mut().env.secrets = Secrets::new(now, [9; 32], Sieve::new([9; 16], 1));
    let mut same_counter = restarted.cookie(&request);
    same_counter.validator = cookie.validator;
    for cookie in [cookie, same_counter] {
        assert!(restarted.ask_with(&request, &cookie).is_empty());
    }
    assert!(restarted.host().table.nodes.is_empty());
}

#[test]
fn a_good_i2_makes_a_context() {
    let mut played = Played::new(12);
    let request = played.request();
    let said = only(played.ask(&request));
    let context = played.context();
    assert_eq!((context.state(), context.tag_peer()), (State::Established, Some(PEER_TAG)));
    assert_eq!(known(&played), peers(&played));
    assert_eq!((said.over, r2(&said).initiator_nonce), (request.over, request.nonce));
    assert_eq!(r2(&said).responder_tag, context.tag_local());
    let told: Vec<Addr> = r2(&said).announcement.locators.expect("a list").iter().map(|entry| entry.locator).collect();
    assert_eq!(told, played.host().addresses());
    assert!(played.context().told().includes(0) && played.context().told().includes(1));
}

#[test]
fn an_i2_without_locators_makes_a_context_with_the_ulid() {
    let mut played = Played::new(13);
    let request = Request { announced: played.announced(&[]), ..played.request() };
    assert_eq!(kinds(&played.ask(&request)), [MessageType::R2]);
    assert_eq!((played.state(), known(&played)), (Some(State::Established), vec![request.ulids.peer]));
}

/// Between I1 and the I2 of the peer an address came: the R2 tells it.
#[test]
fn r2_tells_the_locators_of_its_own_time() {
    let mut played = Played::new(23);
    let mine = played.host().addresses();
    played.host_mut().set_status(&mine[1], LocalStatus::Invalid);
    played.start();
    played.host_mut().set_status(&mine[1], LocalStatus::Usable);
    let request = played.request();
    let said = only(played.ask(&request));
    let told: Vec<Addr> = r2(&said).announcement.locators.expect("a list").iter().map(|entry| entry.locator).collect();
    assert_eq!(told, mine);
}

/// The ULID needs no proof, whatever the list says; but a locator that the peer leaves out is not one to stay at.
#[test]
fn an_i2_from_a_ulid_that_its_list_leaves_out_makes_a_context_that_looks_for_another_locator() {
    for state in [State::Idle, State::I1Sent] {
        let mut played = Played::in_state(22, state);
        let request = Request { announced: played.announced(&[1, 2]), ..played.request() };
        let said = played.ask(&request);
        assert_eq!(kinds(&said)[..1], [MessageType::R2], "{state:?}");
        assert_eq!((played.state(), known(&played)), (Some(State::Established), peers(&played)[1..].to_vec()));
        let probed: Vec<Addr> = said[1..].iter().map(|said| said.over.peer).collect();
        assert!(!probed.is_empty() && kinds(&said[1..]).iter().all(|kind| *kind == MessageType::Probe), "{state:?}");
        assert!(probed.iter().all(|to| known(&played).contains(to)), "{state:?}");
    }
}

/// RFC 5533 section 7.14: it may be that R2 was lost. Of a list that leaves out the ULID the sender is no part.
#[test]
fn a_repeated_request_from_a_ulid_that_its_list_leaves_out_is_answered_again() {
    for packet_tag in [None, Some(OTHER_TAG)] {
        let mut played = Played::new(24);
        let request = Request { packet_tag, announced: played.announced(&[1, 2]), ..played.request() };
        let first = played.ask(&request);
        let tag = r2(&first[0]).responder_tag;
        for _ in 0..3 {
            played.wait(Duration::from_secs(4));
            let said = played.ask(&request);
            assert_eq!(kinds(&said)[0], MessageType::R2, "{packet_tag:?}");
            assert_eq!(r2(&said[0]).responder_tag, tag);
            assert_eq!((played.state(), known(&played)), (Some(State::Established), peers(&played)[1..].to_vec()));
        }
        // Once another locator was found it is not left for the ULID.
        let found = played.pair(0, 2);
        played.world.advise(A, Advice::Use(found));
        let said = played.said();
        answer(&mut played, said, found);
        assert_eq!((played.context().pair(), played.context().reap().state()), (found, ReapState::Operational));
        assert_eq!(kinds(&played.ask(&request)), [MessageType::R2], "{packet_tag:?}");
        assert_eq!(played.context().pair(), found);
        // Nor is it while a search goes on.
        played.world.advise(A, Advice::Explore(Cause::Administrator));
        let said = played.said();
        assert_eq!(kinds(&played.ask(&request)), [MessageType::R2], "{packet_tag:?}");
        assert_eq!((played.context().pair(), played.context().reap().state()), (found, ReapState::Exploring));
        answer(&mut played, said, found);
        assert_eq!((played.context().pair(), played.context().reap().state()), (found, ReapState::Operational));
        // From elsewhere nobody is let in, and what is no request stays foreign.
        let foreign = Request { over: Pair { peer: stranger(), ..request.over }, ..request.clone() };
        assert!(played.ask(&foreign).is_empty());
        for message in tagged(tag, &request.over) {
            assert_eq!(kinds(&played.tell(request.over, &message)), [MessageType::R1bis], "{message:?}");
        }
    }
}

/// The peer reports the Probe that went out over this pair last.
fn answer(played: &mut Played, said: Vec<Said>, over: Pair) {
    let reports = said.iter().filter(|said| said.over == over).filter_map(|said| match said.message() {
        Message::Probe(probe) => Some(probe.this),
        _ => None,
    });
    let received = [reports.last().expect("a Probe")];
    let this = ProbeReport { source: over.peer, destination: over.local, nonce: Nonce(9), data: 0 };
    let (earlier, received) = (ProbeReports::NONE, ProbeReports::new(&received));
    let receiver_tag = played.context().tag_local();
    let probe = Probe { receiver_tag, state: ProbeState::Operational, this, earlier, received };
    played.tell(over, &Message::Probe(probe));
}

#[test]
fn a_repeated_i2_is_answered_by_the_same_r2_and_nothing_else_repeats_it() {
    let mut played = Played::new(14);
    let request = played.request();
    let cookie = played.cookie(&request);
    let first = only(played.ask_with(&request, &cookie));
    let tag = r2(&first).responder_tag;
    for _ in 0..3 {
        let said = played.wait(Duration::from_secs(9));
        assert!(!kinds(&said).contains(&MessageType::R2), "R2 is never repeated by a timer");
        assert_eq!(r2(&only(played.ask_with(&request, &cookie))).responder_tag, tag);
        assert_eq!(played.host().table.nodes.len(), 1);
    }
}

#[test]
fn i2_in_i1_sent_makes_the_context_under_the_tag_that_i1_told() {
    let mut played = Played::in_state(15, State::I1Sent);
    let (request, tag) = (played.request(), played.context().tag_local());
    let said = only(played.ask(&request));
    assert_eq!((r2(&said).responder_tag, played.context().tag_local()), (tag, tag));
    assert_eq!((played.state(), played.context().tag_peer()), (Some(State::Established), Some(PEER_TAG)));
    assert_eq!(known(&played), peers(&played));
    assert!(!kinds(&played.wait(Duration::from_secs(200))).contains(&MessageType::I1));
}

#[test]
fn i2_elsewhere_updates_tag_and_locators_and_leaves_the_state() {
    for state in [State::I2Sent, State::I2bisSent, State::Established] {
        let mut played = Played::in_state(16, state);
        let tag = played.context().tag_local();
        let request = Request { tag: OTHER_TAG, announced: played.announced(&[0, 2]), ..played.request() };
        let said = only(played.ask(&request));
        assert_eq!(r2(&said).responder_tag, tag);
        assert_eq!((played.state(), played.context().tag_peer()), (Some(state), Some(OTHER_TAG)), "{state:?}");
        assert_eq!(known(&played), [peers(&played)[0], peers(&played)[2]], "{state:?}");
        assert_eq!(played.context().tag_local(), tag);
    }
}

#[test]
fn i2_replaces_a_context_that_failed() {
    for state in [State::Failed, State::NoSupport] {
        let mut played = Played::in_state(17, state);
        let request = played.request();
        assert_eq!(kinds(&played.ask(&request)), [MessageType::R2]);
        assert_eq!((played.state(), played.context().tag_peer()), (Some(State::Established), Some(PEER_TAG)));
        played.wait(Duration::from_secs(700));
        assert_eq!(played.state(), Some(State::Established), "the hold-down is off");
    }
}

/// The source must be a locator that the context has, or that the message proves.
#[test]
fn i2_from_an_address_that_is_not_the_peers_is_dropped() {
    for state in [State::I1Sent, State::I2Sent, State::I2bisSent, State::Established] {
        let mut played = Played::in_state(18, state);
        let (before, foreign) = (played.picture(), Pair { peer: stranger(), ..played.ulids() });
        for announced in [played.announced(&[0, 1, 2]), played.announced(&[])] {
            let request = Request { over: foreign, tag: OTHER_TAG, announced, ..played.request() };
            assert!(played.ask(&request).is_empty(), "{state:?}");
        }
        // In the list, but without being of the set.
        let mut announced = played.announced(&[0, 1]);
        announced.entries[1].locator = stranger();
        let request = Request { over: foreign, tag: OTHER_TAG, announced, ..played.request() };
        assert_eq!(kinds(&played.ask(&request)), [MessageType::Error], "no R2");
        assert_eq!(played.picture(), before, "{state:?}");
        // From another locator of the peer, proven by the list.
        let request = Request { over: played.pair(0, 2), tag: OTHER_TAG, ..played.request() };
        assert_eq!(kinds(&played.ask(&request)), [MessageType::R2], "{state:?}");
    }
}

#[test]
fn i2_with_a_proof_of_somebody_else_is_dropped() {
    for state in [State::Idle, State::I1Sent, State::I2Sent, State::I2bisSent, State::Established] {
        let mut played = Played::in_state(19, state);
        let before = played.picture();
        let own = played.host().env.set.pds().to_vec();
        for places in [&[][..], &[0], &[0, 1, 2]] {
            let request = Request { announced: played.announced(places), tag: OTHER_TAG, ..played.request() };
            let cookie = played.cookie(&request);
            let announcement = Announcement { pds: Some(&own), ..request.announced.announcement() };
            assert!(played.ask_announcing(&request, &cookie, &announcement).is_empty(), "in silence");
            assert_eq!(played.picture(), before, "{state:?}");
        }
    }
}

#[test]
fn a_new_context_has_a_tag_of_its_own_from_the_whole_space() {
    let (mut ones, mut zeros, mut seen) = (0, 0, std::collections::BTreeSet::new());
    for seed in 0..40 {
        let mut played = Played::new(seed);
        for peer in 0..3 {
            for local in 0..2 {
                let ulids = played.pair(local, peer);
                let tag = shim6_core::wire::Tag::new(1 + 2 * peer as u64 + local as u64).expect("a tag");
                let request = Request { over: ulids, ulids, tag, ..played.request() };
                let said = only(played.ask(&request));
                let tag = r2(&said).responder_tag;
                assert!(played.host().table.by_local_tag(tag).is_some());
                (ones, zeros) = (ones | tag.get(), zeros | !tag.get());
                assert!(seen.insert(tag), "a tag came twice");
            }
        }
    }
    assert_eq!((ones, zeros & ((1 << 47) - 1)), ((1 << 47) - 1, (1 << 47) - 1), "all 47 bits vary");
}

#[test]
fn r1_depends_on_i1_and_the_hosts_secrets_alone() {
    let i1 = |nonce| I1 { initiator_tag: PEER_TAG, initiator_nonce: nonce, ulids: None, fii: Fii::DEFAULT };
    let mut played = Played::new(21);
    let over = played.ulids();
    let first = only(played.tell(over, &Message::I1(i1(Nonce(1)))));
    for n in 0..2_000u16 {
        let peer = Addr::new([0x2001, 0xdb8, 0xbad, 0, 0, 0, 0, n]);
        played.i1(Pair { peer, ..over }, OTHER_TAG);
    }
    let again = only(played.tell(over, &Message::I1(i1(Nonce(1)))));
    assert_eq!(first, again);
    assert!(played.host().table.nodes.is_empty() && played.host().next_timer().is_none());
    assert_eq!(played.host().count(Counter::Tx(MessageType::R1)), 2_002);
}

#[test]
fn a_peer_that_may_know_the_ulid_only_is_not_given_what_proves_it_and_with_it_all_other_addresses() {
    for keeps in [true, false] {
        let mut played = Played::new(21);
        let own: Vec<Addr> = played.host().addresses();
        let ulid = played.ulids().local;
        if keeps {
            played.host_mut().env.untold = own.iter().copied().filter(|addr| *addr != ulid).collect();
        }
        let answer = only(played.ask(&played.request()));
        let told = r2(&answer).announcement;
        assert_eq!((told.locators.is_some(), told.pds.is_some()), (!keeps, !keeps));
        assert_eq!(played.state(), Some(State::Established));
        if keeps {
            assert!(played.wait(Duration::from_secs(60)).is_empty(), "nor later");
            played.host_mut().env.untold.clear();
        }
    }
}
