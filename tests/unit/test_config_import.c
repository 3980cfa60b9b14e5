/* SPDX-License-Identifier: Apache-2.0
 *
 * An agent.json and the agent.yaml that is made of it mean the same, in every
 * setting of the table; and secrets are printed on demand only.
 */
#include "config_case.h"

#include <unistd.h>

#include "config.h"
#include "config/settings.h"

static char folder[] = "/tmp/import-XXXXXX";
static char printed[1 << 20]; /* of the last import */

static int
enter(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(folder));
	return chdir(folder);
}

static int
leave(void **state)
{
	(void)state;
	(void)unlink("agent.json");
	(void)unlink("agent.yaml");
	return chdir("/") == 0 ? rmdir(folder) : -1;
}

static void
put(const char *name, const char *text)
{
	FILE *file = fopen(name, "we");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	fclose(file);
}

/* What `agent.json` of `text` becomes, also in agent.yaml. */
static void
import_text(const char *text, bool secrets)
{
	FILE *tmp = tmpfile();
	int kept = dup(STDOUT_FILENO), answer;
	size_t len;

	assert_true(kept >= 0 && tmp != NULL);
	put("agent.json", text);
	fflush(stdout);
	assert_true(dup2(fileno(tmp), STDOUT_FILENO) >= 0);
	answer = config_print_import("agent.json", secrets);
	fflush(stdout);
	assert_true(dup2(kept, STDOUT_FILENO) >= 0);
	close(kept);
	rewind(tmp);
	len = fread(printed, 1, sizeof(printed) - 1, tmp);
	printed[len] = '\0';
	fclose(tmp);
	assert_int_equal(answer, 0);
	put("agent.yaml", printed);
}

static const char *
text_at(const struct setting *s, const void *base)
{
	return *(char *const *)(const void *)((const char *)base + s->at);
}

static char *const *
list_at(const struct setting *s, const void *base)
{
	return *(
	    char *const *const *)(const void *)((const char *)base + s->at);
}

static bool
same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool
same_list(char *const *a, char *const *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	while (*a != NULL && same_text(*a, *b)) {
		a++;
		b++;
	}
	return *a == NULL && *b == NULL;
}

static bool
same_value(const struct setting *s, const void *a, const void *b)
{
	if (s->kind <= KIND_ENUM)
		return memcmp((const char *)a + s->at, (const char *)b + s->at,
			   s->width) == 0;
	if (s->kind == KIND_EXCLUDES || s->kind == KIND_OPTIONS)
		return same_list(list_at(s, a), list_at(s, b));
	return same_text(text_at(s, a), text_at(s, b));
}

/* Every row but the patterns, whose words may differ. */
static void
check_same(enum setting_scope scope, const void *a, const void *b)
{
	for (size_t i = 0; i < settings_count(); i++) {
		const struct setting *s = settings_at(i);

		if (s->scope == scope && s->state == SETTING_BUILT &&
		    s->kind != KIND_LIST && s->kind != KIND_PATTERNS &&
		    !same_value(s, a, b))
			fail_msg("%s is another now:\n%s", s->key, printed);
	}
}

/* The flows of agent.yaml have `patterns`, with blanks between. */
static void
comes_back(const char *text, const char *patterns)
{
	char got[1024] = "";
	struct config *theirs, *ours;

	import_text(text, true);
	theirs = config_load("agent.json");
	ours = config_load("agent.yaml");
	if (ours == NULL)
		fail_msg("refused:\n%s", printed);
	check_same(SCOPE_AGENT, theirs, ours);
	assert_string_equal(
	    theirs->own_checkpoint_file, ours->own_checkpoint_file);
	assert_int_equal(theirs->flow_count, ours->flow_count);
	for (size_t i = 0; i < ours->flow_count; i++) {
		check_same(SCOPE_FLOW, &theirs->flows[i], &ours->flows[i]);
		if (same_text(theirs->flows[i].patterns[0],
			ours->flows[i].patterns[0]))
			assert_true(config_flow_equal(
			    &theirs->flows[i], &ours->flows[i]));
		snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s%s",
		    i > 0 ? " " : "", ours->flows[i].patterns[0]);
	}
	assert_string_equal(got, patterns);
	config_free(theirs);
	config_free(ours);
}

