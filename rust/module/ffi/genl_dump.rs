// SPDX-License-Identifier: GPL-2.0
//! Dumps: an answer of as many messages as it takes, over as many socket buffers, with a cursor kept between them.

use super::{bindings, genl::Request, genl_message::Builder};
use crate::netns::Net;
use core::{
    ffi::{c_int, c_void},
    ptr::NonNull,
};
use kernel::{prelude::*, types::ForeignOwnable};

/// A running dump: what it looks for and how far it has come.
pub(crate) trait Dump: Sized + 'static {
    /// The command of its messages.
    const COMMAND: u32;

    /// Begins a dump for a request, or refuses it.
    fn start(request: &Request<'_>) -> Result<KBox<Self>>;

    /// A number that changes whenever the things dumped come or go: listeners are told if it changed between two
    /// buffers (`NLM_F_DUMP_INTR`).
    fn generation(net: &Net) -> u32;

    /// Writes messages until there is no room (`EMSGSIZE` from [`Page::message`], with the cursor kept at the thing
    /// that did not fit) or nothing left.
    fn page(&mut self, net: &Net, page: &mut Page<'_>) -> Result;
}

/// The buffer of a dump that is being filled.
///
/// # Invariants
///
/// `skb` and `cb` are those of the running callback of one dump.
pub(crate) struct Page<'a> {
    skb: NonNull<bindings::sk_buff>,
    cb: &'a mut bindings::netlink_callback,
    command: u8,
}

impl Page<'_> {
    /// Appends one message; if it does not fit, nothing of it stays and the error is `EMSGSIZE`.
    pub(crate) fn message(&mut self, fill: impl FnOnce(&mut Builder<'_>) -> Result) -> Result {
        const MULTI: u32 = bindings::NLM_F_MULTI;
        // SAFETY: by the invariant `cb` is that of a running dump, so it has an info, and `skb` is valid.
        let header = unsafe {
            let info = bindings::shim6_genl_dump_info(self.cb);
            bindings::shim6_genl_put(self.skb.as_ptr(), info, MULTI, self.command)
        };
        let header = NonNull::new(header).ok_or(EMSGSIZE)?;
        // SAFETY: the message was just opened in the buffer, and the builder is gone before it is closed.
        let filled = fill(&mut unsafe { Builder::new(self.skb) });
        match filled {
            // SAFETY: `header` is that of the message open in `skb`; `cb` is the running dump's.
            Ok(()) => unsafe {
                bindings::shim6_genl_consistent(self.cb, header.as_ptr());
                bindings::shim6_genl_end(self.skb.as_ptr(), header.as_ptr());
            },
            // SAFETY: as above; the buffer is cut back to where the message began.
            Err(_) => unsafe { bindings::shim6_genl_cancel(self.skb.as_ptr(), header.as_ptr()) },
        }
        filled
    }
}

/// The place in a callback's context where a dump keeps its cursor.
fn cursor(cb: &mut bindings::netlink_callback) -> *mut *mut c_void {
    (&raw mut cb.__bindgen_anon_1).cast()
}

/// Begins a dump.
///
/// # Safety
///
/// `cb` must be the argument of a `start` callback of the family.
pub(super) unsafe fn start<D: Dump>(cb: *mut bindings::netlink_callback) -> c_int {
    // SAFETY: the callback's argument is valid and ours alone while the callback runs; the request's buffer and info
    // live as long.
    let started = unsafe {
        let info = &*bindings::shim6_genl_dump_info(cb);
        let skb = &*(*cb).skb;
        D::start(&Request::new(info, skb))
    };
    match started {
        // SAFETY: the context is zeroed memory of 48 octets, aligned for pointers, that nobody else uses.
        Ok(dump) => unsafe {
            cursor(&mut *cb).write(dump.into_foreign().cast());
            0
        },
        Err(error) => error.to_errno(),
    }
}

/// Fills one buffer of a dump.
///
/// # Safety
///
/// `skb` and `cb` must be the arguments of a `dumpit` callback whose dump was begun by [`start`] with the same `D`.
pub(super) unsafe fn dumpit<D: Dump>(skb: *mut bindings::sk_buff, cb: *mut bindings::netlink_callback) -> c_int {
    // SAFETY: the arguments are valid; netlink runs one callback of a dump at a time, so that `cb` is ours alone; the
    // cursor was stored by `start` and is taken back only by `done`.
    let (cb, dump, net) = unsafe {
        let cb = &mut *cb;
        let dump = &mut *(*cursor(cb)).cast::<D>();
        let request = Request::new(&*bindings::shim6_genl_dump_info(cb), &*cb.skb);
        (cb, dump, request.net())
    };
    // Zero would say that the dump cannot tell.
    cb.seq = D::generation(net).max(1);
    // SAFETY: `skb` is the callback's buffer, never null.
    let skb = unsafe { NonNull::new_unchecked(skb) };
    // INVARIANT: both are those of the running callback.
    let mut page = Page { skb, cb, command: D::COMMAND as u8 };
    let written = dump.page(net, &mut page);
    // What has changed while this page was made is told with the next, or at the end.
    page.cb.seq = D::generation(net).max(1);
    match written {
        Ok(()) => 0,
        // SAFETY: the buffer is valid; a length above zero asks for another call.
        Err(EMSGSIZE) => match unsafe { (*skb.as_ptr()).len } {
            0 => EMSGSIZE.to_errno(),
            len => len as c_int,
        },
        Err(error) => error.to_errno(),
    }
}

/// Ends a dump, whether it came to its end or not.
///
/// # Safety
///
/// `cb` must be the argument of a `done` callback whose dump was begun by [`start`] with the same `D`.
pub(super) unsafe fn done<D: Dump>(cb: *mut bindings::netlink_callback) -> c_int {
    // SAFETY: the cursor was stored by `start`; this is the last callback of the dump, so it is taken back once.
    drop(unsafe { KBox::<D>::from_foreign((*cursor(&mut *cb)).cast()) });
    0
}
