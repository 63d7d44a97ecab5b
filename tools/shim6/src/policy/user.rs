// SPDX-License-Identifier: GPL-2.0
//! Users by their names, as this host knows them (`/etc/passwd`, or what else `nsswitch.conf` names).

use crate::grammar;
use nix::unistd::{Uid, User};

/// The number of a user, who is given by it or by name.
pub(super) fn number(word: &str) -> Result<u32, String> {
    if word.starts_with(|first: char| first.is_ascii_digit()) {
        return grammar::number32("user", word);
    }
    match User::from_name(word) {
        Ok(Some(user)) => Ok(user.uid.as_raw()),
        Ok(None) => Err(format!("user: this host has no user \"{word}\"")),
        Err(why) => Err(format!("user: cannot look for \"{word}\": {}", why.desc())),
    }
}

/// The name of a user, unless it has none or is called like another one's number.
pub(super) fn name(number: u32) -> Option<String> {
    let user = User::from_uid(Uid::from_raw(number)).ok().flatten()?;
    Some(user.name).filter(|name| !name.starts_with(|first: char| first.is_ascii_digit()))
}
