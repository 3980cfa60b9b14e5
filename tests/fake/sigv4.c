/* SPDX-License-Identifier: Apache-2.0
 *
 * sigv4: AWS Signature Version 4 from the receiving side.
 *
 * Written from AWS's description for this endpoint alone; it shares nothing
 * with the agent's signer, so that an error in one shows against the other.
 * The canonical request is built from what arrived; the hash of the body was
 * made while the body arrived. Stricter than AWS in one thing: every x-amz-
 * header must be signed.
 *
 * Thread: the connection's. Allocates nothing.
 */
#include "sigv4.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define CANONICAL_MAX 32768
#define SEGMENTS_MAX  256
#define PAIRS_MAX     128

/* The Authorization header taken apart; all spans borrow from it. */
struct claim {
	struct span access_key;
	struct span scope; /* date/region/service */
	struct span date;
	struct span region;
	struct span service;
	struct span signed_headers;
	struct span signature;
	struct span when; /* x-amz-date */
};

/* Text in a fixed place; what does not fit makes `full`. */
struct text {
	uint8_t at[CANONICAL_MAX];
	size_t length;
	bool full;
};

static void
put(struct text *t, const void *bytes, size_t length)
{
	if (length > sizeof(t->at) - t->length) {
		t->full = true;
		return;
	}
	if (length > 0)
		memcpy(t->at + t->length, bytes, length);
	t->length += length;
}

static void
put_text(struct text *t, const char *text)
{
	put(t, text, strlen(text));
}

static bool
unreserved(uint8_t c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       (c >= '0' && c <= '9') || (c != 0 && strchr("-_.~", c) != NULL);
}

static void
put_encoded(struct text *t, struct span s)
{
	static const char digits[] = "0123456789ABCDEF";

	for (size_t i = 0; i < s.length; i++) {
		uint8_t c = s.at[i];
		char escaped[3] = { '%', digits[c >> 4], digits[c & 15] };

		if (unreserved(c))
			put(t, &c, 1);
		else
			put(t, escaped, 3);
	}
}

/* The part of `rest` before `mark`, or all of it; `rest` moves behind. */
static struct span
cut(struct span *rest, uint8_t mark)
{
	const uint8_t *found =
	    rest->length > 0 ? memchr(rest->at, mark, rest->length) : NULL;
	struct span part = *rest;

	if (found == NULL) {
		*rest = (struct span){ rest->at + rest->length, 0 };
		return part;
	}
	part.length = (size_t)(found - rest->at);
	rest->at += part.length + 1;
	rest->length -= part.length + 1;
	return part;
}

/* The path with `.`, `..` and empty segments resolved, each encoded once
 * more: what arrived was encoded once already. */
static void
put_path(struct text *t, struct span path)
{
	struct span segments[SEGMENTS_MAX], rest = path, one;
	bool slash = path.length > 0 && path.at[path.length - 1] == '/';
	size_t count = 0;

	/* `.` alone would come out as `/`, which it is not. */
	t->full = t->full || path.length == 0 || path.at[0] != '/';
	while (rest.length > 0 && count < SEGMENTS_MAX) {
		one = cut(&rest, '/');
		if (one.length == 0 || span_is(one, "."))
			continue;
		if (!span_is(one, ".."))
			segments[count++] = one;
		else if (count > 0)
			count--;
	}
	t->full = t->full || rest.length > 0;
	for (size_t i = 0; i < count; i++) {
		put_text(t, "/");
		put_encoded(t, segments[i]);
	}
	if (slash || count == 0)
		put_text(t, "/");
}

static int
hex_value(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
		return (c | 0x20) - 'a' + 10;
	return -1;
}

static void
put_recoded(struct text *t, struct span s)
{
	for (size_t i = 0; i < s.length; i++) {
		uint8_t c = s.at[i];
		int high = -1, low = -1;

		if (c == '%' && s.length - i > 2) {
			high = hex_value(s.at[i + 1]);
			low = hex_value(s.at[i + 2]);
		}
		if (high >= 0 && low >= 0) {
			c = (uint8_t)(high * 16 + low);
			i += 2;
		}
		put_encoded(t, (struct span){ &c, 1 });
	}
}

