/* SPDX-License-Identifier: Apache-2.0
 *
 * What an outage of the disk costs: rows, not notices.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "ledger/arrears.h"
#include "mem.h"

#define ON_DISK 10

static struct arrears arrears;

static int
setup(void **state)
{
	(void)state;
	arrears_init(&arrears, ON_DISK);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arrears_fini(&arrears);
	return 0;
}

static void
say(enum notice_kind kind, uint64_t row, uint64_t committed)
{
	struct notice *n = notice_new(kind, 1);

	n->rows[0].row = row;
	n->rows[0].committed = committed;
	n->rows[0].flow = mem_dup("flow");
	n->rows[0].path = mem_format("/a/%llu", (unsigned long long)row);
	n->rows[0].ranges = mem_new_array(1, sizeof(struct range));
	n->rows[0].range_count = 1;
	if (kind == NOTICE_START)
		n->flow = mem_dup("flow");
	arrears_fold(&arrears, &n);
	assert_null(n);
}

static const struct arrear *
only(void)
{
	assert_int_equal(arrears.count, 1);
	return LIST_ENTRY(arrears.rows.next, struct arrear, node);
}

static void
nothing_is_owed_at_first(void **state)
{
	(void)state;
	assert_true(arrears_empty(&arrears));
}

static void
the_newest_state_of_a_row_wins(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < 1000; i++)
		say(NOTICE_SAVE, 3, i);
	assert_int_equal(only()->state.committed, 999);
	assert_string_equal(only()->state.path, "/a/3");
	assert_int_equal(only()->state.range_count, 1);
}

static void
a_million_notices_cost_as_many_rows_as_there_are(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < 1000000; i++)
		say(NOTICE_SAVE, i % 5000, i);
	assert_int_equal(arrears.count, 5000);
}

static void
a_deletion_replaces_what_was_to_be_saved(void **state)
{
	(void)state;
	say(NOTICE_SAVE, 3, 1);
	say(NOTICE_FORGET, 3, 0);
	assert_true(only()->forget);
	assert_null(only()->state.path);
}

static void
a_row_saved_after_its_deletion_is_saved(void **state)
{
	(void)state;
	say(NOTICE_FORGET, 3, 0);
	say(NOTICE_SAVE, 3, 7);
	assert_false(only()->forget);
	assert_int_equal(only()->state.committed, 7);
}

static void
a_row_that_was_never_on_disk_leaves_nothing_behind(void **state)
{
	(void)state;
	for (uint64_t row = ON_DISK + 1; row < 1000; row++) {
		say(NOTICE_SAVE, row, 1);
		say(NOTICE_FORGET, row, 0);
	}
	assert_true(arrears_empty(&arrears));
}

static void
a_row_that_was_written_meanwhile_is_deleted(void **state)
{
	(void)state;
	say(NOTICE_SAVE, ON_DISK + 5, 1);
	arrears_settle(&arrears);
	assert_true(arrears_empty(&arrears));
	say(NOTICE_FORGET, ON_DISK + 5, 0);
	assert_true(only()->forget);
}

static void
a_flow_is_owed_once_however_often_it_starts(void **state)
{
	(void)state;
	say(NOTICE_START, 1, 1);
	say(NOTICE_START, 1, 2);
	assert_false(list_empty(&arrears.flows));
	assert_ptr_equal(arrears.flows.next, arrears.flows.prev);
	arrears_settle(&arrears);
	assert_true(arrears_empty(&arrears));
}

static void
a_flow_without_files_is_owed_too(void **state)
{
	struct notice *n = notice_new(NOTICE_START, 0);

	(void)state;
	n->flow = mem_dup("flow");
	arrears_fold(&arrears, &n);
	assert_int_equal(arrears.count, 0);
	assert_false(arrears_empty(&arrears));
}

#define PROMISE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		PROMISE(nothing_is_owed_at_first),
		PROMISE(the_newest_state_of_a_row_wins),
		PROMISE(a_million_notices_cost_as_many_rows_as_there_are),
		PROMISE(a_deletion_replaces_what_was_to_be_saved),
		PROMISE(a_row_saved_after_its_deletion_is_saved),
		PROMISE(a_row_that_was_never_on_disk_leaves_nothing_behind),
		PROMISE(a_row_that_was_written_meanwhile_is_deleted),
		PROMISE(a_flow_is_owed_once_however_often_it_starts),
		PROMISE(a_flow_without_files_is_owed_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
