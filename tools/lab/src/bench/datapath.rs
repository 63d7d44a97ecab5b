// SPDX-License-Identifier: GPL-2.0
//! What a packet costs: traffic between two hosts with shim6 in each of its states, and with what else rewrites addresses, as a
//! ratio to plain IPv6 in the same run.

use serde_json::{json, Value};

use super::bars::{self, Bar, Group, Picture};
use super::{measure, measure_on, out, spread, write, Wish, Work};
use crate::layout::Layout;
use crate::machine::Clock;
use crate::{image, kvm, Failure};

/// Runs of a cell, if nothing else is asked for.
const RUNS: usize = 5;
const PLAIN: &str = "plain";
const STACKS: [&str; 7] = [
    PLAIN,
    "shim6-none",
    "shim6-ulid",
    "shim6-switched",
    "ila",
    "nptv6",
    "nft-snat",
];
const TRAFFIC: [&str; 3] = ["tcp", "udp-1200", "udp-64"];
const OFFLOAD: [&str; 2] = ["on", "off"];

/// The least goodput of a stream that a stack must reach, as a share of plain IPv6's.
fn goal(stack: &str, traffic: &str, gso: bool) -> Option<f64> {
    if traffic != "tcp" {
        return None;
    }
    match (stack, gso) {
        ("shim6-none", true) => Some(0.985),
        ("shim6-none", false) => Some(0.97),
        ("shim6-ulid", true) => Some(0.98),
        ("shim6-ulid", false) => Some(0.96),
        ("shim6-switched", true) => Some(0.97),
        ("shim6-switched", false) => Some(0.95),
        _ => None,
    }
}

/// One line of the table: a stack under one kind of traffic.
struct Row {
    stack: &'static str,
    traffic: &'static str,
    gso: bool,
    runs: usize,
    mbit: f64,
    /// Instructions a packet; in real time nanoseconds.
    cost: f64,
    ratio: f64,
    /// The least that the ratio must be. Real time decides nothing.
    goal: Option<f64>,
}

impl Row {
    fn of(
        stack: &'static str,
        traffic: &'static str,
        gso: bool,
        records: &[Value],
    ) -> Option<Self> {
        let mine = |stack: &str| -> Vec<&Value> {
            let is_it =
                |r: &&Value| r["stack"] == *stack && r["traffic"] == *traffic && r["gso"] == gso;
            records.iter().filter(is_it).collect()
        };
        let (own, plain) = (mine(stack), mine(PLAIN));
        let median = |key: &str| Some(spread(own.iter().map(|r| r[key].as_f64()))?.median);
        let is_real = own.iter().any(|r| r["real_time"] == true);
        // Each run beside plain IPv6 of the same round.
        let ratios = own.iter().map(|r| {
            let beside = plain.iter().find(|p| p["run"] == r["run"])?;
            Some(r["mbit_s"].as_f64()? / beside["mbit_s"].as_f64()?)
        });
        Some(Self {
            stack,
            traffic,
            gso,
            runs: own.len(),
            mbit: median("mbit_s")?,
            cost: median(if is_real {
                "ns_per_packet"
            } else {
                "instructions_per_packet"
            })?,
            ratio: spread(ratios)?.median,
            goal: goal(stack, traffic, gso).filter(|_| !is_real),
        })
    }

    /// Whether the goal is reached; true if there is none.
    fn is_well(&self) -> bool {
        self.goal.is_none_or(|goal| self.ratio >= goal)
    }

    fn line(&self) -> String {
        let goal = self.goal.map_or(String::new(), |goal| {
            let met = if self.is_well() { "" } else { "  MISSED" };
            format!("{goal:.3}{met}")
        });
        format!(
            "{:9} {:4} {:15} {:3} {:>10.1} {:>13.0} {:>8.3}  {goal}",
            self.traffic,
            if self.gso { "on" } else { "off" },
            self.stack,
            self.runs,
            self.mbit,
            self.cost,
            self.ratio,
        )
    }
}

