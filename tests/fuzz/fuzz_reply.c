/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as an answer: never a crash; the verdict does not depend on how
 * the network cuts it; no truncation of a lost answer is believed; and of
 * what is JSON at all, jansson counts the same failures.
 *
 * Input: the number of records (two bytes), where to cut (one), the answer.
 */
#include <assert.h>
#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ship/reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
feed(struct reply *r, struct span bytes)
{
	/* Exactly as long as it is, so that a byte too far is found. */
	unsigned char *copy = malloc(bytes.len == 0 ? 1 : bytes.len);

	assert(copy != NULL);
	if (bytes.len > 0)
		memcpy(copy, bytes.at, bytes.len);
	reply_feed(r, span_of(copy, bytes.len));
	free(copy);
}

static enum reply_verdict
judge(struct reply *r, struct span body, uint32_t expected, size_t step)
{
	reply_begin(r, expected);
	while (body.len > 0) {
		size_t len = step < body.len ? step : body.len;

		feed(r, span_of(body.at, len));
		body.at += len;
		body.len -= len;
	}
	return reply_end(r, 200, "");
}

static void
check_consistent(const struct reply *r, enum reply_verdict verdict)
{
	uint32_t failed = 0;

	for (uint32_t i = 0; i < r->expected; i++)
		failed += reply_failed(r, i);
	assert(strlen(r->code) <= REPLY_CODE);
	assert(strlen(r->message) <= REPLY_MESSAGE);
	assert(verdict != REPLY_ERROR);
	assert((verdict == REPLY_LOST) == (r->why != NULL));
	if (verdict == REPLY_PARTIAL)
		assert(failed > 0 && failed == r->failures);
	if (verdict == REPLY_ACCEPTED && !r->none_failed)
		assert(failed == 0 && r->entries == r->expected);
}

static bool
is_shallow(struct span body)
{
	size_t opened = 0;

	for (size_t i = 0; i < body.len; i++)
		opened += body.at[i] == '{' || body.at[i] == '[';
	return opened <= SCAN_DEPTH;
}

/* `theirs` is the whole answer. */
static void
compare(const struct reply *r, enum reply_verdict verdict, json_t *theirs)
{
	json_t *entries = json_object_get(theirs, "Records");
	json_t *entry;
	size_t i;

	if (entries == NULL)
		entries = json_object_get(theirs, "RequestResponses");
	if (verdict == REPLY_LOST || r->none_failed)
		return;
	assert(json_array_size(entries) == r->expected);
	json_array_foreach(entries, i, entry)
	{
		const char *code =
		    json_string_value(json_object_get(entry, "ErrorCode"));

		assert(reply_failed(r, (uint32_t)i) ==
		       (code != NULL && code[0] != '\0'));
	}
}

static void
compare_with_jansson(
    const struct reply *r, enum reply_verdict verdict, struct span body)
{
	json_t *theirs = json_loadb(
	    (const char *)body.at, body.len, JSON_REJECT_DUPLICATES, NULL);

	if (json_is_object(theirs) && is_shallow(body)) {
		assert(r->format == REPLY_JSON && r->state != SCAN_BAD);
		compare(r, verdict, theirs);
	}
	json_decref(theirs);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct reply whole, cut;
	enum reply_verdict verdict;

	if (size < 3)
		return 0;
	uint32_t number = (uint32_t)data[0] | (uint32_t)data[1] << 8;
	uint32_t expected = number % BATCH_RECORDS + 1;
	size_t step = data[2] % 64 + 1U;
	struct span body = span_of(data + 3, size - 3);

	verdict = judge(&whole, body, expected, SIZE_MAX);
	check_consistent(&whole, verdict);
	assert(judge(&cut, body, expected, step) == verdict);
	assert(memcmp(cut.cause, whole.cause, cut.expected) == 0);
	assert(strcmp(cut.code, whole.code) == 0);
	assert(strcmp(cut.message, whole.message) == 0);
	compare_with_jansson(&whole, verdict, body);
	return 0;
}
