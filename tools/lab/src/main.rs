// SPDX-License-Identifier: GPL-2.0
//! shim6-lab
fn main() {}
