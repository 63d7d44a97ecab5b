// SPDX-License-Identifier: MIT OR GPL-2.0
//! What is wrong with a packet, and whether its sender hears of it: RFC 5533 sections 5.3, 5.15 and 12.3, RFC 5534 section 5.

mod common;

use common::{hex, seal};
use shim6_core::wire::*;

/// A message of type `kind`: its fixed fields after the checksum, then options. Length and checksum are right.
fn message(kind: u8, fields: &str, options: &str) -> Vec<u8> {
    let mut octets = vec![59, 0, kind, 0, 0, 0];
    octets.extend(hex(fields));
    octets.extend(hex(options));
    assert_eq!(octets.len() % 8, 0, "a test's mistake");
    octets[1] = (octets.len() / 8 - 1) as u8;
    seal(&mut octets);
    octets
}

const TAG_AND_NONCE: &str = "000000000001 00000002";
const R1_FIELDS: &str = "0000 00000001 00000002";
const I2_FIELDS: &str = "000000000001 00000002 00000003 00000000";
const I2BIS_FIELDS: &str = "000000000001 00000002 00000003 000000000000 000000000004";
const VALIDATOR: &str = "0002 0004 aabbccdd";
const I1: u8 = 1;
const R1: u8 = 2;
const I2: u8 = 3;
const R2: u8 = 4;
const I2BIS: u8 = 6;
const UPDATE_REQUEST: u8 = 64;
const UPDATE_ACK: u8 = 65;
const KEEPALIVE: u8 = 66;
const PROBE: u8 = 67;
const ERROR: u8 = 68;

fn discarded(octets: &[u8], reason: Discard) {
    assert_eq!(Message::parse(octets), Err(WireError::Discard(reason)), "{octets:02x?}");
}

fn answered(octets: &[u8], code: ErrorCode, offset: u16) {
    assert_eq!(Message::parse(octets), Err(WireError::Answer(Complaint { code, offset })), "{octets:02x?}");
}

#[test]
fn every_truncation_is_silent() {
    let octets = golden!("i2-all");
    for length in 0..octets.len() {
        discarded(&octets[..length], Discard::Truncated);
    }
}

#[test]
fn octets_after_the_message_do_not_matter() {
    let octets = golden!("i2");
    let mut longer = octets.clone();
    longer.extend([0xff; 24]);
    assert_eq!(Message::parse(&longer), Message::parse(&octets));
    // Nor does a Next Header other than 59.
    longer[0] = 17;
    seal(&mut longer);
    assert!(Message::parse(&longer).is_ok());
}

#[test]
fn every_flipped_bit_is_noticed() {
    let octets = golden!("i2-all");
    for bit in 0..octets.len() * 8 {
        let mut flipped = octets.clone();
        flipped[bit / 8] ^= 0x80 >> (bit % 8);
        let expected = match bit {
            8..16 if flipped[1] > octets[1] => Discard::Truncated,
            16 => Discard::WrongKind,
            31 => Discard::NotShim6,
            _ => Discard::Checksum,
        };
        discarded(&flipped, expected);
    }
}

#[test]
fn a_checksum_of_zero_and_of_all_ones_are_the_same() {
    // The words of this message sum up to 0xffff without the checksum, which then is 0x0000.
    let mut octets = message(KEEPALIVE, TAG_AND_NONCE, "");
    let rest = u16::from_be_bytes([octets[4], octets[5]]);
    octets[12..14].copy_from_slice(&rest.to_be_bytes());
    seal(&mut octets);
    assert_eq!(octets[4..6], [0, 0]);
    assert!(Message::parse(&octets).is_ok());
    octets[4..6].copy_from_slice(&[0xff, 0xff]);
    assert!(Message::parse(&octets).is_ok());
}

#[test]
fn payload_is_not_control_and_control_is_not_payload() {
    let payload = hex("3b00 800000000001");
    discarded(&payload, Discard::WrongKind);
    assert_eq!(PayloadHeader::parse(&golden!("keepalive")), Err(Discard::WrongKind));
    assert_eq!(PayloadHeader::parse(&payload[..7]), Err(Discard::Truncated));
    assert_eq!(PayloadHeader::parse(&hex("3b01 800000000001 0000000000000000")), Err(Discard::PayloadLength));
    assert_eq!(classify(&payload[..2]), Err(Discard::Truncated));
    assert_eq!(classify(&payload), Ok(Class::Payload));
    assert_eq!(classify(&golden!("i1")), Ok(Class::Control));
}

