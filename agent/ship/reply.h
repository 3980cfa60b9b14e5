/* SPDX-License-Identifier: Apache-2.0
 *
 * reply: what the service answered, read while it comes in.
 *
 * One fixed-size reader a transfer, for PutRecords and PutRecordBatch in CBOR
 * and JSON alike, told apart by the first byte.
 */
#ifndef REPLY_H
#define REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "batch.h"
#include "cborscan.h"
#include "jsonscan.h"
#include "span.h"

#define REPLY_CODE    64  /* of an error's name so much is kept */
#define REPLY_MESSAGE 200 /* of its message */
#define REPLY_CAUSES  4   /* kinds of failures in one answer that are kept */
#define REPLY_HEAD    512 /* of a body in no known format */

enum reply_verdict {
	REPLY_ACCEPTED, /* every record */
	REPLY_PARTIAL,  /* some failed: see reply_failed */
	REPLY_ERROR,    /* the request was refused as a whole */
	REPLY_LOST      /* no answer one could believe: see reply->why */
};

enum reply_format { REPLY_UNKNOWN, REPLY_JSON, REPLY_CBOR, REPLY_OTHER };

/* Why records failed; the message is that of the first. */
struct reply_cause {
	char code[REPLY_CODE + 1];
	char message[REPLY_MESSAGE + 1];
};

struct reply {
	uint32_t expected; /* entries: the records of the request */
	enum reply_format format;
	union {
		struct jsonscan json;
		struct cborscan cbor;
		struct {
			size_t len;
			char at[REPLY_HEAD];
		} head; /* REPLY_OTHER: how the body begins */
	};
	enum scan_state state;

	/* Where the reader is. */
	uint32_t depth;
	uint32_t field;  /* what the next value means (reply.c) */
	bool in_entries; /* inside the array of entries */
	bool entry_failed;
	char entry_code[REPLY_CODE + 1];
	char entry_message[REPLY_MESSAGE + 1];

	/* What it has seen. */
	bool none_failed; /* the answer says so: the rest is not read */
	bool counted;     /* it has a count of failures ... */
	uint64_t count;   /* ... namely */
	bool has_entries;
	uint32_t entries;
	uint32_t failures;            /* entries with an error code */
	uint8_t cause[BATCH_RECORDS]; /* why the nth entry failed: a number,
	                               * from 1, of causes; above them, of none
	                               * that was kept; 0: it did not */
	uint32_t cause_count;
	struct reply_cause causes[REPLY_CAUSES];
	char code[REPLY_CODE + 1];       /* the error's, or the first failed
	                                  * entry's; "" for none */
	char message[REPLY_MESSAGE + 1]; /* its message */
	const char *why; /* static: what is wrong with a lost one */
};

/* Expect the answer to a request of `expected` records (1 to
 * BATCH_RECORDS). */
void reply_begin(struct reply *r, uint32_t expected);

/* The next portion of the body. */
void reply_feed(struct reply *r, struct span bytes);

/* The body has ended, or broken off. `status` is HTTP's, `error_type` the
 * header x-amzn-ErrorType or "". */
enum reply_verdict reply_end(
    struct reply *r, long status, const char *error_type);

/* Did the `nth` record of the request fail? After REPLY_PARTIAL. */
static inline bool
reply_failed(const struct reply *r, uint32_t nth)
{
	return r->cause[nth] != 0;
}

/* Why it did; NULL: for one reason too many. */
static inline const struct reply_cause *
reply_cause(const struct reply *r, uint32_t nth)
{
	uint32_t number = r->cause[nth];

	return number <= r->cause_count ? &r->causes[number - 1] : NULL;
}

#endif
