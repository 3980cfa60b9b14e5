/* SPDX-License-Identifier: Apache-2.0
 *
 * What whoever asks a running agent relies on, and what the agent does
 * whatever comes in at its socket. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "desk.h"
#include "log.h"
#include "loop.h"
#include "ops/caller.h"
#include "ops/listen.h"
#include "ops/question.h"

#define NOBODY  65534
#define WAIT_MS 10000

static char dir[] = "/tmp/desk.XXXXXX";
static char path[64];
static struct loop *loop;
static struct flow_config flows[2] = {
	{ .name = "one", .target = "a" },
	{ .name = "t\xFFwo", .target = "b" },
};
static struct config config = { .path = "agent.yaml",
	.flows = flows,
	.flow_count = 2,
	.status_socket = path };
static struct flow_stats stats[2];

static struct desk *
open_desk(void)
{
	struct desk_doors doors = {
		.loop = loop, .config = &config, .stats = stats
	};
	struct desk *d = desk_new(&doors);

	assert_non_null(d);
	return d;
}

static int
call_at(const char *where)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	snprintf(at.sun_path, sizeof(at.sun_path), "%.100s", where);
	if (connect(fd, (struct sockaddr *)&at, sizeof(at)) == 0)
		return fd;
	close(fd);
	return -1;
}

/* Up to the end of the answer; NULL-terminated in `into`. */
static size_t
hear(int fd, char *into, size_t size)
{
	int64_t deadline = clock_ms() + WAIT_MS;
	size_t len = 0;

	for (;;) {
		ssize_t n = recv(fd, into + len, size - 1 - len, 0);

		if (n == 0 || (n < 0 && errno != EAGAIN))
			break;
		if (n > 0)
			len += (size_t)n;
		assert_true(clock_ms() < deadline);
		loop_wait(loop, 10);
	}
	into[len] = '\0';
	close(fd);
	return len;
}

static size_t
put_question(const void *line, size_t len, char *into, size_t size)
{
	int fd = call_at(path);

	assert_true(fd >= 0);
	assert_int_equal(send(fd, line, len, MSG_NOSIGNAL), len);
	return hear(fd, into, size);
}

static void
assert_status_is_answered(void)
{
	char text[8192];
	json_error_t error;
	json_t *answer;

	put_question("status\n", 7, text, sizeof(text));
	answer = json_loads(text, 0, &error);
	assert_non_null(answer);
	assert_int_equal(json_array_size(json_object_get(answer, "flows")), 2);
	json_decref(answer);
}

static int
setup(void **state)
{
	(void)state;
	loop = loop_new();
	return loop == NULL;
}

static int
teardown(void **state)
{
	(void)state;
	loop_free(loop);
	return 0;
}

static void
a_question_is_answered_with_one_object(void **state)
{
	struct desk *d = open_desk();

	(void)state;
	assert_status_is_answered();
	desk_free(d);
}

static void
what_is_no_question_is_told_so(void **state)
{
	static const char *const lines[] = { "\n", "   \n", "nonsense\n",
		"status now\n", "\"status\n", "\x01\x02\xFF\n",
		"GET / HTTP/1.1\r\n", "\"a\\u0000b\"\n",
		"a b c d e f g h i j k l m n o p q r s\n" };
	struct desk *d = open_desk();
	char text[1024];

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		put_question(lines[i], strlen(lines[i]), text, sizeof(text));
		assert_non_null(strstr(text, "{\"error\":\""));
	}
	put_question("st\0tus\n", 7, text, sizeof(text));
	assert_non_null(strstr(text, "{\"error\":\""));
	assert_status_is_answered();
	desk_free(d);
}

static void
a_line_without_end_is_cut_off(void **state)
{
	struct desk *d = open_desk();
	char text[QUESTION_BYTES], line[QUESTION_BYTES];

	(void)state;
	memset(line, 'x', sizeof(line));
	assert_int_equal(
	    put_question(line, sizeof(line), text, sizeof(text)), 0);
	desk_free(d);
}

static void
thousands_of_connections_keep_nobody_out(void **state)
{
	struct desk *d = open_desk();
	int fds[900];

	(void)state;
	for (int round = 0; round < 5; round++) {
		size_t count = 0;

		while (count < sizeof(fds) / sizeof(fds[0])) {
			int fd = call_at(path);

			if (fd >= 0) {
				(void)send(fd, "stat", 4, MSG_NOSIGNAL);
				fds[count++] = fd;
			}
			loop_wait(loop, 0);
		}
		assert_status_is_answered();
		while (count > 0)
			close(fds[--count]);
	}
	assert_status_is_answered();
	desk_free(d);
}

