/* SPDX-License-Identifier: Apache-2.0
 *
 * What callers of buf rely on.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "buf.h"

static void
an_empty_buf_reads_as_empty_text(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 10);
	assert_string_equal(buf_text(&b), "");
	assert_null(b.at);
	buf_fini(&b);
}

static void
bytes_stay_in_order_while_it_grows(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 1 << 20);
	for (int i = 0; i < 10000; i++) {
		unsigned char byte = (unsigned char)(i % 251);

		assert_true(buf_add(&b, &byte, 1));
		assert_true(b.len <= b.room && b.room <= b.max);
	}
	assert_int_equal(b.len, 10000);
	for (int i = 0; i < 10000; i++)
		assert_int_equal(b.at[i], i % 251);
	buf_fini(&b);
}

static void
the_ceiling_holds_and_leaves_it_unchanged(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 5);
	assert_true(buf_add_str(&b, "abc"));
	assert_false(buf_add_str(&b, "def"));
	assert_false(buf_addf(&b, "%d", 123));
	assert_false(buf_reserve(&b, SIZE_MAX));
	assert_string_equal(buf_text(&b), "abc");
	assert_true(buf_addf(&b, "%d", 12));
	assert_string_equal(buf_text(&b), "abc12");
	assert_int_equal(b.room, 5);
	assert_false(buf_reserve(&b, 1));
	buf_fini(&b);
}

static void
formatted_text_is_whole_when_it_had_to_grow(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 4096);
	assert_true(buf_addf(&b, "<%s>", "small"));
	assert_true(buf_addf(&b, "%0500d|", 7));
	assert_int_equal(b.len, 7 + 501);
	assert_int_equal(buf_text(&b)[506], '7');
	assert_int_equal(buf_text(&b)[507], '|');
	buf_fini(&b);
}

static void
clearing_keeps_the_memory_and_fini_the_ceiling(void **state)
{
	struct buf b;
	const unsigned char *at;

	(void)state;
	buf_init(&b, 100);
	assert_true(buf_add_span(&b, span_str("text")));
	at = b.at;
	buf_clear(&b);
	assert_ptr_equal(b.at, at);
	assert_string_equal(buf_text(&b), "");
	buf_fini(&b);
	assert_null(b.at);
	assert_int_equal(b.max, 100);
	assert_false(buf_reserve(&b, 101));
	assert_true(buf_reserve(&b, 100));
	buf_fini(&b);
}

static void
nothing_can_be_added_to_a_buf_without_room(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 0);
	assert_true(buf_add(&b, NULL, 0));
	assert_false(buf_add_str(&b, "x"));
	assert_string_equal(buf_text(&b), "");
	buf_fini(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_buf_reads_as_empty_text),
		cmocka_unit_test(bytes_stay_in_order_while_it_grows),
		cmocka_unit_test(the_ceiling_holds_and_leaves_it_unchanged),
		cmocka_unit_test(formatted_text_is_whole_when_it_had_to_grow),
		cmocka_unit_test(
		    clearing_keeps_the_memory_and_fini_the_ceiling),
		cmocka_unit_test(nothing_can_be_added_to_a_buf_without_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
