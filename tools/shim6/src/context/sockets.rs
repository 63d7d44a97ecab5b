// SPDX-License-Identifier: GPL-2.0
//! Which sockets ride on a context: those between its ULIDs, with the processes that have them open, as far as the user may
//! see these.

use crate::failure::Failure;
use libshim6::sock_diag::{sockets, Socket};
use libshim6::{Context, Pair};
use serde_json::{json, Value};
use std::collections::HashMap;
use std::fs;
use std::path::Path;

/// A process with a socket.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Process {
    id: u32,
    name: String,
}

/// The sockets of the namespace by their addresses, and the processes by their sockets.
pub(super) struct Riders {
    sockets: HashMap<Pair, Vec<Socket>>,
    processes: HashMap<u32, Vec<Process>>,
}

impl Riders {
    /// Asks the kernel.
    pub(super) fn find() -> Result<Riders, Failure> {
        let mut by_pair: HashMap<Pair, Vec<Socket>> = HashMap::new();
        for socket in sockets()? {
            by_pair.entry(socket.addresses).or_default().push(socket);
        }
        let processes = if by_pair.is_empty() {
            HashMap::new()
        } else {
            processes(Path::new("/proc"))
        };
        Ok(Riders {
            sockets: by_pair,
            processes,
        })
    }

    fn of(&self, context: &Context) -> &[Socket] {
        // Packets without a choice of their own go by the default context of their addresses.
        if context.fii != 0 {
            return &[];
        }
        self.sockets.get(&context.ulids).map_or(&[], Vec::as_slice)
    }

    fn processes(&self, socket: &Socket) -> &[Process] {
        self.processes.get(&socket.inode).map_or(&[], Vec::as_slice)
    }

    /// A line for each socket.
    pub(super) fn to_text(&self, context: &Context) -> Vec<String> {
        let line = |socket: &Socket| {
            let processes: Vec<_> = self
                .processes(socket)
                .iter()
                .map(|process| format!(" {}({})", process.name, process.id))
                .collect();
            format!(
                "socket {} {} port {} peer-port {} user {}{}",
                socket.protocol,
                socket.state,
                socket.local_port,
                socket.peer_port,
                socket.user,
                processes.concat()
            )
        };
        self.of(context).iter().map(line).collect()
    }

    pub(super) fn to_json(&self, context: &Context) -> Value {
        let one = |socket: &Socket| {
            let processes: Value = self
                .processes(socket)
                .iter()
                .map(|process| json!({ "pid": process.id, "name": process.name }))
                .collect();
            json!({
                "protocol": socket.protocol,
                "state": socket.state,
                "local_port": socket.local_port,
                "peer_port": socket.peer_port,
                "user": socket.user,
                "inode": socket.inode,
                "processes": processes,
            })
        };
        self.of(context).iter().map(one).collect()
    }
}

/// Which processes have which sockets open. Those that this user may not look into are left out, as `ss -p` does.
fn processes(proc: &Path) -> HashMap<u32, Vec<Process>> {
    let mut processes: HashMap<u32, Vec<Process>> = HashMap::new();
    let entries = fs::read_dir(proc).into_iter().flatten().flatten();
    for entry in entries {
        let Ok(id) = entry.file_name().to_string_lossy().parse() else {
            continue;
        };
        let files = fs::read_dir(entry.path().join("fd"));
        let mut inodes: Vec<u32> = files
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|file| inode(&fs::read_link(file.path()).ok()?.to_string_lossy()))
            .collect();
        inodes.sort_unstable();
        inodes.dedup();
        if inodes.is_empty() {
            continue;
        }
        let name = fs::read_to_string(entry.path().join("comm")).unwrap_or_default();
        for inode in inodes {
            processes.entry(inode).or_default().push(Process {
                id,
                name: name.trim().to_owned(),
            });
        }
    }
    processes
}

/// The number in the name of a socket's file, as `socket:[1234]`.
fn inode(name: &str) -> Option<u32> {
    let digits = name.strip_prefix("socket:[")?.strip_suffix(']')?;
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::fd::AsRawFd;
    use std::os::unix::net::UnixStream;

    #[test]
    fn this_process_is_found_by_a_socket_of_its_own() {
        let (socket, _other) = UnixStream::pair().expect("two sockets");
        let path = format!("/proc/self/fd/{}", socket.as_raw_fd());
        let name = fs::read_link(path).expect("it is open");
        let number = inode(&name.to_string_lossy()).expect("a socket");
        let processes = processes(Path::new("/proc"));
        let found = processes.get(&number).expect("it is found");
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].id, std::process::id());
    }
}
