// SPDX-License-Identifier: GPL-2.0
//! The tables of contexts: what packets read under RCU, and what the holder of the control lock may change.

use super::{
    bindings,
    netns::{state, Share},
    path::{NewPath, Path},
    rcu::Reader,
};
use crate::node::{NodeControl, Shared};
use core::{
    cell::UnsafeCell,
    marker::PhantomData,
    mem::{size_of, MaybeUninit},
    ptr::NonNull,
};
use kernel::{error::to_result, prelude::*};
use shim6_core::{
    locator::Pair,
    time::Instant,
    wire::{Fii, Nonce, Tag},
};

/// The caches that contexts and paths are allocated from. Dropped after all namespaces are gone.
pub(crate) struct Caches(());

impl Caches {
    /// Makes the caches, and the secrets of the hashes.
    pub(crate) fn new() -> Result<Self> {
        // SAFETY: called once, from the module's init.
        to_result(unsafe { bindings::shim6_nodes_init(size_of::<Node>()) })?;
        // SAFETY: as above.
        let paths = to_result(unsafe { bindings::shim6_paths_init() });
        if paths.is_err() {
            // SAFETY: nothing was allocated from it.
            unsafe { bindings::shim6_nodes_exit() };
        }
        paths.map(|()| Self(()))
    }
}

impl Drop for Caches {
    fn drop(&mut self) {
        // SAFETY: all namespaces are gone; both wait for what RCU still has.
        unsafe {
            bindings::shim6_nodes_exit();
            bindings::shim6_paths_exit();
        }
    }
}

/// Contexts that were allocated and not freed yet.
pub(crate) fn live() -> i64 {
    // SAFETY: reads a number.
    unsafe { bindings::shim6_nodes_live() as i64 }
}

/// One context: the keys and links, what packets read and write, and the protocol's part.
///
/// # Invariants
///
/// `raw` is initialised and its keys do not change while the node is in a table. `control` is only touched under the
/// control lock, and is initialised from insertion until the node is forgotten.
#[repr(C)]
pub(crate) struct Node {
    raw: UnsafeCell<bindings::shim6_node>,
    /// What packets read and write.
    pub(crate) shared: Shared,
    control: UnsafeCell<MaybeUninit<NodeControl>>,
}

/// What is added to a context is added a million times. Beside its place in the slab it has some 60 octets of the tables, up
/// to 130 where these come in powers of two; all together is to be less than a KiB.
const _: () = assert!(size_of::<Node>() <= 832);

impl Node {
    /// The node behind a pointer of C.
    ///
    /// # Safety
    ///
    /// The pointer must be null or that of an inserted node, which is not freed for `'n`.
    unsafe fn from_raw<'n>(raw: *mut bindings::shim6_node) -> Option<&'n Node> {
        // SAFETY: what the caller promises; `raw` is the first member of `Node`, which is `repr(C)`.
        unsafe { raw.cast::<Node>().as_ref() }
    }

    /// Its number.
    #[inline]
    pub(crate) fn id(&self) -> u32 {
        // SAFETY: the number never changes.
        unsafe { (*self.raw.get()).id }
    }

    /// ULID(local).
    #[inline]
    pub(crate) fn local(&self) -> &[u8; 16] {
        // SAFETY: by the invariant the keys do not change; an address is 16 octets.
        unsafe { &*(&raw const (*self.raw.get()).local).cast() }
    }

    /// ULID(peer).
    #[inline]
    pub(crate) fn peer(&self) -> &[u8; 16] {
        // SAFETY: as for `local`.
        unsafe { &*(&raw const (*self.raw.get()).peer).cast() }
    }