static int
compare_spans(const void *a, const void *b)
{
	const struct span *x = a, *y = b;
	size_t common = x->length < y->length ? x->length : y->length;
	int order = common > 0 ? memcmp(x->at, y->at, common) : 0;

	if (order != 0)
		return order;
	return (x->length > y->length) - (x->length < y->length);
}

/* A pair of the query, encoded. */
struct pair {
	struct span name;
	struct span value;
};

static int
compare_pairs(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;
	int order = compare_spans(&x->name, &y->name);

	return order != 0 ? order : compare_spans(&x->value, &y->value);
}

/* Encode `s` one way only at the end of `t`, and say where it lies. */
static struct span
recoded(struct text *t, struct span s)
{
	size_t from = t->length;

	put_recoded(t, s);
	return (struct span){ t->at + from, t->length - from };
}

/* The query's pairs, encoded one way only, in order. */
static void
put_query(struct text *t, struct span query)
{
	struct pair pairs[PAIRS_MAX];
	struct span rest = query, name, value;
	struct text place;
	size_t count = 0;

	place.length = 0;
	place.full = false;
	while (rest.length > 0 && count < PAIRS_MAX) {
		value = cut(&rest, '&');
		name = cut(&value, '=');
		pairs[count].name = recoded(&place, name);
		pairs[count++].value = recoded(&place, value);
	}
	t->full = t->full || place.full || rest.length > 0;
	qsort(pairs, count, sizeof(pairs[0]), compare_pairs);
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			put_text(t, "&");
		put(t, pairs[i].name.at, pairs[i].name.length);
		put_text(t, "=");
		put(t, pairs[i].value.at, pairs[i].value.length);
	}
}

/* A header's value with the space around it gone and that within single. */
static void
put_trimmed(struct text *t, struct span value)
{
	bool gap = false, begun = false;

	for (size_t i = 0; i < value.length; i++) {
		uint8_t c = value.at[i];

		if (c == ' ' || c == '\t') {
			gap = begun;
			continue;
		}
		if (gap)
			put_text(t, " ");
		put(t, &c, 1);
		gap = false;
		begun = true;
	}
}

static bool
header_named(const struct header *h, struct span name)
{
	return h->name.length == name.length &&
	       strncasecmp((const char *)h->name.at, (const char *)name.at,
		   name.length) == 0;
}

/* `name:value[,value...]`; false if the request has no such header. */
static bool
put_header(struct text *t, const struct request *r, struct span name)
{
	bool found = false;

	put(t, name.at, name.length);
	for (size_t i = 0; i < r->header_count; i++) {
		if (!header_named(&r->headers[i], name))
			continue;
		put_text(t, found ? "," : ":");
		put_trimmed(t, r->headers[i].value);
		found = true;
	}
	put_text(t, "\n");
	return found;
}

static bool
put_signed_headers(struct text *t, const struct request *r, struct span names)
{
	struct span before = { NULL, 0 };

	while (names.length > 0) {
		struct span name = cut(&names, ';');

		if (name.length == 0 ||
		    (before.at != NULL && compare_spans(&before, &name) >= 0))
			return false;
		for (size_t i = 0; i < name.length; i++)
			if (name.at[i] >= 'A' && name.at[i] <= 'Z')
				return false;
		if (!put_header(t, r, name))
			return false;
		before = name;
	}
	return true;
}

static bool
is_signed(struct span names, const struct header *h)
{
	while (names.length > 0)
		if (header_named(h, cut(&names, ';')))
			return true;
	return false;
}

/* The first header that should have been signed and was not. */
static const struct header *
unsigned_header(const struct request *r, struct span names)
{
	for (size_t i = 0; i < r->header_count; i++) {
		const struct header *h = &r->headers[i];
		const char *name = (const char *)h->name.at;

		if (strcasecmp(name, "host") != 0 &&
		    strncasecmp(name, "x-amz-", 6) != 0)
			continue;
		if (!is_signed(names, h))
			return h;
	}
	return NULL;
}

