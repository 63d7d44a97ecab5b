// SPDX-License-Identifier: MIT OR GPL-2.0
//! The socket options of RFC 6316, for the sockets of the calling program. They need no privilege.
//!
//! What would change a context that others share makes the socket have one of its own, for as long as it is open (RFC 6316
//! section 11.1); what is set holds from when that is established, some round trips later.

mod error;
mod option;
mod value;

pub use error::SocketError;
pub use value::{Direction, Indicator, PathExplore, SocketLocator, MAX_LOCATORS};

use option::Number;
use std::net::Ipv6Addr;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Duration;

/// A socket of IPv6 with its options of Shim6. It borrows the socket, which stays what it was.
#[derive(Clone, Copy, Debug)]
pub struct ShimSocket<'fd> {
    fd: BorrowedFd<'fd>,
}

/// Which of the two hosts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// This one.
    Local,
    /// The other one.
    Peer,
}

impl<'fd> ShimSocket<'fd> {
    /// The options of a socket.
    pub fn new(socket: &'fd impl AsFd) -> ShimSocket<'fd> {
        ShimSocket { fd: socket.as_fd() }
    }

    /// Whether a context is there for the socket (`SHIM_ASSOCIATED`, RFC 6316 section 6.1).
    pub fn is_associated(&self) -> Result<bool, SocketError> {
        self.number(option::ASSOCIATED).map(|value| value == 1)
    }

    /// Whether contexts are set up while data is exchanged already (`SHIM_DEFERRED_CONTEXT_SETUP`, section 6.14).
    pub fn is_setup_deferred(&self) -> Result<bool, SocketError> {
        self.number(option::DEFERRED_CONTEXT_SETUP)
            .map(|value| value == 1)
    }

    /// Whether packets of the socket pass the shim by (`SHIM_DONTSHIM`, section 6.2).
    pub fn is_shim_off(&self) -> Result<bool, SocketError> {
        self.number(option::DONTSHIM).map(|value| value == 1)
    }

    /// Has packets of the socket pass the shim by, or not. Only before it is connected; else
    /// [`SocketError::NotSupported`].
    pub fn set_shim_off(&self, off: bool) -> Result<(), SocketError> {
        self.set_number(option::DONTSHIM, off.into())
    }

    /// Whether an alternative pair of locators is kept known to work (`SHIM_HOT_STANDBY`, section 6.3).
    pub fn is_hot_standby(&self) -> Result<bool, SocketError> {
        self.number(option::HOT_STANDBY).map(|value| value == 1)
    }

    /// Keeps an alternative pair known to work, or not.
    pub fn set_hot_standby(&self, on: bool) -> Result<(), SocketError> {
        self.set_number(option::HOT_STANDBY, on.into())
    }

    /// The most preferred locator (`SHIM_LOC_LOCAL_PREF` and `SHIM_LOC_PEER_PREF`, sections 6.4 and 6.5).
    pub fn preferred(&self, side: Side) -> Result<Option<SocketLocator>, SocketError> {
        self.locator(option::preferred(side))
    }

    /// Gives a locator the preference that is in it.
    pub fn set_preference(&self, side: Side, locator: &SocketLocator) -> Result<(), SocketError> {
        option::set(
            self.fd,
            option::preferred(side),
            &value::write_locator(Some(locator)),
        )
    }

    /// Takes all preferences of that side back.
    pub fn clear_preferences(&self, side: Side) -> Result<(), SocketError> {
        option::set(
            self.fd,
            option::preferred(side),
            &value::write_locator(None),
        )
    }

    /// The locator that was chosen for what is sent (`SHIM_LOC_LOCAL_SEND` and `SHIM_LOC_PEER_SEND`, sections 6.8 and 6.9).
    pub fn chosen(&self, side: Side) -> Result<Option<SocketLocator>, SocketError> {
        self.locator(option::chosen(side))
    }

    /// Chooses a locator for what is sent, or none in particular. One of the peer's at which it was never reached is refused
    /// ([`SocketError::UnverifiedLocator`]), and looked for: it is soon accepted if the peer is there.
    pub fn choose(&self, side: Side, address: Option<Ipv6Addr>) -> Result<(), SocketError> {
        let locator = address.map(SocketLocator::new);
        option::set(
            self.fd,
            option::chosen(side),
            &value::write_locator(locator.as_ref()),
        )
    }

    /// The locators that may be used (`SHIM_LOCLIST_LOCAL` and `SHIM_LOCLIST_PEER`, sections 6.10 and 6.11).
    pub fn locators(&self, side: Side) -> Result<Vec<SocketLocator>, SocketError> {
        let mut octets = [0; MAX_LOCATORS * value::LOCATOR];
        let written = option::get(self.fd, option::list(side), &mut octets)?;
        Ok(octets[..written]
            .chunks_exact(value::LOCATOR)
            .filter_map(value::read_locator)
            .collect())
    }

    /// Uses these locators and no others, or all if there are none here.
    pub fn set_locators(&self, side: Side, locators: &[SocketLocator]) -> Result<(), SocketError> {
        let octets: Vec<u8> = locators
            .iter()
            .flat_map(|one| value::write_locator(Some(one)))
            .collect();
        option::set(self.fd, option::list(side), &octets)
    }

    /// Has the locators of received packets kept (`SHIM_LOC_LOCAL_RECV` and `SHIM_LOC_PEER_RECV`, sections 6.6 and 6.7).
    pub fn set_keep_arrivals(&self, side: Side, on: bool) -> Result<(), SocketError> {
        self.set_number(option::received(side), on.into())
    }

    /// The locator of the last packet received, while [`ShimSocket::set_keep_arrivals`] is on.
    pub fn arrival(&self, side: Side) -> Result<Option<SocketLocator>, SocketError> {
        self.locator(option::received(side))
    }

    /// The Send Timeout, none if it is that of the host's setting (`SHIM_APP_TIMEOUT`, section 6.12).
    pub fn send_timeout(&self) -> Result<Option<Duration>, SocketError> {
        let seconds = self.number(option::APP_TIMEOUT)?;
        Ok(u64::try_from(seconds)
            .ok()
            .filter(|seconds| *seconds != 0)
            .map(Duration::from_secs))
    }

    /// Changes the Send Timeout: 1 to 100 whole seconds, what is less is rounded up; none: the host's setting.
    pub fn set_send_timeout(&self, timeout: Option<Duration>) -> Result<(), SocketError> {
        let seconds = timeout.map_or(0, |timeout| timeout.as_millis().div_ceil(1000));
        self.set_number(
            option::APP_TIMEOUT,
            i32::try_from(seconds).unwrap_or(i32::MAX),
        )
    }

    /// The parameters of failure detection and exploration (`SHIM_PATHEXPLORE`, section 6.13).
    pub fn path_explore(&self) -> Result<PathExplore, SocketError> {
        let mut octets = [0; value::PATHEXPLORE];
        option::get(self.fd, option::PATHEXPLORE, &mut octets)?;
        Ok(value::read_path_explore(&octets))
    }

    /// Changes them; zero in a field stands for the host's setting.
    pub fn set_path_explore(&self, parameters: &PathExplore) -> Result<(), SocketError> {
        option::set(
            self.fd,
            option::PATHEXPLORE,
            &value::write_path_explore(parameters),
        )
    }

    /// Tells the shim what the application sees of the path (`SHIM_FEEDBACK`, section 7.3). What is not satisfactory makes
    /// it test the pair in use, and others at the same time.
    pub fn feed_back(&self, direction: Direction, indicator: Indicator) -> Result<(), SocketError> {
        option::set(
            self.fd,
            option::FEEDBACK,
            &[direction as u8, indicator as u8, 0, 0],
        )
    }

    fn number(&self, option: Number) -> Result<i32, SocketError> {
        let mut octets = [0; 4];
        option::get(self.fd, option, &mut octets)?;
        Ok(i32::from_ne_bytes(octets))
    }

    fn set_number(&self, option: Number, value: i32) -> Result<(), SocketError> {
        option::set(self.fd, option, &value.to_ne_bytes())
    }

    fn locator(&self, option: Number) -> Result<Option<SocketLocator>, SocketError> {
        let mut octets = [0; value::LOCATOR];
        option::get(self.fd, option, &mut octets)?;
        Ok(value::read_locator(&octets))
    }
}
