/* SPDX-License-Identifier: Apache-2.0
 *
 * parse: see parse.h. Nothing is sent, and nothing noted. What would be sent
 * goes to standard output as it would go; what would not, marked; the count to
 * standard error.
 *
 * Thread: main; there is no other.
 */
#include "parse.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "buf.h"
#include "choice.h"
#include "cli.h"
#include "clock.h"
#include "config.h"
#include "digest.h"
#include "frame.h"
#include "host.h"
#include "multiline.h"
#include "parser.h"

#define RECORD_MOST ((size_t)1024 * 1024)
#define CHUNK       ((size_t)256 * 1024)

struct view {
	const struct flow_config *flow; /* borrowed */
	struct parser *parser;          /* owned; NULL: lines stay lines */
	struct multiline *lines;        /* owned; NULL: each is a record */
	struct parser_facts facts;
	struct host host;
	char hostname[256];
	uint64_t count, sent, filtered, unmatched, too_hard;
	int64_t ns;
};

static int64_t
now_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int
refuse(const char *what, const char *why)
{
	fprintf(stderr, "kinesis-agent parse: %s: %s\n", what, why);
	return EXIT_REFUSED;
}

/* Text on a line of its own. */
static void
show(const char *mark, struct span text)
{
	(void)fputs(mark, stdout);
	(void)fwrite(text.at, 1, text.len, stdout);
	if (text.len == 0 || text.at[text.len - 1] != '\n')
		(void)putchar('\n');
}

static bool
is_sent(const struct view *v, const struct parser_result *result)
{
	switch (v->flow->mismatch) {
	case MISMATCH_BY_OPTION:
		return !result->skips;
	case MISMATCH_SKIP:
	case MISMATCH_DEAD_LETTER:
		return false;
	case MISMATCH_RAW:
		break;
	}
	return true;
}

static void
show_unmatched(struct view *v, struct span record, bool too_hard,
    const struct parser_result *result)
{
	bool sent = is_sent(v, result);
	char mark[96];

	v->unmatched++;
	v->too_hard += too_hard;
	v->sent += sent;
	snprintf(mark, sizeof(mark),
	    "--- %s %s, %s: ", too_hard ? "too hard for" : "nothing for",
	    parser_option(v->parser, result->option),
	    sent ? "sent as it came" : "not sent");
	show(mark, record);
}

static void
take(struct view *v, struct span record)
{
	struct parser_result result = { .record = record };
	enum parser_verdict verdict = PARSER_RECORD;
	int64_t begun = now_ns();

	v->facts.now_ms = clock_wall_ms();
	if (v->parser != NULL)
		verdict = parser_run(v->parser, record, &v->facts, &result);
	v->ns += now_ns() - begun;
	v->facts.offset += record.len;
	v->count++;
	switch (verdict) {
	case PARSER_RECORD:
		v->sent++;
		show("", result.record);
		return;
	case PARSER_SKIPPED:
		v->filtered++;
		show("--- filtered, not sent: ", record);
		return;
	case PARSER_NO_MATCH:
	case PARSER_TOO_HARD:
		show_unmatched(v, record, verdict == PARSER_TOO_HARD, &result);
		return;
	}
}

/* Take the records of `text`, of which more is to come unless `last`. Answers
 * how many bytes they had. */
static size_t
take_all(struct view *v, struct span text, bool last)
{
	struct span rest = text;

	while (rest.len > 0) {
		size_t len = 0;
		enum frame_result answer =
		    v->lines != NULL
			? multiline_next(v->lines, rest, 0, RECORD_MOST, &len)
			: frame_line(rest, 0, &len);

		if (answer == FRAME_MORE && !last)
			break;
		if (answer == FRAME_MORE)
			len = v->lines != NULL ? multiline_last(v->lines, rest)
					       : rest.len;
		take(v, span_of(rest.at, len));
		rest = span_of(rest.at + len, rest.len - len);
	}
	return text.len - rest.len;
}

static int
read_all(struct view *v, int fd, const char *path)
{
	struct buf text;
	ssize_t n = 1;

	buf_init(&text, 64 * RECORD_MOST);
	while (n != 0) {
		size_t done;

		if (!buf_reserve(&text, CHUNK)) {
			buf_fini(&text);
			return refuse(path, "a line is longer than 64 MiB");
		}
		n = read(fd, text.at + text.len, CHUNK);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			buf_fini(&text);
			return refuse(path, strerror(errno));
		}
		text.len += (size_t)n;
		done = take_all(v, buf_span(&text), n == 0);
		if (done > 0)
			memmove(text.at, text.at + done, text.len - done);
		text.len -= done;
	}
	buf_fini(&text);
	return EXIT_DONE;
}

static int
open_view(struct view *v, const struct config *c, const char *flow)
{
	const char *const *options;
	struct parser_fault fault;
	struct regex_fault where;
	size_t count = 0;

	v->flow = choice_flow(c, flow != NULL ? flow : "1");
	if (v->flow == NULL)
		return refuse("--flow", "there is no flow of that name or "
					"number");
	options = (const char *const *)v->flow->options;
	while (options != NULL && options[count] != NULL)
		count++;
	if (count > 0)
		v->parser = parser_new(options, count, RECORD_MOST, &fault);
	if (count > 0 && v->parser == NULL)
		return refuse(fault.key, fault.why);
	if (v->flow->multiline == MULTILINE_NONE)
		return EXIT_DONE;
	v->lines =
	    multiline_new(v->flow->multiline, v->flow->start_pattern, &where);
	return v->lines != NULL ? EXIT_DONE
				: refuse("multiLineStartPattern", where.why);
}

static void
say_count(const struct view *v)
{
	(void)fflush(stdout);
	fprintf(stderr,
	    "%" PRIu64 " records: %" PRIu64 " sent, %" PRIu64
	    " filtered, %" PRIu64 " not understood (%" PRIu64
	    " too hard); %" PRId64 " ns a record\n",
	    v->count, v->sent, v->filtered, v->unmatched, v->too_hard,
	    v->count > 0 ? v->ns / (int64_t)v->count : 0);
}

static int
view_file(struct view *v, const char *path)
{
	const char *slash = strrchr(path, '/');
	int fd = STDIN_FILENO, code;

	if (strcmp(path, "-") != 0) {
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			return refuse(path, strerror(errno));
	}
	if (gethostname(v->hostname, sizeof(v->hostname)) != 0)
		v->hostname[0] = '\0';
	v->hostname[sizeof(v->hostname) - 1] = '\0';
	v->facts.hostname = span_str(v->hostname);
	v->facts.path = span_str(path);
	v->facts.file = span_str(slash != NULL ? slash + 1 : path);
	code = read_all(v, fd, path);
	say_count(v);
	if (fd != STDIN_FILENO)
		(void)close(fd);
	return code;
}

int
parse_main(const struct cli_options *options)
{
	struct config *c = config_load(options->config_path);
	struct view v = { .count = 0 };
	int code;

	if (c == NULL)
		return EXIT_REFUSED;
	code = digest_setup() == 0 ? open_view(&v, c, options->flow)
				   : EXIT_REFUSED;
	if (code == EXIT_DONE) {
		v.facts.host = host_find(&v.host, c, v.flow, 1);
		code = view_file(
		    &v, options->word_count > 0 ? options->words[0] : "-");
	}
	parser_free(v.parser);
	multiline_free(v.lines);
	config_free(c);
	return code;
}
