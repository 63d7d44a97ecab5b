// SPDX-License-Identifier: MIT OR GPL-2.0
//! The parts of a YNL specification that the library needs, read from its YAML.

use yaml_rust2::{Yaml, YamlLoader};

/// A genetlink family.
pub struct Family {
    pub name: String,
    pub doc: String,
    pub constants: Vec<Constant>,
    pub enumerations: Vec<Enumeration>,
    pub sets: Vec<Set>,
    pub operations: Vec<Operation>,
    pub groups: Vec<String>,
}

/// A definition of type `const`.
pub struct Constant {
    pub name: String,
    pub value: i64,
    pub doc: String,
}

/// A definition of type `enum` or `flags`.
pub struct Enumeration {
    pub name: String,
    pub doc: String,
    pub is_flags: bool,
    pub entries: Vec<Entry>,
}

/// A value of an enumeration.
pub struct Entry {
    pub name: String,
    pub number: i64,
    pub doc: String,
}

/// An attribute set.
pub struct Set {
    pub name: String,
    pub doc: String,
    pub attributes: Vec<Attribute>,
}

/// An attribute of a set.
pub struct Attribute {
    pub name: String,
    pub number: i64,
    pub kind: String,
    pub nested: Option<String>,
    pub doc: String,
    pub min: Option<i64>,
    pub max: Option<i64>,
}

/// A message, in either direction.
pub struct Operation {
    pub name: String,
    pub number: i64,
    pub doc: String,
}

/// Reads a specification.
pub fn parse(text: &str) -> Result<Family, String> {
    let documents = YamlLoader::load_from_str(text).map_err(|error| error.to_string())?;
    let root = documents.first().ok_or("the file is empty")?;
    let definitions = list(&root["definitions"])?;
    Ok(Family {
        name: string(root, "name")?,
        doc: string(root, "doc")?,
        constants: filtered(definitions, &["const"], constant)?,
        enumerations: filtered(definitions, &["enum", "flags"], enumeration)?,
        sets: list(&root["attribute-sets"])?
            .iter()
            .map(set)
            .collect::<Result<_, _>>()?,
        operations: numbered(&root["operations"]["list"], 1, |operation, number| {
            Ok(Operation {
                name: string(operation, "name")?,
                number,
                doc: string(operation, "doc")?,
            })
        })?,
        groups: list(&root["mcast-groups"]["list"])?
            .iter()
            .map(|group| string(group, "name"))
            .collect::<Result<_, _>>()?,
    })
}

fn filtered<T>(
    items: &[Yaml],
    kinds: &[&str],
    read: fn(&Yaml) -> Result<T, String>,
) -> Result<Vec<T>, String> {
    items
        .iter()
        .filter(|item| {
            item["type"]
                .as_str()
                .is_some_and(|kind| kinds.contains(&kind))
        })
        .map(read)
        .collect()
}

/// Reads a list whose items count on from the item before, unless they give a `value`.
fn numbered<T>(
    items: &Yaml,
    first: i64,
    read: impl Fn(&Yaml, i64) -> Result<T, String>,
) -> Result<Vec<T>, String> {
    let mut next = first;
    list(items)?
        .iter()
        .map(|item| {
            let number = item["value"].as_i64().unwrap_or(next);
            next = number + 1;
            read(item, number)
        })
        .collect()
}

fn constant(yaml: &Yaml) -> Result<Constant, String> {
    let name = string(yaml, "name")?;
    let value = yaml["value"]
        .as_i64()
        .ok_or_else(|| format!("constant {name} has no value"))?;
    Ok(Constant {
        name,
        value,
        doc: string(yaml, "doc")?,
    })
}

fn enumeration(yaml: &Yaml) -> Result<Enumeration, String> {
    let is_flags = yaml["type"].as_str() == Some("flags");
    let entries = numbered(&yaml["entries"], 0, |entry, number| {
        let number = if is_flags { 1 << number } else { number };
        Ok(Entry {
            name: string(entry, "name")?,
            number,
            doc: string(entry, "doc")?,
        })
    })?;
    Ok(Enumeration {
        name: string(yaml, "name")?,
        doc: string(yaml, "doc")?,
        is_flags,
        entries,
    })
}

fn set(yaml: &Yaml) -> Result<Set, String> {
    let attributes = numbered(&yaml["attributes"], 1, |attribute, number| {
        Ok(Attribute {
            name: string(attribute, "name")?,
            number,
            kind: string(attribute, "type")?,
            nested: attribute["nested-attributes"].as_str().map(str::to_owned),
            doc: string(attribute, "doc")?,
            min: attribute["checks"]["min"].as_i64(),
            max: attribute["checks"]["max"].as_i64(),
        })
    })?;
    Ok(Set {
        name: string(yaml, "name")?,
        doc: string(yaml, "doc")?,
        attributes,
    })
}

fn list(yaml: &Yaml) -> Result<&[Yaml], String> {
    yaml.as_vec()
        .map(Vec::as_slice)
        .ok_or_else(|| "a list is missing".to_owned())
}

/// The text of a key, on one line. Every element must have it: the library documents each.
fn string(yaml: &Yaml, key: &str) -> Result<String, String> {
    let text = yaml[key]
        .as_str()
        .ok_or_else(|| format!("\"{key}\" is missing in {:?}", yaml["name"]))?;
    Ok(text.split_whitespace().collect::<Vec<_>>().join(" "))
}
