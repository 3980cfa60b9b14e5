/* SPDX-License-Identifier: Apache-2.0
 *
 * Every key that the Java agent's configuration may hold, each by itself:
 * what it is answered with, and that a value which that agent takes is taken.
 *
 * TAKEN: not a word. IDLE: one warning, it has no meaning here. LATER: one
 * warning, this version does not do it. WRONG_PLACE: one warning, it is read
 * nowhere there. REFUSED: without it, other data would be sent or as somebody
 * else. A key that becomes real changes its row here.
 */
#include "config_case.h"

enum fate { TAKEN, IDLE, LATER, WRONG_PLACE, REFUSED };

struct key {
	const char *key, *value;
	enum fate fate;
};

/* Chosen so that a neighbour which it needs is there. */
#define AGENT_FRAME                                                            \
	"{\"kinesis.region\": \"eu-west-1\", \"flows\": [" A_JSON_FLOW "],\n"  \
	"\"%s\": %s}"
#define FLOW_FRAME                                                             \
	"{\"kinesis.region\": \"eu-west-1\", \"firehose.region\": "            \
	"\"eu-west-1\", \"flows\": [{\"filePattern\": \"/l/*\",\n"             \
	"%s\"%s\": %s}]}"

static const struct key agent_keys[] = {
	{ "awsAccessKeyId", "\"AKID\", \"awsSecretAccessKey\": \"x\"", TAKEN },
	{ "awsSecretAccessKey", "\"x\", \"awsAccessKeyId\": \"AKID\"", TAKEN },
	{ "assumeRoleARN", "\"arn:aws:iam::123456789012:role/r\"", TAKEN },
	{ "assumeRoleExternalId",
	    "\"id\", \"assumeRoleARN\": \"arn:aws:iam::123456789012:role/r\"",
	    TAKEN },
	{ "userDefinedCredentialsProvider.classname", "\"a.B\"", REFUSED },
	{ "userDefinedCredentialsProvider.location", "\"/b.jar\"", REFUSED },
	{ "kinesis.endpoint", "\"kinesis.eu-west-1.amazonaws.com\"", TAKEN },
	{ "firehose.endpoint", "\"https://firehose.eu-west-1.amazonaws.com\"",
	    TAKEN },
	{ "cloudwatch.endpoint", "\"monitoring.eu-west-1.amazonaws.com\"",
	    TAKEN },
	{ "sts.endpoint", "\"sts.eu-west-1.amazonaws.com\"", TAKEN },
	{ "cloudwatch.emitMetrics", "false", TAKEN },
	{ "cloudwatch.namespace", "\"N\"", TAKEN },
	{ "cloudwatch.tagInstance", "\"yes\"", TAKEN },
	{ "cloudwatch.metricsBufferTimeMillis", "30000", TAKEN },
	{ "cloudwatch.metricsQueueSize", "\"10000\"", IDLE },
	{ "log.emitMetrics", "true", IDLE },
	{ "log.emitInternalMetrics", "true", IDLE },
	{ "log.statusReportingPeriodSeconds", "30", TAKEN },
	{ "maxSendingThreadsPerCore", "12", IDLE },
	{ "maxSendingThreads", "24", IDLE },
	{ "sendingThreadsKeepAliveMillis", "60000", IDLE },
	{ "sendingThreadsMaxQueueSize", "100", IDLE },
	{ "maxConnections", "\"50\"", TAKEN },
	{ "connectionTimeoutMillis", "10000", TAKEN },
	{ "socketTimeoutMillis", "50000", TAKEN },
	{ "connectionTTLMillis", "60000", LATER },
	{ "useTcpKeepAlive", "\"T\"", TAKEN },
	{ "useHttpGzip", "true", IDLE },
	{ "checkpointFile", "\"/var/run/aws-kinesis-agent/checkpoints\"",
	    TAKEN },
	{ "checkpointTimeToLiveDays", "7", TAKEN },
	{ "checkpoints.queryTimeoutSeconds", "30", IDLE },
	{ "checkpoints.connectionTimeoutSeconds", "5", IDLE },
	{ "shutdownTimeoutMillis", "10000", TAKEN },
	{ "userAgent", "\"me/1\"", TAKEN },
	{ "userAgentOverride", "\"me/1\"", TAKEN },
	/* Its first version's, and what is a flow's. */
	{ "log.level", "\"INFO\"", TAKEN },
	{ "log.file", "\"/var/log/aws-kinesis-agent/aws-kinesis-agent.log\"",
	    TAKEN },
	{ "log.maxBackupIndex", "1", IDLE },
	{ "log.maxFileSize", "1048576", IDLE },
	{ "maxBufferAgeMillis", "1000", WRONG_PLACE },
	{ "maxBufferSizeRecords", "500", WRONG_PLACE },
	{ "maxBufferSizeBytes", "1048576", WRONG_PLACE },
	{ "waitOnFullRetryQueueMillis", "1000", WRONG_PLACE },
	{ "nobodyKnowsThis", "{\"a\": [1, null]}", WRONG_PLACE },
};

