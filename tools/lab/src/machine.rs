// SPDX-License-Identifier: GPL-2.0
//! One lab machine: QEMU with a stock kernel, on virtual or on real time, with a share for what goes in and what comes out.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{channel, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use crate::layout::Kernel;
use crate::Failure;

/// How a machine's clock runs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    /// It counts the machine's own instructions, one nanosecond each, and skips idle time: every run is alike, whatever the host does.
    Virtual,
    /// The host's, emulated processor.
    Emulated,
    /// The host's, on its own processor.
    Kvm,
}

/// What a machine is made of.
pub struct Plan<'a> {
    /// Its name, known inside as LAB_NAME.
    pub name: &'a str,
    /// How often this machine was switched on, this time included; known inside as LAB_BOOT.
    pub boot: u32,
    /// The kernel that boots.
    pub kernel: &'a Kernel,
    /// Its initramfs, where it needs one.
    pub initramfs: Option<&'a Path>,
    /// The disk image; a machine's writes are thrown away.
    pub image: &'a Path,
    /// The directory that the machine sees as `/lab`, holding at least the script `start`.
    pub share: &'a Path,
    /// Where its kernel log goes.
    pub log: PathBuf,
    /// Its clock.
    pub clock: Clock,
    /// Memory in MiB.
    pub memory: u32,
    /// Processors; one on virtual time.
    pub processors: u32,
    /// More words for QEMU: network cards.
    pub cards: Vec<String>,
}

/// A running machine.
pub struct Machine {
    qemu: Child,
    share: Child,
    lines: Receiver<String>,
    log: PathBuf,
    started: Instant,
}

/// What a machine has to say.
pub enum News {
    /// A line on its console.
    Line(String),
    /// Nothing for as long as was asked.
    Quiet,
    /// It is off.
    Off,
}

