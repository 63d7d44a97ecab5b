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

/// The multicast group "notify" of the controller, which tells of families; its number is the controller's for ever.
const CONTROL_NOTIFY: u32 = libc::GENL_ID_CTRL as u32;

/// What a listener to a family hears.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// A message of the group: its command and its attributes.
    Event(u8, Vec<u8>),
    /// The family is gone, and nothing will be heard of it any more.
    End,
}

/// A family that the kernel has, and the connection to it.
pub(crate) struct Family {
    connection: Connection,
    id: u16,
    groups: Vec<(String, u32)>,
}

impl Family {
    /// Looks a family up in this thread's network namespace. [`Error::NotLoaded`] if there is none.
    pub(crate) fn open(name: &str) -> Result<Family, Error> {
        Family::of(Connection::open(libc::NETLINK_GENERIC as isize)?, name)
    }

    /// The same, and joins a multicast group of it. That the family goes is heard, too: the kernel takes its members from the
    /// group then, and says nothing of it there.
    pub(crate) fn listen(name: &str, group: &str) -> Result<Family, Error> {
        let mut connection = Connection::open(libc::NETLINK_GENERIC as isize)?;
        connection.join(CONTROL_NOTIFY)?;
        let mut family = Family::of(connection, name)?;
        let found = family.groups.iter().find(|(name, _)| name == group);
        let (_, id) = found.ok_or(Error::Malformed("the family has no such multicast group"))?;
        family.connection.join(*id)?;
        Ok(family)
    }

    fn of(mut connection: Connection, name: &str) -> Result<Family, Error> {
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
        let id = number(attributes).ok_or(Error::Malformed("a family without a number"))?;
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

    /// The descriptor on which messages arrive.
    pub(crate) fn descriptor(&self) -> BorrowedFd<'_> {
        self.connection.descriptor()
    }

    /// Waits for what the group tells.
    pub(crate) fn receive(&mut self) -> std::io::Result<Vec<Heard>> {
        let messages = self.connection.receive()?;
        Ok(self.heard(messages))
    }

    /// The same without waiting: fails with `EWOULDBLOCK` if there is nothing.
    pub(crate) fn receive_waiting(&mut self) -> std::io::Result<Vec<Heard>> {
        let messages = self.connection.receive_waiting()?;
        Ok(self.heard(messages))
    }

    /// Whether the kernel has the family under the number that this one has: a module that was loaded anew has another.
    pub(crate) fn is_there(&self, name: &str) -> Result<bool, Error> {
        match Family::open(name) {
            Ok(found) => Ok(found.id == self.id),
            Err(Error::NotLoaded) => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn heard(&self, messages: Vec<Received>) -> Vec<Heard> {
        let heard = |message| heard(self.id, message);
        messages.into_iter().filter_map(heard).collect()
    }
}

/// What a message says to a listener to the family of a number, if anything.
fn heard(id: u16, message: Received) -> Option<Heard> {
    let command = *message.payload.first()?;
    if message.kind == id {
        return Some(Heard::Event(command, strip(message.payload)));
    }
    let is_end =
        message.kind == libc::GENL_ID_CTRL as u16 && command == libc::CTRL_CMD_DELFAMILY as u8;
    let attributes = Attributes::new(message.payload.get(GENERIC_HEADER_LEN..)?);
    (is_end && number(attributes) == Some(id)).then_some(Heard::End)
}

/// The number of a family.
fn number(attributes: Attributes<'_>) -> Option<u16> {
    let value = attributes.get(libc::CTRL_ATTR_FAMILY_ID as u16)?;
    value.try_into().ok().map(u16::from_ne_bytes)
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A message of the controller about the family of a number.
    fn of_control(command: i32, id: u16) -> Received {
        let mut payload = Payload::with_header(&header(command as u8));
        payload.put(libc::CTRL_ATTR_FAMILY_ID as u16, &id.to_ne_bytes());
        Received::new(libc::GENL_ID_CTRL as u16, payload.bytes())
    }

    #[test]
    fn the_end_of_this_family_is_heard_and_nothing_of_others() {
        let end = of_control(libc::CTRL_CMD_DELFAMILY, 40);
        assert_eq!(heard(40, end), Some(Heard::End));
        for other in [
            of_control(libc::CTRL_CMD_DELFAMILY, 41),
            of_control(libc::CTRL_CMD_NEWFAMILY, 40),
            of_control(libc::CTRL_CMD_DELMCAST_GRP, 40),
            Received::new(41, &[libc::CTRL_CMD_DELFAMILY as u8, 1, 0, 0]),
            Received::new(40, &[]),
        ] {
            assert_eq!(heard(40, other), None);
        }
        let event = Received::new(40, &[7, 1, 0, 0, 9]);
        assert_eq!(heard(40, event), Some(Heard::Event(7, vec![9])));
    }
}
