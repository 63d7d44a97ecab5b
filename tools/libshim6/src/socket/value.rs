// SPDX-License-Identifier: MIT OR GPL-2.0
//! The structures of RFC 6316 section 8, and their octets.

use std::net::Ipv6Addr;

/// The most locators in one option (`SHIM_MAX_LOCATORS`).
pub const MAX_LOCATORS: usize = 12;

pub(super) const LOCATOR: usize = 32;
pub(super) const PATHEXPLORE: usize = 12;

const AF_INET6: u8 = libc::AF_INET6 as u8;
const HBA: u16 = 0x01;
const CGA: u16 = 0x02;

/// A locator (`struct shim_locator`, RFC 6316 section 8.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SocketLocator {
    /// The address.
    pub address: Ipv6Addr,
    /// Its priority, 0 to 255: the lowest comes first.
    pub priority: u16,
    /// Its weight among locators of the same priority, 0 to 255.
    pub weight: u16,
    /// The interface of a local locator; 0: none. No effect when set.
    pub interface: u32,
    /// It is a Hash-Based Address of the ULID's set (RFC 5535). No effect when set.
    pub is_hba: bool,
    /// It was bound to the ULID by its Cryptographically Generated Address (RFC 3972). No effect when set.
    pub is_cga: bool,
}

impl SocketLocator {
    /// A locator with priority and weight 0.
    pub fn new(address: Ipv6Addr) -> SocketLocator {
        SocketLocator {
            address,
            priority: 0,
            weight: 0,
            interface: 0,
            is_hba: false,
            is_cga: false,
        }
    }
}

/// Parameters of failure detection and exploration (`struct shim_pathexplore`, RFC 6316 section 8.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PathExplore {
    /// Number of initial Probes, 1 to 16.
    pub initial_probes: u16,
    /// Send Timeout in seconds, 1 to 100: how long packets may be sent without any received before other pairs are tried.
    pub timeout: u16,
    /// Keepalive Interval in seconds: a third to a half of the Keepalive Timeout.
    pub keepalive_interval: u16,
    /// Initial Probe Timeout in milliseconds, 100 to 10000.
    pub initial_probe_timeout: u16,
}

/// The way of the packets that feedback is about (RFC 6316 section 8.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Direction {
    /// To the peer.
    Outbound = 0,
    /// From the peer.
    Inbound = 1,
}

/// What an application sees of a path (RFC 6316 section 8.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Indicator {
    /// Nothing; it is not processed.
    None = 0,
    /// Nothing arrives.
    Unable = 1,
    /// It is not good enough.
    Unsatisfactory = 2,
    /// It is good.
    Satisfactory = 3,
}

fn u16_at(octets: &[u8], at: usize) -> u16 {
    u16::from_ne_bytes([octets[at], octets[at + 1]])
}

/// The octets of a locator; all zeroes for none.
pub(super) fn write_locator(locator: Option<&SocketLocator>) -> [u8; LOCATOR] {
    let mut octets = [0; LOCATOR];
    if let Some(locator) = locator {
        octets[0] = AF_INET6;
        octets[4..6].copy_from_slice(&locator.priority.to_ne_bytes());
        octets[6..8].copy_from_slice(&locator.weight.to_ne_bytes());
        octets[12..28].copy_from_slice(&locator.address.octets());
    }
    octets
}

/// Reads a locator; none if there is none. `octets` are those of one.
pub(super) fn read_locator(octets: &[u8]) -> Option<SocketLocator> {
    let address: [u8; 16] = octets.get(12..28)?.try_into().ok()?;
    if octets[0] != AF_INET6 {
        return None;
    }
    let flags = u16_at(octets, 28);
    Some(SocketLocator {
        address: address.into(),
        priority: u16_at(octets, 4),
        weight: u16_at(octets, 6),
        interface: u32::from_ne_bytes([octets[8], octets[9], octets[10], octets[11]]),
        is_hba: flags & HBA != 0,
        is_cga: flags & CGA != 0,
    })
}

pub(super) fn write_path_explore(parameters: &PathExplore) -> [u8; PATHEXPLORE] {
    let mut octets = [0; PATHEXPLORE];
    let PathExplore {
        initial_probes,
        timeout,
        keepalive_interval,
        initial_probe_timeout,
    } = *parameters;
    let fields = [
        initial_probes,
        timeout,
        keepalive_interval,
        initial_probe_timeout,
    ];
    for (to, field) in octets.chunks_exact_mut(2).zip(fields) {
        to.copy_from_slice(&field.to_ne_bytes());
    }
    octets
}

pub(super) fn read_path_explore(octets: &[u8; PATHEXPLORE]) -> PathExplore {
    PathExplore {
        initial_probes: u16_at(octets, 0),
        timeout: u16_at(octets, 2),
        keepalive_interval: u16_at(octets, 4),
        initial_probe_timeout: u16_at(octets, 6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locator_comes_back_from_its_octets() {
        let mut locator = SocketLocator::new("2001:db8::7".parse().unwrap());
        locator.priority = 3;
        locator.weight = 200;
        let octets = write_locator(Some(&locator));
        assert_eq!(octets[..8], [AF_INET6, 0, 0, 0, 3, 0, 200, 0]);
        assert_eq!(read_locator(&octets), Some(locator));
        assert_eq!(read_locator(&write_locator(None)), None);
    }

    #[test]
    fn parameters_come_back_from_their_octets() {
        let parameters = PathExplore {
            initial_probes: 1,
            timeout: 2,
            keepalive_interval: 3,
            initial_probe_timeout: 400,
        };
        assert_eq!(
            read_path_explore(&write_path_explore(&parameters)),
            parameters
        );
    }
}
