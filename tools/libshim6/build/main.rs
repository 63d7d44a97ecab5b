// SPDX-License-Identifier: MIT OR GPL-2.0
//! Turns `include/netlink/shim6.yaml` into the module `spec`: numbers, names, bounds and documentation of the control
//! interface. So the specification is the only place in which they are written down.

mod render;
mod specification;

use std::path::Path;
use std::{env, fs};

const SPECIFICATION: &str = "../../include/netlink/shim6.yaml";

fn main() {
    println!("cargo::rerun-if-changed={SPECIFICATION}");
    let text = fs::read_to_string(SPECIFICATION)
        .unwrap_or_else(|error| panic!("{SPECIFICATION}: {error}"));
    let family =
        specification::parse(&text).unwrap_or_else(|error| panic!("{SPECIFICATION}: {error}"));
    let directory = env::var_os("OUT_DIR").expect("cargo sets OUT_DIR");
    let target = Path::new(&directory).join("spec.rs");
    fs::write(&target, render::render(&family))
        .unwrap_or_else(|error| panic!("{}: {error}", target.display()));
}
