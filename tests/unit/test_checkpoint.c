/* SPDX-License-Identifier: Apache-2.0
 *
 * What a row may hold, and how its lists look on disk.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/checkpoint.h"

static char flow[] = "flow", name[] = "/var/log/a";

static struct checkpoint
sane(void)
{
	return (struct checkpoint){ .row = 1,
		.flow = flow,
		.path = name,
		.head = { 10, 1, 10 },
		.marks = { { 100, 1, 64 } },
		.mark_count = 1,
		.committed = 100,
		.size = 200 };
}

static void
a_sane_row_has_no_fault(void **state)
{
	struct range ranges[] = { { 110, 120 }, { 120, 130 }, { 150, 160 } };
	struct checkpoint row = sane();

	(void)state;
	assert_null(checkpoint_fault(&row));
	row.ranges = ranges;
	row.range_count = 3;
	assert_null(checkpoint_fault(&row));
}

static void
committed_beyond_the_size_is_no_fault(void **state)
{
	struct checkpoint row = sane();

	(void)state;
	row.size = 5;
	assert_null(checkpoint_fault(&row));
}

#define FAULT(...)                                                             \
	do {                                                                   \
		row = sane();                                                  \
		__VA_ARGS__;                                                   \
		assert_non_null(checkpoint_fault(&row));                       \
	} while (0)

static void
nonsense_in_a_number_or_a_name_is_a_fault(void **state)
{
	char empty[] = "";
	struct checkpoint row;

	(void)state;
	FAULT(row.row = UINT64_MAX);
	FAULT(row.flow = NULL);
	FAULT(row.flow = empty);
	FAULT(row.path = NULL);
	FAULT(row.path = empty);
	FAULT(row.committed = UINT64_MAX);
	FAULT(row.size = UINT64_MAX);
	FAULT(row.footer = UINT64_MAX);
	FAULT(row.id.handle_len = IDENTITY_HANDLE + 1);
}

static void
nonsense_in_a_mark_is_a_fault(void **state)
{
	struct checkpoint row;

	(void)state;
	FAULT(row.head.end = HEAD_BYTES + 1);
	FAULT(row.head.len = 11);
	FAULT(row.mark_count = MARKS_MAX + 1);
	FAULT(row.marks[0].len = MARK_BYTES + 1);
	FAULT(row.marks[0].end = 63);
	FAULT(row.marks[0].end = UINT64_MAX);
}

static void
ranges_out_of_order_are_a_fault(void **state)
{
	struct range ranges[2] = { { 110, 120 }, { 119, 130 } };
	struct checkpoint row;

	(void)state;
	FAULT(row.ranges = ranges, row.range_count = 2);
	FAULT(row.ranges = ranges, row.range_count = 1, row.committed = 110);
	FAULT(row.ranges = ranges, row.range_count = 1, row.committed = 111);
	ranges[0].to = 110;
	FAULT(row.ranges = ranges, row.range_count = 1);
	ranges[0].to = UINT64_MAX;
	FAULT(row.ranges = ranges, row.range_count = 1);
}

static void
numbers_in_blobs_are_big_endian(void **state)
{
	const struct mark m = { 0x0102030405060708, 0x1112131415161718,
		0x21222324 };
	const struct range r = { 0x0102030405060708, 0x1112131415161718 };
	const char *expected = "\x01\x02\x03\x04\x05\x06\x07\x08"
			       "\x11\x12\x13\x14\x15\x16\x17\x18"
			       "\x21\x22\x23\x24";
	unsigned char mark[MARK_PACKED], range[RANGE_PACKED];

	(void)state;
	checkpoint_pack_mark(&m, mark);
	checkpoint_pack_range(&r, range);
	assert_memory_equal(mark, expected, MARK_PACKED);
	assert_memory_equal(range, expected, RANGE_PACKED);
}

static void
a_blob_comes_back_as_it_went(void **state)
{
	const struct mark m = { UINT64_MAX, 2, 3 };
	const struct range r = { 4, UINT64_MAX };
	unsigned char mark[MARK_PACKED], range[RANGE_PACKED];
	struct mark marks[2] = { { 0 } };
	struct range *ranges;
	uint32_t count;

	(void)state;
	checkpoint_pack_mark(&m, mark);
	checkpoint_pack_range(&r, range);
	assert_true(checkpoint_unpack_marks(
	    span_of(mark, sizeof(mark)), 2, marks, &count));
	assert_int_equal(count, 1);
	assert_int_equal(marks[0].end, m.end);
	assert_int_equal(marks[0].mark, m.mark);
	assert_int_equal(marks[0].len, m.len);
	assert_true(checkpoint_unpack_ranges(
	    span_of(range, sizeof(range)), &ranges, &count));
	assert_int_equal(count, 1);
	assert_int_equal(ranges[0].from, r.from);
	assert_int_equal(ranges[0].to, r.to);
	free(ranges);
}

static void
a_blob_of_a_wrong_length_is_refused(void **state)
{
	static unsigned char bytes[(RANGES_KEPT + 1) * RANGE_PACKED];
	struct mark marks[2];
	struct range *ranges;
	uint32_t count;

	(void)state;
	assert_false(checkpoint_unpack_marks(
	    span_of(bytes, MARK_PACKED + 1), 2, marks, &count));
	assert_false(checkpoint_unpack_marks(
	    span_of(bytes, (size_t)3 * MARK_PACKED), 2, marks, &count));
	assert_false(checkpoint_unpack_ranges(
	    span_of(bytes, RANGE_PACKED - 1), &ranges, &count));
	assert_false(checkpoint_unpack_ranges(
	    span_of(bytes, sizeof(bytes)), &ranges, &count));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sane_row_has_no_fault),
		cmocka_unit_test(committed_beyond_the_size_is_no_fault),
		cmocka_unit_test(nonsense_in_a_number_or_a_name_is_a_fault),
		cmocka_unit_test(nonsense_in_a_mark_is_a_fault),
		cmocka_unit_test(ranges_out_of_order_are_a_fault),
		cmocka_unit_test(numbers_in_blobs_are_big_endian),
		cmocka_unit_test(a_blob_comes_back_as_it_went),
		cmocka_unit_test(a_blob_of_a_wrong_length_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
