/* SPDX-License-Identifier: Apache-2.0
 *
 * bulletin: what there is to publish of all destinations, and what it looks
 * like to CloudWatch.
 */
#ifndef BULLETIN_H
#define BULLETIN_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "tally.h"

/* PutMetricData takes 1,000 data and 1 MB. */
#define BULLETIN_DATA 1000
#define BULLETIN_FORM ((size_t)900 << 10)

struct credentials_keys;
struct lane;

/* One destination's; flows with the same one are added up. */
struct bulletin_row {
	char *destination; /* owned: KinesisStream:NAME, DeliveryStream:NAME */
	struct tally tally;
	uint64_t lost;           /* bytes, dead letters that went included */
	uint64_t dead;           /* records that became dead letters */
	uint64_t behind;         /* bytes, now */
	uint64_t seconds_behind; /* now, of the flow that is furthest */
};

/* Goes from the ship to the publisher, which owns it then. */
struct bulletin {
	struct credentials_keys *keys; /* owned: in secret memory; NULL: none
	                                * that hold */
	int64_t since_ms; /* of clock_ms: what is older was published */
	size_t count;
	struct bulletin_row rows[];
};

/* Take what the `count` lanes have had since it was last taken. */
struct bulletin *bulletin_new(
    struct lane *lanes, size_t count, int64_t since_ms);

/* NULL is fine. */
void bulletin_free(struct bulletin *b);

/* `older`, which was not published, becomes part of `b`. `*older` is NULL
 * after; it may be NULL before. */
void bulletin_absorb(struct bulletin **b, struct bulletin **older);

/* What the data have in common. */
struct bulletin_terms {
	const char *name_space;
	const char *instance; /* NULL: without that dimension */
};

/* Append to `form` the request for rows from `first` on: as many as it may
 * hold, at least one. Answers which row is next; `*data` is how many data. */
size_t bulletin_form(const struct bulletin *b, size_t first,
    const struct bulletin_terms *terms, struct buf *form, size_t *data);

#endif
