// SPDX-License-Identifier: GPL-2.0
//! The engine's surroundings in the kernel: random numbers, secrets, local sets, limits on what it may send, counters.

use crate::{
    ffi::clock,
    hba::Sets,
    netns::Net,
    policy::{self, Rule},
    settings::Settings,
    signature,
    stats::Counter as Stat,
};
use shim6_core::{
    addr::Addr,
    engine::{self, Counter, Question},
    locator::{LocalSet, LocalStatus},
    time::Instant,
    validator::Secrets,
    wire::MessageType,
    wishes::Wishes,
};

/// A limit per second, with bursts of one second's worth.
pub(crate) struct Bucket {
    /// Thousandths of a message.
    level: u64,
    filled: Instant,
}

impl Bucket {
    /// One that was not drawn from for long.
    pub(crate) fn full(now: Instant, per_second: u32) -> Bucket {
        Bucket { level: u64::from(per_second) * 1000, filled: now }
    }

    /// Takes one, if there is one.
    pub(crate) fn take(&mut self, now: Instant, per_second: u32) -> bool {
        let rate = u64::from(per_second);
        let gained = u64::from(now.since(self.filled).as_millis()).saturating_mul(rate);
        self.level = self.level.saturating_add(gained).min(rate * 1000);
        self.filled = now;
        let there = self.level >= 1000;
        if there {
            self.level -= 1000;
        }
        there
    }
}

/// The parts of [`super::Control`] that the surroundings change.
pub(super) struct Surroundings<'g> {
    pub(super) secrets: &'g mut Secrets,
    pub(super) probes: &'g mut Bucket,
    pub(super) signatures: &'g mut signature::Queue,
    pub(super) settings: &'g Settings,
}

/// The surroundings for the time of one call.
pub(crate) struct Env<'g> {
    net: &'g Net,
    sets: &'g Sets,
    rules: &'g [Rule],
    control: Surroundings<'g>,
    /// The set of the ULID(local) that the call is about, where it is not one of those loaded: that of a plain address, for
    /// the host can be the peer of a multihomed one; or what an application has made of it for its own context.
    own: Option<LocalSet>,
}

impl<'g> Env<'g> {
    /// The surroundings for a call about the address `local`.
    pub(super) fn new(
        net: &'g Net,
        sets: &'g Sets,
        rules: &'g [Rule],
        control: Surroundings<'g>,
        local: &Addr,
        wishes: Option<&Wishes>,
    ) -> Env<'g> {
        Env { net, sets, rules, control, own: own_set(net, sets, local, wishes) }
    }

    /// The settings of the namespace.
    pub(super) fn settings(&self) -> &'g Settings {
        self.control.settings
    }

    /// Keeps a message until its signature is checked, by this `key` if it brings none, or says what its loss counts as.
    pub(super) fn keep_signed(
        &mut self,
        now: Instant,
        question: &Question,
        key: Option<&[u8]>,
        whole: &[u8],
    ) -> Result<(), Stat> {
        self.control.signatures.push(now, question, key, whole)
    }
}

/// The set that belongs to the call alone, if it needs one.
#[inline(never)]
fn own_set(net: &Net, sets: &Sets, local: &Addr, wishes: Option<&Wishes>) -> Option<LocalSet> {
    let Some((set, _)) = sets.of(local) else { return plain_set(net, local) };
    let wishes = wishes.filter(|wishes| !wishes.local.is_empty())?;
    let mut own = LocalSet::clone(&set.locals);
    wishes.lay_over_locals(&mut own);
    Some(own)
}

/// The set of a plain address of this host.
fn plain_set(net: &Net, local: &Addr) -> Option<LocalSet> {
    if !net.share().is_local(local.octets()) {
        return None;
    }
    let mut set = LocalSet::single(*local).ok()?;
    set.set_status(local, LocalStatus::Usable);
    Some(set)
}

