// SPDX-License-Identifier: MIT OR GPL-2.0
//! The file in which an HBA set is kept.
//!
//! It is text: one `name value` on each line, `#` begins a comment line. `version 1` comes first; then `label` (at most
//! once), `sec`, one `address` for each prefix, in their order, and `parameters`, the CGA Parameters data structure in
//! hexadecimal, on as many lines as it takes. The addresses are for people, and must be those that the parameters give.

use crate::spec::MAX_LABEL_LEN;
use crate::Error;
use shim6_core::cga::Sec;
use shim6_core::hba::{HbaSet, LoadError};
use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::net::Ipv6Addr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Octets on one line of parameters.
const LINE_OCTETS: usize = 32;

const INTRODUCTION: &str = "\
# A set of hash-based addresses (RFC 5535) for Shim6. Load it with: shim6 hba load FILE
# Keep this file: without it the addresses below lose their use. Keep it readable by root only.
";

/// An HBA set with its label, as kept in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetFile {
    /// The administrator's name for the set.
    pub label: Option<String>,
    /// The set.
    pub set: HbaSet,
}

/// What is wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileError {
    /// The line, from 1; 0 if it is the file as a whole.
    pub line: usize,
    /// What is wrong.
    pub problem: String,
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => f.write_str(&self.problem),
            line => write!(f, "line {line}: {}", self.problem),
        }
    }
}

impl std::error::Error for FileError {}

impl SetFile {
    /// Reads the text of a file, and verifies that parameters and addresses belong together.
    pub fn parse(text: &str) -> Result<SetFile, FileError> {
        let mut fields = Fields::default();
        for (index, line) in text.lines().enumerate() {
            fields.read(line.trim()).map_err(|problem| FileError {
                line: index + 1,
                problem,
            })?;
        }
        fields
            .finish()
            .map_err(|problem| FileError { line: 0, problem })
    }

    /// The text of the file.
    pub fn to_text(&self) -> String {
        let mut text = String::from(INTRODUCTION);
        text.push_str("version 1\n");
        if let Some(label) = &self.label {
            text.push_str(&format!("label {label}\n"));
        }
        text.push_str(&format!("sec {}\n", self.set.sec().get()));
        for address in self.set.addresses() {
            text.push_str(&format!("address {address}\n"));
        }
        for line in self.set.pds().chunks(LINE_OCTETS) {
            text.push_str("parameters ");
            text.extend(line.iter().map(|octet| format!("{octet:02x}")));
            text.push('\n');
        }
        text
    }

    /// Reads a file. What is wrong with its contents is an error of kind `InvalidData`.
    pub fn read(path: &Path) -> Result<SetFile, Error> {
        let failed = |error| Error::system(format!("read {}", path.display()), error);
        let text = fs::read_to_string(path).map_err(failed)?;
        SetFile::parse(&text)
            .map_err(|error| failed(std::io::Error::new(std::io::ErrorKind::InvalidData, error)))
    }

    /// Writes a new file that only its owner can read. One that is there already is not touched.
    pub fn write(&self, path: &Path) -> Result<(), Error> {
        let write = || {
            let mut file = OpenOptions::new()
                .write(true)
                .create_new(true)
                .mode(0o600)
                .open(path)?;
            file.write_all(self.to_text().as_bytes())?;
            file.sync_all()
        };
        write().map_err(|error| Error::system(format!("write {}", path.display()), error))
    }

    /// The addresses of the set.
    pub fn addresses(&self) -> Vec<Ipv6Addr> {
        self.set
            .addresses()
            .iter()
            .map(|address| Ipv6Addr::from(*address))
            .collect()
    }
}

/// Whether a text may be a label: it goes on one line, and into the kernel's limit.
pub fn check_label(label: &str) -> Result<(), String> {
    if label.is_empty() || label.len() > MAX_LABEL_LEN {
        return Err(format!("a label has 1 to {MAX_LABEL_LEN} octets"));
    }
    match label.chars().find(|c| !c.is_ascii_graphic()) {
        Some(c) => Err(format!("a label cannot have {c:?} in it")),
        None => Ok(()),
    }
}

