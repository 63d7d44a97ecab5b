// SPDX-License-Identifier: GPL-2.0
//! Two machines joined by two links, in real time: for whole hosts that crash and come back, and for network cards' own behaviour.
//! Nothing is measured here; every wait is for a state.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::layout::{Kernel, Layout};
use crate::machine::{Clock, Machine, News, Plan};
use crate::share::{token, Share};
use crate::tap::{self, Said, Tally};
use crate::{image, initramfs, kvm, Failure};

const PAIR: &str = include_str!("../guest/pair");
/// How long both machines may say nothing, in the host's time.
const SILENCE: Duration = Duration::from_secs(240);

/// Runs the scenarios of a directory that are named, on machines with so many processors each.
pub fn run(
    layout: &Layout,
    kernel: &Kernel,
    place: &str,
    processors: u32,
    names: &[String],
) -> Result<Tally, Failure> {
    let image = image::image(layout)?;
    let initramfs = initramfs::initramfs(layout, kernel)?;
    let clock = kvm::real_time(layout, kernel, &image, initramfs.as_deref())?;
    let share = Share::new(layout, "pair", Some(kernel))?;
    let token = token()?;
    share.put("start", PAIR)?;
    share.put("token", &format!("{token}\n"))?;
    share.put("place", place)?;
    share.put("list", &(names.join("\n") + "\n"))?;
    fs::create_dir_all(share.path("sync"))?;
    let pair = Pair {
        kernel,
        initramfs: initramfs.as_deref(),
        image: &image,
        share: &share,
        token: &token,
        clock,
        processors,
    };
    let total = pair.watch(names)?;
    share.take_results(&layout.out.join("test/machines"))?;
    Ok(total)
}

struct Pair<'a> {
    kernel: &'a Kernel,
    initramfs: Option<&'a Path>,
    image: &'a Path,
    share: &'a Share,
    token: &'a str,
    clock: Clock,
    processors: u32,
}

impl Pair<'_> {
    fn boot(&self, name: &str, boot: u32) -> Result<Machine, Failure> {
        Machine::start(&Plan {
            name,
            boot,
            kernel: self.kernel,
            initramfs: self.initramfs,
            image: self.image,
            share: &self.share.root(),
            log: self.log(name, boot),
            clock: self.clock,
            memory: 768,
            processors: self.processors,
            cards: self.cards(name),
        })
    }

    fn log(&self, name: &str, boot: u32) -> std::path::PathBuf {
        self.share.beside(&format!("{name}-{boot}.log"))
    }

    /// Two e1000e cards, two of virtio, and for several processors two with several queues (igb), each joined to the same card of the other machine.
    fn cards(&self, name: &str) -> Vec<String> {
        let peer = if name == "A" { "B" } else { "A" };
        let end = |machine: &str, link: u32| {
            self.share
                .beside(&format!("link{link}{machine}"))
                .display()
                .to_string()
        };
        let links = if self.processors > 1 { 6 } else { 4 };
        (1..=links)
            .flat_map(|link| {
                let (own, far) = (end(name, link), end(peer, link));
                let site = if name == "A" { 10 } else { 11 };
                // The functions that an igb card has for guests want a bus of their own.
                let (bus, model) = match link {
                    1 | 2 => (None, "e1000e".to_owned()),
                    3 | 4 => (None, "virtio-net-pci".to_owned()),
                    _ => (
                        Some(format!("pcie-root-port,id=port{link},chassis={link}")),
                        format!("igb,bus=port{link}"),
                    ),
                };
                // A socket that an earlier boot left behind would be in the way.
                let _ = fs::remove_file(&own);
                let card = format!("{model},netdev=link{link},mac=52:54:00:12:{site:02x}:{link:02x}");
                let wire =
                    format!("dgram,id=link{link},local.type=unix,local.path={own},remote.type=unix,remote.path={far}");
                ["-netdev".to_owned(), wire]
                    .into_iter()
                    .chain(
                        bus.into_iter()
                            .chain([card])
                            .flat_map(|device| ["-device".to_owned(), device]),
                    )
                    .collect::<Vec<_>>()
            })
            .collect()
    }

    /// Follows both until both are done. A machine that goes off is booted again if the scenario asked for that.
    fn watch(&self, names: &[String]) -> Result<Tally, Failure> {
        let mut machines = [
            ("A", 1, Some(self.boot("A", 1)?)),
            ("B", 1, Some(self.boot("B", 1)?)),
        ];
        let (mut total, mut current): (Tally, Option<(String, Tally)>) = Default::default();
        let (mut silent, mut finished, mut death) = (Instant::now(), Vec::new(), None);
        while death.is_none() && machines.iter().any(|(_, _, machine)| machine.is_some()) {
            for (name, boot, slot) in &mut machines {
                let Some(machine) = slot else { continue };
                match machine.news(Duration::from_millis(200)) {
                    News::Line(line) => {
                        silent = Instant::now();
                        self.line(name, &line, &mut current, &mut total, &mut finished);
                    }
                    News::Quiet if silent.elapsed() > SILENCE => {
                        death = Some((*name, "fell silent"))
                    }
                    News::Quiet => {}
                    News::Off if finished.contains(name) => *slot = None,
                    News::Off => {
                        let asked = self.share.path(format!("sync/again.{name}"));
                        if fs::remove_file(&asked).is_err() {
                            death = Some((*name, "died"));
                            break;
                        }
                        println!("#   [{name}] is off, as it should be, and boots again");
                        *boot += 1;
                        // The old one's ends of the links go before the new one makes its own.
                        *slot = None;
                        *slot = Some(self.boot(name, *boot)?);
                    }
                }
            }
        }
        if let Some((name, what)) = death {
            total.failed.push(format!("machine {name} {what}"));
            println!("not ok - machine {name} {what}");
            for (name, boot, _) in &machines {
                let log = fs::read(self.log(name, *boot)).unwrap_or_default();
                let log = String::from_utf8_lossy(&log).replace('\r', "");
                let tail: Vec<&str> = log.lines().rev().take(40).collect();
                tail.iter()
                    .rev()
                    .for_each(|line| println!("#   [{name}] {line}"));
            }
        }
        if let Some((name, mut tally)) = current.take() {
            tally.close();
            total.add(&name, &tally);
        }
        for (name, boot, _) in &machines {
            for boot in 1..=*boot {
                let _ = fs::copy(
                    self.log(name, boot),
                    self.share.path(format!("out/{name}-{boot}.kernel.log")),
                );
            }
        }
        for name in names
            .iter()
            .filter(|name| !self.share.path(format!("sync/A.did.{name}")).exists())
        {
            total.failed.push(format!("{name}: was run"));
        }
        Ok(total)
    }

    fn line(
        &self,
        machine: &'static str,
        line: &str,
        current: &mut Option<(String, Tally)>,
        total: &mut Tally,
        finished: &mut Vec<&'static str>,
    ) {
        let Some(command) = line.strip_prefix(self.token) else {
            if machine == "A" {
                println!("{line}");
                if let Some((_, tally)) = current {
                    tally.take(line);
                }
            } else {
                println!("#   [{machine}] {line}");
                if let Said::Failed(what) = tap::read(line) {
                    total.failed.push(what);
                }
            }
            return;
        };
        match command.split_whitespace().collect::<Vec<_>>().as_slice() {
            ["BEGIN", name] => *current = Some(((*name).to_owned(), Tally::default())),
            ["END", ..] => {
                if let Some((name, mut tally)) = current.take() {
                    tally.close();
                    total.add(&name, &tally);
                }
            }
            ["DONE"] => finished.push(machine),
            _ => {}
        }
    }
}
