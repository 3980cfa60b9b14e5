/* SPDX-License-Identifier: Apache-2.0
 *
 * shipped: see shipped.h. What the file held when it was first looked at is
 * asked for, whatever is written to it while we wait.
 *
 * Thread: main; there is no other.
 */
#include "shipped.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "choice.h"
#include "cli.h"
#include "clock.h"
#include "config.h"
#include "digest.h"
#include "log.h"
#include "proof.h"
#include "rows.h"
#include "rowtext.h"
#include "standings.h"

#define AGAIN_MS     150
#define GRACE_MS     3000 /* a copy of a moment ago may not be seen yet */
#define WAIT_MOST_MS ((int64_t)7 * 24 * 3600 * 1000)

/* "30s" and the like, seconds without a unit. False: it is none. */
static bool
read_duration(const char *text, int64_t *ms)
{
	static const struct {
		const char *unit;
		int64_t ms;
	} units[] = { { "", 1000 }, { "ms", 1 }, { "s", 1000 }, { "m", 60000 },
		{ "h", 3600000 } };
	char *end;
	int64_t number;

	errno = 0;
	number = strtoimax(text, &end, 10);
	if (end == text || errno != 0 || number < 0)
		return false;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strcmp(end, units[i].unit) == 0)
			return !__builtin_mul_overflow(
				   number, units[i].ms, ms) &&
			       *ms <= WAIT_MOST_MS;
	return false;
}

/* What is waited for, as the agent says. */
static void
say_why(const struct standings *s, const struct standing *one)
{
	if (one->answered >= s->end)
		fputs("; all are delivered, to be noted next", stderr);
	else if (one->read >= s->end)
		fprintf(stderr,
		    "; all are read, %" PRIu64 " of them wait for an answer "
		    "(kinesis-agent status tells of the destination)",
		    s->end - one->answered);
	else
		fprintf(stderr, "; %" PRIu64 " are not read yet (%s)",
		    s->end - one->read, one->state);
}

static void
say_standing(const struct standings *s, const struct standing *one)
{
	fputs("kinesis-agent shipped: ", stderr);
	rowtext_name(stderr, s->path);
	fputs(": flow ", stderr);
	rowtext_name(stderr, one->flow);
	if (one->row == 0)
		fprintf(stderr, ": nothing of its %" PRIu64 " bytes is noted",
		    s->end);
	else
		fprintf(stderr,
		    ": %" PRIu64 " of %" PRIu64 " bytes are not noted as "
		    "delivered",
		    standings_left(s, one), s->end);
	if (one->state[0] != '\0')
		say_why(s, one);
	fputc('\n', stderr);
}

static void
say_pending(const struct standings *s)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->at[i].expected && !s->at[i].done)
			say_standing(s, &s->at[i]);
	if (!s->asked)
		fputs("kinesis-agent shipped: status.socket is off, so the "
		      "agent cannot be asked\n",
		    stderr);
	else if (!s->running)
		fputs("kinesis-agent shipped: no agent is running, or it does "
		      "not answer\n",
		    stderr);
}

static void
say_nobody(const struct standings *s)
{
	const char *why = proof_trouble(s->proof);

	fputs("kinesis-agent shipped: ", stderr);
	rowtext_name(stderr, s->path);
	fputs(": no flow follows it, and none is known to have", stderr);
	if (proof_is_packed(s->proof))
		fputs(" read what is in it", stderr);
	if (why != NULL)
		fprintf(stderr, " (%s)", why);
	fputc('\n', stderr);
}

static void
say_done(const struct standings *s, bool all)
{
	uint64_t rest = all ? 0 : proof_rest(s->proof);

	rowtext_name(stdout, s->path);
	printf(": delivered and noted up to %" PRIu64 ", by", s->end);
	for (size_t i = 0; i < s->count; i++) {
		if (!s->at[i].expected)
			continue;
		fputs(" flow ", stdout);
		rowtext_name(stdout, s->at[i].flow);
	}
	if (rest > 0)
		printf("; a line behind it has no newline yet: %" PRIu64
		       " bytes",
		    rest);
	putchar('\n');
}

