// SPDX-License-Identifier: MIT OR GPL-2.0
//! Reading and writing netlink attributes.

use crate::Error;
use netlink_packet_core::{DefaultNla, Emitable, NlasIterator};
use std::net::Ipv6Addr;

/// The flag of an attribute that has attributes inside.
const NLA_F_NESTED: u16 = 1 << 15;

/// The attributes of a message or of a nest, in their order. Those with a broken length end the list.
#[derive(Clone, Copy)]
pub(crate) struct Attributes<'a>(&'a [u8]);

impl<'a> Attributes<'a> {
    /// The attributes in `bytes`.
    pub(crate) fn new(bytes: &'a [u8]) -> Attributes<'a> {
        Attributes(bytes)
    }

    /// Each attribute's number and value.
    pub(crate) fn iter(self) -> impl Iterator<Item = (u16, &'a [u8])> {
        NlasIterator::new(self.0)
            .map_while(Result::ok)
            .map(|attribute| {
                let (number, length) = (attribute.kind(), usize::from(attribute.length()));
                (
                    number,
                    attribute
                        .into_inner()
                        .get(NLA_HEADER_LEN..length)
                        .unwrap_or(&[]),
                )
            })
    }

    /// The values of an attribute that may be there several times.
    pub(crate) fn all(self, number: u16) -> impl Iterator<Item = &'a [u8]> {
        self.iter()
            .filter(move |(kind, _)| *kind == number)
            .map(|(_, value)| value)
    }

    /// The value of an attribute.
    pub(crate) fn get(self, number: u16) -> Option<&'a [u8]> {
        self.all(number).next()
    }

    /// A number of 32 bits.
    pub(crate) fn u32(self, number: u16) -> Option<u32> {
        self.get(number)
            .and_then(|value| value.try_into().ok())
            .map(u32::from_ne_bytes)
    }

    /// A number of 32 bits that must be there.
    pub(crate) fn required_u32(self, number: u16, missing: &'static str) -> Result<u32, Error> {
        self.u32(number).ok_or(Error::Malformed(missing))
    }

    /// A number of 32 or 64 bits.
    pub(crate) fn uint(self, number: u16) -> Option<u64> {
        let value = self.get(number)?;
        match value.len() {
            4 => self.u32(number).map(u64::from),
            _ => value.try_into().ok().map(u64::from_ne_bytes),
        }
    }

    /// A text, without the octet that ends it.
    pub(crate) fn string(self, number: u16) -> Option<String> {
        let value = self.get(number)?;
        let end = value
            .iter()
            .position(|octet| *octet == 0)
            .unwrap_or(value.len());
        value
            .get(..end)
            .map(|text| String::from_utf8_lossy(text).into_owned())
    }

    /// An IPv6 address.
    pub(crate) fn address(self, number: u16) -> Option<Ipv6Addr> {
        self.get(number).and_then(address)
    }

    /// An IPv6 address that must be there.
    pub(crate) fn required_address(
        self,
        number: u16,
        missing: &'static str,
    ) -> Result<Ipv6Addr, Error> {
        self.address(number).ok_or(Error::Malformed(missing))
    }

    /// The attributes inside each attribute of a number.
    pub(crate) fn nests(self, number: u16) -> impl Iterator<Item = Attributes<'a>> {
        self.all(number).map(Attributes)
    }
}

/// The address of 16 octets.
pub(crate) fn address(octets: &[u8]) -> Option<Ipv6Addr> {
    <[u8; 16]>::try_from(octets).ok().map(Ipv6Addr::from)
}

/// Octets of a netlink message's header.
pub(crate) const HEADER_LEN: usize = 16;
/// Octets of an attribute's length and number.
pub(crate) const NLA_HEADER_LEN: usize = 4;

/// The attributes of a request, being written.
#[derive(Clone, Debug, Default)]
pub(crate) struct Payload(Vec<u8>);

impl Payload {
    /// A request that begins with a header other than attributes.
    pub(crate) fn with_header(header: &[u8]) -> Payload {
        Payload(header.to_vec())
    }

    /// Adds an attribute.
    pub(crate) fn put(&mut self, number: u16, value: &[u8]) {
        let attribute = DefaultNla::new(number, value.to_vec());
        let start = self.0.len();
        self.0.resize(start + attribute.buffer_len(), 0);
        if let Some(room) = self.0.get_mut(start..) {
            attribute.emit(room);
        }
    }

    /// Adds a number of 32 bits.
    pub(crate) fn put_u32(&mut self, number: u16, value: u32) {
        self.put(number, &value.to_ne_bytes());
    }

    /// Adds a number of 64 bits.
    pub(crate) fn put_u64(&mut self, number: u16, value: u64) {
        self.put(number, &value.to_ne_bytes());
    }

    /// Adds an address.
    pub(crate) fn put_address(&mut self, number: u16, value: Ipv6Addr) {
        self.put(number, &value.octets());
    }

    /// Adds a text, with the octet that ends it.
    pub(crate) fn put_string(&mut self, number: u16, value: &str) {
        self.put(number, &[value.as_bytes(), &[0]].concat());
    }

    /// Adds a nest.
    pub(crate) fn put_nest(&mut self, number: u16, inside: &Payload) {
        self.put(number | NLA_F_NESTED, inside.bytes());
    }

    /// The octets.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }
}
