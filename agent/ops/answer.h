/* SPDX-License-Identifier: Apache-2.0
 *
 * answer: one JSON object on its way to whoever asked, of which little is in
 * memory at a time.
 *
 * Thread: tail.
 */
#ifndef ANSWER_H
#define ANSWER_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "desk.h"

#define ASKED_WORDS  16    /* of a question */
#define ANSWER_BYTES 65536 /* waiting to be sent */
#define ANSWER_ROW   32768 /* of one call's piece */

/* A question that was taken apart. */
struct asked {
	size_t count;
	char *words[ASKED_WORDS]; /* owned; the first names the question */
};

/* One that is being given. */
struct answer {
	const struct desk_doors *doors; /* borrowed */
	struct asked asked;
	struct buf text;  /* made and not sent yet */
	size_t full;      /* bytes of it that are enough for now */
	bool broken;      /* it cannot be completed: cut it off */
	int64_t now_ms;   /* of this call */
	int64_t begun_ms; /* when it was asked */
	uint64_t at;      /* the question's own: how far it is; 0 at first */
	void *own;        /* the same; NULL at first */
};

enum answer_step {
	ANSWER_MORE,
	ANSWER_PAUSE, /* more, but this was work enough for now */
	ANSWER_DONE
};

/* Write more. What does not fit, or cannot be written, breaks the answer. */
void answer_text(struct answer *a, const char *text);

/* `value` on a line of its own, with a comma before it if it is not the
 * `first`; taken over, and NULL (out of memory, bytes that are no text)
 * breaks the answer. */
void answer_row(struct answer *a, bool first, json_t *value);

/* The same without line and comma. */
void answer_value(struct answer *a, json_t *value);

/* A whole answer: {"error": TEXT}. Nothing was written before. */
void answer_refuse(struct answer *a, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Is it enough for now? Then return ANSWER_MORE. */
bool answer_is_full(const struct answer *a);

/* `bytes` as text, where they are none with U+FFFD in the place of each that
 * does not belong. */
json_t *answer_name(const char *bytes);

#endif
