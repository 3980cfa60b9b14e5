/* SPDX-License-Identifier: Apache-2.0
 *
 * connection: see connection.h.
 *
 * An existing file is looked at before anything is written to it, and is
 * never replaced: a database that is damaged, newer or not ours is refused,
 * because starting over silently would lose or repeat.
 *
 * Thread: its owner's. Everything may block.
 */
#include "connection.h"

#include <ctype.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "log.h"
#include "mem.h"

#define VERSION        1
#define APPLICATION_ID 0x4b435054
#define TEXT(x)        TEXT_(x)
#define TEXT_(x)       #x

/* How long another program's lock (an operator's query) is waited out. */
#define BUSY_MS 2000

#define START_ANEW                                                             \
	"move it and its -wal away and every flow starts anew at its "         \
	"initialPosition"

/* What stands in the columns is told in checkpoints.c. */
static const char schema[] =
    "BEGIN IMMEDIATE;"
    "CREATE TABLE checkpoint("
    " row INTEGER PRIMARY KEY, flow TEXT NOT NULL, path TEXT NOT NULL,"
    " dev INTEGER NOT NULL, ino INTEGER NOT NULL, birth_ns INTEGER NOT NULL,"
    " handle_type INTEGER NOT NULL, handle BLOB NOT NULL,"
    " head BLOB NOT NULL, marks BLOB NOT NULL,"
    " committed INTEGER NOT NULL, size INTEGER NOT NULL,"
    " ranges BLOB NOT NULL, changed_ms INTEGER NOT NULL,"
    " footer INTEGER NOT NULL) STRICT;"
    "CREATE TABLE flow(name TEXT PRIMARY KEY, started INTEGER NOT NULL)"
    " STRICT;"
    "PRAGMA application_id = " TEXT(
	APPLICATION_ID) ";"
			"PRAGMA user_version = " TEXT(VERSION) ";"
							       "COMMIT;";

/* A small cache: rows are written once and read at the next start only. */
static const char settings[] = "PRAGMA synchronous = NORMAL;"
			       "PRAGMA temp_store = MEMORY;"
			       "PRAGMA cache_size = -512;"
			       "PRAGMA journal_size_limit = 4194304;";

/* What SQLite's answers mean to an operator. */
static const struct trouble {
	int code;
	const char *cause, *cure;
} troubles[] = {
	{ SQLITE_FULL, "no space left", "free space on its file system" },
	{ SQLITE_IOERR, "input/output error", "look at its disk" },
	{ SQLITE_BUSY, "another program holds it locked", "end that program" },
	{ SQLITE_READONLY, "it may not be written",
	    "give the agent's user write access" },
	{ SQLITE_CANTOPEN, "cannot open it or a file beside it",
	    "let the agent's user write in its directory" },
	{ SQLITE_NOTADB, "not a checkpoint database",
	    "name another checkpointFile, or " START_ANEW },
	{ SQLITE_CORRUPT, "the database is damaged",
	    "restore it from a backup, or " START_ANEW },
};

void
connection_blame(struct connection *c)
{
	int code = sqlite3_errcode(c->db) & 0xff;
	int why = code == SQLITE_FULL ? 0 : sqlite3_system_errno(c->db);

	for (size_t i = 0; i < sizeof(troubles) / sizeof(troubles[0]); i++) {
		const struct trouble *t = &troubles[i];

		if (t->code != code)
			continue;
		(void)snprintf(c->why, sizeof(c->why), "%s%s%s%s; %s", t->cause,
		    why == 0 ? "" : " (", why == 0 ? "" : strerror(why),
		    why == 0 ? "" : ")", t->cure);
		return;
	}
	(void)snprintf(c->why, sizeof(c->why), "%s; look at its disk",
	    sqlite3_errmsg(c->db));
}

static int
run_script(struct connection *c, const char *script)
{
	if (sqlite3_exec(c->db, script, NULL, NULL, NULL) == SQLITE_OK)
		return 0;
	connection_blame(c);
	return -1;
}

