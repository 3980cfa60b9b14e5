/* SPDX-License-Identifier: Apache-2.0
 *
 * stream: names to streams, hash keys to shards, shards to their limits.
 *
 * A stream of n shards divides the 128-bit hash keys evenly; the last shard
 * takes what division left over. A throttling shard holds a second's worth of
 * records and bytes and refills at that rate. Sequence numbers start from the
 * clock, in nanoseconds, so that a restarted endpoint goes on upwards.
 *
 * Thread: any; each stream has its lock.
 */
#include "stream.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "say.h"

#define MILLION 1000000

static const int64_t second_records = 1000 * (int64_t)MILLION;
static const int64_t second_bytes = 1048576 * (int64_t)MILLION;

void
streams_init(struct streams *s)
{
	*s = (struct streams){ .any = true, .any_shards = 4 };
	pthread_mutex_init(&s->lock, NULL);
}

void
streams_fini(struct streams *s)
{
	for (size_t i = 0; i < s->count; i++) {
		pthread_mutex_destroy(&s->all[i]->lock);
		free(s->all[i]->shards);
		free(s->all[i]);
	}
	pthread_mutex_destroy(&s->lock);
	*s = (struct streams){ 0 };
}

static struct stream *
lookup(const struct streams *s, struct span name)
{
	for (size_t i = 0; i < s->count; i++)
		if (span_is(name, s->all[i]->name))
			return s->all[i];
	return NULL;
}

static struct stream *
add(struct streams *s, struct span name)
{
	struct stream *st;
	struct timespec now;

	if (s->count == STREAM_MAX || name.length >= sizeof(st->name))
		return NULL;
	st = calloc(1, sizeof(*st));
	if (st == NULL)
		return NULL;
	clock_gettime(CLOCK_REALTIME, &now);
	memcpy(st->name, name.at, name.length);
	pthread_mutex_init(&st->lock, NULL);
	st->record_bytes = STREAM_RECORD_BYTES;
	st->describable = true;
	st->next_number =
	    (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
	s->all[s->count++] = st;
	return st;
}

/* Called with the stream's lock held, or before anyone else knows it. */
static int
shape(struct stream *st, uint32_t shard_count, bool throttling)
{
	const digest_hash_key most = ~(digest_hash_key)0;
	struct shard *shards = NULL;

	if (throttling) {
		shards = calloc(shard_count, sizeof(*shards));
		if (shards == NULL) {
			say("stream %s: no memory for shards", st->name);
			return -1;
		}
		for (uint32_t i = 0; i < shard_count; i++)
			shards[i] =
			    (struct shard){ second_records, second_bytes, 0 };
	}
	free(st->shards);
	st->shards = shards;
	st->throttling = throttling;
	st->shard_count = shard_count;
	st->width = shard_count == 1 ? most : most / shard_count;
	/* most is 2^128 - 1: only a power of two divides one more evenly. */
	if (shard_count > 1 && (shard_count & (shard_count - 1)) == 0)
		st->width++;
	return 0;
}

struct stream *
streams_find(struct streams *s, struct span name)
{
	struct stream *st;

	pthread_mutex_lock(&s->lock);
	st = lookup(s, name);
	if (st == NULL && s->any) {
		st = add(s, name);
		if (st != NULL && shape(st, s->any_shards, s->throttling) != 0)
			st = NULL;
	}
	pthread_mutex_unlock(&s->lock);
	return st;
}

int
streams_set(struct streams *s, struct span name, uint32_t shard_count,
    bool throttling, struct stream **out)
{
	struct stream *st;
	int result = -1;

	assert(shard_count >= 1 && shard_count <= STREAM_SHARDS_MAX);
	pthread_mutex_lock(&s->lock);
	st = lookup(s, name);
	if (st == NULL)
		st = add(s, name);
	if (st == NULL) {
		say("no room for another stream");
	} else {
		pthread_mutex_lock(&st->lock);
		result = shape(st, shard_count, throttling);
		pthread_mutex_unlock(&st->lock);
	}
	pthread_mutex_unlock(&s->lock);
	*out = st;
	return result;
}

/* The quotient estimated from the upper halves is at most one too small. */
static uint32_t
shard_of(const struct stream *st, digest_hash_key hash)
{
	uint64_t high = (uint64_t)(hash >> 64);
	uint32_t shard =
	    (uint32_t)(((digest_hash_key)high * st->shard_count) >> 64);

	while (shard + 1 < st->shard_count &&
	       hash >= (digest_hash_key)(shard + 1) * st->width)
		shard++;
	return shard;
}

static void
refill(struct shard *sh, int64_t now_us)
{
	int64_t passed = now_us - sh->at_us;

	if (passed <= 0)
		return;
	if (passed > MILLION)
		passed = MILLION;
	sh->at_us = now_us;
	sh->records += passed * 1000;
	sh->bytes += passed * 1048576;
	if (sh->records > second_records)
		sh->records = second_records;
	if (sh->bytes > second_bytes)
		sh->bytes = second_bytes;
}

static bool
shard_takes(struct shard *sh, const struct record *r, int64_t now_us)
{
	int64_t bytes = (int64_t)(r->data.length + r->key.length) * MILLION;

	refill(sh, now_us);
	if (sh->records < MILLION || sh->bytes < bytes)
		return false;
	sh->records -= MILLION;
	sh->bytes -= bytes;
	return true;
}

void
stream_place(struct stream *st, struct put *p, int64_t now_us)
{
	for (size_t i = 0; i < p->count; i++) {
		struct record *r = &p->records[i];

		r->shard = shard_of(st, r->hash);
		if (st->throttling && r->outcome == OUTCOME_TAKEN &&
		    !shard_takes(&st->shards[r->shard], r, now_us))
			r->outcome = OUTCOME_THROTTLED;
	}
}

uint64_t
stream_numbers(struct stream *st, size_t count)
{
	uint64_t first = st->next_number;

	st->next_number += count;
	return first;
}

static void
write_digits(uint64_t value, char *end, size_t width)
{
	for (; width > 0; width--) {
		*--end = (char)('0' + value % 10);
		value /= 10;
	}
}

void
stream_write_number(uint64_t number, char out[STREAM_NUMBER_WIDTH])
{
	static const char head[] = "496533827149025660855969253836157109";

	static_assert(sizeof(head) - 1 == STREAM_NUMBER_WIDTH - 20, "width");
	memcpy(out, head, sizeof(head) - 1);
	write_digits(number, out + STREAM_NUMBER_WIDTH, 20);
}

void
stream_next_number(char number[STREAM_NUMBER_WIDTH])
{
	size_t i = STREAM_NUMBER_WIDTH;

	while (--i > 0 && number[i] == '9')
		number[i] = '0';
	number[i]++;
}

void
stream_write_shard(uint32_t shard, char out[STREAM_SHARD_WIDTH])
{
	static const char head[] = "shardId-0000000";

	static_assert(sizeof(head) - 1 == STREAM_SHARD_WIDTH - 5, "width");
	memcpy(out, head, sizeof(head) - 1);
	write_digits(shard, out + STREAM_SHARD_WIDTH, 5);
}
