/* SPDX-License-Identifier: Apache-2.0
 *
 * The published examples: FIPS 180-4 (SHA-256), RFC 4231 (HMAC), RFC 1321
 * (MD5); and that threads do not meet in a hash.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <string.h>

#include "digest.h"

static int
setup(void **state)
{
	(void)state;
	return digest_setup();
}

static const char *
hex(const unsigned char *at, size_t len)
{
	static char text[2 * DIGEST_SHA256 + 1];

	digest_hex(at, len, text);
	return text;
}

static void
sha256_is_that_of_fips_180(void **state)
{
	static const char *const examples[][2] = {
		{ "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934c"
		      "a495991b7852b855" },
		{ "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9c"
			 "b410ff61f20015ad" },
		{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167"
		    "f6ecedd419db06c1" },
	};
	unsigned char out[DIGEST_SHA256];

	(void)state;
	for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
		digest_sha256(span_str(examples[i][0]), out);
		assert_string_equal(hex(out, sizeof out), examples[i][1]);
	}
}

static void
pieces_hash_as_if_they_were_joined(void **state)
{
	static unsigned char million[1000000];
	unsigned char out[DIGEST_SHA256];
	struct span pieces[4];

	(void)state;
	memset(million, 'a', sizeof million);
	pieces[0] = span_of(million, 1);
	pieces[1] = span_of(NULL, 0);
	pieces[2] = span_of(million + 1, 63);
	pieces[3] = span_of(million + 64, sizeof million - 64);
	digest_sha256_pieces(pieces, 4, out);
	assert_string_equal(hex(out, sizeof out),
	    "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e"
	    "046d39ccc7112cd0");
	digest_sha256_pieces(NULL, 0, out);
	assert_string_equal(hex(out, sizeof out),
	    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934c"
	    "a495991b7852b855");
}

static void
hmac_is_that_of_rfc_4231(void **state)
{
	unsigned char key[131], data[50], out[DIGEST_SHA256];

	(void)state;
	memset(key, 0x0b, 20);
	digest_hmac_sha256(span_of(key, 20), span_str("Hi There"), out);
	assert_string_equal(hex(out, sizeof out),
	    "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da7"
	    "26e9376c2e32cff7");
	digest_hmac_sha256(
	    span_str("Jefe"), span_str("what do ya want for nothing?"), out);
	assert_string_equal(hex(out, sizeof out),
	    "5bdcc146bf60754e6a042426089575c75a003f089d273983"
	    "9dec58b964ec3843");
	memset(key, 0xaa, sizeof key);
	memset(data, 0xdd, sizeof data);
	digest_hmac_sha256(span_of(key, 20), span_of(data, 50), out);
	assert_string_equal(hex(out, sizeof out),
	    "773ea91e36800e46854db8ebd09181a72959098b3ef8c122"
	    "d9635514ced565fe");
	digest_hmac_sha256(span_of(key, sizeof key),
	    span_str("Test Using Larger Than Block-Size Key - Hash Key First"),
	    out);
	assert_string_equal(hex(out, sizeof out),
	    "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c514"
	    "0546040f0ee37f54");
}

/* SigV4 chains its keys: each is made with the one before. */
static void
an_hmac_may_replace_its_own_key(void **state)
{
	unsigned char chain[DIGEST_SHA256], other[DIGEST_SHA256];
	unsigned char key[DIGEST_SHA256];

	(void)state;
	memset(chain, 7, sizeof chain);
	memcpy(key, chain, sizeof key);
	digest_hmac_sha256(span_of(key, sizeof key), span_str("day"), other);
	digest_hmac_sha256(
	    span_of(chain, sizeof chain), span_str("day"), chain);
	assert_memory_equal(chain, other, sizeof chain);
}

static void
md5_is_that_of_rfc_1321(void **state)
{
	static const char *const examples[][2] = {
		{ "", "d41d8cd98f00b204e9800998ecf8427e" },
		{ "a", "0cc175b9c0f1b6a831c399e269772661" },
		{ "abc", "900150983cd24fb0d6963f7d28e17f72" },
		{ "message digest", "f96b697d7cb7938d525a2f31aaf161d0" },
		{ "abcdefghijklmnopqrstuvwxyz",
		    "c3fcd3d76192e4007dfb496cca67e13b" },
	};
	unsigned char out[DIGEST_MD5];

	(void)state;
	for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
		digest_md5(span_str(examples[i][0]), out);
		assert_string_equal(hex(out, sizeof out), examples[i][1]);
	}
}

static void
a_mark_is_the_same_on_every_machine(void **state)
{
	(void)state;
	assert_true(
	    digest_mark(span_str("abc")) == UINT64_C(0xba7816bf8f01cfea));
	assert_true(
	    digest_mark(span_str("abc")) != digest_mark(span_str("abd")));
}

static void
random_bytes_differ(void **state)
{
	unsigned char a[1000] = { 0 }, b[1000] = { 0 };

	(void)state;
	digest_random(a, sizeof a);
	digest_random(b, sizeof b);
	assert_memory_not_equal(a, b, 16);
	assert_memory_not_equal(a + 984, b + 984, 16);
}

static void *
hash_many(void *seed)
{
	unsigned char want[DIGEST_SHA256], got[DIGEST_SHA256];
	struct span in = span_of(seed, 100);

	digest_sha256(in, want);
	for (int i = 0; i < 2000; i++) {
		digest_sha256(in, got);
		if (memcmp(want, got, sizeof got) != 0)
			return NULL;
	}
	return seed;
}

static void
threads_hash_side_by_side(void **state)
{
	unsigned char seeds[2][100];
	pthread_t threads[2];
	void *answer;

	(void)state;
	for (int i = 0; i < 2; i++) {
		memset(seeds[i], i, sizeof seeds[i]);
		assert_int_equal(
		    pthread_create(&threads[i], NULL, hash_many, seeds[i]), 0);
	}
	for (int i = 0; i < 2; i++) {
		assert_int_equal(pthread_join(threads[i], &answer), 0);
		assert_ptr_equal(answer, seeds[i]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sha256_is_that_of_fips_180),
		cmocka_unit_test(pieces_hash_as_if_they_were_joined),
		cmocka_unit_test(hmac_is_that_of_rfc_4231),
		cmocka_unit_test(an_hmac_may_replace_its_own_key),
		cmocka_unit_test(md5_is_that_of_rfc_1321),
		cmocka_unit_test(a_mark_is_the_same_on_every_machine),
		cmocka_unit_test(random_bytes_differ),
		cmocka_unit_test(threads_hash_side_by_side),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
