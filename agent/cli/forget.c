/* SPDX-License-Identifier: Apache-2.0
 *
 * forget: see forget.h.
 *
 * Who forgets a file wants it sent again, and must know which one it is: a
 * name means the file that has it now, and only where there is none the one
 * that had it last. All that was named is forgotten, or nothing.
 *
 * Thread: main; there is no other.
 */
#include "forget.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "choice.h"
#include "cli.h"
#include "config.h"
#include "glob.h"
#include "ledger.h"
#include "log.h"
#include "mem.h"
#include "rows.h"
#include "rowtext.h"
#include "tail.h"

/* One word of the command line. */
struct wish {
	const char *word;
	bool is_row;        /* a number */
	uint64_t row;       /* then */
	char *path;         /* owned: else */
	bool there;         /* a file has that name, */
	struct identity id; /* this one */
	uint64_t rows;      /* that it means */
	uint64_t namesake;  /* a row of another file of that name; 0: none */
};

/* A row that goes. */
struct victim {
	uint64_t row, committed, size;
	char *flow, *path; /* owned */
	struct identity id;
	bool imported;
};

struct forgetting {
	const struct config *config; /* borrowed */
	const char *flow;            /* only of this one; NULL: of all */
	struct wish *wishes;
	size_t wish_count;
	struct victim *victims;
	size_t victim_count;
	char **flows;     /* --all: owned names, then NULL */
	uint64_t *counts; /* of their rows */
	size_t flow_count;
};

static void
read_wish(struct wish *w, const char *word)
{
	const char *at = word;

	memset(w, 0, sizeof(*w));
	w->word = word;
	while (isdigit((unsigned char)*at))
		at++;
	errno = 0;
	w->row = strtoull(word, NULL, 10);
	w->is_row = *at == '\0' && at > word && errno == 0;
	if (w->is_row)
		return;
	w->path = choice_path(word);
	w->there = tail_row_identify(w->path, &w->id) == 0;
}

static bool
means(struct wish *w, const struct checkpoint *row)
{
	if (w->is_row)
		return w->row == row->row;
	if (w->there && tail_row_is_of(row, &w->id))
		return true;
	if (strcmp(w->path, row->path) != 0)
		return false;
	if (w->there)
		w->namesake = row->row;
	return !w->there;
}

static void
add_victim(struct forgetting *f, const struct checkpoint *row)
{
	struct victim *v;

	f->victims =
	    mem_resize(f->victims, f->victim_count + 1, sizeof(*f->victims));
	v = &f->victims[f->victim_count++];
	v->row = row->row;
	v->committed = row->committed;
	v->size = row->size;
	v->flow = mem_dup(row->flow);
	v->path = mem_dup(row->path);
	v->id = row->id;
	v->imported = row->imported;
}

static void
choose_row(void *owner, const struct checkpoint *row)
{
	struct forgetting *f = owner;
	bool meant = false;

	if (f->flow != NULL && strcmp(f->flow, row->flow) != 0)
		return;
	for (size_t i = 0; i < f->wish_count; i++)
		if (means(&f->wishes[i], row)) {
			f->wishes[i].rows++;
			meant = true;
		}
	if (meant)
		add_victim(f, row);
}

/* The number of flow `name` in f->flows, where it is put if need be. */
static size_t
place_of(struct forgetting *f, const char *name)
{
	size_t i = 0;

	while (i < f->flow_count && strcmp(f->flows[i], name) != 0)
		i++;
	if (i < f->flow_count)
		return i;
	f->flows = mem_resize(f->flows, i + 2, sizeof(*f->flows));
	f->counts = mem_resize(f->counts, i + 1, sizeof(*f->counts));
	f->flows[i] = mem_dup(name);
	f->flows[i + 1] = NULL;
	f->counts[i] = 0;
	f->flow_count++;
	return i;
}

static void
count_row(void *owner, const struct checkpoint *row)
{
	struct forgetting *f = owner;

	if (f->flow == NULL || strcmp(f->flow, row->flow) == 0)
		f->counts[place_of(f, row->flow)]++;
}

static int
nothing(const char *what, const char *why)
{
	fprintf(stderr,
	    "kinesis-agent checkpoints: %s: %s; nothing was forgotten; "
	    "checkpoints list shows what there is\n",
	    what, why);
	return EXIT_NOTHING;
}

static int
refuse_wish(const struct wish *w)
{
	char why[128];

	if (w->is_row)
		return nothing(w->word, "there is no row of that number "
					"(a file is meant by ./NAME)");
	if (w->namesake == 0)
		return nothing(w->word, "no row is of that file");
	snprintf(why, sizeof(why),
	    "row %" PRIu64 " is of another file, that had this name before",
	    w->namesake);
	return nothing(w->word, why);
}

static bool
is_configured(const struct config *config, const char *flow)
{
	for (size_t i = 0; i < config->flow_count; i++)
		if (strcmp(config->flows[i].name, flow) == 0)
			return true;
	return false;
}

