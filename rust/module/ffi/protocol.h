/* SPDX-License-Identifier: GPL-2.0 */
/* Numbers of the protocol that the C side needs. */
#ifndef SHIM6_PROTOCOL_H
#define SHIM6_PROTOCOL_H

/* The protocol number of Shim6 (RFC 5533 section 5.1). */
#define SHIM6_PROTOCOL 140
/* Length of the payload extension header in octets (RFC 5533 section 5.2). */
#define SHIM6_PAYLOAD_LEN 8
/* In the eight octets as one number: the P bit, which says that they are a payload extension header, and the tag. */
#define SHIM6_PAYLOAD_BIT (1ull << 47)
#define SHIM6_TAG_MASK (SHIM6_PAYLOAD_BIT - 1)

#endif
