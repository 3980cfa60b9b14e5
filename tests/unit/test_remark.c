/* SPDX-License-Identifier: Apache-2.0
 *
 * What who reads another thread's last words relies on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "remark.h"

#define TIMES 20000

static void
there_is_none_at_first(void **state)
{
	static struct remark r;
	char text[REMARK_BYTES];
	int64_t when;

	(void)state;
	assert_false(remark_get(&r, &when, text));
}

static void
the_last_one_counts(void **state)
{
	static struct remark r;
	char text[REMARK_BYTES];
	int64_t when;

	(void)state;
	remark_say(&r, 1, "a rather long first one, number %d", 1);
	remark_say(&r, 2, "short");
	assert_true(remark_get(&r, &when, text));
	assert_string_equal(text, "short");
	assert_int_equal(when, 2);
}

static void
one_that_is_too_long_ends_with_a_whole_character(void **state)
{
	static struct remark r;
	char text[REMARK_BYTES], endless[1000];
	int64_t when;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		memset(endless, 'x', i);
		for (size_t at = i; at + 2 < sizeof(endless); at += 2)
			memcpy(endless + at, "\xC3\xA4", 3);
		remark_say(&r, 1, "%s", endless);
		assert_true(remark_get(&r, &when, text));
		assert_in_range(
		    strlen(text), REMARK_BYTES - 3, REMARK_BYTES - 1);
		assert_int_equal((strlen(text) - i) % 2, 0);
	}
}

static struct remark shared;

static void *
talk(void *owner)
{
	(void)owner;
	for (int i = 1; i <= TIMES; i++)
		remark_say(&shared, i, "%d %d %200d %d", i, i, i, i);
	return NULL;
}

static void
nobody_ever_reads_half_of_one(void **state)
{
	pthread_t thread;
	char text[REMARK_BYTES], whole[REMARK_BYTES];
	int64_t when = 0;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, talk, NULL), 0);
	while (when < TIMES) {
		int i;

		if (!remark_get(&shared, &when, text))
			continue;
		i = (int)when;
		snprintf(whole, sizeof(whole), "%d %d %200d %d", i, i, i, i);
		assert_string_equal(text, whole);
	}
	assert_int_equal(pthread_join(thread, NULL), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_is_none_at_first),
		cmocka_unit_test(the_last_one_counts),
		cmocka_unit_test(
		    one_that_is_too_long_ends_with_a_whole_character),
		cmocka_unit_test(nobody_ever_reads_half_of_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
