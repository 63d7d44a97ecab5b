// SPDX-License-Identifier: MIT OR GPL-2.0
//! The little of the kernel's addresses, routes and address labels that belongs to the use of an HBA set: which interface
//! has which prefix on link, adding addresses, making programs choose them, and seeing where packets would leave.

mod address;
mod label;
mod link;
mod route;

pub use address::InterfaceAddress;
pub use label::Label;
pub use link::Interface;
pub use route::{OnLink, Path};

use crate::netlink::{Attributes, Connection, Layout, Payload};
use crate::{Error, Listing};

/// The family of IPv6 in the headers of rtnetlink.
const AF_INET6: u8 = libc::AF_INET6 as u8;

/// A connection to rtnetlink in one network namespace.
pub struct Rtnetlink {
    connection: Connection,
}

impl Rtnetlink {
    /// Connects in this thread's network namespace.
    pub fn open() -> Result<Rtnetlink, Error> {
        Ok(Rtnetlink {
            connection: Connection::open(libc::NETLINK_ROUTE as isize)?,
        })
    }

    fn change(
        &mut self,
        kind: u16,
        flags: i32,
        payload: &Payload,
        header_len: usize,
    ) -> Result<(), Error> {
        self.connection
            .request(
                kind,
                flags,
                payload.bytes(),
                Layout {
                    header_len,
                    set: None,
                },
            )
            .map(drop)
    }

    /// Everything of a kind; what `read` cannot make sense of is left out.
    fn list<T>(
        &mut self,
        kind: u16,
        header: &[u8],
        read: impl Fn(&[u8], Attributes<'_>) -> Option<T>,
    ) -> Result<Listing<T>, Error> {
        let header_len = header.len();
        let dump = self.connection.dump(
            kind,
            header,
            Layout {
                header_len,
                set: None,
            },
        )?;
        let split = |message: &Vec<u8>| {
            let (header, attributes) = message.split_at_checked(header_len)?;
            read(header, Attributes::new(attributes))
        };
        Ok(Listing {
            items: dump.items.iter().filter_map(split).collect(),
            is_interrupted: dump.is_interrupted,
        })
    }
}

/// The 32-bit number at `offset` of a header.
fn number_at(header: &[u8], offset: usize) -> Option<u32> {
    header
        .get(offset..)?
        .first_chunk()
        .copied()
        .map(u32::from_ne_bytes)
}
