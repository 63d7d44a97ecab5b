// SPDX-License-Identifier: MIT OR GPL-2.0
//! Control of Shim6 (RFC 5533) on this host.
//!
//! [`Client`] asks and tells `shim6.ko` about contexts, HBA sets, local locators, settings and statistics; [`Listener`]
//! hears of changes. [`socket`] has the socket options of RFC 6316, [`sock_diag`] tells which sockets a context carries.
//! [`SetFile`] keeps an HBA set, [`generate`] makes one. [`rtnetlink`] has the little of addresses and routes that belongs
//! to using a set. All of it acts in the network namespace of the calling thread; see [`netns`].
//!
//! Times are in milliseconds unless a name says otherwise.
#![deny(unsafe_code)]

mod client;
mod context;
mod error;
mod event;
mod exchange;
mod ffi;
mod generate;
mod hba_set;
mod locator;
mod netlink;
pub mod netns;
mod ping;
mod policy;
pub mod rtnetlink;
mod set_file;
pub mod sock_diag;
pub mod socket;
pub mod spec;

pub use client::{Client, Listing, Setting};
pub use context::{Answer, Context, ContextFilter, ContextSelector, Pair, Switch, WatchedPair};
pub use error::{Error, KernelError};
pub use event::{Event, Listener};
pub use exchange::ulids_of;
pub use generate::generate;
pub use hba_set::{LoadedSet, SetSelector};
pub use locator::{LocalLocator, Locator, LocatorChange};
pub use ping::ping;
pub use policy::{may_use, NoPrefix, PolicyRule, Ports, Prefix};
pub use set_file::{check_label, FileError, SetFile};
pub use shim6_core as core;
