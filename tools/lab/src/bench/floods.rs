// SPDX-License-Identifier: GPL-2.0
//! What floods of forged messages, and bursts of new peers, take from traffic that is there already.

use serde_json::Value;

use super::{measure, spread, write_among, Wish, Work};
use crate::layout::Layout;
use crate::Failure;

/// Runs of a cell, if nothing else is asked for.
const RUNS: usize = 3;
const KINDS: [&str; 4] = ["i1", "i2", "payload", "probe"];
/// Peers of a burst.
const PEERS: u64 = 100_000;
/// The records that are this benchmark's among those of `scale.json`.
const WHAT: [&str; 3] = ["flood", "alone", "burst"];

/// The least that the stream keeps under a flood that the module drops, as a share of what it keeps if nftables drops it.
const LEAST_KEPT: f64 = 0.95;
/// The least of a flood's messages that the module must have met for a run to count, as a share of those sent.
const LEAST_MET: f64 = 0.99;
/// The most kernel memory, in KiB, that may come to be in use during a flood of 50,000 messages.
const MOST_GROWN: f64 = 256.0;
/// The least goodput of the stream during a burst, as a share of what it has alone.
const LEAST_SHARE: f64 = 0.5;
/// The longest that nothing of the stream may arrive during a burst, in milliseconds.
const MOST_STALLED: f64 = 100.0;

/// One line of the table: a kind of flood.
struct Row {
    kind: &'static str,
    per_second: f64,
    cost: f64,
    cost_by_nft: f64,
    by_nft: f64,
    by_shim6: f64,
    ratio: f64,
    met: f64,
    answered: f64,
    grown: f64,
    contexts: f64,
}

impl Row {
    fn of(kind: &'static str, records: &[Value]) -> Option<Self> {
        let mine = |by: &str| -> Vec<&Value> {
            let is_it = |r: &&Value| r["kind"] == *kind && r["dropped_by"] == *by;
            records.iter().filter(is_it).collect()
        };
        let (own, nft) = (mine("shim6"), mine("nft"));
        let median =
            |of: &[&Value], key: &str| Some(spread(of.iter().map(|r| r[key].as_f64()))?.median);
        // Each run beside that of nftables in the same round.
        let ratios = own.iter().map(|r| {
            let beside = nft.iter().find(|n| n["run"] == r["run"])?;
            Some(r["mbit_s"].as_f64()? / beside["mbit_s"].as_f64()?)
        });
        // Of whichever drops them, the run with the fewest met.
        let met = [&own, &nft]
            .into_iter()
            .flatten()
            .map(|r| Some(-r["met"].as_f64()? / r["sent"].as_f64()?));
        Some(Self {
            kind,
            per_second: median(&own, "per_second")?,
            cost: median(&own, "ns_per_message")?,
            cost_by_nft: median(&nft, "ns_per_message")?,
            by_nft: median(&nft, "mbit_s")?,
            by_shim6: median(&own, "mbit_s")?,
            ratio: spread(ratios)?.median,
            met: -spread(met)?.worst,
            answered: median(&own, "answered")?,
            grown: spread(own.iter().map(|r| r["grown_kib"].as_f64()))?.median,
            contexts: spread(own.iter().map(|r| r["contexts"].as_f64()))?.worst,
        })
    }

    fn is_well(&self) -> bool {
        self.ratio >= LEAST_KEPT
            && self.met >= LEAST_MET
            && self.grown <= MOST_GROWN
            && self.contexts <= 1.0
    }

    fn line(&self) -> String {
        format!(
            "{:>8} {:>9.0} {:>8.0} {:>8.0} {:>10.1} {:>10.1} {:>7.3} {:>6.3} {:>8.0} {:>9.0}{}",
            self.kind,
            self.per_second,
            self.cost_by_nft,
            self.cost,
            self.by_nft,
            self.by_shim6,
            self.ratio,
            self.met,
            self.answered,
            self.grown,
            if self.is_well() { "" } else { "  MISSED" }
        )
    }
}

