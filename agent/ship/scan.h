/* SPDX-License-Identifier: Apache-2.0
 *
 * scan: what jsonscan and cborscan see, in one vocabulary.
 *
 * Both readers take an answer in whatever portions the network cuts it into
 * and tell a sink what they meet, so that nothing of it needs to be kept: the
 * meaning of an answer is the same in both wire formats and stands in
 * reply.c once.
 */
#ifndef SCAN_H
#define SCAN_H

#include <stdbool.h>
#include <stdint.h>

#include "span.h"

#define SCAN_DEPTH    16  /* deeper than this is not an answer of AWS's */
#define SCAN_TEXT_MAX 256 /* of a longer text only the beginning is told */

enum scan_kind {
	SCAN_MAP,    /* an object begins */
	SCAN_LIST,   /* an array begins */
	SCAN_END,    /* the innermost of either ends */
	SCAN_KEY,    /* `text` */
	SCAN_TEXT,   /* `text` */
	SCAN_NUMBER, /* `number`: an integer from 0 up */
	SCAN_NULL,
	SCAN_OTHER /* a value that no answer turns on */
};

/* One thing that was met. `text` is borrowed for the call. False: enough was
 * seen, read no further. */
typedef bool scan_sink(
    void *owner, enum scan_kind kind, struct span text, uint64_t number);

enum scan_state {
	SCAN_MORE,   /* the document goes on */
	SCAN_DONE,   /* it is complete */
	SCAN_ENOUGH, /* the sink wanted no more */
	SCAN_BAD     /* it is not a document of this kind */
};

#endif
