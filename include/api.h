/* SPDX-License-Identifier: Apache-2.0
 *
 * api: the two AWS operations we speak, as data.
 *
 * Limits are AWS's documentation of November 2026: PutRecords 500 records,
 * 5 MiB a request unless configured up to 10 MiB, 1 MiB a record with its
 * key; PutRecordBatch 500 records, 4 MiB a request, 1,000 KiB a record,
 * counted before base64. A shard takes 1,000 records or 1 MiB a second, a
 * delivery stream 100,000 or 1 MiB in 1,000 requests; in some regions five
 * times that.
 */
#ifndef API_H
#define API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "config.h"
#include "span.h"

enum wire { WIRE_CBOR, WIRE_JSON };

struct api {
	const char *service; /* in the credential scope and default host */
	const char *target;  /* X-Amz-Target */
	const char *content_type;
	enum wire wire;
	bool has_keys;        /* records carry a partition key */
	uint32_t max_records; /* in a request */
	size_t max_request;   /* bytes in a request, as AWS counts them */
	size_t max_record;    /* bytes in a record, key included; a stream
	                       * may take more (see limit.h of the tail) */
	size_t overhead;      /* upper bound of a record's encoding beyond
	                           * its data (base64 aside) and its key */
	/* The narrowest destination takes a thousand units a second; each of
	 * these is one, and so is a request. */
	size_t unit_records;
	size_t unit_bytes; /* as AWS counts them */
};

/* The row for a flow's destination and wire format. Never NULL. */
const struct api *api_of(const struct flow_config *flow);

/* How many bytes `data` of them take in a body of `wire`, overhead aside. */
size_t api_encoded_size(enum wire wire, size_t data);

/* How much of a destination's capacity a request of `records` with `bytes`
 * takes, in units: the scarcest counts. */
double api_cost(const struct api *api, uint32_t records, size_t bytes);

/* Write into `out` (cleared first) what comes before the records of a
 * request for `target` (a stream's name, or its ARN: it begins with "arn:")
 * with `records` records; `suffix` is what comes after them (static). -1:
 * `out` may not grow that far, logged. */
int api_wrap(const struct api *api, const char *target, uint32_t records,
    struct buf *out, struct span *suffix);

#endif
