// SPDX-License-Identifier: MIT OR GPL-2.0
//! What is unsafe here: what C promises and no type can say.
//!
//! The exported functions take references, boxes and options of them, which C sees as pointers: a null pointer is `None`, and
//! is refused with EFAULT. A descriptor is an option of one, and -1 is `None`. That any other pointer is what
//! `include/shim6.h` says it is, and that a descriptor stays open for the call, C's side answers for, as for every function
//! of C.

use crate::error::Failure;
use libc::c_int;
use std::mem::MaybeUninit;
use std::slice;

/// Fills an array of C's with as many of the values as it has room for, and gives the number of all values. EFAULT if the
/// array is null and has room.
///
/// # Safety
///
/// `places` must be null, or writable for `room` values during the call, by nobody else.
pub(crate) unsafe fn fill<T>(
    places: *mut MaybeUninit<T>,
    room: u32,
    values: impl ExactSizeIterator<Item = T>,
) -> Result<c_int, Failure> {
    let places = match (places.is_null(), room) {
        (_, 0) => &mut [],
        (true, _) => return Err(Failure::null()),
        // SAFETY: it is not null, and what the caller promises; values that need not be initialised have no other demands.
        (false, _) => unsafe { slice::from_raw_parts_mut(places, room as usize) },
    };
    let found = c_int::try_from(values.len()).unwrap_or(c_int::MAX);
    for (place, value) in places.iter_mut().zip(values) {
        place.write(value);
    }
    Ok(found)
}
