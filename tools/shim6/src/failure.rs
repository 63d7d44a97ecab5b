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
    /// It was told already; the exit status is left.
    Told(u8),
}

impl Failure {
    pub(crate) fn usage(text: String) -> Failure {
        Failure::Usage(text)
    }

    /// Told on the standard output, that the kernel side does not do what was asked.
    pub(crate) const SAID: Failure = Failure::Told(2);

    /// Tells it on the standard error.
    pub(crate) fn tell(&self) {
        match self {
            Failure::Usage(_) | Failure::Kernel(_) => eprintln!("Error: {self}"),
            Failure::Pipe | Failure::Told(_) => {}
        }
    }

    /// Tells it on the standard error, and gives the exit status.
    pub(crate) fn report(&self) -> ExitCode {
        self.tell();
        ExitCode::from(self.status())
    }

    /// What is left of it when it was told.
    pub(crate) fn told(&self) -> Failure {
        Failure::Told(self.status())
    }

    fn status(&self) -> u8 {
        match self {
            Failure::Pipe => 0,
            Failure::Usage(_) => 1,
            Failure::Kernel(_) => 2,
            Failure::Told(status) => *status,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Usage(text) | Failure::Kernel(text) => f.write_str(text),
            Failure::Pipe | Failure::Told(_) => Ok(()),
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
