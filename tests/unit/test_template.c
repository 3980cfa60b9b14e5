/* SPDX-License-Identifier: Apache-2.0
 *
 * Texts with holes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "record.h"
#include "template.h"

static const struct field fields[] = {
	{ { (const unsigned char *)"tenant", 6 },
	    { (const unsigned char *)"blue", 4 } },
	{ { (const unsigned char *)"file", 4 },
	    { (const unsigned char *)"captured", 8 } },
	{ { (const unsigned char *)"none", 4 }, { NULL, 0 } },
	{ { (const unsigned char *)"tenant", 6 },
	    { (const unsigned char *)"second", 6 } },
};
static const struct record record = { { NULL, 0 }, fields, 4 };

/* What `text` becomes for the record above, into `out`; false: a field is
 * missing, whose name is `out`. */
static bool
fill(const char *text, char out[static 256])
{
	struct template_fault fault;
	struct template *t = template_new(text, &fault);
	const struct template_facts facts = { span_str("box"),
		span_str("/var/log/a/app.log"), &record };
	struct span pieces[TEMPLATE_PARTS], missing;
	size_t count = 0, len = 0;
	bool whole;

	assert_non_null(t);
	whole = template_fill(t, &facts, pieces, &count, &missing);
	if (!whole)
		pieces[count++] = missing;
	for (size_t i = 0; i < count; i++) {
		assert_true(len + pieces[i].len < 256);
		if (pieces[i].len > 0)
			memcpy(out + len, pieces[i].at, pieces[i].len);
		len += pieces[i].len;
	}
	out[len] = '\0';
	template_free(t);
	return whole;
}

static void
holes_are_filled_with_facts_and_fields(void **state)
{
	static const struct {
		const char *text, *filled;
	} cases[] = {
		{ "plain", "plain" },
		{ "{tenant}", "blue" },
		{ "{hostname}:{path}:{file}",
		    "box:/var/log/a/app.log:app.log" },
		{ "{field:file}{field:tenant}", "capturedblue" },
		{ "{{{tenant}}}", "{blue}" },
		{ "{{tenant}} }}{{", "{tenant} }{" },
		{ "{tenant}{tenant}-", "blueblue-" },
	};
	char out[256];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_true(fill(cases[i].text, out));
		assert_string_equal(out, cases[i].filled);
	}
}

static void
a_missing_or_empty_field_is_named(void **state)
{
	char out[256];

	(void)state;
	assert_false(fill("{tenant}{ tenant}", out));
	assert_string_equal(out, " tenant");
	assert_false(fill("a{none}b", out));
	assert_string_equal(out, "none");
	assert_false(fill("{field:path}", out));
	assert_string_equal(out, "path");
}

static void
what_is_malformed_is_told_with_its_place(void **state)
{
	static const struct {
		const char *text;
		size_t at;
	} cases[] = { { "ab{", 2 }, { "ab{x", 2 }, { "{{{x{y}", 2 },
		{ "a}", 1 }, { "a}}b}c", 4 }, { "{}", 0 }, { "x{field:}", 1 } };
	struct template_fault fault;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_null(template_new(cases[i].text, &fault));
		assert_int_equal(fault.at, cases[i].at);
		assert_non_null(fault.why);
	}
}

static void
a_template_has_32_parts_and_not_one_more(void **state)
{
	char text[4 * 33 + 1] = "";
	struct template_fault fault;
	struct template *t;

	(void)state;
	for (int i = 0; i < 32; i++)
		memcpy(text + 3 * i, "{a}", 4);
	t = template_new(text, &fault);
	assert_non_null(t);
	template_free(t);
	memcpy(text + 3 * 32, "{a}", 4);
	assert_null(template_new(text, &fault));
	assert_int_equal(fault.at, 99);
}

static void
it_is_known_what_a_template_hangs_on(void **state)
{
	static const struct {
		const char *text, *field;
		bool constant;
	} cases[] = { { "x", "", true }, { "{{x}}", "", true },
		{ "{file}", "", false }, { "{path}-{b}-{c}", "b", false } };
	struct template_fault fault;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct template *t = template_new(cases[i].text, &fault);

		assert_non_null(t);
		assert_int_equal(template_is_constant(t), cases[i].constant);
		assert_true(
		    span_eq(template_field(t), span_str(cases[i].field)));
		template_free(t);
	}
	template_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(holes_are_filled_with_facts_and_fields),
		cmocka_unit_test(a_missing_or_empty_field_is_named),
		cmocka_unit_test(what_is_malformed_is_told_with_its_place),
		cmocka_unit_test(a_template_has_32_parts_and_not_one_more),
		cmocka_unit_test(it_is_known_what_a_template_hangs_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
