// SPDX-License-Identifier: MIT OR GPL-2.0
//! Policy rules: which packets start contexts, which local addresses are locators, and which peers are told of them.

use crate::netlink::{Attributes, Payload};
use crate::spec::{policy as number, Enumeration, PolicyAction};
use crate::Error;
use std::fmt;
use std::net::Ipv6Addr;
use std::str::FromStr;

/// Addresses that begin alike, as `2001:db8::/32`; a single one has a length of 128.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Prefix {
    /// The first of them.
    pub address: Ipv6Addr,
    /// Bits that they have in common, 0 to 128.
    pub len: u8,
}

impl Prefix {
    /// Whether an address begins like this.
    pub fn contains(&self, address: Ipv6Addr) -> bool {
        let mask = u128::MAX
            .checked_shl(128 - u32::from(self.len.min(128)))
            .unwrap_or(0);
        (u128::from(self.address) ^ u128::from(address)) & mask == 0
    }
}

/// Whether rules let a local address be a locator. They are in the order in which they are looked at.
pub fn may_use(rules: &[PolicyRule], address: Ipv6Addr) -> bool {
    let about = |rule: &&PolicyRule| {
        matches!(rule.action, PolicyAction::Use | PolicyAction::UseNot)
            && rule.local.is_none_or(|prefix| prefix.contains(address))
    };
    let found = rules.iter().find(about);
    found.is_none_or(|rule| rule.action == PolicyAction::Use)
}

/// A text that is no prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoPrefix;

impl FromStr for Prefix {
    type Err = NoPrefix;

    fn from_str(text: &str) -> Result<Prefix, NoPrefix> {
        let (address, len) = text.split_once('/').unwrap_or((text, "128"));
        let len = len.parse().ok().filter(|len| *len <= 128);
        Ok(Prefix {
            address: address.parse().map_err(|_| NoPrefix)?,
            len: len.ok_or(NoPrefix)?,
        })
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.len {
            128 => self.address.fmt(f),
            len => write!(f, "{}/{len}", self.address),
        }
    }
}

/// Ports from the first to the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ports {
    /// The first; never 0.
    pub first: u16,
    /// The last.
    pub last: u16,
}

/// A policy rule. What is none matches anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PolicyRule {
    /// Its number in the namespace; none in one that is to be added.
    pub id: Option<u32>,
    /// Its place: the lowest is looked at first. The kernel's default if it is none.
    pub order: Option<u32>,
    /// What it does.
    pub action: PolicyAction,
    /// This host's address.
    pub local: Option<Prefix>,
    /// The peer's address.
    pub peer: Option<Prefix>,
    /// Protocol: an IPv6 Next Header number, or [`crate::spec::POLICY_PROTOCOL_MPTCP`].
    pub protocol: Option<u16>,
    /// This host's port.
    pub local_ports: Option<Ports>,
    /// The peer's port.
    pub peer_ports: Option<Ports>,
    /// The user whose socket sends.
    pub user: Option<u32>,
    /// For [`PolicyAction::After`]: packets sent between the two addresses, answers not counted.
    pub packets: Option<u32>,
    /// For [`PolicyAction::After`]: milliseconds.
    pub time: Option<u32>,
}

impl PolicyRule {
    /// A rule that matches everything that its action is about.
    pub fn new(action: PolicyAction) -> PolicyRule {
        PolicyRule {
            id: None,
            order: None,
            action,
            local: None,
            peer: None,
            protocol: None,
            local_ports: None,
            peer_ports: None,
            user: None,
            packets: None,
            time: None,
        }
    }

    pub(crate) fn read(attributes: Attributes<'_>) -> Result<PolicyRule, Error> {
        let action = attributes.required_u32(number::ACTION, "a policy rule without action")?;
        let small = |which| {
            attributes
                .u32(which)
                .and_then(|value| u16::try_from(value).ok())
        };
        Ok(PolicyRule {
            id: attributes.u32(number::ID),
            order: attributes.u32(number::ORDER),
            action: PolicyAction::from_number(action),
            local: prefix(attributes, number::LOCAL, number::LOCAL_LEN),
            peer: prefix(attributes, number::PEER, number::PEER_LEN),
            protocol: small(number::PROTOCOL),
            local_ports: ports(small(number::LOCAL_PORT), small(number::LOCAL_PORT_END)),
            peer_ports: ports(small(number::PEER_PORT), small(number::PEER_PORT_END)),
            user: attributes.u32(number::USER),
            packets: attributes.u32(number::PACKETS),
            time: attributes.u32(number::TIME),
        })
    }

