/* SPDX-License-Identifier: Apache-2.0
 *
 * digest: hashes, as values. See digest.h.
 *
 * The only includer of OpenSSL's hashes. Fetching an algorithm and making a
 * context cost more than hashing a short key does, so the algorithms are
 * fetched once and each thread keeps one context for each; they go when the
 * thread does.
 */
#include "digest.h"

#include <assert.h>
#include <errno.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "log.h"
#include "mem.h"

#define SHA256_BLOCK 64

enum algorithm { SHA256, MD5, ALGORITHMS };

static const char *const names[ALGORITHMS] = {
	[SHA256] = "SHA256",
	[MD5] = "MD5",
};

/* Written by digest_setup, read-only after. */
static EVP_MD *algorithms[ALGORITHMS];
static pthread_key_t bench_key;
static bool is_set_up;

/* One thread's contexts, each used for its algorithm alone: only then does
 * OpenSSL keep the memory behind it. */
struct bench {
	EVP_MD_CTX *contexts[ALGORITHMS]; /* owned */
};

/* None of OpenSSL's calls here can fail but for want of memory. */
static void
must(bool done)
{
	if (done)
		return;
	log_error("libcrypto: a hash failed");
	abort();
}

static void
bench_free(void *at)
{
	struct bench *bench = at;

	for (int i = 0; i < ALGORITHMS; i++)
		EVP_MD_CTX_free(bench->contexts[i]);
	free(bench);
}

static struct bench *
bench_new(void)
{
	struct bench *bench = mem_new(sizeof *bench);

	for (int i = 0; i < ALGORITHMS; i++) {
		bench->contexts[i] = EVP_MD_CTX_new();
		must(bench->contexts[i] != NULL);
	}
	must(pthread_setspecific(bench_key, bench) == 0);
	return bench;
}

int
digest_setup(void)
{
	int failed;

	if (is_set_up)
		return 0;
	for (int i = 0; i < ALGORITHMS; i++) {
		algorithms[i] = EVP_MD_fetch(NULL, names[i], NULL);
		if (algorithms[i] == NULL) {
			log_error("libcrypto has no %s (is it a FIPS build?)",
			    names[i]);
			goto fail;
		}
	}
	failed = pthread_key_create(&bench_key, bench_free);
	if (failed != 0) {
		log_error("no thread key: %s", strerror(failed));
		goto fail;
	}
	is_set_up = true;
	return 0;

fail:
	for (int i = 0; i < ALGORITHMS; i++) {
		EVP_MD_free(algorithms[i]);
		algorithms[i] = NULL;
	}
	return -1;
}

static void
hash(enum algorithm which, const struct span *pieces, size_t count,
    unsigned char *out)
{
	struct bench *bench;
	EVP_MD_CTX *context;

	assert(is_set_up);
	bench = pthread_getspecific(bench_key);
	if (bench == NULL)
		bench = bench_new();
	context = bench->contexts[which];
	must(EVP_DigestInit_ex2(context, algorithms[which], NULL) == 1);
	for (size_t i = 0; i < count; i++)
		must(EVP_DigestUpdate(context, pieces[i].at, pieces[i].len) ==
		     1);
	must(EVP_DigestFinal_ex(context, out, NULL) == 1);
}

void
digest_sha256(struct span in, unsigned char out[static DIGEST_SHA256])
{
	hash(SHA256, &in, 1, out);
}

void
digest_sha256_pieces(const struct span *pieces, size_t count,
    unsigned char out[static DIGEST_SHA256])
{
	hash(SHA256, pieces, count, out);
}

void
digest_hmac_sha256(
    struct span key, struct span in, unsigned char out[static DIGEST_SHA256])
{
	unsigned char short_key[SHA256_BLOCK] = { 0 };
	unsigned char pad[SHA256_BLOCK];
	struct span pieces[2] = { span_of(pad, sizeof pad), in };

	if (key.len > sizeof short_key)
		digest_sha256(key, short_key);
	else if (key.len > 0)
		memcpy(short_key, key.at, key.len);

	for (size_t i = 0; i < sizeof pad; i++)
		pad[i] = short_key[i] ^ 0x36;
	hash(SHA256, pieces, 2, out);

	for (size_t i = 0; i < sizeof pad; i++)
		pad[i] = short_key[i] ^ 0x5c;
	pieces[1] = span_of(out, DIGEST_SHA256);
	hash(SHA256, pieces, 2, out);

	explicit_bzero(short_key, sizeof short_key);
	explicit_bzero(pad, sizeof pad);
}

void
digest_md5(struct span in, unsigned char out[static DIGEST_MD5])
{
	hash(MD5, &in, 1, out);
}

void
digest_md5_pieces(const struct span *pieces, size_t count,
    unsigned char out[static DIGEST_MD5])
{
	hash(MD5, pieces, count, out);
}

uint64_t
digest_mark(struct span in)
{
	unsigned char out[DIGEST_SHA256];
	uint64_t mark = 0;

	/* The same number on every machine: marks are kept on disk. */
	digest_sha256(in, out);
	for (size_t i = 0; i < sizeof mark; i++)
		mark = mark << 8 | out[i];
	return mark;
}

void
digest_hex(const unsigned char *at, size_t len, char *out)
{
	static const char hex[] = "0123456789abcdef";

	for (size_t i = 0; i < len; i++) {
		out[2 * i] = hex[at[i] >> 4];
		out[2 * i + 1] = hex[at[i] & 15];
	}
	out[2 * len] = '\0';
}

void
digest_random(void *out, size_t len)
{
	unsigned char *at = out;

	while (len > 0) {
		ssize_t got = getrandom(at, len, 0);

		if (got < 0) {
			must(errno == EINTR);
			continue;
		}
		at += got;
		len -= (size_t)got;
	}
}
