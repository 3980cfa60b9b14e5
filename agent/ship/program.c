/* SPDX-License-Identifier: Apache-2.0
 *
 * program: keys that a program prints.
 *
 * No shell reads the command: what looks like a variable or a pipe is handed
 * over as it is written. The program gets no descriptor of ours, no blocked
 * signals, a group of its own, and a minute; then the whole group ends. What
 * it prints is bounded and kept in secret memory.
 *
 * Thread: its errand's.
 */
#include "program.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "document.h"
#include "mem.h"
#include "secret.h"

#define WORDS_MAX  64
#define OUTPUT_MAX ((size_t)64 << 10)
#define LAST_WORDS ((size_t)4 << 10)
#define LIMIT_MS   60000

/* One run of it. */
struct play {
	pid_t pid;
	int out, err;          /* -1: closed */
	char *text;            /* owned: secret memory, OUTPUT_MAX */
	size_t length;         /* of that */
	char said[LAST_WORDS]; /* on its standard error: the beginning */
	size_t said_length;
};

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Undo one word at `*from` to `*to`; both move behind it. False: a quote is
 * open. */
static bool
take_word(char **from, char **to)
{
	char quote = '\0';

	for (; **from != '\0' && (quote != '\0' || !is_blank(**from));
	     ++*from) {
		char c = **from;

		if (quote == '\0' && (c == '"' || c == '\'')) {
			quote = c;
		} else if (c == quote) {
			quote = '\0';
		} else if (c == '\\' && quote != '\'' && (*from)[1] != '\0' &&
			   (quote == '\0' ||
			       strchr("\"\\", (*from)[1]) != NULL)) {
			++*from;
			*(*to)++ = **from;
		} else {
			*(*to)++ = c;
		}
	}
	return quote == '\0';
}

bool
program_words(char *command, char **words, size_t max)
{
	char *from = command, *to = command;
	size_t count = 0;

	for (;;) {
		while (is_blank(*from))
			from++;
		if (*from == '\0')
			break;
		if (count + 1 >= max)
			return false;
		words[count++] = to;
		if (!take_word(&from, &to))
			return false;
		if (*from != '\0')
			from++;
		*to++ = '\0';
	}
	words[count] = NULL;
	return count > 0;
}

/* --- Running --- */

static int
set_up(
    posix_spawn_file_actions_t *files, posix_spawnattr_t *how, int out, int err)
{
	short flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
		      POSIX_SPAWN_SETSIGDEF;
	sigset_t none, all;

	sigemptyset(&none);
	sigfillset(&all);
	if (posix_spawn_file_actions_addopen(
		files, 0, "/dev/null", O_RDONLY, 0) != 0 ||
	    posix_spawn_file_actions_adddup2(files, out, 1) != 0 ||
	    posix_spawn_file_actions_adddup2(files, err, 2) != 0 ||
	    posix_spawn_file_actions_addclosefrom_np(files, 3) != 0)
		return -1;
	return posix_spawnattr_setflags(how, flags) == 0 &&
		       posix_spawnattr_setpgroup(how, 0) == 0 &&
		       posix_spawnattr_setsigmask(how, &none) == 0 &&
		       posix_spawnattr_setsigdefault(how, &all) == 0
		   ? 0
		   : -1;
}

static int
spawn(struct errand *e, char **words, int out, int err, pid_t *pid)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t how;
	int error = ENOMEM;

	if (posix_spawn_file_actions_init(&files) != 0)
		goto said;
	if (posix_spawnattr_init(&how) != 0) {
		posix_spawn_file_actions_destroy(&files);
		goto said;
	}
	if (set_up(&files, &how, out, err) == 0)
		error =
		    posix_spawnp(pid, words[0], &files, &how, words, environ);
	posix_spawnattr_destroy(&how);
	posix_spawn_file_actions_destroy(&files);
	if (error == 0)
		return 0;
said:
	(void)errand_fail(e, "credential_process: cannot run %.200s: %s",
	    words[0], strerror(error));
	return -1;
}

