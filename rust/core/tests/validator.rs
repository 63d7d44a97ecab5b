// SPDX-License-Identifier: MIT OR GPL-2.0
//! The responder's cookies: good for what they were made for and for at least 30 s, and for nothing else.

mod common;

use common::{addr, initiator, responder};
use shim6_core::engine::is_forged;
use shim6_core::locator::Pair;
use shim6_core::time::{Duration, Instant};
use shim6_core::validator::*;
use shim6_core::wire::{Announcement, ControlView, Fii, I2bis, Message, Nonce, Tag, UlidPair, I1, I2};

const START: Instant = Instant::from_millis(1_000_500);

fn secrets() -> Secrets {
    Secrets::new(START, core::array::from_fn(|i| i as u8), sieve(0xffff_fff0))
}

fn sieve(nonce_offset: u32) -> Sieve {
    Sieve::new(core::array::from_fn(|i| 32 + i as u8), nonce_offset)
}

fn establishment() -> Claim {
    Claim::Establishment {
        initiator_tag: Tag::from_octets([1, 2, 3, 4, 5, 6]),
        ulids: UlidPair { sender: initiator()[0], receiver: responder()[0] },
        source: initiator()[1],
        destination: responder()[1],
        fii: Fii(7),
    }
}

fn recovery() -> Claim {
    Claim::Recovery {
        packet_tag: Tag::from_octets([1, 2, 3, 4, 5, 6]),
        source: initiator()[1],
        destination: responder()[1],
    }
}

/// The cookie of a known secret, computed by another SipHash and another HMAC.
#[test]
fn known_answers() {
    let cookie = secrets().issue(START, &establishment());
    assert_eq!(cookie.nonce, Nonce(1000 - 16), "seconds, and the offset");
    assert_eq!(cookie.validator[..], common::hex("264b0a4529dc99f5f6fd4f4da0a5ee53ce63d900"));
    let cookie = secrets().issue(START, &recovery());
    assert_eq!(cookie.validator[..], common::hex("c6a25b53369312b64aa4523eed6d97ffd61f07eb"));
}

#[test]
fn a_cookie_is_good_for_its_lifetime() {
    for claim in [establishment(), recovery()] {
        // Whatever part of a second has passed at the start.
        for start in (0..1000).step_by(99).map(|millis| START + Duration::from_millis(millis)) {
            let cookie = secrets().issue(start, &claim);
            let check = |after| secrets().check(start + after, &claim, cookie.nonce, &cookie.validator);
            assert_eq!(check(Duration::ZERO), Ok(()));
            assert_eq!(check(VALIDATOR_MIN_LIFETIME), Ok(()));
            assert_eq!(check(VALIDATOR_MIN_LIFETIME), Ok(()), "age is the only limit to replay");
            assert_eq!(check(VALIDATOR_MIN_LIFETIME + Duration::from_secs(1)), Err(Refused::Stale));
            assert_eq!(check(Duration::from_secs(3600)), Err(Refused::Stale));
            let before = secrets().check(start - Duration::from_secs(1), &claim, cookie.nonce, &cookie.validator);
            assert_eq!(before, Err(Refused::Stale), "from the future");
        }
    }
}

#[test]
fn every_part_of_the_claim_counts() {
    let cookie = secrets().issue(START, &establishment());
    let refused = |claim: &Claim| {
        assert_eq!(secrets().check(START, claim, cookie.nonce, &cookie.validator), Err(Refused::Wrong), "{claim:?}");
    };
    let Claim::Establishment { initiator_tag, ulids, source, destination, fii } = establishment() else {
        unreachable!()
    };
    let other = addr("2001:db8::1");
    let with = |initiator_tag, sender, receiver, source, destination, fii| Claim::Establishment {
        initiator_tag,
        ulids: UlidPair { sender, receiver },
        source,
        destination,
        fii,
    };
    let (sender, receiver) = (ulids.sender, ulids.receiver);
    refused(&with(Tag::from_octets([1, 2, 3, 4, 5, 7]), sender, receiver, source, destination, fii));
    refused(&with(initiator_tag, other, receiver, source, destination, fii));
    refused(&with(initiator_tag, sender, other, source, destination, fii));
    refused(&with(initiator_tag, sender, receiver, other, destination, fii));
    refused(&with(initiator_tag, sender, receiver, source, other, fii));
    refused(&with(initiator_tag, sender, receiver, source, destination, Fii::DEFAULT));
    refused(&with(initiator_tag, receiver, sender, source, destination, fii));
    refused(&with(initiator_tag, sender, receiver, destination, source, fii));
    refused(&recovery());

    let cookie = secrets().issue(START, &recovery());
    let Claim::Recovery { packet_tag, source, destination } = recovery() else { unreachable!() };
    let refused = |claim: &Claim| {
        assert_eq!(secrets().check(START, claim, cookie.nonce, &cookie.validator), Err(Refused::Wrong), "{claim:?}");
    };
    refused(&Claim::Recovery { packet_tag: Tag::from_octets([0; 6]), source, destination });
    refused(&Claim::Recovery { packet_tag, source: other, destination });
    refused(&Claim::Recovery { packet_tag, source, destination: other });
    refused(&establishment());
}

