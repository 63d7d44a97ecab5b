// SPDX-License-Identifier: GPL-2.0
//! What many contexts cost: setting them up, memory, the packets of one among them, an idle processor's time, and the time to show
//! and to remove them.

use serde_json::Value;

use super::bars::{self, Bar, Group, Picture};
use super::{measure, out, spread, write_among, Wish, Work};
use crate::layout::Layout;
use crate::Failure;

/// Runs of a cell, if nothing else is asked for.
const RUNS: usize = 3;
/// Numbers of contexts.
const CONTEXTS: [u64; 4] = [1, 1000, 100_000, 1_000_000];
/// The cell in which contexts are set up the other way round.
const INITIATOR: &str = "initiator";
/// From this number on they do not fit a machine's usual memory; what they need, in MB.
const MANY: (u64, u32) = (500_000, 2560);
/// The most that a packet may cost, as a share of what it costs with one context.
const MOST_PER_PACKET: f64 = 1.15;
/// The most kernel memory of a context at rest, in octets.
const MOST_OCTETS: f64 = 1024.0;
/// The most of an idle processor's time.
const MOST_IDLE: f64 = 0.01;
/// The longest that the kernel may hold the processor at a stretch, in milliseconds.
const MOST_HELD_MS: f64 = 10.0;
/// Fewer contexts than this are weighed together with everything else that the kernel allocates meanwhile.
const WEIGHABLE: u64 = 10_000;

/// The records that are this benchmark's among those of `scale.json`.
const WHAT: [&str; 12] = [
    "meter",
    "responder",
    "memory",
    "show",
    "filtered show",
    "packet",
    "timers",
    "initiator",
    "hashing",
    "flush",
    "unload",
    "left",
];

/// What is sent when the cost of a packet is measured, and what the picture calls it.
const TRAFFIC: [(&str, &str); 2] = [
    ("tcp", "a packet of TCP"),
    ("spread", "a datagram, each of another context"),
];

/// Measures, prints the table, and leaves `out/bench/scale.json` and the picture beside it. False if a goal is missed or a run is missing.
pub fn run(layout: &Layout, wish: &Wish) -> Result<bool, Failure> {
    let cell = |number: &u64| format!("contexts.{number}");
    let wanted: Vec<u64> = CONTEXTS
        .into_iter()
        .filter(|number| wish.wants(&cell(number)))
        .collect();
    let initiator = Some(INITIATOR.to_owned()).filter(|cell| wish.wants(cell));
    let cells: Vec<String> = wanted.iter().map(cell).chain(initiator).collect();
    let are_many = wanted.iter().any(|number| *number >= MANY.0);
    let records = measure(
        layout,
        &Work {
            benchmark: "scale",
            cells: &cells,
            stacks: &[],
            runs: wish.runs.unwrap_or(RUNS),
            machines: 1,
            memory: if are_many { MANY.1 } else { super::MEMORY },
        },
    )?;
    write_among(layout, "scale", &records, &WHAT)?;
    let median = |contexts: u64, what: &str, traffic: Option<&str>, key: &str| {
        let is_it = |r: &&Value| {
            r["contexts"] == contexts
                && r["what"] == what
                && traffic.is_none_or(|t| r["traffic"] == t)
        };
        let values = records.iter().filter(is_it).map(|r| r[key].as_f64());
        spread(values).map(|spread| spread.median)
    };
    println!(
        "\n{:>9} {:>14} {:>7} {:>14} {:>7} {:>15} {:>8} {:>8}",
        "contexts",
        "instr/packet",
        "ratio",
        "each another",
        "ratio",
        "octets/context",
        "at first",
        "idle"
    );
    let mut is_well = !cells.is_empty();
    let mut groups = TRAFFIC.map(|(_, title)| Group {
        title: title.to_owned(),
        bars: Vec::new(),
    });
    for number in wanted {
        let cost = |traffic| median(number, "packet", Some(traffic), "ns_per_packet");
        let first = |traffic| median(CONTEXTS[0], "packet", Some(traffic), "ns_per_packet");
        let (Some(stream), Some(each), Some(octets), Some(first_idle), Some(idle)) = (
            cost(TRAFFIC[0].0),
            cost(TRAFFIC[1].0),
            median(number, "memory", None, "octets_per_context"),
            median(number, "memory", None, "first_idle_share"),
            median(number, "memory", None, "idle_share"),
        ) else {
            println!("{number:>9} was not measured");
            is_well = false;
            continue;
        };
        let ratios = [
            first(TRAFFIC[0].0).map_or(1.0, |first| stream / first),
            first(TRAFFIC[1].0).map_or(1.0, |first| each / first),
        ];
        println!(
            "{number:>9} {stream:>14.0} {:>7.3} {each:>14.0} {:>7.3} {octets:>15.0} {first_idle:>8.4} {idle:>8.4}",
            ratios[0], ratios[1]
        );
        for (group, ratio) in groups.iter_mut().zip(ratios) {
            group.bars.push(Bar {
                name: format!("contexts: {number}"),
                ratio,
                is_ours: true,
                limit: Some(MOST_PER_PACKET),
            });
        }
        is_well &= ratios.iter().all(|ratio| *ratio <= MOST_PER_PACKET) && idle < MOST_IDLE;
        is_well &= number < WEIGHABLE || octets <= MOST_OCTETS;
    }
    let picture = Picture {
        title: "cost of a packet as a share of what it is with one context; red: the most allowed",
        ceiling: 1.2,
        groups: groups.into(),
    };
    bars::draw(&out(layout)?, "scale", &picture)?;
    for record in &records {
        if let Some(established) = record["established"].as_f64() {
            let rate = established / record["seconds"].as_f64().unwrap_or(f64::NAN);
            println!(
                "set up as {}, to {}: {established} contexts, {rate:.0} a second, both ends on one processor",
                record["what"], record["contexts"]
            );
            is_well &= established > 0.0;
        }
        if record["what"] == "hashing" {
            println!(
                "the bare cost in ns: a validator made {}, checked {}; a peer's locator verified {}",
                record["validator_made_ns"],
                record["validator_checked_ns"],
                record["locator_verified_ns"]
            );
        }
        let Some(held) = record["held_ms"].as_f64() else {
            continue;
        };
        if record["what"] == "meter" {
            // Somebody held the processor on purpose, for longer than anything may.
            println!("the meter: the processor held for {held} ms on purpose");
            is_well &= held > MOST_HELD_MS;
        } else {
            println!(
                "{} of {} contexts: {} s, the processor held for {held} ms at most",
                record["what"], record["contexts"], record["seconds"]
            );
            is_well &= held <= MOST_HELD_MS && record["well"] == true;
        }
    }
    let is_clean = records.iter().any(|r| r["clean"] == true);
    Ok(is_well && is_clean)
}
