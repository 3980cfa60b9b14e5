/* SPDX-License-Identifier: Apache-2.0
 *
 * What who asks for checkpoints by hand relies on: they are read beside an
 * agent and without one, nothing is made or taken away by that, and what is
 * forgotten is gone, and nothing else.
 */
#include "ledger_help.h"

#include <dirent.h>

#include "rows.h"

static const char *const no_flows[] = { NULL };

static void
noted(uint64_t rows)
{
	struct ledger *l = started();

	for (uint64_t row = 1; row <= rows; row++)
		send_row(l, NOTICE_START, row, 10 * row);
	ledger_close(l, DEADLINE_MS);
}

static struct rows *
opened(bool change)
{
	struct rows *r = NULL;

	assert_int_equal(rows_open(&the_config, change, &r), ROWS_OPEN);
	assert_non_null(r);
	return r;
}

static struct loaded
seen_in(struct rows *r)
{
	struct loaded all = { 0 };

	assert_int_equal(rows_each(r, count_row, &all), 0);
	return all;
}

static struct loaded
seen(void)
{
	struct rows *r = opened(false);
	struct loaded all = seen_in(r);

	rows_close(r);
	return all;
}

static int
names_in_directory(void)
{
	DIR *dir = opendir(directory);
	int count = 0;

	assert_non_null(dir);
	while (readdir(dir) != NULL)
		count++;
	(void)closedir(dir);
	return count - 2;
}

static void
what_is_noted_is_read_while_the_agent_runs(void **state)
{
	struct ledger *l = started();
	struct rows *r;

	(void)state;
	send_row(l, NOTICE_SAVE, 1, 4711);
	r = opened(false);
	WAIT_FOR(seen_in(r).committed[1] == 4711);
	send_row(l, NOTICE_SAVE, 1, 4712);
	WAIT_FOR(seen_in(r).committed[1] == 4712);
	rows_close(r);
	ledger_close(l, DEADLINE_MS);
}

static void
who_reads_keeps_no_agent_from_starting(void **state)
{
	struct rows *r;
	struct ledger *l;

	(void)state;
	noted(1);
	r = opened(false);
	l = started();
	send_row(l, NOTICE_SAVE, 2, 20);
	assert_int_equal(ledger_close(l, DEADLINE_MS), LEDGER_NOTED);
	assert_int_equal(seen_in(r).committed[2], 20);
	rows_close(r);
}

static uint64_t last_seen;

static void
is_next(void *owner, const struct checkpoint *row)
{
	(void)owner;
	assert_int_equal(row->row, ++last_seen);
}

static void
each_of_many_rows_is_told_once_and_in_order(void **state)
{
	struct rows *r;

	(void)state;
	noted(1203);
	r = opened(false);
	last_seen = 0;
	assert_int_equal(rows_each(r, is_next, NULL), 0);
	assert_int_equal(last_seen, 1203);
	rows_close(r);
}

static void
rows_that_make_no_sense_do_not_hide_the_others(void **state)
{
	(void)state;
	noted(1100);
	JUDGED("UPDATE checkpoint SET committed = -1 WHERE row <= 1000;"
	       "UPDATE checkpoint SET row = -7 WHERE row = 1000",
	    "");
	assert_int_equal(seen().count, 100);
	assert_int_equal(times_said("is left out: "), 20);
	assert_true(was_said("row -7 (/var/log/app.log.1000) is left out: "));
	assert_true(was_said("rows left out and not named: 980"));
}

static void
where_there_is_none_none_is_made(void **state)
{
	struct rows *r;

	(void)state;
	(void)snprintf(
	    path, sizeof(path), "%s/made/for/checkpoints", directory);
	assert_int_equal(rows_open(&the_config, false, &r), ROWS_NONE);
	assert_string_equal(rows_path(r), path);
	assert_int_equal(seen_in(r).count, 0);
	rows_close(r);
	assert_int_equal(rows_open(&the_config, true, &r), ROWS_NONE);
	rows_close(r);
	assert_int_equal(names_in_directory(), 0);
	assert_int_equal(times_said("\n"), 0);
}

