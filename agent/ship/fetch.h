/* SPDX-License-Identifier: Apache-2.0
 *
 * fetch: one HTTP request, waited for. For credentials only.
 */
#ifndef FETCH_H
#define FETCH_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "span.h"

struct config;
struct fetch;

/* All borrowed for the call. */
struct fetch_request {
	const char *method;
	const char *url;
	const char *const *headers; /* "Name: value" */
	size_t header_count;
	struct span body;
	bool direct;      /* through no proxy, whatever the environment says */
	int64_t limit_ms; /* for all of it */
};

struct fetch_answer {
	bool answered;
	long status;
	int64_t date_ms;  /* of its Date header, or 0 */
	const char *body; /* with a NUL; in secret memory, until the next ask */
	size_t length;
	char text[256]; /* what went wrong, unless answered */
};

/* `wake` is an eventfd that turns readable when somebody wants something;
 * `stopping`, then, that everything ends. Both borrowed. NULL: failed,
 * logged. */
struct fetch *fetch_new(
    const struct config *config, int wake, const atomic_bool *stopping);

/* NULL is fine. */
void fetch_free(struct fetch *f);

/* Ask, and wait for the answer. Borrowed until the next call. */
const struct fetch_answer *fetch_ask(
    struct fetch *f, const struct fetch_request *r);

/* Wait up to `wait_ms`, or until somebody wants something, or one of `count`
 * descriptors (at most 4) can be read. False: everything ends. */
bool fetch_wait(struct fetch *f, const int *fds, size_t count, int64_t wait_ms);

/* Close connections and give memory back. */
void fetch_rest(struct fetch *f);

#endif
