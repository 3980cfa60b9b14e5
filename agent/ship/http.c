/* SPDX-License-Identifier: Apache-2.0
 *
 * http: requests from pieces, many at a time, over kept connections.
 *
 * libcurl's multi interface with its sharp edges filed off:
 * - CURLOPT_QUICK_EXIT, or a dead name server holds us for ten seconds;
 * - CURLOPT_CAPATH null beside a CA file, or every connection parses all
 *   certificates again;
 * - no Expect, no HTTP/2: a request is one round trip on a connection of its
 *   own;
 * - the stall timer is ours, because libcurl's averages over seconds.
 *
 * Thread: ship. Names are resolved on libcurl's own threads.
 */
#include "http.h"

#include <assert.h>
#include <curl/curl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "clock.h"
#include "list.h"
#include "log.h"
#include "mem.h"

/* A request of short lines, 500 of them, passes in one or two portions. */
#define UPLOAD_BUFFER (112L << 10)

/* Whoever is on the other side closes sooner or later; better not to find
 * out by a request. */
#define KEPT_SECONDS 50L

/* However slowly it moves: no exchange of 10 MiB takes longer. */
#define EXCHANGE_MAX_MS (15L * 60 * 1000)

#define DATE_MAX  40
#define LAST_DATE 253402300799 /* of the year 9999 */
#define TYPE_MAX  127

/* An answer to 500 records is 60 KB; whoever says more does not speak to us,
 * and would hold a connection until EXCHANGE_MAX_MS. */
#define ANSWER_MAX ((size_t)8 << 20)

struct exchange {
	struct list_node node;        /* of http: flying or idle */
	struct http *http;            /* borrowed */
	CURL *easy;                   /* owned; kept for the next exchange */
	const struct http_face *face; /* borrowed */
	void *owner;
	struct curl_slist headers[HTTP_HEADERS + 3];

	const struct span *pieces; /* borrowed: the body */
	size_t piece_count;
	size_t piece; /* the one being sent */
	size_t sent;  /* bytes of it that are sent */
	uint32_t resent;
	size_t taken;     /* bytes of the answer */
	bool flooded;     /* it was more than ANSWER_MAX */
	bool moving;      /* connected: the request has begun to go out */
	int64_t moved_ms; /* when a byte last moved */

	char date[DATE_MAX + 1];
	char error_type[TYPE_MAX + 1];
	char error[CURL_ERROR_SIZE];
};

struct http {
	struct http_options options;
	struct http_face face;
	CURLM *multi;
	struct list_node flying, idle;
	int64_t now_ms;  /* of this turn */
	int64_t look_ms; /* no exchange stalls before then */
};

static struct exchange *
exchange_of(struct list_node *node)
{
	return LIST_ENTRY(node, struct exchange, node);
}

/* libcurl takes the body from here. */
static size_t
read_body(char *into, size_t size, size_t count, void *data)
{
	struct exchange *x = data;
	size_t room = size * count, len = 0;

	x->moving = true;
	x->moved_ms = x->http->now_ms;
	while (len < room && x->piece < x->piece_count) {
		struct span rest = x->pieces[x->piece];

		rest.at += x->sent;
		rest.len -= x->sent;
		if (rest.len > room - len) {
			memcpy(into + len, rest.at, room - len);
			x->sent += room - len;
			return room;
		}
		memcpy(into + len, rest.at, rest.len);
		len += rest.len;
		x->piece++;
		x->sent = 0;
	}
	return len;
}

/* libcurl sends the body again where a kept connection turned out closed. */
static int
seek_body(void *data, curl_off_t offset, int origin)
{
	struct exchange *x = data;
	size_t left = (size_t)offset;

	if (origin != SEEK_SET || offset < 0)
		return CURL_SEEKFUNC_FAIL;
	for (x->piece = 0; x->piece < x->piece_count; x->piece++) {
		if (left < x->pieces[x->piece].len)
			break;
		left -= x->pieces[x->piece].len;
	}
	x->sent = left;
	x->resent++;
	return left > 0 && x->piece == x->piece_count ? CURL_SEEKFUNC_FAIL
						      : CURL_SEEKFUNC_OK;
}

