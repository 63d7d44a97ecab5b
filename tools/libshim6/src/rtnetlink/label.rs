// SPDX-License-Identifier: MIT OR GPL-2.0
//! The policy table of RFC 6724 section 2.1, by which programs come to choose the addresses of an HBA set.
//!
//! Other addresses of the same prefix (SLAAC, temporary ones) would win by rule 7 or by chance. So their prefix gets a
//! label of its own, [`OTHERS`], and each address of the set keeps the label that it had. Rule 6 (matching label) then
//! prefers the set's address for destinations elsewhere, before rule 7 looks at temporary addresses. Rule 5 (outgoing
//! interface) comes first still, no address is deprecated, and destinations with a label of their own, such as the ULAs
//! of a tunnel, are left alone. A home address (rule 4) would win over rule 5, and be the source into such tunnels.

use super::{number_at, Rtnetlink, AF_INET6};
use crate::netlink::Payload;
use crate::{Error, Listing};
use std::net::Ipv6Addr;

/// The label of the other addresses of a set's prefixes: 0x5533, which no one else is likely to use.
pub const OTHERS: u32 = 0x5533;

/// Octets of `struct ifaddrlblmsg`.
const HEADER_LEN: usize = 12;

/// Attributes of labels (linux/if_addrlabel.h).
mod number {
    pub(super) const IFAL_ADDRESS: u16 = 1;
    pub(super) const IFAL_LABEL: u16 = 2;
}

/// A line of the policy table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Label {
    /// The prefix.
    pub prefix: Ipv6Addr,
    /// The length of the prefix.
    pub prefix_len: u8,
    /// The label of addresses of this prefix.
    pub label: u32,
    /// The interface to which it is limited; 0 for none.
    pub index: u32,
}

impl Label {
    fn covers(&self, address: Ipv6Addr) -> bool {
        let mask = u128::MAX
            .checked_shl(128 - u32::from(self.prefix_len))
            .unwrap_or(0);
        (u128::from(self.prefix) ^ u128::from(address)) & mask == 0
    }
}

impl Rtnetlink {
    /// The policy table.
    pub fn labels(&mut self) -> Result<Listing<Label>, Error> {
        let mut header = [0; HEADER_LEN];
        header[0] = AF_INET6;
        self.list(libc::RTM_GETADDRLABEL, &header, |header, attributes| {
            Some(Label {
                prefix: attributes.address(number::IFAL_ADDRESS)?,
                prefix_len: *header.get(2)?,
                label: attributes.u32(number::IFAL_LABEL)?,
                index: number_at(header, 4)?,
            })
        })
    }

    /// Makes programs choose `address` rather than others of its prefix.
    pub fn prefer(&mut self, address: Ipv6Addr) -> Result<(), Error> {
        let table = self.labels()?.items;
        // The kernel itself refuses only some of those that are there already.
        let missing = wanted(&table, address)
            .into_iter()
            .filter(|label| !table.contains(label));
        for label in missing {
            match self.change_label(
                libc::RTM_NEWADDRLABEL,
                libc::NLM_F_CREATE | libc::NLM_F_EXCL,
                &label,
            ) {
                Err(error) if error.errno() == Some(libc::EEXIST) => {}
                result => result?,
            }
        }
        Ok(())
    }

    /// Undoes [`Rtnetlink::prefer`]. The prefix keeps its label while another address of it is preferred.
    pub fn unprefer(&mut self, address: Ipv6Addr) -> Result<(), Error> {
        let table = self.labels()?.items;
        for label in unwanted(&table, address) {
            self.change_label(libc::RTM_DELADDRLABEL, 0, &label)?;
        }
        Ok(())
    }

    fn change_label(&mut self, kind: u16, flags: i32, label: &Label) -> Result<(), Error> {
        let mut header = [0; HEADER_LEN];
        header[0] = AF_INET6;
        header[2] = label.prefix_len;
        let mut payload = Payload::with_header(&header);
        payload.put_address(number::IFAL_ADDRESS, label.prefix);
        payload.put_u32(number::IFAL_LABEL, label.label);
        self.change(kind, flags, &payload, HEADER_LEN)
    }
}

/// The lines that prefer `address`.
fn wanted(table: &[Label], address: Ipv6Addr) -> [Label; 2] {
    let others = Label {
        prefix: prefix64(address),
        prefix_len: 64,
        label: OTHERS,
        index: 0,
    };
    // What the address would have without the lines of this module; ::/0 has 1 unless somebody changed it.
    let covering = table
        .iter()
        .filter(|label| label.index == 0 && label.prefix_len < 64 && label.covers(address));
    let label = covering
        .max_by_key(|label| label.prefix_len)
        .map_or(1, |label| label.label);
    [
        Label {
            prefix: address,
            prefix_len: 128,
            label,
            index: 0,
        },
        others,
    ]
}

/// The lines that go when `address` is no longer preferred.
fn unwanted(table: &[Label], address: Ipv6Addr) -> Vec<Label> {
    let others = wanted(table, address)[1];
    let own = table
        .iter()
        .filter(|label| label.prefix_len == 128 && label.index == 0 && label.prefix == address);
    let mut lines: Vec<Label> = own.copied().collect();
    let is_shared = table.iter().any(|label| {
        label.prefix_len == 128 && label.prefix != address && others.covers(label.prefix)
    });
    if !is_shared {
        lines.extend(table.iter().filter(|label| **label == others));
    }
    lines
}

/// The prefix of 64 bits that an address has.
fn prefix64(address: Ipv6Addr) -> Ipv6Addr {
    Ipv6Addr::from(u128::from(address) >> 64 << 64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label(prefix: &str, prefix_len: u8, label: u32) -> Label {
        Label {
            prefix: prefix.parse().expect("an address"),
            prefix_len,
            label,
            index: 0,
        }
    }

    fn kernel_table() -> Vec<Label> {
        vec![
            label("::", 0, 1),
            label("fc00::", 7, 5),
            label("2001::", 32, 6),
        ]
    }

    #[test]
    fn an_address_keeps_its_label_and_its_prefix_gets_another() {
        let address = "2001:db8:a:1::7".parse().expect("an address");
        assert_eq!(
            wanted(&kernel_table(), address),
            [
                label("2001:db8:a:1::7", 128, 1),
                label("2001:db8:a:1::", 64, OTHERS)
            ]
        );
        let ula = "fd00:1:2:3::7".parse().expect("an address");
        assert_eq!(wanted(&kernel_table(), ula)[0].label, 5);
    }

    #[test]
    fn the_prefix_keeps_its_label_while_another_address_needs_it() {
        let address = "2001:db8:a:1::7".parse().expect("an address");
        let mut table = kernel_table();
        table.extend(wanted(&kernel_table(), address));
        assert_eq!(unwanted(&table, address).len(), 2);
        table.push(table[table.len() - 1]);
        assert_eq!(unwanted(&table, address).len(), 3, "a copy goes, too");
        table.push(label("2001:db8:a:1::8", 128, 1));
        assert_eq!(
            unwanted(&table, address),
            [label("2001:db8:a:1::7", 128, 1)]
        );
        assert_eq!(unwanted(&kernel_table(), address), []);
    }
}
