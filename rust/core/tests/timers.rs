// SPDX-License-Identifier: MIT OR GPL-2.0
//! How often and when messages are repeated that nobody answers: the constants of RFC 5533 section 14, measured at the
//! wire.

mod pair;

use pair::{kinds, Said, Stage, A};
use shim6_core::context::State;
use shim6_core::locator::LocalStatus;
use shim6_core::time::{Duration, Instant};
use shim6_core::wire::{Message, MessageType};

/// The resolution of the measurement.
const TICK: Duration = Duration::from_millis(10);

/// Everything said within `span`, with the time.
fn watch(stage: &mut Stage, span: Duration) -> Vec<(Instant, Said)> {
    let end = stage.world.now + span;
    let mut heard = Vec::new();
    while stage.world.now < end {
        let said = stage.wait(TICK);
        let now = stage.world.now;
        heard.extend(said.into_iter().map(|said| (now, said)));
    }
    heard
}

/// The ratio of each interval to its nominal length in seconds, which must be one half to one and a half.
fn factors(times: &[Instant], nominal: &[u32]) -> Vec<f64> {
    let intervals = times.windows(2).map(|pair| f64::from(pair[1].since(pair[0]).as_millis()) / 1000.0);
    let factors: Vec<f64> = intervals.zip(nominal).map(|(interval, nominal)| interval / f64::from(*nominal)).collect();
    assert_eq!(factors.len(), nominal.len(), "{times:?}");
    for factor in &factors {
        assert!((0.497..=1.503).contains(factor), "factor {factor} of {times:?}");
    }
    factors
}

/// Factors are spread over the whole of what is allowed, and no two runs are alike.
fn are_spread(factors: &[f64]) {
    let share = |low: f64, high: f64| {
        factors.iter().filter(|factor| (low..high).contains(*factor)).count() as f64 / factors.len() as f64
    };
    for (low, high) in [(0.4, 0.75), (0.75, 1.0), (1.0, 1.25), (1.25, 1.6)] {
        let share = share(low, high);
        assert!((0.12..0.4).contains(&share), "{share} of the factors are in {low}..{high}");
    }
}

fn times(heard: &[(Instant, Said)], kind: MessageType) -> Vec<Instant> {
    heard.iter().filter(|(_, said)| said.kind() == kind).map(|(at, _)| *at).collect()
}

#[test]
fn i1_goes_out_five_times_at_doubling_intervals() {
    let mut all = Vec::new();
    for seed in 0..40 {
        let mut stage = Stage::at(seed, State::I1Sent);
        let mut sent = vec![stage.world.now];
        let mut failed = None;
        for _ in 0..30_000 {
            sent.extend(times(&watch(&mut stage, TICK), MessageType::I1));
            if stage.state() == Some(State::Failed) {
                failed = Some(stage.world.now);
                break;
            }
        }
        assert_eq!(sent.len(), 5, "I1 and four copies");
        // One more interval, then the end.
        sent.extend(failed);
        all.extend(factors(&sent, &[4, 8, 16, 32, 64]));
    }
    are_spread(&all);
}

#[test]
fn i2_and_i2bis_go_out_three_times_and_then_comes_i1() {
    for (state, kind) in [(State::I2Sent, MessageType::I2), (State::I2bisSent, MessageType::I2bis)] {
        let mut all = Vec::new();
        for seed in 0..40 {
            let mut stage = Stage::at(seed, state);
            let mut sent = vec![stage.world.now];
            let heard = watch(&mut stage, Duration::from_secs(50));
            sent.extend(times(&heard, kind));
            assert_eq!(sent.len(), 3, "{kind:?} and two copies");
            let first = |heard: &[(Instant, Said)]| times(heard, MessageType::I1).first().copied();
            sent.push(first(&heard).expect("I1 after the last copy"));
            assert_eq!(stage.state(), Some(State::I1Sent));
            all.extend(factors(&sent, &[4, 8, 16]));
        }
        are_spread(&all);
    }
}

/// An attempt begins with I1 again once, and ends then: RFC 5533 section 7.12 sets no limit of its own.
#[test]
fn an_attempt_ends() {
    for state in [State::I2Sent, State::I2bisSent] {
        let mut stage = Stage::at(1, state);
        stage.wait(Duration::from_secs(400));
        assert!(matches!(stage.state(), Some(State::Failed) | None), "{state:?} goes on for ever");
    }
}

/// A host whose peer falls silent with an Update Request on its way.
fn with_update(seed: u64) -> Stage {
    let mut stage = Stage::at(seed, State::Established);
    let last = stage.over(2, 0).local;
    stage.world.hosts[A].set_status(&last, LocalStatus::LinkDown);
    assert_eq!(kinds(&stage.locals_changed()), [MessageType::UpdateRequest]);
    stage
}

fn request_nonce(said: &Said) -> Option<u32> {
    match said.message() {
        Message::UpdateRequest(request) => Some(request.request_nonce.0),
        _ => None,
    }
}

#[test]
fn an_update_request_is_repeated_as_long_as_nobody_acknowledges_it() {
    let mut all = Vec::new();
    let mut nonces = Vec::new();
    for seed in 0..8 {
        let mut stage = with_update(seed);
        let mut sent = vec![stage.world.now];
        let heard = watch(&mut stage, Duration::from_secs(3600));
        sent.extend(times(&heard, MessageType::UpdateRequest));
        let nominal: Vec<u32> = [4, 8, 16, 32, 64].into_iter().chain([120; 40]).take(sent.len() - 1).collect();
        assert!(nominal.len() > 25, "it is still repeated after an hour");
        all.extend(factors(&sent, &nominal));
        let copies: Vec<u32> = heard.iter().filter_map(|(_, said)| request_nonce(said)).collect();
        assert!(copies.iter().all(|nonce| *nonce == copies[0]), "copies bear one nonce");
        nonces.push(copies[0]);
        assert_eq!(stage.state(), Some(State::Established));
    }
    are_spread(&all);
    nonces.sort_unstable();
    nonces.dedup();
    assert_eq!(nonces.len(), 8, "each update has a nonce of its own");
}

#[test]
fn a_discarded_context_repeats_nothing() {
    let mut stage = with_update(1);
    let (now, id) = (stage.world.now, stage.id());
    let pair::World { hosts, network, rng, .. } = &mut stage.world;
    hosts[A].call(now, network, rng, |engine| engine.close(now, id, shim6_core::engine::Cause::Administrator));
    assert_eq!(kinds(&stage.wait(Duration::from_secs(3600))), []);
}
