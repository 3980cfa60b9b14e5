/* SPDX-License-Identifier: Apache-2.0
 *
 * log: what the agent says, one line each, to standard error.
 *
 * Any thread. A line is formatted on the caller's stack (longer than 2 KiB it
 * loses its middle) and written with one write(2), so that lines never mix.
 * Where standard error takes no more, it is dropped and the next one says so.
 * Control bytes in it come out as \xNN: a file name cannot forge a line. Never
 * give it a secret or a whole record. errno is preserved.
 */
#ifndef LOG_H
#define LOG_H

#include <stdbool.h>
#include <stdint.h>

enum log_level {
	LOG_LEVEL_ERROR,
	LOG_LEVEL_WARN,
	LOG_LEVEL_INFO,
	LOG_LEVEL_DEBUG
};

/* How the lines begin: for people (time and word) or for journald (<3>). */
enum log_style { LOG_STYLE_TEXT, LOG_STYLE_JOURNAL };

/* Before the threads start. */
void log_setup(enum log_level level, enum log_style how);

/* Would a line of `level` be written? For callers whose arguments cost. */
bool log_on(enum log_level level);

void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A gate folds what would be said again and again: it opens at once the first
 * time and then once a minute. Zero-initialised; one thread each. */
struct log_gate {
	int64_t due_ms; /* closed until then */
	uint64_t held;  /* times it stayed closed since it last opened */
};

/* May it be said now? On true `held` says how often it was not since. */
bool log_gate_open(struct log_gate *g, int64_t now_ms, uint64_t *held);

#endif
