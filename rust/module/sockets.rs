// SPDX-License-Identifier: GPL-2.0
//! Sockets that want something of the shim: which way their packets go, and the contexts that they have for themselves
//! (RFC 6316 section 11.1).
//!
//! A socket whose program asks for anything that would change a context that others share gets a forked context of its own
//! (RFC 5533 section 4.2), as long as it is open. Until that is established, and whenever it is not, packets go as those
//! of everybody else.

use crate::{
    control::Outbox,
    ffi::{
        clock,
        netns::Locked,
        packet::Packet,
        rcu::Reader,
        socket::{OwnedSocket, Sock, SocketKey},
        table::Node,
    },
    netns::Net,
};
use core::sync::atomic::Ordering::Relaxed;
use kernel::prelude::*;
use shim6_core::{
    engine::Cause,
    locator::Pair,
    time::{Duration, Instant},
    wire::Fii,
    wishes::Wishes,
};

/// The most sockets of a namespace that may want something: with their contexts they cost some 4 KiB each.
const MAX_SOCKETS: u32 = 65_536;
/// How often the sockets are looked at, in milliseconds, for those that were closed.
const TEND_INTERVAL: u32 = 1_000;
/// How long after an attempt a context that could not be had is tried again, or a pair that was chosen.
const RETRY: Duration = Duration::from_secs(30);
/// Sockets looked at for each that is new, so that those that were closed never grow to be more than those that were not.
const TURNS: usize = 2;

/// What only the holder of the control lock touches of a socket.
pub(crate) struct SocketControl {
    /// What its program wants of a context.
    pub(crate) wishes: Wishes,
    /// The wishes have changed since they were told to the engine.
    pub(crate) changed: bool,
    /// `SHIM_LOC_LOCAL_RECV`.
    pub(crate) local_recv: bool,
    /// `SHIM_LOC_PEER_RECV`.
    pub(crate) peer_recv: bool,
    /// What it was connected to when it asked.
    pub(crate) ulids: Option<Pair>,
    /// When a context was last asked for, or the pair that is wanted.
    tried: Option<Instant>,
}

impl SocketControl {
    /// Nothing is wanted.
    pub(crate) fn new() -> SocketControl {
        SocketControl {
            wishes: Wishes::default(),
            changed: false,
            local_recv: false,
            peer_recv: false,
            ulids: None,
            tried: None,
        }
    }

    fn may_try(&self, now: Instant) -> bool {
        self.tried.is_none_or(|tried| now.since(tried) >= RETRY)
    }

    /// Whether a pair was chosen, so that it is to be tried again and again.
    fn has_chosen(&self) -> bool {
        self.wishes.local.chosen().is_some() || self.wishes.peer.chosen().is_some()
    }
}

/// Which way a packet goes, if its socket says.
pub(crate) enum Choice<'r> {
    /// As all packets do.
    None,
    /// The shim lets it alone (RFC 6316 section 6.2).
    LetAlone,
    /// In this context.
    Own(&'r Node),
}

/// What the socket of a packet has chosen.
pub(crate) fn choice<'r>(net: &Net, reader: Reader<'r>, packet: &Packet) -> Choice<'r> {
    let Some(socket) = net.share().socket_of(reader, packet) else { return Choice::None };
    if socket.dontshim() {
        return Choice::LetAlone;
    }
    let own = Some(socket.fork()).filter(|id| *id != 0).and_then(|id| net.share().by_id(reader, id));
    // A socket of UDP can send to others than the one that it is connected to.
    let is_between = |node: &Node| node.local() == packet.source() && node.peer() == packet.destination();
    match own.filter(|node| node.shared.is_up() && is_between(node)) {
        Some(node) => Choice::Own(node),
        None => Choice::None,
    }
}

/// What is to be done about a socket.
enum Step {
    Nothing,
    Remove,
    /// It wants nothing of its context any more.
    Release(u32),
    /// It has no context.
    Fork(Pair),
    /// Its context does not know all that it wants.
    Tell(u32),
}