impl engine::Env for Env<'_> {
    fn random(&mut self, octets: &mut [u8]) {
        clock::random(octets);
    }

    fn locals(&self, ulid: &Addr) -> Option<&LocalSet> {
        let own = self.own.as_ref().filter(|set| set.get(ulid).is_some());
        own.or_else(|| self.sets.of(ulid).map(|(set, _)| &*set.locals))
    }

    fn may_tell(&self, peer: &Addr, local: &Addr) -> bool {
        policy::may_tell(self.rules, local, peer)
    }

    fn secrets(&mut self, now: Instant) -> &Secrets {
        if self.control.secrets.is_rotation_due(now) {
            self.control.secrets.rotate(now, clock::drawn());
        }
        self.control.secrets
    }

    fn may_reply(&mut self, now: Instant, to: &Addr) -> bool {
        self.net.replies.take(now, to)
    }

    fn may_probe(&mut self, now: Instant) -> bool {
        self.control.probes.take(now, self.control.settings.fast_probe_limit)
    }

    fn established(&mut self, now: Instant) {
        self.net.replies.earn(now);
    }

    fn count(&mut self, counter: Counter) {
        self.net.stats().inc(stat(counter));
    }
}

fn stat(counter: Counter) -> Stat {
    match counter {
        Counter::ContextsCreated => Stat::ContextsCreated,
        Counter::ContextsEstablished => Stat::ContextsEstablished,
        Counter::ContextsFailed => Stat::ContextsFailed,
        Counter::ContextsUnsupported => Stat::ContextsUnsupported,
        Counter::ContextsRemoved => Stat::ContextsRemoved,
        Counter::ContextsRefused => Stat::ContextsRefused,
        Counter::ContextsRecovered => Stat::ContextsRecovered,
        Counter::Switches => Stat::Switches,
        Counter::Explorations => Stat::Explorations,
        Counter::ExplorationsEnded => Stat::ExplorationsEnded,
        Counter::SendTimeouts => Stat::SendTimeouts,
        Counter::Tx(kind) => sent(kind),
        Counter::Rx(kind) => received(kind),
        Counter::DropMalformed => Stat::DropMalformed,
        Counter::DropChecksum => Stat::DropChecksum,
        Counter::DropUnknownType => Stat::DropUnknownType,
        Counter::DropUnknownOption => Stat::DropUnknownOption,
        Counter::DropAddress => Stat::DropAddress,
        Counter::DropNoContext => Stat::DropNoContext,
        Counter::DropWrongState => Stat::DropWrongState,
        Counter::DropNonce => Stat::DropNonce,
        Counter::DropValidator => Stat::DropValidator,
        Counter::DropVerification => Stat::DropVerification,
        Counter::DropLocator => Stat::DropLocator,
        Counter::DropRateLimit => Stat::DropRateLimit,
        Counter::DropNoMemory => Stat::DropNoMemory,
        Counter::IcmpIgnored => Stat::IcmpIgnored,
        Counter::AdviceLocal => Stat::AdviceLocal,
        Counter::AdviceIcmp => Stat::AdviceIcmp,
        Counter::AdviceTransport => Stat::AdviceTransport,
        Counter::AdviceCadence => Stat::AdviceCadence,
        Counter::AdviceApplication => Stat::AdviceApplication,
        Counter::AdviceRouter => Stat::AdviceRouter,
        Counter::Tests => Stat::Tests,
        Counter::TestsPutOff => Stat::TestsPutOff,
        Counter::FalseAlarms => Stat::FalseAlarms,
    }
}

fn sent(kind: MessageType) -> Stat {
    match kind {
        MessageType::I1 => Stat::TxI1,
        MessageType::R1 => Stat::TxR1,
        MessageType::I2 => Stat::TxI2,
        MessageType::R2 => Stat::TxR2,
        MessageType::R1bis => Stat::TxR1bis,
        MessageType::I2bis => Stat::TxI2bis,
        MessageType::UpdateRequest => Stat::TxUpdateRequest,
        MessageType::UpdateAck => Stat::TxUpdateAck,
        MessageType::Keepalive => Stat::TxKeepalive,
        MessageType::Probe => Stat::TxProbe,
        MessageType::Error => Stat::TxError,
    }
}

fn received(kind: MessageType) -> Stat {
    match kind {
        MessageType::I1 => Stat::RxI1,
        MessageType::R1 => Stat::RxR1,
        MessageType::I2 => Stat::RxI2,
        MessageType::R2 => Stat::RxR2,
        MessageType::R1bis => Stat::RxR1bis,
        MessageType::I2bis => Stat::RxI2bis,
        MessageType::UpdateRequest => Stat::RxUpdateRequest,
        MessageType::UpdateAck => Stat::RxUpdateAck,
        MessageType::Keepalive => Stat::RxKeepalive,
        MessageType::Probe => Stat::RxProbe,
        MessageType::Error => Stat::RxError,
    }
}
