/* SPDX-License-Identifier: Apache-2.0
 *
 * screen: see screen.h. The terminal's second page is drawn on, so that what
 * stood there is there again at the end; a page is written at once, over the
 * last, so that nothing flickers. Signals come through a descriptor.
 *
 * Thread: main; there is no other.
 */
#include "screen.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#define USUAL_COLUMNS 80
#define USUAL_ROWS    24

#define ENTER "\033[?1049h\033[?25l"
#define LEAVE "\033[?25h\033[?1049l"
#define HOME  "\033[H"
#define CLEAR "\033[K" /* the rest of the line */
#define BELOW "\033[J" /* and all lines below */

static struct {
	struct termios before;
	sigset_t mask;
	int signals; /* signalfd */
} taken;

static bool
is_dumb(void)
{
	const char *term = getenv("TERM");

	return term == NULL || term[0] == '\0' || strcmp(term, "dumb") == 0;
}

bool
screen_is_there(void)
{
	return isatty(STDOUT_FILENO) == 1 && isatty(STDIN_FILENO) == 1 &&
	       !is_dumb();
}

bool
screen_has_colour(void)
{
	const char *no = getenv("NO_COLOR");

	return isatty(STDOUT_FILENO) == 1 && !is_dumb() &&
	       (no == NULL || no[0] == '\0');
}

void
screen_size(size_t *columns, size_t *rows)
{
	struct winsize size;

	*columns = USUAL_COLUMNS;
	*rows = USUAL_ROWS;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0)
		return;
	if (size.ws_col > 0)
		*columns = size.ws_col;
	if (size.ws_row > 0)
		*rows = size.ws_row;
}

static void
write_all(const void *bytes, size_t len)
{
	(void)fwrite(bytes, 1, len, stdout);
	(void)fflush(stdout);
}

bool
screen_begin(void)
{
	struct termios now;
	sigset_t set;

	if (tcgetattr(STDIN_FILENO, &taken.before) != 0)
		return false;
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGINT);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGHUP);
	(void)sigaddset(&set, SIGQUIT);
	(void)sigaddset(&set, SIGWINCH);
	/* Whoever stops it would be left with this terminal. */
	(void)sigaddset(&set, SIGTSTP);
	(void)sigprocmask(SIG_BLOCK, &set, &taken.mask);
	taken.signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	now = taken.before;
	now.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	if (taken.signals < 0 ||
	    tcsetattr(STDIN_FILENO, TCSADRAIN, &now) != 0) {
		(void)sigprocmask(SIG_SETMASK, &taken.mask, NULL);
		return false;
	}
	write_all(ENTER, strlen(ENTER));
	return true;
}

void
screen_end(void)
{
	write_all(LEAVE, strlen(LEAVE));
	(void)tcsetattr(STDIN_FILENO, TCSADRAIN, &taken.before);
	(void)close(taken.signals);
	(void)sigprocmask(SIG_SETMASK, &taken.mask, NULL);
}

void
screen_show(const struct buf *page)
{
	const unsigned char *at = page->at, *end = at + page->len;

	(void)fputs(HOME, stdout);
	while (at < end) {
		const unsigned char *line =
		    memchr(at, '\n', (size_t)(end - at));

		if (line == NULL)
			line = end;
		(void)fwrite(at, 1, (size_t)(line - at), stdout);
		/* No newline behind the last line: it would scroll. */
		(void)fputs(line + 1 < end ? CLEAR "\n" : CLEAR, stdout);
		at = line + 1;
	}
	(void)fputs(BELOW, stdout);
	(void)fflush(stdout);
}

/* Is it a signal to end? */
static bool
ends(void)
{
	struct signalfd_siginfo info;
	bool end = false;

	while (
	    read(taken.signals, &info, sizeof(info)) == (ssize_t)sizeof(info))
		end = end ||
		      (info.ssi_signo != SIGWINCH && info.ssi_signo != SIGTSTP);
	return end;
}

bool
screen_wait(int ms)
{
	struct pollfd fds[] = {
		{ .fd = STDIN_FILENO, .events = POLLIN },
		{ .fd = taken.signals, .events = POLLIN },
	};
	char key = ' ';

	if (poll(fds, 2, ms) <= 0)
		return true;
	if (fds[1].revents != 0 && ends())
		return false;
	if (fds[0].revents != 0 && read(STDIN_FILENO, &key, 1) != 1)
		return false;
	return key != 'q' && key != 'Q' && key != 4;
}
