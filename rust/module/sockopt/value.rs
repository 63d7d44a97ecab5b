// SPDX-License-Identifier: GPL-2.0
//! The structures of RFC 6316 section 8 as octets of a program: `include/uapi/linux/shim6.h` has their fields.

use super::INVALID_LOCATOR;
use crate::ffi::uapi;
use core::mem::size_of;
use kernel::prelude::*;
use shim6_core::addr::Addr;

/// `AF_INET6`.
const INET6: u8 = 10;
/// `AF_INET`, whose addresses are no locators of Shim6.
const INET: u8 = 2;

/// Octets of an option that is a number.
const INT: usize = size_of::<i32>();
/// Octets of `struct shim_locator`.
pub(super) const LOCATOR: usize = 32;
const PATHEXPLORE: usize = 12;

const _: () = assert!(size_of::<uapi::shim_locator>() == LOCATOR);
const _: () = assert!(size_of::<uapi::shim_pathexplore>() == PATHEXPLORE);
const _: () = assert!(size_of::<uapi::shim_feedback>() == 4);

/// What an application says of the pair in use.
pub(super) enum Feedback {
    /// Nothing.
    None,
    /// It does not work, or not well enough.
    Bad,
    /// It works.
    Good,
}

/// A locator as a program names it.
pub(super) struct Locator {
    pub(super) addr: Addr,
    pub(super) priority: u8,
    pub(super) weight: u8,
}

/// `struct shim_pathexplore`.
#[derive(Clone, Copy)]
pub(super) struct Pathexplore {
    /// Number of initial Probes.
    pub(super) probes: u16,
    /// Send Timeout in seconds.
    pub(super) timeout: u16,
    /// Keepalive Interval in seconds.
    pub(super) interval: u16,
    /// Initial Probe Timeout in milliseconds.
    pub(super) probe_timeout: u16,
}

fn u16_at(octets: &[u8], at: usize) -> Result<u16> {
    let two = octets.get(at..).and_then(|rest| rest.first_chunk::<2>()).ok_or(EINVAL)?;
    Ok(u16::from_ne_bytes(*two))
}

/// A number.
pub(super) fn read_int(value: &[u8]) -> Result<i32> {
    let octets: &[u8; INT] = value.try_into().map_err(|_| EINVAL)?;
    Ok(i32::from_ne_bytes(*octets))
}

/// A number that is 0 or 1.
pub(super) fn read_binary(value: &[u8]) -> Result<bool> {
    match read_int(value)? {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(EINVAL),
    }
}

/// `struct shim_feedback`. Both directions are treated alike: what is tested is the way there and back.
pub(super) fn read_feedback(value: &[u8]) -> Result<Feedback> {
    let [direction, indicator, _, _] = value else { return Err(EINVAL) };
    if u32::from(*direction) > uapi::SHIM_FEEDBACK_INBOUND {
        return Err(EINVAL);
    }
    match u32::from(*indicator) {
        uapi::SHIM_FEEDBACK_NONE => Ok(Feedback::None),
        uapi::SHIM_FEEDBACK_UNABLE | uapi::SHIM_FEEDBACK_UNSATISFACTORY => Ok(Feedback::Bad),
        uapi::SHIM_FEEDBACK_SATISFACTORY => Ok(Feedback::Good),
        _ => Err(EINVAL),
    }
}

/// `struct shim_pathexplore`.
pub(super) fn read_pathexplore(value: &[u8]) -> Result<Pathexplore> {
    if value.len() != PATHEXPLORE || u16_at(value, 8)? != 0 || u16_at(value, 10)? != 0 {
        return Err(EINVAL);
    }
    Ok(Pathexplore {
        probes: u16_at(value, 0)?,
        timeout: u16_at(value, 2)?,
        interval: u16_at(value, 4)?,
        probe_timeout: u16_at(value, 6)?,
    })
}

/// `struct shim_locator`; none if it is all zeroes.
pub(super) fn read_locator(value: &[u8]) -> Result<Option<Locator>> {
    let octets: &[u8; LOCATOR] = value.try_into().map_err(|_| EINVAL)?;
    if *octets == [0; LOCATOR] {
        return Ok(None);
    }
    let [family, protocol, ..] = *octets;
    let (port, unused) = (u16_at(octets, 2)?, u16_at(octets, 30)?);
    if protocol != 0 || port != 0 || unused != 0 {
        return Err(EINVAL);
    }
    match family {
        INET6 => {}
        INET => return Err(INVALID_LOCATOR),
        _ => return Err(EINVAL),
    }
    let priority = u8::try_from(u16_at(octets, 4)?).map_err(|_| EINVAL)?;
    let weight = u8::try_from(u16_at(octets, 6)?).map_err(|_| EINVAL)?;
    let addr = octets.get(12..28).and_then(|addr| addr.first_chunk::<16>().copied()).ok_or(EINVAL)?;
    Ok(Some(Locator { addr: Addr(addr), priority, weight }))
}

/// Writes a number.
pub(super) fn write_int(value: &mut [u8], number: i32) -> Result<usize> {
    value.first_chunk_mut::<INT>().ok_or(EINVAL)?.copy_from_slice(&number.to_ne_bytes());
    Ok(INT)
}

/// What is shown of a locator.
pub(super) struct Shown {
    pub(super) addr: Addr,
    pub(super) priority: u8,
    pub(super) weight: u8,
    pub(super) ifindex: u32,
    pub(super) flags: u32,
}

/// Writes a `struct shim_locator`; all zeroes for none.
pub(super) fn write_locator(value: &mut [u8], locator: Option<&Shown>) -> Result<usize> {
    let to = value.first_chunk_mut::<LOCATOR>().ok_or(EINVAL)?;
    *to = [0; LOCATOR];
    let Some(locator) = locator else { return Ok(LOCATOR) };
    let mut put = |at: usize, octets: &[u8]| {
        if let Some(to) = to.get_mut(at..at + octets.len()) {
            to.copy_from_slice(octets);
        }
    };
    put(0, &[INET6]);
    put(4, &u16::from(locator.priority).to_ne_bytes());
    put(6, &u16::from(locator.weight).to_ne_bytes());
    put(8, &locator.ifindex.to_ne_bytes());
    put(12, locator.addr.octets());
    put(28, &(locator.flags as u16).to_ne_bytes());
    Ok(LOCATOR)
}

/// Writes a `struct shim_pathexplore`.
pub(super) fn write_pathexplore(value: &mut [u8], shown: &Pathexplore) -> Result<usize> {
    let to = value.first_chunk_mut::<PATHEXPLORE>().ok_or(EINVAL)?;
    *to = [0; PATHEXPLORE];
    let fields = [shown.probes, shown.timeout, shown.interval, shown.probe_timeout];
    for (to, field) in to.chunks_exact_mut(2).zip(fields) {
        to.copy_from_slice(&field.to_ne_bytes());
    }
    Ok(PATHEXPLORE)
}