#[test]
fn every_bit_of_the_cookie_counts() {
    let secrets = secrets();
    let (claim, later) = (establishment(), START + Duration::from_secs(10));
    let cookie = secrets.issue(START, &claim);
    for bit in 0..VALIDATOR_LEN * 8 {
        let mut validator = cookie.validator;
        validator[bit / 8] ^= 0x80 >> (bit % 8);
        assert_eq!(secrets.check(later, &claim, cookie.nonce, &validator), Err(Refused::Wrong), "bit {bit}");
    }
    // The sieve sees the first part alone.
    for bit in 0..VALIDATOR_LEN * 8 {
        let mut validator = cookie.validator;
        validator[bit / 8] ^= 0x80 >> (bit % 8);
        assert_eq!(secrets.sieve().passes(later, &claim, cookie.nonce, &validator), bit >= 64, "bit {bit}");
    }
    for bit in 0..32 {
        let nonce = Nonce(cookie.nonce.0 ^ 1 << bit);
        assert!(secrets.check(later, &claim, nonce, &cookie.validator).is_err(), "nonce bit {bit}");
    }
    for length in 0..VALIDATOR_LEN {
        let short = &cookie.validator[..length];
        assert_eq!(secrets.check(later, &claim, cookie.nonce, short), Err(Refused::Wrong), "{length} octets");
    }
    let long = [&cookie.validator[..], &[0]].concat();
    assert_eq!(secrets.check(later, &claim, cookie.nonce, &long), Err(Refused::Wrong));
}

#[test]
fn a_rotation_hurts_no_recent_cookie() {
    let mut secrets = secrets();
    let claim = establishment();
    assert!(!secrets.is_rotation_due(START + SECRET_LIFETIME - Duration::from_millis(1)));
    assert!(secrets.is_rotation_due(START + SECRET_LIFETIME));
    let rotation = START + SECRET_LIFETIME;
    let old = secrets.issue(rotation, &claim);
    secrets.rotate(rotation, [0x77; SECRET_LEN]);
    assert!(!secrets.is_rotation_due(rotation));
    let new = secrets.issue(rotation, &claim);
    assert_eq!(old.nonce, new.nonce, "made in the same second");
    assert_ne!(old.validator, new.validator);
    let end = rotation + VALIDATOR_MIN_LIFETIME;
    for cookie in [old, new] {
        assert!(secrets.sieve().passes(end, &claim, cookie.nonce, &cookie.validator));
        assert_eq!(secrets.check(end, &claim, cookie.nonce, &cookie.validator), Ok(()));
    }
    // Much later the former key is worth nothing, even with a nonce of today.
    let later = rotation + Duration::from_secs(60);
    let mut former = Secrets::new(START, core::array::from_fn(|i| i as u8), sieve(0xffff_fff0));
    let forged = former.issue(later, &claim);
    assert_eq!(secrets.check(later, &claim, forged.nonce, &forged.validator), Err(Refused::Wrong));
    // After a second rotation it is forgotten at once.
    former.rotate(rotation, [0x77; SECRET_LEN]);
    former.rotate(rotation, [0x78; SECRET_LEN]);
    assert_eq!(former.check(rotation, &claim, old.nonce, &old.validator), Err(Refused::Wrong));
}

/// What is sifted out is what would have been refused, and all that is good passes.
#[test]
fn the_sieve_keeps_back_nothing_that_is_good() {
    let secrets = secrets();
    let other = Secrets::new(START, [1; SECRET_LEN], Sieve::new([1; 16], 0xffff_fff0));
    for claim in [establishment(), recovery()] {
        for after in (0..=30_000).step_by(250).map(Duration::from_millis) {
            let cookie = secrets.issue(START, &claim);
            assert!(secrets.sieve().passes(START + after, &claim, cookie.nonce, &cookie.validator), "{after:?}");
            let cookie = other.issue(START, &claim);
            assert!(!secrets.sieve().passes(START + after, &claim, cookie.nonce, &cookie.validator), "{after:?}");
        }
        let cookie = secrets.issue(START, &claim);
        let late = START + VALIDATOR_MIN_LIFETIME + Duration::from_secs(1);
        assert!(!secrets.sieve().passes(late, &claim, cookie.nonce, &cookie.validator));
        assert!(!secrets.sieve().passes(START, &claim, cookie.nonce, &cookie.validator[..VALIDATOR_LEN - 1]));
    }
}

