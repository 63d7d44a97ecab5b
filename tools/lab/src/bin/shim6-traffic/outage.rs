// SPDX-License-Identifier: GPL-2.0
//! What an outage cost the receiving application, read from the times at which octets arrived.

use std::time::Duration;

/// Octets that came, and when.
#[derive(Clone, Copy, Debug)]
pub struct Arrival {
    /// Time since the run began.
    pub at: Duration,
    /// How many.
    pub octets: u64,
}

/// The cost of an outage.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cost {
    /// The longest time without an octet that ended after the failure, or goes on.
    pub gap: Duration,
    /// From the failure until the rate was back for good; none if it is not.
    pub back: Option<Duration>,
    /// The longest time without an octet before the failure, the first moments left out.
    pub calm: Duration,
    /// Octets a second before the failure.
    pub rate: f64,
}

/// Steps in which the window moves, to a window.
const STEPS: u32 = 10;
/// How long a stream may need to find its rate.
const START: Duration = Duration::from_millis(300);

/// The cost of the failure at `failed`, seen at `end`.
///
/// The rate is back for good at the end of the last `window` that held less than nine tenths of what a window held before
/// the failure.
pub fn cost(arrivals: &[Arrival], failed: Duration, end: Duration, window: Duration) -> Cost {
    let (calm, gap) = longest(arrivals, failed, end);
    let first = arrivals.first().map_or(Duration::ZERO, |a| a.at);
    let before: u64 = arrivals
        .iter()
        .filter(|a| a.at < failed)
        .map(|a| a.octets)
        .sum();
    let rate = before as f64 / failed.saturating_sub(first).as_secs_f64().max(1e-9);
    let enough = 0.9 * rate * window.as_secs_f64();
    let (mut back, mut from) = (failed, failed);
    while from + window <= end {
        if octets_within(arrivals, from, window) < enough {
            back = from + window;
        }
        from += window / STEPS;
    }
    Cost {
        gap,
        // Unless the last window of all was bad, or there was none yet.
        back: (from > failed && back < from - window / STEPS + window).then_some(back - failed),
        calm,
        rate,
    }
}

/// The longest times without an octet that ended before and after the failure.
fn longest(arrivals: &[Arrival], failed: Duration, end: Duration) -> (Duration, Duration) {
    let (mut calm, mut gap) = (Duration::ZERO, Duration::ZERO);
    let ends = arrivals.iter().skip(1).map(|a| a.at).chain([end]);
    let start = arrivals.first().map_or(end, |a| a.at) + START;
    for (arrival, next) in arrivals.iter().zip(ends).filter(|(a, _)| a.at >= start) {
        let longest = if next < failed { &mut calm } else { &mut gap };
        *longest = (*longest).max(next.saturating_sub(arrival.at));
    }
    (calm, gap)
}

fn octets_within(arrivals: &[Arrival], from: Duration, window: Duration) -> f64 {
    let first = arrivals.partition_point(|a| a.at < from);
    let octets: u64 = arrivals[first..]
        .iter()
        .take_while(|a| a.at < from + window)
        .map(|a| a.octets)
        .sum();
    octets as f64
}

/// Arrivals in bins of `width`, by the time since the failure: seconds at the middle of the bin, Mbit/s.
pub fn bins(
    arrivals: &[Arrival],
    failed: Duration,
    end: Duration,
    width: Duration,
) -> Vec<(f64, f64)> {
    let mut bins = Vec::new();
    let mut from = arrivals.first().map_or(end, |a| a.at);
    while from + width <= end {
        let middle = (from + width / 2).as_secs_f64() - failed.as_secs_f64();
        let mbit = octets_within(arrivals, from, width) * 8e-6 / width.as_secs_f64();
        bins.push((middle, mbit));
        from += width;
    }
    bins
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: Duration = Duration::from_millis(50);

    fn ms(n: u64) -> Duration {
        Duration::from_millis(n)
    }

    /// Arrivals each 5 ms in these spans of milliseconds.
    fn arrivals(spans: &[(u64, u64)]) -> Vec<Arrival> {
        spans
            .iter()
            .flat_map(|&(from, to)| (from..to).step_by(5))
            .map(|t| Arrival {
                at: ms(t),
                octets: 12_500,
            })
            .collect()
    }

    #[test]
    fn without_an_outage_nothing_is_lost() {
        let c = cost(&arrivals(&[(0, 2000)]), ms(1001), ms(2000), WINDOW);
        assert_eq!((c.gap, c.back, c.calm), (ms(5), Some(ms(0)), ms(5)));
        assert!((c.rate - 2_500_000.0).abs() < 20_000.0, "{}", c.rate);
    }

    #[test]
    fn the_gap_begins_with_the_last_octet_and_a_relapse_counts() {
        let seen = arrivals(&[(0, 1000), (1100, 1200), (1300, 2000)]);
        let c = cost(&seen, ms(1001), ms(2000), WINDOW);
        assert_eq!(c.gap, ms(105));
        // The window from 1251 to 1301 ms holds one arrival, each later one nine at least.
        let back = c.back.expect("it is back").as_millis();
        assert!((300..=345).contains(&back), "{back}");
    }

    #[test]
    fn a_trickle_ends_the_gap_but_is_not_back() {
        let mut seen = arrivals(&[(0, 1000)]);
        seen.extend(arrivals(&[(1100, 1105), (1300, 1305), (1500, 2500)]));
        let c = cost(&seen, ms(1000), ms(2500), WINDOW);
        assert_eq!(c.gap, ms(200));
        assert!(c.back > Some(ms(500)), "{:?}", c.back);
    }

    #[test]
    fn what_does_not_come_back_is_not_back() {
        let c = cost(&arrivals(&[(0, 1000)]), ms(1000), ms(3000), WINDOW);
        assert_eq!((c.gap, c.back), (ms(2005), None));
        // Too early to tell.
        assert_eq!(
            cost(&arrivals(&[(0, 1000)]), ms(990), ms(1000), WINDOW).back,
            None
        );
    }

    #[test]
    fn bins_count_every_octet_once() {
        let bins = bins(&arrivals(&[(0, 1000)]), ms(500), ms(1000), ms(20));
        assert_eq!(bins.len(), 50);
        assert!(bins.iter().all(|(_, mbit)| (mbit - 20.0).abs() < 1e-6));
        assert!((bins[0].0 + 0.49).abs() < 1e-9);
    }
}
