/* SPDX-License-Identifier: Apache-2.0
 *
 * config: the room's door. See include/config.h. Thread: main, before any
 * other starts.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "compare.h"
#include "draft.h"
#include "dropins.h"
#include "endpoint.h"
#include "example.h"
#include "log.h"
#include "manual.h"
#include "mem.h"
#include "region.h"
#include "report.h"
#include "rewrite.h"
#include "schema.h"
#include "slots.h"
#include "source.h"

static bool
is_json(const char *path)
{
	size_t len = strlen(path);

	return len >= 5 && strcmp(path + len - 5, ".json") == 0;
}

/* -1: it cannot be had as text; reported. */
static int
read_text(const char *path, struct buf *text, struct report *r)
{
	buf_init(text, SOURCE_MAX);
	return source_read(path, text, r);
}

static void
wipe_text(struct buf *text)
{
	if (text->at != NULL)
		explicit_bzero(text->at, text->room);
	buf_fini(text);
}

static int
read_main(struct draft *d, const char *path, struct report *r)
{
	struct buf text;
	int answer = read_text(path, &text, r);

	if (answer == 0)
		answer = draft_main(d, buf_span(&text));
	wipe_text(&text);
	return answer;
}

static void
read_more(struct draft *d, const char *path, struct report *r)
{
	struct buf text;

	if (read_text(path, &text, r) == 0)
		draft_add(d, buf_span(&text), r->java || is_json(path), r);
	else if (r->java)
		report_forgive(r);
	wipe_text(&text);
}

/* A configuration of files, and what there is to say of each. */
struct loading {
	struct dropins more;
	struct report *reports; /* the main file's, then the others' */
	size_t count;           /* of them */
	size_t errors;          /* over all */
	struct config *c;       /* to be believed if there are none */
};

static struct config *
read_all(const struct loading *l, const char *path)
{
	struct draft *d = draft_new(&l->reports[0]);
	struct config *c;

	if (read_main(d, path, &l->reports[0]) == 0)
		for (size_t i = 0; i < l->more.count; i++)
			read_more(d, l->more.paths[i], &l->reports[i + 1]);
	c = draft_finish(d);
	if (c != NULL)
		c->path = mem_dup(path);
	return c;
}

static void
load(struct loading *l, const char *path)
{
	bool java = is_json(path);
	struct report first;

	memset(l, 0, sizeof(*l));
	report_init(&first, path, java);
	(void)dropins_find(&l->more, path, &first);
	l->count = l->more.count + 1;
	l->reports = mem_new_array(l->count, sizeof(*l->reports));
	l->reports[0] = first;
	for (size_t i = 1; i < l->count; i++)
		report_init(&l->reports[i], l->more.paths[i - 1], java);
	l->c = read_all(l, path);
	for (size_t i = 0; i < l->count; i++)
		l->errors += l->reports[i].error_count;
}

static void
say_all(struct loading *l)
{
	/* Who asks twice is answered twice. */
	log_afresh();
	for (size_t i = 0; i < l->count; i++)
		report_say(&l->reports[i]);
}

/* All but the configuration is gone: that, or NULL if it is not good. */
static struct config *
unload(struct loading *l)
{
	for (size_t i = 0; i < l->count; i++)
		report_fini(&l->reports[i]);
	free(l->reports);
	dropins_forget(&l->more);
	if (l->errors == 0)
		return l->c;
	draft_free(l->c);
	return NULL;
}

struct config *
config_load(const char *path)
{
	struct loading l;

	load(&l, path);
	say_all(&l);
	return unload(&l);
}

int
config_print_import(const char *path, bool secrets)
{
	struct config *c;
	struct loading l;

	load(&l, path);
	say_all(&l);
	if (l.errors == 0)
		rewrite(stdout, l.c, l.reports, l.count, secrets);
	c = unload(&l);
	config_free(c);
	return c != NULL ? 0 : -1;
}

bool
config_lacks_region(const struct config *c)
{
	for (size_t i = 0; i < c->flow_count; i++)
		if (c->flows[i].region == NULL)
			return true;
	return false;
}

int
config_settle_region(struct config *c, const char *region, const char *why)
{
	int answer = 0;

	if (region != NULL && !endpoint_is_region(region))
		region = NULL;
	for (size_t i = 0; i < c->flow_count; i++) {
		struct flow_config *f = &c->flows[i];

		if (region_settle(f, region))
			continue;
		log_error("%s: %s: no region is known for `%s`; set %s, the "
			  "flow's region, or AWS_REGION in the environment%s%s",
		    f->source, region_key(f), f->target, region_key(f),
		    why[0] != '\0' ? "; " : "", why);
		answer = -1;
	}
	return answer;
}

void
config_make_room(struct config *c)
{
	slots_make(c);
}

bool
config_flow_equal(const struct flow_config *a, const struct flow_config *b)
{
	return compare_flows(a, b);
}

void
config_adopt(struct config *c, const struct config *next)
{
	compare_adopt(c, next);
}

struct flow_config *
config_flow_take(struct flow_config *from)
{
	return slots_take(from);
}

void
config_flow_free(struct flow_config *f)
{
	slots_drop(f);
}

struct flow_config *
config_put(struct config *c, size_t slot, struct flow_config *flow)
{
	return slots_put(c, slot, flow);
}

void
config_free(struct config *c)
{
	slots_free(c);
	draft_free(c);
}

void
config_print_example(void)
{
	example_write(stdout);
}

void
config_print_schema(void)
{
	schema_write(stdout);
}

void
config_print_manual(void)
{
	manual_write(stdout);
}
