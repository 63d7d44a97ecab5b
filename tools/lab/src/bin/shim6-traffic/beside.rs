// SPDX-License-Identifier: GPL-2.0
//! What a stream gets while something else goes on: as much as goes from one host to another, for as long as a command runs.

use std::io::{self, Read, Write};
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::socket::setsockopt;
use nix::sys::socket::sockopt::{RcvBufForce, SndBufForce};

use crate::place::{stream, Carrier, Place};

/// What the stream carries before the command begins.
const WARM: u64 = 4_000_000;
/// Octets of its buffers.
const BUFFER: usize = 4_000_000;

/// `HOST ADDRESS PEER ADDRESS COMMAND...`: a stream from HOST to PEER. What the command says is passed on, and followed by the
/// goodput while it ran, the longest time in which nothing arrived, and whether it went well.
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
    let (warm, is_warm) = mpsc::channel();
    let (measured, status) = thread::scope(|scope| {
        scope.spawn(|| {
            let piece = vec![0u8; 131_072];
            while !is_over.load(Relaxed) {
                if sender.write_all(&piece).is_err() {
                    break;
                }
            }
            let _ = sender.shutdown(std::net::Shutdown::Both);
        });
        let (got, stalled) = (&got, &stalled);
        scope.spawn(move || {
            let mut buffer = vec![0u8; 262_144];
            let mut last = Instant::now();
            while let Ok(n @ 1..) = receiver.read(&mut buffer) {
                let longest = Duration::from_nanos(stalled.load(Relaxed)).max(last.elapsed());
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
        stalled.store(0, Relaxed);
        let (before, began) = (got.load(Relaxed), Instant::now());
        let status = Command::new(program).args(arguments).status();
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
