/* SPDX-License-Identifier: Apache-2.0
 *
 * envelope: the header lines that a request to AWS goes out with, signed.
 */
#ifndef ENVELOPE_H
#define ENVELOPE_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "credentials.h"
#include "http.h"
#include "sigv4.h"
#include "span.h"

/* Kept by whoever sends, for its next request. */
struct envelope {
	struct buf authorization, token; /* header lines; the latter is wiped */
	char date[32];                   /* the same */
	const char *lines[HTTP_HEADERS]; /* borrowed, from here and there */
	size_t count;
};

/* What is to be on it. Lines are "Name: value". The region, service and
 * `key` may be NULL where the keys are. */
struct envelope_order {
	const char *host, *type; /* lines */
	const char *target;      /* the same; NULL: the form says it */
	const char *agent;       /* the same; NULL: none. Not signed */
	const struct credentials_keys *keys; /* NULL: it goes unsigned */
	uint32_t serial;       /* of `keys`: another one when they change */
	struct sigv4_key *key; /* one for each region and service */
	const char *region, *service;
	int64_t wall_ms;
};

void envelope_init(struct envelope *e);

/* Secrets are wiped. */
void envelope_fini(struct envelope *e);

/* Make `e` the envelope of a POST of `count` pieces to "/". Its lines borrow
 * from `o` until they are made anew. -1: something is too long to be sent,
 * logged. */
int envelope_seal(struct envelope *e, const struct envelope_order *o,
    const struct span *pieces, size_t count);

#endif
