/* SPDX-License-Identifier: Apache-2.0
 *
 * put: what PutRecords and PutRecordBatch have in common: a named stream and
 * records, read in place from a body in CBOR or JSON.
 */
#ifndef FAKE_PUT_H
#define FAKE_PUT_H

#include <stdbool.h>
#include <stdint.h>

#include "digest.h"
#include "request.h"
#include "span.h"

#define PUT_RECORDS_MAX 500
#define PUT_NAME_MAX    128
#define PUT_KEY_MAX     256

enum outcome {
	OUTCOME_TAKEN,
	OUTCOME_THROTTLED,
	OUTCOME_FAILED,
	OUTCOME_REFUSED
};

/* One record; its spans borrow from the body. An absent member has no `at`. */
struct record {
	struct span data;
	struct span key;
	struct span hash_text; /* ExplicitHashKey */
	digest_hash_key hash;  /* what decides the shard */
	uint32_t shard;
	enum outcome outcome;
};

struct put {
	struct span stream;
	struct span arn;
	size_t count; /* may exceed what `records` holds */
	bool has_records;
	struct record records[PUT_RECORDS_MAX];
};

/* Read the body of `r` into `p`; `firehose` says which members to look for.
 * False: not a body of that format, and `answer` says so. */
bool put_read(
    struct put *p, struct request *r, bool firehose, struct answer *answer);

/* Check the stream's name alone. False: `answer` says what is wrong. */
bool put_check_stream(struct put *p, bool firehose, struct answer *answer);

/* Check what both services check alike: the name, the number of records and
 * that each has data. False: `answer` says what is wrong. */
bool put_check(struct put *p, bool firehose, struct answer *answer);

#endif