static size_t
take_body(char *at, size_t size, size_t count, void *data)
{
	struct exchange *x = data;

	x->moved_ms = x->http->now_ms;
	if (size * count > ANSWER_MAX - x->taken) {
		x->flooded = true;
		return CURL_WRITEFUNC_ERROR;
	}
	x->taken += size * count;
	x->face->body(x->owner, span_of(at, size * count));
	return size * count;
}

/* If the header `line` is called `name`, keep its value. */
static void
keep_header(struct span line, const char *name, char *into, size_t max)
{
	size_t from = strlen(name), len;

	if (line.len <= from ||
	    strncasecmp((const char *)line.at, name, from) != 0)
		return;
	while (from < line.len && line.at[from] == ' ')
		from++;
	len = line.len - from;
	while (len > 0 && line.at[from + len - 1] <= ' ')
		len--;
	if (len > max)
		len = max;
	memcpy(into, line.at + from, len);
	into[len] = '\0';
}

static size_t
take_header(char *at, size_t size, size_t count, void *data)
{
	struct exchange *x = data;
	struct span line = span_of(at, size * count);

	x->moved_ms = x->http->now_ms;
	keep_header(line, "date:", x->date, DATE_MAX);
	keep_header(line, "x-amzn-errortype:", x->error_type, TYPE_MAX);
	return line.len;
}

/* What holds for every exchange. */
static const struct {
	CURLoption option;
	long value;
} always[] = {
	{ CURLOPT_NOSIGNAL, 1 },
	{ CURLOPT_QUICK_EXIT, 1 },
	{ CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1 },
	{ CURLOPT_SUPPRESS_CONNECT_HEADERS, 1 },
	{ CURLOPT_POST, 1 },
	{ CURLOPT_UPLOAD_BUFFERSIZE, UPLOAD_BUFFER },
	{ CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2 },
	{ CURLOPT_PROXY_SSLVERSION, CURL_SSLVERSION_TLSv1_2 },
	{ CURLOPT_SSL_VERIFYPEER, 1 },
	{ CURLOPT_SSL_VERIFYHOST, 2 },
	{ CURLOPT_MAXAGE_CONN, KEPT_SECONDS },
	{ CURLOPT_TIMEOUT_MS, EXCHANGE_MAX_MS },
};

/* What holds for every exchange of this agent. */
static CURLcode
set_options(CURL *easy, const struct http_options *o)
{
	long keepalive = o->tcp_keepalive ? 1 : 0;
	long connect_ms = (long)o->connect_timeout_ms;
	CURLcode bad = CURLE_OK;

	for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++) {
		if (bad == CURLE_OK)
			bad = curl_easy_setopt(
			    easy, always[i].option, always[i].value);
	}
	if (bad == CURLE_OK)
		bad =
		    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	if (bad == CURLE_OK)
		bad = curl_easy_setopt(easy, CURLOPT_CAINFO, o->ca_file);
	if (bad == CURLE_OK)
		bad = curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
	if (bad == CURLE_OK && o->proxy != NULL)
		bad = curl_easy_setopt(easy, CURLOPT_PROXY, o->proxy);
	/* One that is spoken to in TLS must prove itself as a server must. */
	if (bad == CURLE_OK)
		bad = curl_easy_setopt(easy, CURLOPT_PROXY_CAINFO, o->ca_file);
	if (bad == CURLE_OK)
		bad = curl_easy_setopt(easy, CURLOPT_PROXY_CAPATH, NULL);
	if (bad == CURLE_OK)
		bad = curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, keepalive);
	if (bad == CURLE_OK)
		bad = curl_easy_setopt(
		    easy, CURLOPT_CONNECTTIMEOUT_MS, connect_ms);
	return bad;
}

