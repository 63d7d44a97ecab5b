// SPDX-License-Identifier: GPL-2.0
//! The demo: one download across the silent failure of a provider, with shim6 and without, told as it happens.
//!
//! What happens is in `tests/lab/demo/download.sh`; here are the machine, the timeline, and what is left in `out/demo/`.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{json, Map, Value};

use crate::layout::Layout;
use crate::machine::{Clock, Machine, News, Plan};
use crate::plot::{self, Curve, Picture};
use crate::share::{token, Share};
use crate::{image, initramfs, progress, Failure};

const GUEST: &str = include_str!("../guest/demo");
/// Size of the download.
const BYTES: u64 = 100_000_000;
/// Width of one value of the goodput curve, in seconds.
const STEP: f64 = 0.2;
/// How long the machine may say nothing, in the host's time.
const SILENCE: Duration = Duration::from_secs(300);
const WITH: &str = "with_shim6";
const WITHOUT: &str = "without_shim6";

/// Runs it. `plain` leaves the run with shim6 out, for a lab without a module.
pub fn run(layout: &Layout, plain: bool) -> Result<bool, Failure> {
    let kernel = layout.kernel("cloud-amd64")?;
    let runs: &[&str] = if plain { &[WITHOUT] } else { &[WITH, WITHOUT] };
    let image = image::image(layout)?;
    let initramfs = initramfs::initramfs(layout, &kernel)?;
    let share = Share::new(layout, "demo", (!plain).then_some(&kernel))?;
    let token = token()?;
    share.put("start", GUEST)?;
    share.put("token", &format!("{token}\n"))?;
    share.put("bytes", &format!("{BYTES}\n"))?;
    share.put("list", &(runs.join("\n") + "\n"))?;
    progress(&format!(
        "booting Debian's kernel {} in QEMU, on virtual time",
        kernel.release
    ));
    let mut machine = Machine::start(&Plan {
        name: "demo",
        boot: 1,
        kernel: &kernel,
        initramfs: initramfs.as_deref(),
        image: &image,
        share: &share.root(),
        log: share.beside("console.log"),
        clock: Clock::Virtual,
        memory: 1536,
        processors: 1,
        cards: Vec::new(),
    })?;
    let mut summary = Map::new();
    let ended = tell(&mut machine, &token, &mut summary);
    let out = layout.out.join("demo");
    let _ = fs::remove_dir_all(&out);
    share.take_results(&out)?;
    fs::write(out.join("console.log"), machine.kernel_log())?;
    if !ended {
        let log = machine.kernel_log();
        let tail: Vec<&str> = log.lines().rev().take(40).collect();
        tail.iter().rev().for_each(|line| println!("    {line}"));
        return Err(Failure::new(format!(
            "the machine died; its kernel log is {}",
            out.join("console.log").display()
        )));
    }
    for run in runs {
        summary.entry(*run).or_insert(Value::Null);
    }
    leave(&out, runs, &summary)?;
    Ok(judge(&summary, plain))
}

/// Prints the timeline; true if the machine came to its end.
fn tell(machine: &mut Machine, token: &str, summary: &mut Map<String, Value>) -> bool {
    let (mut run, mut last, mut silent) = (String::new(), (0.0, 0u64), Instant::now());
    loop {
        let line = match machine.news(Duration::from_secs(5)) {
            News::Line(line) => line,
            News::Quiet if silent.elapsed() < SILENCE => continue,
            News::Quiet | News::Off => return false,
        };
        silent = Instant::now();
        if let Some(command) = line.strip_prefix(token) {
            match command.split_whitespace().collect::<Vec<_>>().as_slice() {
                ["BEGIN", name] => {
                    run = (*name).to_owned();
                    last = (0.0, 0);
                    println!(
                        "\n=== {} (booted {:.0} s ago)",
                        title(name),
                        machine.age().as_secs_f64()
                    );
                }
                ["DONE"] => return true,
                _ => {}
            }
        } else if let Some(text) = line.strip_prefix("EVENT @") {
            let (at, what) = text.split_once(' ').unwrap_or((text, ""));
            match at.parse::<f64>() {
                Ok(at) if at >= 0.0 => println!("{at:7.2} s  {what}"),
                _ => println!("           {what}"),
            }
        } else if let Some(text) = line.strip_prefix("METER ") {
            if let Some((at, bytes)) = pair(text) {
                // A line for each second of the download; while nothing moves, one for each five.
                let due = if bytes == last.1 { 5.0 } else { 1.0 };
                if at - last.0 >= due {
                    print_meter(
                        at,
                        bytes,
                        (bytes - last.1.min(bytes)) as f64 * 8e-6 / (at - last.0),
                    );
                    last = (at, bytes);
                }
            }
        } else if let Some(text) = line.strip_prefix("RESULT ") {
            if let Ok(result) = serde_json::from_str::<Value>(text) {
                summary.insert(run.clone(), result);
            }
        } else {
            println!("           {line}");
        }
    }
}

