/* SPDX-License-Identifier: Apache-2.0
 *
 * credentials: who we are to AWS.
 *
 * A provider is a row: it fills the keys or says that it has none. Those to
 * come (web identity, container, instance metadata) join where AWS's order
 * puts them. Secrets and tokens never reach a log; an access key id may: it
 * is how a person finds the key in AWS's console.
 *
 * Thread: main until the ship has started, the ship's then.
 */
#include "credentials.h"

#include <pwd.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "mem.h"
#include "profile.h"
#include "secret.h"

/* NULL counts as "". False: too long to be a key. */
static bool
copy(const char *from, char *to, size_t max)
{
	size_t len = from != NULL ? strlen(from) : 0;

	if (len > max)
		return false;
	if (len > 0)
		memcpy(to, from, len);
	to[len] = '\0';
	return true;
}

/* Both keys, or it is nobody; `where` is for people. */
static bool
take(const char *access_key, const char *secret_key, const char *token,
    const char *where, struct credentials_keys *keys)
{
	if (access_key == NULL || secret_key == NULL || access_key[0] == '\0' ||
	    secret_key[0] == '\0')
		return false;
	if (copy(access_key, keys->access_key, CREDENTIALS_ID) &&
	    copy(secret_key, keys->secret_key, CREDENTIALS_SECRET) &&
	    copy(token, keys->session_token, CREDENTIALS_TOKEN))
		return true;
	log_warn("%s: a key is too long to be one", where);
	return false;
}

static bool
from_config(const struct config *config, struct credentials_keys *keys)
{
	return take(config->access_key, config->secret_key,
	    config->session_token, config->path, keys);
}

static bool
from_environment(const struct config *config, struct credentials_keys *keys)
{
	(void)config;
	return take(getenv("AWS_ACCESS_KEY_ID"),
	    getenv("AWS_SECRET_ACCESS_KEY"), getenv("AWS_SESSION_TOKEN"),
	    "environment", keys);
}

static const char *
given(const char *variable)
{
	const char *value = getenv(variable);

	return value != NULL && value[0] != '\0' ? value : NULL;
}

/* The path in `variable`, or `name` in ~/.aws. NULL: no home. Owned. */
static char *
shared_file(const char *variable, const char *name)
{
	const char *path = given(variable);
	const char *home = given("HOME");
	struct passwd entry, *found = NULL;
	char room[4096];

	if (path != NULL)
		return mem_dup(path);
	if (home == NULL &&
	    getpwuid_r(getuid(), &entry, room, sizeof(room), &found) == 0 &&
	    found != NULL)
		home = entry.pw_dir;
	return home != NULL ? mem_format("%s/.aws/%s", home, name) : NULL;
}

static bool
from_shared_file(const char *variable, const char *file, bool prefixed,
    struct credentials_keys *keys)
{
	const char *profile = given("AWS_PROFILE");
	char *path = shared_file(variable, file);
	bool found = path != NULL &&
		     profile_read(path, profile != NULL ? profile : "default",
			 prefixed, keys);

	free(path);
	return found;
}

static bool
from_credentials_file(
    const struct config *config, struct credentials_keys *keys)
{
	(void)config;
	return from_shared_file(
	    "AWS_SHARED_CREDENTIALS_FILE", "credentials", false, keys);
}

static bool
from_config_file(const struct config *config, struct credentials_keys *keys)
{
	(void)config;
	return from_shared_file("AWS_CONFIG_FILE", "config", true, keys);
}

static const struct provider {
	const char *source;
	bool (*read)(
	    const struct config *config, struct credentials_keys *keys);
} providers[] = {
	{ "the configuration", from_config },
	{ "the environment", from_environment },
	{ "the AWS credentials file", from_credentials_file },
	{ "the AWS config file", from_config_file },
};

struct credentials *
credentials_new(void)
{
	return secret_new(sizeof(struct credentials));
}

void
credentials_free(struct credentials *c)
{
	secret_free(c, sizeof(*c));
}

static bool
same(const struct credentials_keys *a, const struct credentials_keys *b)
{
	return strcmp(a->access_key, b->access_key) == 0 &&
	       strcmp(a->secret_key, b->secret_key) == 0 &&
	       strcmp(a->session_token, b->session_token) == 0;
}

enum credentials_answer
credentials_load(struct credentials *c, const struct config *config)
{
	enum credentials_answer answer = CREDENTIALS_NONE;

	for (size_t i = 0; i < sizeof(providers) / sizeof(providers[0]); i++) {
		explicit_bzero(&c->next, sizeof(c->next));
		if (!providers[i].read(config, &c->next))
			continue;
		answer = CREDENTIALS_SAME;
		c->next.source = providers[i].source;
		if (same(&c->now, &c->next))
			break;
		memcpy(&c->now, &c->next, sizeof(c->now));
		c->serial++;
		answer = CREDENTIALS_NEW;
		break;
	}
	explicit_bzero(&c->next, sizeof(c->next));
	return answer;
}
