/* SPDX-License-Identifier: Apache-2.0
 *
 * reach: see reach.h.
 *
 * Whether an endpoint that answers would take a record is only known by
 * sending one, which is not done here.
 *
 * Thread: main; probe has another while it lasts.
 */
#include "reach.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "findings.h"
#include "mem.h"
#include "probe.h"
#include "whereabouts.h"

/* AWS refuses signatures that are older. */
#define SKEW_MS (5 * 60 * 1000)

static const char *const cures[] = {
	[PROBE_NO_NAME] = "is the region or the endpoint spelled right, and "
			  "does the name server answer (/etc/resolv.conf)?",
	[PROBE_NO_CONNECTION] =
	    "let it through (firewall, security group, VPC endpoint), or name "
	    "a proxy",
	[PROBE_UNTRUSTED] = "name the authority that signed it by caFile (a "
			    "proxy that opens TLS has its own), and set the "
			    "clock",
	[PROBE_LATE] = "whatever stands between lets a connection through "
		       "and no answer back (proxy, firewall, MTU)",
	[PROBE_BROKEN] = "is it an HTTP endpoint? A proxy or a firewall may "
			 "have cut it",
};

static void
tell_endpoint(struct findings *f, const struct probe_endpoint *e)
{
	if (e->end == PROBE_ANSWERED && e->status >= 500)
		findings_add(f, FINDING_HURTS, "endpoint",
		    "if a proxy answers in its place, see there",
		    "%s answers with %ld", e->url, e->status);
	else if (e->end == PROBE_ANSWERED)
		findings_add(f, FINDING_FINE, "endpoint", NULL,
		    "%s answers, in %" PRId64 " ms", e->url, e->took_ms);
	else
		findings_add(f, FINDING_HURTS, "endpoint", cures[e->end],
		    "%s: %s", e->url, e->why);
}

/* The endpoint whose clock is next to ours tells. */
static void
tell_clock(struct findings *f, const struct probe *p)
{
	const struct probe_endpoint *best = NULL;

	for (size_t i = 0; i < p->endpoint_count; i++) {
		const struct probe_endpoint *e = &p->endpoints[i];

		if (e->dated && (best == NULL || imaxabs(e->ahead_ms) <
						     imaxabs(best->ahead_ms)))
			best = e;
	}
	if (best == NULL)
		return;
	if (imaxabs(best->ahead_ms) <= SKEW_MS)
		findings_add(f, FINDING_FINE, "clock", NULL,
		    "within %jd s of the endpoint's",
		    imaxabs(best->ahead_ms) / 1000 + 1);
	else
		findings_add(f, FINDING_HURTS, "clock",
		    "set it (timedatectl set-ntp true); until then requests "
		    "are signed by the endpoint's time, and certificates "
		    "judged by ours",
		    "%jd s %s the endpoint's", imaxabs(best->ahead_ms) / 1000,
		    best->ahead_ms > 0 ? "behind" : "ahead of");
}

static void
tell_failure(struct findings *f, const struct probe_identity *i)
{
	bool fatal = i->keys == PROBE_KEYS_REFUSED;
	const char *source = i->role != NULL ? i->role : i->source;

	if (source == NULL)
		findings_add(f, FINDING_ERROR, "credentials",
		    "set awsAccessKeyId and awsSecretAccessKey, or "
		    "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the "
		    "environment, or a profile in ~/.aws/credentials, or give "
		    "the machine a role",
		    "none: %s", i->why);
	else
		findings_add(f, fatal ? FINDING_ERROR : FINDING_HURTS,
		    "credentials",
		    fatal ? "the agent would not start without"
			  : "the agent would wait for them, and send nothing",
		    "from %s: %s", source, i->why);
}

static void
tell_identity(struct findings *f, const struct probe_identity *i)
{
	char left[64] = "";

	switch (i->keys) {
	case PROBE_KEYS:
		if (i->left_ms > 0)
			snprintf(left, sizeof(left), ", for %" PRId64 " s",
			    i->left_ms / 1000);
		findings_add(f, FINDING_FINE, "credentials", NULL,
		    "access key %s from %s%s%s%s", i->access_key, i->source,
		    i->role != NULL ? " " : "", i->role != NULL ? i->role : "",
		    left);
		return;
	case PROBE_KEYS_AWAY:
		findings_add(f, FINDING_FINE, "credentials", NULL,
		    "from %s%s%s, not asked", i->source,
		    i->role != NULL ? " " : "", i->role != NULL ? i->role : "");
		return;
	case PROBE_KEYS_FAILED:
	case PROBE_KEYS_REFUSED:
		tell_failure(f, i);
		return;
	case PROBE_KEYS_UNTRIED:
		findings_add(f, FINDING_NOTE, "credentials", NULL,
		    "the role %s was not tried: no keys to ask with", i->role);
		return;
	}
}

/* Does every flow have one now? */
static bool
have_region(struct findings *f, struct config *config, bool offline)
{
	char region[WHEREABOUTS_REGION], why[600] = "";

	if (!config_lacks_region(config))
		return true;
	if (offline) {
		findings_add(f, FINDING_NOTE, "region",
		    "set kinesis.region or firehose.region to have it known",
		    "not written down; the profile and the instance are asked "
		    "at the start");
		return false;
	}
	if (whereabouts_find(config, region, why, sizeof(why)) &&
	    config_settle_region(config, region, why) == 0) {
		findings_add(f, FINDING_FINE, "region", NULL,
		    "%s, of the profile or the instance", region);
		return true;
	}
	findings_add(f, FINDING_ERROR, "region",
	    "set kinesis.region or firehose.region", "nobody tells it: %s",
	    why);
	return false;
}

void
reach_check(struct findings *f, struct config *config, bool offline)
{
	struct probe *p;

	if (!have_region(f, config, offline))
		return;
	p = probe_new(config, !offline);
	if (p == NULL) {
		findings_add(f, FINDING_ERROR, "network",
		    "the reason is on standard error", "cannot be tried");
		return;
	}
	if (p->untrusting)
		findings_add(f, FINDING_ERROR, "endpoint",
		    "install ca-certificates, or correct caFile",
		    "no certificates to trust; the reason is on standard "
		    "error");
	for (size_t i = 0; i < p->endpoint_count && !p->untrusting; i++)
		tell_endpoint(f, &p->endpoints[i]);
	tell_clock(f, p);
	for (size_t i = 0; i < p->identity_count; i++)
		tell_identity(f, &p->identities[i]);
	probe_free(p);
}
