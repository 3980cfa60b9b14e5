/* SPDX-License-Identifier: Apache-2.0
 *
 * question: what may be asked, and how an answer is made: piece by piece, so
 * that a long one never keeps the tail from reading, and little of it is in
 * memory.
 *
 * A question is a line: its word, then arguments, blanks between; one that
 * holds blanks is a JSON string. An answer is one JSON object.
 *
 * Thread: tail.
 */
#ifndef QUESTION_H
#define QUESTION_H

#include <stdbool.h>
#include <stddef.h>

#include "answer.h"
#include "span.h"

#define QUESTION_BYTES 8192 /* of a line */

/* `line` without its newline. False: it is no question; asked holds nothing
 * then. */
bool question_read(struct span line, struct asked *asked);
void question_forget(struct asked *asked);

struct question {
	const char *word;
	size_t most; /* how many words may follow it */

	/* The next piece, at most ANSWER_ROW bytes a call; called until it
	 * answers DONE, with anything happening in between: no pointer to
	 * what may go is kept, unless `end` can give it back. */
	enum answer_step (*next)(struct answer *a);
	void (*end)(struct answer *a); /* however it ended; NULL: nothing */
};

#endif
