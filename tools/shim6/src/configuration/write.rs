// SPDX-License-Identifier: GPL-2.0
//! A configuration out of what is in place, and its text.

use super::{Configuration, SetEntry, Wish};
use crate::policy;
use crate::words::quoted;
use libshim6::spec;
use libshim6::{may_use, LoadedSet, LocatorChange, PolicyRule, SetFile, Setting};
use std::fmt::Write as _;
use std::net::Ipv6Addr;
use std::path::PathBuf;

const INTRODUCTION: &str = "\
# The configuration of Shim6 in one network namespace. Put in place, all or nothing, by: shim6 restore FILE
# What is not here is as the module has it from the start.
";

impl Configuration {
    /// The configuration that is in place. `files` are where the sets came from.
    pub(crate) fn of(
        settings: &[Setting],
        sets: &[LoadedSet],
        rules: &[PolicyRule],
        files: &[(PathBuf, SetFile)],
        name: impl Fn(u32) -> String,
    ) -> Result<Configuration, String> {
        let mut configuration = Configuration::default();
        for setting in settings {
            let default = setting.attribute.default_value().map(u64::from);
            if default != Some(setting.value) {
                let value = u32::try_from(setting.value).map_err(|error| error.to_string())?;
                configuration.settings.push((setting.attribute, value));
            }
        }
        for set in sets {
            let is_its = |(_, file): &&(PathBuf, SetFile)| file.addresses() == set.addresses;
            let (path, file) = files.iter().find(is_its).ok_or_else(|| no_file(set))?;
            let indices: Vec<_> = set.locators.iter().map(|one| one.ifindex).collect();
            let devices: Vec<_> = indices.iter().flatten().map(|index| name(*index)).collect();
            let is_placed = devices.len() == set.addresses.len();
            configuration.sets.push(SetEntry {
                path: path.clone(),
                file: file.clone(),
                leaves_addresses: devices.is_empty(),
                devices: if is_placed { devices } else { Vec::new() },
            });
            let wishes = set.locators.iter().map(|one| {
                let mut wish = Wish::of(one);
                wish.is_withdrawn &= may_use(rules, one.address);
                (one.address, wish)
            });
            configuration
                .locators
                .extend(wishes.filter(|(_, wish)| *wish != Wish::default().filled()));
        }
        configuration.rules = rules.to_vec();
        Ok(configuration)
    }

    /// The text of its file.
    pub(crate) fn to_text(&self) -> String {
        let mut text = format!("{INTRODUCTION}version 1\n");
        for (attribute, value) in &self.settings {
            let unit = attribute.unit().unwrap_or("");
            line(
                &mut text,
                &format!("set {} {value}  # {unit}", attribute.name),
            );
        }
        for set in &self.sets {
            let mut words = format!("hba load {}", quoted(&set.path.display().to_string()));
            for device in &set.devices {
                words.push_str(&format!(" dev {device}"));
            }
            if set.leaves_addresses {
                words.push_str(" no-addresses");
            }
            line(&mut text, &words);
        }
        for (address, wish) in &self.locators {
            let preference = Wish { ..*wish }.filled().preference;
            if preference != Wish::default().filled().preference {
                line(&mut text, &preference_line(*address, &preference));
            }
            if wish.is_withdrawn {
                line(&mut text, &format!("locator del {address}"));
            }
        }
        for rule in &self.rules {
            line(&mut text, &format!("policy add {}", policy::write(rule)));
        }
        text
    }
}

fn line(text: &mut String, words: &str) {
    // A text in memory takes all that is written to it.
    let _ = writeln!(text, "{}", words.trim_end_matches("  # "));
}

fn preference_line(address: Ipv6Addr, preference: &LocatorChange) -> String {
    let mut words = format!(
        "locator set {address} priority {} weight {}",
        preference.priority.unwrap_or(0),
        preference.weight.unwrap_or(0)
    );
    for (bit, name) in spec::LOCATOR_FLAGS {
        if preference.flags.unwrap_or(0) & bit != 0 {
            words.push_str(&format!(" {name} on"));
        }
    }
    words
}

fn no_file(set: &LoadedSet) -> String {
    let addresses: Vec<_> = set.addresses.iter().map(ToString::to_string).collect();
    format!(
        "no file with the set of {} was found; name it: shim6 save hba FILE",
        addresses.join(" ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_without_a_file_is_told_with_what_to_do() {
        let set = LoadedSet {
            id: 1,
            label: None,
            pds: None,
            addresses: vec![Ipv6Addr::LOCALHOST],
            sec: 0,
            contexts: 0,
            locators: Vec::new(),
        };
        let told =
            Configuration::of(&[], &[set], &[], &[], |_| String::new()).expect_err("no file");
        assert_eq!(
            told,
            "no file with the set of ::1 was found; name it: shim6 save hba FILE"
        );
    }
}
