/* SPDX-License-Identifier: Apache-2.0
 *
 * What the tail relies on: batches leave in sealing order (I4), whatever
 * order they come home in.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "mem.h"
#include "tail/window.h"

/* A batch whose one run begins at `from`. */
static struct batch *
sealed(struct window *w, uint64_t from)
{
	struct batch *b = mem_new(sizeof(*b));

	b->runs = mem_new(sizeof(*b->runs));
	b->runs[0] = (struct run){ .from = from, .to = from + 1 };
	b->run_count = 1;
	b->count = 1;
	window_add(w, b);
	return b;
}

static void
deliver(struct window *w, struct batch *b)
{
	window_deliver(w, b);
	free(b->runs);
	free(b);
}

/* What leaves now; UINT64_MAX: nothing. */
static uint64_t
leaves(struct window *w)
{
	struct slot slot;
	uint64_t from;

	if (!window_take(w, &slot))
		return UINT64_MAX;
	from = slot.runs[0].from;
	free(slot.runs);
	return from;
}

static void
an_early_verdict_waits_for_its_elders(void **state)
{
	struct window w;
	struct batch *first, *second;

	(void)state;
	window_init(&w);
	first = sealed(&w, 1);
	second = sealed(&w, 2);
	deliver(&w, second);
	assert_int_equal(leaves(&w), UINT64_MAX);
	assert_true(window_slot(&w, 1)->delivered);
	deliver(&w, first);
	assert_int_equal(leaves(&w), 1);
	assert_int_equal(leaves(&w), 2);
	assert_true(window_empty(&w));
	window_fini(&w);
}

static void
any_order_in_is_one_order_out(void **state)
{
	struct batch *out[WINDOW_MAX];
	struct window w;
	uint64_t next = 0, taken = 0;
	unsigned dice = 7;
	size_t count = 0;

	(void)state;
	window_init(&w);
	while (taken < 20000) {
		uint64_t from;
		size_t i;

		dice = dice * 1103515245 + 12345;
		if (!window_full(&w) && count < WINDOW_MAX && dice >> 30 != 0)
			out[count++] = sealed(&w, next++);
		i = count > 0 ? (dice >> 8) % count : 0;
		if (count > 0 && (dice >> 28 & 1 || window_full(&w))) {
			deliver(&w, out[i]);
			out[i] = out[--count];
		}
		while ((from = leaves(&w)) != UINT64_MAX)
			assert_int_equal(from, taken++);
	}
	while (count > 0)
		deliver(&w, out[--count]);
	window_fini(&w); /* with delivered ones inside */
}

static void
it_holds_no_more_than_it_says(void **state)
{
	struct batch *out[WINDOW_MAX];
	struct window w;

	(void)state;
	window_init(&w);
	for (uint64_t i = 0; i < WINDOW_MAX; i++) {
		assert_false(window_full(&w));
		out[i] = sealed(&w, i);
	}
	assert_true(window_full(&w));
	for (size_t i = WINDOW_MAX; i > 0; i--)
		deliver(&w, out[i - 1]);
	assert_true(window_full(&w));
	assert_int_equal(leaves(&w), 0);
	assert_false(window_full(&w));
	window_fini(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_early_verdict_waits_for_its_elders),
		cmocka_unit_test(any_order_in_is_one_order_out),
		cmocka_unit_test(it_holds_no_more_than_it_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
