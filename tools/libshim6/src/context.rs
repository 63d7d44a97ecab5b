// SPDX-License-Identifier: MIT OR GPL-2.0
//! Contexts, as the kernel tells them, and how some of them are asked for.

use crate::netlink::{Attributes, Payload};
use crate::spec::{
    self, context as number, Cause, ContextState, Enumeration, PairRole, ReapState, Role, Timer,
};
use crate::{Error, Locator};
use std::net::Ipv6Addr;

/// Two addresses between which packets go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Pair {
    /// This host's address.
    pub local: Ipv6Addr,
    /// The peer's address.
    pub peer: Ipv6Addr,
}

/// Whether a peer speaks Shim6.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It has answered I1.
    Yes,
    /// Its ICMPv6 error said that it does not know the protocol.
    No,
    /// It did not answer, and was given up.
    Silence,
    /// It has not answered yet.
    None,
}

/// A change of a context's current pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Switch {
    /// Milliseconds since.
    pub age: u64,
    /// For how many milliseconds nothing had come from the peer by then.
    pub silence: u64,
    /// Why.
    pub cause: Cause,
}

/// A locator pair that is looked after beside the current one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WatchedPair {
    /// The pair.
    pub pair: Pair,
    /// Why it is looked after.
    pub role: PairRole,
    /// Milliseconds since when all Probes over it were answered, if the last were.
    pub good_age: Option<u64>,
    /// Probes over it in a row that were not answered.
    pub lost: u32,
    /// Mean round trip in milliseconds, if it is known.
    pub round_trip: Option<u64>,
}

/// A context (RFC 5533 section 6). Ages are in milliseconds, up to the time of the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Context {
    /// Its number in the namespace.
    pub id: u32,
    /// State of the exchange.
    pub state: ContextState,
    /// The addresses that applications use.
    pub ulids: Pair,
    /// Forked Instance Identifier; 0 for the default context of the pair.
    pub fii: u32,
    /// How this host came to have it.
    pub role: Option<Role>,
    /// CT(local); CAP_NET_ADMIN only.
    pub tag_local: Option<u64>,
    /// CT(peer); CAP_NET_ADMIN only, and once it is known.
    pub tag_peer: Option<u64>,
    /// The locators in use.
    pub current: Option<Pair>,
    /// The locators that were in use before the last switch.
    pub previous: Option<Pair>,
    /// Ls(local), which the peer was told.
    pub locators_local: Vec<Locator>,
    /// Ls(peer).
    pub locators_peer: Vec<Locator>,
    /// State of reachability (RFC 5534).
    pub reap_state: Option<ReapState>,
    /// What last happened; in an event, what happened now.
    pub event: Option<spec::Event>,
    /// Why that happened.
    pub cause: Option<Cause>,
    /// Why the locators in use were last changed.
    pub switch_cause: Option<Cause>,
    /// Time since it was created.
    pub created_age: Option<u64>,
    /// Time since its state changed.
    pub state_age: Option<u64>,
    /// Time since the locators in use changed.
    pub switch_age: Option<u64>,
    /// Time since the last packet from the peer.
    pub rx_age: Option<u64>,
    /// Time since the last payload to the peer.
    pub tx_age: Option<u64>,
    /// How long nothing came from the peer around the last exploration.
    pub outage: Option<u64>,
    /// The timers that run, with the milliseconds left.
    pub timers: Vec<(Timer, u64)>,
    /// What it has done: values of the attribute set [`spec::COUNTERS`], by number.
    pub counters: Vec<(u16, u64)>,
    /// Keepalive Timeout that holds for it, in milliseconds.
    pub keepalive_timeout: Option<u32>,
    /// Copies sent so far of the message that awaits an answer.
    pub retries: u32,
    /// The HBA set of ULID(local).
    pub hba_id: Option<u32>,
    /// The last changes of the locators in use, the latest first.
    pub switches: Vec<Switch>,
    /// The pairs that are looked after beside those in use.
    pub pairs: Vec<WatchedPair>,
    /// Mean round trip over the locators in use, in milliseconds, if it is known.
    pub round_trip: Option<u64>,
}

