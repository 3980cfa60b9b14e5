/* SPDX-License-Identifier: Apache-2.0
 *
 * draft: see draft.h. Thread: the one that loads.
 *
 * A sheet is one scope being filled in (the agent's, or one flow's): it knows
 * which row was given by which node, so that a rule over several settings can
 * point at the right line. A sheet is collected first and stored then, since
 * in the Java agent's file the last of two equal keys is the one that counts.
 */
#include "draft.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "decimal.h"
#include "encoding.h"
#include "environment.h"
#include "endpoint.h"
#include "mem.h"
#include "patterns.h"
#include "readers.h"
#include "region.h"
#include "report.h"
#include "settings.h"
#include "template.h"
#include "tree.h"
#include "value.h"

#define KEY_MAX 128 /* a longer key is unknown */
/* The Java agent's own default, of which its configurations say nothing. */
#define JAVA_CHECKPOINTS "/var/run/aws-kinesis-agent/checkpoints"

struct sheet {
	enum setting_scope scope;
	void *base;       /* borrowed: the config or flow being filled in */
	struct place at;  /* of the map, for what is missing in it */
	struct report *r; /* borrowed */
	const struct node *given[SETTINGS_MAX]; /* by row; borrowed */
};

static const struct node *
given(const struct sheet *s, const char *key)
{
	const struct setting *row = settings_find(s->scope, key);

	assert(row != NULL);
	return s->given[settings_index(row)];
}

/* Where `key` was given; else where it could have been. */
static struct place
place_of(const struct sheet *s, const char *key)
{
	const struct node *n = given(s, key);

	return n != NULL ? n->at : s->at;
}

/* ---- Collecting ---- */

static void
say_unknown(const struct sheet *s, const struct node *n, const char *key)
{
	enum setting_scope other =
	    s->scope == SCOPE_AGENT ? SCOPE_FLOW : SCOPE_AGENT;
	const struct setting *nearest, *elsewhere;

	if (settings_is_group(s->scope, key)) {
		report_slip(s->r, n->at, key,
		    "has settings inside: write %s: and below it, indented, "
		    "one a line",
		    key);
		return;
	}
	if (settings_find(other, key) != NULL) {
		report_slip(s->r, n->at, key,
		    other == SCOPE_FLOW
			? "a flow's setting; move it into the flows"
			: "the agent's setting; move it out of the flow");
		return;
	}
	nearest = settings_nearest(s->scope, key);
	elsewhere = settings_nearest(other, key);
	if (nearest != NULL)
		report_slip(s->r, n->at, key,
		    "no such setting; did you mean `%s`?", nearest->key);
	else if (elsewhere != NULL)
		report_slip(s->r, n->at, key,
		    "no such setting; did you mean %s `%s`?",
		    other == SCOPE_FLOW ? "a flow's" : "the agent's",
		    elsewhere->key);
	else
		report_slip(s->r, n->at, key, "no such setting");
}

static void
collect_one(struct sheet *s, const struct node *n, const char *key)
{
	const struct setting *row = settings_find(s->scope, key);
	const struct node **slot;

	if (row == NULL) {
		say_unknown(s, n, key);
		return;
	}
	slot = &s->given[settings_index(row)];
	if (*slot != NULL)
		report_slip(s->r, n->at, key,
		    s->r->java ? "given before in line %u; this one counts"
			       : "given before in line %u; keep one of them",
		    (*slot)->at.line);
	*slot = n;
}

/* `kinesis: {endpoint: x}` is kinesis.endpoint. */
static void
collect_group(struct sheet *s, const struct node *group)
{
	char key[KEY_MAX];

	for (const struct node *n = group->first; n != NULL; n = n->next) {
		int len =
		    snprintf(key, sizeof(key), "%s.%s", group->key, n->key);

		if (len < 0 || (size_t)len >= sizeof(key))
			report_slip(s->r, n->at, NULL, "no such setting");
		else
			collect_one(s, n, key);
	}
}

static void
collect(struct sheet *s, const struct node *map)
{
	for (const struct node *n = map->first; n != NULL; n = n->next) {
		if (strlen(n->key) >= KEY_MAX)
			report_slip(s->r, n->at, NULL, "no such setting");
		else if (n->kind == NODE_MAP &&
			 settings_is_group(s->scope, n->key))
			collect_group(s, n);
		else
			collect_one(s, n, n->key);
	}
}

/* ---- Storing ---- */

