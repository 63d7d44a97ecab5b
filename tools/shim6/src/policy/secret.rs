// SPDX-License-Identifier: GPL-2.0
//! What `tell-not` cannot keep secret: the structure that proves an address of a set has all prefixes of the set in it.

use libshim6::spec::PolicyAction;
use libshim6::{LoadedSet, PolicyRule};

/// What is to be said of a rule that keeps an address of a set from peers who are told of others beside their ULID, if it does.
pub(super) fn limit(rule: &PolicyRule, sets: &[LoadedSet]) -> Option<String> {
    if rule.action != PolicyAction::TellNot {
        return None;
    }
    let set = sets.iter().find(|set| {
        let kept = set
            .addresses
            .iter()
            .filter(|address| rule.local.is_none_or(|prefix| prefix.contains(**address)))
            .count();
        // A peer needs no proof of the ULID itself.
        kept > 0 && set.addresses.len() - kept > 1
    })?;
    Some(format!(
        "peers that are told of other addresses of HBA set {} can compute the one that is kept from them by what proves \
         those; see \"shim6 policy help\"",
        set.id
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn warns(rule: &PolicyRule, addresses: &[&str]) -> bool {
        let set = LoadedSet {
            id: 7,
            label: None,
            pds: None,
            addresses: addresses
                .iter()
                .filter_map(|one| one.parse().ok())
                .collect(),
            sec: 0,
            contexts: 0,
            locators: Vec::new(),
        };
        let said = limit(rule, &[set]);
        said.is_some_and(|said| said.contains("HBA set 7"))
    }

    #[test]
    fn only_where_others_are_told_beside_the_ulid_there_is_something_to_say() {
        let rule = |action| PolicyRule {
            local: "2001:db8:2::/48".parse().ok(),
            ..PolicyRule::new(action)
        };
        let (one, two, three) = ("2001:db8:1::1", "2001:db8:2::2", "2001:db8:3::3");
        let kept = rule(PolicyAction::TellNot);
        assert!(warns(&kept, &[one, two, three]));
        assert!(!warns(&kept, &[one, two]), "nothing but the ULID is told");
        assert!(
            !warns(&kept, &[one, three, "2001:db8:4::4"]),
            "it is about none of these"
        );
        assert!(!warns(&rule(PolicyAction::Tell), &[one, two, three]));
        let all = PolicyRule::new(PolicyAction::TellNot);
        assert!(!warns(&all, &[one, two, three]), "nothing is told at all");
    }
}
