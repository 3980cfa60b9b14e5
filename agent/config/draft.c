/* SPDX-License-Identifier: Apache-2.0
 *
 * draft: see draft.h. Thread: the one that loads.
 *
 * The flows of all files stand in one array, in the order of the files; each
 * file is a tree of its own, which is gone when the next one is read.
 */
#include "draft.h"

#include <stdlib.h>
#include <string.h>

#include "encoding.h"
#include "endpoint.h"
#include "environment.h"
#include "mem.h"
#include "patterns.h"
#include "readers.h"
#include "region.h"
#include "report.h"
#include "rules.h"
#include "settings.h"
#include "sheet.h"
#include "tree.h"

/* The Java agent's own default, of which its configurations say nothing. */
#define JAVA_CHECKPOINTS "/var/run/aws-kinesis-agent/checkpoints"

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
		report_slip(s->r, sheet_place(s, have), have,
		    "no use without %s", lack);
		forget(&c->access_key);
		forget(&c->secret_key);
	}
	if (c->session_token != NULL && c->access_key == NULL) {
		report_slip(s->r, sheet_place(s, "awsSessionToken"),
		    "awsSessionToken", "no use without awsAccessKeyId");
		forget(&c->session_token);
	}
}

static void
check_sts(struct config *c, const struct sheet *s)
{
	char region[ENDPOINT_REGION];

	if (c->role_external_id != NULL && c->role_arn == NULL)
		report_slip(s->r, sheet_place(s, "assumeRoleExternalId"),
		    "assumeRoleExternalId", "no use without assumeRoleARN");
	if (c->sts_endpoint == NULL)
		return;
	if (endpoint_region(c->sts_endpoint, region))
		c->sts_region = mem_dup(region);
	else if (strcmp(c->sts_endpoint, "https://sts.amazonaws.com") == 0)
		c->sts_region = mem_dup("us-east-1");
}

static void
check_metrics(const struct config *c, const struct sheet *s)
{
	const char *at = c->metrics_listen;

	if (c->metrics_port == 0 || at == NULL || strncmp(at, "127.", 4) == 0 ||
	    strcmp(at, "::1") == 0)
		return;
	report_warn(s->r, sheet_place(s, "metrics.listen"), "metrics.listen",
	    "no loopback address (`%s`): whoever reaches port %u can read the "
	    "flows' names and numbers",
	    at, c->metrics_port);
}

/* The Java agent's client knows neither a key nor the machine's region. */
static void
check_cloudwatch(struct config *c)
{
	char region[ENDPOINT_REGION];

	if (c->cloudwatch_region != NULL)
		return;
	if (c->cloudwatch_endpoint != NULL &&
	    endpoint_region(c->cloudwatch_endpoint, region))
		c->cloudwatch_region = mem_dup(region);
	else if (c->region != NULL)
		c->cloudwatch_region = mem_dup(c->region);
	else if (c->java)
		c->cloudwatch_region = mem_dup("us-east-1");
}

static void
check_agent(struct config *c, const struct sheet *s)
{
	check_keys(c, s);
	if (!c->java && sheet_given(s, "useFipsEndpoint") == NULL)
		c->fips = environment_flag("AWS_USE_FIPS_ENDPOINT", s->r);
	if (!c->java && sheet_given(s, "useDualstackEndpoint") == NULL)
		c->dualstack =
		    environment_flag("AWS_USE_DUALSTACK_ENDPOINT", s->r);
	check_sts(c, s);
	check_metrics(c, s);
	check_cloudwatch(c);
	c->own_checkpoint_file =
	    mem_format("%s/checkpoints.sqlite", c->state_directory);
	if (c->status_socket == NULL)
		c->status_socket =
		    mem_format("%s/status.sock", c->state_directory);
	if (c->checkpoint_file != NULL)
		return;
	c->checkpoint_file = mem_dup(c->own_checkpoint_file);
	if (c->java && c->import_file == NULL)
		c->import_file = mem_dup(JAVA_CHECKPOINTS);
}

/* ---- Flows ---- */

/* A flow's name and where it stands; `order` is the flow's index. */
struct named {
	const char *name; /* borrowed from the flow */
	struct report *r; /* borrowed: of its file */
	struct place at;
	size_t order;
};

