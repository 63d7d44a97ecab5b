// SPDX-License-Identifier: MIT OR GPL-2.0
//! An array of C's to put values into. Its length comes in a parameter of its own.

use crate::error::Failure;
use libc::c_int;
use std::mem::MaybeUninit;
use std::slice;

/// A pointer to the first place of an array. Values of this type come from C only, as parameters of exported functions.
///
/// # Invariants
///
/// It is null, or writable during the call, by nobody else, for as many values as the parameter after it says.
#[repr(transparent)]
pub struct Array<T>(*mut MaybeUninit<T>);

impl<T> Array<T> {
    /// Fills the array with as many of the values as it has `room` for, which is the parameter after it, and gives the number of
    /// all values. EFAULT if the array is null and has room.
    pub(crate) fn fill(
        self,
        room: u32,
        values: impl ExactSizeIterator<Item = T>,
    ) -> Result<c_int, Failure> {
        let places = match (self.0.is_null(), room) {
            (_, 0) => &mut [],
            (true, _) => return Err(Failure::null()),
            // SAFETY: it is not null, so by the invariant it is writable for `room` values; values that need not be
            // initialised have no other demands.
            (false, _) => unsafe { slice::from_raw_parts_mut(self.0, room as usize) },
        };
        let found = c_int::try_from(values.len()).unwrap_or(c_int::MAX);
        for (place, value) in places.iter_mut().zip(values) {
            place.write(value);
        }
        Ok(found)
    }
}