static void
put_json(const struct standings *s, enum standings_answer answer, bool all)
{
	json_t *flows = json_array();

	for (size_t i = 0; i < s->count; i++) {
		const struct standing *one = &s->at[i];

		if (one->expected)
			(void)json_array_append_new(flows,
			    json_pack("{s:o,s:b,s:I,s:s}", "flow",
				rowtext_string(one->flow), "shipped", one->done,
				"left", (json_int_t)standings_left(s, one),
				"state", one->state));
	}
	(void)rowtext_put(
	    stdout, json_pack("{s:o,s:b,s:I,s:I,s:b,s:o}", "file",
			rowtext_string(s->path), "shipped",
			answer == STANDINGS_DONE, "end", (json_int_t)s->end,
			"rest", (json_int_t)(all ? 0 : proof_rest(s->proof)),
			"running", s->running, "flows", flows));
}

static int
tell(const struct standings *s, enum standings_answer answer,
    const struct cli_options *options)
{
	if (answer != STANDINGS_FAILED && options->json)
		put_json(s, answer, options->unfinished);
	switch (answer) {
	case STANDINGS_DONE:
		if (!options->json)
			say_done(s, options->unfinished);
		return EXIT_DONE;
	case STANDINGS_PENDING:
		say_pending(s);
		return s->asked && !s->running ? EXIT_ABSENT : EXIT_PENDING;
	case STANDINGS_NOBODY:
		say_nobody(s);
		return EXIT_NOTHING;
	case STANDINGS_FAILED:
		break;
	}
	return EXIT_REFUSED;
}

/* One look; the database may have come to be since the last one. */
static enum standings_answer
look(struct standings *s, const char *where)
{
	enum standings_answer answer = STANDINGS_FAILED;
	struct rows *rows;

	switch (rows_open(s->config, false, &rows)) {
	case ROWS_OPEN:
	case ROWS_NONE:
		answer = standings_look(s, where, rows);
		break;
	case ROWS_HELD:
	case ROWS_FAILED:
		break;
	}
	rows_close(rows);
	return answer;
}

/* May another look, `waited_ms` after the first, find anything else? */
static bool
may_change(
    const struct standings *s, enum standings_answer answer, int64_t waited_ms)
{
	switch (answer) {
	case STANDINGS_PENDING:
		return true;
	case STANDINGS_NOBODY:
		return s->rotated && waited_ms < GRACE_MS;
	case STANDINGS_DONE:
	case STANDINGS_FAILED:
		break;
	}
	return false;
}

static int
wait_for_it(struct standings *s, const struct cli_options *options,
    const char *where, int64_t wait_ms)
{
	int64_t begun = clock_ms(), waited = 0;
	enum standings_answer answer = look(s, where);

	while (waited < wait_ms && may_change(s, answer, waited)) {
		(void)poll(NULL, 0, AGAIN_MS);
		answer = look(s, where);
		waited = clock_ms() - begun;
	}
	return tell(s, answer, options);
}

static int
look_at_file(const struct cli_options *options, const struct config *config,
    const char *path, int64_t wait_ms)
{
	struct standings s = { .config = config, .path = path };
	const char *where =
	    options->socket != NULL ? options->socket : config->status_socket;
	int code;

	s.proof = proof_new(path);
	if (s.proof == NULL) {
		fprintf(stderr, "kinesis-agent shipped: %s: %s\n", path,
		    errno == EINVAL ? "not a regular file" : strerror(errno));
		return EXIT_REFUSED;
	}
	if (options->flow != NULL)
		s.only = choice_name(config, options->flow);
	s.end = proof_end(s.proof);
	if (options->unfinished)
		s.end += proof_rest(s.proof);
	code =
	    wait_for_it(&s, options, where[0] != '\0' ? where : NULL, wait_ms);
	standings_fini(&s);
	proof_free(s.proof);
	return code;
}

int
shipped_main(const struct cli_options *options)
{
	struct config *config;
	int64_t wait_ms = 0;
	char *path;
	int code;

	if (options->wait != NULL && !read_duration(options->wait, &wait_ms)) {
		fprintf(stderr,
		    "kinesis-agent shipped: --wait %s: no time; 30s, 500ms, "
		    "2m are\n",
		    options->wait);
		return EXIT_USAGE;
	}
	log_setup(LOG_LEVEL_ERROR, LOG_STYLE_TEXT);
	config = config_load(options->config_path);
	if (config == NULL || digest_setup() != 0)
		return EXIT_REFUSED;
	if (options->flow != NULL &&
	    choice_flow(config, options->flow) == NULL) {
		fprintf(stderr,
		    "kinesis-agent shipped: --flow %s: there is no flow of "
		    "that name or number\n",
		    options->flow);
		config_free(config);
		return EXIT_USAGE;
	}
	path = choice_path(options->words[0]);
	code = look_at_file(options, config, path, wait_ms);
	free(path);
	config_free(config);
	return code;
}