    /// How its payload leaves if it is switched.
    #[inline]
    pub(crate) fn path<'r>(&self, _reader: Reader<'r>) -> Option<&'r Path> {
        // SAFETY: paths are published with the function's counterpart, and RCU is held for `'r`.
        unsafe { Path::from_raw(bindings::shim6_path_read(&raw const (*self.raw.get()).path)) }
    }

    /// The pointer for the other wrappers.
    pub(super) fn raw(&self) -> *mut bindings::shim6_node {
        self.raw.get()
    }

    /// The C side of its namespace.
    pub(super) fn share(&self) -> Share {
        // SAFETY: the field never changes, and names the namespace whose table the node is in.
        unsafe { Share::from_raw((*self.raw.get()).share) }
    }

    /// Has no packet pass by what was remembered of this context before.
    pub(crate) fn changed(&self) {
        // SAFETY: the node and its namespace are there.
        unsafe { bindings::shim6_node_changed(self.raw.get()) }
    }

    /// Has the next packet noted, even if packets of its direction were remembered in this tick.
    pub(crate) fn turn(&self) {
        // SAFETY: the node is there.
        unsafe { bindings::shim6_node_turn(self.raw.get()) }
    }

    /// Sees to it that its timer fires at this time or earlier.
    pub(crate) fn arm(&self, at: Instant) {
        // SAFETY: the timer is initialised, and may be armed from everywhere; once the node is forgotten it stays off.
        unsafe { bindings::shim6_node_arm(self.raw.get(), at.as_millis()) }
    }
}

impl Share {
    /// Looks at all sockets of the namespace, and marks the contexts that they use. Sleeps.
    pub(crate) fn mark_used(self) {
        // SAFETY: the share is there, and nobody holds a lock.
        unsafe { bindings::shim6_sockets_mark(self.raw()) }
    }

    /// The context of a pair of ULIDs.
    #[inline]
    pub(crate) fn by_ulids<'r>(self, _reader: Reader<'r>, local: &[u8; 16], peer: &[u8; 16]) -> Option<&'r Node> {
        // SAFETY: RCU is held for `'r`, so nothing found is freed meanwhile; addresses are 16 octets.
        unsafe {
            Node::from_raw(bindings::shim6_node_by_ulids(self.raw(), local.as_ptr(), peer.as_ptr(), Fii::DEFAULT.0))
        }
    }

    /// The context of a number, retired or not.
    #[inline]
    pub(crate) fn by_id(self, _reader: Reader<'_>, id: u32) -> Option<&Node> {
        // SAFETY: RCU is held for the result's lifetime.
        unsafe { Node::from_raw(bindings::shim6_node_by_id(self.raw(), id)) }
    }

    /// The context of an Initiator Nonce.
    pub(crate) fn by_nonce(self, _reader: Reader<'_>, nonce: Nonce) -> Option<&Node> {
        // SAFETY: RCU is held for the result's lifetime.
        unsafe { Node::from_raw(bindings::shim6_node_by_nonce(self.raw(), nonce.0)) }
    }

    /// The context of a local tag.
    #[inline]
    pub(crate) fn by_tag(self, _reader: Reader<'_>, tag: Tag) -> Option<&Node> {
        // SAFETY: RCU is held for the result's lifetime.
        unsafe { Node::from_raw(bindings::shim6_node_by_tag(self.raw(), tag.get())) }
    }
}

/// All contexts of a namespace, for the holder of the control lock.
///
/// # Invariants
///
/// The control lock and RCU are held for `'g`, and there is no other `Nodes` of the namespace.
pub(crate) struct Nodes<'g> {
    share: Share,
    lock: PhantomData<&'g mut ()>,
}

