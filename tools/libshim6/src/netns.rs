// SPDX-License-Identifier: MIT OR GPL-2.0
//! Network namespaces by name, as `ip netns` keeps them.

use crate::Error;
use rustix::thread::{move_into_link_name_space, LinkNameSpaceType};
use std::fs::File;
use std::os::fd::AsFd;
use std::path::PathBuf;

/// Moves this thread, and those that it starts afterwards, into a namespace: one of `ip netns`, or the file of one if
/// `name` has a slash in it.
pub fn enter(name: &str) -> Result<(), Error> {
    let path = if name.contains('/') {
        PathBuf::from(name)
    } else {
        PathBuf::from("/run/netns").join(name)
    };
    let failed = |error| Error::system(format!("enter the network namespace \"{name}\""), error);
    let file = File::open(path).map_err(failed)?;
    move_into_link_name_space(file.as_fd(), Some(LinkNameSpaceType::Network))
        .map_err(|error| failed(error.into()))
}
