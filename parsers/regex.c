/* SPDX-License-Identifier: Apache-2.0
 *
 * regex: see regex.h. The only includer of PCRE2.
 *
 * Machine code is made of the pattern where the system lets us (a hardened
 * unit may forbid it); without, the same pattern is interpreted, with the same
 * answers at an eighth of the speed.
 *
 * Any thread, but each regex in one at a time: what a match needs besides the
 * pattern is kept with it.
 */
#include "regex.h"

#include <stdlib.h>

#include "mem.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#define STEPS       250000 /* of a match: one to five milliseconds */
#define HEAP_KIB    4096   /* for a match that is interpreted */
#define STACK_LEAST ((size_t)32 * 1024)
#define STACK_MOST  ((size_t)512 * 1024)

/* ^ and $ stand at lines, as with the Java agent, and it may not be told
 * otherwise from inside the pattern that bytes are bytes. */
#define FOR_BYTES                                                              \
	(PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_MULTILINE | PCRE2_NEVER_UTF)
/* \C would cut a character in two. \w and \d are ASCII, as in Java. */
#define FOR_TEXT (PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C)

struct regex {
	pcre2_code *code;
	pcre2_match_data *found;
	pcre2_match_context *limits;
	pcre2_jit_stack *stack;    /* NULL: interpreted, or the thread's own */
	const unsigned char *text; /* borrowed: what was asked last */
	size_t groups;
	bool interpreted;
};

/* Small memory is there or the process ends (mem.h): no maker answers NULL. */
static void *
get(size_t size, void *owner)
{
	(void)owner;
	return mem_new(size);
}

static void
give_back(void *at, void *owner)
{
	(void)owner;
	free(at);
}

static pcre2_code *
compile(const char *pattern, uint32_t options, pcre2_general_context *memory,
    struct regex_fault *fault)
{
	pcre2_compile_context *how = pcre2_compile_context_create(memory);
	PCRE2_SIZE at;
	pcre2_code *code;
	int why;

	/* A CR before the newline is no part of the text for $ and `.`. */
	(void)pcre2_set_newline(how, PCRE2_NEWLINE_ANYCRLF);
	code = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED,
	    options | PCRE2_NEVER_UCP, &why, &at, how);
	pcre2_compile_context_free(how);
	if (code != NULL)
		return code;
	fault->at = at;
	(void)pcre2_get_error_message(
	    why, (PCRE2_UCHAR *)fault->why, sizeof(fault->why));
	return NULL;
}

static size_t
count_groups(const pcre2_code *code)
{
	uint32_t count = 0;

	(void)pcre2_pattern_info(code, PCRE2_INFO_CAPTURECOUNT, &count);
	return count;
}

static void
make_fast(struct regex *re)
{
	re->interpreted = pcre2_jit_compile(re->code, PCRE2_JIT_COMPLETE) != 0;
	if (!re->interpreted)
		re->stack =
		    pcre2_jit_stack_create(STACK_LEAST, STACK_MOST, NULL);
	if (re->stack != NULL)
		pcre2_jit_stack_assign(re->limits, NULL, re->stack);
}

static struct regex *
make(const char *pattern, uint32_t options, struct regex_fault *fault)
{
	pcre2_general_context *memory =
	    pcre2_general_context_create(get, give_back, NULL);
	struct regex *re = mem_new(sizeof(*re));

	re->code = compile(pattern, options, memory, fault);
	if (re->code == NULL) {
		pcre2_general_context_free(memory);
		free(re);
		return NULL;
	}
	re->groups = count_groups(re->code);
	re->found = pcre2_match_data_create((uint32_t)re->groups + 1, memory);
	re->limits = pcre2_match_context_create(memory);
	pcre2_general_context_free(memory);
	(void)pcre2_set_match_limit(re->limits, STEPS);
	(void)pcre2_set_depth_limit(re->limits, STEPS);
	(void)pcre2_set_heap_limit(re->limits, HEAP_KIB);
	make_fast(re);
	return re;
}

struct regex *
regex_new(const char *pattern, struct regex_fault *fault)
{
	return make(pattern, FOR_BYTES, fault);
}

struct regex *
regex_new_start(const char *pattern, struct regex_fault *fault)
{
	return make(pattern, PCRE2_ANCHORED | PCRE2_NEVER_UTF, fault);
}

struct regex *
regex_new_text(
    const char *pattern, enum regex_place place, struct regex_fault *fault)
{
	uint32_t options = FOR_TEXT;

	if (place != REGEX_ANYWHERE)
		options |= PCRE2_ANCHORED;
	if (place == REGEX_WHOLE)
		options |= PCRE2_ENDANCHORED;
	return make(pattern, options, fault);
}

void
regex_free(struct regex *re)
{
	if (re == NULL)
		return;
	pcre2_jit_stack_free(re->stack);
	pcre2_match_context_free(re->limits);
	pcre2_match_data_free(re->found);
	pcre2_code_free(re->code);
	free(re);
}

enum regex_answer
regex_find(struct regex *re, struct span text, size_t from)
{
	PCRE2_SPTR at = (PCRE2_SPTR) "";
	int answer;

	if (text.len > 0)
		at = text.at;
	re->text = at;
	answer = pcre2_match(re->code, at, text.len, from, PCRE2_NO_UTF_CHECK,
	    re->found, re->limits);
	if (answer >= 0)
		return REGEX_YES;
	return answer == PCRE2_ERROR_NOMATCH ? REGEX_NO : REGEX_TOO_HARD;
}

enum regex_answer
regex_is(struct regex *re, struct span text)
{
	return regex_find(re, text, 0);
}

size_t
regex_groups(const struct regex *re)
{
	return re->groups;
}

bool
regex_group(const struct regex *re, size_t n, struct span *found)
{
	const PCRE2_SIZE *ends = pcre2_get_ovector_pointer(re->found) + 2 * n;

	if (ends[0] == PCRE2_UNSET || ends[1] < ends[0])
		return false;
	*found = span_of(re->text + ends[0], ends[1] - ends[0]);
	return true;
}

struct span
regex_group_name(const struct regex *re, size_t n)
{
	uint32_t count = 0, size = 0;
	PCRE2_SPTR row = NULL;

	(void)pcre2_pattern_info(re->code, PCRE2_INFO_NAMECOUNT, &count);
	(void)pcre2_pattern_info(re->code, PCRE2_INFO_NAMEENTRYSIZE, &size);
	(void)pcre2_pattern_info(re->code, PCRE2_INFO_NAMETABLE, &row);
	for (uint32_t i = 0; i < count; i++, row += size)
		if (((size_t)row[0] << 8 | row[1]) == n)
			return span_str((const char *)row + 2);
	return span_of(NULL, 0);
}

bool
regex_is_interpreted(const struct regex *re)
{
	return re->interpreted;
}
