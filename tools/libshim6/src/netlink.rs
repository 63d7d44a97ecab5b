// SPDX-License-Identifier: MIT OR GPL-2.0
//! Netlink itself, as far as the control interface and the few rtnetlink requests need it: attributes, requests with
//! their answers, dumps, multicast. What the messages mean is said elsewhere.

mod attributes;
mod connection;
mod extack;
mod generic;

pub(crate) use attributes::{address, Attributes, Payload};
pub(crate) use connection::{Connection, Dump};
pub(crate) use extack::Layout;
pub(crate) use generic::{Family, Heard};
