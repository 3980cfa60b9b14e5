/* SPDX-License-Identifier: Apache-2.0
 *
 * What the tail relies on when it notes a place and comes back to it, and
 * what an operator reads when the checkpoint file is not what it should be.
 */
#include "ledger_help.h"

static void
nothing_is_there_at_the_first_start(void **state)
{
	struct ledger *l = ledger_open(&the_config);
	struct loaded all = { 0 };

	(void)state;
	assert_non_null(l);
	assert_int_equal(ledger_load(l, count_row, &all), 0);
	assert_int_equal(all.count, 0);
	assert_false(ledger_knows_flow(l, "any"));
	ledger_close(l, DEADLINE_MS);
}

static struct checkpoint found;

static void
keep_row(void *owner, const struct checkpoint *row)
{
	(void)owner;
	found = *row;
	found.flow = mem_dup(row->flow);
	found.path = mem_dup(row->path);
	found.ranges = mem_new_array(row->range_count, sizeof(struct range));
	memcpy(
	    found.ranges, row->ranges, row->range_count * sizeof(struct range));
}

static struct notice *
one_full_row(void)
{
	struct notice *n = one_row(NOTICE_SAVE, 5, 4096);
	struct checkpoint *row = &n->rows[0];

	free(row->path);
	row->path = mem_dup("/var/log/\xff\xfe 'odd'\n name");
	row->id.dev = UINT64_MAX;
	row->id.ino = UINT64_C(1) << 63;
	row->id.birth_ns = -5;
	row->id.handle_type = -1;
	row->id.handle_len = IDENTITY_HANDLE;
	memset(row->id.handle, 0xa5, IDENTITY_HANDLE);
	for (uint32_t i = 0; i < MARKS_MAX; i++)
		row->marks[i] =
		    (struct mark){ 1000 + i, UINT64_MAX - i, 64 - i };
	row->mark_count = MARKS_MAX;
	row->size = 100;
	row->footer = INT64_MAX - 1;
	row->range_count = 2;
	row->ranges = mem_new_array(2, sizeof(struct range));
	row->ranges[0] = (struct range){ 5000, 6000 };
	row->ranges[1] = (struct range){ 7000, INT64_MAX };
	return n;
}

static void
a_row_comes_back_as_it_was_noted(void **state)
{
	struct ledger *l = started();
	struct notice *n = one_full_row(), *same = one_full_row();
	const struct checkpoint *row = &same->rows[0];

	(void)state;
	notice_send(ledger_inbox(l), &n);
	ledger_close(l, DEADLINE_MS);
	l = ledger_open(&the_config);
	assert_non_null(l);
	assert_int_equal(ledger_load(l, keep_row, NULL), 0);
	ledger_close(l, DEADLINE_MS);
	assert_int_equal(found.row, row->row);
	assert_string_equal(found.flow, row->flow);
	assert_string_equal(found.path, row->path);
	assert_memory_equal(&found.id, &row->id, sizeof(row->id));
	assert_memory_equal(&found.head, &row->head, sizeof(row->head));
	assert_int_equal(found.mark_count, row->mark_count);
	for (uint32_t i = 0; i < MARKS_MAX; i++) {
		assert_int_equal(found.marks[i].end, row->marks[i].end);
		assert_int_equal(found.marks[i].mark, row->marks[i].mark);
		assert_int_equal(found.marks[i].len, row->marks[i].len);
	}
	assert_int_equal(found.committed, row->committed);
	assert_int_equal(found.size, row->size);
	assert_int_equal(found.changed_ms, row->changed_ms);
	assert_int_equal(found.footer, row->footer);
	assert_int_equal(found.range_count, 2);
	assert_memory_equal(
	    found.ranges, row->ranges, 2 * sizeof(struct range));
	checkpoint_fini(&found);
	notice_free(same);
}

static void
the_last_notice_about_a_row_is_what_stays(void **state)
{
	struct ledger *l = started();
	struct loaded all;

	(void)state;
	for (uint64_t i = 1; i <= 100; i++)
		send_row(l, NOTICE_SAVE, 1 + i % 2, i);
	send_row(l, NOTICE_SAVE, 3, 7);
	send_row(l, NOTICE_FORGET, 1, 0);
	ledger_close(l, DEADLINE_MS);
	all = load_all();
	assert_int_equal(all.count, 2);
	assert_int_equal(all.committed[2], 99);
	assert_int_equal(all.committed[3], 7);
}

