// SPDX-License-Identifier: MIT OR GPL-2.0
//! What the tests of formats share: hex, addresses, and the two HBA sets that the golden messages speak of.

#![allow(dead_code, reason = "each test binary uses its part")]

use shim6_core::addr::Addr;

/// Octets of a text in hexadecimal; everything from "#" to the end of a line is comment.
pub fn hex(text: &str) -> Vec<u8> {
    let digits: String = text.lines().map(|line| line.split('#').next().unwrap_or("")).collect();
    let digits: Vec<u8> =
        digits.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_digit(16).expect("hex digit") as u8).collect();
    assert_eq!(digits.len() % 2, 0, "half an octet");
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

/// An address from its text.
pub fn addr(text: &str) -> Addr {
    text.parse::<std::net::Ipv6Addr>().expect("IPv6 address").into()
}

/// The initiator's set, prefixes 2001:db8:1:a::/64 and 2001:db8:2:a::/64, Sec 0.
pub fn initiator() -> [Addr; 2] {
    [addr("2001:db8:1:a:18d7:88c2:7fc4:93ac"), addr("2001:db8:2:a:89c:5d55:97e7:fdb2")]
}

/// The initiator's parameter structure, that of its first address.
pub fn initiator_pds() -> Vec<u8> {
    hex("000102030405060708090a0b0c0d0e0f 20010db80001000a 00
         304c300d06092a864886f70d0101010500033b0030380231 00
         81080f161d242b323940474e555c636a71787f868d949ba2a9b0b7bec5ccd3dae1e8eff6fd040b121920272e353c434a
         0203010001
         00120014 00000000 20010db80001000a 20010db80002000a")
}

/// The responder's set, prefixes 2001:db8:3:b::/64, 2001:db8:4:b::/64 and 2001:db8:5:b::/64, Sec 0.
pub fn responder() -> [Addr; 3] {
    [
        addr("2001:db8:3:b:c0b:ade5:1806:3ab0"),
        addr("2001:db8:4:b:cd0:6b05:aa14:e8ca"),
        addr("2001:db8:5:b:14fc:78d:44cd:4c5f"),
    ]
}

/// The responder's parameter structure, that of its first address.
pub fn responder_pds() -> Vec<u8> {
    hex("101112131415161718191a1b1c1d1e1f 20010db80003000b 00
         304c300d06092a864886f70d0101010500033b0030380231 00
         830e19242f3a45505b66717c87929da8b3bec9d4dfeaf5000b16212c37424d58636e79848f9aa5b0bbc6d1dce7f2fd08
         0203010001
         0012001c 00000000 20010db80003000b 20010db80004000b 20010db80005000b")
}

/// Writes the right checksum into a control message, whose length is as Hdr Ext Len tells. The sum is made here octet by
/// octet, apart from the code under test.
pub fn seal(message: &mut [u8]) {
    let length = (usize::from(message[1]) + 1) * 8;
    message[4] = 0;
    message[5] = 0;
    let mut sum: u32 = 0;
    for pair in message[..length].chunks(2) {
        sum += u32::from(pair[0]) * 256 + u32::from(pair[1]);
        if sum > 0xffff {
            sum -= 0xffff;
        }
    }
    let field = (!sum & 0xffff) as u16;
    message[4..6].copy_from_slice(&field.to_be_bytes());
}

/// The octets of a golden message, as it lies in `tests/golden`.
#[macro_export]
macro_rules! golden {
    ($name:literal) => {
        $crate::common::hex(include_str!(concat!("../../../tests/golden/", $name, ".hex")))
    };
}