static void
defaults_that_differ_are_written_out(void **state)
{
	(void)state;
	comes_back(
	    "{\"kinesis.region\": \"eu-west-1\", \"flows\": [" A_JSON_FLOW "]}",
	    "/var/log/*.log");
	assert_non_null(strstr(printed, "\n    maxBufferAgeMillis: 60000\n"));
	assert_non_null(strstr(printed, "\n    hiddenFiles: true\n"));
	assert_non_null(strstr(printed,
	    "\nimportCheckpoints: /var/run/aws-kinesis-agent/checkpoints\n"));
	assert_null(strstr(printed, "checkpointFile:"));
	assert_null(strstr(printed, "maxBufferSizeBytes"));
}

static void
every_setting_comes_back(void **state)
{
	(void)state;
	comes_back(
	    "{\"awsAccessKeyId\": \"AKID\", \"awsSecretAccessKey\": \"a'b#c\","
	    "\"awsSessionToken\": \"tok:#en\","
	    "\"assumeRoleARN\": \"arn:aws:iam::123456789012:role/r\","
	    "\"assumeRoleExternalId\": \"1234\","
	    "\"kinesis.endpoint\": \"kinesis.eu-west-1.amazonaws.com\","
	    "\"firehose.endpoint\": \"firehose.eu-west-1.amazonaws.com\","
	    "\"sts.endpoint\": \"sts.eu-west-1.amazonaws.com\","
	    "\"maxConnections\": \"070\", \"connectionTimeoutMillis\": 5000,"
	    "\"socketTimeoutMillis\": 6000, \"useTcpKeepAlive\": \"yes\","
	    "\"stateDirectory\": \"/srv/x: #y\","
	    "\"checkpointFile\": \"/srv/points\","
	    "\"checkpointTimeToLiveDays\": 9, \"shutdownTimeoutMillis\": 1,"
	    "\"userAgent\": \"a: {b}\", \"userAgentOverride\": \"'%@`\","
	    "\"log.level\": \"WARN\", \"memoryBudgetBytes\": 134217728,"
	    "\"flows\": [{\"filePattern\": \"/l/a\","
	    "\"kinesisStream\": "
	    "\"arn:aws:kinesis:eu-west-1:123456789012:stream/s\","
	    "\"initialPosition\": \"START_OF_FILE\","
	    "\"maxBufferAgeMillis\": 1234, \"maxBufferSizeRecords\": 456,"
	    "\"maxBufferSizeBytes\": 789,"
	    "\"maxTimeBetweenFileTrackerRefreshMillis\": 1000,"
	    "\"multiLineStartPattern\": \"^\\\\[\\\"\\u00e9\\u007f\\t: #\","
	    "\"skipHeaderLines\": 5, \"fileFooterPattern\": \"- #END\","
	    "\"truncatedRecordTerminator\": \"\\nEOE\\n\","
	    "\"retryInitialBackoffMillis\": 123,"
	    "\"retryMaxBackoffMillis\": 567,"
	    "\"partitionKeyOption\": \"DETERMINISTIC\","
	    "\"dataProcessingOptions\": ["
	    "{\"optionName\": \"SINGLELINE\", \"x\": 1,"
	    "\"parseOptions\": [\"NO_TRIM\"]},"
	    "{\"optionName\": \"CSVTOJSON\", \"customFieldNames\": "
	    "[\"a: b\", \"\\u2028\\ufeff\\u0001\"], \"delimiter\": \"\\\\t\"},"
	    "{\"optionName\": \"ADDMETADATA\", \"timestamp\": \"true\","
	    "\"metadata\": {\"k\": [1, -2.5e3, true, null, \"010\", {}]}}]},"
	    "{\"filePattern\": \"/l/b\", \"deliveryStream\": \"s\","
	    "\"aggregatedRecordSizeBytes\": 5120, \"name\": \"- no\","
	    "\"maxBufferSizeBytes\": 1000,"
	    "\"assumeRoleARN\": \"arn:aws:iam::123456789012:role/own\"}]}",
	    "/l/a /l/b");
	assert_non_null(strstr(printed, "IT HOLDS SECRETS"));
}

