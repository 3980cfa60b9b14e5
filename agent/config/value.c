/* SPDX-License-Identifier: Apache-2.0
 *
 * value: see value.h. Thread: the one that loads.
 */
#include "value.h"

#include <arpa/inet.h>
#include <assert.h>
#include <inttypes.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "endpoint.h"
#include "javaregex.h"
#include "mem.h"
#include "options.h"
#include "patterns.h"
#include "proxy.h"
#include "regex.h"
#include "regions.h"
#include "report.h"
#include "settings.h"
#include "template.h"
#include "tree.h"

#define GOT_MAX 64 /* bytes of a value that a message repeats */

struct got {
	char text[GOT_MAX + 16];
};

/* " (got `...`)", or nothing where the value is nobody's business. */
static struct got
got(const struct setting *s, const struct node *n)
{
	struct got g = { "" };
	size_t len;

	if (s->kind == KIND_SECRET || n->text == NULL)
		return g;
	if ((s->kind == KIND_ENDPOINT || s->kind == KIND_PROXY) &&
	    strchr(n->text, '@') != NULL)
		return g;
	len = strlen(n->text);
	if (len <= GOT_MAX) {
		snprintf(g.text, sizeof(g.text), " (got `%s`)", n->text);
		return g;
	}
	len = GOT_MAX - 4;
	while (((unsigned char)n->text[len] & 0xC0) == 0x80)
		len--;
	snprintf(g.text, sizeof(g.text), " (got `%.*s...`)", (int)len, n->text);
	return g;
}

/* ---- Integers ---- */

static void
store_integer(const struct setting *s, void *base, int64_t value)
{
	unsigned char *field = (unsigned char *)base + s->at;

	assert(value >= 0);
	if (s->width == sizeof(uint32_t)) {
		uint32_t narrow = (uint32_t)value;

		assert(value <= UINT32_MAX);
		memcpy(field, &narrow, sizeof(narrow));
		return;
	}
	assert(s->width == sizeof(value));
	memcpy(field, &value, sizeof(value));
}

static int
digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 99;
}

/* Digits of `base`, at least one; `*rest` is behind them. */
static bool
read_digits(const char *text, int base, int64_t *out, const char **rest)
{
	int64_t value = 0;
	const char *at = text;

	for (; digit_of(*at) < base; at++)
		if (__builtin_mul_overflow(value, base, &value) ||
		    __builtin_add_overflow(value, digit_of(*at), &value))
			return false;
	*out = value;
	*rest = at;
	return at > text;
}

/* As Java decodes: a sign, then 0x or # for sixteen, 0 for eight. */
static bool
decode_java(const char *text, int64_t *out)
{
	bool minus = text[0] == '-';
	int base = 10;
	const char *rest;

	if (minus || text[0] == '+')
		text++;
	if (strncasecmp(text, "0x", 2) == 0) {
		base = 16;
		text += 2;
	} else if (text[0] == '#') {
		base = 16;
		text++;
	} else if (text[0] == '0' && text[1] != '\0') {
		base = 8;
		text++;
	}
	if (!read_digits(text, base, out, &rest) || *rest != '\0')
		return false;
	if (minus)
		*out = -*out;
	return true;
}

struct unit {
	const char *name;
	int64_t factor;
};

static const struct unit times[] = { { "ms", 1 }, { "s", 1000 }, { "m", 60000 },
	{ "h", 3600000 }, { NULL, 0 } };
static const struct unit sizes[] = { { "B", 1 }, { "KiB", 1 << 10 },
	{ "MiB", 1 << 20 }, { "GiB", 1 << 30 }, { NULL, 0 } };
static const struct unit none[] = { { NULL, 0 } };

static const struct unit *
units_of(const struct setting *s)
{
	if (s->kind == KIND_MS)
		return times;
	return s->kind == KIND_BYTES ? sizes : none;
}

