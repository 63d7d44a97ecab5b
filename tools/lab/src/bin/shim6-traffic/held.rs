// SPDX-License-Identifier: GPL-2.0
//! How long the kernel holds a processor at a stretch while a command runs: someone who runs before all others wants to wake up each
//! millisecond, and notes by how much it was too late at worst.

use std::io;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{mpsc, Arc};
use std::thread;
use std::time::{Duration, Instant};

const STEP: Duration = Duration::from_millis(1);

/// `COMMAND...`: runs it, and prints the longest stretch, the time it took, and whether it went well.
pub fn run(words: &[&str]) -> io::Result<()> {
    let (program, arguments) = words
        .split_first()
        .ok_or_else(|| io::Error::other(crate::USAGE))?;
    let is_over = Arc::new(AtomicBool::new(false));
    let (ready, is_ready) = mpsc::channel();
    let watched = is_over.clone();
    let watcher = thread::spawn(move || -> io::Result<Duration> {
        before_all_others()?;
        let mut worst = Duration::ZERO;
        let mut due = Instant::now() + STEP;
        let _ = ready.send(());
        while !watched.load(Relaxed) {
            thread::sleep(due.saturating_duration_since(Instant::now()));
            let now = Instant::now();
            worst = worst.max(now.saturating_duration_since(due));
            due = now + STEP;
        }
        Ok(worst)
    });
    let _ = is_ready.recv();
    let began = Instant::now();
    let status = Command::new(program).args(arguments).status()?;
    let time = began.elapsed();
    is_over.store(true, Relaxed);
    let worst = watcher
        .join()
        .unwrap_or_else(|_| Err(io::Error::other("the watcher died")))?;
    println!(
        "{{\"held_ms\": {:.3}, \"seconds\": {:.6}, \"well\": {}}}",
        worst.as_secs_f64() * 1e3,
        time.as_secs_f64(),
        status.success()
    );
    Ok(())
}

/// From now on this program runs whenever it wants to.
fn before_all_others() -> io::Result<()> {
    let parameters = libc::sched_param { sched_priority: 50 };
    // SAFETY: the parameters live across the call.
    let done = unsafe { libc::sched_setscheduler(0, libc::SCHED_FIFO, &raw const parameters) };
    if done == 0 {
        return Ok(());
    }
    Err(io::Error::last_os_error())
}
