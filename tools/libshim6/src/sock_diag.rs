// SPDX-License-Identifier: MIT OR GPL-2.0
//! The sockets of the network namespace between two IPv6 addresses, as `sock_diag(7)` tells them.

use crate::netlink::{Connection, Layout};
use crate::{Error, Pair};
use std::net::Ipv6Addr;

/// `SOCK_DIAG_BY_FAMILY` of linux/sock_diag.h.
const BY_FAMILY: u16 = 20;
/// Octets of `struct inet_diag_req_v2` (linux/inet_diag.h).
const REQUEST_LEN: usize = 56;
/// Octets of `struct inet_diag_msg` (linux/inet_diag.h).
const ANSWER_LEN: usize = 72;

/// The protocols that are asked for, with their names. What the kernel has no `sock_diag` module for is left out.
const PROTOCOLS: [(libc::c_int, &str); 6] = [
    (libc::IPPROTO_TCP, "tcp"),
    (libc::IPPROTO_UDP, "udp"),
    (libc::IPPROTO_UDPLITE, "udplite"),
    (libc::IPPROTO_SCTP, "sctp"),
    (libc::IPPROTO_DCCP, "dccp"),
    (libc::IPPROTO_RAW, "raw"),
];

/// States of sockets, by number (net/tcp_states.h).
const STATES: [&str; 14] = [
    "unknown",
    "established",
    "syn-sent",
    "syn-recv",
    "fin-wait-1",
    "fin-wait-2",
    "time-wait",
    "close",
    "close-wait",
    "last-ack",
    "listen",
    "closing",
    "new-syn-recv",
    "bound-inactive",
];

/// A socket that is connected between two IPv6 addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Socket {
    /// Its protocol, as `tcp`.
    pub protocol: &'static str,
    /// Its state, as `established`.
    pub state: &'static str,
    /// Its addresses: the ULIDs, if a context carries it.
    pub addresses: Pair,
    /// Its port on this host; for raw sockets the protocol number.
    pub local_port: u16,
    /// The peer's port.
    pub peer_port: u16,
    /// The user who made it.
    pub user: u32,
    /// Its number among the files of the kernel's socket file system, by which its processes are found; 0 if it has none.
    pub inode: u32,
}

/// The connected IPv6 sockets of this thread's network namespace.
pub fn sockets() -> Result<Vec<Socket>, Error> {
    let mut connection = Connection::open(libc::NETLINK_SOCK_DIAG as isize)?;
    let mut sockets = Vec::new();
    for (protocol, name) in PROTOCOLS {
        let layout = Layout {
            header_len: REQUEST_LEN,
            set: None,
        };
        let dump = match connection.dump(BY_FAMILY, &request(protocol), layout) {
            Err(error)
                if matches!(
                    error.errno(),
                    Some(libc::ENOENT | libc::EOPNOTSUPP | libc::EINVAL)
                ) =>
            {
                continue
            }
            dump => dump?,
        };
        let of_protocol = dump.items.iter().filter_map(|item| read(item, name));
        sockets.extend(of_protocol.filter(|socket| !socket.addresses.peer.is_unspecified()));
    }
    Ok(sockets)
}

/// All IPv6 sockets of a protocol in all states.
fn request(protocol: libc::c_int) -> [u8; REQUEST_LEN] {
    let mut request = [0; REQUEST_LEN];
    let head = [
        libc::AF_INET6 as u8,
        protocol as u8,
        0,
        0,
        0xff,
        0xff,
        0xff,
        0xff,
    ];
    for (octet, value) in request.iter_mut().zip(head) {
        *octet = value;
    }
    request
}

fn read(answer: &[u8], protocol: &'static str) -> Option<Socket> {
    let answer = answer.get(..ANSWER_LEN)?;
    let port = |at: usize| {
        Some(u16::from_be_bytes(
            answer.get(at..)?.first_chunk().copied()?,
        ))
    };
    let address = |at: usize| {
        let octets: [u8; 16] = answer.get(at..)?.first_chunk().copied()?;
        Some(Ipv6Addr::from(octets))
    };
    let number = |at: usize| {
        Some(u32::from_ne_bytes(
            answer.get(at..)?.first_chunk().copied()?,
        ))
    };
    if i32::from(*answer.first()?) != libc::AF_INET6 {
        return None;
    }
    let state = usize::from(*answer.get(1)?);
    Some(Socket {
        protocol,
        state: STATES.get(state).copied().unwrap_or("unknown"),
        addresses: Pair {
            local: address(8)?,
            peer: address(24)?,
        },
        local_port: port(4)?,
        peer_port: port(6)?,
        user: number(64)?,
        inode: number(68)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{TcpListener, TcpStream, UdpSocket};
    use std::os::fd::AsRawFd;

    /// The inode of a socket, by the name of its file.
    fn inode(socket: &impl AsRawFd) -> u32 {
        let path = format!("/proc/self/fd/{}", socket.as_raw_fd());
        let name = std::fs::read_link(path).expect("it is open");
        let name = name.to_string_lossy();
        let digits = name.trim_start_matches("socket:[").trim_end_matches(']');
        digits.parse().expect("a number")
    }

    #[test]
    fn a_connected_socket_is_found_with_its_ports_and_inode() {
        let listener = TcpListener::bind("[::1]:0").expect("a listener");
        let place = listener.local_addr().expect("it has one");
        let stream = TcpStream::connect(place).expect("a connection");
        let local = stream.local_addr().expect("it has one");
        let found = sockets().expect("the kernel tells");
        let number = inode(&stream);
        let mine = found.iter().find(|socket| socket.inode == number);
        let mine = mine.expect("it is there");
        assert_eq!((mine.protocol, mine.state), ("tcp", "established"));
        assert_eq!(
            (mine.local_port, mine.peer_port),
            (local.port(), place.port())
        );
        assert_eq!(mine.addresses.local, Ipv6Addr::LOCALHOST);
        let number = inode(&listener);
        assert!(
            !found.iter().any(|socket| socket.inode == number),
            "it has no peer"
        );
    }

    #[test]
    fn a_udp_socket_without_a_peer_is_left_out() {
        let socket = UdpSocket::bind("[::1]:0").expect("a socket");
        let number = inode(&socket);
        let found = sockets().expect("the kernel tells");
        assert!(!found.iter().any(|socket| socket.inode == number));
    }
}
