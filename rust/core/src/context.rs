// SPDX-License-Identifier: MIT OR GPL-2.0
//! A context: what two hosts share about a pair of ULIDs (RFC 5533 section 6).
//!
//! ```text
//!             start          R1               R2
//!   (none) ---------> I1-SENT ----> I2-SENT -----------> ESTABLISHED <----- valid I2 or I2bis (from none)
//!                      |  ^           |                   |    ^
//!          no answer   |  |           | no answer         |    | R2
//!        +-------------+  +-----------+        R1bis      v    |
//!        v  ICMPv6: unknown next header v  <---------- I2BIS-SENT --> I1-SENT when nobody answers
//!     E-FAILED                      NO-SUPPORT            (hold-down over: none)
//! ```
//!
//! A [`Context`] holds what an idle, established context needs and no more. What only an exchange needs is an
//! [`Establishment`], what only an exploration needs an [`crate::reap::Exploration`]; the caller holds each of them
//! while it lasts, and a [`Past`] from the first switch or outage on.

mod establishment;
mod history;
mod lists;
mod update;

pub use establishment::{Establishment, MAX_VALIDATOR};
pub use history::{Past, Switch, MAX_SWITCHES};
pub use lists::Told;
pub(crate) use lists::{bit, preference, News, DEFAULT_TIMEOUT};
pub use update::Update;

use crate::addr::Addr;
use crate::engine::{Cause, EventKind};
use crate::locator::{Pair, Path, PeerLocators};
use crate::reap::{Doubt, Reap, RoundTrip};
use crate::time::{Duration, Instant};
use crate::wire::{Fii, Tag};

/// The states of RFC 5533 section 6.2; the numbers are those of the control interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum State {
    /// No context is kept; seen only in one that is being removed.
    Idle = 0,
    /// I1 was sent.
    I1Sent = 1,
    /// I2 was sent.
    I2Sent = 2,
    /// I2bis was sent to recover the peer's context.
    I2bisSent = 3,
    /// Both hosts have the context.
    Established = 4,
    /// Nobody answered; held until the hold-down is over.
    Failed = 5,
    /// The peer does not know Shim6; held until the hold-down is over.
    NoSupport = 6,
}

/// How this host came to have a context.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Role {
    /// It sent the I1.
    Initiator = 0,
    /// The peer sent the I1.
    Responder = 1,
}

/// What a new context is made of; the store turns it into a [`Context`] in its own memory.
#[derive(Clone, Copy, Debug)]
pub struct Seed {
    /// ULID(local).
    pub ulid_local: Addr,
    /// ULID(peer).
    pub ulid_peer: Addr,
    /// The forked instance.
    pub fii: Fii,
    /// CT(local), unique among the contexts of the store.
    pub tag_local: Tag,
    /// Who began.
    pub role: Role,
    /// The first state.
    pub state: State,
    /// Why there is a context.
    pub cause: Cause,
    /// Now.
    pub now: Instant,
}

/// One context.
#[derive(Clone, Debug)]
pub struct Context {
    pub(crate) ulids: Pair,
    pub(crate) fii: Fii,
    pub(crate) state: State,
    pub(crate) role: Role,
    pub(crate) tag_local: Tag,
    pub(crate) tag_peer: Option<Tag>,
    pub(crate) pair: Pair,
    pub(crate) peer: PeerLocators,
    pub(crate) told: Told,
    pub(crate) update: Option<Update>,
    pub(crate) reap: Reap,
    pub(crate) created: Instant,
    pub(crate) state_since: Instant,
    pub(crate) switched_at: Option<Instant>,
    pub(crate) switch_cause: Cause,
    pub(crate) round_trip: RoundTrip,
    /// What false alarms over the current pair have taught.
    pub(crate) doubt: Doubt,
    pub(crate) last_event: EventKind,
    pub(crate) last_cause: Cause,
    pub(crate) hold: Duration,
    pub(crate) r2_sent: Option<Instant>,
}

