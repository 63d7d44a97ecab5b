// SPDX-License-Identifier: GPL-2.0
//! `shim6-traffic`: small senders and receivers that run inside the lab's virtual machine.
//!
//! Each checks every octet it receives, notes the longest time without one, and prints one line of JSON; those for benchmarks
//! (`across`, `bulk`) have both ends in one process, and only count. Times are seconds of the machine it runs on. What is here is only traffic; what breaks the paths is in `tests/lab/lib/failures.sh`.

mod across;
mod beside;
mod bulk;
mod flood;
mod hashing;
mod held;
mod link;
mod outage;
mod peers;
mod place;
mod spread;

use std::fs::File;
use std::io::{self, Read, Write};
use std::net::{Ipv6Addr, SocketAddrV6, TcpListener, TcpStream, UdpSocket};
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

const USAGE: &str = "usage: shim6-traffic serve PORT | echo PORT ADDRESS...
       shim6-traffic fetch ADDRESS PORT BYTES BITS_PER_SECOND [GIVE_UP_SECONDS [PROGRESS_FILE]]
       shim6-traffic talk tcp|udp ADDRESS PORT MESSAGES INTERVAL_MS OCTETS [GIVE_UP_SECONDS [PROGRESS_FILE]]
       shim6-traffic meter COPY SAMPLES
       shim6-traffic across tcp|mptcp|tcp-sparse|mptcp-sparse|udp|udp-one-way FAIL_MS TAIL_MS CAP_MS FIFO HOST ADDRESS PEER ADDRESS [SAMPLES]
       shim6-traffic bulk tcp OCTETS SEED | udp|udp-gso SIZE COUNT  HOST ADDRESS PEER ADDRESS
       shim6-traffic beside HOST ADDRESS PEER ADDRESS COMMAND...
       shim6-traffic flood i1|i2|probe|payload HOST DEVICE HARDWARE_ADDRESS TARGET PER_SECOND MILLISECONDS
       shim6-traffic peers-initiate HOST DEVICE HARDWARE_ADDRESS TARGET FIRST COUNT AT_ONCE
       shim6-traffic peers-respond HOST DEVICE HARDWARE_ADDRESS INITIATOR ADDRESS FIRST COUNT AT_ONCE
       shim6-traffic hashing COUNT
       shim6-traffic spread HOST ADDRESS PEERS COUNT
       shim6-traffic held COMMAND...";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["serve", port] => number(port).and_then(serve),
        ["echo", port, addresses @ ..] => number(port).and_then(|port| echo(port, addresses)),
        ["fetch", rest @ ..] if rest.len() >= 4 => fetch(rest),
        ["talk", rest @ ..] if rest.len() >= 6 => talk(rest),
        ["meter", copy, samples] => meter(copy, samples),
        ["across", rest @ ..] if rest.len() >= 9 => across::run(rest),
        ["bulk", rest @ ..] if rest.len() >= 7 => bulk::run(rest),
        ["beside", rest @ ..] => beside::run(rest),
        ["flood", rest @ ..] => flood::run(rest),
        ["peers-initiate", rest @ ..] => peers::initiate(rest),
        ["peers-respond", rest @ ..] => peers::respond(rest),
        ["hashing", rest @ ..] => hashing::run(rest),
        ["spread", rest @ ..] => spread::run(rest),
        ["held", rest @ ..] => held::run(rest),
        _ => Err(io::Error::new(io::ErrorKind::InvalidInput, USAGE)),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn number<T: std::str::FromStr>(word: &str) -> io::Result<T> {
    word.parse().map_err(|_| {
        io::Error::new(
            io::ErrorKind::InvalidInput,
            format!("not a number: {word}\n{USAGE}"),
        )
    })
}

fn address(host: &str, port: &str) -> io::Result<SocketAddrV6> {
    Ok(SocketAddrV6::new(
        number::<Ipv6Addr>(host)?,
        number(port)?,
        0,
        0,
    ))
}

/// The octet at place `at` of every stream: both ends know it, so that nothing can be lost, doubled or mixed up unseen.
fn octet(at: u64) -> u8 {
    (at.wrapping_mul(2_654_435_761) >> 16) as u8
}

/// The longest time without progress, and the file that tells a scenario how far the traffic is.
struct Watch {
    began: Instant,
    last: Instant,
    longest: Duration,
    file: Option<File>,
    told: Instant,
}

impl Watch {
    /// How often the progress file is written.
    const TELL: Duration = Duration::from_millis(50);

    fn new(file: Option<&str>) -> io::Result<Self> {
        let now = Instant::now();
        Ok(Self {
            began: now,
            last: now,
            longest: Duration::ZERO,
            file: file.map(File::create).transpose()?,
            told: now,
        })
    }

    fn progress(&mut self, count: u64) {
        let now = Instant::now();
        self.longest = self.longest.max(now - self.last);
        self.last = now;
        if now - self.told >= Self::TELL || count <= 1 {
            self.tell(count);
            self.told = now;
        }
    }

