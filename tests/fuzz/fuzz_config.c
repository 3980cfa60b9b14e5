/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as a configuration, in both formats: never a crash, an answer or
 * a reason but not both, every reason at a place inside the file; on what
 * is JSON at all, our reader and jansson agree; and what a JSON file means can
 * be said in our format.
 */
#include <assert.h>
#include <jansson.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/draft.h"
#include "config/readers.h"
#include "config/report.h"
#include "config/rewrite.h"
#include "config/tree.h"
#include "config/encoding.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint32_t
count_lines(struct span text)
{
	uint32_t lines = 1;

	/* libyaml knows more ends of lines than \n. */
	for (size_t i = 0; i < text.len; i++)
		if (text.at[i] == '\n' || text.at[i] == '\r' ||
		    text.at[i] >= 0x80)
			lines++;
	return lines;
}

static void
check_config(const struct config *c)
{
	assert(c->flow_count >= 1);
	assert(c->checkpoint_file != NULL && c->state_directory != NULL);
	assert((c->access_key == NULL) == (c->secret_key == NULL));
	for (size_t i = 0; i < c->flow_count; i++) {
		const struct flow_config *f = &c->flows[i];

		assert(f->name != NULL && f->patterns[0] != NULL);
		for (size_t k = 0; f->patterns[k] != NULL; k++)
			assert(f->patterns[k][0] == '/');
		assert(f->target != NULL);
		assert(f->terminator != NULL);
		assert(f->max_in_flight >= 1 && f->max_in_flight <= 256);
		assert(f->max_bytes >= 1 && f->max_records >= 1);
	}
}

/* What import makes of a configuration is one, of as many flows of the same
 * names. */
static void
check_import(struct config *c, const struct report *r)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	struct config *again;
	struct report told;
	char path[] = "f.json";

	assert(out != NULL);
	c->path = path;
	rewrite(out, c, r, 1, true);
	c->path = NULL;
	assert(fclose(out) == 0);
	report_init(&told, "f.yaml", false);
	again = draft_read(span_of(text, len), &told);
	if (again == NULL)
		fprintf(stderr, "%s\n%s\n", told.errors[0].text, text);
	assert(again != NULL && again->flow_count == c->flow_count);
	for (size_t i = 0; i < c->flow_count; i++)
		assert(strcmp(c->flows[i].name, again->flows[i].name) == 0);
	report_fini(&told);
	draft_free(again);
	free(text);
}

static void
read_as(struct span text, bool java)
{
	struct report r;
	struct config *c;
	uint32_t lines = count_lines(text);

	report_init(&r, "f", java);
	c = draft_read(text, &r);
	assert((c == NULL) == (r.error_count > 0));
	for (size_t i = 0; i < r.error_count && i < REPORT_ERRORS; i++) {
		assert(r.errors[i].at.line <= lines);
		assert(r.errors[i].at.column <= text.len + 2);
	}
	if (c != NULL)
		check_config(c);
	if (c != NULL && java)
		check_import(c, &r);
	draft_free(c);
	report_fini(&r);
}

static bool
holds(struct span text, const char *what)
{
	return text.len > 0 &&
	       memmem(text.at, text.len, what, strlen(what)) != NULL;
}

static void
compare_with_jansson(struct span text)
{
	struct report r;
	struct tree t;
	json_error_t error;
	json_t *theirs;
	bool ours, ceiling;

	report_init(&r, "f", true);
	tree_init(&t, &r);
	if (holds(text, "//") || holds(text, "/*") ||
	    encoding_check(text, &r) != 0)
		goto done;
	ours = json_to_tree(text, &t) == 0;
	assert(ours == (r.error_count == 0));
	ceiling = !ours && strstr(r.errors[0].text, "not valid JSON") == NULL;
	theirs = json_loadb(
	    (const char *)text.at, text.len, JSON_DECODE_ANY, &error);
	/* jansson makes numbers of numbers, and they may be too large. */
	if (!ceiling && !(theirs == NULL && json_error_code(&error) ==
						json_error_numeric_overflow))
		assert(ours == (theirs != NULL));
	json_decref(theirs);
done:
	tree_fini(&t);
	report_fini(&r);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* Exactly as long as it is, so that a byte too far is found. */
	unsigned char *copy = malloc(size == 0 ? 1 : size);
	struct span text = span_of(copy, size);

	assert(copy != NULL);
	if (size > 0)
		memcpy(copy, data, size);
	read_as(text, false);
	read_as(text, true);
	compare_with_jansson(text);
	free(copy);
	return 0;
}
