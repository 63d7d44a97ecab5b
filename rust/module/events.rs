// SPDX-License-Identifier: GPL-2.0
//! Notifications: each is built once, and sent to the listeners of its namespace only.
//!
//! Listeners see what everybody may see, so no tags. Without listeners nothing is built. An event that is lost, for
//! want of memory here or of room there, is known to the listeners by `ENOBUFS` at their next receive.

use crate::{
    ffi::{
        genl_message::{Builder, Memory, Message},
        trace, uapi,
    },
    netlink::{
        config, context, hba, locator, policy,
        view::{ContextView, HbaView},
    },
    netns::Net,
    policy::Rule,
    stats::Counter,
};
use kernel::prelude::*;
use shim6_core::engine::{Cause, EventKind};

/// A notification that may be sent once what it tells has happened; nothing if nobody listens.
#[must_use = "an event that is not sent tells nobody"]
pub(crate) struct Event(Option<Message>);

impl Event {
    /// Builds an event, if there are listeners.
    fn new(net: &Net, command: u32, fill: impl FnOnce(&mut Builder<'_>) -> Result) -> Event {
        if !net.listeners().any() {
            return Event(None);
        }
        let built = Message::event(Memory::Atomic, command as u8).and_then(|mut message| {
            message.fill(fill)?;
            Ok(message)
        });
        match built {
            Ok(message) => Event(Some(message)),
            Err(_) => {
                net.stats().inc(Counter::EventsLost);
                net.listeners().overrun();
                Event(None)
            }
        }
    }

    /// Sends it. Takes no lock that a caller could hold, and does not sleep.
    pub(crate) fn send(self, net: &Net) {
        let Some(message) = self.0 else { return };
        match net.listeners().send(message) {
            // The last listener left meanwhile.
            Ok(()) | Err(ESRCH) => {}
            Err(_) => net.stats().inc(Counter::EventsLost),
        }
    }
}

/// Something happened to a context. The view shows it as it is now, after that.
pub(crate) fn context(net: &Net, view: &ContextView<'_>, kind: EventKind, cause: Cause) {
    trace::context(&net.listeners(), view.id, kind, cause, view.context.pair());
    let command = match kind {
        EventKind::Created => uapi::SHIM6_CMD_CONTEXT_ADD_NTF,
        EventKind::Removed => uapi::SHIM6_CMD_CONTEXT_DEL_NTF,
        _ => uapi::SHIM6_CMD_CONTEXT_CHANGE_NTF,
    };
    Event::new(net, command, |message| context::put_as(message, view, false, (kind, cause))).send(net);
}

/// A local locator came, went or changed its status.
pub(crate) fn locator(net: &Net, view: &HbaView<'_>, place: usize, cause: Cause) {
    Event::new(net, uapi::SHIM6_CMD_LOCATOR_CHANGE_NTF, |message| {
        locator::put_nested(message, view, place)?;
        message.put_u32(uapi::SHIM6_A_LOCAL_CAUSE, cause as u32)
    })
    .send(net);
}

/// The HBA set of this number was loaded, or is about to be removed.
pub(crate) fn hba(net: &Net, id: u32, command: u32) -> Event {
    if !net.listeners().any() {
        return Event(None);
    }
    net.with_hba(id, |view| (view.id == id).then(|| Event::new(net, command, |message| hba::put(message, view, false))))
        .flatten()
        .unwrap_or(Event(None))
}

/// A policy rule was added or removed.
pub(crate) fn policy(net: &Net, rule: &Rule, command: u32) {
    Event::new(net, command, |message| policy::put(message, net.share(), rule)).send(net);
}

/// The settings changed.
pub(crate) fn config(net: &Net) {
    let settings = net.settings();
    Event::new(net, uapi::SHIM6_CMD_CONFIG_NTF, |message| config::put(message, &settings)).send(net);
}
