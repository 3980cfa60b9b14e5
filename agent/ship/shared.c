/* SPDX-License-Identifier: Apache-2.0
 *
 * shared: keys as a profile of AWS's shared files says to get them.
 *
 * A profile with a role names another one, or a provider, to become it from;
 * so it is a chain that ends where keys are. It is walked to that end first,
 * and the roles are assumed on the way back.
 *
 * Thread: its errand's.
 */
#include "shared.h"

#include <string.h>

#include "container.h"
#include "instance.h"
#include "log.h"
#include "program.h"
#include "secret.h"
#include "sts.h"

#define CHAIN_MAX 5

/* In secret memory. */
struct walk {
	struct profile profiles[CHAIN_MAX];
	char names[CHAIN_MAX][PROFILE_NAME + 1];
	size_t count; /* of profiles read */
	size_t roles; /* of them, from the first: to be assumed */
};

static bool
has_keys(const struct profile *p)
{
	return p->keys.access_key[0] != '\0' && p->keys.secret_key[0] != '\0';
}

static enum errand_answer
take_keys(const struct profile *p, struct credentials_keys *keys)
{
	(void)credentials_take(keys, p->keys.access_key, p->keys.secret_key,
	    p->keys.session_token);
	return ERRAND_DONE;
}

/* The profile that keys come from without another one. */
static enum errand_answer
from_its_own(struct errand *e, const struct profile *p, const char *name,
    struct credentials_keys *keys)
{
	if (has_keys(p))
		return take_keys(p, keys);
	if (p->keys.access_key[0] != '\0' || p->keys.secret_key[0] != '\0')
		return errand_fail(e,
		    "profile %s: aws_access_key_id and aws_secret_access_key "
		    "go together",
		    name);
	if (p->credential_process[0] != '\0')
		return program_keys(e, p->credential_process, keys);
	if (p->sso_session[0] != '\0')
		return errand_fail(e,
		    "profile %s: sso needs a person to log in; give the agent "
		    "a role or keys",
		    name);
	return ERRAND_NOTHING;
}

static enum errand_answer
from_source(struct errand *e, const char *source, const char *name,
    struct credentials_keys *keys)
{
	enum errand_answer answer = ERRAND_NOTHING;

	if (strcmp(source, "Environment") == 0) {
		if (credentials_take(keys, errand_variable("AWS_ACCESS_KEY_ID"),
			errand_variable("AWS_SECRET_ACCESS_KEY"),
			errand_variable("AWS_SESSION_TOKEN")))
			return ERRAND_DONE;
	} else if (strcmp(source, "Ec2InstanceMetadata") == 0) {
		answer = instance_keys(e, keys);
	} else if (strcmp(source, "EcsContainer") == 0) {
		answer = container_keys(e, keys);
	} else {
		return errand_fail(e,
		    "profile %s: credential_source is Environment, "
		    "Ec2InstanceMetadata or EcsContainer",
		    name);
	}
	if (answer == ERRAND_NOTHING)
		return errand_fail(e,
		    "profile %s: credential_source %s has no keys", name,
		    source);
	return answer;
}

static struct sts_role
role_of(const struct profile *p)
{
	return (struct sts_role){ .arn = p->role_arn,
		.session = p->role_session_name,
		.external_id = p->external_id,
		.seconds = p->duration_seconds,
		.region = p->region };
}

/* Read the profile that the last one names. */
static enum errand_answer
step(struct errand *e, struct walk *w, const char *name)
{
	size_t n = w->count;

	for (size_t i = 0; i < n; i++)
		if (strcmp(w->names[i], name) == 0)
			return errand_fail(e,
			    "profile %s: its source_profile leads back to it",
			    name);
	if (n == CHAIN_MAX)
		return errand_fail(e,
		    "profile %s: more than %d profiles in a row", w->names[0],
		    CHAIN_MAX);
	if (strlen(name) > PROFILE_NAME)
		return errand_fail(
		    e, "a profile's name has up to %d bytes", PROFILE_NAME);
	memcpy(w->names[n], name, strlen(name) + 1);
	switch (profile_read(e, name, &w->profiles[n])) {
	case PROFILE_FOUND:
		break;
	case PROFILE_BAD:
		return ERRAND_FAILED;
	case PROFILE_ABSENT:
		if (n == 0 && errand_variable("AWS_PROFILE") == NULL)
			return ERRAND_NOTHING;
		return errand_fail(e,
		    "profile %s: neither AWS's config file nor its "
		    "credentials file has it",
		    name);
	}
	w->count++;
	return ERRAND_DONE;
}

