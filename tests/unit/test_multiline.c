/* SPDX-License-Identifier: Apache-2.0
 *
 * Where records of several lines end, by each style; and that it does not
 * matter in what pieces the bytes come.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "multiline.h"

#define MOST 1000

static struct multiline *
lines_of(enum multiline_style style, const char *pattern)
{
	struct regex_fault fault;
	struct multiline *m = multiline_new(style, pattern, &fault);

	assert_non_null(m);
	return m;
}

/* The record at the start of `text`, its bytes coming one by one. */
static enum frame_result
next_slowly(struct multiline *m, struct span text, size_t most, size_t *length)
{
	size_t searched = 0;

	for (size_t n = 1; n <= text.len; n++) {
		if (multiline_next(m, span_of(text.at, n), searched, most,
			length) == FRAME_RECORD)
			return FRAME_RECORD;
		searched = n;
	}
	return FRAME_MORE;
}

/* `text` is these records, a | between them; the last is not seen to end. */
static void
records(enum multiline_style style, const char *pattern, const char *expected)
{
	struct multiline *m = lines_of(style, pattern);
	char text[2048];
	size_t len = 0, length;
	struct span rest;

	for (const char *at = expected; *at != '\0'; at++)
		if (*at != '|')
			text[len++] = *at;
	rest = span_of(text, len);
	for (const char *at = expected;; at += length + 1) {
		size_t wanted = strcspn(at, "|"), slow = 0;
		enum frame_result answer =
		    multiline_next(m, rest, 0, MOST, &length);

		if (at[wanted] == '\0') {
			if (answer == FRAME_RECORD)
				assert_int_equal(length, rest.len);
			assert_int_equal(multiline_last(m, rest), rest.len);
			break;
		}
		if (answer != FRAME_RECORD || length != wanted)
			fail_msg("`%.*s` is not `%.*s`",
			    answer == FRAME_RECORD ? (int)length : 4,
			    (const char *)rest.at, (int)wanted, at);
		assert_int_equal(
		    next_slowly(m, rest, MOST, &slow), FRAME_RECORD);
		assert_int_equal(slow, wanted);
		rest = span_of(rest.at + length, rest.len - length);
	}
	multiline_free(m);
}

static void
a_pattern_begins_records(void **state)
{
	(void)state;
	records(MULTILINE_PATTERN, "\\[\\d+\\]",
	    "no start\n at all\n|[1] a\n  [2] b\n\n|[2] c\n|[3] d\n");
	records(MULTILINE_PATTERN, "    \\{", "    {\n  x\n|    {\n");
}

static void
stack_traces_of_java_belong_to_their_line(void **state)
{
	(void)state;
	records(MULTILINE_JAVA, NULL,
	    "2023 INFO fine\n|"
	    "2023 ERROR boom\n"
	    "java.lang.RuntimeException: x\n"
	    "\tat a.B.c(B.java:1)\n"
	    "Caused by: java.io.IOException\n"
	    "\t... 3 more\n|"
	    "Exception in thread \"main\" java.lang.Error\n"
	    "\tat a.B.c(B.java:1)\n|"
	    "2023 INFO java.lang.RuntimeException\n");
}

static void
tracebacks_of_python_belong_to_their_line(void **state)
{
	(void)state;
	records(MULTILINE_PYTHON, NULL,
	    "INFO fine\n|"
	    "ERROR boom\n"
	    "Traceback (most recent call last):\n"
	    "  File \"a.py\", line 1, in <module>\n"
	    "    f()\n"
	    "my.Oddity: 5\n"
	    "\n"
	    "During handling of the above exception, another exception "
	    "occurred:\n"
	    "\n"
	    "Traceback (most recent call last):\n"
	    "  File \"a.py\", line 1, in <module>\n"
	    "ValueError\n|"
	    "INFO Error: none\n");
}

static void
panics_of_go_belong_together(void **state)
{
	(void)state;
	records(MULTILINE_GO, NULL,
	    "2023/01/01 fine\n|"
	    "panic: runtime error: index out of range\n"
	    "\n"
	    "goroutine 1 [running]:\n"
	    "main.f(0x1, 0x2)\n"
	    "\t/tmp/a.go:3 +0x1d\n"
	    "main.(*T).g(...)\n"
	    "\t/tmp/a.go:9\n"
	    "created by main.h\n"
	    "\t/tmp/a.go:10 +0x1\n"
	    "exit status 2\n|"
	    "2023/01/01 fine (again)\n");
}

static void
parts_of_containers_lines_stay_together(void **state)
{
	(void)state;
	records(MULTILINE_CRI, NULL,
	    "t stdout F a\n|t stdout P b\nt stdout P c\nt stdout F d\n|"
	    "t stderr F P e\n|t stdout P f\n");
	records(MULTILINE_DOCKER, NULL,
	    "{\"log\":\"a\\n\",\"stream\":\"stdout\"}\n|"
	    "{\"log\":\"b\",\"x\":1}\n{\"log\":\"\\\\\\n\"}\n|"
	    "{\"log\":\"c\\\\n\"}\n{\"log\":\"\\\"d\\n\"}\n|"
	    "no JSON\n|{\"log\":\"\"}\n");
}

static void
a_record_ends_before_it_is_too_long(void **state)
{
	struct multiline *m = lines_of(MULTILINE_PATTERN, "x");
	size_t length = 0;

	(void)state;
	assert_int_equal(FRAME_RECORD,
	    multiline_next(m, span_str("x1\n 2\n 3\n 4\n"), 0, 8, &length));
	assert_int_equal(length, 6);
	/* What is there of the next line is too much already. */
	assert_int_equal(FRAME_RECORD,
	    multiline_next(m, span_str("x1\n 2\n 34"), 0, 8, &length));
	assert_int_equal(length, 6);
	assert_int_equal(FRAME_MORE,
	    multiline_next(m, span_str("x1\n 2\n 3"), 0, 8, &length));
	/* A first line is taken as it is. */
	assert_int_equal(FRAME_RECORD,
	    multiline_next(m, span_str("x123456789\n 2\n"), 0, 8, &length));
	assert_int_equal(length, 11);
	multiline_free(m);
}

static void
the_last_line_may_lack_its_newline(void **state)
{
	struct multiline *m = lines_of(MULTILINE_PATTERN, "x");

	(void)state;
	assert_int_equal(multiline_last(m, span_str("x1\n 2\n 3")), 8);
	assert_int_equal(multiline_last(m, span_str("x1\n 2\nx3")), 6);
	assert_int_equal(multiline_last(m, span_str("x1\n 2\nx3\n")), 6);
	assert_int_equal(multiline_last(m, span_str("x1")), 2);
	assert_int_equal(multiline_last(m, span_str("x1\n")), 3);
	multiline_free(m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pattern_begins_records),
		cmocka_unit_test(stack_traces_of_java_belong_to_their_line),
		cmocka_unit_test(tracebacks_of_python_belong_to_their_line),
		cmocka_unit_test(panics_of_go_belong_together),
		cmocka_unit_test(parts_of_containers_lines_stay_together),
		cmocka_unit_test(a_record_ends_before_it_is_too_long),
		cmocka_unit_test(the_last_line_may_lack_its_newline),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