/// Measures, prints the table, and leaves `out/bench/datapath.json` and the picture beside it. False if a goal is missed or a run is
/// missing. Where KVM boots a machine, all is measured again in real time, for comparison: that decides nothing.
pub fn run(layout: &Layout, wish: &Wish) -> Result<bool, Failure> {
    let mut cells = Vec::new();
    for traffic in TRAFFIC {
        for offload in OFFLOAD {
            cells.push(format!("{traffic}.{offload}"));
        }
    }
    // Plain IPv6 is what all others are compared with.
    let is_wanted = |stack: &str| {
        stack == PLAIN
            || cells
                .iter()
                .any(|cell| wish.wants(&format!("{stack}.{cell}")))
    };
    let stacks: Vec<String> = STACKS
        .iter()
        .filter(|stack| is_wanted(stack))
        .map(|stack| (*stack).to_owned())
        .collect();
    let is_wished = |cell: &String| {
        stacks
            .iter()
            .any(|stack| wish.wants(&format!("{stack}.{cell}")))
    };
    let cells: Vec<String> = cells
        .iter()
        .filter(|cell| is_wished(cell))
        .cloned()
        .collect();
    let runs = wish.runs.unwrap_or(RUNS);
    let work = Work {
        benchmark: "datapath",
        cells: &cells,
        stacks: &stacks,
        runs,
        machines: 1,
        memory: super::MEMORY,
    };
    let records: Vec<Value> = measure(layout, &work)?.into_iter().map(named).collect();
    let real = in_real_time(layout, &work)?;
    let all: Vec<Value> = records.iter().chain(&real).cloned().collect();
    write(layout, "datapath", &all)?;
    let rows = rows(&records);
    print(&rows);
    draw(layout, &rows)?;
    if !real.is_empty() {
        println!("\nin real time, on KVM; a packet's cost is in ns there:");
        print(&self::rows(&real));
    }
    let complete =
        rows.len() == cells.len() * stacks.len() && rows.iter().all(|row| row.runs == runs);
    if !complete {
        println!("some runs are missing");
    }
    Ok(complete && rows.iter().all(Row::is_well))
}

/// The lines of the table.
fn rows(records: &[Value]) -> Vec<Row> {
    let mut rows = Vec::new();
    for traffic in TRAFFIC {
        for gso in [true, false] {
            for stack in STACKS {
                rows.extend(Row::of(stack, traffic, gso, records));
            }
        }
    }
    rows
}

/// The same work in real time where KVM boots a machine, else nothing.
fn in_real_time(layout: &Layout, work: &Work) -> Result<Vec<Value>, Failure> {
    let kernel = layout.kernel("cloud-amd64")?;
    let clock = kvm::real_time(layout, &kernel, &image::image(layout)?, None)?;
    if clock != Clock::Kvm {
        return Ok(Vec::new());
    }
    let mut records = measure_on(layout, work, clock)?;
    for record in &mut records {
        if let Some(fields) = record.as_object_mut() {
            fields.insert("real_time".to_owned(), json!(true));
        }
    }
    Ok(records)
}

/// The ratios of each kind of traffic.
fn draw(layout: &Layout, rows: &[Row]) -> Result<(), Failure> {
    let mut groups: Vec<Group> = Vec::new();
    for row in rows {
        let offload = if row.gso { "on" } else { "off" };
        let title = format!("{}, GSO {offload}", row.traffic);
        if groups.last().is_none_or(|group| group.title != title) {
            let bars = Vec::new();
            groups.push(Group { title, bars });
        }
        let Some(group) = groups.last_mut() else {
            continue;
        };
        group.bars.push(Bar {
            name: row.stack.to_owned(),
            ratio: row.ratio,
            is_ours: row.stack.starts_with("shim6"),
            limit: row.goal,
        });
    }
    let picture = Picture {
        title: "goodput as a share of plain IPv6's; red: the least that shim6 has to reach",
        ceiling: 1.08,
        groups,
    };
    bars::draw(&out(layout)?, "datapath", &picture)
}

/// On virtual time a nanosecond is an instruction.
fn named(mut record: Value) -> Value {
    if let Some(fields) = record.as_object_mut() {
        let cost = fields.remove("ns_per_packet").unwrap_or(json!(null));
        fields.insert("instructions_per_packet".to_owned(), cost);
    }
    record
}

fn print(rows: &[Row]) {
    println!(
        "\n{:9} {:4} {:15} {:>3} {:>10} {:>13} {:>8}  goal",
        "traffic", "GSO", "stack", "n", "Mbit/s", "instr/packet", "ratio"
    );
    let mut before = None;
    for row in rows {
        let group = (row.traffic, row.gso);
        if before.is_some_and(|before| before != group) {
            println!();
        }
        before = Some(group);
        println!("{}", row.line());
    }
    println!("medians; the ratio is that of the goodput to plain IPv6's in the same round; both ends share one processor");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(stack: &str, run: u32, mbit: f64) -> Value {
        json!({ "stack": stack, "traffic": "tcp", "gso": false, "run": run, "mbit_s": mbit,
                "instructions_per_packet": 6000.0 })
    }

    #[test]
    fn a_run_is_compared_with_that_of_its_round() {
        let records = [
            record("plain", 1, 1000.0),
            record("shim6-ulid", 1, 970.0),
            record("plain", 2, 2000.0),
            record("shim6-ulid", 2, 1900.0),
            record("plain", 3, 1000.0),
            record("shim6-ulid", 3, 965.0),
        ];
        let row = Row::of("shim6-ulid", "tcp", false, &records);
        assert!(row.is_some_and(|row| (row.ratio - 0.965).abs() < 1e-9 && row.is_well()));
        assert!(Row::of("ila", "tcp", false, &records).is_none());
    }

    #[test]
    fn a_ratio_below_the_goal_is_a_miss() {
        let records = [record("plain", 1, 1000.0), record("shim6-ulid", 1, 959.0)];
        assert!(Row::of("shim6-ulid", "tcp", false, &records).is_some_and(|row| !row.is_well()));
    }
}