#[test]
fn other_hosts_cookies_are_worth_nothing() {
    for other in [
        Secrets::new(START, [1; SECRET_LEN], Sieve::new([1; 16], 0xffff_fff0)),
        Secrets::new(START, [1; SECRET_LEN], sieve(0xffff_fff0)),
        Secrets::new(START, core::array::from_fn(|i| i as u8), Sieve::new([1; 16], 0xffff_fff0)),
    ] {
        let cookie = other.issue(START, &establishment());
        let checked = secrets().check(START, &establishment(), cookie.nonce, &cookie.validator);
        assert_eq!(checked, Err(Refused::Wrong));
    }
}

#[test]
fn the_counter_wraps() {
    // The offset puts the counter 16 s before its end, less the 1000 s of the clock.
    let start = Instant::from_millis(10_000);
    let secrets = Secrets::new(start, [5; SECRET_LEN], sieve(u32::MAX - 15));
    let cookie = secrets.issue(start, &recovery());
    assert!(cookie.nonce.0 > u32::MAX - 15);
    let later = start + Duration::from_secs(20);
    assert_eq!(secrets.issue(later, &recovery()).nonce, Nonce(14));
    assert_eq!(secrets.check(later, &recovery(), cookie.nonce, &cookie.validator), Ok(()));
}

/// What the hook asks before anything is locked: the message's options, ULIDs and instance among them, do not matter to it.
#[test]
fn forged_requests_are_known_by_the_first_part() {
    let secrets = secrets();
    let back = Pair { local: responder()[1], peer: initiator()[1] };
    let ulids = Some(UlidPair { sender: initiator()[0], receiver: responder()[0] });
    let (tag, initiator_nonce, fii) = (Tag::from_octets([1, 2, 3, 4, 5, 6]), Nonce(77), Fii(7));
    for is_bis in [false, true] {
        let cookie = secrets.issue(START, &if is_bis { recovery() } else { establishment() });
        let forged = |nonce: Nonce, validator: &[u8], back: &Pair| {
            let (responder_nonce, announcement) = (nonce, Announcement::NOTHING);
            let message = if is_bis {
                let initiator_tag = Tag::from_octets([6; 6]);
                let packet_tag = tag;
                Message::I2bis(I2bis {
                    initiator_tag,
                    initiator_nonce,
                    responder_nonce,
                    packet_tag,
                    validator,
                    ulids,
                    fii,
                    announcement,
                })
            } else {
                let initiator_tag = tag;
                Message::I2(I2 { initiator_tag, initiator_nonce, responder_nonce, validator, ulids, fii, announcement })
            };
            let mut buffer = [0; 512];
            let length = message.emit(&mut buffer).expect("room");
            let view = ControlView::new(&buffer[..length]).expect("a message");
            is_forged(&secrets.sieve(), START, back, &view)
        };
        assert!(!forged(cookie.nonce, &cookie.validator, &back));
        for bit in 0..64 {
            let mut validator = cookie.validator;
            validator[bit / 8] ^= 0x80 >> (bit % 8);
            assert!(forged(cookie.nonce, &validator, &back), "bit {bit}");
        }
        assert!(forged(cookie.nonce, &cookie.validator[..8], &back));
        assert!(forged(cookie.nonce, &[], &back));
        assert!(forged(Nonce(cookie.nonce.0.wrapping_add(1)), &cookie.validator, &back), "from the future");
        assert!(forged(cookie.nonce, &cookie.validator, &Pair { peer: initiator()[0], ..back }));
        assert!(forged(cookie.nonce, &cookie.validator, &Pair { local: responder()[0], ..back }));
    }
    let i1 = I1 { initiator_tag: tag, initiator_nonce, ulids: None, fii: Fii::DEFAULT };
    let mut buffer = [0; 64];
    let length = i1.emit(&mut buffer).expect("room");
    let view = ControlView::new(&buffer[..length]).expect("a message");
    assert!(!is_forged(&secrets.sieve(), START, &back, &view), "not a request");
}