impl Context {
    pub(crate) fn read(attributes: Attributes<'_>) -> Result<Context, Error> {
        let state = attributes.required_u32(number::STATE, "a context without a state")?;
        let cause = |which| attributes.u32(which).map(Cause::from_number);
        Ok(Context {
            id: attributes.required_u32(number::ID, "a context without a number")?,
            state: ContextState::from_number(state),
            ulids: pair(attributes, number::ULID_LOCAL, number::ULID_PEER)
                .ok_or(Error::Malformed("no ULIDs"))?,
            fii: attributes.u32(number::FII).unwrap_or(0),
            role: attributes.u32(number::ROLE).map(Role::from_number),
            tag_local: attributes.uint(number::TAG_LOCAL),
            tag_peer: attributes.uint(number::TAG_PEER),
            current: pair(attributes, number::CURRENT_LOCAL, number::CURRENT_PEER),
            previous: pair(attributes, number::PREVIOUS_LOCAL, number::PREVIOUS_PEER),
            locators_local: Locator::read_all(attributes, number::LOCATOR_LOCAL)?,
            locators_peer: Locator::read_all(attributes, number::LOCATOR_PEER)?,
            reap_state: attributes
                .u32(number::REAP_STATE)
                .map(ReapState::from_number),
            event: attributes.u32(number::EVENT).map(spec::Event::from_number),
            cause: cause(number::CAUSE),
            switch_cause: cause(number::SWITCH_CAUSE),
            created_age: attributes.uint(number::CREATED_AGE),
            state_age: attributes.uint(number::STATE_AGE),
            switch_age: attributes.uint(number::SWITCH_AGE),
            rx_age: attributes.uint(number::RX_AGE),
            tx_age: attributes.uint(number::TX_AGE),
            outage: attributes.uint(number::OUTAGE),
            timers: attributes.nests(number::TIMER).filter_map(timer).collect(),
            counters: counters(attributes),
            keepalive_timeout: attributes.u32(number::KEEPALIVE_TIMEOUT),
            retries: attributes.u32(number::RETRIES).unwrap_or(0),
            hba_id: attributes.u32(number::HBA_ID),
            switches: attributes
                .nests(number::SWITCH)
                .filter_map(switch)
                .collect(),
            pairs: attributes.nests(number::PAIR).filter_map(watched).collect(),
            round_trip: attributes.uint(number::ROUND_TRIP),
        })
    }

    /// Whether packets go between other addresses than the ULIDs.
    pub fn is_switched(&self) -> bool {
        self.current.is_some_and(|current| current != self.ulids)
    }

    /// What the peer has said so far to the question whether it speaks Shim6.
    pub fn answer(&self) -> Answer {
        match self.state {
            ContextState::Established | ContextState::I2Sent | ContextState::I2bisSent => {
                Answer::Yes
            }
            ContextState::NoSupport => Answer::No,
            ContextState::EFailed => Answer::Silence,
            ContextState::Idle | ContextState::I1Sent | ContextState::Unknown(_) => Answer::None,
        }
    }

    /// How long the peer is not asked again, in milliseconds, if it is held down.
    pub fn hold_down(&self) -> Option<u64> {
        self.timers
            .iter()
            .find(|(timer, _)| *timer == Timer::HoldDown)
            .map(|(_, left)| *left)
    }

    /// A counter by its number in [`spec::counters`].
    pub fn counter(&self, number: u16) -> u64 {
        self.counters
            .iter()
            .find(|(which, _)| *which == number)
            .map_or(0, |(_, value)| *value)
    }
}

fn pair(attributes: Attributes<'_>, local: u16, peer: u16) -> Option<Pair> {
    Some(Pair {
        local: attributes.address(local)?,
        peer: attributes.address(peer)?,
    })
}

fn timer(attributes: Attributes<'_>) -> Option<(Timer, u64)> {
    let kind = attributes.u32(spec::timer::KIND)?;
    Some((
        Timer::from_number(kind),
        attributes.uint(spec::timer::REMAINING)?,
    ))
}

