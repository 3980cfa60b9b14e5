/* SPDX-License-Identifier: Apache-2.0
 *
 * log: what the agent says, one line each. See log.h.
 *
 * No stream: a line shorter than PIPE_BUF that is written at once arrives
 * whole, also through a pipe. What standard error does not take now is dropped
 * and counted: whoever reads it may have stopped to, and the log never stops
 * the agent. Between that question and the write nobody else of us may write,
 * hence the lock; it is held for these two calls. A sink has taken the line when
 * it answers, and never waits. Errors go to standard error all the same: who
 * starts the agent by hand, and a service manager's journal, want to know why
 * it ended.
 */
#include "log.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "fold.h"

#define LINE_BYTES 2048 /* with its newline */
#define TEXT_BYTES 1980 /* of a message; a longer one ... */
#define TAIL_BYTES 500  /* ... keeps so much of its end: the cause */

static const struct {
	const char *word;
	char priority; /* syslog's */
} levels[] = {
	[LOG_LEVEL_ERROR] = { "error", '3' },
	[LOG_LEVEL_WARN] = { "warn ", '4' },
	[LOG_LEVEL_INFO] = { "info ", '6' },
	[LOG_LEVEL_DEBUG] = { "debug", '7' },
};

static _Atomic enum log_level loudest = LOG_LEVEL_INFO;
static enum log_style style = LOG_STYLE_TEXT; /* set before threads start */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static log_sink *sink;   /* NULL: standard error; under lock */
static uint64_t dropped; /* lines, since one was last taken; under lock */

/* The gate that was opened by this thread, whose line comes next; 0: none. */
static _Thread_local uint64_t opened;

void
log_setup(enum log_level level, enum log_style how)
{
	loudest = level;
	style = how;
}

void
log_limit(enum log_level level)
{
	loudest = level;
}

void
log_to(log_sink *to)
{
	(void)pthread_mutex_lock(&lock);
	sink = to;
	(void)pthread_mutex_unlock(&lock);
}

bool
log_on(enum log_level level)
{
	return level <= loudest;
}

/* Write the beginning of a line of `level` to `out`; how long it is. */
static size_t
begin(enum log_level level, enum log_style how, char *out)
{
	switch (how) {
	case LOG_STYLE_JOURNAL:
		memcpy(out, (char[]){ '<', levels[level].priority, '>' }, 3);
		return 3;
	case LOG_STYLE_TEXT:
		clock_extended(clock_wall_ms(), out);
		out[24] = ' ';
		memcpy(out + 25, levels[level].word, 5);
		out[30] = ' ';
		return 31;
	}
	return 0;
}

/* C0, DEL, and C1 as UTF-8 spells it (c2 80 to c2 9f): what a terminal may
 * obey. Other bytes pass, so that names stay readable. */
static bool
is_control(unsigned char before, unsigned char byte)
{
	if (byte < 0x20 || byte == 0x7f)
		return true;
	return before == 0xc2 && byte >= 0x80 && byte < 0xa0;
}

/* The line's length without its last character, if that is not ASCII: it may
 * have been cut in half. A character has at most three bytes behind its lead. */
static size_t
without_half(const char *line, size_t len)
{
	for (int i = 0; i < 4 && (line[len - 1] & 0x80) != 0; i++) {
		len--;
		if ((line[len] & 0xc0) == 0xc0)
			break;
	}
	return len;
}

/* Copy `text` behind the first `len` bytes of `line`, control bytes as \xNN;
 * what does not fit gives way to "...". The line's length, without newline. */
static size_t
escape(const char *text, char *line, size_t len)
{
	static const char hex[] = "0123456789abcdef";
	static const char cut[3] = { '.', '.', '.' };
	const size_t room = LINE_BYTES - 1 - sizeof cut; /* 1: the newline */
	unsigned char before = 0;

	for (; *text != '\0'; text++) {
		unsigned char byte = (unsigned char)*text;
		bool control = is_control(before, byte);

		if (len + (control ? 4 : 1) > room) {
			len = without_half(line, len);
			memcpy(line + len, cut, sizeof cut);
			return len + sizeof cut;
		}
		if (control) {
			line[len++] = '\\';
			line[len++] = 'x';
			line[len++] = hex[byte >> 4];
			line[len++] = hex[byte & 15];
		} else {
			line[len++] = (char)byte;
		}
		before = byte;
	}
	return len;
}

/* A message begins with whose it is and ends with the cause and the cure; what
 * is long is a path in between. So that gives way to "...". */
static void
shorten(char *text)
{
	size_t len = strlen(text), head;
	const char *tail;

	if (len <= TEXT_BYTES)
		return;
	tail = text + len - TAIL_BYTES;
	head = without_half(text, TEXT_BYTES - TAIL_BYTES - 3);
	for (int i = 0; i < 3 && (*tail & 0xc0) == 0x80; i++)
		tail++;
	memcpy(text + head, "...", 3);
	memmove(text + head + 3, tail, strlen(tail) + 1);
}