static const char *
units_in_words(const struct setting *s)
{
	if (s->kind == KIND_MS)
		return ", with ms, s, m or h behind them if you like";
	if (s->kind == KIND_BYTES)
		return ", with KiB, MiB or GiB behind them if you like";
	return "";
}

static bool
decode_yaml(const struct setting *s, const char *text, int64_t *out)
{
	bool minus = text[0] == '-';
	const char *rest;

	if (minus)
		text++;
	/* 010 is eight to YAML 1.1 and ten to a reader. */
	if (text[0] == '0' && digit_of(text[1]) < 10)
		return false;
	if (!read_digits(text, 10, out, &rest))
		return false;
	if (minus)
		*out = -*out;
	if (*rest == '\0')
		return true;
	if (*rest == ' ')
		rest++;
	for (const struct unit *u = units_of(s); u->name != NULL; u++)
		if (strcmp(rest, u->name) == 0)
			return !__builtin_mul_overflow(*out, u->factor, out);
	return false;
}

static const char *
number_fault(const char *text, bool java)
{
	bool zero = text[0] == '0' && strchr("0123456789xXoObB", text[1]);
	bool digits = digit_of(text[0]) < 10;

	/* 010 is eight, 1:30 is ninety and 1_000 a thousand to some. */
	if (!java && digits && (zero || strpbrk(text, "_:") != NULL))
		return "a number that YAML readers disagree about";
	return "not a whole number";
}

static void
store_number(
    const struct setting *s, const struct node *n, void *base, struct report *r)
{
	char allowed[256];
	int64_t value;
	bool fits = r->java ? decode_java(n->text, &value)
			    : decode_yaml(s, n->text, &value);

	value_allowed(s, allowed, sizeof(allowed));
	if (!fits) {
		report_error(r, n->at, s->key,
		    "%s%s; allowed: %s, in decimal digits%s",
		    number_fault(n->text, r->java), got(s, n).text, allowed,
		    r->java ? "" : units_in_words(s));
		return;
	}
	if (value < s->min || value > s->max) {
		int64_t nearest = value < s->min ? s->min : s->max;

		if (!r->java || !s->clamp) {
			report_error(r, n->at, s->key,
			    "out of range%s; allowed: %s", got(s, n).text,
			    allowed);
			return;
		}
		report_warn(r, n->at, s->key,
		    "out of range%s; taken as %" PRId64, got(s, n).text,
		    nearest);
		value = nearest;
	}
	store_integer(s, base, value);
}

/* ---- Words ---- */

static bool
is_one_of(const char *text, const char *const *words)
{
	for (; *words != NULL; words++)
		if (strcasecmp(text, *words) == 0)
			return true;
	return false;
}

static void
store_bool(
    const struct setting *s, const struct node *n, void *base, struct report *r)
{
	static const char *const yes[] = { "true", "yes", "t", "y", "1", NULL };
	static const char *const no[] = { "false", "no", "f", "n", "0", NULL };
	bool *field = (bool *)(void *)((char *)base + s->at);
	/* One letter may be anything to another reader of YAML. */
	bool brief = n->text[0] == '\0' || n->text[1] == '\0';
	bool refused = brief && !r->java;

	if (!refused && is_one_of(n->text, yes)) {
		*field = true;
		return;
	}
	if (!refused && is_one_of(n->text, no)) {
		*field = false;
		return;
	}
	report_error(r, n->at, s->key,
	    "neither true nor false%s; allowed: true, false, yes, no",
	    got(s, n).text);
}

static void
store_enum(
    const struct setting *s, const struct node *n, void *base, struct report *r)
{
	char allowed[256];

	for (const struct choice *c = s->choices; c->word != NULL; c++)
		if (strcmp(c->word, n->text) == 0) {
			store_integer(s, base, c->value);
			return;
		}
	value_allowed(s, allowed, sizeof(allowed));
	report_error(r, n->at, s->key, "not a known word%s; allowed: %s",
	    got(s, n).text, allowed);
}

/* ---- Texts ---- */

