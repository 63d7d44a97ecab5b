// SPDX-License-Identifier: GPL-2.0
//! Datagrams to very many peers in turn: each packet belongs to another context than the one before it.

use std::io;
use std::net::{Ipv6Addr, SocketAddrV6};
use std::time::Instant;

use crate::peers;
use crate::place::Place;

const PORT: u16 = 5030;
const OCTETS: usize = 64;

/// `HOST ADDRESS PEERS COUNT`: COUNT datagrams from ADDRESS to the first PEERS peers, one after the other. Prints the time per
/// datagram.
pub fn run(words: &[&str]) -> io::Result<()> {
    let [host, address, peers, count] = words else {
        return Err(io::Error::other(crate::USAGE));
    };
    let from = Place {
        host: (*host).to_owned(),
        address: crate::number::<Ipv6Addr>(address)?,
    };
    let (peers, count): (u32, u64) = (crate::number(peers)?, crate::number(count)?);
    let socket = from.datagrams(PORT)?;
    let to: Vec<SocketAddrV6> = (0..peers)
        .map(|peer| SocketAddrV6::new(peers::address(peer), PORT, 0, 0))
        .collect();
    let message = [0u8; OCTETS];
    let mut lost = 0u64;
    let began = Instant::now();
    for to in to.iter().cycle().take(count as usize) {
        lost += u64::from(socket.send_to(&message, to).is_err());
    }
    let seconds = began.elapsed().as_secs_f64();
    println!(
        "{{\"sent\": {count}, \"refused\": {lost}, \"seconds\": {seconds:.6}, \"ns_per_packet\": {:.2}}}",
        seconds * 1e9 / count as f64
    );
    Ok(())
}
