/* SPDX-License-Identifier: Apache-2.0
 *
 * What the publisher relies on: sums per destination, over failures too, and
 * requests that CloudWatch takes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "ship/bulletin.h"
#include "ship/credentials.h"
#include "ship/lane.h"

#define TEXT(literal) ((char *)(uintptr_t)(literal))
#define LANES         1000

static struct flow_config flows[LANES];
static struct flow_stats *stats;
static struct lane *lanes;
static char names[LANES][1 + 128];
static struct buf form;
static const struct bulletin_terms terms = { .name_space = "A b/c" };

static int
setup(void **state)
{
	(void)state;
	stats = calloc(LANES, sizeof(*stats));
	lanes = calloc(LANES, sizeof(*lanes));
	for (size_t i = 0; i < LANES; i++) {
		snprintf(names[i], sizeof(names[i]), "%zu-%0100d", i, 0);
		flows[i] = (struct flow_config){ .target = names[i],
			.destination = DESTINATION_STREAM };
		lanes[i].flow = &flows[i];
		lanes[i].stats = &stats[i];
	}
	buf_init(&form, BULLETIN_FORM + 65536);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	buf_fini(&form);
	free(stats);
	free(lanes);
	return 0;
}

static void
sent(struct lane *l, uint64_t records, uint64_t failed)
{
	uint64_t values[TALLY_KINDS] = { [TALLY_ATTEMPTS] = records,
		[TALLY_ERRORS] = failed,
		[TALLY_SENT] = records - failed,
		[TALLY_BYTES] = 100 * (records - failed) };

	tally_add(&l->tally, values);
}

static const char *
form_of(const struct bulletin *b)
{
	size_t data;

	buf_clear(&form);
	assert_int_equal(bulletin_form(b, 0, &terms, &form, &data), b->count);
	return buf_text(&form);
}

static void
assert_holds(const char *pairs)
{
	if (strstr(buf_text(&form), pairs) == NULL)
		fail_msg("no %s\nin %s", pairs, buf_text(&form));
}

static void
requests_become_a_statistic_set(void **state)
{
	(void)state;
	flows[0].target = TEXT("one");
	sent(&lanes[0], 500, 20);
	sent(&lanes[0], 20, 0);
	stats_add(&stats[0].records_dead, 3);
	stats_set(&stats[0].bytes_behind, 77);
	struct bulletin *b = bulletin_new(lanes, 1, 0);

	(void)form_of(b);
	assert_memory_equal(form.at,
	    "Action=PutMetricData&Version=2010-08-01&Namespace=A%20b%2Fc&"
	    "MetricData.member.1.MetricName=RecordSendAttempts&",
	    100);
	assert_holds("&MetricData.member.1.Dimensions.member.1.Name="
		     "Destination&MetricData.member.1.Dimensions.member.1."
		     "Value=KinesisStream%3Aone&");
	assert_holds("MetricData.member.2.MetricName=RecordSendErrors&");
	assert_holds("&MetricData.member.2.StatisticValues.SampleCount=2"
		     "&MetricData.member.2.StatisticValues.Sum=20"
		     "&MetricData.member.2.StatisticValues.Minimum=0"
		     "&MetricData.member.2.StatisticValues.Maximum=20&");
	assert_holds("&MetricData.member.6.Value=77&");
	assert_holds("MetricData.member.9.MetricName=DeadLetterRecords&");
	assert_holds("&MetricData.member.9.Value=3");
	bulletin_free(b);
}

static void
what_was_told_is_not_told_again(void **state)
{
	(void)state;
	sent(&lanes[0], 500, 0);
	stats_add(&stats[0].bytes_lost, 10);
	bulletin_free(bulletin_new(lanes, 1, 0));
	stats_add(&stats[0].bytes_lost, 5);
	struct bulletin *b = bulletin_new(lanes, 1, 0);

	assert_int_equal(b->rows[0].tally.count, 0);
	assert_int_equal(b->rows[0].lost, 5);
	assert_null(strstr(form_of(b), "RecordSendAttempts"));
	bulletin_free(b);
}

static void
flows_to_one_destination_are_added_up(void **state)
{
	(void)state;
	flows[0].target = TEXT("arn:aws:kinesis:eu-west-1:1:stream/same");
	flows[1].target = TEXT("same");
	flows[2].target = TEXT("same");
	flows[2].destination = DESTINATION_FIREHOSE;
	sent(&lanes[0], 500, 0);
	sent(&lanes[1], 7, 0);
	for (size_t i = 0; i < 3; i++) {
		stats_set(&stats[i].bytes_behind, 10);
		stats_set(&stats[i].millis_behind, 1000 * (i + 1));
	}
	struct bulletin *b = bulletin_new(lanes, 3, 0);

	assert_int_equal(b->count, 2);
	assert_string_equal(b->rows[0].destination, "KinesisStream:same");
	assert_string_equal(b->rows[1].destination, "DeliveryStream:same");
	assert_int_equal(b->rows[0].tally.of[TALLY_SENT].sum, 507);
	assert_int_equal(b->rows[0].tally.of[TALLY_SENT].least, 7);
	assert_int_equal(b->rows[0].behind, 20);
	assert_int_equal(b->rows[0].seconds_behind, 2);
	bulletin_free(b);
}

static void
what_was_not_published_is_added_to_the_next(void **state)
{
	(void)state;
	sent(&lanes[0], 500, 0);
	sent(&lanes[1], 3, 0);
	stats_add(&stats[0].records_dead, 1);
	stats_set(&stats[0].bytes_behind, 1000);
	struct bulletin *older = bulletin_new(lanes, 2, 40), *b;

	sent(&lanes[0], 100, 0);
	stats_add(&stats[0].records_dead, 1);
	stats_set(&stats[0].bytes_behind, 5);
	b = bulletin_new(lanes, 1, 90);
	bulletin_absorb(&b, &older);
	assert_null(older);
	assert_int_equal(b->since_ms, 40);
	assert_int_equal(b->count, 2);
	assert_int_equal(b->rows[0].tally.count, 2);
	assert_int_equal(b->rows[0].tally.of[TALLY_SENT].least, 100);
	assert_int_equal(b->rows[0].dead, 2);
	assert_int_equal(b->rows[0].behind, 5);
	assert_int_equal(b->rows[1].tally.of[TALLY_SENT].sum, 3);
	bulletin_absorb(&b, &older);
	assert_int_equal(b->count, 2);
	bulletin_free(b);
}

static void
a_thousand_destinations_take_several_requests_within_the_limits(void **state)
{
	(void)state;
	size_t first = 0, data, all = 0, requests = 0;
	struct bulletin *b;
	char last[160];

	for (size_t i = 0; i < LANES; i++)
		sent(&lanes[i], UINT32_MAX, 0);
	b = bulletin_new(lanes, LANES, 0);
	while (first < b->count) {
		buf_clear(&form);
		first = bulletin_form(b, first, &terms, &form, &data);
		assert_in_range(data, 1, BULLETIN_DATA);
		assert_true(form.len <= BULLETIN_FORM);
		snprintf(last, sizeof(last),
		    "&MetricData.member.%zu.MetricName=", data);
		assert_holds(last);
		all += data;
		requests++;
	}
	assert_int_equal(all, 9 * LANES);
	assert_in_range(requests, 9, 20);
	bulletin_free(b);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(requests_become_a_statistic_set),
		TEST(what_was_told_is_not_told_again),
		TEST(flows_to_one_destination_are_added_up),
		TEST(what_was_not_published_is_added_to_the_next),
		TEST(
		    a_thousand_destinations_take_several_requests_within_the_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
