// SPDX-License-Identifier: MIT OR GPL-2.0
//! Packets of ours that come back in Error messages and ICMPv6 errors: what can be told of them, however short they are cut
//! (RFC 5533 sections 5.14, 8 and 12.4). And the small types that the wire is made of.

mod common;

use common::{addr, hex, initiator, responder};
use shim6_core::addr::Addr;
use shim6_core::time::{Duration, Instant};
use shim6_core::wire::{MessageType, Nonce, PayloadHeader, Quoted, QuotedKind, QuotedPayload, Tag};

/// An IPv6 packet between the golden hosts: the first protocol, then extension headers and what they lead to.
fn packet(protocol: u8, rest: &[u8]) -> Vec<u8> {
    let mut packet = vec![0x60, 0, 0, 0];
    packet.extend((rest.len() as u16).to_be_bytes());
    packet.extend([protocol, 64]);
    packet.extend(initiator()[1].0);
    packet.extend(responder()[1].0);
    packet.extend(rest);
    packet
}

fn kind(packet: &[u8]) -> QuotedKind {
    let quoted = Quoted::parse(packet).expect("addresses are there");
    assert_eq!((quoted.source, quoted.destination), (initiator()[1], responder()[1]));
    quoted.kind
}

const INITIATOR_TAG: u64 = 0x1234_5678_90ab;
const RESPONDER_TAG: u64 = 0x7fed_cba9_8765;

#[test]
fn control_messages_tell_tag_and_nonce() {
    use MessageType::*;
    let cases = [
        (golden!("i1"), I1, Some(INITIATOR_TAG), Some(0x0102_0304)),
        (golden!("r1"), R1, None, Some(0x0102_0304)),
        (golden!("i2"), I2, Some(INITIATOR_TAG), Some(0x0102_0304)),
        (golden!("r2"), R2, Some(RESPONDER_TAG), Some(0x0102_0304)),
        (golden!("r1bis"), R1bis, Some(RESPONDER_TAG), None),
        (golden!("i2bis"), I2bis, Some(INITIATOR_TAG), Some(0x0102_0304)),
        (golden!("update-request"), UpdateRequest, Some(RESPONDER_TAG), Some(0x0bad_cafe)),
        (golden!("update-ack"), UpdateAck, Some(INITIATOR_TAG), Some(0x0bad_cafe)),
        (golden!("keepalive"), Keepalive, Some(RESPONDER_TAG), None),
        (golden!("probe-exploring"), Probe, Some(RESPONDER_TAG), None),
        (golden!("error-unknown-type"), Error, None, None),
    ];
    for (octets, expected, tag, nonce) in cases {
        let (tag, nonce) = (tag.and_then(Tag::new), nonce.map(Nonce));
        let quoted = packet(140, &octets);
        assert_eq!(kind(&quoted), QuotedKind::Control { kind: expected, tag, nonce });
        // Cut after 12 octets of the message: the nonce is lost, but for R1's.
        let nonce = nonce.filter(|_| expected == R1);
        assert_eq!(kind(&quoted[..52]), QuotedKind::Control { kind: expected, tag, nonce });
        assert_eq!(kind(&quoted[..47]), QuotedKind::Other { protocol: 140 });
    }
}

#[test]
fn payload_headers_are_found_behind_extension_headers() {
    let payload = hex("11 00 ffedcba98765");
    let tag = Tag::new(RESPONDER_TAG).expect("47 bits");
    let header = PayloadHeader { next_header: 17, tag };
    let at = |field, offset| QuotedKind::Payload(QuotedPayload { offset, field, header });
    assert_eq!(kind(&packet(140, &payload)), at(6, 40));
    let hop_by_hop = [hex("8c 00 010400000000"), payload.clone()].concat();
    assert_eq!(kind(&packet(0, &hop_by_hop)), at(40, 48));
    let long = [hex("2b 01 010c000000000000 000000000000"), hex("3c 00 000000000000"), hex("8c 00 010400000000")];
    assert_eq!(kind(&packet(0, &[long.concat(), payload.clone()].concat())), at(40 + 16 + 8, 40 + 16 + 8 + 8));
    let first_fragment = [hex("8c 00 0001 00000007"), payload.clone()].concat();
    assert_eq!(kind(&packet(44, &first_fragment)), at(40, 48));
    let later_fragment = [hex("8c 00 0009 00000007"), payload.clone()].concat();
    assert_eq!(kind(&packet(44, &later_fragment)), QuotedKind::Other { protocol: 44 });
}

