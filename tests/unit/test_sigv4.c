/* SPDX-License-Identifier: Apache-2.0
 *
 * What callers of sigv4 rely on. The expected signatures are those of AWS's
 * published test suite; tests/interop compares with AWS's own signer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "ship/sigv4.h"

#define WHEN         "20150830T123600Z"
#define HOST         "example.amazonaws.com"
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static unsigned char empty[DIGEST_SHA256];
static struct sigv4_key key;
static struct buf line;

static int
setup(void **state)
{
	(void)state;
	key = (struct sigv4_key){ 0 };
	buf_init(&line, 4096);
	digest_sha256(span_of("", 0), empty);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	buf_fini(&line);
	return 0;
}

static struct sigv4_request
request(const char *method, const struct sigv4_header *headers, size_t count)
{
	return (struct sigv4_request){ .access_key = "AKIDEXAMPLE",
		.secret_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
		.serial = 1,
		.region = "us-east-1",
		.service = "service",
		.when = WHEN,
		.method = method,
		.path = "/",
		.headers = headers,
		.header_count = count,
		.payload = empty };
}

static void
assert_signature(const struct sigv4_request *r, const char *signature)
{
	buf_clear(&line);
	assert_int_equal(sigv4_sign(&key, r, &line), 0);
	const char *found = strstr(buf_text(&line), "Signature=");

	assert_non_null(found);
	assert_string_equal(found + strlen("Signature="), signature);
}

static const struct sigv4_header vanilla[] = {
	{ "host", { (const unsigned char *)HOST, sizeof(HOST) - 1 } },
	{ "x-amz-date", { (const unsigned char *)WHEN, sizeof(WHEN) - 1 } },
};

static void
the_published_get_has_its_published_signature(void **state)
{
	(void)state;
	struct sigv4_request r = request("GET", vanilla, COUNT(vanilla));

	assert_signature(&r, "5fa00fa31553b73ebf1942676e86291e"
			     "8372ff2a2260956d9b8aae1d763fbf31");
	assert_string_equal(buf_text(&line),
	    "AWS4-HMAC-SHA256 "
	    "Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
	    "SignedHeaders=host;x-amz-date, "
	    "Signature=5fa00fa31553b73ebf1942676e86291e"
	    "8372ff2a2260956d9b8aae1d763fbf31");
}

static void
the_published_post_has_its_published_signature(void **state)
{
	(void)state;
	struct sigv4_request r = request("POST", vanilla, COUNT(vanilla));

	assert_signature(&r, "5da7c1a2acd57cee7505fc6676e4e544"
			     "621c30862966e37dddb68e92efbe5d6b");
}

static void
white_space_in_values_is_trimmed_and_folded(void **state)
{
	(void)state;
	const struct sigv4_header headers[] = {
		{ "my-header1", span_str(" value1") },
		{ "host", span_str(HOST) },
		{ "x-amz-date", span_str(WHEN) },
		{ "my-header2", span_str(" \"a   b   c\"") },
	};
	struct sigv4_request r = request("GET", headers, COUNT(headers));

	assert_signature(&r, "acc3ed3afb60bb290fc8d2dd0098b991"
			     "1fcaa05412b367055dee359757a9c736");
}

static void
bytes_beyond_ascii_in_a_path_are_escaped(void **state)
{
	(void)state;
	struct sigv4_request r = request("GET", vanilla, COUNT(vanilla));

	r.path = "/\xe1\x88\xb4";
	assert_signature(&r, "8318018e0b0f223aa2bbf98705b62bb7"
			     "87dc9c0e678f255a891fd03141be5d85");
}

static void
the_order_in_which_headers_are_given_does_not_matter(void **state)
{
	(void)state;
	const struct sigv4_header swapped[] = { vanilla[1], vanilla[0] };
	struct sigv4_request r = request("GET", swapped, COUNT(swapped));

	assert_signature(&r, "5fa00fa31553b73ebf1942676e86291e"
			     "8372ff2a2260956d9b8aae1d763fbf31");
}

static void
the_key_is_made_anew_for_another_day_or_another_secret(void **state)
{
	(void)state;
	struct sigv4_request r = request("GET", vanilla, COUNT(vanilla));
	struct sigv4_key first, other;

	assert_int_equal(sigv4_sign(&key, &r, &line), 0);
	first = key;
	r.when = "20150831T000000Z";
	assert_int_equal(sigv4_sign(&key, &r, &line), 0);
	other = key;
	assert_memory_not_equal(first.bytes, other.bytes, DIGEST_SHA256);

	r.secret_key = "another";
	r.serial++;
	assert_int_equal(sigv4_sign(&key, &r, &line), 0);
	assert_memory_not_equal(key.bytes, other.bytes, DIGEST_SHA256);

	/* And back again gives the first one. */
	r = request("GET", vanilla, COUNT(vanilla));
	r.serial = 3;
	assert_int_equal(sigv4_sign(&key, &r, &line), 0);
	assert_memory_equal(key.bytes, first.bytes, DIGEST_SHA256);
}

static void
a_line_that_does_not_fit_is_refused(void **state)
{
	(void)state;
	struct sigv4_request r = request("GET", vanilla, COUNT(vanilla));
	struct buf small;

	buf_init(&small, 100);
	assert_int_equal(sigv4_sign(&key, &r, &small), -1);
	buf_fini(&small);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_published_get_has_its_published_signature),
		TEST(the_published_post_has_its_published_signature),
		TEST(white_space_in_values_is_trimmed_and_folded),
		TEST(bytes_beyond_ascii_in_a_path_are_escaped),
		TEST(the_order_in_which_headers_are_given_does_not_matter),
		TEST(the_key_is_made_anew_for_another_day_or_another_secret),
		TEST(a_line_that_does_not_fit_is_refused),
	};

	if (digest_setup() != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
