// SPDX-License-Identifier: MIT OR GPL-2.0
//! ICMPv6 errors about switched packets, turned back to what the upper layers sent: octet by octet against the error that
//! there would have been without a shim (RFC 5533 section 8, RFC 4443, RFC 4884).

mod common;

use common::{hex, initiator, responder};
use proptest::prelude::*;
use shim6_core::addr::Addr;
use shim6_core::wire::{turn_back, IcmpError, QuotedKind};

const UNREACHABLE: u8 = 1;
const TOO_BIG: u8 = 2;
const TIME_EXCEEDED: u8 = 3;
const PARAMETER_PROBLEM: u8 = 4;

fn ulids() -> (Addr, Addr) {
    (initiator()[0], responder()[0])
}

fn locators() -> (Addr, Addr) {
    (initiator()[1], responder()[1])
}

fn packet(ends: (Addr, Addr), first: u8, rest: &[u8]) -> Vec<u8> {
    let mut packet = hex("6001 2345");
    packet.extend((rest.len() as u16).to_be_bytes());
    packet.extend([first, 61]);
    packet.extend(ends.0 .0);
    packet.extend(ends.1 .0);
    packet.extend(rest);
    packet
}

/// A packet as the upper layer sent it and as it went out: headers before the payload header, then those behind it. Each
/// header but the last is eight octets long; 0 is the number of the first.
fn sent_and_switched(before: &[u8], behind: &[u8], octets: usize) -> (Vec<u8>, Vec<u8>) {
    let chain = |kinds: &[u8]| {
        let mut rest = Vec::new();
        for pair in kinds.windows(2) {
            rest.extend(match pair[0] {
                140 => [vec![pair[1], 0], hex("ffedcba98765")].concat(),
                44 => [vec![pair[1], 0], hex("0001 00000007")].concat(),
                _ => [vec![pair[1], 0], hex("010400000000")].concat(),
            });
        }
        rest.extend((0..octets).map(|octet| octet as u8));
        (kinds[0], rest)
    };
    let (first, rest) = chain(&[before, behind].concat());
    let sent = packet(ulids(), first, &rest);
    let (first, rest) = chain(&[before, &[140], behind].concat());
    (sent, packet(locators(), first, &rest))
}

/// An error of this type, code and parameter that quotes `quoted`, with these extensions.
fn error(kind: u8, code: u8, parameter: u32, quoted: &[u8], extensions: &[u8]) -> Vec<u8> {
    let mut message = vec![kind, code, 0, 0];
    message.extend(parameter.to_be_bytes());
    message.extend(quoted);
    if !extensions.is_empty() {
        assert_eq!(quoted.len() % 8, 0);
        message[4] = (quoted.len() / 8) as u8;
        message.extend(extensions);
    }
    message
}

fn turned(mut message: Vec<u8>) -> Option<Vec<u8>> {
    let QuotedKind::Payload(found) = IcmpError::parse(&message)?.quoted.kind else { return None };
    let (local, peer) = ulids();
    let length = turn_back(&mut message, &found, &local, &peer)?;
    message.truncate(length);
    Some(message)
}

const CHAINS: [(&[u8], &[u8]); 6] =
    [(&[], &[6]), (&[0], &[17]), (&[60, 43], &[60, 58]), (&[0, 60, 43], &[44, 60, 17]), (&[], &[50]), (&[], &[44, 17])];

#[test]
fn the_upper_layers_see_the_packet_that_they_sent() {
    for (before, behind) in CHAINS {
        let (sent, switched) = sent_and_switched(before, behind, 40);
        for (kind, code) in [(UNREACHABLE, 0), (UNREACHABLE, 4), (TIME_EXCEEDED, 0)] {
            let expected = error(kind, code, 0, &sent, &[]);
            assert_eq!(turned(error(kind, code, 0, &switched, &[])), Some(expected), "{before:?} {behind:?}");
        }
    }
}

#[test]
fn a_quotation_cut_short_is_turned_back_as_far_as_it_goes() {
    let (sent, switched) = sent_and_switched(&[0], &[6], 40);
    for cut in 0..switched.len() {
        let expected = (cut >= 56).then(|| error(UNREACHABLE, 3, 0, &sent[..cut - 8], &[]));
        assert_eq!(turned(error(UNREACHABLE, 3, 0, &switched[..cut], &[])), expected, "{cut} octets");
    }
}

