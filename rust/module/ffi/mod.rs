// SPDX-License-Identifier: GPL-2.0

//! Everything that touches the kernel's C interface: the only unsafe code of the module.

pub(crate) mod bindings;