static void
what_is_noted_is_on_disk_while_the_agent_runs(void **state)
{
	struct ledger *l = started();
	char out[64] = "";

	(void)state;
	send_row(l, NOTICE_SAVE, 1, 4711);
	WAIT_FOR(
	    judge("SELECT committed FROM checkpoint", out, sizeof(out)) == 0 &&
	    strcmp(out, "4711") == 0);
	ledger_close(l, DEADLINE_MS);
}

static void
a_forgotten_row_is_gone_from_the_disk(void **state)
{
	struct ledger *l = started();

	(void)state;
	send_row(l, NOTICE_SAVE, 1, 1);
	send_row(l, NOTICE_SAVE, 2, 1);
	ledger_close(l, DEADLINE_MS);
	l = started();
	send_row(l, NOTICE_FORGET, 1, 0);
	ledger_close(l, DEADLINE_MS);
	JUDGED("SELECT row FROM checkpoint", "2");
}

static void
a_started_flow_is_known_ever_after(void **state)
{
	struct ledger *l = started();
	struct notice *n = notice_new(NOTICE_START, 0);

	(void)state;
	n->flow = mem_dup("a flow without files");
	notice_send(ledger_inbox(l), &n);
	send_row(l, NOTICE_START, 1, 10);
	ledger_close(l, DEADLINE_MS);
	l = ledger_open(&the_config);
	assert_non_null(l);
	assert_true(ledger_knows_flow(l, "a flow without files"));
	assert_true(ledger_knows_flow(l, "kinesis:stream:/var/log/app.log*"));
	assert_false(ledger_knows_flow(l, "another"));
	ledger_close(l, DEADLINE_MS);
	assert_int_equal(load_all().committed[1], 10);
}

static void
rows_that_make_no_sense_are_named_and_left_out(void **state)
{
	struct ledger *l = started();
	struct loaded all;

	(void)state;
	for (uint64_t row = 1; row <= 9; row++)
		send_row(l, NOTICE_SAVE, row, 100);
	ledger_close(l, DEADLINE_MS);
	JUDGED("UPDATE checkpoint SET committed = -1 WHERE row = 1;"
	       "UPDATE checkpoint SET ranges = x'00' WHERE row = 2;"
	       "UPDATE checkpoint SET marks = zeroblob(21) WHERE row = 3;"
	       "UPDATE checkpoint SET handle = zeroblob(41) WHERE row = 4;"
	       "UPDATE checkpoint SET path = '' WHERE row = 5;"
	       "UPDATE checkpoint SET flow = 'a' || char(0) || 'b'"
	       " WHERE row = 6;"
	       "UPDATE checkpoint SET handle_type = 1 << 40 WHERE row = 7;"
	       "UPDATE checkpoint SET ranges = zeroblob(32) WHERE row = 8;"
	       "UPDATE checkpoint SET row = -9 WHERE row = 9;"
	       "UPDATE checkpoint SET head = zeroblob(40) WHERE row = 9;"
	       "INSERT INTO checkpoint SELECT 10, flow, path, dev, ino,"
	       " birth_ns, handle_type, handle, head, marks, 500, 20, ranges,"
	       " changed_ms, footer FROM checkpoint WHERE row = 1",
	    "");
	all = load_all();
	assert_int_equal(all.count, 1);
	assert_int_equal(all.committed[10], 500);
	assert_int_equal(times_said("is left out: "), 9);
	assert_true(was_said("row 1 (/var/log/app.log.1) is left out: "));
}

static void
a_flood_of_bad_rows_is_summed_up(void **state)
{
	struct ledger *l = started();

	(void)state;
	ledger_close(l, DEADLINE_MS);
	JUDGED("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
	       " WHERE i < 500) INSERT INTO checkpoint SELECT i, '', '', 0, 0,"
	       " 0, 0, x'', x'', x'', 0, 0, x'', 0, 0 FROM n",
	    "");
	assert_int_equal(load_all().count, 0);
	assert_int_equal(times_said("is left out: "), 20);
	assert_true(was_said("rows left out and not named: 480"));
}

