// SPDX-License-Identifier: GPL-2.0
//! Policy: an operator's rules about which packets start contexts, which local addresses are locators, and which peers
//! are told of them.
//!
//! A namespace has one list of [`Rule`]s, in the order in which they are looked at. It is read under RCU, and replaced as
//! a whole ([`apply`]). Packets that have a context never come here.

mod apply;

pub(crate) use apply::{allow, Refused};

use crate::ffi::uapi;
use shim6_core::addr::Addr;

/// The most rules of a namespace: a packet that may start a context is compared with all of them.
pub(crate) const MAX_RULES: usize = uapi::SHIM6_MAX_POLICY_RULES as usize;

/// The order of a rule that is given none.
pub(crate) const DEFAULT_ORDER: u32 = 1000;

/// The protocol number of Multipath TCP, which is no Next Header.
pub(crate) const MPTCP: u16 = uapi::SHIM6_POLICY_PROTOCOL_MPTCP as u16;

/// What a rule does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// Packets start no context.
    Never,
    /// The first packet starts one.
    AtOnce,
    /// So many packets sent do, or so many milliseconds.
    After {
        /// Packets of the pair of addresses; 0: never for their number.
        packets: u32,
        /// Milliseconds since the first of them; 0: never for that.
        time: u32,
    },
    /// Local addresses may be locators.
    Use,
    /// They may not.
    UseNot,
    /// Peers are told of local addresses.
    Tell,
    /// They are not.
    TellNot,
}

/// The kinds of questions that rules answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// When does a packet start a context?
    Start,
    /// May a local address be a locator?
    Use,
    /// May a peer be told of it?
    Tell,
}

impl Action {
    /// The question that it answers.
    pub(crate) fn kind(self) -> Kind {
        match self {
            Action::Never | Action::AtOnce | Action::After { .. } => Kind::Start,
            Action::Use | Action::UseNot => Kind::Use,
            Action::Tell | Action::TellNot => Kind::Tell,
        }
    }
}

/// Addresses that begin alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Prefix {
    /// The first of them.
    pub(crate) address: Addr,
    /// Bits that they have in common, 0 to 128.
    pub(crate) len: u8,
}

impl Prefix {
    /// The bits that count.
    fn mask(self) -> u128 {
        u128::MAX.checked_shl(128 - u32::from(self.len.min(128))).unwrap_or(0)
    }

    /// Whether an address begins like this.
    pub(crate) fn contains(self, address: &Addr) -> bool {
        (u128::from_be_bytes(self.address.0) ^ u128::from_be_bytes(address.0)) & self.mask() == 0
    }

    /// Whether no bit is set that does not count.
    pub(crate) fn is_clean(self) -> bool {
        u128::from_be_bytes(self.address.0) & !self.mask() == 0
    }
}

/// Ports from the first to the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ports {
    /// The first; never 0.
    pub(crate) first: u16,
    /// The last; not below the first.
    pub(crate) last: u16,
}

/// One rule. What is none matches anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rule {
    /// Its number; never 0.
    pub(crate) id: u32,
    /// Its place: the lowest comes first.
    pub(crate) order: u32,
    /// What it does.
    pub(crate) action: Action,
    /// This host's address.
    pub(crate) local: Option<Prefix>,
    /// The peer's address.
    pub(crate) peer: Option<Prefix>,
    /// A Next Header number, or [`MPTCP`].
    pub(crate) protocol: Option<u16>,
    /// This host's port.
    pub(crate) local_ports: Option<Ports>,
    /// The peer's port.
    pub(crate) peer_ports: Option<Ports>,
    /// The user whose socket sends, by the kernel's own number.
    pub(crate) user: Option<u32>,
}

/// What rules may ask of a packet that has no context.
pub(crate) struct Facts {
    /// Its source.
    pub(crate) local: Addr,
    /// Its destination.
    pub(crate) peer: Addr,
    /// Its transport, if it can be found.
    pub(crate) protocol: Option<u16>,
    /// Whether that has several addresses of its own.
    pub(crate) is_multihomed: bool,
    /// Source and destination port, if it has them.
    pub(crate) ports: Option<(u16, u16)>,
    /// Whose socket sends it.
    pub(crate) user: Option<u32>,
}

fn has(wanted: Option<Ports>, port: Option<u16>) -> bool {
    wanted.is_none_or(|ports| port.is_some_and(|port| (ports.first..=ports.last).contains(&port)))
}

impl Rule {
    fn matches_addresses(&self, local: &Addr, peer: &Addr) -> bool {
        self.local.is_none_or(|prefix| prefix.contains(local)) && self.peer.is_none_or(|prefix| prefix.contains(peer))
    }

    /// Whether it is about this packet. Transports with several addresses of their own must be named.
    fn matches(&self, facts: &Facts) -> bool {
        let protocol = match self.protocol {
            Some(protocol) => facts.protocol == Some(protocol),
            None => !facts.is_multihomed,
        };
        protocol
            && self.matches_addresses(&facts.local, &facts.peer)
            && has(self.local_ports, facts.ports.map(|(local, _)| local))
            && has(self.peer_ports, facts.ports.map(|(_, peer)| peer))
            && self.user.is_none_or(|user| facts.user == Some(user))
    }

    /// Whether two say the same, whatever their numbers.
    pub(crate) fn is_like(&self, other: &Rule) -> bool {
        *self == Rule { id: self.id, ..*other }
    }
}

/// What the rules say of a packet without a context; none if none is about it.
pub(crate) fn start(rules: &[Rule], facts: &Facts) -> Option<Action> {
    let mut about = rules.iter().filter(|rule| rule.action.kind() == Kind::Start);
    about.find(|rule| rule.matches(facts)).map(|rule| rule.action)
}

/// Whether a local address may be a locator.
pub(crate) fn may_use(rules: &[Rule], local: &Addr) -> bool {
    let mut about = rules.iter().filter(|rule| rule.action.kind() == Kind::Use);
    let found = about.find(|rule| rule.local.is_none_or(|prefix| prefix.contains(local)));
    found.is_none_or(|rule| rule.action == Action::Use)
}

/// Whether a peer may be told of a local address.
pub(crate) fn may_tell(rules: &[Rule], local: &Addr, peer: &Addr) -> bool {
    let mut about = rules.iter().filter(|rule| rule.action.kind() == Kind::Tell);
    about.find(|rule| rule.matches_addresses(local, peer)).is_none_or(|rule| rule.action == Action::Tell)
}
