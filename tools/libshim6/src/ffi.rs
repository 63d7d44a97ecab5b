// SPDX-License-Identifier: MIT OR GPL-2.0
//! What is unsafe is in this folder: system calls that no crate in use offers.

#![allow(unsafe_code, reason = "this is the place for it")]

pub(crate) mod sockopt;
