// SPDX-License-Identifier: GPL-2.0
//! A configuration out of its text: every line is checked, and the whole, before anything is changed.

use super::{Configuration, SetEntry, Wish};
use crate::hba;
use crate::locator;
use crate::policy;
use crate::settings;
use crate::words;
use libshim6::spec::Attribute;
use libshim6::{LocatorChange, PolicyRule, SetFile};
use std::net::Ipv6Addr;
use std::path::Path;

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
        let words = words::of(line)?;
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
                let preference = locator::preference(&words, 0)?;
                check_preference(&preference)?;
                self.wish(address).preference = preference;
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
        let is_namesake = |one: &SetEntry| one.file.label.is_some() && one.file.label == file.label;
        if let Some(other) = self.sets.iter().find(|one| is_namesake(one)) {
            return Err(format!(
                "the set of {name} has the label of the set of {}",
                other.path.display()
            ));
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
}

/// Checks the bounds of a preference, so that nothing is changed if one is wrong (RFC 5533 section 5.15.3: octets).
fn check_preference(preference: &LocatorChange) -> Result<(), String> {
    for (name, value) in [
        ("priority", preference.priority),
        ("weight", preference.weight),
    ] {
        if value.is_some_and(|value| value > u8::MAX.into()) {
            return Err(format!("{name} is 0 to {}", u8::MAX));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::tests::{directory_with, set_file};
    use super::*;

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        let file = set_file();
        let directory = directory_with("wrong", &file);
        let again = set_file();
        again.write(&directory.join("again.hba")).expect("a file");
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
                "version 1\nlocator set ::1 weight 256",
                "line 2: weight is 0 to 255",
            ),
            (
                "version 1\nhba load home.hba\nhba load again.hba",
                "line 3: the set of again.hba has the label of the set of DIR/home.hba",
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
}
