// SPDX-License-Identifier: GPL-2.0
//! Generic netlink's requests: their attributes, who asks, replies, refusals with a sentence; the family's registration.

use super::{
    bindings,
    genl_message::{Builder, Message},
    netns,
};
use crate::netns::Net;
use core::{fmt, fmt::Write, marker::PhantomData, ptr::NonNull, slice};
use kernel::{error::to_result, prelude::*};
use shim6_core::addr::Addr;

/// The registration of the family; dropping it ends all control, once no handler runs any more.
pub(crate) struct Family(());

impl Family {
    /// Makes the family known to all namespaces.
    pub(crate) fn register() -> Result<Self> {
        // SAFETY: the family is a static of our C side, and is registered once: by the module's init.
        to_result(unsafe { bindings::shim6_genl_register() })?;
        Ok(Self(()))
    }
}

impl Drop for Family {
    fn drop(&mut self) {
        // SAFETY: a `Family` exists only while the family is registered.
        unsafe { bindings::shim6_genl_unregister() };
    }
}

/// One attribute of a request, which the policy of the operation has checked.
///
/// # Invariants
///
/// `attr` points at a whole attribute that lives for `'a`.
#[derive(Clone, Copy)]
pub(crate) struct Attr<'a> {
    attr: NonNull<bindings::nlattr>,
    lifetime: PhantomData<&'a bindings::nlattr>,
}

impl<'a> Attr<'a> {
    /// The octets of its value.
    pub(crate) fn bytes(&self) -> &'a [u8] {
        // SAFETY: by the invariant the attribute is whole, so its data is readable for its length, for `'a`.
        unsafe {
            let len = bindings::shim6_genl_attr_len(self.attr.as_ptr());
            slice::from_raw_parts(bindings::shim6_genl_attr_data(self.attr.as_ptr()).cast::<u8>(), len)
        }
    }

    /// Its value as a 32-bit number.
    pub(crate) fn u32(&self) -> Result<u32> {
        Ok(u32::from_ne_bytes(self.bytes().try_into().map_err(|_| EINVAL)?))
    }

    /// Its value as a 64-bit number.
    pub(crate) fn u64(&self) -> Result<u64> {
        Ok(u64::from_ne_bytes(self.bytes().try_into().map_err(|_| EINVAL)?))
    }

    /// Its value as an address.
    pub(crate) fn addr(&self) -> Result<Addr> {
        Ok(Addr(self.bytes().try_into().map_err(|_| EINVAL)?))
    }

    /// The attribute of a number inside it, if it is a nest and has that.
    pub(crate) fn nested(&self, attribute: u32) -> Option<Attr<'a>> {
        // SAFETY: by the invariant the attribute is whole, and the policy has checked what is inside.
        let found = unsafe { bindings::shim6_genl_nested(self.attr.as_ptr(), attribute) };
        // INVARIANT: a whole attribute inside this one, which lives as long.
        NonNull::new(found.cast_mut()).map(|attr| Attr { attr, lifetime: PhantomData })
    }

    /// Its value as a text, without the NUL at its end.
    pub(crate) fn text(&self) -> &'a [u8] {
        let bytes = self.bytes();
        bytes.split(|octet| *octet == 0).next().unwrap_or(bytes)
    }
}

/// A request that is being dealt with.
///
/// # Invariants
///
/// `info` and `skb` are those of the running callback.
pub(crate) struct Request<'a> {
    info: &'a bindings::genl_info,
    skb: &'a bindings::sk_buff,
}

impl<'a> Request<'a> {
    /// Wraps what generic netlink hands to a handler.
    ///
    /// # Safety
    ///
    /// `info` and `skb` must be the arguments of a running `doit`, or of a dump's callback, that live for `'a`.
    pub(super) unsafe fn new(info: &'a bindings::genl_info, skb: &'a bindings::sk_buff) -> Self {
        // INVARIANT: what the caller promises.
        Self { info, skb }
    }

