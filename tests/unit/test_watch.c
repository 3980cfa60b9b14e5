/* SPDX-License-Identifier: Apache-2.0
 *
 * Watches are told apart from those that tell nothing, and without any the
 * agent is not stuck.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "tail/watch.h"

static void
file_systems_that_others_write_to_are_known(void **state)
{
	(void)state;
	assert_false(watch_tells("/proc"));
	assert_false(watch_tells("/sys"));
	assert_true(watch_tells("/"));
	assert_true(watch_tells("/not/there/at/all"));
}

static void
without_a_start_no_watch_is_to_be_had(void **state)
{
	struct watch_event event;

	(void)state;
	assert_int_equal(watch_add("/tmp"), -1);
	assert_int_equal(errno, EMFILE);
	assert_false(watch_next(&event));
	assert_int_equal(watch_fd(), -1);
	watch_teardown();
}

static void
a_directory_that_is_not_there_is_said_to_be_missing(void **state)
{
	char dir[] = "/tmp/watch-XXXXXX";
	struct watch_event event;
	int wd;

	(void)state;
	watch_setup();
	assert_non_null(mkdtemp(dir));
	wd = watch_add(dir);
	assert_true(wd >= 0);
	assert_int_equal(rmdir(dir), 0);
	while (!watch_next(&event) || !event.gone)
		continue;
	assert_int_equal(event.wd, wd);
	assert_int_equal(watch_add(dir), -1);
	assert_int_equal(errno, ENOENT);
	watch_teardown();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(file_systems_that_others_write_to_are_known),
		cmocka_unit_test(without_a_start_no_watch_is_to_be_had),
		cmocka_unit_test(
		    a_directory_that_is_not_there_is_said_to_be_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
