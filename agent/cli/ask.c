/* SPDX-License-Identifier: Apache-2.0
 *
 * ask: see ask.h. One connection, one question, one answer. What fails is one
 * line with its cure on standard error, since each has another.
 *
 * Thread: main; there is no other.
 */
#include "ask.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "cli.h"
#include "config.h"
#include "log.h"
#include "mem.h"

#define QUESTION_MOST 8192 /* bytes that an agent takes */
#define PIECE         65536

char *
ask_where(const struct cli_options *options)
{
	struct config *config;
	char *path = NULL;

	if (options->socket != NULL)
		return mem_dup(options->socket);
	/* What is only odd in it is the agent's to say. */
	log_setup(LOG_LEVEL_ERROR, LOG_STYLE_TEXT);
	config = config_load(options->config_path);
	if (config == NULL) {
		fprintf(stderr,
		    "kinesis-agent: where to ask is in the configuration; -c "
		    "names another, --socket the socket itself\n");
		return NULL;
	}
	if (config->status_socket[0] != '\0')
		path = mem_dup(config->status_socket);
	else
		fprintf(stderr,
		    "kinesis-agent: %s: status.socket is off, so that agent "
		    "cannot be asked\n",
		    config->path);
	config_free(config);
	return path;
}

static int
say(int code, const char *path, const char *why, const char *cure)
{
	fprintf(stderr, "kinesis-agent: %s: %s%s\n", path, why, cure);
	return code;
}

/* Who may ask at `path`, for people. */
static void
describe_owners(const char *path, char *out, size_t size)
{
	struct stat st;
	const struct passwd *user;
	const struct group *group;

	if (stat(path, &st) != 0) {
		snprintf(out, size,
		    "; its directory does not let you in; ask as root, or as "
		    "the agent's user");
		return;
	}
	/* cppcheck-suppress getpwuidCalled ; there is one thread */
	user = getpwuid(st.st_uid);
	/* cppcheck-suppress getgrgidCalled ; the same */
	group = getgrgid(st.st_gid);
	snprintf(out, size,
	    "; it answers root, user %s and members of group %s; ask with "
	    "sudo, or have yourself added to that group",
	    user != NULL ? user->pw_name : "(unknown)",
	    group != NULL ? group->gr_name : "(unknown)");
}

static int
say_unreachable(const char *path, int error)
{
	char cure[512];

	switch (error) {
	case ENOENT:
	case ECONNREFUSED:
	case ENOTDIR:
		return say(EXIT_ABSENT, path, "no agent is running there",
		    "; start it (systemctl start kinesis-agent), or name its "
		    "configuration with -c");
	case EACCES:
	case EPERM:
		describe_owners(path, cure, sizeof(cure));
		return say(EXIT_REFUSED, path, "permission denied", cure);
	case EAGAIN:
		return say(EXIT_REFUSED, path, "the agent does not answer",
		    "; its log says what it does");
	}
	return say(EXIT_REFUSED, path, strerror(error), "");
}

/* Connected; -1: errno. */
static int
reach(const char *path, int64_t wait_ms)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	struct timeval wait = { wait_ms / 1000, wait_ms % 1000 * 1000 };
	size_t len = strlen(path);
	int fd, error;

	if (len >= sizeof(at.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(at.sun_path, path, len);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)) == 0 &&
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait)) == 0 &&
	    connect(fd, (struct sockaddr *)&at, sizeof(at)) == 0)
		return fd;
	error = errno;
	(void)close(fd);
	errno = error;
	return -1;
}

/* As the desk reads it: what holds blanks is a JSON string. */
static bool
add_word(struct buf *line, const char *word)
{
	json_t *text;
	char *quoted;
	bool fits;

	if (word[0] != '\0' && word[0] != '"' &&
	    strpbrk(word, " \t\r\n") == NULL)
		return buf_add_str(line, word);
	text = json_string(word);
	quoted = text != NULL ? json_dumps(text, JSON_ENCODE_ANY) : NULL;
	fits = quoted != NULL && buf_add_str(line, quoted);
	free(quoted);
	json_decref(text);
	return fits;
}

static bool
write_line(struct buf *line, const char *const *words)
{
	for (size_t i = 0; words[i] != NULL; i++)
		if ((i > 0 && !buf_add_str(line, " ")) ||
		    !add_word(line, words[i]))
			return false;
	return buf_add_str(line, "\n");
}

/* -1: errno. */
static int
send_all(int fd, const struct buf *line)
{
	size_t at = 0;

	while (at < line->len) {
		ssize_t n =
		    send(fd, line->at + at, line->len - at, MSG_NOSIGNAL);

		if (n < 0 && errno != EINTR)
			return -1;
		at += n > 0 ? (size_t)n : 0;
	}
	return 0;
}

/* Up to the end; -1: errno. */
static int
receive_all(int fd, struct buf *answer)
{
	for (;;) {
		ssize_t n;

		if (!buf_reserve(answer, PIECE)) {
			errno = EMSGSIZE;
			return -1;
		}
		n = recv(fd, answer->at + answer->len,
		    answer->room - answer->len, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return (int)n;
		answer->len += (size_t)n;
	}
}

/* An exit code; EXIT_ABSENT and EXIT_REFUSED with errno, or 0: said. */
static int
exchange(const char *path, const char *const *words, int64_t wait_ms,
    struct buf *answer)
{
	struct buf line;
	int fd, error = 0;

	buf_init(&line, QUESTION_MOST);
	if (!write_line(&line, words)) {
		buf_fini(&line);
		errno = 0;
		return say(EXIT_REFUSED, words[0],
		    "too long, or no text in UTF-8 with blanks", "");
	}
	fd = reach(path, wait_ms);
	if (fd < 0 || send_all(fd, &line) != 0 || receive_all(fd, answer) != 0)
		error = errno;
	buf_fini(&line);
	if (fd >= 0)
		(void)close(fd);
	errno = error;
	if (error == 0)
		return EXIT_DONE;
	return error == ENOENT || error == ECONNREFUSED || error == ENOTDIR
		   ? EXIT_ABSENT
		   : EXIT_REFUSED;
}

int
ask(const char *path, const char *const *words, int64_t wait_ms,
    struct buf *answer)
{
	int code = exchange(path, words, wait_ms, answer);

	if (code == EXIT_DONE || errno == 0)
		return code;
	return say_unreachable(path, errno);
}

int
ask_softly(const char *path, const char *const *words, int64_t wait_ms,
    struct buf *answer)
{
	int code = exchange(path, words, wait_ms, answer);

	if (code == EXIT_DONE || code == EXIT_ABSENT || errno == 0)
		return code;
	/* It is being stopped, or held up: who waits asks again. */
	if (errno == ECONNRESET || errno == EPIPE || errno == EAGAIN)
		return EXIT_ABSENT;
	return say_unreachable(path, errno);
}

json_t *
ask_read(const char *path, struct buf *answer)
{
	json_error_t error;
	json_t *read = json_loadb(buf_text(answer), answer->len, 0, &error);
	const char *why = json_string_value(json_object_get(read, "error"));

	if (json_is_object(read) && why == NULL)
		return read;
	if (why != NULL)
		fprintf(stderr, "kinesis-agent: %s: %s\n", path, why);
	else if (answer->len == 0)
		fprintf(stderr,
		    "kinesis-agent: %s: the agent hung up; too many may be "
		    "asking: try again\n",
		    path);
	else
		fprintf(stderr,
		    "kinesis-agent: %s: the answer is not understood (%s); is "
		    "it an agent of this version?\n",
		    path, error.text);
	json_decref(read);
	return NULL;
}
