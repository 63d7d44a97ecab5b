// SPDX-License-Identifier: GPL-2.0
//! Why the command failed, and the exit status that goes with it.

use std::fmt;
use std::io;
use std::process::ExitCode;

/// Why the command failed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The command line or a file is wrong: exit status 1.
    Usage(String),
    /// The kernel refused: exit status 2.
    Kernel(String),
    /// The reader of the output is gone, which is its own business.
    Pipe,
    /// It was told on the standard output already: exit status 2.
    Told,
}

impl Failure {
    pub(crate) fn usage(text: String) -> Failure {
        Failure::Usage(text)
    }

    /// Tells it on the standard error, and gives the exit status.
    pub(crate) fn report(&self) -> ExitCode {
        match self {
            Failure::Usage(_) | Failure::Kernel(_) => eprintln!("Error: {self}"),
            Failure::Pipe | Failure::Told => {}
        }
        match self {
            Failure::Usage(_) => ExitCode::from(1),
            Failure::Kernel(_) | Failure::Told => ExitCode::from(2),
            Failure::Pipe => ExitCode::SUCCESS,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Usage(text) | Failure::Kernel(text) => f.write_str(text),
            Failure::Pipe | Failure::Told => Ok(()),
        }
    }
}

impl From<libshim6::Error> for Failure {
    fn from(error: libshim6::Error) -> Failure {
        Failure::Kernel(error.to_string())
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Failure {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Failure::Pipe,
            _ => Failure::Kernel(format!("cannot write the output: {error}")),
        }
    }
}
