/* SPDX-License-Identifier: Apache-2.0
 *
 * What of YAML is understood, what is refused by name, and where.
 */
#include "config_case.h"

#include <time.h>

static void
what_is_no_yaml_is_told_with_its_place(void **state)
{
#define COLON                                                                  \
	"mapping values are not allowed in this context; is this line, or "    \
	"the one before, indented unlike its neighbours, or its colon "        \
	"without a blank behind it?"
	static const struct config_case cases[] = {
		{ "a: b: c\n", { "1:5: not valid YAML: " COLON } },
		{ "flows:\n\t- x\n",
		    { "2:1: not valid YAML: found character that cannot start "
		      "any token; indent with blanks, not tabs, and quote a "
		      "value that begins with such a character" } },
		{ "a: \"b\n", { "2:1: not valid YAML: found unexpected end of "
				"stream" } },
		{ "a: \x01\n",
		    { "1:4: not valid YAML: control characters are not "
		      "allowed" } },
		{ "a: [b",
		    { "1:6: not valid YAML: did not find expected ',' or "
		      "']'" } },
		{ "a: [b\n",
		    { "2:1: not valid YAML: did not find expected ',' or "
		      "']'" } },
		{ "\xC3\xA4: \xC3\xB6\n  \xC3\xBC: [}\n",
		    { "2:4: not valid YAML: " COLON } },
		{ "flows:\n  - a: b\n   c: d\n",
		    { "3:4: not valid YAML: did not find expected '-' "
		      "indicator; is the line indented like its "
		      "neighbours?" } },
	};
#undef COLON

	(void)state;
	CHECK_ALL(cases, false);
}

static void
what_yaml_has_and_we_do_not_is_refused_by_name(void **state)
{
#define DECORATED                                                              \
	"anchors (&) and tags (!) are not supported; quote the value if it "   \
	"begins with one of these"
	static const struct config_case cases[] = {
		{ "a: &x b\n", { "1:4: " DECORATED } },
		{ "a: &x [b]\n", { "1:4: " DECORATED } },
		{ "a: !!int 5\n", { "1:4: " DECORATED } },
		{ "a: !x {}\n", { "1:4: " DECORATED } },
		{ "a: *x\n",
		    { "1:4: aliases (*) are not supported; write the value "
		      "out, or quote it if it begins with a star" } },
		{ "<<: {a: b}\n",
		    { "1:1: merge keys (<<) are not supported; write the "
		      "settings out" } },
		{ A_FLOW "---\na: b\n",
		    { "5:1: a second document begins here; one file holds "
		      "one" } },
		{ "a: b\n%YAML 1.1\n",
		    { "2:1: a line that begins with % is a YAML directive; "
		      "there is no use for one here" } },
		{ "? [a]\n: b\n",
		    { "1:3: a list or a map cannot be a key here" } },
		{ "a: \"b\\0c\"\n",
		    { "1:4: a NUL byte in a value is not allowed" } },
	};

	(void)state;
	CHECK_ALL(cases, false);
}

static void
a_file_that_is_no_map_of_settings_is_refused(void **state)
{
	static const struct config_case cases[] = {
		{ "- a\n",
		    { "1:1: settings are expected here, as KEY: VALUE" } },
		{ "a\n", { "1:1: settings are expected here, as KEY: VALUE" } },
		{ "kinesis.region: eu-west-1\n",
		    { "1:1: flows: missing; say what to follow and where it "
		      "goes" } },
		{ "flows:\n",
		    { "1:1: flows: missing; say what to follow and where it "
		      "goes" } },
		{ "\n flows: []\n",
		    { "2:2: flows: empty; the agent needs something to "
		      "follow" } },
		{ "flows: {filePattern: /x}\n",
		    { "1:1: flows: not a list; each flow begins with a dash, "
		      "or in JSON stands in [ ]" } },
		{ "flows: [x]\n",
		    { "1:9: flows: a flow is a map with a filePattern and a "
		      "stream" } },
	};

	(void)state;
	CHECK_ALL(cases, false);
}

static void
a_file_of_nothing_says_so(void **state)
{
	static const char *const texts[] = { "# only this\n", "\n\n", "---\n",
		"\xEF\xBB\xBF" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct report r;

		assert_null(config_from(texts[i], false, &r));
		assert_int_equal(r.error_count, 1);
		assert_string_equal(r.errors[0].text,
		    "a.yaml: holds no settings: no flows to follow; see "
		    "agent.yaml.example");
		report_fini(&r);
	}
}

