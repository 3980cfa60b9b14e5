/* SPDX-License-Identifier: Apache-2.0
 *
 * work: one record on its way through a chain: a text, or fields that a
 * text is to be made of.
 *
 * A text is only made of fields when somebody needs it, so a log format that
 * is followed by types is written once. Fields outlive their text: what a line
 * held is known even when it has become somebody's metadata.
 *
 * False and NULL everywhere: it would take more memory than is allowed.
 */
#ifndef WORK_H
#define WORK_H

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"
#include "buf.h"
#include "span.h"

#define WORK_FIELDS 4096 /* at most */

enum member_kind {
	MEMBER_NULL,
	MEMBER_TEXT,   /* any bytes */
	MEMBER_STRING, /* a JSON string with its quotes, as it came */
	MEMBER_JSON    /* another JSON value, as it came */
};

struct member {
	struct span key; /* as JSON, with its quotes and a colon behind */
	struct span value;
	enum member_kind kind;
};

struct parser_facts;

struct work {
	struct span text;       /* while `has_text` */
	struct member *members; /* owned; what they hold borrows from what came
	                       * in or from the arena, so it stays for the
	                       * run */
	size_t count, room;
	bool has_text, has_fields; /* at least one; both: they say the same */
	bool pretty;               /* write the fields so */
	struct buf out[2];         /* texts that were made; the one in use is */
	unsigned turn;             /* out[turn] */
	struct arena arena;        /* of this run */
	const struct parser_facts *facts; /* borrowed */
};

/* Neither texts nor what is kept for fields may take more than `max`. */
void work_init(struct work *w, size_t max);
void work_fini(struct work *w);

/* Begin with `text`. */
void work_begin(
    struct work *w, struct span text, const struct parser_facts *facts);

/* The text, made now if need be. */
bool work_text(struct work *w, struct span *text);

/* The buffer to make the next text in; then say that it is made. What was the
 * text before stays where it is until the one after. */
struct buf *work_draft(struct work *w);
void work_done(struct work *w);

enum work_answer { WORK_IS, WORK_IS_NOT, WORK_TOO_LARGE };

/* Make sure that there are members; if not yet, the text's, which must be a
 * JSON object. */
enum work_answer work_parse(struct work *w);

/* Make sure that `s`, a part of the text, stays where it is for the run. */
bool work_settle(struct work *w, struct span *s);

/* From now on the fields are the record; there are none yet. */
void work_clear(struct work *w, bool pretty);

/* A field was changed: the text is to be made anew. */
void work_touch(struct work *w);

/* `count` fields as JSON. */
bool work_write(
    const struct member *members, size_t count, bool pretty, struct buf *out);

/* Add a field; its key and value stay where they are. False: too many. */
bool work_add(
    struct work *w, struct span key, struct span value, enum member_kind kind);

/* The field called `name`, or NULL. */
struct member *work_find(struct work *w, struct span name);

/* What `f` is called. False: no memory. */
bool work_name(struct work *w, const struct member *f, struct span *name);

/* What `f` says as text; a value that is no string, as JSON writes it. False:
 * no memory, or (MEMBER_NULL) it says nothing. */
bool work_value(struct work *w, struct member *f, struct span *value);

/* `s` as UTF-8: itself if it is, else a copy with U+FFFD for what is not. */
bool work_utf8(struct work *w, struct span *s);

/* `name` as a key: in quotes, a colon behind; owned by the caller. */
struct span work_key(const char *name);

/* The text without its one newline at the end. */
struct span work_line(struct span text);

#endif
