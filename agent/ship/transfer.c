/* SPDX-License-Identifier: Apache-2.0
 *
 * transfer: one batch (or what is pending of it) in one HTTP exchange.
 *
 * The body is prefix, stretches of the batch, suffix; it is hashed and sent
 * where it lies. Everything a request needs beside that is made in memory
 * that the transfer keeps for its next batch.
 *
 * Thread: ship.
 */
#include "transfer.h"

#include <assert.h>
#include <stdlib.h>

#include "mem.h"
#include "pace.h"

#define PREFIX_MAX ((size_t)4 << 10) /* a stream's ARN and some */

struct transfer *
transfer_new(struct ship *s)
{
	struct transfer *t = mem_new(sizeof(*t));

	list_init(&t->node);
	t->ship = s;
	buf_init(&t->prefix, PREFIX_MAX);
	envelope_init(&t->envelope);
	return t;
}

void
transfer_free(struct transfer *t)
{
	if (t == NULL)
		return;
	list_remove(&t->node);
	buf_fini(&t->prefix);
	envelope_fini(&t->envelope);
	free(t);
}

/* All records of a batch count alike: near enough. */
static double
cost_each(const struct lane *l, const struct batch *b)
{
	return api_cost(l->api, b->count, b->weight) / b->count;
}

void
transfer_choose(struct transfer *t)
{
	const struct batch *b = t->batch;
	double most = pace_portion(t->lane->pace) / cost_each(t->lane, b);
	uint32_t left = BATCH_RECORDS;

	if (most < BATCH_RECORDS)
		left = most < 1 ? 1 : (uint32_t)most;
	t->from = t->to = b->part_from;
	for (; t->to < b->part_to && left > 0; t->to++)
		left -= batch_is_pending(b, t->to);
}

static uint32_t
count_fresh(const struct transfer *t)
{
	uint32_t reached = t->batch->reached, fresh = 0;

	if (reached <= t->from)
		return t->records;
	for (uint32_t i = reached; i < t->to; i++)
		fresh += batch_is_pending(t->batch, i);
	return fresh;
}

static int
make_body(struct transfer *t)
{
	const struct lane *l = t->lane;
	struct span suffix;
	size_t inner =
	    batch_pieces(t->batch, t->from, t->to, &t->pieces[1], &t->records);

	assert(inner > 0);
	if (api_wrap(
		l->api, l->flow->target, t->records, &t->prefix, &suffix) != 0)
		return -1;
	t->pieces[0] = buf_span(&t->prefix);
	t->piece_count = inner + 1;
	if (suffix.len > 0)
		t->pieces[t->piece_count++] = suffix;
	t->length = 0;
	for (size_t i = 0; i < t->piece_count; i++)
		t->length += t->pieces[i].len;
	t->cost = t->records * cost_each(l, t->batch);
	t->fresh = count_fresh(t);
	return 0;
}

int
transfer_prepare(struct transfer *t, const struct credentials *credentials,
    int64_t wall_ms, const char *agent, struct http_request *request)
{
	const struct lane *l = t->lane;
	struct envelope_order order = { .host = l->host_line,
		.type = l->type_line,
		.target = l->target_line,
		.agent = agent,
		.keys = &credentials->now,
		.serial = credentials->serial,
		.key = l->key,
		.region = l->flow->region,
		.service = l->api->service,
		.wall_ms = wall_ms };

	if (make_body(t) != 0 ||
	    envelope_seal(&t->envelope, &order, t->pieces, t->piece_count) != 0)
		return -1;
	t->serial = credentials->serial;
	reply_begin(&t->reply, t->records);
	*request = (struct http_request){ .url = l->address.url,
		.headers = t->envelope.lines,
		.header_count = t->envelope.count,
		.pieces = t->pieces,
		.piece_count = t->piece_count,
		.length = t->length };
	return 0;
}
