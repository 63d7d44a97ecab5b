// SPDX-License-Identifier: GPL-2.0
//! A link as somebody at its far end has it who is no host: whole frames out, and those that arrive in, whatever addresses they have.

use std::io;
use std::net::Ipv6Addr;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::time::Duration;

use shim6_core::wire::PROTOCOL;

use crate::place::Place;

const ETHERNET: usize = 14;
const IPV6: usize = 40;
const ETHERTYPE: [u8; 2] = [0x86, 0xdd];
const HOP_LIMIT: u8 = 64;
/// Octets of frames that may wait to be looked at.
const WAITING: i32 = 256_000_000;
/// The longest message looked at.
const LONGEST: usize = 2048;

/// An interface.
pub struct Link {
    socket: OwnedFd,
    /// Destination, source and type of all frames sent.
    ethernet: [u8; ETHERNET],
}

/// What was received: a message of Shim6, and the addresses of its packet.
pub struct Received<'a> {
    /// Its source.
    pub source: Ipv6Addr,
    /// Its destination.
    pub destination: Ipv6Addr,
    /// The message.
    pub message: &'a [u8],
}

fn checked(result: libc::c_int) -> io::Result<libc::c_int> {
    if result < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(result)
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
        let name =
            std::ffi::CString::new(device).map_err(|_| io::Error::other("no interface's name"))?;
        // Sockets of one protocol only are asked after the filters of the interface, those of all before.
        let protocol = (libc::ETH_P_ALL as u16).to_be();
        let (socket, index) = place.inside(|| {
            // SAFETY: makes a socket, or says why not.
            let socket = checked(unsafe {
                libc::socket(
                    libc::AF_PACKET,
                    libc::SOCK_RAW | libc::SOCK_CLOEXEC,
                    i32::from(protocol),
                )
            })?;
            // SAFETY: the socket was just made, and belongs to nobody else.
            let socket = unsafe { OwnedFd::from_raw_fd(socket) };
            // SAFETY: the name is a string that ends with a zero.
            let index = unsafe { libc::if_nametoindex(name.as_ptr()) };
            if index == 0 {
                return Err(io::Error::last_os_error());
            }
            Ok((socket, index))
        })?;
        // SAFETY: all zeros is a value of the structure.
        let mut address: libc::sockaddr_ll = unsafe { std::mem::zeroed() };
        address.sll_family = libc::AF_PACKET as u16;
        address.sll_protocol = protocol;
        address.sll_ifindex = index as i32;
        // SAFETY: the address lives across the call, and its size is given.
        checked(unsafe {
            libc::bind(
                socket.as_raw_fd(),
                (&raw const address).cast(),
                size_of::<libc::sockaddr_ll>() as u32,
            )
        })?;
        let link = Self {
            socket,
            ethernet: [0; ETHERNET],
        };
        link.set(libc::SOL_SOCKET, libc::SO_RCVBUFFORCE, WAITING)?;
        link.set(libc::SOL_PACKET, libc::PACKET_IGNORE_OUTGOING, 1)?;
        Ok(link.to(far))
    }

    fn to(mut self, far: [u8; 6]) -> Self {
        self.ethernet[..6].copy_from_slice(&far);
        self.ethernet[6..12].copy_from_slice(&[2, 0, 0, 0, 0, 0x0f]);
        self.ethernet[12..].copy_from_slice(&ETHERTYPE);
        self
    }

    fn set(&self, level: i32, name: i32, value: i32) -> io::Result<()> {
        // SAFETY: the option's value is an `int` that lives across the call, and its size is given.
        checked(unsafe {
            libc::setsockopt(
                self.socket.as_raw_fd(),
                level,
                name,
                (&raw const value).cast(),
                size_of::<i32>() as u32,
            )
        })
        .map(drop)
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

    /// Sends a frame; false if there was no room for it.
    pub fn send(&self, frame: &[u8]) -> io::Result<bool> {
        // SAFETY: the buffer lives across the call, and its length is given.
        let sent = unsafe {
            libc::send(
                self.socket.as_raw_fd(),
                frame.as_ptr().cast(),
                frame.len(),
                0,
            )
        };
        if sent >= 0 {
            return Ok(true);
        }
        match io::Error::last_os_error() {
            full if full.raw_os_error() == Some(libc::ENOBUFS) => Ok(false),
            error => Err(error),
        }
    }

    /// The next message that is there already; frames of other protocols are passed over.
    pub fn receive<'a>(&self, buffer: &'a mut [u8]) -> io::Result<Option<Received<'a>>> {
        let length = loop {
            // SAFETY: the buffer lives across the call, and its length is given.
            let got = unsafe {
                libc::recv(
                    self.socket.as_raw_fd(),
                    buffer.as_mut_ptr().cast(),
                    buffer.len(),
                    libc::MSG_DONTWAIT,
                )
            };
            if got < 0 {
                return match io::Error::last_os_error() {
                    empty if empty.kind() == io::ErrorKind::WouldBlock => Ok(None),
                    error => Err(error),
                };
            }
            let length = got as usize;
            if length > ETHERNET + IPV6
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
        let mut poll = libc::pollfd {
            fd: self.socket.as_raw_fd(),
            events: libc::POLLIN,
            revents: 0,
        };
        // SAFETY: one structure, which lives across the call.
        checked(unsafe { libc::poll(&raw mut poll, 1, time.as_millis() as i32) }).map(|n| n > 0)
    }
}
