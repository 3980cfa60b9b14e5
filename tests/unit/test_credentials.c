/* SPDX-License-Identifier: Apache-2.0
 *
 * What callers of credentials rely on: who is asked, in which order, and what
 * is made of what is found.
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

#include "ship/credentials.h"

static char folder[] = "/tmp/credentials-XXXXXX";
static char credentials_path[64], config_path[64];
static struct config config;
static struct credentials *c;

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
		"AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unsetenv(names[i]);
	unlink(credentials_path);
	unlink(config_path);
	setenv("AWS_SHARED_CREDENTIALS_FILE", credentials_path, 1);
	setenv("AWS_CONFIG_FILE", config_path, 1);
	config = (struct config){ .path = (char *)(uintptr_t) "agent.yaml" };
	c = credentials_new();
	return c != NULL ? 0 : -1;
}

static int
teardown(void **state)
{
	(void)state;
	credentials_free(c);
	return 0;
}

static void
assert_keys(const char *access_key, const char *secret_key, const char *token)
{
	assert_string_equal(c->now.access_key, access_key);
	assert_string_equal(c->now.secret_key, secret_key);
	assert_string_equal(c->now.session_token, token);
}

static void
none_anywhere_is_told(void **state)
{
	(void)state;
	assert_int_equal(credentials_load(c, &config), CREDENTIALS_NONE);
}

static void
the_configuration_comes_before_the_environment(void **state)
{
	(void)state;
	config.access_key = (char *)(uintptr_t) "AKCONFIG";
	config.secret_key = (char *)(uintptr_t) "secret";
	config.session_token = (char *)(uintptr_t) "token";
	setenv("AWS_ACCESS_KEY_ID", "AKENV", 1);
	setenv("AWS_SECRET_ACCESS_KEY", "other", 1);
	assert_int_equal(credentials_load(c, &config), CREDENTIALS_NEW);
	assert_keys("AKCONFIG", "secret", "token");
}

static void
the_environment_comes_before_the_files(void **state)
{
	(void)state;
	write_file(credentials_path,
	    "[default]\naws_access_key_id=AKFILE\naws_secret_access_key=f\n");
	setenv("AWS_ACCESS_KEY_ID", "AKENV", 1);
	setenv("AWS_SECRET_ACCESS_KEY", "other", 1);
	setenv("AWS_SESSION_TOKEN", "tok", 1);
	assert_int_equal(credentials_load(c, &config), CREDENTIALS_NEW);
	assert_keys("AKENV", "other", "tok");
}

static void
half_a_pair_is_no_pair(void **state)
{
	(void)state;
	config.access_key = (char *)(uintptr_t) "AKCONFIG";
	setenv("AWS_ACCESS_KEY_ID", "AKENV", 1);
	setenv("AWS_SECRET_ACCESS_KEY", "", 1);
	assert_int_equal(credentials_load(c, &config), CREDENTIALS_NONE);
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
	assert_int_equal(credentials_load(c, &config), CREDENTIALS_NEW);
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
	assert_int_equal(credentials_load(c, &config), CREDENTIALS_NEW);
	assert_keys("AKBLUE", "b", "t");
	setenv("AWS_PROFILE", "green", 1);
	assert_int_equal(credentials_load(c, &config), CREDENTIALS_NEW);
	assert_keys("AKGREEN", "g", "");
	setenv("AWS_PROFILE", "red", 1);
	assert_int_equal(credentials_load(c, &config), CREDENTIALS_NONE);
}

static void
loading_again_tells_whether_anything_changed(void **state)
{
	(void)state;
	uint32_t serial;

	write_file(credentials_path,
	    "[default]\naws_access_key_id=AK\naws_secret_access_key=one\n");
	assert_int_equal(credentials_load(c, &config), CREDENTIALS_NEW);
	serial = c->serial;
	assert_int_equal(credentials_load(c, &config), CREDENTIALS_SAME);
	assert_int_equal(c->serial, serial);
	write_file(credentials_path,
	    "[default]\naws_access_key_id=AK\naws_secret_access_key=two\n");
	assert_int_equal(credentials_load(c, &config), CREDENTIALS_NEW);
	assert_int_not_equal(c->serial, serial);
	assert_keys("AK", "two", "");
	/* Gone: what we had stays. */
	unlink(credentials_path);
	assert_int_equal(credentials_load(c, &config), CREDENTIALS_NONE);
	assert_keys("AK", "two", "");
}

static void
a_key_beyond_all_bounds_is_refused(void **state)
{
	(void)state;
	static char text[20000];

	memset(text, 'x', sizeof(text) - 1);
	config.access_key = (char *)(uintptr_t) "AK";
	config.secret_key = text;
	assert_int_equal(credentials_load(c, &config), CREDENTIALS_NONE);
	config.secret_key = (char *)(uintptr_t) "s";
	config.session_token = text;
	assert_int_equal(credentials_load(c, &config), CREDENTIALS_NONE);
}

static void
what_is_no_profile_file_is_harmless(void **state)
{
	(void)state;
	write_file(credentials_path, "[\n[]\n]=\n=\n[default\naws_access\n"
				     "[default]\n=x\naws_access_key_id\n");
	assert_int_equal(credentials_load(c, &config), CREDENTIALS_NONE);
	unlink(credentials_path);
	assert_int_equal(mkdir(credentials_path, 0700), 0);
	assert_int_equal(credentials_load(c, &config), CREDENTIALS_NONE);
	rmdir(credentials_path);
	assert_int_equal(mkfifo(credentials_path, 0600), 0);
	assert_int_equal(credentials_load(c, &config), CREDENTIALS_NONE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(none_anywhere_is_told),
		TEST(the_configuration_comes_before_the_environment),
		TEST(the_environment_comes_before_the_files),
		TEST(half_a_pair_is_no_pair),
		TEST(a_profile_is_read_with_all_that_people_write_around_it),
		TEST(aws_profile_chooses_the_section_in_both_files),
		TEST(loading_again_tells_whether_anything_changed),
		TEST(a_key_beyond_all_bounds_is_refused),
		TEST(what_is_no_profile_file_is_harmless),
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
