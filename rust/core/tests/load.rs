// SPDX-License-Identifier: MIT OR GPL-2.0
//! What looking after paths costs, in packets: one a Keepalive Interval while payload goes one way, none while there is none,
//! what the settings allow for tests and for a pair that stands by, and one answer for each Probe. `calm` has the same bounds
//! in bad weather.

mod pair;

use pair::{read, Kind, Seen, Upper, World, A, B};
use shim6_core::engine::{Advice, Cause, Counter};
use shim6_core::time::Duration;
use shim6_core::wire::{MessageType, ProbeState};

const MINUTES: u32 = 5;

/// Two hosts with this traffic, which sends for a while first; from then on all packets are noted.
fn busy(kind: Kind, prepare: impl FnOnce(&mut World)) -> (World, Upper) {
    let mut world = World::new(1, [2, 2]);
    prepare(&mut world);
    world.start(A);
    world.run(Duration::from_millis(200));
    assert!(world.is_agreed());
    let mut upper = Upper::new(kind, &world);
    upper.run(&mut world, Duration::from_secs(8));
    world.network.log = Some(Vec::new());
    (world, upper)
}

/// The control messages that `host` has sent since the last call of this, or [`busy`].
fn sent(world: &mut World) -> [Vec<Seen>; 2] {
    let log = world.network.log.replace(Vec::new()).expect("what busy began");
    [A, B].map(|host| {
        let mine = world.hosts[host].addresses();
        log.iter().filter_map(|(at, datagram)| read(&mine, *at, datagram)).collect()
    })
}

/// The Probes among them that tell this state.
fn telling(seen: &[Seen], state: ProbeState) -> usize {
    seen.iter().filter(|seen| seen.probe.as_ref().is_some_and(|probe| probe.state == state)).count()
}

fn stand_by(world: &mut World) {
    world.hosts.iter_mut().for_each(|host| host.settings.standby_interval = Duration::from_secs(1));
}

#[test]
fn payload_one_way_costs_a_packet_a_keepalive_interval() {
    let (mut world, mut upper) = busy(Kind::OneWay(20), |_| {});
    upper.run(&mut world, Duration::from_secs(60 * MINUTES));
    let [of_sender, of_receiver] = sent(&mut world);
    println!("{} and {} messages in {MINUTES} minutes of payload one way", of_sender.len(), of_receiver.len());
    assert_eq!(of_sender, [], "who sends has nothing to say");
    assert!(of_receiver.iter().all(|seen| seen.kind == MessageType::Keepalive), "{of_receiver:?}");
    // The interval is a third of the Keepalive Timeout at the least. A run of Keepalives ends with the timeout, so that its
    // last step may be shorter: three in a timeout.
    let most = (3 * 60 * MINUTES / 15) as usize;
    assert!((most / 2..=most).contains(&of_receiver.len()), "{} Keepalives, at most {most}", of_receiver.len());
}

#[test]
fn without_payload_nothing_is_sent() {
    for kind in [Kind::Bulk, Kind::Sparse, Kind::Datagrams(20), Kind::OneWay(20), Kind::Bursts] {
        for prepare in [|_: &mut World| {}, stand_by] {
            let (mut world, _) = busy(kind, prepare);
            // The Keepalives that the last payload has coming to it, and what a missed answer may bring about.
            world.run(Duration::from_secs(40));
            sent(&mut world);
            world.run(Duration::from_secs(3_600));
            assert_eq!(sent(&mut world), [[], []], "{kind:?}");
        }
    }
}

#[test]
fn a_pair_that_stands_by_costs_a_probe_an_interval_and_its_answer() {
    for kind in [Kind::Bulk, Kind::Datagrams(20), Kind::OneWay(20)] {
        let (mut world, mut upper) = busy(kind, stand_by);
        let seconds = 60 * MINUTES as usize;
        upper.run(&mut world, Duration::from_secs(60 * MINUTES));
        let sent = sent(&mut world);
        for host in [A, B] {
            let (asks, answers) = (ProbeState::InboundOk, ProbeState::Operational);
            let (asked, answered) = (telling(&sent[host], asks), telling(&sent[host], answers));
            let asked_of = telling(&sent[1 - host], asks);
            println!("{kind:?}: host {host} asked {asked} times in {seconds} s, and answered {answered} Probes");
            assert!((seconds - 2..=seconds + 1).contains(&asked), "{kind:?}: {asked} Probes in {seconds} s");
            assert!(answered <= asked_of + 1, "{kind:?}: {answered} answers to {asked_of} Probes");
            assert_eq!(telling(&sent[host], ProbeState::Exploring), 0, "{kind:?}");
        }
    }
}

/// Advice without end, that the pair fails: tests send what the limit allows a second, and the peer answers.
#[test]
fn tests_are_bounded_by_their_limit() {
    for limit in [11, 24, 40] {
        let (mut world, _) = busy(Kind::Datagrams(20), |world| world.hosts[A].settings.test_limit = limit);
        let seconds = 60;
        for _ in 0..seconds * 100 {
            world.advise(A, Advice::Suspect(Cause::Application));
            world.talk(Duration::from_millis(10), Duration::from_millis(10), &[A, B]);
        }
        let [of_tester, of_peer] = sent(&mut world);
        let tests = telling(&of_tester, ProbeState::Exploring);
        let all = of_tester.len() + of_peer.len();
        println!("limit {limit}: {tests} Probes of tests in {seconds} s, {all} with all answers");
        assert!(tests <= usize::from(limit) * (seconds + 1), "{tests} Probes of tests in {seconds} s");
        assert!(tests >= seconds * 11, "tests go on: {tests}");
        assert!(all <= 3 * tests, "{all} Probes, {tests} of them of tests");
        let times: Vec<_> = of_tester
            .iter()
            .filter(|seen| seen.probe.as_ref().is_some_and(|probe| probe.state == ProbeState::Exploring))
            .map(|seen| seen.at)
            .collect();
        // Any second has a part of two that are counted.
        let two = 2 * usize::from(limit);
        let close = times.windows(two + 1).any(|some| some[two].since(some[0]) < Duration::from_secs(1));
        assert!(!close, "more than {two} Probes of tests within a second");
        assert_eq!(world.hosts[A].count(Counter::Switches) + world.hosts[B].count(Counter::Switches), 0);
    }
}
