/* SPDX-License-Identifier: Apache-2.0
 *
 * once: see once.h.
 *
 * A moment in which no reader has anything to read is enough: each has met its
 * file's end since the start, and what a writer adds from now on is the next
 * run's. A log that is written to all the while has such moments between two
 * lines. What is unfinished at the first of them (a record of several lines, a
 * last line with partialLineTimeoutMillis) may wait for as long as it is to, but
 * no longer: under a busy writer there is always one.
 *
 * Thread: tail.
 */
#include "once.h"

#include <inttypes.h>
#include <stdint.h>

#include "hold.h"
#include "log.h"
#include "newcomer.h"
#include "reader.h"
#include "state.h"

static bool
looks_are_due(const struct tail *t)
{
	const struct errand *e = agenda_first(&t->roster.agenda);

	return e != NULL && e->due_ms <= t->now_ms;
}

static bool
is_quiet(const struct tail *t)
{
	if (t->busy || newcomer_waits(t) || t->archive_count > 0 ||
	    t->unseen_count > 0 || t->rename_count > 0 || looks_are_due(t))
		return false;
	for (size_t i = 0; i < t->config->flow_count; i++)
		if (!list_empty(&t->flows[i].ready))
			return false;
	return true;
}

/* How long what is unfinished may still wait, at most. */
static int64_t
longest_hold(const struct tail *t)
{
	int64_t longest = 0;

	for (size_t i = 0; i < t->config->flow_count; i++) {
		const struct flow *f = &t->flows[i];

		if (!list_empty(&f->partial) && hold_ms(f) > longest)
			longest = hold_ms(f);
	}
	return longest;
}

bool
once_is_done(struct tail *t)
{
	int64_t hold;

	if (!is_quiet(t))
		return false;
	hold = longest_hold(t);
	if (t->once_ms == 0)
		t->once_ms = t->now_ms + hold;
	if (hold == 0 || t->once_late)
		return true;
	if (t->now_ms <= t->once_ms)
		return false;
	/* One more turn, at once: it sends what is due. */
	t->once_late = t->busy = true;
	return false;
}

/* What of one flow stays. */
struct rest {
	uint64_t files;      /* followed */
	uint64_t unreadable; /* files that could not be opened */
	uint64_t unfinished, unfinished_bytes; /* last lines */
	uint64_t passed, passed_bytes; /* of files that were begun at the end */
	uint64_t suspects;             /* copies, unread while in doubt */
};

static void
add(struct rest *rest, const struct reader *r)
{
	rest->files++;
	if (r->file->denied)
		rest->unreadable++;
	if (r->start == START_AS_COPY)
		rest->suspects++;
	if (r->start == START_SETTLED && r->scanned > r->offset) {
		rest->unfinished++;
		rest->unfinished_bytes += r->scanned - r->offset;
	}
	if (r->seen_at_end != UINT64_MAX && r->seen_at_end > 0) {
		rest->passed++;
		rest->passed_bytes += r->seen_at_end;
	}
}

static struct rest
rest_of(const struct tail *t, const struct flow *flow)
{
	struct rest rest = { 0 };
	struct list_node *at, *of;

	list_for_each (at, &t->roster.files) {
		struct file *f = LIST_ENTRY(at, struct file, node);

		list_for_each (of, &f->readers) {
			struct reader *r =
			    LIST_ENTRY(of, struct reader, of_file);

			if (r->flow == flow)
				add(&rest, r);
		}
	}
	return rest;
}

static const char *
plural(uint64_t count)
{
	return count == 1 ? "" : "s";
}

static void
say(const char *name, const struct rest *rest)
{
	if (rest->files == 0)
		log_info("flow %s: no file matches its filePattern now", name);
	if (rest->passed > 0)
		log_warn("flow %s: %" PRIu64 " file%s held %" PRIu64 " bytes "
			 "before this first start, which are not sent, since "
			 "initialPosition is END_OF_FILE; to have them sent "
			 "say START_OF_FILE and forget the flow (kinesis-agent "
			 "checkpoints forget --all --flow NAME)",
		    name, rest->passed, plural(rest->passed),
		    rest->passed_bytes);
	if (rest->unfinished > 0)
		log_info("flow %s: %" PRIu64 " file%s end%s in a line without "
			 "newline (%" PRIu64 " bytes in all), which waits for "
			 "it; partialLineTimeoutMillis sends it as it is",
		    name, rest->unfinished, plural(rest->unfinished),
		    rest->unfinished == 1 ? "s" : "", rest->unfinished_bytes);
	if (rest->suspects > 0)
		log_info("flow %s: %" PRIu64 " file%s begin%s as another does "
			 "whose rotation it is called: a copy of it, and not "
			 "read, as long as that other stays what it is",
		    name, rest->suspects, plural(rest->suspects),
		    rest->suspects == 1 ? "s" : "");
	if (rest->unreadable > 0)
		log_warn("flow %s: %" PRIu64 " file%s could not be read and "
			 "%s left; kinesis-agent check names them",
		    name, rest->unreadable, plural(rest->unreadable),
		    rest->unreadable == 1 ? "is" : "are");
}

bool
once_tell(const struct tail *t)
{
	bool all = true;

	for (size_t i = 0; i < t->config->flow_count; i++) {
		struct rest rest = rest_of(t, &t->flows[i]);

		if (flow_is_empty(&t->flows[i]))
			continue;
		say(t->flows[i].config->name, &rest);
		all = all && rest.unreadable == 0;
	}
	return all;
}
