// SPDX-License-Identifier: MIT OR GPL-2.0
//! The Locator Preferences option (RFC 5533 section 5.15.3): flags, priority and weight for each locator of a list.

use super::{Discard, OptionType, RawOption, Writer, OPTION_HEADER_LEN};

/// What a host says of one of its locators. Priority and weight mean what they mean in DNS SRV records (RFC 2782): the
/// lowest priority first, and among equals a share by weight. Where a received element is too short for them, both are zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Preference {
    /// Flags; see the constants. Unknown bits are kept.
    pub flags: u8,
    /// Lower comes first.
    pub priority: u8,
    /// Share among locators of one priority.
    pub weight: u8,
}

impl Preference {
    /// The locator is known not to work.
    pub const BROKEN: u8 = 0x01;
    /// The locator is less stable than others.
    pub const TRANSIENT: u8 = 0x02;

    /// Whether the BROKEN flag is set.
    pub const fn is_broken(&self) -> bool {
        self.flags & Preference::BROKEN != 0
    }

    /// Whether the TRANSIENT flag is set.
    pub const fn is_transient(&self) -> bool {
        self.flags & Preference::TRANSIENT != 0
    }
}

/// How much of a [`Preference`] is sent for each locator, in octets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum ElementLen {
    /// Flags.
    Flags = 1,
    /// Flags and priority.
    Priority = 2,
    /// Flags, priority and weight.
    Weight = 3,
}

/// Preferences for the locators of one generation of a list, borrowed from a message or from the sender's own.
#[derive(Clone, Copy, Debug)]
pub struct LocatorPreferences<'a> {
    generation: u32,
    elements: Elements<'a>,
}

#[derive(Clone, Copy, Debug)]
enum Elements<'a> {
    Own {
        element_len: ElementLen,
        preferences: &'a [Preference],
    },
    /// A received option: a whole number of elements of `element_len` octets, which is not zero.
    Received {
        at: u16,
        element_len: u8,
        bytes: &'a [u8],
    },
}

/// Offset of the option's Length field, the Pointer of Error Code 4.
const LENGTH: u16 = 2;
/// Offset of the generation, the Pointer of Error Code 3.
const GENERATION: u16 = OPTION_HEADER_LEN as u16;
/// Octets of generation and Element Len.
const FIXED: usize = 5;

impl<'a> LocatorPreferences<'a> {
    /// Preferences to send; none if there are more than a list can have locators.
    pub fn new(
        generation: u32,
        element_len: ElementLen,
        preferences: &'a [Preference],
    ) -> Option<LocatorPreferences<'a>> {
        (preferences.len() <= usize::from(u8::MAX))
            .then_some(LocatorPreferences { generation, elements: Elements::Own { element_len, preferences } })
    }

    pub(super) fn parse(option: &RawOption<'a>) -> Result<LocatorPreferences<'a>, Discard> {
        let (&[a, b, c, d, element_len], bytes) =
            option.contents.split_first_chunk::<FIXED>().ok_or(Discard::OptionLength)?;
        if bytes.len().checked_rem(usize::from(element_len)) != Some(0) {
            return Err(Discard::OptionLength);
        }
        Ok(LocatorPreferences {
            generation: u32::from_be_bytes([a, b, c, d]),
            elements: Elements::Received { at: option.at as u16, element_len, bytes },
        })
    }

    pub(super) fn emit(&self, writer: &mut Writer<'_>) {
        let element_len = self.element_len();
        writer.option_header(OptionType::LocatorPreferences, FIXED + element_len * self.len());
        writer.put(&self.generation.to_be_bytes());
        writer.put(&[element_len as u8]);
        match self.elements {
            Elements::Own { preferences, .. } => {
                for preference in preferences {
                    let element = [preference.flags, preference.priority, preference.weight];
                    writer.put(element.get(..element_len).unwrap_or(&element));
                }
            }
            Elements::Received { bytes, .. } => writer.put(bytes),
        }
        writer.pad();
    }

    /// The generation of the list that the elements refer to.
    pub fn generation(&self) -> u32 {
        self.generation
    }

    /// Octets of an element.
    pub fn element_len(&self) -> usize {
        match self.elements {
            Elements::Own { element_len, .. } => element_len as usize,
            Elements::Received { element_len, .. } => usize::from(element_len),
        }
    }

    /// The number of elements.
    pub fn len(&self) -> usize {
        match self.elements {
            Elements::Own { preferences, .. } => preferences.len(),
            Elements::Received { element_len, bytes, .. } => {
                bytes.len().checked_div(usize::from(element_len)).unwrap_or(0)
            }
        }
    }

    /// Whether there is no element at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The preference for the locator at `index` of the list, counted from zero.
    pub fn get(&self, index: usize) -> Option<Preference> {
        match self.elements {
            Elements::Own { element_len, preferences } => {
                let preference = preferences.get(index)?;
                Some(match element_len {
                    ElementLen::Flags => Preference { flags: preference.flags, ..Preference::default() },
                    ElementLen::Priority => Preference { weight: 0, ..*preference },
                    ElementLen::Weight => *preference,
                })
            }
            Elements::Received { element_len, bytes, .. } => {
                let element = bytes.chunks_exact(usize::from(element_len).max(1)).nth(index)?;
                let octet = |index: usize| element.get(index).copied().unwrap_or(0);
                Some(Preference { flags: octet(0), priority: octet(1), weight: octet(2) })
            }
        }
    }

    /// The preferences in the order of the list's locators.
    pub fn iter(&self) -> impl Iterator<Item = Preference> + Clone + 'a {
        let preferences = *self;
        (0..preferences.len()).filter_map(move |index| preferences.get(index))
    }

    /// Offset in the received message of the generation: the Pointer of Error Code 3.
    pub fn generation_offset(&self) -> u16 {
        self.at().saturating_add(GENERATION)
    }

    /// Offset in the received message of the option's length: the Pointer of Error Code 4.
    pub fn count_offset(&self) -> u16 {
        self.at().saturating_add(LENGTH)
    }

    fn at(&self) -> u16 {
        match self.elements {
            Elements::Own { .. } => 0,
            Elements::Received { at, .. } => at,
        }
    }
}

impl PartialEq for LocatorPreferences<'_> {
    fn eq(&self, other: &LocatorPreferences<'_>) -> bool {
        self.generation == other.generation && self.iter().eq(other.iter())
    }
}

impl Eq for LocatorPreferences<'_> {}
