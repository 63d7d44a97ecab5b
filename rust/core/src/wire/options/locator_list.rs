// SPDX-License-Identifier: MIT OR GPL-2.0
//! The Locator List option (RFC 5533 section 5.15.2): all locators of the sender, in the order that preferences refer to.

use super::{Discard, OptionType, RawOption, Writer, OPTION_HEADER_LEN};
use crate::addr::Addr;

/// How a locator is to be verified. RFC 5533's table 4 numbers them; its section 17 has them the other way round.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum VerificationMethod {
    /// 1: the locator is in the HBA set of the PDS.
    Hba,
    /// 2: the locator is named in the CGA Signature.
    Cga,
    /// Reserved or unassigned; a list with such a method is refused with Error Code 2.
    Unsupported(u8),
}

impl VerificationMethod {
    /// The method with this number.
    pub const fn from_number(number: u8) -> VerificationMethod {
        match number {
            1 => VerificationMethod::Hba,
            2 => VerificationMethod::Cga,
            other => VerificationMethod::Unsupported(other),
        }
    }

    /// The method's number.
    pub const fn number(self) -> u8 {
        match self {
            VerificationMethod::Hba => 1,
            VerificationMethod::Cga => 2,
            VerificationMethod::Unsupported(number) => number,
        }
    }
}

/// A locator and how to verify it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LocatorEntry {
    /// The locator.
    pub locator: Addr,
    /// Its verification method.
    pub method: VerificationMethod,
}

/// A list of up to 255 locators, borrowed from a message or from the sender's own list.
#[derive(Clone, Copy, Debug)]
pub struct LocatorList<'a> {
    generation: u32,
    entries: Entries<'a>,
}

#[derive(Clone, Copy, Debug)]
enum Entries<'a> {
    /// Own locators, at most 255.
    Own(&'a [LocatorEntry]),
    /// A received option: as many methods as locators of 16 octets.
    Received { at: u16, methods: &'a [u8], locators: &'a [u8] },
}

/// Offsets within the option.
const GENERATION: usize = OPTION_HEADER_LEN;
const NUM_LOCATORS: usize = GENERATION + 4;
const METHODS: usize = NUM_LOCATORS + 1;

/// Offset of the first of `count` locators within the option: the next multiple of 8.
const fn locators_at(count: usize) -> usize {
    (METHODS + count).next_multiple_of(8)
}

impl<'a> LocatorList<'a> {
    /// A list to send; none if there are more than the option can count.
    pub fn new(generation: u32, entries: &'a [LocatorEntry]) -> Option<LocatorList<'a>> {
        (entries.len() <= usize::from(u8::MAX)).then_some(LocatorList { generation, entries: Entries::Own(entries) })
    }

    pub(super) fn parse(option: &RawOption<'a>) -> Result<LocatorList<'a>, Discard> {
        let (fixed, rest) =
            option.contents.split_first_chunk::<{ METHODS - OPTION_HEADER_LEN }>().ok_or(Discard::OptionLength)?;
        let &[a, b, c, d, count] = fixed;
        let count = usize::from(count);
        let padded = locators_at(count) - METHODS;
        if rest.len() != padded + 16 * count {
            return Err(Discard::OptionLength);
        }
        let (methods, locators) = rest.split_at(padded);
        let methods = methods.get(..count).ok_or(Discard::OptionLength)?;
        Ok(LocatorList {
            generation: u32::from_be_bytes([a, b, c, d]),
            entries: Entries::Received { at: option.at as u16, methods, locators },
        })
    }

    pub(super) fn emit(&self, writer: &mut Writer<'_>) {
        let first = locators_at(self.len());
        writer.option_header(OptionType::LocatorList, first - OPTION_HEADER_LEN + 16 * self.len());
        writer.put(&self.generation.to_be_bytes());
        writer.put(&[self.len() as u8]);
        for entry in self.iter() {
            writer.put(&[entry.method.number()]);
        }
        writer.pad();
        for entry in self.iter() {
            writer.put_addr(&entry.locator);
        }
    }

    /// The Locator List Generation: compared for equality only.
    pub fn generation(&self) -> u32 {
        self.generation
    }

    /// The number of locators.
    pub fn len(&self) -> usize {
        match self.entries {
            Entries::Own(entries) => entries.len(),
            Entries::Received { methods, .. } => methods.len(),
        }
    }

    /// Whether there is no locator at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The locator at `index`, counted from zero.
    pub fn get(&self, index: usize) -> Option<LocatorEntry> {
        match self.entries {
            Entries::Own(entries) => entries.get(index).copied(),
            Entries::Received { methods, locators, .. } => Some(LocatorEntry {
                locator: Addr::read(locators.get(16 * index..)?)?,
                method: VerificationMethod::from_number(*methods.get(index)?),
            }),
        }
    }

    /// The locators in order.
    pub fn iter(&self) -> impl Iterator<Item = LocatorEntry> + Clone + 'a {
        let list = *self;
        (0..list.len()).filter_map(move |index| list.get(index))
    }

    /// Whether `locator` is in the list.
    pub fn contains(&self, locator: Addr) -> bool {
        self.iter().any(|entry| entry.locator == locator)
    }

    /// Offset in the received message of the verification method of the locator at `index`: the Pointer of Error Code 2.
    pub fn method_offset(&self, index: usize) -> u16 {
        match self.entries {
            Entries::Own(_) => 0,
            Entries::Received { at, .. } => {
                at.saturating_add(METHODS.saturating_add(index).min(usize::from(u16::MAX)) as u16)
            }
        }
    }
}

impl PartialEq for LocatorList<'_> {
    fn eq(&self, other: &LocatorList<'_>) -> bool {
        self.generation == other.generation && self.iter().eq(other.iter())
    }
}

impl Eq for LocatorList<'_> {}
