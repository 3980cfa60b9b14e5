/* SPDX-License-Identifier: Apache-2.0
 *
 * digest: SHA-256, HMAC and MD5 for the endpoint.
 *
 * OpenSSL's old one-struct functions, deprecated but there: the new ones fetch
 * and allocate on every call, which for a 16-byte key costs more than the
 * hash. A key that fits one block is padded here and hashed by the transform
 * alone.
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

static digest_hash_key
number_of(uint32_t a, uint32_t b, uint32_t c, uint32_t d)
{
	uint64_t high = (uint64_t)__builtin_bswap32(a) << 32;
	uint64_t low = (uint64_t)__builtin_bswap32(c) << 32;

	high |= __builtin_bswap32(b);
	low |= __builtin_bswap32(d);
	return (digest_hash_key)high << 64 | low;
}

digest_hash_key
digest_md5(const void *bytes, size_t length)
{
	uint8_t block[64] = { 0 };
	uint64_t bits = (uint64_t)length * 8;
	MD5_CTX c;

	MD5_Init(&c);
	if (length <= 55) {
		memcpy(block, bytes, length);
		block[length] = 0x80;
		memcpy(block + 56, &bits, sizeof(bits));
		MD5_Transform(&c, block);
	} else {
		MD5_Update(&c, bytes, length);
		MD5_Final(block, &c);
	}
	return number_of(c.A, c.B, c.C, c.D);
}