/* Where libcurl takes from and gives to. Cannot fail. */
static void
set_doors(struct exchange *x)
{
	curl_easy_setopt(x->easy, CURLOPT_PRIVATE, x);
	curl_easy_setopt(x->easy, CURLOPT_READFUNCTION, read_body);
	curl_easy_setopt(x->easy, CURLOPT_READDATA, x);
	curl_easy_setopt(x->easy, CURLOPT_SEEKFUNCTION, seek_body);
	curl_easy_setopt(x->easy, CURLOPT_SEEKDATA, x);
	curl_easy_setopt(x->easy, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(x->easy, CURLOPT_WRITEDATA, x);
	curl_easy_setopt(x->easy, CURLOPT_HEADERFUNCTION, take_header);
	curl_easy_setopt(x->easy, CURLOPT_HEADERDATA, x);
	curl_easy_setopt(x->easy, CURLOPT_ERRORBUFFER, x->error);
}

static struct exchange *
exchange_new(struct http *h)
{
	struct exchange *x = mem_new(sizeof(*x));
	CURLcode bad = CURLE_FAILED_INIT;

	list_init(&x->node);
	x->http = h;
	x->easy = curl_easy_init();
	if (x->easy != NULL)
		bad = set_options(x->easy, &h->options);
	if (bad != CURLE_OK) {
		log_error("libcurl: %s", curl_easy_strerror(bad));
		curl_easy_cleanup(x->easy);
		free(x);
		return NULL;
	}
	set_doors(x);
	return x;
}

static void
exchange_free(struct exchange *x)
{
	list_remove(&x->node);
	curl_easy_cleanup(x->easy);
	free(x);
}

/* Over: nothing borrowed is kept, the handle waits for the next one. */
static void
put_away(struct exchange *x)
{
	struct http *h = x->http;

	curl_multi_remove_handle(h->multi, x->easy);
	curl_easy_setopt(x->easy, CURLOPT_HTTPHEADER, NULL);
	x->owner = NULL;
	x->pieces = NULL;
	x->piece_count = 0;
	list_remove(&x->node);
	list_add_first(&h->idle, &x->node);
}

static CURLM *
multi_new(const struct http_options *options)
{
	CURLM *multi = curl_multi_init();

	if (multi == NULL) {
		log_error("libcurl: cannot be initialised");
		return NULL;
	}
	curl_multi_setopt(
	    multi, CURLMOPT_MAXCONNECTS, (long)options->max_connections);
	curl_multi_setopt(multi, CURLMOPT_PIPELINING, (long)CURLPIPE_NOTHING);
	return multi;
}

struct http *
http_new(const struct http_options *options, const struct http_face *face)
{
	struct http *h;

	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
		log_error("libcurl: cannot be initialised");
		return NULL;
	}
	h = mem_new(sizeof(*h));
	h->options = *options;
	h->face = *face;
	list_init(&h->flying);
	list_init(&h->idle);
	h->look_ms = CLOCK_NEVER;
	h->multi = multi_new(options);
	if (h->multi != NULL)
		return h;
	http_free(h);
	return NULL;
}

static void
free_idle(struct http *h)
{
	struct list_node *node, *after;

	list_for_each_safe (node, after, &h->idle)
		exchange_free(exchange_of(node));
}

void
http_free(struct http *h)
{
	struct list_node *node, *after;

	if (h == NULL)
		return;
	list_for_each_safe (node, after, &h->flying)
		put_away(exchange_of(node));
	free_idle(h);
	curl_multi_cleanup(h->multi);
	curl_global_cleanup();
	free(h);
}

/* libcurl only reads the list; so it need not be its own. */
static void
link_headers(struct exchange *x, const struct http_request *r)
{
	/* Headers that libcurl would add of its own accord. */
	static const char *const unwanted[] = { "Accept:", "Expect:" };
	size_t count = 0;

	assert(r->header_count <= HTTP_HEADERS);
	for (size_t i = 0; i < r->header_count; i++)
		x->headers[count++].data = (char *)(uintptr_t)r->headers[i];
	for (size_t i = 0; i < sizeof(unwanted) / sizeof(unwanted[0]); i++)
		x->headers[count++].data = (char *)(uintptr_t)unwanted[i];
	for (size_t i = 0; i + 1 < count; i++)
		x->headers[i].next = &x->headers[i + 1];
	x->headers[count - 1].next = NULL;
}