static void
files_are_for_the_agents_user_only(void **state)
{
	static const char *const names[] = { "", "-wal", "-shm", ".lock" };
	struct ledger *l;
	char name[160];
	struct stat st;

	(void)state;
	(void)snprintf(
	    path, sizeof(path), "%s/made/for/checkpoints", directory);
	l = started();
	send_row(l, NOTICE_SAVE, 1, 1);
	for (size_t i = 0; i < 4; i++) {
		(void)snprintf(name, sizeof(name), "%s%s", path, names[i]);
		WAIT_FOR(stat(name, &st) == 0);
		assert_int_equal(st.st_mode & 0777, 0600);
	}
	(void)snprintf(name, sizeof(name), "%s/made", directory);
	assert_int_equal(stat(name, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0750);
	ledger_close(l, DEADLINE_MS);
}

/* The one line that refuses names the file, says `cause` and `cure`. */
static void
refused(const char *cause, const char *cure)
{
	const char *line;

	assert_null(ledger_open(&the_config));
	line = strstr(all_said(), "<3>");
	assert_non_null(line);
	assert_non_null(strstr(line, path));
	assert_non_null(strstr(line, cause));
	assert_non_null(strstr(line, cure));
	assert_int_equal(times_said("\n"), 1);
}

static void
write_file(const char *name, const char *text)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(close(fd), 0);
}

static void
a_file_that_is_no_database_is_refused_and_left_alone(void **state)
{
	char text[8] = "";
	int fd;

	(void)state;
	write_file(path, "hello\n");
	refused("not a checkpoint database", "name another checkpointFile");
	fd = open(path, O_RDONLY);
	assert_int_equal(read(fd, text, sizeof(text) - 1), 6);
	assert_string_equal(text, "hello\n");
	(void)close(fd);
}

static void
a_directory_is_refused(void **state)
{
	(void)state;
	assert_int_equal(mkdir(path, 0700), 0);
	refused("is a directory", "must name a file");
}

static void
a_name_that_ends_in_a_slash_is_refused(void **state)
{
	(void)state;
	(void)snprintf(path, sizeof(path), "%s/new/", directory);
	refused("is a directory", "must name a file");
}

static void
a_fifo_is_refused_without_waiting_for_it(void **state)
{
	(void)state;
	assert_int_equal(mkfifo(path, 0600), 0);
	refused("not a regular file", "name another checkpointFile");
}

static void
a_parent_that_is_a_file_is_named(void **state)
{
	char parent[96];

	(void)state;
	(void)snprintf(parent, sizeof(parent), "%s/file", directory);
	write_file(parent, "");
	(void)snprintf(path, sizeof(path), "%s/file/checkpoints", directory);
	assert_null(ledger_open(&the_config));
	assert_true(was_said("/file: cannot make the directory"));
	assert_int_equal(times_said("\n"), 1);
}

/* As a user who may not do everything; root may. */
static void
refused_as_nobody(const char *cause, const char *cure)
{
	bool root = geteuid() == 0;

	if (root)
		assert_int_equal(seteuid(65534), 0);
	refused(cause, cure);
	if (root)
		assert_int_equal(seteuid(0), 0);
}

static void
an_unreadable_file_is_refused(void **state)
{
	(void)state;
	assert_int_equal(chmod(directory, 0777), 0);
	write_file(path, "");
	assert_int_equal(chmod(path, 0), 0);
	refused_as_nobody("Permission denied", "let the agent's user read");
}

static void
a_closed_directory_is_refused(void **state)
{
	(void)state;
	assert_int_equal(chmod(directory, 0555), 0);
	refused_as_nobody("Permission denied", "let the agent's user write");
	assert_int_equal(chmod(directory, 0700), 0);
}

static void
a_database_of_a_newer_version_is_refused(void **state)
{
	struct ledger *l = started();

	(void)state;
	ledger_close(l, DEADLINE_MS);
	JUDGED("PRAGMA user_version = 2", "");
	assert_int_equal(ftruncate(STDERR_FILENO, 0), 0);
	refused("version 2, this agent knows version 1",
	    "name another checkpointFile");
}

