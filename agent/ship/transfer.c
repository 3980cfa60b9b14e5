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
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "digest.h"
#include "log.h"
#include "mem.h"
#include "pace.h"
#include "sigv4.h"

#define PREFIX_MAX ((size_t)4 << 10) /* a stream's ARN and some */
#define AUTH_MAX   ((size_t)2 << 10)
#define TOKEN_MAX  (CREDENTIALS_TOKEN + 64)

#define DATE_NAME  "X-Amz-Date: "
#define TOKEN_NAME "X-Amz-Security-Token: "

struct transfer *
transfer_new(struct ship *s)
{
	struct transfer *t = mem_new(sizeof(*t));

	list_init(&t->node);
	t->ship = s;
	buf_init(&t->prefix, PREFIX_MAX);
	buf_init(&t->authorization, AUTH_MAX);
	buf_init(&t->token, TOKEN_MAX);
	return t;
}

void
transfer_free(struct transfer *t)
{
	if (t == NULL)
		return;
	list_remove(&t->node);
	if (t->token.room > 0)
		explicit_bzero(t->token.at, t->token.room);
	buf_fini(&t->prefix);
	buf_fini(&t->authorization);
	buf_fini(&t->token);
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

static void
add_header(struct transfer *t, const char *line)
{
	assert(t->header_count < HTTP_HEADERS);
	t->headers[t->header_count++] = line;
}

/* The value in a header line whose name has `name` bytes, colon and space
 * included. */
static struct span
value_of(const char *line, size_t name)
{
	return span_str(line + name);
}

static int
make_headers(struct transfer *t, const struct credentials *c, int64_t wall_ms,
    const char *agent)
{
	const struct lane *l = t->lane;
	const char *token = c->now.session_token;
	char when[17];

	clock_basic(wall_ms, when);
	snprintf(t->date, sizeof(t->date), DATE_NAME "%s", when);
	t->header_count = 0;
	add_header(t, l->host_line);
	add_header(t, l->type_line);
	add_header(t, l->target_line);
	add_header(t, agent);
	add_header(t, t->date);
	buf_clear(&t->token);
	if (token[0] == '\0')
		return 0;
	if (!buf_add_str(&t->token, TOKEN_NAME) ||
	    !buf_add_str(&t->token, token)) {
		log_error("the session token is too long to be sent");
		return -1;
	}
	add_header(t, buf_text(&t->token));
	return 0;
}

static int
sign(struct transfer *t, const struct credentials *c)
{
	const struct lane *l = t->lane;
	unsigned char payload[DIGEST_SHA256];
	struct sigv4_header headers[] = {
		{ "content-type", span_str(l->api->content_type) },
		{ "host", span_str(l->address.host) },
		{ "x-amz-date", value_of(t->date, strlen(DATE_NAME)) },
		{ "x-amz-target", span_str(l->api->target) },
		{ "x-amz-security-token", span_str(c->now.session_token) },
	};
	size_t count = sizeof(headers) / sizeof(headers[0]);
	struct sigv4_request request = { .access_key = c->now.access_key,
		.secret_key = c->now.secret_key,
		.serial = c->serial,
		.region = l->flow->region,
		.service = l->api->service,
		.when = t->date + strlen(DATE_NAME),
		.method = "POST",
		.path = "/",
		.headers = headers,
		.header_count =
		    c->now.session_token[0] != '\0' ? count : count - 1,
		.payload = payload };

	digest_sha256_pieces(t->pieces, t->piece_count, payload);
	buf_clear(&t->authorization);
	if (!buf_add_str(&t->authorization, "Authorization: ") ||
	    sigv4_sign(l->key, &request, &t->authorization) != 0)
		return -1;
	add_header(t, buf_text(&t->authorization));
	return 0;
}

int
transfer_prepare(struct transfer *t, const struct credentials *credentials,
    int64_t wall_ms, const char *agent, struct http_request *request)
{
	if (make_body(t) != 0 ||
	    make_headers(t, credentials, wall_ms, agent) != 0 ||
	    sign(t, credentials) != 0)
		return -1;
	t->serial = credentials->serial;
	reply_begin(&t->reply, t->records);
	*request = (struct http_request){ .url = t->lane->address.url,
		.headers = t->headers,
		.header_count = t->header_count,
		.pieces = t->pieces,
		.piece_count = t->piece_count,
		.length = t->length };
	return 0;
}
