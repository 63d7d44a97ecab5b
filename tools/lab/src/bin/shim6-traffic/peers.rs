// SPDX-License-Identifier: GPL-2.0
//! Very many peers at the far end of one link, who set up contexts by the messages of RFC 5533: as initiators (I1, I2), or as
//! responders to a host that is made to begin (R1, R2). They know their ULIDs only.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io;
use std::net::{Ipv6Addr, SocketAddrV6, UdpSocket};
use std::time::{Duration, Instant};

use shim6_core::validator::VALIDATOR_LEN;
use shim6_core::wire::{Announcement, Fii, Message, Nonce, Tag, I1, I2, R1, R2};

use crate::link::{Link, Received};
use crate::place::Place;

/// The peers' prefix; they are numbered from 0, and live in its first network.
const PREFIX: [u16; 3] = [0x2001, 0xdb8, 0xf000];
/// The number of the first peer that does not: from here on each of 65,536 has a network of its own.
pub const APART: u32 = 1 << 30;
/// When a peer that got no answer begins anew: I1_TIMEOUT (RFC 5533 section 14), and twice as long each time after that, each
/// between half and one and a half times as long (section 7.8).
const PATIENCE: Duration = Duration::from_secs(4);
/// How often it does so: I1_RETRIES_MAX.
const RETRIES: u32 = 4;
/// Nothing is heard for so long: all have given up.
const SILENCE: Duration = Duration::from_secs(100);
/// What peers that respond say that their validator is; they believe everything. It is as long as that of the module.
const VALIDATOR: [u8; VALIDATOR_LEN] = [7; VALIDATOR_LEN];
/// Where datagrams to them go: nobody reads any.
const PORT: u16 = 5031;

/// The address of a peer.
pub fn address(peer: u32) -> Ipv6Addr {
    let [a, b, c] = PREFIX;
    let (upper, lower) = ((peer >> 16) as u16, peer as u16);
    if peer < APART {
        Ipv6Addr::new(a, b, c, 0, 0, 1, upper, lower)
    } else {
        Ipv6Addr::new(a, b, c, lower, 0, 1, upper, 0)
    }
}

/// The peer that has this address.
fn peer_of(address: Ipv6Addr) -> Option<u32> {
    let groups = address.segments();
    groups
        .starts_with(&PREFIX)
        .then(|| u32::from(groups[6]) << 16 | u32::from(groups[3] | groups[7]))
}

/// The tag of a peer: each has another, and they look like none of a counter's.
pub fn tag(peer: u32) -> Tag {
    let mixed = u64::from(peer)
        .wrapping_add(1)
        .wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let [_, _, a, b, c, d, e, f] = mixed.to_be_bytes();
    Tag::from_octets([a, b, c, d, e, f])
}

/// An I1 of a peer.
pub fn i1(link: &Link, peer: u32, target: Ipv6Addr) -> io::Result<Vec<u8>> {
    let message = I1 {
        initiator_tag: tag(peer),
        initiator_nonce: Nonce(peer),
        ulids: None,
        fii: Fii::DEFAULT,
    };
    link.frame(address(peer), target, |room| message.emit(room).ok())
}

/// The I2 of a peer to this R1.
pub fn i2(link: &Link, peer: u32, target: Ipv6Addr, r1: &R1<'_>) -> io::Result<Vec<u8>> {
    let message = I2 {
        initiator_tag: tag(peer),
        initiator_nonce: Nonce(peer),
        responder_nonce: r1.responder_nonce,
        validator: r1.validator,
        ulids: None,
        fii: Fii::DEFAULT,
        announcement: Announcement::NOTHING,
    };
    link.frame(address(peer), target, |room| message.emit(room).ok())
}

/// What a message has come to for the peer that it is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    /// Nothing.
    Nothing,
    /// The exchange goes on.
    On,
    /// It is over.
    Last,
}