    fn tell(&mut self, count: u64) {
        if let Some(file) = &mut self.file {
            use std::os::unix::fs::FileExt;
            // A scenario that reads while this is written sees one fixed-width line, old or new.
            let _ = file.write_at(format!("{count:012}\n").as_bytes(), 0);
        }
    }

    /// The longest stall, the one that is still going on included.
    fn longest(&self) -> f64 {
        self.longest.max(self.last.elapsed()).as_secs_f64()
    }
}

// ---- one stream, one way ----

/// Serves streams: each client says how many octets it wants and at what rate.
fn serve(port: u16) -> io::Result<()> {
    for client in TcpListener::bind((Ipv6Addr::UNSPECIFIED, port))?.incoming() {
        let client = client?;
        thread::spawn(move || {
            let _ = stream(client);
        });
    }
    Ok(())
}

fn stream(mut client: TcpStream) -> io::Result<()> {
    let mut request = [0u8; 16];
    client.read_exact(&mut request)?;
    let bytes = u64::from_be_bytes(request[..8].try_into().unwrap_or_default());
    let rate = u64::from_be_bytes(request[8..].try_into().unwrap_or_default()).max(8_000);
    // Five milliseconds' worth at a time, or one packet's, without catching up after a stall;
    // with no limit worth keeping, as fast as it goes.
    let paced = rate < 10_000_000_000;
    let piece = if paced {
        (rate / 8 / 200).max(1250)
    } else {
        131_072
    };
    let step = Duration::from_nanos(piece * 8 * 1_000_000_000 / rate);
    let mut buffer = vec![0u8; piece as usize];
    let mut sent = 0;
    let mut next = Instant::now();
    while sent < bytes {
        let n = piece.min(bytes - sent) as usize;
        for (i, o) in buffer[..n].iter_mut().enumerate() {
            *o = octet(sent + i as u64);
        }
        client.write_all(&buffer[..n])?;
        sent += n as u64;
        if paced {
            next = (next + step).max(Instant::now() - step);
            thread::sleep(next.saturating_duration_since(Instant::now()));
        }
    }
    Ok(())
}

fn fetch(words: &[&str]) -> io::Result<()> {
    let (bytes, rate): (u64, u64) = (number(words[2])?, number(words[3])?);
    let give_up: u64 = words.get(4).map_or(Ok(60), |w| number(w))?;
    let mut watch = Watch::new(words.get(5).copied())?;
    let mut server = TcpStream::connect(address(words[0], words[1])?)?;
    let local = server.local_addr()?.ip();
    server.set_read_timeout(Some(Duration::from_secs(give_up)))?;
    server.write_all(&[bytes.to_be_bytes(), rate.to_be_bytes()].concat())?;
    let (mut got, mut wrong) = (0u64, 0u64);
    let mut buffer = vec![0u8; 65_536];
    while got < bytes {
        let n = match server.read(&mut buffer) {
            Ok(0) | Err(_) => break,
            Ok(n) => n,
        };
        wrong += buffer[..n]
            .iter()
            .enumerate()
            .filter(|(i, o)| **o != octet(got + *i as u64))
            .count() as u64;
        got += n as u64;
        watch.progress(got);
    }
    watch.tell(got);
    let seconds = watch.began.elapsed().as_secs_f64();
    println!(
        "{{\"complete\": {}, \"bytes\": {got}, \"wrong\": {wrong}, \"seconds\": {seconds:.4}, \"longest_stall\": {:.4}, \"mbit\": {:.2}, \"local\": \"{local}\"}}",
        got == bytes && wrong == 0,
        watch.longest(),
        got as f64 * 8e-6 / seconds
    );
    Ok(())
}

// ---- messages, and their echoes ----

/// Echoes over TCP and UDP at the same port. Datagrams are answered from the address they were
/// sent to, so each address has its own socket.
fn echo(port: u16, addresses: &[&str]) -> io::Result<()> {
    for address in addresses {
        let udp = UdpSocket::bind((number::<Ipv6Addr>(address)?, port))?;
        thread::spawn(move || {
            let mut buffer = vec![0u8; 65_536];
            loop {
                if let Ok((n, from)) = udp.recv_from(&mut buffer) {
                    let _ = udp.send_to(&buffer[..n], from);
                }
            }
        });
    }
    let tcp = TcpListener::bind((Ipv6Addr::UNSPECIFIED, port))?;
    for client in tcp.incoming() {
        let mut client = client?;
        client.set_nodelay(true)?;
        thread::spawn(move || {
            let mut from = match client.try_clone() {
                Ok(from) => from,
                Err(_) => return,
            };
            let _ = io::copy(&mut from, &mut client);
        });
    }
    Ok(())
}

/// How a talk's messages travel.
enum Line {
    Tcp(TcpStream),
    Udp(UdpSocket),
}

impl Line {
    fn open(kind: &str, to: SocketAddrV6) -> io::Result<Self> {
        if kind == "tcp" {
            let line = TcpStream::connect(to)?;
            line.set_nodelay(true)?;
            return Ok(Self::Tcp(line));
        }
        let line = UdpSocket::bind((Ipv6Addr::UNSPECIFIED, 0))?;
        line.connect(to)?;
        Ok(Self::Udp(line))
    }