static void
what_is_not_utf8_is_refused_with_its_place(void **state)
{
	static const struct config_case cases[] = {
		{ "a: \xFF\n", { "1:4: byte 0xFF is not text in UTF-8" } },
		{ "\xC3\xA4\n\xC3\xA4 \xC0\x80\n",
		    { "2:3: byte 0xC0 is not text in UTF-8" } },
		{ "\xED\xA0\x80", { "1:1: byte 0xED is not text in UTF-8" } },
		{ "\xF4\x90\x80\x80",
		    { "1:1: byte 0xF4 is not text in UTF-8" } },
		{ "\xE0\x80\x80", { "1:1: byte 0xE0 is not text in UTF-8" } },
		{ "\xF0\x80\x80\x80",
		    { "1:1: byte 0xF0 is not text in UTF-8" } },
		{ "\xE2\x82", { "1:1: byte 0xE2 is not text in UTF-8" } },
		{ "\xFF\xFE"
		  "a",
		    { "1:1: is UTF-16; save it as UTF-8" } },
	};

	(void)state;
	CHECK_ALL(cases, false);
}

static void
a_nul_byte_is_refused_with_its_place(void **state)
{
	static const char text[] = "a: b\nc: \0\n";

	(void)state;
	for (int java = 0; java < 2; java++) {
		struct report r;

		report_init(&r, "f", java);
		assert_null(draft_read(span_of(text, sizeof(text) - 1), &r));
		assert_int_equal(r.error_count, 1);
		assert_string_equal(
		    r.errors[0].text, "f:2:4: byte 0x00 is not text in UTF-8");
		report_fini(&r);
	}
}

static void
a_byte_order_mark_and_crlf_are_fine(void **state)
{
	(void)state;
	draft_free(config_ok("\xEF\xBB\xBF"
			     "flows:\r\n"
			     "  - filePattern: /l\r\n"
			     "    kinesisStream: s\r\n"
			     "    region: eu-west-1\r\n",
	    false));
}

static char *
repeated(const char *unit, size_t times)
{
	size_t len = strlen(unit);
	char *text = malloc(len * times + 1);

	assert_non_null(text);
	for (size_t i = 0; i < times; i++)
		memcpy(text + i * len, unit, len);
	text[len * times] = '\0';
	return text;
}

/* Whatever it is, a megabyte of it is answered in seconds of one core, also
 * where a sanitizer watches. */
static void
a_megabyte_of_anything_is_answered_at_once(void **state)
{
	static const char *const units[] = { "[", "{", "[{\"a\":", "- ", "? ",
		"a: ", "a,", "%TAG !a! x\n", "\n", "a\n", "\"", "a: b\n", "[,",
		"- - - - - - - - \n", "&a ", "*a\n", "! ", "'", "|\n ", "// \n",
		"/* */", "{\"a\":1},", "#\n" };

	(void)state;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		for (int java = 0; java < 2; java++) {
			char *text =
			    repeated(units[i], (1 << 20) / strlen(units[i]));
			clock_t begin = clock();
			struct report r;

			assert_null(config_from(text, java, &r));
			assert_true(r.error_count > 0);
			if (clock() - begin > 5 * CLOCKS_PER_SEC)
				fail_msg("too long: %s", units[i]);
			report_fini(&r);
			free(text);
		}
}

static void
depth_stops_at_sixty_four(void **state)
{
	char *text = repeated("[", 65);
	struct report r;

	(void)state;
	for (int java = 0; java < 2; java++) {
		assert_null(config_from(text, java, &r));
		assert_int_equal(r.error_count, 1);
		assert_non_null(strstr(
		    r.errors[0].text, ":1:65: nested deeper than 64 levels"));
		report_fini(&r);
	}
	text[64] = ']';
	assert_null(config_from(text, true, &r));
	assert_null(strstr(r.errors[0].text, "nested"));
	report_fini(&r);
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_no_yaml_is_told_with_its_place),
		cmocka_unit_test(
		    what_yaml_has_and_we_do_not_is_refused_by_name),
		cmocka_unit_test(a_file_that_is_no_map_of_settings_is_refused),
		cmocka_unit_test(a_file_of_nothing_says_so),
		cmocka_unit_test(what_is_not_utf8_is_refused_with_its_place),
		cmocka_unit_test(a_nul_byte_is_refused_with_its_place),
		cmocka_unit_test(a_byte_order_mark_and_crlf_are_fine),
		cmocka_unit_test(a_megabyte_of_anything_is_answered_at_once),
		cmocka_unit_test(depth_stops_at_sixty_four),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
