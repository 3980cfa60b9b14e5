/* SPDX-License-Identifier: Apache-2.0
 *
 * java: the Java agent's database, read from a copy.
 *
 * One table, FILE_CHECKPOINTS(flow, path, fileId, lastModifiedTime, size,
 * offset, lastUpdated), a row for each flow and path: every byte before
 * `offset` is delivered; size and lastModifiedTime (milliseconds) are those of
 * the file when it was last listed; fileId is "(dev=HEX,ino=DECIMAL)";
 * lastUpdated is a text that sorts by time.
 *
 * It is another program's file: nothing in it is believed unseen, and no
 * trigger or view of it runs code of ours.
 *
 * Thread: main, at start.
 */
#include "java.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "mem.h"

#define TABLE "FILE_CHECKPOINTS"
/* A database's first page, which names its tables, is at most so long. */
#define PAGE_MAX ((size_t)64 * 1024)
/* In the first page: who made the database, where it says so. */
#define MAKER_AT  68
#define MAKER_LEN 4
/* No file system holds more in a file than some EiB. */
#define OFFSET_MAX ((int64_t)1 << 62)

static const char query[] =
    "SELECT flow, path, fileId, lastModifiedTime, size, offset"
    " FROM " TABLE " ORDER BY lastUpdated DESC";

enum column { FLOW, PATH, FILE_ID, MODIFIED, SIZE, OFFSET };

/* How many of the first bytes of `path` are in `page` now; 0: none. */
static size_t
first_page(const char *path, unsigned char *page)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	ssize_t got = -1;

	if (fd >= 0) {
		got = pread(fd, page, PAGE_MAX, 0);
		(void)close(fd);
	}
	return got < 0 ? 0 : (size_t)got;
}

bool
java_looks_like(const char *path)
{
	static const unsigned char nobody[MAKER_LEN];
	static const char magic[] = "SQLite format 3";
	unsigned char *page = mem_new_array(1, PAGE_MAX);
	char *wal = mem_format("%s-wal", path);
	size_t len = first_page(path, page);
	bool java = false;

	if (len > MAKER_AT + MAKER_LEN &&
	    memcmp(page, magic, sizeof(magic)) == 0 &&
	    memcmp(page + MAKER_AT, nobody, MAKER_LEN) == 0) {
		java = memmem(page, len, TABLE, strlen(TABLE)) != NULL;
		if (!java)
			len = first_page(wal, page);
		java = java || memmem(page, len, TABLE, strlen(TABLE)) != NULL;
	}
	free(wal);
	free(page);
	return java;
}

static enum java_result
refuse(sqlite3 *db, const char *name)
{
	switch (sqlite3_errcode(db) & 0xff) {
	case SQLITE_NOTADB:
	case SQLITE_CORRUPT:
		log_error("%s: the Java agent's checkpoints are damaged (%s); "
			  "restore them, or " JAVA_WITHOUT,
		    name, sqlite3_errmsg(db));
		return JAVA_FAILED;
	default:
		log_error("%s: the Java agent's checkpoints cannot be read "
			  "(%s); look at the disk of stateDirectory",
		    name, sqlite3_errmsg(db));
		return JAVA_FAILED;
	}
}

static enum java_result
look_for_damage(sqlite3 *db, const char *name)
{
	enum java_result result = JAVA_FAILED;
	sqlite3_stmt *s = NULL;
	const char *answer;

	if (sqlite3_prepare_v2(db, "PRAGMA quick_check(1)", -1, &s, NULL) !=
		SQLITE_OK ||
	    sqlite3_step(s) != SQLITE_ROW) {
		(void)refuse(db, name);
		goto out;
	}
	answer = (const char *)sqlite3_column_text(s, 0);
	if (answer != NULL && strcmp(answer, "ok") == 0)
		result = JAVA_READ;
	else
		log_error("%s: the Java agent's checkpoints are damaged "
			  "(%.200s); restore them, or " JAVA_WITHOUT,
		    name, answer == NULL ? "unknown" : answer);
out:
	(void)sqlite3_finalize(s);
	return result;
}

/* Is the table there, with the columns we know? A view would run what it was
 * made of, so it does not count. */
static enum java_result
look_for_table(sqlite3 *db, const char *name)
{
	static const char count[] =
	    "SELECT count(*), coalesce(sum(type = 'table'"
	    " AND name = '" TABLE "' COLLATE NOCASE), 0) FROM sqlite_master";
	enum java_result result = JAVA_FAILED;
	sqlite3_stmt *s = NULL;

	if (sqlite3_prepare_v2(db, count, -1, &s, NULL) != SQLITE_OK ||
	    sqlite3_step(s) != SQLITE_ROW)
		(void)refuse(db, name);
	else if (sqlite3_column_int64(s, 0) == 0)
		result = JAVA_EMPTY;
	else if (sqlite3_column_int64(s, 1) != 0)
		result = JAVA_READ;
	else
		log_error("%s: is not the Java agent's database: it has no "
			  "table " TABLE "; " JAVA_WITHOUT,
		    name);
	(void)sqlite3_finalize(s);
	return result;
}

