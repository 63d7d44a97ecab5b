// SPDX-License-Identifier: GPL-2.0
//! A link as somebody at its far end has it who is no host: whole frames out, and those that arrive in, whatever addresses they have.

use std::io;
use std::net::Ipv6Addr;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::time::Duration;

use nix::errno::Errno;
use nix::ifaddrs::getifaddrs;
use nix::poll::{poll, PollFd, PollFlags, PollTimeout};
use nix::sys::socket::sockopt::RcvBufForce;
use nix::sys::socket::{
    bind, recv, sendto, setsockopt, socket, AddressFamily, LinkAddr, MsgFlags, SockFlag,
    SockProtocol, SockType,
};
use shim6_core::wire::PROTOCOL;

use crate::place::Place;

const ETHERNET: usize = 14;
/// Offset of the source address in a frame.
pub const SOURCE: usize = ETHERNET + 8;
const IPV6: usize = 40;
const ETHERTYPE: [u8; 2] = [0x86, 0xdd];
const HOP_LIMIT: u8 = 64;
/// The hardware address of this end.
const NEAR: [u8; 6] = [2, 0, 0, 0, 0, 0x0f];
/// Octets of frames that may wait to be looked at.
const WAITING: usize = 256_000_000;
/// The longest message looked at.
const LONGEST: usize = 2048;

/// An interface.
pub struct Link {
    /// Hears all interfaces of its namespace, which has no other that anybody uses.
    socket: OwnedFd,
    interface: LinkAddr,
    /// Destination, source and type of all frames sent.
    ethernet: [u8; ETHERNET],
}

/// What was received: a message of Shim6, and where its packet came from and was going.
pub struct Received<'a> {
    /// Its source.
    pub source: Ipv6Addr,
    /// Its destination.
    pub destination: Ipv6Addr,
    /// The message.
    pub message: &'a [u8],
}

/// Six octets, written as usual.
fn hardware(address: &str) -> io::Result<[u8; 6]> {
    let octets: Vec<u8> = address
        .trim()
        .split(':')
        .filter_map(|octet| u8::from_str_radix(octet, 16).ok())
        .collect();
    octets
        .try_into()
        .map_err(|_| io::Error::other(format!("no hardware address: {address}")))
}

impl Link {
    /// The interface of this name in a network namespace, to send to the hardware address `far`.
    pub fn open(host: &str, device: &str, far: &str) -> io::Result<Self> {
        let far = hardware(far)?;
        let place = Place {
            host: host.to_owned(),
            address: Ipv6Addr::UNSPECIFIED,
        };
        // Sockets of one protocol only are asked after the filters of the interface, those of all before.
        let (socket, interface) = place.inside(|| {
            let socket = socket(
                AddressFamily::Packet,
                SockType::Raw,
                SockFlag::SOCK_CLOEXEC,
                SockProtocol::EthAll,
            )?;
            let interface = getifaddrs()?
                .filter(|one| one.interface_name == device)
                .find_map(|one| one.address?.as_link_addr().copied())
                .ok_or(Errno::ENODEV)?;
            Ok((socket, interface))
        })?;
        setsockopt(&socket, RcvBufForce, &WAITING)?;
        let mut ethernet = [0; ETHERNET];
        ethernet[..6].copy_from_slice(&far);
        ethernet[6..12].copy_from_slice(&NEAR);
        ethernet[12..].copy_from_slice(&ETHERTYPE);
        Ok(Self {
            socket,
            interface,
            ethernet,
        })
    }

    /// A frame with a packet of Shim6 in it, which `write` writes.
    pub fn frame(
        &self,
        source: Ipv6Addr,
        destination: Ipv6Addr,
        write: impl FnOnce(&mut [u8]) -> Option<usize>,
    ) -> io::Result<Vec<u8>> {
        let mut frame = vec![0u8; ETHERNET + IPV6 + LONGEST];
        let length = write(&mut frame[ETHERNET + IPV6..])
            .ok_or_else(|| io::Error::other("no room for a message"))?;
        frame.truncate(ETHERNET + IPV6 + length);
        frame[..ETHERNET].copy_from_slice(&self.ethernet);
        let header = &mut frame[ETHERNET..ETHERNET + IPV6];
        header[0] = 0x60;
        header[4..6].copy_from_slice(&(length as u16).to_be_bytes());
        header[6] = PROTOCOL;
        header[7] = HOP_LIMIT;
        header[8..24].copy_from_slice(&source.octets());
        header[24..40].copy_from_slice(&destination.octets());
        Ok(frame)
    }

    /// A socket of the same namespace that sends frames to this interface, and hears nothing.
    pub fn outlet(&self, host: &str) -> io::Result<OwnedFd> {
        let place = Place {
            host: host.to_owned(),
            address: Ipv6Addr::UNSPECIFIED,
        };
        let socket = place.inside(|| {
            Ok(socket(
                AddressFamily::Packet,
                SockType::Raw,
                SockFlag::SOCK_CLOEXEC,
                None,
            )?)
        })?;
        bind(socket.as_raw_fd(), &self.interface)?;
        Ok(socket)
    }

    /// Sends a frame; false if there was no room for it.
    pub fn send(&self, frame: &[u8]) -> io::Result<bool> {
        let sent = sendto(
            self.socket.as_raw_fd(),
            frame,
            &self.interface,
            MsgFlags::empty(),
        );
        match sent {
            Ok(_) => Ok(true),
            Err(Errno::ENOBUFS) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// The next message that is there already; frames of other protocols, and this end's own, are passed over.
    pub fn receive<'a>(&self, buffer: &'a mut [u8]) -> io::Result<Option<Received<'a>>> {
        let length = loop {
            let length = match recv(self.socket.as_raw_fd(), buffer, MsgFlags::MSG_DONTWAIT) {
                Ok(length) => length,
                Err(Errno::EAGAIN) => return Ok(None),
                Err(error) => return Err(error.into()),
            };
            // Such a socket hears what goes out, too.
            if length > ETHERNET + IPV6
                && buffer[6..12] != NEAR
                && buffer[12..ETHERNET] == ETHERTYPE
                && buffer[ETHERNET + 6] == PROTOCOL
            {
                break length;
            }
        };
        let address = |at: usize| -> Ipv6Addr {
            let octets: [u8; 16] = buffer[ETHERNET + at..][..16].try_into().unwrap_or_default();
            octets.into()
        };
        Ok(Some(Received {
            source: address(8),
            destination: address(24),
            message: &buffer[ETHERNET + IPV6..length],
        }))
    }

    /// Waits until something is there, or for so long.
    pub fn wait(&self, time: Duration) -> io::Result<bool> {
        let time = PollTimeout::try_from(time).map_err(io::Error::other)?;
        let mut there = [PollFd::new(self.socket.as_fd(), PollFlags::POLLIN)];
        Ok(poll(&mut there, time)? > 0)
    }
}
