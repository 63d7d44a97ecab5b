// SPDX-License-Identifier: GPL-2.0
//! `shim6-lab`: virtual machines with stock kernels, networks inside them, scenarios, benchmarks, and the demo.
//!
//! Runs inside the build root, as root; the Makefile starts it. See `tests/lab/` for what the machines do.

mod bench;
mod demo;
mod image;
mod initramfs;
mod kvm;
mod layout;
mod machine;
mod pair;
mod plot;
mod queue;
mod share;
mod tap;
mod ynl;

use std::fmt;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::OnceLock;
use std::time::Instant;

use bench::Wish;
use layout::Layout;
use tap::Tally;

const USAGE: &str = "usage: shim6-lab [OPTION...] COMMAND
commands:
  image                 make the machines' disk image, if it is not up to date
  demo [plain]          the download across a failure, with shim6 and without; plain: only without
  test [SCENARIO...]    all scenarios: on virtual time, the short ones on the other flavour too, and those of two machines, with
                        one processor and with four, in real time; or those named. The last line counts the checks
  bench [failover|datapath|scale|floods]...
                        measures on virtual time, beside the peers; tables, pictures and data in OUT/bench
options:
  --tree DIR            the source tree (.)
  --cache DIR           what is kept between runs (/cache/lab)
  --out DIR             results for people (TREE/out)
  --modules DIR         holds KERNEL/shim6.ko, FLAVOUR/shim6.ko or shim6.ko; may be given more than once (/cache/modules)
  --programs DIR        holds shim6 and shim6-traffic (where shim6-lab itself is)
  --flavour NAME        cloud-amd64 or amd64 (cloud-amd64)
  --machines N          machines side by side (2)
  --runs N              runs of each cell of a benchmark (as many as its medians need)
  --only NAME,...       only those cells of a benchmark that have one of the names: of a stack, a failure, a side or a
                        kind of traffic; may be given more than once, and a cell has to satisfy each";

/// Why the lab stops: one sentence for a person.
#[derive(Debug)]
pub struct Failure(String);

impl Failure {
    fn new(what: impl Into<String>) -> Self {
        Self(what.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self(error.to_string())
    }
}

/// A line about a long step, with the time since the start.
fn progress(what: &str) {
    static START: OnceLock<Instant> = OnceLock::new();
    println!(
        "[lab {:4.0} s] {what}",
        START.get_or_init(Instant::now).elapsed().as_secs_f64()
    );
}

struct Options {
    layout: Layout,
    flavour: String,
    machines: usize,
    wish: Wish,
    words: Vec<String>,
}

fn options(mut words: impl Iterator<Item = String>) -> Result<Options, Failure> {
    let own = std::env::current_exe()?;
    let mut tree = PathBuf::from(".");
    let (mut out, mut modules) = (None, Vec::new());
    let mut o = Options {
        layout: Layout {
            tree: PathBuf::new(),
            cache: "/cache/lab".into(),
            out: PathBuf::new(),
            modules: Vec::new(),
            programs: own.parent().map(Into::into).unwrap_or_default(),
        },
        flavour: "cloud-amd64".into(),
        machines: 2,
        wish: Wish::default(),
        words: Vec::new(),
    };
    while let Some(word) = words.next() {
        if !word.starts_with("--") {
            o.words.push(word);
            continue;
        }
        let value = words
            .next()
            .ok_or_else(|| Failure::new(format!("{word} needs a value\n{USAGE}")))?;
        match word.as_str() {
            "--tree" => tree = value.into(),
            "--cache" => o.layout.cache = value.into(),
            "--out" => out = Some(PathBuf::from(value)),
            "--modules" => modules.push(PathBuf::from(value)),
            "--programs" => o.layout.programs = value.into(),
            "--flavour" => o.flavour = value,
            "--machines" => o.machines = number(&word, &value)?,
            "--runs" => o.wish.runs = Some(number(&word, &value)?),
            "--only" => o
                .wish
                .only
                .push(value.split(',').map(str::to_owned).collect()),
            _ => return Err(Failure::new(format!("unknown option {word}\n{USAGE}"))),
        }
    }
    o.wish.machines = o.machines;
    o.layout.tree = std::path::absolute(tree)?;
    o.layout.cache = std::path::absolute(&o.layout.cache)?;
    o.layout.out = out.map_or_else(|| Ok(o.layout.tree.join("out")), std::path::absolute)?;
    o.layout.modules = if modules.is_empty() {
        vec!["/cache/modules".into()]
    } else {
        modules
    };
    Ok(o)
}

fn number(option: &str, value: &str) -> Result<usize, Failure> {
    value
        .parse()
        .map_err(|_| Failure::new(format!("{option}: not a number: {value}")))
}

fn command(o: &Options) -> Result<bool, Failure> {
    let words: Vec<&str> = o.words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["image"] => image::image(&o.layout).map(|_| true),
        ["demo"] => demo::run(&o.layout, false),
        ["demo", "plain"] => demo::run(&o.layout, true),
        ["test", names @ ..] => test(o, names),
        ["bench", names @ ..] => bench(o, names),
        _ => Err(Failure::new(USAGE)),
    }
}