fn switch(attributes: Attributes<'_>) -> Option<Switch> {
    Some(Switch {
        age: attributes.uint(spec::switch::AGE)?,
        silence: attributes.uint(spec::switch::SILENCE)?,
        cause: Cause::from_number(attributes.u32(spec::switch::CAUSE)?),
    })
}

fn watched(attributes: Attributes<'_>) -> Option<WatchedPair> {
    Some(WatchedPair {
        pair: pair(attributes, spec::pair::LOCAL, spec::pair::PEER)?,
        role: PairRole::from_number(attributes.u32(spec::pair::ROLE)?),
        good_age: attributes.uint(spec::pair::GOOD_AGE),
        lost: attributes.u32(spec::pair::LOST).unwrap_or(0),
        round_trip: attributes.uint(spec::pair::ROUND_TRIP),
    })
}

fn counters(attributes: Attributes<'_>) -> Vec<(u16, u64)> {
    let Some(nest) = attributes.nests(number::COUNTERS).next() else {
        return Vec::new();
    };
    let known = spec::COUNTERS
        .attributes
        .iter()
        .map(|attribute| attribute.number);
    known
        .filter_map(|number| Some((number, nest.uint(number)?)))
        .collect()
}

/// Which context is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContextSelector {
    /// The one with this number.
    Id(u32),
    /// The one between these ULIDs, with this Forked Instance Identifier.
    Ulids(Pair, u32),
}

impl ContextSelector {
    pub(crate) fn payload(self) -> Payload {
        let mut payload = Payload::default();
        match self {
            ContextSelector::Id(id) => payload.put_u32(number::ID, id),
            ContextSelector::Ulids(ulids, fii) => {
                payload.put_address(number::ULID_LOCAL, ulids.local);
                payload.put_address(number::ULID_PEER, ulids.peer);
                payload.put_u32(number::FII, fii);
            }
        }
        payload
    }
}

/// Which contexts are asked for: those that have all that is given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ContextFilter {
    /// ULID(local).
    pub local: Option<Ipv6Addr>,
    /// ULID(peer).
    pub peer: Option<Ipv6Addr>,
    /// Forked Instance Identifier.
    pub fii: Option<u32>,
    /// CT(local).
    pub tag: Option<u64>,
    /// CT(peer).
    pub tag_peer: Option<u64>,
    /// Lp(local), the locator in use.
    pub current_local: Option<Ipv6Addr>,
    /// Lp(peer), the locator in use.
    pub current_peer: Option<Ipv6Addr>,
    /// The HBA set of ULID(local).
    pub hba_id: Option<u32>,
    /// State of the exchange.
    pub state: Option<ContextState>,
    /// State of reachability.
    pub reap_state: Option<ReapState>,
}

impl ContextFilter {
    pub(crate) fn payload(&self) -> Payload {
        let mut payload = Payload::default();
        if let Some(address) = self.local {
            payload.put_address(number::ULID_LOCAL, address);
        }
        if let Some(address) = self.peer {
            payload.put_address(number::ULID_PEER, address);
        }
        if let Some(fii) = self.fii {
            payload.put_u32(number::FII, fii);
        }
        if let Some(tag) = self.tag {
            payload.put_u64(number::TAG_LOCAL, tag);
        }
        if let Some(tag) = self.tag_peer {
            payload.put_u64(number::TAG_PEER, tag);
        }
        if let Some(address) = self.current_local {
            payload.put_address(number::CURRENT_LOCAL, address);
        }
        if let Some(address) = self.current_peer {
            payload.put_address(number::CURRENT_PEER, address);
        }
        if let Some(id) = self.hba_id {
            payload.put_u32(number::HBA_ID, id);
        }
        if let Some(state) = self.state.and_then(Enumeration::number) {
            payload.put_u32(number::STATE, state);
        }
        if let Some(state) = self.reap_state.and_then(Enumeration::number) {
            payload.put_u32(number::REAP_STATE, state);
        }
        payload
    }
}