int
connection_ask(struct connection *c, const char *query, int64_t *answer)
{
	sqlite3_stmt *s = NULL;
	int result = -1;

	if (sqlite3_prepare_v2(c->db, query, -1, &s, NULL) == SQLITE_OK &&
	    sqlite3_step(s) == SQLITE_ROW) {
		*answer = sqlite3_column_int64(s, 0);
		result = 0;
	} else
		connection_blame(c);
	(void)sqlite3_finalize(s);
	return result;
}

/* A database without our application_id: new, or whose? */
static enum connection_result
look_at_stranger(struct connection *c, bool *fresh)
{
	int64_t java, tables, id, version;

	if (connection_ask(c,
		"SELECT count(*) FROM sqlite_master WHERE type = 'table'"
		" AND name = 'FILE_CHECKPOINTS' COLLATE NOCASE",
		&java) != 0 ||
	    connection_ask(c, "SELECT count(*) FROM sqlite_master", &tables) !=
		0 ||
	    connection_ask(c, "PRAGMA application_id", &id) != 0 ||
	    connection_ask(c, "PRAGMA user_version", &version) != 0)
		return CONNECTION_FAILED;
	*fresh = tables == 0 && id == 0 && version == 0;
	if (*fresh)
		return CONNECTION_MADE;
	if (java != 0)
		log_error("%s: holds the checkpoints of the Java agent where "
			  "ours belong; move it elsewhere and name that place "
			  "as checkpointFile, to go on from them",
		    c->path);
	else
		log_error("%s: is the database of another program; name "
			  "another checkpointFile",
		    c->path);
	return CONNECTION_REFUSED;
}

/* Is this database ours and of our version, or `fresh`? Writes nothing. */
static enum connection_result
look_at_kind(struct connection *c, bool *fresh)
{
	int64_t id, version;

	*fresh = false;
	if (connection_ask(c, "PRAGMA application_id", &id) != 0 ||
	    connection_ask(c, "PRAGMA user_version", &version) != 0)
		return CONNECTION_FAILED;
	if (id != APPLICATION_ID)
		return look_at_stranger(c, fresh);
	if (version == VERSION)
		return CONNECTION_MADE;
	log_error("%s: is of checkpoint version %lld, this agent knows "
		  "version %d; install the agent that wrote it, or name "
		  "another checkpointFile",
	    c->path, (long long)version, VERSION);
	return CONNECTION_REFUSED;
}

/* The whole of it, before anything in it is believed. */
static enum connection_result
look_for_damage(struct connection *c)
{
	enum connection_result result = CONNECTION_FAILED;
	sqlite3_stmt *s = NULL;
	const char *answer;

	if (sqlite3_prepare_v2(c->db, "PRAGMA quick_check(1)", -1, &s, NULL) !=
		SQLITE_OK ||
	    sqlite3_step(s) != SQLITE_ROW) {
		connection_blame(c);
		goto out;
	}
	answer = (const char *)sqlite3_column_text(s, 0);
	result = CONNECTION_MADE;
	if (answer != NULL && strcmp(answer, "ok") != 0) {
		log_error("%s: the database is damaged (%.200s); restore it "
			  "from a backup, or " START_ANEW,
		    c->path, answer);
		result = CONNECTION_REFUSED;
	}
out:
	(void)sqlite3_finalize(s);
	return result;
}

/* Connect, and find out or lay down what the database is. */
static enum connection_result
connect_to(struct connection *c, const char *locking)
{
	enum connection_result result;
	bool fresh;

	if (sqlite3_open_v2(c->path, &c->db,
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
		NULL) != SQLITE_OK) {
		connection_blame(c);
		return CONNECTION_FAILED;
	}
	(void)sqlite3_busy_timeout(c->db, BUSY_MS);
	if (run_script(c, locking) != 0)
		return CONNECTION_FAILED;
	result = look_at_kind(c, &fresh);
	if (result != CONNECTION_MADE)
		return result;
	if (!fresh) {
		result = look_for_damage(c);
		if (result != CONNECTION_MADE)
			return result;
	}
	if (run_script(c, settings) != 0 ||
	    run_script(c, "PRAGMA journal_mode = WAL") != 0 ||
	    (fresh && run_script(c, schema) != 0))
		return CONNECTION_FAILED;
	if (fresh)
		log_info("%s: made; no flow has a checkpoint yet", c->path);
	return CONNECTION_MADE;
}

