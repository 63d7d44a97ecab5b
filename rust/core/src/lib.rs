// SPDX-License-Identifier: MIT OR GPL-2.0
//! The Shim6 protocol without I/O: formats, state machines and proofs of address ownership.
#![no_std]
#![forbid(unsafe_code)]

pub mod addr;
pub mod cga;
pub mod context;
pub mod engine;
pub mod hba;
pub mod locator;
pub mod reap;
pub mod settings;
pub mod signature;
pub mod siphash;
pub mod time;
pub mod validator;
pub mod wire;
pub mod wishes;
