/* SPDX-License-Identifier: Apache-2.0
 *
 * request: one HTTP request as it was received, and the answer to it. Both
 * belong to their connection and are used again for its next request.
 */
#ifndef FAKE_REQUEST_H
#define FAKE_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "bytes.h"
#include "digest.h"
#include "span.h"

#define REQUEST_HEADERS_MAX 64
#define REQUEST_TARGET_MAX  4096
#define REQUEST_SCOPE_MAX   256

enum format {
	FORMAT_JSON,
	FORMAT_CBOR,
	FORMAT_QUERY, /* a form comes, XML goes */
	FORMAT_OTHER  /* nothing that AWS's services speak */
};

struct header {
	struct span name; /* borrowed from the HTTP server */
	struct span value;
};

/* The signing key of a scope: the same for a day. */
struct signing_key {
	char owner[129];               /* the access key it belongs to */
	char scope[REQUEST_SCOPE_MAX]; /* date/region/service */
	uint8_t key[DIGEST_SIZE];
};

struct request {
	char method[16];
	char target[REQUEST_TARGET_MAX]; /* as received: path and query */
	struct span path;                /* the two halves of `target` */
	struct span query;
	struct header headers[REQUEST_HEADERS_MAX];
	size_t header_count;
	struct bytes body;
	struct digest hashing; /* of the body, while it arrives */
	uint8_t body_hash[DIGEST_SIZE];
	struct signing_key signing_key; /* kept from request to request */
	bool too_large;                 /* in target, headers or body */
};

/* How the answer leaves, or does not. */
enum manner {
	MANNER_PLAIN,
	MANNER_LATE,    /* after `ms` */
	MANNER_TRICKLE, /* a byte each `ms` */
	MANNER_NEVER,   /* the connection stays, silent */
	MANNER_CLOSE,   /* the connection is closed instead */
	MANNER_HALF     /* half of the body, then closed */
};

struct answer {
	unsigned status;
	const char *content_type;
	struct bytes body;
	enum manner manner;
	int64_t ms;
	int64_t date_shift_ms; /* how wrong the Date header is */
	enum format format;    /* of an answer to this request */
	bool refused;          /* the endpoint itself said no */
};

/* The first header of that name (lower case); `at` is NULL without one. */
struct span request_header(const struct request *r, const char *name);

/* The format its Content-Type names. */
enum format request_format(const struct request *r);

void answer_begin(struct answer *a, enum format format);

/* An AWS error: status, type and message in the format of the request. */
void answer_error(struct answer *a, unsigned status, const char *type,
    const char *format, ...) __attribute__((format(printf, 4, 5)));

/* The same with a message of any length, which lies in `message`. */
void answer_error_span(
    struct answer *a, unsigned status, const char *type, struct span message);

/* Any other body. */
void answer_text(struct answer *a, unsigned status, const char *content_type,
    const char *text);

/* The Content-Type that goes with `format`. */
const char *answer_content_type(enum format format);

#endif