/* What an exchange before may have left otherwise. Cannot fail. */
static void
set_method(CURL *easy, const struct http_request *r)
{
	bool get = r->method != NULL && strcmp(r->method, "GET") == 0;

	curl_easy_setopt(easy, get ? CURLOPT_HTTPGET : CURLOPT_POST, 1L);
	curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, get ? NULL : r->method);
}

static int
launch(struct exchange *x, const struct http_request *r)
{
	curl_off_t length = (curl_off_t)r->length;
	CURLcode bad = curl_easy_setopt(x->easy, CURLOPT_URL, r->url);
	CURLMcode refused;

	set_method(x->easy, r);
	if (bad == CURLE_OK)
		bad = curl_easy_setopt(x->easy, CURLOPT_NOPROXY,
		    r->direct ? "*" : x->http->options.no_proxy);
	if (bad == CURLE_OK)
		bad = curl_easy_setopt(x->easy, CURLOPT_HTTPHEADER, x->headers);
	if (bad == CURLE_OK)
		bad = curl_easy_setopt(
		    x->easy, CURLOPT_POSTFIELDSIZE_LARGE, length);
	if (bad != CURLE_OK) {
		log_error("%s: libcurl: %s", r->url, curl_easy_strerror(bad));
		return -1;
	}
	refused = curl_multi_add_handle(x->http->multi, x->easy);
	if (refused == CURLM_OK)
		return 0;
	log_error("%s: libcurl: %s", r->url, curl_multi_strerror(refused));
	return -1;
}

struct exchange *
http_start(
    struct http *h, const struct http_request *r, void *owner, int64_t now_ms)
{
	struct list_node *node = list_take_first(&h->idle);
	struct exchange *x = node != NULL ? exchange_of(node) : exchange_new(h);

	if (x == NULL)
		return NULL;
	h->now_ms = now_ms;
	x->face = r->face != NULL ? r->face : &h->face;
	x->owner = owner;
	x->pieces = r->pieces;
	x->piece_count = r->piece_count;
	x->piece = 0;
	x->sent = 0;
	x->resent = 0;
	x->taken = 0;
	x->flooded = false;
	x->moving = false;
	x->moved_ms = now_ms;
	x->date[0] = '\0';
	x->error_type[0] = '\0';
	x->error[0] = '\0';
	link_headers(x, r);
	if (launch(x, r) != 0) {
		exchange_free(x);
		return NULL;
	}
	list_add_last(&h->flying, &x->node);
	if (h->look_ms > now_ms + h->options.stall_timeout_ms)
		h->look_ms = now_ms + h->options.stall_timeout_ms;
	return x;
}

void
http_abort(struct http *h, struct exchange **x)
{
	assert((*x)->http == h && list_on(&(*x)->node));
	put_away(*x);
	*x = NULL;
}

static enum http_result
result_of(CURLcode code, bool moving)
{
	switch (code) {
	case CURLE_OK:
		return HTTP_ANSWERED;
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_RESOLVE_PROXY:
	case CURLE_COULDNT_CONNECT:
	case CURLE_SSL_CONNECT_ERROR:
		return HTTP_UNREACHABLE;
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_ISSUER_ERROR:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_CERTPROBLEM:
		return HTTP_UNTRUSTED;
	case CURLE_OPERATION_TIMEDOUT:
		return moving ? HTTP_STALLED : HTTP_UNREACHABLE;
	default:
		return HTTP_BROKEN;
	}
}

/* A proxy's name counts, too: it is what has to be found. */
static bool
was_named(const struct exchange *x)
{
	curl_off_t took_us = 0;

	curl_easy_getinfo(x->easy, CURLINFO_NAMELOOKUP_TIME_T, &took_us);
	return took_us > 0;
}

