/* SPDX-License-Identifier: Apache-2.0
 *
 * view: see view.h.
 *
 * For whoever is woken at three in the morning: what is wrong comes first,
 * with what is waited for, what went wrong last and what helps; a flow that
 * is well takes one line. What the agent sent is text from outside: control
 * characters in it never reach the terminal.
 *
 * Thread: main; there is no other.
 */
#include "view.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "amount.h"
#include "mem.h"
#include "span.h"
#include "utf8.h"

#define NAME_LEAST 14
#define LINE_BYTES 2048
#define FIXED      66 /* columns of a flow's line behind its name */
#define WAITS      12 /* columns of what it waits for */
#define INDENT     4

#define RED    "\033[31m"
#define YELLOW "\033[33m"
#define BOLD   "\033[1m"
#define PLAIN  "\033[0m"

/* What a flow waits for, or is troubled by, and what may help. */
static const struct meaning {
	const char *word;
	const char *text;
	const char *cure; /* NULL: nothing is wrong */
} meanings[] = {
	{ "news", "idle", NULL },
	{ "reading", "reading", NULL },
	{ "answers", "answers", NULL },
	{ "files", "no file",
	    "no file matches filePattern: kinesis-agent check looks why" },
	{ "backoff", "next attempt", NULL },
	{ "pace", "stream full",
	    "the stream takes no more a second: give it more shards" },
	{ "connection", "connection",
	    "all connections are in use: raise maxConnections" },
	{ "memory", "memory",
	    "more is read than is taken: raise memoryBudgetBytes, or give the "
	    "stream more shards" },
	{ "window", "eldest batch",
	    "one batch holds up what came after it: see the last error" },
	{ "record_limit", "stream limit", NULL },
	{ "credentials", "credentials",
	    "the log says which credentials and why; nothing is lost "
	    "meanwhile" },
	{ "disk", "dead letters",
	    "make room where stateDirectory is; nothing is lost meanwhile" },
	{ "sending", "next attempt",
	    "nothing is lost meanwhile; the files wait on disk" },
	{ "accounts", "",
	    "the agent miscounts: please report what its log "
	    "says" },
};

static const struct meaning *
meaning_of(const char *word)
{
	for (size_t i = 0;
	     word != NULL && i < sizeof(meanings) / sizeof(meanings[0]); i++)
		if (strcmp(meanings[i].word, word) == 0)
			return &meanings[i];
	return NULL;
}

static const json_t *
at(const json_t *row, const char *group, const char *key)
{
	return json_object_get(json_object_get(row, group), key);
}

static int64_t
number(const json_t *row, const char *group, const char *key)
{
	return (int64_t)json_number_value(at(row, group, key));
}

static const char *
text_of(const json_t *row, const char *key)
{
	const char *text = json_string_value(json_object_get(row, key));

	return text != NULL ? text : "";
}

/* A page being written: `left` lines may follow. */
struct page {
	const struct view *view;
	struct buf *out;
	size_t left;
};

/* The first `columns` characters of `text`, those that control a terminal as
 * '?'. Characters of two columns are not known here. */
static void
put_cut(struct buf *out, const char *text, size_t columns)
{
	struct span rest = span_str(text);

	for (; rest.len > 0 && columns > 0; columns--) {
		size_t len = utf8_length(rest);
		bool control =
		    len == 0 || rest.at[0] < ' ' || rest.at[0] == 0x7F ||
		    (rest.at[0] == 0xC2 && len == 2 && rest.at[1] < 0xA0);

		len = len > 0 ? len : 1;
		if (control)
			(void)buf_add(out, "?", 1);
		else
			(void)buf_add(out, rest.at, len);
		rest = span_of(rest.at + len, rest.len - len);
	}
}

static void __attribute__((format(printf, 3, 4)))
put_line(struct page *p, const char *colour, const char *format, ...)
{
	char line[LINE_BYTES];
	va_list args;

	if (p->left == 0)
		return;
	p->left--;
	va_start(args, format);
	(void)vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (p->view->colour && colour != NULL)
		(void)buf_add_str(p->out, colour);
	put_cut(p->out, line, p->view->columns);
	if (p->view->colour && colour != NULL)
		(void)buf_add_str(p->out, PLAIN);
	(void)buf_add_str(p->out, "\n");
}

