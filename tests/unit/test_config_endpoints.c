/* SPDX-License-Identifier: Apache-2.0
 *
 * Endpoints that are not written in the file: AWS's own of other kinds, and
 * what its variables in the environment say.
 */
#include "config_case.h"

#define DELIVERY                                                               \
	"flows:\n"                                                             \
	"- filePattern: /var/log/*.log\n"                                      \
	"  deliveryStream: s\n"                                                \
	"  region: eu-west-1\n"

static const char *const variables[] = { "AWS_ENDPOINT_URL",
	"AWS_ENDPOINT_URL_KINESIS", "AWS_ENDPOINT_URL_FIREHOSE",
	"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "AWS_USE_FIPS_ENDPOINT",
	"AWS_USE_DUALSTACK_ENDPOINT", "AWS_REGION", "AWS_DEFAULT_REGION" };

static int
forget_environment(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++)
		unsetenv(variables[i]);
	return 0;
}

static void
assert_endpoint(const char *text, const char *endpoint)
{
	struct config *c = config_ok(text, false);

	if (endpoint == NULL)
		assert_null(c->flows[0].endpoint);
	else
		assert_string_equal(c->flows[0].endpoint, endpoint);
	draft_free(c);
}

static void
an_endpoint_in_the_environment_is_taken_where_none_is_written(void **state)
{
	(void)state;
	setenv("AWS_ENDPOINT_URL", "https://all.example", 1);
	assert_endpoint(A_FLOW, "https://all.example");
	setenv("AWS_ENDPOINT_URL_KINESIS", "https://Kinesis.example:8443/", 1);
	assert_endpoint(A_FLOW, "https://kinesis.example:8443");
	assert_endpoint(DELIVERY, "https://all.example");
	setenv("AWS_ENDPOINT_URL_FIREHOSE", "https://firehose.example", 1);
	assert_endpoint(DELIVERY, "https://firehose.example");
	assert_endpoint(
	    A_FLOW "  endpoint: written.example\n", "https://written.example");
	assert_endpoint("kinesis.endpoint: service.example\n" A_FLOW,
	    "https://service.example");
	setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true", 1);
	assert_endpoint(A_FLOW, NULL);
}

static void
the_java_agents_file_asks_no_variable(void **state)
{
	struct config *c;

	(void)state;
	setenv("AWS_ENDPOINT_URL", "https://all.example", 1);
	setenv("AWS_USE_FIPS_ENDPOINT", "true", 1);
	c = config_ok("{\"kinesis.region\": \"eu-west-1\", \"flows\": "
		      "[" A_JSON_FLOW "]}",
	    true);
	assert_null(c->flows[0].endpoint);
	assert_false(c->flows[0].fips);
	draft_free(c);
}

static void
fips_and_dual_stack_are_switched_by_file_or_environment(void **state)
{
	struct config *c;

	(void)state;
	setenv("AWS_USE_FIPS_ENDPOINT", "TRUE", 1);
	setenv("AWS_USE_DUALSTACK_ENDPOINT", "false", 1);
	c = config_ok(A_FLOW, false);
	assert_true(c->flows[0].fips);
	assert_false(c->flows[0].dualstack);
	draft_free(c);
	c = config_ok(
	    "useFipsEndpoint: false\nuseDualstackEndpoint: true\n" A_FLOW,
	    false);
	assert_false(c->flows[0].fips);
	assert_true(c->flows[0].dualstack);
	draft_free(c);
}

static void
an_endpoint_beside_a_switch_is_told(void **state)
{
	static const struct config_case cases[] = {
		{ "useFipsEndpoint: true\n" A_FLOW
		  "  endpoint: kinesis.example\n",
		    { "warn 6:3: useFipsEndpoint: has no say where an endpoint "
		      "is given: `https://kinesis.example` is taken as it "
		      "is" } },
	};

	(void)state;
	CHECK_ALL(cases, false);
}

static void
nonsense_in_the_environment_is_a_mistake(void **state)
{
	static const struct config_case switches[] = {
		{ A_FLOW,
		    { " AWS_USE_FIPS_ENDPOINT: in the environment: neither "
		      "true nor false (got `maybe`)" } },
	};
	static const struct config_case endpoints[] = {
		{ A_FLOW,
		    { " AWS_ENDPOINT_URL: in the environment: nothing may "
		      "follow the host and port; allowed: https://HOST[:PORT] "
		      "or http://HOST[:PORT]" } },
	};

	(void)state;
	setenv("AWS_USE_FIPS_ENDPOINT", "maybe", 1);
	CHECK_ALL(switches, false);
	forget_environment(NULL);
	setenv("AWS_ENDPOINT_URL", "https://host/path", 1);
	CHECK_ALL(endpoints, false);
}

#define TEST(f) cmocka_unit_test_setup(f, forget_environment)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(
		    an_endpoint_in_the_environment_is_taken_where_none_is_written),
		TEST(the_java_agents_file_asks_no_variable),
		TEST(fips_and_dual_stack_are_switched_by_file_or_environment),
		TEST(an_endpoint_beside_a_switch_is_told),
		TEST(nonsense_in_the_environment_is_a_mistake),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
