// SPDX-License-Identifier: GPL-2.0
//! `shim6`, the command. All of it is in the library of this crate.

use std::process::ExitCode;

fn main() -> ExitCode {
    shim6::run(std::env::args_os())
}
