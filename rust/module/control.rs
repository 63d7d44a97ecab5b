// SPDX-License-Identifier: GPL-2.0
//! Control: what is held under the control lock, the engine run on it, and its actions carried out.

mod env;
mod outbox;

use crate::{
    events,
    ffi::{clock, netns::Locked, path::NewPath, table::Node},
    hba::Sets,
    netlink::view::ContextView,
    netns::Net,
    node::NodeControl,
    settings::Settings,
    signature,
    stats::Counter,
    table::Store,
};
use core::mem::MaybeUninit;
pub(crate) use env::Bucket;
use env::Surroundings;
use kernel::prelude::*;
use shim6_core::{
    addr::Addr,
    context::State,
    engine::{Action, Actions, Cause, Contexts, Engine, EventKind, NoMemory, Send, SendKind},
    locator::{Pair, Path, MAX_LOCAL},
    settings as protocol,
    time::{Duration, Instant},
    validator::{Secrets, Sieve},
    wire::{Fii, MessageType, Tag},
    wishes::Wishes,
};

pub(crate) use env::Env;
pub(crate) use outbox::Outbox;

/// Pairs of addresses that can wait for their contexts to be started; more are asked for again by their next packets.
pub(crate) const MAX_STARTS: usize = 64;

/// What is held under the control lock.
pub(crate) struct Control {
    /// The settings of the namespace.
    pub(crate) settings: Settings,
    /// What the protocol needs of them.
    protocol: protocol::Settings,
    /// The HBA sets.
    pub(crate) sets: Sets,
    /// The number of the last set loaded.
    pub(crate) last_set: u32,
    /// Counts changes of the list of sets.
    pub(crate) hba_generation: u32,
    /// The number of the last policy rule.
    pub(crate) last_rule: u32,
    /// Counts changes of the policy.
    pub(crate) policy_generation: u32,
    /// Pairs whose contexts are to be started.
    pub(crate) starts: heapless::Vec<Pair, MAX_STARTS>,
    secrets: Secrets,
    probes: Bucket,
    /// Messages whose signatures are to be checked.
    pub(crate) signatures: signature::Queue,
    actions: Actions<u32>,
}

impl Control {
    /// The control part of a new namespace. Allocates, so it may sleep.
    pub(crate) fn new() -> Result<KBox<Control>> {
        Ok(Control::put(KBox::new_uninit(GFP_KERNEL)?))
    }

    /// Apart from what allocates, as it takes much of the stack.
    #[inline(never)]
    fn put(place: KBox<MaybeUninit<Control>>) -> KBox<Control> {
        KBox::write(place, Control::begin())
    }

    fn begin() -> Control {
        let now = clock::now();
        let settings = Settings::DEFAULT;
        let sieve = Sieve::new(clock::drawn(), u32::from_ne_bytes(clock::drawn()));
        Control {
            protocol: settings.protocol(),
            settings,
            sets: Sets::new(),
            last_set: 0,
            hba_generation: 0,
            last_rule: 0,
            policy_generation: 0,
            starts: heapless::Vec::new(),
            secrets: Secrets::new(now, clock::drawn(), sieve),
            probes: Bucket::full(now, settings.fast_probe_limit),
            signatures: signature::Queue::new(now),
            actions: Actions::new(),
        }
    }

    /// The sieve of the secrets.
    pub(crate) fn sieve(&self) -> Sieve {
        self.secrets.sieve()
    }

    /// A number for a new policy rule.
    pub(crate) fn next_rule(&mut self) -> u32 {
        self.last_rule = self.last_rule.wrapping_add(1).max(1);
        self.last_rule
    }

    /// Changes the settings.
    pub(crate) fn set_settings(&mut self, settings: &Settings) {
        self.settings = *settings;
        self.protocol = settings.protocol();
    }
}

/// The engine as this module lends it its state.
pub(crate) type ModuleEngine<'e, 'g> = Engine<'e, Store<'g>, Env<'g>>;

impl Net {
    /// Has the engine do something about the ULID(local) `local`, carries out what it asks for, and sends its messages
    /// when the lock is free again. `invoking` is the packet that caused it, for Error messages to quote.
    pub(crate) fn engine<R>(
        &self,
        local: &Addr,
        invoking: &[u8],
        act: impl FnOnce(&mut ModuleEngine<'_, '_>, Instant) -> R,
    ) -> R {
        self.engine_tagged(local, invoking, None, act)
    }

    /// The same, about the context with this CT(local) if there is one.
    pub(crate) fn engine_tagged<R>(
        &self,
        local: &Addr,
        invoking: &[u8],
        tag: Option<Tag>,
        act: impl FnOnce(&mut ModuleEngine<'_, '_>, Instant) -> R,
    ) -> R {
        let mut outbox = Outbox::new();
        let mut locked = self.lock();
        let about = tag.filter(|_| self.has_sockets()).and_then(|tag| locked.parts().0.by_tag(tag).map(Node::id));
        let result = self.engine_within(&mut locked, local, about, invoking, &mut outbox, act);
        drop(locked);
        outbox.send(self);
        result
    }

