/* SPDX-License-Identifier: Apache-2.0
 *
 * rules: see rules.h. Thread: the one that loads.
 */
#include "rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "decimal.h"
#include "environment.h"
#include "mem.h"
#include "region.h"
#include "report.h"
#include "sheet.h"
#include "template.h"
#include "tree.h"
#include "value.h"

static void
check_pattern(const struct flow_config *f, const struct sheet *s)
{
	/* What is wrong with one that was given has been said. */
	if (f->patterns == NULL && sheet_given(s, "filePattern") == NULL)
		report_error(s->r, s->at, "filePattern",
		    "missing; say which files to follow, like "
		    "/var/log/app/*.log");
}

static void
choose_destination(struct flow_config *f, const struct sheet *s)
{
	const struct node *stream = sheet_given(s, "kinesisStream");
	const struct node *delivery = sheet_given(s, "deliveryStream");

	/* Both rows share a field; the later row, deliveryStream, is what it
	 * holds when both are given. */
	f->destination =
	    delivery != NULL ? DESTINATION_FIREHOSE : DESTINATION_STREAM;
	if (stream != NULL && delivery != NULL)
		report_slip(s->r, stream->at, "kinesisStream",
		    s->r->java
			? "deliveryStream is given too, and wins"
			: "deliveryStream is given too; keep one, or make two "
			  "flows");
	else if (stream == NULL && delivery == NULL)
		report_error(s->r, s->at, "kinesisStream",
		    "missing; say where records go, by kinesisStream or "
		    "deliveryStream");
}

#define FIREHOSE_REQUEST (4 * 1024 * 1024)
#define FIREHOSE_RECORD  (1000 * 1024)

static void
refuse_keys(const struct sheet *s)
{
	static const char *const keys[] = { "partitionKeyOption",
		"partitionKey", "explicitHashKey" };

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (sheet_given(s, keys[i]) != NULL)
			report_slip(s->r, sheet_place(s, keys[i]), keys[i],
			    "Firehose has no partition keys; leave the key "
			    "away");
}

static void
check_firehose(struct flow_config *f, const struct sheet *s)
{
	const struct node *bytes = sheet_given(s, "maxBufferSizeBytes");
	const struct node *wire = sheet_given(s, "wireFormat");

	if (wire != NULL && f->wire != CONFIG_WIRE_JSON)
		report_slip(s->r, wire->at, "wireFormat",
		    "Firehose speaks json only; leave the key away");
	refuse_keys(s);
	if (f->max_bytes > FIREHOSE_REQUEST && bytes != NULL)
		report_error(s->r, bytes->at, "maxBufferSizeBytes",
		    "out of range (got `%s`); allowed: 1 to %d (4 MiB) with "
		    "deliveryStream",
		    bytes->text, FIREHOSE_REQUEST);
	if (f->max_bytes > FIREHOSE_REQUEST)
		f->max_bytes = FIREHOSE_REQUEST;
	if (f->aggregate > FIREHOSE_RECORD)
		report_error(s->r, sheet_place(s, "aggregatedRecordSizeBytes"),
		    "aggregatedRecordSizeBytes",
		    "out of range (got `%zu`); allowed: 0 to %d with "
		    "deliveryStream",
		    f->aggregate, FIREHOSE_RECORD);
	if (f->aggregate > 0 && s->r->java &&
	    sheet_given(s, "multiLineStartPattern") != NULL) {
		report_warn(s->r, sheet_place(s, "aggregatedRecordSizeBytes"),
		    "aggregatedRecordSizeBytes",
		    "the Java agent joins no records where "
		    "multiLineStartPattern is given: passed over");
		f->aggregate = 0;
	}
	f->wire = CONFIG_WIRE_JSON;
}

/* Is a field asked for by a template though none is captured? */
static void
check_capture(const char *key, const char *text, const struct sheet *s)
{
	struct template_fault fault;
	struct template *t = text != NULL ? template_new(text, &fault) : NULL;
	struct span name;

	if (t == NULL)
		return;
	name = template_field(t);
	if (name.len > 0 && sheet_given(s, "dataProcessingOptions") == NULL)
		report_slip(s->r, sheet_place(s, key), key,
		    "no field `%.*s` is ever captured: there are no "
		    "dataProcessingOptions",
		    (int)name.len, (const char *)name.at);
	if (strcmp(key, "explicitHashKey") == 0 && template_is_constant(t) &&
	    !decimal_is_128(span_str(text)))
		report_error(s->r, sheet_place(s, key), key,
		    "`%.64s` is no number of 0 to 2^128-1 in decimal digits",
		    text);
	template_free(t);
}

