// SPDX-License-Identifier: GPL-2.0
//! Reading a policy rule from a request, and refusing what makes no sense.

use crate::ffi::{
    genl::{Attr, Request},
    rules::user_in,
    uapi,
};
use crate::policy::{Action, Kind, Ports, Prefix, Rule, DEFAULT_ORDER};
use kernel::prelude::*;

/// The attributes of one rule: those of the request, or those of a nest in it.
pub(super) struct Given<'a> {
    request: Option<&'a Request<'a>>,
    nest: Option<Attr<'a>>,
}

impl<'a> Given<'a> {
    /// The attributes of the request itself.
    pub(super) fn request(request: &'a Request<'a>) -> Self {
        Given { request: Some(request), nest: None }
    }

    /// Those of a nest.
    pub(super) fn nest(nest: Attr<'a>) -> Self {
        Given { request: None, nest: Some(nest) }
    }

    fn attr(&self, number: u32) -> Option<Attr<'a>> {
        match self.nest {
            Some(nest) => nest.nested(number),
            None => self.request.and_then(|request| request.attr(number)),
        }
    }

    fn u32(&self, number: u32) -> Result<Option<u32>> {
        self.attr(number).map(|attr| attr.u32()).transpose()
    }
}

/// Attributes that only rules about packets have.
const OF_PACKETS: [(u32, &str); 6] = [
    (uapi::SHIM6_A_POLICY_PROTOCOL, "protocol"),
    (uapi::SHIM6_A_POLICY_LOCAL_PORT, "local-port"),
    (uapi::SHIM6_A_POLICY_LOCAL_PORT_END, "local-port-end"),
    (uapi::SHIM6_A_POLICY_PEER_PORT, "peer-port"),
    (uapi::SHIM6_A_POLICY_PEER_PORT_END, "peer-port-end"),
    (uapi::SHIM6_A_POLICY_USER, "user"),
];

/// Attributes that only `after` has.
const OF_AFTER: [(u32, &str); 2] = [(uapi::SHIM6_A_POLICY_PACKETS, "packets"), (uapi::SHIM6_A_POLICY_TIME, "time")];

/// Attributes of the peer's address.
const OF_PEER: [(u32, &str); 2] = [(uapi::SHIM6_A_POLICY_PEER, "peer"), (uapi::SHIM6_A_POLICY_PEER_LEN, "peer-len")];

/// Reads a rule. Its number is 0: it is given when the rule is taken.
pub(super) fn read(request: &Request<'_>, given: &Given<'_>) -> Result<Rule> {
    let action = action(request, given)?;
    if action.kind() != Kind::Start {
        refuse_any(request, given, &OF_PACKETS, "only rules about packets have")?;
    }
    if action.kind() == Kind::Use {
        refuse_any(request, given, &OF_PEER, "use and use-not have no")?;
    }
    if !matches!(action, Action::After { .. }) {
        refuse_any(request, given, &OF_AFTER, "only after has")?;
    }
    Ok(Rule {
        id: 0,
        order: given.u32(uapi::SHIM6_A_POLICY_ORDER)?.unwrap_or(DEFAULT_ORDER),
        action,
        local: prefix(request, given, uapi::SHIM6_A_POLICY_LOCAL, uapi::SHIM6_A_POLICY_LOCAL_LEN)?,
        peer: prefix(request, given, uapi::SHIM6_A_POLICY_PEER, uapi::SHIM6_A_POLICY_PEER_LEN)?,
        protocol: protocol(request, given)?,
        local_ports: ports(request, given, uapi::SHIM6_A_POLICY_LOCAL_PORT, uapi::SHIM6_A_POLICY_LOCAL_PORT_END)?,
        peer_ports: ports(request, given, uapi::SHIM6_A_POLICY_PEER_PORT, uapi::SHIM6_A_POLICY_PEER_PORT_END)?,
        user: user(request, given)?,
    })
}

fn refuse_any(request: &Request<'_>, given: &Given<'_>, attributes: &[(u32, &str)], why: &str) -> Result {
    for (number, name) in attributes {
        if let Some(attr) = given.attr(*number) {
            return Err(request.refuse(Some(attr), EINVAL, format_args!("{why} {name}")));
        }
    }
    Ok(())
}

