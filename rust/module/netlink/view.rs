// SPDX-License-Identifier: GPL-2.0
//! What a namespace shows of itself: borrowed data, read under the control lock and gone with it.

use crate::settings::Settings;
use shim6_core::{
    context::{Context, Establishment, Past},
    locator::{LocalSet, Pair, MAX_LOCAL},
    reap::{Exploration, Notes},
    time::Instant,
    wire::Fii,
};

/// One context with what its namespace keeps beside it.
pub(crate) struct ContextView<'a> {
    /// Its number; never 0.
    pub(crate) id: u32,
    /// The protocol's part.
    pub(crate) context: &'a Context,
    /// The exchange that is going on.
    pub(crate) establishment: Option<&'a Establishment>,
    /// The exploration that is going on, or has ended lately.
    pub(crate) exploration: Option<&'a Exploration>,
    /// What it has behind it, if there is anything.
    pub(crate) past: Option<&'a Past>,
    /// The times its packets have written.
    pub(crate) notes: Notes,
    /// The time on the clock of the notes.
    pub(crate) now: Instant,
    /// What it has done.
    pub(crate) counters: ContextCounters,
    /// The local set of its ULID; none if the set has just gone.
    pub(crate) locals: Option<&'a LocalSet>,
    /// The number of that set; 0 if the ULID is of none.
    pub(crate) hba_id: u32,
    /// For each of its addresses the interface that has it; 0: none.
    pub(crate) ifindex: [u32; MAX_LOCAL],
    /// The namespace's settings.
    pub(crate) settings: &'a Settings,
}

/// What one context has done since it was created.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ContextCounters {
    /// Payload packets sent to other locators than the ULIDs.
    pub(crate) tx_packets: u64,
    /// Octets of these.
    pub(crate) tx_octets: u64,
    /// Payload packets received with the context's tag.
    pub(crate) rx_packets: u64,
    /// Octets of these.
    pub(crate) rx_octets: u64,
    /// Changes of the current locator pair.
    pub(crate) switches: u64,
    /// Keepalive messages sent.
    pub(crate) keepalives_sent: u64,
    /// Keepalive messages received.
    pub(crate) keepalives_received: u64,
    /// Probe messages sent.
    pub(crate) probes_sent: u64,
    /// Probe messages received.
    pub(crate) probes_received: u64,
}

/// One HBA set.
pub(crate) struct HbaView<'a> {
    /// Its number; never 0.
    pub(crate) id: u32,
    /// Its label, without NUL; empty if it has none.
    pub(crate) label: &'a [u8],
    /// Its addresses and parameters.
    pub(crate) set: &'a LocalSet,
    /// Sec of its addresses, 0 to 2.
    pub(crate) sec: u32,
    /// Contexts whose ULID(local) is of it.
    pub(crate) contexts: u32,
    /// For each address the interface that has it; 0: none.
    pub(crate) ifindex: [u32; MAX_LOCAL],
    /// For each address the contexts that send from it.
    pub(crate) senders: [u32; MAX_LOCAL],
}

/// How a request names one context.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Select {
    /// By its number.
    Id(u32),
    /// By its ULIDs and forked instance.
    Ulids(Pair, Fii),
}

/// Numbers of the present.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Numbers {
    /// Contexts, all states.
    pub(crate) contexts: u32,
    /// HBA sets loaded.
    pub(crate) hba_sets: u32,
    /// Local locators that are usable.
    pub(crate) locators: u32,
}
