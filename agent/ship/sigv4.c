/* SPDX-License-Identifier: Apache-2.0
 *
 * sigv4: AWS's Signature Version 4, in the Authorization header.
 *
 * Pure: time, credentials and everything signed come as arguments. It is
 * checked against AWS's own signer (tests/interop). It refuses nothing that
 * AWS would; it knows no query strings, because we send none.
 *
 * Any thread, each with its own key.
 */
#include "sigv4.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "log.h"

#define ALGORITHM "AWS4-HMAC-SHA256"

/* Headers, a session token of several KiB among them. */
#define CANONICAL_MAX ((size_t)1 << 20)

static struct span
of_hash(const unsigned char hash[static DIGEST_SHA256])
{
	return span_of(hash, DIGEST_SHA256);
}

static void
make_key(struct sigv4_key *key, const struct sigv4_request *r)
{
	unsigned char step[DIGEST_SHA256];
	char secret[512];
	int len = snprintf(secret, sizeof(secret), "AWS4%s", r->secret_key);

	assert(len > 0 && (size_t)len < sizeof(secret));
	memcpy(key->day, r->when, 8);
	key->day[8] = '\0';
	key->serial = r->serial;
	digest_hmac_sha256(
	    span_of(secret, (size_t)len), span_str(key->day), step);
	digest_hmac_sha256(of_hash(step), span_str(r->region), key->bytes);
	digest_hmac_sha256(of_hash(key->bytes), span_str(r->service), step);
	digest_hmac_sha256(of_hash(step), span_str("aws4_request"), key->bytes);
	explicit_bzero(secret, sizeof(secret));
	explicit_bzero(step, sizeof(step));
}

static bool
fits(const struct sigv4_key *key, const struct sigv4_request *r)
{
	return key->serial == r->serial && strncmp(key->day, r->when, 8) == 0;
}

/* Few headers, nearly in order: insertion. */
static void
sort_headers(const struct sigv4_request *r,
    const struct sigv4_header *sorted[static SIGV4_HEADERS])
{
	assert(r->header_count <= SIGV4_HEADERS);
	for (size_t i = 0; i < r->header_count; i++) {
		size_t at = i;

		while (at > 0 &&
		       strcmp(sorted[at - 1]->name, r->headers[i].name) > 0) {
			sorted[at] = sorted[at - 1];
			at--;
		}
		sorted[at] = &r->headers[i];
	}
}

static bool
add_path(struct buf *out, const char *path)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-._~/";
	bool ok = true;

	for (; *path != '\0' && ok; path++) {
		if (strchr(plain, *path) != NULL)
			ok = buf_add(out, path, 1);
		else
			ok = buf_addf(out, "%%%02X", (unsigned char)*path);
	}
	return ok;
}

static bool
is_space(unsigned char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* White space at the ends goes, a run of it inside becomes one space. */
static bool
add_value(struct buf *out, struct span value)
{
	size_t i = 0;
	bool ok = true, first = true;

	while (ok) {
		while (i < value.len && is_space(value.at[i]))
			i++;
		if (i == value.len)
			break;
		size_t from = i;

		while (i < value.len && !is_space(value.at[i]))
			i++;
		if (!first)
			ok = buf_add(out, " ", 1);
		ok = ok && buf_add(out, value.at + from, i - from);
		first = false;
	}
	return ok;
}

static bool
add_names(
    struct buf *out, const struct sigv4_header *const *sorted, size_t count)
{
	bool ok = true;

	for (size_t i = 0; i < count && ok; i++) {
		ok = (i == 0 || buf_add(out, ";", 1)) &&
		     buf_add_str(out, sorted[i]->name);
	}
	return ok;
}

static bool
add_canonical(struct buf *out, const struct sigv4_request *r,
    const struct sigv4_header *const *sorted)
{
	char payload[2 * DIGEST_SHA256 + 1];
	bool ok = buf_add_str(out, r->method) && buf_add(out, "\n", 1) &&
		  add_path(out, r->path) && buf_add(out, "\n\n", 2);

	for (size_t i = 0; i < r->header_count && ok; i++) {
		ok = buf_add_str(out, sorted[i]->name) &&
		     buf_add(out, ":", 1) && add_value(out, sorted[i]->value) &&
		     buf_add(out, "\n", 1);
	}
	digest_hex(r->payload, DIGEST_SHA256, payload);
	return ok && buf_add(out, "\n", 1) &&
	       add_names(out, sorted, r->header_count) &&
	       buf_add(out, "\n", 1) && buf_add_str(out, payload);
}

/* Replace the canonical request in `text` by what is signed of it. */
static bool
add_string_to_sign(struct buf *text, const struct sigv4_request *r)
{
	unsigned char hash[DIGEST_SHA256];
	char hex[2 * DIGEST_SHA256 + 1];

	digest_sha256(buf_span(text), hash);
	digest_hex(hash, DIGEST_SHA256, hex);
	buf_clear(text);
	return buf_addf(text, ALGORITHM "\n%s\n%.8s/%s/%s/aws4_request\n%s",
	    r->when, r->when, r->region, r->service, hex);
}

int
sigv4_sign(
    struct sigv4_key *key, const struct sigv4_request *r, struct buf *out)
{
	const struct sigv4_header *sorted[SIGV4_HEADERS] = { NULL };
	unsigned char signature[DIGEST_SHA256];
	char hex[2 * DIGEST_SHA256 + 1];
	struct buf text;
	bool ok;

	if (!fits(key, r))
		make_key(key, r);
	sort_headers(r, sorted);
	buf_init(&text, CANONICAL_MAX);
	ok = add_canonical(&text, r, sorted) && add_string_to_sign(&text, r);
	if (ok) {
		digest_hmac_sha256(
		    of_hash(key->bytes), buf_span(&text), signature);
		digest_hex(signature, sizeof(signature), hex);
	}
	ok = ok &&
	     buf_addf(out,
		 ALGORITHM " Credential=%s/%.8s/%s/%s/aws4_request, "
			   "SignedHeaders=",
		 r->access_key, r->when, r->region, r->service) &&
	     add_names(out, sorted, r->header_count) &&
	     buf_addf(out, ", Signature=%s", hex);
	buf_fini(&text);
	if (ok)
		return 0;
	log_error("a request's headers are too long to be signed");
	return -1;
}
