/* SPDX-License-Identifier: Apache-2.0
 *
 * whereabouts: the region this machine is in, where nobody wrote it down, and
 * which instance it is.
 *
 * Thread: main, before any other starts; it waits. Nothing can be sent
 * without a region, so there is nothing else to do meanwhile; who the instance
 * is is waited for once, as no record may have it while another has not.
 */
#include "whereabouts.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "clock.h"
#include "document.h"
#include "errand.h"
#include "fetch.h"
#include "instance.h"
#include "log.h"
#include "secret.h"
#include "shared.h"

/* An instance may start us before it can answer. */
#define PATIENCE_MS 15000
#define AGAIN_MS    500

_Static_assert(INSTANCE_REGION == WHEREABOUTS_REGION, "one name of a region");
_Static_assert(PROFILE_REGION == WHEREABOUTS_REGION, "one name of a region");

static bool
ask_the_instance(struct errand *e, char region[static WHEREABOUTS_REGION])
{
	int64_t end_ms = clock_ms() + (instance_is_likely() ? PATIENCE_MS : 0);
	enum errand_answer answer = instance_region(e, region);

	while (answer == ERRAND_FAILED && clock_ms() < end_ms) {
		(void)fetch_wait(e->fetch, NULL, 0, AGAIN_MS);
		answer = instance_region(e, region);
	}
	return answer == ERRAND_DONE;
}

static bool
ask(struct errand *e, char region[static WHEREABOUTS_REGION])
{
	shared_region(e, region);
	if (region[0] != '\0') {
		log_info("region: %s, from the AWS profile", region);
		return true;
	}
	if (!ask_the_instance(e, region))
		return false;
	log_info("region: %s, from the instance metadata", region);
	return true;
}

/* A way out, for questions before there is any other. */
struct outing {
	atomic_bool stopping;
	int wake;
	struct errand *errand; /* in secret memory; NULL: no way out */
	struct fetch *fetch;
};

static void
outing_begin(struct outing *o, const struct config *config)
{
	atomic_init(&o->stopping, false);
	o->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	o->errand = NULL;
	o->fetch = NULL;
	if (o->wake < 0)
		return;
	o->fetch = fetch_new(config, o->wake, &o->stopping);
	if (o->fetch == NULL)
		return;
	o->errand = secret_new(sizeof(*o->errand));
	if (o->errand == NULL)
		return;
	o->errand->config = config;
	o->errand->fetch = o->fetch;
}

static void
outing_end(struct outing *o)
{
	fetch_free(o->fetch);
	secret_free(o->errand, sizeof(*o->errand));
	if (o->wake >= 0)
		(void)close(o->wake);
}

bool
whereabouts_find(const struct config *config,
    char region[static WHEREABOUTS_REGION], char *why, size_t size)
{
	struct outing o;
	bool found = false;

	outing_begin(&o, config);
	snprintf(why, size, "%s", strerror(ENOMEM));
	if (o.errand != NULL) {
		found = ask(o.errand, region);
		snprintf(why, size, "%s", o.errand->why);
	}
	outing_end(&o);
	return found;
}

static bool
take(const char *json, struct whereabouts_instance *i)
{
	const struct {
		const char *name;
		char *into;
	} facts[] = { { "privateIp", i->private_ip },
		{ "availabilityZone", i->zone }, { "instanceId", i->id },
		{ "instanceType", i->type }, { "accountId", i->account },
		{ "imageId", i->image }, { "region", i->region } };

	for (size_t n = 0; n < sizeof(facts) / sizeof(facts[0]); n++)
		(void)document_text(
		    json, facts[n].name, facts[n].into, WHEREABOUTS_FACT);
	return i->id[0] != '\0';
}

static bool
identify(struct errand *e, struct whereabouts_instance *instance)
{
	const char *json;

	switch (instance_document(e, &json)) {
	case ERRAND_DONE:
		break;
	case ERRAND_NOTHING:
		(void)errand_fail(e, "instance metadata: switched off by "
				     "AWS_EC2_METADATA_DISABLED");
		return false;
	case ERRAND_AWAY:
	case ERRAND_FAILED:
		return false;
	}
	if (take(json, instance))
		return true;
	(void)errand_fail(e, "instance metadata: tells no instance");
	return false;
}

bool
whereabouts_identify(const struct config *config,
    struct whereabouts_instance *instance, char *why, size_t size)
{
	struct outing o;
	bool found = false;

	outing_begin(&o, config);
	snprintf(why, size, "%s", strerror(ENOMEM));
	if (o.errand != NULL) {
		found = identify(o.errand, instance);
		snprintf(why, size, "%s", o.errand->why);
	}
	outing_end(&o);
	return found;
}
