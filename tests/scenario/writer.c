/* SPDX-License-Identifier: Apache-2.0
 *
 * writer: a logger that is faster than Python, for the scenarios.
 *
 *     writer FILE NAME JOURNAL SEED RATE [tear] [hold=MS] [overwrite]
 *
 * Writes lines "NAME FILE LINE FILLER\n", each unlike any other, FILE counted
 * up with every reopening and LINE within a file, several with one write, and
 * every line into JOURNAL as well, whole. Then does what standard input says,
 * a letter a line, and answers each with "FILE LINES":
 *
 *     r   go on in a new file called FILE, as after a HUP
 *     p   pause: every line that was begun is whole
 *     c   continue
 *     q   pause and end; so does the end of standard input
 *
 * tear: the last line of a write is finished by the next one. hold: now and
 * then a line still goes to a file that was left less than so long ago, as
 * another process of the logger would do. overwrite: no O_APPEND, so that
 * after a truncation it goes on at its old offset.
 *
 * Thread: one. Refuses to go on after any error.
 */
#include <err.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BURST_MS       5
#define LINE_MAX_BYTES 256
#define HELD_MAX       64

struct held {
	int fd;
	unsigned file, line;
	int64_t until_ms;
};

struct writer {
	const char *path, *name;
	int fd, journal;
	int flags;
	uint64_t dice;
	unsigned rate;
	bool tear;
	int64_t hold_ms;
	unsigned file, line;       /* counted from 0 */
	char rest[LINE_MAX_BYTES]; /* of the line that is torn */
	size_t rest_len;
	struct held held[HELD_MAX]; /* files that were left */
	size_t held_count;
	char *burst; /* owned */
	size_t burst_room;
};

static int64_t
now_ms(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * INT64_C(1000) + ts.tv_nsec / 1000000;
}

static uint64_t
roll(struct writer *w)
{
	w->dice ^= w->dice >> 12;
	w->dice ^= w->dice << 25;
	w->dice ^= w->dice >> 27;
	return w->dice * UINT64_C(0x2545f4914f6cdd1d);
}

static void
put(int fd, const char *at, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, at, len);

		if (n < 0)
			err(1, "write");
		at += n;
		len -= (size_t)n;
	}
}

/* A line into `into`; answers its length. */
static size_t
make_line(struct writer *w, char into[static LINE_MAX_BYTES], unsigned file,
    unsigned line)
{
	static const char letters[64] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLM"
	    "NOPQRSTUVWXYZ0123456789 \"";
	int head = snprintf(into, 96, "%.40s %u %u ", w->name, file, line);
	size_t len = (size_t)head, filler = roll(w) % 140 + 10;

	for (size_t i = 0; i < filler; i += 10) {
		uint64_t bits = roll(w);

		for (size_t k = i; k < i + 10 && k < filler; k++, bits >>= 6)
			into[len++] = letters[bits & 63];
	}
	into[len++] = '\n';
	return len;
}

static void
finish_torn(struct writer *w)
{
	put(w->fd, w->rest, w->rest_len);
	w->rest_len = 0;
}

static void
write_burst(struct writer *w, unsigned count)
{
	size_t len = 0, last = 0;

	if (w->burst_room < (count + 1) * LINE_MAX_BYTES) {
		w->burst_room = (count + 1) * LINE_MAX_BYTES;
		w->burst = realloc(w->burst, w->burst_room);
		if (w->burst == NULL)
			err(1, "realloc");
	}
	finish_torn(w);
	for (unsigned i = 0; i < count; i++) {
		last = make_line(w, w->burst + len, w->file, w->line++);
		len += last;
	}
	put(w->journal, w->burst, len);
	if (w->tear && last > 0) {
		w->rest_len = roll(w) % last;
		len -= w->rest_len;
		memcpy(w->rest, w->burst + len, w->rest_len);
	}
	put(w->fd, w->burst, len);
}

static void
write_to_held(struct writer *w)
{
	int64_t now = now_ms();
	char line[LINE_MAX_BYTES];

	for (size_t i = 0; i < w->held_count;) {
		struct held *h = &w->held[i];
		size_t len;

		if (h->until_ms <= now) {
			(void)close(h->fd);
			*h = w->held[--w->held_count];
			continue;
		}
		len = make_line(w, line, h->file, h->line++);
		put(w->journal, line, len);
		put(h->fd, line, len);
		i++;
	}
}

static void
open_log(struct writer *w)
{
	w->fd = open(w->path, O_WRONLY | O_CREAT | O_CLOEXEC | w->flags, 0644);
	if (w->fd < 0)
		err(1, "%s", w->path);
}

static void
reopen_log(struct writer *w)
{
	finish_torn(w);
	if (w->hold_ms > 0 && w->held_count < HELD_MAX)
		w->held[w->held_count++] = (struct held){ w->fd, w->file,
			w->line, now_ms() + w->hold_ms };
	else
		(void)close(w->fd);
	open_log(w);
	w->file++;
	w->line = 0;
}

/* Obey one letter. False: that was all. */
static bool
obey(struct writer *w, bool *paused)
{
	char letters[16];
	ssize_t n = read(STDIN_FILENO, letters, sizeof(letters));
	bool on = n > 0;

	for (ssize_t i = 0; i < n; i++) {
		if (letters[i] == '\n')
			continue;
		if (letters[i] == 'r')
			reopen_log(w);
		else
			finish_torn(w);
		*paused = letters[i] == 'p' || (*paused && letters[i] != 'c');
		on = on && letters[i] != 'q';
		(void)dprintf(STDOUT_FILENO, "%u %u\n", w->file, w->line);
	}
	if (!on)
		finish_torn(w);
	return on;
}

static void
write_on(struct writer *w)
{
	int64_t due_us = now_ms() * 1000;
	uint64_t owed = 0; /* lines x 1000 */
	bool paused = false;

	for (;;) {
		struct pollfd in = { .fd = STDIN_FILENO, .events = POLLIN };
		int64_t wait = due_us / 1000 - now_ms();

		if (poll(&in, 1, wait > 0 ? (int)wait : 0) > 0 &&
		    !obey(w, &paused))
			return;
		if (now_ms() < due_us / 1000)
			continue;
		due_us += BURST_MS * 1000;
		/* Who was kept from writing does not make up for all of it. */
		if (due_us / 1000 < now_ms() - 100)
			due_us = now_ms() * 1000;
		owed += (uint64_t)w->rate * BURST_MS;
		if (!paused) {
			write_burst(w, (unsigned)(owed / 1000));
			write_to_held(w);
		}
		owed %= 1000;
	}
}

int
main(int argc, char **argv)
{
	struct writer w = { .flags = O_APPEND };

	if (argc < 6)
		errx(
		    2, "usage: writer FILE NAME JOURNAL SEED RATE [OPTION...]");
	w.path = argv[1];
	w.name = argv[2];
	w.journal =
	    open(argv[3], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	if (w.journal < 0)
		err(1, "%s", argv[3]);
	w.dice = strtoull(argv[4], NULL, 10) | 1;
	w.rate = (unsigned)strtoul(argv[5], NULL, 10);
	for (int i = 6; i < argc; i++) {
		if (strcmp(argv[i], "tear") == 0)
			w.tear = true;
		else if (strcmp(argv[i], "overwrite") == 0)
			w.flags = 0;
		else if (strncmp(argv[i], "hold=", 5) == 0)
			w.hold_ms = strtol(argv[i] + 5, NULL, 10);
		else
			errx(2, "%s?", argv[i]);
	}
	open_log(&w);
	write_on(&w);
	free(w.burst);
	return 0;
}
