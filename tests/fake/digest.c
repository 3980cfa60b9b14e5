/* SPDX-License-Identifier: Apache-2.0
 *
 * digest: SHA-256, HMAC and MD5 for the endpoint.
 *
 * OpenSSL's old one-struct functions, deprecated but there: the new ones fetch
 * and allocate on every call, which for a short key costs more than the hash.
 *
 * Thread: any; holds no state of its own.
 */
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

#include "digest.h"

#include <openssl/hmac.h>
#include <openssl/md5.h>
#include <string.h>

void
digest_begin(struct digest *d)
{
	SHA256_Init(&d->sha);
}

void
digest_add(struct digest *d, const void *bytes, size_t length)
{
	SHA256_Update(&d->sha, bytes, length);
}

void
digest_end(struct digest *d, uint8_t out[DIGEST_SIZE])
{
	SHA256_Final(out, &d->sha);
}

void
digest_sha256(const void *bytes, size_t length, uint8_t out[DIGEST_SIZE])
{
	struct digest d;

	digest_begin(&d);
	digest_add(&d, bytes, length);
	digest_end(&d, out);
}

void
digest_hmac(const void *key, size_t key_length, const void *bytes,
    size_t length, uint8_t out[DIGEST_SIZE])
{
	unsigned int written = DIGEST_SIZE;

	HMAC(EVP_sha256(), key, (int)key_length, bytes, length, out, &written);
}

void
digest_hex(const uint8_t in[DIGEST_SIZE], char out[DIGEST_HEX])
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < DIGEST_SIZE; i++) {
		out[2 * i] = digits[in[i] >> 4];
		out[2 * i + 1] = digits[in[i] & 15];
	}
	out[DIGEST_HEX - 1] = '\0';
}

digest_hash_key
digest_md5(const void *bytes, size_t length)
{
	MD5_CTX c;
	uint8_t hash[16];
	digest_hash_key value = 0;

	MD5_Init(&c);
	MD5_Update(&c, bytes, length);
	MD5_Final(hash, &c);
	for (size_t i = 0; i < sizeof(hash); i++)
		value = value << 8 | hash[i];
	return value;
}