static void
a_log_without_its_database_is_told(void **state)
{
	char wal[160];
	struct rows *r;
	int fd;

	(void)state;
	(void)snprintf(wal, sizeof(wal), "%s-wal", path);
	fd = open(wal, O_WRONLY | O_CREAT, 0600);
	assert_int_equal(write(fd, "positions", 9), 9);
	(void)close(fd);
	assert_int_equal(rows_open(&the_config, false, &r), ROWS_FAILED);
	assert_null(r);
	assert_true(was_said("is empty or gone"));
	assert_int_equal(names_in_directory(), 1);
}

static void
what_a_dead_agent_left_in_its_log_is_read(void **state)
{
	pid_t pid = fork();
	int status;

	(void)state;
	if (pid == 0) {
		struct ledger *l = started();
		char out[64] = "";

		send_row(l, NOTICE_SAVE, 1, 4711);
		WAIT_FOR(judge("SELECT committed FROM checkpoint", out,
			     sizeof(out)) == 0 &&
			 strcmp(out, "4711") == 0);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(seen().committed[1], 4711);
}

static void
nothing_beside_it_becomes_another_users(void **state)
{
	struct dirent *entry;
	struct rows *r;
	struct stat st;
	DIR *dir;

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(chown(directory, 65534, 65534), 0);
	assert_int_equal(setegid(65534) | seteuid(65534), 0);
	noted(2);
	assert_int_equal(seteuid(0) | setegid(0), 0);
	(void)snprintf(path + strlen(path), 8, ".lock");
	assert_int_equal(unlink(path), 0);
	path[strlen(path) - 5] = '\0';
	assert_int_equal(seen().count, 2);
	r = opened(true);
	assert_int_equal(rows_forget(r, (uint64_t[]){ 1 }, 1, no_flows), 0);
	dir = opendir(directory);
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		assert_int_equal(fstatat(dirfd(dir), entry->d_name, &st, 0), 0);
		assert_int_equal(st.st_uid, 65534);
		assert_int_equal(st.st_gid, 65534);
	}
	(void)closedir(dir);
	rows_close(r);
	assert_int_equal(geteuid(), 0);
	assert_int_equal(getegid(), 0);
}

static void
a_database_at_rest_is_read_where_nothing_may_be_made(void **state)
{
	(void)state;
	noted(2);
	assert_int_equal(chmod(path, 0644), 0);
	assert_int_equal(chmod(directory, 0555), 0);
	if (geteuid() == 0)
		assert_int_equal(seteuid(65534), 0);
	assert_int_equal(seen().count, 2);
	if (getuid() == 0)
		assert_int_equal(seteuid(0), 0);
	assert_int_equal(chmod(directory, 0700), 0);
}

static void
a_running_agents_rows_cannot_be_forgotten(void **state)
{
	struct ledger *l = started();
	char holder[32];
	struct rows *r;

	(void)state;
	(void)snprintf(holder, sizeof(holder), "(pid %d)", (int)getpid());
	assert_int_equal(rows_open(&the_config, true, &r), ROWS_HELD);
	assert_null(r);
	assert_true(was_said(holder));
	assert_true(was_said("stop it first"));
	assert_int_equal(ledger_close(l, DEADLINE_MS), LEDGER_NOTED);
}

static void
while_rows_are_forgotten_no_agent_starts(void **state)
{
	struct rows *r;

	(void)state;
	noted(1);
	r = opened(true);
	assert_null(ledger_open(&the_config));
	rows_close(r);
	assert_int_equal(load_all().count, 1);
}

static void
what_is_forgotten_is_gone_and_nothing_else(void **state)
{
	struct rows *r;
	struct loaded all;
	struct ledger *l;

	(void)state;
	noted(5);
	r = opened(true);
	assert_int_equal(rows_forget(r, (uint64_t[]){ 2, 5 }, 2, no_flows), 0);
	rows_close(r);
	all = load_all();
	assert_int_equal(all.count, 3);
	assert_int_equal(all.committed[2] + all.committed[5], 0);
	l = ledger_open(&the_config);
	assert_true(ledger_knows_flow(l, "kinesis:stream:/var/log/app.log*"));
	ledger_close(l, DEADLINE_MS);
}