/// Measures, prints the tables, and puts the records into `out/bench/scale.json`. False if a goal is missed or a run is missing.
pub fn run(layout: &Layout, wish: &Wish) -> Result<bool, Failure> {
    let burst = format!("burst.{PEERS}");
    let mut cells: Vec<String> = KINDS.iter().map(|kind| format!("flood.{kind}")).collect();
    cells.push(burst.clone());
    cells.retain(|cell| wish.wants(cell));
    let records = measure(
        layout,
        &Work {
            benchmark: "floods",
            cells: &cells,
            stacks: &[],
            runs: wish.runs.unwrap_or(RUNS),
            machines: 1,
            memory: super::MEMORY,
        },
    )?;
    write_among(layout, "scale", &records, &WHAT)?;
    let mut is_well = !cells.is_empty();
    println!(
        "\ninstructions for a forged message that is sent and dropped, and Mbit/s of a stream beside the flood"
    );
    println!(
        "{:>8} {:>9} {:>8} {:>8} {:>10} {:>10} {:>7} {:>6} {:>8} {:>9}",
        "flood",
        "a second",
        "by nft",
        "by shim6",
        "by nft",
        "by shim6",
        "ratio",
        "met",
        "answered",
        "KiB more"
    );
    for kind in KINDS {
        if !wish.wants(&format!("flood.{kind}")) {
            continue;
        }
        match Row::of(kind, &records) {
            Some(row) => {
                println!("{}", row.line());
                is_well &= row.is_well();
            }
            None => {
                println!("{kind:>8} was not measured");
                is_well = false;
            }
        }
    }
    if wish.wants(&burst) {
        is_well &= print_burst(&records);
    }
    Ok(is_well)
}

fn print_burst(records: &[Value]) -> bool {
    let of = |what: &'static str| records.iter().filter(move |r| r["what"] == what);
    let alone = spread(of("alone").map(|r| r["mbit_s"].as_f64())).map(|spread| spread.median);
    let mut is_well = of("burst").count() != 0;
    for record in of("burst") {
        let number = |key: &str| record[key].as_f64().unwrap_or(f64::NAN);
        let share = number("mbit_s") / alone.unwrap_or(f64::NAN);
        println!(
            "{} peers at once: {} established in {:.2} s, {} messages sent again; a stream beside them kept {share:.3} of its goodput and stood still for {:.1} ms at most",
            record["peers"], record["established"], number("seconds"), record["sent_again"], number("stalled_ms")
        );
        // Nobody is lost: who got no answer has asked again, as often as a peer does.
        is_well &= record["established"] == record["peers"]
            && number("contexts") >= number("peers")
            && share >= LEAST_SHARE
            && number("stalled_ms") <= MOST_STALLED;
    }
    is_well
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn record(by: &str, run: u32, mbit: f64, met: u64) -> Value {
        json!({ "what": "flood", "kind": "i2", "dropped_by": by, "run": run, "per_second": 100_000, "sent": 1000,
                "met": met, "answered": 10, "mbit_s": mbit, "ns_per_message": 3000, "grown_kib": 8, "contexts": 1 })
    }

    #[test]
    fn a_run_is_compared_with_that_of_nftables() {
        let records = [
            record("shim6", 1, 960.0, 1000),
            record("nft", 1, 1000.0, 1000),
        ];
        assert!(Row::of("i2", &records).is_some_and(|row| row.is_well()));
        let records = [
            record("shim6", 1, 940.0, 1000),
            record("nft", 1, 1000.0, 1000),
        ];
        assert!(Row::of("i2", &records).is_some_and(|row| !row.is_well()));
        assert!(Row::of("i1", &records).is_none());
    }

    #[test]
    fn a_burst_loses_nothing_and_starves_nobody() {
        let alone = json!({ "what": "alone", "mbit_s": 1000.0 });
        let burst = |established: u32, mbit: f64, stalled: f64| {
            let burst = json!({ "what": "burst", "peers": 100, "contexts": 101, "established": established, "seconds": 1.0,
                                "sent_again": 7, "mbit_s": mbit, "stalled_ms": stalled });
            print_burst(&[alone.clone(), burst])
        };
        assert!(burst(100, 510.0, 99.0));
        assert!(!burst(99, 510.0, 99.0));
        assert!(!burst(100, 490.0, 99.0));
        assert!(!burst(100, 510.0, 101.0));
        assert!(!print_burst(&[alone.clone()]));
    }

    #[test]
    fn a_flood_that_did_not_arrive_shows_nothing() {
        for records in [
            [
                record("shim6", 1, 990.0, 900),
                record("nft", 1, 1000.0, 1000),
            ],
            [
                record("shim6", 1, 990.0, 1000),
                record("nft", 1, 1000.0, 900),
            ],
        ] {
            assert!(Row::of("i2", &records).is_some_and(|row| !row.is_well()));
        }
    }
}
