/* SPDX-License-Identifier: Apache-2.0
 *
 * batch: records written in place, and which of them are still pending.
 *
 * While a batch is open it belongs to the tail (batch_new, batch_append,
 * batch_cover, batch_seal); sealed, to whoever holds it. Appending copies a
 * record once, allocates nothing and enters the kernel only through the
 * pool, when the body grows.
 *
 * I3: a batch is on one list and belongs to one thread. Holds no lock.
 */
#include "batch.h"

#include <assert.h>

#include "letter.h"
#include "pool.h"
#include "wire.h"

#define WORDS ((BATCH_RECORDS + 63) / 64)

_Static_assert(
    sizeof(struct batch) + BATCH_RUNS * sizeof(struct run) <= POOL_HEAD,
    "a mapping's head holds the batch and its runs");

/* What records of `weight` bytes may take as a body. Keys escape worse than
 * data, hashes are not counted in the weight, and each record may round its
 * base64 up. */
static size_t
worst_body(const struct api *api, uint32_t records, size_t weight)
{
	return api_encoded_size(api->wire, weight) +
	       records *
		   (api->overhead + 4 + WIRE_ESCAPE * POOL_KEY + WIRE_HASH);
}

struct batch *
batch_new(struct pool *p, size_t lane, const struct api *api,
    uint32_t max_records, size_t max_weight)
{
	assert(max_records > 0 && api->max_records <= BATCH_RECORDS);
	assert(api->max_record <= api->max_request);
	if (max_records > api->max_records)
		max_records = api->max_records;
	if (max_weight > api->max_request)
		max_weight = api->max_request;
	/* A first record is taken even where max_weight is less. */
	size_t weight =
	    max_weight > api->max_record ? max_weight : api->max_record;
	struct batch *b =
	    pool_take(p, lane, worst_body(api, max_records, weight));

	if (b == NULL)
		return NULL;
	*b = (struct batch){
		.pool = b->pool,
		.flow = b->flow,
		.lane = b->lane,
		.reserved = b->reserved,
		.charged = b->charged,
		.api = api,
		.max_weight = max_weight,
		.max_records = max_records,
		.outcome = BATCH_OPEN,
	};
	list_init(&b->node);
	b->runs = (struct run *)(b + 1);
	b->body = (unsigned char *)b + POOL_HEAD;
	return b;
}

void
batch_free(struct batch **b)
{
	if (*b == NULL)
		return;
	letter_forget(*b);
	pool_give(b);
}

/* What AWS counts of a record. */
static size_t
weight_of(const struct batch *b, size_t data, struct batch_key key)
{
	return data + (b->api->has_keys ? key.text.len : 0);
}

static bool
passes_limit(const struct batch *b, size_t weight)
{
	return b->count == b->max_records ||
	       (b->count > 0 && b->weight + weight > b->max_weight);
}

enum batch_append
batch_reserve(struct batch *b, size_t data, struct batch_key key)
{
	size_t weight = weight_of(b, data, key);

	assert(weight <= b->max_weight || weight <= b->api->max_record);
	assert(key.text.len <= POOL_KEY);
	assert(!b->api->has_keys || key.text.len > 0);
	if (b->run_count == BATCH_RUNS || passes_limit(b, weight))
		return BATCH_FULL;
	size_t room = b->len + wire_bound(b->api, data, key);

	if (POOL_HEAD + room > b->charged && !pool_grow(b, room))
		return BATCH_NO_MEMORY;
	return BATCH_TAKEN;
}

void
batch_append_reserved(struct batch *b, struct span data, struct batch_key key)
{
	const struct api *api = b->api;
	size_t weight = weight_of(b, data.len, key);
	size_t room = b->len + wire_bound(api, data.len, key);

	assert(!passes_limit(b, weight) && POOL_HEAD + room <= b->charged);
	unsigned char *end = wire_record(api, b->body + b->len, data, key);

	b->len = (size_t)(end - b->body);
	assert(b->len <= room);
	b->weight += weight;
	b->count++;
	b->start[b->count] = (uint32_t)b->len;
}

enum batch_append
batch_append(struct batch *b, struct span data, struct batch_key key)
{
	enum batch_append answer = batch_reserve(b, data.len, key);

	if (answer == BATCH_TAKEN)
		batch_append_reserved(b, data, key);
	return answer;
}

static bool
joins_last_run(const struct batch *b, const struct reader *r, uint64_t from)
{
	if (b->run_count == 0)
		return false;
	const struct run *last = &b->runs[b->run_count - 1];

	return last->reader == r && last->to == from &&
	       from - last->from <= UINT32_MAX;
}

