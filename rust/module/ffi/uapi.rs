// SPDX-License-Identifier: GPL-2.0
//! The numbers of the control interface, `include/uapi/linux/shim6.h`, by a name that says where they are from.

pub(crate) use super::bindings::*;
