// SPDX-License-Identifier: MIT OR GPL-2.0
//! Properties of the wire format: what is written is read as the same value; whatever the octets, reading ends without
//! panic, and what it accepts is written into a message of the same meaning.

mod common;

use common::seal;
use proptest::collection::vec;
use proptest::prelude::*;
use shim6_core::addr::Addr;
use shim6_core::cga::Pds;
use shim6_core::hba;
use shim6_core::wire::*;

/// The long parts of a message, which the message itself only borrows.
#[derive(Clone, Debug)]
struct Parts {
    validator: Vec<u8>,
    locators: Vec<LocatorEntry>,
    preferences: Vec<Preference>,
    pds: Vec<u8>,
    signature: Vec<u8>,
    earlier: Vec<ProbeReport>,
    received: Vec<ProbeReport>,
    this: ProbeReport,
    tags: [u64; 2],
    nonces: [u32; 2],
    generation: u32,
    keepalive: u16,
    fii: u32,
    ulids: Option<([u8; 16], [u8; 16])>,
    /// Which of the announcement's options are there.
    present: u8,
    small: u8,
}

fn report() -> impl Strategy<Value = ProbeReport> {
    any::<([u8; 16], [u8; 16], u32, u32)>().prop_map(|(source, destination, nonce, data)| ProbeReport {
        source: Addr(source),
        destination: Addr(destination),
        nonce: Nonce(nonce),
        data,
    })
}

fn entry() -> impl Strategy<Value = LocatorEntry> {
    any::<([u8; 16], u8)>().prop_map(|(locator, method)| LocatorEntry {
        locator: Addr(locator),
        method: VerificationMethod::from_number(method),
    })
}

fn preference() -> impl Strategy<Value = Preference> {
    any::<(u8, u8, u8)>().prop_map(|(flags, priority, weight)| Preference { flags, priority, weight })
}

fn parts() -> impl Strategy<Value = Parts> {
    let long = (
        vec(any::<u8>(), 0..120),
        vec(entry(), 0..10),
        vec(preference(), 0..10),
        vec(any::<u8>(), 0..300),
        vec(any::<u8>(), 0..260),
        vec(report(), 0..15),
        vec(report(), 0..16),
    );
    let short = (
        report(),
        any::<[u64; 2]>(),
        any::<[u32; 2]>(),
        any::<u32>(),
        any::<u16>(),
        any::<u32>(),
        any::<Option<([u8; 16], [u8; 16])>>(),
        any::<u8>(),
        any::<u8>(),
    );
    (long, short).prop_map(|(long, short)| {
        let (validator, locators, preferences, pds, signature, earlier, received) = long;
        let (this, tags, nonces, generation, keepalive, fii, ulids, present, small) = short;
        Parts {
            validator,
            locators,
            preferences,
            pds,
            signature,
            earlier,
            received,
            this,
            tags,
            nonces,
            generation,
            keepalive,
            fii,
            ulids,
            present,
            small,
        }
    })
}

impl Parts {
    fn tag(&self, index: usize) -> Tag {
        let [_, _, octets @ ..] = self.tags[index].to_be_bytes();
        Tag::from_octets(octets)
    }

    fn has(&self, bit: u32) -> Option<()> {
        (self.present >> bit & 1 != 0).then_some(())
    }

