// SPDX-License-Identifier: GPL-2.0
//! Netlink messages under construction: typed attributes, nests, and roll-back of what did not fit.
//!
//! A [`Builder`] writes into a socket buffer that somebody else owns: a [`Message`] of our own (a reply or an event), or
//! the buffer of a dump ([`super::genl_dump`]). What fails for lack of room leaves the buffer as it was.

use super::bindings;
use core::{
    ffi::{c_int, c_void},
    marker::PhantomData,
    ptr::NonNull,
};
use kernel::{error::to_result, prelude::*};
use shim6_core::addr::Addr;

/// Writes attributes at the end of a message.
///
/// # Invariants
///
/// `skb` is a valid socket buffer with an open netlink message at its end, for the lifetime `'a`, and nothing else
/// writes to it in that time.
pub(crate) struct Builder<'a> {
    skb: NonNull<bindings::sk_buff>,
    lifetime: PhantomData<&'a mut bindings::sk_buff>,
}

impl Builder<'_> {
    /// Makes a builder for the message that is open at the end of `skb`.
    ///
    /// # Safety
    ///
    /// `skb` must be valid and have an open message for as long as the builder lives, and nobody else may write to it.
    pub(super) unsafe fn new(skb: NonNull<bindings::sk_buff>) -> Self {
        // INVARIANT: what the caller promises.
        Self { skb, lifetime: PhantomData }
    }

    /// Appends an attribute with these octets; `EMSGSIZE` if there is no room.
    pub(crate) fn put_bytes(&mut self, attribute: u32, value: &[u8]) -> Result {
        let len = c_int::try_from(value.len()).map_err(|_| EMSGSIZE)?;
        if value.len() > MAX_VALUE {
            return Err(EMSGSIZE);
        }
        // SAFETY: by the invariant `skb` is valid, and `value` is readable for `len` octets.
        to_result(unsafe {
            bindings::nla_put(self.skb.as_ptr(), attribute as c_int, len, value.as_ptr().cast::<c_void>())
        })
    }

    /// Appends a 32-bit number.
    pub(crate) fn put_u32(&mut self, attribute: u32, value: u32) -> Result {
        self.put_bytes(attribute, &value.to_ne_bytes())
    }

    /// Appends a 64-bit number that is always sent with 64 bits.
    pub(crate) fn put_u64(&mut self, attribute: u32, value: u64) -> Result {
        self.put_bytes(attribute, &value.to_ne_bytes())
    }

    /// Appends a number of the type `uint`: in 32 bits where it fits, else in 64.
    pub(crate) fn put_uint(&mut self, attribute: u32, value: u64) -> Result {
        match u32::try_from(value) {
            Ok(value) => self.put_u32(attribute, value),
            Err(_) => self.put_u64(attribute, value),
        }
    }

    /// Appends an address.
    pub(crate) fn put_addr(&mut self, attribute: u32, value: Addr) -> Result {
        self.put_bytes(attribute, value.octets())
    }

    /// Appends a text of at most [`MAX_TEXT`] octets, with the NUL that netlink's strings end with.
    pub(crate) fn put_text(&mut self, attribute: u32, value: &[u8]) -> Result {
        let mut text = [0; MAX_TEXT + 1];
        text.get_mut(..value.len()).ok_or(EMSGSIZE)?.copy_from_slice(value);
        self.put_bytes(attribute, text.get(..value.len() + 1).ok_or(EMSGSIZE)?)
    }

    /// Appends a nest with what `fill` writes; if `fill` fails, nothing of it stays.
    pub(crate) fn nest(&mut self, attribute: u32, fill: impl FnOnce(&mut Builder<'_>) -> Result) -> Result {
        // SAFETY: by the invariant `skb` is valid.
        let nest = unsafe { bindings::shim6_genl_nest_start(self.skb.as_ptr(), attribute) };
        if nest.is_null() {
            return Err(EMSGSIZE);
        }
        let filled = fill(self);
        match filled {
            // SAFETY: `nest` was started in this buffer, which has only grown since.
            Ok(()) => unsafe { bindings::shim6_genl_nest_end(self.skb.as_ptr(), nest) },
            // SAFETY: as above; the buffer is cut back to where the nest began.
            Err(_) => unsafe { bindings::shim6_genl_nest_cancel(self.skb.as_ptr(), nest) },
        }
        filled
    }
}

