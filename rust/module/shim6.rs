// SPDX-License-Identifier: GPL-2.0

//! Shim6 (RFC 5533) and REAP (RFC 5534) for the Linux kernel.
//!
//! The module's entry: what it registers, in the order in which it must come, and go the other way round.

use kernel::prelude::*;

mod control;
mod discard;
mod events;
mod ffi;
mod hba;
mod headers;
mod heuristic;
mod icmp;
mod input;
mod locators;
mod mtu;
mod netlink;
mod netns;
mod node;
mod output;
mod policy;
mod replies;
mod router;
mod settings;
mod signature;
mod sockets;
mod sockopt;
mod stats;
mod switch;
mod table;

module! {
    type: Shim6,
    name: "shim6",
    authors: ["The shim6 developers"],
    description: "Shim6: multihoming for IPv6 hosts (RFC 5533, RFC 5534)",
    license: "GPL",
}

/// What is registered. Fields are dropped from the first to the last: nobody controls any more, no address changes are
/// told, no packets are aggregated, the namespaces end with their hooks, timers and contexts, and at last the memory that
/// these came from.
struct Shim6 {
    _options: ffi::sockopt::Options,
    _family: netlink::Family,
    _notifiers: ffi::address::Notifiers,
    _neighbours: ffi::router::Neighbours,
    _whole: ffi::whole::Whole,
    _offload: ffi::offload::Offload,
    _namespaces: ffi::netns::Namespaces,
    _caches: ffi::table::Caches,
    _farewell: Farewell,
}

impl kernel::Module for Shim6 {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        let farewell = Farewell;
        let caches = ffi::table::Caches::new()?;
        let namespaces = ffi::netns::Namespaces::register()?;
        let whole = ffi::whole::Whole::register()?;
        let offload = ffi::offload::Offload::register()?;
        let notifiers = ffi::address::Notifiers::register()?;
        let neighbours = ffi::router::Neighbours::register()?;
        let family = netlink::Family::register()?;
        let options = ffi::sockopt::Options::register()?;
        pr_info!("loaded\n");
        Ok(Shim6 {
            _options: options,
            _family: family,
            _notifiers: notifiers,
            _neighbours: neighbours,
            _whole: whole,
            _offload: offload,
            _namespaces: namespaces,
            _caches: caches,
            _farewell: farewell,
        })
    }
}

/// Dropped last: says whether everything that was made is gone.
struct Farewell;

impl Drop for Farewell {
    fn drop(&mut self) {
        let (contexts, paths, extras) = (ffi::table::live(), ffi::path::live(), table::extras_live());
        let sockets = ffi::socket::live();
        let left = contexts + paths + extras + sockets;
        if left == 0 {
            pr_info!("unloaded, nothing is left\n");
        } else {
            pr_err!(
                "unloaded, {left} left: {contexts} contexts, {paths} paths, {extras} exchanges, explorations \
                 and the like, {sockets} sockets\n"
            );
        }
    }
}
