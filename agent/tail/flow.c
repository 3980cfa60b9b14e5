/* SPDX-License-Identifier: Apache-2.0
 *
 * flow: see flow.h.
 *
 * Every byte a reader passes is covered by a run of the batch being filled
 * (I2), whether a record comes of it or not. A batch that ends up with runs
 * but no records needs no journey: it is delivered where it stands.
 *
 * Thread: tail. flow_put is per-line work: it allocates nothing, takes no
 * lock, makes no system call.
 */
#include "flow.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

#include "clock.h"
#include "convert.h"
#include "file.h"
#include "hold.h"
#include "log.h"
#include "mem.h"
#include "multiline.h"
#include "parser.h"
#include "reader.h"
#include "regex.h"
#include "remainder.h"
#include "state.h"
#include "tail.h"
#include "tally.h"

/* The configuration was checked, so this only fails where it was not read. */
static int
read_patterns(struct flow *f, unsigned manners)
{
	char **patterns = f->config->patterns, **excludes = f->config->excludes;
	const char *why;

	for (size_t i = 0; patterns[i] != NULL; i++)
		if (!pattern_add(&f->patterns, patterns[i], manners, &why)) {
			log_error("flow %s: filePattern %s: %s",
			    f->config->name, patterns[i], why);
			return -1;
		}
	for (size_t i = 0; excludes != NULL && excludes[i] != NULL; i++)
		if (!pattern_exclude(&f->excludes, excludes[i], &why)) {
			log_error("flow %s: excludePattern %s: %s",
			    f->config->name, excludes[i], why);
			return -1;
		}
	return 0;
}

static int
compile_footer(struct flow *f)
{
	const char *pattern = f->config->footer;
	struct regex_fault fault;

	if (pattern == NULL)
		return 0;
	f->footer = regex_new(pattern, &fault);
	if (f->footer != NULL)
		return 0;
	log_error("flow %s: fileFooterPattern: %s, behind byte %zu",
	    f->config->name, fault.why, fault.at);
	return -1;
}

static void
begin_joining(struct flow *f)
{
	size_t most = f->config->aggregate;

	if (most > flow_max_data(f))
		most = flow_max_data(f);
	join_init(&f->joined, most, !f->config->keep_newline);
}

void
flow_clear(struct flow *f)
{
	memset(f, 0, sizeof(*f));
	list_init(&f->ready);
	list_init(&f->partial);
}

void
flow_open(struct flow *f, size_t index, size_t lane, struct flow_stats *stats,
    struct pool *pool, const struct tail_doors *doors)
{
	flow_clear(f);
	f->stats = stats;
	f->pool = pool;
	f->to_ship = doors->to_ship;
	f->to_letters = doors->to_letters;
	f->index = index;
	f->lane = lane;
	table_init(&f->chains);
	window_init(&f->window);
}

int
flow_learn(struct flow *f, const struct flow_config *config, unsigned manners)
{
	f->config = config;
	f->api = api_of(config);
	f->max_record = f->api->max_record;
	buf_init(&f->cut, f->max_record);
	buf_init(&f->held, f->max_record);
	if (key_init(&f->keys, config) != 0)
		return -1;
	f->key_most = key_most(&f->keys);
	begin_joining(f);
	if (read_patterns(f, manners) != 0)
		return -1;
	if (convert_init(f) != 0 || hold_init(f) != 0)
		return -1;
	return compile_footer(f);
}

int
flow_init(struct flow *f, const struct config *config, size_t index,
    struct flow_stats *stats, struct pool *pool, const struct tail_doors *doors)
{
	flow_open(f, index, index, stats, pool, doors);
	const struct flow_config *own = config_flow(config, index);

	return flow_learn(f, own, pattern_manners(config, own));
}

static bool
same_texts(char *const *a, char *const *b)
{
	size_t i = 0;

	if (a == NULL || b == NULL)
		return a == b;
	while (a[i] != NULL && b[i] != NULL && strcmp(a[i], b[i]) == 0)
		i++;
	return a[i] == NULL && b[i] == NULL;
}