/// The fields of a file, while it is read.
#[derive(Default)]
struct Fields {
    has_version: bool,
    label: Option<String>,
    sec: Option<Sec>,
    addresses: Vec<Ipv6Addr>,
    parameters: Vec<u8>,
}

impl Fields {
    fn read(&mut self, line: &str) -> Result<(), String> {
        if line.is_empty() || line.starts_with('#') {
            return Ok(());
        }
        let (name, value) = line
            .split_once(char::is_whitespace)
            .ok_or("a name without a value")?;
        let value = value.trim();
        match name {
            "version" if value == "1" => self.has_version = true,
            "version" => return Err(format!("version {value} of the file is not known")),
            _ if !self.has_version => {
                return Err(
                    "this is not a file of an HBA set: \"version 1\" must come first".to_owned(),
                )
            }
            "label" if self.label.is_some() => return Err("\"label\" is there twice".to_owned()),
            "label" => {
                check_label(value)?;
                self.label = Some(value.to_owned());
            }
            "sec" if self.sec.is_some() => return Err("\"sec\" is there twice".to_owned()),
            "sec" => self.sec = Some(read_sec(value)?),
            "address" => {
                self.addresses.push(
                    value
                        .parse()
                        .map_err(|_| format!("\"{value}\" is not an IPv6 address"))?,
                );
            }
            "parameters" => self.parameters.extend(octets(value)?),
            name => return Err(format!("\"{name}\" is not known here")),
        }
        Ok(())
    }

    fn finish(self) -> Result<SetFile, String> {
        if !self.has_version {
            return Err("this is not a file of an HBA set: it is empty".to_owned());
        }
        let sec = self.sec.ok_or("\"sec\" is missing")?;
        if self.parameters.is_empty() {
            return Err("\"parameters\" is missing".to_owned());
        }
        let set = HbaSet::load(&self.parameters, sec).map_err(describe)?;
        let file = SetFile {
            label: self.label,
            set,
        };
        let made = file.addresses();
        if let Some(wrong) = self
            .addresses
            .iter()
            .find(|address| !made.contains(address))
        {
            return Err(format!(
                "the address {wrong} does not belong to the parameters"
            ));
        }
        if let Some(missing) = made
            .iter()
            .find(|address| !self.addresses.contains(address))
        {
            return Err(format!(
                "the address {missing}, which the parameters give, is missing"
            ));
        }
        if self.addresses != made {
            return Err(
                "the addresses are not in the order of the parameters, or one is there twice"
                    .to_owned(),
            );
        }
        Ok(file)
    }
}

fn read_sec(value: &str) -> Result<Sec, String> {
    value
        .parse()
        .ok()
        .and_then(Sec::new)
        .ok_or_else(|| format!("sec is 0, 1 or 2, not \"{value}\""))
}

fn octets(text: &str) -> Result<Vec<u8>, String> {
    let digits: Vec<u32> = text
        .chars()
        .map(|c| {
            c.to_digit(16)
                .ok_or_else(|| format!("{c:?} is not a hexadecimal digit"))
        })
        .collect::<Result<_, _>>()?;
    let pairs = digits.chunks(2).map(|pair| match pair {
        [high, low] => u8::try_from((high << 4) | low).map_err(|error| error.to_string()),
        _ => Err("the number of hexadecimal digits is odd".to_owned()),
    });
    pairs.collect()
}

/// Why parameters make no set.
fn describe(error: LoadError) -> String {
    let reason = match error {
        LoadError::Pds(_) => "they are cut, or not a CGA Parameters data structure",
        LoadError::TooLong => "they are too long",
        LoadError::NoMultiPrefix => "they have no Multi-Prefix extension",
        LoadError::TooManyPrefixes => "they have too many prefixes",
        LoadError::Prefix => "a prefix cannot be used, or is there twice",
        LoadError::CollisionCount => "the collision count is above 2",
        LoadError::Hash2 => "they were made for a smaller sec",
    };
    format!("the parameters are not those of a set: {reason}")
}