static void
the_java_agents_database_is_refused_and_left_alone(void **state)
{
	(void)state;
	JUDGED("CREATE TABLE FILE_CHECKPOINTS(flow text, path text, fileId"
	       " text, lastModifiedTime bigint, size bigint, offset bigint,"
	       " lastUpdated datetime, primary key (flow, path))",
	    "");
	refused("the Java agent where ours belong", "move it elsewhere");
	JUDGED("SELECT name FROM sqlite_master WHERE type = 'table'",
	    "FILE_CHECKPOINTS");
	JUDGED("PRAGMA journal_mode", "delete");
}

static void
another_programs_database_is_refused(void **state)
{
	(void)state;
	JUDGED("CREATE TABLE songs(title)", "");
	refused("another program", "name another checkpointFile");
}

static void
a_damaged_database_is_refused_and_not_replaced(void **state)
{
	struct ledger *l = started();
	struct stat before, after;
	unsigned char dirt[512];
	int fd;

	(void)state;
	for (uint64_t row = 1; row <= 200; row++)
		send_row(l, NOTICE_SAVE, row, 100);
	ledger_close(l, DEADLINE_MS);
	memset(dirt, 0x5a, sizeof(dirt));
	fd = open(path, O_RDWR);
	/* One leaf in the middle: no query of the start comes by it. */
	assert_int_equal(pwrite(fd, dirt, sizeof(dirt), 5 * 4096), 512);
	assert_int_equal(fstat(fd, &before), 0);
	(void)close(fd);
	assert_int_equal(ftruncate(STDERR_FILENO, 0), 0);
	refused("damaged", "starts anew at its initialPosition");
	assert_int_equal(stat(path, &after), 0);
	assert_int_equal(before.st_size, after.st_size);
	assert_int_equal(before.st_ino, after.st_ino);
}

static void
a_database_cut_short_is_refused(void **state)
{
	struct ledger *l = started();

	(void)state;
	for (uint64_t row = 1; row <= 200; row++)
		send_row(l, NOTICE_SAVE, row, 100);
	ledger_close(l, DEADLINE_MS);
	assert_int_equal(truncate(path, 10000), 0);
	assert_int_equal(ftruncate(STDERR_FILENO, 0), 0);
	refused("damaged", "starts anew at its initialPosition");
}

static void
a_log_without_its_database_is_refused(void **state)
{
	char wal[160];

	(void)state;
	(void)snprintf(wal, sizeof(wal), "%s-wal", path);
	write_file(wal, "positions");
	refused("is empty or gone", "put the database back");
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(access(wal, F_OK), 0);
}

static void
a_second_agent_is_kept_off_and_told_who_is_there(void **state)
{
	struct ledger *l = started();
	char holder[32];

	(void)state;
	assert_int_equal(ftruncate(STDERR_FILENO, 0), 0);
	(void)snprintf(holder, sizeof(holder), "agent (pid %d)", (int)getpid());
	refused(holder, "stop it");
	assert_true(was_said("checkpoints.lock: "));
	send_row(l, NOTICE_SAVE, 1, 1);
	ledger_close(l, DEADLINE_MS);
	assert_int_equal(load_all().count, 1);
}

static void
a_second_name_for_the_database_does_not_fool_the_lock(void **state)
{
	struct ledger *l = started();
	char other[96];

	(void)state;
	(void)snprintf(other, sizeof(other), "%s/link", directory);
	assert_int_equal(symlink("checkpoints", other), 0);
	the_config.checkpoint_file = other;
	assert_null(ledger_open(&the_config));
	assert_true(was_said("checkpoints.lock: another agent"));
	ledger_close(l, DEADLINE_MS);
}

/* A stop that comes while notices are taken is easily lost with them, and
 * a notice that comes just before the stop with it. */
static void
neither_a_stop_nor_the_notice_before_it_is_missed(void **state)
{
	(void)state;
	for (uint64_t turn = 1; turn <= 200; turn++) {
		struct ledger *l = started();

		for (uint64_t i = 0; i < 200; i++)
			send_row(l, NOTICE_SAVE, 1, turn * 1000 + i);
		ledger_close(l, 10000);
		assert_false(was_said("gave up"));
	}
	assert_int_equal(load_all().committed[1], 200199);
}

