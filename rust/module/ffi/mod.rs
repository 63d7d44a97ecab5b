// SPDX-License-Identifier: GPL-2.0

//! Everything that touches the kernel's C interface: the only unsafe code of the module.

pub(crate) mod address;
pub(crate) mod bindings;
pub(crate) mod clock;
pub(crate) mod fast;
pub(crate) mod flows;
pub(crate) mod genl;
pub(crate) mod genl_dump;
pub(crate) mod genl_message;
pub(crate) mod genl_ops;
pub(crate) mod hook;
pub(crate) mod icmp;
pub(crate) mod message;
pub(crate) mod netns;
pub(crate) mod offload;
pub(crate) mod packet;
pub(crate) mod path;
pub(crate) mod percpu;
pub(crate) mod rcu;
pub(crate) mod router;
pub(crate) mod rules;
pub(crate) mod segment;
pub(crate) mod signature;
pub(crate) mod socket;
pub(crate) mod sockopt;
pub(crate) mod table;
pub(crate) mod tcp;
pub(crate) mod trace;
pub(crate) mod uapi;
pub(crate) mod whole;
