/* SPDX-License-Identifier: Apache-2.0
 *
 * A flow's keys and the joining of its records, as they are configured.
 */
#include "config_case.h"

#define DELIVERY                                                               \
	"flows:\n"                                                             \
	"- filePattern: /var/log/*.log\n"                                      \
	"  deliveryStream: s\n"                                                \
	"  region: eu-west-1\n"

#define OPTIONS "  dataProcessingOptions: []\n"

static void
keys_are_kept_as_they_are_written(void **state)
{
	struct config *c =
	    config_ok(A_FLOW "  partitionKey: '{{a}}{field:x}-{file}'\n"
			     "  explicitHashKey: '{hash}'\n"
			     "  aggregatedRecordSizeBytes: 1MiB\n" OPTIONS,
		false);

	(void)state;
	assert_string_equal(c->flows[0].partition_key, "{{a}}{field:x}-{file}");
	assert_string_equal(c->flows[0].hash_key, "{hash}");
	assert_int_equal(c->flows[0].aggregate, 1 << 20);
	draft_free(c);
	c = config_ok(A_FLOW
	    "  explicitHashKey: 340282366920938463463374607431768211455\n",
	    false);
	assert_null(c->flows[0].partition_key);
	assert_int_equal(c->flows[0].aggregate, 0);
	draft_free(c);
}

static void
malformed_keys_are_told_with_their_place(void **state)
{
	static const struct config_case cases[] = {
		{ A_FLOW "  partitionKey: 'ab{c'\n",
		    { "5:3: partitionKey: a { without its }; write {{ for the "
		      "brace, behind byte 2 of it (got `ab{c`)" } },
		{ A_FLOW "  partitionKey: {tenant: }\n",
		    { "5:3: partitionKey: a map is not allowed here; one value "
		      "is, with its braces in quotes" } },
		{ A_FLOW "  partitionKey: '{tenant}'\n",
		    { "5:3: partitionKey: no field `tenant` is ever captured: "
		      "there are no dataProcessingOptions" } },
		{ A_FLOW "  explicitHashKey: "
			 "340282366920938463463374607431768211456\n",
		    { "5:3: explicitHashKey: "
		      "`340282366920938463463374607431768211456` is no number "
		      "of 0 to 2^128-1 in decimal digits" } },
		{ A_FLOW "  explicitHashKey: 0x10\n",
		    { "5:3: explicitHashKey: `0x10` is no number of 0 to "
		      "2^128-1 in decimal digits" } },
		{ A_FLOW "  partitionKeyOption: DETERMINISTIC\n"
			 "  partitionKey: x\n",
		    { "5:3: partitionKeyOption: partitionKey is given too, and "
		      "wins; keep one of them" } },
		{ DELIVERY "  partitionKey: x\n"
			   "  explicitHashKey: 1\n",
		    { "5:3: partitionKey: Firehose has no partition keys; "
		      "leave the key away",
			"6:3: explicitHashKey: Firehose has no partition keys; "
			"leave the key away" } },
	};

	(void)state;
	CHECK_ALL(cases, false);
}

static void
joined_records_fit_the_service(void **state)
{
	static const struct config_case cases[] = {
		{ A_FLOW "  aggregatedRecordSizeBytes: 1048577\n",
		    { "5:3: aggregatedRecordSizeBytes: out of range (got "
		      "`1048577`); allowed: 0 to 1048576 (1 MiB)" } },
		{ DELIVERY "  aggregatedRecordSizeBytes: 1024001\n",
		    { "5:3: aggregatedRecordSizeBytes: out of range (got "
		      "`1024001`); allowed: 0 to 1024000 with "
		      "deliveryStream" } },
	};
	struct config *c =
	    config_ok(DELIVERY "  aggregatedRecordSizeBytes: 1024000\n", false);

	(void)state;
	assert_int_equal(c->flows[0].aggregate, 1024000);
	draft_free(c);
	CHECK_ALL(cases, false);
}

static void
the_java_agents_file_joins_where_the_java_agent_did(void **state)
{
	static const struct config_case cases[] = {
		{ "{\"kinesis.region\": \"eu-west-1\", \"flows\": ["
		  "{\"filePattern\": \"/l/x\", \"kinesisStream\": \"s\","
		  "\n\"aggregatedRecordSizeBytes\": 1000}]}",
		    { "warn 2:1: aggregatedRecordSizeBytes: the Java agent "
		      "joins records for a deliveryStream only: passed "
		      "over" } },
		{ "{\"firehose.region\": \"eu-west-1\", \"flows\": ["
		  "{\"filePattern\": \"/l/x\", \"deliveryStream\": \"s\","
		  "\n\"aggregatedRecordSizeBytes\": \"1000\"}]}",
		    { NULL } },
	};

	(void)state;
	CHECK_ALL(cases, true);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_are_kept_as_they_are_written),
		cmocka_unit_test(malformed_keys_are_told_with_their_place),
		cmocka_unit_test(joined_records_fit_the_service),
		cmocka_unit_test(
		    the_java_agents_file_joins_where_the_java_agent_did),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
