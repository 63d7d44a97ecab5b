// SPDX-License-Identifier: GPL-2.0

//! Shim6 (RFC 5533) for the Linux kernel: the module's entry.

use kernel::prelude::*;

mod ffi;

module! {
    type: Shim6,
    name: "shim6",
    authors: ["The shim6 developers"],
    description: "Shim6: multihoming for IPv6 hosts (RFC 5533, RFC 5534)",
    license: "GPL",
}

struct Shim6;

impl kernel::Module for Shim6 {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        let digest = <sha2::Sha256 as sha2::Digest>::digest(b"abc");
        pr_info!("loaded, SHA-256 of abc begins with {:02x}{:02x}\n", digest[0], digest[1]);
        Ok(Shim6)
    }
}

impl Drop for Shim6 {
    fn drop(&mut self) {
        pr_info!("unloaded\n");
    }
}