static bool
all_between(const char *text, unsigned char low, unsigned char high)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < low || (unsigned char)*text > high)
			return false;
	return true;
}

static bool
is_aws_name(const char *text, size_t max)
{
	size_t len =
	    strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			 "0123456789_.-");

	return len > 0 && len <= max && text[len] == '\0';
}

/* Take `text`'s part up to the next colon into `out`; NULL: none. */
static const char *
cut(const char *text, char *out, size_t size)
{
	size_t len;

	if (text == NULL)
		return NULL;
	len = strcspn(text, ":");
	if (text[len] != ':' || len >= size)
		return NULL;
	memcpy(out, text, len);
	out[len] = '\0';
	return text + len + 1;
}

bool
value_arn_region(const char *stream, char *out)
{
	char arn[8], partition[32], service[16], account[16];
	const char *rest = stream;

	rest = cut(rest, arn, sizeof(arn));
	rest = cut(rest, partition, sizeof(partition));
	rest = cut(rest, service, sizeof(service));
	rest = cut(rest, out, ENDPOINT_REGION);
	rest = cut(rest, account, sizeof(account));
	return rest != NULL && strcmp(arn, "arn") == 0 &&
	       strncmp(partition, "aws", 3) == 0 &&
	       strcmp(service, "kinesis") == 0 && endpoint_is_region(out) &&
	       strlen(account) == 12 && strspn(account, "0123456789") == 12 &&
	       strncmp(rest, "stream/", 7) == 0 && is_aws_name(rest + 7, 128);
}

const char *
value_stream_name(const char *stream)
{
	const char *slash = strrchr(stream, '/');

	return slash != NULL ? slash + 1 : stream;
}

/* arn:PARTITION:iam::ACCOUNT:role/PATH/NAME */
static bool
is_address(const char *text)
{
	unsigned char out[sizeof(struct in6_addr)];

	return inet_pton(AF_INET, text, out) == 1 ||
	       inet_pton(AF_INET6, text, out) == 1;
}

static bool
is_role(const char *text)
{
	const char *rest;

	if (strncmp(text, "arn:aws", 7) != 0)
		return false;
	rest = text + 7 + strspn(text + 7, "abcdefghijklmnopqrstuvwxyz-");
	if (strncmp(rest, ":iam::", 6) != 0)
		return false;
	rest += 6;
	if (strspn(rest, "0123456789") != 12 ||
	    strncmp(rest + 12, ":role/", 6) != 0)
		return false;
	return rest[18] != '\0' && all_between(rest, 0x21, 0x7E);
}

/* What is wrong with `text` as a value of kind `kind`; NULL: nothing. */
static const char *
text_fault(const struct setting *s, const char *text)
{
	char region[ENDPOINT_REGION];

	switch (s->kind) {
	case KIND_NAME:
		return all_between(text, 0x20, 0xFF) &&
			       strchr(text, 0x7F) == NULL
			   ? NULL
			   : "a control character in it";
	case KIND_HEADER:
		return all_between(text, 0x20, 0x7E) ? NULL
						     : "not printable ASCII";
	case KIND_SECRET:
		return all_between(text, 0x21, 0x7E)
			   ? NULL
			   : "not printable ASCII without blanks";
	case KIND_PATH:
		return text[0] == '/' ? NULL : "not an absolute path";
	case KIND_STREAM:
		return is_aws_name(text, 128) || value_arn_region(text, region)
			   ? NULL
			   : "not a stream's name or ARN";
	case KIND_DELIVERY:
		return is_aws_name(text, 64) ? NULL
					     : "not a delivery stream's name";
	case KIND_ROLE:
		return is_role(text) ? NULL : "not a role's ARN";
	case KIND_ADDRESS:
		return is_address(text) ? NULL : "not an IP address";
	case KIND_REGION:
		return endpoint_is_region(text) ? NULL : "not a region's name";
	case KIND_TEXT:
	case KIND_ENDPOINT:
	case KIND_PROXY:
	case KIND_REGEX:
	case KIND_TEMPLATE:
	case KIND_MS:
	case KIND_BYTES:
	case KIND_COUNT:
	case KIND_BOOL:
	case KIND_ENUM:
	case KIND_PATTERNS:
	case KIND_EXCLUDES:
	case KIND_OPTIONS:
	case KIND_LIST:
		break;
	}
	return NULL;
}

