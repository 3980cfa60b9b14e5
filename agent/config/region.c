/* SPDX-License-Identifier: Apache-2.0
 *
 * region: see region.h. Thread: the one that loads.
 */
#include "region.h"

#include <stdlib.h>
#include <string.h>

#include "endpoint.h"
#include "mem.h"
#include "value.h"

/* What the SDK of the Java agent's age falls back to. */
#define OLD_DEFAULT "us-east-1"

static const char *
service_region(const struct config *c, const struct flow_config *f)
{
	return f->destination == DESTINATION_STREAM ? c->kinesis_region
						    : c->firehose_region;
}

const char *
region_key(const struct flow_config *f)
{
	return f->destination == DESTINATION_STREAM ? "kinesis.region"
						    : "firehose.region";
}

/* What the environment says, or NULL. */
static const char *
from_environment(struct region_notes *notes, struct report *r)
{
	static const char *const names[] = { "AWS_REGION",
		"AWS_DEFAULT_REGION" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *value = getenv(names[i]);

		if (value == NULL || value[0] == '\0')
			continue;
		if (endpoint_is_region(value))
			return value;
		if (notes->environment)
			continue;
		notes->environment = true;
		report_warn(r, (struct place){ 0, 0 }, NULL,
		    "the environment's %s is no region's name (got `%.64s`); "
		    "passed over",
		    names[i], value);
	}
	return NULL;
}

/* What the file says, or NULL; `scratch` may be where the answer is. */
static const char *
from_file(const struct config *c, const struct flow_config *f,
    bool own_endpoint, char scratch[static ENDPOINT_REGION])
{
	if (f->region != NULL)
		return f->region;
	if (value_arn_region(f->target, scratch))
		return scratch;
	if (own_endpoint && endpoint_region(f->endpoint, scratch))
		return scratch;
	if (service_region(c, f) != NULL)
		return service_region(c, f);
	if (f->endpoint != NULL && endpoint_region(f->endpoint, scratch))
		return scratch;
	return c->region;
}

/* The Java agent's Firehose client knows neither a key nor the environment:
 * a flow that works has its delivery stream in us-east-1. */
static bool
is_old_firehose(const struct flow_config *f, const struct report *r)
{
	return r->java && f->destination == DESTINATION_FIREHOSE &&
	       f->endpoint == NULL;
}

static const char *
from_elsewhere(const struct flow_config *f, const struct region_places *at,
    struct region_notes *notes, struct report *r)
{
	const char *environment;

	if (is_old_firehose(f, r)) {
		if (!notes->firehose)
			report_warn(r, at->flow, "firehose.region",
			    "not given; taken as " OLD_DEFAULT
			    ", as the Java agent does");
		notes->firehose = true;
		return OLD_DEFAULT;
	}
	environment = from_environment(notes, r);
	if (environment != NULL)
		return environment;
	if (f->endpoint != NULL && !endpoint_is_aws(f->endpoint)) {
		if (!notes->foreign)
			report_warn(r, at->flow, region_key(f),
			    "not given, and %s tells none; requests are "
			    "signed for " OLD_DEFAULT,
			    f->endpoint);
		notes->foreign = true;
		return OLD_DEFAULT;
	}
	return NULL; /* for now: see config_settle_region */
}

static void
check_agreement(const struct flow_config *f, const struct region_places *at,
    struct report *r)
{
	char other[ENDPOINT_REGION];

	if (value_arn_region(f->target, other) && strcmp(other, f->region) != 0)
		report_error(r, at->region, "region",
		    "`%s`, but the ARN of the stream says `%s`; leave one away",
		    f->region, other);
	if (f->endpoint != NULL && endpoint_region(f->endpoint, other) &&
	    strcmp(other, f->region) != 0)
		report_slip(r, at->target, "region",
		    "requests for `%s` would go to %s, which refuses them; "
		    "give the flow an endpoint in its region",
		    f->region, f->endpoint);
}

bool
region_settle(struct flow_config *f, const char *region)
{
	if (f->region == NULL && region != NULL)
		f->region = mem_dup(region);
	return f->region != NULL;
}

void
region_resolve(const struct config *c, struct flow_config *f, bool own_endpoint,
    const struct region_places *at, struct region_notes *notes,
    struct report *r)
{
	char scratch[ENDPOINT_REGION];
	const char *found = from_file(c, f, own_endpoint, scratch);

	if (found == NULL)
		found = from_elsewhere(f, at, notes, r);
	if (found == NULL)
		return;
	if (f->region == NULL)
		f->region = mem_dup(found);
	check_agreement(f, at, r);
}
