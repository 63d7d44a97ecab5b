// SPDX-License-Identifier: GPL-2.0
//! Where a socket lives: network namespaces of `ip netns`, and streams of TCP or MPTCP between two of them.

use std::fs::File;
use std::io;
use std::net::{Ipv6Addr, SocketAddrV6, TcpListener, TcpStream, UdpSocket};
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::thread;

use rustix::net::{bind, connect, ipproto, listen, socket, AddressFamily, SocketType};
use rustix::thread::{move_into_link_name_space, LinkNameSpaceType};

/// A host of the lab and one address of its own.
#[derive(Clone)]
pub struct Place {
    /// Its network namespace.
    pub host: String,
    /// The address that its sockets have.
    pub address: Ipv6Addr,
}

/// What carries a stream.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Carrier {
    /// TCP.
    Tcp,
    /// Multipath TCP.
    Mptcp,
}

impl Place {
    /// Does something inside the host; a socket stays in the namespace in which it was made.
    pub fn inside<T: Send>(&self, what: impl FnOnce() -> io::Result<T> + Send) -> io::Result<T> {
        thread::scope(|scope| {
            let there = scope.spawn(|| {
                let host = File::open(Path::new("/run/netns").join(&self.host))?;
                move_into_link_name_space(host.as_fd(), Some(LinkNameSpaceType::Network))?;
                what()
            });
            there
                .join()
                .unwrap_or_else(|_| Err(io::Error::other("a thread died")))
        })
    }

    fn socket_address(&self, port: u16) -> SocketAddrV6 {
        SocketAddrV6::new(self.address, port, 0, 0)
    }

    /// A socket for datagrams, bound to the address.
    pub fn datagrams(&self, port: u16) -> io::Result<UdpSocket> {
        self.inside(|| UdpSocket::bind(self.socket_address(port)))
    }

    fn stream_socket(carrier: Carrier) -> io::Result<OwnedFd> {
        let protocol = match carrier {
            Carrier::Tcp => ipproto::TCP,
            Carrier::Mptcp => ipproto::MPTCP,
        };
        Ok(socket(
            AddressFamily::INET6,
            SocketType::STREAM,
            Some(protocol),
        )?)
    }
}

/// A stream from one place to another: the end that asked for it, and the end that answered.
pub fn stream(carrier: Carrier, from: &Place, to: &Place) -> io::Result<(TcpStream, TcpStream)> {
    let listener = to.inside(|| {
        let socket = Place::stream_socket(carrier)?;
        bind(&socket, &SocketAddrV6::new(Ipv6Addr::UNSPECIFIED, 0, 0, 0))?;
        listen(&socket, 4)?;
        Ok(TcpListener::from(socket))
    })?;
    let port = listener.local_addr()?.port();
    let client = from.inside(|| {
        let socket = Place::stream_socket(carrier)?;
        bind(&socket, &from.socket_address(0))?;
        connect(&socket, &to.socket_address(port))?;
        Ok(TcpStream::from(socket))
    })?;
    let (server, _) = listener.accept()?;
    // It stays until the process ends: the further subflows of MPTCP come to it, too.
    std::mem::forget(listener);
    for end in [&client, &server] {
        end.set_nodelay(true)?;
    }
    Ok((client, server))
}
