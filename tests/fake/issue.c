/* SPDX-License-Identifier: Apache-2.0
 *
 * issue: see issue.h.
 *
 * Thread: any; one lock, which requests of the standing identity never take.
 */
#include "issue.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "json.h"
#include "say.h"

void
issue_init(struct issue *s)
{
	pthread_mutex_init(&s->lock, NULL);
}

void
issue_fini(struct issue *s)
{
	pthread_mutex_destroy(&s->lock);
}

static int
add_rule(struct issue_rule *rules, size_t *count, const char *option,
    const char *wish, bool needs_value)
{
	const char *colon = strchr(wish, ':');
	size_t length = colon != NULL ? (size_t)(colon - wish) : strlen(wish);

	if (length == 0 || (needs_value && colon == NULL)) {
		say("%s: %s is not what --help says", option, wish);
		return -1;
	}
	if (*count == ISSUE_RULES_MAX) {
		say("%s: at most %d of them", option, ISSUE_RULES_MAX);
		return -1;
	}
	rules[(*count)++] =
	    (struct issue_rule){ wish, length, colon != NULL ? colon + 1 : "" };
	return 0;
}

int
issue_role(struct issue *s, const char *wish)
{
	return add_rule(s->roles, &s->role_count, "--role", wish, false);
}

int
issue_grant(struct issue *s, const char *wish)
{
	return add_rule(s->grants, &s->grant_count, "--grant", wish, true);
}

/* What follows the last slash of a role's ARN. */
static const char *
role_name(const char *arn)
{
	const char *slash = strrchr(arn, '/');

	return slash != NULL ? slash + 1 : arn;
}

bool
issue_permits(const struct issue *s, const char *arn, const char *external_id)
{
	const char *name = role_name(arn);

	for (size_t i = 0; i < s->role_count; i++) {
		const struct issue_rule *rule = &s->roles[i];

		if (strlen(name) == rule->name_length &&
		    memcmp(name, rule->name, rule->name_length) == 0)
			return rule->value[0] == '\0' ||
			       strcmp(rule->value, external_id) == 0;
	}
	return s->role_count == 0;
}

/* Is `caller` a session of the role called `name`? */
static bool
is_session_of(const struct issued *caller, const char *name)
{
	const char *role = strchr(caller->caller, '/');
	size_t length = strlen(name);

	return caller->access_key[0] != '\0' && role != NULL &&
	       strncmp(role + 1, name, length) == 0 && role[1 + length] == '/';
}

bool
issue_lets_write(const struct issue *s, struct span stream,
    const struct issued *caller, const char *action, struct answer *answer)
{
	const char *who = "arn:aws:iam::123456789012:user/sandbox";

	for (size_t i = 0; i < s->grant_count; i++) {
		const struct issue_rule *rule = &s->grants[i];

		if (!span_equals(stream, rule->name, rule->name_length) ||
		    is_session_of(caller, rule->value))
			continue;
		if (caller->access_key[0] != '\0')
			who = caller->caller;
		answer_error(answer, 400, "AccessDeniedException",
		    "User: %s is not authorized to perform: %s on resource: "
		    "%.*s",
		    who, action, (int)stream.length, (const char *)stream.at);
		return false;
	}
	return true;
}

static void
random_text(char *out, size_t length)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	uint8_t bytes[128];

	if (getrandom(bytes, length, 0) != (ssize_t)length)
		memset(bytes, 0, length);
	for (size_t i = 0; i < length; i++)
		out[i] = letters[bytes[i] & 31];
	out[length] = '\0';
}

void
issue_new(struct issue *s, const char *caller, int64_t seconds, bool stale,
    struct issued *out)
{
	memset(out, 0, sizeof(*out));
	memcpy(out->access_key, "ASIA", 4);
	random_text(out->access_key + 4, 16);
	random_text(out->secret_key, 40);
	/* What a careless client would not encode. */
	memcpy(out->session_token, "IQoJ+/", 6);
	random_text(out->session_token + 6, 90);
	memcpy(out->session_token + 96, "==", 3);
	snprintf(out->caller, sizeof(out->caller), "%s", caller);
	pthread_mutex_lock(&s->lock);
	if (s->seconds > 0)
		seconds = s->seconds;
	out->expires_s = (int64_t)time(NULL) + (stale ? -60 : seconds);
	s->sets[s->count++ % ISSUE_MAX] = *out;
	pthread_mutex_unlock(&s->lock);
}

static size_t
kept(const struct issue *s)
{
	return s->count < ISSUE_MAX ? s->count : ISSUE_MAX;
}

bool
issue_find(struct issue *s, struct span access_key, struct issued *out)
{
	bool found = false;

	pthread_mutex_lock(&s->lock);
	for (size_t i = 0; i < kept(s) && !found; i++) {
		if (!span_is(access_key, s->sets[i].access_key))
			continue;
		s->sets[i].requests++;
		*out = s->sets[i];
		found = true;
	}
	pthread_mutex_unlock(&s->lock);
	return found;
}

void
issue_revoke(struct issue *s, int64_t now_s)
{
	pthread_mutex_lock(&s->lock);
	for (size_t i = 0; i < kept(s); i++)
		if (s->sets[i].expires_s > now_s)
			s->sets[i].expires_s = now_s;
	pthread_mutex_unlock(&s->lock);
}

void
issue_stamp(int64_t seconds, char out[32])
{
	time_t t = (time_t)seconds;
	struct tm tm;

	if (gmtime_r(&t, &tm) == NULL ||
	    strftime(out, 32, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		out[0] = '\0';
}

/* Called with the lock held: requests by caller, over all its sets. */
static void
write_callers(const struct issue *s, struct bytes *b)
{
	bool first = true;

	for (size_t i = 0; i < kept(s); i++) {
		const struct issued *set = &s->sets[i];
		uint64_t requests = 0;
		bool before = false;

		for (size_t j = 0; j < kept(s); j++) {
			if (strcmp(s->sets[j].caller, set->caller) != 0)
				continue;
			requests += s->sets[j].requests;
			before = before || j < i;
		}
		if (before)
			continue;
		bytes_text(b, first ? "" : ",");
		json_put_text(b, set->caller, strlen(set->caller));
		bytes_format(b, ":%llu", (unsigned long long)requests);
		first = false;
	}
}

void
issue_write_stats(struct issue *s, struct bytes *b)
{
	pthread_mutex_lock(&s->lock);
	bytes_format(b,
	    "\"issued\":%zu,\"expired_tokens\":%llu,\"sts_requests\":%llu,"
	    "\"imds_requests\":%llu,\"container_requests\":%llu,"
	    "\"callers\":{",
	    s->count, s->expired, s->sts, s->imds, s->container);
	write_callers(s, b);
	bytes_text(b, "}");
	pthread_mutex_unlock(&s->lock);
}