/// The largest value of an attribute, whose length with its header has 16 bits.
const MAX_VALUE: usize = u16::MAX as usize - 4;

/// The longest text a message carries: the label of an HBA set.
const MAX_TEXT: usize = bindings::SHIM6_MAX_LABEL_LEN as usize;

/// Where the memory for a message comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Memory {
    /// May sleep: a reply.
    MaySleep,
    /// May not sleep: an event under a lock or in softirq.
    Atomic,
}

/// A message of our own: one reply, or one event.
///
/// # Invariants
///
/// `skb` is a socket buffer that this value owns; `header` points at the open message in it.
pub(crate) struct Message {
    skb: NonNull<bindings::sk_buff>,
    header: NonNull<c_void>,
}

impl Message {
    /// Room for attributes in a message: a context with all its locators takes less than 3 KiB.
    const ROOM: usize = 7 * 1024;

    /// Makes a message whose header `put` writes.
    ///
    /// # Safety
    ///
    /// `put` must write a generic netlink header into the buffer it gets, and return its place, or null.
    unsafe fn new(memory: Memory, put: impl FnOnce(*mut bindings::sk_buff) -> *mut c_void) -> Result<Self> {
        // SAFETY: the function takes plain values, and returns null or a new buffer that is ours.
        let skb = unsafe { bindings::shim6_genl_new(Self::ROOM, memory == Memory::Atomic) };
        let skb = NonNull::new(skb).ok_or(ENOMEM)?;
        let Some(header) = NonNull::new(put(skb.as_ptr())) else {
            // SAFETY: the buffer is ours and nobody else knows it.
            unsafe { bindings::shim6_genl_free(skb.as_ptr()) };
            return Err(EMSGSIZE);
        };
        // INVARIANT: the buffer is ours, and the header was just put into it.
        Ok(Self { skb, header })
    }

    /// A reply to a request.
    pub(super) fn reply(info: &bindings::genl_info, command: u8) -> Result<Self> {
        // SAFETY: `genlmsg_put` writes a header for a valid `info`, or returns null.
        unsafe { Self::new(Memory::MaySleep, |skb| bindings::shim6_genl_put(skb, info, 0, command)) }
    }

    /// A notification, which belongs to no request.
    pub(crate) fn event(memory: Memory, command: u8) -> Result<Self> {
        // SAFETY: `genlmsg_put` writes a header, or returns null.
        unsafe { Self::new(memory, |skb| bindings::shim6_genl_put_event(skb, command)) }
    }

    /// Writes attributes.
    pub(crate) fn fill(&mut self, fill: impl FnOnce(&mut Builder<'_>) -> Result) -> Result {
        // SAFETY: by the invariant the buffer is ours with an open message, and it is borrowed until `fill` ends.
        fill(&mut unsafe { Builder::new(self.skb) })
    }

    /// Closes the message and gives up the buffer, which the caller must hand on or free.
    pub(super) fn finish(self) -> NonNull<bindings::sk_buff> {
        let message = core::mem::ManuallyDrop::new(self);
        // SAFETY: by the invariant `header` is that of the open message in the buffer.
        unsafe { bindings::shim6_genl_end(message.skb.as_ptr(), message.header.as_ptr()) };
        message.skb
    }
}

impl Drop for Message {
    fn drop(&mut self) {
        // SAFETY: by the invariant the buffer is ours, and it is not used after `drop`.
        unsafe { bindings::shim6_genl_free(self.skb.as_ptr()) };
    }
}