struct draft {
	struct config *c;      /* owned; NULL until draft_main */
	struct report *main;   /* borrowed: of the main file */
	struct place flows_at; /* where the main file's flows are, or could */
	bool flows_given;
	bool flows_wrong;    /* said already */
	struct named *names; /* owned; a flow without a name has none */
	size_t named;
	struct sheet_notes notes;
	struct region_notes regions;
};

static int
by_name(const void *left, const void *right)
{
	const struct named *a = left, *b = right;
	int order = strcmp(a->name, b->name);

	if (order != 0)
		return order;
	return (a->order > b->order) - (a->order < b->order);
}

static void
say_namesake(const struct named *first, const struct named *second)
{
	if (first->r == second->r)
		report_error(second->r, second->at, "name",
		    "the flow in line %u is called `%.128s` too; give one of "
		    "them another name",
		    first->at.line, second->name);
	else
		report_error(second->r, second->at, "name",
		    "the flow in %s:%u is called `%.128s` too; give one of "
		    "them another name",
		    first->r->file, first->at.line, second->name);
}

static void
check_names(struct draft *d)
{
	if (d->named == 0)
		return;
	qsort(d->names, d->named, sizeof(*d->names), by_name);
	for (size_t i = 1; i < d->named; i++)
		if (strcmp(d->names[i - 1].name, d->names[i].name) == 0)
			say_namesake(&d->names[i - 1], &d->names[i]);
}

/* How many flows `agent` brings, those there are already besides; 0: none,
 * and `d->flows_wrong` if that has been said. */
static size_t
count_flows(struct draft *d, const struct sheet *agent)
{
	const struct setting *row = settings_find(SCOPE_AGENT, "flows");
	const struct node *flows = sheet_given(agent, "flows");
	size_t count = 0, before = d->c->flow_count;

	if (flows == NULL || flows->kind == NODE_NULL)
		return 0;
	if (flows->kind != NODE_LIST) {
		report_error(agent->r, flows->at, "flows",
		    "not a list; each flow begins with a dash, or in JSON "
		    "stands in [ ]");
		d->flows_wrong = true;
		return 0;
	}
	for (const struct node *n = flows->first; n != NULL; n = n->next)
		count++;
	if (before + count <= (size_t)row->max)
		return count;
	report_error(agent->r, flows->at, "flows",
	    "%zu of them; allowed: 1 to %d%s", before + count, (int)row->max,
	    before > 0 ? ", over all files" : "");
	d->flows_wrong = true;
	return 0;
}

static void
read_flow(struct draft *d, const struct node *n, struct report *r)
{
	struct flow_config *f = &d->c->flows[d->c->flow_count++];
	struct sheet s;

	f->source = mem_dup(r->file);
	if (n->kind != NODE_MAP) {
		report_error(r, n->at, "flows",
		    "a flow is a map with a filePattern and a stream");
		return;
	}
	s = sheet_fill(SCOPE_FLOW, n, f, &d->notes, r);
	rules_check_flow(d->c, f, &s, &d->regions);
	if (f->name != NULL)
		d->names[d->named++] = (struct named){ f->name, r,
			sheet_place(&s, "name"), d->c->flow_count };
}

static void
read_flows(struct draft *d, const struct sheet *agent)
{
	size_t before = d->c->flow_count, count = count_flows(d, agent);
	struct config *c = d->c;

	if (count == 0)
		return;
	c->flows = mem_resize(c->flows, before + count, sizeof(*c->flows));
	memset(c->flows + before, 0, count * sizeof(*c->flows));
	d->names = mem_resize(d->names, before + count, sizeof(*d->names));
	for (const struct node *n = sheet_given(agent, "flows")->first;
	     n != NULL; n = n->next)
		read_flow(d, n, agent->r);
}

/* ---- Files ---- */

static int
to_tree(struct span text, bool json, struct tree *t)
{
	static const unsigned char bom[] = { 0xEF, 0xBB, 0xBF };

	if (text.len >= sizeof(bom) && memcmp(text.at, bom, sizeof(bom)) == 0)
		text = span_of(text.at + 3, text.len - 3);
	if (encoding_check(text, t->report) != 0)
		return -1;
	return json ? json_to_tree(text, t) : yaml_to_tree(text, t);
}