/* What becomes of the file at the next start. */
static const char *
consequence(const struct forgetting *f, const struct victim *v)
{
	struct checkpoint row = { .id = v->id };
	struct identity now;

	if (!is_configured(f->config, v->flow))
		return "no such flow is configured: it was of no use";
	if (tail_row_identify(v->path, &now) != 0 ||
	    !tail_row_is_of(&row, &now))
		return "that file is not there by this name: under another "
		       "that matches it is read from 0, and what is gone of it "
		       "is neither looked for nor reported";
	if (glob_is_compressed(v->path))
		return "as an archive it is read again, from 0, only if it was "
		       "written to since the agent last looked";
	if (v->imported)
		return "at the next start it is read from 0, unless the Java "
		       "agent's other rows say that it is done";
	return "at the next start it is a new file, read from 0: all that it "
	       "holds is sent again";
}

static void
say_victim(const struct forgetting *f, const struct victim *v)
{
	printf("forgot row %" PRIu64 ", ", v->row);
	rowtext_name(stdout, v->path);
	fputs(" of flow ", stdout);
	rowtext_name(stdout, v->flow);
	printf(", delivered up to %" PRIu64 " of %" PRIu64 ": %s\n",
	    v->committed, v->size, consequence(f, v));
}

static int
forget_rows(struct forgetting *f, struct rows *rows)
{
	static const char *const no_flows[] = { NULL };
	uint64_t *numbers;
	int code = EXIT_REFUSED;

	if (rows_each(rows, choose_row, f) != 0)
		return EXIT_REFUSED;
	for (size_t i = 0; i < f->wish_count; i++)
		if (f->wishes[i].rows == 0)
			return refuse_wish(&f->wishes[i]);
	numbers = mem_new_array(f->victim_count, sizeof(*numbers));
	for (size_t i = 0; i < f->victim_count; i++)
		numbers[i] = f->victims[i].row;
	if (rows_forget(rows, numbers, f->victim_count, no_flows) == 0)
		code = EXIT_DONE;
	free(numbers);
	for (size_t i = 0; code == EXIT_DONE && i < f->victim_count; i++)
		say_victim(f, &f->victims[i]);
	return code;
}

static void
say_flow(const struct forgetting *f, const struct rows *rows, size_t i)
{
	const char *source = rows_source(rows);

	fputs("forgot flow ", stdout);
	rowtext_name(stdout, f->flows[i]);
	printf(" and its %" PRIu64 " row%s: it begins as at its first start, "
	       "at its initialPosition",
	    f->counts[i], f->counts[i] == 1 ? "" : "s");
	if (source != NULL)
		printf(
		    ", or where %s says that the Java agent stopped", source);
	putchar('\n');
}

static int
forget_flows(struct forgetting *f, struct rows *rows)
{
	const char *name;

	for (size_t i = 0; (name = rows_flow(rows, i)) != NULL; i++)
		if (f->flow == NULL || strcmp(f->flow, name) == 0)
			(void)place_of(f, name);
	if (rows_each(rows, count_row, f) != 0)
		return EXIT_REFUSED;
	if (f->flow_count == 0)
		return nothing(f->flow != NULL ? f->flow : rows_path(rows),
		    "no flow to forget");
	if (rows_forget(rows, NULL, 0, (const char *const *)f->flows) != 0)
		return EXIT_REFUSED;
	for (size_t i = 0; i < f->flow_count; i++)
		say_flow(f, rows, i);
	return EXIT_DONE;
}

static void
forgetting_fini(struct forgetting *f)
{
	for (size_t i = 0; i < f->wish_count; i++)
		free(f->wishes[i].path);
	for (size_t i = 0; i < f->victim_count; i++) {
		free(f->victims[i].flow);
		free(f->victims[i].path);
	}
	for (size_t i = 0; i < f->flow_count; i++)
		free(f->flows[i]);
	free(f->wishes);
	free(f->victims);
	free(f->flows);
	free(f->counts);
}

static int
forget(struct forgetting *f)
{
	struct rows *rows;
	int code = EXIT_REFUSED;

	switch (rows_open(f->config, true, &rows)) {
	case ROWS_OPEN:
		code = f->wish_count > 0 ? forget_rows(f, rows)
					 : forget_flows(f, rows);
		break;
	case ROWS_NONE:
		code = nothing(rows_path(rows), "there are none yet");
		break;
	case ROWS_HELD:
		code = EXIT_RUNNING;
		break;
	case ROWS_FAILED:
		break;
	}
	rows_close(rows);
	return code;
}

int
forget_main(const struct cli_options *options, const struct config *config)
{
	struct forgetting f = { .config = config };
	int code;

	if (options->all != (options->word_count == 1)) {
		fputs("kinesis-agent checkpoints forget: name each FILE or ROW "
		      "that is to be forgotten, or say --all, with --flow FLOW "
		      "for all of one\n",
		    stderr);
		return EXIT_USAGE;
	}
	if (options->flow != NULL)
		f.flow = choice_name(config, options->flow);
	f.wish_count = (size_t)options->word_count - 1;
	f.wishes = mem_new_array(f.wish_count + 1, sizeof(*f.wishes));
	for (size_t i = 0; i < f.wish_count; i++)
		read_wish(&f.wishes[i], options->words[i + 1]);
	code = forget(&f);
	forgetting_fini(&f);
	return code;
}