#define STREAM   "\"kinesisStream\": \"s\", "
#define DELIVERY "\"deliveryStream\": \"s\", "

static const struct flow_key {
	const char *others;
	struct key key;
} flow_keys[] = {
	{ "", { "kinesisStream", "\"s\"", TAKEN } },
	{ "", { "deliveryStream", "\"s\"", TAKEN } },
	{ STREAM, { "initialPosition", "\"START_OF_FILE\"", TAKEN } },
	{ STREAM, { "maxBufferAgeMillis", "\"60000\"", TAKEN } },
	{ STREAM, { "maxBufferSizeRecords", "500", TAKEN } },
	{ STREAM, { "maxBufferSizeBytes", "5242880", TAKEN } },
	{ DELIVERY, { "maxBufferSizeBytes", "4194304", TAKEN } },
	{ STREAM, { "minTimeBetweenFilePollsMillis", "100", IDLE } },
	{ STREAM,
	    { "maxTimeBetweenFileTrackerRefreshMillis", "10000", TAKEN } },
	{ STREAM, { "multiLineStartPattern", "\"^\\\\d+\"", TAKEN } },
	{ STREAM, { "multiLineStartPattern", "\"\"", TAKEN } },
	{ STREAM, { "skipHeaderLines", "2", TAKEN } },
	{ STREAM, { "fileFooterPattern", "\"#END\"", TAKEN } },
	{ STREAM, { "truncatedRecordTerminator", "\"\\n\"", TAKEN } },
	{ STREAM, { "dataProcessingOptions",
		      "[{\"optionName\": \"SINGLELINE\"}]", TAKEN } },
	{ STREAM, { "retryInitialBackoffMillis", "100", TAKEN } },
	{ STREAM, { "retryMaxBackoffMillis", "10000", TAKEN } },
	{ STREAM, { "publishQueueCapacity", "100", IDLE } },
	{ STREAM, { "waitOnFullPublishQueueMillis", "60000", IDLE } },
	{ STREAM, { "waitOnEmptyPublishQueueMillis", "60000", IDLE } },
	{ STREAM, { "waitOnFullRetryQueueMillis", "60000", IDLE } },
	{ STREAM, { "pollPeriodMillis", "100", IDLE } },
	{ STREAM, { "log.emitInternalMetrics", "true", IDLE } },
	{ STREAM, { "partitionKeyOption", "\"DETERMINISTIC\"", TAKEN } },
	{ DELIVERY, { "aggregatedRecordSizeBytes", "1024000", TAKEN } },
	{ STREAM, { "nobodyKnowsThis", "[]", WRONG_PLACE } },
};

/* Each option by itself, with every key that it has. */
static const char *const options[] = {
	"{\"optionName\": \"SINGLELINE\", \"parseOptions\": [\"NO_TRIM\","
	" \"ESCAPE_NEW_LINE\"]}",
	"{\"optionName\": \"CSVTOJSON\", \"customFieldNames\": [\"a\"],"
	" \"delimiter\": \"\\\\t\", \"jsonFormat\": \"PRETTYPRINT\"}",
	"{\"optionName\": \"LOGTOJSON\", \"logFormat\": \"COMMONAPACHELOG\"}",
	"{\"optionName\": \"LOGTOJSON\", \"logFormat\": \"COMBINEDAPACHELOG\","
	" \"jsonFormat\": \"COMPACT\"}",
	"{\"optionName\": \"LOGTOJSON\", \"logFormat\": \"APACHEERRORLOG\"}",
	"{\"optionName\": \"LOGTOJSON\", \"logFormat\": \"SYSLOG\","
	" \"matchPattern\": \"(.*)\", \"customFieldNames\": [\"a\"]}",
	"{\"optionName\": \"LOGTOJSON\", \"logFormat\": \"RFC3339SYSLOG\"}",
	"{\"optionName\": \"ADDMETADATA\", \"metadata\": {\"a\": [1]},"
	" \"timestamp\": \"true\", \"jsonFormat\": \"COMPACT\"}",
	"{\"optionName\": \"ADDEC2METADATA\", \"logFormat\": \"SYSLOG\","
	" \"metadataTTL\": 3600, \"jsonFormat\": \"COMPACT\"}",
	"{\"optionName\": \"ADDBRACKETS\"}",
};

