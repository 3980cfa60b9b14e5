/* SPDX-License-Identifier: Apache-2.0
 *
 * What callers of list rely on.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "list.h"

struct item {
	int number;
	struct list_node node;
};

static struct item items[4];
static struct list_node head, other;

static int
setup(void **state)
{
	(void)state;
	list_init(&head);
	list_init(&other);
	for (int i = 0; i < 4; i++) {
		items[i].number = i;
		list_init(&items[i].node);
	}
	return 0;
}

/* The numbers on the list, as decimal digits behind a 1; back must agree. */
static int
spelled(const struct list_node *list)
{
	const struct list_node *n;
	int digits = 1;

	list_for_each (n, list) {
		assert_ptr_equal(n->next->prev, n);
		assert_ptr_equal(n->prev->next, n);
		digits = digits * 10 +
			 LIST_ENTRY(n, const struct item, node)->number;
	}
	return digits;
}

static void
nodes_keep_the_order_they_were_added_in(void **state)
{
	(void)state;
	list_add_last(&head, &items[1].node);
	list_add_last(&head, &items[2].node);
	list_add_first(&head, &items[0].node);
	list_add_before(&items[2].node, &items[3].node);
	assert_int_equal(spelled(&head), 10132);
}

static void
a_removed_node_is_on_no_list(void **state)
{
	(void)state;
	list_add_last(&head, &items[0].node);
	list_add_last(&head, &items[1].node);
	list_remove(&items[0].node);
	assert_false(list_on(&items[0].node));
	assert_true(list_on(&items[1].node));
	list_remove(&items[0].node);
	assert_int_equal(spelled(&head), 11);
}

static void
taking_the_first_empties_the_list_in_order(void **state)
{
	(void)state;
	list_add_last(&head, &items[2].node);
	list_add_last(&head, &items[1].node);
	assert_ptr_equal(list_take_first(&head), &items[2].node);
	assert_ptr_equal(list_take_first(&head), &items[1].node);
	assert_false(list_on(&items[1].node));
	assert_null(list_take_first(&head));
	assert_true(list_empty(&head));
}

static void
appending_a_list_moves_all_of_it_behind(void **state)
{
	(void)state;
	list_add_last(&head, &items[0].node);
	list_add_last(&other, &items[1].node);
	list_add_last(&other, &items[2].node);
	list_append_all(&head, &other);
	assert_int_equal(spelled(&head), 1012);
	assert_true(list_empty(&other));
	list_append_all(&head, &other);
	assert_int_equal(spelled(&head), 1012);
	list_append_all(&other, &head);
	assert_int_equal(spelled(&other), 1012);
	assert_true(list_empty(&head));
}

static void
the_safe_walk_allows_removal(void **state)
{
	struct list_node *n, *after;

	(void)state;
	for (int i = 0; i < 4; i++)
		list_add_last(&head, &items[i].node);
	list_for_each_safe (n, after, &head) {
		if (LIST_ENTRY(n, struct item, node)->number % 2 == 0)
			list_remove(n);
	}
	assert_int_equal(spelled(&head), 113);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(
		    nodes_keep_the_order_they_were_added_in, setup),
		cmocka_unit_test_setup(a_removed_node_is_on_no_list, setup),
		cmocka_unit_test_setup(
		    taking_the_first_empties_the_list_in_order, setup),
		cmocka_unit_test_setup(
		    appending_a_list_moves_all_of_it_behind, setup),
		cmocka_unit_test_setup(the_safe_walk_allows_removal, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
