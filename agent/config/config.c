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
#include "draft.h"
#include "dropins.h"
#include "endpoint.h"
#include "example.h"
#include "manual.h"
#include "mem.h"
#include "region.h"
#include "report.h"
#include "schema.h"
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

/* The main file and those beside it, all of which `reports` are about. */
static struct config *
load_all(const char *path, const struct dropins *more, struct report *reports)
{
	struct draft *d = draft_new(&reports[0]);
	struct config *c;

	if (read_main(d, path, &reports[0]) == 0)
		for (size_t i = 0; i < more->count; i++)
			read_more(d, more->paths[i], &reports[i + 1]);
	c = draft_finish(d);
	if (c != NULL)
		c->path = mem_dup(path);
	return c;
}

struct config *
config_load(const char *path)
{
	bool java = is_json(path);
	size_t errors = 0;
	struct config *c;
	struct dropins more;
	struct report *reports, first;

	report_init(&first, path, java);
	(void)dropins_find(&more, path, &first);
	reports = mem_new_array(more.count + 1, sizeof(*reports));
	reports[0] = first;
	for (size_t i = 0; i < more.count; i++)
		report_init(&reports[i + 1], more.paths[i], java);
	c = load_all(path, &more, reports);
	for (size_t i = 0; i <= more.count; i++) {
		report_say(&reports[i]);
		errors += reports[i].error_count;
		report_fini(&reports[i]);
	}
	free(reports);
	dropins_forget(&more);
	if (errors == 0)
		return c;
	draft_free(c);
	return NULL;
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
config_free(struct config *c)
{
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
