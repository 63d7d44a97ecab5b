/* SPDX-License-Identifier: GPL-2.0 */
/* Numbers of the protocol that the C side needs. */
#ifndef SHIM6_PROTOCOL_H
#define SHIM6_PROTOCOL_H

/* The protocol number of Shim6 (RFC 5533 section 5.1). */
#define SHIM6_PROTOCOL 140
/* Length of the payload extension header in octets (RFC 5533 section 5.2). */
#define SHIM6_PAYLOAD_LEN 8

#endif
