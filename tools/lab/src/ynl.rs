// SPDX-License-Identifier: GPL-2.0
//! The kernel's own client for netlink specifications, taken from the kernel's source in the build root: tests speak to the
//! module with it, so that not only our own programs understand `include/netlink/shim6.yaml`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::image::run;
use crate::layout::Layout;
use crate::Failure;

/// The parts of the kernel's source that make the client.
const PARTS: [&str; 2] = [
    "*/tools/net/ynl/pyynl/*",
    "*/Documentation/netlink/genetlink.yaml",
];

/// The directory with the client, unpacked once for each version of the source.
pub fn client(layout: &Layout) -> Result<PathBuf, Failure> {
    let source = source()?;
    let name = source.file_name().unwrap_or_default().to_string_lossy();
    let kept = layout.cache.join("ynl").join(name.as_ref());
    if kept.exists() {
        return Ok(kept);
    }
    let fresh = kept.with_extension(format!("new.{}", std::process::id()));
    fs::create_dir_all(&fresh)?;
    run(Command::new("tar")
        .args(["--strip-components=1", "--wildcards", "-C"])
        .arg(&fresh)
        .arg("-xf")
        .arg(&source)
        .args(PARTS))?;
    // Another machine's thread may have been faster; then that one is as good.
    if fs::rename(&fresh, &kept).is_err() {
        fs::remove_dir_all(&fresh)?;
    }
    Ok(kept)
}

/// The newest package of the kernel's source.
fn source() -> Result<PathBuf, Failure> {
    let mut found: Vec<_> = fs::read_dir(Path::new("/usr/src"))?
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with("linux-source-") && name.ends_with(".tar.xz")
        })
        .collect();
    found.sort();
    found
        .pop()
        .ok_or_else(|| Failure::new("the kernel's source is not in the build root"))
}
