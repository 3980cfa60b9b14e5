/* SPDX-License-Identifier: Apache-2.0
 *
 * What the rooms that register descriptors rely on.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/time.h>
#include <unistd.h>

#include "clock.h"
#include "loop.h"

static struct loop *loop;

/* Somebody who waits for an eventfd. */
struct waiter {
	int fd;
	int calls;
	struct waiter *removes; /* whom it removes when called */
	struct waiter *adds;    /* whom it adds then, under the same number */
};

static void
ready(void *owner)
{
	struct waiter *w = owner;

	w->calls++;
	if (w->removes != NULL)
		loop_remove(loop, w->removes->fd);
	if (w->adds != NULL)
		assert_int_equal(
		    0, loop_add(loop, w->adds->fd, ready, w->adds));
}

static void
ring(const struct waiter *w)
{
	assert_int_equal(eventfd_write(w->fd, 1), 0);
}

static void
open_waiter(struct waiter *w)
{
	*w = (struct waiter){ .fd = eventfd(0, EFD_NONBLOCK) };
	assert_true(w->fd >= 0);
	assert_int_equal(loop_add(loop, w->fd, ready, w), 0);
}

static int
setup(void **state)
{
	(void)state;
	loop = loop_new();
	return loop == NULL ? -1 : 0;
}

static int
teardown(void **state)
{
	(void)state;
	loop_free(loop);
	return 0;
}

static void
only_what_is_readable_is_called(void **state)
{
	struct waiter a, b;

	(void)state;
	open_waiter(&a);
	open_waiter(&b);
	loop_wait(loop, 0);
	ring(&b);
	loop_wait(loop, CLOCK_NEVER);
	assert_int_equal(a.calls, 0);
	assert_int_equal(b.calls, 1);
	close(a.fd);
	close(b.fd);
}

static void
what_stays_readable_is_called_every_turn(void **state)
{
	struct waiter a;

	(void)state;
	open_waiter(&a);
	ring(&a);
	for (int i = 0; i < 3; i++)
		loop_wait(loop, 1000);
	assert_int_equal(a.calls, 3);
	close(a.fd);
}

static void
a_closed_pipe_counts_as_readable(void **state)
{
	struct waiter w = { 0 };
	int ends[2];

	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	w.fd = ends[0];
	assert_int_equal(loop_add(loop, ends[0], ready, &w), 0);
	close(ends[1]);
	loop_wait(loop, CLOCK_NEVER);
	assert_int_equal(w.calls, 1);
	loop_remove(loop, ends[0]);
	close(ends[0]);
}

static void
a_removed_descriptor_is_not_called(void **state)
{
	struct waiter a;

	(void)state;
	open_waiter(&a);
	ring(&a);
	loop_remove(loop, a.fd);
	loop_remove(loop, a.fd);
	loop_wait(loop, 0);
	assert_int_equal(a.calls, 0);
	close(a.fd);
}

static void
a_callback_may_remove_itself(void **state)
{
	struct waiter a;

	(void)state;
	open_waiter(&a);
	a.removes = &a;
	ring(&a);
	loop_wait(loop, 1000);
	loop_wait(loop, 0);
	assert_int_equal(a.calls, 1);
	close(a.fd);
}

/* Both are readable in one turn, and whoever comes first removes the other. */
static void
who_is_removed_in_a_turn_is_not_called_in_it(void **state)
{
	struct waiter a, b;

	(void)state;
	open_waiter(&a);
	open_waiter(&b);
	a.removes = &b;
	b.removes = &a;
	ring(&a);
	ring(&b);
	loop_wait(loop, 1000);
	assert_int_equal(a.calls + b.calls, 1);
	close(a.fd);
	close(b.fd);
}

/* The same number in other hands: the readiness that was fetched for the
 * former owner is not the new one's. */
static void
a_number_used_again_in_a_turn_waits_for_the_next(void **state)
{
	struct waiter a, b, heir = { 0 };

	(void)state;
	open_waiter(&a);
	open_waiter(&b);
	a.removes = &b;
	b.removes = &a;
	a.adds = b.adds = &heir;
	/* Whoever is called first bequeaths the other's number. Ready are both
	 * in the order they rang. */
	heir.fd = b.fd;
	ring(&a);
	ring(&b);
	loop_wait(loop, 1000);
	assert_int_equal(a.calls, 1);
	assert_int_equal(b.calls, 0);
	assert_int_equal(heir.calls, 0);
	loop_remove(loop, a.fd);
	loop_wait(loop, 1000);
	assert_int_equal(heir.calls, 1);
	close(a.fd);
	close(b.fd);
}

static void
a_descriptor_that_cannot_be_waited_for_is_refused(void **state)
{
	(void)state;
	assert_int_equal(loop_add(loop, -1, ready, NULL), -1);
}

static void
an_idle_wait_lasts_as_long_as_asked(void **state)
{
	int64_t before = clock_ms();

	(void)state;
	loop_wait(loop, 20);
	assert_in_range(clock_ms() - before, 19, 5000);
	loop_wait(loop, -5);
}

static void
on_alarm(int number)
{
	(void)number;
}

static void
a_signal_ends_the_wait(void **state)
{
	struct sigaction action = { .sa_handler = on_alarm };
	/* Again and again, lest one comes before the wait begins. */
	struct itimerval soon = { { 0, 10000 }, { 0, 10000 } };
	struct itimerval never = { { 0, 0 }, { 0, 0 } };

	(void)state;
	assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
	assert_int_equal(setitimer(ITIMER_REAL, &soon, NULL), 0);
	loop_wait(loop, CLOCK_NEVER);
	assert_int_equal(setitimer(ITIMER_REAL, &never, NULL), 0);
}

#define PROMISE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		PROMISE(only_what_is_readable_is_called),
		PROMISE(what_stays_readable_is_called_every_turn),
		PROMISE(a_closed_pipe_counts_as_readable),
		PROMISE(a_removed_descriptor_is_not_called),
		PROMISE(a_callback_may_remove_itself),
		PROMISE(who_is_removed_in_a_turn_is_not_called_in_it),
		PROMISE(a_number_used_again_in_a_turn_waits_for_the_next),
		PROMISE(a_descriptor_that_cannot_be_waited_for_is_refused),
		PROMISE(an_idle_wait_lasts_as_long_as_asked),
		PROMISE(a_signal_ends_the_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
