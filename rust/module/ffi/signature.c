// SPDX-License-Identifier: GPL-2.0
/* RSA signatures, by the kernel's crypto. */
#include <crypto/sig.h>
#include <linux/err.h>

#include "signature.h"

/*
 * Whether a signature fits a digest and a key (a DER RSAPublicKey): 1 or 0, or an error if that cannot be told. A key that
 * the kernel does not work with (lengths other than 1024, 1536, 2048, 3072 and 4096 bits) fits nothing. Sleeps.
 */
int shim6_signature_fits(const u8 *key, unsigned int key_len, const u8 *signature, unsigned int len,
			 const u8 digest[SHIM6_DIGEST_LEN])
{
	struct crypto_sig *tfm = crypto_alloc_sig("pkcs1(rsa,sha1)", 0, 0);
	int err;

	if (IS_ERR(tfm))
		return PTR_ERR(tfm);
	err = crypto_sig_set_pubkey(tfm, key, key_len);
	if (!err)
		err = crypto_sig_verify(tfm, signature, len, digest, SHIM6_DIGEST_LEN);
	crypto_free_sig(tfm);
	return err == -ENOMEM ? err : !err;
}
