// SPDX-License-Identifier: GPL-2.0
//! The unit for systemd, and the example of the configuration that it restores.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn read(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("systemd")
        .join(name);
    fs::read_to_string(path).expect("it is there")
}

/// A new directory of this test.
fn directory(name: &str) -> PathBuf {
    let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&directory);
    fs::create_dir_all(&directory).expect("it is made");
    directory
}

#[test]
fn systemd_finds_nothing_wrong_with_the_unit() {
    let command = Path::new(env!("CARGO_BIN_EXE_shim6"));
    let place = command.parent().expect("it is in one").display();
    let path = directory("unit").join("shim6.service");
    let unit = read("shim6.service.in").replace("@SBINDIR@", &place.to_string());
    fs::write(&path, unit).expect("it is written");
    let output = Command::new("systemd-analyze")
        .args(["verify", "--man=no"])
        .arg(&path)
        .output();
    let output = match output {
        Err(error) if std::env::var_os("SHIM6_IN_ROOT").is_none() => {
            eprintln!("systemd is not asked: {error}");
            return;
        }
        output => output.expect("systemd-analyze runs"),
    };
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert!(output.status.success());
}

#[test]
fn the_example_configuration_is_right() {
    let shim6 = |arguments: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_shim6"))
            .args(arguments)
            .output()
            .expect("the command runs")
    };
    let directory = directory("configuration");
    let set = directory.join("home.hba").display().to_string();
    let prefixes = ["2001:db8:1:a::/64", "2001:db8:2:a::/64"];
    let made = shim6(&["hba", "generate", prefixes[0], prefixes[1], "file", &set]);
    assert!(made.status.success());
    let example = read("shim6.conf");
    let path = directory.join("shim6.conf").display().to_string();
    let with_set = example.replace("/etc/shim6/home.hba", &set);
    // Its interfaces are to be there; this host need not have those of the example.
    let interfaces = |name| with_set.replace("eth0", name).replace("eth1", name);
    for (text, status) in [
        (interfaces("lo"), 0),
        (interfaces("nowhere"), 1),
        (example, 1),
    ] {
        fs::write(&path, text).expect("it is written");
        let checked = shim6(&["restore", &path, "check"]);
        assert_eq!(checked.status.code(), Some(status), "{checked:?}");
    }
}
