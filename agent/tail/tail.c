/* SPDX-License-Identifier: Apache-2.0
 *
 * tail: the loop of the disk side, and its beginning and end.
 *
 * Events are looked at when they come and then not before LISTEN_MS have
 * passed, so that a busy writer costs a few hundred looks a second and not
 * one for every line.
 *
 * Thread: one, the caller of tail_run.
 */
#include "tail.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "adopt.h"
#include "chain.h"
#include "clock.h"
#include "lag.h"
#include "limit.h"
#include "loop.h"
#include "mem.h"
#include "missed.h"
#include "newcomer.h"
#include "once.h"
#include "partial.h"
#include "past.h"
#include "place.h"
#include "reader.h"
#include "remainder.h"
#include "renames.h"
#include "rotation.h"
#include "search.h"
#include "state.h"
#include "survey.h"
#include "unseen.h"
#include "watch.h"

#define LISTEN_MS     5
#define TRIM_MS       1000  /* idle so long: spare memory goes back */
#define BUSY_MS       2     /* read so long before looking around */
#define NOTE_AGAIN_MS 100   /* the ledger is busy so long: ask again */
#define STARVED_MS    1000  /* without memory so long: ask again */
#define UNSURE_MS     60000 /* so long looking at everything may take */
#define EVENTS        8192  /* taken so many before going on with the rest */

/* Homecomings and events are taken by the loop's steps; the descriptors only
 * wake it. */
static void
woken(void *owner)
{
	(void)owner;
}

static size_t
largest_record(const struct tail *t)
{
	size_t largest = 0;

	for (size_t i = 0; i < t->config->flow_count; i++) {
		const struct flow_config *flow = &t->config->flows[i];
		const struct api *api = api_of(flow);

		if (!config_flow_is_empty(flow) && api->max_record > largest)
			largest = api->max_record;
	}
	return largest;
}

static void
make_chunk(struct tail *t)
{
	size_t text = largest_record(t) + 1;

	if (text < READER_CHUNK)
		text = READER_CHUNK;
	t->chunk_room = MARK_BYTES + text;
	t->chunk = mem_new_array(1, t->chunk_room);
}

/* Of the memory budget, what records are joined in is no batch's. */
static int
make_pool(struct tail *t)
{
	const struct config *config = t->config;
	size_t joined = 0;

	for (size_t i = 0; i < config->flow_count; i++)
		joined += config->flows[i].aggregate;
	if (joined >= config->memory_budget) {
		log_error("memoryBudgetBytes: aggregatedRecordSizeBytes of all "
			  "flows comes to %zu already; give more, or join "
			  "less",
		    joined);
		return -1;
	}
	t->pool =
	    pool_new_roomy(config->memory_budget - joined, config_flows(config),
		config->flow_count - config_flows(config), largest_record(t));
	return t->pool != NULL ? 0 : -1;
}

static int
make_flows(struct tail *t)
{
	const struct config *config = t->config;

	t->flows = mem_new_array(config->flow_count, sizeof(*t->flows));
	for (size_t i = 0; i < config->flow_count; i++)
		flow_clear(&t->flows[i]);
	for (size_t i = 0; i < config->flow_count; i++)
		if (!config_flow_is_empty(&config->flows[i]) &&
		    flow_init(&t->flows[i], config, i, &t->stats[i], t->pool,
			&t->doors) != 0)
			return -1;
	for (size_t i = 0; i < config->flow_count; i++)
		if (!flow_is_empty(&t->flows[i]))
			survey_begin(t, &t->flows[i]);
	return 0;
}

struct tail *
tail_new(const struct config *config, struct flow_stats *stats,
    const struct tail_doors *doors)
{
	struct tail *t = mem_new(sizeof(*t));

	t->config = config;
	t->stats = stats;
	t->doors = *doors;
	list_init(&t->renames);
	list_init(&t->leaving);
	list_init(&t->newcomers);
	list_init(&t->archives);
	list_init(&t->pasts);
	list_init(&t->unseen);
	list_init(&t->moved);
	list_init(&t->departed);
	list_init(&t->remainders);
	table_init(&t->restored);
	roster_init(&t->roster);
	file_setup(&t->files);
	make_chunk(t);
	if (make_pool(t) != 0 || make_flows(t) != 0)
		goto fail;
	watch_setup();
	if (loop_add(doors->loop, handoff_fd(doors->home), woken, t) != 0 ||
	    (doors->answers != NULL &&
		loop_add(doors->loop, handoff_fd(doors->answers), woken, t) !=
		    0))
		goto fail;
	return t;

fail:
	tail_free(t);
	return NULL;
}

