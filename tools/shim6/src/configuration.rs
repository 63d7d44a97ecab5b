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
//! configuration's directory.

use crate::batch;
use crate::hba;
use crate::locator;
use crate::policy;
use crate::settings;
use libshim6::spec::{self, Attribute};
use libshim6::{may_use, LoadedSet, Locator, LocatorChange, PolicyRule, SetFile, Setting};
use std::fmt::Write as _;
use std::net::Ipv6Addr;
use std::path::{Path, PathBuf};

const INTRODUCTION: &str = "\
# The configuration of Shim6 in one network namespace. Put in place, all or nothing, by: shim6 restore FILE
# What is not here is as the module has it from the start.
";

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

impl Configuration {
    /// Reads the text of a file in a directory. An error names its line.
    pub(crate) fn parse(text: &str, directory: &Path) -> Result<Configuration, String> {
        let mut configuration = Configuration::default();
        for (index, line) in text.lines().enumerate() {
            configuration
                .read(line, directory)
                .map_err(|problem| format!("line {}: {problem}", index + 1))?;
        }
        if !configuration.has_version {
            return Err("this is not a configuration of shim6: it is empty".to_owned());
        }
        configuration.check()?;
        Ok(configuration)
    }

    fn read(&mut self, line: &str, directory: &Path) -> Result<(), String> {
        let words = batch::words(line)?;
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        match words.as_slice() {
            [] => return Ok(()),
            ["version", "1"] => self.has_version = true,
            ["version", version] => return Err(format!("version {version} is not known")),
            _ if !self.has_version => {
                return Err(
                    "this is not a configuration of shim6: \"version 1\" must come first"
                        .to_owned(),
                )
            }
            ["set", name, value] => self.setting(name, value)?,
            ["hba", "load", words @ ..] => self.set(words, directory)?,
            ["locator", "set", words @ ..] => {
                let words = locator::SET.read(words)?;
                let address = locator::plain(&words)?;
                let wish = self.wish(address);
                wish.preference = locator::preference(&words, 0)?;
            }
            ["locator", "del", words @ ..] => {
                let words = locator::DEL.read(words)?;
                self.wish(locator::plain(&words)?).is_withdrawn = true;
            }
            ["policy", "add", words @ ..] => self.rule(policy::read(words)?)?,
            _ => return Err(format!("\"{line}\" is not known here")),
        }
        Ok(())
    }

    /// Puts a rule where it will be looked at.
    fn rule(&mut self, rule: PolicyRule) -> Result<(), String> {
        if self.rules.contains(&rule) {
            return Err("the same rule is there twice".to_owned());
        }
        let order = |rule: &PolicyRule| rule.order.unwrap_or(policy::DEFAULT_ORDER);
        let before = self.rules.iter();
        let at = before
            .take_while(|other| order(other) <= order(&rule))
            .count();
        self.rules.insert(at, rule);
        Ok(())
    }

    /// Reads a setting, and checks its bounds, so that nothing is changed if one is wrong.
    fn setting(&mut self, name: &str, value: &str) -> Result<(), String> {
        let attribute = settings::setting(name)?;
        let is_same = |(one, _): &(&Attribute, u32)| one.number == attribute.number;
        if self.settings.iter().any(is_same) {
            return Err(format!("\"{}\" is there twice", attribute.name));
        }
        let value = settings::value_of(attribute, value)?;
        let (min, max) = (
            attribute.min.unwrap_or(0),
            attribute.max.unwrap_or(u32::MAX),
        );
        if value < min || value > max {
            return Err(format!("{} is {min} to {max}", attribute.name));
        }
        self.settings.push((attribute, value));
        Ok(())
    }

