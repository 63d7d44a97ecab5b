// SPDX-License-Identifier: GPL-2.0
//! What `status` keeps of the contexts, however many there are: counts, peers, and those in trouble.

use libshim6::spec::{ContextState, Enumeration, LocatorStatus, ReapState};
use libshim6::{Context, Pair};
use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv6Addr;

/// Contexts in the sum.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Overview {
    /// All of them.
    pub(crate) total: usize,
    /// Those that use other locators than their ULIDs.
    pub(crate) switched: usize,
    /// Peers, by the ULIDs of theirs.
    pub(crate) peers: BTreeSet<Ipv6Addr>,
    /// The peer of the first context.
    pub(crate) first_peer: Option<Ipv6Addr>,
    /// The peer of the first context that looks for a path.
    pub(crate) first_exploring: Option<Ipv6Addr>,
    /// ULIDs whose peer gave no answer to Shim6, and whether anything else has come from it.
    pub(crate) silent: Vec<(Pair, bool)>,
    /// Locators of established contexts that did not answer the latest probes.
    pub(crate) unreachable: BTreeSet<Ipv6Addr>,
    states: BTreeMap<&'static str, usize>,
    reap_states: BTreeMap<&'static str, usize>,
}

impl Overview {
    /// Counts one more.
    pub(crate) fn add(&mut self, context: &Context) {
        let peer = context.ulids.peer;
        self.total += 1;
        self.switched += usize::from(context.is_switched());
        self.peers.insert(peer);
        self.first_peer.get_or_insert(peer);
        *self.states.entry(context.state.name()).or_default() += 1;
        if let Some(reap) = context.reap_state {
            *self.reap_states.entry(reap.name()).or_default() += 1;
            if matches!(reap, ReapState::Exploring | ReapState::InboundOk) {
                self.first_exploring.get_or_insert(peer);
            }
        }
        match context.state {
            ContextState::EFailed => self.silent.push((context.ulids, context.rx_age.is_some())),
            ContextState::Established => self.unreachable.extend(unreachable(context)),
            _ => {}
        }
    }

    /// Contexts in a state of the exchange.
    pub(crate) fn in_state(&self, state: ContextState) -> usize {
        self.states.get(state.name()).copied().unwrap_or(0)
    }

    /// Contexts in a state of reachability.
    pub(crate) fn in_reap_state(&self, state: ReapState) -> usize {
        self.reap_states.get(state.name()).copied().unwrap_or(0)
    }
}

fn unreachable(context: &Context) -> impl Iterator<Item = Ipv6Addr> + '_ {
    let locators = context.locators_peer.iter().chain(&context.locators_local);
    locators
        .filter(|locator| locator.status == LocatorStatus::Unreachable)
        .map(|locator| locator.address)
}
