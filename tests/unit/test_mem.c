/* SPDX-License-Identifier: Apache-2.0
 *
 * What callers of mem rely on.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mem.h"

static void
new_memory_is_zeroed(void **state)
{
	static const unsigned char zeroes[300];
	unsigned char *at = mem_new_array(3, 100);

	(void)state;
	assert_memory_equal(at, zeroes, sizeof zeroes);
	free(at);
}

static void
resizing_keeps_the_bytes_even_to_nothing(void **state)
{
	char *at = mem_resize(NULL, 4, 1);

	(void)state;
	memcpy(at, "abc", 4);
	at = mem_resize(at, 1000, 1000);
	assert_string_equal(at, "abc");
	at = mem_resize(at, 0, 8);
	assert_non_null(at);
	free(at);
}

static void
copies_end_with_a_nul(void **state)
{
	char *whole = mem_dup("path");
	char *part = mem_dup_span("path", 2);
	char *nothing = mem_dup_span(NULL, 0);
	char *made = mem_format("%s-%d", "shard", 7);

	(void)state;
	assert_string_equal(whole, "path");
	assert_string_equal(part, "pa");
	assert_string_equal(nothing, "");
	assert_string_equal(made, "shard-7");
	free(whole);
	free(part);
	free(nothing);
	free(made);
}

static void
a_size_that_overflows_ends_the_process(void **state)
{
	int status;
	pid_t child = fork();

	(void)state;
	if (child == 0) {
		close(STDERR_FILENO);
		free(mem_resize(NULL, SIZE_MAX / 2, 4));
		_exit(77);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	/* Not by which number: a sanitizer's allocator has its own. */
	assert_int_not_equal(WEXITSTATUS(status), EXIT_SUCCESS);
	assert_int_not_equal(WEXITSTATUS(status), 77);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(new_memory_is_zeroed),
		cmocka_unit_test(resizing_keeps_the_bytes_even_to_nothing),
		cmocka_unit_test(copies_end_with_a_nul),
		cmocka_unit_test(a_size_that_overflows_ends_the_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