static void
close_one(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

static int
start(struct errand *e, char **words, struct play *p)
{
	int out[2] = { -1, -1 }, err[2] = { -1, -1 };
	int answer = -1;

	if (pipe2(out, O_CLOEXEC) != 0 || pipe2(err, O_CLOEXEC) != 0)
		(void)errand_fail(e, "credential_process: %s", strerror(errno));
	else
		answer = spawn(e, words, out[1], err[1], &p->pid);
	close_one(&out[1]);
	close_one(&err[1]);
	if (answer != 0) {
		close_one(&out[0]);
		close_one(&err[0]);
		return -1;
	}
	p->out = out[0];
	p->err = err[0];
	return 0;
}

/* Read what there is at `*fd` into `at`; what is beyond `room` is dropped.
 * At the end `*fd` is closed. */
static void
drain(int *fd, char *at, size_t room, size_t *length)
{
	char beyond[512];
	bool full = *length == room;
	ssize_t got = read(*fd, full ? beyond : at + *length,
	    full ? sizeof(beyond) : room - *length);

	if (got > 0 && !full)
		*length += (size_t)got;
	if (got == 0 || (got < 0 && errno != EINTR))
		close_one(fd);
	if (full)
		explicit_bzero(beyond, sizeof(beyond));
}

static bool
can_read(int fd)
{
	struct pollfd wait = { .fd = fd, .events = POLLIN };

	return fd >= 0 && poll(&wait, 1, 0) > 0;
}

/* Until both its outputs are closed. False: it took too long, or we end. */
static bool
listen_to(struct errand *e, struct play *p)
{
	int64_t now_ms = clock_ms(), end_ms = now_ms + LIMIT_MS;

	while (p->out >= 0 || p->err >= 0) {
		int fds[2] = { p->out, p->err };

		if (now_ms >= end_ms ||
		    !fetch_wait(e->fetch, fds, 2, end_ms - now_ms))
			return false;
		if (can_read(p->out))
			drain(&p->out, p->text, OUTPUT_MAX - 1, &p->length);
		if (can_read(p->err))
			drain(&p->err, p->said, sizeof(p->said) - 1,
			    &p->said_length);
		now_ms = clock_ms();
	}
	return true;
}

/* Its status, or -1: it had to be ended. */
static int
end(struct errand *e, struct play *p, bool in_time)
{
	int64_t end_ms = clock_ms() + (in_time ? LIMIT_MS : 0);
	int status = 0;
	pid_t done;

	/* Who closes both outputs is about to end. */
	while ((done = waitpid(p->pid, &status, WNOHANG)) == 0 ||
	       (done < 0 && errno == EINTR)) {
		if (clock_ms() >= end_ms || !fetch_wait(e->fetch, NULL, 0, 5))
			break;
	}
	if (done == p->pid)
		return status;
	(void)kill(-p->pid, SIGKILL);
	while (waitpid(p->pid, &status, 0) < 0 && errno == EINTR)
		;
	return -1;
}

/* The last line it said, for people. */
static const char *
last_words(struct play *p)
{
	size_t len = p->said_length;
	char *line;

	while (len > 0 && (unsigned char)p->said[len - 1] <= ' ')
		len--;
	p->said[len] = '\0';
	line = strrchr(p->said, '\n');
	return line != NULL ? line + 1 : p->said;
}

static enum errand_answer
judge(struct errand *e, struct play *p, const char *name, int status,
    struct credentials_keys *keys)
{
	const char *words = last_words(p);
	const char *colon = words[0] != '\0' ? ": " : "";
	char version[16];

	if (status == -1)
		return errand_fail(e,
		    "credential_process: %.200s did not end within %d s", name,
		    LIMIT_MS / 1000);
	if (WIFSIGNALED(status))
		return errand_fail(e,
		    "credential_process: %.200s was ended by signal %d", name,
		    WTERMSIG(status));
	if (WEXITSTATUS(status) != 0)
		return errand_fail(e,
		    "credential_process: %.200s ended with %d%s%.200s", name,
		    WEXITSTATUS(status), colon, words);
	if (p->length == OUTPUT_MAX - 1)
		return errand_fail(e,
		    "credential_process: %.200s printed more than %zu bytes",
		    name, OUTPUT_MAX - 2);
	p->text[p->length] = '\0';
	if (!document_text(p->text, "Version", version, sizeof(version)) ||
	    strcmp(version, "1") != 0)
		return errand_fail(e,
		    "credential_process: %.200s printed no JSON with Version 1",
		    name);
	return document_keys(
	    e, "credential_process", p->text, clock_wall_ms(), keys);
}

static enum errand_answer
run(struct errand *e, char **words, struct credentials_keys *keys)
{
	struct play p = { .out = -1, .err = -1 };
	enum errand_answer answer = ERRAND_FAILED;
	bool in_time;

	p.text = secret_new(OUTPUT_MAX);
	if (p.text == NULL)
		return errand_fail(e, "credential_process: no memory");
	if (start(e, words, &p) == 0) {
		in_time = listen_to(e, &p);
		close_one(&p.out);
		close_one(&p.err);
		answer = judge(e, &p, words[0], end(e, &p, in_time), keys);
	}
	secret_free(p.text, OUTPUT_MAX);
	return answer;
}

enum errand_answer
program_keys(
    struct errand *e, const char *command, struct credentials_keys *keys)
{
	char *words[WORDS_MAX];
	enum errand_answer answer;
	char *copy;

	if (e->fetch == NULL)
		return ERRAND_AWAY;
	copy = mem_dup(command);
	if (program_words(copy, words, WORDS_MAX))
		answer = run(e, words, keys);
	else
		answer = errand_fail(e,
		    "credential_process: no command, too long a one, or a "
		    "quote that is never closed");
	free(copy);
	return answer;
}
