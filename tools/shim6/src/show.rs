// SPDX-License-Identifier: GPL-2.0
//! What contexts, locators and sets look like to people.

mod context;
mod locator;

pub(crate) use context::{brief as brief_context, context};
pub(crate) use locator::{brief_set, locator, set};

use crate::failure::Failure;
use libshim6::rtnetlink::Rtnetlink;
use libshim6::Pair;
use std::collections::HashMap;

/// Names of interfaces by number.
#[derive(Clone, Debug, Default)]
pub struct Interfaces(pub HashMap<u32, String>);

impl Interfaces {
    /// Asks the kernel.
    pub(crate) fn ask() -> Result<Interfaces, Failure> {
        let interfaces = Rtnetlink::open()?.interfaces()?.items;
        Ok(Interfaces(
            interfaces
                .into_iter()
                .map(|interface| (interface.index, interface.name))
                .collect(),
        ))
    }

    /// The name of an interface, or `ifN` as `ip` writes those that it cannot name.
    pub fn name(&self, index: u32) -> String {
        self.0
            .get(&index)
            .cloned()
            .unwrap_or_else(|| format!("if{index}"))
    }
}

/// A time for people.
pub(crate) fn time(milliseconds: u64) -> String {
    let seconds = milliseconds / 1000;
    match seconds {
        0..=9 => format!("{}.{:03}s", seconds, milliseconds % 1000),
        10..=59 => format!("{}.{}s", seconds, milliseconds % 1000 / 100),
        60..=3599 => format!("{}m{:02}s", seconds / 60, seconds % 60),
        3600..=86399 => format!("{}h{:02}m", seconds / 3600, seconds / 60 % 60),
        _ => format!("{}d{:02}h", seconds / 86400, seconds / 3600 % 24),
    }
}

/// Two addresses, in words that the command understands.
pub(crate) fn pair(pair: &Pair) -> String {
    format!("local {} peer {}", pair.local, pair.peer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_short_and_exact_where_it_matters() {
        let times = [
            (0, "0.000s"),
            (1234, "1.234s"),
            (15_678, "15.6s"),
            (61_000, "1m01s"),
            (7_260_000, "2h01m"),
            (90_000_000, "1d01h"),
        ];
        for (milliseconds, text) in times {
            assert_eq!(time(milliseconds), text);
        }
    }
}
