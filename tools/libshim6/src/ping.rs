// SPDX-License-Identifier: MIT OR GPL-2.0
//! An ICMPv6 echo (RFC 4443 section 4) from one address to another: whether a path carries packets at all. It goes between
//! these very addresses, also where they are the ULIDs of a context that sends between others.

use crate::socket::ShimSocket;
use crate::{Error, Pair};
use rustix::net::sockopt::{set_socket_timeout, Timeout};
use rustix::net::{
    bind, connect, ipproto, recv, send, socket, AddressFamily, RecvFlags, SendFlags, SocketType,
};
use std::net::SocketAddrV6;
use std::time::{Duration, Instant};

/// Type of an Echo Request.
const REQUEST: u8 = 128;
/// Type of an Echo Reply.
const REPLY: u8 = 129;

/// Sends one Echo Request, and returns how long its reply took; None if none came within `patience`. Needs CAP_NET_RAW.
pub fn ping(pair: Pair, patience: Duration) -> Result<Option<Duration>, Error> {
    match echo(pair, patience) {
        // No route, or an ICMPv6 error about the request: the path does not carry it.
        Err(error) if error != rustix::io::Errno::PERM && error != rustix::io::Errno::ACCESS => {
            Ok(None)
        }
        result => result.map_err(|error| {
            Error::system(
                format!("ping {} from {}", pair.peer, pair.local),
                error.into(),
            )
        }),
    }
}

fn echo(pair: Pair, patience: Duration) -> Result<Option<Duration>, rustix::io::Errno> {
    let socket = socket(AddressFamily::INET6, SocketType::RAW, Some(ipproto::ICMPV6))?;
    // Without the module nothing is sent between other addresses anyway.
    let _ = ShimSocket::new(&socket).set_shim_off(true);
    bind(&socket, &SocketAddrV6::new(pair.local, 0, 0, 0))?;
    connect(&socket, &SocketAddrV6::new(pair.peer, 0, 0, 0))?;
    let [a, b, c, d] = std::process::id().to_be_bytes();
    // The kernel fills in the checksum of ICMPv6.
    let request = [REQUEST, 0, 0, 0, a, b, c, d];
    let begin = Instant::now();
    send(&socket, &request, SendFlags::empty())?;
    loop {
        let Some(left) = patience.checked_sub(begin.elapsed()) else {
            return Ok(None);
        };
        if left.is_zero() {
            return Ok(None);
        }
        set_socket_timeout(&socket, Timeout::Recv, Some(left))?;
        let mut answer = [0; 64];
        match recv(&socket, &mut answer, RecvFlags::empty()) {
            Ok((count, _)) if is_reply(answer.get(..count).unwrap_or(&[]), &request) => {
                return Ok(Some(begin.elapsed()))
            }
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(rustix::io::Errno::AGAIN) => return Ok(None),
            Err(error) => return Err(error),
        }
    }
}

/// Whether a message replies to a request: identifier and number are what follows the checksum.
fn is_reply(message: &[u8], request: &[u8]) -> bool {
    message.first() == Some(&REPLY) && message.get(4..8) == request.get(4..8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv6Addr;

    #[test]
    fn this_host_answers_itself_if_it_may_ask() {
        let pair = Pair {
            local: Ipv6Addr::LOCALHOST,
            peer: Ipv6Addr::LOCALHOST,
        };
        match ping(pair, Duration::from_secs(5)) {
            Ok(took) => assert!(took.is_some()),
            Err(error) => assert!(
                error.to_string().starts_with("cannot ping ::1 from ::1"),
                "{error}"
            ),
        }
    }

    #[test]
    fn only_the_reply_to_this_request_counts() {
        let request = [REQUEST, 0, 0, 0, 1, 2, 3, 4];
        assert!(is_reply(&[REPLY, 0, 9, 9, 1, 2, 3, 4], &request));
        assert!(!is_reply(&request, &request));
        assert!(!is_reply(&[REPLY, 0, 9, 9, 1, 2, 3, 5], &request));
        assert!(!is_reply(&[REPLY, 0, 9], &request));
    }
}
