// SPDX-License-Identifier: MIT OR GPL-2.0
//! Interfaces: numbers and names.

use super::{number_at, Rtnetlink};
use crate::{Error, Listing};

/// Octets of `struct ifinfomsg`.
const HEADER_LEN: usize = 16;

/// A network interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interface {
    /// Its number in the namespace.
    pub index: u32,
    /// Its name.
    pub name: String,
    /// Whether it is set up and has a carrier.
    pub is_running: bool,
    /// Whether it is the loopback.
    pub is_loopback: bool,
}

impl Rtnetlink {
    /// All interfaces.
    pub fn interfaces(&mut self) -> Result<Listing<Interface>, Error> {
        self.list(libc::RTM_GETLINK, &[0; HEADER_LEN], |header, attributes| {
            let flags = number_at(header, 8)?;
            let has = |flag: i32| flags & flag as u32 != 0;
            Some(Interface {
                index: number_at(header, 4)?,
                name: attributes.string(libc::IFLA_IFNAME)?,
                is_running: has(libc::IFF_UP) && has(libc::IFF_LOWER_UP),
                is_loopback: has(libc::IFF_LOOPBACK),
            })
        })
    }
}
