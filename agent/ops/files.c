/* SPDX-License-Identifier: Apache-2.0
 *
 * files: see files.h. A row is as it was when it was written; two rows may be
 * of two moments. With very many files a call looks at some, and goes on later.
 *
 * Thread: tail.
 */
#include "files.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "glob.h"
#include "identity.h"
#include "mem.h"
#include "sights.h"

#define LOOKED_MOST 256 /* places, in one call */

static const char *const states[SIGHT_STATES] = {
	[SIGHT_NEW] = "new",
	[SIGHT_READING] = "reading",
	[SIGHT_QUEUED] = "queued",
	[SIGHT_WAITING] = "waiting",
	[SIGHT_SUSPECT] = "suspect",
	[SIGHT_ROTATED] = "rotated",
	[SIGHT_ARCHIVE] = "archive",
	[SIGHT_DONE] = "done",
	[SIGHT_UNREADABLE] = "unreadable",
};

/* The question under way. */
struct search {
	struct sights *sights; /* owned */
	bool chosen;           /* only of one flow */
	size_t flow;           /* that one */
	const char *pattern;   /* borrowed from what was asked; NULL: any */
	uint64_t told;
};

static json_t *
number(uint64_t n)
{
	return json_integer((json_int_t)n);
}

static uint64_t
behind(const struct sight *s)
{
	return s->size > s->committed ? s->size - s->committed : 0;
}

static json_t *
row_of(const struct sight *s)
{
	json_t *row = json_pack("{s:o,s:o,s:s,s:o,s:o,s:o,s:o,s:b,s:b}", "flow",
	    answer_name(s->flow_name), "file", answer_name(s->path), "state",
	    states[s->state], "size", number(s->size), "offset",
	    number(s->offset), "committed", number(s->committed), "behind",
	    number(behind(s)), "named", s->named, "polled", s->polled);

	if (row != NULL && s->row > 0)
		(void)json_object_set_new(row, "row", number(s->row));
	if (row != NULL && s->error != 0)
		(void)json_object_set_new(
		    row, "error", json_string(strerror(s->error)));
	return row;
}

/* The index of the flow that `text` means; the number of flows: none. */
static size_t
flow_of(const struct config *config, const char *text)
{
	unsigned long n;
	char *end;

	for (size_t i = 0; i < config->flow_count; i++)
		if (!config_flow_is_empty(&config->flows[i]) &&
		    strcmp(config->flows[i].name, text) == 0)
			return i;
	n = strtoul(text, &end, 10);
	if (*end != '\0' || n < 1 || n > config->flow_count ||
	    config_flow_is_empty(&config->flows[n - 1]))
		return config->flow_count;
	return n - 1;
}

/* False: refused. */
static bool
begin(struct answer *a)
{
	const struct config *config = a->doors->config;
	const char *flow = a->asked.count > 1 ? a->asked.words[1] : "";
	const char *pattern = a->asked.count > 2 ? a->asked.words[2] : "";
	struct search *s;
	size_t which = 0;

	if (flow[0] != '\0')
		which = flow_of(config, flow);
	if (which == config->flow_count) {
		answer_refuse(a, "no flow is called %.128s", flow);
		return false;
	}
	s = mem_new(sizeof(*s));
	s->sights = sights_new(a->doors->tail);
	s->chosen = flow[0] != '\0';
	s->flow = which;
	s->pattern = pattern[0] != '\0' ? pattern : NULL;
	a->own = s;
	answer_text(a, "{\"files\":[");
	return true;
}

static bool
is_wanted(const struct search *s, const struct sight *one)
{
	const char *slash = strrchr(one->path, '/');
	const char *name = slash != NULL ? slash + 1 : one->path;

	if (s->chosen && s->flow != one->flow)
		return false;
	if (s->pattern == NULL)
		return true;
	return glob_matches(s->pattern,
	    strchr(s->pattern, '/') != NULL ? one->path : name, true);
}

enum answer_step
files_next(struct answer *a)
{
	struct search *s = a->own;
	struct sight one;

	if (s == NULL) {
		if (!begin(a))
			return ANSWER_DONE;
		s = a->own;
	}
	for (int i = 0; i < LOOKED_MOST; i++) {
		if (!sights_next(s->sights, &one)) {
			answer_text(a, "]}\n");
			return ANSWER_DONE;
		}
		if (!is_wanted(s, &one))
			continue;
		answer_row(a, s->told++ == 0, row_of(&one));
		return ANSWER_MORE;
	}
	return ANSWER_PAUSE;
}

void
files_end(struct answer *a)
{
	struct search *s = a->own;

	if (s == NULL)
		return;
	sights_free(s->sights);
	free(s);
	a->own = NULL;
}

static bool
read_handle(const char *text, struct identity *id)
{
	size_t len = strlen(text);

	if (len % 2 != 0 || len / 2 > sizeof(id->handle) ||
	    strspn(text, "0123456789abcdef") != len)
		return false;
	for (size_t i = 0; i < len / 2; i++) {
		char byte[3] = { text[2 * i], text[2 * i + 1], '\0' };

		id->handle[i] = (unsigned char)strtoul(byte, NULL, 16);
	}
	id->handle_len = (uint16_t)(len / 2);
	return true;
}

static bool
read_identity(const struct asked *asked, struct identity *id)
{
	int64_t numbers[6];

	memset(id, 0, sizeof(*id));
	if (asked->count != 6 || !read_handle(asked->words[2], id))
		return false;
	for (size_t i = 1; i < 6; i++) {
		char *end;

		if (i == 2)
			continue;
		errno = 0;
		numbers[i] = i == 3 || i == 4
				 ? (int64_t)strtoumax(asked->words[i], &end, 10)
				 : strtoimax(asked->words[i], &end, 10);
		if (errno != 0 || *end != '\0' || end == asked->words[i])
			return false;
	}
	if (numbers[1] < INT32_MIN || numbers[1] > INT32_MAX)
		return false;
	id->handle_type = (int32_t)numbers[1];
	id->dev = (uint64_t)numbers[3];
	id->ino = (uint64_t)numbers[4];
	id->birth_ns = numbers[5];
	return true;
}

enum answer_step
files_one_next(struct answer *a)
{
	struct identity id;
	struct sight one;
	size_t i;

	if (!read_identity(&a->asked, &id)) {
		answer_refuse(a, "file: its identity is not understood");
		return ANSWER_DONE;
	}
	if (a->at == 0)
		answer_text(a, "{\"files\":[");
	i = (size_t)a->at++;
	if (sights_of(a->doors->tail, &id, i, &one)) {
		answer_row(a, i == 0, row_of(&one));
		return ANSWER_MORE;
	}
	answer_text(a, "]}\n");
	return ANSWER_DONE;
}
