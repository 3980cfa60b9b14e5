/* SPDX-License-Identifier: Apache-2.0
 *
 * What callers of frame rely on.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "frame.h"

static void
a_record_ends_with_its_newline(void **state)
{
	size_t length = 0;

	(void)state;
	assert_int_equal(
	    frame_line(span_str("one\ntwo\n"), 0, &length), FRAME_RECORD);
	assert_int_equal(length, 4);
}

static void
an_empty_line_is_a_record_of_one_byte(void **state)
{
	size_t length = 0;

	(void)state;
	assert_int_equal(
	    frame_line(span_str("\nrest"), 0, &length), FRAME_RECORD);
	assert_int_equal(length, 1);
}

static void
carriage_returns_and_nuls_are_ordinary_bytes(void **state)
{
	size_t length = 0;

	(void)state;
	assert_int_equal(
	    frame_line(span_of("a\0b\r\nx", 6), 0, &length), FRAME_RECORD);
	assert_int_equal(length, 5);
}

static void
without_a_newline_more_is_asked_for(void **state)
{
	size_t length = 99;

	(void)state;
	assert_int_equal(frame_line(span_str("half"), 0, &length), FRAME_MORE);
	assert_int_equal(frame_line(span_of(NULL, 0), 0, &length), FRAME_MORE);
	assert_int_equal(length, 99);
}

static void
a_search_resumes_where_it_stopped(void **state)
{
	size_t length = 0;

	(void)state;
	/* The first newline lies in what is said to be searched. */
	assert_int_equal(
	    frame_line(span_str("a\nbcd\nef"), 3, &length), FRAME_RECORD);
	assert_int_equal(length, 6);
	assert_int_equal(frame_line(span_str("half"), 4, &length), FRAME_MORE);
	assert_int_equal(
	    frame_line(span_str("half\n"), 4, &length), FRAME_RECORD);
	assert_int_equal(length, 5);
}

static void
bytes_past_the_span_are_not_looked_at(void **state)
{
	char *exact = malloc(4);
	size_t length = 0;

	(void)state;
	assert_non_null(exact);
	memset(exact, 'a', 4);
	assert_int_equal(frame_line(span_of(exact, 4), 0, &length), FRAME_MORE);
	assert_int_equal(
	    frame_line(span_of("ab\n", 2), 0, &length), FRAME_MORE);
	free(exact);
}

static void
cutting_in_any_chunks_gives_the_same_records(void **state)
{
	static const char text[] = "a\n\nlonger line\r\n\n\nx\nunfinished";
	size_t total = sizeof(text) - 1;

	(void)state;
	for (size_t chunk = 1; chunk <= total; chunk++) {
		size_t at = 0, searched = 0, records = 0;

		for (size_t have = chunk; at < total;) {
			size_t length;

			have = have > total ? total : have;
			if (frame_line(span_of(text + at, have - at), searched,
				&length) == FRAME_RECORD) {
				assert_int_equal(text[at + length - 1], '\n');
				assert_null(
				    memchr(text + at, '\n', length - 1));
				at += length;
				searched = 0;
				records++;
				continue;
			}
			if (have == total)
				break;
			searched = have - at;
			have += chunk;
		}
		assert_int_equal(records, 6);
		assert_string_equal(text + at, "unfinished");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_record_ends_with_its_newline),
		cmocka_unit_test(an_empty_line_is_a_record_of_one_byte),
		cmocka_unit_test(carriage_returns_and_nuls_are_ordinary_bytes),
		cmocka_unit_test(without_a_newline_more_is_asked_for),
		cmocka_unit_test(a_search_resumes_where_it_stopped),
		cmocka_unit_test(bytes_past_the_span_are_not_looked_at),
		cmocka_unit_test(cutting_in_any_chunks_gives_the_same_records),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
