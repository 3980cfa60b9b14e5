/* SPDX-License-Identifier: Apache-2.0
 *
 * mergeparts: MERGEPARTS, the parts of a container's line as the line they are
 * of: the first's time and stream, and everybody's text. What `multiLine: cri`
 * and `docker-json` put before a flow's own options. Parts of two streams, or
 * what are no parts, stay as they are.
 *
 * The chain's thread.
 */
#include <stdlib.h>

#include "format.h"
#include "jsonin.h"
#include "mem.h"
#include "step.h"
#include "syslogs.h"
#include "told.h"
#include "work.h"

static const char *const kinds[] = { "cri", "docker-json", NULL };

struct mergeparts {
	bool docker;
};

/* A line's stream, and what it says. */
struct part {
	struct span stream, text;
};

static void *
mergeparts_make(struct told *t)
{
	struct mergeparts *s = mem_new(sizeof(*s));

	s->docker = told_choice(t, "of", kinds, 0) == 1;
	if (!t->failed)
		return s;
	free(s);
	return NULL;
}

static bool
take_cri(struct span line, struct part *part)
{
	struct span values[FORMAT_FIELDS] = { { NULL, 0 } };

	if (syslogs_cri(line, values) != FORMAT_IS)
		return false;
	*part = (struct part){ values[1], values[3] };
	return true;
}

/* The text is JSON still, without its quotes. */
static bool
take_docker(struct span line, struct part *part)
{
	struct span key, value;
	struct jsonin walk;

	*part = (struct part){ { NULL, 0 }, { NULL, 0 } };
	if (!jsonin_open(&walk, line, '{'))
		return false;
	while (jsonin_next(&walk, &key, &value)) {
		if (value.at[0] != '"')
			continue;
		if (span_eq(key, span_str("\"log\"")))
			part->text = span_of(value.at + 1, value.len - 2);
		else if (span_eq(key, span_str("\"stream\"")))
			part->stream = value;
	}
	return walk.done && part->text.at != NULL;
}

/* Take the line at the start of `rest`, and pass over it. */
static bool
take_part(const struct mergeparts *s, struct span *rest, struct span *line,
    struct part *part)
{
	const unsigned char *end = memchr(rest->at, '\n', rest->len);
	size_t len = end != NULL ? (size_t)(end - rest->at) : rest->len;

	*line = span_of(rest->at, len);
	len += end != NULL;
	*rest = span_of(rest->at + len, rest->len - len);
	return s->docker ? take_docker(*line, part) : take_cri(*line, part);
}

/* What stands before the first's text; CRI's tag says that it is whole. */
static bool
write_head(const struct mergeparts *s, struct span line,
    const struct part *part, struct buf *out)
{
	const unsigned char *to =
	    s->docker ? part->text.at : part->stream.at + part->stream.len;

	return buf_add(out, line.at, (size_t)(to - line.at)) &&
	       (s->docker || buf_add(out, " F ", 3));
}

static bool
write_tail(const struct mergeparts *s, struct span line,
    const struct part *part, struct buf *out)
{
	const unsigned char *from = part->text.at + part->text.len;
	size_t len = (size_t)(line.at + line.len - from);

	return (!s->docker || buf_add(out, from, len)) && buf_add(out, "\n", 1);
}

static enum step_answer
mergeparts_run(void *state, struct work *w)
{
	const struct mergeparts *s = state;
	struct span text, line, next;
	struct part first, part;
	struct buf *out;
	bool fits;

	if (!work_text(w, &text))
		return STEP_TOO_HARD;
	if (memchr(text.at, '\n', work_line(text).len) == NULL ||
	    !take_part(s, &text, &line, &first))
		return STEP_DONE;
	out = work_draft(w);
	fits =
	    write_head(s, line, &first, out) && buf_add_span(out, first.text);
	while (fits && text.len > 0) {
		if (!take_part(s, &text, &next, &part) ||
		    !span_eq(part.stream, first.stream))
			return STEP_DONE;
		fits = buf_add_span(out, part.text);
	}
	if (!fits || !write_tail(s, line, &first, out))
		return STEP_TOO_HARD;
	work_done(w);
	return STEP_DONE;
}

const struct step_kind mergeparts_kind = { "MERGEPARTS", "of", false,
	mergeparts_make, mergeparts_run, free, NULL };
