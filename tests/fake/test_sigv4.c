/* SPDX-License-Identifier: Apache-2.0
 *
 * What sigv4 promises, by a signature of AWS's own documentation: the request
 * that lists IAM's users.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

#include "sigv4.h"

#define NOW 1440938160 /* 20150830T123600Z */

static const struct sigv4_identity identity = {
	.access_key = "AKIDEXAMPLE",
	.secret_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
};

static struct span
span_of(const char *text)
{
	return (struct span){ (uint8_t *)(uintptr_t)text, strlen(text) };
}

static void
add_header(struct request *r, const char *name, const char *value)
{
	r->headers[r->header_count++] =
	    (struct header){ span_of(name), span_of(value) };
}

static void
documented_request(struct request *r)
{
	memset(r, 0, sizeof(*r));
	memcpy(r->method, "GET", 4);
	r->path = span_of("/");
	r->query = span_of("Version=2010-05-08&Action=ListUsers");
	digest_sha256("", 0, r->body_hash);
	add_header(r, "Host", "iam.amazonaws.com");
	add_header(r, "Content-Type",
	    " application/x-www-form-urlencoded;  charset=utf-8 ");
	add_header(r, "X-Amz-Date", "20150830T123600Z");
	add_header(r, "Authorization",
	    "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/"
	    "aws4_request, SignedHeaders=content-type;host;x-amz-date, "
	    "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b592"
	    "4a6f2b5d7");
}

static enum sigv4_verdict
verdict_at(struct request *r, int64_t now, struct bytes *why)
{
	bytes_clear(why);
	return sigv4_check(&identity, r, "iam", now, why);
}

static void
the_documented_signature_holds(void **state)
{
	static struct request r;
	struct bytes why;

	(void)state;
	bytes_init(&why, 16384);
	documented_request(&r);
	assert_int_equal(verdict_at(&r, NOW, &why), SIGV4_GOOD);
	/* And once more, with the key of its scope at hand. */
	assert_int_equal(verdict_at(&r, NOW, &why), SIGV4_GOOD);
	assert_int_equal(why.length, 0);
	bytes_fini(&why);
}

static void
it_holds_for_five_minutes_either_way(void **state)
{
	static struct request r;
	struct bytes why;

	(void)state;
	bytes_init(&why, 16384);
	documented_request(&r);
	assert_int_equal(verdict_at(&r, NOW + 300, &why), SIGV4_GOOD);
	assert_int_equal(verdict_at(&r, NOW - 300, &why), SIGV4_GOOD);
	assert_int_equal(verdict_at(&r, NOW + 301, &why), SIGV4_WRONG);
	assert_non_null(memmem(why.at, why.length,
	    "Signature expired: 20150830T123600Z is now earlier than "
	    "20150830T123601Z (20150830T124101Z - 5 min.)",
	    100));
	assert_int_equal(verdict_at(&r, NOW - 301, &why), SIGV4_WRONG);
	assert_non_null(
	    memmem(why.at, why.length, "Signature not yet current", 25));
	bytes_fini(&why);
}

static void
the_key_of_another_scope_is_not_used(void **state)
{
	static struct request r;
	struct bytes why;

	(void)state;
	bytes_init(&why, 16384);
	documented_request(&r);
	assert_int_equal(verdict_at(&r, NOW, &why), SIGV4_GOOD);
	memcpy(r.signing_key.scope, "20150830/us-east-2", 18);
	memset(r.signing_key.key, 0, DIGEST_SIZE);
	assert_int_equal(verdict_at(&r, NOW, &why), SIGV4_GOOD);
	bytes_fini(&why);
}

static void
the_body_is_part_of_it(void **state)
{
	static struct request r;
	struct bytes why;

	(void)state;
	bytes_init(&why, 16384);
	documented_request(&r);
	digest_sha256("x", 1, r.body_hash);
	assert_int_equal(verdict_at(&r, NOW, &why), SIGV4_WRONG);
	assert_non_null(memmem(why.at, why.length, "Canonical String", 16));
	bytes_fini(&why);
}

static void
what_cannot_be_read_is_incomplete(void **state)
{
	static const char *const wrong[] = { "Basic eDp4", "AWS4-HMAC-SHA256 ",
		"AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, "
		"Signature=00",
		"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/"
		"iam/aws4_request, SignedHeaders=host, Signature=short",
		"AWS4-HMAC-SHA256 ,,,", "AWS4-HMAC-SHA256 Credential=" };
	static struct request r;
	struct bytes why;

	(void)state;
	bytes_init(&why, 16384);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		documented_request(&r);
		r.headers[3].value = span_of(wrong[i]);
		assert_int_equal(verdict_at(&r, NOW, &why), SIGV4_INCOMPLETE);
	}
	r.header_count = 3;
	assert_int_equal(verdict_at(&r, NOW, &why), SIGV4_MISSING);
	bytes_fini(&why);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_documented_signature_holds),
		cmocka_unit_test(it_holds_for_five_minutes_either_way),
		cmocka_unit_test(the_key_of_another_scope_is_not_used),
		cmocka_unit_test(the_body_is_part_of_it),
		cmocka_unit_test(what_cannot_be_read_is_incomplete),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