fn print_meter(at: f64, bytes: u64, mbit: f64) {
    let bar = "#".repeat((mbit / 2.0).round() as usize);
    println!(
        "{at:7.2} s  {:5.1} %  {mbit:5.1} Mbit/s  {bar}",
        bytes as f64 * 100.0 / BYTES as f64
    );
}

fn title(run: &str) -> &str {
    match run {
        WITH => "the download with shim6",
        _ => "the same download without shim6",
    }
}

fn pair(text: &str) -> Option<(f64, u64)> {
    let (at, bytes) = text.split_once(' ')?;
    Some((at.parse().ok()?, bytes.parse().ok()?))
}

/// Writes the data, the pictures and the summary.
fn leave(out: &Path, runs: &[&str], summary: &Map<String, Value>) -> Result<(), Failure> {
    let mut curves = Vec::new();
    let mut data = Map::new();
    let mut mark = None;
    for run in runs {
        let samples = fs::read_to_string(out.join(run).join("samples")).unwrap_or_default();
        let samples: Vec<(f64, u64)> = samples.lines().filter_map(pair).collect();
        let failure = summary[*run]["failure_s"].as_f64();
        let points = goodput(&samples);
        let rounded: Vec<Value> = points
            .iter()
            .map(|(t, m)| json!([(t * 100.0).round() / 100.0, (m * 100.0).round() / 100.0]))
            .collect();
        data.insert(
            (*run).to_owned(),
            json!({ "failure_s": failure, "goodput": rounded }),
        );
        curves.push(Curve {
            name: if *run == WITH {
                "with shim6".into()
            } else {
                "without shim6".into()
            },
            points,
        });
        // Runs on virtual time break at nearly the same moment; the first one's mark stands for all.
        mark = mark.or(failure);
    }
    data.insert(
        "units".into(),
        json!({ "goodput": "[seconds since the start of the download, Mbit/s]", "step_s": STEP }),
    );
    fs::write(
        out.join("goodput.json"),
        format!("{:#}\n", Value::Object(data)),
    )?;
    fs::write(
        out.join("summary.json"),
        format!("{:#}\n", Value::Object(summary.clone())),
    )?;
    plot::draw(
        out,
        "goodput",
        &Picture {
            title: "One download, its provider silently cut off in the middle",
            seconds: "seconds since the start of the download",
            mark: mark.map(|at| (at, "provider cut off")),
            curves: &curves,
        },
    )
}

/// Arrivals as goodput in steps, zeros included.
fn goodput(samples: &[(f64, u64)]) -> Vec<(f64, f64)> {
    let Some(&(end, _)) = samples.last() else {
        return Vec::new();
    };
    let (mut points, mut before, mut next) = (Vec::new(), 0u64, samples.iter().peekable());
    for step in 1..=(end / STEP).ceil() as u64 {
        let until = step as f64 * STEP;
        let mut now = before;
        while let Some((_, bytes)) = next.next_if(|(at, _)| *at <= until) {
            now = *bytes;
        }
        points.push((until - STEP / 2.0, (now - before) as f64 * 8e-6 / STEP));
        before = now;
    }
    points
}

/// Says what came out, and whether it is what the demo is there to show.
fn judge(summary: &Map<String, Value>, plain: bool) -> bool {
    println!();
    for (run, result) in summary {
        println!(
            "{run:14} completed: {}  checksum right: {}  {} octets in {} s, longest stall {} s",
            result["completed"],
            result["checksum_ok"],
            result["bytes"],
            result["duration_s"],
            result["longest_stall_s"]
        );
    }
    let survived = |run: &str| {
        summary
            .get(run)
            .is_some_and(|r| r["completed"] == true && r["checksum_ok"] == true)
    };
    (plain || survived(WITH)) && !survived(WITHOUT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goodput_counts_every_octet_once_and_shows_the_gap() {
        let points = goodput(&[(0.02, 1000), (0.05, 5000), (0.75, 6000)]);
        let rates: Vec<f64> = points.iter().map(|(_, m)| (m * 1e6).round()).collect();
        assert_eq!(rates, [200_000.0, 0.0, 0.0, 40_000.0]);
    }
}