/* How many bytes of `text` stand on a line of `columns`: up to a blank, if
 * there is one. */
static size_t
line_length(const char *text, size_t columns)
{
	size_t len = strlen(text), cut = columns;

	if (len <= columns)
		return len;
	while (cut > 0 && text[cut] != ' ')
		cut--;
	return cut > 0 ? cut : columns;
}

/* Beneath a flow, on as many lines as it takes. */
static void __attribute__((format(printf, 3, 4)))
put_note(struct page *p, const char *colour, const char *format, ...)
{
	size_t columns = p->view->columns;
	size_t room = columns > 2 * INDENT ? columns - INDENT : INDENT;
	char text[LINE_BYTES];
	const char *rest = text;
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	while (*rest != '\0') {
		size_t len = line_length(rest, room);

		put_line(p, colour, "%*s%.*s", INDENT, "", (int)len, rest);
		rest += len;
		rest += strspn(rest, " ");
	}
}

/* How bad is it? The worst flow is shown first. */
static int
badness(const json_t *row)
{
	if (json_is_string(json_object_get(row, "trouble")))
		return 3;
	if (number(row, "bytes", "lost") > 0 ||
	    number(row, "counts", "files_unseen") > 0)
		return 2;
	return number(row, "counts", "records_dead") > 0 ? 1 : 0;
}

static int
by_badness(const void *left, const void *right)
{
	const json_t *a = *(json_t *const *)left, *b = *(json_t *const *)right;
	int bad = badness(b) - badness(a);
	double late = json_number_value(at(b, "behind", "seconds")) -
		      json_number_value(at(a, "behind", "seconds"));

	if (bad != 0)
		return bad;
	if (late != 0)
		return late > 0 ? 1 : -1;
	return strcmp(text_of(a, "name"), text_of(b, "name"));
}

/* Its end tells flows apart, so the middle is left out. */
static void
fit_name(const char *name, size_t width, char *out, size_t size)
{
	size_t len = strlen(name), head = width / 3;

	if (len <= width)
		(void)snprintf(out, size, "%s", name);
	else
		(void)snprintf(out, size, "%.*s..%s", (int)head, name,
		    name + len - (width - head - 2));
}

static void
put_flow(struct page *p, const json_t *row, size_t width)
{
	char behind[AMOUNT_TEXT], late[AMOUNT_TEXT], rate[AMOUNT_TEXT];
	char done[AMOUNT_TEXT], dead[AMOUNT_TEXT], lost[AMOUNT_TEXT];
	char name[256];
	const char *wait = text_of(row, "waits_for");
	const struct meaning *m;
	int bad = badness(row);

	if (strcmp(text_of(row, "trouble"), "disk") == 0)
		wait = "disk";
	m = meaning_of(wait);
	fit_name(text_of(row, "name"), width, name, sizeof(name));
	amount_bytes(number(row, "behind", "bytes"), behind);
	amount_time(number(row, "behind", "seconds"), late);
	amount_count(number(row, "rate", "records"), rate);
	amount_count(number(row, "counts", "records_delivered"), done);
	amount_count(number(row, "counts", "records_dead"), dead);
	amount_bytes(number(row, "bytes", "lost"), lost);
	put_line(p,
	    bad == 3  ? RED
	    : bad > 0 ? YELLOW
		      : NULL,
	    "%-*s %-*s %7s %7s %9s %11s %6s %7s", (int)width, name, WAITS,
	    m != NULL ? m->text : wait, behind, late, rate, done, dead, lost);
}

static void
put_losses(struct page *p, const json_t *row)
{
	char bytes[4][AMOUNT_TEXT];

	amount_bytes(number(row, "lost_bytes", "vanished"), bytes[0]);
	amount_bytes(number(row, "lost_bytes", "truncated"), bytes[1]);
	amount_bytes(number(row, "lost_bytes", "before_truncation"), bytes[2]);
	amount_bytes(number(row, "lost_bytes", "unreadable"), bytes[3]);
	put_note(p, NULL,
	    "lost since the start: %s in files that vanished, %s in files that "
	    "were truncated, %s between a copy and its truncation, %s in "
	    "archives that cannot be read; the log names them",
	    bytes[0], bytes[1], bytes[2], bytes[3]);
}

