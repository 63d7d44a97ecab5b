// SPDX-License-Identifier: MIT OR GPL-2.0
//! The C interface of libshim6, as `include/shim6.h` documents it: each function there is one here.
//!
//! Handles are boxes that C keeps. What is unsafe is in `ffi`. No panic crosses the border: one that would ends the program, as
//! Rust has it for functions of C.

mod context;
mod error;
mod ffi;
mod locator;
mod socket;
mod watch;

use error::handle;
use libshim6::{Client, Pair};
use std::net::Ipv6Addr;

/// `struct in6_addr`, which need not be aligned.
type Address = [u8; 16];

/// `shim6_open`.
#[no_mangle]
pub extern "C" fn shim6_open() -> Option<Box<Client>> {
    handle(Client::open())
}

/// `shim6_close`.
#[no_mangle]
pub extern "C" fn shim6_close(shim6: Option<Box<Client>>) {
    drop(shim6);
}

/// Two addresses, neither of which may be null.
fn pair(local: Option<&Address>, peer: Option<&Address>) -> Result<Pair, error::Failure> {
    Ok(Pair {
        local: Ipv6Addr::from(*error::given(local)?),
        peer: Ipv6Addr::from(*error::given(peer)?),
    })
}