static const char *
word_of(enum fate fate)
{
	switch (fate) {
	case TAKEN:
		return NULL;
	case IDLE:
		return "the Java agent's, without meaning here";
	case LATER:
		return "this version does not act upon it yet";
	case WRONG_PLACE:
		return "";
	case REFUSED:
		return "a Java class cannot be loaded here";
	}
	return NULL;
}

static void
check_key(const char *text, const struct key *k)
{
	struct report r;
	struct config *c = config_from(text, true, &r);
	bool refused = k->fate == REFUSED;
	const char *word = word_of(k->fate);
	size_t errors = refused ? 1 : 0;
	size_t warnings = word != NULL && !refused ? 1 : 0;
	const char *said = refused ? r.errors[0].text : r.warnings[0].text;

	if (r.error_count != errors || r.warning_count != warnings)
		fail_msg("%s: %zu errors, %zu warnings: %s", text,
		    r.error_count, r.warning_count,
		    r.error_count > 0 ? r.errors[0].text : said);
	if (word != NULL &&
	    (strstr(said, k->key) == NULL || strstr(said, word) == NULL))
		fail_msg("%s: %s", k->key, said);
	assert_true((c == NULL) == refused);
	draft_free(c);
	report_fini(&r);
}

static void
each_key_of_the_agent_has_its_answer(void **state)
{
	char text[1024];

	(void)state;
	for (size_t i = 0; i < sizeof(agent_keys) / sizeof(agent_keys[0]);
	     i++) {
		snprintf(text, sizeof(text), AGENT_FRAME, agent_keys[i].key,
		    agent_keys[i].value);
		check_key(text, &agent_keys[i]);
	}
}

static void
each_key_of_a_flow_has_its_answer(void **state)
{
	char text[1024];

	(void)state;
	for (size_t i = 0; i < sizeof(flow_keys) / sizeof(flow_keys[0]); i++) {
		const struct key *k = &flow_keys[i].key;

		snprintf(text, sizeof(text), FLOW_FRAME, flow_keys[i].others,
		    k->key, k->value);
		check_key(text, k);
	}
}

static void
each_option_is_taken_with_all_its_keys(void **state)
{
	char text[1024];

	(void)state;
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		struct key k = { "dataProcessingOptions", options[i], TAKEN };

		snprintf(text, sizeof(text),
		    "{\"kinesis.region\": \"eu-west-1\", \"flows\": ["
		    "{\"filePattern\": \"/l/*\", " STREAM
		    "\"dataProcessingOptions\": [%s]}]}",
		    options[i]);
		check_key(text, &k);
	}
}

/* A configuration of many flows repeats them in each. */
static void
a_key_without_meaning_is_told_once(void **state)
{
	static const struct config_case one = {
		"{\"kinesis.region\": \"eu-west-1\", \"flows\": ["
		"{\"filePattern\": \"/l/a\", \"kinesisStream\": \"s\","
		"\n\"publishQueueCapacity\": 5},"
		"\n{\"filePattern\": \"/l/b\", \"kinesisStream\": \"s\","
		"\n\"publishQueueCapacity\": 5}]}",
		{ "warn 2:1: publishQueueCapacity: the Java agent's, without "
		  "meaning here: memoryBudgetBytes bounds what waits" },
	};

	(void)state;
	config_check(&one, true);
}

/* In our own format each of them is a mistake, with its line. */
static void
keys_without_meaning_are_mistakes_in_our_own_format(void **state)
{
	static const struct config_case cases[] = {
		{ A_FLOW "  publishQueueCapacity: 5\n"
			 "maxSendingThreads: 5\n"
			 "nobodyKnowsThis: 1\n",
		    { "5:3: publishQueueCapacity: the Java agent's, without "
		      "meaning here: memoryBudgetBytes bounds what waits",
			"6:1: maxSendingThreads: the Java agent's, without "
			"meaning here: one thread sends; see maxInFlight and "
			"maxConnections",
			"7:1: nobodyKnowsThis: no such setting" } },
	};

	(void)state;
	CHECK_ALL(cases, false);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_key_of_the_agent_has_its_answer),
		cmocka_unit_test(each_key_of_a_flow_has_its_answer),
		cmocka_unit_test(each_option_is_taken_with_all_its_keys),
		cmocka_unit_test(a_key_without_meaning_is_told_once),
		cmocka_unit_test(
		    keys_without_meaning_are_mistakes_in_our_own_format),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
