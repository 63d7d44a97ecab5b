// SPDX-License-Identifier: MIT OR GPL-2.0
//! Golden messages: the octets in `tests/golden` were put together by hand from the figures of RFC 5533 and RFC 5534. Each
//! is read into the value it stands for, and the value is written into the same octets again.

mod common;

use common::{addr, initiator, initiator_pds, responder, responder_pds};
use shim6_core::addr::Addr;
use shim6_core::cga::Pds;
use shim6_core::hba;
use shim6_core::wire::*;

const INITIATOR_TAG: u64 = 0x1234_5678_90ab;
const RESPONDER_TAG: u64 = 0x7fed_cba9_8765;
const INITIATOR_NONCE: Nonce = Nonce(0x0102_0304);
const RESPONDER_NONCE: Nonce = Nonce(0xf1f2_f3f4);
const REQUEST_NONCE: Nonce = Nonce(0x0bad_cafe);

fn tag(value: u64) -> Tag {
    Tag::new(value).expect("47 bits")
}

fn validator() -> Vec<u8> {
    (0xa0..0xb0).collect()
}

fn entries(locators: &[Addr]) -> Vec<LocatorEntry> {
    locators.iter().map(|locator| LocatorEntry { locator: *locator, method: VerificationMethod::Hba }).collect()
}

fn ulids() -> UlidPair {
    UlidPair { sender: initiator()[0], receiver: responder()[0] }
}

/// Both ways, and not one octet of the buffer beyond the message is touched.
fn assert_both_ways(octets: &[u8], value: Message<'_>) {
    assert_eq!(Message::parse(octets), Ok(value), "reading");
    let mut buffer = [0x5a; MAX_MESSAGE_LEN];
    let length = value.emit(&mut buffer).expect("fits");
    assert_eq!(&buffer[..length], octets, "writing");
    assert!(buffer[length..].iter().all(|octet| *octet == 0x5a), "beyond the end");
    for short in 0..octets.len() {
        assert_eq!(value.emit(&mut buffer[..short]), Err(NoRoom), "a buffer of {short} octets");
    }
}

#[test]
fn i1() {
    let bare =
        I1 { initiator_tag: tag(INITIATOR_TAG), initiator_nonce: INITIATOR_NONCE, ulids: None, fii: Fii::DEFAULT };
    assert_both_ways(&golden!("i1"), Message::I1(bare));
    let fork = I1 { ulids: Some(ulids()), fii: Fii(0x0102_0305), ..bare };
    assert_both_ways(&golden!("i1-fork"), Message::I1(fork));
}

#[test]
fn r1() {
    let r1 = R1 { initiator_nonce: INITIATOR_NONCE, responder_nonce: RESPONDER_NONCE, validator: &validator() };
    assert_both_ways(&golden!("r1"), Message::R1(r1));
}

#[test]
fn validators_of_any_length() {
    for (octets, length) in [
        (golden!("r1-validator-1"), 1),
        (golden!("r1-validator-12"), 12),
        (golden!("r1-validator-20"), 20),
        (golden!("r1-validator-100"), 100),
    ] {
        let validator: Vec<u8> = (0..length).map(|i: u32| (3 * i + 1) as u8).collect();
        let r1 = R1 { initiator_nonce: INITIATOR_NONCE, responder_nonce: RESPONDER_NONCE, validator: &validator };
        assert_both_ways(&octets, Message::R1(r1));
    }
}

#[test]
fn i2() {
    let (validator, pds, locators) = (validator(), initiator_pds(), entries(&initiator()));
    let i2 = I2 {
        initiator_tag: tag(INITIATOR_TAG),
        initiator_nonce: INITIATOR_NONCE,
        responder_nonce: RESPONDER_NONCE,
        validator: &validator,
        ulids: None,
        fii: Fii::DEFAULT,
        announcement: Announcement {
            locators: LocatorList::new(0xcafe_0001, &locators),
            pds: Some(&pds),
            ..Announcement::NOTHING
        },
    };
    assert_both_ways(&golden!("i2"), Message::I2(i2));
}

#[test]
fn i2_with_every_option() {
    let (validator, pds, mut locators) = (validator(), initiator_pds(), entries(&initiator()));
    locators.push(LocatorEntry { locator: addr("2001:db8:9:9::9"), method: VerificationMethod::Cga });
    let preferences = [
        Preference { flags: 0, priority: 1, weight: 10 },
        Preference { flags: Preference::TRANSIENT, priority: 2, weight: 20 },
        Preference { flags: Preference::BROKEN, priority: 3, weight: 0 },
    ];
    let signature: Vec<u8> = (0..48u32).map(|i| (5 * i + 2) as u8).collect();
    let i2 = I2 {
        initiator_tag: tag(INITIATOR_TAG),
        initiator_nonce: INITIATOR_NONCE,
        responder_nonce: RESPONDER_NONCE,
        validator: &validator,
        ulids: Some(ulids()),
        fii: Fii(7),
        announcement: Announcement {
            locators: LocatorList::new(0xcafe_0001, &locators),
            preferences: LocatorPreferences::new(0xcafe_0001, ElementLen::Weight, &preferences),
            pds: Some(&pds),
            signature: Some(&signature),
            keepalive_timeout: KeepaliveTimeout::from_secs(15),
        },
    };
    assert_both_ways(&golden!("i2-all"), Message::I2(i2));
}