/// All benchmarks, or those named.
fn bench(o: &Options, names: &[&str]) -> Result<bool, Failure> {
    let mut is_well = true;
    for name in if names.is_empty() {
        &["failover", "datapath", "scale", "floods"]
    } else {
        names
    } {
        is_well &= match *name {
            "failover" => bench::failover::run(&o.layout, &o.wish)?,
            "datapath" => bench::datapath::run(&o.layout, &o.wish)?,
            "scale" => bench::scale::run(&o.layout, &o.wish)?,
            "floods" => bench::floods::run(&o.layout, &o.wish)?,
            _ => return Err(Failure::new(format!("no benchmark is called {name}"))),
        };
    }
    Ok(is_well)
}

/// The scenarios that every flavour runs; the others go with the flavour of the options.
const EVERY_FLAVOUR: [&str; 2] = ["05-load", "10-establish"];
/// The flavour with drivers for real network cards.
const CARDS: &str = "amd64";
/// What the scenarios of a directory run on.
#[derive(Clone, Copy)]
enum Stage {
    /// Hosts in one machine, on virtual time.
    Hosts,
    /// Two network cards of one machine, on virtual time.
    Cards,
    /// Two machines with so many processors each, in real time.
    Machines(u32),
}

/// The directories of scenarios under `tests/lab`.
const PLACES: [(&str, Stage); 4] = [
    ("scenarios", Stage::Hosts),
    ("cards", Stage::Cards),
    ("machines", Stage::Machines(1)),
    ("processors", Stage::Machines(4)),
];

fn test(o: &Options, names: &[&str]) -> Result<bool, Failure> {
    let places = PLACES
        .map(|(place, stage)| Ok((place, stage, o.layout.scenarios(place)?)))
        .into_iter()
        .collect::<Result<Vec<_>, Failure>>()?;
    if let Some(unknown) = names.iter().find(|name| {
        !places
            .iter()
            .any(|(.., known)| known.iter().any(|k| k == *name))
    }) {
        return Err(Failure::new(format!("no scenario is called {unknown}")));
    }
    let mut total = Tally::default();
    for (place, stage, known) in &places {
        let chosen: Vec<String> = known
            .iter()
            .filter(|name| names.is_empty() || names.contains(&name.as_str()))
            .cloned()
            .collect();
        if chosen.is_empty() {
            continue;
        }
        let flavour = if matches!(stage, Stage::Hosts) {
            &o.flavour
        } else {
            CARDS
        };
        play(o, place, *stage, flavour, &chosen, &mut total)?;
        if matches!(stage, Stage::Hosts) && names.is_empty() && o.flavour != CARDS {
            let short = EVERY_FLAVOUR.map(str::to_owned);
            play(o, place, *stage, CARDS, &short, &mut total)?;
        }
    }
    for what in &total.failed {
        println!("# failed: {what}");
    }
    println!(
        "# lab: {} passed, {} failed, {} skipped",
        total.passed,
        total.failed.len(),
        total.skipped
    );
    Ok(total.failed.is_empty())
}

/// Runs scenarios of one directory on a kernel of this flavour.
fn play(
    o: &Options,
    place: &str,
    stage: Stage,
    flavour: &str,
    names: &[String],
    total: &mut Tally,
) -> Result<(), Failure> {
    let kernel = o.layout.kernel(flavour)?;
    progress(&format!("{} of {place} on {}", names.len(), kernel.release));
    let cards = match stage {
        Stage::Hosts => Vec::new(),
        Stage::Cards => queue::wired_cards(),
        Stage::Machines(processors) => {
            let tally = pair::run(&o.layout, &kernel, place, processors, names)?;
            total.add(place, &tally);
            return Ok(());
        }
    };
    let queue = queue::Queue {
        place,
        names,
        machines: o.machines.min(names.len()),
        cards,
    };
    total.add(flavour, &queue::run(&o.layout, &kernel, &queue)?);
    Ok(())
}

fn main() -> ExitCode {
    progress("begins");
    match options(std::env::args().skip(1)).and_then(|o| command(&o)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(failure) => {
            eprintln!("shim6-lab: {failure}");
            ExitCode::from(2)
        }
    }
}