static void
check_stream(struct flow_config *f, const struct sheet *s)
{
	if (f->partition_key != NULL && f->key_option != KEY_RANDOM)
		report_slip(s->r, sheet_place(s, "partitionKeyOption"),
		    "partitionKeyOption",
		    "partitionKey is given too, and wins; keep one of them");
	check_capture("partitionKey", f->partition_key, s);
	check_capture("explicitHashKey", f->hash_key, s);
	if (!s->r->java || f->aggregate == 0)
		return;
	report_warn(s->r, sheet_place(s, "aggregatedRecordSizeBytes"),
	    "aggregatedRecordSizeBytes",
	    "the Java agent joins records for a deliveryStream only: passed "
	    "over");
	f->aggregate = 0;
}

static void
check_backoff(const struct flow_config *f, const struct sheet *s)
{
	if (f->backoff_first_ms > f->backoff_max_ms)
		report_slip(s->r, sheet_place(s, "retryInitialBackoffMillis"),
		    "retryInitialBackoffMillis",
		    "longer than retryMaxBackoffMillis, which bounds it");
}

static void
check_multiline(struct flow_config *f, const struct sheet *s)
{
	if (f->start_pattern == NULL)
		return;
	if (f->multiline != MULTILINE_NONE)
		report_error(s->r, sheet_place(s, "multiLine"), "multiLine",
		    "multiLineStartPattern is given too; keep one of them");
	f->multiline = MULTILINE_PATTERN;
}

/* The parts of a container's line become that line before anything else. */
static void
merge_parts(struct flow_config *f)
{
	const char *of = f->multiline == MULTILINE_CRI ? "cri" : "docker-json";
	size_t count = 0;
	char **options;

	if (f->multiline != MULTILINE_CRI && f->multiline != MULTILINE_DOCKER)
		return;
	while (f->options != NULL && f->options[count] != NULL)
		count++;
	options = mem_new_array(count + 2, sizeof(*options));
	options[0] =
	    mem_format("{\"optionName\":\"MERGEPARTS\",\"of\":\"%s\"}", of);
	if (count > 0)
		memcpy(options + 1, f->options, count * sizeof(*options));
	free(f->options);
	f->options = options;
}

static void
choose_endpoint(
    const struct config *c, struct flow_config *f, const struct sheet *s)
{
	const char *service = f->destination == DESTINATION_STREAM
				  ? c->kinesis_endpoint
				  : c->firehose_endpoint;

	if (f->endpoint == NULL && service != NULL)
		f->endpoint = mem_dup(service);
	if (f->endpoint == NULL && !c->java)
		f->endpoint = environment_endpoint(f->destination, s->r);
	f->fips = c->fips;
	f->dualstack = c->dualstack;
	if (f->endpoint != NULL && (f->fips || f->dualstack))
		report_warn(s->r, sheet_place(s, "endpoint"),
		    f->fips ? "useFipsEndpoint" : "useDualstackEndpoint",
		    "has no say where an endpoint is given: `%s` is taken as "
		    "it is",
		    f->endpoint);
}

/* A flow that has no role of its own has the agent's. */
static void
choose_role(
    const struct config *c, struct flow_config *f, const struct sheet *s)
{
	if (f->role_arn == NULL && f->role_external_id != NULL)
		report_slip(s->r, sheet_place(s, "assumeRoleExternalId"),
		    "assumeRoleExternalId",
		    "no use without the flow's assumeRoleARN");
	if (f->role_arn != NULL || c->role_arn == NULL)
		return;
	f->role_arn = mem_dup(c->role_arn);
	free(f->role_external_id);
	f->role_external_id =
	    c->role_external_id != NULL ? mem_dup(c->role_external_id) : NULL;
}

/* The Java agent's flow id: status and checkpoints keep their names. */
static void
choose_name(struct flow_config *f)
{
	const char *kind =
	    f->destination == DESTINATION_STREAM ? "kinesis" : "fh";

	f->java_id = mem_format(
	    "%s:%s:%s", kind, value_stream_name(f->target), f->patterns[0]);
	if (f->name == NULL)
		f->name = mem_dup(f->java_id);
}

void
rules_check_flow(const struct config *c, struct flow_config *f,
    const struct sheet *s, struct region_notes *notes)
{
	bool own_endpoint = f->endpoint != NULL;
	struct region_places at = { s->at, sheet_place(s, "region"), s->at };

	check_pattern(f, s);
	choose_destination(f, s);
	check_backoff(f, s);
	check_multiline(f, s);
	merge_parts(f);
	if (f->destination == DESTINATION_FIREHOSE)
		check_firehose(f, s);
	else
		check_stream(f, s);
	choose_endpoint(c, f, s);
	choose_role(c, f, s);
	if (f->target == NULL)
		return;
	at.target = sheet_place(s, f->destination == DESTINATION_STREAM
				       ? "kinesisStream"
				       : "deliveryStream");
	region_resolve(c, f, own_endpoint, &at, notes, s->r);
	if (f->patterns != NULL)
		choose_name(f);
}
