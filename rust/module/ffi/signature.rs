// SPDX-License-Identifier: GPL-2.0
//! RSA signatures, by the kernel's crypto.

use super::bindings;
use kernel::prelude::*;
use shim6_core::signature::Signed;

/// Whether a signature fits. An error says that it cannot be told: no memory, or no RSA in this kernel. Sleeps, so only in
/// process context and without locks; the signature must not be on a stack, since the kernel's crypto reaches it by its page.
pub(crate) fn fits(signed: &Signed<'_>) -> Result<bool> {
    let (key, signature) = (signed.key, signed.signature);
    // SAFETY: each pointer is good for reading as many octets as are told with it; the digest has as many as the function
    // reads.
    let answer = unsafe {
        bindings::shim6_signature_fits(
            key.as_ptr(),
            key.len() as u32,
            signature.as_ptr(),
            signature.len() as u32,
            signed.digest.as_ptr(),
        )
    };
    if answer < 0 {
        return Err(Error::from_errno(answer));
    }
    Ok(answer != 0)
}