#[test]
fn other_packets_tell_their_protocol() {
    assert_eq!(kind(&packet(6, &[0; 20])), QuotedKind::Other { protocol: 6 });
    assert_eq!(kind(&packet(6, &[])), QuotedKind::Other { protocol: 6 });
    // Protocol 140, but HIP, or of a type that no one of us sends.
    for foreign in ["3b01 0101 00000000 00000000", "3b01 6300 00000000 00000000"] {
        assert_eq!(kind(&packet(140, &hex(foreign))), QuotedKind::Other { protocol: 140 });
    }
}

#[test]
fn any_cut_is_survived() {
    let whole = packet(0, &[hex("8c 00 010400000000"), golden!("i2-all")].concat());
    for length in 0..whole.len() {
        assert_eq!(Quoted::parse(&whole[..length]).is_some(), length >= 40, "{length} octets");
    }
    let mut version_4 = whole.clone();
    version_4[0] = 0x45;
    assert_eq!(Quoted::parse(&version_4), None);
    // A header whose length leads beyond the end.
    assert_eq!(kind(&packet(0, &hex("8cff 010400000000"))), QuotedKind::Other { protocol: 140 });
}

#[test]
fn some_addresses_never_are_locators() {
    for never in ["::", "::1", "ff02::1", "ff3e::8000:1", "fe80::1", "febf::1", "::ffff:192.0.2.1"] {
        assert!(!addr(never).may_be_locator(), "{never}");
    }
    for fine in ["2001:db8::1", "fd00::1", "fec0::1", "::2", "64:ff9b::192.0.2.1"] {
        assert!(addr(fine).may_be_locator(), "{fine}");
    }
}

#[test]
fn addresses_have_two_halves_and_a_text() {
    let address = Addr::new([0x2001, 0xdb8, 0, 1, 0, 0, 0, 0xa]);
    assert_eq!(address, addr("2001:db8:0:1::a"));
    assert_eq!(address.prefix64(), [0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 1]);
    assert_eq!(address.interface_id(), [0, 0, 0, 0, 0, 0, 0, 0xa]);
    assert_eq!(Addr::from_parts(address.prefix64(), address.interface_id()), address);
    assert_eq!(address.to_string(), "2001:db8:0:1::a");
    assert_eq!(Addr::read(&address.0[..15]), None);
    assert!(addr("2001:db8::ff") < addr("2001:db8::100") && addr("2001::") < addr("2002::"));
}

#[test]
fn time_neither_wraps_nor_goes_back() {
    let early = Instant::from_millis(500);
    let late = Instant::from_millis(2_500);
    assert_eq!(late - early, Duration::from_secs(2));
    assert_eq!(early - late, Duration::ZERO);
    assert_eq!(Instant::FAR_FUTURE + Duration::MAX, Instant::FAR_FUTURE);
    assert_eq!(Instant::FAR_FUTURE - Instant::ZERO, Duration::MAX);
    assert_eq!(early - Duration::from_secs(1), Instant::ZERO);
    assert_eq!(Duration::MAX.times(2), Duration::MAX);
    assert_eq!(Duration::from_secs(u32::MAX), Duration::MAX);
    assert_eq!(Duration::from_secs(15).fraction(1, 3), Duration::from_secs(5));
    assert_eq!(Duration::from_secs(4).fraction(3, 2), Duration::from_secs(6));
    assert_eq!(Duration::from_secs(100).at_most(Duration::from_secs(60)), Duration::from_secs(60));
    assert_eq!(Duration::from_secs(1) - Duration::from_secs(2), Duration::ZERO);
}