bool
flow_looks_alike(const struct flow_config *a, const struct flow_config *b)
{
	return a->hidden == b->hidden && same_texts(a->patterns, b->patterns) &&
	       same_texts(a->excludes, b->excludes);
}

#define SWAP(field)                                                            \
	do {                                                                   \
		__typeof__(f->field) kept = f->field;                          \
                                                                               \
		f->field = from->field;                                        \
		from->field = kept;                                            \
	} while (0)

void
flow_take_over(struct flow *f, struct flow *from, bool elsewhere)
{
	assert(f->filling == NULL && from->filling == NULL);
	f->config = from->config;
	f->api = from->api;
	f->lane = from->lane;
	f->key_most = from->key_most;
	f->max_record = from->max_record;
	f->limit_due_ms = 0;
	f->limit_known = f->starved = false;
	SWAP(cut);
	SWAP(lines);
	SWAP(held);
	SWAP(parser);
	SWAP(footer);
	SWAP(keys);
	SWAP(joined);
	if (!elsewhere)
		return;
	SWAP(patterns);
	SWAP(excludes);
}

void
flow_fini(struct flow *f)
{
	if (f->filling != NULL)
		batch_free(&f->filling);
	window_fini(&f->window);
	pool_keep(f->pool, f->lane, 0);
	table_fini(&f->chains);
	buf_fini(&f->cut);
	join_fini(&f->joined);
	key_fini(&f->keys);
	pattern_forget(&f->patterns);
	pattern_include_all(&f->excludes);
	regex_free(f->footer);
	parser_free(f->parser);
	multiline_free(f->lines);
	buf_fini(&f->held);
}

size_t
flow_max_data(const struct flow *f)
{
	size_t record = f->max_record;
	size_t key = f->api->has_keys ? f->key_most : 0;

	if (f->config->max_bytes < record)
		record = f->config->max_bytes;
	return record > key ? record - key : 1;
}

/* The batch to fill; NULL: none to be had now. */
static struct batch *
filling(struct flow *f)
{
	if (f->filling != NULL)
		return f->filling;
	if (!window_full(&f->window))
		f->filling = batch_new(f->pool, f->lane, f->api,
		    f->config->max_records, f->config->max_bytes);
	if (f->filling != NULL)
		f->filling->flow = f->index;
	f->starved = f->filling == NULL;
	return f->filling;
}

/* Note that [r->offset, to) rides in the filling batch, and move on. */
static void
cover(struct flow *f, struct reader *r, uint64_t to, enum tally_fate fate,
    int64_t now_ms)
{
	uint32_t runs = f->filling->run_count;

	assert(r->committed <= r->offset && r->offset <= to); /* I1 */
	batch_cover(f->filling, r, r->offset, to, now_ms);
	r->riding += f->filling->run_count - runs;
	tally_cover(f, fate, to - r->offset);
	r->offset = to;
	if (r->scanned < to)
		r->scanned = to;
}

/* What was joined so far is a record. */
static void
close_joined(struct flow *f)
{
	if (!f->joined.open)
		return;
	join_close(&f->joined, f->filling, &f->keys);
	stats_add(&f->stats->records_read, 1);
}

/* Have the filling batch take `len` bytes with `key`. False: starved. */
static bool
make_room(struct flow *f, size_t len, struct batch_key key)
{
	for (;;) {
		struct batch *b = filling(f);

		if (b == NULL)
			return false;
		if (batch_reserve(b, len, key) == BATCH_TAKEN)
			return true;
		/* An empty batch that takes nothing: the pool is dry. */
		if (b->run_count == 0) {
			f->starved = true;
			return false;
		}
		flow_seal(f);
	}
}

