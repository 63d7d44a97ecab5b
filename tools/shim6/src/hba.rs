// SPDX-License-Identifier: GPL-2.0
//! `shim6 hba`: sets of hash-based addresses.

mod generate;
mod load;
mod place;
mod remove;
mod show;

pub(crate) use generate::GENERATE;
pub(crate) use load::{find_places, install, put, take, LOAD};
pub(crate) use place::Place;
pub(crate) use remove::{take_addresses, REMOVE};
pub(crate) use show::{SHOW, VERIFY};

use crate::failure::Failure;
use crate::output::Output;
use libshim6::SetFile;
use std::path::Path;

/// Does what a verb says.
pub(crate) fn act(verb: &str, words: &[&str], output: &mut Output) -> Result<(), Failure> {
    match verb {
        "generate" => generate::generate(words, output),
        "load" => load::load(words, output),
        "verify" => show::verify(words, output),
        "remove" => remove::remove(words),
        _ => show::show(words, output),
    }
}

/// Reads the file of a set. A file that is wrong is a wrong input, not a refusal of the kernel.
pub(crate) fn read(path: &str) -> Result<SetFile, Failure> {
    SetFile::read(Path::new(path)).map_err(|error| Failure::Usage(error.to_string()))
}