static bool
skip_prefix(struct span *s, const char *prefix)
{
	size_t length = strlen(prefix);

	if (s->length < length || memcmp(s->at, prefix, length) != 0)
		return false;
	s->at += length;
	s->length -= length;
	return true;
}

static bool
take_credential(struct claim *c, struct span credential)
{
	struct span rest = credential;

	c->access_key = cut(&rest, '/');
	c->scope.at = rest.at;
	c->date = cut(&rest, '/');
	c->region = cut(&rest, '/');
	c->service = cut(&rest, '/');
	c->scope.length =
	    (size_t)(c->service.at + c->service.length - c->scope.at);
	return c->service.length > 0 && span_is(rest, "aws4_request") &&
	       c->scope.length < REQUEST_SCOPE_MAX;
}

static bool
take_authorization(struct claim *c, struct span header)
{
	bool credential = false;

	if (!skip_prefix(&header, "AWS4-HMAC-SHA256 "))
		return false;
	while (header.length > 0) {
		struct span part = cut(&header, ',');

		while (skip_prefix(&part, " "))
			;
		if (skip_prefix(&part, "Credential=") && !credential)
			credential = take_credential(c, part);
		else if (skip_prefix(&part, "SignedHeaders="))
			c->signed_headers = part;
		else if (skip_prefix(&part, "Signature="))
			c->signature = part;
		else
			return false;
	}
	return credential && c->signed_headers.length > 0 &&
	       c->signature.length == 64;
}

/* `YYYYMMDDTHHMMSSZ` as seconds since 1970; -1 if it is not that. */
static int64_t
seconds_of(struct span when)
{
	static const char pattern[] = "ddddddddTddddddZ";
	struct tm tm = { 0 };
	char text[17];

	if (when.length != 16)
		return -1;
	memcpy(text, when.at, 16);
	text[16] = '\0';
	for (size_t i = 0; i < 16; i++) {
		bool digit = text[i] >= '0' && text[i] <= '9';

		if (pattern[i] == 'd' ? !digit : text[i] != pattern[i])
			return -1;
	}
	if (strptime(text, "%Y%m%dT%H%M%SZ", &tm) == NULL)
		return -1;
	return (int64_t)timegm(&tm);
}

static void
stamp(int64_t seconds, char out[32])
{
	time_t t = (time_t)seconds;
	struct tm tm;

	if (gmtime_r(&t, &tm) == NULL ||
	    strftime(out, 32, "%Y%m%dT%H%M%SZ", &tm) == 0)
		out[0] = '\0';
}

static bool
in_time(const struct claim *c, int64_t now, struct bytes *why)
{
	int64_t then = seconds_of(c->when);
	bool late = then < now - SIGV4_TOLERANCE_S;
	char at[32], edge[32];

	if (then >= 0 && !late && then <= now + SIGV4_TOLERANCE_S)
		return true;
	if (then < 0) {
		bytes_text(why,
		    "Date in X-Amz-Date header is not a valid ISO-8601 "
		    "timestamp.");
		return false;
	}
	stamp(now, at);
	stamp(late ? now - SIGV4_TOLERANCE_S : now + SIGV4_TOLERANCE_S, edge);
	bytes_format(why, "Signature %s: %.16s is %s than %s (%s %c 5 min.)",
	    late ? "expired" : "not yet current", (const char *)c->when.at,
	    late ? "now earlier" : "still later", edge, at, late ? '-' : '+');
	return false;
}