/* "(dev=fe00,ino=11429559)", as unsigned numbers or, for those beyond half of
 * 64 bits, as negative ones. */
static bool
parse_id(const char *text, struct identity *id)
{
	const char *at = text + strlen("(dev=");
	char *end;

	memset(id, 0, sizeof(*id));
	id->handle_type = IDENTITY_BARE;
	if (strncmp(text, "(dev=", strlen("(dev=")) != 0 ||
	    strspn(at, "0123456789abcdef") == 0)
		return false;
	errno = 0;
	id->dev = strtoull(at, &end, 16);
	if (strncmp(end, ",ino=", strlen(",ino=")) != 0)
		return false;
	at = end + strlen(",ino=");
	if (strspn(at + (*at == '-'), "0123456789") == 0)
		return false;
	id->ino = strtoull(at, &end, 10);
	return errno == 0 && strcmp(end, ")") == 0;
}

/* NULL where it is no text, or a NUL hides in it. */
static const char *
text_of(sqlite3_stmt *s, enum column at)
{
	const char *text = (const char *)sqlite3_column_text(s, (int)at);
	size_t len = (size_t)sqlite3_column_bytes(s, (int)at);

	return text == NULL || strlen(text) != len ? NULL : text;
}

/* A number of bytes or -1. */
static int64_t
bytes_of(sqlite3_stmt *s, enum column at)
{
	int64_t value = sqlite3_column_int64(s, (int)at);

	if (sqlite3_column_type(s, (int)at) != SQLITE_INTEGER || value < 0 ||
	    value > OFFSET_MAX)
		return -1;
	return value;
}

static const char *
read_row(sqlite3_stmt *s, struct java_row *row)
{
	int64_t size = bytes_of(s, SIZE), offset = bytes_of(s, OFFSET);
	const char *id = text_of(s, FILE_ID);

	row->flow = text_of(s, FLOW);
	row->path = text_of(s, PATH);
	row->modified_ms = sqlite3_column_int64(s, MODIFIED);
	row->size = (uint64_t)size;
	row->offset = (uint64_t)offset;
	if (row->flow == NULL || row->path == NULL)
		return "its flow or path is no text";
	if (id == NULL || !parse_id(id, &row->id))
		return "its fileId is not of the form (dev=HEX,ino=NUMBER)";
	if (offset < 0)
		return "its offset is negative, absurd or no number";
	if (size < 0)
		return "its size is negative, absurd or no number";
	if (sqlite3_column_type(s, MODIFIED) != SQLITE_INTEGER)
		return "its lastModifiedTime is no number";
	return NULL;
}

static enum java_result
read_rows(sqlite3 *db, const char *name,
    void (*each)(void *owner, const struct java_row *row), void *owner)
{
	sqlite3_stmt *s = NULL;
	int code = sqlite3_prepare_v2(db, query, -1, &s, NULL);

	if (code == SQLITE_ERROR) {
		log_error("%s: the Java agent's checkpoints are of a form this "
			  "agent does not know (%s); install a newer one, "
			  "or " JAVA_WITHOUT,
		    name, sqlite3_errmsg(db));
		return JAVA_FAILED;
	}
	if (code == SQLITE_OK)
		code = sqlite3_step(s);
	for (; code == SQLITE_ROW; code = sqlite3_step(s)) {
		struct java_row row = { 0 };

		row.fault = read_row(s, &row);
		each(owner, &row);
	}
	if (code != SQLITE_DONE)
		(void)refuse(db, name);
	(void)sqlite3_finalize(s);
	return code == SQLITE_DONE ? JAVA_READ : JAVA_FAILED;
}

enum java_result
java_read(const char *copy, const char *name,
    void (*each)(void *owner, const struct java_row *row), void *owner)
{
	enum java_result result = JAVA_READ;
	sqlite3 *db = NULL;

	/* Writable: what a killed writer left half done is undone first. */
	if (sqlite3_open_v2(copy, &db,
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
		NULL) != SQLITE_OK ||
	    sqlite3_exec(db,
		"PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY;"
		"PRAGMA cell_size_check = ON; PRAGMA locking_mode = EXCLUSIVE",
		NULL, NULL, NULL) != SQLITE_OK)
		result = refuse(db, name);
	if (result == JAVA_READ)
		result = look_for_damage(db, name);
	if (result == JAVA_READ)
		result = look_for_table(db, name);
	if (result == JAVA_READ)
		result = read_rows(db, name, each, owner);
	(void)sqlite3_close(db);
	return result;
}
