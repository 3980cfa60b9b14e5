/* SPDX-License-Identifier: Apache-2.0
 *
 * What the keyring relies on: which provider is asked, in which order, what is
 * made of what it says, and what is refused with which words.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "clock.h"
#include "config.h"
#include "ship/container.h"
#include "ship/document.h"
#include "ship/errand.h"
#include "ship/program.h"
#include "ship/provider.h"
#include "ship/secret.h"
#include "ship/sts.h"

static char folder[] = "/tmp/credentials-XXXXXX";
static char credentials_path[64], config_path[64];
static struct config config;
static struct errand *e;
static struct credentials_keys *keys;

#define TEXT(literal) ((char *)(uintptr_t)(literal))

static void
write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static int
setup(void **state)
{
	(void)state;
	static const char *const names[] = { "AWS_ACCESS_KEY_ID",
		"AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE",
		"AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN",
		"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
		"AWS_CONTAINER_CREDENTIALS_FULL_URI" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unsetenv(names[i]);
	unlink(credentials_path);
	unlink(config_path);
	setenv("AWS_SHARED_CREDENTIALS_FILE", credentials_path, 1);
	setenv("AWS_CONFIG_FILE", config_path, 1);
	setenv("AWS_EC2_METADATA_DISABLED", "true", 1);
	config = (struct config){ .path = TEXT("agent.yaml") };
	e = secret_new(sizeof(*e));
	keys = secret_new(sizeof(*keys));
	e->config = &config;
	e->region = "eu-west-1";
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	secret_free(e, sizeof(*e));
	secret_free(keys, sizeof(*keys));
	return 0;
}

static enum errand_answer
ask(void)
{
	bool last;

	return provider_keys(e, keys, &last);
}

static void
assert_keys(const char *access_key, const char *secret_key, const char *token)
{
	assert_int_equal(ask(), ERRAND_DONE);
	assert_string_equal(keys->access_key, access_key);
	assert_string_equal(keys->secret_key, secret_key);
	assert_string_equal(keys->session_token, token);
	assert_true(keys->until_ms == CLOCK_NEVER);
}

static void
assert_away(const char *source)
{
	assert_int_equal(ask(), ERRAND_AWAY);
	assert_string_equal(keys->source, source);
}

static void
assert_refused(const char *why)
{
	assert_int_equal(ask(), ERRAND_FAILED);
	if (strstr(e->why, why) == NULL)
		fail_msg("not in it: %s\n%s", why, e->why);
}

static void
none_anywhere_is_told(void **state)
{
	(void)state;
	assert_int_equal(ask(), ERRAND_NOTHING);
}

static void
each_provider_comes_before_the_next(void **state)
{
	(void)state;
	unsetenv("AWS_EC2_METADATA_DISABLED");
	assert_away("the instance metadata");
	write_file(config_path, "[default]\ncredential_process = /bin/false\n");
	assert_away("the AWS profile");
	setenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/x", 1);
	assert_away("the container");
	setenv("AWS_WEB_IDENTITY_TOKEN_FILE", "/nowhere", 1);
	setenv("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/r", 1);
	assert_away("the web identity");
	setenv("AWS_ACCESS_KEY_ID", "AKENV", 1);
	setenv("AWS_SECRET_ACCESS_KEY", "other", 1);
	setenv("AWS_SESSION_TOKEN", "tok", 1);
	assert_keys("AKENV", "other", "tok");
	config.access_key = TEXT("AKCONFIG");
	config.secret_key = TEXT("secret");
	config.session_token = TEXT("token");
	assert_keys("AKCONFIG", "secret", "token");
}

static void
half_a_pair_is_no_pair(void **state)
{
	(void)state;
	config.access_key = TEXT("AKCONFIG");
	setenv("AWS_ACCESS_KEY_ID", "AKENV", 1);
	setenv("AWS_SECRET_ACCESS_KEY", "", 1);
	assert_int_equal(ask(), ERRAND_NOTHING);
	write_file(credentials_path, "[default]\naws_access_key_id = AK\n");
	assert_refused("go together");
}

static void
a_web_identity_without_a_role_is_a_mistake(void **state)
{
	(void)state;
	setenv("AWS_WEB_IDENTITY_TOKEN_FILE", "/nowhere", 1);
	assert_refused("without AWS_ROLE_ARN");
}

static void
a_profile_is_read_with_all_that_people_write_around_it(void **state)
{
	(void)state;
	write_file(credentials_path,
	    "# mine\r\n"
	    "; too\n"
	    "[other]\n"
	    "aws_access_key_id = AKWRONG\n"
	    "aws_secret_access_key = wrong\n"
	    "\n"
	    "[ default ]\r\n"
	    "AWS_Access_Key_Id=AKFILE\r\n"
	    "aws_secret_access_key =  a/b+c=d  # not this\r\n"
	    "s3 =\n"
	    "  aws_session_token = nested\n"
	    "[more]\n"
	    "aws_access_key_id = AKWRONG\n");
	assert_keys("AKFILE", "a/b+c=d", "");
}

static void
aws_profile_chooses_the_section_in_both_files(void **state)
{
	(void)state;
	write_file(credentials_path,
	    "[default]\naws_access_key_id=AKD\naws_secret_access_key=d\n"
	    "[blue]\naws_access_key_id=AKBLUE\naws_secret_access_key=b\n"
	    "aws_session_token=t");
	write_file(config_path,
	    "[green]\naws_access_key_id=NO\naws_secret_access_key=n\n"
	    "[profile green]\naws_access_key_id=AKGREEN\n"
	    "aws_secret_access_key=g\n");
	setenv("AWS_PROFILE", "blue", 1);
	assert_keys("AKBLUE", "b", "t");
	setenv("AWS_PROFILE", "green", 1);
	assert_keys("AKGREEN", "g", "");
	/* Who names a profile does not want to be somebody else. */
	setenv("AWS_PROFILE", "red", 1);
	assert_refused("profile red: neither AWS's config file");
}