/* Let go of every reader and file; the checkpoints on disk are the truth. */
static void
free_files(struct tail *t)
{
	struct list_node *at, *after;

	list_for_each_safe (at, after, &t->roster.files) {
		struct file *f = LIST_ENTRY(at, struct file, node);
		struct list_node *r, *next;

		list_for_each_safe (r, next, &f->readers) {
			struct reader *reader =
			    LIST_ENTRY(r, struct reader, of_file);

			reader->riding = 0;
			reader_detach(t, reader, false);
		}
		file_close(&t->files, f);
	}
	list_for_each_safe (at, after, &t->departed)
		reader_abandon(t, LIST_ENTRY(at, struct reader, of_file));
}

void
tail_free(struct tail *t)
{
	if (t == NULL)
		return;
	loop_remove(t->doors.loop, handoff_fd(t->doors.home));
	if (t->doors.answers != NULL)
		loop_remove(t->doors.loop, handoff_fd(t->doors.answers));
	if (t->listening)
		loop_remove(t->doors.loop, watch_fd());
	watch_teardown();
	renames_over(t);
	missed_fini(t);
	unseen_fini(t);
	free_files(t);
	if (t->pool != NULL)
		remainder_fini(t);
	past_fini(t);
	for (size_t i = 0; t->flows != NULL && i < t->config->flow_count; i++)
		if (!flow_is_empty(&t->flows[i]))
			flow_fini(&t->flows[i]);
	free(t->flows);
	roster_fini(&t->roster);
	place_fini(t);
	if (t->pool != NULL)
		pool_free(t->pool);
	free(t->chunk);
	free(t);
}

void
tail_restore(struct tail *t, const struct checkpoint *row)
{
	place_restore(t, row);
}

void
tail_know_flow(struct tail *t, size_t flow)
{
	assert(flow < t->config->flow_count);
	t->flows[flow].known = true;
}

void
tail_measure(struct tail *t)
{
	lag_say(t);
}

void
tail_stop(struct tail *t)
{
	t->stopping++;
}

static void
listen(struct tail *t, bool on)
{
	if (on == t->listening || watch_fd() < 0)
		return;
	t->listening = on;
	if (!on)
		loop_remove(t->doors.loop, watch_fd());
	else if (loop_add(t->doors.loop, watch_fd(), woken, t) != 0)
		t->listening = false;
}

static void
events_lost(struct tail *t)
{
	uint64_t held;

	survey_everything(t);
	t->unsure_ms = t->now_ms + UNSURE_MS;
	if (log_gate_open(&t->overflow_gate, t->now_ms, &held))
		log_info("inotify: more events than its queue holds "
			 "(fs.inotify.max_queued_events): looking at "
			 "everything instead");
}

/* All that happened before `wall_ms` has been looked at. Where the clock was
 * set back, what is written from now on is news all the same. */
static void
looked_at_all(struct tail *t, int64_t wall_ms)
{
	t->looked_ms = wall_ms;
	if (t->now_ms >= t->unsure_ms || t->sure_ms > wall_ms)
		t->sure_ms = wall_ms;
	for (size_t i = 0; i < t->config->flow_count; i++)
		if (t->flows[i].since_ms > wall_ms)
			t->flows[i].since_ms = wall_ms;
}

/* Names that changed -> ready files. Answers whether more wait, maybe where
 * the descriptor does not tell. */
static bool
take_events(struct tail *t)
{
	int64_t before = clock_wall_ms();
	struct watch_event event;

	if (t->now_ms < t->listen_ms)
		return false;
	for (int i = 0; i < EVENTS; i++) {
		if (!watch_next(&event)) {
			if (i > 0)
				t->listen_ms = t->now_ms + LISTEN_MS;
			unseen_settle(t);
			renames_over(t);
			looked_at_all(t, before);
			return false;
		}
		if (event.wd >= 0)
			survey_event(t, &event);
		else
			events_lost(t);
	}
	return true;
}

