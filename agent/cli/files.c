/* SPDX-License-Identifier: Apache-2.0
 *
 * files: see files.h. What the agent answers is taken whole before any of it
 * is shown: a pager that waits must not keep the agent waiting.
 *
 * Thread: main; there is no other.
 */
#include "files.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ask.h"
#include "buf.h"
#include "choice.h"
#include "cli.h"
#include "rowtext.h"
#include "span.h"

static const char *
text_in(const json_t *row, const char *key)
{
	const char *text = json_string_value(json_object_get(row, key));

	return text != NULL ? text : "";
}

static uint64_t
number_in(const json_t *row, const char *key)
{
	return (uint64_t)json_integer_value(json_object_get(row, key));
}

static void
show_row(const json_t *row)
{
	const char *error = text_in(row, "error");

	printf("%-10s %12" PRIu64 " %15" PRIu64 " %15" PRIu64 "  ",
	    text_in(row, "state"), number_in(row, "behind"),
	    number_in(row, "committed"), number_in(row, "size"));
	rowtext_name(stdout, text_in(row, "flow"));
	fputs(": ", stdout);
	rowtext_name(stdout, text_in(row, "file"));
	if (!json_is_true(json_object_get(row, "named")))
		fputs(" (no longer by that name)", stdout);
	if (json_is_true(json_object_get(row, "polled")))
		fputs(" (polled)", stdout);
	if (error[0] != '\0')
		printf(" (%s)", error);
	putchar('\n');
}

/* Each row stands on a line of its own, so that never more than one of them is
 * taken apart. Answers how many there were. */
static uint64_t
show_rows(struct span text, bool shown)
{
	uint64_t rows = 0;

	while (text.len > 0) {
		const unsigned char *end = memchr(text.at, '\n', text.len);
		size_t len = end != NULL ? (size_t)(end - text.at) : text.len;
		json_t *row = json_loadb(
		    (const char *)text.at, len, JSON_DISABLE_EOF_CHECK, NULL);

		if (json_object_get(row, "state") != NULL) {
			if (rows++ == 0 && shown)
				printf("%-10s %12s %15s %15s  %s\n", "state",
				    "behind", "committed", "of", "flow: file");
			if (shown)
				show_row(row);
		}
		json_decref(row);
		len += end != NULL ? 1 : 0;
		text = span_of(text.at + len, text.len - len);
	}
	return rows;
}

/* Is it an answer, and all of it? If not, that is said. */
static bool
is_whole(const char *where, struct buf *answer)
{
	static const char end[] = "]}\n";
	size_t len = sizeof(end) - 1;

	if (answer->len > len &&
	    memcmp(answer->at + answer->len - len, end, len) == 0)
		return true;
	json_decref(ask_read(where, answer));
	return false;
}

static int
show(const struct cli_options *options, struct buf *answer)
{
	uint64_t rows = show_rows(buf_span(answer), !options->json);

	if (options->json)
		(void)fwrite(answer->at, 1, answer->len, stdout);
	else
		printf("%s%" PRIu64 " file%s\n", rows > 0 ? "\n" : "", rows,
		    rows == 1 ? "" : "s");
	if (fflush(stdout) != 0 || ferror(stdout)) {
		fprintf(stderr, "kinesis-agent files: standard output: %s\n",
		    strerror(errno));
		return EXIT_REFUSED;
	}
	return rows > 0 || options->word_count == 0 ? EXIT_DONE : EXIT_NOTHING;
}

int
files_main(const struct cli_options *options)
{
	const char *flow = options->flow != NULL ? options->flow : "";
	char *where = ask_where(options), *pattern = NULL;
	const char *words[] = { "files", flow, "", NULL };
	struct buf answer;
	int code;

	if (where == NULL)
		return EXIT_REFUSED;
	if (options->word_count > 0)
		pattern = strchr(options->words[0], '/') != NULL
			      ? choice_path(options->words[0])
			      : NULL;
	if (options->word_count > 0)
		words[2] = pattern != NULL ? pattern : options->words[0];
	buf_init(&answer, ASK_BYTES);
	code = ask(where, words, ASK_WAIT_MS, &answer);
	if (code == EXIT_DONE)
		code = is_whole(where, &answer) ? show(options, &answer)
						: EXIT_REFUSED;
	buf_fini(&answer);
	free(pattern);
	free(where);
	return code;
}
