/* SPDX-License-Identifier: Apache-2.0
 *
 * config_case: one small input, and every line it must be answered with.
 *
 * The file is called "a.yaml" or "a.json". Expected lines are whole, without
 * the "a.yaml:" in front: "LINE:COLUMN: key: cause; cure". A line that begins
 * with "warn " is a warning. Order does not matter, number does.
 */
#ifndef CONFIG_CASE_H
#define CONFIG_CASE_H

#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "config/draft.h"
#include "config/report.h"

#define LINES_MAX 24

struct config_case {
	const char *text;
	const char *lines[LINES_MAX]; /* NULL ends them */
};

/* A flow that lacks nothing, for one more line behind it at column 3; the
 * next line is the fifth. */
#define A_FLOW                                                                 \
	"flows:\n"                                                             \
	"- filePattern: /var/log/*.log\n"                                      \
	"  kinesisStream: s\n"                                                 \
	"  region: eu-west-1\n"

#define A_JSON_FLOW                                                            \
	"{\"filePattern\": \"/var/log/*.log\", \"kinesisStream\": \"s\"}"

static inline struct config *
config_from(const char *text, bool java, struct report *r)
{
	report_init(r, java ? "a.json" : "a.yaml", java);
	return draft_read(span_str(text), r);
}

/* A valid text's config, without a word of warning; draft_free it. */
static inline struct config *
config_ok(const char *text, bool java)
{
	struct report r;
	struct config *c = config_from(text, java, &r);

	if (r.error_count != 0)
		print_error("%s\n", r.errors[0].text);
	if (r.warning_count != 0)
		print_error("%s\n", r.warnings[0].text);
	assert_int_equal(r.error_count, 0);
	assert_int_equal(r.warning_count, 0);
	assert_non_null(c);
	report_fini(&r);
	return c;
}

static inline bool
said(const struct report *r, const char *line)
{
	bool warning = strncmp(line, "warn ", 5) == 0;
	const struct complaint *all = warning ? r->warnings : r->errors;
	size_t count = warning ? r->warning_count : r->error_count;

	line += warning ? 5 : 0;
	for (size_t i = 0; i < count; i++)
		if (strcmp(all[i].text + strlen("a.json:"), line) == 0)
			return true;
	return false;
}

static inline void
print_report(const struct config_case *one, const struct report *r)
{
	print_error("for:\n%s\n", one->text);
	for (size_t i = 0; i < r->error_count && i < REPORT_ERRORS; i++)
		print_error("said: %s\n", r->errors[i].text);
	for (size_t i = 0; i < r->warning_count && i < REPORT_WARNINGS; i++)
		print_error("warned: %s\n", r->warnings[i].text);
}

static inline void
config_check(const struct config_case *one, bool java)
{
	struct report r;
	struct config *c = config_from(one->text, java, &r);
	size_t count = 0;

	for (; one->lines[count] != NULL; count++)
		if (!said(&r, one->lines[count])) {
			print_report(one, &r);
			fail_msg("not said: %s", one->lines[count]);
		}
	if (r.error_count + r.warning_count != count) {
		print_report(one, &r);
		fail_msg("%zu lines expected", count);
	}
	assert_true((c == NULL) == (r.error_count > 0));
	draft_free(c);
	report_fini(&r);
}

static inline void
config_check_all(const struct config_case *cases, size_t count, bool java)
{
	for (size_t i = 0; i < count; i++)
		config_check(&cases[i], java);
}

#define CHECK_ALL(cases, java)                                                 \
	config_check_all(cases, sizeof(cases) / sizeof((cases)[0]), java)

#endif