/* Verdicts -> committed offsets. */
static void
welcome_batches(struct tail *t)
{
	struct list_node home, *node;

	list_init(&home);
	handoff_take(t->doors.home, &home);
	if (list_empty(&home))
		return;
	while ((node = list_take_first(&home)) != NULL) {
		struct batch *b = batch_of(node);

		flow_welcome(t, &t->flows[b->flow], &b);
	}
	for (size_t i = 0; i < t->config->flow_count; i++)
		t->flows[i].starved = false;
}

static void
read_failed(struct tail *t, struct reader *r)
{
	struct file *f = r->file;
	uint64_t held;
	int why = errno;

	f->error = why;
	/* A deleted file's fate is decided where files leave. */
	if (f->denied || list_empty(&f->names))
		return;
	remark_say(&r->flow->stats->tail_trouble, t->wall_ms,
	    "cannot be read: %s: %s", strerror(why), f->path);
	if (log_gate_open(&t->failure_gate, t->now_ms, &held))
		log_warn("flow %s: %s: cannot be read: %s (and %" PRIu64
			 " more such failures): trying again",
		    r->flow->config->name, f->path, strerror(why), held);
}

static void
take_turn(struct tail *t, struct reader *r)
{
	struct flow *flow = r->flow;
	struct chain *chain = r->chain;

	/* Behind the other chains, if it has more; before them when it was
	 * only interrupted. */
	chain_rest(r);
	if (list_on(&chain->node)) {
		list_remove(&chain->node);
		list_add_last(&flow->ready, &chain->node);
	}
	enum reader_turn turn = reader_turn(t, r);

	lag_note(r);
	switch (turn) {
	case TURN_MORE:
		r->file->error = 0;
		reader_ready(r);
		break;
	case TURN_BLOCKED:
		reader_ready(r);
		list_remove(&chain->node);
		list_add_first(&flow->ready, &chain->node);
		break;
	case TURN_END:
		r->file->denied = false;
		r->file->error = 0;
		partial_wait(t, r);
		break;
	case TURN_SHRUNK:
		rotation_shrunk(t, r);
		break;
	case TURN_FAILED:
		read_failed(t, r);
		break;
	}
}

/* The next flow, in turn, that has something to read and room for it. */
static struct flow *
next_flow(struct tail *t)
{
	size_t count = t->config->flow_count;

	for (size_t i = 1; i <= count; i++) {
		size_t at = (t->turn + i) % count;
		struct flow *f = &t->flows[at];

		if (!f->starved && !list_empty(&f->ready)) {
			t->turn = at;
			return f;
		}
	}
	return NULL;
}

static bool
can_read(const struct tail *t)
{
	for (size_t i = 0; i < t->config->flow_count; i++)
		if (!t->flows[i].starved && !list_empty(&t->flows[i].ready))
			return true;
	return false;
}

/* Ready files -> lines -> batches, for a moment. Answers whether there is
 * more to read. */
static bool
read_for_a_moment(struct tail *t)
{
	int64_t until = t->now_ms + BUSY_MS;
	struct flow *f = NULL;

	while (clock_ms() < until) {
		f = next_flow(t);
		if (f == NULL)
			break;
		take_turn(t, chain_eldest(LIST_ENTRY(
				 f->ready.next, struct chain, node)));
	}
	return f != NULL;
}