/* Does the tree hold settings? If not, reported. */
static bool
holds_settings(const struct tree *t)
{
	if (t->root == NULL || t->root->kind == NODE_NULL) {
		report_error(t->report, (struct place){ 0, 0 }, NULL,
		    "holds no settings: no flows to follow; see "
		    "agent.yaml.example");
		return false;
	}
	if (t->root->kind == NODE_MAP)
		return true;
	report_error(t->report, t->root->at, NULL,
	    "settings are expected here, as KEY: VALUE");
	return false;
}

static void
build_main(struct draft *d, const struct node *root)
{
	struct sheet agent;

	d->c = mem_new(sizeof(*d->c));
	d->c->java = d->main->java;
	agent = sheet_fill(SCOPE_AGENT, root, d->c, &d->notes, d->main);
	check_agent(d->c, &agent);
	d->flows_at = sheet_place(&agent, "flows");
	d->flows_given = sheet_given(&agent, "flows") != NULL &&
			 sheet_given(&agent, "flows")->kind != NODE_NULL;
	read_flows(d, &agent);
}

/* The folder is for flows; the rest belongs to the main file. */
static void
refuse_others(const struct draft *d, const struct sheet *s)
{
	for (size_t i = 0; i < settings_count(); i++) {
		const struct setting *row = settings_at(i);

		if (s->given[i] == NULL || strcmp(row->key, "flows") == 0)
			continue;
		report_slip(s->r, s->given[i]->at, row->key,
		    "not read here, where only `flows` is; it belongs in %s",
		    d->main->file);
	}
	if (sheet_given(s, "flows") == NULL)
		report_slip(s->r, s->at, "flows",
		    "missing, and nothing else is read here; say what to "
		    "follow and where it goes");
}

/* ---- Doors ---- */

struct draft *
draft_new(struct report *main)
{
	struct draft *d = mem_new(sizeof(*d));

	d->main = main;
	return d;
}

int
draft_main(struct draft *d, struct span text)
{
	struct tree t;

	tree_init(&t, d->main);
	if (to_tree(text, d->main->java, &t) == 0 && holds_settings(&t))
		build_main(d, t.root);
	tree_fini(&t);
	return d->c != NULL ? 0 : -1;
}

void
draft_add(struct draft *d, struct span text, bool json, struct report *r)
{
	struct sheet s;
	struct tree t;

	tree_init(&t, r);
	if (to_tree(text, json, &t) != 0 || !holds_settings(&t)) {
		if (r->java)
			report_forgive(r);
	} else {
		s = sheet_fill(SCOPE_AGENT, t.root, NULL, &d->notes, r);
		refuse_others(d, &s);
		read_flows(d, &s);
	}
	tree_fini(&t);
}

struct config *
draft_finish(struct draft *d)
{
	struct config *c = d->c;

	if (c != NULL && c->flow_count == 0 && !d->flows_wrong)
		report_error(d->main, d->flows_at, "flows",
		    d->flows_given
			? "empty; the agent needs something to follow"
			: "missing; say what to follow and where it goes");
	if (c != NULL)
		check_names(d);
	free(d->names);
	free(d);
	return c;
}

struct config *
draft_read(struct span text, struct report *r)
{
	struct draft *d = draft_new(r);
	struct config *c;

	(void)draft_main(d, text);
	c = draft_finish(d);
	if (r->error_count == 0)
		return c;
	draft_free(c);
	return NULL;
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
draft_free_flow(struct flow_config *f)
{
	free_strings(SCOPE_FLOW, f);
	patterns_free(f->patterns);
	patterns_free(f->excludes);
	patterns_free(f->options);
	free(f->java_id);
	free(f->source);
}

void
draft_free(struct config *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; c->in_force == NULL && i < c->flow_count; i++)
		draft_free_flow(&c->flows[i]);
	free_strings(SCOPE_AGENT, c);
	free(c->sts_region);
	free(c->own_checkpoint_file);
	free(c->flows);
	free(c->path);
	free(c);
}
