/* SPDX-License-Identifier: Apache-2.0
 *
 * What Prometheus relies on, and whoever hands it the text: names that are
 * escaped, families that stand together, histograms that add up, portions
 * that fit. The scenario metrics_port has it read by Prometheus's own parser.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "ops/exposition.h"

#define TEXT(literal) ((char *)(uintptr_t)(literal))
#define FLOWS         2

static struct flow_config flows[FLOWS];
static struct config config;
static struct flow_stats *stats;
static struct buf page;
static size_t portions, largest;

static int
setup(void **state)
{
	(void)state;
	stats = calloc(FLOWS, sizeof(*stats));
	memset(flows, 0, sizeof(flows));
	flows[0] = (struct flow_config){ .name = TEXT("app"),
		.target = TEXT("one"),
		.region = TEXT("eu-west-1"),
		.destination = DESTINATION_STREAM };
	flows[1] = (struct flow_config){ .name = TEXT("web"),
		.target = TEXT("two"),
		.region = TEXT("us-east-1"),
		.destination = DESTINATION_FIREHOSE };
	config = (struct config){ .flows = flows, .flow_count = FLOWS };
	buf_init(&page, (size_t)4 << 20);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	buf_fini(&page);
	free(stats);
	return 0;
}

/* The whole page, portion by portion. */
static const char *
read_page(void)
{
	struct exposition_roll *roll = exposition_roll_new(&config);
	struct exposition e = {
		.roll = roll, .stats = stats, .started_ms = 1700000000123
	};
	struct buf portion;

	buf_init(&portion, EXPOSITION_CHUNK);
	buf_clear(&page);
	portions = largest = 0;
	while (exposition_next(&e, &portion)) {
		assert_true(portion.len > 0);
		assert_int_equal(portion.at[portion.len - 1], '\n');
		assert_true(buf_add_span(&page, buf_span(&portion)));
		if (portion.len > largest)
			largest = portion.len;
		portions++;
		buf_clear(&portion);
	}
	buf_fini(&portion);
	exposition_roll_free(roll);
	return buf_text(&page);
}

static void
assert_says(const char *line)
{
	const char *found = strstr(buf_text(&page), line);
	size_t len = strlen(line);

	if (found == NULL || found[len] != '\n' ||
	    (found > (const char *)page.at && found[-1] != '\n'))
		fail_msg("no line: %s\nin:\n%s", line, buf_text(&page));
}

static void
each_flow_has_its_own_numbers(void **state)
{
	(void)state;
	stats_add(&stats[0].records_delivered, 7);
	stats_add(&stats[1].records_delivered, 9);
	stats_add(&stats[1].bytes_lost_by[STATS_LOSS_TRUNCATED], 5);
	stats_set(&stats[0].millis_behind, 2500);
	stats_set(&stats[0].files, 3);
	(void)read_page();
	assert_says("# TYPE kinesis_agent_delivered_records_total counter");
	assert_says("kinesis_agent_delivered_records_total{flow=\"app\"} 7");
	assert_says("kinesis_agent_delivered_records_total{flow=\"web\"} 9");
	assert_says("kinesis_agent_lost_bytes_total"
		    "{flow=\"web\",reason=\"truncated\"} 5");
	assert_says("kinesis_agent_behind_seconds{flow=\"app\"} 2.500");
	assert_says("kinesis_agent_files{flow=\"app\"} 3");
	assert_says("kinesis_agent_flow_info{flow=\"web\","
		    "service=\"firehose\",destination=\"two\","
		    "region=\"us-east-1\"} 1");
	assert_says(
	    "kinesis_agent_build_info{version=\"" AGENT_VERSION "\"} 1");
	assert_says("process_start_time_seconds 1700000000.123");
}

static void
quotes_backslashes_and_newlines_in_a_name_are_escaped(void **state)
{
	(void)state;
	flows[0].name = TEXT("a\"b\\c\nd \xc3\xa4");
	(void)read_page();
	assert_says("kinesis_agent_requests_total"
		    "{flow=\"a\\\"b\\\\c\\nd \xc3\xa4\"} 0");
}

static void
a_family_stands_together_and_is_announced_once(void **state)
{
	(void)state;
	const char *text = read_page(), *at = text;
	size_t announced = 0;

	while ((at = strstr(at, "# TYPE ")) != NULL) {
		char name[128], wanted[160];

		assert_int_equal(sscanf(at, "# TYPE %127s", name), 1);
		snprintf(wanted, sizeof(wanted), "# TYPE %s ", name);
		assert_null(strstr(at + 1, wanted));
		/* What follows is of that name, up to the next one. */
		at = strchr(at, '\n') + 1;
		while (*at != '#' && *at != '\0') {
			assert_memory_equal(at, name, strlen(name));
			at = strchr(at, '\n') + 1;
		}
		announced++;
	}
	assert_true(announced > 30);
}

static void
a_histogram_counts_upwards_to_all_of_them(void **state)
{
	(void)state;
	stats_took(&stats[0].exchanges, 0);
	stats_took(&stats[0].exchanges, 10);
	stats_took(&stats[0].exchanges, 11);
	stats_took(&stats[0].exchanges, 1800001);
	(void)read_page();
#define LINE "kinesis_agent_request_duration_seconds"
	assert_says("# TYPE " LINE " histogram");
	assert_says(LINE "_bucket{flow=\"app\",le=\"0.01\"} 2");
	assert_says(LINE "_bucket{flow=\"app\",le=\"0.025\"} 3");
	assert_says(LINE "_bucket{flow=\"app\",le=\"1800\"} 3");
	assert_says(LINE "_bucket{flow=\"app\",le=\"+Inf\"} 4");
	assert_says(LINE "_sum{flow=\"app\"} 1800.022");
	assert_says(LINE "_count{flow=\"app\"} 4");
	assert_says(LINE "_count{flow=\"web\"} 0");
}

static void
the_longest_names_fit_into_a_portion(void **state)
{
	(void)state;
	char name[257], target[2049];

	memset(name, '"', sizeof(name) - 1);
	memset(target, '\\', sizeof(target) - 1);
	name[sizeof(name) - 1] = target[sizeof(target) - 1] = '\0';
	flows[0].name = name;
	flows[0].target = target;
	(void)read_page();
	assert_true(largest < EXPOSITION_CHUNK);
	assert_non_null(strstr(buf_text(&page), "le=\"+Inf\"} 0\n"));
}

/* A page of as many flows as there may be is never in memory as a whole. */
static void
a_portion_is_of_one_flow(void **state)
{
	(void)state;
	(void)read_page();
	assert_true(portions > 2 * 30);
	assert_true(largest < 2048);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_flow_has_its_own_numbers),
		TEST(quotes_backslashes_and_newlines_in_a_name_are_escaped),
		TEST(a_family_stands_together_and_is_announced_once),
		TEST(a_histogram_counts_upwards_to_all_of_them),
		TEST(the_longest_names_fit_into_a_portion),
		TEST(a_portion_is_of_one_flow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