impl Machine {
    /// Boots.
    pub fn start(plan: &Plan) -> Result<Self, Failure> {
        let socket = plan.log.with_extension("sock");
        let _ = fs::remove_file(&socket);
        let _ = fs::remove_file(&plan.log);
        let share = share_daemon(plan.share, &socket)?;
        let mut qemu = qemu(plan, &socket)?
            .spawn()
            .map_err(|e| Failure::new(format!("qemu-system-x86_64 does not start: {e}")))?;
        let output = qemu
            .stdout
            .take()
            .ok_or_else(|| Failure::new("QEMU has no output"))?;
        let (sender, lines) = channel();
        thread::spawn(move || {
            for line in BufReader::new(output).split(b'\n').map_while(Result::ok) {
                let line = String::from_utf8_lossy(&line)
                    .trim_end_matches('\r')
                    .to_owned();
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        Ok(Self {
            qemu,
            share,
            lines,
            log: plan.log.clone(),
            started: Instant::now(),
        })
    }

    /// The next line, waiting for it at most this long.
    pub fn news(&mut self, patience: Duration) -> News {
        match self.lines.recv_timeout(patience) {
            Ok(line) => News::Line(line),
            Err(RecvTimeoutError::Timeout) => News::Quiet,
            Err(RecvTimeoutError::Disconnected) => News::Off,
        }
    }

    /// Time since it was switched on, in the host's time.
    pub fn age(&self) -> Duration {
        self.started.elapsed()
    }

    /// The kernel log so far, and what QEMU itself had to say.
    pub fn kernel_log(&self) -> String {
        let read = |path: &Path| {
            String::from_utf8_lossy(&fs::read(path).unwrap_or_default()).replace('\r', "")
        };
        read(&self.log) + &read(&self.log.with_extension("qemu"))
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        // Already off, or to be off now: either way nothing is left running.
        let _ = self.qemu.kill();
        let _ = self.qemu.wait();
        let _ = self.share.kill();
        let _ = self.share.wait();
    }
}

fn share_daemon(dir: &Path, socket: &Path) -> Result<Child, Failure> {
    let log = File::create(socket.with_extension("share"))?;
    let daemon = Command::new("setpriv")
        .args(["--pdeathsig", "KILL", "/usr/libexec/virtiofsd"])
        .arg(format!("--socket-path={}", socket.display()))
        .arg(format!("--shared-dir={}", dir.display()))
        .args(["--sandbox=none", "--cache=auto"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .map_err(|e| Failure::new(format!("virtiofsd does not start: {e}")))?;
    let patience = Instant::now();
    while !socket.exists() {
        if patience.elapsed() > Duration::from_secs(30) {
            return Err(Failure::new("virtiofsd makes no socket"));
        }
        thread::sleep(Duration::from_millis(20));
    }
    Ok(daemon)
}

fn qemu(plan: &Plan, socket: &Path) -> Result<Command, Failure> {
    // If the lab is killed, its machines go with it.
    let mut qemu = Command::new("setpriv");
    qemu.args(["--pdeathsig", "KILL", "qemu-system-x86_64"]);
    qemu.args([
        "-machine",
        "q35",
        "-smp",
        &plan.processors.to_string(),
        "-nodefaults",
        "-display",
        "none",
        "-no-reboot",
    ]);
    match plan.clock {
        // Without ERMS and FSRM the kernel does not copy by `rep movsb`, which the emulation executes octet by octet; without
        // SHA-NI programs hash as the module does, which may not touch vectors.
        Clock::Virtual => qemu.args([
            "-accel",
            "tcg,thread=single",
            "-icount",
            "shift=0,sleep=off",
            "-cpu",
            "max,-erms,-fsrm,-sha-ni",
        ]),
        Clock::Emulated => {
            // Processors that take turns on one thread would never meet.
            let threads = if plan.processors > 1 {
                "multi"
            } else {
                "single"
            };
            let accelerator = format!("tcg,thread={threads}");
            qemu.args(["-accel", &accelerator, "-cpu", "max,-erms,-fsrm"])
        }
        Clock::Kvm => qemu.args(["-accel", "kvm", "-cpu", "host"]),
    };
    let memory = plan.memory;
    qemu.args([
        "-m",
        &format!("{memory}M"),
        "-object",
        &format!("memory-backend-memfd,id=mem,size={memory}M,share=on"),
    ]);
    qemu.args(["-numa", "node,memdev=mem"]);
    qemu.arg("-chardev")
        .arg(format!("socket,id=share,path={}", socket.display()));
    qemu.args([
        "-device",
        "vhost-user-fs-pci,chardev=share,tag=lab,queue-size=512",
    ]);
    qemu.arg("-serial")
        .arg(format!("file:{}", plan.log.display()));
    qemu.args([
        "-chardev",
        "stdio,id=console,signal=off",
        "-device",
        "virtio-serial-pci",
        "-device",
        "virtconsole,chardev=console",
    ]);
    qemu.arg("-drive").arg(format!(
        "file={},format=raw,if=none,id=disk,snapshot=on",
        plan.image.display()
    ));
    qemu.args(["-device", "nvme,drive=disk,serial=lab"])
        .args(&plan.cards);
    qemu.arg("-kernel").arg(&plan.kernel.image);
    if let Some(initramfs) = plan.initramfs {
        qemu.arg("-initrd").arg(initramfs);
    }
    // A warning is a crash, a crash is the end, and the end without the token is a failure. `no_timer_check`: an emulated
    // machine on a busy host may fail the kernel's timer test.
    qemu.arg("-append").arg(format!(
        "console=ttyS0 panic=-1 oops=panic panic_on_warn=1 no_timer_check quiet loglevel=7 root=/dev/nvme0n1 rw init=/sbin/labinit lab.name={} lab.boot={}",
        plan.name, plan.boot
    ));
    // What QEMU itself complains of lies beside the kernel log.
    qemu.stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(File::create(plan.log.with_extension("qemu"))?);
    Ok(qemu)
}