    fn try_clone(&self) -> io::Result<Self> {
        Ok(match self {
            Self::Tcp(line) => Self::Tcp(line.try_clone()?),
            Self::Udp(line) => Self::Udp(line.try_clone()?),
        })
    }

    /// A datagram that cannot be sent is a datagram lost; a stream that cannot is over.
    fn send(&mut self, message: &[u8]) -> bool {
        match self {
            Self::Tcp(line) => line.write_all(message).is_ok(),
            Self::Udp(line) => {
                let _ = line.send(message);
                true
            }
        }
    }

    fn receive(&mut self, message: &mut [u8]) -> io::Result<()> {
        match self {
            Self::Tcp(line) => line.read_exact(message),
            Self::Udp(line) => match line.recv(message) {
                Ok(n) if n == message.len() => Ok(()),
                Ok(_) => Err(io::ErrorKind::InvalidData.into()),
                // "Unreachable" reported by ICMPv6 is what this program is there to sit through.
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => Err(e),
                Err(_) => Err(io::ErrorKind::Interrupted.into()),
            },
        }
    }

    fn set_timeout(&self, time: Duration) -> io::Result<()> {
        match self {
            Self::Tcp(line) => line.set_read_timeout(Some(time)),
            Self::Udp(line) => line.set_read_timeout(Some(time)),
        }
    }
}

fn message(number: u64, octets: usize) -> Vec<u8> {
    let mut m: Vec<u8> = (0..octets as u64)
        .map(|i| octet(number * 7919 + i))
        .collect();
    m[..8].copy_from_slice(&number.to_be_bytes());
    m
}

fn talk(words: &[&str]) -> io::Result<()> {
    let (count, interval): (u64, u64) = (number(words[3])?, number(words[4])?);
    let octets: usize = number::<usize>(words[5])?.max(8);
    let give_up = Duration::from_secs(words.get(6).map_or(Ok(30), |w| number(w))?);
    let mut watch = Watch::new(words.get(7).copied())?;
    let mut out = Line::open(words[0], address(words[1], words[2])?)?;
    let mut back = out.try_clone()?;
    back.set_timeout(give_up)?;
    let sender = thread::spawn(move || {
        let mut next = Instant::now();
        for i in 0..count {
            if !out.send(&message(i, octets)) {
                return i;
            }
            next += Duration::from_millis(interval);
            thread::sleep(next.saturating_duration_since(Instant::now()));
        }
        count
    });
    let (mut received, mut wrong, mut last) = (0u64, 0u64, None);
    let mut buffer = vec![0u8; octets];
    loop {
        match back.receive(&mut buffer) {
            Ok(()) => {
                let number = u64::from_be_bytes(buffer[..8].try_into().unwrap_or_default());
                if number >= count || buffer != message(number, octets) {
                    wrong += 1;
                } else {
                    last = Some(number);
                }
                received += 1;
                watch.progress(received);
                if number + 1 == count {
                    break;
                }
            }
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) if e.kind() == io::ErrorKind::InvalidData => wrong += 1,
            Err(_) => break,
        }
    }
    watch.tell(received);
    let longest = watch.longest();
    let sent = if last == Some(count - 1) {
        sender.join().unwrap_or(0)
    } else {
        count
    };
    println!(
        "{{\"complete\": {}, \"sent\": {sent}, \"received\": {received}, \"wrong\": {wrong}, \"longest_stall\": {longest:.4}}}",
        last == Some(count - 1) && wrong == 0
    );
    Ok(())
}

// ---- a meter in a pipe ----

/// Copies standard input to a file and notes when how much came: one line `seconds octets` for each 10 ms in which something did,
/// and at the end a line of JSON with the longest stall, the one before the end of the input included.
fn meter(copy: &str, samples: &str) -> io::Result<()> {
    const STEP: Duration = Duration::from_millis(10);
    let (mut copy, mut samples) = (File::create(copy)?, File::create(samples)?);
    let mut input = io::stdin().lock();
    let mut buffer = vec![0u8; 65_536];
    let mut watch = Watch::new(None)?;
    let (mut got, mut noted) = (0u64, Instant::now());
    loop {
        let n = input.read(&mut buffer)?;
        if n == 0 {
            break;
        }
        copy.write_all(&buffer[..n])?;
        got += n as u64;
        if got == n as u64 {
            // How long the server takes to begin is no stall.
            watch.last = Instant::now();
        }
        watch.progress(got);
        if noted.elapsed() >= STEP || got == n as u64 {
            noted = Instant::now();
            // One write for a line: who reads along sees whole lines only.
            let line = format!("{:.4} {got}\n", watch.began.elapsed().as_secs_f64());
            samples.write_all(line.as_bytes())?;
        }
    }
    let seconds = watch.began.elapsed().as_secs_f64();
    writeln!(samples, "{seconds:.4} {got}")?;
    println!(
        "{{\"bytes\": {got}, \"seconds\": {seconds:.4}, \"longest_stall\": {:.4}}}",
        watch.longest()
    );
    Ok(())
}
