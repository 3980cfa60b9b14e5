/* SPDX-License-Identifier: Apache-2.0
 *
 * report: see report.h. Thread: the one that loads, before any other starts.
 */
#include "report.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "mem.h"

#define TEXT_MAX 1024 /* a line's; the cause is cut there */

void
report_init(struct report *r, const char *file, bool java)
{
	memset(r, 0, sizeof(*r));
	r->file = file;
	r->java = java;
}

static size_t
kept(size_t count, size_t max)
{
	return count < max ? count : max;
}

void
report_fini(struct report *r)
{
	for (size_t i = 0; i < kept(r->error_count, REPORT_ERRORS); i++)
		free(r->errors[i].text);
	for (size_t i = 0; i < kept(r->warning_count, REPORT_WARNINGS); i++)
		free(r->warnings[i].text);
	report_init(r, r->file, r->java);
}

static char *
compose(
    const struct report *r, struct place at, const char *key, const char *cause)
{
	const char *colon = key == NULL ? "" : ": ";

	if (key == NULL)
		key = "";
	if (at.line == 0)
		return mem_format("%s: %s%s%s", r->file, key, colon, cause);
	return mem_format(
	    "%s:%u:%u: %s%s%s", r->file, at.line, at.column, key, colon, cause);
}

static void
add_error(struct report *r, struct place at, const char *key, const char *cause)
{
	size_t i = r->error_count++;

	if (i < REPORT_ERRORS)
		r->errors[i] =
		    (struct complaint){ at, compose(r, at, key, cause) };
}

static void
add_warning(
    struct report *r, struct place at, const char *key, const char *cause)
{
	size_t i = r->warning_count++;

	if (i < REPORT_WARNINGS)
		r->warnings[i] =
		    (struct complaint){ at, compose(r, at, key, cause) };
}

void
report_error(
    struct report *r, struct place at, const char *key, const char *format, ...)
{
	char cause[TEXT_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(cause, sizeof(cause), format, args);
	va_end(args);
	add_error(r, at, key, cause);
}

void
report_warn(
    struct report *r, struct place at, const char *key, const char *format, ...)
{
	char cause[TEXT_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(cause, sizeof(cause), format, args);
	va_end(args);
	add_warning(r, at, key, cause);
}

void
report_slip(
    struct report *r, struct place at, const char *key, const char *format, ...)
{
	char cause[TEXT_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(cause, sizeof(cause), format, args);
	va_end(args);
	if (r->java)
		add_warning(r, at, key, cause);
	else
		add_error(r, at, key, cause);
}

void
report_forgive(struct report *r)
{
	for (size_t i = 0; i < kept(r->error_count, REPORT_ERRORS); i++) {
		size_t to = r->warning_count++;
		struct complaint *c = &r->errors[i];

		if (to < REPORT_WARNINGS)
			r->warnings[to] = (struct complaint){ c->at,
				mem_format("%s; the file is passed over, as "
					   "the Java agent does",
				    c->text) };
		free(c->text);
		c->text = NULL;
	}
	r->error_count = 0;
}

static int
by_place(const void *left, const void *right)
{
	const struct complaint *a = left, *b = right;

	if (a->at.line != b->at.line)
		return a->at.line < b->at.line ? -1 : 1;
	if (a->at.column != b->at.column)
		return a->at.column < b->at.column ? -1 : 1;
	return 0;
}

void
report_say(struct report *r)
{
	size_t errors = kept(r->error_count, REPORT_ERRORS);
	size_t warnings = kept(r->warning_count, REPORT_WARNINGS);

	qsort(r->warnings, warnings, sizeof(r->warnings[0]), by_place);
	qsort(r->errors, errors, sizeof(r->errors[0]), by_place);
	for (size_t i = 0; i < warnings; i++)
		log_warn("%s", r->warnings[i].text);
	if (r->warning_count > warnings)
		log_warn("%s: %zu more warnings of this kind are not shown",
		    r->file, r->warning_count - warnings);
	for (size_t i = 0; i < errors; i++)
		log_error("%s", r->errors[i].text);
	if (r->error_count > errors)
		log_error("%s: %zu more mistakes are not shown", r->file,
		    r->error_count - errors);
}