/* A proxy that makes no connection for us: there is none. */
static enum http_result
corrected(const struct exchange *x, enum http_result result)
{
	long answer = 0;

	curl_easy_getinfo(x->easy, CURLINFO_HTTP_CONNECTCODE, &answer);
	return result == HTTP_BROKEN && answer >= 300 ? HTTP_UNREACHABLE
						      : result;
}

static int64_t
date_of(const struct exchange *x)
{
	time_t date = x->date[0] != '\0' ? curl_getdate(x->date, NULL) : -1;

	return date > 0 && date <= LAST_DATE ? (int64_t)date * 1000 : 0;
}

static void
finish(struct exchange *x, enum http_result result, const char *text)
{
	const struct http_face *face = x->face;
	void *owner = x->owner;
	struct http_end end = { .result = result,
		.date_ms = date_of(x),
		.error_type = x->error_type,
		.text = text,
		.named = was_named(x),
		.times_sent = x->moving ? 1 + x->resent : 0 };

	end.result = corrected(x, result);
	curl_easy_getinfo(x->easy, CURLINFO_RESPONSE_CODE, &end.status);
	put_away(x);
	face->end(owner, &end);
}

static const char *
text_of(const struct exchange *x, CURLcode code)
{
	if (x->flooded)
		return "its answer is endless";
	return x->error[0] != '\0' ? x->error : curl_easy_strerror(code);
}

static void
take_finished(struct http *h)
{
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(h->multi, &left)) != NULL) {
		struct exchange *x = NULL;
		CURLcode code = message->data.result;

		assert(message->msg == CURLMSG_DONE);
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &x);
		finish(x, result_of(code, x->moving), text_of(x, code));
	}
}

int64_t
http_due(struct http *h, int64_t now_ms)
{
	struct list_node *node, *after;

	if (list_empty(&h->flying))
		return CLOCK_NEVER;
	if (now_ms < h->look_ms)
		return h->look_ms - now_ms;
	/* Bytes only put an exchange's limit off, so the nearest of today's
	 * limits is early enough to look again. */
	h->look_ms = now_ms + h->options.stall_timeout_ms;
	list_for_each_safe (node, after, &h->flying) {
		struct exchange *x = exchange_of(node);
		int64_t limit = x->moved_ms + h->options.stall_timeout_ms;

		if (!x->moving)
			continue; /* libcurl's own limit for connecting */
		if (limit <= now_ms) {
			snprintf(x->error, sizeof(x->error),
			    "nothing moved for %" PRId64 " ms",
			    now_ms - x->moved_ms);
			finish(x, HTTP_STALLED, x->error);
		} else if (limit < h->look_ms)
			h->look_ms = limit;
	}
	return h->look_ms - now_ms;
}

void
http_wait(struct http *h, int fd, int64_t wait_ms)
{
	struct curl_waitfd also = { .fd = fd, .events = CURL_WAIT_POLLIN };
	int limit = wait_ms < INT_MAX ? (int)wait_ms : INT_MAX;
	CURLMcode bad = curl_multi_poll(h->multi, &also, 1, limit, NULL);

	if (bad != CURLM_OK)
		log_warn("libcurl: poll: %s", curl_multi_strerror(bad));
}

void
http_run(struct http *h, int64_t now_ms)
{
	int running;

	h->now_ms = now_ms;
	if (list_empty(&h->flying))
		return;
	CURLMcode bad = curl_multi_perform(h->multi, &running);

	if (bad != CURLM_OK)
		log_warn("libcurl: %s", curl_multi_strerror(bad));
	take_finished(h);
}

void
http_rest(struct http *h)
{
	CURLM *fresh;

	assert(list_empty(&h->flying));
	fresh = multi_new(&h->options);
	if (fresh == NULL)
		return;
	free_idle(h);
	curl_multi_cleanup(h->multi);
	h->multi = fresh;
}
