// SPDX-License-Identifier: GPL-2.0
//! Benchmarks: machines on virtual time measure cell after cell, and what they say is collected here. What is measured is in
//! `tests/lab/bench/`; each benchmark here knows its cells, its goals and its tables.

mod bars;
pub mod datapath;
pub mod failover;
pub mod floods;
pub mod scale;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{json, Value};

use crate::layout::{Kernel, Layout};
use crate::machine::{Clock, Machine, News, Plan};
use crate::share::{token, Share};
use crate::{image, initramfs, progress, Failure};

const GUEST: &str = include_str!("../guest/bench");
/// The memory of a machine, in MB, unless a benchmark needs more.
const MEMORY: u32 = 1024;
/// How long a machine may say nothing, in the host's time: that long it may take to show a million contexts.
const SILENCE: Duration = Duration::from_secs(1800);

/// What is asked for: a share of all there is to measure.
#[derive(Default)]
pub struct Wish {
    /// Runs of each cell; the benchmark's own number if none.
    pub runs: Option<usize>,
    /// Words of which a cell's name must have one each, as `["shim6", "mptcp"]` and `["tcp"]`.
    pub only: Vec<Vec<String>>,
    /// Machines side by side.
    pub machines: usize,
}

impl Wish {
    /// Whether a cell, whose name is words with points between, is asked for.
    fn wants(&self, cell: &str) -> bool {
        self.only
            .iter()
            .all(|words| cell.split('.').any(|part| words.iter().any(|w| w == part)))
    }
}

/// What a benchmark's machines are to do.
struct Work<'a> {
    /// The script in `tests/lab/bench`.
    benchmark: &'a str,
    /// What to measure.
    cells: &'a [String],
    /// What carries the traffic, where a cell does not say it.
    stacks: &'a [String],
    /// Runs of each cell.
    runs: usize,
    /// Machines that share the cells.
    machines: usize,
    /// The memory of each, in MB.
    memory: u32,
}

/// Runs one benchmark's cells on virtual time; the records of all runs, in the order in which they came.
fn measure(layout: &Layout, work: &Work) -> Result<Vec<Value>, Failure> {
    measure_on(layout, work, Clock::Virtual)
}

/// The same, on a clock of choice.
fn measure_on(layout: &Layout, work: &Work, clock: Clock) -> Result<Vec<Value>, Failure> {
    let Work {
        benchmark,
        cells,
        stacks,
        runs,
        machines,
        memory,
    } = work;
    let kernel = layout.kernel("cloud-amd64")?;
    let image = image::image(layout)?;
    let initramfs = initramfs::initramfs(layout, &kernel)?;
    let share = Share::new(layout, &format!("bench-{benchmark}"), Some(&kernel))?;
    let token = token()?;
    share.put("start", GUEST)?;
    share.put("benchmark", &format!("{benchmark}\n"))?;
    share.put("token", &format!("{token}\n"))?;
    let time = if clock == Clock::Virtual {
        "virtual"
    } else {
        "real"
    };
    share.put("clock", &format!("{time}\n"))?;
    share.put("runs", &format!("{runs}\n"))?;
    share.put("stacks", &(stacks.join("\n") + "\n"))?;
    share.put("list", &(cells.join("\n") + "\n"))?;
    for dir in ["queue", "taken"] {
        fs::create_dir_all(share.path(dir))?;
    }
    for cell in *cells {
        share.put(&format!("queue/{cell}"), "")?;
    }
    progress(&format!(
        "{benchmark}: {} cells of {runs} runs on {}, in {time} time",
        cells.len(),
        kernel.release
    ));
    let job = Job {
        kernel: &kernel,
        initramfs: initramfs.as_deref(),
        image: &image,
        share: &share,
        token: &token,
        memory: *memory,
        clock,
        records: Mutex::default(),
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..(*machines).clamp(1, cells.len().max(1)))
            .map(|n| {
                let job = &job;
                scope.spawn(move || job.boot(&format!("vm{n}")))
            })
            .collect();
        workers.into_iter().try_for_each(|worker| {
            worker
                .join()
                .unwrap_or_else(|_| Err(Failure::new("a machine's watcher died")))
        })
    })?;
    let results = out(layout)?.join("machines");
    // What an earlier invocation has left would be drawn as one of this.
    let _ = fs::remove_dir_all(results.join(benchmark));
    share.take_results(&results)?;
    Ok(job
        .records
        .into_inner()
        .unwrap_or_else(|poisoned| poisoned.into_inner()))
}