#[test]
fn r2() {
    let (pds, locators) = (responder_pds(), entries(&responder()));
    let bare =
        R2 { responder_tag: tag(RESPONDER_TAG), initiator_nonce: INITIATOR_NONCE, announcement: Announcement::NOTHING };
    assert_both_ways(&golden!("r2-bare"), Message::R2(bare));
    let announcement = Announcement {
        locators: LocatorList::new(0xcafe_0002, &locators),
        pds: Some(&pds),
        keepalive_timeout: KeepaliveTimeout::from_secs(10),
        ..Announcement::NOTHING
    };
    assert_both_ways(&golden!("r2"), Message::R2(R2 { announcement, ..bare }));
}

#[test]
fn r1bis() {
    let r1bis = R1bis { packet_tag: tag(RESPONDER_TAG), responder_nonce: RESPONDER_NONCE, validator: &validator() };
    assert_both_ways(&golden!("r1bis"), Message::R1bis(r1bis));
}

#[test]
fn i2bis() {
    let (validator, pds, locators) = (validator(), initiator_pds(), entries(&initiator()));
    let i2bis = I2bis {
        initiator_tag: tag(INITIATOR_TAG),
        initiator_nonce: INITIATOR_NONCE,
        responder_nonce: RESPONDER_NONCE,
        packet_tag: tag(RESPONDER_TAG),
        validator: &validator,
        ulids: Some(ulids()),
        fii: Fii::DEFAULT,
        announcement: Announcement {
            locators: LocatorList::new(0xcafe_0001, &locators),
            pds: Some(&pds),
            ..Announcement::NOTHING
        },
    };
    assert_both_ways(&golden!("i2bis"), Message::I2bis(i2bis));
}

