/* SPDX-License-Identifier: Apache-2.0
 *
 * digest: the only includer of OpenSSL's hashes.
 */
#ifndef FAKE_DIGEST_H
#define FAKE_DIGEST_H

#include <stddef.h>
#include <stdint.h>
#include <openssl/sha.h>

#include "span.h"

#define DIGEST_SIZE 32
#define DIGEST_HEX  65

typedef unsigned __int128 digest_hash_key;

/* SHA-256 of bytes that arrive in pieces. */
struct digest {
	SHA256_CTX sha;
};

void digest_begin(struct digest *d);
void digest_add(struct digest *d, const void *bytes, size_t length);
void digest_end(struct digest *d, uint8_t out[DIGEST_SIZE]);

void digest_sha256(const void *bytes, size_t length, uint8_t out[DIGEST_SIZE]);
void digest_hmac(const void *key, size_t key_length, const void *bytes,
    size_t length, uint8_t out[DIGEST_SIZE]);
void digest_hex(const uint8_t in[DIGEST_SIZE], char out[DIGEST_HEX]);

/* MD5 of a partition key as the number that shards divide among them. */
digest_hash_key digest_md5(const void *bytes, size_t length);

/* The same for several keys at once, each of at most DIGEST_LANE_MAX bytes. */
#define DIGEST_LANES    8
#define DIGEST_LANE_MAX 55
void digest_md5_lanes(
    const struct span keys[DIGEST_LANES], digest_hash_key out[DIGEST_LANES]);

#endif
