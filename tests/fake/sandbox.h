/* SPDX-License-Identifier: Apache-2.0
 *
 * sandbox: what every request can reach: who may sign, the streams, the
 * script of faults, the store, and what has been counted.
 */
#ifndef FAKE_SANDBOX_H
#define FAKE_SANDBOX_H

#include <stdatomic.h>
#include <stdint.h>

#include "cloudwatch.h"
#include "faults.h"
#include "issue.h"
#include "metadata.h"
#include "put.h"
#include "request.h"
#include "sigv4.h"
#include "store.h"
#include "stream.h"

struct stats {
	atomic_ullong requests; /* but those to /sandbox/ */
	atomic_ullong accepted_records;
	atomic_ullong failed_records;    /* by a fault */
	atomic_ullong throttled_records; /* by a fault or a shard */
	atomic_ullong bad_signatures;
	atomic_ullong rejected_requests; /* refused whole, bad signatures too */
	atomic_ullong bytes;             /* of their bodies */
	atomic_ullong connections;       /* ever */
	atomic_ullong open_connections;
};

struct sandbox {
	struct sigv4_identity identity;
	struct streams streams;
	struct faults faults;
	struct issue issue;
	struct metadata metadata;
	struct cloudwatch cloudwatch;
	struct store store;
	struct stats stats;
	size_t request_bytes; /* of a PutRecords: data and keys */
};

/* One request on its way through: all of it belongs to the connection. */
struct exchange {
	struct sandbox *sandbox; /* borrowed */
	struct request request;
	struct answer answer;
	struct put put;
	struct issued caller; /* access_key "": the standing identity */
};

#endif