fn update(announcement: Announcement<'_>) -> Message<'_> {
    Message::UpdateRequest(UpdateRequest {
        receiver_tag: tag(RESPONDER_TAG),
        request_nonce: REQUEST_NONCE,
        announcement,
    })
}

#[test]
fn update_request() {
    let locators = entries(&initiator());
    let preferences = [
        Preference { flags: Preference::BROKEN, priority: 5, weight: 0 },
        Preference { flags: 0, priority: 1, weight: 255 },
    ];
    let announcement = Announcement {
        locators: LocatorList::new(0xcafe_0003, &locators),
        preferences: LocatorPreferences::new(0xcafe_0003, ElementLen::Weight, &preferences),
        ..Announcement::NOTHING
    };
    assert_both_ways(&golden!("update-request"), update(announcement));
}

/// RFC 5533 section 5.15.2: the padding before the locators keeps them on 8-octet boundaries, and is part of Length.
#[test]
fn locator_lists() {
    for (octets, count, length) in [
        (golden!("update-locators-1"), 1, 28),
        (golden!("update-locators-3"), 3, 60),
        (golden!("update-locators-7"), 7, 124),
        (golden!("update-locators-8"), 8, 148),
    ] {
        let locators: Vec<LocatorEntry> = (0..count)
            .map(|i| LocatorEntry {
                locator: Addr::new([0x2001, 0xdb8, i + 1, 0xa, 0, 0, 0, i + 1]),
                method: if i % 2 == 0 { VerificationMethod::Hba } else { VerificationMethod::Cga },
            })
            .collect();
        assert_eq!(u16::from_be_bytes([octets[18], octets[19]]), length);
        let announcement = Announcement { locators: LocatorList::new(0xcafe_0004, &locators), ..Announcement::NOTHING };
        assert_both_ways(&octets, update(announcement));
    }
}

#[test]
fn short_preferences() {
    let full = [
        Preference { flags: Preference::BROKEN, priority: 2, weight: 9 },
        Preference { flags: Preference::TRANSIENT, priority: 3, weight: 9 },
        Preference { flags: 0, priority: 4, weight: 9 },
    ];
    for (octets, element_len) in
        [(golden!("update-preferences-1"), ElementLen::Flags), (golden!("update-preferences-2"), ElementLen::Priority)]
    {
        let preferences = LocatorPreferences::new(0xcafe_0004, element_len, &full);
        assert_both_ways(&octets, update(Announcement { preferences, ..Announcement::NOTHING }));
    }
}

#[test]
fn update_ack() {
    let ack = UpdateAck { receiver_tag: tag(INITIATOR_TAG), request_nonce: REQUEST_NONCE };
    assert_both_ways(&golden!("update-ack"), Message::UpdateAck(ack));
}

#[test]
fn keepalive() {
    assert_both_ways(&golden!("keepalive"), Message::Keepalive(Keepalive { receiver_tag: tag(RESPONDER_TAG) }));
}

fn report(source: Addr, destination: Addr, nonce: u32, data: u32) -> ProbeReport {
    ProbeReport { source, destination, nonce: Nonce(nonce), data }
}

#[test]
fn probes() {
    let (a, b) = (initiator(), responder());
    let exploring = Probe {
        receiver_tag: tag(RESPONDER_TAG),
        state: ProbeState::Exploring,
        this: report(a[0], b[0], 0xdead_beef, 0),
        earlier: ProbeReports::NONE,
        received: ProbeReports::NONE,
    };
    let octets = golden!("probe-exploring");
    assert_eq!(octets.len(), 56);
    assert_both_ways(&octets, Message::Probe(exploring));

    let earlier = [report(b[0], a[0], 0xdead_bee1, 0)];
    let received = [report(a[1], b[0], 0x5eed_0001, 0x0102_abcd), report(a[1], b[1], 0x5eed_0002, 0)];
    let inbound_ok = Probe {
        state: ProbeState::InboundOk,
        this: report(b[1], a[0], 0xdead_bee0, 0),
        earlier: ProbeReports::new(&earlier),
        received: ProbeReports::new(&received),
        ..exploring
    };
    assert_both_ways(&golden!("probe-inbound-ok"), Message::Probe(inbound_ok));

    let received = [report(b[1], a[1], 0x5eed_0003, 0)];
    let operational = Probe {
        state: ProbeState::Operational,
        this: report(a[1], b[1], 0xdead_bee2, 0),
        received: ProbeReports::new(&received),
        ..exploring
    };
    let octets = golden!("probe-operational");
    assert_eq!(octets.len(), 96);
    assert_both_ways(&octets, Message::Probe(operational));
}

#[test]
fn errors() {
    let octets = golden!("error-unknown-type");
    let error = Error { code: ErrorCode::UNKNOWN_MESSAGE_TYPE, pointer: 42, packet: &octets[8..] };
    assert_both_ways(&octets, Message::Error(error));
    assert_eq!(error.packet[42], 99);

    let octets = golden!("error-critical-option");
    let error = Error { code: ErrorCode::CRITICAL_OPTION_NOT_RECOGNIZED, pointer: 56, packet: &octets[8..] };
    assert_both_ways(&octets, Message::Error(error));
    assert_eq!(error.packet[56..58], [0, 101], "type 50 with the critical bit");
}

/// What the core itself would answer to the packets quoted in the golden Error messages: the same code and octet.
#[test]
fn errors_are_earned() {
    for (octets, code) in [
        (golden!("error-unknown-type"), ErrorCode::UNKNOWN_MESSAGE_TYPE),
        (golden!("error-critical-option"), ErrorCode::CRITICAL_OPTION_NOT_RECOGNIZED),
    ] {
        let Ok(Message::Error(error)) = Message::parse(&octets) else { panic!("no Error message") };
        let offset = error.pointer - IPV6_HEADER_LEN as u16;
        let complaint = Complaint { code, offset };
        assert_eq!(Message::parse(&error.packet[IPV6_HEADER_LEN..]), Err(WireError::Answer(complaint)));
        assert_eq!(error.code, code);
    }
}

#[test]
fn payload() {
    let octets = golden!("payload");
    let header = PayloadHeader { next_header: NO_NEXT_HEADER, tag: tag(RESPONDER_TAG) };
    assert_eq!(classify(&octets), Ok(Class::Payload));
    assert_eq!(PayloadHeader::parse(&octets), Ok(header));
    let mut buffer = [0x5a; PayloadHeader::LEN];
    header.emit(&mut buffer);
    assert_eq!(buffer[..], octets[..]);
}

/// The lists in the golden I2 and R2 are those of real HBA sets.
#[test]
fn golden_locators_verify() {
    for octets in [golden!("i2"), golden!("r2"), golden!("i2bis")] {
        let announcement = match Message::parse(&octets) {
            Ok(Message::I2(message)) => message.announcement,
            Ok(Message::R2(message)) => message.announcement,
            Ok(Message::I2bis(message)) => message.announcement,
            other => panic!("{other:?}"),
        };
        let pds = Pds::parse(announcement.pds.expect("PDS")).expect("well formed");
        let locators = announcement.locators.expect("Locator List");
        assert!(locators.len() >= 2);
        for entry in locators.iter() {
            assert_eq!(hba::bind(entry.locator, &pds), Ok(hba::Binding::Hba));
        }
    }
}
