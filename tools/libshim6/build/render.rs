// SPDX-License-Identifier: MIT OR GPL-2.0
//! Writes the module `spec` for a family.

use crate::specification::{Enumeration, Family, Set};
use std::fmt::Write;

/// The text of the module.
pub fn render(family: &Family) -> String {
    let mut out = String::new();
    write(&mut out, family).expect("writing to a string does not fail");
    out
}

fn write(out: &mut String, family: &Family) -> std::fmt::Result {
    writeln!(out, "/// The family's name. {}", family.doc)?;
    writeln!(out, "pub const FAMILY: &str = {:?};\n", family.name)?;
    for constant in &family.constants {
        writeln!(
            out,
            "/// {}\npub const {}: usize = {};\n",
            constant.doc,
            upper(&constant.name),
            constant.value
        )?;
    }
    for group in &family.groups {
        writeln!(
            out,
            "/// The multicast group `{group}`.\npub const GROUP_{}: &str = {group:?};\n",
            upper(group)
        )?;
    }
    for enumeration in &family.enumerations {
        match enumeration.is_flags {
            true => write_flags(out, enumeration)?,
            false => write_enumeration(out, enumeration)?,
        }
    }
    for set in &family.sets {
        write_set(out, set)?;
    }
    writeln!(
        out,
        "/// Every attribute set.\npub static SETS: &[&AttributeSet] = &["
    )?;
    for set in &family.sets {
        writeln!(out, "    &{},", upper(&set.name))?;
    }
    writeln!(
        out,
        "];\n\n/// Numbers of the messages.\npub mod command {{"
    )?;
    for operation in &family.operations {
        let Some(number) = u8::try_from(operation.number).ok() else {
            panic!("{} is beyond 255", operation.name)
        };
        writeln!(
            out,
            "    /// {}\n    pub const {}: u8 = {number};",
            operation.doc,
            upper(&operation.name)
        )?;
    }
    writeln!(out, "}}\n\n/// Every message: number, name, documentation.\npub static COMMANDS: &[(u8, &str, &str)] = &[")?;
    for operation in &family.operations {
        writeln!(
            out,
            "    ({}, {:?}, {:?}),",
            operation.number, operation.name, operation.doc
        )?;
    }
    writeln!(out, "];")
}

fn write_enumeration(out: &mut String, enumeration: &Enumeration) -> std::fmt::Result {
    let name = camel(&enumeration.name);
    writeln!(
        out,
        "/// {}\n#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]\npub enum {name} {{",
        enumeration.doc
    )?;
    for entry in &enumeration.entries {
        writeln!(out, "    /// {}\n    {},", entry.doc, camel(&entry.name))?;
    }
    writeln!(out, "    /// A number that this library does not know, from a newer kernel module.\n    Unknown(u32),\n}}\n")?;
    writeln!(
        out,
        "impl Enumeration for {name} {{\n    const ALL: &'static [Entry<{name}>] = &["
    )?;
    for entry in &enumeration.entries {
        let (variant, entry_name, doc) = (camel(&entry.name), &entry.name, &entry.doc);
        let number = entry.number;
        writeln!(
            out,
            "        Entry {{ value: {name}::{variant}, number: {number}, name: {entry_name:?}, doc: {doc:?} }},"
        )?;
    }
    writeln!(out, "    ];\n\n    fn unknown(number: u32) -> Self {{\n        {name}::Unknown(number)\n    }}\n}}\n")
}

fn write_flags(out: &mut String, enumeration: &Enumeration) -> std::fmt::Result {
    let prefix = upper(&enumeration.name);
    for entry in &enumeration.entries {
        let name = upper(&entry.name);
        writeln!(
            out,
            "/// {}\npub const {prefix}_{name}: u32 = {};\n",
            entry.doc, entry.number
        )?;
    }
    writeln!(
        out,
        "/// {} Bits and names.\npub static {prefix}: &[(u32, &str)] = &[",
        enumeration.doc
    )?;
    for entry in &enumeration.entries {
        writeln!(out, "    ({}, {:?}),", entry.number, entry.name)?;
    }
    writeln!(out, "];\n")
}

fn write_set(out: &mut String, set: &Set) -> std::fmt::Result {
    let module = set.name.replace('-', "_");
    writeln!(
        out,
        "/// Numbers of the attribute set `{}`: {}\npub mod {module} {{",
        set.name, set.doc
    )?;
    for attribute in &set.attributes {
        let Some(number) = u16::try_from(attribute.number).ok() else {
            panic!("{} is beyond 65535", attribute.name)
        };
        writeln!(
            out,
            "    /// {}\n    pub const {}: u16 = {number};",
            attribute.doc,
            upper(&attribute.name)
        )?;
    }
    let constant = upper(&set.name);
    writeln!(out, "}}\n\n/// The attribute set `{}`: {}\npub static {constant}: AttributeSet = AttributeSet {{", set.name, set.doc)?;
    writeln!(
        out,
        "    name: {:?},\n    doc: {:?},\n    attributes: &[",
        set.name, set.doc
    )?;
    for attribute in &set.attributes {
        let nested = attribute
            .nested
            .as_ref()
            .map_or("None".to_owned(), |name| format!("Some(&{})", upper(name)));
        writeln!(out, "        Attribute {{ number: {}, name: {:?}, kind: {:?}, nested: {nested}, min: {}, max: {}, doc: {:?} }},",
            attribute.number, attribute.name, attribute.kind, option(attribute.min), option(attribute.max), attribute.doc)?;
    }
    writeln!(out, "    ],\n}};\n")
}

fn option(bound: Option<i64>) -> String {
    bound.map_or("None".to_owned(), |value| format!("Some({value})"))
}

fn upper(name: &str) -> String {
    name.replace('-', "_").to_uppercase()
}

fn camel(name: &str) -> String {
    name.split('-')
        .map(|word| {
            let (first, rest) = word.split_at(1);
            first.to_uppercase() + rest
        })
        .collect()
}