bool
batch_can_cover(const struct batch *b, const struct reader *r, uint64_t from)
{
	return b->run_count < BATCH_RUNS || joins_last_run(b, r, from);
}

void
batch_cover(struct batch *b, struct reader *r, uint64_t from, uint64_t to,
    int64_t now_ms)
{
	assert(from < to && batch_can_cover(b, r, from));
	if (b->run_count == 0)
		b->born_ms = now_ms;
	if (joins_last_run(b, r, from))
		b->runs[b->run_count - 1].to = to;
	else
		b->runs[b->run_count++] =
		    (struct run){ .reader = r, .from = from, .to = to };
}

void
batch_place(struct batch *b, uint32_t run, uint64_t from, uint64_t to)
{
	uint64_t ahead = from - b->runs[run].from, len = to - from;
	uint32_t i = b->placed++;

	assert(i < b->count && run < b->run_count && ahead <= UINT32_MAX);
	b->run[i] = (uint16_t)run;
	b->origin[i].ahead = (uint32_t)ahead;
	b->origin[i].len = len < UINT32_MAX ? (uint32_t)len : UINT32_MAX;
}

void
batch_seal(struct batch *b)
{
	memset(b->pending, 0, sizeof(b->pending));
	memset(b->pending, 0xff, b->count / 64 * sizeof(b->pending[0]));
	if (b->count % 64 != 0)
		b->pending[b->count / 64] = (UINT64_C(1) << b->count % 64) - 1;
	b->pending_count = b->count;
	for (uint32_t i = 0; b->letters != NULL && i < b->count; i++) {
		if (letter_is(b, i))
			batch_accept(b, i);
	}
	b->part_from = b->bad_from = b->bad_to = 0;
	b->part_to = b->count;
	b->attempts = 0;
	b->reached = 0;
	b->due_ms = 0;
	pool_settle(b);
}

/* The first record at or after `i` that is pending (`flip` 0) or accepted
 * (`flip` all ones); past the end, any number >= count. */
static uint32_t
next(const struct batch *b, uint32_t i, uint64_t flip)
{
	if (i >= b->count)
		return b->count;
	uint32_t word = i / 64;
	uint64_t bits = (b->pending[word] ^ flip) >> i % 64 << i % 64;

	while (bits == 0) {
		if (++word == WORDS)
			return b->count;
		bits = b->pending[word] ^ flip;
	}
	return word * 64 + (uint32_t)__builtin_ctzll(bits);
}

size_t
batch_pieces(const struct batch *b, uint32_t from, uint32_t to,
    struct span *pieces, uint32_t *records)
{
	size_t n = 0;

	assert(from <= to && to <= b->count);
	*records = 0;
	for (from = next(b, from, 0); from < to;) {
		uint32_t end = next(b, from, UINT64_MAX);

		if (end > to)
			end = to;
		/* A request's first record goes without its comma. */
		size_t comma = n == 0 && b->api->wire == WIRE_JSON;
		size_t at = b->start[from] + comma;

		pieces[n++] = span_of(b->body + at, b->start[end] - at);
		*records += end - from;
		from = next(b, end, 0);
	}
	return n;
}

uint32_t
batch_nth_pending(const struct batch *b, uint32_t nth)
{
	uint32_t word = 0;

	assert(nth < b->pending_count);
	for (;; word++) {
		uint32_t here =
		    (uint32_t)__builtin_popcountll(b->pending[word]);

		if (nth < here)
			break;
		nth -= here;
		assert(word + 1 < WORDS);
	}
	uint64_t bits = b->pending[word];

	for (; nth > 0; nth--)
		bits &= bits - 1;
	return word * 64 + (uint32_t)__builtin_ctzll(bits);
}

void
batch_accept(struct batch *b, uint32_t i)
{
	assert(i < b->count && batch_is_pending(b, i));
	b->pending[i / 64] &= ~(UINT64_C(1) << i % 64);
	b->pending_count--;
}

void
batch_read(const struct batch *b, uint32_t i, struct buf *room,
    struct span *data, struct batch_key *key)
{
	assert(i < b->count);
	size_t at = b->start[i], end = b->start[i + 1];
	struct span record = span_of(b->body + at, end - at);

	*data = wire_data(b->api, record, room);
	*key = b->api->wire == WIRE_CBOR ? wire_key(b->api, record)
					 : (struct batch_key){ 0 };
}

void
batch_send(struct handoff *h, struct batch **b)
{
	struct list_node *node = &(*b)->node;

	*b = NULL;
	handoff_send(h, &node);
}
