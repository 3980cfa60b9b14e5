/* SPDX-License-Identifier: Apache-2.0
 *
 * The keys that records go out with.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "digest.h"
#include "tail/key.h"

static struct flow_config config;
static struct key_maker maker;
static struct key key;

static void
make(const char *text, const char *hash, const char *tenant)
{
	struct field field = { span_str("t"), { NULL, 0 } };
	struct record record = { span_str("data"), &field, 0 };

	if (tenant != NULL) {
		field.value = span_str(tenant);
		record.field_count = 1;
	}
	config.name = (char *)(uintptr_t) "f";
	config.partition_key = (char *)(uintptr_t)text;
	config.hash_key = (char *)(uintptr_t)hash;
	key_fini(&maker);
	assert_int_equal(key_init(&maker, &config), 0);
	key_make(&maker, &record, "/var/log/app.log", &key);
	if (text != NULL)
		assert_true(key.len <= key_most(&maker));
}

static void
assert_key(const char *text)
{
	assert_int_equal(key.len, strlen(text));
	assert_memory_equal(key.text, text, key.len);
}

static void
assert_hash(const char *text)
{
	assert_int_equal(key.hash_len, strlen(text));
	assert_memory_equal(key.hash, text, key.hash_len);
}

static int
setup(void **state)
{
	(void)state;
	memset(&config, 0, sizeof(config));
	return digest_setup();
}

static int
teardown(void **state)
{
	(void)state;
	key_fini(&maker);
	return 0;
}

static void
keys_are_random_or_the_records_md5(void **state)
{
	char first[16];

	(void)state;
	config.key_option = KEY_RANDOM;
	make(NULL, NULL, NULL);
	assert_int_equal(key.len, 16);
	assert_false(key.random); /* as it was asked for */
	memcpy(first, key.text, 16);
	make(NULL, NULL, NULL);
	assert_memory_not_equal(key.text, first, 16);
	config.key_option = KEY_DETERMINISTIC;
	make(NULL, NULL, NULL);
	assert_key("8d777f385d3dfec8815d20f7496026dc");
	config.key_option = KEY_RANDOM;
}

static void
a_template_is_filled_in(void **state)
{
	char host[300] = "", want[300];

	(void)state;
	assert_int_equal(gethostname(host, sizeof(host) - 1), 0);
	make("{t}/{file}@{path}", NULL, "blue");
	assert_key("blue/app.log@/var/log/app.log");
	make("constant", NULL, NULL);
	assert_key("constant");
	make("h:{hostname}", NULL, NULL);
	snprintf(want, sizeof(want), "h:%.256s", host);
	assert_key(want);
}

static void
a_missing_or_empty_field_makes_the_key_random(void **state)
{
	(void)state;
	make("a{t}", NULL, NULL);
	assert_true(key.random);
	assert_int_equal(key.len, 16);
	assert_true(span_eq(key.missing, span_str("t")));
	make("{t}", NULL, "");
	assert_true(key.random);
	assert_int_equal(key.len, 16);
	make("a{t}", NULL, "");
	assert_true(key.random);
	assert_int_equal(key.len, 16);
}

static void
keys_have_256_characters_at_most(void **state)
{
	static const struct {
		const char *character;
		size_t most;
	} cases[] = { { "k", 256 }, { "\xC3\xBC", 256 },
		{ "\xE2\x82\xAC", 256 }, { "\xF0\x9F\x98\x80", 128 },
		{ "\xFF", 256 } };
	char text[4 * 257 + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t width = strlen(cases[i].character), most = cases[i].most;

		for (size_t n = 0; n <= most; n++)
			memcpy(text + n * width, cases[i].character, width);
		text[most * width] = '\0';
		make("{t}", NULL, text);
		assert_int_equal(key.len, most * (i == 4 ? 3 : width));
		memcpy(text + most * width, cases[i].character, width);
		text[(most + 1) * width] = '\0';
		make("{t}", NULL, text);
		assert_int_equal(key.len, 32);
	}
}

static void
long_keys_that_differ_stay_different(void **state)
{
	char text[301] = "";
	char first[32];

	(void)state;
	memset(text, 'a', 300);
	make("{t}", NULL, text);
	memcpy(first, key.text, 32);
	make("a{t}", NULL, text + 1);
	assert_memory_equal(key.text, first, 32);
	text[299] = 'b';
	make("{t}", NULL, text);
	assert_memory_not_equal(key.text, first, 32);
}

static void
bytes_that_are_no_text_become_replacement_characters(void **state)
{
	(void)state;
	make("{t}", NULL, "a\xFFz\xC3");
	assert_key("a\xEF\xBF\xBDz\xEF\xBF\xBD");
	make("{t}", NULL, "\xED\xA0\x80");
	assert_key("\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
}

static void
a_hash_key_is_a_number_or_left_out(void **state)
{
	(void)state;
	make("k", "0", NULL);
	assert_hash("0");
	make("k", "{t}", "340282366920938463463374607431768211455");
	assert_hash("340282366920938463463374607431768211455");
	assert_false(key.hash_refused);
	make("k", "1{t}", "23");
	assert_hash("123");
	make("k", "{t}", "340282366920938463463374607431768211456");
	assert_hash("");
	assert_true(key.hash_refused);
	make("k", "{t}", "1111111111111111111111111111111111111111");
	assert_hash("");
	make("k", "{t}", "x");
	assert_hash("");
	make("k", "{t}", NULL);
	assert_hash("");
	assert_true(key.hash_refused);
	make("k", NULL, NULL);
	assert_hash("");
	assert_false(key.hash_refused);
}

static void
what_is_not_as_wanted_is_counted(void **state)
{
	struct flow_stats stats = { 0 };

	(void)state;
	make("{t}", "{t}", "5");
	key_note(&maker, &key, "f", "/p", 0, &stats, 0);
	assert_int_equal(stats_get(&stats.keys_random), 0);
	assert_int_equal(stats_get(&stats.hashes_refused), 0);
	make("{t}", "{t}", NULL);
	key_note(&maker, &key, "f", "/p", 0, &stats, 0);
	assert_int_equal(stats_get(&stats.keys_random), 1);
	assert_int_equal(stats_get(&stats.hashes_refused), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_are_random_or_the_records_md5),
		cmocka_unit_test(a_template_is_filled_in),
		cmocka_unit_test(a_missing_or_empty_field_makes_the_key_random),
		cmocka_unit_test(keys_have_256_characters_at_most),
		cmocka_unit_test(long_keys_that_differ_stay_different),
		cmocka_unit_test(
		    bytes_that_are_no_text_become_replacement_characters),
		cmocka_unit_test(a_hash_key_is_a_number_or_left_out),
		cmocka_unit_test(what_is_not_as_wanted_is_counted),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
