/* SPDX-License-Identifier: Apache-2.0
 *
 * stream: the streams of this endpoint, their shards and what these can take.
 */
#ifndef FAKE_STREAM_H
#define FAKE_STREAM_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "put.h"

#define STREAM_MAX          1024
#define STREAM_SHARDS_MAX   10000
#define STREAM_RECORD_BYTES (1024 * 1024)
#define STREAM_NUMBER_WIDTH 56 /* digits of a sequence number */
#define STREAM_SHARD_WIDTH  20 /* shardId-000000000000 */

/* What is left of a second's 1,000 records and 1 MiB. */
struct shard {
	int64_t records; /* in millionths */
	int64_t bytes;   /* in millionths */
	int64_t at_us;   /* when these were true */
};

struct stream {
	char name[PUT_NAME_MAX + 16];
	pthread_mutex_t lock; /* over everything below */
	uint32_t shard_count;
	digest_hash_key width; /* of a shard's range of hash keys */
	struct shard *shards;  /* owned; only while throttling */
	bool throttling;
	size_t record_bytes; /* the largest record, key included */
	bool describable;    /* who asks is told so */
	uint64_t next_number;
};

struct streams {
	pthread_mutex_t lock; /* over the list; streams are never freed
				     * before the end */
	struct stream *all[STREAM_MAX];
	size_t count;
	bool any; /* an unknown name makes a stream */
	uint32_t any_shards;
	bool throttling; /* of new streams */
};

void streams_init(struct streams *s);
void streams_fini(struct streams *s);

/* The stream of that name, NULL if there is none and none may be made. */
struct stream *streams_find(struct streams *s, struct span name);

/* That stream with so many shards, made if need be. 0, or -1 logged. */
int streams_set(struct streams *s, struct span name, uint32_t shard_count,
    bool throttling, struct stream **out);

/* Decide each record's shard from its hash and, where it would be taken, hold
 * it against what that shard can take. Called with `st->lock` held. */
void stream_place(struct stream *st, struct put *p, int64_t now_us);

/* Numbers for `count` records, growing for ever, across restarts too. Called
 * with `st->lock` held. */
uint64_t stream_numbers(struct stream *st, size_t count);

/* `number` as AWS writes sequence numbers. */
void stream_write_number(uint64_t number, char out[STREAM_NUMBER_WIDTH]);

/* The number after the one written in `number`, in its place. */
void stream_next_number(char number[STREAM_NUMBER_WIDTH]);

void stream_write_shard(uint32_t shard, char out[STREAM_SHARD_WIDTH]);

#endif
