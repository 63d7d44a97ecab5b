// SPDX-License-Identifier: MIT OR GPL-2.0
//! Update Request and Update Acknowledgement (RFC 5533 sections 5.10 and 5.11).

use super::fault::{NoRoom, WireError};
use super::header::{field, ControlView};
use super::numbers::MessageType;
use super::options::{Announcement, Options};
use super::writer::Writer;
use super::{Nonce, Tag};

/// An Update Request: replaces the sender's locators, its preferences, or both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UpdateRequest<'a> {
    /// Receiver Context Tag.
    pub receiver_tag: Tag,
    /// Request Nonce, which the acknowledgement returns.
    pub request_nonce: Nonce,
    /// The news.
    pub announcement: Announcement<'a>,
}

/// An Update Acknowledgement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UpdateAck {
    /// Receiver Context Tag.
    pub receiver_tag: Tag,
    /// Request Nonce, copied from the Update Request.
    pub request_nonce: Nonce,
}

const REQUEST_NONCE: usize = 12;

impl<'a> UpdateRequest<'a> {
    pub(super) fn parse(view: &ControlView<'a>) -> Result<UpdateRequest<'a>, WireError> {
        let options = Options::parse(view, MessageType::UpdateRequest.fixed_len())?;
        Ok(UpdateRequest {
            receiver_tag: view.tag(field::TAG),
            request_nonce: view.nonce(REQUEST_NONCE),
            announcement: options.announcement,
        })
    }

    /// Writes the message; returns its length in octets.
    pub fn emit(&self, buffer: &mut [u8]) -> Result<usize, NoRoom> {
        let mut writer = Writer::new(buffer, MessageType::UpdateRequest, 0);
        writer.put(&self.receiver_tag.octets());
        writer.put(&self.request_nonce.0.to_be_bytes());
        self.announcement.emit(&mut writer);
        writer.finish()
    }
}

impl UpdateAck {
    pub(super) fn parse(view: &ControlView<'_>) -> Result<UpdateAck, WireError> {
        Options::parse_none(view, MessageType::UpdateAck.fixed_len())?;
        Ok(UpdateAck { receiver_tag: view.tag(field::TAG), request_nonce: view.nonce(REQUEST_NONCE) })
    }

    /// Writes the message; returns its length in octets.
    pub fn emit(&self, buffer: &mut [u8]) -> Result<usize, NoRoom> {
        let mut writer = Writer::new(buffer, MessageType::UpdateAck, 0);
        writer.put(&self.receiver_tag.octets());
        writer.put(&self.request_nonce.0.to_be_bytes());
        writer.finish()
    }
}