/* The first keys, for the last profile of the walk, whose role is to be
 * assumed with them. ERRAND_DONE with `*next` set: walk on to that. */
static enum errand_answer
begin_role(struct errand *e, struct walk *w, struct credentials_keys *keys,
    const char **next)
{
	const struct profile *p = &w->profiles[w->count - 1];
	const char *name = w->names[w->count - 1];
	struct sts_role role = role_of(p);

	if (p->mfa_serial[0] != '\0')
		return errand_fail(e,
		    "profile %s: mfa_serial needs a person at each renewal; "
		    "give the agent a role without",
		    name);
	if (p->web_identity_token_file[0] != '\0')
		return sts_assume_by_token(
		    e, &role, p->web_identity_token_file, keys);
	w->roles = w->count;
	if (p->source_profile[0] == '\0' && p->credential_source[0] == '\0')
		return errand_fail(e,
		    "profile %s: role_arn needs source_profile, "
		    "credential_source or web_identity_token_file",
		    name);
	if (p->source_profile[0] == '\0')
		return from_source(e, p->credential_source, name, keys);
	if (strcmp(p->source_profile, name) == 0 && has_keys(p))
		return take_keys(p, keys);
	*next = p->source_profile;
	return ERRAND_DONE;
}

/* Walk to the end of the chain: `keys` are those to begin with. */
static enum errand_answer
walk_to_the_end(struct errand *e, struct walk *w, struct credentials_keys *keys)
{
	const char *next = profile_name();
	enum errand_answer answer;

	do {
		const struct profile *p;
		const char *name = next;

		answer = step(e, w, name);
		if (answer != ERRAND_DONE)
			return answer;
		p = &w->profiles[w->count - 1];
		next = NULL;
		/* Keys beside a role are those to assume it with, where
		 * somebody else's role is not meant. */
		if (p->role_arn[0] == '\0' || (w->count > 1 && has_keys(p)))
			answer = from_its_own(e, p, name, keys);
		else
			answer = begin_role(e, w, keys, &next);
		if (answer == ERRAND_NOTHING && w->count > 1)
			return errand_fail(e,
			    "profile %s: has no keys, and no way to get any",
			    name);
	} while (answer == ERRAND_DONE && next != NULL);
	return answer;
}

enum errand_answer
shared_keys(struct errand *e, struct credentials_keys *keys)
{
	struct walk *w = secret_new(sizeof(*w));
	enum errand_answer answer;

	if (w == NULL)
		return errand_fail(e, "no memory to read profiles");
	answer = walk_to_the_end(e, w, keys);
	while (answer == ERRAND_DONE && w->roles > 0) {
		struct sts_role role = role_of(&w->profiles[--w->roles]);

		answer = sts_assume(e, &role, keys);
	}
	secret_free(w, sizeof(*w));
	return answer;
}

void
shared_region(struct errand *e, char out[static PROFILE_REGION])
{
	struct profile *p = secret_new(sizeof(*p));

	out[0] = '\0';
	if (p == NULL)
		return;
	switch (profile_read(e, profile_name(), p)) {
	case PROFILE_FOUND:
		memcpy(out, p->region, sizeof(p->region));
		break;
	case PROFILE_BAD:
		log_warn("%s", e->why);
		break;
	case PROFILE_ABSENT:
		break;
	}
	secret_free(p, sizeof(*p));
}
