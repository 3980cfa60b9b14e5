/* SPDX-License-Identifier: Apache-2.0
 *
 * What the two sides of a handoff rely on.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <poll.h>
#include <stdbool.h>

#include "handoff.h"

#define PARCELS 20000

struct parcel {
	struct list_node node;
	int number;
};

static struct parcel parcels[PARCELS];
static struct handoff handoff;

static int
setup(void **state)
{
	(void)state;
	for (int i = 0; i < PARCELS; i++) {
		list_init(&parcels[i].node);
		parcels[i].number = i;
	}
	return handoff_init(&handoff);
}

static int
teardown(void **state)
{
	(void)state;
	handoff_fini(&handoff);
	return 0;
}

static bool
rings(int wait_ms)
{
	struct pollfd p = { .fd = handoff_fd(&handoff), .events = POLLIN };

	return poll(&p, 1, wait_ms) == 1;
}

static void
send(int number)
{
	struct list_node *node = &parcels[number].node;

	handoff_send(&handoff, &node);
	assert_null(node);
}

static void
all_that_was_sent_is_taken_in_order(void **state)
{
	struct list_node taken;

	(void)state;
	list_init(&taken);
	list_add_last(&taken, &parcels[7].node);
	for (int i = 0; i < 3; i++)
		send(i);
	handoff_take(&handoff, &taken);
	assert_ptr_equal(list_take_first(&taken), &parcels[7].node);
	for (int i = 0; i < 3; i++)
		assert_ptr_equal(list_take_first(&taken), &parcels[i].node);
	assert_true(list_empty(&taken));
}

static void
the_descriptor_rings_while_something_waits(void **state)
{
	struct list_node taken;

	(void)state;
	list_init(&taken);
	assert_false(rings(0));
	send(0);
	send(1);
	assert_true(rings(0));
	assert_true(rings(0));
	handoff_take(&handoff, &taken);
	assert_false(rings(0));
	send(2);
	assert_true(rings(0));
	handoff_take(&handoff, &taken);
	assert_false(rings(0));
}

static void
a_sender_learns_whether_all_was_taken(void **state)
{
	struct list_node taken;

	(void)state;
	list_init(&taken);
	assert_true(handoff_empty(&handoff));
	send(0);
	assert_false(handoff_empty(&handoff));
	assert_true(rings(0));
	handoff_take(&handoff, &taken);
	assert_true(handoff_empty(&handoff));
	handoff_wake(&handoff);
	assert_true(handoff_empty(&handoff));
	handoff_take(&handoff, &taken);
}

static void
taking_nothing_does_not_block(void **state)
{
	struct list_node taken;

	(void)state;
	list_init(&taken);
	handoff_take(&handoff, &taken);
	assert_true(list_empty(&taken));
}

static void
waking_rings_without_a_parcel(void **state)
{
	struct list_node taken;

	(void)state;
	list_init(&taken);
	handoff_wake(&handoff);
	handoff_wake(&handoff);
	assert_true(rings(0));
	handoff_take(&handoff, &taken);
	assert_true(list_empty(&taken));
	assert_false(rings(0));
}

static void *
send_all(void *unused)
{
	(void)unused;
	for (int i = 0; i < PARCELS; i++) {
		struct list_node *node = &parcels[i].node;

		parcels[i].number = -i;
		handoff_send(&handoff, &node);
	}
	return NULL;
}

/* The taker sleeps whenever nothing rings: a lost ring would be a timeout. */
static void
no_parcel_is_left_behind_between_threads(void **state)
{
	struct list_node taken;
	struct list_node *n;
	pthread_t sender;
	int next = 0;

	(void)state;
	list_init(&taken);
	assert_int_equal(pthread_create(&sender, NULL, send_all, NULL), 0);
	while (next < PARCELS) {
		assert_true(rings(10000));
		handoff_take(&handoff, &taken);
		assert_false(list_empty(&taken));
		while ((n = list_take_first(&taken)) != NULL) {
			assert_int_equal(
			    LIST_ENTRY(n, struct parcel, node)->number, -next);
			next++;
		}
	}
	assert_int_equal(pthread_join(sender, NULL), 0);
	assert_false(rings(0));
}

#define PROMISE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		PROMISE(all_that_was_sent_is_taken_in_order),
		PROMISE(the_descriptor_rings_while_something_waits),
		PROMISE(a_sender_learns_whether_all_was_taken),
		PROMISE(taking_nothing_does_not_block),
		PROMISE(waking_rings_without_a_parcel),
		PROMISE(no_parcel_is_left_behind_between_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
