// SPDX-License-Identifier: GPL-2.0
//! Whether programs choose the addresses of a set as their sources, and whether packets from each leave by its own uplink.

use super::{some, Problem};
use crate::status::Situation;
use libshim6::rtnetlink::{InterfaceAddress, Label, Path};
use libshim6::spec::LocatorStatus;
use libshim6::Locator;
use std::collections::BTreeSet;
use std::net::Ipv6Addr;

/// Whether programs choose another address of the same prefix and interface rather than this locator.
pub(super) fn unchosen(
    locator: &Locator,
    situation: &Situation,
    addresses: &[InterfaceAddress],
    labels: &[Label],
) -> bool {
    let is_ours = |address: &Ipv6Addr| {
        situation
            .sets
            .iter()
            .any(|set| set.addresses.contains(address))
    };
    let has_rival = addresses.iter().any(|other| {
        Some(other.index) == locator.ifindex
            && prefix64(other.address) == prefix64(locator.address)
            && !is_ours(&other.address)
            && !other.is_deprecated()
    });
    let is_preferred = labels
        .iter()
        .any(|label| label.prefix_len == 128 && label.prefix == locator.address);
    locator.is_usable()
        && (locator.status == LocatorStatus::Deprecated || has_rival && !is_preferred)
}

pub(super) fn unchosen_all<'a>(locators: impl Iterator<Item = &'a Locator>) -> Option<Problem> {
    let addresses: BTreeSet<_> = locators.map(|locator| locator.address).collect();
    let first = addresses.first()?;
    let what = format!(
        "programs do not choose {} as their source: it is deprecated, or another address of its prefix comes first",
        some(addresses.len(), ["address", "addresses"], first)
    );
    Some(Problem::new(
        "unchosen",
        what,
        "shim6 hba remove SET; shim6 hba load FILE, which labels it (see ip addrlabel)",
    ))
}

/// Whether packets from a locator leave by its own uplink, as its provider drops those of other prefixes.
pub(super) fn route(
    locator: &Locator,
    path: Option<Path>,
    situation: &Situation,
) -> Option<Problem> {
    let own = locator.ifindex?;
    let (address, name) = (locator.address, situation.interfaces.name(own));
    let remedy = format!(
        "add a source-dependent route: ip -6 route add default from {}/64 via ROUTER dev {name}",
        prefix64(address)
    );
    match path {
        None => Some(Problem::new(
            "no-route",
            format!("there is no route for packets from {address}"),
            &remedy,
        )),
        Some(path) if path.index != own => {
            let wrong = situation.interfaces.name(path.index);
            let what = format!("packets from {address} leave by {wrong} rather than by {name}, where its provider is");
            Some(Problem::new("wrong-uplink", what, &remedy))
        }
        Some(_) => None,
    }
}

/// Whether programs choose an address of a set.
pub(super) fn source(path: Option<Path>, situation: &Situation) -> Option<Problem> {
    let source = path?.source?;
    let is_ours = situation
        .sets
        .iter()
        .any(|set| set.addresses.contains(&source));
    let what = format!("programs choose {source} as their source, which is in no HBA set");
    (!is_ours).then(|| {
        Problem::new(
            "source",
            what,
            "remove the set and load it again by \"shim6 hba load\", or see ip addrlabel",
        )
    })
}

fn prefix64(address: Ipv6Addr) -> Ipv6Addr {
    Ipv6Addr::from(u128::from(address) >> 64 << 64)
}

#[cfg(test)]
mod tests {
    use super::super::tests::situation;
    use super::*;

    #[test]
    fn a_locator_that_leaves_by_the_other_uplink_is_told_with_the_route_to_add() {
        let situation = situation();
        let locator = &situation.locators[0];
        let problem = route(
            locator,
            Some(Path {
                index: 3,
                source: None,
            }),
            &situation,
        )
        .expect("a problem");
        assert_eq!(problem.kind, "wrong-uplink");
        assert_eq!(problem.remedy, "add a source-dependent route: ip -6 route add default from 2001:db8:a:1::/64 via ROUTER dev eth0");
        assert_eq!(
            route(locator, None, &situation).expect("a problem").kind,
            "no-route"
        );
        assert_eq!(
            route(
                locator,
                Some(Path {
                    index: 2,
                    source: None
                }),
                &situation
            ),
            None
        );
    }

    #[test]
    fn a_source_outside_all_sets_is_told() {
        let situation = situation();
        let path = |source: &str| {
            Some(Path {
                index: 2,
                source: Some(source.parse().expect("an address")),
            })
        };
        assert_eq!(
            source(path("2001:db8:a:1::99"), &situation)
                .expect("a problem")
                .kind,
            "source"
        );
        assert_eq!(source(path("2001:db8:a:1::7"), &situation), None);
        assert_eq!(source(None, &situation), None);
    }

    #[test]
    fn an_address_with_a_rival_and_no_label_is_not_chosen() {
        let situation = situation();
        let locator = &situation.locators[0];
        let label = Label {
            prefix: locator.address,
            prefix_len: 128,
            label: 1,
            index: 0,
        };
        let rival = [InterfaceAddress::new(
            "2001:db8:a:1::99".parse().expect("one"),
            64,
            2,
        )];
        let elsewhere = [InterfaceAddress::new(
            "2001:db8:a:1::99".parse().expect("one"),
            64,
            3,
        )];
        assert!(unchosen(locator, &situation, &rival, &[]));
        assert!(!unchosen(locator, &situation, &rival, &[label]));
        assert!(!unchosen(locator, &situation, &elsewhere, &[]));
        assert_eq!(
            unchosen_all([locator].into_iter()).expect("one").kind,
            "unchosen"
        );
    }
}