static void
a_ledger_that_was_never_started_closes(void **state)
{
	struct ledger *l = ledger_open(&the_config);

	(void)state;
	assert_non_null(l);
	send_row(l, NOTICE_SAVE, 1, 1);
	ledger_close(l, 0);
	ledger_close(NULL, 0);
}

static struct notice *
answer_to(struct ledger *l, struct handoff *answers, const char *flow)
{
	struct notice *n = notice_new(NOTICE_ASK, 0);
	struct list_node came;

	n->flow = mem_dup(flow);
	notice_send(ledger_inbox(l), &n);
	list_init(&came);
	WAIT_FOR((handoff_take(answers, &came), !list_empty(&came)));
	return LIST_ENTRY(list_take_first(&came), struct notice, node);
}

static void
a_question_is_answered_with_all_that_was_said_before(void **state)
{
	struct ledger *l = ledger_open(&the_config);
	struct handoff answers;
	struct notice *n;

	(void)state;
	assert_non_null(l);
	assert_int_equal(handoff_init(&answers), 0);
	ledger_answers(l, &answers);
	assert_int_equal(ledger_start(l), 0);
	n = answer_to(l, &answers, "flow");
	assert_false(n->known);
	assert_int_equal(n->count, 0);
	notice_free(n);
	n = one_full_row();
	n->kind = NOTICE_START;
	n->flow = mem_dup(n->rows[0].flow);
	notice_send(ledger_inbox(l), &n);
	n = one_full_row();
	n->rows[0].row = 6;
	free(n->rows[0].flow);
	n->rows[0].flow = mem_dup("another");
	notice_send(ledger_inbox(l), &n);
	struct notice *full = one_full_row();

	n = answer_to(l, &answers, full->rows[0].flow);
	assert_true(n->known);
	assert_int_equal(n->count, 1);
	assert_int_equal(n->rows[0].row, 5);
	assert_string_equal(n->rows[0].path, full->rows[0].path);
	assert_int_equal(n->rows[0].range_count, 2);
	notice_free(n);
	notice_free(full);
	ledger_close(l, DEADLINE_MS);
	handoff_fini(&answers);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		PROMISE(nothing_is_there_at_the_first_start),
		PROMISE(a_row_comes_back_as_it_was_noted),
		PROMISE(the_last_notice_about_a_row_is_what_stays),
		PROMISE(what_is_noted_is_on_disk_while_the_agent_runs),
		PROMISE(a_forgotten_row_is_gone_from_the_disk),
		PROMISE(a_started_flow_is_known_ever_after),
		PROMISE(a_question_is_answered_with_all_that_was_said_before),
		PROMISE(rows_that_make_no_sense_are_named_and_left_out),
		PROMISE(a_flood_of_bad_rows_is_summed_up),
		PROMISE(files_are_for_the_agents_user_only),
		PROMISE(a_file_that_is_no_database_is_refused_and_left_alone),
		PROMISE(a_directory_is_refused),
		PROMISE(a_name_that_ends_in_a_slash_is_refused),
		PROMISE(a_fifo_is_refused_without_waiting_for_it),
		PROMISE(a_parent_that_is_a_file_is_named),
		PROMISE(an_unreadable_file_is_refused),
		PROMISE(a_closed_directory_is_refused),
		PROMISE(a_database_of_a_newer_version_is_refused),
		PROMISE(the_java_agents_database_is_refused_and_left_alone),
		PROMISE(another_programs_database_is_refused),
		PROMISE(a_damaged_database_is_refused_and_not_replaced),
		PROMISE(a_database_cut_short_is_refused),
		PROMISE(a_log_without_its_database_is_refused),
		PROMISE(a_second_agent_is_kept_off_and_told_who_is_there),
		PROMISE(a_second_name_for_the_database_does_not_fool_the_lock),
		PROMISE(neither_a_stop_nor_the_notice_before_it_is_missed),
		PROMISE(a_ledger_that_was_never_started_closes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
