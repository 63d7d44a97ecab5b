// SPDX-License-Identifier: GPL-2.0
//! Floods: forged messages of one kind at a steady rate, from ever other addresses of a prefix that is nobody's, by somebody who
//! sees nothing of the traffic. All that he can know, he knows: which nonces the victim gives out now.

use std::io;
use std::net::Ipv6Addr;
use std::os::fd::{AsRawFd, OwnedFd};
use std::thread;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::socket::{send, MsgFlags};
use shim6_core::addr::Addr;
use shim6_core::validator::VALIDATOR_LEN;
use shim6_core::wire::{
    Announcement, Fii, Message, Nonce, PayloadHeader, Probe, ProbeReport, ProbeReports, ProbeState,
    Tag, I1, I2,
};

use crate::link::{Link, SOURCE};
use crate::peers;

/// The prefix of all sources; what follows its 48 bits varies.
const PREFIX: [u16; 3] = [0x2001, 0xdb8, 0xbad];
/// Messages that are made before the flood begins. Each is sent many times, from another address each time.
const MADE: u64 = 1024;
/// How long nothing is done if the flood is ahead of its rate.
const PAUSE: Duration = Duration::from_micros(200);
/// Messages between two looks at the clock, at most.
const STEP: u64 = 256;
/// Peers that ask for a nonce, and for nothing else.
const ASKS: std::ops::Range<u32> = 0x7000_0000..0x7000_0020;
/// Octets behind a forged payload extension header.
const PAYLOAD: usize = 40;

/// Numbers that look like none of a counter's (SplitMix64).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn nonce(&mut self) -> Nonce {
        Nonce(self.next() as u32)
    }

    fn tag(&mut self) -> Tag {
        let [_, _, a, b, c, d, e, f] = self.next().to_be_bytes();
        Tag::from_octets([a, b, c, d, e, f])
    }

    fn octets<const N: usize>(&mut self) -> [u8; N] {
        std::array::from_fn(|_| self.next() as u8)
    }
}

/// `KIND HOST DEVICE HARDWARE_ADDRESS TARGET PER_SECOND MILLISECONDS`: so many messages of a kind (i1, i2, probe or payload) a
/// second, for so long. Says when it begins, and at the end how many were sent and how long that took.
pub fn run(words: &[&str]) -> io::Result<()> {
    let [kind, host, device, far, target, per_second, milliseconds] = words else {
        return Err(io::Error::other(crate::USAGE));
    };
    let link = Link::open(host, device, far)?;
    let target: Ipv6Addr = crate::number(target)?;
    let (rate, time): (f64, u64) = (crate::number(per_second)?, crate::number(milliseconds)?);
    let mut numbers = Numbers(1);
    let fresh = if *kind == "i2" {
        recent_nonce(&link, target)?
    } else {
        Nonce(0)
    };
    let frames = (0..MADE)
        .map(|_| frame(&link, kind, target, fresh, &mut numbers))
        .collect::<io::Result<Vec<_>>>()?;
    let out = link.outlet(host)?;
    // Nobody listens while the flood goes on: that would cost as much again.
    drop(link);
    let mut flood = Flood {
        frames,
        numbers,
        out,
        rate,
    };
    println!("{}", crate::beside::BEGINS);
    let began = Instant::now();
    let [sent, refused] = flood.go_on(Duration::from_millis(time))?;
    println!(
        "{{\"sent\": {}, \"refused\": {refused}, \"seconds\": {:.6}}}",
        sent - refused,
        began.elapsed().as_secs_f64()
    );
    Ok(())
}

struct Flood {
    frames: Vec<Vec<u8>>,
    numbers: Numbers,
    out: OwnedFd,
    /// Messages a second.
    rate: f64,
}

impl Flood {
    /// So many as are due in this time. Returns how many were sent, and how many of these were refused.
    fn go_on(&mut self, time: Duration) -> io::Result<[u64; 2]> {
        let (mut sent, mut refused, began) = (0u64, 0u64, Instant::now());
        while began.elapsed() < time {
            // In steps, so that it ends in time however far behind its rate it is.
            let due = ((began.elapsed().as_secs_f64() * self.rate) as u64).min(sent + STEP);
            if sent >= due {
                thread::sleep(PAUSE);
                continue;
            }
            for frame in (sent..due).map(|number| (number % MADE) as usize) {
                let frame = &mut self.frames[frame];
                // The last two octets of the /48's subnets, and the first of the interface identifier.
                frame[SOURCE + 6..SOURCE + 14].copy_from_slice(&self.numbers.next().to_be_bytes());
                match send(self.out.as_raw_fd(), frame, MsgFlags::empty()) {
                    Ok(_) => {}
                    Err(Errno::ENOBUFS) => refused += 1,
                    Err(error) => return Err(error.into()),
                }
            }
            sent = due;
        }
        Ok([sent, refused])
    }
}

/// A nonce that the target gives out now: anybody can ask it for one.
fn recent_nonce(link: &Link, target: Ipv6Addr) -> io::Result<Nonce> {
    let mut buffer = vec![0u8; 4096];
    for peer in ASKS {
        link.send(&peers::i1(link, peer, target)?)?;
        link.wait(Duration::from_millis(50))?;
        while let Some(received) = link.receive(&mut buffer)? {
            if let Ok(Message::R1(r1)) = Message::parse(received.message) {
                return Ok(r1.responder_nonce);
            }
        }
    }
    Err(io::Error::other("the target answers nobody"))
}

fn frame(
    link: &Link,
    kind: &str,
    target: Ipv6Addr,
    fresh: Nonce,
    numbers: &mut Numbers,
) -> io::Result<Vec<u8>> {
    let [a, b, c] = PREFIX;
    let source = Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 1);
    let validator: [u8; VALIDATOR_LEN] = numbers.octets();
    let (tag, nonce) = (numbers.tag(), numbers.nonce());
    link.frame(source, target, |room| match kind {
        "i1" => {
            let message = I1 {
                initiator_tag: tag,
                initiator_nonce: nonce,
                ulids: None,
                fii: Fii::DEFAULT,
            };
            message.emit(room).ok()
        }
        "i2" => {
            let message = I2 {
                initiator_tag: tag,
                initiator_nonce: nonce,
                responder_nonce: fresh,
                validator: &validator,
                ulids: None,
                fii: Fii::DEFAULT,
                announcement: Announcement::NOTHING,
            };
            message.emit(room).ok()
        }
        "probe" => {
            let report = ProbeReport {
                source: Addr(source.octets()),
                destination: Addr(target.octets()),
                nonce,
                data: 0,
            };
            let message = Probe {
                receiver_tag: tag,
                state: ProbeState::Operational,
                this: report,
                earlier: ProbeReports::NONE,
                received: ProbeReports::NONE,
            };
            message.emit(room).ok()
        }
        "payload" => {
            let header = PayloadHeader {
                next_header: 6,
                tag,
            };
            header.emit(room.first_chunk_mut()?);
            room.get_mut(PayloadHeader::LEN..PayloadHeader::LEN + PAYLOAD)?
                .copy_from_slice(&numbers.octets::<PAYLOAD>());
            Some(PayloadHeader::LEN + PAYLOAD)
        }
        _ => None,
    })
}
