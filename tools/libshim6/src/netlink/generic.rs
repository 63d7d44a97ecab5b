// SPDX-License-Identifier: MIT OR GPL-2.0
//! Generic netlink: finding a family by its name, and the header of its messages.

use super::attributes::{Attributes, Payload};
use super::connection::{Connection, Dump, Received};
use super::extack::Layout;
use crate::spec::AttributeSet;
use crate::Error;
use std::ops::ControlFlow;
use std::os::fd::BorrowedFd;

/// Octets of a generic netlink header.
pub(crate) const GENERIC_HEADER_LEN: usize = 4;

/// The version of the family that requests are for.
const VERSION: u8 = 1;

/// A family that the kernel has, and the connection to it.
pub(crate) struct Family {
    connection: Connection,
    id: u16,
    groups: Vec<(String, u32)>,
}

impl Family {
    /// Looks a family up in this thread's network namespace. [`Error::NotLoaded`] if there is none.
    pub(crate) fn open(name: &str) -> Result<Family, Error> {
        let mut connection = Connection::open(libc::NETLINK_GENERIC as isize)?;
        let mut payload = Payload::with_header(&header(libc::CTRL_CMD_GETFAMILY as u8));
        payload.put_string(libc::CTRL_ATTR_FAMILY_NAME as u16, name);
        let layout = Layout {
            header_len: GENERIC_HEADER_LEN,
            set: None,
        };
        let answer = match connection.request(libc::GENL_ID_CTRL as u16, 0, payload.bytes(), layout)
        {
            Err(error) if error.errno() == Some(libc::ENOENT) => return Err(Error::NotLoaded),
            answer => answer?,
        };
        let message = answer.first().ok_or(Error::Malformed("no family"))?;
        let attributes = Attributes::new(message.get(GENERIC_HEADER_LEN..).unwrap_or(&[]));
        let id = attributes
            .get(libc::CTRL_ATTR_FAMILY_ID as u16)
            .and_then(|value| value.try_into().ok());
        let id = id
            .map(u16::from_ne_bytes)
            .ok_or(Error::Malformed("a family without a number"))?;
        Ok(Family {
            connection,
            id,
            groups: groups(attributes),
        })
    }

    /// Sends a request; the answer is the attributes of each message in it.
    pub(crate) fn request(
        &mut self,
        command: u8,
        set: &'static AttributeSet,
        attributes: &Payload,
    ) -> Result<Vec<Vec<u8>>, Error> {
        let (payload, layout) = prepare(command, set, attributes);
        let answer = self
            .connection
            .request(self.id, 0, payload.bytes(), layout)?;
        Ok(answer.into_iter().map(strip).collect())
    }

    /// Asks for everything that fits `attributes`.
    pub(crate) fn dump(
        &mut self,
        command: u8,
        set: &'static AttributeSet,
        attributes: &Payload,
    ) -> Result<Dump<Vec<u8>>, Error> {
        let (payload, layout) = prepare(command, set, attributes);
        let dump = self.connection.dump(self.id, payload.bytes(), layout)?;
        Ok(Dump {
            items: dump.items.into_iter().map(strip).collect(),
            is_interrupted: dump.is_interrupted,
        })
    }

    /// Asks for everything that fits `attributes`, and shows the attributes of each as they come, until `visit` has seen
    /// enough. Says whether things came or went meanwhile.
    pub(crate) fn visit(
        &mut self,
        command: u8,
        set: &'static AttributeSet,
        attributes: &Payload,
        visit: &mut dyn FnMut(Attributes<'_>) -> ControlFlow<()>,
    ) -> Result<bool, Error> {
        let (payload, layout) = prepare(command, set, attributes);
        self.connection
            .visit(self.id, payload.bytes(), layout, &mut |item| {
                visit(Attributes::new(
                    item.get(GENERIC_HEADER_LEN..).unwrap_or(&[]),
                ))
            })
    }

    /// Joins the multicast group of a name.
    pub(crate) fn join(&mut self, group: &str) -> Result<(), Error> {
        let found = self.groups.iter().find(|(name, _)| name == group);
        let (_, id) = found.ok_or(Error::Malformed("the family has no such multicast group"))?;
        self.connection.join(*id)
    }

    /// The descriptor on which messages arrive.
    pub(crate) fn descriptor(&self) -> BorrowedFd<'_> {
        self.connection.descriptor()
    }

    /// Waits for what the group tells: the command and the attributes of each message.
    pub(crate) fn receive(&mut self) -> std::io::Result<Vec<(u8, Vec<u8>)>> {
        let messages = self.connection.receive()?;
        Ok(self.own(messages))
    }

    /// The same without waiting: fails with `EWOULDBLOCK` if there is nothing.
    pub(crate) fn receive_waiting(&mut self) -> std::io::Result<Vec<(u8, Vec<u8>)>> {
        let messages = self.connection.receive_waiting()?;
        Ok(self.own(messages))
    }

    fn own(&self, messages: Vec<Received>) -> Vec<(u8, Vec<u8>)> {
        messages
            .into_iter()
            .filter(|message| message.kind == self.id)
            .filter_map(|message| Some((*message.payload.first()?, strip(message.payload))))
            .collect()
    }
}

fn header(command: u8) -> [u8; GENERIC_HEADER_LEN] {
    [command, VERSION, 0, 0]
}

fn prepare(command: u8, set: &'static AttributeSet, attributes: &Payload) -> (Payload, Layout) {
    let payload = Payload::with_header(&[&header(command), attributes.bytes()].concat());
    (
        payload,
        Layout {
            header_len: GENERIC_HEADER_LEN,
            set: Some(set),
        },
    )
}

fn strip(mut message: Vec<u8>) -> Vec<u8> {
    message.drain(..GENERIC_HEADER_LEN.min(message.len()));
    message
}

fn groups(attributes: Attributes<'_>) -> Vec<(String, u32)> {
    let list = attributes.nests(libc::CTRL_ATTR_MCAST_GROUPS as u16);
    list.flat_map(|groups| groups.iter())
        .filter_map(|(_, group)| {
            let group = Attributes::new(group);
            let name = group.string(libc::CTRL_ATTR_MCAST_GRP_NAME as u16)?;
            Some((name, group.u32(libc::CTRL_ATTR_MCAST_GRP_ID as u16)?))
        })
        .collect()
}
