/* SPDX-License-Identifier: Apache-2.0
 *
 * findings: see findings.h.
 *
 * Names of files may be any bytes: what is no text in them would break a
 * terminal's line, or the JSON of all the others, so it is replaced.
 *
 * Thread: main; there is no other.
 */
#include "findings.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "config.h"
#include "mem.h"
#include "span.h"
#include "utf8.h"

#define TEXT_MAX 6000 /* a path and a sentence */

struct findings {
	json_t *list;     /* owned; NULL: lines are told */
	const char *flow; /* borrowed, or NULL */
	unsigned count[FINDING_ERROR + 1];
};

static const struct {
	const char *name; /* in JSON, and in front of a line */
	const char *one, *many;
} levels[] = {
	[FINDING_FINE] = { "ok", "", "" },
	[FINDING_NOTE] = { "note", "note", "notes" },
	[FINDING_HURTS] = { "hurts", "that hurts", "that hurt" },
	[FINDING_ERROR] = { "error", "error", "errors" },
};

struct findings *
findings_new(bool json)
{
	struct findings *f = mem_new(sizeof(*f));

	if (json)
		f->list = json_array();
	return f;
}

void
findings_flow(struct findings *f, const struct config *config,
    const struct flow_config *flow)
{
	bool elsewhere;

	f->flow = flow != NULL ? flow->name : NULL;
	if (flow == NULL || f->list != NULL)
		return;
	elsewhere = strcmp(flow->source, config->path) != 0;
	printf("       flow %s, to %s in %s%s%s\n", flow->name, flow->target,
	    flow->region != NULL ? flow->region : "a region found at start",
	    elsewhere ? ", of " : "", elsewhere ? flow->source : "");
}

static void
make_text(char *text)
{
	struct span rest = span_str(text);

	while (rest.len > 0) {
		size_t len = utf8_length(rest);

		if (len == 0 || (len == 1 && rest.at[0] < ' ')) {
			text[rest.at - (const unsigned char *)text] = '?';
			len = 1;
		}
		rest = span_of(rest.at + len, rest.len - len);
	}
}

static void
keep(struct findings *f, enum findings_level level, const char *about,
    const char *cure, const char *text)
{
	json_t *one = json_pack("{ss ss ss}", "level", levels[level].name,
	    "about", about, "text", text);

	if (f->flow != NULL)
		(void)json_object_set_new(one, "flow", json_string(f->flow));
	if (cure != NULL)
		(void)json_object_set_new(one, "cure", json_string(cure));
	(void)json_array_append_new(f->list, one);
}

void
findings_add(struct findings *f, enum findings_level level, const char *about,
    const char *cure, const char *format, ...)
{
	char text[TEXT_MAX];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	make_text(text);
	f->count[level]++;
	if (f->list != NULL) {
		keep(f, level, about, cure, text);
		return;
	}
	printf("%-5s  %s%s: %s%s%s\n", levels[level].name,
	    f->flow != NULL ? "  " : "", about, text, cure != NULL ? "; " : "",
	    cure != NULL ? cure : "");
	(void)fflush(stdout);
}

static void
say_sum(const struct findings *f)
{
	for (int level = FINDING_ERROR; level > FINDING_FINE; level--)
		printf("%u %s%s", f->count[level],
		    f->count[level] == 1 ? levels[level].one
					 : levels[level].many,
		    level > FINDING_NOTE ? ", " : "\n");
}

static void
print_json(struct findings *f, const char *path)
{
	json_t *all = json_pack("{ss so si si si}", "configuration", path,
	    "findings", f->list, "errors", (int)f->count[FINDING_ERROR],
	    "hurts", (int)f->count[FINDING_HURTS], "notes",
	    (int)f->count[FINDING_NOTE]);

	if (all != NULL)
		(void)json_dumpf(all, stdout, JSON_INDENT(1));
	putchar('\n');
	json_decref(all);
}

int
findings_end(struct findings **f, const char *path)
{
	const unsigned *count = (*f)->count;
	int code = count[FINDING_ERROR] > 0   ? EXIT_REFUSED
		   : count[FINDING_HURTS] > 0 ? EXIT_HURTS
					      : EXIT_DONE;

	if ((*f)->list != NULL) {
		char *text = mem_dup(path);

		make_text(text);
		print_json(*f, text);
		free(text);
	} else {
		say_sum(*f);
	}
	free(*f);
	*f = NULL;
	return code;
}
