/* SPDX-License-Identifier: Apache-2.0
 *
 * sigv4: is this request signed by whom we know, for now, for us, and whole?
 */
#ifndef FAKE_SIGV4_H
#define FAKE_SIGV4_H

#include <stdint.h>

#include "bytes.h"
#include "request.h"

#define SIGV4_TOLERANCE_S 300

struct sigv4_identity {
	const char *access_key;
	const char *secret_key;
	const char *session_token; /* NULL: none may come */
	const char *region;        /* NULL: any */
	int64_t expires_s;         /* since 1970; 0: never */
};

enum sigv4_verdict {
	SIGV4_GOOD,
	SIGV4_MISSING,    /* no Authorization at all */
	SIGV4_INCOMPLETE, /* one that cannot be read */
	SIGV4_STRANGER,   /* unknown access key or session token */
	SIGV4_EXPIRED,    /* known once */
	SIGV4_WRONG       /* scope, date or signature */
};

/* The access key that `r` claims; `at` is NULL without one. */
struct span sigv4_access_key(const struct request *r);

/* Verify `r`, whose body has been hashed, at `now` (seconds since 1970).
 * `service` is what its scope has to name, NULL for any. Anything but
 * SIGV4_GOOD leaves AWS's sentence about it in `why`. */
enum sigv4_verdict sigv4_check(const struct sigv4_identity *identity,
    struct request *r, const char *service, int64_t now, struct bytes *why);

/* AWS's error type for what is not SIGV4_GOOD, as its JSON services call it
 * and as its query services do. */
const char *sigv4_error_type(enum sigv4_verdict verdict, enum format format);

#endif
