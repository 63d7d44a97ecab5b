// SPDX-License-Identifier: GPL-2.0
//! What a stream gets while something else goes on: as much as goes from one host to another, for as long as a command runs.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::socket::setsockopt;
use nix::sys::socket::sockopt::{RcvBufForce, SndBufForce};

use crate::bulk::{Sizes, LONGEST_WRITE};
use crate::place::{stream, Carrier, Place};

/// What the stream carries before the command begins.
const WARM: u64 = 4_000_000;
/// Octets of its buffers.
const BUFFER: usize = 4_000_000;

/// What a command says if what is to be measured begins now only.
pub const BEGINS: &str = "begins";

/// `HOST ADDRESS PEER ADDRESS COMMAND...`: a stream from HOST to PEER. What the command says is passed on, and followed by the
/// goodput while it ran, the longest time in which nothing arrived, and whether it went well. If it says that something
/// [`BEGINS`], they are counted from there.
pub fn run(words: &[&str]) -> io::Result<()> {
    let [host, address, peer, far, program, arguments @ ..] = words else {
        return Err(io::Error::other(crate::USAGE));
    };
    let place = |host: &str, address: &str| -> io::Result<Place> {
        Ok(Place {
            host: host.to_owned(),
            address: crate::number(address)?,
        })
    };
    let (mut sender, mut receiver) =
        stream(Carrier::Tcp, &place(host, address)?, &place(peer, far)?)?;
    // Buffers that grow by themselves would grow differently in each run.
    setsockopt(&sender, SndBufForce, &BUFFER)?;
    setsockopt(&receiver, RcvBufForce, &BUFFER)?;
    let (got, stalled, is_over) = (AtomicU64::new(0), AtomicU64::new(0), AtomicBool::new(false));
    // When what is counted begins, in nanoseconds from here: a silence before that is not its own.
    let (zero, window) = (Instant::now(), AtomicU64::new(0));
    let (warm, is_warm) = mpsc::channel();
    let (measured, status) = thread::scope(|scope| {
        scope.spawn(|| {
            // As sizes of writes that are all the same would make it fall into step with its receiver.
            let mut sizes = Sizes::new(1);
            let piece = vec![0u8; LONGEST_WRITE as usize];
            while !is_over.load(Relaxed) {
                let piece = piece.get(..sizes.next() as usize).unwrap_or(&piece);
                if sender.write_all(piece).is_err() {
                    break;
                }
            }
            let _ = sender.shutdown(std::net::Shutdown::Both);
        });
        let (got, stalled, window) = (&got, &stalled, &window);
        scope.spawn(move || {
            let mut buffer = vec![0u8; 262_144];
            let mut last = Instant::now();
            while let Ok(n @ 1..) = receiver.read(&mut buffer) {
                let silent = last
                    .max(zero + Duration::from_nanos(window.load(Relaxed)))
                    .elapsed();
                let longest = Duration::from_nanos(stalled.load(Relaxed)).max(silent);
                last = Instant::now();
                stalled.store(longest.as_nanos() as u64, Relaxed);
                let before = got.fetch_add(n as u64, Relaxed);
                if before < WARM && before + n as u64 >= WARM {
                    // Whoever waits for it may have given up.
                    let _ = warm.send(());
                }
            }
        });
        // If the stream ends before, there is an end to waiting, too, and nothing was carried.
        let _ = is_warm.recv();
        let begin = || {
            window.store(zero.elapsed().as_nanos() as u64, Relaxed);
            stalled.store(0, Relaxed);
            (got.load(Relaxed), Instant::now())
        };
        let (mut before, mut began) = begin();
        let status = run_command(program, arguments, || (before, began) = begin());
        let measured = (
            got.load(Relaxed) - before,
            began.elapsed().as_secs_f64(),
            stalled.load(Relaxed),
        );
        is_over.store(true, Relaxed);
        (measured, status)
    });
    let (octets, seconds, stalled) = measured;
    println!(
        "{{\"mbit_s\": {:.3}, \"stalled_ms\": {:.3}, \"window_s\": {seconds:.6}, \"well\": {}}}",
        octets as f64 * 8e-6 / seconds,
        stalled as f64 * 1e-6,
        status?.success()
    );
    Ok(())
}

/// Runs a command, and passes on what it says but that something begins.
fn run_command(
    program: &str,
    arguments: &[&str],
    mut begins: impl FnMut(),
) -> io::Result<std::process::ExitStatus> {
    let mut command = Command::new(program)
        .args(arguments)
        .stdout(Stdio::piped())
        .spawn()?;
    if let Some(said) = command.stdout.take() {
        for line in BufReader::new(said).lines() {
            match line?.as_str() {
                BEGINS => begins(),
                line => println!("{line}"),
            }
        }
    }
    command.wait()
}
