// SPDX-License-Identifier: GPL-2.0
//! `shim6 save`: the configuration that is in place, as a text.

use crate::configuration::{directory, Configuration};
use crate::failure::Failure;
use crate::grammar::{Grammar, Keyword};
use crate::hba;
use crate::output::Output;
use crate::show::Interfaces;
use libshim6::{Client, Error, SetFile};
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Where the files of sets are looked for.
const DIRECTORY: &str = "/etc/shim6";

/// The largest file that may be one of a set.
const LARGEST: u64 = 64 * 1024;

/// The words of `save`.
pub(crate) const GRAMMAR: Grammar = Grammar {
    verb: "save",
    plain: None,
    keywords: &[
        Keyword::new("file", "FILE", "Where to keep it, in place of what is there; without it, it goes to the standard output"),
        Keyword::repeatable("hba", "FILE", "The file of a set that is loaded, if it is neither in /etc/shim6 nor beside the configuration"),
    ],
};

/// Writes the configuration.
pub(crate) fn act(words: &[&str], output: &mut Output) -> Result<(), Failure> {
    let words = GRAMMAR.read(words).map_err(Failure::Usage)?;
    let path = words.get("file").filter(|path| *path != "-");
    let mut files = Vec::new();
    for name in words.all("hba") {
        files.push((absolute(Path::new(name))?, hba::read(name)?));
    }
    if let Some(directory) = path.map(|path| directory(Path::new(path))) {
        files.extend(set_files(&absolute(&directory)?));
    }
    files.extend(set_files(Path::new(DIRECTORY)));
    let mut client = Client::open()?;
    let interfaces = Interfaces::ask()?;
    let configuration = Configuration::of(
        &client.settings()?,
        &client.sets()?.items,
        &client.policy()?.items,
        &files,
        |index| interfaces.name(index),
    )
    .map_err(|problem| Failure::usage(format!("save: {problem}")))?;
    let text = configuration.to_text();
    match path {
        None => output.text(&text),
        Some(path) => write(Path::new(path), &text),
    }
}

fn absolute(path: &Path) -> Result<PathBuf, Failure> {
    let error = |error| Error::system(format!("find {}", path.display()), error);
    fs::canonicalize(path).map_err(|reason| Failure::Usage(error(reason).to_string()))
}

/// The sets in the files of a directory.
fn set_files(directory: &Path) -> Vec<(PathBuf, SetFile)> {
    let mut paths: Vec<_> = fs::read_dir(directory)
        .into_iter()
        .flatten()
        .flatten()
        .filter(|entry| {
            fs::metadata(entry.path()).is_ok_and(|file| file.is_file() && file.len() <= LARGEST)
        })
        .map(|entry| entry.path())
        .collect();
    paths.sort();
    paths
        .into_iter()
        .filter_map(|path| Some((path.clone(), SetFile::read(&path).ok()?)))
        .collect()
}

/// Puts a text in place of a file, so that there is the old one or the new one at any time.
fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    let draft = PathBuf::from(name);
    let put = || -> std::io::Result<()> {
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o644)
            .open(&draft)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&draft, path)?;
        File::open(directory(path))?.sync_all()
    };
    put().map_err(|error| {
        // A draft that cannot be removed either is not what went wrong.
        let _ = fs::remove_file(&draft);
        Failure::Usage(Error::system(format!("write {}", path.display()), error).to_string())
    })
}
