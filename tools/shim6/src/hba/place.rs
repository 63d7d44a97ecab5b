// SPDX-License-Identifier: GPL-2.0
//! On which interface each address of a set belongs.

use crate::output::warn;
use libshim6::rtnetlink::{Interface, OnLink};
use std::net::Ipv6Addr;

/// An address with its interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// The address.
    pub(crate) address: Ipv6Addr,
    /// The interface.
    pub(crate) index: u32,
    /// Whether the prefix is on link there already, by a router's word or another address.
    pub(crate) is_on_link: bool,
}

/// Finds the places of `addresses`. Without names of interfaces, an address goes where its prefix is on link; one name is
/// for all addresses, and as many names as addresses are for one each, in their order.
pub(crate) fn places(
    addresses: &[Ipv6Addr],
    names: &[&str],
    interfaces: &[Interface],
    on_link: &[OnLink],
) -> Result<Vec<Place>, String> {
    let place = |address, index| Place {
        address,
        index,
        is_on_link: on_link_at(address, on_link) == Some(index),
    };
    if names.is_empty() {
        return where_on_link(addresses, on_link);
    }
    let named: Vec<u32> = names
        .iter()
        .map(|name| index_of(name, interfaces))
        .collect::<Result<_, _>>()?;
    match named.as_slice() {
        [index] => Ok(addresses
            .iter()
            .map(|address| place(*address, *index))
            .collect()),
        all if all.len() == addresses.len() => Ok(addresses
            .iter()
            .zip(all)
            .map(|(address, index)| place(*address, *index))
            .collect()),
        _ => Err(format!(
            "dev: name one interface for all addresses, or one for each of the {}",
            addresses.len()
        )),
    }
}

fn where_on_link(addresses: &[Ipv6Addr], on_link: &[OnLink]) -> Result<Vec<Place>, String> {
    let mut places = Vec::new();
    for address in addresses {
        match on_link_at(*address, on_link) {
            Some(index) => places.push(Place { address: *address, index, is_on_link: true }),
            None => warn(&format!("no interface has the prefix of {address} on link, so it is not added; name one by \"dev\"")),
        }
    }
    if places.is_empty() {
        return Err(
            "no interface has a prefix of the set on link; name one for each address by \"dev\""
                .to_owned(),
        );
    }
    Ok(places)
}

/// The interface with the longest prefix on link that covers `address`. A single host is no prefix.
fn on_link_at(address: Ipv6Addr, on_link: &[OnLink]) -> Option<u32> {
    let covering = on_link
        .iter()
        .filter(|route| route.prefix_len <= 64 && covers(route, address));
    covering
        .max_by_key(|route| route.prefix_len)
        .map(|route| route.index)
}

fn covers(route: &OnLink, address: Ipv6Addr) -> bool {
    let mask = u128::MAX
        .checked_shl(128 - u32::from(route.prefix_len))
        .unwrap_or(0);
    (u128::from(route.prefix) ^ u128::from(address)) & mask == 0
}

fn index_of(name: &str, interfaces: &[Interface]) -> Result<u32, String> {
    let found = interfaces.iter().find(|interface| interface.name == name);
    found
        .map(|interface| interface.index)
        .ok_or_else(|| format!("dev: there is no interface \"{name}\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Ipv6Addr {
        text.parse().expect("an address")
    }

    fn interface(index: u32, name: &str) -> Interface {
        Interface {
            index,
            name: name.to_owned(),
            is_running: true,
            is_loopback: false,
        }
    }

    fn route(prefix: &str, prefix_len: u8, index: u32) -> OnLink {
        OnLink {
            prefix: address(prefix),
            prefix_len,
            index,
        }
    }

    fn find(names: &[&str]) -> Result<Vec<(u32, bool)>, String> {
        let addresses = [address("2001:db8:a:1::7"), address("2001:db8:b:1::7")];
        let interfaces = [interface(2, "eth0"), interface(3, "eth1")];
        let on_link = [
            route("2001:db8:a::", 48, 3),
            route("2001:db8:a:1::", 64, 2),
            route("2001:db8:b:1::7", 128, 2),
        ];
        Ok(places(&addresses, names, &interfaces, &on_link)?
            .iter()
            .map(|place| (place.index, place.is_on_link))
            .collect())
    }

    #[test]
    fn an_address_goes_where_its_prefix_is_on_link() {
        assert_eq!(
            find(&[]),
            Ok(vec![(2, true)]),
            "the longest prefix wins, and a host route is no link"
        );
    }

    #[test]
    fn names_are_for_all_or_one_each() {
        assert_eq!(find(&["eth1"]), Ok(vec![(3, false), (3, false)]));
        assert_eq!(find(&["eth0", "eth1"]), Ok(vec![(2, true), (3, false)]));
        assert_eq!(
            find(&["eth0", "eth1", "eth0"]),
            Err("dev: name one interface for all addresses, or one for each of the 2".to_owned())
        );
        assert_eq!(
            find(&["eth9"]),
            Err("dev: there is no interface \"eth9\"".to_owned())
        );
    }

    #[test]
    fn a_set_without_any_place_is_refused() {
        let error =
            places(&[address("2001:db8:c::7")], &[], &[], &[]).expect_err("there is no place");
        assert!(error.contains("\"dev\""), "{error}");
    }
}
