/* SPDX-License-Identifier: Apache-2.0
 *
 * What is due first is told first, however often it is moved.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "tail/agenda.h"

#define ERRANDS 500

/* xorshift64* (Marsaglia 2003, Vigna 2014). */
static unsigned
roll(uint64_t *dice)
{
	*dice ^= *dice >> 12;
	*dice ^= *dice << 25;
	*dice ^= *dice >> 27;
	return (unsigned)(*dice * UINT64_C(0x2545f4914f6cdd1d) >> 40);
}

static void
check_first(const struct agenda *a, const struct errand *errands)
{
	const struct errand *first = agenda_first(a);

	for (size_t i = 0; i < ERRANDS; i++)
		if (errands[i].slot > 0)
			assert_true(first->due_ms <= errands[i].due_ms);
}

static void
the_earliest_comes_first_after_any_change(void **state)
{
	static struct errand errands[ERRANDS];
	struct agenda a = { NULL, 0, 0 };
	uint64_t dice = 7;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		struct errand *e = &errands[roll(&dice) % ERRANDS];

		if (roll(&dice) % 4 == 0)
			agenda_drop(&a, e);
		else
			agenda_set(&a, e, roll(&dice) % 1000);
		if (i % 50 == 0)
			check_first(&a, errands);
	}
	for (int64_t last = 0; a.count > 0;) {
		struct errand *e = agenda_first(&a);

		assert_true(e->due_ms >= last);
		last = e->due_ms;
		agenda_drop(&a, e);
		agenda_drop(&a, e);
	}
	assert_null(agenda_first(&a));
	agenda_fini(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_earliest_comes_first_after_any_change),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
