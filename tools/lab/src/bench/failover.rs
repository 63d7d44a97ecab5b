// SPDX-License-Identifier: GPL-2.0
//! How long traffic stands still when a path fails, with shim6 and with MPTCP: cells, goals, table and pictures.

use std::fmt::Write;
use std::fs;

use serde_json::Value;

use super::{measure, out, spread, write, Spread, Wish, Work};
use crate::layout::Layout;
use crate::plot::{self, Curve, Picture};
use crate::Failure;

/// Runs of a cell, if nothing else is asked for.
const RUNS: usize = 10;
/// Runs that a cell has besides if it misses its goal by a single one, which is no median.
const BESIDES: usize = 2;
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
/// Failures that are drawn: the first run of a stream to the client, at its side.
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
/// What is drawn of the moment itself, in milliseconds since the failure.
const MOMENT: (f64, f64) = (-200.0, 1200.0);
/// What is drawn of what comes after, in seconds since the failure, and the steps in which.
const AFTER: (f64, f64) = (-0.6, 10.0);
const STEP: f64 = 0.2;

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
type Goal = (f64, Option<f64>);

fn goal(stack: &str, failure: &str, traffic: &str) -> Option<Goal> {
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
    goal: Option<Goal>,
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
            goal: goal(&stack, &failure, &traffic),
            cell: [stack, failure, side, traffic],
        })
    }

    /// Whether the goal is reached, in whole milliseconds; true if there is none.
    fn is_well(&self) -> bool {
        let reached = |spread: Spread, goal: f64| {
            spread.median.round() <= goal && spread.worst.round() <= 2.0 * goal
        };
        self.goal.is_none_or(|(gap, back)| {
            reached(self.gap, gap) && back.is_none_or(|back| reached(self.back, back))
        })
    }

    /// Whether it tells of sparse messages: there the best of the peers is the goal.
    fn is_against_peers(&self) -> bool {
        self.cell[3] == "tcp-sparse" && self.cell[0] == "shim6"
    }

    fn line(&self) -> String {
        let [stack, failure, side, traffic] = &self.cell;
        let goal = self.goal.map_or(String::new(), |(gap, back)| {
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

/// Medians that differ by less are equal, in milliseconds: both begin at a tick of the kernel's clock, of 4 ms, and ten runs that are
/// anywhere in it tell no more.
const TIE: f64 = 1.0;

/// Where the best of the peers is the goal, its median is what the table says.
fn set_goals_by_peers(rows: &mut [Row]) {
    let best = |rows: &[Row], row: &Row| {
        let peers = rows
            .iter()
            .filter(|peer| peer.cell[0].starts_with("mptcp") && peer.cell[1..] == row.cell[1..]);
        peers.map(|peer| peer.gap.median).min_by(f64::total_cmp)
    };
    for place in 0..rows.len() {
        if rows[place].is_against_peers() {
            rows[place].goal = best(rows, &rows[place]).map(|gap| (gap + TIE, None));
        }
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
    let mut records = measure_cells(layout, wish, &cells, runs)?;
    let again = missed(&rows_of(&cells, &records));
    if runs == 1 && !again.is_empty() {
        for mut record in measure_cells(layout, wish, &again, BESIDES)? {
            record["run"] = (record["run"].as_u64().unwrap_or(0) + 1).into();
            records.push(record);
        }
    }
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
    let mut rows = rows_of(&cells, &records);
    rows.sort_by_key(|row| {
        let place = |all: &[&str], name: &str| all.iter().position(|n| *n == name);
        (
            place(&TRAFFIC, &row.cell[3]),
            place(&FAILURES, &row.cell[1]),
            place(&SIDES, &row.cell[2]),
            place(&STACKS, &row.cell[0]),
        )
    });
    let mut said = table(&rows);
    if runs > 1 {
        draw(layout, &mut said)?;
    }
    print!("{said}");
    fs::write(out(layout)?.join("failover.txt"), said)?;
    let complete = rows.len() == cells.len() && rows.iter().all(|row| row.runs >= runs);
    if !complete {
        println!("some runs are missing");
    }
    Ok(complete && rows.iter().all(Row::is_well))
}

fn measure_cells(
    layout: &Layout,
    wish: &Wish,
    cells: &[String],
    runs: usize,
) -> Result<Vec<Value>, Failure> {
    measure(
        layout,
        &Work {
            benchmark: "failover",
            cells,
            stacks: &[],
            runs,
            machines: wish.machines,
            memory: super::MEMORY,
        },
    )
}

/// The lines of these cells, with their goals.
fn rows_of(cells: &[String], records: &[Value]) -> Vec<Row> {
    let mut rows: Vec<Row> = cells
        .iter()
        .filter_map(|cell| Row::of(cell, records))
        .collect();
    set_goals_by_peers(&mut rows);
    rows
}

/// The cells whose goals are missed.
fn missed(rows: &[Row]) -> Vec<String> {
    rows.iter()
        .filter(|row| !row.is_well())
        .map(|row| row.cell.join("."))
        .collect()
}

fn text<'r>(record: &'r Value, key: &str) -> &'r str {
    record[key].as_str().unwrap_or_default()
}

fn table(rows: &[Row]) -> String {
    let mut table = format!(
        "\n{:17} {:7} {:12} {:14} {:>3}  {:>15}  {:>15}  {:18}  cause\n",
        "failure", "side", "traffic", "stack", "n", "gap med / worst", "back", "goal gap / back"
    );
    let mut before = None;
    for row in rows {
        let group = &row.cell[1..];
        if before.is_some_and(|before| before != group) {
            table.push('\n');
        }
        before = Some(group);
        table.push_str(&row.line());
        table.push('\n');
    }
    table
        + "times in milliseconds; the worst run may take twice the goal of the median; for sparse TCP the best peer is the goal\n"
}

/// Goodput around the failure and in the ten seconds after it: two pictures for each failure that is drawn, and a line for each
/// stack.
fn draw(layout: &Layout, said: &mut String) -> Result<(), Failure> {
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
        let moment = each(&curves, |points| within(points, 1000.0, MOMENT));
        let after = each(&curves, |points| steps(&within(points, 1.0, AFTER)));
        for (name, unit, curves) in [("", "milliseconds", &moment), ("-after", "seconds", &after)] {
            plot::draw(
                &out,
                &format!("failover-{failure}{name}"),
                &Picture {
                    title,
                    seconds: &format!("{unit} since the failure"),
                    mark: Some((0.0, "failure")),
                    curves,
                },
            )?;
        }
        let _ = writeln!(
            said,
            "\n{failure}: goodput in the ten seconds after it, Mbit/s"
        );
        for curve in &curves {
            let mean = mean(&within(&curve.points, 1.0, (0.0, AFTER.1)));
            let _ = writeln!(said, "  {:14} {mean:5.2}", curve.name);
        }
    }
    Ok(())
}

/// The same of each curve.
fn each(curves: &[Curve], what: impl Fn(&[(f64, f64)]) -> Vec<(f64, f64)>) -> Vec<Curve> {
    let one = |curve: &Curve| Curve {
        name: curve.name.clone(),
        points: what(&curve.points),
    };
    curves.iter().map(one).collect()
}

/// The points between two times, which are counted in seconds divided by `scale`.
fn within(points: &[(f64, f64)], scale: f64, (from, to): (f64, f64)) -> Vec<(f64, f64)> {
    let scaled = points.iter().map(|(at, mbit)| (at * scale, *mbit));
    scaled.filter(|(at, _)| (from..to).contains(at)).collect()
}

/// The means of steps of the time.
fn steps(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    points
        .chunk_by(|one, next| (one.0 / STEP).floor() == (next.0 / STEP).floor())
        .map(|step| (((step[0].0 / STEP).floor() + 0.5) * STEP, mean(step)))
        .collect()
}

fn mean(points: &[(f64, f64)]) -> f64 {
    points.iter().map(|point| point.1).sum::<f64>() / points.len().max(1) as f64
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
    fn sparse_messages_have_the_best_peer_for_a_goal() {
        let row = |stack: &str, gap: f64| {
            let record = json!({ "stack": stack, "failure": "blackhole-both", "side": "client",
                                 "traffic": "tcp-sparse", "gap_s": gap, "back_s": 0.1 });
            let cell = format!("{stack}.blackhole-both.client.tcp-sparse");
            Row::of(&cell, &[record]).expect("a row")
        };
        let mut rows = [
            row("shim6", 0.2),
            row("mptcp", 0.3),
            row("mptcp-tuned", 0.21),
        ];
        set_goals_by_peers(&mut rows);
        assert!(rows[0].is_well());
        rows[2].gap.median = 199.5;
        set_goals_by_peers(&mut rows);
        assert!(rows[0].is_well(), "a tie");
        rows[2].gap.median = 198.5;
        set_goals_by_peers(&mut rows);
        assert!(!rows[0].is_well());
    }

    #[test]
    fn steps_are_means_of_what_is_in_them() {
        let points = [(-0.1, 4.0), (0.05, 1.0), (0.15, 3.0), (0.25, 8.0)];
        let steps = steps(&points);
        let values: Vec<f64> = steps.iter().map(|step| step.1).collect();
        assert_eq!(values, [4.0, 2.0, 8.0]);
        assert!((steps[1].0 - 0.1).abs() < 1e-9);
        assert_eq!(within(&points, 1000.0, (0.0, 200.0)).len(), 2);
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
