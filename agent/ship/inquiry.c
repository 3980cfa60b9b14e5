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
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "buf.h"
#include "clock.h"
#include "credentials.h"
#include "digest.h"
#include "http.h"
#include "jsonscan.h"
#include "lane.h"
#include "log.h"
#include "mem.h"
#include "sigv4.h"
#include "state.h"

#define LOOK_MS  50    /* who wants to know is looked for so often */
#define AGAIN_MS 30000 /* after no answer */

#define TARGET       "Kinesis_20131202.DescribeStreamSummary"
#define TYPE         "application/x-amz-json-1.1"
#define DATE_NAME    "X-Amz-Date: "
#define BODY_MAX     ((size_t)3 << 10) /* an ARN and some */
#define AUTH_MAX     ((size_t)2 << 10)
#define TOKEN_MAX    (CREDENTIALS_TOKEN + 64)
#define KIB_LEAST    1024
#define KIB_MOST     10240
#define USUAL_RECORD ((uint64_t)1 << 20)

struct inquiry {
	struct ship *ship;         /* borrowed */
	struct lane *lane;         /* borrowed, while asking */
	struct exchange *exchange; /* borrowed from http; NULL: none */
	int64_t look_ms;

	struct buf body, authorization, token; /* the last is wiped */
	char date[32];
	const char *headers[HTTP_HEADERS];
	size_t header_count;
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
	buf_init(&q->authorization, AUTH_MAX);
	buf_init(&q->token, TOKEN_MAX);
	return q;
}

void
inquiry_free(struct inquiry *q)
{
	if (q == NULL)
		return;
	assert(q->exchange == NULL);
	if (q->token.room > 0)
		explicit_bzero(q->token.at, q->token.room);
	buf_fini(&q->body);
	buf_fini(&q->authorization);
	buf_fini(&q->token);
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

/* --- The question --- */

static void
add_header(struct inquiry *q, const char *line)
{
	assert(q->header_count < HTTP_HEADERS);
	q->headers[q->header_count++] = line;
}

static int
make_headers(struct inquiry *q, const struct credentials *c)
{
	struct ship *s = q->ship;
	char when[17];

	clock_basic(s->wall_ms + s->skew_ms, when);
	snprintf(q->date, sizeof(q->date), DATE_NAME "%s", when);
	q->header_count = 0;
	add_header(q, q->lane->host_line);
	add_header(q, "Content-Type: " TYPE);
	add_header(q, "X-Amz-Target: " TARGET);
	add_header(q, s->agent_line);
	add_header(q, q->date);
	buf_clear(&q->token);
	if (c->now.session_token[0] == '\0')
		return 0;
	if (!buf_add_str(&q->token, "X-Amz-Security-Token: ") ||
	    !buf_add_str(&q->token, c->now.session_token))
		return -1;
	add_header(q, buf_text(&q->token));
	return 0;
}

static int
sign(struct inquiry *q, const struct credentials *c)
{
	const struct lane *l = q->lane;
	unsigned char payload[DIGEST_SHA256];
	struct sigv4_header headers[] = {
		{ "content-type", span_str(TYPE) },
		{ "host", span_str(l->address.host) },
		{ "x-amz-date", span_str(q->date + strlen(DATE_NAME)) },
		{ "x-amz-target", span_str(TARGET) },
		{ "x-amz-security-token", span_str(c->now.session_token) },
	};
	size_t count = sizeof(headers) / sizeof(headers[0]);
	struct sigv4_request request = { .access_key = c->now.access_key,
		.secret_key = c->now.secret_key,
		.serial = c->serial,
		.region = l->flow->region,
		.service = l->api->service,
		.when = q->date + strlen(DATE_NAME),
		.method = "POST",
		.path = "/",
		.headers = headers,
		.header_count =
		    c->now.session_token[0] != '\0' ? count : count - 1,
		.payload = payload };

	digest_sha256(q->piece, payload);
	buf_clear(&q->authorization);
	if (!buf_add_str(&q->authorization, "Authorization: ") ||
	    sigv4_sign(l->key, &request, &q->authorization) != 0)
		return -1;
	add_header(q, buf_text(&q->authorization));
	return 0;
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
		if (lane_same_destination(&s->lanes[i], asked))
			stats_set(&s->lanes[i].stats->record_limit, bytes);
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
ask(struct inquiry *q)
{
	static const struct http_face face = { on_body, on_end };
	const struct credentials *c = q->lane->credentials;
	const char *target = q->lane->flow->target;
	bool arn = strncmp(target, "arn:", 4) == 0;
	struct http_request request;

	/* Neither a name nor an ARN has anything to escape. */
	buf_clear(&q->body);
	if (!buf_addf(&q->body, "{\"%s\":\"%s\"}",
		arn ? "StreamARN" : "StreamName", target))
		return -1;
	q->piece = buf_span(&q->body);
	if (make_headers(q, c) != 0 || sign(q, c) != 0)
		return -1;
	jsonscan_begin(&q->scan, sink, q);
	q->here = false;
	q->kib = 0;
	request = (struct http_request){ .url = q->lane->address.url,
		.headers = q->headers,
		.header_count = q->header_count,
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
	return stats_get(&l->stats->limit_wanted) != 0 &&
	       stats_get(&l->stats->record_limit) == 0 && now_ms >= l->ask_ms &&
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

		if (!wants_to_know(l, s->now_ms))
			continue;
		q->lane = l;
		if (ask(q) == 0)
			return CLOCK_NEVER;
		l->ask_ms = s->now_ms + AGAIN_MS;
	}
	return CLOCK_NEVER;
}
