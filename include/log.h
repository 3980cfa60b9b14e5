/* SPDX-License-Identifier: Apache-2.0
 *
 * log: what the agent says, one line each, to standard error or to a file (see
 * logfile.h).
 *
 * Any thread. A line is formatted on the caller's stack (longer than 2 KiB it
 * loses its middle) and written with one write(2), so that lines never mix.
 * Where no more is taken, it is dropped and the next one says so. A warning or
 * an error that is said again within a minute is counted instead. Control bytes in it come out as \xNN: a file name cannot forge a line. Never
 * give it a secret or a whole record. errno is preserved.
 */
#ifndef LOG_H
#define LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum log_level {
	LOG_LEVEL_ERROR,
	LOG_LEVEL_WARN,
	LOG_LEVEL_INFO,
	LOG_LEVEL_DEBUG
};

/* How the lines begin: for people (time and word) or for journald (<3>). */
enum log_style { LOG_STYLE_TEXT, LOG_STYLE_JOURNAL };

/* `how` is of standard error, and is set before the threads start. */
void log_setup(enum log_level level, enum log_style how);

/* Only `level` and what is worse is said from now on. */
void log_limit(enum log_level level);

/* Takes a line, its newline included, at once; false: no room now. Says
 * nothing itself. */
typedef bool log_sink(const char *line, size_t len);

/* From now on lines go to `to`, and only errors to standard error too; NULL:
 * to standard error again. */
void log_to(log_sink *to);

/* Say what is owed at `now_ms` (CLOCK_NEVER: all of it): how often something
 * came again, how much was dropped. Now and then, and at the end. */
void log_settle(int64_t now_ms);

/* Would a line of `level` be written? For callers whose arguments cost. */
bool log_on(enum log_level level);

void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* What was said a moment ago is news when it is said again: somebody asks
 * anew. */
void log_afresh(void);

/* A gate folds what would be said again and again in other words: it opens at
 * once the first time and then once a minute. Zero-initialised; one thread
 * each. */
struct log_gate {
	int64_t due_ms;  /* closed until then */
	uint64_t held;   /* times it stayed closed since it last opened */
	uint64_t ticket; /* of the count that is said when it was the last; 0:
	                  * never open yet */
};

/* May it be said now? On true `held` says how often it was not since, and the
 * line that the caller says next is the gate's: should it never open again,
 * log_settle says that line once more with the last count. */
bool log_gate_open(struct log_gate *g, int64_t now_ms, uint64_t *held);

#endif
