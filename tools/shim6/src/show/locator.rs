// SPDX-License-Identifier: GPL-2.0
//! Locators and sets as text.

use super::Interfaces;
use crate::output::{Mood, Output};
use libshim6::spec::{Enumeration, LocatorStatus, VerificationMethod};
use libshim6::{LoadedSet, Locator};

/// How a status is to be understood.
fn mood(status: LocatorStatus) -> Mood {
    match status {
        LocatorStatus::Usable | LocatorStatus::Reachable | LocatorStatus::Verified => Mood::Good,
        LocatorStatus::Deprecated | LocatorStatus::Tentative => Mood::Busy,
        LocatorStatus::Unverified
        | LocatorStatus::Unreachable
        | LocatorStatus::LinkDown
        | LocatorStatus::Absent
        | LocatorStatus::Withdrawn => Mood::Bad,
        LocatorStatus::Unknown(_) => Mood::Plain,
    }
}

/// A locator on one line.
pub(crate) fn locator(locator: &Locator, interfaces: &Interfaces, output: &Output) -> String {
    let mut words = vec![
        locator.address.to_string(),
        output.paint(locator.status.name(), mood(locator.status)),
    ];
    if let Some(index) = locator.ifindex {
        words.push(format!("dev {}", interfaces.name(index)));
    }
    if let Some(id) = locator.hba_id {
        words.push(format!("hba {id}"));
    }
    words.extend(locator.flag_names().into_iter().map(str::to_owned));
    if locator.priority != 0 || output.options.details {
        words.push(format!("priority {}", locator.priority));
    }
    if locator.weight != 0 || output.options.details {
        words.push(format!("weight {}", locator.weight));
    }
    if output.options.details && locator.method != VerificationMethod::None {
        words.push(format!("verified by {}", locator.method.name()));
    }
    if let Some(contexts) = locator.contexts {
        words.push(format!("contexts {contexts}"));
    }
    words.join(" ")
}

/// A set as a record.
pub(crate) fn set(set: &LoadedSet, interfaces: &Interfaces, output: &Output) -> Vec<String> {
    let label = set
        .label
        .as_ref()
        .map(|label| format!(" label {label}"))
        .unwrap_or_default();
    let mut lines = vec![format!(
        "hba {}{label} sec {} contexts {}",
        set.id, set.sec, set.contexts
    )];
    if set.locators.is_empty() {
        lines.extend(
            set.addresses
                .iter()
                .map(|address| format!("address {address}")),
        );
    }
    lines.extend(
        set.locators
            .iter()
            .map(|one| format!("address {}", locator(one, interfaces, output))),
    );
    if output.options.details {
        if let Some(pds) = &set.pds {
            lines.push(format!("parameters {}", crate::json::hex(pds)));
        }
    }
    lines
}

/// A set in columns.
pub(crate) fn brief_set(set: &LoadedSet) -> String {
    let addresses: Vec<_> = set.addresses.iter().map(ToString::to_string).collect();
    format!(
        "{:<6} {:<16} sec {} {}",
        set.id,
        set.label.as_deref().unwrap_or("-"),
        set.sec,
        addresses.join(" ")
    )
}