    /// The same for a context by its number; none if there is none. It is told its ULID(local) by itself.
    pub(crate) fn engine_for<R>(
        &self,
        id: u32,
        act: impl FnOnce(&mut ModuleEngine<'_, '_>, Instant) -> R,
    ) -> Option<R> {
        let mut outbox = Outbox::new();
        let mut locked = self.lock();
        let local = locked.parts().0.get(id).map(|node| Addr(*node.local()))?;
        let result = self.engine_within(&mut locked, &local, Some(id), &[], &mut outbox, act);
        drop(locked);
        outbox.send(self);
        Some(result)
    }

    /// The same with the lock held; the messages are left in the outbox. If it is `about` a context that an application
    /// has for itself, what the application wants is laid over what the engine is lent.
    pub(crate) fn engine_within<R>(
        &self,
        locked: &mut Locked<'_>,
        local: &Addr,
        about: Option<u32>,
        invoking: &[u8],
        outbox: &mut Outbox,
        act: impl FnOnce(&mut ModuleEngine<'_, '_>, Instant) -> R,
    ) -> R {
        let own = about.filter(|_| self.has_sockets()).and_then(|id| {
            let (mut nodes, _) = locked.parts();
            let control = nodes.control_mut(id)?;
            Some((id, control.context.ulids().local, control.wishes.take()?))
        });
        let Some((id, ulid, wishes)) = own else {
            return self.engine_with(locked, local, None, invoking, outbox, act);
        };
        let result = self.engine_with(locked, &ulid, Some(&wishes), invoking, outbox, act);
        // If the context has gone, so have they.
        if let Some(control) = locked.parts().0.control_mut(id) {
            control.wishes = Some(wishes);
        }
        result
    }

    /// The same, with these wishes.
    pub(crate) fn engine_with<R>(
        &self,
        locked: &mut Locked<'_>,
        local: &Addr,
        wishes: Option<&Wishes>,
        invoking: &[u8],
        outbox: &mut Outbox,
        act: impl FnOnce(&mut ModuleEngine<'_, '_>, Instant) -> R,
    ) -> R {
        let now = clock::now();
        let (nodes, control, reader) = locked.with_reader();
        let settings = match wishes {
            Some(wishes) => wishes.settings(&control.protocol),
            None => control.protocol,
        };
        let mut store = Store { nodes, net: self, sets: &control.sets, max_contexts: control.settings.max_contexts };
        let surroundings = Surroundings {
            secrets: &mut control.secrets,
            probes: &mut control.probes,
            signatures: &mut control.signatures,
            settings: &control.settings,
        };
        let mut env = Env::new(self, &control.sets, self.rules(reader), surroundings, local, wishes);
        control.actions.clear();
        let mut engine =
            Engine { settings: &settings, contexts: &mut store, env: &mut env, actions: &mut control.actions };
        let result = act(&mut engine, now);
        let mut place = 0;
        while let Some(action) = engine.actions.get(place).copied() {
            place += 1;
            self.carry_out(&mut engine, now, action, invoking, outbox);
        }
        result
    }

    fn carry_out(
        &self,
        engine: &mut ModuleEngine<'_, '_>,
        now: Instant,
        action: Action<u32>,
        invoking: &[u8],
        outbox: &mut Outbox,
    ) {
        match action {
            Action::Send(send) => {
                count_sent(engine.contexts, &send);
                if outbox.compose(engine, &send, invoking).is_err() {
                    self.stats().inc(Counter::DropNoMemory);
                }
            }
            Action::Arm { id, at } => {
                if let Some(node) = engine.contexts.nodes.get(id) {
                    node.arm(at);
                }
                refresh(engine, id);
            }
            Action::UsePair { id, local, peer, .. } => {
                self.publish(engine, id);
                if let Some(node) = engine.contexts.nodes.get(id) {
                    let context = &engine.contexts.nodes.control(node).context;
                    let is_lost = context.switched_at() == Some(now) && context.switch_cause() == Cause::LocatorBroken;
                    outbox.wake(node, Pair { local, peer }, is_lost);
                }
            }
            Action::Lend { id, local, peer, owed } => {
                if let Some(node) = engine.contexts.nodes.get(id) {
                    let context = &engine.contexts.nodes.control(node).context;
                    outbox.lend(node, owed, context.path(), context.path_over(Pair { local, peer }));
                }
            }
            Action::Watch { id, on } => {
                if let Some(node) = engine.contexts.nodes.get(id) {
                    node.shared.watch(on);
                    node.changed();
                }
            }
            Action::Event { id, kind, cause } => {
                refresh(engine, id);
                if let Some(control) = engine.contexts.nodes.control_mut(id) {
                    if kind == EventKind::Switched {
                        control.switches = control.switches.saturating_add(1);
                    }
                    if matches!(kind, EventKind::State | EventKind::Locators) && control.context.fii() != Fii::DEFAULT {
                        control.changed = true;
                        self.ask_for_tending();
                    }
                }
                self.tell(engine, now, id, (kind, cause));
            }
            Action::CheckSignature { question, keeper } => {
                let key = keeper.and_then(|id| engine.contexts.peer_key(id));
                match engine.env.keep_signed(now, &question, key, invoking) {
                    Ok(()) => self.share().ask_for_signatures(),
                    Err(loss) => self.stats().inc(loss),
                }
            }
            Action::Forget { id } => engine.contexts.forget(id),
        }
    }

