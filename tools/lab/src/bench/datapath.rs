// SPDX-License-Identifier: GPL-2.0
//! What a packet costs.

use super::Wish;
use crate::layout::Layout;
use crate::Failure;

/// Measures.
pub fn run(_layout: &Layout, _wish: &Wish) -> Result<bool, Failure> {
    Ok(true)
}
