/* SPDX-License-Identifier: Apache-2.0
 *
 * sigv4: AWS's Signature Version 4, in the Authorization header.
 */
#ifndef SIGV4_H
#define SIGV4_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "digest.h"
#include "span.h"

#define SIGV4_HEADERS 32

/* The key of one day, region and service, kept so that a request costs one
 * HMAC instead of five. Zero-initialised; as secret as what it is made of. */
struct sigv4_key {
	char day[9];     /* "20261121", or "" while empty */
	uint32_t serial; /* of the credentials it is made of */
	unsigned char bytes[DIGEST_SHA256];
};

struct sigv4_header {
	const char *name;  /* in lower case */
	struct span value; /* as sent */
};

/* All borrowed for the call. */
struct sigv4_request {
	const char *access_key, *secret_key;
	uint32_t serial; /* of these two: another one when they change */
	const char *region, *service;
	const char *when; /* "20261121T214200Z" */
	const char *method;
	const char *path; /* as in the URL, from the first slash; no query */
	const struct sigv4_header *headers; /* to be signed, in any order */
	size_t header_count;                /* at most SIGV4_HEADERS */
	const unsigned char *payload;       /* SHA-256 of the body */
};

/* Append the value of the Authorization header for `r` to `out`. `key` is
 * made anew where it does not fit; one `key` is for one region and service.
 * -1: `out` is too small, logged. */
int sigv4_sign(
    struct sigv4_key *key, const struct sigv4_request *r, struct buf *out);

#endif
