// SPDX-License-Identifier: MIT OR GPL-2.0
//! The extended acknowledgement: the kernel's sentence about a refused request, and which of its attributes is meant.

use super::attributes::{Attributes, HEADER_LEN, NLA_HEADER_LEN};
use crate::spec::{Attribute, AttributeSet};
use crate::KernelError;

/// Where the attributes of a request begin, and which set they are of, so that they can be named.
#[derive(Clone, Copy)]
pub(crate) struct Layout {
    /// Octets between the netlink header and the first attribute.
    pub(crate) header_len: usize,
    /// The set, if its names are known.
    pub(crate) set: Option<&'static AttributeSet>,
}

/// Attributes of an extended acknowledgement (`enum nlmsgerr_attrs` of linux/netlink.h).
mod attribute {
    pub(super) const MESSAGE: u16 = 1;
    pub(super) const OFFSET: u16 = 2;
    pub(super) const MISSING_TYPE: u16 = 5;
    pub(super) const MISSING_NEST: u16 = 6;
}

/// `NLM_F_CAPPED` of linux/netlink.h: the refused request is quoted without its payload.
const CAPPED: u16 = 0x100;
/// `NLM_F_ACK_TLVS` of linux/netlink.h: attributes follow.
const HAS_ATTRIBUTES: u16 = 0x200;

/// Reads the payload of a message that ends an answer. None if all went well.
pub(super) fn read(
    payload: &[u8],
    kind: u16,
    flags: u16,
    request: &[u8],
    layout: Layout,
) -> Option<KernelError> {
    let (code, rest) = payload
        .split_first_chunk()
        .map_or((0, payload), |(code, rest)| {
            (i32::from_ne_bytes(*code), rest)
        });
    if code == 0 {
        return None;
    }
    let quoted = if i32::from(kind) == libc::NLMSG_DONE {
        0
    } else if flags & CAPPED != 0 {
        HEADER_LEN
    } else {
        (HEADER_LEN + request.len()).next_multiple_of(4)
    };
    let mut error = KernelError {
        errno: code.wrapping_neg(),
        message: None,
        attribute: None,
        is_missing: false,
        bounds: None,
    };
    if flags & HAS_ATTRIBUTES != 0 {
        describe(
            &mut error,
            Attributes::new(rest.get(quoted..).unwrap_or(&[])),
            request,
            layout,
        );
    }
    Some(error)
}

fn describe(error: &mut KernelError, told: Attributes<'_>, request: &[u8], layout: Layout) {
    error.message = told.string(attribute::MESSAGE);
    let Some(set) = layout.set else { return };
    let attributes = request.get(layout.header_len..).unwrap_or(&[]);
    let start = HEADER_LEN + layout.header_len;
    let place = |number| {
        told.u32(number)
            .and_then(|offset: u32| (offset as usize).checked_sub(start))
    };
    let named = if let Some(number) = told.u32(attribute::MISSING_TYPE) {
        error.is_missing = true;
        let nest = place(attribute::MISSING_NEST)
            .and_then(|offset| at(set, attributes, offset))
            .and_then(|a| a.nested);
        u16::try_from(number)
            .ok()
            .and_then(|number| nest.unwrap_or(set).by_number(number))
    } else {
        place(attribute::OFFSET).and_then(|offset| at(set, attributes, offset))
    };
    error.attribute = named.map(|attribute| attribute.name);
    error.bounds = named.and_then(|attribute| Some((attribute.min.unwrap_or(0), attribute.max?)));
}

/// The innermost attribute that begins at `offset` octets into `bytes`.
fn at(set: &'static AttributeSet, bytes: &[u8], offset: usize) -> Option<&'static Attribute> {
    let mut position = 0;
    for (number, value) in Attributes::new(bytes).iter() {
        let end = position + (NLA_HEADER_LEN + value.len()).next_multiple_of(4);
        if offset < end {
            let attribute = set.by_number(number)?;
            let inside = offset.checked_sub(position + NLA_HEADER_LEN);
            return match (inside, attribute.nested) {
                (Some(inside), Some(nested)) => at(nested, value, inside).or(Some(attribute)),
                _ => Some(attribute),
            };
        }
        position = end;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::netlink::Payload;
    use crate::spec;

    const LAYOUT: Layout = Layout {
        header_len: 4,
        set: Some(&spec::HBA),
    };

    fn request() -> Payload {
        let mut locator = Payload::default();
        locator.put_u32(spec::locator::PRIORITY, 5);
        locator.put_u32(spec::locator::WEIGHT, 500);
        let mut request = Payload::with_header(&[1, 1, 0, 0]);
        request.put_string(spec::hba::LABEL, "home");
        request.put_nest(spec::hba::LOCATOR, &locator);
        request
    }

    fn refusal(errno: i32, told: &Payload, capped: bool) -> KernelError {
        let request = request();
        let mut payload = (-errno).to_ne_bytes().to_vec();
        payload.extend([0; HEADER_LEN]);
        if !capped {
            payload.extend(request.bytes());
            payload.resize(payload.len().next_multiple_of(4), 0);
        }
        payload.extend(told.bytes());
        let flags = HAS_ATTRIBUTES | if capped { CAPPED } else { 0 };
        read(
            &payload,
            libc::NLMSG_ERROR as u16,
            flags,
            request.bytes(),
            LAYOUT,
        )
        .expect("it is a refusal")
    }

    #[test]
    fn the_sentence_and_the_attribute_inside_a_nest_are_told() {
        let mut told = Payload::default();
        told.put_string(attribute::MESSAGE, "integer out of range");
        // Netlink and generic header 20, label 4 + 8 (padded), nest 4, priority 8: the weight.
        told.put_u32(attribute::OFFSET, 20 + 12 + 4 + 8);
        for capped in [true, false] {
            let error = refusal(libc::ERANGE, &told, capped);
            assert_eq!(error.attribute, Some("weight"));
            assert_eq!(
                error.to_string(),
                "integer out of range (attribute weight, 0 to 255)"
            );
        }
    }

    #[test]
    fn a_missing_attribute_is_named() {
        let mut told = Payload::default();
        told.put_u32(attribute::MISSING_TYPE, u32::from(spec::hba::PDS));
        let error = refusal(libc::EINVAL, &told, true);
        assert_eq!(
            error.to_string(),
            "Invalid argument (attribute pds is missing)"
        );
    }

    #[test]
    fn no_code_means_no_error() {
        assert_eq!(
            read(
                &0i32.to_ne_bytes(),
                libc::NLMSG_ERROR as u16,
                0,
                &[],
                LAYOUT
            ),
            None
        );
        assert_eq!(read(&[], libc::NLMSG_DONE as u16, 0, &[], LAYOUT), None);
    }

    #[test]
    fn a_refusal_without_a_sentence_says_what_the_number_means() {
        let error = refusal(libc::EPERM, &Payload::default(), true);
        assert!(error.to_string().contains("CAP_NET_ADMIN"), "{error}");
    }
}
