// SPDX-License-Identifier: MIT OR GPL-2.0
//! Numbers, names, bounds and documentation of the control interface, made from `include/netlink/shim6.yaml` when the
//! library is built. Nothing else in the library or the command has a number of the interface in it.

/// A set of attributes, which may appear in the messages of an operation or inside another attribute.
#[derive(Debug)]
pub struct AttributeSet {
    /// Its name.
    pub name: &'static str,
    /// What it describes.
    pub doc: &'static str,
    /// Its attributes, by number.
    pub attributes: &'static [Attribute],
}

/// An attribute.
#[derive(Debug)]
pub struct Attribute {
    /// Its number in the set.
    pub number: u16,
    /// Its name.
    pub name: &'static str,
    /// Its type, as the specification names it.
    pub kind: &'static str,
    /// The set inside it, if it is a nest.
    pub nested: Option<&'static AttributeSet>,
    /// The smallest value the kernel accepts.
    pub min: Option<u32>,
    /// The largest value the kernel accepts.
    pub max: Option<u32>,
    /// What it means, with its unit.
    pub doc: &'static str,
}

impl Attribute {
    /// The unit of the value, if the documentation names one: what follows `Unit: `.
    pub fn unit(&self) -> Option<&'static str> {
        self.after("Unit: ").filter(|unit| *unit != "none")
    }

    /// The value that the kernel starts with, for settings: what follows `Default `.
    pub fn default_value(&self) -> Option<u32> {
        self.after("Default ").and_then(|value| value.parse().ok())
    }

    /// What stands between `mark` and the next full stop.
    fn after(&self, mark: &str) -> Option<&'static str> {
        let (_, rest) = self.doc.split_once(mark)?;
        rest.split_once('.').map(|(value, _)| value)
    }
}

impl AttributeSet {
    /// The attribute of a number.
    pub fn by_number(&self, number: u16) -> Option<&'static Attribute> {
        self.attributes
            .iter()
            .find(|attribute| attribute.number == number)
    }

    /// The attribute of a name.
    pub fn by_name(&self, name: &str) -> Option<&'static Attribute> {
        self.attributes
            .iter()
            .find(|attribute| attribute.name == name)
    }
}

/// A value of an enumeration, with what the specification says about it.
#[derive(Debug)]
pub struct Entry<E: 'static> {
    /// The value.
    pub value: E,
    /// Its number on the wire.
    pub number: u32,
    /// Its name.
    pub name: &'static str,
    /// What it means.
    pub doc: &'static str,
}

/// The values that an attribute can have by name.
pub trait Enumeration: Copy + PartialEq + 'static {
    /// Every value known.
    const ALL: &'static [Entry<Self>];

    /// The value of a number that is not known.
    fn unknown(number: u32) -> Self;

    /// The value of a number.
    fn from_number(number: u32) -> Self {
        Self::ALL
            .iter()
            .find(|entry| entry.number == number)
            .map_or(Self::unknown(number), |entry| entry.value)
    }

    /// The value of a name.
    fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .find(|entry| entry.name == name)
            .map(|entry| entry.value)
    }

    /// What the specification says of the value.
    fn entry(self) -> Option<&'static Entry<Self>> {
        Self::ALL.iter().find(|entry| entry.value == self)
    }

    /// The name of the value; `unknown` if it has none.
    fn name(self) -> &'static str {
        self.entry().map_or("unknown", |entry| entry.name)
    }

    /// The number of the value, if it is known.
    fn number(self) -> Option<u32> {
        self.entry().map(|entry| entry.number)
    }
}

include!(concat!(env!("OUT_DIR"), "/spec.rs"));
