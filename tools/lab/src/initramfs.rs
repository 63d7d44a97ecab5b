// SPDX-License-Identifier: GPL-2.0
//! A first root in memory, for kernels whose disk driver or file system are modules (Debian's `amd64`; the cloud flavour has both built in).

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::layout::{Kernel, Layout};
use crate::{image, Failure};

const INIT: &str = include_str!("../guest/initramfs");
/// What must be there before the disk can be mounted.
const NEEDED: [&str; 2] = ["nvme", "ext4"];

/// The initramfs for a kernel, or none where it needs none.
pub fn initramfs(layout: &Layout, kernel: &Kernel) -> Result<Option<PathBuf>, Failure> {
    let modules = modules(&kernel.release)?;
    if modules.is_empty() {
        return Ok(None);
    }
    let made = layout
        .cache
        .join("image")
        .join(format!("{}.cpio", kernel.release));
    let dir = made.with_extension("dir");
    let _ = fs::remove_dir_all(&dir);
    fs::create_dir_all(dir.join("modules"))?;
    fs::create_dir_all(dir.join("bin"))?;
    fs::copy("/bin/busybox", dir.join("bin/busybox"))?;
    fs::write(dir.join("init"), INIT)?;
    let mut order = String::new();
    for path in &modules {
        let name = path
            .file_name()
            .map(|n| n.to_string_lossy().trim_end_matches(".xz").to_owned())
            .unwrap_or_default();
        let unpacked = Command::new("xz").arg("-dc").arg(path).output()?;
        fs::write(dir.join("modules").join(&name), unpacked.stdout)?;
        order += &format!("{name}\n");
    }
    fs::write(dir.join("modules/order"), order)?;
    image::run(Command::new("chmod").arg("755").arg(dir.join("init")))?;
    image::run(
        Command::new("sh")
            .current_dir(&dir)
            .arg("-c")
            .arg("find . | cpio -o -H newc --quiet > \"$0\"")
            .arg(&made),
    )?;
    fs::remove_dir_all(&dir)?;
    Ok(Some(made))
}

/// The files to load, in order.
fn modules(release: &str) -> Result<Vec<PathBuf>, Failure> {
    let mut found = Vec::new();
    for module in NEEDED {
        let said = Command::new("modprobe")
            .args(["-S", release, "--show-depends", module])
            .output()?;
        if !said.status.success() {
            return Err(Failure::new(format!(
                "{release} has neither {module} built in nor as a module"
            )));
        }
        for line in String::from_utf8_lossy(&said.stdout).lines() {
            if let Some(path) = line
                .strip_prefix("insmod ")
                .map(|path| PathBuf::from(path.trim()))
            {
                if !found.contains(&path) {
                    found.push(path);
                }
            }
        }
    }
    Ok(found)
}
