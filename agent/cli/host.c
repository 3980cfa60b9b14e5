/* SPDX-License-Identifier: Apache-2.0
 *
 * host: see host.h. What an instance is does not change while it runs, so it
 * is asked once, before any record is read: no record waits for an answer.
 *
 * Thread: main, before any other starts.
 */
#include "host.h"

#include <string.h>
#include <time.h>

#include "config.h"
#include "log.h"

bool
host_is_wanted(const struct flow_config *flow)
{
	for (char **option = flow->options; option != NULL && *option != NULL;
	     option++)
		if (parser_wants_host(*option))
			return true;
	return false;
}

static void
stamp(struct host *h)
{
	time_t now = time(NULL);
	struct tm local;

	if (localtime_r(&now, &local) == NULL ||
	    strftime(
		h->stamp, sizeof(h->stamp), "%Y-%m-%dT%H:%M:%S%z", &local) == 0)
		h->stamp[0] = '\0';
}

static const struct parser_host *
ask(struct host *h, const struct config *config)
{
	const struct whereabouts_instance *i = &h->instance;
	char why[600] = "";

	memset(h, 0, sizeof(*h));
	if (!whereabouts_identify(config, &h->instance, why, sizeof(why))) {
		log_warn("ADDEC2METADATA: nothing is known of this instance, "
			 "so records stay as they are until the next start: %s",
		    why);
		return NULL;
	}
	stamp(h);
	h->facts = (struct parser_host){
		.private_ip = span_str(i->private_ip),
		.zone = span_str(i->zone),
		.instance_id = span_str(i->id),
		.instance_type = span_str(i->type),
		.account_id = span_str(i->account),
		.ami_id = span_str(i->image),
		.region = span_str(i->region),
		.stamp = span_str(h->stamp),
	};
	return &h->facts;
}

const struct parser_host *
host_find(struct host *h, const struct config *config,
    const struct flow_config *flows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (host_is_wanted(&flows[i]))
			return ask(h, config);
	return NULL;
}
