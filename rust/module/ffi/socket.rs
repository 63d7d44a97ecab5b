// SPDX-License-Identifier: GPL-2.0
//! Sockets whose programs have asked something of the shim: the table of them, and a socket while one of its options is
//! dealt with.

use super::{
    bindings,
    netns::{of, Share},
    packet::Packet,
    rcu::Reader,
};
use crate::{netns::Net, sockets::SocketControl};
use core::{
    cell::UnsafeCell,
    marker::PhantomData,
    mem::size_of,
    ptr::NonNull,
    sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed},
};
use kernel::{error::to_result, prelude::*, types::NotThreadSafe};
use shim6_core::{addr::Addr, locator::Pair};

/// Sockets in memory, in all namespaces.
pub(crate) fn live() -> i64 {
    // SAFETY: reads a number.
    unsafe { bindings::shim6_sockets_live() as i64 }
}

/// Names a socket in the table. It is only ever compared.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct SocketKey(*const bindings::sock);

/// What a socket is connected to.
pub(crate) enum Endpoint {
    /// Nothing.
    Unconnected,
    /// Something that has no context, such as a host by IPv4.
    Foreign,
    /// The peer of a pair of addresses, which are ULIDs if there is a context.
    Ulids(Pair),
}

/// A socket while one of its options is dealt with.
///
/// # Invariants
///
/// The socket is held by the program's call for `'a`, in process context, and is not locked.
pub(crate) struct Sock<'a> {
    sk: NonNull<bindings::sock>,
    lives: PhantomData<(&'a bindings::sock, NotThreadSafe)>,
}

impl<'a> Sock<'a> {
    /// The socket of a call.
    ///
    /// # Safety
    ///
    /// It must be one that the caller holds for `'a`, in process context, unlocked.
    pub(super) unsafe fn new(sk: NonNull<bindings::sock>) -> Self {
        // INVARIANT: what the caller promises.
        Self { sk, lives: PhantomData }
    }

    /// The state of its namespace, which it keeps.
    pub(crate) fn net(&self) -> &'a Net {
        // SAFETY: the socket is valid and holds its namespace; options are registered after and unregistered before the
        // states of the namespaces.
        unsafe { of(bindings::shim6_socket_net(self.sk.as_ptr())) }
    }

    /// Its name in the table.
    pub(crate) fn key(&self) -> SocketKey {
        SocketKey(self.sk.as_ptr())
    }

    /// What it is connected to now. Sleeps.
    pub(crate) fn endpoint(&self) -> Endpoint {
        let mut found = bindings::shim6_endpoint::default();
        // SAFETY: the socket is valid and not locked, by the invariant.
        unsafe { bindings::shim6_socket_endpoint(self.sk.as_ptr(), &mut found) };
        match found {
            bindings::shim6_endpoint { connected: false, .. } => Endpoint::Unconnected,
            bindings::shim6_endpoint { mapped: true, .. } => Endpoint::Foreign,
            found => Endpoint::Ulids(Pair { local: Addr(found.local), peer: Addr(found.peer) }),
        }
    }
}

/// One of the sockets in the table.
///
/// # Invariants
///
/// `raw` is initialised. `control` is initialised, and only touched under the control lock while it is in the table.
#[repr(C)]
pub(crate) struct Socket {
    raw: UnsafeCell<bindings::shim6_socket>,
    control: UnsafeCell<SocketControl>,
}

impl Socket {
    fn fork_cell(&self) -> &AtomicU32 {
        // SAFETY: the field is aligned, lives with `self`, and is only reached through this.
        unsafe { AtomicU32::from_ptr(&raw mut (*self.raw.get()).fork) }
    }

    fn dontshim_cell(&self) -> &AtomicBool {
        // SAFETY: as for `fork_cell`.
        unsafe { AtomicBool::from_ptr(&raw mut (*self.raw.get()).dontshim) }
    }

    /// The number of the context that is its own; 0: none is.
    #[inline]
    pub(crate) fn fork(&self) -> u32 {
        self.fork_cell().load(Relaxed)
    }

    /// Gives it a context of its own, or 0: none.
    pub(crate) fn set_fork(&self, id: u32) {
        self.fork_cell().store(id, Relaxed);
    }

    /// Whether the shim lets its packets alone.
    #[inline]
    pub(crate) fn dontshim(&self) -> bool {
        self.dontshim_cell().load(Relaxed)
    }

    /// Lets its packets alone, or not.
    pub(crate) fn set_dontshim(&self, on: bool) {
        self.dontshim_cell().store(on, Relaxed);
    }

    /// Whether its program has let go of it.
    pub(crate) fn is_closed(&self) -> bool {
        // SAFETY: it is in the table, so the kernel's socket is held.
        unsafe { bindings::shim6_socket_is_closed(self.raw.get()) }
    }
}

