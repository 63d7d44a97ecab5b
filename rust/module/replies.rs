// SPDX-License-Identifier: GPL-2.0
//! The limit on replies to senders that have proven nothing: R1, R1bis, Error (RFC 5533 section 16).
//!
//! So many may go out in a second, and what is not used is saved up, so that very many new peers at once are answered while
//! a flood is not. What tells the two apart is that peers go on: few of those saved up are there to be given at once, and each
//! exchange that comes to its end puts two more there. So a flood gets few from its first moment on, and the number of answers to
//! peers doubles with each round trip. One prefix of 64 bits gets a share of them only: whoever floods from addresses that are
//! really his keeps nobody else from being answered. Only what holds the control lock takes replies; packets look without it
//! whether there are any left, and write nothing.
//!
//! Each limit is one number, the time until which its replies are spent (the generic cell rate algorithm).

use crate::ffi::clock;
use core::sync::atomic::{AtomicU64, Ordering::Relaxed};
use kernel::prelude::*;
use shim6_core::{addr::Addr, time::Instant};

/// For how long unused replies are saved up, in seconds.
const SAVED_SECONDS: u64 = 100;
/// For how long those are saved up that can be given at once, in nanoseconds.
const AT_ONCE: u64 = NANOSECONDS / 10;
/// How many more can be given at once for an exchange that has come to its end.
const EARNED: u64 = 2;
/// One of so many replies may go to one prefix.
const SHARES: u64 = 16;
/// Bits of the number of places for prefixes. Those that share a place share what it may get.
const PLACE_BITS: u32 = 9;
const NANOSECONDS: u64 = 1_000_000_000;

/// The limits, for all and for each prefix.
pub(crate) struct Replies {
    /// Nanoseconds that a reply takes.
    interval: AtomicU64,
    /// Until when all replies are spent.
    all: AtomicU64,
    /// Until when those are spent that can be given at once.
    at_once: AtomicU64,
    /// The same for the prefixes.
    places: KVec<AtomicU64>,
    /// Whoever sends must not be able to choose whom he shares a place with.
    secret: [u64; 2],
}

impl Replies {
    /// None given yet. Allocates, so it may sleep.
    pub(crate) fn new(per_second: u32) -> Result<Replies> {
        let mut places = KVec::with_capacity(1 << PLACE_BITS, GFP_KERNEL)?;
        for _ in 0..1 << PLACE_BITS {
            places.push(AtomicU64::new(0), GFP_KERNEL)?;
        }
        let secret = [clock::drawn(), clock::drawn()].map(u64::from_ne_bytes);
        let replies =
            Replies { interval: AtomicU64::new(0), all: AtomicU64::new(0), at_once: AtomicU64::new(0), places, secret };
        replies.set(per_second);
        Ok(replies)
    }

    /// So many may go out in a second from now on.
    pub(crate) fn set(&self, per_second: u32) {
        self.interval.store(NANOSECONDS / u64::from(per_second.max(1)), Relaxed);
    }

    /// Whether there is one left for this address.
    #[inline]
    pub(crate) fn is_left(&self, now: Instant, to: &Addr) -> bool {
        let (interval, end) = (self.interval.load(Relaxed), end(now));
        self.at_once.load(Relaxed) <= nanoseconds(now) + AT_ONCE
            && self.all.load(Relaxed) + interval <= end
            && self.place(to).load(Relaxed) + interval * SHARES <= end
    }

    /// An exchange has come to its end. Only with the control lock.
    pub(crate) fn earn(&self, now: Instant) {
        let earned = EARNED * self.interval.load(Relaxed);
        let until = self.at_once.load(Relaxed).saturating_sub(earned);
        self.at_once.store(until.max(nanoseconds(now)), Relaxed);
    }

    /// Takes one, if there is one. Only with the control lock.
    pub(crate) fn take(&self, now: Instant, to: &Addr) -> bool {
        let is_left = self.is_left(now, to);
        if is_left {
            let interval = self.interval.load(Relaxed);
            spend(&self.all, now, interval);
            spend(&self.at_once, now, interval);
            spend(self.place(to), now, interval * SHARES);
        }
        is_left
    }

    #[inline]
    fn place(&self, to: &Addr) -> &AtomicU64 {
        let [prefix @ .., _, _, _, _, _, _, _, _] = to.octets();
        let [add, multiply] = self.secret;
        let mixed = u64::from_ne_bytes(*prefix).wrapping_add(add).wrapping_mul(multiply | 1);
        self.places.get((mixed >> (64 - PLACE_BITS)) as usize).unwrap_or(&self.all)
    }
}

/// The time until which replies may be spent now.
#[inline]
fn end(now: Instant) -> u64 {
    nanoseconds(now) + SAVED_SECONDS * NANOSECONDS
}

fn spend(until: &AtomicU64, now: Instant, interval: u64) {
    until.store(until.load(Relaxed).max(nanoseconds(now)) + interval, Relaxed);
}

#[inline]
fn nanoseconds(time: Instant) -> u64 {
    time.as_millis() * (NANOSECONDS / 1000)
}
