/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines on their way through dataProcessingOptions, through the whole tail:
 * every byte is accounted for, whatever becomes of it.
 */
#include "tail_world.h"

#include "digest.h"

static char *options[4];

static int
set_up(void **state)
{
	struct world *w = mem_new(sizeof(*w));

	memset(options, 0, sizeof(options));
	world_init(w);
	w->flows[0].options = options;
	*state = w;
	return digest_setup();
}

static int
tear_down(void **state)
{
	struct world *w = *state;

	world_fini(w);
	for (size_t i = 0; i < 4; i++)
		free(options[i]);
	free(w);
	return 0;
}

static void
chain(const char *first, const char *second)
{
	options[0] = mem_dup(first);
	if (second != NULL)
		options[1] = mem_dup(second);
}

#define SYSLOG "{\"optionName\":\"LOGTOJSON\",\"logFormat\":\"SYSLOG\"}"

static void
lines_become_what_the_options_make_of_them(void **state)
{
	struct world *w = *state;

	chain("{\"optionName\":\"CSVTOJSON\",\"customFieldNames\":[\"a\"]}",
	    "{\"optionName\":\"ADDMETADATA\",\"metadata\":{\"at\":"
	    "\"{file}:{offset}\"}}");
	world_log(w, "x.log", "1,2\n\"3\n");
	world_start(w);
	world_flow(w, 50);
	assert_string_equal(w->text,
	    "{\"metadata\":{\"at\":\"x.log:0\"},\"data\":\"{\\\"a\\\":"
	    "\\\"1\\\"}\"}\n"
	    "{\"metadata\":{\"at\":\"x.log:4\"},\"data\":\"{\\\"a\\\":"
	    "\\\"\\\\\\\"3\\\"}\"}\n");
	assert_int_equal(stats_get(&w->stats[0].bytes_committed), 7);
}

static void
what_does_not_match_is_skipped_and_counted(void **state)
{
	struct world *w = *state;

	chain(SYSLOG, NULL);
	world_log(w, "x.log", "no\nMar 12 12:00:08 h p: m\nnor this\n");
	world_start(w);
	world_flow(w, 50);
	assert_string_equal(w->text,
	    "{\"timestamp\":\"Mar 12 12:00:08\",\"hostname\":\"h\","
	    "\"program\":\"p\",\"processid\":null,\"message\":\"m\"}\n");
	assert_int_equal(stats_get(&w->stats[0].records_unmatched), 2);
	assert_int_equal(stats_get(&w->stats[0].records_too_hard), 0);
	assert_int_equal(stats_get(&w->stats[0].lines_filtered), 2);
	assert_int_equal(stats_get(&w->stats[0].bytes_filtered), 12);
	assert_int_equal(stats_get(&w->stats[0].bytes_committed), 35);
}

static void
the_operator_may_have_it_sent_as_it_came(void **state)
{
	struct world *w = *state;

	chain(SYSLOG, NULL);
	w->flows[0].mismatch = MISMATCH_RAW;
	world_log(w, "x.log", "no\r\n");
	world_start(w);
	world_flow(w, 50);
	assert_string_equal(w->text, "no\r\n");
	assert_int_equal(stats_get(&w->stats[0].records_unmatched), 1);
	assert_int_equal(stats_get(&w->stats[0].lines_filtered), 0);
}

static void
the_operator_may_have_it_kept(void **state)
{
	struct world *w = *state;

	chain(SYSLOG, NULL);
	w->flows[0].mismatch = MISMATCH_DEAD_LETTER;
	world_log(w, "x.log", "no\nMar 12 12:00:08 h p: m\n");
	world_start(w);
	world_flow(w, 50);
	assert_string_equal(w->dead, "0 0-3 no\n\n");
	assert_int_equal(stats_get(&w->stats[0].records_dead), 1);
	assert_int_equal(stats_get(&w->stats[0].bytes_dead), 3);
	assert_int_equal(stats_get(&w->stats[0].records_unmatched), 1);
	assert_int_equal(stats_get(&w->stats[0].bytes_committed), 26);
}

static void
other_options_send_it_as_it_came(void **state)
{
	struct world *w = *state;

	chain("{\"optionName\":\"TYPES\",\"number\":[\"a\"]}", NULL);
	world_log(w, "x.log", "no\n{\"a\":\"1\"}\n");
	world_start(w);
	world_flow(w, 50);
	assert_string_equal(w->text, "no\n{\"a\":1}\n");
	assert_int_equal(stats_get(&w->stats[0].records_unmatched), 1);
}

