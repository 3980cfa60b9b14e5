/* SPDX-License-Identifier: Apache-2.0
 *
 * provider: the places that keys come from, in AWS's order.
 *
 * Thread: its errand's.
 */
#include "provider.h"

#include <string.h>

#include "clock.h"
#include "config.h"
#include "container.h"
#include "instance.h"
#include "shared.h"
#include "sts.h"

static enum errand_answer
from_pair(struct errand *e, const char *access_key, const char *secret_key,
    const char *token, struct credentials_keys *keys)
{
	if (access_key == NULL || secret_key == NULL)
		return ERRAND_NOTHING;
	if (credentials_take(keys, access_key, secret_key, token))
		return ERRAND_DONE;
	return errand_fail(e, "a key there is too long to be one");
}

static enum errand_answer
from_config(struct errand *e, struct credentials_keys *keys)
{
	const struct config *c = e->config;

	return from_pair(
	    e, c->access_key, c->secret_key, c->session_token, keys);
}

static enum errand_answer
from_environment(struct errand *e, struct credentials_keys *keys)
{
	return from_pair(e, errand_variable("AWS_ACCESS_KEY_ID"),
	    errand_variable("AWS_SECRET_ACCESS_KEY"),
	    errand_variable("AWS_SESSION_TOKEN"), keys);
}

static enum errand_answer
from_web_identity(struct errand *e, struct credentials_keys *keys)
{
	const char *file = errand_variable("AWS_WEB_IDENTITY_TOKEN_FILE");
	struct sts_role role = { .arn = errand_variable("AWS_ROLE_ARN"),
		.session = errand_variable("AWS_ROLE_SESSION_NAME") };

	if (file == NULL)
		return ERRAND_NOTHING;
	if (role.arn == NULL)
		return errand_fail(e,
		    "AWS_WEB_IDENTITY_TOKEN_FILE is set without AWS_ROLE_ARN");
	return sts_assume_by_token(e, &role, file, keys);
}

static const struct provider {
	const char *source;
	enum errand_answer (*ask)(
	    struct errand *e, struct credentials_keys *keys);
} providers[] = {
	{ "the configuration", from_config },
	{ "the environment", from_environment },
	{ "the web identity", from_web_identity },
	{ "the container", container_keys },
	{ "the AWS profile", shared_keys },
	{ "the instance metadata", instance_keys },
};

enum errand_answer
provider_keys(struct errand *e, struct credentials_keys *keys, bool *last)
{
	size_t count = sizeof(providers) / sizeof(providers[0]);

	explicit_bzero(keys, sizeof(*keys));
	e->why[0] = '\0';
	for (size_t i = 0; i < count; i++) {
		enum errand_answer answer = providers[i].ask(e, keys);

		if (answer == ERRAND_NOTHING)
			continue;
		keys->source = providers[i].source;
		*last = i + 1 == count;
		return answer;
	}
	return ERRAND_NOTHING;
}
