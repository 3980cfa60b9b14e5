/* SPDX-License-Identifier: Apache-2.0
 *
 * errand: one attempt to get keys, and everything a provider may use on it.
 */
#ifndef ERRAND_H
#define ERRAND_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

#include "credentials.h"
#include "fetch.h"

struct config;

#define ERRAND_WHY   600
#define ERRAND_FORM  ((size_t)96 << 10) /* a web identity, each byte escaped */
#define ERRAND_LINE  (CREDENTIALS_TOKEN + 64)
#define ERRAND_TOKEN ((size_t)24 << 10)

enum errand_answer {
	ERRAND_DONE,    /* there are keys */
	ERRAND_NOTHING, /* nobody set this provider up */
	ERRAND_AWAY,    /* set up, but it takes a way that `fetch` is for */
	ERRAND_FAILED   /* `why` says the cause and the cure */
};

/* In secret memory. One thread at a time. */
struct errand {
	const struct config *config; /* borrowed */
	struct fetch *fetch;         /* borrowed; NULL: do not leave */
	const char *region;          /* of STS; borrowed */
	int64_t skew_ms;             /* AWS's clock minus ours, as learnt */
	char why[ERRAND_WHY];

	/* Scratch: of whoever asks. */
	char form[ERRAND_FORM];
	char line[ERRAND_LINE];
	char token[ERRAND_TOKEN];
};

/* ERRAND_FAILED, with the reason kept in e->why. */
enum errand_answer errand_fail(struct errand *e, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Why `answer` is no answer: for what `what` names; `cure` may be "". */
enum errand_answer errand_refused(struct errand *e, const char *what,
    const struct fetch_answer *answer, const char *cure);

/* The environment's value of `variable`; NULL where unset or empty. */
const char *errand_variable(const char *variable);

/* Read the small file at `path` (up to `room` - 1 bytes) into `into`, with a
 * NUL, and say how long it is. -1: the reason is in e->why. */
int errand_file(struct errand *e, const char *path, char *into, size_t room);

#endif
