// SPDX-License-Identifier: GPL-2.0
//! Scenarios on virtual time: two machines side by side take them from one queue. A machine that dies takes the scenario it was at
//! with it, which has failed then; another one is booted for what is left.

use std::fs;
use std::path::Path;
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use crate::layout::{Kernel, Layout};
use crate::machine::{Clock, Machine, News, Plan};
use crate::share::{token, Share};
use crate::tap::Tally;
use crate::{image, initramfs, progress, Failure};

const QUEUE: &str = include_str!("../guest/queue");
/// How long a machine may say nothing, in the host's time: some scenarios are silent for long, on a busy host.
const SILENCE: Duration = Duration::from_secs(300);

/// Which scenarios run, and what they run on.
pub struct Queue<'a> {
    /// The directory under `tests/lab` that they are in.
    pub place: &'a str,
    /// Their names.
    pub names: &'a [String],
    /// How many machines there are.
    pub machines: usize,
    /// Words for QEMU: the network cards of each machine.
    pub cards: Vec<String>,
}

/// Two network cards of one machine that are the ends of one wire, for `tests/lab/cards`.
pub fn wired_cards() -> Vec<String> {
    ["0c", "05"]
        .into_iter()
        .flat_map(|end| {
            [
                "-netdev".to_owned(),
                format!("hubport,id=wire{end},hubid=1"),
                "-device".to_owned(),
                format!("e1000e,netdev=wire{end},mac=02:00:00:00:00:{end}"),
            ]
        })
        .collect()
}

/// Runs scenarios in machines with this kernel.
pub fn run(layout: &Layout, kernel: &Kernel, queue: &Queue) -> Result<Tally, Failure> {
    let Queue {
        place,
        names,
        machines,
        ..
    } = *queue;
    let image = image::image(layout)?;
    let initramfs = initramfs::initramfs(layout, kernel)?;
    let name = format!("{place}-{}", kernel.flavour());
    let share = Share::new(layout, &name, Some(kernel))?;
    let token = token()?;
    share.put("start", QUEUE)?;
    // How much scenarios 16 and 66 are to do: `make soak` asks for more than a test has time for.
    for (variable, file) in [("SHIM6_NOISE", "noise"), ("SHIM6_WEATHER", "weather")] {
        if let Ok(much) = std::env::var(variable) {
            share.put(file, &much)?;
        }
    }
    share.put("token", &format!("{token}\n"))?;
    share.put("place", place)?;
    share.put("list", &(names.join("\n") + "\n"))?;
    for dir in ["queue", "taken"] {
        fs::create_dir_all(share.path(dir))?;
    }
    for name in names {
        share.put(&format!("queue/{name}"), "")?;
    }
    let job = Job {
        kernel,
        initramfs: initramfs.as_deref(),
        image: &image,
        share: &share,
        token: &token,
        cards: &queue.cards,
        total: Mutex::new(Tally::default()),
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..machines)
            .map(|n| {
                scope.spawn({
                    let job = &job;
                    move || job.work(n)
                })
            })
            .collect();
        workers.into_iter().try_for_each(|w| {
            w.join()
                .unwrap_or_else(|_| Err(Failure::new("a machine's watcher died")))
        })
    })?;
    let results = layout.out.join("test").join(kernel.flavour());
    share.take_results(&results)?;
    let mut total = job
        .total
        .into_inner()
        .unwrap_or_else(|poisoned| poisoned.into_inner());
    for name in names
        .iter()
        .filter(|name| share.path("queue").join(name).exists())
    {
        total.failed.push(format!("{name}: was run"));
    }
    Ok(total)
}

struct Job<'a> {
    kernel: &'a Kernel,
    initramfs: Option<&'a Path>,
    image: &'a Path,
    share: &'a Share,
    token: &'a str,
    cards: &'a [String],
    total: Mutex<Tally>,
}

impl Job<'_> {
    fn work(&self, number: usize) -> Result<(), Failure> {
        for boot in 0.. {
            if fs::read_dir(self.share.path("queue"))?.next().is_none() {
                break;
            }
            let name = format!("vm{number}-{boot}");
            let taken = fs::read_dir(self.share.path("taken"))?.count();
            self.boot(&name)?;
            if fs::read_dir(self.share.path("taken"))?.count() == taken {
                // It did not even get to its first scenario: more of the same would not help.
                break;
            }
        }
        Ok(())
    }

    fn boot(&self, name: &str) -> Result<(), Failure> {
        let log = self.share.beside(&format!("{name}.log"));
        let plan = Plan {
            name,
            boot: 1,
            kernel: self.kernel,
            initramfs: self.initramfs,
            image: self.image,
            share: &self.share.root(),
            log: log.clone(),
            clock: Clock::Virtual,
            memory: 1024,
            processors: 1,
            cards: self.cards.to_vec(),
        };
        let mut machine = Machine::start(&plan)?;
        let mut current: Option<(String, Vec<String>, Instant)> = None;
        let mut silent = Instant::now();
        let mut done = false;
        loop {
            match machine.news(Duration::from_secs(5)) {
                News::Line(line) => {
                    silent = Instant::now();
                    match self.command(&line).as_deref() {
                        Some(["BEGIN", scenario]) => {
                            current = Some(((*scenario).to_owned(), Vec::new(), Instant::now()))
                        }
                        Some(["END", _, _]) => self.report(current.take(), None),
                        Some(["DONE", ..]) => done = true,
                        _ => match &mut current {
                            Some((_, lines, _)) => lines.push(line),
                            None => progress(&format!("{name}: {line}")),
                        },
                    }
                }
                News::Quiet if silent.elapsed() > SILENCE => {
                    self.report(
                        current.take(),
                        Some(("the machine fell silent", &machine.kernel_log())),
                    );
                    break;
                }
                News::Quiet => {}
                News::Off => break,
            }
        }
        if current.is_some() {
            self.report(
                current.take(),
                Some(("the machine died", &machine.kernel_log())),
            );
        } else if !done {
            self.count("boot", "the machine came to its end");
        }
        let _ = fs::copy(&log, self.share.path(format!("out/{name}.kernel.log")));
        Ok(())
    }

    /// A line that only the queue script can have written.
    fn command<'l>(&self, line: &'l str) -> Option<Vec<&'l str>> {
        Some(line.strip_prefix(self.token)?.split_whitespace().collect())
    }

    fn report(
        &self,
        scenario: Option<(String, Vec<String>, Instant)>,
        death: Option<(&str, &str)>,
    ) {
        let Some((name, lines, began)) = scenario else {
            return;
        };
        let mut tally = Tally::default();
        lines.iter().for_each(|line| tally.take(line));
        tally.close();
        let mut text = lines.join("\n");
        if let Some((what, log)) = death {
            let tail: Vec<&str> = log.lines().rev().take(60).collect();
            text += &format!("\nnot ok - {name}: {what}");
            tail.iter()
                .rev()
                .for_each(|line| text += &format!("\n#   {line}"));
            tally.failed.push(what.to_owned());
        }
        let mut total = self
            .total
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        total.add(&name, &tally);
        println!(
            "{text}\n# {name}: {} s of the host's time\n",
            began.elapsed().as_secs()
        );
    }

    fn count(&self, name: &str, what: &str) {
        let mut total = self
            .total
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        total.failed.push(format!("{name}: {what}"));
    }
}