/* Beneath a flow that is not well: why, and what helps. */
static void
put_reasons(struct page *p, const json_t *row)
{
	const char *trouble = text_of(row, "trouble");
	const struct meaning *m = meaning_of(
	    trouble[0] != '\0' ? trouble : text_of(row, "waits_for"));
	const json_t *error = json_object_get(row, "last_error");

	if (json_is_string(json_object_get(row, "failing_since")) &&
	    trouble[0] != '\0')
		put_note(p, NULL, "fails since %.19sZ, next attempt %.19sZ",
		    text_of(row, "failing_since"), text_of(row, "waits_until"));
	if (json_is_object(error))
		put_note(p, NULL, "%.19sZ %s", text_of(error, "time"),
		    text_of(error, "text"));
	if (number(row, "bytes", "lost") > 0)
		put_losses(p, row);
	if (m != NULL && m->cure != NULL)
		put_note(p, BOLD, "-> %s", m->cure);
}

static void
put_head(struct page *p, const json_t *answer, size_t count)
{
	const json_t *agent = json_object_get(answer, "agent");
	size_t troubled = view_troubled(answer);

	put_line(p, NULL,
	    "kinesis-agent %s, process %lld, since %.19sZ, now %.19sZ",
	    text_of(agent, "version"),
	    (long long)json_integer_value(json_object_get(agent, "pid")),
	    text_of(agent, "started"), text_of(agent, "now"));
	if (troubled > 0)
		put_line(p, RED, "%zu flow%s, %zu in trouble", count,
		    count == 1 ? "" : "s", troubled);
	else
		put_line(p, NULL, "%zu flow%s, all well", count,
		    count == 1 ? "" : "s");
	put_line(p, NULL, "%s", "");
}

size_t
view_troubled(const json_t *answer)
{
	const json_t *flows = json_object_get(answer, "flows");
	size_t troubled = 0;

	for (size_t i = 0; i < json_array_size(flows); i++)
		troubled += badness(json_array_get(flows, i)) == 3;
	return troubled;
}

static size_t
name_width(const struct view *v, json_t *const *rows, size_t count)
{
	size_t room =
	    v->columns > FIXED + NAME_LEAST ? v->columns - FIXED : NAME_LEAST;
	size_t longest = strlen("FLOW");

	for (size_t i = 0; i < count; i++)
		if (strlen(text_of(rows[i], "name")) > longest)
			longest = strlen(text_of(rows[i], "name"));
	return longest < room ? longest : room;
}

void
view_status(const struct view *v, const json_t *answer, struct buf *out)
{
	const json_t *flows = json_object_get(answer, "flows");
	struct page p = { v, out, v->rows > 0 ? v->rows : SIZE_MAX };
	size_t count = json_array_size(flows), shown = 0, width;
	json_t **rows = mem_new_array(count + 1, sizeof(json_t *));

	for (size_t i = 0; i < count; i++)
		rows[i] = json_array_get(flows, i);
	qsort(rows, count, sizeof(json_t *), by_badness);
	width = name_width(v, rows, count);
	put_head(&p, answer, count);
	put_line(&p, BOLD, "%-*s %-*s %7s %7s %9s %11s %6s %7s", (int)width,
	    "FLOW", WAITS, "WAITS FOR", "BEHIND", "FOR", "RECORDS/S",
	    "DELIVERED", "DEAD", "LOST");
	for (; shown < count && p.left > 1; shown++) {
		put_flow(&p, rows[shown], width);
		if (badness(rows[shown]) > 0 ||
		    strcmp(text_of(rows[shown], "waits_for"), "files") == 0)
			put_reasons(&p, rows[shown]);
	}
	if (shown < count)
		put_line(&p, NULL, "and %zu more", count - shown);
	free(rows);
}