impl Context {
    /// The context that grows from a seed: its pair is the ULID pair, its peer's only locator the ULID.
    pub fn new(seed: &Seed) -> Context {
        let ulids = Pair { local: seed.ulid_local, peer: seed.ulid_peer };
        Context {
            ulids,
            fii: seed.fii,
            state: seed.state,
            role: seed.role,
            tag_local: seed.tag_local,
            tag_peer: None,
            pair: ulids,
            peer: PeerLocators::ulid(seed.ulid_peer),
            told: Told::NOTHING,
            update: None,
            reap: Reap::new(),
            created: seed.now,
            state_since: seed.now,
            switched_at: None,
            switch_cause: Cause::None,
            round_trip: RoundTrip::default(),
            doubt: Doubt::default(),
            last_event: EventKind::Created,
            last_cause: seed.cause,
            hold: Duration::ZERO,
            r2_sent: None,
        }
    }

    /// ULID(local) and ULID(peer).
    pub fn ulids(&self) -> Pair {
        self.ulids
    }

    /// The Forked Instance Identifier.
    pub fn fii(&self) -> Fii {
        self.fii
    }

    /// The state of RFC 5533 section 6.2.
    pub fn state(&self) -> State {
        self.state
    }

    /// Who began.
    pub fn role(&self) -> Role {
        self.role
    }

    /// CT(local), which never changes.
    pub fn tag_local(&self) -> Tag {
        self.tag_local
    }

    /// CT(peer), where it is known.
    pub fn tag_peer(&self) -> Option<Tag> {
        self.tag_peer
    }

    /// Lp(local) and Lp(peer), the current pair.
    pub fn pair(&self) -> Pair {
        self.pair
    }

    /// Ls(peer).
    pub fn peer_locators(&self) -> &PeerLocators {
        &self.peer
    }

    /// What the peer was told of this host's locators.
    pub fn told(&self) -> &Told {
        &self.told
    }

    /// The Update Request that awaits its acknowledgement.
    pub fn update(&self) -> Option<&Update> {
        self.update.as_ref()
    }

    /// The reachability part.
    pub fn reap(&self) -> &Reap {
        &self.reap
    }

    /// When it was made.
    pub fn created(&self) -> Instant {
        self.created
    }

    /// When its state last changed.
    pub fn state_since(&self) -> Instant {
        self.state_since
    }

    /// When its pair last changed.
    pub fn switched_at(&self) -> Option<Instant> {
        self.switched_at
    }

    /// Why its pair last changed.
    pub fn switch_cause(&self) -> Cause {
        self.switch_cause
    }

    /// The round-trip time over the current pair.
    pub fn round_trip(&self) -> RoundTrip {
        self.round_trip
    }

    /// What last happened to it, and why.
    pub fn last_event(&self) -> (EventKind, Cause) {
        (self.last_event, self.last_cause)
    }

    /// The end of E-FAILED or NO-SUPPORT.
    pub fn hold_until(&self) -> Option<Instant> {
        matches!(self.state, State::Failed | State::NoSupport).then_some(self.hold_end())
    }

    /// The same, whatever its state.
    pub(crate) fn hold_end(&self) -> Instant {
        self.state_since + self.hold
    }

    /// Whether payload may be sent over other locators than the ULIDs (RFC 5533 section 11).
    pub fn is_up(&self) -> bool {
        matches!(self.state, State::Established | State::I2bisSent) && self.tag_peer.is_some()
    }

    /// How the data path sends payload now. Payload of a forked context bears its tag over the ULIDs too: without it the
    /// peer would take it for the default context's, and neither host could tell whether this one still works.
    pub fn path(&self) -> Path {
        self.path_over(self.pair)
    }

    /// How it would send payload over this pair.
    pub fn path_over(&self, pair: Pair) -> Path {
        if self.is_up() {
            let switched = pair != self.ulids || self.fii != Fii::DEFAULT;
            Path { pair, tag: self.tag_peer, switched }
        } else {
            Path { pair: self.ulids, tag: None, switched: false }
        }
    }

    /// Whether it is established, and nothing was carried for so long; `last` is when something last was
    /// ([`crate::reap::Notes::last`]).
    pub fn is_idle(&self, now: Instant, last: Instant, timeout: Duration) -> bool {
        now.since(last) >= timeout && self.state == State::Established && now.since(self.state_since) >= timeout
    }

    /// Whether the next payload received must be told to the engine at once
    /// ([`crate::engine::Engine::payload_in`]); see [`crate::engine::Action::Watch`].
    pub fn is_watched(&self) -> bool {
        self.state == State::Established && self.reap.is_watched()
    }
}