#[test]
fn the_s_bit_means_another_protocol() {
    let mut octets = golden!("i1");
    octets[3] |= 1;
    seal(&mut octets);
    discarded(&octets, Discard::NotShim6);
}

#[test]
fn unknown_types_are_answered_at_octet_2() {
    for kind in (0..128).filter(|kind| MessageType::from_number(*kind).is_none()) {
        answered(&message(kind, TAG_AND_NONCE, ""), ErrorCode::UNKNOWN_MESSAGE_TYPE, 2);
        answered(&message(kind, "0000", ""), ErrorCode::UNKNOWN_MESSAGE_TYPE, 2);
        // Checksum first.
        let mut damaged = message(kind, TAG_AND_NONCE, "");
        damaged[9] ^= 4;
        discarded(&damaged, Discard::Checksum);
    }
}

#[test]
fn each_type_has_a_least_length() {
    for kind in [I1, R1, R2, 5, UPDATE_REQUEST, UPDATE_ACK, KEEPALIVE, PROBE] {
        discarded(&message(kind, "0000", ""), Discard::TooShort);
    }
    discarded(&message(I2, TAG_AND_NONCE, ""), Discard::TooShort);
    discarded(&message(I2BIS, TAG_AND_NONCE, "0000000000000000"), Discard::TooShort);
    // An Error message may have Hdr Ext Len 0.
    let bare = message(ERROR, "0010", "");
    let error = Error { code: ErrorCode::UNKNOWN_MESSAGE_TYPE, pointer: 16, packet: &[] };
    assert_eq!(Message::parse(&bare), Ok(Message::Error(error)));
}

#[test]
fn reserved_bits_do_not_matter() {
    let r = "8";
    for (octets, same) in [
        (message(I1, &format!("{r}00000000001 00000002"), ""), message(I1, TAG_AND_NONCE, "")),
        (message(R1, "ffff 00000001 00000002", VALIDATOR), message(R1, R1_FIELDS, VALIDATOR)),
        (message(I2, "800000000001 00000002 00000003 ffffffff", VALIDATOR), message(I2, I2_FIELDS, VALIDATOR)),
        (
            message(I2BIS, "800000000001 00000002 00000003 ffffffffffff 800000000004", VALIDATOR),
            message(I2BIS, I2BIS_FIELDS, VALIDATOR),
        ),
        (message(KEEPALIVE, "800000000001 ffffffff", ""), message(KEEPALIVE, "000000000001 00000000", "")),
    ] {
        let mut octets = octets;
        octets[3] = 0xfe;
        seal(&mut octets);
        let value = Message::parse(&octets).expect("legal");
        assert_eq!(Ok(value), Message::parse(&same));
        // What is sent has them zero.
        let mut buffer = [0xff; MAX_MESSAGE_LEN];
        let length = value.emit(&mut buffer).expect("fits");
        assert_eq!(buffer[..length], same[..]);
    }
}

#[test]
fn unknown_options_are_passed_over() {
    for number in [0, 8, 9, 11, 50, 0x7fff_u16] {
        let unknown = format!("{:04x} 0005 0102030405 ffffffffffffff", number << 1);
        let octets = message(I2, I2_FIELDS, &format!("{unknown} {VALIDATOR} {unknown} {unknown}"));
        assert_eq!(Message::parse(&octets), Message::parse(&message(I2, I2_FIELDS, VALIDATOR)), "type {number}");
    }
}

#[test]
fn critical_unknown_options_are_answered_at_their_first_octet() {
    for number in [0, 8, 9, 11, 50, 0x7fff_u16] {
        let critical = format!("{:04x} 0004 01020304", number << 1 | 1);
        for (options, offset) in [
            (format!("{critical} {VALIDATOR}"), 24),
            (format!("{VALIDATOR} {critical}"), 32),
            (format!("{VALIDATOR} 0064 0004 00000000 {critical} {critical}"), 40),
            // It counts before what only this type of message asks for.
            (critical.clone(), 24),
        ] {
            answered(&message(I2, I2_FIELDS, &options), ErrorCode::CRITICAL_OPTION_NOT_RECOGNIZED, offset);
        }
    }
}

