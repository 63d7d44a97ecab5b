// SPDX-License-Identifier: GPL-2.0
//! Traffic across a failure, for the benchmark: both ends in one process, each in its own host's namespace, so that all times are of
//! one clock. The failure is somebody else's: who reads the FIFO makes it when a line comes.

use std::fs::{self, OpenOptions};
use std::io::{self, Read, Write};
use std::net::{TcpStream, UdpSocket};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::outage::{bins, cost, Arrival, Cost};
use crate::place::{stream, Carrier, Place};

const PORT: u16 = 5010;
/// The download: 20 Mbit/s, in pieces each 5 ms.
const STREAM: (Duration, usize) = (Duration::from_millis(5), 12_500);
/// Sparse messages, each echoed.
const SPARSE: (Duration, usize) = (Duration::from_millis(100), 200);
/// Datagrams like a telephone's.
const DATAGRAMS: (Duration, usize) = (Duration::from_millis(20), 160);
/// Width of one value of the samples.
const BIN: Duration = Duration::from_millis(20);
/// How often it is looked whether the run may end.
const LOOK: Duration = Duration::from_millis(40);

/// What flows, from the second place to the first; where it flows both ways, both ends are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Stream(Carrier),
    Sparse(Carrier),
    BothWays,
    OneWay,
}

impl Kind {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "tcp" => Self::Stream(Carrier::Tcp),
            "mptcp" => Self::Stream(Carrier::Mptcp),
            "tcp-sparse" => Self::Sparse(Carrier::Tcp),
            "mptcp-sparse" => Self::Sparse(Carrier::Mptcp),
            "udp" => Self::BothWays,
            "udp-one-way" => Self::OneWay,
            _ => return None,
        })
    }

    fn pace(self) -> (Duration, usize) {
        match self {
            Self::Stream(_) => STREAM,
            Self::Sparse(_) => SPARSE,
            Self::BothWays | Self::OneWay => DATAGRAMS,
        }
    }

    /// Windows in which the rate is looked at: ten pieces each.
    fn window(self) -> Duration {
        self.pace().0 * 10
    }
}

/// What one end received.
#[derive(Clone)]
struct Log {
    began: Instant,
    arrivals: Arc<Mutex<Vec<Arrival>>>,
}

impl Log {
    fn new(began: Instant) -> Self {
        Self {
            began,
            arrivals: Arc::default(),
        }
    }

    fn note(&self, octets: usize) {
        let arrival = Arrival {
            at: self.began.elapsed(),
            octets: octets as u64,
        };
        self.arrivals
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(arrival);
    }

