// SPDX-License-Identifier: GPL-2.0
//! The bare cost of what hosts hash while they set up a context: the responder's validator, made for R1 and checked in I2, and
//! the verification of a peer's locators. The code is the module's own; on virtual time the nanoseconds are instructions.

use std::io;
use std::time::Instant;

use shim6_core::addr::Addr;
use shim6_core::cga::{Pds, Sec};
use shim6_core::hba::{self, HbaSet, Key, NonceKey};
use shim6_core::time;
use shim6_core::validator::{Claim, Secrets, Sieve};
use shim6_core::wire::{Fii, Tag, UlidPair};

/// Provider prefixes of the set that is verified.
const PREFIXES: [[u8; 8]; 2] = [
    [0x20, 0x01, 0x0d, 0xb8, 0, 1, 0, 5],
    [0x20, 0x01, 0x0d, 0xb8, 0, 2, 0, 5],
];

/// `COUNT`: does each so often, and prints how long one takes.
pub fn run(words: &[&str]) -> io::Result<()> {
    let [count] = words else {
        return Err(io::Error::other(crate::USAGE));
    };
    let count: u32 = crate::number(count)?;
    let set = set()?;
    let pds = Pds::parse(set.pds()).map_err(|error| wrong(&error))?;
    let secrets = Secrets::new(time::Instant::ZERO, [7; 32], Sieve::new([6; 16], 0));
    let claim = |number: u32| claim(&set, number);
    let make = timed(count, |number| {
        let cookie = secrets.issue(time::Instant::ZERO, &claim(number));
        cookie.validator[0] != cookie.validator[1] || number < count
    })?;
    let cookie = secrets.issue(time::Instant::ZERO, &claim(0));
    let check = timed(count, |_| {
        let checked = secrets.check(
            time::Instant::ZERO,
            &claim(0),
            cookie.nonce,
            &cookie.validator,
        );
        checked.is_ok()
    })?;
    let verify = timed(count, |number| {
        let address = set.addresses()[number as usize % PREFIXES.len()];
        hba::verify(address, &pds).is_ok()
    })?;
    println!(
        "{{\"validator_made_ns\": {make:.0}, \"validator_checked_ns\": {check:.0}, \"locator_verified_ns\": {verify:.0}}}"
    );
    Ok(())
}

fn wrong(error: &dyn std::fmt::Debug) -> io::Error {
    io::Error::other(format!("{error:?}"))
}

fn set() -> io::Result<HbaSet> {
    let key = NonceKey::new([3; 48]);
    let sec = Sec::new(0).ok_or_else(|| io::Error::other("no Sec of 0"))?;
    let mut search =
        hba::search(&PREFIXES, sec, Key::Nonce(&key), [5; 16]).map_err(|error| wrong(&error))?;
    search.run(1);
    HbaSet::from_search(search).map_err(|error| wrong(&error))
}

fn claim(set: &HbaSet, number: u32) -> Claim {
    let [.., a, b, c, d] = number.to_be_bytes();
    let (sender, receiver) = (set.addresses()[0], Addr([9; 16]));
    Claim::Establishment {
        initiator_tag: Tag::from_octets([1, 2, a, b, c, d]),
        ulids: UlidPair { sender, receiver },
        source: sender,
        destination: receiver,
        fii: Fii::DEFAULT,
    }
}

/// Nanoseconds that one takes, of so many that must all go well.
fn timed(count: u32, what: impl Fn(u32) -> bool) -> io::Result<f64> {
    let began = Instant::now();
    let went = (0..count).filter(|number| what(*number)).count();
    let time = began.elapsed();
    if went != count as usize {
        return Err(io::Error::other(format!("{went} of {count} went well")));
    }
    Ok(time.as_secs_f64() * 1e9 / f64::from(count))
}
