// SPDX-License-Identifier: MIT OR GPL-2.0
//! What is unsafe is in this folder: what C promises and no type can say.
//!
//! The exported functions take references, boxes and options of them, which C sees as pointers: a null pointer is `None`, and
//! is refused with EFAULT. A descriptor is an option of one, and -1 is `None`. That any other pointer is what
//! `include/shim6.h` says it is, and that a descriptor stays open for the call, C's side answers for, as for every function
//! of C.

mod array;

pub(crate) use array::Array;
