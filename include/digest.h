/* SPDX-License-Identifier: Apache-2.0
 *
 * digest: hashes, as values. Any thread; nothing fails (the algorithms are
 * fetched once by digest_setup, which is the only one that may).
 */
#ifndef DIGEST_H
#define DIGEST_H

#include <stddef.h>
#include <stdint.h>

#include "span.h"

#define DIGEST_SHA256 32
#define DIGEST_MD5    16

/* Once, before the threads start. -1: the library lacks SHA-256 or MD5 (a
 * FIPS build without MD5 is told by name), logged. */
int digest_setup(void);

void digest_sha256(struct span in, unsigned char out[static DIGEST_SHA256]);

/* The hash of `count` pieces, one behind the other. */
void digest_sha256_pieces(const struct span *pieces, size_t count,
    unsigned char out[static DIGEST_SHA256]);

void digest_hmac_sha256(
    struct span key, struct span in, unsigned char out[static DIGEST_SHA256]);

void digest_md5(struct span in, unsigned char out[static DIGEST_MD5]);
void digest_md5_pieces(const struct span *pieces, size_t count,
    unsigned char out[static DIGEST_MD5]);

/* The first eight bytes of the SHA-256, for marks: equal bytes, equal mark. */
uint64_t digest_mark(struct span in);

/* Lower-case hex of `len` bytes; `out` holds 2 * len + 1. */
void digest_hex(const unsigned char *at, size_t len, char *out);

/* Bytes of the kernel's random source: for keys and jitter seeds. */
void digest_random(void *out, size_t len);

#endif