static void
where_something_is_redacted_nothing_goes_as_it_came(void **state)
{
	struct world *w = *state;
	size_t len = 2 << 20;
	char *text = mem_new(len);

	chain("{\"optionName\":\"TYPES\",\"number\":[\"a\"]}",
	    "{\"optionName\":\"REDACT\",\"pattern\":\"secret\"}");
	memset(text, 's', len);
	text[len - 1] = '\n';
	world_log(w, "x.log", "secret\n{\"a\":\"1 secret\"}\n");
	world_put(w, "x.log", text, len);
	world_log(w, "x.log", "{\"a\":\"2\"}\n");
	world_start(w);
	world_flow(w, 50);
	assert_string_equal(w->text, "{\"a\":\"1 [REDACTED]\"}\n{\"a\":2}\n");
	assert_int_equal(stats_get(&w->stats[0].records_unmatched), 2);
	assert_int_equal(
	    stats_get(&w->stats[0].bytes_committed), 7 + 17 + (2 << 20) + 10);
	free(text);
}

static void
a_pattern_that_gives_up_stops_nothing(void **state)
{
	struct world *w = *state;
	char line[66];

	chain("{\"optionName\":\"LOGTOJSON\",\"matchPattern\":\"((a+)+)\","
	      "\"customFieldNames\":[\"x\",\"y\"]}",
	    NULL);
	memset(line, 'a', sizeof(line));
	line[63] = 'b';
	line[64] = '\n';
	line[65] = '\0';
	world_log(w, "x.log", line);
	world_log(w, "x.log", "aa\n");
	world_start(w);
	world_flow(w, 50);
	assert_string_equal(w->text, "{\"x\":\"aa\",\"y\":\"aa\"}\n");
	assert_int_equal(stats_get(&w->stats[0].records_too_hard), 1);
	assert_int_equal(stats_get(&w->stats[0].records_unmatched), 1);
}

static void
filters_drop_lines_without_a_trace_but_their_count(void **state)
{
	struct world *w = *state;

	chain("{\"optionName\":\"FILTER\",\"pattern\":\"DEBUG\",\"action\":"
	      "\"drop\"}",
	    NULL);
	world_log(w, "x.log", "DEBUG a\nINFO b\nDEBUG c\n");
	world_start(w);
	world_flow(w, 50);
	assert_string_equal(w->text, "INFO b\n");
	assert_int_equal(stats_get(&w->stats[0].records_unmatched), 0);
	assert_int_equal(stats_get(&w->stats[0].lines_filtered), 2);
	assert_int_equal(stats_get(&w->stats[0].bytes_committed), 23);
	world_stop(w);
	world_log(w, "x.log", "INFO d\n");
	world_start(w);
	world_flow(w, 50);
	assert_string_equal(w->text, "INFO b\nINFO d\n");
}

static void
a_record_that_grows_too_long_is_cut(void **state)
{
	struct world *w = *state;
	size_t len = 600000;
	char *text = mem_new(len);

	chain("{\"optionName\":\"ADDMETADATA\",\"metadata\":{}}", NULL);
	memset(text, '"', len);
	text[len - 1] = '\n';
	world_put(w, "x.log", text, len);
	world_start(w);
	world_flow(w, 50);
	assert_int_equal(stats_get(&w->stats[0].records_truncated), 1);
	assert_int_equal(stats_get(&w->stats[0].records_delivered), 1);
	assert_int_equal(stats_get(&w->stats[0].bytes_truncated), 0);
	assert_int_equal(stats_get(&w->stats[0].bytes_committed), len);
	free(text);
}

static void
a_record_that_grows_too_long_may_be_kept(void **state)
{
	struct world *w = *state;
	size_t len = 600000;
	char *text = mem_new(len);

	chain("{\"optionName\":\"ADDMETADATA\",\"metadata\":{}}", NULL);
	w->flows[0].oversize = OVERSIZE_DEAD_LETTER;
	memset(text, '"', len);
	text[len - 1] = '\n';
	world_put(w, "x.log", text, len);
	world_start(w);
	world_flow(w, 50);
	assert_int_equal(stats_get(&w->stats[0].records_dead), 1);
	assert_int_equal(stats_get(&w->stats[0].bytes_dead), len);
	free(text);
}

static void
without_newlines_records_have_none(void **state)
{
	struct world *w = *state;

	chain("{\"optionName\":\"CSVTOJSON\",\"customFieldNames\":[\"a\"]}",
	    NULL);
	w->flows[0].keep_newline = false;
	world_log(w, "x.log", "1\n2\n");
	world_start(w);
	world_flow(w, 50);
	assert_string_equal(w->text, "{\"a\":\"1\"}{\"a\":\"2\"}");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(lines_become_what_the_options_make_of_them),
		TEST(what_does_not_match_is_skipped_and_counted),
		TEST(the_operator_may_have_it_sent_as_it_came),
		TEST(the_operator_may_have_it_kept),
		TEST(other_options_send_it_as_it_came),
		TEST(where_something_is_redacted_nothing_goes_as_it_came),
		TEST(a_pattern_that_gives_up_stops_nothing),
		TEST(filters_drop_lines_without_a_trace_but_their_count),
		TEST(a_record_that_grows_too_long_is_cut),
		TEST(a_record_that_grows_too_long_may_be_kept),
		TEST(without_newlines_records_have_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