    /// The state of the socket's namespace, which the request is about.
    pub(crate) fn net(&self) -> &'a Net {
        // SAFETY: by the invariant `info` is valid; its namespace, and so our state of it, lives as long as the socket,
        // which lives as long as the request. The family is gone before the state is when the module goes.
        unsafe { netns::of(bindings::shim6_genl_net(self.info)) }
    }

    /// Whether the one who asks has CAP_NET_ADMIN over the namespace.
    pub(crate) fn is_admin(&self) -> bool {
        // SAFETY: by the invariant `skb` is the request's, whose socket is there while it is dealt with.
        unsafe { bindings::shim6_genl_admin(self.skb) }
    }

    /// The attribute of a number below the operation's `maxattr`, if the request has it.
    pub(crate) fn attr(&self, attribute: u32) -> Option<Attr<'a>> {
        self.attrs(attribute).last()
    }

    /// The attribute, or a refusal that names the missing one.
    pub(crate) fn require(&self, attribute: u32, name: &str) -> Result<Attr<'a>> {
        self.attr(attribute).ok_or_else(|| {
            // SAFETY: by the invariant `info` is valid.
            unsafe { bindings::shim6_genl_missing(self.info, attribute) };
            self.refuse(None, EINVAL, format_args!("{name} is missing"))
        })
    }

    /// All attributes with a number, in the order of the message.
    pub(crate) fn attrs(&self, attribute: u32) -> impl Iterator<Item = Attr<'a>> + use<'a> {
        let info = self.info;
        let mut last: *const bindings::nlattr = core::ptr::null();
        core::iter::from_fn(move || {
            // SAFETY: `info` is valid for `'a`, and `last` is null or an attribute of its message.
            last = unsafe { bindings::shim6_genl_attr_after(info, last, attribute) };
            // INVARIANT: a whole attribute of the message, which lives for `'a`.
            NonNull::new(last.cast_mut()).map(|attr| Attr { attr, lifetime: PhantomData })
        })
    }

    /// Sets the sentence, and the attribute it is about, that go with an error, and gives the error back.
    pub(crate) fn refuse(&self, attr: Option<Attr<'_>>, error: Error, why: fmt::Arguments<'_>) -> Error {
        let mut text = Sentence::new();
        // A sentence that is too long is cut, as the extended ACK would cut it.
        let _ = text.write_fmt(why);
        let attr = attr.map_or(core::ptr::null(), |attr| attr.attr.as_ptr().cast_const());
        // SAFETY: by the invariant `info` is valid; `attr` is null or an attribute of the request; the text is
        // readable for its length, and copied.
        unsafe { bindings::shim6_genl_refuse(self.info, attr, text.as_ptr(), text.len()) };
        error
    }

    /// Sends the one message that answers the request.
    pub(crate) fn reply(&self, command: u32, fill: impl FnOnce(&mut Builder<'_>) -> Result) -> Result {
        let mut message = Message::reply(self.info, command as u8)?;
        message.fill(fill)?;
        // SAFETY: the buffer is ours and holds a whole message; the function takes it over.
        to_result(unsafe { bindings::shim6_genl_reply(message.finish().as_ptr(), self.info) })
    }
}

/// A sentence of an extended ACK, which holds 79 octets of text.
struct Sentence {
    text: [u8; 79],
    len: usize,
}

impl Sentence {
    const fn new() -> Self {
        Self { text: [0; 79], len: 0 }
    }

    fn as_ptr(&self) -> *const kernel::ffi::c_char {
        self.text.as_ptr().cast()
    }

    fn len(&self) -> usize {
        self.len
    }
}

impl fmt::Write for Sentence {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let room = &mut self.text[self.len..];
        let taken = text.len().min(room.len());
        room[..taken].copy_from_slice(&text.as_bytes()[..taken]);
        self.len += taken;
        if taken == text.len() {
            Ok(())
        } else {
            Err(fmt::Error)
        }
    }
}

/// A namespace's listeners of the multicast group `events`.
///
/// # Invariants
///
/// `net` is valid for `'a`.
pub(crate) struct Listeners<'a> {
    net: NonNull<bindings::net>,
    lifetime: PhantomData<&'a bindings::net>,
}

impl Listeners<'_> {
    /// The listeners of a namespace.
    ///
    /// # Safety
    ///
    /// The namespace must not go away while the value is used.
    pub(crate) unsafe fn new(net: NonNull<bindings::net>) -> Self {
        // INVARIANT: what the caller promises.
        Self { net, lifetime: PhantomData }
    }

    /// The namespace itself.
    pub(super) fn as_raw(&self) -> *const bindings::net {
        self.net.as_ptr()
    }

    /// Whether there are any; without them no event need be built.
    pub(crate) fn any(&self) -> bool {
        // SAFETY: by the invariant `net` is valid.
        unsafe { bindings::shim6_genl_has_listeners(self.net.as_ptr()) }
    }

    /// Sends a message to all of them; a listener without room learns of the loss from its socket (`ENOBUFS`).
    pub(crate) fn send(&self, message: Message) -> Result {
        // SAFETY: by the invariant `net` is valid; the buffer is ours, whole, and taken over by the function.
        to_result(unsafe { bindings::shim6_genl_multicast(self.net.as_ptr(), message.finish().as_ptr()) })
    }

    /// Tells them that an event could not be built for lack of memory.
    pub(crate) fn overrun(&self) {
        // SAFETY: by the invariant `net` is valid.
        unsafe { bindings::shim6_genl_overrun(self.net.as_ptr()) };
    }
}