static bool
in_scope(const struct sigv4_identity *identity, const struct claim *c,
    const char *service, struct bytes *why)
{
	if (!span_equals(c->date, c->when.at, 8)) {
		bytes_text(why,
		    "Date in Credential scope does not match YYYYMMDD from "
		    "ISO-8601 version of date from HTTP");
		return false;
	}
	if (identity->region != NULL && !span_is(c->region, identity->region)) {
		bytes_format(why,
		    "Credential should be scoped to a valid region, not "
		    "'%.*s'. ",
		    (int)c->region.length, (const char *)c->region.at);
		return false;
	}
	if (service != NULL && !span_is(c->service, service)) {
		bytes_format(why,
		    "Credential should be scoped to correct service: '%s'. ",
		    service);
		return false;
	}
	return true;
}

static bool
is_known(const struct sigv4_identity *identity, const struct request *r,
    const struct claim *c)
{
	struct span token = request_header(r, "x-amz-security-token");

	if (!span_is(c->access_key, identity->access_key))
		return false;
	return identity->session_token == NULL
		   ? token.at == NULL
		   : span_is(token, identity->session_token);
}

/* The key of this scope, from the last request's if that was the same, and
 * signed by the same. */
static void
derive_key(struct signing_key *k, const struct sigv4_identity *identity,
    const struct claim *c)
{
	char first[256];
	uint8_t key[DIGEST_SIZE];
	int length;

	if (span_is(c->scope, k->scope) && span_is(c->access_key, k->owner))
		return;
	length = snprintf(first, sizeof(first), "AWS4%s", identity->secret_key);
	digest_hmac(first, (size_t)length, c->date.at, c->date.length, key);
	digest_hmac(key, sizeof(key), c->region.at, c->region.length, key);
	digest_hmac(key, sizeof(key), c->service.at, c->service.length, key);
	digest_hmac(key, sizeof(key), "aws4_request", 12, k->key);
	snprintf(k->owner, sizeof(k->owner), "%.*s", (int)c->access_key.length,
	    (const char *)c->access_key.at);
	memcpy(k->scope, c->scope.at, c->scope.length);
	k->scope[c->scope.length] = '\0';
}

static bool
canonical_request(
    struct text *t, const struct request *r, const struct claim *c)
{
	char hash[DIGEST_HEX];

	put_text(t, r->method);
	put_text(t, "\n");
	put_path(t, r->path);
	put_text(t, "\n");
	put_query(t, r->query);
	put_text(t, "\n");
	if (!put_signed_headers(t, r, c->signed_headers))
		return false;
	put_text(t, "\n");
	put(t, c->signed_headers.at, c->signed_headers.length);
	put_text(t, "\n");
	digest_hex(r->body_hash, hash);
	put_text(t, hash);
	return !t->full;
}

static void
explain_mismatch(
    struct bytes *why, const struct text *canonical, const struct text *to_sign)
{
	bytes_text(why,
	    "The request signature we calculated does not match the signature "
	    "you provided. Check your AWS Secret Access Key and signing "
	    "method. Consult the service documentation for details.\n\n"
	    "The Canonical String for this request should have been\n'");
	bytes_put(why, canonical->at, canonical->length);
	bytes_text(why, "'\n\nThe String-to-Sign should have been\n'");
	bytes_put(why, to_sign->at, to_sign->length);
	bytes_text(why, "'\n");
}

static bool
is_signed_so(const struct sigv4_identity *identity, struct request *r,
    const struct claim *c, struct bytes *why)
{
	struct text canonical, to_sign;
	uint8_t hash[DIGEST_SIZE];
	char hex[DIGEST_HEX];

	canonical.length = to_sign.length = 0;
	canonical.full = to_sign.full = false;
	if (!canonical_request(&canonical, r, c)) {
		bytes_text(why,
		    "SignedHeaders must name headers of this request, in "
		    "lower case and in order.");
		return false;
	}
	digest_sha256(canonical.at, canonical.length, hash);
	digest_hex(hash, hex);
	put_text(&to_sign, "AWS4-HMAC-SHA256\n");
	put(&to_sign, c->when.at, c->when.length);
	put_text(&to_sign, "\n");
	put(&to_sign, c->scope.at, c->scope.length);
	put_text(&to_sign, "/aws4_request\n");
	put_text(&to_sign, hex);

	derive_key(&r->signing_key, identity, c);
	digest_hmac(
	    r->signing_key.key, DIGEST_SIZE, to_sign.at, to_sign.length, hash);
	digest_hex(hash, hex);
	if (span_equals(c->signature, hex, DIGEST_HEX - 1))
		return true;
	explain_mismatch(why, &canonical, &to_sign);
	return false;
}

