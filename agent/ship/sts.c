/* SPDX-License-Identifier: Apache-2.0
 *
 * sts: to become a role.
 *
 * AWS's Query protocol: a form goes, XML comes, of which a few elements are
 * looked for by name. Signed by keys, or not at all where a token from
 * somebody that the role trusts says who we are.
 *
 * Thread: its errand's.
 */
#include "sts.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "clock.h"
#include "config.h"
#include "envelope.h"
#include "mem.h"
#include "sigv4.h"

#define LIMIT_MS  15000
#define TYPE_LINE "Content-Type: application/x-www-form-urlencoded"

/* Signing by a clock that is wrong by less is taken; see repair.c. */
#define SKEW_MS 60000

/* What the Host header says for `url`. */
static const char *
host_of(const char *url)
{
	return strstr(url, "://") + 3;
}

/* --- The form --- */

/* False: no room. */
static bool
add_text(struct errand *e, size_t *len, const char *text)
{
	size_t more = strlen(text);

	if (more >= sizeof(e->form) - *len)
		return false;
	memcpy(e->form + *len, text, more + 1);
	*len += more;
	return true;
}

static bool
add_escaped(struct errand *e, size_t *len, const char *text)
{
	static const char digits[] = "0123456789ABCDEF";
	char piece[4] = "";

	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;
		bool plain =
		    c < 0x80 && (isalnum(c) || strchr("-_.~", c) != NULL);

		piece[0] = plain ? (char)c : '%';
		piece[1] = plain ? '\0' : digits[c >> 4];
		piece[2] = plain ? '\0' : digits[c & 15];
		if (!add_text(e, len, piece))
			return false;
	}
	return true;
}

/* `name` begins with "&". A value that is not given is left out. */
static bool
add_pair(struct errand *e, size_t *len, const char *name, const char *value)
{
	if (value == NULL || value[0] == '\0')
		return true;
	return add_text(e, len, name) && add_escaped(e, len, value);
}

static int
make_form(struct errand *e, const struct sts_role *role, const char *token)
{
	const char *action =
	    token != NULL ? "AssumeRoleWithWebIdentity" : "AssumeRole";
	const char *session = role->session, *seconds = role->seconds;
	size_t len = 0;

	/* The Java agent's name: policies may ask for it. */
	if (session == NULL || session[0] == '\0')
		session = e->config->java ? "AWSKinesisAgent" : "kinesis-agent";
	if (seconds == NULL || seconds[0] == '\0')
		seconds = "3600";
	if (add_text(e, &len, "Action=") && add_text(e, &len, action) &&
	    add_text(e, &len, "&Version=2011-06-15") &&
	    add_pair(e, &len, "&RoleArn=", role->arn) &&
	    add_pair(e, &len, "&RoleSessionName=", session) &&
	    add_pair(e, &len, "&DurationSeconds=", seconds) &&
	    add_pair(e, &len, "&ExternalId=", role->external_id) &&
	    add_pair(e, &len, "&WebIdentityToken=", token))
		return 0;
	(void)errand_fail(e, "the web identity is too long to be sent");
	return -1;
}

/* --- The answer --- */

static const struct {
	const char *entity;
	char stands_for;
} entities[] = { { "&amp;", '&' }, { "&lt;", '<' }, { "&gt;", '>' },
	{ "&quot;", '"' }, { "&apos;", '\'' } };

/* What stands at `*at`, which moves behind it. */
static char
next_character(const char **at)
{
	for (size_t i = 0; i < sizeof(entities) / sizeof(entities[0]); i++) {
		size_t len = strlen(entities[i].entity);

		if (strncmp(*at, entities[i].entity, len) == 0) {
			*at += len;
			return entities[i].stands_for;
		}
	}
	return *(*at)++;
}

bool
sts_element(const char *xml, const char *name, char *out, size_t room)
{
	size_t length = strlen(name), len = 0;
	const char *at = xml;

	out[0] = '\0';
	do {
		at = strchr(at, '<');
		if (at == NULL)
			return false;
		at++;
	} while (strncmp(at, name, length) != 0 || at[length] != '>');
	at += length + 1;
	while (*at != '<' && *at != '\0') {
		char c = next_character(&at);

		if (len + 1 >= room) {
			explicit_bzero(out, room);
			return false;
		}
		out[len++] = c;
	}
	out[len] = '\0';
	return *at == '<';
}

static const struct {
	const char *code, *cure;
} cures[] = {
	{ "AccessDenied", "the role's trust policy must allow this identity, "
			  "and its external id be assumeRoleExternalId" },
	{ "InvalidClientTokenId", "AWS does not know the access key" },
	{ "SignatureDoesNotMatch", "the secret key is probably wrong" },
	{ "ExpiredToken", "the keys that ask have expired" },
	{ "ExpiredTokenException", "whoever writes the token file is late" },
	{ "InvalidIdentityToken", "the account must know the token's issuer "
				  "as an identity provider" },
	{ "IDPCommunicationError", "AWS cannot reach the token's issuer" },
	{ "RegionDisabledException",
	    "activate STS in the region, or set sts.endpoint" },
	{ "ValidationError", "correct the role's settings" },
};

static const char *
cure_of(const char *code)
{
	for (size_t i = 0; i < sizeof(cures) / sizeof(cures[0]); i++)
		if (strcmp(cures[i].code, code) == 0)
			return cures[i].cure;
	return "";
}

