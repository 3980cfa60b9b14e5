/* SPDX-License-Identifier: Apache-2.0
 *
 * sieve: see sieve.h.
 *
 * A request that is refused for one of its records is halved, until the record
 * stands alone. What is accepted on the way is out of the search; what is left
 * of a refused part then holds the guilty one, and is halved without being
 * sent whole once more. A record is guilty only when it was refused alone: a
 * part may also have been refused for its size.
 *
 * So a guilty one in n costs about log2(n) requests, and nothing that was
 * accepted goes again. Whether it is the record at all is not known here
 * (see landing.c): where it may be the request, either half is as good, and
 * taking them by chance finds whatever is good in the end.
 *
 * Thread: ship. Pure.
 */
#include "sieve.h"

#include <assert.h>
#include <stdbool.h>

#include "batch.h"

static uint32_t
pending_in(const struct batch *b, uint32_t from, uint32_t to)
{
	uint32_t n = 0;

	for (uint32_t i = from; i < to; i++)
		n += batch_is_pending(b, i);
	return n;
}

static void
take_all(struct batch *b)
{
	b->part_from = 0;
	b->part_to = b->count;
	b->bad_from = b->bad_to = 0;
}

/* The part becomes the first or the second half of what is pending among the
 * bad. */
static void
halve(struct batch *b, bool second)
{
	uint32_t half = pending_in(b, b->bad_from, b->bad_to) / 2;
	uint32_t middle = b->bad_from;

	assert(half > 0);
	for (; half > 0; middle++)
		half -= batch_is_pending(b, middle);
	b->part_from = second ? middle : b->bad_from;
	b->part_to = second ? b->bad_to : middle;
}

enum sieve_result
sieve_refused(struct batch *b, uint32_t from, uint32_t to, uint64_t dice,
    uint32_t *guilty)
{
	uint32_t pending = pending_in(b, from, to);

	assert(pending > 0);
	if (pending > 1) {
		b->bad_from = from;
		b->bad_to = to;
		halve(b, dice % 2 == 1);
		return SIEVE_NARROWER;
	}
	*guilty = from;
	while (!batch_is_pending(b, *guilty))
		++*guilty;
	take_all(b);
	return SIEVE_FOUND;
}

void
sieve_accepted(struct batch *b)
{
	/* What of it was throttled goes again as it is. */
	if (b->bad_to == 0 || pending_in(b, b->part_from, b->part_to) > 0)
		return;
	switch (pending_in(b, b->bad_from, b->bad_to)) {
	case 0:
		take_all(b);
		return;
	case 1:
		b->part_from = b->bad_from;
		b->part_to = b->bad_to;
		return;
	}
	halve(b, false);
}
