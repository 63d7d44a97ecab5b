// SPDX-License-Identifier: GPL-2.0
//! What many contexts cost: memory, the packets of one among them, an idle processor's time, and the time to show and to remove
//! them.

use serde_json::Value;

use super::{measure, spread, write, Wish, Work};
use crate::layout::Layout;
use crate::Failure;

/// Runs of a cell, if nothing else is asked for.
const RUNS: usize = 3;
/// Numbers of contexts.
const CONTEXTS: [u64; 3] = [1, 1000, 100_000];
/// The most that a packet may cost, as a share of what it costs with one context.
const MOST_PER_PACKET: f64 = 1.15;
/// The most kernel memory of a context at rest, in octets.
const MOST_OCTETS: f64 = 1024.0;
/// The most of an idle processor's time.
const MOST_IDLE: f64 = 0.01;
/// Fewer contexts than this are weighed together with everything else that the kernel allocates meanwhile.
const WEIGHABLE: u64 = 10_000;

/// Measures, prints the table, and leaves `out/bench/scale.json`. False if a goal is missed or a run is missing.
pub fn run(layout: &Layout, wish: &Wish) -> Result<bool, Failure> {
    let cells: Vec<String> = CONTEXTS
        .iter()
        .map(|number| format!("contexts.{number}"))
        .filter(|cell| wish.wants(cell))
        .collect();
    let records = measure(
        layout,
        &Work {
            benchmark: "scale",
            cells: &cells,
            stacks: &[],
            runs: wish.runs.unwrap_or(RUNS),
            machines: 1,
        },
    )?;
    write(layout, "scale", &records)?;
    let median = |contexts: u64, key: &str| {
        let values = records
            .iter()
            .filter(|r| r["contexts"] == contexts && r[key].is_number())
            .map(|r| r[key].as_f64());
        spread(values).map(|spread| spread.median)
    };
    println!(
        "\n{:>9} {:>13} {:>8} {:>15} {:>8} {:>9}",
        "contexts", "instr/packet", "ratio", "octets/context", "idle", "show, ms"
    );
    let mut is_well = !cells.is_empty();
    let first = median(CONTEXTS[0], "ns_per_packet");
    for number in CONTEXTS {
        if !wish.wants(&format!("contexts.{number}")) {
            continue;
        }
        let (Some(cost), Some(octets), Some(idle), Some(show)) = (
            median(number, "ns_per_packet"),
            median(number, "slab_octets_per_context"),
            median(number, "idle_share"),
            median(number, "show_ms"),
        ) else {
            println!("{number:>9} was not measured");
            is_well = false;
            continue;
        };
        let ratio = first.map_or(1.0, |first| cost / first);
        println!("{number:>9} {cost:>13.0} {ratio:>8.3} {octets:>15.0} {idle:>8.4} {show:>9.0}");
        is_well &= ratio <= MOST_PER_PACKET && idle < MOST_IDLE;
        is_well &= number < WEIGHABLE || octets <= MOST_OCTETS;
    }
    let unload = records.iter().find(|r| r["unload_ms"].is_number());
    println!(
        "removing them all and unloading: {} ms of the machine's time",
        unload.map_or(&Value::Null, |r| &r["unload_ms"])
    );
    Ok(is_well && unload.is_some_and(|r| r["left"] == 0))
}
