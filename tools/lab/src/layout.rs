// SPDX-License-Identifier: GPL-2.0
//! Where things are: the tree, the cache, the kernels of the build root, and the programs that a machine needs.

use std::fs;
use std::path::{Path, PathBuf};

use crate::Failure;

/// The places the lab works with; all of them inside the build root.
pub struct Layout {
    /// The source tree.
    pub tree: PathBuf,
    /// What may be kept from one run to the next: the image, the machines' working directories.
    pub cache: PathBuf,
    /// Results for people.
    pub out: PathBuf,
    /// Directories that may hold `shim6.ko`, `KERNEL/shim6.ko` or `FLAVOUR/shim6.ko`, in this order.
    pub modules: Vec<PathBuf>,
    /// Directory of the programs `shim6` and `shim6-traffic`.
    pub programs: PathBuf,
}

/// One of Debian's kernels, as installed in the build root.
#[derive(Clone, PartialEq, Eq)]
pub struct Kernel {
    /// Its release, such as `7.3.4+deb13-cloud-amd64`.
    pub release: String,
    /// The kernel image.
    pub image: PathBuf,
}

impl Kernel {
    /// `cloud-amd64` or `amd64`.
    pub fn flavour(&self) -> &'static str {
        if self.release.ends_with("-cloud-amd64") {
            "cloud-amd64"
        } else {
            "amd64"
        }
    }
}

impl Layout {
    /// The newest installed kernel of each flavour, the cloud flavour first.
    pub fn kernels(&self) -> Result<Vec<Kernel>, Failure> {
        let mut found: Vec<Kernel> = fs::read_dir("/usr/lib/modules")
            .map_err(|e| Failure::new(format!("no kernel is installed in the build root: {e}")))?
            .flatten()
            .map(|entry| Kernel {
                release: entry.file_name().to_string_lossy().into_owned(),
                image: entry.path().join("vmlinuz"),
            })
            .filter(|kernel| kernel.image.exists())
            .collect();
        found.sort_by_key(|kernel| {
            (
                kernel.flavour() == "amd64",
                std::cmp::Reverse(version_key(&kernel.release)),
            )
        });
        found.dedup_by_key(|kernel| kernel.flavour());
        Ok(found)
    }

    /// The kernel of one flavour.
    pub fn kernel(&self, flavour: &str) -> Result<Kernel, Failure> {
        self.kernels()?
            .into_iter()
            .find(|kernel| kernel.flavour() == flavour)
            .ok_or_else(|| {
                Failure::new(format!(
                    "no kernel of the flavour {flavour} is installed in the build root"
                ))
            })
    }

    /// The module built for a kernel.
    pub fn module(&self, kernel: &Kernel) -> Result<PathBuf, Failure> {
        self.modules
            .iter()
            .flat_map(|dir| {
                [
                    dir.join(&kernel.release),
                    dir.join(kernel.flavour()),
                    dir.clone(),
                ]
            })
            .map(|dir| dir.join("shim6.ko"))
            .find(|path| is_for(path, kernel))
            .ok_or_else(|| {
                Failure::new(format!(
                    "no shim6.ko for {} was built: run make first",
                    kernel.release
                ))
            })
    }

    /// A program of the workspace, built.
    pub fn program(&self, name: &str) -> Result<PathBuf, Failure> {
        let path = self.programs.join(name);
        if path.exists() {
            return Ok(path);
        }
        Err(Failure::new(format!(
            "{} is not built: run make first",
            path.display()
        )))
    }

    /// The scenarios of a directory under `tests/lab`, by name, in order.
    pub fn scenarios(&self, kind: &str) -> Result<Vec<String>, Failure> {
        let dir = self.tree.join("tests/lab").join(kind);
        let mut names: Vec<String> = fs::read_dir(&dir)
            .map_err(|e| Failure::new(format!("{}: {e}", dir.display())))?
            .flatten()
            .filter_map(|entry| {
                entry
                    .file_name()
                    .to_str()?
                    .strip_suffix(".sh")
                    .map(str::to_owned)
            })
            .collect();
        names.sort();
        Ok(names)
    }
}

/// Whether the module's `vermagic` names this kernel; a module of the other flavour would only be refused at load.
fn is_for(path: &Path, kernel: &Kernel) -> bool {
    let Ok(bytes) = fs::read(path) else {
        return false;
    };
    let magic = format!("vermagic={} ", kernel.release);
    bytes
        .windows(magic.len())
        .any(|window| window == magic.as_bytes())
}

/// Numbers of a release compare as numbers.
fn version_key(release: &str) -> Vec<u64> {
    release
        .split(|c: char| !c.is_ascii_digit())
        .filter_map(|n| n.parse().ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn newer_releases_sort_higher() {
        assert!(version_key("7.3.10+deb13-amd64") > version_key("7.3.4+deb13-amd64"));
    }
}
