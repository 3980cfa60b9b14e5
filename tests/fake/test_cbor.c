/* SPDX-License-Identifier: Apache-2.0
 *
 * What cbor promises.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

#include "cbor.h"

/* A body of exactly these bytes, so that reading past it is seen. */
static struct cbor
body(const char *bytes, size_t length)
{
	uint8_t *at = malloc(length + (length == 0));

	assert_non_null(at);
	memcpy(at, bytes, length);
	return (struct cbor){ at, at + length };
}

#define BODY(text) body(text, sizeof(text) - 1)

static void
strings_come_out_as_one_span(void **state)
{
	struct cbor c = BODY("\x5f\x42li\x40\x41n\x58\x01"
			     "e\xff\x63key");
	uint8_t *from = c.at;
	struct span s;

	(void)state;
	assert_true(cbor_string(&c, CBOR_BYTES, &s));
	assert_true(span_is(s, "line"));
	assert_false(cbor_string(&c, CBOR_BYTES, &s));
	c.at = c.end - 4;
	assert_true(cbor_string(&c, CBOR_TEXT, &s));
	assert_true(span_is(s, "key"));
	assert_ptr_equal(c.at, c.end);
	free(from);
}

static void
lengths_beyond_the_end_are_refused(void **state)
{
	static const char *const wrong[] = { "\x45line", "\x58\xff",
		"\x5b\xff\xff\xff\xff\xff\xff\xff\xff", "\x59\x01", "\x5f\x41",
		"\x5f\x41x", "\x5c", "\x5f\x5f\x40\xff\xff", "\x5f\x61x\xff" };

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct cbor c = body(wrong[i], strlen(wrong[i]));
		uint8_t *from = c.at;
		struct span s;

		assert_false(cbor_string(&c, CBOR_BYTES, &s));
		free(from);
	}
}

static void
anything_can_be_passed(void **state)
{
	struct cbor c = BODY("\xa2\x01\x82\x20\xf6\x61k\xbf\x61x\x9f\xfb"
			     "12345678\xf9"
			     "12\xff\xff\xc1\x1a"
			     "1234\xf5");
	uint8_t *from = c.at;

	(void)state;
	assert_true(cbor_skip(&c));
	assert_true(cbor_skip(&c));
	assert_true(cbor_skip(&c));
	assert_ptr_equal(c.at, c.end);
	assert_false(cbor_skip(&c));
	free(from);
}

static void
nesting_has_an_end(void **state)
{
	char deep[100000];
	struct cbor c;
	uint8_t *from;

	(void)state;
	memset(deep, 0x81, sizeof(deep));
	c = body(deep, sizeof(deep));
	from = c.at;
	assert_false(cbor_skip(&c));
	free(from);
}

static void
what_is_written_can_be_read(void **state)
{
	static const uint64_t sizes[] = { 0, 23, 24, 255, 256, 65535, 65536,
		UINT32_MAX, (uint64_t)UINT32_MAX + 1 };
	struct bytes b;

	(void)state;
	bytes_init(&b, 4096);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct cbor_items items;
		struct cbor c;

		bytes_clear(&b);
		cbor_put_head(&b, CBOR_ARRAY, sizes[i]);
		c = (struct cbor){ b.at, b.at + b.length };
		assert_true(cbor_enter(&c, CBOR_ARRAY, &items));
		assert_true(items.left == sizes[i]);
		assert_ptr_equal(c.at, c.end);
	}
	bytes_fini(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strings_come_out_as_one_span),
		cmocka_unit_test(lengths_beyond_the_end_are_refused),
		cmocka_unit_test(anything_can_be_passed),
		cmocka_unit_test(nesting_has_an_end),
		cmocka_unit_test(what_is_written_can_be_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
