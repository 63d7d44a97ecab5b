// SPDX-License-Identifier: MIT OR GPL-2.0
//! The responder's cookies: nonce and validator of R1 and R1bis, made from a secret and the packet alone and checked when
//! they come back in I2 and I2bis, so that nothing is kept in between (RFC 5533 sections 7.10.1 and 7.17.1).
//!
//! The Responder Nonce counts seconds, which tells a cookie's age. The validator has two parts. The first is SipHash over
//! nonce, tag and locators, with a key that stays: it proves nothing, but costs so little that a flood of forged messages is
//! sifted out by it wherever they come in ([`Sieve`]). The second proves: HMAC-SHA-256, cut to 96 bits, over nonce, tag,
//! ULIDs, locators and instance, and computed only for what passed the first. Its key changes from time to time, and the one
//! before it is kept as long as cookies made with it may come back. A repeated I2 within the lifetime passes: age is the only
//! limit to replay, and an I2 that repeats another is answered like it.

use crate::addr::Addr;
use crate::siphash;
use crate::time::{Duration, Instant};
use crate::wire::{Fii, Nonce, Tag, UlidPair};
use hmac::{Hmac, Mac};
use sha2::Sha256;

/// The least time for which a cookie is good: 30 s (RFC 5533 section 14).
pub const VALIDATOR_MIN_LIFETIME: Duration = Duration::from_secs(30);
/// How long a key makes new cookies: 2 minutes, four times the lifetime of what it makes.
pub const SECRET_LIFETIME: Duration = Duration::from_secs(120);
/// Octets of a validator.
pub const VALIDATOR_LEN: usize = SIFTED_LEN + PROOF_LEN;
/// Octets of a key.
pub const SECRET_LEN: usize = 32;

/// Octets of a validator's first part.
const SIFTED_LEN: usize = 8;
/// Octets of its second part.
const PROOF_LEN: usize = 12;

/// The oldest nonce accepted, in seconds of the counter: no cookie is refused before its lifetime is over, and none is
/// accepted a second later.
const MAX_AGE: u32 = VALIDATOR_MIN_LIFETIME.as_secs();
/// When nothing made with the former key can be accepted any more: one second further, because seconds are not aligned.
const OVERLAP: Duration = Duration::from_secs(MAX_AGE + 1);

/// What a cookie speaks for. All of it must come back unchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// I1 and I2 (RFC 5533 section 7.10.1). The Initiator Nonce is left out, since I2 may have a new one.
    Establishment {
        /// Initiator Context Tag.
        initiator_tag: Tag,
        /// The ULIDs, the initiator's as sender.
        ulids: UlidPair,
        /// IPv6 source of the initiator's message.
        source: Addr,
        /// IPv6 destination of the initiator's message.
        destination: Addr,
        /// The instance.
        fii: Fii,
    },
    /// A packet for a context that does not exist, and I2bis (RFC 5533 section 7.17.1).
    Recovery {
        /// The tag in that packet; Packet Context Tag of I2bis.
        packet_tag: Tag,
        /// IPv6 source of that packet and of I2bis.
        source: Addr,
        /// IPv6 destination of that packet and of I2bis.
        destination: Addr,
    },
}

/// A nonce and its validator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cookie {
    /// Responder Nonce.
    pub nonce: Nonce,
    /// Contents of the Responder Validator option.
    pub validator: [u8; VALIDATOR_LEN],
}

/// Why a cookie is refused. Either way the message is silently discarded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The nonce is not recent.
    Stale,
    /// The validator is not ours, or not for this claim.
    Wrong,
}

/// The first part of the check, which needs nothing that changes, so that it can be done where nothing is locked. It finds out
/// whoever forges messages and does not see those of this host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sieve {
    key: siphash::Key,
    /// Added to the seconds of the clock, so that nonces do not tell how long the host has been up.
    nonce_offset: u32,
}

impl Sieve {
    /// A sieve of a random key and a random offset of the counter of nonces.
    pub fn new(key: [u8; siphash::Key::LEN], nonce_offset: u32) -> Sieve {
        Sieve { key: siphash::Key::new(key), nonce_offset }
    }

    /// Whether this may be a recent cookie of ours for the claim.
    #[inline]
    pub fn passes(&self, now: Instant, claim: &Claim, nonce: Nonce, validator: &[u8]) -> bool {
        parts(validator).is_some_and(|(sifted, _)| self.is_recent(now, nonce) && self.mark(nonce, claim) == sifted)
    }

    /// The first part of the validator.
    #[inline]
    fn mark(&self, nonce: Nonce, claim: &Claim) -> u64 {
        let (kind, tag, source, destination) = match claim {
            Claim::Establishment { initiator_tag, source, destination, .. } => (0, initiator_tag, source, destination),
            Claim::Recovery { packet_tag, source, destination } => (1, packet_tag, source, destination),
        };
        // Of recent nonces the last bits tell them apart: so these three are one word.
        let first = kind << 63 | tag.get() << 16 | u64::from(nonce.0 & 0xffff);
        let [a, b] = words(source);
        let [c, d] = words(destination);
        self.key.hash([first, a, b, c, d])
    }

    /// A nonce from the future is one of a very great age.
    #[inline]
    fn is_recent(&self, now: Instant, nonce: Nonce) -> bool {
        self.counter(now).wrapping_sub(nonce.0) <= MAX_AGE
    }

