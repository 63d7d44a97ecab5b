// SPDX-License-Identifier: MIT OR GPL-2.0
//! One netlink socket: requests with their answers, dumps (shown as they come, or asked for again when the kernel says that
//! they were interrupted), and what a multicast group tells.

use super::attributes::HEADER_LEN;
use super::extack::{self, Layout};
use crate::Error;
use netlink_packet_core::NetlinkBuffer;
use netlink_sys::{Socket, SocketAddr};
use std::io;
use std::ops::ControlFlow;
use std::os::fd::{AsFd, BorrowedFd};

/// Room for one datagram. The kernel fills up to 32 KiB at once when the receiver offers as much.
const DATAGRAM_LEN: usize = 64 * 1024;

/// How often a dump is asked for before the state is taken as it comes: on a busy host it may never stand still.
const DUMP_TRIES: u32 = 4;

/// The answer to a dump.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Dump<T> {
    /// What was told.
    pub(crate) items: Vec<T>,
    /// Whether the state changed meanwhile, each time it was asked for, so that something may be missing or there twice.
    pub(crate) is_interrupted: bool,
}

/// A netlink socket.
pub(crate) struct Connection {
    socket: Socket,
    sequence: u32,
    /// A dump was not read to its end: the kernel would refuse another one.
    has_rest: bool,
}

/// A message of the kernel.
pub(crate) struct Received {
    /// Its type.
    pub(crate) kind: u16,
    flags: u16,
    sequence: u32,
    /// What follows its header.
    pub(crate) payload: Vec<u8>,
}

#[cfg(test)]
impl Received {
    /// A message of a type, as a test has it.
    pub(crate) fn new(kind: u16, payload: &[u8]) -> Received {
        Received {
            kind,
            flags: 0,
            sequence: 0,
            payload: payload.to_vec(),
        }
    }
}

impl Connection {
    /// Opens a socket for a netlink protocol, in the network namespace of this thread.
    pub(crate) fn open(protocol: isize) -> Result<Connection, Error> {
        let open = || -> io::Result<Socket> {
            let mut socket = Socket::new(protocol)?;
            socket.bind_auto()?;
            socket.connect(&SocketAddr::new(0, 0))?;
            socket.set_ext_ack(true)?;
            socket.set_cap_ack(true)?;
            socket.set_netlink_get_strict_chk(true)?;
            Ok(socket)
        };
        let socket = open().map_err(|error| Error::system("open a netlink socket", error))?;
        Ok(Connection {
            socket,
            sequence: 0,
            has_rest: false,
        })
    }

    /// The socket's descriptor.
    pub(crate) fn descriptor(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }

    /// Sends a request, and returns the messages that came before its acknowledgement. `layout` names the attributes
    /// of `payload` if the kernel finds fault with one.
    pub(crate) fn request(
        &mut self,
        kind: u16,
        flags: i32,
        payload: &[u8],
        layout: Layout,
    ) -> Result<Vec<Vec<u8>>, Error> {
        let mut items = Vec::new();
        self.send(kind, flags | libc::NLM_F_ACK, payload)?;
        self.answer(payload, layout, &mut |item| {
            items.push(item);
            ControlFlow::Continue(())
        })?;
        Ok(items)
    }

    /// Asks for everything, and again if it changed meanwhile.
    pub(crate) fn dump(
        &mut self,
        kind: u16,
        payload: &[u8],
        layout: Layout,
    ) -> Result<Dump<Vec<u8>>, Error> {
        let mut tries = 1;
        loop {
            let mut items = Vec::new();
            let is_interrupted = self.visit(kind, payload, layout, &mut |item| {
                items.push(item);
                ControlFlow::Continue(())
            })?;
            if !is_interrupted || tries == DUMP_TRIES {
                return Ok(Dump {
                    items,
                    is_interrupted,
                });
            }
            tries += 1;
        }
    }

    /// Asks for everything once, and shows each item as it comes, until `visit` has seen enough. Says whether things came or
    /// went meanwhile.
    pub(crate) fn visit(
        &mut self,
        kind: u16,
        payload: &[u8],
        layout: Layout,
        visit: &mut dyn FnMut(Vec<u8>) -> ControlFlow<()>,
    ) -> Result<bool, Error> {
        self.send(kind, libc::NLM_F_DUMP, payload)?;
        self.has_rest = true;
        self.answer(payload, layout, visit)
    }

    /// Joins a multicast group.
    pub(crate) fn join(&mut self, group: u32) -> Result<(), Error> {
        self.socket
            .add_membership(group)
            .map_err(|error| Error::system("listen to events", error))
    }

    /// Waits for messages. Fails with `ENOBUFS` if some were lost.
    pub(crate) fn receive(&mut self) -> io::Result<Vec<Received>> {
        self.receive_with(0)
    }

