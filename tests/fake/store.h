/* SPDX-License-Identifier: Apache-2.0
 *
 * store: what was taken, one record a line, for tests to account with.
 */
#ifndef FAKE_STORE_H
#define FAKE_STORE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "bytes.h"
#include "put.h"

struct store {
	pthread_mutex_t lock; /* over everything below */
	struct bytes lines;   /* not written yet */
	int file;             /* -1: none */
	int print;            /* -1: none */
	uint64_t next_request;
};

/* Lines go to `path` (appended; NULL for none) and to standard output if
 * `print`. 0, or -1 logged. */
int store_init(struct store *s, const char *path, bool print);
void store_fini(struct store *s);

/* Whether anything is kept at all. */
bool store_keeps(const struct store *s);

/* Append the records of `p` that were taken, numbered from `first_number`.
 * The caller holds the lock of the stream, so that numbers grow down the
 * file. `shard` is written as AWS names shards unless `firehose`. */
void store_append(struct store *s, const char *stream, const struct put *p,
    uint64_t first_number, bool firehose);

/* Hand to the operating system whatever is not written yet. */
void store_flush(struct store *s);

#endif