    fn arrivals(&self) -> Vec<Arrival> {
        self.arrivals
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn has_some(&self) -> bool {
        !self
            .arrivals
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .is_empty()
    }
}

/// One run: `KIND FAIL_MS TAIL_MS CAP_MS FIFO HOST ADDRESS PEER ADDRESS [SAMPLES]`.
///
/// The failure is asked for FAIL_MS after the first octet. The run ends when the rate was back for TAIL_MS, or CAP_MS after the
/// failure. Prints what the outage cost; the goodput over time goes to SAMPLES.
pub fn run(words: &[&str]) -> io::Result<()> {
    let bad = |word: &str| io::Error::new(io::ErrorKind::InvalidInput, format!("what is {word}?"));
    let kind = Kind::named(words[0]).ok_or_else(|| bad(words[0]))?;
    let millis = |n: usize| crate::number::<u64>(words[n]).map(Duration::from_millis);
    let (fail_after, tail, cap) = (millis(1)?, millis(2)?, millis(3)?);
    let place = |n: usize| -> io::Result<Place> {
        Ok(Place {
            host: words[n].to_owned(),
            address: crate::number(words[n + 1])?,
        })
    };
    // Opens as soon as somebody waits for the line.
    let mut now = OpenOptions::new().write(true).open(words[4])?;
    let began = Instant::now();
    let logs = start(kind, &place(5)?, &place(7)?, began)?;
    while !logs.iter().all(Log::has_some) {
        if began.elapsed() > Duration::from_secs(10) {
            return Err(io::Error::other("nothing arrives"));
        }
        thread::sleep(Duration::from_millis(1));
    }
    thread::sleep(fail_after);
    let failed = began.elapsed();
    now.write_all(b"now\n")?;
    drop(now);
    let costs = loop {
        thread::sleep(LOOK);
        let end = began.elapsed();
        let costs: Vec<Cost> = logs
            .iter()
            .map(|log| cost(&log.arrivals(), failed, end, kind.window()))
            .collect();
        let settled = |c: &Cost| c.back.is_some_and(|back| end > failed + back + tail);
        if costs.iter().all(settled) || end > failed + cap {
            break costs;
        }
    };
    print(&costs);
    if let Some(samples) = words.get(9) {
        let values = bins(&logs[0].arrivals(), failed, began.elapsed(), BIN);
        let lines: String = values
            .iter()
            .map(|(t, mbit)| format!("{t:.3} {mbit:.2}\n"))
            .collect();
        fs::write(samples, lines)?;
    }
    Ok(())
}

/// The worse of the two ends.
fn print(costs: &[Cost]) {
    let longest = |value: fn(&Cost) -> Duration| {
        let longest = costs.iter().map(value).max().unwrap_or_default();
        longest.as_secs_f64()
    };
    let back = costs
        .iter()
        .map(|c| c.back)
        .collect::<Option<Vec<_>>>()
        .and_then(|all| all.into_iter().max())
        .map_or("null".to_owned(), |back| {
            format!("{:.4}", back.as_secs_f64())
        });
    println!(
        "{{\"gap_s\": {:.4}, \"back_s\": {back}, \"calm_s\": {:.4}, \"mbit\": {:.3}}}",
        longest(|c| c.gap),
        longest(|c| c.calm),
        costs[0].rate * 8e-6
    );
}

/// Starts the traffic and says what is to be looked at. The threads end with the process.
fn start(kind: Kind, to: &Place, from: &Place, began: Instant) -> io::Result<Vec<Log>> {
    let (log, far) = (Log::new(began), Log::new(began));
    let pace = kind.pace();
    match kind {
        Kind::Stream(carrier) => {
            let (client, server) = stream(carrier, to, from)?;
            send_stream(server, pace);
            receive_stream(client, log.clone());
            Ok(vec![log])
        }
        Kind::Sparse(carrier) => {
            let (client, server) = stream(carrier, to, from)?;
            let mut back = server.try_clone()?;
            let mut forth = server;
            thread::spawn(move || io::copy(&mut forth, &mut back));
            send_stream(client.try_clone()?, pace);
            receive_stream(client, log.clone());
            Ok(vec![log])
        }
        Kind::BothWays | Kind::OneWay => {
            let (near, there) = (to.datagrams(PORT)?, from.datagrams(PORT)?);
            near.connect((from.address, PORT))?;
            there.connect((to.address, PORT))?;
            send_datagrams(there.try_clone()?, pace);
            receive_datagrams(near.try_clone()?, log.clone());
            if kind == Kind::OneWay {
                return Ok(vec![log]);
            }
            send_datagrams(near, pace);
            receive_datagrams(there, far.clone());
            Ok(vec![log, far])
        }
    }
}

/// Does something each `step`, without catching up after a stall.
fn each(step: Duration, mut what: impl FnMut() -> bool) {
    let mut next = Instant::now();
    while what() {
        next = (next + step).max(Instant::now() - step);
        thread::sleep(next.saturating_duration_since(Instant::now()));
    }
}

fn send_stream(mut to: TcpStream, (step, octets): (Duration, usize)) {
    let piece = vec![0u8; octets];
    thread::spawn(move || each(step, || to.write_all(&piece).is_ok()));
}

fn receive_stream(mut from: TcpStream, log: Log) {
    let mut buffer = vec![0u8; 65_536];
    thread::spawn(move || {
        while let Ok(n @ 1..) = from.read(&mut buffer) {
            log.note(n);
        }
    });
}

/// A datagram that cannot be sent is a datagram lost.
fn send_datagrams(to: UdpSocket, (step, octets): (Duration, usize)) {
    let piece = vec![0u8; octets];
    thread::spawn(move || {
        each(step, || {
            let _ = to.send(&piece);
            true
        })
    });
}

/// "Unreachable", reported by ICMPv6, is there to be sat through.
fn receive_datagrams(from: UdpSocket, log: Log) {
    let mut buffer = vec![0u8; 2048];
    thread::spawn(move || loop {
        if let Ok(n) = from.recv(&mut buffer) {
            log.note(n);
        }
    });
}