#[test]
fn known_options_out_of_place_are_unknown_there() {
    let pairs = [
        (UPDATE_REQUEST, TAG_AND_NONCE, VALIDATOR),
        (R2, TAG_AND_NONCE, "000e 0004 00000001"),
        (I1, TAG_AND_NONCE, "0014 0004 00000001"),
        (UPDATE_ACK, TAG_AND_NONCE, "0004 000c 00000000 00 00000000000000"),
        (KEEPALIVE, "000000000001 00000000", VALIDATOR),
    ];
    for (kind, fields, option) in pairs {
        assert_eq!(Message::parse(&message(kind, fields, option)), Message::parse(&message(kind, fields, "")));
        // Twice, or with a length that would be wrong in its place: still not our business.
        let twice = message(kind, fields, &format!("{option} {option}"));
        assert_eq!(Message::parse(&twice), Message::parse(&message(kind, fields, "")));
        let mut critical = message(kind, fields, option);
        critical[17] |= 1;
        seal(&mut critical);
        answered(&critical, ErrorCode::CRITICAL_OPTION_NOT_RECOGNIZED, 16);
    }
    for kind in [I1, UPDATE_ACK, KEEPALIVE] {
        let malformed = message(kind, TAG_AND_NONCE, "0004 0001 00 000000 000e 0004 00000000");
        assert!(Message::parse(&malformed).is_ok(), "a Locator List is not looked at here");
    }
}

#[test]
fn a_known_option_may_be_critical() {
    let octets = message(I2, I2_FIELDS, "0003 0004 aabbccdd");
    assert_eq!(Message::parse(&octets), Message::parse(&message(I2, I2_FIELDS, VALIDATOR)));
}

#[test]
fn an_option_may_not_reach_beyond_the_end() {
    discarded(&message(R2, TAG_AND_NONCE, "0064 0005 00000000"), Discard::OptionOverrun);
    discarded(&message(R2, TAG_AND_NONCE, "0008 ffff 00000000"), Discard::OptionOverrun);
    // Malformed and asking for something unknown: silence.
    discarded(&message(R2, TAG_AND_NONCE, "0065 0004 00000000 0008 0005 00000000"), Discard::OptionOverrun);
    discarded(&message(I1, TAG_AND_NONCE, "0065 0004 00000000 000e 0003 00000000"), Discard::OptionLength);
}

#[test]
fn an_option_may_come_once() {
    for (kind, fields, option) in [
        (R1, R1_FIELDS, VALIDATOR),
        (I1, TAG_AND_NONCE, "000e 0004 00000001"),
        (R2, TAG_AND_NONCE, "0014 0004 0000000a"),
        (R2, TAG_AND_NONCE, "0008 0004 00000000"),
        (R2, TAG_AND_NONCE, "000a 0004 00000000"),
        (R2, TAG_AND_NONCE, "0006 0008 00000001 01 000000 00000000"),
    ] {
        assert!(Message::parse(&message(kind, fields, option)).is_ok(), "{option}");
        discarded(&message(kind, fields, &format!("{option} {option}")), Discard::OptionRepeated);
    }
}

#[test]
fn a_validator_is_indispensable() {
    discarded(&message(R1, R1_FIELDS, ""), Discard::NoValidator);
    discarded(&message(5, TAG_AND_NONCE, ""), Discard::NoValidator);
    discarded(&message(I2, I2_FIELDS, "000e 0004 00000001"), Discard::NoValidator);
    discarded(&message(I2BIS, I2BIS_FIELDS, ""), Discard::NoValidator);
}

#[test]
fn options_of_fixed_length() {
    for option in ["000e 0003 000000 00", "000e 0005 0000000000 00000000000000", "000e 0000 00000000"] {
        discarded(&message(I1, TAG_AND_NONCE, option), Discard::OptionLength);
    }
    let ulids = "00".repeat(36);
    assert!(Message::parse(&message(I1, TAG_AND_NONCE, &format!("000c 0024 {ulids}"))).is_ok());
    discarded(&message(I1, TAG_AND_NONCE, &format!("000c 0023 {ulids}")), Discard::OptionLength);
    discarded(&message(I1, TAG_AND_NONCE, &format!("000c 0025 {ulids} 0000000000000000")), Discard::OptionLength);
    discarded(&message(R2, TAG_AND_NONCE, "0014 0003 000000 00"), Discard::OptionLength);
    discarded(&message(R2, TAG_AND_NONCE, "0014 0008 0000000f 00000000 00000000"), Discard::OptionLength);
}

#[test]
fn a_keepalive_timeout_of_zero_is_none() {
    let announcement = |octets: &[u8]| match Message::parse(octets) {
        Ok(Message::R2(r2)) => r2.announcement.keepalive_timeout.map(KeepaliveTimeout::as_secs),
        other => panic!("{other:?}"),
    };
    assert_eq!(announcement(&message(R2, TAG_AND_NONCE, "0014 0004 0000 0000")), None);
    assert_eq!(announcement(&message(R2, TAG_AND_NONCE, "0014 0004 ffff 0001")), Some(1));
    assert_eq!(announcement(&message(R2, TAG_AND_NONCE, "0014 0004 0000 ffff")), Some(65535));
}

