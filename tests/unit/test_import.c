/* SPDX-License-Identifier: Apache-2.0
 *
 * What is taken over from the Java agent's database, in whatever state its
 * last process left it, and what an operator reads when it cannot be. The
 * databases are made by the sqlite3 program.
 */
#include "ledger_help.h"

#include <signal.h>

#define TABLE                                                                  \
	"CREATE TABLE IF NOT EXISTS FILE_CHECKPOINTS(flow text, path text,"    \
	" fileId text, lastModifiedTime bigint, size bigint, offset bigint,"   \
	" lastUpdated datetime, primary key (flow, path));"
#define ROW(flow, path, id, size, offset, when)                                \
	"INSERT INTO FILE_CHECKPOINTS VALUES('" flow "', '" path "', '" id     \
	"', 1700000000123, " size ", " offset ", '2026-01-02 03:04:0" when     \
	".000');"
#define WEB  "kinesis:web:/var/log/web*"
#define FIRE "fh:fire:/var/log/fire"
#define ONE                                                                    \
	TABLE ROW(                                                             \
	    WEB, "/var/log/web.log", "(dev=fe00,ino=42)", "500", "300", "1")
#define JAVA_MAX 96

static char java[JAVA_MAX];       /* the Java agent's database */
static char own[JAVA_MAX];        /* ours */
static struct flow_config *flows; /* two */

static int
set_up(void **state)
{
	if (setup(state) != 0)
		return -1;
	(void)snprintf(java, sizeof(java), "%s/java", directory);
	(void)snprintf(own, sizeof(own), "%s/own", directory);
	flows = mem_new_array(2, sizeof(*flows));
	flows[0] = (struct flow_config){ .name = (char *)(uintptr_t)WEB,
		.java_id = (char *)(uintptr_t)WEB };
	flows[1] = (struct flow_config){ .name = (char *)(uintptr_t) "fire",
		.java_id = (char *)(uintptr_t)FIRE };
	the_config = (struct config){ .checkpoint_file = java,
		.own_checkpoint_file = own,
		.flows = flows,
		.flow_count = 2 };
	return 0;
}

static int
tear_down(void **state)
{
	free(flows);
	return teardown(state);
}

/* A sqlite3 on the Java agent's database that reads what is written to
 * `*in`; *out: what it prints. */
