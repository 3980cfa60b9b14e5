/* SPDX-License-Identifier: Apache-2.0
 *
 * letter: see letter.h.
 *
 * Most batches have no dead record, so what is known of those is made with
 * the first. It is small and bounded by the number of batches.
 *
 * A mark holds the part in its upper bits and the reason's number, from 1, in
 * the lower ones.
 *
 * Thread: whoever holds the batch.
 */
#include "letter.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "wire.h"

#define REASON_BITS 4
#define REASON_MASK ((1u << REASON_BITS) - 1)

_Static_assert(LETTER_REASONS + 1 <= REASON_MASK, "a mark holds its reason");

/* When a batch has more kinds of reasons than it remembers. */
#define OTHER_REASON "refused; see the agent's log"

/* The number of `reason`, from 1. */
static unsigned
reason_number(struct letters *l, const char *reason)
{
	size_t len = strnlen(reason, LETTER_REASON);

	for (unsigned i = 0; i < l->reason_count; i++) {
		if (strncmp(l->reasons[i], reason, len) == 0 &&
		    l->reasons[i][len] == '\0')
			return i + 1;
	}
	if (l->reason_count == LETTER_REASONS)
		return LETTER_REASONS + 1;
	l->reasons[l->reason_count++] = mem_dup_span(reason, len);
	return l->reason_count;
}

void
letter_make(
    struct batch *b, uint32_t i, enum letter_part part, const char *reason)
{
	assert(i < b->count && !letter_is(b, i));
	if (b->letters == NULL)
		b->letters = mem_new(sizeof(*b->letters));
	unsigned number = reason_number(b->letters, reason);

	b->letters->mark[i] = (uint8_t)((unsigned)part << REASON_BITS | number);
	b->letters->count++;
	if (batch_is_pending(b, i))
		batch_accept(b, i);
}

uint32_t
letter_origin(const struct batch *b, uint32_t i, uint64_t *from, uint64_t *to)
{
	assert(i < b->placed);
	const struct run *run = &b->runs[b->run[i]];
	uint32_t len = b->origin[i].len;

	*from = run->from + b->origin[i].ahead;
	*to = len < UINT32_MAX ? *from + len : run->to;
	return b->run[i];
}

bool
letter_wants_name(const struct batch *b, uint32_t run)
{
	assert(run < b->run_count);
	for (uint32_t i = 0; i < b->placed; i++) {
		if (letter_is(b, i) && b->run[i] == run)
			return true;
	}
	return false;
}

void
letter_name(struct batch *b, uint32_t run, const char *path)
{
	assert(b->letters != NULL && run < b->run_count);
	struct letters *l = b->letters;

	if (l->paths == NULL)
		l->paths = mem_new_array(b->run_count, sizeof(*l->paths));
	free(l->paths[run]);
	l->paths[run] = mem_dup(path);
}

void
letter_read(
    const struct batch *b, uint32_t i, struct buf *room, struct letter *letter)
{
	assert(letter_is(b, i));
	unsigned mark = b->letters->mark[i];
	unsigned number = mark & REASON_MASK;
	uint32_t run = letter_origin(b, i, &letter->from, &letter->to);
	size_t at = b->start[i], end = b->start[i + 1];

	letter->part = (enum letter_part)(mark >> REASON_BITS);
	letter->reason = number > LETTER_REASONS
			     ? OTHER_REASON
			     : b->letters->reasons[number - 1];
	letter->path =
	    b->letters->paths != NULL ? b->letters->paths[run] : NULL;
	letter->data = wire_data(b->api, span_of(b->body + at, end - at), room);
}

void
letter_forget(struct batch *b)
{
	struct letters *l = b->letters;

	if (l == NULL)
		return;
	for (uint32_t i = 0; i < l->reason_count; i++)
		free(l->reasons[i]);
	for (uint32_t i = 0; l->paths != NULL && i < b->run_count; i++)
		free(l->paths[i]);
	free(l->paths);
	free(l);
	b->letters = NULL;
}