impl Nodes<'_> {
    /// Says that the lock is held.
    ///
    /// # Safety
    ///
    /// It must be, with RCU, for all of the lifetime, and the caller must make no second one meanwhile.
    pub(super) unsafe fn new(share: Share) -> Self {
        // INVARIANT: what the caller promises.
        Self { share, lock: PhantomData }
    }

    /// The context of ULIDs and instance.
    pub(crate) fn by_ulids(&self, ulids: &Pair, fii: Fii) -> Option<&Node> {
        // SAFETY: by the invariant nothing is freed while `self` is borrowed.
        unsafe {
            Node::from_raw(bindings::shim6_node_by_ulids(
                self.share.raw(),
                ulids.local.octets().as_ptr(),
                ulids.peer.octets().as_ptr(),
                fii.0,
            ))
        }
    }

    /// How many contexts there are between these ULIDs, of whatever instance.
    pub(crate) fn between(&self, ulids: &Pair) -> u32 {
        // SAFETY: as for `by_ulids`.
        unsafe {
            bindings::shim6_nodes_between(
                self.share.raw(),
                ulids.local.octets().as_ptr(),
                ulids.peer.octets().as_ptr(),
                false,
            )
        }
    }

    /// Whether the last look at all sockets ([`Share::mark_used`]) has shown one that uses the context. It is said once.
    pub(crate) fn take_used(&mut self, id: u32) -> bool {
        let Some(node) = self.get(id) else { return false };
        // SAFETY: the node is there. The flag is written by looks at sockets, which only set it; it is read and cleared by
        // the holder of the lock.
        unsafe {
            let used = &raw mut (*node.raw.get()).used;
            let was = used.read_volatile();
            used.write_volatile(false);
            was
        }
    }

    /// The context of a local tag.
    pub(crate) fn by_tag(&self, tag: Tag) -> Option<&Node> {
        // SAFETY: as for `by_ulids`.
        unsafe { Node::from_raw(bindings::shim6_node_by_tag(self.share.raw(), tag.get())) }
    }

    /// The contexts of a peer's tag.
    pub(crate) fn by_peer_tag(&self, tag: Tag) -> impl Iterator<Item = &Node> {
        // SAFETY: by the invariant the chain does not change while `self` is borrowed.
        let mut next = unsafe { bindings::shim6_node_peer_first(self.share.raw(), tag.get()) };
        core::iter::from_fn(move || {
            // SAFETY: as above.
            let node = unsafe { Node::from_raw(next) }?;
            // SAFETY: as above.
            next = unsafe { bindings::shim6_node_peer_next(node.raw.get()) };
            Some(node)
        })
    }

    /// The context of an Initiator Nonce.
    pub(crate) fn by_nonce(&self, nonce: Nonce) -> Option<&Node> {
        // SAFETY: as for `by_ulids`.
        unsafe { Node::from_raw(bindings::shim6_node_by_nonce(self.share.raw(), nonce.0)) }
    }

    /// The context of a number, retired or not.
    pub(crate) fn get(&self, id: u32) -> Option<&Node> {
        // SAFETY: as for `by_ulids`.
        unsafe { Node::from_raw(bindings::shim6_node_by_id(self.share.raw(), id)) }
    }

    /// The context with the smallest number above this one.
    pub(crate) fn after(&self, id: u32) -> Option<&Node> {
        // SAFETY: as for `by_ulids`.
        unsafe { Node::from_raw(bindings::shim6_node_after(self.share.raw(), id)) }
    }

    /// The control part of a context.
    pub(crate) fn control(&self, node: &Node) -> &NodeControl {
        // SAFETY: the node is inserted, so its control part is initialised; it is only changed through `&mut self`.
        unsafe { (*node.control.get()).assume_init_ref() }
    }

    /// The control part of the context of a number.
    pub(crate) fn control_mut(&mut self, id: u32) -> Option<&mut NodeControl> {
        let node = self.get(id)?.control.get();
        // SAFETY: as for `control`; `self` is borrowed mutably for the result.
        Some(unsafe { (*node).assume_init_mut() })
    }

    /// Makes a context and puts it into the tables of ULIDs and local tags.
    pub(crate) fn create(&mut self, ulids: &Pair, fii: Fii, tag: Tag, control: NodeControl) -> Result<u32> {
        // SAFETY: the lock is held; the result is null or a zeroed allocation of the size of `Node`.
        let raw = NonNull::new(unsafe { bindings::shim6_node_alloc(self.share.raw()) }).ok_or(ENOMEM)?;
        let node = raw.as_ptr().cast::<Node>();
        // SAFETY: nobody else knows the node; all fields are written before it is inserted. `raw` was initialised by C.
        unsafe {
            (&raw mut (*raw.as_ptr()).local).cast::<[u8; 16]>().write(ulids.local.0);
            (&raw mut (*raw.as_ptr()).peer).cast::<[u8; 16]>().write(ulids.peer.0);
            (*raw.as_ptr()).fii = fii.0;
            (*raw.as_ptr()).tag_local = tag.get();
            (&raw mut (*node).shared).write(Shared::new());
            (&raw mut (*node).control).write(UnsafeCell::new(MaybeUninit::new(control)));
        }
        // SAFETY: the node is complete.
        let inserted = to_result(unsafe { bindings::shim6_node_insert(raw.as_ptr()) });
        if let Err(error) = inserted {
            // SAFETY: the node is in no table; its control part was initialised and is not used again.
            unsafe {
                (*(*node).control.get()).assume_init_drop();
                bindings::shim6_node_cancel(raw.as_ptr());
            }
            return Err(error);
        }
        // SAFETY: the number was given by the allocation.
        Ok(unsafe { (*raw.as_ptr()).id })
    }

    /// Changes the peer's tag under which a context is found.
    pub(crate) fn index_peer_tag(&mut self, id: u32, tag: Option<Tag>) -> Result {
        let node = self.get(id).ok_or(ENOENT)?.raw.get();
        // SAFETY: the lock is held, the node is there.
        to_result(unsafe { bindings::shim6_node_index_peer(node, tag.is_some(), tag.map_or(0, Tag::get)) })
    }

    /// Changes the Initiator Nonce under which a context is found.
    pub(crate) fn index_nonce(&mut self, id: u32, nonce: Option<Nonce>) -> Result {
        let node = self.get(id).ok_or(ENOENT)?.raw.get();
        // SAFETY: the lock is held, the node is there.
        to_result(unsafe { bindings::shim6_node_index_nonce(node, nonce.is_some(), nonce.map_or(0, |nonce| nonce.0)) })
    }

    /// Takes a context out of all tables but that of the numbers.
    pub(crate) fn retire(&mut self, id: u32) {
        if let Some(node) = self.get(id) {
            // SAFETY: the lock is held, the node is there.
            unsafe { bindings::shim6_node_retire(node.raw.get()) }
        }
    }

    /// Lets go of a context that was retired. Packets that still see it keep its memory, and nothing else.
    pub(crate) fn forget(&mut self, id: u32) {
        let Some(node) = self.get(id) else { return };
        let (raw, control) = (node.raw.get(), node.control.get());
        // SAFETY: only holders of the lock reach the control part, and they find the node no more once it is forgotten;
        // `self` is borrowed mutably, so nobody has it now.
        unsafe {
            (*control).assume_init_drop();
            bindings::shim6_node_forget(raw);
        }
    }

    /// Has packets of a context leave by this path, or as they are.
    pub(crate) fn publish(&mut self, id: u32, path: Option<NewPath>) {
        let Some(node) = self.get(id) else { return };
        let path = path.map_or(core::ptr::null_mut(), NewPath::into_raw);
        // SAFETY: the lock is held, the node is there; the path is given away.
        unsafe { bindings::shim6_node_publish(node.raw.get(), path) }
    }
}

/// A context's timer fired.
///
/// # Safety
///
/// `share` must be that of a namespace whose state exists.
#[no_mangle]
unsafe extern "C" fn shim6_node_fired(share: *mut bindings::shim6_net, id: u32) {
    // SAFETY: the state of a namespace outlives the timers of its contexts.
    unsafe { state(share) }.timer(id);
}
