// SPDX-License-Identifier: GPL-2.0
//! How long traffic stands still when a path fails, with shim6 and with MPTCP: cells, goals, table and pictures.

use std::fs;

use serde_json::Value;

use super::{measure, out, spread, write, Spread, Wish, Work};
use crate::layout::Layout;
use crate::plot::{self, Curve, Picture};
use crate::Failure;

/// Runs of a cell, if nothing else is asked for.
const RUNS: usize = 10;
const SIDES: [&str; 2] = ["client", "server"];
const FAILURES: [&str; 7] = [
    "carrier-loss",
    "uplink-down",
    "unreachable-data",
    "unreachable-ack",
    "blackhole-both",
    "blackhole-data",
    "blackhole-ack",
];
const STACKS: [&str; 6] = [
    "shim6",
    "shim6-standby",
    "mptcp",
    "mptcp-tuned",
    "mptcp-daemon",
    "shim6-rfc",
];
const TRAFFIC: [&str; 4] = ["tcp", "tcp-sparse", "udp", "udp-one-way"];
/// Failures that are drawn.
const DRAWN: [(&str, &str); 2] = [
    (
        "blackhole-both",
        "A silent black hole under a stream of 20 Mbit/s",
    ),
    (
        "carrier-loss",
        "The uplink loses its carrier under a stream of 20 Mbit/s",
    ),
];

/// Whether a combination is measured: MPTCP carries no datagrams, a link daemon sees only links, and a host that takes no advice
/// waits for the same timers whatever happened.
fn is_measured(stack: &str, failure: &str, traffic: &str) -> bool {
    let is_link = matches!(failure, "carrier-loss" | "uplink-down");
    let for_stack = match stack {
        "mptcp-daemon" => is_link,
        "shim6-rfc" => failure == "blackhole-both" && traffic != "tcp-sparse",
        _ => true,
    };
    let for_traffic = match traffic {
        "tcp" => true,
        "tcp-sparse" => failure.starts_with("blackhole"),
        "udp" => matches!(stack, "shim6" | "shim6-rfc"),
        _ => matches!(stack, "shim6" | "shim6-rfc") && !failure.ends_with("-ack"),
    };
    for_stack && for_traffic
}

/// All cells that are wished for, those with the same needs together.
fn cells(wish: &Wish) -> Vec<String> {
    let mut cells = Vec::new();
    for stack in STACKS {
        for side in SIDES {
            for failure in FAILURES {
                for traffic in TRAFFIC {
                    let cell = format!("{stack}.{failure}.{side}.{traffic}");
                    if is_measured(stack, failure, traffic) && wish.wants(&cell) {
                        cells.push(cell);
                    }
                }
            }
        }
    }
    // The network is made twice, not for every change of the stack.
    cells.sort_by_key(|cell| !cell.starts_with("shim6"));
    cells
}

/// Goals in milliseconds: gap, and back where there is one. The worst run may take twice as long.
fn goal(stack: &str, failure: &str, traffic: &str) -> Option<(f64, Option<f64>)> {
    let is_link = matches!(failure, "carrier-loss" | "uplink-down");
    let is_told = failure.starts_with("unreachable");
    let both = |gap: f64, back: f64| Some((gap, Some(back)));
    match (stack, traffic) {
        // The Send Timeout of RFC 5534, section 7, and a second.
        ("shim6-rfc", _) => Some((16_000.0, None)),
        ("shim6", "tcp") if is_link => both(50.0, 120.0),
        ("shim6", "tcp") if is_told => both(60.0, 130.0),
        ("shim6", "tcp") => both(95.0, 150.0),
        ("shim6-standby", "tcp") if is_link => both(27.0, 80.0),
        ("shim6-standby", "tcp") if failure == "blackhole-both" => both(65.0, 120.0),
        ("shim6", "udp") if is_link => Some((60.0, None)),
        ("shim6", "udp") if is_told => Some((80.0, None)),
        ("shim6", "udp") => Some((300.0, None)),
        ("shim6", "udp-one-way") if failure.starts_with("blackhole") => Some((500.0, None)),
        _ => None,
    }
}

/// One line of the table.
struct Row {
    cell: [String; 4],
    runs: usize,
    gap: Spread,
    back: Spread,
    causes: String,
}

impl Row {
    fn of(cell: &str, records: &[Value]) -> Option<Self> {
        let names: Vec<String> = cell.split('.').map(str::to_owned).collect();
        let [stack, failure, side, traffic] = <[String; 4]>::try_from(names).ok()?;
        let mine: Vec<&Value> = records
            .iter()
            .filter(|r| {
                r["stack"] == *stack
                    && r["failure"] == *failure
                    && r["side"] == *side
                    && r["traffic"] == *traffic
            })
            .collect();
        let millis = |key: &str| {
            spread(
                mine.iter()
                    .map(|r| r[key].as_f64().map(|seconds| seconds * 1e3)),
            )
        };
        let mut causes: Vec<&str> = mine.iter().filter_map(|r| r["cause"].as_str()).collect();
        causes.sort_unstable();
        causes.dedup();
        Some(Self {
            runs: mine.len(),
            gap: millis("gap_s")?,
            back: millis("back_s")?,
            causes: causes.join("; "),
            cell: [stack, failure, side, traffic],
        })
    }

    /// Whether the goal is reached; true if there is none.
    fn is_well(&self) -> bool {
        let [stack, failure, _, traffic] = &self.cell;
        let reached =
            |spread: Spread, goal: f64| spread.median <= goal && spread.worst <= 2.0 * goal;
        goal(stack, failure, traffic).is_none_or(|(gap, back)| {
            reached(self.gap, gap) && back.is_none_or(|back| reached(self.back, back))
        })
    }

