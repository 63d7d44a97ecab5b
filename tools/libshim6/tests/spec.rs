// SPDX-License-Identifier: MIT OR GPL-2.0
//! `include/uapi/linux/shim6.h` says what `include/netlink/shim6.yaml` says, number by number, and nothing else.

use libshim6::spec::{self, AttributeSet, Enumeration};
use std::collections::BTreeMap;

const HEADER: &str = include_str!("../../../include/uapi/linux/shim6.h");
const SPECIFICATION: &str = include_str!("../../../include/netlink/shim6.yaml");

/// The names of the control interface that the header gives numbers to: enumerators and plain defines.
fn header() -> BTreeMap<String, i64> {
    let mut names = BTreeMap::new();
    let mut next = 0;
    for line in HEADER.lines().map(str::trim) {
        if let Some(rest) = line.strip_prefix("#define ") {
            let mut words = rest.split_whitespace();
            let name = words.next().filter(|name| name.starts_with("SHIM6_"));
            if let (Some(name), Some(Ok(value))) = (name, words.next().map(str::parse)) {
                names.insert(name.to_owned(), value);
            }
        } else if line.starts_with("enum") {
            next = 0;
        } else if line.starts_with("SHIM6_") && line.ends_with(',') {
            let line = line.trim_end_matches(',');
            let (name, value) = line
                .split_once(" = ")
                .map_or((line, next), |(name, value)| {
                    (
                        name,
                        value
                            .parse()
                            .unwrap_or_else(|_| panic!("{line}: not a number")),
                    )
                });
            next = value + 1;
            names.insert(name.to_owned(), value);
        }
    }
    names
}

fn upper(name: &str) -> String {
    name.to_uppercase().replace('-', "_")
}

fn add_enumeration<E: Enumeration>(names: &mut BTreeMap<String, i64>, name: &str) {
    for entry in E::ALL {
        names.insert(
            format!("SHIM6_{name}_{}", upper(entry.name)),
            i64::from(entry.number),
        );
    }
}

fn add_set(names: &mut BTreeMap<String, i64>, set: &AttributeSet) {
    for attribute in set.attributes {
        names.insert(
            format!("SHIM6_A_{}_{}", upper(set.name), upper(attribute.name)),
            i64::from(attribute.number),
        );
    }
}

/// The names that the specification gives numbers to, as C names them.
fn specification() -> BTreeMap<String, i64> {
    let mut names = BTreeMap::from([
        ("SHIM6_FAMILY_VERSION".to_owned(), 1),
        ("SHIM6_MAX_PREFIXES".to_owned(), spec::MAX_PREFIXES as i64),
        ("SHIM6_MAX_PDS_LEN".to_owned(), spec::MAX_PDS_LEN as i64),
        ("SHIM6_MAX_LABEL_LEN".to_owned(), spec::MAX_LABEL_LEN as i64),
        (
            "SHIM6_MAX_POLICY_RULES".to_owned(),
            spec::MAX_POLICY_RULES as i64,
        ),
        (
            "SHIM6_POLICY_PROTOCOL_MPTCP".to_owned(),
            spec::POLICY_PROTOCOL_MPTCP as i64,
        ),
    ]);
    add_enumeration::<spec::ContextState>(&mut names, "CONTEXT_STATE");
    add_enumeration::<spec::ReapState>(&mut names, "REAP_STATE");
    add_enumeration::<spec::VerificationMethod>(&mut names, "VERIFICATION_METHOD");
    add_enumeration::<spec::LocatorStatus>(&mut names, "LOCATOR_STATUS");
    add_enumeration::<spec::Role>(&mut names, "ROLE");
    add_enumeration::<spec::Timer>(&mut names, "TIMER");
    add_enumeration::<spec::Event>(&mut names, "EVENT");
    add_enumeration::<spec::Cause>(&mut names, "CAUSE");
    add_enumeration::<spec::PolicyAction>(&mut names, "POLICY_ACTION");
    add_enumeration::<spec::PairRole>(&mut names, "PAIR_ROLE");
    add_enumeration::<spec::Verdict>(&mut names, "VERDICT");
    for (bit, name) in spec::LOCATOR_FLAGS {
        names.insert(
            format!("SHIM6_LOCATOR_FLAGS_{}", upper(name)),
            i64::from(*bit),
        );
    }
    for set in spec::SETS {
        add_set(&mut names, set);
    }
    for (number, name, _) in spec::COMMANDS {
        names.insert(format!("SHIM6_CMD_{}", upper(name)), i64::from(*number));
    }
    names
}

#[test]
fn the_header_has_the_numbers_of_the_specification() {
    let (header, specification) = (header(), specification());
    for (name, number) in &specification {
        assert_eq!(header.get(name), Some(number), "{name}");
    }
    for name in header.keys() {
        assert!(
            specification.contains_key(name),
            "{name} is in the header only"
        );
    }
    assert!(
        specification.len() > 200,
        "only {} names were compared",
        specification.len()
    );
    assert!(HEADER.contains("#define SHIM6_FAMILY_NAME\t\"shim6\"\n"));
    assert!(HEADER.contains("#define SHIM6_MCGRP_EVENTS\t\"events\"\n"));
}

#[test]
fn both_files_have_the_same_licence() {
    let licence = |text: &str| {
        let line = text.lines().next().unwrap_or_default().to_owned();
        line.trim_start_matches(['/', '*', '#', ' '])
            .trim_end_matches([' ', '*', '/'])
            .to_owned()
    };
    assert_eq!(licence(HEADER), licence(SPECIFICATION));
    assert!(licence(HEADER)
        .starts_with("SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR MIT)"));
}

#[test]
fn limits_are_those_of_the_protocol() {
    assert_eq!(spec::MAX_PREFIXES, libshim6::core::hba::MAX_PREFIXES);
    const { assert!(spec::MAX_PDS_LEN >= libshim6::core::hba::MAX_PDS_LEN) };
}

#[test]
fn every_setting_tells_its_unit_bounds_and_default() {
    for attribute in spec::CONFIG.attributes {
        assert!(attribute.max.is_some(), "{} has no bound", attribute.name);
        assert!(
            attribute.doc.contains("Unit: "),
            "{} has no unit",
            attribute.name
        );
        let default = attribute
            .default_value()
            .unwrap_or_else(|| panic!("{} has no default", attribute.name));
        assert!(
            (attribute.min..=attribute.max).contains(&Some(default)),
            "{}: {default}",
            attribute.name
        );
    }
}
