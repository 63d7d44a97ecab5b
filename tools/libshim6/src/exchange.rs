// SPDX-License-Identifier: MIT OR GPL-2.0
//! The exchange with a peer as something to wait for, and the context of a connection.

use crate::spec::ContextState;
use crate::{Answer, Client, Context, ContextSelector, Error, Pair};
use rustix::net::{getpeername, getsockname, SocketAddrAny};
use std::net::SocketAddr;
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

/// How often a context is looked at while it is waited for.
const LOOK: Duration = Duration::from_millis(20);

impl Client {
    /// Runs the four-way exchange with a peer (RFC 5533 section 7) unless there is a context already, and waits until it is
    /// established, given up, or `timeout` is over; then returns the context as it is. Needs CAP_NET_ADMIN if there is none
    /// yet.
    pub fn establish(&mut self, ulids: Pair, timeout: Duration) -> Result<Context, Error> {
        self.wait_for(ulids, timeout, |context| {
            context.state == ContextState::Established
                || matches!(context.answer(), Answer::No | Answer::Silence)
        })
    }

    /// Asks whether a peer speaks Shim6, by the exchange itself. [`Answer::None`]: not known by the end of `timeout`.
    pub fn supports(&mut self, ulids: Pair, timeout: Duration) -> Result<Answer, Error> {
        self.wait_for(ulids, timeout, |context| context.answer() != Answer::None)
            .map(|context| context.answer())
    }

    fn wait_for(
        &mut self,
        ulids: Pair,
        timeout: Duration,
        is_over: impl Fn(&Context) -> bool,
    ) -> Result<Context, Error> {
        let selector = ContextSelector::Ulids(ulids, 0);
        match self.context(selector) {
            Ok(_) => {}
            Err(error) if error.is_not_there() => match self.add_context(ulids, 0) {
                Err(error) if !error.is_there_already() => return Err(error),
                _ => {}
            },
            Err(error) => return Err(error),
        }
        let end = Instant::now() + timeout;
        loop {
            let context = self.context(selector)?;
            if is_over(&context) || Instant::now() >= end {
                return Ok(context);
            }
            std::thread::sleep(LOOK.min(end.saturating_duration_since(Instant::now())));
        }
    }

    /// The default context of a connected socket's addresses, which it uses unless it has one of its own (RFC 6316
    /// section 11.1). Needs no privilege.
    pub fn context_of(&mut self, socket: &impl AsFd) -> Result<Context, Error> {
        self.context(ContextSelector::Ulids(ulids_of(socket)?, 0))
    }
}

/// The addresses of a connected socket of IPv6.
pub fn ulids_of(socket: &impl AsFd) -> Result<Pair, Error> {
    let failed =
        |errno: rustix::io::Errno| Error::system("read the addresses of the socket", errno.into());
    let local = getsockname(socket).map_err(failed)?;
    let peer = getpeername(socket).map_err(failed)?;
    let address = |any: Option<SocketAddrAny>| match any.map(SocketAddr::try_from) {
        Some(Ok(SocketAddr::V6(address))) => Ok(*address.ip()),
        _ => Err(failed(rustix::io::Errno::AFNOSUPPORT)),
    };
    Ok(Pair {
        local: address(Some(local))?,
        peer: address(peer)?,
    })
}
