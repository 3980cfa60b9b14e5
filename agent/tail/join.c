/* SPDX-License-Identifier: Apache-2.0
 *
 * join: see join.h.
 *
 * Records of two files are never one, nor are records whose keys would send
 * them to different shards.
 *
 * Thread: tail. Per-line work: allocates nothing; the buffer has its full size
 * from the beginning, paid for by the memory budget.
 */
#include "join.h"

#include <assert.h>

void
join_init(struct join *j, size_t most, bool apart)
{
	*j = (struct join){ .most = most, .apart = apart };
	buf_init(&j->data, most);
	if (most > 0)
		(void)buf_reserve(&j->data, most);
}

void
join_fini(struct join *j)
{
	buf_fini(&j->data);
}

static void
put(struct join *j, struct span data)
{
	bool fits = buf_add_span(&j->data, data);

	assert(fits);
}

void
join_begin(struct join *j, const struct reader *r, struct span data,
    const struct key *key)
{
	assert(!j->open && data.len <= j->most);
	buf_clear(&j->data);
	put(j, data);
	j->key = *key;
	j->reader = r;
	j->to = j->bytes = 0;
	j->open = true;
}

bool
join_add(struct join *j, struct batch *b, const struct reader *r,
    struct span data, const struct key *key)
{
	static const unsigned char newline[] = { '\n' };
	size_t between = j->apart ? sizeof(newline) : 0;
	size_t len = j->data.len + between + data.len;

	if (!j->open || j->reader != r || len > j->most ||
	    (key != NULL && !key_same(&j->key, key)) ||
	    batch_reserve(b, len, key_wire(&j->key)) != BATCH_TAKEN)
		return false;
	put(j, span_of(newline, between));
	put(j, data);
	return true;
}

void
join_cover(struct join *j, uint32_t run, uint64_t from, uint64_t to)
{
	assert(j->open && from < to);
	if (j->to == 0) {
		j->run = run;
		j->from = from;
	}
	j->to = to;
	j->bytes += to - from;
}

void
join_close(struct join *j, struct batch *b, const struct key_maker *m)
{
	struct span data = buf_span(&j->data);

	assert(j->open);
	key_finish(m, data, &j->key);
	batch_append_reserved(b, data, key_wire(&j->key));
	if (j->to > 0) {
		batch_place(b, j->run, j->from, j->to);
		b->gaps += j->to - j->from - j->bytes;
	}
	j->open = false;
	j->reader = NULL;
}
