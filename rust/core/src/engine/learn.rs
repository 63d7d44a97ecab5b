// SPDX-License-Identifier: MIT OR GPL-2.0
//! Believing a peer: its locators are taken only when HBA or CGA verification binds every one of them to the ULID
//! (RFC 5533 section 7.2).

use crate::addr::Addr;
use crate::cga::Pds;
use crate::hba::{self, Binding};
use crate::locator::{Bound, PeerLocator, PeerLocators};
use crate::wire::{Announcement, Complaint, ErrorCode, LocatorEntry, LocatorList, VerificationMethod};

/// Why an announcement, and the message with it, has no effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unfit {
    /// It is dropped without a word.
    Silent,
    /// Its sender is told.
    Complain(Complaint),
}

/// The proof that came with an announcement, bound to the ULID already.
struct Proof<'a> {
    pds: Pds<'a>,
    binding: Binding,
}

/// Puts into `learned` what the announcement makes of Ls(peer), and says whether it says anything of it. `known` is the
/// present list, to which preferences without a list refer. On failure `learned` means nothing.
#[inline(never)]
pub(super) fn learn(
    ulid: Addr,
    known: &PeerLocators,
    announcement: &Announcement<'_>,
    learned: &mut PeerLocators,
) -> Result<bool, Unfit> {
    let proof = announcement.pds.map(|pds| check_pds(ulid, pds)).transpose()?;
    match &announcement.locators {
        Some(list) => {
            check_list(ulid, list, proof.as_ref(), known, learned)?;
            learned.inherit(known);
        }
        None => learned.copy_from(known),
    }
    let Some(preferences) = &announcement.preferences else {
        return Ok(announcement.locators.is_some());
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
    Ok(true)
}

fn complaint(code: ErrorCode, offset: u16) -> Unfit {
    Unfit::Complain(Complaint { code, offset })
}

/// The parameter structure must be that of the peer's ULID.
fn check_pds(ulid: Addr, bytes: &[u8]) -> Result<Proof<'_>, Unfit> {
    let pds = Pds::parse(bytes).map_err(|_| Unfit::Silent)?;
    let binding = hba::bind(ulid, &pds).map_err(|_| Unfit::Silent)?;
    Ok(Proof { pds, binding })
}

/// Every locator must be bound by its method; the first that is not spoils the message.
fn check_list(
    ulid: Addr,
    list: &LocatorList<'_>,
    proof: Option<&Proof<'_>>,
    known: &PeerLocators,
    learned: &mut PeerLocators,
) -> Result<(), Unfit> {
    if list.is_empty() {
        return Err(Unfit::Silent);
    }
    learned.begin(list.generation());
    for (index, entry) in list.iter().enumerate() {
        let bound = check_entry(ulid, &entry, proof, known)
            .ok_or_else(|| complaint(ErrorCode::VERIFICATION_METHOD_FAILED, list.method_offset(index)))?;
        learned.push(PeerLocator::new(entry.locator, bound)).map_err(|_| Unfit::Silent)?;
    }
    Ok(())
}

fn check_entry(ulid: Addr, entry: &LocatorEntry, proof: Option<&Proof<'_>>, known: &PeerLocators) -> Option<Bound> {
    if !entry.locator.may_be_locator() {
        return None;
    }
    let Some(proof) = proof else {
        // The structure was exchanged before and need not come again (RFC 5533 section 10.1): what it has bound stays bound.
        let bound = known.proven(&entry.locator)?;
        return (entry.method == VerificationMethod::Hba && bound != Bound::Cga).then_some(bound);
    };
    match entry.method {
        VerificationMethod::Hba => {
            hba::verify(entry.locator, &proof.pds).ok()?;
            Some(if entry.locator == ulid { Bound::Ulid } else { Bound::Hba })
        }
        // The ULID speaks for itself. Another address needs a signature by the ULID's key, and this host verifies none.
        VerificationMethod::Cga if entry.locator == ulid && proof.binding == Binding::Cga => Some(Bound::Ulid),
        VerificationMethod::Cga | VerificationMethod::Unsupported(_) => None,
    }
}
