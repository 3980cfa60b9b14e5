/* SPDX-License-Identifier: Apache-2.0
 *
 * What the roster relies on.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "mem.h"
#include "table.h"

#define MANY 5000

struct thing {
	struct table_node in_table;
	uint64_t number;
};

static struct thing *
find(const struct table *t, uint64_t number, uint64_t hash)
{
	struct table_node *at = table_first(t, hash);

	for (; at != NULL; at = table_next(t, at)) {
		struct thing *thing = LIST_ENTRY(at, struct thing, in_table);

		if (thing->number == number)
			return thing;
	}
	return NULL;
}

/* With hashes that all differ, that all collide, and in between. */
static void
what_was_put_in_is_found_until_it_is_taken_out(void **state)
{
	(void)state;
	for (uint64_t spread = 1; spread <= MANY; spread *= 70) {
		struct thing *things = mem_new_array(MANY, sizeof(*things));
		struct table t;

		table_init(&t);
		for (uint64_t i = 0; i < MANY; i++) {
			list_init(&things[i].in_table.node);
			things[i].number = i;
			table_add(&t, &things[i].in_table,
			    table_hash_number(i % spread));
		}
		assert_int_equal(t.count, MANY);
		for (uint64_t i = 0; i < MANY; i += 2)
			table_remove(&t, &things[i].in_table);
		table_remove(&t, &things[0].in_table); /* harmless */
		assert_int_equal(t.count, MANY / 2);
		for (uint64_t i = 0; i < MANY; i += 7)
			assert_ptr_equal(
			    find(&t, i, table_hash_number(i % spread)),
			    i % 2 ? &things[i] : NULL);
		table_fini(&t);
		free(things);
	}
}

static void
hashes_of_neighbours_differ_in_their_low_bits(void **state)
{
	unsigned char used[256] = { 0 };
	size_t different = 0;

	(void)state;
	for (uint64_t i = 0; i < 256; i++)
		used[table_hash_number(i << 12) & 255] = 1;
	for (size_t i = 0; i < 256; i++)
		different += used[i];
	assert_in_range(different, 130, 200); /* 162 are expected */
	assert_int_not_equal(
	    table_hash_bytes(span_str("a")), table_hash_bytes(span_str("b")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    what_was_put_in_is_found_until_it_is_taken_out),
		cmocka_unit_test(hashes_of_neighbours_differ_in_their_low_bits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
