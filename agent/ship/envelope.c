/* SPDX-License-Identifier: Apache-2.0
 *
 * envelope: the header lines that a request to AWS goes out with, signed.
 *
 * Whatever AWS judges a request by is signed: all lines but the User-Agent,
 * which a proxy may change. Nothing is sent from here.
 *
 * Thread: any, each with its own envelope and key.
 */
#include "envelope.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "digest.h"
#include "log.h"

#define AUTH_MAX   ((size_t)2 << 10)
#define TOKEN_MAX  (CREDENTIALS_TOKEN + 64)
#define SIGNED_MAX 5

#define DATE_NAME  "X-Amz-Date: "
#define TOKEN_NAME "X-Amz-Security-Token: "

void
envelope_init(struct envelope *e)
{
	*e = (struct envelope){ .count = 0 };
	buf_init(&e->authorization, AUTH_MAX);
	buf_init(&e->token, TOKEN_MAX);
}

static void
wipe_token(struct envelope *e)
{
	if (e->token.room > 0)
		explicit_bzero(e->token.at, e->token.room);
	buf_clear(&e->token);
}

void
envelope_fini(struct envelope *e)
{
	wipe_token(e);
	buf_fini(&e->authorization);
	buf_fini(&e->token);
}

static void
add_line(struct envelope *e, const char *line)
{
	assert(e->count < HTTP_HEADERS);
	e->lines[e->count++] = line;
}

/* Growing would leave a copy behind that nobody wipes: so it does not. */
static int
add_token(struct envelope *e, const char *token)
{
	wipe_token(e);
	if (token[0] == '\0')
		return 0;
	if (e->token.room < strlen(TOKEN_NAME) + strlen(token))
		buf_fini(&e->token);
	if (!buf_reserve(&e->token, strlen(TOKEN_NAME) + strlen(token)) ||
	    !buf_add_str(&e->token, TOKEN_NAME) ||
	    !buf_add_str(&e->token, token)) {
		log_error("the session token is too long to be sent");
		return -1;
	}
	add_line(e, buf_text(&e->token));
	return 0;
}

static struct span
value_of(const char *line)
{
	return span_str(strstr(line, ": ") + 2);
}

/* What is signed, into `out`. Answers how many. */
static size_t
list_signed(const struct envelope *e, const struct envelope_order *o,
    struct sigv4_header out[static SIGNED_MAX])
{
	const char *token = o->keys->session_token;
	size_t n = 0;

	out[n++] = (struct sigv4_header){ "content-type", value_of(o->type) };
	out[n++] = (struct sigv4_header){ "host", value_of(o->host) };
	out[n++] = (struct sigv4_header){ "x-amz-date", value_of(e->date) };
	if (o->target != NULL)
		out[n++] = (struct sigv4_header){ "x-amz-target",
			value_of(o->target) };
	if (token[0] != '\0')
		out[n++] = (struct sigv4_header){ "x-amz-security-token",
			span_str(token) };
	return n;
}

static int
sign(struct envelope *e, const struct envelope_order *o,
    const unsigned char *payload)
{
	struct sigv4_header headers[SIGNED_MAX];
	struct sigv4_request request = { .access_key = o->keys->access_key,
		.secret_key = o->keys->secret_key,
		.serial = o->serial,
		.region = o->region,
		.service = o->service,
		.when = e->date + strlen(DATE_NAME),
		.method = "POST",
		.path = "/",
		.headers = headers,
		.header_count = list_signed(e, o, headers),
		.payload = payload };

	buf_clear(&e->authorization);
	if (!buf_add_str(&e->authorization, "Authorization: ") ||
	    sigv4_sign(o->key, &request, &e->authorization) != 0)
		return -1;
	add_line(e, buf_text(&e->authorization));
	return 0;
}

int
envelope_seal(struct envelope *e, const struct envelope_order *o,
    const struct span *pieces, size_t count)
{
	unsigned char payload[DIGEST_SHA256];
	char when[17];

	clock_basic(o->wall_ms, when);
	snprintf(e->date, sizeof(e->date), DATE_NAME "%s", when);
	e->count = 0;
	add_line(e, o->host);
	add_line(e, o->type);
	if (o->target != NULL)
		add_line(e, o->target);
	if (o->agent != NULL)
		add_line(e, o->agent);
	add_line(e, e->date);
	if (o->keys == NULL)
		return 0;
	if (add_token(e, o->keys->session_token) != 0)
		return -1;
	digest_sha256_pieces(pieces, count, payload);
	return sign(e, o, payload);
}
