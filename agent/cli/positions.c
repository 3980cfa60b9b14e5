/* SPDX-License-Identifier: Apache-2.0
 *
 * positions: see positions.h. Reads beside a running agent; what is shown of
 * one row is of one moment, of several rows not always of the same.
 *
 * Thread: main; there is no other.
 */
#include "positions.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "choice.h"
#include "cli.h"
#include "clock.h"
#include "command.h"
#include "config.h"
#include "forget.h"
#include "log.h"
#include "rows.h"
#include "rowtext.h"

#define FORMAT         "kinesis-agent checkpoints"
#define FORMAT_VERSION 1

/* What is being written. */
struct listing {
	const char *flow; /* only of this one; NULL: of all */
	bool json, whole;
	uint64_t rows;
	bool failed; /* standard output takes no more */
};

static void
list_row(void *owner, const struct checkpoint *row)
{
	struct listing *l = owner;

	if (l->failed || (l->flow != NULL && strcmp(l->flow, row->flow) != 0))
		return;
	if (l->json)
		l->failed = !rowtext_put(stdout, rowtext_json(row, l->whole));
	else if (l->rows == 0)
		rowtext_titles(stdout);
	if (!l->json)
		rowtext_line(stdout, row);
	l->rows++;
}

/* What is written and not on its way is an answer that looks whole. */
static int
end_output(const struct listing *l)
{
	if (fflush(stdout) == 0 && !ferror(stdout) && !l->failed)
		return EXIT_DONE;
	fprintf(stderr, "kinesis-agent checkpoints: standard output: %s\n",
	    strerror(errno));
	return EXIT_REFUSED;
}

static int
list(struct rows *rows, struct listing *l)
{
	if (rows_each(rows, list_row, l) != 0)
		return EXIT_REFUSED;
	if (!l->json)
		printf("%s%" PRIu64 " row%s; %s\n", l->rows > 0 ? "\n" : "",
		    l->rows, l->rows == 1 ? "" : "s", rows_path(rows));
	return end_output(l);
}

static json_t *
head_of(const struct rows *rows)
{
	json_t *head = json_object(), *flows = json_array();
	const char *flow;
	char now[25];

	clock_extended(clock_wall_ms(), now);
	for (size_t i = 0; (flow = rows_flow(rows, i)) != NULL; i++)
		(void)json_array_append_new(flows, rowtext_string(flow));
	(void)json_object_set_new(head, "format", json_string(FORMAT));
	(void)json_object_set_new(
	    head, "version", json_integer(FORMAT_VERSION));
	(void)json_object_set_new(head, "agent", json_string(AGENT_VERSION));
	(void)json_object_set_new(
	    head, "database", rowtext_string(rows_path(rows)));
	(void)json_object_set_new(head, "exported", json_string(now));
	(void)json_object_set_new(head, "flows", flows);
	return head;
}

static int export(struct rows *rows, struct listing *l)
{
	l->json = l->whole = true;
	l->failed = !rowtext_put(stdout, head_of(rows));
	if (rows_each(rows, list_row, l) != 0)
		return EXIT_REFUSED;
	if (!l->failed)
		l->failed = !rowtext_put(
		    stdout, json_pack("{s:I}", "rows", (json_int_t)l->rows));
	return end_output(l);
}

static int
show(const struct cli_options *options, const struct config *config,
    int (*as)(struct rows *rows, struct listing *l))
{
	struct listing l = { .json = options->json };
	struct rows *rows;
	int code = EXIT_REFUSED;

	if (options->flow != NULL)
		l.flow = choice_name(config, options->flow);
	switch (rows_open(config, false, &rows)) {
	case ROWS_OPEN:
		code = as(rows, &l);
		break;
	case ROWS_NONE:
		fprintf(stderr,
		    "kinesis-agent checkpoints: %s: there are none yet; the "
		    "agent makes them when it starts\n",
		    rows_path(rows));
		code = EXIT_NOTHING;
		break;
	case ROWS_HELD:
	case ROWS_FAILED:
		break;
	}
	rows_close(rows);
	return code;
}

static int
no_more(const struct cli_options *options)
{
	if (options->word_count == 1 && !options->all)
		return EXIT_DONE;
	fprintf(stderr,
	    "kinesis-agent checkpoints %s: it takes no FILE and no --all; "
	    "--flow NAME chooses\n",
	    options->words[0]);
	return EXIT_USAGE;
}

static int
dispatch(const struct cli_options *options, const struct config *config)
{
	const char *what = options->words[0];
	int code;

	if (strcmp(what, "forget") == 0)
		return forget_main(options, config);
	code = no_more(options);
	if (code != EXIT_DONE)
		return code;
	return show(options, config, strcmp(what, "list") == 0 ? list : export);
}

int
positions_main(const struct cli_options *options)
{
	struct config *config;
	int code;

	if (!command_lists(POSITIONS_CHOICES, options->words[0])) {
		fprintf(stderr,
		    "kinesis-agent checkpoints: %s: there is no such thing to "
		    "do; it is one of: " POSITIONS_CHOICES "\n",
		    options->words[0]);
		return EXIT_USAGE;
	}
	/* What is only odd in the configuration is the agent's to say. */
	log_setup(LOG_LEVEL_ERROR, LOG_STYLE_TEXT);
	config = config_load(options->config_path);
	if (config == NULL)
		return EXIT_REFUSED;
	log_setup(LOG_LEVEL_WARN, LOG_STYLE_TEXT);
	code = dispatch(options, config);
	config_free(config);
	return code;
}