/// Where the results go.
fn out(layout: &Layout) -> Result<PathBuf, Failure> {
    let out = layout.out.join("bench");
    fs::create_dir_all(&out)?;
    Ok(out)
}

/// Writes the records as `NAME.json`.
fn write(layout: &Layout, name: &str, records: &[Value]) -> Result<(), Failure> {
    let path = out(layout)?.join(name).with_extension("json");
    fs::write(path, format!("{:#}\n", json!({ "runs": records })))?;
    Ok(())
}

/// Writes the records into `NAME.json` in place of those there whose `what` is one of these; others that are there stay.
fn write_among(
    layout: &Layout,
    name: &str,
    records: &[Value],
    what: &[&str],
) -> Result<(), Failure> {
    let path = out(layout)?.join(name).with_extension("json");
    let before: Value = match fs::read_to_string(path) {
        Ok(text) => serde_json::from_str(&text).unwrap_or_default(),
        Err(_) => Value::Null,
    };
    let is_other = |r: &&Value| !r["what"].as_str().is_some_and(|is| what.contains(&is));
    let others = before["runs"].as_array().into_iter().flatten();
    let all: Vec<Value> = others.filter(is_other).chain(records).cloned().collect();
    write(layout, name, &all)
}

struct Job<'a> {
    kernel: &'a Kernel,
    initramfs: Option<&'a Path>,
    image: &'a Path,
    share: &'a Share,
    token: &'a str,
    memory: u32,
    clock: Clock,
    records: Mutex<Vec<Value>>,
}

impl Job<'_> {
    fn boot(&self, name: &str) -> Result<(), Failure> {
        let mut machine = Machine::start(&Plan {
            name,
            boot: 1,
            kernel: self.kernel,
            initramfs: self.initramfs,
            image: self.image,
            share: &self.share.root(),
            log: self.share.beside(&format!("{name}.log")),
            clock: self.clock,
            memory: self.memory,
            processors: 1,
            cards: Vec::new(),
        })?;
        let mut silent = Instant::now();
        loop {
            match machine.news(Duration::from_secs(5)) {
                News::Line(line) if line.starts_with(self.token) => return Ok(()),
                News::Line(line) => self.take(&line),
                News::Quiet if silent.elapsed() < SILENCE => continue,
                News::Quiet | News::Off => break,
            }
            silent = Instant::now();
        }
        let log = machine.kernel_log();
        let tail: Vec<&str> = log.lines().rev().take(40).collect();
        tail.iter().rev().for_each(|line| println!("    {line}"));
        Err(Failure::new(format!("{name} died, or fell silent")))
    }

    fn take(&self, line: &str) {
        progress(line);
        let Some(record) = line
            .strip_prefix("RUN ")
            .and_then(|text| serde_json::from_str(text).ok())
        else {
            return;
        };
        self.records
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
            .push(record);
    }
}

/// Median and worst of some values; a missing value is worse than any.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Spread {
    median: f64,
    worst: f64,
}

fn spread(values: impl Iterator<Item = Option<f64>>) -> Option<Spread> {
    let mut values: Vec<f64> = values.map(|v| v.unwrap_or(f64::INFINITY)).collect();
    values.sort_by(f64::total_cmp);
    let worst = *values.last()?;
    let middle = values.len() / 2;
    let median = if values.len() % 2 == 1 {
        values[middle]
    } else {
        (values[middle - 1] + values[middle]) / 2.0
    };
    Some(Spread { median, worst })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle_and_never_is_worst() {
        let of = |values: &[Option<f64>]| spread(values.iter().copied());
        assert_eq!(
            of(&[Some(3.0), Some(1.0), Some(2.0)]),
            Some(Spread {
                median: 2.0,
                worst: 3.0
            })
        );
        assert_eq!(of(&[Some(4.0), Some(2.0)]).map(|s| s.median), Some(3.0));
        assert_eq!(of(&[Some(1.0), None]).map(|s| s.worst), Some(f64::INFINITY));
        assert_eq!(of(&[]), None);
    }

    #[test]
    fn a_wish_is_one_word_of_each_list() {
        let lists = |only: &[&[&str]]| Wish {
            only: only
                .iter()
                .map(|words| words.iter().map(|w| (*w).to_owned()).collect())
                .collect(),
            ..Wish::default()
        };
        let cell = "shim6.blackhole-both.client.tcp";
        assert!(lists(&[]).wants(cell));
        assert!(lists(&[&["mptcp", "shim6"], &["tcp"]]).wants(cell));
        assert!(!lists(&[&["shim6"], &["udp"]]).wants(cell));
        assert!(!lists(&[&["shim6-rfc"]]).wants(cell));
    }
}