#[test]
fn packet_too_big_tells_eight_octets_less_and_never_less_than_1280() {
    let (sent, switched) = sent_and_switched(&[], &[6], 20);
    for (told, heard) in
        [(1500, 1492), (1400, 1392), (1289, 1281), (1288, 1280), (1287, 1280), (1280, 1280), (68, 1280)]
    {
        assert_eq!(
            turned(error(TOO_BIG, 0, told, &switched, &[])),
            Some(error(TOO_BIG, 0, heard, &sent, &[])),
            "{told}"
        );
    }
}

#[test]
fn a_pointer_points_where_it_did() {
    // IPv6, Hop-by-Hop Options at 40, the payload header at 48, UDP at 56.
    let (sent, switched) = sent_and_switched(&[0], &[17], 20);
    for (pointed, points) in [(6, 6), (41, 41), (47, 47), (48, 40), (50, 40), (55, 40), (56, 48), (58, 50), (1000, 992)]
    {
        let expected = error(PARAMETER_PROBLEM, 0, points, &sent, &[]);
        assert_eq!(turned(error(PARAMETER_PROBLEM, 0, pointed, &switched, &[])), Some(expected), "{pointed}");
    }
    let far = error(PARAMETER_PROBLEM, 0, u32::MAX, &switched, &[]);
    assert_eq!(turned(far), Some(error(PARAMETER_PROBLEM, 0, u32::MAX - 8, &sent, &[])));
}

/// A packet that is long enough loses its eight octets, and the length is told anew; one that has just what RFC 4884 asks
/// for keeps its room, with zeros at its end.
#[test]
fn extensions_stay_behind_the_quoted_packet() {
    let extensions = hex("2000 6f52 0008 0101 00064013");
    for kind in [UNREACHABLE, TIME_EXCEEDED] {
        let (sent, switched) = sent_and_switched(&[], &[17], 136 - 48);
        let expected = error(kind, 0, 0, &sent, &extensions);
        assert_eq!(sent.len(), 128);
        assert_eq!(turned(error(kind, 0, 0, &switched, &extensions)), Some(expected), "136 octets");

        let (sent, switched) = sent_and_switched(&[], &[17], 128 - 48);
        let expected = error(kind, 0, 0, &[sent, vec![0; 8]].concat(), &extensions);
        assert_eq!(turned(error(kind, 0, 0, &switched, &extensions)), Some(expected), "128 octets");
    }
    // Where the octet means something else, nothing is taken for an extension.
    let (sent, switched) = sent_and_switched(&[], &[17], 200);
    let mtu = 0x1000_0500;
    assert_eq!(turned(error(TOO_BIG, 0, mtu, &switched, &[])), Some(error(TOO_BIG, 0, mtu - 8, &sent, &[])));
    // A length beyond the end is none.
    assert_eq!(
        turned(error(UNREACHABLE, 0, 0xff00_0000, &switched, &[])),
        Some(error(UNREACHABLE, 0, 0xff00_0000, &sent, &[]))
    );
}

/// A length that ends before the payload header does leaves nothing to turn back.
#[test]
fn a_length_that_leaves_the_header_out_changes_nothing() {
    let (_, switched) = sent_and_switched(&[0], &[17], 200);
    for words in 1..7 {
        let message = error(UNREACHABLE, 0, words << 24, &switched, &[]);
        let mut same = message.clone();
        let Some(QuotedKind::Payload(found)) = IcmpError::parse(&message).map(|error| error.quoted.kind) else {
            panic!("there is one");
        };
        let (local, peer) = ulids();
        assert_eq!(turn_back(&mut same, &found, &local, &peer), None, "{words} words");
        assert_eq!(same, message, "{words} words");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// Whatever octets an error has: no panic, and never longer than before.
    #[test]
    fn any_octets(kind in 0u8..6, words in any::<u8>(), mut rest in prop::collection::vec(any::<u8>(), 0..300), chained in any::<bool>()) {
        if chained {
            let (_, switched) = sent_and_switched(&[0], &[44, 17], 60);
            rest.truncate(100);
            rest.splice(0..0, switched);
        }
        let message = error(kind, 0, u32::from(words) << 24, &rest, &[]);
        if let Some(turned) = turned(message.clone()) {
            prop_assert!(turned.len() == message.len() || turned.len() + 8 == message.len());
        }
    }
}