/* Put `record` where others may join it, or by itself. False: starved. */
static bool
put_apart(struct flow *f, struct reader *r, const struct record *record,
    const struct key *key, int64_t now_ms)
{
	close_joined(f);
	if (!make_room(f, record->data.len, key_wire(key)))
		return false;
	key_note(&f->keys, key, f->config->name, r->file->path, r->offset,
	    f->stats, now_ms);
	if (f->joined.most > 0 && record->data.len <= f->joined.most) {
		join_begin(&f->joined, r, record->data, key);
		return true;
	}
	batch_append_reserved(f->filling, record->data, key_wire(key));
	stats_add(&f->stats->records_read, 1);
	return true;
}

/* The next `covers` bytes became the record that was appended just now, or
 * part of the one that is open. */
static void
carry(struct flow *f, struct reader *r, uint64_t covers, int64_t now_ms)
{
	uint64_t from = r->offset;

	cover(f, r, from + covers, TALLY_RIDES, now_ms);
	uint32_t run = f->filling->run_count - 1;

	if (f->joined.open)
		join_cover(&f->joined, run, from, r->offset);
	else
		batch_place(f->filling, run, from, r->offset);
}

static void
seal_if_full(struct flow *f)
{
	if (f->filling->count == f->filling->max_records)
		flow_seal(f);
}

bool
flow_put(struct flow *f, struct reader *r, const struct record *record,
    uint64_t covers, int64_t now_ms)
{
	const char *path = r->file->path;
	struct key key, *own = NULL;

	if (key_is_by_field(&f->keys)) {
		own = &key;
		key_make(&f->keys, record, path, own);
	}
	if (!join_add(&f->joined, f->filling, r, record->data, own)) {
		if (own == NULL)
			key_make(&f->keys, record, path, &key);
		if (!put_apart(f, r, record, &key, now_ms))
			return false;
	}
	carry(f, r, covers, now_ms);
	seal_if_full(f);
	return true;
}

bool
flow_put_dead(struct flow *f, struct reader *r, struct span data,
    uint64_t covers, enum letter_part part, const char *reason, int64_t now_ms)
{
	struct batch_key nowhere = batch_key_of(span_str("-"));

	close_joined(f);
	if (!make_room(f, data.len, nowhere))
		return false;
	batch_append_reserved(f->filling, data, nowhere);
	stats_add(&f->stats->records_read, 1);
	carry(f, r, covers, now_ms);
	letter_make(f->filling, f->filling->count - 1, part, reason);
	seal_if_full(f);
	return true;
}

bool
flow_put_cut(struct flow *f, struct reader *r, struct span head,
    uint64_t covers, int64_t now_ms)
{
	struct span end = span_str(f->config->terminator);
	size_t max = flow_max_data(f);
	size_t kept = max > end.len ? max - end.len : 0;

	assert(head.len >= kept);
	buf_clear(&f->cut);
	if (!buf_add(&f->cut, head.at, kept) ||
	    !buf_add(&f->cut, end.at, max - kept))
		return false;
	const struct record record = record_of(buf_span(&f->cut));

	bool put = flow_put(f, r, &record, covers, now_ms);

	buf_fini(&f->cut); /* rare and large: nothing to keep for each flow */
	if (!put)
		return false;
	stats_add(&f->stats->records_truncated, 1);
	/* What an option made of a line may be longer than that. */
	stats_add(
	    &f->stats->bytes_truncated, covers > kept ? covers - kept : 0);
	return true;
}

bool
flow_cover(struct flow *f, struct reader *r, uint64_t to, enum tally_fate fate,
    int64_t now_ms)
{
	if (f->filling != NULL && !batch_can_cover(f->filling, r, r->offset))
		flow_seal(f);
	if (filling(f) == NULL)
		return false;
	cover(f, r, to, fate, now_ms);
	return true;
}

/* `*b`, made by `config`, is delivered but for its dead letters: the ledger
 * writes those. */
