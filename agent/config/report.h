/* SPDX-License-Identifier: Apache-2.0
 *
 * report: what is wrong with a configuration, gathered before it is said.
 *
 * One report per file. Lines are kept (20 mistakes and 40 warnings at most,
 * the rest is counted) and said at the end in the file's own order, so that
 * tests and the fuzzer read the very lines that an operator reads. Never give
 * it a secret.
 */
#ifndef REPORT_H
#define REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REPORT_ERRORS   20
#define REPORT_WARNINGS 40

/* Where in the file, both from 1; line 0: the file as a whole. Columns are
 * characters, not bytes. */
struct place {
	uint32_t line, column;
};

struct complaint {
	struct place at;
	char *text; /* owned: "FILE:LINE:COLUMN: key: cause; cure" */
};

struct report {
	const char *file; /* borrowed: as the operator named it */
	bool java;        /* the Java agent's file: slips are only warned of */
	size_t error_count, warning_count; /* said or not */
	struct complaint errors[REPORT_ERRORS];
	struct complaint warnings[REPORT_WARNINGS];
};

void report_init(struct report *r, const char *file, bool java);
void report_fini(struct report *r);

/* A mistake: the agent will not start. `key` may be NULL. */
void report_error(struct report *r, struct place at, const char *key,
    const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Something the operator should know, and the agent starts all the same. */
void report_warn(struct report *r, struct place at, const char *key,
    const char *format, ...) __attribute__((format(printf, 4, 5)));

/* What the Java agent passes over in silence: a mistake in our own format, a
 * warning in the file that it used to read. */
void report_slip(struct report *r, struct place at, const char *key,
    const char *format, ...) __attribute__((format(printf, 4, 5)));

/* What was an error is a warning now, and says that the file is passed over:
 * the Java agent does without a file of flows that it cannot read. */
void report_forgive(struct report *r);

/* Log it all, by line and column, with a last line that counts. */
void report_say(struct report *r);

#endif