fn action(request: &Request<'_>, given: &Given<'_>) -> Result<Action> {
    let Some(attr) = given.attr(uapi::SHIM6_A_POLICY_ACTION) else {
        return match given.nest {
            Some(nest) => Err(request.refuse(Some(nest), EINVAL, format_args!("action is missing"))),
            None => Err(request.require(uapi::SHIM6_A_POLICY_ACTION, "action").err().unwrap_or(EINVAL)),
        };
    };
    match attr.u32()? {
        uapi::shim6_policy_action_SHIM6_POLICY_ACTION_NEVER => Ok(Action::Never),
        uapi::shim6_policy_action_SHIM6_POLICY_ACTION_AT_ONCE => Ok(Action::AtOnce),
        uapi::shim6_policy_action_SHIM6_POLICY_ACTION_AFTER => {
            let packets = given.u32(uapi::SHIM6_A_POLICY_PACKETS)?.unwrap_or(0);
            let time = given.u32(uapi::SHIM6_A_POLICY_TIME)?.unwrap_or(0);
            if packets == 0 && time == 0 {
                return Err(request.refuse(Some(attr), EINVAL, format_args!("after wants packets or time")));
            }
            Ok(Action::After { packets, time })
        }
        uapi::shim6_policy_action_SHIM6_POLICY_ACTION_USE => Ok(Action::Use),
        uapi::shim6_policy_action_SHIM6_POLICY_ACTION_USE_NOT => Ok(Action::UseNot),
        uapi::shim6_policy_action_SHIM6_POLICY_ACTION_TELL => Ok(Action::Tell),
        uapi::shim6_policy_action_SHIM6_POLICY_ACTION_TELL_NOT => Ok(Action::TellNot),
        other => Err(request.refuse(Some(attr), EINVAL, format_args!("there is no action {other}"))),
    }
}

fn prefix(request: &Request<'_>, given: &Given<'_>, address: u32, len: u32) -> Result<Option<Prefix>> {
    let Some(attr) = given.attr(address) else {
        return match given.attr(len) {
            Some(len) => Err(request.refuse(Some(len), EINVAL, format_args!("a length without its prefix"))),
            None => Ok(None),
        };
    };
    let len = given.u32(len)?.and_then(|len| u8::try_from(len).ok()).unwrap_or(128);
    let prefix = Prefix { address: attr.addr()?, len };
    if !prefix.is_clean() {
        let address = prefix.address;
        return Err(request.refuse(Some(attr), EINVAL, format_args!("{address}/{len} has bits after its length")));
    }
    Ok(Some(prefix))
}

fn protocol(request: &Request<'_>, given: &Given<'_>) -> Result<Option<u16>> {
    let Some(attr) = given.attr(uapi::SHIM6_A_POLICY_PROTOCOL) else { return Ok(None) };
    let number = attr.u32()?;
    if number > u32::from(u8::MAX) && number != uapi::SHIM6_POLICY_PROTOCOL_MPTCP {
        return Err(request.refuse(Some(attr), ERANGE, format_args!("protocol takes 0 to 255, or 262 for MPTCP")));
    }
    Ok(u16::try_from(number).ok())
}

fn ports(request: &Request<'_>, given: &Given<'_>, first: u32, last: u32) -> Result<Option<Ports>> {
    let end = given.attr(last);
    let Some(attr) = given.attr(first) else {
        return match end {
            Some(end) => Err(request.refuse(Some(end), EINVAL, format_args!("a last port without a first"))),
            None => Ok(None),
        };
    };
    let port = |attr: Attr<'_>| u16::try_from(attr.u32()?).map_err(|_| ERANGE);
    let first = port(attr)?;
    let last = end.map_or(Ok(first), port)?;
    if last < first {
        return Err(request.refuse(end, EINVAL, format_args!("the last port is before the first")));
    }
    Ok(Some(Ports { first, last }))
}

fn user(request: &Request<'_>, given: &Given<'_>) -> Result<Option<u32>> {
    let Some(attr) = given.attr(uapi::SHIM6_A_POLICY_USER) else { return Ok(None) };
    let number = attr.u32()?;
    let known = user_in(request.net().share(), number);
    known.map(Some).ok_or_else(|| request.refuse(Some(attr), EINVAL, format_args!("there is no user {number} here")))
}
