// SPDX-License-Identifier: MIT OR GPL-2.0
//! The requests of the control interface, one function each.

mod policy;

use crate::netlink::{Attributes, Dump, Family, Payload};
use crate::spec::{self, command, Attribute, AttributeSet};
use crate::{
    Context, ContextFilter, ContextSelector, Error, LoadedSet, LocalLocator, Locator,
    LocatorChange, Pair, SetSelector,
};
use std::net::Ipv6Addr;
use std::ops::ControlFlow;

/// A setting or a counter, with what the specification says of it.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// Its name, bounds and documentation.
    pub attribute: &'static Attribute,
    /// Its value, in the unit that the documentation names.
    pub value: u64,
}

impl PartialEq for Setting {
    fn eq(&self, other: &Setting) -> bool {
        self.attribute.number == other.attribute.number && self.value == other.value
    }
}

impl Eq for Setting {}

/// What a dump told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing<T> {
    /// The items.
    pub items: Vec<T>,
    /// Whether the state changed all the time, so that an item may be missing or there twice.
    pub is_interrupted: bool,
}

/// A connection to `shim6.ko`, for one network namespace.
pub struct Client {
    family: Family,
}

impl Client {
    /// Connects in this thread's network namespace. [`Error::NotLoaded`] if the module is not there.
    pub fn open() -> Result<Client, Error> {
        Ok(Client {
            family: Family::open(spec::FAMILY)?,
        })
    }

    /// Loads an HBA set, and returns its number. `pds` is the CGA Parameters data structure, which must bind every one of
    /// `addresses`. Needs CAP_NET_ADMIN, as all functions that change something.
    pub fn load_set(
        &mut self,
        pds: &[u8],
        addresses: &[Ipv6Addr],
        label: Option<&str>,
    ) -> Result<u32, Error> {
        use spec::hba as number;
        let mut payload = Payload::default();
        if let Some(label) = label {
            payload.put_string(number::LABEL, label);
        }
        payload.put(number::PDS, pds);
        for address in addresses {
            payload.put_address(number::ADDRESS, *address);
        }
        let answer = self.request_one(command::HBA_LOAD, &spec::HBA, &payload)?;
        Attributes::new(&answer).required_u32(number::ID, "an HBA set without a number")
    }

    /// All HBA sets.
    pub fn sets(&mut self) -> Result<Listing<LoadedSet>, Error> {
        self.list(
            command::HBA_GET,
            &spec::HBA,
            &Payload::default(),
            LoadedSet::read,
        )
    }

    /// One HBA set.
    pub fn set(&mut self, selector: SetSelector) -> Result<LoadedSet, Error> {
        let answer = self.request_one(command::HBA_GET, &spec::HBA, &selector.payload())?;
        LoadedSet::read(Attributes::new(&answer))
    }

    /// Removes an HBA set and the contexts with a ULID of it.
    pub fn remove_set(&mut self, selector: SetSelector) -> Result<(), Error> {
        self.family
            .request(command::HBA_DEL, &spec::HBA, &selector.payload())
            .map(drop)
    }

    /// The contexts that fit a filter, all at once; see [`Client::visit_contexts`] where there may be many.
    pub fn contexts(&mut self, filter: &ContextFilter) -> Result<Listing<Context>, Error> {
        self.list(
            command::CONTEXT_GET,
            &spec::CONTEXT,
            &filter.payload(),
            Context::read,
        )
    }

