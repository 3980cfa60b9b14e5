/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as lines, in any style: records are whole lines, one behind the
 * other, and end where they end whether the bytes come at once or in pieces.
 *
 * Input: one byte for the style, one for the longest record, then the lines.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "multiline.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct multiline *
lines_of(enum multiline_style style)
{
	static struct multiline *made[MULTILINE_DOCKER + 1];
	struct regex_fault fault;

	if (made[style] == NULL)
		made[style] = multiline_new(style, "[a-c]", &fault);
	assert(made[style] != NULL);
	return made[style];
}

/* The same in two pieces, the first of `cut` bytes. */
static void
check_pieces(struct multiline *m, struct span text, size_t cut, size_t most,
    enum frame_result wanted, size_t length)
{
	size_t got = 0;
	enum frame_result answer =
	    multiline_next(m, span_of(text.at, cut), 0, most, &got);

	if (answer == FRAME_RECORD) {
		/* Never later than with all of it in sight. */
		assert(wanted == FRAME_RECORD && got == length);
		return;
	}
	answer = multiline_next(m, text, cut, most, &got);
	assert(answer == wanted);
	if (answer == FRAME_RECORD)
		assert(got == length);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct multiline *m;
	struct span rest;
	uint8_t *copy;
	size_t most;

	if (size < 3)
		return 0;
	m = lines_of(MULTILINE_PATTERN + data[0] % MULTILINE_DOCKER);
	most = data[1] + 1u;
	copy = malloc(size - 2);
	assert(copy != NULL);
	memcpy(copy, data + 2, size - 2);
	rest = span_of(copy, size - 2);
	while (rest.len > 0) {
		size_t length = 0, last = multiline_last(m, rest);
		enum frame_result answer =
		    multiline_next(m, rest, 0, most, &length);

		assert(last > 0 && last <= rest.len);
		check_pieces(m, rest, rest.len / 2, most, answer, length);
		if (answer == FRAME_MORE)
			length = last;
		assert(length > 0 && length <= rest.len);
		assert(length == rest.len || rest.at[length - 1] == '\n');
		rest = span_of(rest.at + length, rest.len - length);
	}
	free(copy);
	return 0;
}