static void
keys_of_the_two_files_never_mix(void **state)
{
	(void)state;
	write_file(credentials_path,
	    "[default]\naws_access_key_id=AKNEW\naws_secret_access_key=n\n");
	write_file(config_path,
	    "[default]\naws_access_key_id=AKOLD\naws_secret_access_key=o\n"
	    "aws_session_token=old\n");
	assert_keys("AKNEW", "n", "");
}

#define A_ROLE "role_arn = arn:aws:iam::123456789012:role/r\n"

static void
a_chain_of_profiles_ends_where_keys_are(void **state)
{
	static const struct {
		const char *text, *why; /* NULL: it would go on its way */
	} cases[] = {
		{ "[default]\n" A_ROLE "source_profile = a\n[profile a]\n"
		  "aws_access_key_id=AK\naws_secret_access_key=s\n",
		    NULL },
		{ "[default]\n" A_ROLE "source_profile = default\n"
		  "aws_access_key_id=AK\naws_secret_access_key=s\n",
		    NULL },
		{ "[default]\n" A_ROLE "source_profile = default\n",
		    "profile default: its source_profile leads back" },
		{ "[default]\n" A_ROLE
		  "source_profile = a\n[profile a]\n" A_ROLE
		  "source_profile = b\n[profile b]\n" A_ROLE
		  "source_profile = a\n",
		    "profile a: its source_profile leads back" },
		{ "[default]\n" A_ROLE "source_profile = a\n",
		    "profile a: neither" },
		{ "[default]\n" A_ROLE "source_profile = a\n[profile a]\n"
		  "region = eu-west-1\n",
		    "profile a: has no keys" },
		{ "[default]\n" A_ROLE, "role_arn needs source_profile" },
		{ "[default]\n" A_ROLE "credential_source = Moon\n",
		    "credential_source is Environment" },
		{ "[default]\n" A_ROLE "credential_source = EcsContainer\n",
		    "credential_source EcsContainer has no keys" },
		{ "[default]\n" A_ROLE "source_profile = a\n"
		  "mfa_serial = arn:aws:iam::1:mfa/me\n",
		    "mfa_serial needs a person" },
		{ "[default]\nsso_start_url = https://x\n",
		    "sso needs a person" },
		{ "[default]\n" A_ROLE
		  "source_profile = a\n[profile a]\n" A_ROLE
		  "source_profile = b\n[profile b]\n" A_ROLE
		  "source_profile = c\n[profile c]\n" A_ROLE
		  "source_profile = d\n[profile d]\n" A_ROLE
		  "source_profile = e\n[profile e]\n"
		  "aws_access_key_id=AK\naws_secret_access_key=s\n",
		    "more than 5 profiles in a row" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		write_file(config_path, cases[i].text);
		if (cases[i].why == NULL)
			assert_away("the AWS profile");
		else
			assert_refused(cases[i].why);
	}
}

static void
a_key_beyond_all_bounds_is_refused(void **state)
{
	(void)state;
	static char text[20000];

	memset(text, 'x', sizeof(text) - 1);
	config.access_key = TEXT("AK");
	config.secret_key = text;
	assert_refused("too long");
	config.secret_key = TEXT("s");
	config.session_token = text;
	assert_refused("too long");
}

static void
what_is_no_profile_file_is_harmless(void **state)
{
	(void)state;
	write_file(credentials_path, "[\n[]\n]=\n=\n[default\naws_access\n"
				     "[default]\n=x\naws_access_key_id\n");
	assert_int_equal(ask(), ERRAND_NOTHING);
	unlink(credentials_path);
	assert_int_equal(mkdir(credentials_path, 0700), 0);
	assert_refused("cannot read");
	rmdir(credentials_path);
	assert_int_equal(mkfifo(credentials_path, 0600), 0);
	assert_int_equal(ask(), ERRAND_NOTHING);
}

static void
an_expiry_is_a_moment_of_the_clock_that_is_never_set(void **state)
{
	static const struct {
		const char *text;
		int64_t until_ms; /* -1: no time */
	} cases[] = {
		{ "2026-11-22T01:00:00Z", 3600000 + 5 },
		{ "2026-11-22T01:00:00.999Z", 3600000 + 5 },
		{ "2026-11-22T03:00:00+02:00", 3600000 + 5 },
		{ "2026-11-21T20:30:00-0430", 3600000 + 5 },
		{ "2026-11-21T23:59:59Z", -1000 + 5 },
		{ "2026-11-22T01:00:00", -1 },
		{ "2026-11-22", -1 },
		{ "soon", -1 },
		{ "", -1 },
	};
	int64_t wall_ms = INT64_C(1795305600000); /* midnight */

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t until_ms = -1;
		bool good =
		    credentials_expiry(cases[i].text, wall_ms, 5, &until_ms);

		assert_int_equal(good, cases[i].until_ms != -1);
		assert_true(until_ms == cases[i].until_ms);
	}
}