static enum errand_answer
refuse(struct errand *e, const char *url, const struct sts_role *role,
    const struct fetch_answer *answer)
{
	char code[64], message[300];
	const char *cure;

	if (!answer->answered ||
	    !sts_element(answer->body, "Code", code, sizeof(code)))
		return errand_refused(
		    e, host_of(url), answer, "is it STS's endpoint?");
	(void)sts_element(answer->body, "Message", message, sizeof(message));
	cure = cure_of(code);
	return errand_fail(e, "%s: %s for %s: %.200s%s%s", host_of(url), code,
	    role->arn, message, cure[0] != '\0' ? "; " : "", cure);
}

static bool
take_element(const char *xml, const char *name, char *out, size_t room)
{
	return sts_element(xml, name, out, room) && out[0] != '\0';
}

static enum errand_answer
read_answer(struct errand *e, const char *url, const struct sts_role *role,
    const struct fetch_answer *answer, struct credentials_keys *keys)
{
	const char *xml = answer->body;
	int64_t wall_ms = credentials_wall(answer->date_ms, clock_wall_ms());
	int64_t now_ms = clock_ms();
	char expiry[64];

	if (!answer->answered || answer->status != 200)
		return refuse(e, url, role, answer);
	if (!take_element(xml, "AccessKeyId", keys->access_key,
		sizeof(keys->access_key)) ||
	    !take_element(xml, "SecretAccessKey", keys->secret_key,
		sizeof(keys->secret_key)) ||
	    !take_element(xml, "SessionToken", keys->session_token,
		sizeof(keys->session_token)) ||
	    !take_element(xml, "Expiration", expiry, sizeof(expiry)) ||
	    !credentials_expiry(expiry, wall_ms, now_ms, &keys->until_ms))
		return errand_fail(e,
		    "%s: its answer holds no keys; is it STS's endpoint?",
		    host_of(url));
	if (keys->until_ms <= now_ms)
		return errand_fail(e, "%s: gave keys that expired at %s",
		    host_of(url), expiry);
	return ERRAND_DONE;
}

/* --- The request --- */

/* Send the form, signed by `keys` unless they are NULL. */
static const struct fetch_answer *
post(struct errand *e, const char *url, const char *region,
    const struct credentials_keys *keys)
{
	const struct fetch_answer *answer = NULL;
	struct span form = span_str(e->form);
	struct sigv4_key key = { 0 };
	struct envelope envelope;
	char host[300];
	struct envelope_order order = { .host = host,
		.type = TYPE_LINE,
		.keys = keys,
		.serial = 1,
		.key = &key,
		.region = region,
		.service = "sts",
		.wall_ms = clock_wall_ms() + e->skew_ms };

	envelope_init(&envelope);
	snprintf(host, sizeof(host), "Host: %s", host_of(url));
	if (envelope_seal(&envelope, &order, &form, 1) == 0) {
		struct fetch_request request = { .method = "POST",
			.url = url,
			.headers = envelope.lines,
			.header_count = envelope.count,
			.body = form,
			.limit_ms = LIMIT_MS };

		answer = fetch_ask(e->fetch, &request);
	}
	explicit_bzero(&key, sizeof(key));
	envelope_fini(&envelope);
	return answer;
}

/* Was it only our clock? It is right then. */
static bool
set_clock(struct errand *e, const struct fetch_answer *answer)
{
	int64_t skew_ms = answer->date_ms - clock_wall_ms();
	int64_t apart = skew_ms - e->skew_ms;

	if (!answer->answered || answer->status == 200 ||
	    answer->date_ms == 0 || (apart < SKEW_MS && apart > -SKEW_MS))
		return false;
	if (strstr(answer->body, "Signature expired") == NULL &&
	    strstr(answer->body, "Signature not yet current") == NULL &&
	    strstr(answer->body, "RequestExpired") == NULL)
		return false;
	e->skew_ms = skew_ms;
	return true;
}

static enum errand_answer
ask(struct errand *e, const struct sts_role *role, bool by_keys,
    struct credentials_keys *keys)
{
	const struct config *config = e->config;
	const char *region = role->region;
	const struct fetch_answer *answer;
	enum errand_answer result;
	char *own;

	if (region == NULL || region[0] == '\0')
		region = e->region;
	if (config->sts_region != NULL)
		region = config->sts_region;
	own = config->sts_endpoint != NULL
		  ? mem_dup(config->sts_endpoint)
		  : address_of_service(
			"sts", region, config->fips, config->dualstack);
	answer = post(e, own, region, by_keys ? keys : NULL);
	if (answer != NULL && by_keys && set_clock(e, answer))
		answer = post(e, own, region, keys);
	result = answer != NULL
		     ? read_answer(e, own, role, answer, keys)
		     : errand_fail(e, "the request to STS cannot be signed");
	free(own);
	explicit_bzero(e->form, sizeof(e->form));
	return result;
}

enum errand_answer
sts_assume(struct errand *e, const struct sts_role *role,
    struct credentials_keys *keys)
{
	if (e->fetch == NULL)
		return ERRAND_AWAY;
	if (make_form(e, role, NULL) != 0)
		return ERRAND_FAILED;
	return ask(e, role, true, keys);
}

enum errand_answer
sts_assume_by_token(struct errand *e, const struct sts_role *role,
    const char *token, struct credentials_keys *keys)
{
	enum errand_answer answer = ERRAND_FAILED;

	if (e->fetch == NULL)
		return ERRAND_AWAY;
	if (errand_file(e, token, e->token, sizeof(e->token)) < 0)
		return ERRAND_FAILED;
	e->token[strcspn(e->token, "\r\n")] = '\0';
	if (e->token[0] == '\0')
		answer = errand_fail(e, "%s: no token in it", token);
	else if (make_form(e, role, e->token) == 0)
		answer = ask(e, role, false, keys);
	explicit_bzero(e->token, sizeof(e->token));
	return answer;
}