static void
a_socket_of_a_dead_agent_is_replaced(void **state)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	struct desk *d;

	(void)state;
	snprintf(at.sun_path, sizeof(at.sun_path), "%.100s", path);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	close(fd);
	assert_int_equal(call_at(path), -1);
	d = open_desk();
	assert_status_is_answered();
	desk_free(d);
}

static void
a_socket_of_a_living_agent_is_left_alone(void **state)
{
	struct desk *first = open_desk();
	struct listener second;

	(void)state;
	assert_int_equal(listen_begin(&second, path), -1);
	assert_status_is_answered();
	desk_free(first);
}

static void
what_is_no_socket_is_left_alone(void **state)
{
	struct listener l;
	int fd = open(path, O_CREAT | O_WRONLY, 0600);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "mine", 4), 4);
	close(fd);
	assert_int_equal(listen_begin(&l, path), -1);
	assert_int_equal(access(path, F_OK), 0);
	assert_int_equal(unlink(path), 0);
}

static void
the_name_goes_with_the_agent(void **state)
{
	struct desk *d = open_desk();
	struct stat st;

	(void)state;
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0660);
	desk_free(d);
	assert_int_equal(access(path, F_OK), -1);
}

static void
a_successors_name_stays(void **state)
{
	struct listener first, second;

	(void)state;
	assert_int_equal(listen_begin(&first, path), 0);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(listen_begin(&second, path), 0);
	listen_end(&first);
	assert_int_equal(access(path, F_OK), 0);
	listen_end(&second);
	assert_int_equal(access(path, F_OK), -1);
}

static void
without_a_socket_the_agent_goes_on(void **state)
{
	static char nowhere[] = "", missing[] = "/nonexistent/x/y.sock";
	static char endless[200];
	char *paths[] = { nowhere, missing, endless };

	(void)state;
	memset(endless, 'x', sizeof(endless) - 1);
	endless[0] = '/';
	for (size_t i = 0; i < 3; i++) {
		config.status_socket = paths[i];
		desk_free(open_desk());
	}
	config.status_socket = path;
}

/* As nobody, who has the group of the socket or not: what it is told. */
static void
ask_as_nobody(gid_t group, char *text, size_t size)
{
	int through[2], status;
	pid_t pid;

	assert_int_equal(pipe(through), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		char line[4096] = "";
		int fd = -1;

		if (setgroups(1, &group) == 0 && setgid(NOBODY) == 0 &&
		    setuid(NOBODY) == 0)
			fd = call_at(path);
		if (fd >= 0 && fcntl(fd, F_SETFL, 0) == 0 &&
		    send(fd, "status\n", 7, MSG_NOSIGNAL) == 7)
			(void)!recv(fd, line, sizeof(line) - 1, MSG_WAITALL);
		(void)!write(through[1], line, strlen(line));
		_exit(0);
	}
	close(through[1]);
	while (waitpid(pid, &status, WNOHANG) == 0)
		loop_wait(loop, 10);
	ssize_t n = read(through[0], text, size - 1);

	assert_true(n >= 0);
	text[n] = '\0';
	close(through[0]);
}

static void
strangers_are_told_to_go(void **state)
{
	struct desk *d;
	char text[4096];

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(chmod(dir, 0755), 0);
	assert_int_equal(setegid(12345), 0);
	d = open_desk();
	assert_int_equal(setegid(0), 0);
	ask_as_nobody(12345, text, sizeof(text));
	assert_non_null(strstr(text, "\"flows\""));
	ask_as_nobody(54321, text, sizeof(text));
	assert_string_equal(text, ""); /* the kernel did not let it in */
	assert_int_equal(chmod(path, 0777), 0);
	ask_as_nobody(54321, text, sizeof(text));
	assert_non_null(strstr(text, "not permitted"));
	desk_free(d);
}

/* --- One caller, by hand. --- */

static unsigned ended;

static enum answer_step
tell_much(struct answer *a)
{
	char row[1024];

	memset(row, 'x', sizeof(row) - 1);
	row[sizeof(row) - 1] = '\0';
	answer_text(a, row);
	return ++a->at == 10000 ? ANSWER_DONE : ANSWER_MORE;
}

static void
note_end(struct answer *a)
{
	(void)a;
	ended++;
}

static enum answer_step
tell_nothing_valid(struct answer *a)
{
	answer_row(a, true, NULL);
	return ANSWER_MORE;
}

static const struct question table[] = {
	{ "much", 0, tell_much, note_end },
	{ "broken", 0, tell_nothing_valid, NULL },
	{ NULL, 0, NULL, NULL },
};

static struct caller *
caller_with(const char *line, int *other)
{
	int fds[2];

	assert_int_equal(
	    socketpair(
		AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds),
	    0);
	assert_int_equal(send(fds[1], line, strlen(line), 0), strlen(line));
	*other = fds[1];
	return caller_new(fds[0], NULL, 0);
}