/// A socket that is in no table: not yet, or no more. Not to be dropped under the control lock.
///
/// # Invariants
///
/// It is a live allocation that this value owns; its control part is initialised.
pub(crate) struct OwnedSocket(NonNull<Socket>);

impl OwnedSocket {
    /// One that asks nothing. Sleeps.
    pub(crate) fn new() -> Result<Self> {
        // SAFETY: the result is null or a zeroed allocation of that size.
        let raw = NonNull::new(unsafe { bindings::shim6_socket_alloc(size_of::<Socket>()) }).ok_or(ENOMEM)?;
        let socket = raw.cast::<Socket>();
        // SAFETY: nobody else knows it, and there is room for all of it.
        unsafe { (&raw mut (*socket.as_ptr()).control).write(UnsafeCell::new(SocketControl::new())) };
        // INVARIANT: just allocated, and initialised.
        Ok(Self(socket))
    }
}

impl Drop for OwnedSocket {
    fn drop(&mut self) {
        // SAFETY: by the invariant it is ours and initialised. Packets that still see it do not look at the control part.
        unsafe {
            core::ptr::drop_in_place((*self.0.as_ptr()).control.get());
            bindings::shim6_socket_free(self.0.as_ptr().cast());
        }
    }
}

/// The table, for the holder of the control lock.
///
/// # Invariants
///
/// The lock and RCU are held for the lifetime, and there is no second one meanwhile.
pub(crate) struct Sockets<'l> {
    share: Share,
    lock: PhantomData<&'l mut ()>,
}

impl Sockets<'_> {
    /// Says that the lock is held.
    ///
    /// # Safety
    ///
    /// It must be, with RCU, for all of the lifetime, and the caller must make no second one meanwhile.
    pub(super) unsafe fn new(share: Share) -> Self {
        // INVARIANT: what the caller promises.
        Self { share, lock: PhantomData }
    }

    /// The socket of this name.
    pub(crate) fn get(&self, key: SocketKey) -> Option<&Socket> {
        // SAFETY: the key is only compared; by the invariant nothing found goes while `self` is borrowed, and what is in
        // the table is the first member of a `Socket`.
        unsafe { bindings::shim6_socket_find(self.share.raw(), key.0).cast::<Socket>().as_ref() }
    }

    /// Its control part.
    pub(crate) fn control(&self, socket: &Socket) -> &SocketControl {
        // SAFETY: it is in the table, so initialised, and only changed through `&mut self`.
        unsafe { &*socket.control.get() }
    }

    /// The control part of the socket of this name.
    pub(crate) fn control_mut(&mut self, key: SocketKey) -> Option<&mut SocketControl> {
        let control = self.get(key)?.control.get();
        // SAFETY: as for `control`; `self` is borrowed mutably for the result.
        Some(unsafe { &mut *control })
    }

    /// Puts a socket into the table; gives the value back if it is there already, or there is no memory.
    pub(crate) fn insert(&mut self, sock: &Sock<'_>, new: OwnedSocket) -> Result<(), OwnedSocket> {
        // SAFETY: the lock is held; the new one is in no table; the kernel's socket is valid.
        let inserted = to_result(unsafe {
            bindings::shim6_socket_insert(self.share.raw(), new.0.as_ptr().cast(), sock.sk.as_ptr())
        });
        if inserted.is_err() {
            return Err(new);
        }
        // The table owns it from now on.
        core::mem::forget(new);
        Ok(())
    }

    /// Takes one out.
    pub(crate) fn remove(&mut self, key: SocketKey) -> Option<OwnedSocket> {
        let socket = NonNull::from(self.get(key)?);
        // SAFETY: the lock is held, and it is in the table.
        unsafe { bindings::shim6_socket_remove(self.share.raw(), socket.as_ptr().cast()) };
        // INVARIANT: the table owned it.
        Some(OwnedSocket(socket))
    }

    /// The one that was not looked at for longest.
    pub(crate) fn turn(&mut self) -> Option<SocketKey> {
        // SAFETY: the lock is held; what is found is valid, and its `sk` set as long as it is in the table.
        unsafe { bindings::shim6_socket_turn(self.share.raw()).as_ref().map(|socket| SocketKey(socket.sk)) }
    }
}

impl Share {
    /// The socket that sends a packet, if its program has asked for anything.
    pub(crate) fn socket_of<'r>(self, _reader: Reader<'r>, packet: &Packet) -> Option<&'r Socket> {
        // SAFETY: the packet is valid; RCU is held for `'r`, so nothing found is freed meanwhile.
        unsafe { bindings::shim6_socket_of(self.raw(), packet.raw()).cast::<Socket>().as_ref() }
    }
}