#[test]
fn a_locator_list_must_fit_its_length() {
    let locator = "20010db8000100010000000000000001";
    let list = |length: u16, count: u8, rest: &str| format!("0004 {length:04x} 00000001 {count:02x} {rest}");
    let good = list(28, 1, &format!("01 000000000000 {locator}"));
    assert!(Message::parse(&message(R2, TAG_AND_NONCE, &good)).is_ok());
    for bad in [
        list(28, 0, &format!("01 000000000000 {locator}")),
        list(28, 2, &format!("01 000000000000 {locator}")),
        list(27, 1, &format!("01 000000000000 {locator}")),
        list(29, 1, &format!("01 000000000000 {locator} 0000000000000000")),
        list(44, 1, &format!("01 000000000000 {locator} {locator}")),
        list(4, 0, "000000 00000000"),
    ] {
        discarded(&message(R2, TAG_AND_NONCE, &bad), Discard::OptionLength);
    }
    // The padding between methods and locators is not looked at.
    let dirty = list(28, 1, &format!("01 ffffffffffff {locator}"));
    assert_eq!(Message::parse(&message(R2, TAG_AND_NONCE, &dirty)), Message::parse(&message(R2, TAG_AND_NONCE, &good)));
    // No locators at all is a legal list.
    let empty = list(12, 0, "00000000000000");
    let octets = message(R2, TAG_AND_NONCE, &empty);
    let Ok(Message::R2(r2)) = Message::parse(&octets) else { panic!("refused") };
    assert!(r2.announcement.locators.is_some_and(|locators| locators.is_empty()));
}

#[test]
fn methods_are_told_by_number_and_place() {
    let octets = message(R2, TAG_AND_NONCE, &format!("0004 004c 00000001 04 01 02 00 ff 000000 {}", "20".repeat(64)));
    let Ok(Message::R2(r2)) = Message::parse(&octets) else { panic!("refused") };
    let list = r2.announcement.locators.expect("a list");
    let methods: Vec<VerificationMethod> = list.iter().map(|entry| entry.method).collect();
    let unsupported = [VerificationMethod::Unsupported(0), VerificationMethod::Unsupported(255)];
    assert_eq!(methods, [&[VerificationMethod::Hba, VerificationMethod::Cga], &unsupported[..]].concat());
    for (index, method) in methods.into_iter().enumerate() {
        assert_eq!(octets[usize::from(list.method_offset(index))], method.number());
    }
}

#[test]
fn preferences_must_fit_their_length() {
    for bad in [
        "0006 0005 00000001 00 00000000000000",  // elements of no octets
        "0006 0006 00000001 00 00 000000000000", // the same, with octets
        "0006 000a 00000001 03 0101010101 0000", // five octets are no elements of three
        "0006 0004 00000001",                    // no Element Len
    ] {
        discarded(&message(R2, TAG_AND_NONCE, bad), Discard::OptionLength);
    }
}

#[test]
fn preferences_with_longer_elements() {
    let octets = message(R2, TAG_AND_NONCE, "0006 000f 00000007 05 01020304ff 02050609ff 0000000000");
    let Ok(Message::R2(r2)) = Message::parse(&octets) else { panic!("refused") };
    let preferences = r2.announcement.preferences.expect("preferences");
    assert_eq!((preferences.generation(), preferences.element_len(), preferences.len()), (7, 5, 2));
    assert_eq!(preferences.get(0), Some(Preference { flags: 1, priority: 2, weight: 3 }));
    assert_eq!(preferences.get(1), Some(Preference { flags: 2, priority: 5, weight: 6 }));
    assert_eq!(preferences.get(2), None);
    assert_eq!(octets[usize::from(preferences.generation_offset())..][..4], [0, 0, 0, 7]);
    assert_eq!(octets[usize::from(preferences.count_offset())..][..2], [0, 15]);
}

fn probe(counts: u8, state: u8, reports: usize, options: &str) -> Vec<u8> {
    let fields = format!("000000000001 {counts:02x} {state:02x} 0000");
    message(PROBE, &fields, &format!("{} {options}", "20".repeat(40 * reports)))
}