    fn announcement(&self) -> Announcement<'_> {
        let element_len = [ElementLen::Flags, ElementLen::Priority, ElementLen::Weight][usize::from(self.small % 3)];
        Announcement {
            locators: self.has(0).and_then(|()| LocatorList::new(self.generation, &self.locators)),
            preferences: self
                .has(1)
                .and_then(|()| LocatorPreferences::new(self.generation, element_len, &self.preferences)),
            pds: self.has(2).map(|()| &self.pds[..]),
            signature: self.has(3).map(|()| &self.signature[..]),
            keepalive_timeout: self.has(4).and_then(|()| KeepaliveTimeout::from_secs(self.keepalive)),
        }
    }

    fn ulids(&self) -> Option<UlidPair> {
        self.ulids.map(|(sender, receiver)| UlidPair { sender: Addr(sender), receiver: Addr(receiver) })
    }

    /// The message of each type made of these parts.
    fn message(&self, kind: MessageType) -> Message<'_> {
        let (nonce, other_nonce) = (Nonce(self.nonces[0]), Nonce(self.nonces[1]));
        let (tag, other_tag) = (self.tag(0), self.tag(1));
        let (ulids, fii, announcement) = (self.ulids(), Fii(self.fii), self.announcement());
        let validator = &self.validator[..];
        match kind {
            MessageType::I1 => Message::I1(I1 { initiator_tag: tag, initiator_nonce: nonce, ulids, fii }),
            MessageType::R1 => Message::R1(R1 { initiator_nonce: nonce, responder_nonce: other_nonce, validator }),
            MessageType::I2 => Message::I2(I2 {
                initiator_tag: tag,
                initiator_nonce: nonce,
                responder_nonce: other_nonce,
                validator,
                ulids,
                fii,
                announcement,
            }),
            MessageType::R2 => Message::R2(R2 { responder_tag: tag, initiator_nonce: nonce, announcement }),
            MessageType::R1bis => Message::R1bis(R1bis { packet_tag: tag, responder_nonce: nonce, validator }),
            MessageType::I2bis => Message::I2bis(I2bis {
                initiator_tag: tag,
                initiator_nonce: nonce,
                responder_nonce: other_nonce,
                packet_tag: other_tag,
                validator,
                ulids,
                fii,
                announcement,
            }),
            MessageType::UpdateRequest => {
                Message::UpdateRequest(UpdateRequest { receiver_tag: tag, request_nonce: nonce, announcement })
            }
            MessageType::UpdateAck => Message::UpdateAck(UpdateAck { receiver_tag: tag, request_nonce: nonce }),
            MessageType::Keepalive => Message::Keepalive(Keepalive { receiver_tag: tag }),
            MessageType::Probe => Message::Probe(Probe {
                receiver_tag: tag,
                state: [ProbeState::Operational, ProbeState::Exploring, ProbeState::InboundOk]
                    [usize::from(self.small % 3)],
                this: self.this,
                earlier: ProbeReports::new(&self.earlier),
                received: ProbeReports::new(&self.received),
            }),
            MessageType::Error => Message::Error(Error {
                code: ErrorCode::new(self.small & 0x7f).expect("7 bits"),
                pointer: self.keepalive,
                packet: &self.pds[..self.pds.len() & !7],
            }),
        }
    }
}

