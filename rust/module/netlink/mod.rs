// SPDX-License-Identifier: GPL-2.0
//! The generic netlink family `shim6`, as `include/netlink/shim6.yaml` specifies it: what administrators see and change.
//!
//! One file for each attribute set: [`hba`], [`context`], [`locator`], [`config`],
//! [`stats`], [`policy`]; [`view`] holds what the
//! namespace shows of itself to them. Notifications are in [`crate::events`]. Generic netlink has checked types and
//! lengths before a handler runs (`ffi/genl_family.c`), and the rights of the one who asks. A handler that refuses
//! says why in a sentence, names the attribute, and changes nothing.

pub(crate) mod config;
pub(crate) mod context;
pub(crate) mod context_act;
pub(crate) mod context_dump;
pub(crate) mod context_select;
pub(crate) mod hba;
pub(crate) mod locator;
pub(crate) mod locator_change;
pub(crate) mod policy;
pub(crate) mod stats;
pub(crate) mod view;

pub(crate) use crate::ffi::genl::Family;