/* How long a text may be, where the row does not say. */
static size_t
length_max(const struct setting *s)
{
	if (s->max > 0)
		return (size_t)s->max;
	return s->kind == KIND_PATH ? PATH_MAX - 1 : 1024;
}

static void
replace(const struct setting *s, void *base, char *text)
{
	char **field = (char **)(void *)((char *)base + s->at);

	if (*field != NULL)
		explicit_bzero(*field, strlen(*field));
	free(*field);
	*field = text;
}

static void
store_endpoint(
    const struct setting *s, const struct node *n, void *base, struct report *r)
{
	const char *cause;
	char *normal = endpoint_normal(n->text, &cause);

	if (normal == NULL) {
		report_error(r, n->at, s->key,
		    "%s%s; allowed: HOST, HOST:PORT, https://HOST[:PORT] or "
		    "http://HOST[:PORT]",
		    cause, got(s, n).text);
		return;
	}
	if (endpoint_is_exposed(normal))
		report_warn(r, n->at, s->key,
		    "records leave this machine unencrypted; write https:// "
		    "if %s can",
		    normal);
	replace(s, base, normal);
}

static void
store_proxy(
    const struct setting *s, const struct node *n, void *base, struct report *r)
{
	char allowed[256];
	const char *cause;
	char *normal = proxy_normal(n->text, &cause);

	if (normal != NULL) {
		replace(s, base, normal);
		return;
	}
	value_allowed(s, allowed, sizeof(allowed));
	report_error(r, n->at, s->key, "%s%s; allowed: %s", cause,
	    got(s, n).text, allowed);
}

static void
store_regex(
    const struct setting *s, const struct node *n, void *base, struct report *r)
{
	struct regex_fault fault;
	struct regex *re = regex_new(n->text, &fault);

	if (re == NULL) {
		report_error(r, n->at, s->key,
		    "%s, behind byte %zu of the pattern%s; allowed: a regular "
		    "expression as PCRE2 takes it",
		    fault.why, fault.at, got(s, n).text);
		return;
	}
	regex_free(re);
	if (r->java && javaregex_fault(n->text) != NULL) {
		report_error(r, n->at, s->key, "%s%s", javaregex_fault(n->text),
		    got(s, n).text);
		return;
	}
	replace(s, base, mem_dup(n->text));
}

static void
store_template(
    const struct setting *s, const struct node *n, void *base, struct report *r)
{
	struct template_fault fault;
	struct template *t = template_new(n->text, &fault);

	if (t == NULL) {
		report_error(r, n->at, s->key, "%s, behind byte %zu of it%s",
		    fault.why, fault.at, got(s, n).text);
		return;
	}
	template_free(t);
	replace(s, base, mem_dup(n->text));
}

static bool
is_off(const char *text)
{
	return text[0] == '\0' || strcmp(text, "off") == 0;
}

