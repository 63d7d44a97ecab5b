// SPDX-License-Identifier: MIT OR GPL-2.0
//! Events: what the kernel tells those who listen, as it happens.

use crate::client::values;
use crate::netlink::{Attributes, Family};
use crate::spec::{self, command};
use crate::{Context, Error, LoadedSet, LocalLocator, PolicyRule, Setting};
use std::collections::VecDeque;
use std::os::fd::BorrowedFd;

/// Something that happened in the namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// An HBA set was loaded.
    SetLoaded(LoadedSet),
    /// An HBA set was removed.
    SetRemoved(LoadedSet),
    /// A context was created.
    ContextAdded(Box<Context>),
    /// A context changed; its `event` says what, its `cause` why.
    ContextChanged(Box<Context>),
    /// A context was removed.
    ContextRemoved(Box<Context>),
    /// A local locator came, went or changed its status.
    LocatorChanged(LocalLocator),
    /// Settings were changed; all are told.
    SettingsChanged(Vec<Setting>),
    /// A policy rule was added.
    PolicyAdded(PolicyRule),
    /// A policy rule was removed.
    PolicyRemoved(PolicyRule),
    /// This listener was too slow, and the kernel threw events away. What is known must be asked for anew.
    Lost,
    /// An event of a newer kernel module, by the number of its message.
    Unknown(u8),
}

/// A listener to events of one network namespace.
pub struct Listener {
    family: Family,
    waiting: VecDeque<Event>,
}

impl Listener {
    /// Begins to listen in this thread's network namespace.
    pub fn open() -> Result<Listener, Error> {
        let mut family = Family::open(spec::FAMILY)?;
        family.join(spec::GROUP_EVENTS)?;
        Ok(Listener {
            family,
            waiting: VecDeque::new(),
        })
    }

    /// The descriptor on which events arrive, to be polled: when it is readable, [`Listener::next_event`] does not wait.
    pub fn descriptor(&self) -> BorrowedFd<'_> {
        self.family.descriptor()
    }

    /// Waits for the next event.
    pub fn next_event(&mut self) -> Result<Event, Error> {
        loop {
            if let Some(event) = self.waiting.pop_front() {
                return Ok(event);
            }
            match self.family.receive() {
                Ok(messages) => {
                    for (command, attributes) in messages {
                        self.waiting
                            .push_back(read(command, Attributes::new(&attributes))?);
                    }
                }
                Err(error) if error.raw_os_error() == Some(libc::ENOBUFS) => {
                    return Ok(Event::Lost)
                }
                Err(error) => return Err(Error::system("receive events", error)),
            }
        }
    }
}

fn read(number: u8, attributes: Attributes<'_>) -> Result<Event, Error> {
    let context = || Context::read(attributes).map(Box::new);
    Ok(match number {
        command::HBA_LOAD_NTF => Event::SetLoaded(LoadedSet::read(attributes)?),
        command::HBA_DEL_NTF => Event::SetRemoved(LoadedSet::read(attributes)?),
        command::CONTEXT_ADD_NTF => Event::ContextAdded(context()?),
        command::CONTEXT_CHANGE_NTF => Event::ContextChanged(context()?),
        command::CONTEXT_DEL_NTF => Event::ContextRemoved(context()?),
        command::LOCATOR_CHANGE_NTF => Event::LocatorChanged(LocalLocator::read(attributes)?),
        command::CONFIG_NTF => Event::SettingsChanged(values(&spec::CONFIG, attributes)),
        command::POLICY_ADD_NTF => Event::PolicyAdded(PolicyRule::read(attributes)?),
        command::POLICY_DEL_NTF => Event::PolicyRemoved(PolicyRule::read(attributes)?),
        number => Event::Unknown(number),
    })
}
