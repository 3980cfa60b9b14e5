/* SPDX-License-Identifier: Apache-2.0
 *
 * fetch: one HTTP request, waited for.
 *
 * Getting keys is one question after the other, each made of the last one's
 * answer. So it is written that way, on a thread that may wait: the ship's
 * transfers go on meanwhile with the keys they have.
 *
 * Thread: keyring's, or main's before it has started.
 */
#include "fetch.h"

#include <assert.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "config.h"
#include "http.h"
#include "mem.h"
#include "secret.h"
#include "trust.h"

/* Documents of a few KiB. */
#define BODY_MAX ((size_t)128 << 10)

#define CONNECT_MS 5000

struct fetch {
	const struct config *config; /* borrowed */
	int wake;                    /* borrowed */
	const atomic_bool *stopping; /* borrowed */
	struct http *http[2];        /* plain, TLS: while in use */
	struct fetch_answer answer;
	char *body; /* owned: secret memory */
	bool full;  /* more came than that holds */
	bool over;
};

static void
take_body(void *owner, struct span bytes)
{
	struct fetch *f = owner;
	size_t room = BODY_MAX - 1 - f->answer.length;

	f->full = f->full || bytes.len > room;
	if (bytes.len > room)
		bytes.len = room;
	memcpy(f->body + f->answer.length, bytes.at, bytes.len);
	f->answer.length += bytes.len;
}

static void
take_end(void *owner, const struct http_end *end)
{
	struct fetch *f = owner;
	struct fetch_answer *a = &f->answer;

	f->over = true;
	a->answered = end->result == HTTP_ANSWERED && !f->full;
	a->status = end->status;
	a->date_ms = end->date_ms;
	if (!a->answered)
		snprintf(a->text, sizeof(a->text), "%s",
		    f->full ? "its answer is too long" : end->text);
}

struct fetch *
fetch_new(const struct config *config, int wake, const atomic_bool *stopping)
{
	struct fetch *f = mem_new(sizeof(*f));

	f->config = config;
	f->wake = wake;
	f->stopping = stopping;
	f->body = secret_new(BODY_MAX);
	if (f->body != NULL)
		return f;
	free(f);
	return NULL;
}

void
fetch_rest(struct fetch *f)
{
	for (size_t i = 0; i < 2; i++) {
		http_free(f->http[i]);
		f->http[i] = NULL;
	}
	explicit_bzero(f->body, BODY_MAX);
}

void
fetch_free(struct fetch *f)
{
	if (f == NULL)
		return;
	fetch_rest(f);
	secret_free(f->body, BODY_MAX);
	free(f);
}

static struct http *
http_for(struct fetch *f, const char *url)
{
	static const struct http_face face = { take_body, take_end };
	bool tls = strncmp(url, "https:", 6) == 0;
	struct http_options options = { .max_connections = 2,
		.connect_timeout_ms = CONNECT_MS,
		.stall_timeout_ms = f->config->socket_timeout_ms,
		.proxy = f->config->proxy,
		.no_proxy = f->config->no_proxy };

	if (f->http[tls] != NULL)
		return f->http[tls];
	if (tls) {
		options.ca_file = trust_file(f->config->ca_file);
		if (options.ca_file == NULL)
			return NULL;
	}
	f->http[tls] = http_new(&options, &face);
	return f->http[tls];
}

/* Somebody wanted something: not now. */
static bool
goes_on(const struct fetch *f)
{
	uint64_t count;

	if (read(f->wake, &count, sizeof(count)) < 0)
		count = 0; /* nobody did */
	return !atomic_load(f->stopping);
}

static void
wait_for_the_end(
    struct fetch *f, struct http *h, struct exchange *x, int64_t limit_ms)
{
	int64_t now_ms = clock_ms(), end_ms = now_ms + limit_ms;

	while (!f->over) {
		int64_t wait_ms = http_due(h, now_ms);

		if (f->over)
			break;
		if (now_ms >= end_ms || !goes_on(f)) {
			http_abort(h, &x);
			snprintf(f->answer.text, sizeof(f->answer.text),
			    "no answer within %lld ms", (long long)limit_ms);
			break;
		}
		if (wait_ms > end_ms - now_ms)
			wait_ms = end_ms - now_ms;
		http_wait(h, f->wake, wait_ms);
		now_ms = clock_ms();
		http_run(h, now_ms);
	}
}

const struct fetch_answer *
fetch_ask(struct fetch *f, const struct fetch_request *r)
{
	struct http_request request = { .url = r->url,
		.method = r->method,
		.direct = r->direct,
		.headers = r->headers,
		.header_count = r->header_count,
		.pieces = &r->body,
		.piece_count = r->body.len > 0 ? 1 : 0,
		.length = r->body.len };
	struct http *h = http_for(f, r->url);
	struct exchange *x = NULL;

	f->answer = (struct fetch_answer){ .body = f->body,
		.text = "cannot ask; see above" };
	f->full = false;
	f->over = false;
	if (h != NULL)
		x = http_start(h, &request, f, clock_ms());
	if (x != NULL)
		wait_for_the_end(f, h, x, r->limit_ms);
	f->body[f->answer.length] = '\0';
	return &f->answer;
}

bool
fetch_wait(struct fetch *f, const int *fds, size_t count, int64_t wait_ms)
{
	struct pollfd waits[5] = { { .fd = f->wake, .events = POLLIN } };

	assert(count < sizeof(waits) / sizeof(waits[0]));
	for (size_t i = 0; i < count; i++)
		waits[i + 1] =
		    (struct pollfd){ .fd = fds[i], .events = POLLIN };
	if (wait_ms > 0)
		(void)poll(waits, count + 1, (int)wait_ms);
	return goes_on(f);
}
