/* SPDX-License-Identifier: Apache-2.0
 *
 * verdict: what the end of an exchange means for its records.
 */
#ifndef VERDICT_H
#define VERDICT_H

#include <stdbool.h>
#include <stddef.h>

#include "http.h"
#include "reply.h"

enum verdict_kind {
	VERDICT_ALL,  /* every record was accepted */
	VERDICT_SOME, /* see reply_failed */
	VERDICT_NONE  /* as far as one can know */
};

enum verdict_action {
	ACTION_WAIT,  /* go again after a pause */
	ACTION_RENEW, /* ask for credentials again first */
	ACTION_CLOCK, /* set our clock by the answer's date first */
	ACTION_SIFT   /* a record in it is refused, or may be: find it */
};

struct verdict {
	enum verdict_kind kind;
	enum verdict_action action;
	bool about_key;     /* say which access key it was */
	bool at_limit;      /* what failed did so for being too much */
	const char *advice; /* static: what it means, what is done about it */
};

#define VERDICT_TEXT 512

/* Will a record that failed with `code` fail for ever? */
bool verdict_is_final(const char *code);

/* Judge. `reply` has been fed what came of the body. */
struct verdict verdict_of(const struct http_end *end, struct reply *reply);

/* Write for people what happened, as in "answered 400 NAME: MESSAGE", into
 * `out` of VERDICT_TEXT bytes. */
void verdict_text(const struct verdict *v, const struct http_end *end,
    const struct reply *reply, char out[static VERDICT_TEXT]);

#endif
