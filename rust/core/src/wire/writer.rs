// SPDX-License-Identifier: MIT OR GPL-2.0
//! Writing a control message: fields in order, options padded with zeros, length and checksum at the end.

use super::checksum;
use super::fault::NoRoom;
use super::header::field;
use super::numbers::{MessageType, OptionType, NO_NEXT_HEADER};
use super::MAX_MESSAGE_LEN;
use crate::addr::Addr;

/// A message under construction. What does not fit is remembered, and told by [`Writer::finish`] alone.
pub(crate) struct Writer<'b> {
    buffer: &'b mut [u8],
    len: usize,
    overflow: bool,
}

impl<'b> Writer<'b> {
    /// Starts a message in `buffer`, which is used up to [`MAX_MESSAGE_LEN`] octets.
    pub fn new(buffer: &'b mut [u8], kind: MessageType, type_specific: u8) -> Writer<'b> {
        let room = buffer.len().min(MAX_MESSAGE_LEN);
        let (buffer, _) = buffer.split_at_mut(room);
        let mut writer = Writer { buffer, len: 0, overflow: false };
        writer.put(&[NO_NEXT_HEADER, 0, kind as u8, type_specific << 1, 0, 0]);
        writer
    }

    /// Appends octets.
    pub fn put(&mut self, octets: &[u8]) {
        match self.buffer.get_mut(self.len..self.len + octets.len()) {
            Some(room) => {
                room.copy_from_slice(octets);
                self.len += octets.len();
            }
            None => self.overflow = true,
        }
    }

    /// Appends an address.
    pub fn put_addr(&mut self, address: &Addr) {
        self.put(address.octets());
    }

    /// Appends zeros up to the next multiple of 8 octets.
    pub fn pad(&mut self) {
        let padding = self.len.wrapping_neg() % 8;
        self.put(&[0; 7][..padding.min(7)]);
    }

    /// Appends the header of an option with `len` octets of contents, C bit zero. The contents and [`Writer::pad`] follow.
    pub fn option_header(&mut self, kind: OptionType, len: usize) {
        match u16::try_from(len) {
            Ok(len) => {
                self.put(&((kind as u16) << 1).to_be_bytes());
                self.put(&len.to_be_bytes());
            }
            Err(_) => self.overflow = true,
        }
    }

    /// Appends a whole option.
    pub fn option(&mut self, kind: OptionType, contents: &[u8]) {
        self.option_header(kind, contents.len());
        self.put(contents);
        self.pad();
    }

    /// Writes length and checksum. Returns the message's length in octets.
    pub fn finish(self) -> Result<usize, NoRoom> {
        if self.overflow || self.len % 8 != 0 || self.len < 8 {
            return Err(NoRoom);
        }
        let units = u8::try_from(self.len / 8 - 1).map_err(|_| NoRoom)?;
        let message = self.buffer.get_mut(..self.len).ok_or(NoRoom)?;
        if let Some(length) = message.get_mut(field::HDR_EXT_LEN) {
            *length = units;
        }
        let sum = checksum::compute(message).to_be_bytes();
        if let Some(field) = message.get_mut(field::CHECKSUM..field::TAG) {
            field.copy_from_slice(&sum);
        }
        Ok(self.len)
    }
}