/* A hash of the body that the client states has to be the body's. */
static bool
body_is_as_stated(const struct request *r, struct bytes *why)
{
	struct span stated = request_header(r, "x-amz-content-sha256");
	char hash[DIGEST_HEX];

	if (stated.at == NULL)
		return true;
	digest_hex(r->body_hash, hash);
	if (span_is(stated, hash))
		return true;
	bytes_text(why,
	    "The provided 'x-amz-content-sha256' header does not match what "
	    "was computed.");
	return false;
}

static enum sigv4_verdict
read_claim(struct claim *c, const struct request *r, struct bytes *why)
{
	struct span header = request_header(r, "authorization");
	const struct header *naked;

	if (header.at == NULL || header.length == 0) {
		bytes_text(why, "Missing Authentication Token");
		return SIGV4_MISSING;
	}
	c->when = request_header(r, "x-amz-date");
	if (!take_authorization(c, header) || c->when.at == NULL) {
		bytes_text(why,
		    "Authorization header requires 'Credential', "
		    "'SignedHeaders' and 'Signature' parameters and an "
		    "'X-Amz-Date' header.");
		return SIGV4_INCOMPLETE;
	}
	naked = unsigned_header(r, c->signed_headers);
	if (naked != NULL) {
		bytes_format(why,
		    "'%.*s' must be a 'SignedHeader' in the AWS "
		    "Authorization.",
		    (int)naked->name.length, (const char *)naked->name.at);
		return SIGV4_WRONG;
	}
	return SIGV4_GOOD;
}

enum sigv4_verdict
sigv4_check(const struct sigv4_identity *identity, struct request *r,
    const char *service, int64_t now, struct bytes *why)
{
	struct claim c = { 0 };
	enum sigv4_verdict verdict = read_claim(&c, r, why);

	if (verdict != SIGV4_GOOD)
		return verdict;
	if (!is_known(identity, r, &c)) {
		bytes_text(why,
		    "The security token included in the request is invalid.");
		return SIGV4_STRANGER;
	}
	if (identity->expires_s != 0 && now >= identity->expires_s) {
		bytes_text(why,
		    "The security token included in the request is expired");
		return SIGV4_EXPIRED;
	}
	if (!in_time(&c, now, why) || !in_scope(identity, &c, service, why) ||
	    !body_is_as_stated(r, why) || !is_signed_so(identity, r, &c, why))
		return SIGV4_WRONG;
	return SIGV4_GOOD;
}

struct span
sigv4_access_key(const struct request *r)
{
	struct claim c = { 0 };

	(void)take_authorization(&c, request_header(r, "authorization"));
	return c.access_key;
}

/* By verdict: as the JSON services say it, as the query services do. */
static const char *const types[][2] = {
	[SIGV4_GOOD] = { "", "" },
	[SIGV4_MISSING] = { "MissingAuthenticationTokenException",
	    "MissingAuthenticationToken" },
	[SIGV4_INCOMPLETE] = { "IncompleteSignatureException",
	    "IncompleteSignature" },
	[SIGV4_STRANGER] = { "UnrecognizedClientException",
	    "InvalidClientTokenId" },
	[SIGV4_EXPIRED] = { "ExpiredTokenException", "ExpiredToken" },
	[SIGV4_WRONG] = { "InvalidSignatureException",
	    "SignatureDoesNotMatch" },
};

const char *
sigv4_error_type(enum sigv4_verdict verdict, enum format format)
{
	return types[verdict][format == FORMAT_QUERY ? 1 : 0];
}
