/* SPDX-License-Identifier: Apache-2.0
 *
 * whereabouts: the region this machine is in, where nobody wrote it down.
 *
 * Thread: main, before any other starts; it waits. Nothing can be sent
 * without a region, so there is nothing else to do meanwhile.
 */
#include "whereabouts.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "clock.h"
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

bool
whereabouts_find(const struct config *config,
    char region[static WHEREABOUTS_REGION], char *why, size_t size)
{
	atomic_bool stopping = false;
	int wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	struct errand *e = secret_new(sizeof(*e));
	struct fetch *fetch = fetch_new(config, wake, &stopping);
	bool found = false;

	snprintf(why, size, "%s", strerror(ENOMEM));
	if (e != NULL && fetch != NULL && wake >= 0) {
		e->config = config;
		e->fetch = fetch;
		found = ask(e, region);
		snprintf(why, size, "%s", e->why);
	}
	fetch_free(fetch);
	secret_free(e, sizeof(*e));
	if (wake >= 0)
		(void)close(wake);
	return found;
}
