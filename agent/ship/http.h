/* SPDX-License-Identifier: Apache-2.0
 *
 * http: requests from pieces, many at a time, over kept connections.
 *
 * The only includer of libcurl. A server's certificate is always verified,
 * chain and name; there is no way to ask for less.
 */
#ifndef HTTP_H
#define HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "span.h"

#define HTTP_HEADERS 12

struct http;
struct exchange; /* one request and its answer */

enum http_result {
	HTTP_ANSWERED,    /* the answer is complete */
	HTTP_BROKEN,      /* the connection broke, before or in the answer */
	HTTP_STALLED,     /* nothing moved for too long */
	HTTP_UNREACHABLE, /* no connection: name, route, refusal, timeout */
	HTTP_UNTRUSTED    /* not the server it should be: nothing was sent */
};

/* How an exchange ended. All borrowed for the call. */
struct http_end {
	enum http_result result;
	long status;            /* of the answer, or 0 */
	int64_t date_ms;        /* of its Date header, or 0 */
	const char *error_type; /* its x-amzn-ErrorType header, or "" */
	const char *text;       /* what went wrong, unless ANSWERED */
	bool named;             /* the host was found by its name */
	/* How often the request went out: 0 where no connection came about,
	 * more than 1 where a kept one turned out closed under it. */
	uint32_t times_sent;
};

/* Whoever started an exchange hears of it here. Neither may start or abort
 * an exchange. */
struct http_face {
	/* The next portion of the answer's body; borrowed for the call. */
	void (*body)(void *owner, struct span bytes);
	/* It is over, and its struct exchange gone. */
	void (*end)(void *owner, const struct http_end *end);
};

struct http_options {
	const char *ca_file;  /* certificates to trust */
	const char *proxy;    /* NULL: the environment's; "": none */
	const char *no_proxy; /* hosts without; NULL: the environment's */
	uint32_t max_connections;
	int64_t connect_timeout_ms; /* name, route and TLS together */
	int64_t stall_timeout_ms;   /* without a byte in either direction */
	bool tcp_keepalive;
};

/* All borrowed until the exchange is over. */
struct http_request {
	const char *method; /* NULL: POST; or "PUT", "GET" */
	const char *url;
	bool direct; /* through no proxy, whatever the environment says */
	const char *const *headers; /* "Name: value" */
	size_t header_count;        /* at most HTTP_HEADERS */
	const struct span *pieces;  /* the body, in order; none empty */
	size_t piece_count;
	size_t length;                /* of the body */
	const struct http_face *face; /* who hears of it; NULL: the usual */
};

/* `options` is copied, its strings are borrowed. NULL: failed, logged. */
struct http *http_new(
    const struct http_options *options, const struct http_face *face);

/* Ends whatever is in flight without telling anyone. NULL is fine. */
void http_free(struct http *h);

/* Send `r`; the face hears of it with `owner`. NULL: failed, logged. */
struct exchange *http_start(
    struct http *h, const struct http_request *r, void *owner, int64_t now_ms);

/* End `*x` without telling anyone. `*x` is NULL after. */
void http_abort(struct http *h, struct exchange **x);

/* End what has stalled; answer in how many milliseconds to look again. */
int64_t http_due(struct http *h, int64_t now_ms);

/* Wait until something moves, `fd` can be read, or `wait_ms` have passed. */
void http_wait(struct http *h, int fd, int64_t wait_ms);

/* Move what can be moved. */
void http_run(struct http *h, int64_t now_ms);

/* Close the kept connections and give their memory back. Only while nothing
 * is in flight. */
void http_rest(struct http *h);

#endif