static void
a_servers_clock_is_believed_where_ours_is_wrong(void **state)
{
	int64_t ours = 1000000000;

	(void)state;
	assert_true(credentials_wall(0, ours) == ours);
	assert_true(credentials_wall(ours - 900, ours) == ours);
	assert_true(credentials_wall(ours + 7200000, ours) == ours + 7200999);
}

static void
a_document_is_read_whatever_stands_around_its_texts(void **state)
{
	static const struct {
		const char *json, *value; /* NULL: none */
	} cases[] = {
		{ "{\"k\":\"v\"}", "v" },
		{ " {\n \"a\" : {\"k\":\"no\",\"b\":[1,{}]} ,\"k\"\t:\"v\" }",
		    "v" },
		{ "{\"k\":12}", "12" },
		{ "{\"k\":\"a\\/\\\"\\u002b\\\\\\n\"}", "a/\"+\\\n" },
		{ "{\"a\":null,\"b\":true,\"c\":-1.5e3,\"k\":\"v\"}", "v" },
		{ "{\"k\":null}", NULL },
		{ "{\"k\":\"v", NULL },
		{ "{\"k\":\"\\u0000\"}", NULL },
		{ "{\"k\":\"\\u12\"}", NULL },
		{ "{\"k\"", NULL },
		{ "{\"a\":[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]],\"k\":\"v\"}",
		    NULL },
		{ "{\"a\":}", NULL },
		{ "[\"k\",\"v\"]", NULL },
		{ "", NULL },
	};
	char out[16];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bool good = document_text(cases[i].json, "k", out, sizeof(out));

		if (good != (cases[i].value != NULL))
			fail_msg("%s", cases[i].json);
		assert_string_equal(out, good ? cases[i].value : "");
	}
	assert_false(document_text(
	    "{\"k\":\"0123456789abcdef\"}", "k", out, sizeof(out)));
}

#define KEYS "\"AccessKeyId\":\"AK\",\"SecretAccessKey\":\"s\""

