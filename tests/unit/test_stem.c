/* SPDX-License-Identifier: Apache-2.0
 *
 * What stem promises: the names of one log's rotations have one stem, and
 * different logs have different ones.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tail/stem.h"

static void
rotations_of_one_log_share_their_stem(void **state)
{
	static const char *const names[] = { "app.log", "app.log.1",
		"app.log.12", "app.log.1.gz", "app.log-20261121",
		"app.log-20261121.gz", "app.log-2026112122", "app.log.old",
		"app.log-1795299740", "app.log.2026-11-21",
		"app.log.2026-11-21-22", "app.log.2026-11-21.3",
		"app-20261121.log", "app-20261121-3.log", "app.2026-11-21.log",
		"app-2026-11-21-1.log.gz", "app-20261121.log.zst",
		"app.log-20261121-223000", "app_2026-11-21T22.log", "app.log~",
		"app.1.log" };
	char stem[NAME_MAX + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		stem_of(names[i], stem);
		assert_string_equal(stem, "app.log");
	}
}

static void
names_without_a_rotation_are_their_own_stem(void **state)
{
	static const char *const names[] = { "app.log", "web-2", "web-2.log",
		"a", "1", ".1", "20261121", "node12", "x.y", "-20261121",
		"access_log", "~", ".gz" };
	char stem[NAME_MAX + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		stem_of(names[i], stem);
		assert_string_equal(stem, names[i]);
	}
}

static void
a_rotation_is_known_by_the_live_name(void **state)
{
	(void)state;
	assert_true(stem_is_rotation_of("app.log.1", "app.log"));
	assert_true(stem_is_rotation_of("app-20261121.log", "app.log"));
	assert_true(
	    stem_is_rotation_of("app-20261121.log.1", "app-20261121.log"));
	assert_false(stem_is_rotation_of("app.log", "app.log"));
	assert_false(stem_is_rotation_of("app.log.1", "app.log.1"));
	assert_false(stem_is_rotation_of("app.log", "app.log.1"));
	assert_false(stem_is_rotation_of("app.log.1029", "app.log.1"));
	assert_false(stem_is_rotation_of("app.logs.1", "app.log"));
	assert_false(
	    stem_is_rotation_of("app-20261122.log", "app-20261121.log"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rotations_of_one_log_share_their_stem),
		cmocka_unit_test(names_without_a_rotation_are_their_own_stem),
		cmocka_unit_test(a_rotation_is_known_by_the_live_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