static void
say_not_built(
    const struct sheet *s, const struct setting *row, const struct node *n)
{
	switch (row->state) {
	case SETTING_BUILT:
		return;
	case SETTING_IDLE:
		report_slip(s->r, n->at, row->key,
		    "the Java agent's, without meaning here: %s", row->help);
		return;
	case SETTING_LATER:
		report_warn(s->r, n->at, row->key,
		    "this version does not act upon it yet: %s", row->help);
		return;
	case SETTING_MISSING:
		if (!value_is_off(row, n))
			report_error(s->r, n->at, row->key,
			    "this version does not do this yet, and without "
			    "it %s; leave the key away or keep the agent that "
			    "does it",
			    row->help);
		return;
	}
}

static void
store(struct sheet *s)
{
	for (size_t i = 0; i < settings_count(); i++) {
		const struct setting *row = settings_at(i);

		if (row->scope != s->scope)
			continue;
		if (row->state == SETTING_BUILT)
			value_default(row, s->base, s->r->java);
		if (s->given[i] == NULL)
			continue;
		if (row->state == SETTING_BUILT)
			value_store(row, s->given[i], s->base, s->r);
		else
			say_not_built(s, row, s->given[i]);
	}
}

static struct sheet
fill(enum setting_scope scope, const struct node *map, void *base,
    struct report *r)
{
	struct sheet s = { .scope = scope, .base = base, .at = map->at };

	s.r = r;
	collect(&s, map);
	store(&s);
	return s;
}

/* ---- A flow's rules ---- */

static void
check_pattern(const struct flow_config *f, const struct sheet *s)
{
	/* What is wrong with one that was given has been said. */
	if (f->patterns == NULL && given(s, "filePattern") == NULL)
		report_error(s->r, s->at, "filePattern",
		    "missing; say which files to follow, like "
		    "/var/log/app/*.log");
}

static void
choose_destination(struct flow_config *f, const struct sheet *s)
{
	const struct node *stream = given(s, "kinesisStream");
	const struct node *delivery = given(s, "deliveryStream");

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
		if (given(s, keys[i]) != NULL)
			report_slip(s->r, place_of(s, keys[i]), keys[i],
			    "Firehose has no partition keys; leave the key "
			    "away");
}

