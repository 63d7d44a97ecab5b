// SPDX-License-Identifier: GPL-2.0
//! Which clock two machines in real time get: the host's own processor where it truly boots one, emulation else.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::layout::{Kernel, Layout};
use crate::machine::{Clock, Machine, News, Plan};
use crate::share::token;
use crate::{progress, Failure};

/// How long a boot on a real processor may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Probes by booting: a `/dev/kvm` can exist, accept a machine, and fail inside it.
pub fn real_time(
    layout: &Layout,
    kernel: &Kernel,
    image: &Path,
    initramfs: Option<&Path>,
) -> Result<Clock, Failure> {
    let kvm = Path::new("/dev/kvm").exists()
        && once_a_boot(layout, || boots(layout, kernel, image, initramfs))?;
    let clock = if kvm { Clock::Kvm } else { Clock::Emulated };
    progress(if kvm {
        "real time: on KVM"
    } else {
        "real time: no KVM that boots a machine here, so emulated"
    });
    Ok(clock)
}

/// Asks only once since the host was booted: where KVM does not work the answer takes a minute.
fn once_a_boot(
    layout: &Layout,
    ask: impl FnOnce() -> Result<bool, Failure>,
) -> Result<bool, Failure> {
    let host = fs::read_to_string("/proc/sys/kernel/random/boot_id")?;
    let question = host.trim();
    let known = layout.cache.join("run/kvm.known");
    let earlier = fs::read_to_string(&known).unwrap_or_default();
    if let Some(answer) = earlier
        .strip_prefix(question)
        .and_then(|answer| answer.trim().parse().ok())
    {
        return Ok(answer);
    }
    let answer = ask()?;
    fs::write(known, format!("{question} {answer}\n"))?;
    Ok(answer)
}

fn boots(
    layout: &Layout,
    kernel: &Kernel,
    image: &Path,
    initramfs: Option<&Path>,
) -> Result<bool, Failure> {
    let dir = layout.cache.join("run/kvm");
    fs::create_dir_all(dir.join("lab"))?;
    let token = token()?;
    fs::write(dir.join("lab/token"), &token)?;
    fs::write(dir.join("lab/start"), "cat /lab/token; echo\n")?;
    let mut machine = Machine::start(&Plan {
        name: "probe",
        boot: 1,
        kernel,
        initramfs,
        image,
        share: &dir.join("lab"),
        log: dir.join("console.log"),
        clock: Clock::Kvm,
        memory: 512,
        processors: 1,
        cards: Vec::new(),
    })?;
    let end = Instant::now() + PATIENCE;
    while Instant::now() < end {
        match machine.news(Duration::from_secs(1)) {
            News::Line(line) if line.trim() == token => return Ok(true),
            News::Off => return Ok(false),
            News::Line(_) | News::Quiet => {}
        }
    }
    Ok(false)
}
