// SPDX-License-Identifier: MIT OR GPL-2.0
//! What an application asks of the context that is its own (RFC 6316 section 6): locators, preferences, timers.
//!
//! Wishes never touch what other contexts share. They are laid over copies of it: over the settings, over the local set
//! that the engine is lent, and over the preferences of the context's own list of the peer's locators.

use crate::addr::Addr;
use crate::locator::{LocalSet, PeerLocators, Reach, MAX_LOCAL, MAX_PEER};
use crate::settings::Settings;
use crate::time::Duration;
use crate::wire::Preference;
use heapless::Vec;

/// How often an alternative pair is probed for an application that wants one to stand by, where the setting says never.
pub const STANDBY_INTERVAL: Duration = Duration::from_secs(1);

/// The priority of locators beside one that an application has chosen: the last of all.
const LAST: u8 = u8::MAX;

/// The preference that an application gives to a locator (RFC 6316 section 6.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Preferred {
    addr: Addr,
    priority: u8,
    weight: u8,
}

/// What is asked of the locators of one side.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Side<const N: usize> {
    chosen: Option<Addr>,
    preferred: Vec<Preferred, N>,
    only: Vec<Addr, N>,
}

impl<const N: usize> Side<N> {
    /// The locator that packets are to use (`SHIM_LOC_LOCAL_SEND`, `SHIM_LOC_PEER_SEND`).
    pub fn chosen(&self) -> Option<Addr> {
        self.chosen
    }

    /// Chooses one, or none any more.
    pub fn choose(&mut self, addr: Option<Addr>) {
        self.chosen = addr;
    }

    /// Gives a locator a preference (`SHIM_LOC_LOCAL_PREF`, `SHIM_LOC_PEER_PREF`); says whether there was room.
    pub fn prefer(&mut self, addr: Addr, priority: u8, weight: u8) -> bool {
        let new = Preferred { addr, priority, weight };
        match self.preferred.iter_mut().find(|known| known.addr == addr) {
            Some(known) => *known = new,
            None => return self.preferred.push(new).is_ok(),
        }
        true
    }

    /// Takes all preferences back.
    pub fn prefer_nothing(&mut self) {
        self.preferred.clear();
    }

    /// Uses no other locators than those that [`Side::admit`] adds from now on (`SHIM_LOCLIST_LOCAL`,
    /// `SHIM_LOCLIST_PEER`); without any, all.
    pub fn admit_nothing(&mut self) {
        self.only.clear();
    }

    /// Adds one of those; says whether there was room.
    pub fn admit(&mut self, addr: Addr) -> bool {
        self.only.contains(&addr) || self.only.push(addr).is_ok()
    }

    /// Whether a locator may be used.
    pub fn admits(&self, addr: &Addr) -> bool {
        self.only.is_empty() || self.only.contains(addr)
    }

    /// The preference of a locator whose own is `told`. A locator that is chosen comes before every other, whatever the
    /// preferences say (RFC 6316 section 11.1).
    pub fn preference(&self, addr: &Addr, told: Preference) -> Preference {
        let mut preference = told;
        if let Some(known) = self.preferred.iter().find(|known| known.addr == *addr) {
            preference.priority = known.priority;
            preference.weight = known.weight;
        }
        match self.chosen {
            Some(chosen) if chosen == *addr => preference.priority = 0,
            Some(_) => preference.priority = LAST,
            None => {}
        }
        preference
    }

    /// Whether nothing is asked.
    pub fn is_empty(&self) -> bool {
        self.chosen.is_none() && self.preferred.is_empty() && self.only.is_empty()
    }
}

/// All that an application asks; [`Default`]: nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wishes {
    /// This host's locators.
    pub local: Side<MAX_LOCAL>,
    /// The peer's locators.
    pub peer: Side<MAX_PEER>,
    /// An alternative pair is to be kept known to work (`SHIM_HOT_STANDBY`).
    pub hot_standby: bool,
    /// Another Send Timeout (`SHIM_APP_TIMEOUT`, `pe_keepaliveto`).
    pub send_timeout: Option<Duration>,
    /// Another number of initial Probes (`pe_probenum`).
    pub initial_probes: Option<u8>,
    /// Another Initial Probe Timeout (`pe_initprobeto`).
    pub initial_probe_timeout: Option<Duration>,
    /// A Keepalive Interval of its own (`pe_keepaliveint`).
    pub keepalive_interval: Option<Duration>,
}

impl Wishes {
    /// Whether nothing is asked, so that the context that all share will do.
    pub fn is_empty(&self) -> bool {
        *self == Wishes::default()
    }

    /// The settings that hold for the context.
    pub fn settings(&self, settings: &Settings) -> Settings {
        let standby = match settings.standby_interval {
            Duration::ZERO if self.hot_standby => STANDBY_INTERVAL,
            interval => interval,
        };
        Settings {
            send_timeout: self.send_timeout.unwrap_or(settings.send_timeout),
            initial_probes: self.initial_probes.unwrap_or(settings.initial_probes),
            initial_probe_timeout: self.initial_probe_timeout.unwrap_or(settings.initial_probe_timeout),
            keepalive_interval: self.keepalive_interval.unwrap_or(settings.keepalive_interval),
            standby_interval: standby,
            ..*settings
        }
    }

    /// Lays them over a copy of the local set.
    pub fn lay_over_locals(&self, set: &mut LocalSet) {
        for place in 0..set.locators().len() {
            let Some(locator) = set.locators().get(place).copied() else { return };
            set.set_allowed(&locator.addr, locator.allowed && self.local.admits(&locator.addr));
            set.set_preference(&locator.addr, self.local.preference(&locator.addr, locator.preference));
        }
    }

    /// Lays them over the context's list of the peer's locators. `told` is a list that has what the peer itself prefers,
    /// and where it was reached.
    /// A locator that is not to be used counts as broken: it is tried when nothing else is left.
    pub fn lay_over_peers(&self, list: &mut PeerLocators, told: &PeerLocators) {
        for locator in list.list_mut() {
            let told = told.list().iter().find(|known| known.addr == locator.addr);
            let mut preference =
                self.peer.preference(&locator.addr, told.map_or(locator.preference, |known| known.preference));
            if !self.peer.admits(&locator.addr) {
                preference.flags |= Preference::BROKEN;
            }
            locator.preference = preference;
            if let (Reach::Unknown, Some(told)) = (locator.reach, told) {
                locator.reach = told.reach;
            }
        }
    }
}
