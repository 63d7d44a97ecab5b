/* SPDX-License-Identifier: GPL-2.0 */
/* RSA signatures, by the kernel's crypto. */
#ifndef SHIM6_SIGNATURE_H
#define SHIM6_SIGNATURE_H

#include <linux/types.h>

/* RSASSA-PKCS1-v1_5 with SHA-1 (RFC 3972 section 6). */
#define SHIM6_DIGEST_LEN 20

int shim6_signature_fits(const u8 *key, unsigned int key_len, const u8 *signature, unsigned int len,
			 const u8 digest[SHIM6_DIGEST_LEN]);

#endif