static void
have_written(struct flow *f, const struct flow_config *config, struct batch **b)
{
	for (uint32_t i = 0; i < (*b)->run_count; i++) {
		if (letter_wants_name(*b, i))
			letter_name(*b, i, reader_path((*b)->runs[i].reader));
	}
	(*b)->letters->flow = config;
	(*b)->letters->wall_ms = clock_wall_ms();
	batch_send(f->to_letters, b);
}

void
flow_seal(struct flow *f)
{
	struct batch *b = f->filling;

	if (b == NULL || b->run_count == 0)
		return;
	close_joined(f);
	/* None was begun while the window was full, and only this one can have
	 * filled it. */
	assert(!window_full(&f->window));
	f->filling = NULL;
	batch_seal(b);
	window_add(&f->window, b);
	if (b->pending_count > 0) {
		batch_send(f->to_ship, &b);
		return;
	}
	if (letter_count(b) > 0) {
		have_written(f, f->config, &b);
		return;
	}
	tally_home(f, b);
	window_deliver(&f->window, b);
	batch_free(&b);
	pool_keep(f->pool, f->lane, f->window.held);
}

int64_t
flow_due(const struct flow *f)
{
	if (f->filling == NULL || f->filling->run_count == 0)
		return CLOCK_NEVER;
	return f->filling->born_ms + f->config->age_ms;
}

/* `m`: that it rides in; NULL: in what the flow seals now. */
static void
commit_run(struct tail *t, struct flow *f, const struct run *run,
    const struct remainder *m)
{
	struct reader *r = run->reader;

	if (m != NULL) {
		remainder_pay(r, m, run->to);
	} else {
		assert(run->from == r->committed &&
		       run->to <= r->offset); /* I1, I2 */
		r->committed = run->to;
	}
	stats_add(&f->stats->bytes_committed, run->to - run->from);
	reader_moved(t, r);
	assert(r->riding > 0);
	if (--r->riding == 0)
		reader_landed(t, r);
}

static void
commit(struct tail *t, struct flow *f, struct window *w, size_t lane,
    const struct remainder *m)
{
	struct slot slot;

	while (window_take(w, &slot)) {
		for (uint32_t i = 0; i < slot.run_count; i++)
			commit_run(t, f, &slot.runs[i], m);
		free(slot.runs);
		f->starved = false;
	}
	pool_keep(f->pool, lane, w->held);
}

void
flow_commit(struct tail *t, struct flow *f)
{
	commit(t, f, &f->window, f->lane, NULL);
}

void
flow_commit_old(struct tail *t, struct flow *f, struct remainder *m)
{
	commit(t, f, &m->window, m->lane, m);
}

static void
say_first(
    const struct flow *f, const struct flow_config *config, uint32_t records)
{
	if (records > 0 && stats_get(&f->stats->records_delivered) == 0)
		log_info("flow %s: the first %" PRIu32
			 " records are delivered to %s",
		    f->config->name, records, config->target);
}

void
flow_welcome(struct tail *t, struct flow *f, struct batch **b)
{
	struct remainder *m = remainder_of(t, *b);
	struct window *w = m != NULL ? &m->window : &f->window;
	size_t lane = (*b)->lane;

	assert(m != NULL ? m->flow == f : lane == f->lane);
	if ((*b)->outcome == BATCH_DELIVERED && letter_count(*b) > 0) {
		have_written(f, m != NULL ? m->config : f->config, b);
		return;
	}
	if ((*b)->outcome != BATCH_ABANDONED) {
		say_first(f, m != NULL ? m->config : f->config,
		    (*b)->count - letter_count(*b));
		tally_home(f, *b);
		for (uint32_t i = 0; i < (*b)->run_count; i++)
			reader_moved(t, (*b)->runs[i].reader);
		window_deliver(w, *b);
	}
	batch_free(b);
	pool_keep(f->pool, lane, w->held);
	f->starved = false;
	if (m != NULL)
		flow_commit_old(t, f, m);
	else
		flow_commit(t, f);
}
