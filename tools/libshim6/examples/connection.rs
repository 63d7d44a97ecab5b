// SPDX-License-Identifier: MIT OR GPL-2.0
//! A connection and its context, without any privilege: `connection LOCAL PEER PORT`.

use libshim6::socket::{ShimSocket, Side, SocketError};
use libshim6::Client;
use std::net::{Ipv6Addr, UdpSocket};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [local, peer, port] = &arguments[..] else {
        return Err("usage: connection LOCAL PEER PORT".into());
    };
    let (local, peer): (Ipv6Addr, Ipv6Addr) = (local.parse()?, peer.parse()?);
    let connection = UdpSocket::bind((local, 0))?;
    match ShimSocket::new(&connection).is_associated() {
        Err(SocketError::NotSupported) => println!("not connected yet"),
        other => return Err(format!("{other:?} before it is connected").into()),
    }
    connection.connect((peer, port.parse()?))?;
    let shim = ShimSocket::new(&connection);
    println!("associated: {}", shim.is_associated()?);
    for side in [Side::Local, Side::Peer] {
        for locator in shim.locators(side)? {
            println!("{side:?} locator {}", locator.address);
        }
    }
    let context = Client::open()?.context_of(&connection)?;
    println!(
        "context {} is {}, to {:?}",
        context.id,
        if context.is_switched() {
            "switched"
        } else {
            "where it began"
        },
        context.current
    );
    Ok(())
}
