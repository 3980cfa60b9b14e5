/* SPDX-License-Identifier: Apache-2.0
 *
 * What whoever sends to AWS relies on: which lines stand on a request, which
 * of them are signed, and that a session token leaves nothing behind. The
 * signature is one of AWS's published test suite.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "ship/envelope.h"
#include "ship/secret.h"

/* 2015-08-30 12:36:00 */
#define WALL_MS INT64_C(1440938160000)

static struct envelope envelope;
static struct credentials_keys *keys;
static struct sigv4_key key;

static int
setup(void **state)
{
	(void)state;
	keys = secret_new(sizeof(*keys));
	(void)credentials_take(keys, "AKIDEXAMPLE",
	    "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", NULL);
	key = (struct sigv4_key){ 0 };
	envelope_init(&envelope);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	envelope_fini(&envelope);
	secret_free(keys, sizeof(*keys));
	return 0;
}

static struct envelope_order
order(void)
{
	return (struct envelope_order){ .host = "Host: example.amazonaws.com",
		.type = "Content-Type: application/x-www-form-urlencoded",
		.keys = keys,
		.serial = 1,
		.key = &key,
		.region = "us-east-1",
		.service = "service",
		.wall_ms = WALL_MS };
}

static void
seal(const struct envelope_order *o)
{
	struct span pieces[] = { span_str("Param1="), span_str("value1") };

	assert_int_equal(envelope_seal(&envelope, o, pieces, 2), 0);
}

/* The value of the line that is called so, or NULL. */
static const char *
value(const char *name)
{
	const char *found = NULL;
	size_t len = strlen(name);

	for (size_t i = 0; i < envelope.count; i++) {
		const char *line = envelope.lines[i];

		if (strncmp(line, name, len) != 0 || line[len] != ':')
			continue;
		assert_null(found);
		found = line + len + 2;
	}
	return found;
}

static void
assert_signed(const char *names)
{
	const char *authorization = value("Authorization");

	assert_non_null(authorization);
	assert_non_null(strstr(authorization, names));
}

static void
a_published_form_has_its_published_signature(void **state)
{
	(void)state;
	struct envelope_order o = order();

	seal(&o);
	assert_string_equal(value("X-Amz-Date"), "20150830T123600Z");
	assert_signed("SignedHeaders=content-type;host;x-amz-date, "
		      "Signature=ff11897932ad3f4e8b18135d722051e5"
		      "ac45fc38421b1da7b9d196a0fe09473a");
}

static void
all_but_the_user_agent_is_signed(void **state)
{
	(void)state;
	struct envelope_order o = order();

	o.target = "X-Amz-Target: Kinesis_20131202.PutRecords";
	o.agent = "User-Agent: me";
	memcpy(keys->session_token, "token", sizeof("token"));
	seal(&o);
	assert_int_equal(envelope.count, 7);
	assert_string_equal(
	    value("X-Amz-Target"), "Kinesis_20131202.PutRecords");
	assert_string_equal(value("X-Amz-Security-Token"), "token");
	assert_string_equal(value("User-Agent"), "me");
	assert_signed("SignedHeaders=content-type;host;x-amz-date;"
		      "x-amz-security-token;x-amz-target,");
}

static void
the_next_request_has_nothing_of_the_last(void **state)
{
	(void)state;
	struct envelope_order o = order();

	o.target = "X-Amz-Target: Kinesis_20131202.PutRecords";
	memset(keys->session_token, 'x', 300);
	seal(&o);
	memset(keys->session_token, 0, 300);
	o.target = NULL;
	seal(&o);
	assert_int_equal(envelope.count, 4);
	assert_null(value("X-Amz-Security-Token"));
	for (size_t i = 0; i < envelope.token.room; i++)
		assert_int_equal(envelope.token.at[i], 0);
}

static void
without_keys_it_goes_unsigned(void **state)
{
	(void)state;
	struct envelope_order o = order();

	o.keys = NULL;
	seal(&o);
	assert_int_equal(envelope.count, 3);
	assert_null(value("Authorization"));
}

static void
a_token_of_the_largest_size_is_sent(void **state)
{
	(void)state;
	struct envelope_order o = order();

	memset(keys->session_token, 'x', CREDENTIALS_TOKEN);
	seal(&o);
	assert_int_equal(
	    strlen(value("X-Amz-Security-Token")), CREDENTIALS_TOKEN);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_published_form_has_its_published_signature),
		TEST(all_but_the_user_agent_is_signed),
		TEST(the_next_request_has_nothing_of_the_last),
		TEST(without_keys_it_goes_unsigned),
		TEST(a_token_of_the_largest_size_is_sent),
	};

	if (digest_setup() != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
