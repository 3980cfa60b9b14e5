/* SPDX-License-Identifier: Apache-2.0
 *
 * Endpoints that are not written in the file: AWS's own of other kinds, and
 * what its variables in the environment say.
 */
#include "config_case.h"

#include "config/proxy.h"

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

static void
a_proxy_is_a_url_with_a_port_or_none(void **state)
{
	static const struct {
		const char *written, *kept;
	} good[] = {
		{ "proxy.example:3128", "http://proxy.example:3128" },
		{ "http://a:b%40c@proxy:80", "http://a:b%40c@proxy:80" },
		{ "https://[::1]:443/", "https://[::1]:443/" },
		{ "none", "" },
	};
	static const struct {
		const char *text, *cause;
	} bad[] = {
		{ "proxy.example", "no port in it" },
		{ "http://[::1]", "no port in it" },
		{ "http://u:p@proxy", "no port in it" },
		{ "socks5://proxy:1080",
		    "the scheme is neither https nor http" },
		{ "http://proxy:0", "the port is not 1 to 65535" },
		{ "http://u:p @proxy:1", "not printable ASCII without blanks" },
		{ "http://proxy:1/x", "nothing may follow the host and port" },
	};
	const char *cause = NULL;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		char *kept = proxy_normal(good[i].written, &cause);

		assert_string_equal(kept, good[i].kept);
		free(kept);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_null(proxy_normal(bad[i].text, &cause));
		assert_string_equal(cause, bad[i].cause);
	}
}

static void
a_proxys_password_is_not_repeated(void **state)
{
	static const struct config_case cases[] = {
		{ "proxy: http://someone:sesame@proxy\n" A_FLOW,
		    { "1:1: proxy: no port in it; allowed: "
		      "http://[USER:PASSWORD@]HOST:PORT, https://..., "
		      "none" } },
	};

	(void)state;
	CHECK_ALL(cases, false);
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
		TEST(a_proxy_is_a_url_with_a_port_or_none),
		TEST(a_proxys_password_is_not_repeated),
		TEST(nonsense_in_the_environment_is_a_mistake),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