    #[inline]
    fn counter(&self, now: Instant) -> u32 {
        // Only differences of the counter matter, so the upper bits of a long uptime may go.
        ((now.as_millis() / 1000) as u32).wrapping_add(self.nonce_offset)
    }
}

/// An address as two words.
#[inline]
fn words(addr: &Addr) -> [u64; 2] {
    let whole = u128::from_le_bytes(*addr.octets());
    [whole as u64, (whole >> 64) as u64]
}

/// The responder's secrets.
#[derive(Clone)]
pub struct Secrets {
    sieve: Sieve,
    /// Keyed already, as the one before it.
    current: Hmac<Sha256>,
    /// When `current` came into use.
    since: Instant,
    previous: Option<Hmac<Sha256>>,
}

impl Secrets {
    /// A first key, random.
    pub fn new(now: Instant, key: [u8; SECRET_LEN], sieve: Sieve) -> Secrets {
        Secrets { sieve, current: keyed(&key), since: now, previous: None }
    }

    /// Whether it is time for a new key.
    pub fn is_rotation_due(&self, now: Instant) -> bool {
        now.since(self.since) >= SECRET_LIFETIME
    }

    /// Takes a new random key into use. Cookies of the former one stay good for their lifetime.
    pub fn rotate(&mut self, now: Instant, key: [u8; SECRET_LEN]) {
        self.previous = Some(core::mem::replace(&mut self.current, keyed(&key)));
        self.since = now;
    }

    /// The first part of the check.
    pub fn sieve(&self) -> Sieve {
        self.sieve
    }

    /// Makes a cookie.
    pub fn issue(&self, now: Instant, claim: &Claim) -> Cookie {
        let nonce = Nonce(self.sieve.counter(now));
        let digest: [u8; 32] = authenticate(&self.current, nonce, claim).finalize().into_bytes().into();
        let mut validator = [0; VALIDATOR_LEN];
        let (sifted, proof) = validator.split_at_mut(SIFTED_LEN);
        sifted.copy_from_slice(&self.sieve.mark(nonce, claim).to_be_bytes());
        proof.copy_from_slice(digest.split_at(PROOF_LEN).0);
        Cookie { nonce, validator }
    }

    /// Checks that `nonce` and `validator` are a cookie for `claim`, and recent.
    pub fn check(&self, now: Instant, claim: &Claim, nonce: Nonce, validator: &[u8]) -> Result<(), Refused> {
        if !self.sieve.is_recent(now, nonce) {
            return Err(Refused::Stale);
        }
        let Some((_, proof)) = parts(validator).filter(|_| self.sieve.passes(now, claim, nonce, validator)) else {
            return Err(Refused::Wrong);
        };
        let previous = self.previous.as_ref().filter(|_| now.since(self.since) <= OVERLAP);
        // The comparison takes the same time wherever the first difference is.
        let is_good = [Some(&self.current), previous]
            .into_iter()
            .flatten()
            .any(|key| authenticate(key, nonce, claim).verify_truncated_left(proof).is_ok());
        if is_good {
            Ok(())
        } else {
            Err(Refused::Wrong)
        }
    }
}

impl core::fmt::Debug for Secrets {
    /// Tells the age, and no secret.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Secrets").field("since", &self.since).finish_non_exhaustive()
    }
}

/// The two parts of a validator that is as long as ours.
#[inline]
fn parts(validator: &[u8]) -> Option<(u64, &[u8])> {
    let (sifted, proof) = validator.split_first_chunk::<SIFTED_LEN>()?;
    (proof.len() == PROOF_LEN).then_some((u64::from_be_bytes(*sifted), proof))
}

/// HMAC over a claim. Every field has a fixed length and the first octet tells which there are, so no two claims look alike. ULIDs
/// that are the locators too, as they are at first, are in it once: all fits into one block of SHA-256 then.
fn authenticate(key: &Hmac<Sha256>, nonce: Nonce, claim: &Claim) -> Hmac<Sha256> {
    let mut mac = key.clone();
    match claim {
        Claim::Establishment { initiator_tag, ulids, source, destination, fii } => {
            let are_locators = ulids.sender == *source && ulids.receiver == *destination;
            mac.update(&[if are_locators { 3 } else { 1 }]);
            mac.update(&nonce.0.to_be_bytes());
            mac.update(&initiator_tag.octets());
            mac.update(&fii.0.to_be_bytes());
            mac.update(source.octets());
            mac.update(destination.octets());
            if !are_locators {
                mac.update(ulids.sender.octets());
                mac.update(ulids.receiver.octets());
            }
        }
        Claim::Recovery { packet_tag, source, destination } => {
            mac.update(&[2]);
            mac.update(&nonce.0.to_be_bytes());
            mac.update(&packet_tag.octets());
            mac.update(source.octets());
            mac.update(destination.octets());
        }
    }
    mac
}

/// HMAC with this key, of which the half that does not depend on the message is done once. The key is put into a block of
/// SHA-256, which is the one key length that needs no fallible constructor: HMAC pads shorter keys with zeros, so this changes
/// nothing (RFC 2104 section 2).
fn keyed(key: &[u8; SECRET_LEN]) -> Hmac<Sha256> {
    let mut block = [0; 64];
    let (start, _) = block.split_at_mut(SECRET_LEN);
    start.copy_from_slice(key);
    <Hmac<Sha256> as Mac>::new(&block.into())
}