#[test]
fn probes_that_are_none() {
    assert!(Message::parse(&probe(0x01, 0x00, 1, "")).is_ok());
    assert!(Message::parse(&probe(0x01, 0xbf, 1, "")).is_ok(), "reserved bits");
    discarded(&probe(0x00, 0x00, 0, ""), Discard::NoProbeSent);
    discarded(&probe(0x10, 0x00, 1, ""), Discard::NoProbeSent);
    discarded(&probe(0x01, 0xc0, 1, ""), Discard::ProbeState);
    discarded(&probe(0x01, 0x00, 0, ""), Discard::TooShort);
    discarded(&probe(0x02, 0x00, 1, ""), Discard::TooShort);
    discarded(&probe(0x11, 0x00, 1, "0064 0004 00000000"), Discard::TooShort);
}

#[test]
fn options_of_a_probe_come_after_its_reports() {
    assert!(Message::parse(&probe(0x11, 0x40, 2, "0064 0004 00000000")).is_ok());
    let code = ErrorCode::CRITICAL_OPTION_NOT_RECOGNIZED;
    answered(&probe(0x11, 0x40, 2, "0065 0004 00000000"), code, 16 + 2 * 40);
}

#[test]
fn probes_of_full_size_fit() {
    let report =
        ProbeReport { source: common::initiator()[0], destination: common::responder()[0], nonce: Nonce(5), data: 6 };
    let many = [report; 20];
    let mut probe = Probe {
        receiver_tag: Tag::from_octets([0xff; 6]),
        state: ProbeState::Exploring,
        this: report,
        earlier: ProbeReports::new(&many[..14]),
        received: ProbeReports::new(&many),
    };
    let mut buffer = [0; MAX_MESSAGE_LEN];
    let length = probe.emit(&mut buffer).expect("fits");
    assert_eq!((length, buffer[12]), (16 + 30 * 40, 0xff));
    assert_eq!(Message::parse(&buffer[..length]), Ok(Message::Probe(probe)));
    probe.earlier = ProbeReports::new(&many[..15]);
    assert_eq!(probe.emit(&mut buffer), Err(NoRoom), "16 do not fit a count of 4 bits");
}

#[test]
fn errors_return_as_much_as_fits() {
    let packet: Vec<u8> = (0..3000u32).map(|i| i as u8).collect();
    let mut buffer = [0xff; 2000];
    let error = |packet| Error { code: ErrorCode::DEBUG, pointer: 9, packet };
    assert_eq!(error(&packet[..]).emit(&mut buffer), Ok(1240));
    assert_eq!(buffer[8..1240], packet[..1232]);
    assert_eq!(buffer[1], 154);
    assert_eq!(error(&packet[..45]).emit(&mut buffer), Ok(56));
    assert_eq!(buffer[8..53], packet[..45]);
    assert_eq!(buffer[53..56], [0; 3], "padding");
    assert_eq!(error(&[]).emit(&mut buffer), Ok(16));
    assert_eq!(buffer[8..16], [0; 8]);
}

#[test]
fn nothing_longer_than_1280_octets_is_sent() {
    let locators = [LocatorEntry { locator: common::initiator()[0], method: VerificationMethod::Hba }; 255];
    let list =
        |count: usize| Announcement { locators: LocatorList::new(1, &locators[..count]), ..Announcement::NOTHING };
    let update =
        |announcement| UpdateRequest { receiver_tag: Tag::from_octets([0; 6]), request_nonce: Nonce(0), announcement };
    let mut buffer = [0; 4096];
    assert_eq!(update(list(71)).emit(&mut buffer), Ok(1232));
    assert_eq!(update(list(72)).emit(&mut buffer), Err(NoRoom));
    assert_eq!(update(list(255)).emit(&mut buffer), Err(NoRoom));
    assert!(LocatorList::new(1, &[locators[0]; 256]).is_none());
}

#[test]
fn reasons_have_names_and_places() {
    for (index, reason) in Discard::ALL.into_iter().enumerate() {
        assert_eq!(reason.index(), index);
        assert!(Discard::ALL.into_iter().filter(|other| other.name() == reason.name()).count() == 1);
    }
}

#[test]
fn types_have_their_numbers() {
    for kind in MessageType::ALL {
        assert_eq!(MessageType::from_number(kind as u8), Some(kind));
    }
    assert_eq!((0..=255).filter_map(MessageType::from_number).count(), MessageType::ALL.len());
}

#[test]
fn only_some_types_ask_for_r1bis() {
    let asking: Vec<MessageType> = MessageType::ALL.into_iter().filter(|kind| kind.triggers_r1bis()).collect();
    let expected = [MessageType::UpdateRequest, MessageType::UpdateAck, MessageType::Keepalive, MessageType::Probe];
    assert_eq!(asking, expected);
}