    fn set(&mut self, words: &[&str], directory: &Path) -> Result<(), String> {
        let words = hba::LOAD.read(words)?;
        let name = words.plain.first().copied().unwrap_or_default();
        let devices: Vec<_> = words.all("dev").map(str::to_owned).collect();
        let leaves_addresses = words.has("no-addresses");
        if leaves_addresses && !devices.is_empty() {
            return Err("\"dev\" and \"no-addresses\" do not go together".to_owned());
        }
        let path = directory.join(name);
        let file = SetFile::read(&path).map_err(|error| error.to_string())?;
        let is_same = |one: &SetEntry| one.file.addresses() == file.addresses();
        if self.sets.iter().any(is_same) {
            return Err(format!("the set of {name} is there twice"));
        }
        self.sets.push(SetEntry {
            path,
            file,
            devices,
            leaves_addresses,
        });
        Ok(())
    }

    /// What a locator is to be, to be added to.
    fn wish(&mut self, address: Ipv6Addr) -> &mut Wish {
        let found = self.locators.iter().position(|(one, _)| *one == address);
        let index = found.unwrap_or_else(|| {
            self.locators.push((address, Wish::default()));
            self.locators.len() - 1
        });
        &mut self.locators[index].1
    }

    /// Whether all parts of it fit each other.
    fn check(&self) -> Result<(), String> {
        let is_known = |address: &Ipv6Addr| {
            self.sets
                .iter()
                .any(|set| set.file.addresses().contains(address))
        };
        match self.locators.iter().find(|(one, _)| !is_known(one)) {
            Some((address, _)) => Err(format!("the locator {address} is in none of the sets")),
            None => Ok(()),
        }
    }

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

/// A word that may have blanks in it.
fn quoted(word: &str) -> String {
    if word.contains(|c: char| c.is_whitespace() || c == '#' || c == '\'') {
        format!("\"{word}\"")
    } else {
        word.to_owned()
    }
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
    use libshim6::core::addr::Addr;
    use libshim6::core::cga::Sec;

    fn set_file() -> SetFile {
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
    fn directory(name: &str, file: &SetFile) -> PathBuf {
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
        let directory = directory("read-again", &file);
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

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        let file = set_file();
        let directory = directory("wrong", &file);
        for (text, problem) in [
            ("", "this is not a configuration of shim6: it is empty"),
            (
                "set idle-timeout 1h",
                "line 1: this is not a configuration of shim6: \"version 1\" must come first",
            ),
            ("version 2", "line 1: version 2 is not known"),
            (
                "version 1\n\nset send-timeout 1ms",
                "line 3: send-timeout is 1000 to 100000",
            ),
            (
                "version 1\nset send 2s\nset send-timeout 2s",
                "line 3: \"send-timeout\" is there twice",
            ),
            (
                "version 1\ncontext flush",
                "line 2: \"context flush\" is not known here",
            ),
            (
                "version 1\npolicy add at-ounce",
                "line 2: policy add: \"at-ounce\" is not one of never, at-once, after, use, use-not, tell, tell-not",
            ),
            (
                "version 1\npolicy add never\npolicy add never",
                "line 3: the same rule is there twice",
            ),
            (
                "version 1\nhba load nothing.hba",
                "line 2: cannot read DIR/nothing.hba: No such file or directory",
            ),
            (
                "version 1\nhba load home.hba\nhba load home.hba",
                "line 3: the set of home.hba is there twice",
            ),
            (
                "version 1\nhba load home.hba\nlocator set ::1 weight 1",
                "the locator ::1 is in none of the sets",
            ),
            (
                "version 1\nlocator set ::1 weight heavy",
                "line 2: weight: \"heavy\" is not a number",
            ),
            (
                "version 1\nlocator set ::1 broken maybe",
                "line 2: broken: \"maybe\" is not on or off",
            ),
        ] {
            let problem = problem.replace("DIR", &directory.display().to_string());
            let told = Configuration::parse(text, &directory).expect_err(text);
            assert_eq!(told, problem, "{text}");
        }
        std::fs::remove_dir_all(directory).expect("it is there");
    }

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
