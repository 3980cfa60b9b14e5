/* SPDX-License-Identifier: Apache-2.0
 *
 * What callers of clock rely on.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "clock.h"

static void
the_basic_form_is_sigv4s(void **state)
{
	char text[17];

	(void)state;
	clock_basic(0, text);
	assert_string_equal(text, "19700101T000000Z");
	clock_basic(INT64_C(1440938160999), text);
	assert_string_equal(text, "20150830T123600Z");
}

static void
the_extended_form_has_milliseconds(void **state)
{
	char text[25];

	(void)state;
	clock_extended(INT64_C(1709251199007), text);
	assert_string_equal(text, "2024-02-29T23:59:59.007Z");
	clock_extended(INT64_C(951782400000), text);
	assert_string_equal(text, "2000-02-29T00:00:00.000Z");
}

static void
a_date_beyond_the_calendar_still_fits(void **state)
{
	char text[25];

	(void)state;
	clock_extended(INT64_MAX, text);
	assert_string_equal(text, "9999-12-31T23:59:59.999Z");
	clock_extended(INT64_MIN, text);
	assert_string_equal(text, "1970-01-01T00:00:00.000Z");
}

static void
the_waiting_clock_never_goes_back(void **state)
{
	int64_t before = clock_ms();

	(void)state;
	for (int i = 0; i < 10000; i++) {
		int64_t now = clock_ms();

		assert_true(now >= before && now < CLOCK_NEVER);
		before = now;
	}
}

static void
the_wall_clock_is_after_this_was_written(void **state)
{
	(void)state;
	assert_true(clock_wall_ms() > INT64_C(1704067200000));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_basic_form_is_sigv4s),
		cmocka_unit_test(the_extended_form_has_milliseconds),
		cmocka_unit_test(a_date_beyond_the_calendar_still_fits),
		cmocka_unit_test(the_waiting_clock_never_goes_back),
		cmocka_unit_test(the_wall_clock_is_after_this_was_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