    fn line(&self) -> String {
        let [stack, failure, side, traffic] = &self.cell;
        let goal = goal(stack, failure, traffic).map_or(String::new(), |(gap, back)| {
            let back = back.map_or(String::new(), |back| format!(" / {back:.0}"));
            let met = if self.is_well() { "" } else { "  MISSED" };
            format!("{gap:.0}{back}{met}")
        });
        format!(
            "{failure:17} {side:7} {traffic:12} {stack:14} {:3}  {:>15}  {:>15}  {goal:18}  {}",
            self.runs,
            pair(self.gap),
            pair(self.back),
            self.causes
        )
    }
}

fn pair(spread: Spread) -> String {
    let one = |value: f64| {
        if value.is_finite() {
            format!("{value:.0}")
        } else {
            "never".into()
        }
    };
    format!("{} / {}", one(spread.median), one(spread.worst))
}

/// Measures, prints the table, and leaves `out/bench/failover.json` and the pictures. False if a goal is missed or a run is missing.
pub fn run(layout: &Layout, wish: &Wish) -> Result<bool, Failure> {
    let cells = cells(wish);
    let runs = wish.runs.unwrap_or(RUNS);
    let mut records = measure(
        layout,
        &Work {
            benchmark: "failover",
            cells: &cells,
            stacks: &[],
            runs,
            machines: wish.machines,
        },
    )?;
    records.sort_by_key(|r| {
        let name = format!(
            "{}.{}.{}.{}",
            text(r, "stack"),
            text(r, "failure"),
            text(r, "side"),
            text(r, "traffic")
        );
        (
            cells.iter().position(|cell| *cell == name),
            r["run"].as_u64(),
        )
    });
    write(layout, "failover", &records)?;
    let mut rows: Vec<Row> = cells
        .iter()
        .filter_map(|cell| Row::of(cell, &records))
        .collect();
    rows.sort_by_key(|row| {
        let place = |all: &[&str], name: &str| all.iter().position(|n| *n == name);
        (
            place(&TRAFFIC, &row.cell[3]),
            place(&FAILURES, &row.cell[1]),
            place(&SIDES, &row.cell[2]),
            place(&STACKS, &row.cell[0]),
        )
    });
    print(&rows);
    draw(layout)?;
    let complete = rows.len() == cells.len() && rows.iter().all(|row| row.runs == runs);
    if !complete {
        println!("some runs are missing");
    }
    Ok(complete && rows.iter().all(Row::is_well))
}

fn text<'r>(record: &'r Value, key: &str) -> &'r str {
    record[key].as_str().unwrap_or_default()
}

fn print(rows: &[Row]) {
    println!(
        "\n{:17} {:7} {:12} {:14} {:>3}  {:>15}  {:>15}  {:18}  cause",
        "failure", "side", "traffic", "stack", "n", "gap med / worst", "back", "goal gap / back"
    );
    let mut before = None;
    for row in rows {
        let group = &row.cell[1..];
        if before.is_some_and(|before| before != group) {
            println!();
        }
        before = Some(group);
        println!("{}", row.line());
    }
    println!("times in milliseconds; the worst run may take twice the goal of the median");
}

/// Goodput around the failure, one picture for each failure that is drawn.
fn draw(layout: &Layout) -> Result<(), Failure> {
    let out = out(layout)?;
    for (failure, title) in DRAWN {
        let curves: Vec<Curve> = STACKS
            .iter()
            .filter_map(|stack| {
                let samples = out.join(format!("machines/failover/{stack}.{failure}.samples"));
                let text = fs::read_to_string(samples).ok()?;
                Some(Curve {
                    name: (*stack).to_owned(),
                    points: text.lines().filter_map(sample).collect(),
                })
            })
            .collect();
        if curves.is_empty() {
            continue;
        }
        plot::draw(
            &out,
            &format!("failover-{failure}"),
            &Picture {
                title,
                seconds: "seconds since the failure",
                mark: Some((0.0, "failure")),
                curves: &curves,
            },
        )?;
    }
    Ok(())
}

fn sample(line: &str) -> Option<(f64, f64)> {
    let (at, mbit) = line.split_once(' ')?;
    Some((at.parse().ok()?, mbit.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn records(gaps: &[f64]) -> Vec<Value> {
        gaps.iter()
            .map(|gap| {
                json!({ "stack": "shim6", "failure": "carrier-loss", "side": "client", "traffic": "tcp",
                        "gap_s": gap, "back_s": 0.1, "cause": "A: address-lost" })
            })
            .collect()
    }

    #[test]
    fn the_median_has_its_goal_and_the_worst_twice_that() {
        let well = |gaps: &[f64]| {
            Row::of("shim6.carrier-loss.client.tcp", &records(gaps)).is_some_and(|r| r.is_well())
        };
        assert!(well(&[0.04, 0.05, 0.09]));
        assert!(!well(&[0.04, 0.051, 0.09]));
        assert!(!well(&[0.04, 0.05, 0.11]));
    }

    #[test]
    fn cells_are_what_can_be_measured() {
        let all = cells(&Wish::default());
        assert!(all.contains(&"mptcp-daemon.uplink-down.server.tcp".to_owned()));
        assert!(!all.contains(&"mptcp-daemon.blackhole-both.server.tcp".to_owned()));
        assert!(!all.contains(&"mptcp.carrier-loss.client.udp".to_owned()));
        assert!(all.contains(&"shim6-rfc.blackhole-both.client.udp".to_owned()));
    }
}
