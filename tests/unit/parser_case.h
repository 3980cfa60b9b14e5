/* SPDX-License-Identifier: Apache-2.0
 *
 * For tests of parsers: an option as JSON text, a record in, a record out.
 */
#ifndef PARSER_CASE_H
#define PARSER_CASE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "parser.h"

#define RECORD_MAX ((size_t)1024 * 1024)

/* 2026-11-21T20:10:47.002Z */
static const int64_t noon_ms = INT64_C(1795291847002);

static struct parser_facts case_facts;

static inline const struct parser_facts *
facts_of_case(void)
{
	case_facts.hostname = span_str("web-1");
	case_facts.path = span_str("/var/log/app/a \"b\".log");
	case_facts.file = span_str("a \"b\".log");
	case_facts.offset = 12345678901;
	case_facts.now_ms = noon_ms;
	return &case_facts;
}

static inline struct parser *
chain_of(const char *const *options, size_t count)
{
	struct parser_fault fault;
	struct parser *p = parser_new(options, count, RECORD_MAX, &fault);

	if (p == NULL)
		fail_msg(
		    "option %zu: %s: %s", fault.option, fault.key, fault.why);
	return p;
}

static inline void
check_run(struct parser *p, struct span in, enum parser_verdict wanted,
    struct span out)
{
	struct parser_result result;
	enum parser_verdict got = parser_run(p, in, facts_of_case(), &result);

	if (got != wanted)
		fail_msg("`%.*s`: verdict %d, not %d: `%.*s`", (int)in.len,
		    (const char *)in.at, (int)got, (int)wanted,
		    (int)result.record.len, (const char *)result.record.at);
	if (!span_eq(result.record, out))
		fail_msg("`%.*s` became\n`%.*s`, not\n`%.*s`", (int)in.len,
		    (const char *)in.at, (int)result.record.len,
		    (const char *)result.record.at, (int)out.len,
		    (const char *)out.at);
}

/* Each record is run twice, and one of another kind between: what a run
 * leaves behind must not show. */
static inline void
check_chain(const char *const *options, size_t count, struct span in,
    enum parser_verdict wanted, struct span out)
{
	struct parser *p = chain_of(options, count);
	struct parser_result result;

	check_run(p, in, wanted, out);
	(void)parser_run(p, span_str("{\"x\":[1,2],\"-\":\"\\u00e9\"}\n"),
	    facts_of_case(), &result);
	check_run(p, in, wanted, out);
	parser_free(p);
}

static inline void
becomes(const char *option, const char *in, const char *out)
{
	check_chain(&option, 1, span_str(in), PARSER_RECORD, span_str(out));
}

/* The verdict, the record being what it was. */
static inline void
is_judged(const char *option, const char *in, enum parser_verdict verdict)
{
	check_chain(&option, 1, span_str(in), verdict, span_str(in));
}

static inline void
is_refused(const char *option, const char *key, const char *why)
{
	struct parser_fault fault;
	struct parser *p = parser_new(&option, 1, RECORD_MAX, &fault);

	if (p != NULL)
		fail_msg("%s is not refused", option);
	assert_string_equal(fault.key, key);
	if (strstr(fault.why, why) == NULL)
		fail_msg("%s: `%s` does not say `%s`", option, fault.why, why);
}

#endif