/* Settings of ours work in an agent.json, too. */
static void
our_own_settings_come_back(void **state)
{
	(void)state;
	comes_back("{\"region\": \"eu-west-1\", \"status.socket\": \"off\","
		   "\"proxy\": \"none\", \"metrics.port\": 9090,"
		   "\"useFipsEndpoint\": \"y\", \"flows\": ["
		   "{\"filePattern\": \"/l/a\", \"kinesisStream\": \"s\","
		   "\"excludePattern\": [\"*.tmp\", \"/l/[a]\"],"
		   "\"wireFormat\": \"json\", \"hiddenFiles\": false,"
		   "\"multiLine\": \"cri\", \"keepNewline\": \"f\","
		   "\"partitionKey\": \"{file}-'x'\","
		   "\"explicitHashKey\": \"0\", \"maxInFlight\": 1,"
		   "\"onMismatch\": \"raw\", \"oversizeRecords\": \"split\","
		   "\"endpoint\": \"http://127.0.0.1:1\","
		   "\"dataProcessingOptions\": [{\"optionName\": \"REDACT\","
		   "\"pattern\": \"\\\\d{4} # \\u00e9\"}]},"
		   "{\"filePattern\": \"/l/b\", \"kinesisStream\": \"s\","
		   "\"multiLine\": \"java\", \"region\": \"eu-west-2\"}]}",
	    "/l/a /l/b");
}

static void
firehose_keeps_the_java_agents_region(void **state)
{
	(void)state;
	comes_back("{\"flows\": [{\"filePattern\": \"/l/b\","
		   "\"deliveryStream\": \"s\", \"partitionKeyOption\":"
		   "\"RANDOM\"}]}",
	    "/l/b");
	assert_non_null(strstr(printed, "\n    region: us-east-1\n"));
	assert_non_null(strstr(printed, "taken as us-east-1"));
}

static void
folders_stand_for_themselves(void **state)
{
	(void)state;
	comes_back("{\"kinesis.region\": \"eu-west-1\", \"flows\": ["
		   "{\"filePattern\": \"/a*[b]{c}\\\\d?/e]*{f,g}?[!h]\","
		   "\"kinesisStream\": \"s\"},"
		   "{\"filePattern\": \"/a/../b/./c/**\","
		   "\"kinesisStream\": \"s\"},"
		   "{\"filePattern\": \"/../**.log\","
		   "\"kinesisStream\": \"s\"}]}",
	    "/a\\*\\[b]\\{c}\\\\d\\?/e]*{f,g}?[!h] /b/c/* /**.log");
}

/* Nothing in a file may become a setting that is not one there. */
static void
comments_stay_comments(void **state)
{
	(void)state;
	comes_back("{\"kinesis.region\": \"eu-west-1\", "
		   "\"x\\nproxy: http://h:1\\u0085\\u007f\": 1, "
		   "\"flows\": [" A_JSON_FLOW "]}",
	    "/var/log/*.log");
	assert_non_null(strstr(printed, "\\nproxy"));
}

static void
secrets_are_left_to_be_filled_in(void **state)
{
	struct config *c;

	(void)state;
	import_text("{\"kinesis.region\": \"eu-west-1\", \"proxy\": "
		    "\"http://me:hush@h:1\", \"awsAccessKeyId\": \"AKID\", "
		    "\"awsSecretAccessKey\": \"sekret\", "
		    "\"flows\": [" A_JSON_FLOW "]}",
	    false);
	assert_null(strstr(printed, "sekret"));
	assert_null(strstr(printed, "hush"));
	assert_non_null(strstr(printed, "SECRETS ARE LEFT OUT"));
	/* It would start as somebody else otherwise. */
	c = config_load("agent.yaml");
	assert_null(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_that_differ_are_written_out),
		cmocka_unit_test(every_setting_comes_back),
		cmocka_unit_test(our_own_settings_come_back),
		cmocka_unit_test(firehose_keeps_the_java_agents_region),
		cmocka_unit_test(folders_stand_for_themselves),
		cmocka_unit_test(comments_stay_comments),
		cmocka_unit_test(secrets_are_left_to_be_filled_in),
	};

	return cmocka_run_group_tests(tests, enter, leave);
}