/// Reads every part of a message, so that nothing lazy escapes.
fn look_at_all(message: &Message<'_>) -> usize {
    let announcement = match message {
        Message::I2(message) => message.announcement,
        Message::R2(message) => message.announcement,
        Message::I2bis(message) => message.announcement,
        Message::UpdateRequest(message) => message.announcement,
        Message::Probe(message) => return message.earlier.iter().chain(message.received.iter()).count(),
        Message::Error(message) => return Quoted::parse(message.packet).is_some().into(),
        _ => return 0,
    };
    let mut seen = 0;
    if let Some(locators) = announcement.locators {
        seen += locators.iter().count();
        assert_eq!(locators.iter().count(), locators.len());
        assert_eq!(locators.get(locators.len()), None);
        let _ = locators.method_offset(usize::MAX);
    }
    if let Some(preferences) = announcement.preferences {
        seen += preferences.iter().count();
        assert_eq!(preferences.iter().count(), preferences.len());
    }
    if let Some(pds) = announcement.pds.and_then(|pds| Pds::parse(pds).ok()) {
        seen += pds.extensions().count();
        let _ = hba::bind(Addr::UNSPECIFIED, &pds);
    }
    seen
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(parts in parts()) {
        let mut buffer = [0x5a; 1500];
        for kind in MessageType::ALL {
            let message = parts.message(kind);
            prop_assert_eq!(message.kind(), kind);
            match message.emit(&mut buffer) {
                Ok(length) => {
                    prop_assert!(length <= MAX_MESSAGE_LEN && length % 8 == 0);
                    let read = Message::parse(&buffer[..length]);
                    if kind == MessageType::Error && parts.pds.len() < 8 {
                        continue; // Padded to the least size.
                    }
                    prop_assert_eq!(read, Ok(message));
                }
                Err(NoRoom) => prop_assert!(parts.this_is_big(kind), "{:?} does not fit", kind),
            }
        }
    }

    #[test]
    fn any_octets_can_be_read(octets in vec(any::<u8>(), 0..600)) {
        let _ = Message::parse(&octets).map(|message| look_at_all(&message));
        let _ = PayloadHeader::parse(&octets);
        let _ = classify(&octets);
        let _ = Quoted::parse(&octets);
        let _ = Pds::parse(&octets).map(|pds| pds.extensions().count());
    }

    /// Octets that get past checksum and type, so that the options are exercised.
    #[test]
    fn any_options_can_be_read(kind in 0_usize..11, mut octets in vec(any::<u8>(), 16..400), numbers in vec((0_u8..12, any::<bool>(), 0_u8..40), 0..8)) {
        octets.truncate(octets.len() & !7);
        octets[1] = (octets.len() / 8 - 1) as u8;
        octets[2] = MessageType::ALL[kind] as u8;
        octets[3] &= 0xfe;
        // Lay plausible option headers one behind the other.
        let mut at = MessageType::ALL[kind].fixed_len();
        for (number, critical, length) in numbers {
            if let Some(header) = octets.get_mut(at..at + 4) {
                header.copy_from_slice(&[0, number << 1 | u8::from(critical), 0, length]);
            }
            at += (4 + usize::from(length)).next_multiple_of(8);
        }
        seal(&mut octets);
        if let Ok(message) = Message::parse(&octets) {
            look_at_all(&message);
            let mut buffer = [0; MAX_MESSAGE_LEN];
            if let Ok(length) = message.emit(&mut buffer) {
                prop_assert_eq!(Message::parse(&buffer[..length]), Ok(message));
            }
        }
    }

    /// One changed octet in a good message: read or refused, never a panic, and the checksum alone sees to most.
    #[test]
    fn damaged_messages_can_be_read(parts in parts(), kind in 0_usize..11, at in any::<prop::sample::Index>(), value in any::<u8>()) {
        let mut buffer = [0; MAX_MESSAGE_LEN];
        if let Ok(length) = parts.message(MessageType::ALL[kind]).emit(&mut buffer) {
            let at = at.index(length);
            let before = buffer[at];
            buffer[at] = value;
            if before != value && (before ^ value) != 0xff && at != 1 {
                prop_assert!(Message::parse(&buffer[..length]).is_err());
            }
            seal_if_whole(&mut buffer[..length]);
            let _ = Message::parse(&buffer[..length]).map(|message| look_at_all(&message));
        }
    }

    #[test]
    fn payload_headers_both_ways(next_header in any::<u8>(), tag in 0..1_u64 << 47) {
        let header = PayloadHeader { next_header, tag: Tag::new(tag).expect("47 bits") };
        let mut buffer = [0; 8];
        header.emit(&mut buffer);
        prop_assert_eq!(PayloadHeader::parse(&buffer), Ok(header));
        prop_assert_eq!(classify(&buffer), Ok(Class::Payload));
        prop_assert_eq!(Tag::new(tag | 1 << 47), None);
    }

    /// The checksum against one made in the plainest way.
    #[test]
    fn the_checksum_is_the_internet_checksum(mut octets in vec(any::<u8>(), 4..200)) {
        octets.truncate(octets.len() & !7);
        prop_assume!(octets.len() >= 8);
        octets[1] = (octets.len() / 8 - 1) as u8;
        seal(&mut octets);
        prop_assert!(checksum::is_valid(&octets));
        let field = u16::from_be_bytes([octets[4], octets[5]]);
        octets[4..6].fill(0);
        prop_assert_eq!(checksum::compute(&octets), field);
    }
}

fn seal_if_whole(octets: &mut [u8]) {
    if octets.len() >= (usize::from(octets[1]) + 1) * 8 {
        seal(octets);
    }
}

impl Parts {
    /// Whether the parts of such a message may well exceed 1240 octets.
    fn this_is_big(&self, kind: MessageType) -> bool {
        let announcement =
            17 * self.locators.len() + 3 * self.preferences.len() + self.pds.len() + self.signature.len();
        match kind {
            MessageType::I2 | MessageType::I2bis => announcement + self.validator.len() > 900,
            MessageType::R2 | MessageType::UpdateRequest => announcement > 900,
            _ => false,
        }
    }
}