void
connection_end(struct connection *c)
{
	(void)sqlite3_close(c->db);
	c->db = NULL;
}

/* Shared first, so that an operator can query the database of a running
 * agent. That needs shared memory in a file beside it; where a full disk or
 * a network file system has none, the log's index is kept in our memory and
 * the database is ours alone: it can still be read, and written later. */
enum connection_result
connection_make(struct connection *c)
{
	enum connection_result result =
	    connect_to(c, "PRAGMA locking_mode = NORMAL");

	if (result != CONNECTION_FAILED)
		return result;
	switch (sqlite3_errcode(c->db) & 0xff) {
	case SQLITE_FULL:
	case SQLITE_IOERR:
	case SQLITE_CANTOPEN:
	case SQLITE_PROTOCOL:
		connection_end(c);
		return connect_to(c, "PRAGMA locking_mode = EXCLUSIVE");
	default:
		return result;
	}
}

/* `path` as an address of SQLite's, of a file that nobody writes to. */
static char *
address_at_rest(const char *path)
{
	char *text = mem_new(3 * strlen(path) + sizeof("file:?immutable=1"));
	char *at = stpcpy(text, "file:");

	for (; *path != '\0'; path++) {
		if (isalnum((unsigned char)*path) || strchr("/._-", *path))
			*at++ = *path;
		else
			at += snprintf(at, 4, "%%%02X", (unsigned char)*path);
	}
	(void)stpcpy(at, "?immutable=1");
	return text;
}

static bool
has_log(const char *path)
{
	char *log = mem_format("%s-wal", path);
	struct stat st;
	bool has = stat(log, &st) == 0 && st.st_size > 0;

	free(log);
	return has;
}

static int
try_to_read(struct connection *c, const char *name, int more)
{
	int code = sqlite3_open_v2(name, &c->db,
	    SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | more, NULL);

	(void)sqlite3_busy_timeout(c->db, BUSY_MS);
	if (code == SQLITE_OK)
		code = sqlite3_exec(
		    c->db, "SELECT 1 FROM sqlite_master", NULL, NULL, NULL);
	if (code == SQLITE_OK)
		return 0;
	connection_blame(c);
	return -1;
}

/* The memory that a running agent shares is used, and beside a dead one it is
 * made. Where that cannot be and no log is left, nobody writes: the file is
 * all there is. */
static int
open_to_read(struct connection *c)
{
	char *name;
	int failed = try_to_read(c, c->path, 0);
	int code = sqlite3_errcode(c->db) & 0xff;

	if (!failed || (code != SQLITE_CANTOPEN && code != SQLITE_READONLY))
		return failed;
	if (has_log(c->path)) {
		(void)snprintf(c->why, sizeof(c->why),
		    "its log can be read by those only who may write beside "
		    "it; ask as root, or as the agent's user");
		return -1;
	}
	name = address_at_rest(c->path);
	(void)sqlite3_close(c->db);
	failed = try_to_read(c, name, SQLITE_OPEN_URI);
	free(name);
	return failed;
}

enum connection_result
connection_peek(struct connection *c)
{
	enum connection_result result;
	bool fresh;

	if (open_to_read(c) != 0)
		return CONNECTION_FAILED;
	result = look_at_kind(c, &fresh);
	if (result != CONNECTION_MADE)
		return result;
	if (!fresh)
		return CONNECTION_MADE;
	(void)snprintf(c->why, sizeof(c->why),
	    "nothing was ever noted in it; start the agent first");
	return CONNECTION_FAILED;
}