static void
store_text(
    const struct setting *s, const struct node *n, void *base, struct report *r)
{
	char allowed[256];
	const char *fault = text_fault(s, n->text);
	size_t max = length_max(s);

	if (s->off && is_off(n->text)) {
		replace(s, base, mem_dup(""));
		return;
	}
	/* The Java agent takes "" for not given. */
	if (n->text[0] == '\0' && s->kind != KIND_TEXT) {
		if (!r->java)
			report_error(r, n->at, s->key,
			    "empty; leave the key away for the default");
		return;
	}
	value_allowed(s, allowed, sizeof(allowed));
	if (s->kind == KIND_REGION)
		snprintf(allowed, sizeof(allowed), "a region like %s",
		    regions_nearest(n->text));
	if (fault != NULL)
		report_error(r, n->at, s->key, "%s%s; allowed: %s", fault,
		    got(s, n).text, allowed);
	else if (strlen(n->text) > max)
		report_error(r, n->at, s->key,
		    "%zu bytes long%s; allowed: at most %zu", strlen(n->text),
		    got(s, n).text, max);
	else if (s->kind == KIND_ENDPOINT)
		store_endpoint(s, n, base, r);
	else if (s->kind == KIND_PROXY)
		store_proxy(s, n, base, r);
	else if (s->kind == KIND_REGEX)
		store_regex(s, n, base, r);
	else if (s->kind == KIND_TEMPLATE)
		store_template(s, n, base, r);
	else
		replace(s, base, mem_dup(n->text));
	if (s->kind == KIND_REGION && fault == NULL &&
	    !regions_is_usual(n->text))
		report_warn(r, n->at, s->key,
		    "no region that this version knows (got `%.64s`); did you "
		    "mean %s?",
		    n->text, regions_nearest(n->text));
}

/* ---- Doors ---- */

void
value_default(const struct setting *s, void *base, bool java)
{
	int64_t fallback = settings_fallback(s, java);

	switch (s->kind) {
	case KIND_MS:
	case KIND_BYTES:
	case KIND_COUNT:
	case KIND_ENUM:
		store_integer(s, base, fallback);
		return;
	case KIND_BOOL:
		*(bool *)(void *)((char *)base + s->at) = fallback != 0;
		return;
	case KIND_PATTERNS:
	case KIND_EXCLUDES:
	case KIND_OPTIONS:
	case KIND_LIST:
		return;
	case KIND_TEXT:
	case KIND_NAME:
	case KIND_HEADER:
	case KIND_SECRET:
	case KIND_PATH:
	case KIND_STREAM:
	case KIND_DELIVERY:
	case KIND_ROLE:
	case KIND_ENDPOINT:
	case KIND_PROXY:
	case KIND_REGEX:
	case KIND_TEMPLATE:
	case KIND_ADDRESS:
	case KIND_REGION:
		if (s->text_fallback != NULL)
			replace(s, base, mem_dup(s->text_fallback));
		return;
	}
}

static bool
is_text(const struct setting *s)
{
	return (s->kind >= KIND_TEXT && s->kind <= KIND_REGION) ||
	       s->kind == KIND_EXCLUDES || s->kind == KIND_OPTIONS;
}

/* One value, not a list or a map. */
static void
store_one(
    const struct setting *s, const struct node *n, void *base, struct report *r)
{
	switch (s->kind) {
	case KIND_MS:
	case KIND_BYTES:
	case KIND_COUNT:
		store_number(s, n, base, r);
		return;
	case KIND_BOOL:
		store_bool(s, n, base, r);
		return;
	case KIND_ENUM:
		store_enum(s, n, base, r);
		return;
	case KIND_PATTERNS:
	case KIND_EXCLUDES:
	case KIND_OPTIONS:
	case KIND_LIST:
		return;
	case KIND_TEXT:
	case KIND_NAME:
	case KIND_HEADER:
	case KIND_SECRET:
	case KIND_PATH:
	case KIND_STREAM:
	case KIND_DELIVERY:
	case KIND_ROLE:
	case KIND_ENDPOINT:
	case KIND_PROXY:
	case KIND_REGEX:
	case KIND_TEMPLATE:
	case KIND_ADDRESS:
	case KIND_REGION:
		store_text(s, n, base, r);
		return;
	}
}