    /// Shows `visit` the contexts that fit a filter, one by one as the kernel tells them, so that memory does not grow with
    /// their number. They come in the order of their numbers, each once at most; one that is there from the beginning to
    /// the end is among them, whatever else comes and goes. Says whether some came or went meanwhile.
    ///
    /// An error of `visit` ends it, and is what is returned.
    pub fn visit_contexts<E: From<Error>>(
        &mut self,
        filter: &ContextFilter,
        mut visit: impl FnMut(Context) -> Result<(), E>,
    ) -> Result<bool, E> {
        let mut refusal = None;
        let payload = filter.payload();
        let mut read = |attributes: Attributes<'_>| {
            let seen = Context::read(attributes)
                .map_err(E::from)
                .and_then(&mut visit);
            match seen {
                Ok(()) => ControlFlow::Continue(()),
                Err(error) => {
                    refusal = Some(error);
                    ControlFlow::Break(())
                }
            }
        };
        let told = self
            .family
            .visit(command::CONTEXT_GET, &spec::CONTEXT, &payload, &mut read);
        match refusal {
            Some(error) => Err(error),
            None => Ok(told?),
        }
    }

    /// One context.
    pub fn context(&mut self, selector: ContextSelector) -> Result<Context, Error> {
        let answer = self.request_one(command::CONTEXT_GET, &spec::CONTEXT, &selector.payload())?;
        Context::read(Attributes::new(&answer))
    }

    /// Begins the four-way exchange with a peer (RFC 5533 section 7.7), and returns the context's number. The exchange
    /// goes on afterwards; events tell its outcome.
    pub fn add_context(&mut self, ulids: Pair, fii: u32) -> Result<u32, Error> {
        let payload = ContextSelector::Ulids(ulids, fii).payload();
        let answer = self.request_one(command::CONTEXT_ADD, &spec::CONTEXT, &payload)?;
        Attributes::new(&answer).required_u32(spec::context::ID, "a context without a number")
    }

    /// Forgets a context. The peer is not told.
    pub fn remove_context(&mut self, selector: ContextSelector) -> Result<(), Error> {
        self.family
            .request(command::CONTEXT_DEL, &spec::CONTEXT, &selector.payload())
            .map(drop)
    }

    /// Tries the locator pairs of a context now (RFC 5534 section 4.3).
    pub fn explore(&mut self, selector: ContextSelector) -> Result<(), Error> {
        self.family
            .request(
                command::CONTEXT_EXPLORE,
                &spec::CONTEXT,
                &selector.payload(),
            )
            .map(drop)
    }

    /// Begins to set up one more context for the ULIDs of an established one, and returns its number and its Forked Instance
    /// Identifier (RFC 5533 section 8). Events tell the outcome.
    pub fn fork_context(&mut self, selector: ContextSelector) -> Result<(u32, u32), Error> {
        let answer =
            self.request_one(command::CONTEXT_FORK, &spec::CONTEXT, &selector.payload())?;
        let attributes = Attributes::new(&answer);
        let id = attributes.required_u32(spec::context::ID, "a context without a number")?;
        let fii = attributes.required_u32(spec::context::FII, "a forked context without an FII")?;
        Ok((id, fii))
    }

    /// Forgets the contexts that fit a filter. Their peers are not told.
    pub fn flush_contexts(&mut self, filter: &ContextFilter) -> Result<(), Error> {
        self.family
            .request(command::CONTEXT_FLUSH, &spec::CONTEXT, &filter.payload())
            .map(drop)
    }

    /// Changes the preference of a local locator; peers are told.
    pub fn change_locator(
        &mut self,
        address: Ipv6Addr,
        preference: &LocatorChange,
    ) -> Result<(), Error> {
        let payload = preference.payload(address);
        self.family
            .request(command::LOCATOR_SET, &spec::LOCAL, &payload)
            .map(drop)
    }

    /// Takes a local locator into use again that was withdrawn; peers are told.
    pub fn add_locator(
        &mut self,
        address: Ipv6Addr,
        preference: &LocatorChange,
    ) -> Result<(), Error> {
        let payload = preference.payload(address);
        self.family
            .request(command::LOCATOR_ADD, &spec::LOCAL, &payload)
            .map(drop)
    }

    /// Withdraws a local locator: peers are told, and nothing leaves from it but what applications send from it as their
    /// ULID. The address stays on its interface.
    pub fn remove_locator(&mut self, address: Ipv6Addr) -> Result<(), Error> {
        let payload = LocatorChange::default().payload(address);
        self.family
            .request(command::LOCATOR_DEL, &spec::LOCAL, &payload)
            .map(drop)
    }

    /// Moves a context to a locator pair, once a Probe over it was answered.
    pub fn switch(&mut self, selector: ContextSelector, pair: Pair) -> Result<(), Error> {
        let mut payload = selector.payload();
        payload.put_address(spec::context::CURRENT_LOCAL, pair.local);
        payload.put_address(spec::context::CURRENT_PEER, pair.peer);
        self.family
            .request(command::CONTEXT_SWITCH, &spec::CONTEXT, &payload)
            .map(drop)
    }

    /// Asks whether a locator pair of a context works, the current one if none is given. An event tells the outcome, and
    /// [`Context::pairs`].
    pub fn probe(&mut self, selector: ContextSelector, pair: Option<Pair>) -> Result<(), Error> {
        let mut payload = selector.payload();
        if let Some(pair) = pair {
            payload.put_address(spec::context::CURRENT_LOCAL, pair.local);
            payload.put_address(spec::context::CURRENT_PEER, pair.peer);
        }
        self.family
            .request(command::CONTEXT_PROBE, &spec::CONTEXT, &payload)
            .map(drop)
    }

    /// Tells a context that its current pair works, or that it does not (RFC 5534 section 4.1).
    pub fn advise(
        &mut self,
        selector: ContextSelector,
        verdict: spec::Verdict,
    ) -> Result<(), Error> {
        let mut payload = selector.payload();
        let verdict = spec::Enumeration::number(verdict).ok_or(Error::Malformed(
            "a verdict that the specification does not have",
        ))?;
        payload.put_u32(spec::context::VERDICT, verdict);
        self.family
            .request(command::CONTEXT_ADVISE, &spec::CONTEXT, &payload)
            .map(drop)
    }

    /// The local locators.
    pub fn locators(&mut self) -> Result<Listing<Locator>, Error> {
        self.list(
            command::LOCATOR_GET,
            &spec::LOCAL,
            &Payload::default(),
            |attributes| LocalLocator::read(attributes).map(|local| local.locator),
        )
    }

    /// The local locator of an address.
    pub fn locator(&mut self, address: Ipv6Addr) -> Result<Locator, Error> {
        let mut payload = Payload::default();
        payload.put_address(spec::local::ADDRESS, address);
        let answer = self.request_one(command::LOCATOR_GET, &spec::LOCAL, &payload)?;
        LocalLocator::read(Attributes::new(&answer)).map(|local| local.locator)
    }

    /// All settings.
    pub fn settings(&mut self) -> Result<Vec<Setting>, Error> {
        let answer = self.request_one(command::CONFIG_GET, &spec::CONFIG, &Payload::default())?;
        Ok(values(&spec::CONFIG, Attributes::new(&answer)))
    }

    /// Changes settings, by attributes of [`spec::CONFIG`]: all of them, or none if one is refused.
    pub fn change_settings(&mut self, changes: &[(&Attribute, u32)]) -> Result<(), Error> {
        let mut payload = Payload::default();
        for (attribute, value) in changes {
            payload.put_u32(attribute.number, *value);
        }
        self.family
            .request(command::CONFIG_SET, &spec::CONFIG, &payload)
            .map(drop)
    }

    /// All statistics.
    pub fn statistics(&mut self) -> Result<Vec<Setting>, Error> {
        let answer = self.request_one(command::STATS_GET, &spec::STATS, &Payload::default())?;
        Ok(values(&spec::STATS, Attributes::new(&answer)))
    }

    fn request_one(
        &mut self,
        command: u8,
        set: &'static AttributeSet,
        payload: &Payload,
    ) -> Result<Vec<u8>, Error> {
        let mut answer = self.family.request(command, set, payload)?;
        answer.pop().ok_or(Error::Malformed("it is empty"))
    }

    fn list<T>(
        &mut self,
        command: u8,
        set: &'static AttributeSet,
        payload: &Payload,
        read: fn(Attributes<'_>) -> Result<T, Error>,
    ) -> Result<Listing<T>, Error> {
        let Dump {
            items,
            is_interrupted,
        } = self.family.dump(command, set, payload)?;
        let items = items
            .iter()
            .map(|item| read(Attributes::new(item)))
            .collect::<Result<_, _>>()?;
        Ok(Listing {
            items,
            is_interrupted,
        })
    }
}

/// The numbers of a set that are in a message, in the order of the specification.
pub(crate) fn values(set: &'static AttributeSet, attributes: Attributes<'_>) -> Vec<Setting> {
    let known = set.attributes.iter();
    known
        .filter_map(|attribute| {
            Some(Setting {
                attribute,
                value: attributes.uint(attribute.number)?,
            })
        })
        .collect()
}