static pid_t
begin_sqlite(int *in, int *out)
{
	int to[2], from[2];
	pid_t pid;

	assert_int_equal(pipe2(to, O_CLOEXEC), 0);
	assert_int_equal(pipe2(from, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		(void)dup2(to[0], STDIN_FILENO);
		(void)dup2(from[1], STDOUT_FILENO);
		(void)execlp(
		    "sqlite3", "sqlite3", "-batch", java, (char *)NULL);
		_exit(127);
	}
	(void)close(to[0]);
	(void)close(from[1]);
	*in = to[1];
	*out = from[0];
	return pid;
}

/* Let sqlite3 do `sql` and keep it, in the middle of it; end_sqlite kills
 * it. */
static pid_t
left_in(const char *sql, int *in)
{
	static const char ready[] = "SELECT 'ready';\n";
	char text[256] = "";
	size_t len = 0;
	int out;
	pid_t pid = begin_sqlite(in, &out);

	assert_int_equal(write(*in, sql, strlen(sql)), strlen(sql));
	assert_int_equal(write(*in, ready, strlen(ready)), strlen(ready));
	while (strstr(text, "ready") == NULL) {
		ssize_t got = read(out, text + len, sizeof(text) - 1 - len);

		assert_true(got > 0);
		len += (size_t)got;
	}
	(void)close(out);
	return pid;
}

static void
end_sqlite(pid_t pid, int in)
{
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	(void)close(in);
}

static void
make(const char *sql)
{
	int in, out, status;
	pid_t pid = begin_sqlite(&in, &out);

	assert_int_equal(write(in, sql, strlen(sql)), strlen(sql));
	(void)close(in);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	(void)close(out);
}

/* A file, in numbers that change when anybody writes. */
struct print {
	ino_t ino;
	off_t size;
	struct timespec written, changed;
};

static struct print
print_of(const char *suffix)
{
	char *file = mem_format("%s%s", java, suffix);
	struct print p;
	struct stat st;

	memset(&p, 0, sizeof(p));
	if (stat(file, &st) == 0) {
		p.ino = st.st_ino;
		p.size = st.st_size;
		p.written = st.st_mtim;
		p.changed = st.st_ctim;
	}
	free(file);
	return p;
}

static bool
is_there(const char *base, const char *suffix)
{
	char *file = mem_format("%s%s", base, suffix);
	bool there = access(file, F_OK) == 0;

	free(file);
	return there;
}

static void
nothing_is_left_of_the_copy(void)
{
	assert_false(is_there(own, ".import"));
	assert_false(is_there(own, ".import-journal"));
	assert_false(is_there(own, ".import-wal"));
	assert_false(is_there(own, ".import-shm"));
}

#define TAKEN_MAX 8
struct taken {
	size_t count;
	struct checkpoint rows[TAKEN_MAX]; /* owned content */
	bool web, fire;                    /* known */
};

static void
take(void *owner, const struct checkpoint *row)
{
	struct taken *all = owner;
	struct checkpoint *to = &all->rows[all->count++];

	assert_true(all->count <= TAKEN_MAX);
	*to = *row;
	to->flow = mem_dup(row->flow);
	to->path = mem_dup(row->path);
	assert_int_equal(row->range_count, 0);
}

static void
free_taken(struct taken *all)
{
	for (size_t i = 0; i < all->count; i++)
		checkpoint_fini(&all->rows[i]);
}

/* What a start of the agent finds. */
static struct taken
start_once(void)
{
	struct ledger *l = ledger_open(&the_config);
	struct taken all = { 0 };

	assert_non_null(l);
	assert_string_equal(ledger_path(l), own);
	assert_int_equal(ledger_load(l, take, &all), 0);
	all.web = ledger_knows_flow(l, WEB);
	all.fire = ledger_knows_flow(l, "fire");
	ledger_close(l, DEADLINE_MS);
	nothing_is_left_of_the_copy();
	return all;
}

/* A start that takes over one row, at `committed`. */
static void
takes_over(uint64_t committed)
{
	struct taken all = start_once();

	assert_int_equal(all.count, 1);
	assert_int_equal(all.rows[0].committed, committed);
	assert_true(all.rows[0].imported);
	assert_true(all.web);
	free_taken(&all);
}

static void
a_row_of_the_java_agent_becomes_ours(void **state)
{
	const struct checkpoint *row;
	struct taken all;

	(void)state;
	make(ONE);
	all = start_once();
	row = &all.rows[0];
	assert_int_equal(all.count, 1);
	assert_true(row->imported);
	assert_string_equal(row->flow, WEB);
	assert_string_equal(row->path, "/var/log/web.log");
	assert_int_equal(row->id.dev, 0xfe00);
	assert_int_equal(row->id.ino, 42);
	assert_int_equal(row->id.birth_ns, 0);
	assert_int_equal(row->id.handle_len, 0);
	assert_int_equal(row->head.end, 0);
	assert_int_equal(row->mark_count, 0);
	assert_int_equal(row->committed, 300);
	assert_int_equal(row->size, 500);
	assert_int_equal(row->changed_ms, 1700000000123);
	assert_true(all.web);
	assert_false(all.fire);
	assert_int_equal(times_said("goes on where the Java agent stopped, at "
				    "byte 300 of /var/log/web.log"),
	    1);
	assert_int_equal(times_said("flow fire: "), 1);
	assert_true(was_said("holds no position of it"));
	free_taken(&all);
}

static void
a_second_start_imports_nothing(void **state)
{
	(void)state;
	make(ONE);
	takes_over(300);
	make("UPDATE FILE_CHECKPOINTS SET offset = 400;");
	assert_int_equal(ftruncate(STDERR_FILENO, 0), 0);
	takes_over(300);
	assert_false(was_said("goes on where"));
}

static void
a_flow_that_comes_later_is_taken_over_then(void **state)
{
	struct taken all;

	(void)state;
	make(ONE ROW(FIRE, "/var/log/fire", "(dev=1,ino=2)", "9", "9", "2"));
	the_config.flow_count = 1;
	takes_over(300);
	the_config.flow_count = 2;
	all = start_once();
	assert_int_equal(all.count, 2);
	assert_true(all.fire);
	assert_string_equal(all.rows[1].flow, "fire");
	assert_int_equal(all.rows[1].row, all.rows[0].row + 1);
	free_taken(&all);
}

static void
the_row_noted_last_comes_first_and_once_for_a_file(void **state)
{
	struct taken all;

	(void)state;
	make(ONE ROW(WEB, "/var/log/web.2", "(dev=fe00,ino=44)", "90", "80",
	    "3") ROW(WEB, "/var/log/web.1", "(dev=fe00,ino=42)", "999", "100",
	    "0") ROW(WEB, "/var/log/web.3", "(dev=fe00,ino=45)", "70", "60",
	    "2"));
	all = start_once();
	assert_int_equal(all.count, 3);
	assert_int_equal(all.rows[0].id.ino, 44);
	assert_int_equal(all.rows[0].committed, 80);
	assert_int_equal(all.rows[0].size, 90);
	assert_int_equal(all.rows[1].id.ino, 45);
	assert_int_equal(all.rows[1].committed, 60);
	assert_int_equal(all.rows[1].size, 60);
	assert_int_equal(all.rows[2].id.ino, 42);
	assert_int_equal(all.rows[2].committed, 300);
	free_taken(&all);
}

static void
runs_of_slashes_in_a_flow_id_are_one(void **state)
{
	(void)state;
	make(TABLE ROW("kinesis:web://var/log//web*", "/var/log/web.log",
	    "(dev=fe00,ino=42)", "500", "300", "1"));
	takes_over(300);
}

static void
what_a_killed_writer_left_half_done_is_undone_in_the_copy(void **state)
{
	struct print database, journal, now;
	int in;
	pid_t pid;

	(void)state;
	make(ONE "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM"
		 " n WHERE i < 3000) INSERT INTO FILE_CHECKPOINTS SELECT"
		 " 'kinesis:other:/x', '/x/' || i, '(dev=1,ino=' || i || ')',"
		 " 1, 1, 1, '2026-01-01 00:00:00.000' FROM n;");
	pid = left_in("PRAGMA cache_size = 5; BEGIN IMMEDIATE;"
		      "UPDATE FILE_CHECKPOINTS SET offset = offset + 7,"
		      " path = path || 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx';\n",
	    &in);
	end_sqlite(pid, in);
	assert_true(is_there(java, "-journal"));
	database = print_of("");
	journal = print_of("-journal");
	takes_over(300);
	now = print_of("");
	assert_memory_equal(&now, &database, sizeof(now));
	now = print_of("-journal");
	assert_memory_equal(&now, &journal, sizeof(now));
}

static void
a_write_ahead_log_is_read_with_its_database(void **state)
{
	struct print database, wal, now;
	int in;
	pid_t pid;

	(void)state;
	make("PRAGMA journal_mode = WAL;");
	pid = left_in(ONE "UPDATE FILE_CHECKPOINTS SET offset = 400;"
			  "BEGIN; UPDATE FILE_CHECKPOINTS SET offset = 450;\n",
	    &in);
	end_sqlite(pid, in);
	assert_true(is_there(java, "-wal"));
	database = print_of("");
	wal = print_of("-wal");
	takes_over(400);
	now = print_of("");
	assert_memory_equal(&now, &database, sizeof(now));
	now = print_of("-wal");
	assert_memory_equal(&now, &wal, sizeof(now));
}

static void
a_copy_that_a_killed_start_left_is_removed(void **state)
{
	char *old = mem_format("%s.import", own);
	char *wal = mem_format("%s.import-wal", own);

	(void)state;
	make(ONE);
	assert_int_equal(close(open(old, O_CREAT | O_WRONLY, 0600)), 0);
	assert_int_equal(close(open(wal, O_CREAT | O_WRONLY, 0600)), 0);
	takes_over(300);
	free(old);
	free(wal);
}

static void
a_name_that_is_a_link_leads_to_the_journal_too(void **state)
{
	char link[JAVA_MAX];
	int in;
	pid_t pid;

	(void)state;
	make("PRAGMA journal_mode = WAL;");
	pid = left_in(ONE "UPDATE FILE_CHECKPOINTS SET offset = 400;\n", &in);
	end_sqlite(pid, in);
	(void)snprintf(link, sizeof(link), "%s/link", directory);
	assert_int_equal(symlink("java", link), 0);
	the_config.checkpoint_file = link;
	takes_over(400);
}

/* The usual place of the Java agent's is emptied by a reboot. */
static void
ours_is_found_after_the_java_agents_is_gone(void **state)
{
	(void)state;
	make(ONE);
	takes_over(300);
	assert_int_equal(unlink(java), 0);
	takes_over(300);
	assert_false(is_there(java, ""));
}

static void
ours_is_not_taken_for_the_java_agents(void **state)
{
	struct ledger *l;
	pid_t pid;
	int status;

	(void)state;
	/* Killed at its first start: all of it stands in the log. */
	pid = fork();
	if (pid == 0) {
		l = ledger_open(&the_config);
		_exit(l != NULL ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_true(is_there(java, "-wal"));
	l = ledger_open(&the_config);
	assert_non_null(l);
	assert_string_equal(ledger_path(l), java);
	ledger_close(l, DEADLINE_MS);
	assert_false(is_there(own, ""));
}

/* ---- Where nobody named it ---- */

static void
by_default(void)
{
	the_config.checkpoint_file = own;
	the_config.import_file = java;
}

static void
the_default_place_counts_at_the_first_start(void **state)
{
	(void)state;
	by_default();
	make(ONE);
	takes_over(300);
}

static void
the_default_place_may_be_empty(void **state)
{
	struct taken all;

	(void)state;
	by_default();
	all = start_once();
	assert_int_equal(all.count, 0);
	assert_false(all.web);
	assert_false(was_said("Java"));
	assert_false(was_said(java));
}

static void
the_default_place_does_not_count_later(void **state)
{
	struct taken all;

	(void)state;
	by_default();
	make(ONE ROW(FIRE, "/var/log/fire", "(dev=1,ino=2)", "9", "9", "2"));
	the_config.flow_count = 1;
	takes_over(300);
	the_config.flow_count = 2;
	all = start_once();
	assert_int_equal(all.count, 1);
	assert_false(all.fire);
	free_taken(&all);
}

/* ---- Refusals ---- */

/* One line that names the file, the cause and how to go on; nothing is taken
 * over, and nothing changed. */
static void
refused(const char *cause, const char *cure)
{
	struct print before = print_of(""), after;

	assert_int_equal(ftruncate(STDERR_FILENO, 0), 0);
	assert_null(ledger_open(&the_config));
	assert_true(was_said(java));
	if (!was_said(cause) || !was_said(cure))
		fail_msg("said: %s", all_said());
	assert_int_equal(times_said("java: "), 1);
	after = print_of("");
	assert_memory_equal(&before, &after, sizeof(before));
	nothing_is_left_of_the_copy();
	(void)unlink(java);
	make(ONE);
	takes_over(300);
}

#define GO_ON "move it away and every flow starts at its initialPosition"

static void
a_damaged_database_is_refused(void **state)
{
	int fd;

	(void)state;
	make(ONE "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM"
		 " n WHERE i < 3000) INSERT INTO FILE_CHECKPOINTS SELECT"
		 " 'kinesis:other:/x', '/x/' || i, '(dev=1,ino=' || i || ')',"
		 " 1, 1, 1, '2026-01-01 00:00:00.000' FROM n;");
	fd = open(java, O_WRONLY);
	for (off_t at = 8192; at < 65536; at += 4096)
		assert_int_equal(pwrite(fd, "dirtdirtdirtdirt", 16, at), 16);
	(void)close(fd);
	refused("damaged", GO_ON);
}

static void
a_database_cut_short_is_refused(void **state)
{
	(void)state;
	make(ONE);
	assert_int_equal(truncate(java, 8192), 0);
	refused("damaged", GO_ON);
}

static void
an_unknown_form_is_refused(void **state)
{
	(void)state;
	make(ONE "ALTER TABLE FILE_CHECKPOINTS RENAME offset TO position;");
	refused("of a form this agent does not know", GO_ON);
}

static void
more_columns_do_no_harm(void **state)
{
	(void)state;
	make(ONE "ALTER TABLE FILE_CHECKPOINTS ADD version text;");
	takes_over(300);
}

static void
a_default_place_without_the_table_is_refused(void **state)
{
	(void)state;
	by_default();
	make("CREATE TABLE songs(title); CREATE VIEW FILE_CHECKPOINTS AS"
	     " SELECT 1;");
	refused("has no table FILE_CHECKPOINTS", GO_ON);
}

static void
a_default_place_that_is_no_database_is_refused(void **state)
{
	int fd = open(java, O_CREAT | O_WRONLY, 0600);

	(void)state;
	by_default();
	assert_int_equal(write(fd, "my notes, a few of them\n", 24), 24);
	(void)close(fd);
	refused("not a database", GO_ON);
}

static void
a_row_without_sense_is_refused(void **state)
{
	static const struct {
		const char *change, *cause;
	} bad[] = {
		{ "fileId = 'fe00:42'", "its fileId" },
		{ "fileId = '(dev=fe00,ino=42'", "its fileId" },
		{ "fileId = '(dev=fe00,ino=42) '", "its fileId" },
		{ "fileId = '(dev=fe00,ino=x)'", "its fileId" },
		{ "fileId = '(dev=,ino=42)'", "its fileId" },
		{ "fileId = '(dev=-1,ino=42)'", "its fileId" },
		{ "fileId = '(dev=fe00,ino=99999999999999999999)'",
		    "its fileId" },
		{ "fileId = NULL", "its fileId" },
		{ "fileId = x'2864003d'", "its fileId" },
		{ "offset = -1", "its offset is negative" },
		{ "offset = 9223372036854775807", "absurd" },
		{ "offset = 'many'", "no number" },
		{ "offset = NULL", "no number" },
		{ "size = -5", "its size" },
		{ "lastModifiedTime = 'never'", "its lastModifiedTime" },
		{ "path = ''", "its path is empty" },
		{ "path = NULL", "is no text" },
		{ "path = x'2f0061'", "is no text" },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char *sql = mem_format(
		    ONE "UPDATE FILE_CHECKPOINTS SET %s;", bad[i].change);

		make(sql);
		free(sql);
		refused(bad[i].cause, GO_ON);
		assert_int_equal(tear_down(state), 0);
		assert_int_equal(set_up(state), 0);
	}
}

static void
a_senseless_row_that_is_not_the_last_is_left_out(void **state)
{
	(void)state;
	make(ONE ROW(WEB, "/var/log/web.1", "what", "1", "1", "0"));
	takes_over(300);
	assert_int_equal(
	    times_said("the row of /var/log/web.1 is left out"), 1);
}

static void
senseless_rows_of_others_do_no_harm(void **state)
{
	(void)state;
	make(ONE ROW("kinesis:other:/x", "/x", "what", "1", "1",
	    "0") "INSERT INTO FILE_CHECKPOINTS VALUES(NULL, 1, 2, 3, 4, 5, "
		 "6);");
	takes_over(300);
}

static void
one_row_for_two_flows_is_refused(void **state)
{
	struct taken all;

	(void)state;
	make(TABLE ROW(FIRE, "/var/log/fire", "(dev=1,ino=2)", "9", "9", "2"));
	flows[0].name = (char *)(uintptr_t) "alike";
	flows[0].java_id = (char *)(uintptr_t)FIRE;
	assert_null(ledger_open(&the_config));
	assert_true(was_said("could be both alike and fire here"));
	assert_true(was_said("give the one that goes on"));
	/* A name that says so decides. */
	flows[1].name = (char *)(uintptr_t)FIRE;
	all = start_once();
	assert_int_equal(all.count, 1);
	assert_string_equal(all.rows[0].flow, FIRE);
	free_taken(&all);
}

static void
a_database_that_is_being_written_is_refused(void **state)
{
	int in;
	pid_t pid;

	(void)state;
	make(ONE);
	pid = left_in("BEGIN EXCLUSIVE;\n", &in);
	assert_null(ledger_open(&the_config));
	end_sqlite(pid, in);
	assert_true(was_said("stop it, then start again"));
	assert_int_equal(times_said("java: "), 1);
	nothing_is_left_of_the_copy();
	takes_over(300);
}

static void
an_unreadable_database_is_refused(void **state)
{
	bool root = geteuid() == 0;

	(void)state;
	by_default();
	make(ONE);
	assert_int_equal(chmod(java, 0), 0);
	assert_int_equal(chmod(directory, 0777), 0);
	if (root)
		assert_int_equal(seteuid(65534), 0);
	assert_null(ledger_open(&the_config));
	if (root)
		assert_int_equal(seteuid(0), 0);
	assert_true(was_said("Permission denied; let the agent's user read"));
	assert_true(was_said(GO_ON));
}

static void
the_java_agents_in_our_place_is_refused(void **state)
{
	(void)state;
	the_config.own_checkpoint_file = java;
	make(ONE);
	assert_null(ledger_open(&the_config));
	assert_true(was_said("where ours belong; move it elsewhere"));
}

#define IMPORT(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IMPORT(a_row_of_the_java_agent_becomes_ours),
		IMPORT(a_second_start_imports_nothing),
		IMPORT(a_flow_that_comes_later_is_taken_over_then),
		IMPORT(the_row_noted_last_comes_first_and_once_for_a_file),
		IMPORT(runs_of_slashes_in_a_flow_id_are_one),
		IMPORT(
		    what_a_killed_writer_left_half_done_is_undone_in_the_copy),
		IMPORT(a_write_ahead_log_is_read_with_its_database),
		IMPORT(a_copy_that_a_killed_start_left_is_removed),
		IMPORT(a_name_that_is_a_link_leads_to_the_journal_too),
		IMPORT(ours_is_found_after_the_java_agents_is_gone),
		IMPORT(ours_is_not_taken_for_the_java_agents),
		IMPORT(the_default_place_counts_at_the_first_start),
		IMPORT(the_default_place_may_be_empty),
		IMPORT(the_default_place_does_not_count_later),
		IMPORT(a_damaged_database_is_refused),
		IMPORT(a_database_cut_short_is_refused),
		IMPORT(an_unknown_form_is_refused),
		IMPORT(more_columns_do_no_harm),
		IMPORT(a_default_place_without_the_table_is_refused),
		IMPORT(a_default_place_that_is_no_database_is_refused),
		IMPORT(a_row_without_sense_is_refused),
		IMPORT(a_senseless_row_that_is_not_the_last_is_left_out),
		IMPORT(senseless_rows_of_others_do_no_harm),
		IMPORT(one_row_for_two_flows_is_refused),
		IMPORT(a_database_that_is_being_written_is_refused),
		IMPORT(an_unreadable_database_is_refused),
		IMPORT(the_java_agents_in_our_place_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