/* Otherwise archives that were looked at would be news at the next start. */
static void
when_a_flow_was_looked_at_last_is_not_forgotten_with_a_row(void **state)
{
	struct rows *r;

	(void)state;
	noted(5);
	JUDGED("UPDATE checkpoint SET changed_ms = 100 * row;"
	       "UPDATE checkpoint SET handle_type = -1, handle = x''"
	       " WHERE row = 4;"
	       "UPDATE checkpoint SET flow = 'another' WHERE row = 1",
	    "");
	r = opened(true);
	assert_int_equal(rows_forget(r, (uint64_t[]){ 5, 2 }, 2, no_flows), 0);
	JUDGED("SELECT row, changed_ms FROM checkpoint", "1|100\n3|500\n4|400");
	/* The Java agent's times are of the files. */
	assert_int_equal(rows_forget(r, (uint64_t[]){ 4 }, 1, no_flows), 0);
	JUDGED("SELECT row, changed_ms FROM checkpoint", "1|100\n3|500");
	rows_close(r);
}

static void
a_forgotten_flow_was_never_started(void **state)
{
	static const char *const flows[] = { "kinesis:stream:/var/log/app.log*",
		NULL };
	struct notice *n = notice_new(NOTICE_START, 0);
	struct ledger *l;
	struct rows *r;

	(void)state;
	noted(3);
	l = started();
	n->flow = mem_dup("another");
	notice_send(ledger_inbox(l), &n);
	ledger_close(l, DEADLINE_MS);
	JUDGED("UPDATE checkpoint SET flow = 'another' WHERE row = 2", "");
	r = opened(true);
	assert_string_equal(rows_flow(r, 0), "another");
	assert_string_equal(rows_flow(r, 1), flows[0]);
	assert_null(rows_flow(r, 2));
	assert_int_equal(rows_forget(r, NULL, 0, flows), 0);
	rows_close(r);
	JUDGED(
	    "SELECT row FROM checkpoint; SELECT name FROM flow", "2\nanother");
}

static void
the_java_agents_database_is_not_touched(void **state)
{
	char own[128];
	struct rows *r;

	(void)state;
	JUDGED("CREATE TABLE FILE_CHECKPOINTS(flow text, path text)", "");
	(void)snprintf(own, sizeof(own), "%s/state/ours", directory);
	the_config.own_checkpoint_file = own;
	assert_int_equal(rows_open(&the_config, true, &r), ROWS_NONE);
	assert_string_equal(rows_path(r), own);
	assert_string_equal(rows_source(r), path);
	rows_close(r);
	the_config.own_checkpoint_file = NULL;
	assert_int_equal(rows_open(&the_config, true, &r), ROWS_FAILED);
	assert_true(was_said("the Java agent where ours belong"));
	assert_int_equal(rows_open(&the_config, false, &r), ROWS_FAILED);
	JUDGED("SELECT name FROM sqlite_master WHERE type = 'table'",
	    "FILE_CHECKPOINTS");
	JUDGED("PRAGMA journal_mode", "delete");
}

static void
what_is_no_database_is_refused(void **state)
{
	int fd = open(path, O_WRONLY | O_CREAT, 0600);
	struct rows *r;

	(void)state;
	assert_int_equal(write(fd, "hello\n", 6), 6);
	(void)close(fd);
	assert_int_equal(rows_open(&the_config, false, &r), ROWS_FAILED);
	assert_true(was_said("not a checkpoint database"));
	assert_int_equal(names_in_directory(), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		PROMISE(what_is_noted_is_read_while_the_agent_runs),
		PROMISE(who_reads_keeps_no_agent_from_starting),
		PROMISE(each_of_many_rows_is_told_once_and_in_order),
		PROMISE(rows_that_make_no_sense_do_not_hide_the_others),
		PROMISE(where_there_is_none_none_is_made),
		PROMISE(a_log_without_its_database_is_told),
		PROMISE(what_a_dead_agent_left_in_its_log_is_read),
		PROMISE(nothing_beside_it_becomes_another_users),
		PROMISE(a_database_at_rest_is_read_where_nothing_may_be_made),
		PROMISE(a_running_agents_rows_cannot_be_forgotten),
		PROMISE(while_rows_are_forgotten_no_agent_starts),
		PROMISE(what_is_forgotten_is_gone_and_nothing_else),
		PROMISE(
		    when_a_flow_was_looked_at_last_is_not_forgotten_with_a_row),
		PROMISE(a_forgotten_flow_was_never_started),
		PROMISE(the_java_agents_database_is_not_touched),
		PROMISE(what_is_no_database_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
