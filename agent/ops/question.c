/* SPDX-License-Identifier: Apache-2.0
 *
 * question: see question.h. Refuses to guess: a line that is no question is
 * answered with why.
 *
 * Thread: tail.
 */
#include "question.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"

static bool
is_blank(unsigned char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\r';
}

/* The word in quotes that `rest` begins with; NULL: it is none. */
static char *
quoted(struct span rest, size_t *len)
{
	json_error_t error;
	json_t *text = json_loadb((const char *)rest.at, rest.len,
	    JSON_DECODE_ANY | JSON_DISABLE_EOF_CHECK, &error);
	char *word = NULL;

	/* Without JSON_ALLOW_NUL it holds none. */
	if (json_is_string(text)) {
		word = mem_dup(json_string_value(text));
		*len = (size_t)error.position;
	}
	json_decref(text);
	return word;
}

static char *
bare(struct span rest, size_t *len)
{
	size_t end = 0;

	while (end < rest.len && !is_blank(rest.at[end]))
		end++;
	*len = end;
	if (memchr(rest.at, '\0', end) != NULL)
		return NULL;
	return mem_dup_span(rest.at, end);
}

bool
question_read(struct span line, struct asked *asked)
{
	struct span rest = line;

	asked->count = 0;
	for (;;) {
		size_t len = 0;
		char *word;

		while (rest.len > 0 && is_blank(rest.at[0]))
			rest = span_of(rest.at + 1, rest.len - 1);
		if (rest.len == 0)
			return asked->count > 0;
		if (asked->count == ASKED_WORDS)
			break;
		word =
		    rest.at[0] == '"' ? quoted(rest, &len) : bare(rest, &len);
		if (word == NULL)
			break;
		asked->words[asked->count++] = word;
		assert(len > 0 && len <= rest.len);
		rest = span_of(rest.at + len, rest.len - len);
	}
	question_forget(asked);
	return false;
}

void
question_forget(struct asked *asked)
{
	for (size_t i = 0; i < asked->count; i++)
		free(asked->words[i]);
	asked->count = 0;
}
