// SPDX-License-Identifier: MIT OR GPL-2.0
//! Events: what the kernel tells those who listen, as it happens.

use crate::client::values;
use crate::netlink::{Attributes, Family, Heard};
use crate::spec::{self, command};
use crate::{Context, Error, LoadedSet, LocalLocator, PolicyRule, Setting};
use std::collections::VecDeque;
use std::io;
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
    /// This listener was too slow, and the kernel threw events away. All that it had not thrown away came before this; what
    /// is known must be asked for anew now.
    Lost,
    /// An event of a newer kernel module, by the number of its message.
    Unknown(u8),
}

/// A listener to events of one network namespace. When the module is unloaded it fails with [`Error::NotLoaded`] after the
/// last event, each time; one that is loaded then needs another listener.
pub struct Listener {
    family: Family,
    waiting: VecDeque<Event>,
    /// The module was unloaded, so that nothing comes any more.
    is_over: bool,
}

impl Listener {
    /// Begins to listen in this thread's network namespace.
    pub fn open() -> Result<Listener, Error> {
        Ok(Listener {
            family: Family::listen(spec::FAMILY, spec::GROUP_EVENTS)?,
            waiting: VecDeque::new(),
            is_over: false,
        })
    }

    /// The descriptor on which events arrive, to be polled: when it is readable, [`Listener::next_or_loss`] does not wait.
    pub fn descriptor(&self) -> BorrowedFd<'_> {
        self.family.descriptor()
    }

    /// What the descriptor has to say, once for each time that it is readable: an event, or None if it was none. Where events
    /// were lost [`Event::Lost`] takes the place of those that were not, too, which say nothing any more to those who ask for
    /// all anew.
    pub fn next_or_loss(&mut self) -> Result<Option<Event>, Error> {
        let event = self.hear()?;
        if self.waiting.contains(&Event::Lost) {
            self.waiting.clear();
            return Ok(Some(Event::Lost));
        }
        Ok(event)
    }

    /// Waits for the next event.
    pub fn next_event(&mut self) -> Result<Event, Error> {
        loop {
            if let Some(event) = self.hear()? {
                return Ok(event);
            }
        }
    }

    /// The next event, after at most one wait.
    fn hear(&mut self) -> Result<Option<Event>, Error> {
        if self.waiting.is_empty() && !self.is_over {
            match self.family.receive() {
                Ok(messages) => self.keep(messages)?,
                Err(error) if is_loss(&error) => self.take_rest()?,
                Err(error) => return Err(failed(error)),
            }
        }
        match self.waiting.pop_front() {
            None if self.is_over => Err(Error::NotLoaded),
            event => Ok(event),
        }
    }

    /// Events were lost. The kernel goes on losing them, and does not say so again, until all was read that it has kept: so
    /// that is done first, and the loss told after it.
    fn take_rest(&mut self) -> Result<(), Error> {
        loop {
            match self.family.receive_waiting() {
                Ok(messages) => self.keep(messages)?,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) if is_loss(&error) => {}
                Err(error) => return Err(failed(error)),
            }
        }
        self.waiting.push_back(Event::Lost);
        // Whether the module was unloaded may be among what was lost.
        self.is_over |= !self.family.is_there(spec::FAMILY)?;
        Ok(())
    }

    fn keep(&mut self, messages: Vec<Heard>) -> Result<(), Error> {
        for message in messages {
            match message {
                Heard::Event(command, attributes) => {
                    let event = read(command, Attributes::new(&attributes))?;
                    self.waiting.push_back(event);
                }
                Heard::End => self.is_over = true,
            }
        }
        Ok(())
    }
}

fn is_loss(error: &io::Error) -> bool {
    error.raw_os_error() == Some(libc::ENOBUFS)
}

fn failed(error: io::Error) -> Error {
    Error::system("receive events", error)
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