/* The line of `level` that says `text`; its length. */
static size_t
compose(enum log_level level, enum log_style how, const char *text,
    char line[static LINE_BYTES])
{
	size_t len = escape(text, line, begin(level, how, line));

	line[len++] = '\n';
	return len;
}

static bool
standard_error_takes_a_line(void)
{
	struct pollfd p = { .fd = STDERR_FILENO, .events = POLLOUT };

	return poll(&p, 1, 0) == 1 && (p.revents & POLLOUT) != 0;
}

/* Under lock. False: dropped. */
static bool
put_to_standard_error(enum log_level level, const char *text)
{
	char line[LINE_BYTES];
	size_t len = compose(level, style, text, line);
	ssize_t written;

	if (!standard_error_takes_a_line())
		return false;
	do
		written = write(STDERR_FILENO, line, len);
	while (written < 0 && errno == EINTR);
	return true;
}

/* The same. */
static bool
put_to_sink(enum log_level level, const char *text)
{
	char line[LINE_BYTES];
	size_t len = compose(level, LOG_STYLE_TEXT, text, line);

	return sink(line, len);
}

static bool
put(enum log_level level, const char *text)
{
	return sink != NULL ? put_to_sink(level, text)
			    : put_to_standard_error(level, text);
}

/* Under lock. Is nothing owed any more? */
static bool
say_what_was_dropped(void)
{
	char text[128];

	if (dropped == 0)
		return true;
	(void)snprintf(text, sizeof text,
	    "log: %" PRIu64 " lines before this were dropped: %s", dropped,
	    sink != NULL ? "the log file did not take them in time"
			 : "standard error was full");
	if (!put(LOG_LEVEL_WARN, text))
		return false;
	dropped = 0;
	return true;
}

/* Under lock. An error is on standard error, too, whatever the file takes. */
static void
put_or_drop(enum log_level level, const char *text)
{
	if (sink != NULL && level == LOG_LEVEL_ERROR)
		(void)put_to_standard_error(level, text);
	if (!say_what_was_dropped() || !put(level, text))
		dropped++;
}

/* Under lock. */
static void
say_debt(const struct fold_debt *debt)
{
	char text[FOLD_TEXT + 64];

	if (debt->times == 0)
		return;
	(void)snprintf(text, sizeof text,
	    "again %" PRIu64 " time%s within a minute: %s", debt->times,
	    debt->times > 1 ? "s" : "", debt->text);
	put_or_drop(debt->level, text);
}

/* Under lock. Is `text` to be written, or only counted? */
static bool
is_news(enum log_level level, const char *text, uint64_t ticket)
{
	struct fold_debt debt = { .times = 0 };
	bool news = true;

	if (ticket != 0)
		fold_opened(ticket, level, text, clock_ms(), &debt);
	else if (level <= LOG_LEVEL_WARN)
		news = fold_is_news(level, text, clock_ms(), &debt);
	say_debt(&debt);
	return news;
}

static void __attribute__((format(printf, 2, 0)))
say(enum log_level level, const char *format, va_list args)
{
	int kept = errno;
	uint64_t ticket = opened;
	char text[8 * 1024];

	opened = 0;
	if (!log_on(level))
		return;
	if (vsnprintf(text, sizeof text, format, args) < 0)
		text[0] = '\0';
	shorten(text);
	(void)pthread_mutex_lock(&lock);
	if (is_news(level, text, ticket))
		put_or_drop(level, text);
	(void)pthread_mutex_unlock(&lock);
	errno = kept;
}

void
log_settle(int64_t now_ms)
{
	struct fold_debt debt;

	(void)pthread_mutex_lock(&lock);
	while (fold_owes(now_ms, &debt))
		say_debt(&debt);
	(void)say_what_was_dropped();
	(void)pthread_mutex_unlock(&lock);
}

void
log_afresh(void)
{
	struct fold_debt debt;

	(void)pthread_mutex_lock(&lock);
	while (fold_forgets(&debt))
		say_debt(&debt);
	(void)pthread_mutex_unlock(&lock);
}

void
log_error(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(LOG_LEVEL_ERROR, format, args);
	va_end(args);
}

void
log_warn(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(LOG_LEVEL_WARN, format, args);
	va_end(args);
}

void
log_info(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(LOG_LEVEL_INFO, format, args);
	va_end(args);
}

void
log_debug(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(LOG_LEVEL_DEBUG, format, args);
	va_end(args);
}

bool
log_gate_open(struct log_gate *g, int64_t now_ms, uint64_t *held)
{
	if (now_ms < g->due_ms) {
		g->held++;
		fold_again(g->ticket);
		return false;
	}
	/* Unless what it held back was said meanwhile. */
	if (!fold_reopen(g->ticket, held))
		*held = 0;
	g->held = 0;
	g->due_ms = now_ms + FOLD_MS;
	g->ticket = opened = fold_ticket();
	return true;
}
