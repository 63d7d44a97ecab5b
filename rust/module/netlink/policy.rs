// SPDX-License-Identifier: GPL-2.0
//! Policy rules in messages, and the operations that show and change them. What a rule says is read in [`rule`].

mod rule;

use crate::ffi::{
    genl::Request,
    genl_dump::{Dump, Page},
    genl_message::Builder,
    netns::Share,
    rules::{user_from, Draft},
    uapi,
};
use crate::netns::Net;
use crate::policy::{Action, Prefix, Refused, Rule, MAX_RULES};
use kernel::prelude::*;
use rule::{read, Given};

/// `policy-add`.
pub(crate) fn add(request: &Request<'_>) -> Result {
    let rule = read(request, &Given::request(request))?;
    let id = request.net().policy_add(rule).map_err(|why| refuse(request, why))?;
    request.reply(uapi::SHIM6_CMD_POLICY_ADD, |message| message.put_u32(uapi::SHIM6_A_POLICY_ID, id))
}

/// `policy-del`.
pub(crate) fn del(request: &Request<'_>) -> Result {
    let attr = request.require(uapi::SHIM6_A_POLICY_ID, "id")?;
    let id = attr.u32()?;
    match request.net().policy_del(id).map_err(|why| refuse(request, why))? {
        true => Ok(()),
        false => Err(request.refuse(Some(attr), ENOENT, format_args!("there is no policy rule {id}"))),
    }
}

/// `policy-replace`: all of them, or nothing changes.
pub(crate) fn replace(request: &Request<'_>) -> Result {
    let mut rules = Draft::with_room(MAX_RULES)?;
    for attr in request.attrs(uapi::SHIM6_A_POLICY_RULE) {
        let rule = read(request, &Given::nest(attr))?;
        if rules.all().iter().any(|other: &Rule| other.is_like(&rule)) {
            return Err(request.refuse(Some(attr), EEXIST, format_args!("the same rule is there twice")));
        }
        rules.insert(usize::MAX, rule).map_err(|_| refuse(request, Refused::Full))?;
    }
    request.net().policy_replace(&rules).map_err(|why| refuse(request, why))
}

fn refuse(request: &Request<'_>, why: Refused) -> Error {
    match why {
        Refused::Exists => request.refuse(None, EEXIST, format_args!("there is such a policy rule already")),
        Refused::Full => request.refuse(None, ENOSPC, format_args!("there may be {MAX_RULES} policy rules")),
        Refused::NoMemory => ENOMEM,
    }
}

/// `policy-get` of one.
pub(crate) fn get(request: &Request<'_>) -> Result {
    let attr = request.require(uapi::SHIM6_A_POLICY_ID, "id")?;
    let id = attr.u32()?;
    let net = request.net();
    let found = net.with_rules(|rules| rules.iter().find(|rule| rule.id == id).copied());
    let Some(rule) = found else {
        return Err(request.refuse(Some(attr), ENOENT, format_args!("there is no policy rule {id}")));
    };
    request.reply(uapi::SHIM6_CMD_POLICY_GET, |message| put(message, net.share(), &rule))
}

/// `policy-get` of all, in the order in which they are looked at.
pub(crate) struct PolicyDump {
    /// Order and number of the rule that was shown last.
    last: Option<(u32, u32)>,
}

impl Dump for PolicyDump {
    const COMMAND: u32 = uapi::SHIM6_CMD_POLICY_GET;

    fn start(_request: &Request<'_>) -> Result<KBox<Self>> {
        Ok(KBox::new(PolicyDump { last: None }, GFP_KERNEL)?)
    }

    fn generation(net: &Net) -> u32 {
        net.policy_generation()
    }

    fn page(&mut self, net: &Net, page: &mut Page<'_>) -> Result {
        net.with_rules(|rules| {
            let place = |rule: &Rule| Some((rule.order, rule.id));
            let last = self.last;
            for rule in rules.iter().filter(|rule| place(rule) > last) {
                page.message(|message| put(message, net.share(), rule))?;
                self.last = place(rule);
            }
            Ok(())
        })
    }
}

/// Writes a rule.
pub(crate) fn put(message: &mut Builder<'_>, share: Share, rule: &Rule) -> Result {
    message.put_u32(uapi::SHIM6_A_POLICY_ID, rule.id)?;
    message.put_u32(uapi::SHIM6_A_POLICY_ORDER, rule.order)?;
    put_action(message, rule.action)?;
    put_prefix(message, (uapi::SHIM6_A_POLICY_LOCAL, uapi::SHIM6_A_POLICY_LOCAL_LEN), rule.local)?;
    put_prefix(message, (uapi::SHIM6_A_POLICY_PEER, uapi::SHIM6_A_POLICY_PEER_LEN), rule.peer)?;
    let local = rule.local_ports;
    let peer = rule.peer_ports;
    let numbers = [
        (uapi::SHIM6_A_POLICY_PROTOCOL, rule.protocol.map(u32::from)),
        (uapi::SHIM6_A_POLICY_LOCAL_PORT, local.map(|ports| ports.first.into())),
        (uapi::SHIM6_A_POLICY_LOCAL_PORT_END, local.map(|ports| ports.last.into())),
        (uapi::SHIM6_A_POLICY_PEER_PORT, peer.map(|ports| ports.first.into())),
        (uapi::SHIM6_A_POLICY_PEER_PORT_END, peer.map(|ports| ports.last.into())),
        (uapi::SHIM6_A_POLICY_USER, rule.user.map(|user| user_from(share, user))),
    ];
    for (attribute, number) in numbers {
        if let Some(number) = number {
            message.put_u32(attribute, number)?;
        }
    }
    Ok(())
}

fn put_action(message: &mut Builder<'_>, action: Action) -> Result {
    let number = match action {
        Action::Never => uapi::shim6_policy_action_SHIM6_POLICY_ACTION_NEVER,
        Action::AtOnce => uapi::shim6_policy_action_SHIM6_POLICY_ACTION_AT_ONCE,
        Action::After { .. } => uapi::shim6_policy_action_SHIM6_POLICY_ACTION_AFTER,
        Action::Use => uapi::shim6_policy_action_SHIM6_POLICY_ACTION_USE,
        Action::UseNot => uapi::shim6_policy_action_SHIM6_POLICY_ACTION_USE_NOT,
        Action::Tell => uapi::shim6_policy_action_SHIM6_POLICY_ACTION_TELL,
        Action::TellNot => uapi::shim6_policy_action_SHIM6_POLICY_ACTION_TELL_NOT,
    };
    message.put_u32(uapi::SHIM6_A_POLICY_ACTION, number)?;
    let Action::After { packets, time } = action else { return Ok(()) };
    for (attribute, number) in [(uapi::SHIM6_A_POLICY_PACKETS, packets), (uapi::SHIM6_A_POLICY_TIME, time)] {
        if number != 0 {
            message.put_u32(attribute, number)?;
        }
    }
    Ok(())
}

fn put_prefix(message: &mut Builder<'_>, (address, len): (u32, u32), prefix: Option<Prefix>) -> Result {
    let Some(prefix) = prefix else { return Ok(()) };
    message.put_addr(address, prefix.address)?;
    message.put_u32(len, prefix.len.into())
}
