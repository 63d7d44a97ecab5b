// SPDX-License-Identifier: GPL-2.0
//! The directory that a machine sees as `/lab`: what it needs goes in before the boot, results are taken out after.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::layout::{Kernel, Layout};
use crate::{ynl, Failure};

/// A share on the host's side.
pub struct Share {
    dir: PathBuf,
}

impl Share {
    /// A new one, with the module for the kernel (if there is to be one), the programs and the scenarios.
    pub fn new(layout: &Layout, name: &str, module_for: Option<&Kernel>) -> Result<Self, Failure> {
        let dir = layout.cache.join("run").join(name);
        let _ = fs::remove_dir_all(&dir);
        fs::create_dir_all(dir.join("lab/out"))?;
        let share = Self { dir };
        if let Some(kernel) = module_for {
            fs::copy(layout.module(kernel)?, share.path("shim6.ko"))?;
            fs::copy(layout.program("shim6")?, share.path("shim6"))?;
            share.take_library(layout)?;
        }
        fs::copy(
            layout.program("shim6-traffic")?,
            share.path("shim6-traffic"),
        )?;
        fs::copy(
            layout.tree.join("include/uapi/linux/shim6.h"),
            share.path("shim6.h"),
        )?;
        fs::copy(
            layout.tree.join("include/netlink/shim6.yaml"),
            share.path("shim6.yaml"),
        )?;
        copy(&ynl::client(layout)?, &share.path("ynl"))?;
        let from = layout.tree.join("tests/lab");
        copy(&from.join("."), &share.root())?;
        Ok(share)
    }

    /// The library for C and the examples that use it.
    fn take_library(&self, layout: &Layout) -> Result<(), Failure> {
        fs::copy(
            layout.program("c/libshim6.so.0")?,
            self.path("libshim6.so.0"),
        )?;
        fs::copy(
            layout.program("c/shim6-connection")?,
            self.path("connection-c"),
        )?;
        fs::copy(layout.program("c/shim6-wrong")?, self.path("wrong-c"))?;
        fs::copy(
            layout.program("examples/connection")?,
            self.path("connection-rust"),
        )?;
        let python = layout.tree.join("tools/libshim6-c/examples/connection.py");
        fs::copy(python, self.path("connection.py"))?;
        Ok(())
    }

    /// What the machine sees as `/lab`.
    pub fn root(&self) -> PathBuf {
        self.dir.join("lab")
    }

    /// A file in it.
    pub fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.root().join(name)
    }

    /// A file beside it, which the machine does not see.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// Writes a file for the machine.
    pub fn put(&self, name: &str, text: &str) -> Result<(), Failure> {
        fs::write(self.path(name), text)?;
        Ok(())
    }

    /// Copies the machine's results to a directory for people.
    pub fn take_results(&self, to: &Path) -> Result<(), Failure> {
        fs::create_dir_all(to)?;
        let copied = Command::new("cp")
            .arg("-r")
            .arg(self.path("out/."))
            .arg(to)
            .status()?;
        if copied.success() {
            return Ok(());
        }
        Err(Failure::new(format!(
            "the results cannot be copied to {}",
            to.display()
        )))
    }
}

/// Copies a directory.
fn copy(from: &Path, to: &Path) -> Result<(), Failure> {
    let copied = Command::new("cp").arg("-r").arg(from).arg(to).status()?;
    if copied.success() {
        return Ok(());
    }
    Err(Failure::new(format!("{} cannot be copied", from.display())))
}

/// A word that nothing inside a machine can know but by reading it from the share.
pub fn token() -> Result<String, Failure> {
    let mut random = [0u8; 8];
    std::io::Read::read_exact(&mut fs::File::open("/dev/urandom")?, &mut random)?;
    Ok(format!("lab-{:016x}", u64::from_be_bytes(random)))
}
