/* SPDX-License-Identifier: Apache-2.0
 *
 * config: the room's door. See include/config.h. Thread: main, before any
 * other starts.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "buf.h"
#include "draft.h"
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

struct config *
config_load(const char *path)
{
	struct config *c = NULL;
	struct report r;
	struct buf text;

	report_init(&r, path, is_json(path));
	buf_init(&text, SOURCE_MAX);
	if (source_read(path, &text, &r) == 0)
		c = draft_read(buf_span(&text), &r);
	if (c != NULL)
		c->path = mem_dup(path);
	if (text.at != NULL)
		explicit_bzero(text.at, text.room);
	buf_fini(&text);
	report_say(&r);
	report_fini(&r);
	return c;
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
		    c->path, region_key(f), f->target, region_key(f),
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