/// One side of exchanges with very many peers.
trait Side {
    /// Has the exchange with this peer begin, or begin anew.
    fn begin(&mut self, peer: u32) -> io::Result<()>;
    /// Answers a message that the target has sent to this peer.
    fn answer(&mut self, peer: u32, received: &Received<'_>) -> io::Result<Step>;
}

/// For how long a peer waits that has begun anew so often.
fn patience(peer: u32, retries: u32) -> Duration {
    let part = (tag(peer ^ retries << 27).get() & 0xffff) as f64 / 65536.0;
    PATIENCE.mul_f64(f64::from(1 << retries) * (0.5 + part))
}

/// Sets up a context with each of `count` peers from `first` on, so many of them at a time. Prints how many there are, how long
/// it took, and how often one had to begin anew.
fn set_up(link: &Link, side: &mut impl Side, [first, count, at_once]: [u32; 3]) -> io::Result<()> {
    let mut is_done = vec![false; count as usize];
    // When, who, and how often he has begun anew.
    let mut waiting: BinaryHeap<Reverse<(Instant, u32, u32)>> = BinaryHeap::new();
    let until = |peer, retries| Reverse((Instant::now() + patience(peer, retries), peer, retries));
    let mut buffer = vec![0u8; 4096];
    let (mut next, mut under_way, mut done, mut again) = (0u32, 0u32, 0u32, 0u64);
    let began = Instant::now();
    let mut last = began;
    while done < count && last.elapsed() < SILENCE {
        while next < count && under_way < at_once {
            side.begin(first + next)?;
            waiting.push(until(next, 0));
            next += 1;
            under_way += 1;
        }
        let mut heard = false;
        while let Some(received) = link.receive(&mut buffer)? {
            let peer = peer_of(received.destination);
            let Some(peer) = peer.filter(|peer| (first..first + next).contains(peer)) else {
                continue;
            };
            let step = side.answer(peer, &received)?;
            let was_done = &mut is_done[(peer - first) as usize];
            if step == Step::Last && !std::mem::replace(was_done, true) {
                done += 1;
                under_way -= 1;
            }
            heard |= step != Step::Nothing;
        }
        if heard {
            last = Instant::now();
        }
        while let Some(&Reverse((due, peer, retries))) = waiting.peek() {
            let is_done = is_done[peer as usize];
            if !is_done && due > Instant::now() {
                break;
            }
            waiting.pop();
            if !is_done && retries < RETRIES {
                side.begin(first + peer)?;
                waiting.push(until(peer, retries + 1));
                again += 1;
            }
        }
        if !heard && (under_way == at_once || next == count) {
            link.wait(Duration::from_millis(20))?;
        }
    }
    println!(
        "{{\"established\": {done}, \"seconds\": {:.6}, \"sent_again\": {again}}}",
        (last - began).as_secs_f64()
    );
    Ok(())
}

/// `HOST DEVICE HARDWARE_ADDRESS TARGET FIRST COUNT AT_ONCE`: peers FIRST and following ask TARGET for a context each, so many of
/// them at a time.
pub fn initiate(words: &[&str]) -> io::Result<()> {
    let [host, device, far, target, first, count, at_once] = words else {
        return Err(io::Error::other(crate::USAGE));
    };
    let link = Link::open(host, device, far)?;
    let (first, count) = (crate::number(first)?, crate::number(count)?);
    let mut initiators = Initiators {
        link: &link,
        target: crate::number(target)?,
        first,
        has_r1: vec![false; count as usize],
    };
    set_up(
        &link,
        &mut initiators,
        [first, count, crate::number(at_once)?],
    )
}

/// Peers that begin.
struct Initiators<'a> {
    link: &'a Link,
    target: Ipv6Addr,
    first: u32,
    /// Who has answered an R1 since it began.
    has_r1: Vec<bool>,
}

impl Side for Initiators<'_> {
    fn begin(&mut self, peer: u32) -> io::Result<()> {
        self.has_r1[(peer - self.first) as usize] = false;
        self.link.send(&i1(self.link, peer, self.target)?).map(drop)
    }

    fn answer(&mut self, peer: u32, received: &Received<'_>) -> io::Result<Step> {
        let has_r1 = &mut self.has_r1[(peer - self.first) as usize];
        Ok(match Message::parse(received.message) {
            Ok(Message::R1(r1)) if !std::mem::replace(has_r1, true) => {
                self.link.send(&i2(self.link, peer, self.target, &r1)?)?;
                Step::On
            }
            Ok(Message::R2(_)) => Step::Last,
            _ => Step::Nothing,
        })
    }
}

/// `HOST DEVICE HARDWARE_ADDRESS INITIATOR ADDRESS FIRST COUNT AT_ONCE`: the host INITIATOR sends a datagram from ADDRESS to each of
/// the peers FIRST and following, which is what it begins contexts for; the peers answer. So many exchanges are under way at a time.
pub fn respond(words: &[&str]) -> io::Result<()> {
    let [host, device, far, initiator, source, first, count, at_once] = words else {
        return Err(io::Error::other(crate::USAGE));
    };
    let link = Link::open(host, device, far)?;
    let place = Place {
        host: (*initiator).to_owned(),
        address: crate::number(source)?,
    };
    let mut responders = Responders {
        link: &link,
        initiator: place.datagrams(PORT)?,
    };
    let numbers = [
        crate::number(first)?,
        crate::number(count)?,
        crate::number(at_once)?,
    ];
    set_up(&link, &mut responders, numbers)
}

/// Peers that answer, and the socket whose datagrams make the initiator begin.
struct Responders<'a> {
    link: &'a Link,
    initiator: UdpSocket,
}

impl Side for Responders<'_> {
    fn begin(&mut self, peer: u32) -> io::Result<()> {
        let to = SocketAddrV6::new(address(peer), PORT, 0, 0);
        self.initiator.send_to(&[0; 8], to).map(drop)
    }

    fn answer(&mut self, peer: u32, received: &Received<'_>) -> io::Result<Step> {
        let (from, to) = (received.destination, received.source);
        let (frame, step) = match Message::parse(received.message) {
            Ok(Message::I1(i1)) => {
                let message = R1 {
                    initiator_nonce: i1.initiator_nonce,
                    responder_nonce: Nonce(peer),
                    validator: &VALIDATOR,
                };
                let frame = self.link.frame(from, to, |room| message.emit(room).ok())?;
                (frame, Step::On)
            }
            Ok(Message::I2(i2)) => {
                let message = R2 {
                    responder_tag: tag(peer),
                    initiator_nonce: i2.initiator_nonce,
                    announcement: Announcement::NOTHING,
                };
                let frame = self.link.frame(from, to, |room| message.emit(room).ok())?;
                (frame, Step::Last)
            }
            _ => return Ok(Step::Nothing),
        };
        self.link.send(&frame)?;
        Ok(step)
    }
}