static void
a_document_without_good_keys_says_why(void **state)
{
	static const struct {
		const char *json, *why; /* NULL: good */
	} cases[] = {
		{ "{" KEYS ",\"Token\":\"t\"}", NULL },
		{ "{" KEYS ",\"SessionToken\":\"t\"}", NULL },
		{ "{\"Code\":\"Success\"," KEYS "}", NULL },
		{ "{\"Code\":\"Failed\",\"Message\":\"no\"}",
		    "it: Failed: no" },
		{ "{\"AccessKeyId\":\"AK\"}", "no usable keys" },
		{ "{\"AccessKeyId\":\"\",\"SecretAccessKey\":\"s\"}",
		    "no usable keys" },
		{ "{" KEYS ",\"Expiration\":\"soon\"}", "is no time" },
		{ "{" KEYS ",\"Expiration\":\"2001-01-01T00:00:00Z\"}",
		    "expired at 2001" },
		{ "<html>", "no usable keys" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		enum errand_answer answer = document_keys(
		    e, "it", cases[i].json, INT64_C(1795305600000), keys);

		if (cases[i].why == NULL) {
			assert_int_equal(answer, ERRAND_DONE);
			continue;
		}
		assert_int_equal(answer, ERRAND_FAILED);
		if (strstr(e->why, cases[i].why) == NULL)
			fail_msg("%s: %s", cases[i].json, e->why);
	}
}

static void
an_element_is_found_by_name_with_its_entities_undone(void **state)
{
	static const char xml[] =
	    "<?xml version=\"1.0\"?><R xmlns=\"u\"><Ke>no</Ke>\n"
	    "<Key>a&amp;b&lt;&quot;</Key><Empty></Empty><Open>x";
	char out[16];

	(void)state;
	assert_true(sts_element(xml, "Key", out, sizeof(out)));
	assert_string_equal(out, "a&b<\"");
	assert_true(sts_element(xml, "Empty", out, sizeof(out)));
	assert_string_equal(out, "");
	assert_false(sts_element(xml, "Open", out, sizeof(out)));
	assert_false(sts_element(xml, "None", out, sizeof(out)));
	assert_false(sts_element(xml, "Key", out, 4));
	assert_string_equal(out, "");
}

static void
a_command_is_cut_as_by_a_shell_that_expands_nothing(void **state)
{
	static const struct {
		const char *command;
		const char *words[5];
	} cases[] = {
		{ "a b", { "a", "b" } }, { "  a\t'b c' ", { "a", "b c" } },
		{ "a \"b \\\" \\\\ \\n\" ''", { "a", "b \" \\ \\n", "" } },
		{ "a\\ b '\\' c\"d\"e", { "a b", "\\", "cde" } },
		{ "$A `b` ;|&", { "$A", "`b`", ";|&" } }, { "a 'b", { NULL } },
		{ "", { NULL } }, { " \t", { NULL } },
		{ "a b c d e", { NULL } }, /* one too many */
	};
	char *words[5];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *copy = strdup(cases[i].command);
		size_t n = 0;

		assert_int_equal(
		    program_words(copy, words, 5), cases[i].words[0] != NULL);
		for (; cases[i].words[n] != NULL; n++)
			assert_string_equal(words[n], cases[i].words[n]);
		if (n > 0)
			assert_null(words[n]);
		free(copy);
	}
}

static void
keys_are_asked_for_in_the_clear_only_next_door(void **state)
{
	static const struct {
		const char *url;
		bool may;
	} cases[] = {
		{ "https://example.com/x", true },
		{ "http://127.0.0.1:80/x", true },
		{ "http://127.9.9.9/x", true },
		{ "http://localhost/x", true },
		{ "http://[::1]:1/", true },
		{ "http://169.254.170.2/x", true },
		{ "http://169.254.170.23/x", true },
		{ "http://[fd00:ec2::23]/v1/credentials", true },
		{ "http://169.254.169.254/x", false },
		{ "http://example.com/x", false },
		{ "http://127.0.0.1.example.com/", false },
		{ "http://localhost.example.com/", false },
		{ "http://localhost:x@example.com/", false },
		{ "http://127.0.0.1@example.com/", false },
		{ "ftp://localhost/", false },
		{ "", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (container_may_ask(cases[i].url) != cases[i].may)
			fail_msg("%s", cases[i].url);
	setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://example.com/", 1);
	assert_refused("must be https");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(none_anywhere_is_told),
		TEST(each_provider_comes_before_the_next),
		TEST(half_a_pair_is_no_pair),
		TEST(a_web_identity_without_a_role_is_a_mistake),
		TEST(a_profile_is_read_with_all_that_people_write_around_it),
		TEST(aws_profile_chooses_the_section_in_both_files),
		TEST(keys_of_the_two_files_never_mix),
		TEST(a_chain_of_profiles_ends_where_keys_are),
		TEST(a_key_beyond_all_bounds_is_refused),
		TEST(what_is_no_profile_file_is_harmless),
		TEST(an_expiry_is_a_moment_of_the_clock_that_is_never_set),
		TEST(a_servers_clock_is_believed_where_ours_is_wrong),
		TEST(a_document_is_read_whatever_stands_around_its_texts),
		TEST(a_document_without_good_keys_says_why),
		TEST(an_element_is_found_by_name_with_its_entities_undone),
		TEST(a_command_is_cut_as_by_a_shell_that_expands_nothing),
		TEST(keys_are_asked_for_in_the_clear_only_next_door),
	};
	int failed;

	if (mkdtemp(folder) == NULL)
		return 1;
	snprintf(credentials_path, sizeof(credentials_path), "%s/credentials",
	    folder);
	snprintf(config_path, sizeof(config_path), "%s/config", folder);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(credentials_path);
	unlink(config_path);
	rmdir(folder);
	return failed;
}
