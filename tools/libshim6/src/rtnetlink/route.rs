// SPDX-License-Identifier: MIT OR GPL-2.0
//! Routes: which prefixes are on link, and where a packet would leave.

use super::{Rtnetlink, AF_INET6};
use crate::netlink::{Attributes, Layout, Payload};
use crate::{Error, Listing};
use std::net::Ipv6Addr;

/// Octets of `struct rtmsg`.
const HEADER_LEN: usize = 12;
/// `RTN_UNICAST` of linux/rtnetlink.h.
const UNICAST: u8 = 1;

/// A prefix whose hosts are neighbours on an interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OnLink {
    /// The prefix.
    pub prefix: Ipv6Addr,
    /// The length of the prefix.
    pub prefix_len: u8,
    /// The interface.
    pub index: u32,
}

/// Where a packet would leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Path {
    /// The interface.
    pub index: u32,
    /// The source address that the kernel would choose.
    pub source: Option<Ipv6Addr>,
}

impl Rtnetlink {
    /// The prefixes that are on link: routes without a gateway, but those of link-local and default scope.
    pub fn on_link(&mut self) -> Result<Listing<OnLink>, Error> {
        let mut header = [0; HEADER_LEN];
        header[0] = AF_INET6;
        self.list(libc::RTM_GETROUTE, &header, |header, attributes| {
            let prefix_len = *header.get(1)?;
            let is_plain = *header.get(7)? == UNICAST
                && attributes.get(libc::RTA_GATEWAY).is_none()
                && attributes.get(libc::RTA_MULTIPATH).is_none();
            let prefix = attributes.address(libc::RTA_DST)?;
            let is_global =
                prefix_len > 0 && !prefix.is_unicast_link_local() && !prefix.is_multicast();
            let on_link = OnLink {
                prefix,
                prefix_len,
                index: attributes.u32(libc::RTA_OIF)?,
            };
            (is_plain && is_global).then_some(on_link)
        })
    }

    /// Where a packet to `destination` would leave, if it came from `source`. None if there is no route.
    pub fn path(
        &mut self,
        destination: Ipv6Addr,
        source: Option<Ipv6Addr>,
    ) -> Result<Option<Path>, Error> {
        let mut header = [0; HEADER_LEN];
        header[0] = AF_INET6;
        header[1] = 128;
        header[2] = if source.is_some() { 128 } else { 0 };
        let mut payload = Payload::with_header(&header);
        payload.put_address(libc::RTA_DST, destination);
        if let Some(source) = source {
            payload.put_address(libc::RTA_SRC, source);
        }
        let layout = Layout {
            header_len: HEADER_LEN,
            set: None,
        };
        let answer = match self
            .connection
            .request(libc::RTM_GETROUTE, 0, payload.bytes(), layout)
        {
            Err(error)
                if matches!(
                    error.errno(),
                    Some(libc::ENETUNREACH | libc::EHOSTUNREACH | libc::EACCES | libc::EINVAL)
                ) =>
            {
                return Ok(None)
            }
            answer => answer?,
        };
        let attributes = answer
            .first()
            .and_then(|message| message.get(HEADER_LEN..))
            .map(Attributes::new);
        Ok(attributes.and_then(|attributes| {
            Some(Path {
                index: attributes.u32(libc::RTA_OIF)?,
                source: attributes.address(libc::RTA_PREFSRC),
            })
        }))
    }
}
