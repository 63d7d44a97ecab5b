// SPDX-License-Identifier: GPL-2.0
//! As much as goes, for the benchmark of the data path: both ends in one process, on one processor that is never idle. On virtual
//! time the seconds that a run takes are then its instructions.
//!
//! A sender that always writes as much as before falls into step with its receiver: how large the bursts get then, and how many are
//! acknowledged at once, hangs on chance, and is worth more than what is to be measured. So each write has a size of its own. They
//! are drawn from a generator with a seed, and whoever is to be compared gets the same.

use std::io::{self, Read, Write};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::socket::sockopt::{
    RcvBufForce, SndBufForce, TcpMaxSeg, UdpGroSegment, UdpGsoSegment,
};
use nix::sys::socket::{getsockopt, setsockopt};

use crate::place::{stream, Carrier, Place};

const PORT: u16 = 5020;
/// What a stream carries before its time is taken.
const WARM: u64 = 2_000_000;
/// The longest write; half of it is written on average.
pub const LONGEST_WRITE: u64 = 262_144;
/// Octets of a stream's buffers.
const BUFFER: usize = 4_000_000;
/// Datagrams sent before as many are received: they must fit into a socket's buffer.
const BATCH: usize = 32;

/// One run: `tcp OCTETS SEED`, `udp SIZE COUNT` or `udp-gso SIZE COUNT`, then `HOST ADDRESS PEER ADDRESS`; traffic goes from HOST to PEER.
/// Prints the goodput and the time per packet.
pub fn run(words: &[&str]) -> io::Result<()> {
    let places = |at: usize| -> io::Result<(Place, Place)> {
        let place = |n: usize| -> io::Result<Place> {
            let bad = || io::Error::new(io::ErrorKind::InvalidInput, "a place is missing");
            Ok(Place {
                host: (*words.get(n).ok_or_else(bad)?).to_owned(),
                address: crate::number(words.get(n + 1).ok_or_else(bad)?)?,
            })
        };
        Ok((place(at)?, place(at + 2)?))
    };
    let done = match words[0] {
        "tcp" => {
            let (from, to) = places(3)?;
            let sizes = Sizes::new(crate::number(words[2])?);
            run_stream(&from, &to, crate::number(words[1])?, sizes)?
        }
        kind => {
            let (from, to) = places(3)?;
            let (size, count) = (crate::number(words[1])?, crate::number(words[2])?);
            run_datagrams(&from, &to, size, count, kind == "udp-gso")?
        }
    };
    let seconds = done.time.as_secs_f64();
    println!(
        "{{\"mbit_s\": {:.3}, \"ns_per_packet\": {:.2}, \"packets\": {:.0}, \"seconds\": {seconds:.6}, \"packet_octets\": {}}}",
        done.octets as f64 * 8e-6 / seconds,
        seconds * 1e9 / done.packets,
        done.packets,
        done.packet_octets
    );
    Ok(())
}

struct Done {
    octets: u64,
    packets: f64,
    packet_octets: u32,
    time: Duration,
}

/// Sizes of writes, evenly from one octet to the longest (xorshift64*).
pub struct Sizes {
    state: u64,
}

impl Sizes {
    /// Those of a seed.
    pub fn new(seed: u64) -> Self {
        // Seeds that are near to each other must not begin alike, and none may be zero.
        let state = seed.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        Self { state }
    }

    /// The next one.
    pub fn next(&mut self) -> u64 {
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        let drawn = self.state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32;
        1 + drawn % LONGEST_WRITE
    }
}

fn run_stream(from: &Place, to: &Place, octets: u64, mut sizes: Sizes) -> io::Result<Done> {
    let (mut sender, mut receiver) = stream(Carrier::Tcp, from, to)?;
    // Buffers that grow by themselves would grow differently in each run.
    setsockopt(&sender, SndBufForce, &BUFFER)?;
    setsockopt(&receiver, RcvBufForce, &BUFFER)?;
    let watched = sender.try_clone()?;
    let reader = thread::spawn(move || -> io::Result<Duration> {
        let mut buffer = vec![0u8; 262_144];
        let (mut got, mut began) = (0u64, None);
        while got < WARM + octets {
            let n = receiver.read(&mut buffer)?;
            if n == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            got += n as u64;
            if got >= WARM {
                began.get_or_insert_with(Instant::now);
            }
        }
        Ok(began.map_or(Duration::ZERO, |began| began.elapsed()))
    });
    let piece = vec![0u8; LONGEST_WRITE as usize];
    let mut left = WARM + octets;
    while left > 0 {
        let n = left.min(sizes.next());
        sender.write_all(&piece[..n as usize])?;
        left -= n;
    }
    let time = reader
        .join()
        .unwrap_or_else(|_| Err(io::Error::other("the reader died")))?;
    let packet_octets = getsockopt(&watched, TcpMaxSeg)?;
    Ok(Done {
        octets,
        packets: octets as f64 / f64::from(packet_octets.max(1)),
        packet_octets,
        time,
    })
}

fn run_datagrams(
    from: &Place,
    to: &Place,
    size: usize,
    count: usize,
    gso: bool,
) -> io::Result<Done> {
    let (sender, receiver) = (from.datagrams(PORT)?, to.datagrams(PORT)?);
    sender.connect((to.address, PORT))?;
    receiver.set_read_timeout(Some(Duration::from_millis(500)))?;
    if gso {
        setsockopt(&sender, UdpGsoSegment, &(size as i32))?;
        setsockopt(&receiver, UdpGroSegment, &true)?;
    }
    let mut buffer = vec![0u8; 65_536];
    let message = vec![0u8; if gso { size * BATCH } else { size }];
    let sends = if gso { 1 } else { BATCH };
    let mut batch = || -> io::Result<()> {
        for _ in 0..sends {
            sender.send(&message)?;
        }
        let mut got = 0;
        while got < size * BATCH {
            got += receiver.recv(&mut buffer)?;
        }
        Ok(())
    };
    for _ in 0..8 {
        batch()?;
    }
    let batches = count.div_ceil(BATCH);
    let began = Instant::now();
    for _ in 0..batches {
        batch()?;
    }
    Ok(Done {
        octets: (batches * BATCH * size) as u64,
        packets: (batches * BATCH) as f64,
        packet_octets: size as u32,
        time: began.elapsed(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_have_all_sizes_and_the_same_seed_has_the_same() {
        for seed in 0..5 {
            let (mut sizes, mut again) = (Sizes::new(seed), Sizes::new(seed));
            let drawn: Vec<u64> = (0..4000).map(|_| sizes.next()).collect();
            assert!(drawn.iter().all(|size| *size == again.next()));
            assert!(drawn.iter().all(|size| (1..=LONGEST_WRITE).contains(size)));
            let mean = drawn.iter().sum::<u64>() as f64 / drawn.len() as f64;
            assert!((mean / (LONGEST_WRITE as f64 / 2.0) - 1.0).abs() < 0.05);
        }
        assert_ne!(Sizes::new(1).next(), Sizes::new(2).next());
    }
}
