// SPDX-License-Identifier: GPL-2.0
//! Writes the man pages of `shim6` into a directory: `shim6-pages DIRECTORY`. For `make install`, which does not install it.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let (Some(directory), None) = (arguments.next(), arguments.next()) else {
        eprintln!("usage: shim6-pages DIRECTORY");
        return ExitCode::from(1);
    };
    match write(&PathBuf::from(directory)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("shim6-pages: {error}");
            ExitCode::from(1)
        }
    }
}

fn write(directory: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(directory)?;
    for page in shim6::pages::pages() {
        std::fs::write(directory.join(page.file), page.text)?;
    }
    Ok(())
}