    /// The same without waiting: fails with `EWOULDBLOCK` if there are none.
    pub(crate) fn receive_waiting(&mut self) -> io::Result<Vec<Received>> {
        self.receive_with(libc::MSG_DONTWAIT)
    }

    fn receive_with(&mut self, flags: i32) -> io::Result<Vec<Received>> {
        let mut datagram = Vec::with_capacity(DATAGRAM_LEN);
        loop {
            match self.socket.recv(&mut datagram, flags) {
                Ok(_) => return Ok(split(&datagram)),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => datagram.clear(),
                Err(error) => return Err(error),
            }
        }
    }

    fn send(&mut self, kind: u16, flags: i32, payload: &[u8]) -> Result<(), Error> {
        self.read_rest()?;
        self.sequence = self.sequence.wrapping_add(1);
        let message = message(
            kind,
            (flags | libc::NLM_F_REQUEST) as u16,
            self.sequence,
            payload,
        );
        match self.socket.send(&message, 0) {
            Ok(_) => Ok(()),
            Err(error) => Err(Error::system("send to the kernel", error)),
        }
    }

    /// Throws away what is left of a dump that nobody wanted to the end.
    fn read_rest(&mut self) -> Result<(), Error> {
        if !self.has_rest {
            return Ok(());
        }
        let layout = Layout {
            header_len: 0,
            set: None,
        };
        match self.answer(&[], layout, &mut |_| ControlFlow::Continue(())) {
            // What the kernel refuses now, nobody waits for any more.
            Ok(_) | Err(Error::Kernel(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Receives until the request is acknowledged, refused or done, or `visit` has seen enough. Says whether a dump was
    /// interrupted.
    fn answer(
        &mut self,
        request: &[u8],
        layout: Layout,
        visit: &mut dyn FnMut(Vec<u8>) -> ControlFlow<()>,
    ) -> Result<bool, Error> {
        let mut is_interrupted = false;
        loop {
            let received = self
                .receive()
                .map_err(|error| Error::system("receive from the kernel", error))?;
            let mut is_wanted = true;
            for message in received {
                if message.sequence != self.sequence {
                    continue;
                }
                is_interrupted |= message.flags & libc::NLM_F_DUMP_INTR as u16 != 0;
                match i32::from(message.kind) {
                    libc::NLMSG_NOOP => {}
                    libc::NLMSG_ERROR | libc::NLMSG_DONE => {
                        self.has_rest = false;
                        return match extack::read(
                            &message.payload,
                            message.kind,
                            message.flags,
                            request,
                            layout,
                        ) {
                            Some(error) => Err(Error::Kernel(error)),
                            None => Ok(is_interrupted),
                        };
                    }
                    _ if is_wanted => is_wanted = visit(message.payload).is_continue(),
                    _ => {}
                }
            }
            if !is_wanted {
                return Ok(is_interrupted);
            }
        }
    }
}

/// A message with its header.
fn message(kind: u16, flags: u16, sequence: u32, payload: &[u8]) -> Vec<u8> {
    let mut message = vec![0; HEADER_LEN];
    message.extend_from_slice(payload);
    let length = u32::try_from(message.len()).unwrap_or(u32::MAX);
    let mut header = NetlinkBuffer::new(&mut message);
    header.set_length(length);
    header.set_message_type(kind);
    header.set_flags(flags);
    header.set_sequence_number(sequence);
    message
}

/// The messages of one datagram.
fn split(datagram: &[u8]) -> Vec<Received> {
    let mut messages = Vec::new();
    let mut rest = datagram;
    while let Ok(message) = NetlinkBuffer::new_checked(rest) {
        messages.push(Received {
            kind: message.message_type(),
            flags: message.flags(),
            sequence: message.sequence_number(),
            payload: message.payload().to_vec(),
        });
        let length = message.length() as usize;
        rest = rest.get(length.next_multiple_of(4)..).unwrap_or(&[]);
    }
    messages
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_datagram_is_split_into_its_messages_and_a_cut_one_is_left_out() {
        let mut datagram = message(20, 2, 7, &[1, 2, 3, 4, 5]);
        datagram.resize(24, 0);
        datagram.extend(message(21, 0, 8, &[]));
        datagram.extend(message(22, 0, 9, &[9; 8]).split_at(20).0);
        let messages = split(&datagram);
        assert_eq!(messages.len(), 2);
        assert_eq!(
            (messages[0].kind, messages[0].flags, messages[0].sequence),
            (20, 2, 7)
        );
        assert_eq!(messages[0].payload, [1, 2, 3, 4, 5]);
        assert_eq!((messages[1].kind, messages[1].sequence), (21, 8));
        assert!(messages[1].payload.is_empty());
    }
}
