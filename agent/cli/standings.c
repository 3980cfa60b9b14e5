/* SPDX-License-Identifier: Apache-2.0
 *
 * standings: see standings.h.
 *
 * A checkpoint is chosen by what it knows of the file, once; from then on it is
 * known by its number, since what it counts may be moved to a copy and the file
 * written anew meanwhile.
 *
 * Thread: main; there is no other.
 */
#include "standings.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ask.h"
#include "buf.h"
#include "cli.h"
#include "config.h"
#include "ledger.h"
#include "mem.h"
#include "proof.h"
#include "rows.h"

#define ANSWER_MOST ((size_t)1024 * 1024)

/* That of flow `name`, made if need be; NULL: it is not asked for. */
static struct standing *
of_flow(struct standings *s, const char *name)
{
	struct standing *one;

	if (s->only != NULL && strcmp(s->only, name) != 0)
		return NULL;
	for (size_t i = 0; i < s->count; i++)
		if (strcmp(s->at[i].flow, name) == 0)
			return &s->at[i];
	s->at = mem_resize(s->at, s->count + 1, sizeof(*s->at));
	one = &s->at[s->count++];
	memset(one, 0, sizeof(*one));
	one->flow = mem_dup(name);
	return one;
}

/* By the configuration: who would follow a file of that name? One that was
 * rotated, and of which nobody knows, may be from before all of us. */
static void
expect_by_name(struct standings *s)
{
	for (size_t i = 0; i < s->config->flow_count; i++) {
		bool rotated;
		struct standing *one;

		if (!proof_is_wanted(s->config, i, s->path, &rotated))
			continue;
		one = of_flow(s, s->config->flows[i].name);
		if (one != NULL && rotated)
			s->rotated = true;
		else if (one != NULL)
			one->expected = true;
	}
}

static void
take_place(struct standings *s, const json_t *place)
{
	const char *flow = json_string_value(json_object_get(place, "flow"));
	const char *state = json_string_value(json_object_get(place, "state"));
	struct standing *one = flow != NULL ? of_flow(s, flow) : NULL;

	if (one == NULL)
		return;
	one->expected = true;
	(void)snprintf(
	    one->state, sizeof(one->state), "%s", state != NULL ? state : "");
	one->read =
	    (uint64_t)json_integer_value(json_object_get(place, "offset"));
	one->answered =
	    (uint64_t)json_integer_value(json_object_get(place, "committed"));
}

/* The file's identity as words of the question. */
struct identity_words {
	char type[16], handle[2 * IDENTITY_HANDLE + 3], dev[24], ino[24];
	char birth[24];
};

static void
spell(const struct identity *id, struct identity_words *w)
{
	(void)snprintf(w->type, sizeof(w->type), "%" PRId32, id->handle_type);
	(void)snprintf(w->dev, sizeof(w->dev), "%" PRIu64, id->dev);
	(void)snprintf(w->ino, sizeof(w->ino), "%" PRIu64, id->ino);
	(void)snprintf(w->birth, sizeof(w->birth), "%" PRId64, id->birth_ns);
	w->handle[0] = '\0';
	for (uint16_t i = 0; i < id->handle_len; i++)
		(void)snprintf(
		    w->handle + (size_t)2 * i, 3, "%02x", id->handle[i]);
}

/* An exit code: EXIT_DONE, or EXIT_ABSENT; others were said. */
static int
ask_agent(struct standings *s, const char *where)
{
	struct identity_words w = { .type = "" };
	const char *words[] = { "file", w.type, w.handle, w.dev, w.ino, w.birth,
		NULL };
	struct buf answer;
	json_t *read = NULL;
	int code;

	spell(proof_identity(s->proof), &w);
	buf_init(&answer, ANSWER_MOST);
	code = ask_softly(where, words, ASK_WAIT_MS, &answer);
	/* It was hung up on: it ends, or too many ask. */
	if (code == EXIT_DONE && answer.len == 0)
		code = EXIT_ABSENT;
	if (code == EXIT_DONE && (read = ask_read(where, &answer)) == NULL)
		code = EXIT_REFUSED;
	if (read != NULL) {
		const json_t *places = json_object_get(read, "files");

		for (size_t i = 0; i < json_array_size(places); i++)
			take_place(s, json_array_get(places, i));
	}
	json_decref(read);
	buf_fini(&answer);
	return code;
}

static bool
is_configured(const struct standings *s, const char *flow)
{
	for (size_t i = 0; i < s->config->flow_count; i++)
		if (strcmp(s->config->flows[i].name, flow) == 0)
			return true;
	return false;
}

static void
take_row(void *owner, const struct checkpoint *row)
{
	struct standings *s = owner;
	struct standing *one = of_flow(s, row->flow);

	/* A flow that is no more never will be. */
	if (one != NULL && !one->expected && !is_configured(s, row->flow))
		return;
	if (one == NULL || one->done || one->row == row->row ||
	    (one->row != 0 && one->committed >= row->committed) ||
	    !proof_counts(s->proof, row))
		return;
	one->expected = true;
	one->row = row->row;
	one->committed = row->committed;
}

/* What became of the row that counts for `one`? -1: said. */
static int
follow_row(struct rows *rows, struct standing *one)
{
	struct checkpoint row;
	bool there;

	if (rows_at(rows, one->row, &row, &there) != 0)
		return -1;
	one->lost_sight = !there || row.committed < one->committed;
	if (!there)
		return 0;
	one->committed = row.committed;
	checkpoint_fini(&row);
	return 0;
}

/* -1: said. */
static int
read_rows(struct standings *s, struct rows *rows)
{
	uint64_t inode = proof_identity(s->proof)->ino;

	for (size_t i = 0; i < s->count; i++)
		if (s->at[i].row != 0 && !s->at[i].done &&
		    follow_row(rows, &s->at[i]) != 0)
			return -1;
	/* Of an archive what was read before may be known by its content. */
	if (!s->looked && proof_is_packed(s->proof))
		return rows_each(rows, take_row, s);
	return rows_of_inode(rows, inode, take_row, s);
}

static enum standings_answer
judge(struct standings *s)
{
	bool followed = false, done = true;

	for (size_t i = 0; i < s->count; i++) {
		struct standing *one = &s->at[i];

		one->expected = one->expected || one->row != 0;
		if (!one->expected)
			continue;
		followed = true;
		if (s->end == 0 || one->lost_sight ||
		    (one->row != 0 && one->committed >= s->end))
			one->done = true;
		done = done && one->done;
	}
	if (!followed)
		return STANDINGS_NOBODY;
	return done ? STANDINGS_DONE : STANDINGS_PENDING;
}

enum standings_answer
standings_look(struct standings *s, const char *where, struct rows *rows)
{
	int code = EXIT_ABSENT;

	for (size_t i = 0; i < s->count; i++) {
		s->at[i].expected = false;
		s->at[i].state[0] = '\0';
	}
	expect_by_name(s);
	s->asked = where != NULL;
	if (s->asked)
		code = ask_agent(s, where);
	if (code != EXIT_DONE && code != EXIT_ABSENT)
		return STANDINGS_FAILED;
	s->running = code == EXIT_DONE;
	if (read_rows(s, rows) != 0)
		return STANDINGS_FAILED;
	s->looked = true;
	return judge(s);
}

uint64_t
standings_left(const struct standings *s, const struct standing *one)
{
	if (one->done || one->committed >= s->end)
		return 0;
	return s->end - one->committed;
}

void
standings_fini(struct standings *s)
{
	for (size_t i = 0; i < s->count; i++)
		free(s->at[i].flow);
	free(s->at);
}