static void
a_reader_that_never_reads_costs_a_slice_and_is_late(void **state)
{
	int other;
	struct caller *c = caller_with("much\n", &other);

	(void)state;
	for (int i = 0; i < 10000; i++)
		assert_int_equal(
		    caller_go_on(c, table, 4096, 0), CALLER_ANSWERED);
	assert_true(c->answer.at < 1000);
	assert_true(c->answer.text.room <= 16384);
	assert_false(caller_is_late(c, CALLER_STILL_MS - 1));
	assert_true(caller_is_late(c, CALLER_STILL_MS));
	ended = 0;
	caller_free(c);
	assert_int_equal(ended, 1);
	close(other);
}

static void
a_slow_reader_has_it_all_in_the_end(void **state)
{
	int other;
	struct caller *c = caller_with("much\n", &other);
	size_t got = 0;
	char into[700];
	ssize_t n;

	(void)state;
	while (caller_go_on(c, table, 4096, 0) != CALLER_DONE) {
		while ((n = recv(other, into, sizeof(into), 0)) > 0)
			got += (size_t)n;
	}
	caller_free(c);
	while ((n = recv(other, into, sizeof(into), 0)) > 0)
		got += (size_t)n;
	assert_int_equal(n, 0);
	assert_int_equal(got, 10000 * 1023);
	close(other);
}

static void
one_turn_makes_no_more_than_its_slice(void **state)
{
	int other;
	struct caller *c = caller_with("much\n", &other);

	(void)state;
	(void)caller_go_on(c, table, 4096, 0);
	assert_true(c->answer.at <= 5);
	caller_free(c);
	close(other);
}

static void
an_answer_that_breaks_is_cut_off(void **state)
{
	int other;
	struct caller *c = caller_with("broken\n", &other);

	(void)state;
	assert_int_equal(caller_go_on(c, table, 4096, 0), CALLER_DONE);
	caller_free(c);
	close(other);
}

static void
half_a_question_is_late_some_time(void **state)
{
	int other;
	struct caller *c = caller_with("stat", &other);

	(void)state;
	assert_int_equal(caller_go_on(c, table, 4096, 5), CALLER_ASKING);
	assert_false(caller_is_late(c, 5 + CALLER_STILL_MS - 1));
	assert_true(caller_is_late(c, 5 + CALLER_STILL_MS));
	assert_int_equal(send(other, "us", 2, 0), 2);
	assert_int_equal(
	    caller_go_on(c, table, 4096, CALLER_MOST_MS - 1), CALLER_ASKING);
	assert_true(caller_is_late(c, CALLER_MOST_MS));
	close(other);
	assert_int_equal(caller_go_on(c, table, 4096, 6), CALLER_DONE);
	caller_free(c);
}

static void
words_with_blanks_are_quoted(void **state)
{
	struct asked asked;

	(void)state;
	assert_true(question_read(
	    span_str("shipped \"/var/log/a b\\n.log\" 5\r"), &asked));
	assert_int_equal(asked.count, 3);
	assert_string_equal(asked.words[0], "shipped");
	assert_string_equal(asked.words[1], "/var/log/a b\n.log");
	assert_string_equal(asked.words[2], "5");
	question_forget(&asked);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_question_is_answered_with_one_object),
		cmocka_unit_test(what_is_no_question_is_told_so),
		cmocka_unit_test(a_line_without_end_is_cut_off),
		cmocka_unit_test(thousands_of_connections_keep_nobody_out),
		cmocka_unit_test(a_socket_of_a_dead_agent_is_replaced),
		cmocka_unit_test(a_socket_of_a_living_agent_is_left_alone),
		cmocka_unit_test(what_is_no_socket_is_left_alone),
		cmocka_unit_test(the_name_goes_with_the_agent),
		cmocka_unit_test(a_successors_name_stays),
		cmocka_unit_test(without_a_socket_the_agent_goes_on),
		cmocka_unit_test(strangers_are_told_to_go),
		cmocka_unit_test(
		    a_reader_that_never_reads_costs_a_slice_and_is_late),
		cmocka_unit_test(a_slow_reader_has_it_all_in_the_end),
		cmocka_unit_test(one_turn_makes_no_more_than_its_slice),
		cmocka_unit_test(an_answer_that_breaks_is_cut_off),
		cmocka_unit_test(half_a_question_is_late_some_time),
		cmocka_unit_test(words_with_blanks_are_quoted),
	};
	int failed;

	log_setup(LOG_LEVEL_ERROR, LOG_STYLE_TEXT);
	if (mkdtemp(dir) == NULL)
		return 1;
	snprintf(path, sizeof(path), "%s/status.sock", dir);
	failed = cmocka_run_group_tests(tests, setup, teardown);
	(void)rmdir(dir);
	return failed;
}
