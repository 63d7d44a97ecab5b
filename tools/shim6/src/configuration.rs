// SPDX-License-Identifier: GPL-2.0
//! The whole configuration of a network namespace as a text: what `shim6 save` writes and `shim6 restore` reads.
//!
//! It is `version 1` and then lines of the command itself, of which only these are allowed:
//!
//!   set NAME VALUE
//!   hba load FILE [dev IF]... [no-addresses]
//!   locator set ADDRESS [priority NUMBER] [weight NUMBER] [broken on|off] [temporary on|off]
//!   locator del ADDRESS
//!   policy add ...
//!
//! What is not in it is as the module has it from the start: settings have their defaults, locators no preference, and no
//! other set is loaded and no other rule is there. A file of a set that is named without a leading `/` is in the
//! configuration's directory. What reads it is in `read`, what writes it in `write`.

mod read;
mod write;

use libshim6::spec::{self, Attribute};
use libshim6::{Locator, LocatorChange, PolicyRule, SetFile};
use std::net::Ipv6Addr;
use std::path::{Path, PathBuf};

/// An HBA set of a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SetEntry {
    /// Its file.
    pub(crate) path: PathBuf,
    /// What is in the file.
    pub(crate) file: SetFile,
    /// The interfaces of its addresses: none to look for them, one for all, or one each.
    pub(crate) devices: Vec<String>,
    /// Whether interfaces are left alone.
    pub(crate) leaves_addresses: bool,
}

/// What a local locator is to be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Wish {
    /// Its preference: what is None is 0.
    pub(crate) preference: LocatorChange,
    /// Whether it is withdrawn.
    pub(crate) is_withdrawn: bool,
}

impl Wish {
    /// What a locator is now.
    pub(crate) fn of(locator: &Locator) -> Wish {
        Wish {
            preference: LocatorChange {
                flags: Some(locator.flags),
                priority: Some(locator.priority),
                weight: Some(locator.weight),
            },
            is_withdrawn: locator.status == spec::LocatorStatus::Withdrawn,
        }
    }

    /// Every part of it as a number.
    pub(crate) fn filled(self) -> Wish {
        let LocatorChange {
            flags,
            priority,
            weight,
        } = self.preference;
        Wish {
            preference: LocatorChange {
                flags: Some(flags.unwrap_or(0)),
                priority: Some(priority.unwrap_or(0)),
                weight: Some(weight.unwrap_or(0)),
            },
            ..self
        }
    }
}

/// A configuration.
#[derive(Debug, Default)]
pub(crate) struct Configuration {
    /// Settings with values; the others have their defaults.
    pub(crate) settings: Vec<(&'static Attribute, u32)>,
    /// The HBA sets.
    pub(crate) sets: Vec<SetEntry>,
    /// What local locators are to be, if it is other than nothing.
    pub(crate) locators: Vec<(Ipv6Addr, Wish)>,
    /// The policy rules, in the order in which they are looked at.
    pub(crate) rules: Vec<PolicyRule>,
    has_version: bool,
}

/// The directory of a file.
pub(crate) fn directory(path: &Path) -> PathBuf {
    let parent = path.parent().unwrap_or(path);
    if parent.as_os_str().is_empty() {
        PathBuf::from(".")
    } else {
        parent.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use libshim6::core::addr::Addr;
    use libshim6::core::cga::Sec;

    pub(super) fn set_file() -> SetFile {
        let prefix = |text: &str| {
            let address: Ipv6Addr = text.parse().expect("an address");
            Addr::from(address).prefix64()
        };
        let prefixes = [prefix("2001:db8:a:1::"), prefix("2001:db8:b:1::")];
        let set = libshim6::generate(&prefixes, Sec::default(), |_| {}).expect("a set");
        SetFile {
            label: Some("home".to_owned()),
            set,
        }
    }

    /// A directory of this test with the file of a set in it.
    pub(super) fn directory_with(name: &str, file: &SetFile) -> PathBuf {
        let name = format!("shim6-{name}-{}", std::process::id());
        let directory = std::env::temp_dir().join(name);
        let _ = std::fs::remove_dir_all(&directory);
        std::fs::create_dir_all(&directory).expect("it is made");
        file.write(&directory.join("home.hba")).expect("a file");
        directory
    }

    #[test]
    fn what_is_written_is_read_again() {
        let file = set_file();
        let directory = directory_with("read-again", &file);
        let address = file.addresses()[1];
        let text = format!(
            "version 1\nset send-timeout 10s\nhba load home.hba dev eth0 dev eth1\n\
             locator set {address} priority 7 temporary on\nlocator del {address}\n\
             policy add never peer 2001:db8:5::/48\npolicy add at-once protocol tcp user 7 order 5\n"
        );
        let first = Configuration::parse(&text, &directory).expect("it is right");
        let again = Configuration::parse(&first.to_text(), Path::new("/")).expect("it is, too");
        assert_eq!(first.sets, again.sets);
        assert_eq!(first.rules, again.rules);
        assert_eq!(first.rules[0].order, Some(5), "the lowest comes first");
        let filled = |configuration: &Configuration| -> Vec<_> {
            let all = configuration.locators.iter();
            all.map(|(address, wish)| (*address, wish.filled()))
                .collect()
        };
        assert_eq!(filled(&first), filled(&again));
        assert_eq!(again.to_text(), first.to_text());
        assert!(first
            .to_text()
            .contains("set send-timeout 10000  # milliseconds\n"));
        std::fs::remove_dir_all(directory).expect("it is there");
    }
}
