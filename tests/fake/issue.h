/* SPDX-License-Identifier: Apache-2.0
 *
 * issue: temporary credentials: to whom, for how long, and who may have them.
 * What STS, instance metadata and the container endpoint have in common.
 */
#ifndef FAKE_ISSUE_H
#define FAKE_ISSUE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "bytes.h"
#include "request.h"
#include "sigv4.h"
#include "span.h"

#define ISSUE_MAX       256 /* the eldest goes when more are out */
#define ISSUE_RULES_MAX 32
#define ISSUE_CALLER    2304
#define ISSUE_TOKEN     2048 /* of what a test makes clients present */

/* One set, as it was given out. */
struct issued {
	char access_key[24];
	char secret_key[48];
	char session_token[128];
	char caller[ISSUE_CALLER]; /* the ARN of who signs with it */
	int64_t expires_s;         /* since 1970 */
	uint64_t requests;         /* signed with it */
};

/* NAME:VALUE as it was asked for on the command line. */
struct issue_rule {
	const char *name; /* borrowed from argv, not terminated */
	size_t name_length;
	const char *value; /* "" for none */
};

struct issue {
	pthread_mutex_t lock; /* over everything below */
	struct issued sets[ISSUE_MAX];
	size_t count;    /* ever; the latest ISSUE_MAX are kept */
	int64_t seconds; /* how long they live; 0: as long as asked for */
	char web_identity[ISSUE_TOKEN];    /* to present; "": any */
	char container_token[ISSUE_TOKEN]; /* the same */

	/* Not changed once the server runs. */
	struct issue_rule roles[ISSUE_RULES_MAX]; /* none: any, to anyone */
	size_t role_count;
	struct issue_rule grants[ISSUE_RULES_MAX];
	size_t grant_count;

	atomic_ullong expired;              /* requests that came too late */
	atomic_ullong sts, imds, container; /* requests to each */
};

void issue_init(struct issue *s);
void issue_fini(struct issue *s);

/* Take `wish`, NAME or NAME:VALUE, as a rule. 0, or -1 logged. */
int issue_role(struct issue *s, const char *wish);
int issue_grant(struct issue *s, const char *wish);

/* May the role `arn` be assumed with `external_id` ("" for none)? */
bool issue_permits(
    const struct issue *s, const char *arn, const char *external_id);

/* May `caller` (access_key "": the standing identity) write to `stream`?
 * False: `answer` says that it may not do `action`. */
bool issue_lets_write(const struct issue *s, struct span stream,
    const struct issued *caller, const char *action, struct answer *answer);

/* Make a set for `caller`, which lives `seconds` unless the script says
 * otherwise; `stale`: one that has ended already. */
void issue_new(struct issue *s, const char *caller, int64_t seconds, bool stale,
    struct issued *out);

/* The set with that access key, and one request more is counted for it.
 * False: there is none. */
bool issue_find(struct issue *s, struct span access_key, struct issued *out);

/* End all that are out, now. */
void issue_revoke(struct issue *s, int64_t now_s);

/* `seconds` since 1970 as 2026-11-22T01:02:03Z. */
void issue_stamp(int64_t seconds, char out[32]);

/* Append `"issued":...,"callers":{...}` and the other counts. */
void issue_write_stats(struct issue *s, struct bytes *b);

#endif
