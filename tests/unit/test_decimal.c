/* SPDX-License-Identifier: Apache-2.0
 *
 * Numbers that choose a shard.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "decimal.h"

static bool
is(const char *text)
{
	return decimal_is_128(span_str(text));
}

static void
a_hash_key_is_at_most_2_to_the_128_less_one(void **state)
{
	(void)state;
	assert_true(is("0"));
	assert_true(is("7"));
	assert_true(is("170141183460469231731687303715884105728"));
	assert_true(is("340282366920938463463374607431768211454"));
	assert_true(is("340282366920938463463374607431768211455"));
	assert_false(is("340282366920938463463374607431768211456"));
	assert_false(is("340282366920938463463374607431768211460"));
	assert_false(is("999999999999999999999999999999999999999"));
	assert_false(is("1000000000000000000000000000000000000000"));
}

static void
a_hash_key_is_written_in_one_way_only(void **state)
{
	static const char *const wrong[] = { "", "-1", "+1", "00", "01", " 1",
		"1 ", "0x1", "1e3", "1.0", "a" };

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(is(wrong[i]));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_hash_key_is_at_most_2_to_the_128_less_one),
		cmocka_unit_test(a_hash_key_is_written_in_one_way_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
