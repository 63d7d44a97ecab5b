// SPDX-License-Identifier: GPL-2.0
//! The disk of every lab machine: a slim copy of the build root as an ext4 image, made anew only when the root changed.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::layout::Layout;
use crate::{progress, Failure};

const INIT: &str = include_str!("../guest/init");
const EXCLUDE: &str = include_str!("../guest/exclude");

/// Parts of the root that a machine may need. Everything else stays out.
const PARTS: &[&str] = &[
    "bin",
    "sbin",
    "lib",
    "lib64",
    "usr",
    "etc",
    "var/lib/nginx",
    "var/log/nginx",
];
/// Empty directories it needs.
const PLACES: &[&str] = &[
    "proc",
    "sys",
    "dev",
    "tmp",
    "run",
    "lab",
    "root",
    "var/tmp",
    "var/log/nginx",
    "var/lib/nginx",
];
/// Kernel modules that the lab uses, as places under `kernel/`.
const KERNEL_PARTS: &[&str] = &[
    "net",
    "crypto",
    "lib",
    "arch",
    "drivers/virtio",
    "drivers/ptp",
    "drivers/pps",
    "drivers/dca",
    "drivers/i2c/algos",
    "drivers/net/ethernet/intel",
    "drivers/net/wireguard",
    "drivers/net/vxlan",
    "drivers/net/veth.ko.xz",
    "drivers/net/virtio_net.ko.xz",
    "drivers/net/net_failover.ko.xz",
    "drivers/net/dummy.ko.xz",
    "drivers/net/nlmon.ko.xz",
    "drivers/net/macvlan.ko.xz",
    "drivers/net/tun.ko.xz",
    "drivers/net/ifb.ko.xz",
];
/// Size of the image: the slim root takes about 350 MB, the rest is room for a download.
const SIZE: &str = "1200M";

/// The image, made if it is not there or not up to date.
pub fn image(layout: &Layout) -> Result<PathBuf, Failure> {
    let dir = layout.cache.join("image");
    let (image, stamp) = (dir.join("root.img"), dir.join("stamp"));
    let inputs = inputs(layout)?;
    if image.exists() && fs::read_to_string(&stamp).is_ok_and(|old| old == inputs) {
        return Ok(image);
    }
    progress("making the machines' disk image");
    let slim = dir.join("slim");
    let _ = fs::remove_file(&stamp);
    remove_tree(&slim)?;
    fs::create_dir_all(&slim)?;
    copy_root(&dir, &slim)?;
    for place in PLACES {
        fs::create_dir_all(slim.join(place))?;
    }
    for kernel in layout.kernels()? {
        copy_modules(&slim, &kernel.release)?;
    }
    let init = slim.join("sbin/labinit");
    fs::write(&init, INIT)?;
    run(Command::new("chmod").arg("755").arg(&init))?;
    let fresh = dir.join("root.img.new");
    let _ = fs::remove_file(&fresh);
    run(Command::new("mke2fs")
        .args([
            "-q",
            "-F",
            "-t",
            "ext4",
            "-O",
            "^has_journal",
            "-m",
            "0",
            "-d",
        ])
        .arg(&slim)
        .arg(&fresh)
        .arg(SIZE))?;
    fs::rename(&fresh, &image)?;
    remove_tree(&slim)?;
    fs::write(&stamp, inputs)?;
    Ok(image)
}

/// What the image depends on: the packages of the root, its kernels, and what is put into it here.
fn inputs(layout: &Layout) -> Result<String, Failure> {
    let mut hasher = DefaultHasher::new();
    fs::read("/var/lib/dpkg/status")?.hash(&mut hasher);
    (INIT, EXCLUDE, PARTS, PLACES, KERNEL_PARTS, SIZE).hash(&mut hasher);
    for kernel in layout.kernels()? {
        kernel.release.hash(&mut hasher);
    }
    Ok(format!("{:016x}\n", hasher.finish()))
}

fn copy_root(dir: &Path, slim: &Path) -> Result<(), Failure> {
    let exclude = dir.join("exclude");
    fs::write(&exclude, EXCLUDE)?;
    let parts = PARTS
        .iter()
        .filter(|part| Path::new("/").join(part).symlink_metadata().is_ok());
    let mut pack = Command::new("tar")
        .current_dir("/")
        .arg(format!("--exclude-from={}", exclude.display()))
        .arg("--one-file-system")
        .arg("-cf")
        .arg("-")
        .args(parts)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let packed = pack
        .stdout
        .take()
        .ok_or_else(|| Failure::new("tar gave nothing"))?;
    run(Command::new("tar")
        .arg("-C")
        .arg(slim)
        .arg("-xf")
        .arg("-")
        .stdin(packed))?;
    pack.wait()?;
    Ok(())
}

fn copy_modules(slim: &Path, release: &str) -> Result<(), Failure> {
    let from = Path::new("/usr/lib/modules").join(release);
    let to = slim.join("usr/lib/modules").join(release);
    fs::create_dir_all(&to)?;
    for entry in fs::read_dir(&from)?.flatten() {
        let name = entry.file_name();
        if name.to_string_lossy().starts_with("modules.builtin") || name == "modules.order" {
            fs::copy(entry.path(), to.join(name))?;
        }
    }
    for part in KERNEL_PARTS
        .iter()
        .map(|part| Path::new("kernel").join(part))
    {
        if let (true, Some(parent)) = (from.join(&part).exists(), part.parent()) {
            fs::create_dir_all(to.join(parent))?;
            run(Command::new("cp")
                .arg("-r")
                .arg(from.join(&part))
                .arg(to.join(parent)))?;
        }
    }
    run(Command::new("depmod").arg("-b").arg(slim).arg(release))
}

fn remove_tree(dir: &Path) -> Result<(), Failure> {
    run(Command::new("rm").arg("-rf").arg(dir))
}

/// Runs a program that must succeed.
pub fn run(command: &mut Command) -> Result<(), Failure> {
    let status = command
        .status()
        .map_err(|e| Failure::new(format!("{:?}: {e}", command.get_program())))?;
    if status.success() {
        return Ok(());
    }
    Err(Failure::new(format!(
        "{:?} failed: {status}",
        command.get_program()
    )))
}