impl Net {
    /// Changes what a socket wants; `change` refuses by an error, and then nothing was changed. Sleeps.
    pub(crate) fn with_socket<R>(
        &self,
        sock: &Sock<'_>,
        change: impl FnOnce(&mut Locked<'_>, SocketKey) -> Result<R>,
    ) -> Result<R> {
        let new = OwnedSocket::new()?;
        for _ in 0..TURNS {
            self.tend_next();
        }
        let mut unused = None;
        let mut locked = self.lock();
        let is_new = locked.all().1.get(sock.key()).is_none();
        if !is_new {
            unused = Some(new);
        } else if self.sockets.load(Relaxed) >= MAX_SOCKETS {
            drop(locked);
            return Err(ENOBUFS);
        } else if let Err(new) = locked.all().1.insert(sock, new) {
            drop(locked);
            drop(new);
            return Err(ENOMEM);
        } else {
            self.sockets.fetch_add(1, Relaxed);
            self.look_again();
        }
        let result = change(&mut locked, sock.key());
        if is_new && result.is_err() {
            unused = self.take_out(&mut locked, sock.key());
        }
        drop(locked);
        drop(unused);
        if result.is_ok() {
            self.tend(sock.key());
            self.share().ask_for_tending(TEND_INTERVAL);
        }
        result
    }

    /// Reads what a socket wants; `read` gets none if it wants nothing.
    pub(crate) fn read_socket<R>(&self, key: SocketKey, read: impl FnOnce(Option<&SocketControl>, bool) -> R) -> R {
        let mut locked = self.lock();
        let (_, sockets, _) = locked.all();
        let socket = sockets.get(key);
        read(socket.map(|socket| sockets.control(socket)), socket.is_some_and(|socket| socket.dontshim()))
    }

    /// Has all sockets looked at soon. In any context, and under any lock.
    pub(crate) fn ask_for_tending(&self) {
        self.share().ask_for_tending(0);
    }

    /// Looks at all sockets: some may have been closed, others may have contexts that are established now.
    pub(crate) fn tend_all(&self) {
        for _ in 0..self.sockets.load(Relaxed) {
            self.tend_next();
        }
        if self.has_sockets() {
            self.share().ask_for_tending(TEND_INTERVAL);
        }
    }

    fn tend_next(&self) {
        let next = self.lock().all().1.turn();
        if let Some(key) = next {
            self.tend(key);
        }
    }

    /// Ends a context whose socket does without it, if it is time; says whether it did. In the course of the slow walk.
    pub(crate) fn end_released(&self, id: u32) -> bool {
        let released = self.lock().parts().0.control_mut(id).and_then(|control| control.released);
        let is_due = released.is_some_and(|end| clock::now() >= end);
        if is_due {
            self.engine_for(id, |engine, now| engine.close(now, id, Cause::Application));
        }
        is_due
    }

    /// Forgets all sockets, at the end of the namespace.
    pub(crate) fn forget_sockets(&self) {
        loop {
            let mut locked = self.lock();
            let Some(key) = locked.all().1.turn() else { return };
            let gone = self.take_out(&mut locked, key);
            drop(locked);
            drop(gone);
        }
    }

    fn take_out(&self, locked: &mut Locked<'_>, key: SocketKey) -> Option<OwnedSocket> {
        let gone = locked.all().1.remove(key)?;
        self.sockets.fetch_sub(1, Relaxed);
        Some(gone)
    }

    /// Does what is to be done about a socket. In process context, without the lock.
    fn tend(&self, key: SocketKey) {
        // For want of memory it is done at the next look.
        let Ok(room) = KBox::new(Wishes::default(), GFP_KERNEL) else { return };
        let mut outbox = Outbox::new();
        let mut gone = None;
        let mut locked = self.lock();
        match next_step(&mut locked, key) {
            Step::Nothing => {}
            Step::Remove => gone = self.take_out(&mut locked, key),
            Step::Release(id) => {
                self.release_fork(&mut locked, key, id);
                if matches!(next_step(&mut locked, key), Step::Remove) {
                    gone = self.take_out(&mut locked, key);
                }
            }
            Step::Fork(ulids) => self.fork(&mut locked, key, ulids, room, &mut outbox),
            Step::Tell(id) => self.tell_wishes(&mut locked, key, id, &mut outbox),
        }
        drop(locked);
        outbox.send(self);
        drop(gone);
    }

    /// Takes its context from a socket. It is kept until the peer has no more Keepalives to send for it: a peer that finds
    /// its context gone would have it back (RFC 5533 section 7.17).
    fn release_fork(&self, locked: &mut Locked<'_>, key: SocketKey, id: u32) {
        let (mut nodes, mut sockets, control) = locked.all();
        if let Some(socket) = sockets.get(key) {
            socket.set_fork(0);
        }
        if let Some(control) = sockets.control_mut(key) {
            control.tried = None;
        }
        let settings = control.settings.protocol();
        if let Some(node) = nodes.control_mut(id) {
            if let Some(wishes) = node.wishes.take() {
                let timeout = wishes.settings(&settings).send_timeout;
                node.released = Some(clock::now() + timeout.times(2));
            }
        }
    }

    fn fork(&self, locked: &mut Locked<'_>, key: SocketKey, ulids: Pair, mut room: KBox<Wishes>, outbox: &mut Outbox) {
        let mut instance = [0; 4];
        clock::random(&mut instance);
        // Zero is the default context's.
        let fii = Fii(u32::from_ne_bytes(instance).max(1));
        if let Some(control) = locked.all().1.control_mut(key) {
            control.tried = Some(clock::now());
            room.clone_from(&control.wishes);
        }
        let started = self.engine_within(locked, &ulids.local, None, &[], outbox, |engine, now| {
            engine.start(now, ulids, fii, Cause::Application)
        });
        // What is refused is counted by the engine, and tried again.
        let Ok(id) = started else { return };
        let (mut nodes, sockets, _) = locked.all();
        if let (Some(control), Some(socket)) = (nodes.control_mut(id), sockets.get(key)) {
            control.wishes = Some(room);
            socket.set_fork(id);
        }
    }

    fn tell_wishes(&self, locked: &mut Locked<'_>, key: SocketKey, id: u32, outbox: &mut Outbox) {
        let (mut nodes, mut sockets, _) = locked.all();
        let (Some(node), Some(socket)) = (nodes.control_mut(id), sockets.control_mut(key)) else { return };
        node.changed = false;
        socket.changed = false;
        socket.tried = Some(clock::now());
        let Some(mut wishes) = node.wishes.take() else { return };
        wishes.clone_from(&socket.wishes);
        let local = node.context.ulids().local;
        self.engine_with(locked, &local, Some(&wishes), &[], outbox, |engine, now| engine.wished(now, id, &wishes));
        if let Some(node) = locked.parts().0.control_mut(id) {
            node.wishes = Some(wishes);
        }
    }
}

fn next_step(locked: &mut Locked<'_>, key: SocketKey) -> Step {
    let now = clock::now();
    let (mut nodes, sockets, _) = locked.all();
    let Some(socket) = sockets.get(key) else { return Step::Nothing };
    let (control, fork, closed) = (sockets.control(socket), socket.fork(), socket.is_closed());
    let wanting = !control.wishes.is_empty() && !closed;
    match (wanting, fork) {
        (false, 0) if closed || !(socket.dontshim() || control.local_recv || control.peer_recv) => Step::Remove,
        (false, 0) => Step::Nothing,
        (false, fork) => Step::Release(fork),
        (true, 0) => match control.ulids.filter(|_| control.may_try(now)) {
            Some(ulids) => Step::Fork(ulids),
            None => Step::Nothing,
        },
        (true, fork) => match nodes.control_mut(fork).filter(|node| node.wishes.is_some()) {
            None => Step::Release(fork),
            // The socket is connected to somebody else now.
            Some(node) if control.ulids.is_some_and(|ulids| ulids != node.context.ulids()) => Step::Release(fork),
            Some(node) if !node.context.is_up() => Step::Nothing,
            Some(node) => {
                let again = control.has_chosen() && control.may_try(now);
                if node.changed || control.changed || again {
                    Step::Tell(fork)
                } else {
                    Step::Nothing
                }
            }
        },
    }
}
