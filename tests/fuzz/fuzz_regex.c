/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as a pattern, asked of any others: never a crash, an end in
 * bounded time, a fault inside the pattern; and where both come to an answer,
 * machine code and interpreter agree.
 *
 * Input: the pattern, a NUL, the text.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "regex.h"

#define PATTERN_MAX 256

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The answer, `text` being exactly as long as it is. */
static enum regex_answer
ask(struct regex *re, const uint8_t *text, size_t len)
{
	uint8_t *copy = malloc(len == 0 ? 1 : len);
	enum regex_answer answer;

	assert(copy != NULL);
	if (len > 0)
		memcpy(copy, text, len);
	answer = regex_is(re, span_of(copy, len));
	assert(regex_is(re, span_of(copy, len)) == answer);
	free(copy);
	return answer;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char plain[] = "(*NO_JIT)";
	char pattern[sizeof(plain) + PATTERN_MAX];
	const uint8_t *end = memchr(data, '\0', size);
	size_t len = end == NULL ? size : (size_t)(end - data);
	struct regex *fast, *slow;
	struct regex_fault fault = { 0 };

	if (len > PATTERN_MAX)
		return 0;
	memcpy(pattern, plain, sizeof(plain) - 1);
	if (len > 0)
		memcpy(pattern + sizeof(plain) - 1, data, len);
	pattern[sizeof(plain) - 1 + len] = '\0';
	fast = regex_new(pattern + sizeof(plain) - 1, &fault);
	assert(fast != NULL || (fault.at <= len && fault.why[0] != '\0'));
	slow = regex_new(pattern, &fault);
	assert((fast == NULL) == (slow == NULL));
	if (fast != NULL) {
		size_t from = end == NULL ? size : len + 1;
		enum regex_answer a = ask(fast, data + from, size - from);
		enum regex_answer b = ask(slow, data + from, size - from);

		assert(a == b || a == REGEX_TOO_HARD || b == REGEX_TOO_HARD);
	}
	regex_free(fast);
	regex_free(slow);
	return 0;
}
