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
#define OPTIONS                                                                \
	(PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_MULTILINE |                \
	    PCRE2_NEVER_UTF | PCRE2_NEVER_UCP)

struct regex {
	pcre2_code *code;
	pcre2_match_data *found;
	pcre2_match_context *limits;
	pcre2_jit_stack *stack; /* NULL: interpreted, or the thread's own */
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
compile(const char *pattern, pcre2_general_context *memory,
    struct regex_fault *fault)
{
	pcre2_compile_context *how = pcre2_compile_context_create(memory);
	PCRE2_SIZE at;
	pcre2_code *code;
	int why;

	/* A CR before the newline is no part of the text for $ and `.`. */
	(void)pcre2_set_newline(how, PCRE2_NEWLINE_ANYCRLF);
	code = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED,
	    OPTIONS, &why, &at, how);
	pcre2_compile_context_free(how);
	if (code != NULL)
		return code;
	fault->at = at;
	(void)pcre2_get_error_message(
	    why, (PCRE2_UCHAR *)fault->why, sizeof(fault->why));
	return NULL;
}

struct regex *
regex_new(const char *pattern, struct regex_fault *fault)
{
	pcre2_general_context *memory =
	    pcre2_general_context_create(get, give_back, NULL);
	struct regex *re = mem_new(sizeof(*re));

	re->code = compile(pattern, memory, fault);
	if (re->code == NULL) {
		pcre2_general_context_free(memory);
		free(re);
		return NULL;
	}
	re->found = pcre2_match_data_create(1, memory);
	re->limits = pcre2_match_context_create(memory);
	pcre2_general_context_free(memory);
	(void)pcre2_set_match_limit(re->limits, STEPS);
	(void)pcre2_set_depth_limit(re->limits, STEPS);
	(void)pcre2_set_heap_limit(re->limits, HEAP_KIB);
	if (pcre2_jit_compile(re->code, PCRE2_JIT_COMPLETE) == 0)
		re->stack =
		    pcre2_jit_stack_create(STACK_LEAST, STACK_MOST, NULL);
	if (re->stack != NULL)
		pcre2_jit_stack_assign(re->limits, NULL, re->stack);
	return re;
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
regex_is(struct regex *re, struct span text)
{
	PCRE2_SPTR at = (PCRE2_SPTR) "";
	int answer;

	if (text.len > 0)
		at = text.at;
	answer =
	    pcre2_match(re->code, at, text.len, 0, 0, re->found, re->limits);
	if (answer >= 0)
		return REGEX_YES;
	return answer == PCRE2_ERROR_NOMATCH ? REGEX_NO : REGEX_TOO_HARD;
}