static void
check_firehose(struct flow_config *f, const struct sheet *s)
{
	const struct node *bytes = given(s, "maxBufferSizeBytes");
	const struct node *wire = given(s, "wireFormat");

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
		report_error(s->r, place_of(s, "aggregatedRecordSizeBytes"),
		    "aggregatedRecordSizeBytes",
		    "out of range (got `%zu`); allowed: 0 to %d with "
		    "deliveryStream",
		    f->aggregate, FIREHOSE_RECORD);
	if (f->aggregate > 0 && s->r->java &&
	    given(s, "multiLineStartPattern") != NULL) {
		report_warn(s->r, place_of(s, "aggregatedRecordSizeBytes"),
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
	if (name.len > 0 && given(s, "dataProcessingOptions") == NULL)
		report_slip(s->r, place_of(s, key), key,
		    "no field `%.*s` is ever captured: there are no "
		    "dataProcessingOptions",
		    (int)name.len, (const char *)name.at);
	if (strcmp(key, "explicitHashKey") == 0 && template_is_constant(t) &&
	    !decimal_is_128(span_str(text)))
		report_error(s->r, place_of(s, key), key,
		    "`%.64s` is no number of 0 to 2^128-1 in decimal digits",
		    text);
	template_free(t);
}

static void
check_stream(struct flow_config *f, const struct sheet *s)
{
	if (f->partition_key != NULL && f->key_option != KEY_RANDOM)
		report_slip(s->r, place_of(s, "partitionKeyOption"),
		    "partitionKeyOption",
		    "partitionKey is given too, and wins; keep one of them");
	check_capture("partitionKey", f->partition_key, s);
	check_capture("explicitHashKey", f->hash_key, s);
	if (!s->r->java || f->aggregate == 0)
		return;
	report_warn(s->r, place_of(s, "aggregatedRecordSizeBytes"),
	    "aggregatedRecordSizeBytes",
	    "the Java agent joins records for a deliveryStream only: passed "
	    "over");
	f->aggregate = 0;
}

static void
check_backoff(const struct flow_config *f, const struct sheet *s)
{
	if (f->backoff_first_ms > f->backoff_max_ms)
		report_slip(s->r, place_of(s, "retryInitialBackoffMillis"),
		    "retryInitialBackoffMillis",
		    "longer than retryMaxBackoffMillis, which bounds it");
}

static void
check_multiline(struct flow_config *f, const struct sheet *s)
{
	if (f->start_pattern == NULL)
		return;
	if (f->multiline != MULTILINE_NONE)
		report_error(s->r, place_of(s, "multiLine"), "multiLine",
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
		report_warn(s->r, place_of(s, "endpoint"),
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
		report_slip(s->r, place_of(s, "assumeRoleExternalId"),
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

static void
check_flow(const struct config *c, struct flow_config *f, const struct sheet *s,
    struct region_notes *notes)
{
	bool own_endpoint = f->endpoint != NULL;
	struct region_places at = { s->at, place_of(s, "region"), s->at };

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
	at.target = place_of(s, f->destination == DESTINATION_STREAM
				    ? "kinesisStream"
				    : "deliveryStream");
	region_resolve(c, f, own_endpoint, &at, notes, s->r);
	if (f->patterns != NULL)
		choose_name(f);
}

/* ---- The agent's rules ---- */

static void
forget(char **secret)
{
	if (*secret != NULL)
		explicit_bzero(*secret, strlen(*secret));
	free(*secret);
	*secret = NULL;
}

static void
check_keys(struct config *c, const struct sheet *s)
{
	const char *have = "awsAccessKeyId", *lack = "awsSecretAccessKey";

	if ((c->access_key == NULL) != (c->secret_key == NULL)) {
		if (c->access_key == NULL) {
			have = "awsSecretAccessKey";
			lack = "awsAccessKeyId";
		}
		report_slip(
		    s->r, place_of(s, have), have, "no use without %s", lack);
		forget(&c->access_key);
		forget(&c->secret_key);
	}
	if (c->session_token != NULL && c->access_key == NULL) {
		report_slip(s->r, place_of(s, "awsSessionToken"),
		    "awsSessionToken", "no use without awsAccessKeyId");
		forget(&c->session_token);
	}
}

static void
check_sts(struct config *c, const struct sheet *s)
{
	char region[ENDPOINT_REGION];

	if (c->role_external_id != NULL && c->role_arn == NULL)
		report_slip(s->r, place_of(s, "assumeRoleExternalId"),
		    "assumeRoleExternalId", "no use without assumeRoleARN");
	if (c->sts_endpoint == NULL)
		return;
	if (endpoint_region(c->sts_endpoint, region))
		c->sts_region = mem_dup(region);
	else if (strcmp(c->sts_endpoint, "https://sts.amazonaws.com") == 0)
		c->sts_region = mem_dup("us-east-1");
}

static void
check_agent(struct config *c, const struct sheet *s)
{
	check_keys(c, s);
	if (!c->java && given(s, "useFipsEndpoint") == NULL)
		c->fips = environment_flag("AWS_USE_FIPS_ENDPOINT", s->r);
	if (!c->java && given(s, "useDualstackEndpoint") == NULL)
		c->dualstack =
		    environment_flag("AWS_USE_DUALSTACK_ENDPOINT", s->r);
	check_sts(c, s);
	c->own_checkpoint_file =
	    mem_format("%s/checkpoints.sqlite", c->state_directory);
	if (c->status_socket == NULL)
		c->status_socket =
		    mem_format("%s/status.sock", c->state_directory);
	if (c->checkpoint_file != NULL)
		return;
	c->checkpoint_file = mem_dup(c->own_checkpoint_file);
	if (c->java)
		c->import_file = mem_dup(JAVA_CHECKPOINTS);
}

/* ---- Flows ---- */

struct named {
	const char *name; /* borrowed from the flow */
	struct place at;
};

static int
by_name(const void *left, const void *right)
{
	const struct named *a = left, *b = right;
	int order = strcmp(a->name, b->name);

	if (order != 0)
		return order;
	if (a->at.line != b->at.line)
		return a->at.line < b->at.line ? -1 : 1;
	return (a->at.column > b->at.column) - (a->at.column < b->at.column);
}

static void
check_names(struct named *names, size_t count, struct report *r)
{
	qsort(names, count, sizeof(*names), by_name);
	for (size_t i = 1; i < count; i++)
		if (strcmp(names[i - 1].name, names[i].name) == 0)
			report_error(r, names[i].at, "name",
			    "the flow in line %u is called `%.128s` too; give "
			    "one of them another name",
			    names[i - 1].at.line, names[i].name);
}

/* How many flows there are; 0: reported. */
static size_t
count_flows(const struct sheet *agent)
{
	const struct setting *row = settings_find(SCOPE_AGENT, "flows");
	const struct node *flows = given(agent, "flows");
	size_t count = 0;

	if (flows == NULL || flows->kind == NODE_NULL) {
		report_error(agent->r, place_of(agent, "flows"), "flows",
		    "missing; say what to follow and where it goes");
		return 0;
	}
	if (flows->kind != NODE_LIST) {
		report_error(agent->r, flows->at, "flows",
		    "not a list; each flow begins with a dash, or in JSON "
		    "stands in [ ]");
		return 0;
	}
	for (const struct node *n = flows->first; n != NULL; n = n->next)
		count++;
	if (count == 0)
		report_error(agent->r, flows->at, "flows",
		    "empty; the agent needs something to follow");
	if (count > (size_t)row->max) {
		report_error(agent->r, flows->at, "flows",
		    "%zu of them; allowed: 1 to %d", count, (int)row->max);
		return 0;
	}
	return count;
}

static void
read_flows(struct config *c, const struct sheet *agent)
{
	struct region_notes notes = { false, false, false };
	size_t count = count_flows(agent), named = 0;
	struct named *names;
	const struct node *n;

	if (count == 0)
		return;
	names = mem_new_array(count, sizeof(*names));
	c->flows = mem_new_array(count, sizeof(*c->flows));
	for (n = given(agent, "flows")->first; n != NULL; n = n->next) {
		struct flow_config *f = &c->flows[c->flow_count++];
		struct sheet s;

		if (n->kind != NODE_MAP) {
			report_error(agent->r, n->at, "flows",
			    "a flow is a map with a filePattern and a stream");
			continue;
		}
		s = fill(SCOPE_FLOW, n, f, agent->r);
		check_flow(c, f, &s, &notes);
		if (f->name != NULL)
			names[named++] =
			    (struct named){ f->name, place_of(&s, "name") };
	}
	check_names(names, named, agent->r);
	free(names);
}

/* ---- Doors ---- */

static struct config *
build(const struct tree *t, struct report *r)
{
	struct config *c;
	struct sheet agent;

	if (t->root == NULL || t->root->kind == NODE_NULL) {
		report_error(r, (struct place){ 0, 0 }, NULL,
		    "holds no settings: no flows to follow; see "
		    "agent.yaml.example");
		return NULL;
	}
	if (t->root->kind != NODE_MAP) {
		report_error(r, t->root->at, NULL,
		    "settings are expected here, as KEY: VALUE");
		return NULL;
	}
	c = mem_new(sizeof(*c));
	c->java = r->java;
	agent = fill(SCOPE_AGENT, t->root, c, r);
	check_agent(c, &agent);
	read_flows(c, &agent);
	if (r->error_count == 0)
		return c;
	draft_free(c);
	return NULL;
}

struct config *
draft_read(struct span text, struct report *r)
{
	static const unsigned char bom[] = { 0xEF, 0xBB, 0xBF };
	struct config *c = NULL;
	struct tree t;
	int answer;

	if (text.len >= sizeof(bom) && memcmp(text.at, bom, sizeof(bom)) == 0)
		text = span_of(text.at + 3, text.len - 3);
	if (encoding_check(text, r) != 0)
		return NULL;
	tree_init(&t, r);
	answer = r->java ? json_to_tree(text, &t) : yaml_to_tree(text, &t);
	if (answer == 0)
		c = build(&t, r);
	tree_fini(&t);
	return c;
}

static void
free_strings(enum setting_scope scope, void *base)
{
	for (size_t i = 0; i < settings_count(); i++) {
		const struct setting *s = settings_at(i);

		if (s->scope != scope || s->state != SETTING_BUILT ||
		    s->kind < KIND_TEXT || s->kind > KIND_REGION)
			continue;
		forget((char **)(void *)((char *)base + s->at));
	}
}

void
draft_free(struct config *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < c->flow_count; i++) {
		free_strings(SCOPE_FLOW, &c->flows[i]);
		patterns_free(c->flows[i].patterns);
		patterns_free(c->flows[i].excludes);
		patterns_free(c->flows[i].options);
		free(c->flows[i].java_id);
	}
	free_strings(SCOPE_AGENT, c);
	free(c->sts_region);
	free(c->own_checkpoint_file);
	free(c->import_file);
	free(c->flows);
	free(c->path);
	free(c);
}