    /// The rule as a request has it; its number is the kernel's to give.
    pub(crate) fn payload(&self) -> Payload {
        let mut payload = Payload::default();
        if let Some(action) = self.action.number() {
            payload.put_u32(number::ACTION, action);
        }
        for (prefix, address, len) in [
            (self.local, number::LOCAL, number::LOCAL_LEN),
            (self.peer, number::PEER, number::PEER_LEN),
        ] {
            if let Some(prefix) = prefix {
                payload.put_address(address, prefix.address);
                payload.put_u32(len, prefix.len.into());
            }
        }
        let (local, peer) = (self.local_ports, self.peer_ports);
        for (which, value) in [
            (number::ORDER, self.order),
            (number::PROTOCOL, self.protocol.map(u32::from)),
            (number::LOCAL_PORT, local.map(|ports| ports.first.into())),
            (number::LOCAL_PORT_END, local.map(|ports| ports.last.into())),
            (number::PEER_PORT, peer.map(|ports| ports.first.into())),
            (number::PEER_PORT_END, peer.map(|ports| ports.last.into())),
            (number::USER, self.user),
            (number::PACKETS, self.packets),
            (number::TIME, self.time),
        ] {
            if let Some(value) = value {
                payload.put_u32(which, value);
            }
        }
        payload
    }
}

fn prefix(attributes: Attributes<'_>, address: u16, len: u16) -> Option<Prefix> {
    let len = attributes.u32(len).unwrap_or(128);
    Some(Prefix {
        address: attributes.address(address)?,
        len: u8::try_from(len).ok()?,
    })
}

fn ports(first: Option<u16>, last: Option<u16>) -> Option<Ports> {
    let first = first?;
    Some(Ports {
        first,
        last: last.unwrap_or(first),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn everything() -> PolicyRule {
        PolicyRule {
            order: Some(7),
            local: "2001:db8:1::/48".parse().ok(),
            peer: "2001:db8::1".parse().ok(),
            protocol: Some(262),
            local_ports: Some(Ports { first: 5, last: 9 }),
            peer_ports: Some(Ports {
                first: 80,
                last: 80,
            }),
            user: Some(1000),
            packets: Some(3),
            time: Some(4000),
            ..PolicyRule::new(PolicyAction::After)
        }
    }

    #[test]
    fn a_rule_is_read_as_it_is_written() {
        for rule in [everything(), PolicyRule::new(PolicyAction::UseNot)] {
            let payload = rule.payload();
            let read = PolicyRule::read(Attributes::new(payload.bytes())).expect("a rule");
            assert_eq!(read, rule);
        }
    }

    #[test]
    fn the_first_rule_about_an_address_decides() {
        let rule = |action, local: &str| PolicyRule {
            local: local.parse().ok(),
            ..PolicyRule::new(action)
        };
        let rules = [
            PolicyRule::new(PolicyAction::Never),
            rule(PolicyAction::Use, "2001:db8:1::1"),
            rule(PolicyAction::UseNot, "2001:db8:1::/48"),
            rule(PolicyAction::Use, "::/0"),
        ];
        for (address, may) in [
            ("2001:db8:1::1", true),
            ("2001:db8:1::2", false),
            ("2001:db8:1:ffff:ffff:ffff:ffff:ffff", false),
            ("2001:db8:2::", true),
        ] {
            assert_eq!(
                may_use(&rules, address.parse().expect("an address")),
                may,
                "{address}"
            );
        }
        assert!(may_use(&[], Ipv6Addr::LOCALHOST));
    }

    #[test]
    fn prefixes_are_read_as_they_are_shown() {
        for text in ["2001:db8::/32", "2001:db8::1", "::/0"] {
            assert_eq!(text.parse::<Prefix>().expect(text).to_string(), text);
        }
        for text in ["2001:db8::/129", "2001:db8::/", "/64", "x", "2001:db8::/-1"] {
            assert_eq!(text.parse::<Prefix>(), Err(NoPrefix), "{text}");
        }
    }
}
