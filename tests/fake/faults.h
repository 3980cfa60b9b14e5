/* SPDX-License-Identifier: Apache-2.0
 *
 * faults: what a test told the endpoint to do wrong, and to whom.
 */
#ifndef FAKE_FAULTS_H
#define FAKE_FAULTS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "bytes.h"
#include "put.h"
#include "request.h"
#include "span.h"

#define FAULTS_MAX  256
#define FAULTS_TEXT 128

/* In the order of the table of names in faults.c. */
enum fault_kind {
	FAULT_NONE,
	FAULT_FAIL_RECORDS,
	FAULT_THROTTLE_RECORDS,
	FAULT_THROTTLE,
	FAULT_500,
	FAULT_503_HTML,
	FAULT_500_XML,
	FAULT_SLOW,
	FAULT_TRICKLE,
	FAULT_NO_ANSWER,
	FAULT_LOST_ANSWER,
	FAULT_HALF_ANSWER,
	FAULT_GARBAGE,
	FAULT_EMPTY,
	FAULT_CLOSE,
	FAULT_WRONG_COUNT,
	FAULT_EXPIRED,
	FAULT_DENIED,
	FAULT_NOT_FOUND,
	FAULT_SKEW,
	FAULT_VALIDATION,
	FAULT_ERROR,
	FAULT_POISON,
	FAULT_POISON_RECORDS,
	FAULT_KINDS
};

/* One rule. */
struct fault {
	enum fault_kind kind;
	int64_t count;                 /* requests it is still for; -1: all */
	int64_t after;                 /* requests it still lets through */
	char stream[PUT_NAME_MAX + 1]; /* empty: any */
	char text[FAULTS_TEXT];        /* only requests with a record that holds
	                                * it; empty: any */
	char code[FAULTS_TEXT];        /* the error's name; empty: the usual */
	char message[FAULTS_TEXT];     /* likewise */
	int64_t ms;
	uint32_t share; /* of the records, in millionths */
	uint32_t debt;  /* what is due of the next record's failure,
				     * so that a share holds across requests */
};

struct faults {
	pthread_mutex_t lock;
	struct fault rules[FAULTS_MAX];
	size_t count;
	atomic_size_t live; /* = count, to look at without the lock */
	uint64_t used[FAULT_KINDS];
};

void faults_init(struct faults *f);
void faults_fini(struct faults *f);
void faults_clear(struct faults *f);

/* The kind of that name, FAULT_NONE if there is none. */
enum fault_kind faults_kind(const char *name);

/* Add a rule at the end. False: too many. */
bool faults_add(struct faults *f, const struct fault *rule);

/* At the headers: whether this connection is closed right away. Rules for one
 * stream wait for the body, and so does every rule behind one. */
bool faults_close(struct faults *f);

/* What to do to the request `p`: a copy of the rule as it was, kind FAULT_NONE
 * for nothing. */
struct fault faults_pick(struct faults *f, const struct put *p);

/* The same for a service that gives out credentials: only rules whose stream
 * is `name` are for it. */
struct fault faults_pick_for(struct faults *f, const char *name);

/* Whether `fault` answers such a service in place of credentials. */
bool faults_instead_of_keys(const struct fault *fault, struct answer *answer);

/* Mark the records that `fault` fails. */
void faults_mark(const struct fault *fault, struct put *p);

/* Whether `fault` answers in place of storing, which `answer` then does. */
bool faults_instead(const struct fault *fault, struct span stream,
    bool firehose, struct answer *answer);

/* Spoil the answer to what was stored. */
void faults_spoil(const struct fault *fault, struct answer *answer);

/* Append `"kind":used,...`. */
void faults_write_used(struct faults *f, struct bytes *b);

#endif
