// SPDX-License-Identifier: MIT OR GPL-2.0
//! Believing a peer: its locators are taken only when HBA or CGA verification binds every one of them to the ULID
//! (RFC 5533 section 7.2). The hashes are looked at here; a signature is checked last, by the host (see `signature`).

use crate::addr::Addr;
use crate::cga::Pds;
use crate::hba;
use crate::locator::{Bound, PeerLocator, PeerLocators};
use crate::signature::Signed;
use crate::wire::{Announcement, Complaint, ErrorCode, LocatorEntry, LocatorList, VerificationMethod};

/// Why an announcement, and the message with it, has no effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unfit {
    /// It is dropped without a word.
    Silent,
    /// Its sender is told.
    Complain(Complaint),
}

/// What an announcement brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lesson {
    /// It says something of Ls(peer).
    pub has_news: bool,
    /// That hangs on its signature, which is still to be checked; if it does not fit, its sender is told so.
    pub unless_signed: Option<Complaint>,
    /// By the key that is kept of the peer: the announcement has none.
    pub by_kept_key: bool,
}

/// Puts into `learned` what the announcement makes of Ls(peer). `known` is the present list, to which preferences without
/// a list refer, `key` what is kept of the peer's key. On failure `learned` means nothing.
#[inline(never)]
pub(super) fn learn(
    ulid: Addr,
    known: &PeerLocators,
    key: Option<&[u8]>,
    announcement: &Announcement<'_>,
    learned: &mut PeerLocators,
) -> Result<Lesson, Unfit> {
    let pds = announcement.pds.map(|pds| check_pds(ulid, pds)).transpose()?;
    let proof = match &pds {
        Some(pds) => Proof::Brought(pds),
        None => Proof::Earlier { known, has_key: key.is_some() },
    };
    let mut lesson = Lesson { has_news: true, unless_signed: None, by_kept_key: pds.is_none() };
    match &announcement.locators {
        Some(list) => {
            lesson.unless_signed = check_list(ulid, list, &proof, learned)?;
            if let Some(pds) = &pds {
                hba::others(ulid, pds, |addr| learned.keep(PeerLocator::new(addr, Bound::Hba)));
            }
            learned.inherit(known);
        }
        None => learned.clone_from(known),
    }
    if let Some(complaint) = lesson.unless_signed {
        // What cannot be a signature of this key is not worth the question.
        Signed::of(announcement, key).ok_or(Unfit::Complain(complaint))?;
    }
    let Some(preferences) = &announcement.preferences else {
        return Ok(Lesson { has_news: announcement.locators.is_some(), ..lesson });
    };
    if learned.generation() != Some(preferences.generation()) {
        return Err(complaint(ErrorCode::GENERATION_OUT_OF_SYNC, preferences.generation_offset()));
    }
    if learned.list().len() != preferences.len() {
        return Err(complaint(ErrorCode::LOCATOR_COUNT, preferences.count_offset()));
    }
    for (locator, preference) in learned.list_mut().iter_mut().zip(preferences.iter()) {
        locator.preference = preference;
    }
    Ok(lesson)
}

fn complaint(code: ErrorCode, offset: u16) -> Unfit {
    Unfit::Complain(Complaint { code, offset })
}

/// The parameter structure must be that of the peer's ULID.
fn check_pds(ulid: Addr, bytes: &[u8]) -> Result<Pds<'_>, Unfit> {
    let pds = Pds::parse(bytes).map_err(|_| Unfit::Silent)?;
    hba::bind(ulid, &pds).map_err(|_| Unfit::Silent)?;
    Ok(pds)
}

/// What the locators of a list are judged by.
enum Proof<'a> {
    /// The structure that came with it.
    Brought(&'a Pds<'a>),
    /// What the structure that was exchanged before has left: it need not come again (RFC 5533 sections 5.10 and 10.1).
    Earlier {
        /// The locators that it has bound: they stay bound, the members of its set that were not told then included.
        known: &'a PeerLocators,
        /// Whether there was a key in it.
        has_key: bool,
    },
}

/// Every locator must be bound by its method; the first that is not spoils the message. If some are of method CGA, the
/// answer is what to complain about should their signature be wrong: the first of them.
fn check_list(
    ulid: Addr,
    list: &LocatorList<'_>,
    proof: &Proof<'_>,
    learned: &mut PeerLocators,
) -> Result<Option<Complaint>, Unfit> {
    if list.is_empty() {
        return Err(Unfit::Silent);
    }
    learned.begin(list.generation());
    let mut unless_signed = None;
    for (index, entry) in list.iter().enumerate() {
        let complaint = Complaint { code: ErrorCode::VERIFICATION_METHOD_FAILED, offset: list.method_offset(index) };
        let bound = check_entry(ulid, &entry, proof).ok_or(Unfit::Complain(complaint))?;
        if entry.method == VerificationMethod::Cga {
            unless_signed = unless_signed.or(Some(complaint));
        }
        learned.push(PeerLocator::new(entry.locator, bound)).map_err(|_| Unfit::Silent)?;
    }
    Ok(unless_signed)
}

/// How a locator is bound, if it is: by method CGA on condition that the signature fits.
fn check_entry(ulid: Addr, entry: &LocatorEntry, proof: &Proof<'_>) -> Option<Bound> {
    if !entry.locator.may_be_locator() {
        return None;
    }
    let bound = match (entry.method, proof) {
        (VerificationMethod::Hba, Proof::Brought(pds)) => {
            hba::verify(entry.locator, pds).ok()?;
            Bound::Hba
        }
        (VerificationMethod::Hba, Proof::Earlier { known, .. }) => {
            // What a signature has bound no hash does.
            return known.proven(&entry.locator).filter(|bound| *bound != Bound::Cga);
        }
        (VerificationMethod::Cga, Proof::Brought(pds)) => hba::has_public_key(pds).then_some(Bound::Cga)?,
        (VerificationMethod::Cga, Proof::Earlier { has_key, .. }) => has_key.then_some(Bound::Cga)?,
        (VerificationMethod::Unsupported(_), _) => return None,
    };
    Some(if entry.locator == ulid { Bound::Ulid } else { bound })
}
