/* SPDX-License-Identifier: Apache-2.0
 *
 * inquiry: see inquiry.h.
 *
 * A stream takes records of 1 MiB unless its owner allowed more, which only
 * DescribeStreamSummary tells. Most agents may not ask that and need not: so
 * it is asked only when a line is there that is longer, for each destination
 * once, one at a time. Whoever may not ask goes on with what every stream
 * takes.
 *
 * Thread: ship.
 */
#include "inquiry.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "buf.h"
#include "clock.h"
#include "credentials.h"
#include "envelope.h"
#include "http.h"
#include "jsonscan.h"
#include "lane.h"
#include "log.h"
#include "mem.h"
#include "state.h"

#define LOOK_MS  50    /* who wants to know is looked for so often */
#define AGAIN_MS 30000 /* after no answer */

#define TARGET_LINE  "X-Amz-Target: Kinesis_20131202.DescribeStreamSummary"
#define TYPE_LINE    "Content-Type: application/x-amz-json-1.1"
#define BODY_MAX     ((size_t)3 << 10) /* an ARN and some */
#define KIB_LEAST    1024
#define KIB_MOST     10240
#define USUAL_RECORD ((uint64_t)1 << 20)

struct inquiry {
	struct ship *ship;         /* borrowed */
	struct lane *lane;         /* borrowed, while asking */
	struct exchange *exchange; /* borrowed from http; NULL: none */
	int64_t look_ms;

	struct buf body;
	struct envelope envelope;
	struct span piece;

	struct jsonscan scan;
	bool here;    /* the next number is the limit */
	uint64_t kib; /* the limit; 0: it was not told */
};

struct inquiry *
inquiry_new(struct ship *s)
{
	struct inquiry *q = mem_new(sizeof(*q));

	q->ship = s;
	buf_init(&q->body, BODY_MAX);
	envelope_init(&q->envelope);
	return q;
}

void
inquiry_free(struct inquiry *q)
{
	if (q == NULL)
		return;
	assert(q->exchange == NULL);
	buf_fini(&q->body);
	envelope_fini(&q->envelope);
	free(q);
}

bool
inquiry_is_out(const struct inquiry *q)
{
	return q->exchange != NULL;
}

void
inquiry_abandon(struct inquiry *q)
{
	if (q->exchange != NULL)
		http_abort(q->ship->http, &q->exchange);
}

void
inquiry_forget(struct inquiry *q, const struct lane *l)
{
	if (q->lane == l)
		inquiry_abandon(q);
}

/* --- The answer --- */

static bool
sink(void *owner, enum scan_kind kind, struct span text, uint64_t number)
{
	struct inquiry *q = owner;

	if (q->here && kind == SCAN_NUMBER)
		q->kib = number;
	q->here =
	    kind == SCAN_KEY && span_eq(text, span_str("MaxRecordSizeInKiB"));
	return q->kib == 0;
}

static void
on_body(void *owner, struct span bytes)
{
	struct inquiry *q = owner;

	(void)jsonscan_feed(&q->scan, bytes);
}

/* All flows to the destination of `asked` know now. */
static void
tell(struct ship *s, const struct lane *asked, uint64_t bytes)
{
	for (size_t i = 0; i < s->config->flow_count; i++)
		if (!lane_is_empty(&s->lanes[i]) &&
		    lane_same_destination(&s->lanes[i], asked))
			stats_set_limit(s->lanes[i].stats, i, bytes);
}

static void
on_end(void *owner, const struct http_end *end)
{
	struct inquiry *q = owner;
	struct lane *l = q->lane;
	const char *name = l->flow->name, *target = l->flow->target;

	q->exchange = NULL;
	if (end->result != HTTP_ANSWERED || end->status >= 500) {
		log_debug("flow %s: %s does not say how large records may be: "
			  "%s; asking again later",
		    name, target, end->text);
		l->ask_ms = q->ship->now_ms + AGAIN_MS;
		return;
	}
	if (end->status == 200 && q->kib >= KIB_LEAST && q->kib <= KIB_MOST) {
		log_info("flow %s: %s takes records of %" PRIu64 " KiB", name,
		    target, q->kib);
		tell(q->ship, l, q->kib * 1024);
		return;
	}
	if (end->status != 200)
		log_info("flow %s: cannot ask how large records of %s may be "
			 "(DescribeStreamSummary: %ld%s%s): 1 MiB, as every "
			 "stream takes",
		    name, target, end->status,
		    end->error_type[0] != '\0' ? " " : "", end->error_type);
	tell(q->ship, l, USUAL_RECORD);
}

/* --- Asking --- */

static int
seal(struct inquiry *q)
{
	const struct ship *s = q->ship;
	const struct lane *l = q->lane;
	struct envelope_order order = { .host = l->host_line,
		.type = TYPE_LINE,
		.target = TARGET_LINE,
		.agent = s->agent_line,
		.keys = &l->credentials->now,
		.serial = l->credentials->serial,
		.key = l->key,
		.region = l->flow->region,
		.service = l->api->service,
		.wall_ms = s->wall_ms + s->skew_ms };

	return envelope_seal(&q->envelope, &order, &q->piece, 1);
}

static int
ask(struct inquiry *q)
{
	static const struct http_face face = { on_body, on_end };
	const char *target = q->lane->flow->target;
	bool arn = strncmp(target, "arn:", 4) == 0;
	struct http_request request;

	/* Neither a name nor an ARN has anything to escape. */
	buf_clear(&q->body);
	if (!buf_addf(&q->body, "{\"%s\":\"%s\"}",
		arn ? "StreamARN" : "StreamName", target))
		return -1;
	q->piece = buf_span(&q->body);
	if (seal(q) != 0)
		return -1;
	jsonscan_begin(&q->scan, sink, q);
	q->here = false;
	q->kib = 0;
	request = (struct http_request){ .url = q->lane->address.url,
		.headers = q->envelope.lines,
		.header_count = q->envelope.count,
		.pieces = &q->piece,
		.piece_count = 1,
		.length = q->piece.len,
		.face = &face };
	q->exchange = http_start(q->ship->http, &request, q, q->ship->now_ms);
	return q->exchange != NULL ? 0 : -1;
}

static bool
wants_to_know(const struct lane *l, int64_t now_ms)
{
	return stats_get(&l->stats->limit_wanted) == l->number + 1 &&
	       stats_limit(l->stats, l->number) == 0 && now_ms >= l->ask_ms &&
	       credentials_hold(l->credentials, now_ms);
}

int64_t
inquiry_go(struct inquiry *q)
{
	struct ship *s = q->ship;

	if (q->exchange != NULL)
		return CLOCK_NEVER;
	if (s->now_ms < q->look_ms)
		return q->look_ms - s->now_ms;
	q->look_ms = s->now_ms + LOOK_MS;
	for (size_t i = 0; i < s->config->flow_count; i++) {
		struct lane *l = &s->lanes[i];

		if (lane_is_empty(l) || !wants_to_know(l, s->now_ms))
			continue;
		q->lane = l;
		if (ask(q) == 0)
			return CLOCK_NEVER;
		l->ask_ms = s->now_ms + AGAIN_MS;
	}
	return CLOCK_NEVER;
}