    /// Publishes the path of a context to its packets. Without memory for it packets go on as they went.
    fn publish(&self, engine: &mut ModuleEngine<'_, '_>, id: u32) {
        refresh(engine, id);
        let Some(path) = engine.contexts.context(id).map(|context| context.path()) else { return };
        match new_path(&path, false) {
            Ok(new) => {
                engine.contexts.nodes.publish(id, new);
                engine.contexts.count_sender(id);
            }
            Err(NoMemory) => self.stats().inc(Counter::DropNoMemory),
        }
    }

    /// Publishes the path `lent` in the place of the `usual` one while `sends` runs; not if the context has moved, nor without
    /// memory for both. What was lent is taken back unless the context has moved meanwhile.
    fn lend(&self, id: u32, usual: &Path, lent: &Path, sends: impl FnOnce()) {
        let (Ok(back), Ok(new)) = (new_path(usual, false), new_path(lent, true)) else {
            return self.stats().inc(Counter::DropNoMemory);
        };
        if self.replace(id, usual, new) {
            sends();
            self.replace(id, usual, back);
        }
    }

    /// Publishes a path for a context whose path is this one, whatever is published; says whether it is.
    fn replace(&self, id: u32, usual: &Path, new: Option<NewPath>) -> bool {
        let mut locked = self.lock();
        let (mut nodes, _) = locked.parts();
        let is_usual = nodes.get(id).is_some_and(|node| nodes.control(node).context.path() == *usual);
        if is_usual {
            nodes.publish(id, new);
        }
        is_usual
    }

    fn tell(&self, engine: &ModuleEngine<'_, '_>, now: Instant, id: u32, (kind, cause): (EventKind, Cause)) {
        if let Some(node) = engine.contexts.nodes.get(id) {
            let control = engine.contexts.nodes.control(node);
            let view = view(node, control, engine.contexts.sets, engine.env.settings(), now);
            events::context(self, &view, kind, cause);
        }
    }
}

/// A path to be published, perhaps one that is lent; none if packets leave as they are.
fn new_path(path: &Path, lent: bool) -> Result<Option<NewPath>, NoMemory> {
    let tag = path.tag.filter(|_| path.switched);
    tag.map(|tag| NewPath::new(&path.pair, tag, lent).ok_or(NoMemory)).transpose()
}

/// What a context shows of itself.
pub(crate) fn view<'v>(
    node: &Node,
    control: &'v NodeControl,
    sets: &'v Sets,
    settings: &'v Settings,
    now: Instant,
) -> ContextView<'v> {
    let set = sets.of(&control.context.ulids().local).map(|(set, _)| set);
    ContextView {
        id: node.id(),
        context: &control.context,
        establishment: control.establishment.as_deref(),
        exploration: control.exploration.as_deref(),
        past: control.past(),
        notes: node.shared.notes(),
        now,
        counters: control.counters(node),
        locals: set.map(|set| &*set.locals),
        hba_id: set.map_or(0, |set| set.id),
        ifindex: set.map_or([0; MAX_LOCAL], |set| set.ifindex),
        settings,
    }
}

/// Copies to where packets see it what the protocol's part says of a context.
fn refresh(engine: &ModuleEngine<'_, '_>, id: u32) {
    if let Some(node) = engine.contexts.nodes.get(id) {
        let context = &engine.contexts.nodes.control(node).context;
        let established = context.state() == State::Established;
        let check_delay = context.reap().check_delay(engine.settings);
        let stands_by = engine.settings.standby_interval != Duration::ZERO;
        if node.shared.refresh(context.is_up(), established, check_delay, stands_by) {
            node.changed();
        }
    }
}

fn count_sent(store: &mut Store<'_>, send: &Send<u32>) {
    let Some(control) = send.kind.context().and_then(|id| store.nodes.control_mut(*id)) else { return };
    match send.kind {
        SendKind::Keepalive(_) => control.keepalives_sent = control.keepalives_sent.saturating_add(1),
        SendKind::Probe { .. } => control.probes_sent = control.probes_sent.saturating_add(1),
        _ => {}
    }
}

/// Counts a message received for the context that it is for.
pub(crate) fn count_received(store: &mut Store<'_>, id: u32, kind: MessageType) {
    let Some(control) = store.nodes.control_mut(id) else { return };
    match kind {
        MessageType::Keepalive => control.keepalives_received = control.keepalives_received.saturating_add(1),
        MessageType::Probe => control.probes_received = control.probes_received.saturating_add(1),
        _ => {}
    }
}
