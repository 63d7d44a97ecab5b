// SPDX-License-Identifier: GPL-2.0
//! How long something holds the processor at a stretch while a command runs: someone who runs before all others wants to wake up
//! each millisecond, and notes by how much it was too late at worst.
//!
//! Who calls it lets it run before all others, but not what it starts: `chrt --reset-on-fork --fifo 50`.

use std::io;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

const STEP: Duration = Duration::from_millis(1);

/// `COMMAND...`: runs it, and prints the longest stretch, the time it took, and whether it went well.
pub fn run(words: &[&str]) -> io::Result<()> {
    let (program, arguments) = words
        .split_first()
        .ok_or_else(|| io::Error::other(crate::USAGE))?;
    let began = Instant::now();
    let mut child = Command::new(program).args(arguments).spawn()?;
    let mut worst = Duration::ZERO;
    let status = loop {
        let due = Instant::now() + STEP;
        thread::sleep(STEP);
        worst = worst.max(due.elapsed());
        if let Some(status) = child.try_wait()? {
            break status;
        }
    };
    println!(
        "{{\"held_ms\": {:.3}, \"seconds\": {:.6}, \"well\": {}}}",
        worst.as_secs_f64() * 1e3,
        began.elapsed().as_secs_f64(),
        status.success()
    );
    Ok(())
}