static int64_t
sooner(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t
seal_what_is_old(struct tail *t)
{
	int64_t next = CLOCK_NEVER;

	for (size_t i = 0; i < t->config->flow_count; i++) {
		struct flow *f = &t->flows[i];

		if (flow_is_empty(f))
			continue;
		limit_learn(t, f);
		if (list_empty(&f->ready))
			f->caught_up_ms = t->now_ms;
		if (flow_due(f) <= t->now_ms)
			flow_seal(f);
		/* A batch without records comes home without a journey. */
		flow_commit(t, f);
		next = sooner(next, flow_due(f));
	}
	return next;
}

static int64_t
note_what_moved(struct tail *t)
{
	bool something = !list_empty(&t->moved) || t->forgotten_count > 0;

	if (!something)
		return CLOCK_NEVER;
	if (t->now_ms < t->note_ms)
		return t->note_ms;
	/* A ledger that hangs in its disk takes nothing for hours: what moves
	 * meanwhile is said once, afterwards (I6). */
	if (!handoff_empty(t->doors.to_ledger)) {
		t->note_ms = t->now_ms + NOTE_AGAIN_MS;
		return t->note_ms;
	}
	place_note(t, missed_looked_ms(t));
	t->note_ms = t->now_ms + t->config->checkpoint_ms;
	return CLOCK_NEVER;
}

/* Who found no memory goes on when a batch comes home. But where the system
 * refused it, none may be out: so they also try again now and then. */
static int64_t
retry_starved(struct tail *t)
{
	bool any = false;

	for (size_t i = 0; i < t->config->flow_count; i++)
		any = any || t->flows[i].starved;
	if (!any) {
		t->retry_ms = 0;
		return CLOCK_NEVER;
	}
	if (t->retry_ms == 0)
		t->retry_ms = t->now_ms + STARVED_MS;
	if (t->now_ms < t->retry_ms)
		return t->retry_ms;
	t->retry_ms = 0;
	for (size_t i = 0; i < t->config->flow_count; i++)
		t->flows[i].starved = false;
	return t->now_ms;
}

/* Answers when something is due next. */
static int64_t
do_what_is_due(struct tail *t)
{
	int64_t next = sooner(seal_what_is_old(t), adopt_due(t));

	next = sooner(next, survey_due(t));
	next = sooner(next, rotation_due(t));
	next = sooner(next, partial_due(t));
	next = sooner(next, missed_due(t));
	next = sooner(next, search_due(t));
	/* Before those who wait for memory are let try again. */
	next = sooner(next, lag_due(t));
	next = sooner(next, retry_starved(t));
	newcomer_judge(t);
	return sooner(next, note_what_moved(t));
}

/* Wait until `due`, or until something comes; `busy`: only look around. */
static void
wait_until(struct tail *t, int64_t due, bool busy)
{
	bool deaf = t->now_ms < t->listen_ms;
	int64_t wait;

	listen(t, !deaf);
	if (deaf)
		due = sooner(due, t->listen_ms);
	wait = due == CLOCK_NEVER ? CLOCK_NEVER : due - t->now_ms;
	if (busy || wait < 0)
		wait = 0;
	loop_wait(t->doors.loop, wait);
}

/* From when on is what nobody has met news for `flow`? */
static void
begin_since(struct tail *t, struct flow *flow)
{
	if (flow->since_ms > t->looked_ms)
		log_warn("flow %s: the checkpoints are %" PRId64 " s ahead of "
			 "the clock: it was set back; a file that came and was "
			 "rotated out of the pattern meanwhile is not noticed",
		    flow->config->name,
		    (flow->since_ms - t->looked_ms) / 1000 + 1);
	if (!flow->known || flow->since_ms == 0 ||
	    flow->since_ms > t->looked_ms)
		flow->since_ms = t->looked_ms;
	flow->arriving = true;
}

/* The first look at everything: what is there now was there before us. */
void
tail_begin(struct tail *t)
{
	t->now_ms = clock_ms();
	t->wall_ms = clock_wall_ms();
	t->looked_ms = clock_wall_ms();
	t->busy = true;
	t->old_rows = t->told_row = t->last_row;
	t->sure_ms = t->looked_ms;
	for (size_t i = 0; i < t->config->flow_count; i++)
		if (!flow_is_empty(&t->flows[i]))
			begin_since(t, &t->flows[i]);
	adopt_look(t);
}

static bool
all_home(const struct tail *t)
{
	for (size_t i = 0; i < t->config->flow_count; i++)
		if (!window_empty(&t->flows[i].window))
			return false;
	return !remainder_left(t, NULL);
}

/* When the answers are not waited for any more. Who was to send all there is
 * waits for as long as it takes, until asked to stop. */
static int64_t
patience_ends(const struct tail *t, int64_t before)
{
	if (t->stopping == 0)
		return CLOCK_NEVER;
	return before != CLOCK_NEVER ? before
				     : t->now_ms + t->config->shutdown_ms;
}

/* Send what is read and wait for the answers, within bounds. */
static void
drain(struct tail *t)
{
	int64_t end = patience_ends(t, CLOCK_NEVER), due = CLOCK_NEVER;

	for (size_t i = 0; i < t->config->flow_count; i++) {
		if (flow_is_empty(&t->flows[i]))
			continue;
		flow_seal(&t->flows[i]);
		flow_commit(t, &t->flows[i]);
	}
	listen(t, false);
	while (t->stopping < 2 && !all_home(t) && t->now_ms < end) {
		int64_t next = sooner(end, due);

		loop_wait(t->doors.loop, next == CLOCK_NEVER ? CLOCK_NEVER
					 : next > t->now_ms  ? next - t->now_ms
							     : 0);
		t->now_ms = clock_ms();
		t->wall_ms = clock_wall_ms();
		welcome_batches(t);
		remainder_due(t);
		due = note_what_moved(t);
		end = patience_ends(t, end);
	}
}

/* When idle for a while, give spare memory back. Answers when that will be. */
static int64_t
trim(struct tail *t)
{
	if (t->busy_ms == 0)
		return CLOCK_NEVER;
	if (t->now_ms - t->busy_ms < TRIM_MS)
		return t->busy_ms + TRIM_MS;
	pool_trim(t->pool);
	t->busy_ms = 0;
	return CLOCK_NEVER;
}

void
tail_turn(struct tail *t)
{
	int64_t due = do_what_is_due(t);
	bool events;

	/* What was due may have found something to read. */
	wait_until(t, sooner(due, trim(t)),
	    t->busy || can_read(t) || newcomer_waits(t));
	t->now_ms = clock_ms();
	t->wall_ms = clock_wall_ms();
	events = take_events(t);
	newcomer_judge(t);
	welcome_batches(t);
	t->busy = read_for_a_moment(t) || events;
	if (t->busy || !all_home(t))
		t->busy_ms = t->now_ms;
}

void
tail_run(struct tail *t)
{
	tail_begin(t);
	while (t->stopping == 0 && !(t->once && once_is_done(t)))
		tail_turn(t);
	t->now_ms = clock_ms();
	t->wall_ms = clock_wall_ms();
	t->met_all = t->stopping == 0;
	drain(t);
}

void
tail_once(struct tail *t)
{
	t->once = true;
}

bool
tail_tell_rest(const struct tail *t)
{
	return once_tell(t) && t->met_all && all_home(t);
}

/* What was not read yet is noted by its size, in case it goes away. */
static void
see_sizes(struct tail *t)
{
	struct list_node *at, *n;

	list_for_each (at, &t->files.open) {
		struct file *f = LIST_ENTRY(at, struct file, open_node);
		uint64_t size = f->size;
		uint32_t links;

		if (file_refresh(f, t->now_ms, &links) != 0 || f->size == size)
			continue;
		list_for_each (n, &f->readers)
			reader_moved(t, LIST_ENTRY(n, struct reader, of_file));
	}
}

struct flow *
tail_prepare(struct tail *t, const struct config *config,
    const struct flow_config *flow, size_t slot, size_t lane)
{
	return adopt_prepare(t, config, flow, slot, lane);
}

void
tail_dismiss(struct flow **prepared)
{
	adopt_dismiss(prepared);
}

void
tail_adopt(struct tail *t, struct flow **prepared)
{
	adopt_flow(t, prepared);
}

void
tail_release(struct tail *t, size_t slot)
{
	adopt_release(t, slot);
}

size_t
tail_remainders(const struct tail *t)
{
	const struct list_node *at;
	size_t count = 0;

	list_for_each (at, &t->remainders)
		count++;
	return count;
}

void
tail_gather(struct tail *t)
{
	welcome_batches(t);
}

void
tail_finish(struct tail *t)
{
	welcome_batches(t);
	see_sizes(t);
	place_note(t, missed_looked_ms(t));
}