void
value_store(
    const struct setting *s, const struct node *n, void *base, struct report *r)
{
	if (s->kind == KIND_LIST)
		return;
	if (n->kind == NODE_NULL) {
		if (!r->java || !is_text(s))
			report_error(r, n->at, s->key,
			    "no value; leave the key away for the default");
		return;
	}
	if (s->kind == KIND_PATTERNS || s->kind == KIND_EXCLUDES) {
		patterns_store(s, n, base, r);
		return;
	}
	if (s->kind == KIND_OPTIONS) {
		options_store(s, n, base, r);
		return;
	}
	if (n->kind == NODE_LIST || n->kind == NODE_MAP) {
		report_error(r, n->at, s->key,
		    "a %s is not allowed here; one value is%s",
		    n->kind == NODE_LIST ? "list" : "map",
		    s->kind == KIND_TEMPLATE ? ", with its braces in quotes"
					     : "");
		return;
	}
	store_one(s, n, base, r);
}

bool
value_is_off(const struct setting *s, const struct node *n)
{
	int64_t value;

	switch (n->kind) {
	case NODE_NULL:
		return true;
	case NODE_LIST:
		return n->first == NULL;
	case NODE_MAP:
		return false;
	case NODE_BARE:
	case NODE_QUOTED:
		break;
	}
	if (n->text[0] == '\0')
		return true;
	return (s->kind == KIND_COUNT || s->kind == KIND_BYTES) &&
	       decode_java(n->text, &value) && value <= 0;
}

/* `value` in the largest unit that leaves it whole. */
static void
in_units(const struct setting *s, int64_t value, char *out, size_t size)
{
	const struct unit *best = NULL;

	for (const struct unit *u = units_of(s); u->name != NULL; u++)
		if (value != 0 && value % u->factor == 0)
			best = u;
	if (best == NULL || best->factor == 1)
		snprintf(out, size, "%" PRId64, value);
	else
		snprintf(out, size, "%" PRId64 " (%" PRId64 " %s)", value,
		    value / best->factor, best->name);
}

static void
list_choices(const struct setting *s, char *out, size_t size)
{
	size_t len = 0;

	for (const struct choice *c = s->choices; c->word != NULL; c++)
		if (!c->alias && len < size)
			len += (size_t)snprintf(out + len, size - len, "%s%s",
			    len == 0 ? "" : ", ", c->word);
}

void
value_allowed(const struct setting *s, char *out, size_t size)
{
	static const char *const words[] = {
		[KIND_BOOL] = "true, false, yes, no",
		[KIND_NAME] = "text without control characters",
		[KIND_HEADER] = "printable ASCII",
		[KIND_SECRET] = "printable ASCII without blanks",
		[KIND_PATH] = "a path from the root (/...)",
		[KIND_STREAM] = "1 to 128 of a-z A-Z 0-9 _ . -, or an ARN",
		[KIND_DELIVERY] = "1 to 64 of a-z A-Z 0-9 _ . -",
		[KIND_ROLE] = "arn:aws:iam::ACCOUNT:role/NAME",
		[KIND_ENDPOINT] = "a URL or a host",
		[KIND_PROXY] = "http://[USER:PASSWORD@]HOST:PORT, https://..., "
			       "none",
		[KIND_REGEX] = "a regular expression (PCRE2)",
		[KIND_TEMPLATE] = "text with {FIELD}, {hostname}, {path} and "
				  "{file} in it",
		[KIND_ADDRESS] = "an IP address in numbers",
		[KIND_REGION] = "a region like us-east-1",
		[KIND_PATTERNS] = "paths from the root (/...)",
		[KIND_EXCLUDES] = "paths from the root (/...), or names",
		[KIND_OPTIONS] = "a list of options, in their order",
		[KIND_LIST] = NULL,
	};
	char low[64], high[64];

	if (s->kind == KIND_ENUM) {
		list_choices(s, out, size);
		return;
	}
	if (s->kind <= KIND_COUNT) {
		in_units(s, s->min, low, sizeof(low));
		in_units(s, s->max, high, sizeof(high));
		snprintf(out, size, "%s to %s", low, high);
		return;
	}
	snprintf(out, size, "%s", words[s->kind] == NULL ? "" : words[s->kind]);
}
